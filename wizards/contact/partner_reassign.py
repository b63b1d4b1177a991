from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...models.contact.partner_reassignment import KINDS

OPTIONS = {
    "contacts": "with_contacts",
    "suppliers": "with_contacts",
    "opportunities": "with_opportunities",
    "orders": "with_orders",
    "letters": "with_letters",
    "activities": "with_activities",
}


class PartnerReassign(models.TransientModel):
    """Give the work of somebody who is ill or leaves to somebody else, with a trace."""

    _name = "partner.reassign"
    _description = "Reassign Work"

    user_from_id = fields.Many2one(
        "res.users",
        string="From",
        required=True,
        domain="[('share', '=', False)]",
        context={"active_test": False},
    )
    user_to_id = fields.Many2one("res.users", string="To", required=True, domain="[('share', '=', False)]")
    reason = fields.Char(required=True)
    with_contacts = fields.Boolean(
        string="Customers and Suppliers", help="Contacts whose salesperson or buyer the person is."
    )
    with_opportunities = fields.Boolean(string="Open Opportunities", default=True)
    with_orders = fields.Boolean(string="Quotations and Open Orders", default=True)
    with_letters = fields.Boolean(
        string="Open Letters", default=True, help="Letters of shared mailboxes whose executor the person is."
    )
    with_activities = fields.Boolean(
        string="Planned Contacts and Activities",
        default=True,
        help="With them go the lines of the work plans that stand for them.",
    )
    date_until = fields.Date(
        string="Due Until", help="Only activities due until then, as during an illness. Empty: all."
    )
    summary = fields.Char(compute="_compute_summary", string="Will Be Moved")

    @api.depends(
        "user_from_id",
        "with_contacts",
        "with_opportunities",
        "with_orders",
        "with_letters",
        "with_activities",
        "date_until",
    )
    def _compute_summary(self):
        for wizard in self:
            if not wizard.user_from_id:
                wizard.summary = False
                continue
            counts = {kind: records for kind, records in wizard._get_counts().items() if records}
            labels = wizard._get_kind_labels()
            wizard.summary = ", ".join(
                f"{labels[kind]}: {count}" for kind, count in counts.items()
            ) or self.env._("nothing")

    def _get_kind_labels(self):
        return {
            "contacts": self.env._("customers"),
            "suppliers": self.env._("suppliers"),
            "opportunities": self.env._("opportunities"),
            "orders": self.env._("quotations and orders"),
            "letters": self.env._("letters"),
            "activities": self.env._("activities"),
        }

    def _get_domains(self):
        """``{kind: (model, domain)}`` of what the options choose."""
        self.ensure_one()
        domains = {}
        for kind, (model, field, condition) in KINDS.items():
            if not self[OPTIONS[kind]]:
                continue
            domain = Domain(field, "=", self.user_from_id.id) & Domain(condition)
            if "company_id" in self.env[model]._fields:
                domain &= Domain("company_id", "in", [*self.env.companies.ids, False])
            if kind == "activities" and self.date_until:
                domain &= Domain("date_deadline", "<=", self.date_until)
            domains[kind] = (model, domain)
        return domains

    def _check(self):
        self.env["partner.reassignment"]._check_superior(self.user_from_id | self.user_to_id)

    def _get_counts(self):
        self._check()
        # sudo: the superior may see how much work each of both persons has, checked above
        return {
            kind: len(self._find(model, domain))
            if model == "mail.activity"
            else self.env[model].sudo().search_count(domain)
            for kind, (model, domain) in self._get_domains().items()
        }

    def _find(self, model, domain):
        """The records to move, in the companies that are switched on."""
        # sudo: the superior may move the work of both persons, which the caller has checked
        records = self.env[model].sudo().search(domain)
        if model == "mail.activity":
            records = self.env["partner.reassignment"]._filter_companies(records)
        return records

    def action_reassign(self):
        """Move the work and keep the trace.

        :raises UserError: for a person without access to the company, one who left, or nothing to move
        """
        self.ensure_one()
        self._check()
        # sudo: facts about two colleagues of the team
        giver, taker = self.user_from_id.sudo(), self.user_to_id.sudo()
        if giver == taker:
            raise UserError(self.env._("Choose somebody else than %s.", giver.name))
        if not taker.active:
            raise UserError(self.env._("%s has left. Choose somebody who works here.", taker.name))
        missing = self.env.companies - taker.company_ids
        if missing:
            raise UserError(
                self.env._(
                    "%(person)s does not work in %(company)s. Choose somebody else, or switch to one company.",
                    person=taker.name,
                    company=", ".join(missing.mapped("name")),
                )
            )
        moved = {}
        trace = self.env["partner.reassignment"]
        for kind, (model, domain) in self._get_domains().items():
            records = self._find(model, domain)
            if records:
                moved[kind] = records.ids
                trace._move(records, KINDS[kind][1], taker)
        if not moved:
            raise UserError(self.env._("%s has nothing of what you chose.", giver.name))
        counts = {kind: len(ids) for kind, ids in moved.items()}
        # sudo: the trace is written by this action only
        trace = trace.sudo().create(
            {
                "user_from_id": giver.id,
                "user_to_id": taker.id,
                "reason": self.reason,
                "company_id": self.env.company.id,
                "moved": moved,
                "contact_count": counts.get("contacts", 0) + counts.get("suppliers", 0),
                "opportunity_count": counts.get("opportunities", 0),
                "order_count": counts.get("orders", 0),
                "letter_count": counts.get("letters", 0),
                "activity_count": counts.get("activities", 0),
            }
        )
        # sudo: the plans of both persons follow what was moved
        plans = self.env["partner.work.plan"].sudo()
        plans.search([("user_id", "in", (giver | taker).ids), ("state", "!=", "closed")])._sync()
        return {
            "type": "ir.actions.act_window",
            "res_model": trace._name,
            "res_id": trace.id,
            "views": [(False, "form")],
        }
