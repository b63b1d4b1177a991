from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import split_every

# What can be reassigned. A further kind of work, such as letters, is a line here; an option and a label in the dialog
# (`OPTIONS` and `_get_kind_labels` of partner.reassign) and its count on the trace; and, where its records have no
# field `company_id`, a method `_get_foreign_<kind>(records)` like the one of activities below.
KINDS = {
    # name: (model, field of the person, further condition)
    "contacts": ("res.partner", "user_id", []),
    "suppliers": ("res.partner", "buyer_id", []),
    "opportunities": (
        "crm.lead",
        "user_id",
        [("type", "=", "opportunity"), ("active", "=", True), ("won_status", "=", "pending")],
    ),
    "orders": ("sale.order", "user_id", [("state", "in", ("draft", "sent", "sale"))]),
    # what is in somebody's personal mailbox stays there
    "letters": (
        "partner.letter",
        "user_id",
        [("direction", "=", "in"), ("state", "=", "assigned"), ("mailbox_id.kind", "=", "shared")],
    ),
    # those of letters follow their letters
    "activities": (
        "mail.activity",
        "user_id",
        [("active", "=", True), ("res_model", "!=", "partner.letter")],
    ),
}
BATCH = 500


class PartnerReassignment(models.Model):
    """The trace of work that was given from one person to another, by which it can be given back."""

    _name = "partner.reassignment"
    _description = "Reassignment of Work"
    _order = "create_date desc, id desc"
    _rec_name = "user_from_id"

    user_from_id = fields.Many2one(
        "res.users", string="From", required=True, readonly=True, ondelete="cascade"
    )
    user_to_id = fields.Many2one("res.users", string="To", required=True, readonly=True, ondelete="cascade")
    reason = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    date_returned = fields.Datetime(string="Given Back On", readonly=True)
    moved = fields.Json(readonly=True, help="The ids that were moved, by kind.")
    contact_count = fields.Integer(string="Contacts", readonly=True)
    opportunity_count = fields.Integer(string="Opportunities", readonly=True)
    order_count = fields.Integer(string="Quotations and Orders", readonly=True)
    letter_count = fields.Integer(string="Letters", readonly=True)
    activity_count = fields.Integer(string="Activities", readonly=True)
    in_my_team = fields.Boolean(compute="_compute_in_my_team", search="_search_in_my_team")

    def _compute_in_my_team(self):
        team = set(self.env.user._get_subordinate_user_ids())
        for reassignment in self:
            # sudo: only ids are compared, and this field decides on access to the trace itself
            reassignment.in_my_team = reassignment.sudo().user_from_id.id in team

    def _search_in_my_team(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("user_from_id", "in", self.env.user._get_subordinate_user_ids())]

    def action_give_back(self):
        """Give back what still belongs to the person who got it."""
        for reassignment in self:
            reassignment.check_access("read")
            reassignment._check_superior(reassignment.user_from_id | reassignment.user_to_id)
            if reassignment.date_returned:
                raise UserError(
                    self.env._("The work of %s was given back already.", reassignment.user_from_id.name)
                )
            reassignment._check_giver()
            moves = []
            for kind, ids in (reassignment.moved or {}).items():
                model, field, condition = KINDS[kind]
                # sudo: the superior may move the work of both persons, checked above
                records = self.env[model].sudo().with_context(active_test=False)
                records = records.search(
                    [("id", "in", ids), (field, "=", reassignment.user_to_id.id), *condition]
                )
                foreign = self._get_foreign(kind, records)
                if foreign:
                    raise UserError(
                        self.env._(
                            "%(count)s of what %(person)s gave away belongs to companies that are not switched on. "
                            "Switch on all companies of the reassignment, then give it back.",
                            count=len(foreign),
                            # sudo: the name of a colleague
                            person=reassignment.sudo().user_from_id.name,
                        )
                    )
                moves.append((records, field))
            for records, field in moves:
                self._move(records, field, reassignment.user_from_id)
            # sudo: the trace is written by these actions only
            reassignment.sudo().date_returned = fields.Datetime.now()

    def _check_superior(self, users):
        """Raise an error unless the user is superior of all ``users``, or one of them, or a director."""
        if self.env.user.has_group("partner_relations.group_director"):
            # sudo: the companies of colleagues; those of other companies have another director
            allowed = {user.id for user in users.sudo() if user.company_ids & self.env.companies}
        else:
            allowed = {*self.env.user._get_subordinate_user_ids(), self.env.uid}
        if not self.env.user.has_group("partner_relations.group_supervisor"):
            allowed = set()
        strangers = users.filtered(lambda user: user.id not in allowed)
        if strangers:
            raise AccessError(
                self.env._(
                    "You may only reassign work within your team; %s is not in it.",
                    # sudo: the name of a colleague
                    ", ".join(strangers.sudo().mapped("name")),
                )
            )

    def _check_giver(self):
        """Raise an error where the person to whom the work goes back has left."""
        # sudo: facts about a colleague of the team
        giver = self.sudo().user_from_id
        if not giver.active:
            raise UserError(
                self.env._(
                    "%s has left and cannot get the work back. Reassign it to somebody else.", giver.name
                )
            )

    @api.model
    def _get_foreign(self, kind, records):
        """The records that belong to companies which are not switched on."""
        method = getattr(self, f"_get_foreign_{kind}", None)
        if method:
            return method(records)
        if "company_id" not in records._fields:
            return records.browse()
        allowed = {*self.env.companies.ids, False}
        return records.filtered(lambda record: record.company_id.id not in allowed)

    @api.model
    def _get_foreign_activities(self, activities):
        return activities - self._filter_companies(activities)

    @api.model
    def _filter_companies(self, activities):
        """Leave out activities on documents of companies that are not switched on."""
        allowed = {*self.env.companies.ids, False}
        hidden = self.env["mail.activity"]
        for model, group in activities.grouped("res_model").items():
            if model not in self.env or "company_id" not in self.env[model]._fields:
                continue
            # sudo: only which company a document belongs to
            documents = self.env[model].sudo().browse(group.mapped("res_id")).exists()
            foreign = {document.id for document in documents if document.company_id.id not in allowed}
            hidden |= group.filtered(lambda activity, foreign=foreign: activity.res_id in foreign)
        return activities - hidden

    def _move(self, records, field, user):
        """Write the person in batches; the followers are not told of each record by an e-mail."""
        for ids in split_every(BATCH, records.ids, list):
            records.browse(ids).with_context(
                mail_auto_subscribe_no_notify=True, mail_activity_quick_update=True
            ).write({field: user.id})
