from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.mail import email_normalize, email_split_tuples

from ...tools.empty_fields import EmptyFloat

KINDS = [
    ("letter", "Letter"),
    ("auto_reply", "Automatic Reply"),
    ("bounce", "Bounced"),
    ("delivery_report", "Delivery Report"),
    ("newsletter", "Newsletter"),
    ("loop", "Loop"),
]
# What says where a letter came from and which it answers; written by the gateway only.
PROTECTED_FIELDS = {
    "answer_ids", "is_answered", "is_bounced", "bounce_reason", "is_distributed", "is_returned", "kind", "message_id",
    "parent_id", "thread_id", "date_done", "done_by_id", "date_escalated", "escalated_user_id", "date_answered",
    "answered_by_id", "response_hours",
}  # fmt: skip
# Sender and name of a mail that are looked at; the key is in an index, whose entries are limited.
MAX_ADDRESS, MAX_KEY = 2_000, 250
WORK_FIELDS = {"user_id", "state", "date_deadline", "is_junk"}


class PartnerLetter(models.Model):
    """One incoming or outgoing letter of a mailbox, with the person responsible, a deadline and a state for all.

    A letter is registered once for each mailbox it came to (``message_id`` is unique there). Its words are a message
    of its chatter, ``mail_message_id``; whoever may see the letter may read it. Whether a letter is *done* does not
    depend on who has read it.
    """

    _name = "partner.letter"
    _description = "Letter"
    _inherit = ["mail.thread", "mail.activity.mixin", "partner.guarded.mixin"]
    _guarded_fields = ("subject_key", "mail_message_id")
    _no_defaults = tuple(PROTECTED_FIELDS)
    _placing_fields = ("company_id", "mailbox_id")
    _order = "date desc, id desc"
    _check_company_auto = True
    _mail_post_access = "write"
    _primary_email = "email"
    _rec_names_search = ["name", "email"]

    name = fields.Char(string="Subject")
    mailbox_id = fields.Many2one(
        "partner.mailbox",
        required=True,
        ondelete="restrict",
        default=lambda self: self._default_mailbox_id(),
        domain="[('may_reply', '=', True), ('company_id', 'in', allowed_company_ids)]",
    )
    company_id = fields.Many2one(
        "res.company", related="mailbox_id.company_id", store=True, precompute=True, index=True
    )
    direction = fields.Selection([("in", "Incoming"), ("out", "Outgoing")], required=True, default="in")
    date = fields.Datetime(
        required=True,
        default=fields.Datetime.now,
        help="When it was written, by its own date; never later than its registration.",
    )
    kind = fields.Selection(
        KINDS,
        required=True,
        default="letter",
        help="What programs send, such as automatic replies, reports of delivery and newsletters, is no work and no "
        "answer.",
    )
    is_junk = fields.Boolean(string="Junk", tracking=True)

    # With whom
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        index="btree_not_null",
        ondelete="set null",
        tracking=True,
        check_company=True,
        help="Found by the e-mail address: the contact of the latest letter with it, else the company of all that "
        "have it. Empty if nobody has it, or contacts of several companies.",
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer or Supplier",
        compute="_compute_commercial_partner_id",
        store=True,
        precompute=True,
        ondelete="set null",
    )
    is_partner_ambiguous = fields.Boolean(
        string="Several Contacts",
        help="Contacts of several companies have this e-mail address; choose the right one.",
    )
    email = fields.Char(
        string="Address",
        help="The customer's e-mail address: the sender's, of an outgoing letter the first receiver's.",
    )
    email_normalized = fields.Char(compute="_compute_email_normalized", store=True, precompute=True)
    email_from = fields.Char(string="From")
    email_to = fields.Char(string="To")
    email_cc = fields.Char(string="Cc")

    # Who does what by when
    user_id = fields.Many2one(
        "res.users",
        string="Executor",
        tracking=True,
        domain=lambda self: (
            f"[{self.env['res.users']._get_executor_condition()}, ('company_ids', 'in', company_id)]"
        ),
        help="Who answers the letter; of an outgoing letter, who wrote it.",
    )
    state = fields.Selection(
        [("new", "New"), ("assigned", "Assigned"), ("done", "Done")],
        required=True,
        default="new",
        copy=False,
        tracking=True,
        group_expand=True,
        help="The same for everybody: done means that nobody has to do anything about it any more.",
    )
    date_deadline = fields.Datetime(
        string="Deadline",
        tracking=True,
        help="Counted in working hours of the mailbox from its registration.",
    )
    date_done = fields.Datetime(string="Done On", copy=False, readonly=True)
    done_by_id = fields.Many2one("res.users", copy=False, readonly=True, ondelete="set null")
    importance = fields.Selection(
        [("0", "Normal"), ("1", "High"), ("2", "Urgent")], required=True, default="0", tracking=True
    )
    note = fields.Text(help="What the executor has to know. It never leaves the house.")
    is_overdue = fields.Boolean(string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue")
    is_returned = fields.Boolean(
        string="Came Back",
        copy=False,
        readonly=True,
        help="It was done, and the customer has answered, or somebody has opened it again.",
    )
    is_distributed = fields.Boolean(
        copy=False, readonly=True, help="Its executor was found by the mailbox's distribution."
    )
    date_escalated = fields.Datetime(string="Escalated On", copy=False, readonly=True)
    escalated_user_id = fields.Many2one(
        "res.users", string="Escalated To", copy=False, readonly=True, ondelete="set null"
    )

    # Thread and message
    message_id = fields.Char(string="Message-ID", copy=False, readonly=True)
    # NO_ACCESS: core checks the access to messages when they are read themselves, but not when a client reads through
    # a field of another model, such as ``mail_message_id.body``; and nobody may hang a foreign message on a letter.
    mail_message_id = fields.Many2one(
        "mail.message",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
    thread_id = fields.Many2one(
        "partner.letter",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The first letter of the thread; all of a thread are in one mailbox.",
    )
    parent_id = fields.Many2one(
        "partner.letter",
        string="Answers",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    answer_ids = fields.One2many("partner.letter", "parent_id", string="Answers To It", readonly=True)
    thread_letter_ids = fields.Many2many(
        "partner.letter", string="Letters of the Thread", compute="_compute_thread_letter_ids"
    )
    is_answered = fields.Boolean(
        string="Answered", copy=False, readonly=True, help="A letter has gone out since, in the same thread."
    )
    date_answered = fields.Datetime(
        string="Answered On", copy=False, readonly=True, help="When the first letter went out after it."
    )
    answered_by_id = fields.Many2one("res.users", copy=False, readonly=True, ondelete="set null")
    response_hours = EmptyFloat(
        string="Response Time",
        copy=False,
        readonly=True,
        aggregator="avg",
        help="Working hours of the mailbox from the registration of the letter to the first answer; without working "
        "hours, hours by the clock. Empty: not answered yet.",
    )
    is_bounced = fields.Boolean(
        string="Bounced", copy=False, readonly=True, help="It came back from the receiver's server."
    )
    bounce_reason = fields.Text(copy=False, readonly=True)
    subject_key = fields.Char(copy=False, readonly=True)
    body = fields.Html(string="Text", compute="_compute_body", sanitize=False)
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Attachments", compute="_compute_attachment_ids"
    )

    may_see = fields.Boolean(compute="_compute_may", search="_search_may_see")
    may_reply = fields.Boolean(compute="_compute_may", search="_search_may_reply")
    may_manage = fields.Boolean(compute="_compute_may", search="_search_may_manage")
    in_my_team = fields.Boolean(compute="_compute_in_my_team", search="_search_in_my_team")

    _message_uniq = models.UniqueIndex(
        "(message_id, mailbox_id) WHERE message_id IS NOT NULL", "This letter is registered already."
    )
    _date_idx = models.Index("(date DESC, id DESC)")
    _mailbox_date_idx = models.Index("(mailbox_id, date DESC, id DESC)")
    _mailbox_id_idx = models.Index("(mailbox_id, id DESC) WHERE is_distributed")
    _subject_idx = models.Index("(mailbox_id, email_normalized, date DESC)")
    _partner_idx = models.Index("(commercial_partner_id, date DESC) WHERE commercial_partner_id IS NOT NULL")
    _user_idx = models.Index("(user_id, date DESC) WHERE user_id IS NOT NULL")
    _new_idx = models.Index("(mailbox_id, date DESC) WHERE state = 'new'")
    _assigned_idx = models.Index("(user_id, date_deadline) WHERE state = 'assigned'")
    _deadline_idx = models.Index("(date_deadline) WHERE state <> 'done'")
    _unanswered_idx = models.Index(
        "(mailbox_id, date DESC) WHERE direction = 'in' AND kind = 'letter' AND NOT COALESCE(is_answered, FALSE)"
    )

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    @api.depends("mailbox_id", "user_id", "escalated_user_id")
    @api.depends_context("uid")
    def _compute_may(self):
        user = self.env.user
        see, reply, manage = (set(user._get_mailbox_ids(level)) for level in ("see", "reply", "manage"))
        team = self._get_team_ids()
        # sudo: this decides on the access to the letter itself
        for letter, record in zip(self, self.sudo(), strict=True):
            mailbox = record.mailbox_id
            own = record.user_id == user
            superior = mailbox.kind == "shared" and (
                record.escalated_user_id == user or record.user_id.id in team
            )
            letter.may_manage = mailbox.id in manage
            letter.may_reply = mailbox.id in reply or own or superior
            letter.may_see = letter.may_reply or mailbox.id in see

    def _get_team_ids(self):
        if not self.env.user.has_group("partner_relations.group_supervisor"):
            return set()
        return set(self.env.user._get_subordinate_user_ids())

    def _get_may_domain(self, level):
        user = self.env.user
        domain = Domain("mailbox_id", "in", user._get_mailbox_ids(level))
        if level == "manage":
            return domain
        superior = Domain("escalated_user_id", "=", user.id)
        team = self._get_team_ids()
        if team:
            superior |= Domain("user_id", "in", list(team))
        # sudo: of mailboxes only their kind; letters of personal ones stay with their owners
        personal = self.env["partner.mailbox"].sudo().with_context(active_test=False)
        # as part of the statement, not as one before it
        superior &= Domain("mailbox_id", "not in", personal._search([("kind", "=", "personal")]))
        return domain | Domain("user_id", "=", user.id) | superior

    def _search_may_see(self, operator, value):
        return self._get_may_domain("see") if operator == "in" else NotImplemented

    def _search_may_reply(self, operator, value):
        return self._get_may_domain("reply") if operator == "in" else NotImplemented

    def _search_may_manage(self, operator, value):
        return self._get_may_domain("manage") if operator == "in" else NotImplemented

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_in_my_team(self):
        team = set(self.env.user._get_subordinate_user_ids())
        for letter in self:
            letter.in_my_team = letter.user_id.id in team

    def _search_in_my_team(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("user_id", "in", list(self.env.user._get_subordinate_user_ids()))

    @api.model
    def _default_mailbox_id(self):
        return self.env["partner.mailbox"]._get_mailboxes("reply")[:1]

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("partner_id")
    def _compute_commercial_partner_id(self):
        for letter in self:
            letter.commercial_partner_id = letter.partner_id.commercial_partner_id

    @api.depends("email")
    def _compute_email_normalized(self):
        for letter in self:
            letter.email_normalized = self._get_address_key(letter.email)

    @api.model
    def _get_address_key(self, email):
        """The address that letters and contacts are compared by; False without one."""
        email = (email or "")[:MAX_ADDRESS]
        return (email_normalize(email, strict=False) or email.strip().lower())[:MAX_KEY] or False

    @api.depends("state", "date_deadline")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for letter in self:
            letter.is_overdue = (
                letter.state != "done" and bool(letter.date_deadline) and letter.date_deadline < now
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "!=", "done") & Domain("date_deadline", "<", fields.Datetime.now())

    def _read_group_groupby(self, alias, groupby_spec, query):
        if groupby_spec != "is_overdue":
            return super()._read_group_groupby(alias, groupby_spec, query)
        state, deadline = (self._field_to_sql(alias, name, query) for name in ("state", "date_deadline"))
        # SQL: that a letter is overdue is no column, as it depends on the hour
        return SQL("COALESCE(%s <> 'done' AND %s < %s, FALSE)", state, deadline, fields.Datetime.now())

    @api.depends("mail_message_id")
    def _compute_body(self):
        # sudo: the words of a letter are read by whoever may read the letter, checked before its fields are
        for letter, record in zip(self, self.sudo(), strict=True):
            letter.body = record.mail_message_id.body

    @api.depends("mail_message_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_attachment_ids(self):
        """The files that the user may read: those of a letter sent from a document take the right to the document."""
        # sudo: as above; only which files there are
        records = self.sudo()
        readable = records.mail_message_id.attachment_ids.sudo(self.env.su)._filtered_access("read")
        for letter, record in zip(self, records, strict=True):
            letter.attachment_ids = readable & record.mail_message_id.attachment_ids

    @api.depends("thread_id", "answer_ids")
    def _compute_thread_letter_ids(self):
        roots = self.thread_id | self
        letters = self.search(Domain("thread_id", "in", roots.ids) | Domain("id", "in", roots.ids))
        for letter in self:
            root = letter.thread_id or letter._origin
            letter.thread_letter_ids = letters.filtered(
                lambda other, root=root: other == root or other.thread_id == root
            )

    @api.depends("name", "partner_id", "email")
    def _compute_display_name(self):
        for letter in self:
            who = letter.partner_id.name or letter.email
            letter.display_name = letter.name or who or self.env._("Letter without subject")

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_protected(vals)
            if vals.get("direction") == "out":
                vals.setdefault("state", "done")
            elif vals.get("user_id") and vals.get("state", "new") == "new":
                vals["state"] = "assigned"
        letters = super(PartnerLetter, self._without_defaults()).create(vals_list)
        if not self.env.su:
            letters.filtered(lambda letter: letter.state == "assigned")._check_executor()
        letters._sync_activities(new=True)
        return letters

    def write(self, vals):
        if not vals:
            return True
        self._check_protected(vals)
        if "mailbox_id" in vals and not self.env.su:
            self._check_new_mailbox(vals["mailbox_id"])
        vals = dict(vals)
        if vals.get("state") == "done":
            vals.setdefault("date_done", fields.Datetime.now())
            vals.setdefault("done_by_id", self.env.uid)
            vals.setdefault("is_returned", False)
        elif "state" in vals:
            vals.update(date_done=False, done_by_id=False)
        if "partner_id" in vals:
            vals.setdefault("is_partner_ambiguous", False)
        if "date_deadline" in vals:
            vals.setdefault("date_escalated", False)
        turned = self.filtered(lambda letter: "is_junk" in vals and letter.is_junk != bool(vals["is_junk"]))
        letters = self
        if vals.get("state") == "new":
            # nobody has a letter that waits to be assigned; of one that we sent the executor is who wrote it
            incoming = self.filtered(lambda letter: letter.direction == "in")
            given = {"state": "assigned"} if vals.get("user_id") else {"user_id": False}
            super(PartnerLetter, incoming).write({**vals, **given})
            letters -= incoming
        elif "user_id" in vals and "state" not in vals:
            # who gets a letter decides on its state, as long as it is open
            opened = self.filtered(lambda letter: letter.state != "done")
            super(PartnerLetter, opened).write({**vals, "state": "assigned" if vals["user_id"] else "new"})
            letters -= opened
        result = super(PartnerLetter, letters).write(vals)
        if vals.get("state") == "assigned" and not self.env.su:
            self._check_executor()
        if WORK_FIELDS & vals.keys():
            self._sync_activities()
        if "partner_id" in vals:
            self.env["partner.contact.log"]._follow_letters(self)
            self._join_same_sender()
        if turned:
            self.env["partner.contact.log"]._follow_junk(turned)
        return result

    def copy_data(self, default=None):
        raise UserError(
            self.env._(
                "A letter is registered once. Write an answer, or a new letter, instead of copying it."
            )
        )

    @api.model
    def _check_protected(self, vals):
        if self.env.su:
            return
        wrong = PROTECTED_FIELDS & vals.keys()
        if wrong:
            names = ", ".join(self._fields[name]._description_string(self.env) for name in sorted(wrong))
            raise AccessError(
                self.env._("%s of a letter follow from its mail and from what is done with it.", names)
            )

    def _check_new_mailbox(self, mailbox_id):
        mailbox = self.env["partner.mailbox"].browse(mailbox_id)
        if not mailbox.may_reply:
            raise AccessError(
                self.env._(
                    "You may not move letters to this mailbox. Ask who manages it for the right “Reply”."
                )
            )
        if any(letter.thread_id or letter.answer_ids for letter in self):
            raise UserError(
                self.env._(
                    "A letter that is part of a thread stays in its mailbox. Assign it to somebody else instead."
                )
            )

    def _check_executor(self):
        for letter in self:
            if not letter.user_id:
                raise UserError(
                    self.env._(
                        "The letter “%s” has no executor. Fill in “Executor” first.", letter.display_name
                    )
                )

    # ------------------------------------------------------------------
    # mail.thread
    # ------------------------------------------------------------------
    def _message_subscribe(self, partner_ids=None, subtype_ids=None, customer_ids=None):
        """Letters have no followers: who has lost the right to a letter would go on getting its answers."""
        return True

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        # the executor is told by an activity
        return []

    @api.model
    def _get_first_address(self, text):
        """The first address of a list, formatted as it stands."""
        pairs = email_split_tuples(text or "")
        return pairs[0][1] if pairs else False
