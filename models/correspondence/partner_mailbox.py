from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import ormcache
from odoo.tools.mail import email_normalize, formataddr, is_html_empty

from .res_users_mailbox import LEVELS

# Changes by which letters find another mailbox or other people.
ROUTING_FIELDS = {
    "active", "alias_name", "alias_domain_id", "email", "company_id", "kind", "mail_server_id", "user_id",
}  # fmt: skip
SERVER_FIELDS = {"alias_defaults", "alias_id", "fetchmail_server_id", "mail_server_id"}
# What of an alias is entered in a mailbox; the rest says whose mail comes to it, and the mailbox sets it itself.
ALIAS_FIELDS = {"alias_name", "alias_domain_id"}


class PartnerMailbox(models.Model):
    """A mailbox whose letters are registered, of one person or of several.

    Incoming mail comes through an incoming mail server of Odoo or an alias; outgoing mail leaves by an outgoing mail
    server of Odoo. Who may see, answer and manage is in ``access_ids``; the owner of a personal mailbox manages it,
    directors manage the shared ones of their companies.
    """

    _name = "partner.mailbox"
    _description = "Mailbox"
    _inherit = ["mail.alias.mixin.optional", "partner.guarded.mixin"]
    _no_defaults = ("alias_id", "fetchmail_server_id", "mail_server_id")
    _order = "kind desc, sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=False)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    kind = fields.Selection(
        [("shared", "Shared"), ("personal", "Personal")],
        required=True,
        default="shared",
        help="Shared: used by those with access, and by directors. Personal: of its owner; directors do not see its "
        "letters.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        index="btree_not_null",
        domain="[('share', '=', False)]",
        help="Whose mailbox it is. Only of personal mailboxes.",
    )
    email = fields.Char(
        string="E-mail Address",
        help="The address customers write to, and from which answers are sent.",
    )
    email_normalized = fields.Char(compute="_compute_email_normalized", store=True)
    sender_name = fields.Selection(
        [("mailbox", "Mailbox"), ("user", "User"), ("both", "User and Mailbox")],
        string="Sender Shown",
        required=True,
        default="mailbox",
        help="The name that customers see beside the address.",
    )
    signature = fields.Html(help="Stands below each answer from this mailbox, instead of the user's own.")
    access_ids = fields.One2many("partner.mailbox.access", "mailbox_id", copy=True)
    may_see = fields.Boolean(compute="_compute_may", search="_search_may_see")
    may_reply = fields.Boolean(compute="_compute_may", search="_search_may_reply")
    may_manage = fields.Boolean(compute="_compute_may", search="_search_may_manage")

    # Who gets a letter, and by when
    distribution = fields.Selection(
        [
            ("nobody", "Nobody: assigned by hand"),
            ("executor", "Default Executor"),
            ("round_robin", "In Turn"),
            ("least_busy", "Least Busy"),
            ("manager", "Customer's Salesperson"),
            ("keyword", "By Words"),
        ],
        required=True,
        default="nobody",
        help="Who becomes the executor of an incoming letter. A letter that continues a thread goes to the thread's "
        "executor. Who left or is away is skipped; then the default executor gets it, else it waits to be assigned.",
    )
    default_user_id = fields.Many2one(
        "res.users",
        string="Default Executor",
        domain=lambda self: f"[{self.env['res.users']._get_executor_condition()}]",
    )
    executor_ids = fields.Many2many(
        "res.users",
        string="Executors",
        domain=lambda self: f"[{self.env['res.users']._get_executor_condition()}]",
        help="Between whom letters are distributed in turn, or to the one with the fewest open letters. Empty: all "
        "users with the right to reply that are named in Access.",
    )
    keyword_ids = fields.One2many("partner.mailbox.keyword", "mailbox_id", string="Words", copy=True)
    deadline_hours = fields.Float(
        string="Answer Within",
        default=16.0,
        help="Working hours from the registration of a letter to its deadline. 0: no deadline.",
    )
    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        check_company=True,
        help="In whose hours and time zone the deadline is counted. Empty: those of the company.",
    )
    done_by_reply = fields.Boolean(
        default=True, help="Answering a letter closes it, and the earlier ones of its thread that came back."
    )
    partner_policy = fields.Selection(
        [("find", "Find Only"), ("create", "Find or Create")],
        string="Contact",
        required=True,
        default="find",
        help="Contacts are found by the e-mail address alone, never by the name. An archived contact is found if no "
        "other has the address, and stays archived. Create: an unknown sender of a letter becomes a contact.",
    )
    thread_days = fields.Integer(
        string="Thread by Subject",
        default=30,
        help="An answer that does not say which letter it answers joins the latest letter with the same address and "
        "subject of so many days. 0: never.",
    )

    letter_count = fields.Integer(compute="_compute_letter_counts")
    new_count = fields.Integer(string="To Assign", compute="_compute_letter_counts")
    overdue_count = fields.Integer(string="Overdue", compute="_compute_letter_counts")

    _email_uniq = models.UniqueIndex(
        "(email_normalized) WHERE active AND email_normalized IS NOT NULL",
        "Another mailbox has this e-mail address already.",
    )
    _owner = models.Constraint(
        "CHECK ((kind = 'personal') = (user_id IS NOT NULL))",
        "A personal mailbox has an owner, a shared one has none.",
    )
    _hours_positive = models.Constraint(
        "CHECK (deadline_hours >= 0 AND thread_days >= 0)",
        "The hours to the deadline and the days of a thread cannot be below zero.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("email")
    def _compute_email_normalized(self):
        for mailbox in self:
            mailbox.email_normalized = email_normalize(mailbox.email or "") or False

    @api.depends("kind", "user_id", "access_ids.level", "access_ids.user_id", "access_ids.group_id")
    @api.depends_context("uid")
    def _compute_may(self):
        director = self.env.user.has_group("partner_relations.group_director")
        levels = self.env.user._get_mailbox_levels()
        # sudo: this decides on the access to the mailbox itself
        for mailbox, record in zip(self, self.sudo(), strict=True):
            level = levels.get(mailbox._origin.id)
            owner = record.user_id
            if record.kind == "personal":
                # somebody has to be able to hand over the mailbox of who left
                own = owner == self.env.user or (director and owner and not owner.active)
            else:
                own = director
            mailbox.may_manage = bool(own) or level == "manage"
            mailbox.may_reply = mailbox.may_manage or level == "reply"
            mailbox.may_see = director or mailbox.may_reply or level == "see"

    def _search_may(self, level):
        return Domain("id", "in", self.env.user._get_mailbox_ids(level))

    def _search_may_see(self, operator, value):
        if operator != "in":
            return NotImplemented
        if self.env.user.has_group("partner_relations.group_director"):
            return Domain.TRUE
        return self._search_may("see")

    def _search_may_reply(self, operator, value):
        return self._search_may("reply") if operator == "in" else NotImplemented

    def _search_may_manage(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._search_may("manage")
        if self.env.user.has_group("partner_relations.group_director"):
            domain |= Domain("user_id.active", "=", False) & Domain("kind", "=", "personal")
        return domain

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_letter_counts(self):
        letters = self.env["partner.letter"]
        domains = {
            "letter_count": Domain.TRUE,
            "new_count": Domain("state", "=", "new"),
            "overdue_count": Domain("is_overdue", "=", True),
        }
        for name, domain in domains.items():
            counts = dict(
                letters._read_group(
                    domain & Domain("mailbox_id", "in", self.ids), ["mailbox_id"], ["__count"]
                )
            )
            for mailbox in self:
                mailbox[name] = counts.get(mailbox._origin, 0)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------
    @api.onchange("kind")
    def _onchange_kind(self):
        self.user_id = self.env.user if self.kind == "personal" else False

    @api.constrains("email")
    def _check_email(self):
        for mailbox in self:
            if mailbox.email and not mailbox.email_normalized:
                raise ValidationError(
                    self.env._(
                        "“%(email)s” in the field “E-mail Address” of the mailbox “%(mailbox)s” is no address. Enter "
                        "one address, such as info@example.com.",
                        email=mailbox.email,
                        mailbox=mailbox.name,
                    )
                )

    @api.constrains("distribution", "default_user_id")
    def _check_distribution(self):
        for mailbox in self:
            if mailbox.distribution == "executor" and not mailbox.default_user_id:
                raise ValidationError(
                    self.env._(
                        "The mailbox “%s” gives letters to the default executor, and has none. Fill in “Default "
                        "Executor”, or choose another distribution.",
                        mailbox.name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        self._check_servers(vals_list)
        for vals in vals_list:
            if vals.get("kind") == "personal":
                vals.setdefault("user_id", self.env.uid)
        mailboxes = super(PartnerMailbox, self._without_alias_defaults()).create(vals_list).with_env(self.env)
        mailboxes._forget_routing()
        mailboxes._forget_passwords()
        return mailboxes

    def write(self, vals):
        self._check_servers([vals])
        result = super(PartnerMailbox, self._without_alias_defaults()).write(vals)
        if ROUTING_FIELDS & vals.keys():
            self._forget_routing()
        self._forget_passwords()
        return result

    def unlink(self):
        # sudo: the servers were made for the mailbox and go with it
        servers, senders = self.sudo().fetchmail_server_id, self.sudo().mail_server_id
        result = super().unlink()
        servers.unlink()
        self._forget_routing()
        # another mailbox may go on sending by it
        senders.invalidate_recordset(["mailbox_ids"])
        senders._follow_mailboxes()
        return result

    def copy_data(self, default=None):
        return [
            {**vals, "name": self.env._("%s (copy)", mailbox.name), "email": False}
            for mailbox, vals in zip(self, super().copy_data(default=default), strict=True)
        ]

    def _check_servers(self, vals_list):
        """Servers carry passwords: which one a mailbox has is for the administrator to say."""
        if self.env.su or self.env.user.has_group("base.group_system"):
            return
        if any(
            name in SERVER_FIELDS or (name.startswith("alias_") and name not in ALIAS_FIELDS)
            for vals in vals_list
            for name in vals
        ):
            raise AccessError(
                self.env._(
                    "Only an administrator links a mail server of Odoo with a mailbox. Enter the server in the "
                    "fields of the mailbox instead."
                )
            )

    @api.model
    def _takes_default(self, name, value):
        is_of_alias = name.startswith("alias_") and name not in ALIAS_FIELDS
        return not is_of_alias and super()._takes_default(name, value)

    def _without_alias_defaults(self):
        """Core makes aliases with all rights, by the defaults of a client's context, too."""
        if self.env.su or self.env.user.has_group("base.group_system"):
            return self
        allowed = {f"default_{name}" for name in ALIAS_FIELDS}
        context = {
            key: value
            for key, value in self.env.context.items()
            if not key.startswith("default_alias_") or key in allowed
        }
        return self.with_context(context)  # pylint: disable=context-overridden

    def _forget_routing(self):
        self.env.registry.clear_cache()
        self.env["res.users"]._forget_mailbox_levels()

    # ------------------------------------------------------------------
    # Aliases
    # ------------------------------------------------------------------
    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("partner.letter")
        values["alias_contact"] = "everyone"
        # nothing that somebody has set for new aliases
        values |= dict.fromkeys(
            ("alias_force_thread_id", "alias_incoming_local", "alias_parent_thread_id"), False
        )
        if self.id:
            values["alias_defaults"] = repr({"mailbox_id": self.id})
        return values

    # ------------------------------------------------------------------
    # For others
    # ------------------------------------------------------------------
    @api.model
    def _get_mailboxes(self, level="see"):
        """Return the mailboxes of the switched-on companies in which the user has at least ``level``."""
        if level not in LEVELS:
            raise ValueError(f"no such level: {level}")
        return self.search(
            [
                ("id", "in", self.env.user._get_mailbox_ids(level)),
                ("company_id", "in", self.env.companies.ids),
            ]
        )

    @api.model
    @ormcache()
    def _get_addresses(self):
        """Return ``{normalised address: mailbox id}`` of all active mailboxes, of their aliases too."""
        addresses = {}
        # sudo: the mail gateway asks which addresses are ours
        for mailbox in self.sudo().search([("active", "=", True)]):
            for address in (mailbox.alias_email, mailbox.email_normalized):
                if address:
                    addresses[address.lower()] = mailbox.id
        return addresses

    @api.model
    @ormcache()
    def _has_some(self):
        """Return whether there is a mailbox, an archived or hidden one too; else there are no letters either."""
        # sudo: whoever opens a document; nothing is told of the mailbox
        return bool(self.sudo().with_context(active_test=False).search_count([], limit=1))

    @api.model
    @ormcache()
    def _get_owners(self):
        """Return ``{mailbox id: user id}`` of the personal mailboxes, archived ones too."""
        # sudo: whoever sends mail asks whose an address is
        mailboxes = self.sudo().with_context(active_test=False).search([("kind", "=", "personal")])
        return {mailbox.id: mailbox.user_id.id for mailbox in mailboxes}

    @api.model
    @ormcache()
    def _get_server_mailboxes(self):
        """Return ``{outgoing server id: (mailbox id, …)}`` of all mailboxes, archived ones too."""
        # sudo: as above
        mailboxes = self.sudo().with_context(active_test=False).search([("mail_server_id", "!=", False)])
        return {server.id: tuple(using.ids) for server, using in mailboxes.grouped("mail_server_id").items()}

    @api.model
    def _get_personal_servers(self):
        """Return ``{outgoing server id: {user id, …}}`` of the servers of personal mailboxes, with their owners."""
        owners = self._get_owners()
        return {
            server_id: {owners[mailbox_id] for mailbox_id in mailbox_ids}
            for server_id, mailbox_ids in self._get_server_mailboxes().items()
            if owners.keys() >= set(mailbox_ids)
        }

    def _get_sender(self, user):
        """Return how letters from this mailbox are signed by their sender: ``"Name" <address>``."""
        self.ensure_one()
        # sudo: the address of the mailbox is on each letter that leaves it
        mailbox = self.sudo()
        address = mailbox.email_normalized or mailbox.alias_email
        if not address:
            return False
        names = {
            "mailbox": mailbox.name,
            "user": user.name,
            "both": f"{user.name}, {mailbox.name}",
        }
        return formataddr((names[mailbox.sender_name], address))

    def _get_signature(self):
        """The signature as it stands below a letter, recognised so that it stands there once."""
        if is_html_empty(self.signature):
            return ""
        return Markup('<div class="o_relations_letter_signature">%s</div>') % self.signature

    def action_open_letters(self):
        """Open the letters of the mailbox."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("partner_relations.partner_letter_action")
        action["domain"] = [("mailbox_id", "=", self.id)]
        action["display_name"] = self.name
        return action
