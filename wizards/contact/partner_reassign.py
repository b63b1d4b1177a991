from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import clean_context


class PartnerReassign(models.TransientModel):
    """Give the work of somebody who is ill or leaves to somebody else, with a trace."""

    _name = "partner.reassign"
    _description = "Reassign Work"
    _inherit = "partner.pointer.mixin"

    user_from_id = fields.Many2one(
        "res.users",
        string="From",
        required=True,
        domain=lambda self: self._get_people_domain(),
        context={"active_test": False},
    )
    user_to_id = fields.Many2one(
        "res.users", string="To", required=True, domain=lambda self: self._get_people_domain()
    )
    reason = fields.Char(required=True)
    with_contacts = fields.Boolean(
        string="Customers and Suppliers", help="Contacts whose salesperson or buyer the person is."
    )
    with_opportunities = fields.Boolean(string="Open Inquiries and Opportunities", default=True)
    with_orders = fields.Boolean(string="Quotations and Open Orders", default=True)
    with_activities = fields.Boolean(
        string="Planned Contacts and Activities",
        default=True,
        help="With them go the lines of the work plans that stand for them.",
    )
    with_meetings = fields.Boolean(
        string="Meetings",
        default=True,
        help="Coming meetings with customers and suppliers that the person organises; private ones stay. The other one "
        "attends in place of the person.",
    )
    with_plan_lines = fields.Boolean(
        string="Work Planned by Hand",
        default=True,
        help="Lines that the person wrote into the work plan. They go into the other one's plan of the same week.",
    )
    date_until = fields.Date(
        string="Due Until",
        help="Only activities, meetings and lines of work plans until that day, as during an illness. Empty: all.",
    )
    summary = fields.Char(compute="_compute_summary", string="Will Be Moved")

    @api.model
    def _get_people_domain(self):
        return [("share", "=", False), *self.env["partner.reassignment"]._get_people_domain()]

    @api.depends(
        lambda self: (
            "user_from_id",
            "date_until",
            *(name for name in self._fields if name.startswith("with_")),
        )
    )
    def _compute_summary(self):
        for wizard in self:
            if not wizard.user_from_id:
                wizard.summary = False
                continue
            counts = {kind: records for kind, records in wizard._get_counts().items() if records}
            kinds = self.env["partner.reassignment"]._get_kinds()
            wizard.summary = ", ".join(
                f"{kinds[kind]['label']}: {count}" for kind, count in counts.items()
            ) or self.env._("nothing")

    def _get_domains(self):
        """``{kind: (model, domain)}`` of what the options choose."""
        self.ensure_one()
        domains = {}
        for kind, what in self.env["partner.reassignment"]._get_kinds().items():
            if not self[what["option"]]:
                continue
            model = what["model"]
            domain = Domain(what["field"], "=", self.user_from_id.id) & Domain(what["domain"])
            if "company_id" in self.env[model]._fields:
                domain &= Domain("company_id", "in", [*self.env.companies.ids, False])
            if what.get("date") and self.date_until:
                domain &= Domain(what["date"], "<", self._get_end(model, what["date"]))
            domains[kind] = (model, domain)
        return domains

    def _get_end(self, model, name):
        """The day after the last one, for a field of moments its midnight for the person, in UTC."""
        day = self.date_until + timedelta(days=1)
        if self.env[model]._fields[name].type == "date":
            return day
        zone = pytz.timezone(self.user_from_id._get_zone())
        return zone.localize(datetime.combine(day, time())).astimezone(pytz.utc).replace(tzinfo=None)

    def _check(self):
        self.env["partner.reassignment"]._check_superior(self.user_from_id | self.user_to_id)

    def _get_counts(self):
        self._check()
        return {
            kind: len(self._find(kind, *what)) if self._get_filter(kind) else self._count(*what)
            for kind, what in self._get_domains().items()
        }

    def _count(self, model, domain):
        # sudo: how much it is, for the superior of both persons, which the caller has checked
        return self.env[model].sudo().search_count(domain)

    def _get_filter(self, kind):
        return getattr(self.env["partner.reassignment"], f"_filter_{kind}", None)

    def _find(self, kind, model, domain):
        """The records to move, in the companies that are switched on."""
        # sudo: the superior may move the work of both persons, which the caller has checked
        records = self.env[model].sudo().search(domain)
        method = self._get_filter(kind)
        return method(records) if method else records

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
        kinds = trace._get_kinds()
        for kind, (model, domain) in self._get_domains().items():
            records = self._find(kind, model, domain)
            if records:
                moved[kind] = records.ids
                trace._move(kind, records, giver, taker)
        if not moved:
            raise UserError(self.env._("%s has nothing of what you chose.", giver.name))
        counts = dict.fromkeys((what["count"] for what in kinds.values()), 0)
        for kind, ids in moved.items():
            counts[kinds[kind]["count"]] += len(ids)
        # no default of a call says that it was given back already
        trace = trace.with_context(clean_context(self.env.context))  # pylint: disable=context-overridden
        # sudo: the trace is written by this action only
        trace = trace.sudo().create(
            {
                "user_from_id": giver.id,
                "user_to_id": taker.id,
                "reason": self.reason,
                "company_id": self.env.company.id,
                "moved": moved,
                **counts,
            }
        )
        trace._sync_plans(giver | taker)
        return {
            "type": "ir.actions.act_window",
            "res_model": trace._name,
            "res_id": trace.id,
            "views": [(False, "form")],
        }
