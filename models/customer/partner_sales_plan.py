from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.empty_fields import EmptyFloat, EmptyMonetary
from ...tools.periods import add_months

MEASURES = [("revenue", "Revenue"), ("profit", "Profit")]


class PartnerSalesPlan(models.Model):
    """What a salesperson or a whole team is to sell in a month.

    Plans of persons and of teams stand beside each other and are never added up: a team's plan may be more or
    less than the sum of its members' plans. Nor is a person's plan for all sales added to the same person's plans
    for single teams, which are parts of it; without it the parts are added up.
    """

    _name = "partner.sales.plan"
    _description = "Sales Plan"
    _inherit = ["mail.thread", "partner.guarded.mixin"]
    # not for somebody for whom the user could not have made it
    _placing_fields = ("company_id", "user_id", "team_id")
    _order = "date desc, team_id, user_id, measure, id"
    _check_company_auto = True

    date = fields.Date(
        string="Month",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
        help="Any day of the month; the first is kept.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one("res.currency", related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        index=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Empty: the plan of the whole team.",
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        check_company=True,
        help="With a salesperson: only the person's sales for this team. Without: the sales of all for the team.",
    )
    measure = fields.Selection(MEASURES, required=True, default="revenue")
    amount = fields.Monetary(
        string="Plan",
        required=True,
        tracking=True,
        help="In the currency of the company, untaxed.",
    )
    result = EmptyMonetary(
        compute="_compute_result",
        help="Revenue or profit of the posted invoices and credit notes of that month, by the salesperson or team of "
        "the document, as in Turnover and Profit. Empty before the month has begun.",
    )
    fulfilled = EmptyFloat(
        compute="_compute_result", help="Result divided by plan. Empty without result or with a plan of zero."
    )
    forecast = EmptyMonetary(
        compute="_compute_result",
        help="Revenue still to be expected of the unfinished deals that close in that month: their value times their "
        "probability, of orders what is not invoiced. What is overdue counts in the current month. Empty for past "
        "months and for profit.",
    )
    gap = EmptyMonetary(
        compute="_compute_result", help="Plan less result: what is missing. Negative: more than planned."
    )
    is_counted = fields.Boolean(
        string="Counted in Sums",
        compute="_compute_is_counted",
        search="_search_is_counted",
        help="A salesperson's plan for one team is a part of the salesperson's plan without a team, and is counted "
        "only where there is none for the same month and measure.",
    )
    in_my_team = fields.Boolean(
        compute="_compute_in_my_team",
        search="_search_in_my_team",
        help="The plan of a subordinate of yours, or of a team that you lead.",
    )

    _one_per_month = models.UniqueIndex(
        "(company_id, date, measure, COALESCE(user_id, 0), COALESCE(team_id, 0))",
        "There is a plan of this month, salesperson, team and measure already. Change that one.",
    )
    _first_of_month = models.Constraint(
        "CHECK (EXTRACT(DAY FROM date) = 1)", "The month of a plan is kept as its first day."
    )
    # A check of the database, like the others: for one of Python an import blames its first row as well.
    _has_owner = models.Constraint(
        "CHECK (user_id IS NOT NULL OR team_id IS NOT NULL)",
        "The plan has neither a salesperson nor a team. Enter at least one of them.",
    )
    _amount_positive = models.Constraint("CHECK (amount >= 0)", "The plan is below zero. Enter zero or more.")

    # ------------------------------------------------------------------
    # Names and rights
    # ------------------------------------------------------------------
    @api.depends("date", "user_id", "team_id", "measure")
    def _compute_display_name(self):
        labels = dict(self._fields["measure"]._description_selection(self.env))
        for plan in self:
            # sudo: names of the person and the team, as in every list of Odoo
            whose = plan.sudo().user_id.name or plan.sudo().team_id.name or ""
            month = plan.date and plan.date.strftime("%m/%Y")
            plan.display_name = " · ".join(filter(None, (whose, month, labels.get(plan.measure))))

    @api.depends("user_id", "team_id")
    @api.depends_context("uid")
    def _compute_in_my_team(self):
        team = set(self.env.user._get_subordinate_user_ids())
        for plan in self:
            plan.in_my_team = plan._is_in_team(team)

    def _is_in_team(self, user_ids):
        """Whether the plan is that of one of these users, or of a team that the user leads."""
        # sudo: only ids are compared, and this decides on access to the plan itself
        shown = self.sudo()
        if shown.user_id:
            return shown.user_id._origin.id in user_ids
        return shown.team_id._origin.user_id.id == self.env.uid

    def _search_in_my_team(self, operator, value):
        if operator != "in":
            return NotImplemented
        team = self.env.user._get_subordinate_user_ids()
        led = Domain("user_id", "=", False) & Domain("team_id", "any!", [("user_id", "=", self.env.uid)])
        return Domain("user_id", "in", team) | led

    # ------------------------------------------------------------------
    # What is added up
    # ------------------------------------------------------------------
    @api.depends("company_id", "date", "measure", "team_id", "user_id")
    def _compute_is_counted(self):
        parts = self.filtered(lambda plan: plan.user_id and plan.team_id)
        whole = {
            (user.id, company.id, day, measure)
            for user, company, day, measure in self._read_group(
                [
                    ("team_id", "=", False),
                    ("user_id", "in", parts.user_id.ids),
                    ("date", "in", [day for day in parts.mapped("date") if day]),
                ],
                ["user_id", "company_id", "date:day", "measure"],
            )
        }
        for plan in self:
            key = (plan.user_id._origin.id, plan.company_id._origin.id, plan.date, plan.measure)
            plan.is_counted = plan not in parts or key not in whole

    def _search_is_counted(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.custom(
            to_sql=lambda model, alias, query: model._get_counted_sql(alias),
            predicate=lambda plan: plan.is_counted,
        )

    @api.model
    def _get_counted_sql(self, alias):
        """The condition on a row of plans that it is added up with others, see :attr:`is_counted`."""
        # SQL: for the statements of reports and indicators too; whoever sees the part sees the whole of that person
        return SQL(
            """(%(team_id)s IS NULL OR %(user_id)s IS NULL OR NOT EXISTS (
                SELECT FROM partner_sales_plan AS whole
                 WHERE whole.team_id IS NULL AND whole.user_id = %(user_id)s AND whole.company_id = %(company_id)s
                   AND whole.date = %(date)s AND whole.measure = %(measure)s))""",
            **{
                name: self._field_to_sql(alias, name)
                for name in ("company_id", "date", "measure", "team_id", "user_id")
            },
        )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean_values(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._clean_values(vals))

    @api.model
    def _clean_values(self, vals):
        """Keep the first day of the month."""
        if not vals.get("date"):
            return vals
        return {**vals, "date": fields.Date.to_date(vals["date"]).replace(day=1)}

    @api.onchange("date")
    def _onchange_date(self):
        if self.date:
            self.date = self.date.replace(day=1)

    @api.model
    def get_import_templates(self):
        return [
            {
                "label": self.env._("Import Template for Sales Plans"),
                "template": "/partner_relations/static/xls/partner_sales_plan.xlsx",
            }
        ]

    # ------------------------------------------------------------------
    # Result
    # ------------------------------------------------------------------
    @api.depends("date", "company_id", "user_id", "team_id", "measure", "amount")
    @api.depends_context("tz")
    def _compute_result(self):
        self.result = self.fulfilled = self.forecast = self.gap = False
        today = fields.Date.context_today(self)
        this_month = today.replace(day=1)
        dated = self._filter_disclosed().filtered(
            lambda plan: plan.date and plan.company_id and (plan.user_id or plan.team_id)
        )
        for company, plans in dated.grouped("company_id").items():
            results = plans._get_results(company)
            coming = plans.filtered(lambda plan: plan.date >= this_month and plan.measure == "revenue")
            forecasts = coming._get_forecasts(company, this_month) if coming else {}
            for plan in plans:
                key = (plan.user_id.id, plan.team_id.id, plan.date.replace(day=1))
                if plan.date <= today:
                    plan.result = results[plan.measure].get(key, 0.0)
                    plan.gap = plan.amount - plan.result
                    plan.fulfilled = plan.result / plan.amount if plan.amount else False
                if plan in coming:
                    plan.forecast = forecasts.get(key, 0.0)

    def _filter_disclosed(self):
        """Plans whose result the user may see: what is only in a form may name any person, team and company."""
        if self.env.su:
            return self
        saved = self.filtered("id")
        if saved == self or not self.has_access("create"):
            return saved
        entered = (self - saved).filtered(lambda plan: plan.company_id._origin in self.env.companies)
        if not self.env.user.has_group("partner_relations.group_director"):
            team = set(self.env.user._get_subordinate_user_ids())
            entered = entered.filtered(lambda plan: plan._is_in_team(team))
        return saved + entered

    def _get_months_domain(self, field):
        months = [plan.date.replace(day=1) for plan in self]
        return Domain(field, ">=", min(months)) & Domain(field, "<", add_months(max(months), 1))

    def _get_owners_domain(self):
        return Domain("user_id", "in", self.user_id.ids) | Domain("team_id", "in", self.team_id.ids)

    def _get_report(self, model, company):
        """Return a report of one company, in its currency."""
        # sudo: sums for plans that the user sees; a team's leader need not see each of its documents
        return self.env[model].sudo().with_context(allowed_company_ids=company.ids)

    def _get_results(self, company):
        """Return {measure: {(user, team, month): amount}}, also of all teams and of all users of a team."""
        report = self._get_report("partner.turnover.report", company)
        groups = report._read_group(
            self._get_months_domain("date") & self._get_owners_domain(),
            ["user_id", "team_id", "date:month"],
            ["revenue:sum", "profit:sum"],
        )
        results = {"revenue": {}, "profit": {}}
        for user, team, month, revenue, profit in groups:
            self._add_result(results["revenue"], user, team, month, revenue)
            self._add_result(results["profit"], user, team, month, profit)
        return results

    def _get_forecasts(self, company, this_month):
        """Return {(user, team, month): amount} of the unfinished deals."""
        report = self._get_report("partner.deal.report", company)
        until = add_months(max(plan.date for plan in self), 1)
        groups = report._read_group(
            Domain("date_expected", "<", until) & self._get_owners_domain(),
            ["user_id", "team_id", "date_expected:month"],
            ["forecast_value:sum"],
        )
        forecasts = {}
        for user, team, month, value in groups:
            self._add_result(forecasts, user, team, max(month, this_month), value)
        return forecasts

    @api.model
    def _add_result(self, results, user, team, month, amount):
        for key in {(user.id, team.id, month), (user.id, False, month), (False, team.id, month)}:
            results[key] = results.get(key, 0.0) + (amount or 0.0)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    @api.readonly
    def action_open_invoices(self):
        """Open the sales that the result is made of, as far as the user may see them."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.partner_turnover_report_action"
        )
        domain = [
            ("company_id", "=", self.company_id.id),
            ("date", ">=", self.date),
            ("date", "<", self.date + relativedelta(months=1)),
        ]
        domain += [("user_id", "=", self.user_id.id)] if self.user_id else []
        domain += [("team_id", "=", self.team_id.id)] if self.team_id else []
        return {
            **action,
            "name": self.env._("Result: %s", self.display_name),
            "domain": domain,
            # in the currency of the plan, whichever company is the current one
            "context": {"allowed_company_ids": self.company_id.ids},
            "views": [(False, "list"), (False, "pivot"), (False, "graph")],
            "view_mode": "list,pivot,graph",
        }
