from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...models.customer.partner_sales_plan import MEASURES
from ...tools.periods import add_months


class PartnerSalesPlanCopy(models.TransientModel):
    """Makes the plans of some months of the plans or results of the same months a year earlier."""

    _name = "partner.sales.plan.copy"
    _description = "Copy Sales Plans from Last Year"
    _inherit = "partner.pointer.mixin"

    @api.model
    def _default_date_from(self):
        return fields.Date.context_today(self) + relativedelta(years=1, month=1, day=1)

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    date_from = fields.Date(
        string="From Month", required=True, default=lambda self: self._default_date_from()
    )
    date_to = fields.Date(
        string="To Month",
        required=True,
        default=lambda self: self._default_date_from() + relativedelta(month=12),
    )
    source = fields.Selection(
        [("plan", "Plans of the Year Before"), ("result", "Results of the Year Before")],
        required=True,
        default="plan",
        help="Results become plans of the salespeople who sold. Of a month that is not over, the sales so far count.",
    )
    measure = fields.Selection(MEASURES, help="Empty: both, as far as there are plans.")
    factor = fields.Float(
        required=True,
        default=1.0,
        help="The new plan is the old amount times this: 1.1 plans 10 percent more.",
    )
    existing = fields.Selection(
        [("keep", "Keep them"), ("replace", "Replace them")],
        string="Plans That Exist Already",
        required=True,
        default="keep",
    )
    create_count = fields.Integer(string="Created", compute="_compute_counts")
    existing_count = fields.Integer(string="There Already", compute="_compute_counts")

    @api.depends("company_id", "date_from", "date_to", "source", "measure", "factor")
    def _compute_counts(self):
        for wizard in self:
            wanted = wizard._get_wanted() if wizard.date_from and wizard.date_to else {}
            existing = wizard._get_existing(wanted)
            wizard.create_count = len(wanted) - len(existing)
            wizard.existing_count = len(existing)

    def _get_wanted(self):
        """Return {(user id, team id, month, measure): amount} of the new plans."""
        since, until = (
            add_months(self.date_from.replace(day=1), -12),
            add_months(self.date_to.replace(day=1), -11),
        )
        domain = Domain("company_id", "=", self.company_id.id)
        domain &= Domain("date", ">=", since) & Domain("date", "<", until)
        measures = [self.measure] if self.measure else [measure for measure, _label in MEASURES]
        if not self.env.user.has_group("partner_relations.group_director"):
            # of others, who are no subordinates, nobody else enters plans
            domain &= Domain("in_my_team", "=", True)
        if self.source == "plan":
            plans = self.env["partner.sales.plan"].search(domain & Domain("measure", "in", measures))
            # sudo: only whether they are archived; who left sells nothing, as with results below
            plans = plans.filtered(
                lambda plan: all(one.active for one in (*plan.sudo().user_id, *plan.sudo().team_id))
            )
            return {
                (plan.user_id.id, plan.team_id.id, add_months(plan.date, 12), plan.measure): self._get_amount(
                    plan.amount
                )
                for plan in plans
            }
        report = self.env["partner.turnover.report"].with_context(allowed_company_ids=self.company_id.ids)
        domain &= Domain("user_id", "!=", False)
        if not self.env.user.has_group("partner_relations.group_director"):
            domain &= Domain("user_id", "in", self.env.user._get_subordinate_user_ids())
        groups = report._read_group(domain, ["user_id", "date:month"], ["revenue:sum", "profit:sum"])
        wanted = {}
        for user, month, revenue, profit in groups:
            for measure, amount in (("revenue", revenue), ("profit", profit)):
                if measure in measures and amount and amount > 0 and user.sudo().active:
                    wanted[user.id, False, add_months(month, 12), measure] = self._get_amount(amount)
        return wanted

    def _get_amount(self, amount):
        return self.company_id.currency_id.round(amount * self.factor)

    def _get_existing(self, wanted):
        """Return {key: plan} of the wanted plans that exist already."""
        if not wanted:
            return {}
        plans = self.env["partner.sales.plan"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("date", "in", list({month for _user, _team, month, _measure in wanted})),
            ]
        )
        keys = {plan: (plan.user_id.id, plan.team_id.id, plan.date, plan.measure) for plan in plans}
        return {key: plan for plan, key in keys.items() if key in wanted}

    def action_copy(self):
        """Create the plans and show them.

        :raise UserError: if the months or the factor make no sense, or nothing is found to copy
        """
        self.ensure_one()
        if self.date_to < self.date_from:
            raise UserError(self.env._("“To Month” is before “From Month”. Enter a later month."))
        if self.factor <= 0:
            raise UserError(
                self.env._("The factor must be above zero. Enter 1 to copy the amounts as they are.")
            )
        wanted = self._get_wanted()
        if not wanted:
            raise UserError(
                self.env._(
                    "There is nothing to copy from %(since)s to %(until)s of the year before in %(company)s. Choose "
                    "other months, or copy results in place of plans.",
                    since=self.date_from.strftime("%m/%Y"),
                    until=self.date_to.strftime("%m/%Y"),
                    company=self.company_id.name,
                )
            )
        existing = self._get_existing(wanted)
        plans = self.env["partner.sales.plan"].create(
            [
                {
                    "company_id": self.company_id.id,
                    "user_id": user,
                    "team_id": team,
                    "date": month,
                    "measure": measure,
                    "amount": amount,
                }
                for (user, team, month, measure), amount in wanted.items()
                if (user, team, month, measure) not in existing
            ]
        )
        if self.existing == "replace":
            for key, plan in existing.items():
                # one amount each: no two of them need be the same
                plan.amount = wanted[key]
                plans += plan
        action = self.env["ir.actions.act_window"]._for_xml_id("partner_relations.partner_sales_plan_action")
        return {**action, "domain": [("id", "in", plans.ids)], "context": {}}
