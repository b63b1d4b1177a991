from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.batches import write_each

KINDS = [
    ("need", "Need"),
    ("requirement", "Requirement"),
    ("preference", "Likes"),
    ("dislike", "Dislikes"),
]
STATES = [("open", "Open"), ("progress", "In Work"), ("met", "Met"), ("dropped", "Dropped")]
OPEN_STATES = ("open", "progress")
# What somebody has to do something about; what a customer likes or dislikes is only to be known.
WORK_KINDS = ("need", "requirement")
# Who did what when follows from the state.
PROTECTED_FIELDS = {"date_started", "started_by_id", "date_closed", "closed_by_id"}


class PartnerRequirement(models.Model):
    """What a customer needs, requires, likes or dislikes, and what answers it.

    It belongs to the company (the commercial partner); the person who named it is kept beside it. Needs and
    requirements are work: they have an owner, a deadline and a state, and the owner an activity. What the customer
    likes and dislikes stands as long as nobody drops it.
    """

    _name = "partner.requirement"
    _description = "Need or Requirement of a Customer"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "partner.care.mixin",
        "partner.document.links.mixin",
        "partner.guarded.mixin",
    ]
    _placing_fields = ("company_id", "partner_id")
    _no_defaults = tuple(PROTECTED_FIELDS)
    _care_user_fields = ("user_id",)
    _order = "importance desc, date_deadline, id desc"
    _rec_names_search = ["name", "partner_id.name"]
    _check_company_auto = True

    name = fields.Char(
        string="In One Sentence",
        required=True,
        tracking=True,
        help="What the customer needs, wants or dislikes, as the customer would say it.",
    )
    description = fields.Text(string="Details")
    kind = fields.Selection(
        KINDS,
        required=True,
        default="need",
        tracking=True,
        help="Need: something we could answer. Requirement: something we have to keep. Both have an owner, a "
        "deadline and a state. What the customer likes or dislikes is only to be known.",
    )
    importance = fields.Selection(
        [("0", "Normal"), ("1", "Important"), ("2", "Decisive")], required=True, default="0", tracking=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        tracking=True,
        help="The company. If you choose a person, the need is one of the person's company, named by the person.",
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Named By",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        domain="[('commercial_partner_id', '=', partner_id), ('id', '!=', partner_id)]",
        help="The person who said so.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        index="btree_not_null",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        tracking=True,
        help="Who answers for it. Has an activity as long as it is open and has a deadline.",
    )
    date_deadline = fields.Date(string="Deadline", tracking=True)
    state = fields.Selection(
        STATES, required=True, default="open", copy=False, tracking=True, group_expand=True
    )
    is_overdue = fields.Boolean(
        string="Overdue",
        compute="_compute_is_overdue",
        search="_search_is_overdue",
        help="Open or in work, and its deadline has passed; not of archived customers.",
    )
    date_started = fields.Date(string="In Work Since", readonly=True, copy=False)
    started_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="set null")
    date_closed = fields.Date(string="Closed On", readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="set null")

    # What answers it, beside the documents that it is linked to
    answer = fields.Text(help="How it is met, or why it was dropped.")
    product_tmpl_ids = fields.Many2many(
        "product.template",
        "partner_requirement_product_rel",
        string="Products",
        check_company=True,
        help="Products that answer the need.",
    )
    lead_id = fields.Many2one(check_company=True)

    _open_idx = models.Index("(date_deadline) WHERE state IN ('open', 'progress')")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("state", "date_deadline", "partner_id.active")
    @api.depends_context("tz", "uid")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        # sudo: whether the contact is archived does not depend on the right to read it
        for requirement, record in zip(self, self.sudo(), strict=True):
            requirement.is_overdue = (
                record.state in OPEN_STATES
                and bool(record.date_deadline)
                and record.date_deadline < today
                and record.partner_id.active
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return (
            Domain("state", "in", OPEN_STATES)
            & Domain("date_deadline", "<", fields.Date.context_today(self))
            & Domain("partner_id", "any!", [("active", "=", True)])
        )

    def _read_group_groupby(self, alias, groupby_spec, query):
        if groupby_spec != "is_overdue":
            return super()._read_group_groupby(alias, groupby_spec, query)
        self.env["res.partner"].flush_model(["active"])
        state, deadline, partner_id = (
            self._field_to_sql(alias, name, query) for name in ("state", "date_deadline", "partner_id")
        )
        # SQL: that a need is overdue is no column, as it depends on the day; whether its contact is archived does not
        # depend on the right to read it
        partner = query.make_alias(alias, "partner_id_active")
        query.add_join(
            "LEFT JOIN", partner, "res_partner", SQL("%s = %s", partner_id, SQL.identifier(partner, "id"))
        )
        return SQL(
            "COALESCE(%s IN %s AND %s < %s AND %s, FALSE)",
            state,
            OPEN_STATES,
            deadline,
            fields.Date.context_today(self),
            SQL.identifier(partner, "active"),
        )

    # ------------------------------------------------------------------
    # Constraints and onchanges
    # ------------------------------------------------------------------
    @api.constrains("name")
    def _check_name(self):
        for requirement in self:
            if not requirement.name.strip():
                raise ValidationError(
                    self.env._(
                        "A need of %s has no words. Fill in “In One Sentence”.",
                        requirement.partner_id.display_name,
                    )
                )

    @api.constrains("partner_id", "contact_id")
    def _check_contact(self):
        for requirement in self:
            contact = requirement.contact_id
            if contact and contact.commercial_partner_id != requirement.partner_id:
                raise ValidationError(
                    self.env._(
                        "“%(need)s” is of %(customer)s, and %(person)s does not belong to it. Choose a person of "
                        "this customer in “Named By”.",
                        need=requirement.name,
                        customer=requirement.partner_id.display_name,
                        person=contact.display_name,
                    )
                )

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        partner = self.partner_id.commercial_partner_id
        if partner != self.partner_id:
            self.contact_id = self.partner_id
            self.partner_id = partner
        elif self.contact_id.commercial_partner_id != partner:
            self.contact_id = False

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        self._take_commercial_partners(vals_list)
        for vals in vals_list:
            self._check_protected(vals)
            self._stamp_state(vals)
        requirements = super(PartnerRequirement, self._without_defaults()).create(vals_list)
        given = {name for vals in vals_list for name in vals if vals[name]}
        given |= {key.removeprefix("default_") for key in self.env.context if key.startswith("default_")}
        requirements._check_documents(given)
        requirements._sync_activities()
        return requirements

    def write(self, vals):
        vals = dict(vals)
        self._check_protected(vals)
        self._take_commercial_partners([vals])
        if "state" in vals:
            # who started or closed it, and when, stays what it was unless the state changes
            for requirement_state, group in self.grouped("state").items():
                stamped = dict(vals)
                if requirement_state != vals["state"]:
                    self._stamp_state(stamped)
                super(PartnerRequirement, group).write(stamped)
        else:
            super().write(vals)
        self._check_documents({name for name in vals if vals[name]})
        if not {"user_id", "state", "date_deadline", "kind"}.isdisjoint(vals):
            self._sync_activities()
        elif "name" in vals:
            self._sync_activities(remake=False)
        return True

    @api.model
    def _check_protected(self, vals):
        wrong = PROTECTED_FIELDS & vals.keys()
        if wrong and not self.env.su:
            raise AccessError(
                self.env._(
                    "Who started and closed a need, and when, follows from its state: change the state instead."
                )
            )

    @api.model
    def _stamp_state(self, vals):
        """Add who changed the state and when to values for :meth:`create` and :meth:`write`."""
        state = vals.get("state", "open")
        today = fields.Date.context_today(self)
        if state == "open":
            vals.update(date_started=False, started_by_id=False)
        if state in OPEN_STATES:
            vals.update(date_closed=False, closed_by_id=False)
        else:
            vals.update(date_closed=today, closed_by_id=self.env.uid)
        if state == "progress":
            vals.update(date_started=today, started_by_id=self.env.uid)

    @api.model
    def _take_commercial_partners(self, vals_list):
        """Replace a person by its company in values, and take the person as who named it."""
        partners = self.env["res.partner"].browse(
            {vals["partner_id"] for vals in vals_list if vals.get("partner_id")}
        )
        # sudo: which company a contact belongs to; whoever may choose it sees its name as well
        companies = {partner.id: partner.commercial_partner_id.id for partner in partners.sudo()}
        for vals in vals_list:
            partner_id = vals.get("partner_id")
            if partner_id and companies[partner_id] != partner_id:
                vals.setdefault("contact_id", partner_id)
                vals["partner_id"] = companies[partner_id]

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_start(self):
        """Somebody works on it: the owner, or who starts it where there is none."""
        opened = self.filtered(lambda requirement: requirement.state == "open")
        opened.filtered(lambda requirement: not requirement.user_id).user_id = self.env.user
        opened.state = "progress"

    def action_meet(self):
        """It is met."""
        self.filtered(lambda requirement: requirement.state != "met").state = "met"

    def action_drop(self):
        """It is not wanted any more, or will not be met."""
        self.filtered(lambda requirement: requirement.state != "dropped").state = "dropped"

    def action_reopen(self):
        """It is open again."""
        self.filtered(lambda requirement: requirement.state not in OPEN_STATES).state = "open"

    # ------------------------------------------------------------------
    # Contacts that change
    # ------------------------------------------------------------------
    @api.model
    def _follow_partners(self, partners):
        """Give the needs of contacts that now belong to a company to that company."""
        # sudo: whoever may change what a contact belongs to; which needs it has is seen by others
        everything = self.sudo().with_context(active_test=False)
        moved = {}
        for requirement in everything.search([("partner_id", "in", partners.ids)]):
            partner = requirement.partner_id
            company = partner.commercial_partner_id
            if company != partner:
                # who named it has perhaps gone elsewhere since
                stays = requirement.contact_id.commercial_partner_id == company
                contact = requirement.contact_id if stays else partner
                moved[requirement] = {"partner_id": company.id, "contact_id": contact.id}
        write_each(moved)
