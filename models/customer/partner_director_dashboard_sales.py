import functools
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import format_date

from ...tools.dashboard import YEAR, add, get_change, get_share, get_year_before
from ...tools.periods import add_months

# Months of the forecast that are told by themselves.
FORECAST_MONTHS = 6
NOW = ("revenue", "profit", "margin")
BEFORE = ("revenue_before", "profit_before")
# measure of the plan, and whether it is that of persons
PLANS = {
    "plan": ("revenue", True),
    "team_plan": ("revenue", False),
    "profit_plan": ("profit", True),
    "team_profit_plan": ("profit", False),
}
# What deals wait for that are to bring turnover yet.
TO_COME = ("decision", "delivery", "invoicing")
FAILURE_KINDS = ("lost", "cancelled", "short")


class PartnerDirectorDashboard(models.AbstractModel):
    """What was sold, what was planned, what is to come, and what failed."""

    _inherit = "partner.director.dashboard"

    # ------------------------------------------------------------------
    # Turnover and profit
    # ------------------------------------------------------------------
    @api.model
    def _has_turnover(self):
        return self.env["partner.turnover.report"].has_access("read")

    @api.model
    def _get_turnover_statements(self, scope, _frame):
        plans = self.env["partner.sales.plan"]
        if not plans.has_access("read"):
            return {}
        aggregates = {name: ("amount:sum", self._get_plan_condition(name)) for name in PLANS}
        return {
            "plans": self._get_groups_sql(
                plans, self._get_plan_domain(scope), ["company_id", "date:month"], aggregates
            )
        }

    @api.model
    def _get_plan_condition(self, name):
        measure, is_person = PLANS[name]
        return Domain("measure", "=", measure) & Domain("user_id", "!=" if is_person else "=", False)

    @api.model
    def _get_plan_domain(self, scope):
        """The plans of the months of the period, which are for whole months."""
        domain = self._get_company_domain(scope) & Domain("date", "in", scope.months)
        domain &= Domain("is_counted", "=", True)
        if scope.people is not None:
            domain &= Domain("user_id", "in", scope.people) | (
                Domain("user_id", "=", False) & Domain("team_id", "=", scope.team_id)
            )
        return domain

    @api.model
    def _get_turnover_domain(self, scope, first, last):
        return (
            self._get_company_domain(scope)
            & Domain("date", ">=", first)
            & Domain("date", "<=", last)
            & self._get_people_domain(scope)
        )

    @api.model
    def _read_turnover_days(self, scope, first, last):
        """Return, by day, revenue, profit, cost, the number of invoices and that of those with a cost.

        It is of the days of the period and of those from ``first`` to ``last``, the year before.

        The profit is what revenue and cost leave, which spares PostgreSQL a sum over each invoice; only where the cost
        of some is not known yet, it is asked for, too.
        """
        report = self.env["partner.turnover.report"]
        domain = self._get_turnover_domain(scope, scope.date_from, scope.date_to)
        if first <= last:
            domain |= self._get_turnover_domain(scope, first, last)
            # both at once, and for an index of days from when to when
            domain &= Domain("date", ">=", min(first, scope.date_from))
            domain &= Domain("date", "<=", max(last, scope.date_to))
        groups = report._read_group(
            domain, ["date:day"], ["revenue:sum", "cost:sum", "revenue:count", "cost:count"]
        )
        profits = {}
        if any(known < count for _day, _revenue, _cost, count, known in groups):
            profits = dict(report._read_group(domain, ["date:day"], ["profit:sum"]))
        for day, revenue, cost, count, known in groups:
            profit = profits[day] if profits else revenue - cost
            yield day, revenue, profit, cost, count, known

    @api.model
    def _get_turnover(self, scope, frame, rows):
        names = ("revenue", "profit")
        nothing = dict.fromkeys((*names, *BEFORE, *PLANS))
        months = {month: dict(nothing) for month in scope.months}
        counts = dict.fromkeys(names, 0)
        costs = 0.0
        first, last = get_year_before(scope.date_from, scope.date_to, scope.today)
        for day, revenue, profit, cost, count, known in self._read_turnover_days(scope, first, last):
            figures = ((revenue, count), (profit, known))
            spans = [("", day)] if scope.date_from <= day <= scope.date_to else []
            if spans:
                costs += float(cost or 0)
            if first <= day <= last:
                spans.append(("_before", day + YEAR))
            for suffix, counted_on in spans:
                month = months[counted_on.replace(day=1)]
                for name, (amount, number) in zip(names, figures, strict=True):
                    if not suffix:
                        counts[name] += number
                    # the sum of nothing is 0 to the database
                    amount = float(amount) if number else None
                    month[f"{name}{suffix}"] = add(month[f"{name}{suffix}"], amount)
        for plan in rows.get("plans", ()):
            month = months[fields.Date.to_date(plan["date"])]
            for name in PLANS:
                month[name] = add(month[name], self._convert(plan[name], plan["company_id"], frame))
        total = dict(nothing)
        for month in months.values():
            for name in total:
                total[name] = add(total[name], month[name])
        # what was sold at a cost that is known
        base = self.env.company.currency_id.round((total["profit"] or 0) + costs)
        return {
            "note": self._get_turnover_note(scope),
            "is_profit_partial": counts["profit"] < counts["revenue"],
            "figures": {
                **total,
                "margin": get_share(total["profit"], base),
                "revenue_change": get_change(total["revenue"], total["revenue_before"]),
                "profit_change": get_change(total["profit"], total["profit_before"]),
                **{
                    f"{plan}_share": self._get_reached(months, measure, plan, scope.today)
                    for plan, (measure, _is_person) in PLANS.items()
                },
            },
            "months": [
                {"month": fields.Date.to_string(month), **figures} for month, figures in months.items()
            ],
        }

    @api.model
    def _get_reached(self, months, measure, plan, today):
        """What was sold in the months that have a plan, in percent of it: the others have nothing to reach.

        Without any sale it is 0, once one of these months has begun; a profit that is not known stays unknown.
        """
        planned = {month: figures for month, figures in months.items() if figures[plan] is not None}
        sold, revenue, whole = (
            functools.reduce(add, (figures[name] for figures in planned.values()), None)
            for name in (measure, "revenue", plan)
        )
        if revenue is None and any(month <= today for month in planned):
            sold = 0
        return get_share(sold, whole)

    @api.model
    def _get_turnover_note(self, scope):
        first, last = get_year_before(scope.date_from, scope.date_to, scope.today)
        words = self.env._(
            "Posted customer invoices less credit notes, untaxed; profit with the cost at the time of the sale."
        )
        if last < first:
            return words
        return (
            words
            + " "
            + self.env._(
                "Compared with %(first)s – %(last)s. Of a plan, the share that was reached in its months.",
                first=format_date(self.env, first),
                last=format_date(self.env, last),
            )
        )

    @api.model
    def _open_turnover(self, scope, _frame, figure, part):
        first, last = scope.date_from, scope.date_to
        month = self._get_day(part)
        if month:
            first, last = max(first, month), min(last, add_months(month, 1) - timedelta(days=1))
        if figure in PLANS:
            labels = {
                "plan": self.env._("Plan of Salespeople"),
                "team_plan": self.env._("Plan of Teams"),
                "profit_plan": self.env._("Profit Plan of Salespeople"),
                "team_profit_plan": self.env._("Profit Plan of Teams"),
            }
            domain = self._get_plan_domain(scope) & self._get_plan_condition(figure)
            if month:
                domain &= Domain("date", "=", month)
            return "partner_relations.partner_sales_plan_action", labels[figure], domain, {}
        if figure in BEFORE:
            first, last = get_year_before(first, last, scope.today)
        elif figure not in NOW:
            self._refuse(figure)
        name = f"{format_date(self.env, first)} – {format_date(self.env, last)}"
        domain = self._get_turnover_domain(scope, first, last)
        return "partner_relations.partner_turnover_report_action", name, domain, {}

    # ------------------------------------------------------------------
    # Forecast
    # ------------------------------------------------------------------
    @api.model
    def _has_forecast(self):
        return self.env["partner.deal.report"].has_access("read")

    @api.model
    def _get_deal_domain(self, scope):
        # an opportunity without a company is everybody's; what waits for its payment stands under receivables
        return (
            Domain("company_id", "in", [*scope.company_ids, False])
            & Domain("waits_for", "in", TO_COME)
            & self._get_people_domain(scope)
        )

    @api.model
    def _get_forecast(self, scope, _frame, _rows):
        by_time, by_step = self.env["partner.deal.report"]._read_grouping_sets(
            self._get_deal_domain(scope),
            [["timing", "date_expected:month"], ["has_next_step"]],
            ["__count", "forecast_value:sum", "forecast_value:count", "partner_id:count_distinct"],
        )
        this_month = scope.today.replace(day=1)
        later = add_months(this_month, FORECAST_MONTHS)
        parts = {
            "overdue": {"count": 0, "value": None},
            **{
                fields.Date.to_string(add_months(this_month, number)): {"count": 0, "value": None}
                for number in range(FORECAST_MONTHS)
            },
            "later": {"count": 0, "value": None},
            "undated": {"count": 0, "value": None},
        }
        total = {"count": 0, "value": None}
        for timing, month, count, value, known_count, _customers in by_time:
            if timing != "in_time":
                key = timing
            else:
                key = "later" if month >= later else fields.Date.to_string(month)
            for part in (parts[key], total):
                part["count"] += count
                part["value"] = add(part["value"], float(value) if known_count else None)
        stuck = next((row for row in by_step if not row[0]), (False, 0, 0, 0, 0))
        return {
            "note": self.env._(
                "Deals of today that are not decided, delivered or invoiced, by the month in which they are expected: "
                "value times probability, of orders what is not invoiced."
            ),
            "figures": {
                "forecast": total["value"],
                "deals": total["count"],
                "overdue": parts["overdue"]["value"],
                "no_next_step": stuck[1],
                "no_next_step_customers": stuck[4],
            },
            "parts": [{"part": key, **part} for key, part in parts.items()],
        }

    @api.model
    def _get_forecast_condition(self, scope, part):
        if part in ("overdue", "undated"):
            return Domain("timing", "=", part)
        in_time = Domain("timing", "=", "in_time")
        later = add_months(scope.today, FORECAST_MONTHS)
        if part == "later":
            return in_time & Domain("date_expected", ">=", later)
        month = self._get_day(part)
        return (
            in_time
            & Domain("date_expected", ">=", month)
            & Domain("date_expected", "<", add_months(month, 1))
        )

    @api.model
    def _open_forecast(self, scope, _frame, figure, part):
        domain, context = self._get_deal_domain(scope), {}
        name = self.env._("Unfinished Deals")
        if figure in ("no_next_step", "no_next_step_customers"):
            domain &= Domain("has_next_step", "=", False)
            name = self.env._("Deals Without Next Step")
            if figure == "no_next_step_customers":
                context = {"group_by": ["partner_id"]}
        elif figure == "overdue":
            domain &= self._get_forecast_condition(scope, "overdue")
            name = self.env._("Overdue Deals")
        elif figure not in ("forecast", "deals"):
            self._refuse(figure)
        elif part:
            domain &= self._get_forecast_condition(scope, part)
        return "partner_relations.partner_deal_report_action", name, domain, context

    # ------------------------------------------------------------------
    # Failed orders
    # ------------------------------------------------------------------
    @api.model
    def _has_failures(self):
        return self.env["partner.order.failure.report"].has_access("read")

    @api.model
    def _get_failure_domain(self, scope):
        return (
            self._get_company_domain(scope)
            & Domain("failure_date", ">=", scope.date_from)
            & Domain("failure_date", "<=", scope.date_to)
            & self._get_people_domain(scope)
        )

    @api.model
    def _get_failures(self, scope, _frame, _rows):
        by_reason, by_kind = self.env["partner.order.failure.report"]._read_grouping_sets(
            self._get_failure_domain(scope),
            [["kind", "reason_id"], ["kind"]],
            ["failed_value:sum", "failed_value:count", "failure_id:count_distinct"],
        )
        nothing = {
            **dict.fromkeys(FAILURE_KINDS),
            **{f"{kind}_count": 0 for kind in FAILURE_KINDS},
        }
        figures, reasons = dict(nothing), {}
        for kind, value, known_count, count in by_kind:
            figures[kind], figures[f"{kind}_count"] = float(value) if known_count else None, count
        for kind, reason, value, known_count, count in by_reason:
            row = reasons.setdefault(
                reason.id,
                {"id": reason.id, "name_of": ("partner.order.failure.reason", reason.id), **nothing},
            )
            row[kind], row[f"{kind}_count"] = float(value) if known_count else None, count
        rows = sorted(
            reasons.values(),
            key=lambda row: (-sum(row[kind] or 0 for kind in FAILURE_KINDS), row["id"] or 0),
        )
        return {
            "note": self.env._(
                "What failed in the period: (ordered − delivered) × net price, untaxed. The three kinds are never "
                "added up. Reasons that do not count are left out."
            ),
            "figures": figures,
            "rows": rows,
        }

    @api.model
    def _open_failures(self, scope, _frame, figure, part):
        kind = figure.removesuffix("_count")
        if kind not in FAILURE_KINDS:
            self._refuse(figure)
        domain = self._get_failure_domain(scope) & Domain("kind", "=", kind)
        if part is not False:
            domain &= Domain("reason_id", "=", self._get_id({"part": part}, "part"))
        reports = self.env["partner.order.failure.report"]
        name = dict(reports._fields["kind"]._description_selection(self.env))[kind]
        return "partner_relations.partner_order_failure_report_action", name, domain, {}
