from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.arguments import as_id
from ...tools.dashboard import add

SUPPLIER_ROWS = 6
CAMPAIGN_ROWS = 8
MANAGER_ROWS = 50
BUCKETS = ("days_30", "days_60", "days_90", "older")
CAMPAIGN_SUMS = ("cost", "revenue", "profit")


class PartnerDirectorDashboard(models.AbstractModel):
    """What needs somebody's attention: managers, letters, contacts, debts, suppliers, campaigns."""

    _inherit = "partner.director.dashboard"

    # ------------------------------------------------------------------
    # Managers
    # ------------------------------------------------------------------
    @api.model
    def _has_managers(self):
        return self.env["manager.scorecard"].has_access("read")

    @api.model
    def _get_managers_sql(self, scope):
        """The latest finished scorecard of each manager and company; the running one where none is finished.

        A finished one counts until the company's scorecards have reached the end of the period that follows it, be
        that a month beside quarters or a quarter beside months: then the manager is no longer judged.
        """
        cards = self.env["manager.scorecard"]
        until = min(scope.date_to, scope.today)
        domain = Domain("date_from", "<=", until) & self._get_people_domain(scope)
        names = (
            *("id", "user_id", "company_id", "date_from", "date_to", "state", "score", "previous_score"),
            *("rank", "rank_count"),
        )
        # SQL: the first of each group, which the ORM cannot tell. How far a company is, is asked of all its scorecards,
        # also of those that the user may not see: it is a day, and nothing else is taken.
        return SQL(
            """
    SELECT DISTINCT ON (card.user_id, card.company_id) card.*
      FROM (%(cards)s) AS card
      JOIN (SELECT company_id, MAX(CASE WHEN date_to < %(today)s THEN LEAST(date_to, %(until)s)
                                        ELSE date_from - 1 END) AS day
              FROM manager_scorecard
             WHERE company_id = ANY(%(companies)s::int[]) AND date_from <= %(until)s
             GROUP BY company_id) AS reached ON reached.company_id = card.company_id
     WHERE card.date_to >= %(today)s
        OR CASE WHEN EXTRACT(DAY FROM card.date_from) = 1 AND EXTRACT(DAY FROM card.date_to + 1) = 1
                THEN (card.date_to + 1 + AGE((card.date_to + 1)::timestamp, card.date_from::timestamp))::date - 1
                ELSE card.date_to + (card.date_to - card.date_from + 1) END > reached.day
     ORDER BY card.user_id, card.company_id, (card.date_to < %(today)s) DESC, card.date_to DESC, card.id DESC""",
            cards=self._get_rows_sql(cards, domain & self._get_company_domain(scope), names),
            today=SQL("%s::date", scope.today),
            until=SQL("%s::date", until),
            companies=list(scope.company_ids),
        )

    @api.model
    def _get_managers_statements(self, scope, _frame):
        return {"managers": self._get_managers_sql(scope)}

    @api.model
    def _get_managers(self, scope, _frame, rows):
        cards = self.env["manager.scorecard"]
        found = sorted(
            rows["managers"],
            key=lambda row: (row["score"] is None, -(row["score"] or 0), row["user_id"], row["id"]),
        )
        return {
            "note": self.env._(
                "The last scorecard whose period is over, else the running one, of those who are still judged. Score: "
                "100 is all targets reached."
            ),
            "figures": {
                "count": len(found),
                "unscored": sum(row["score"] is None for row in found),
            },
            "rows": [
                {
                    "id": row["id"],
                    "name_of": ("res.users", row["user_id"]),
                    "score": row["score"],
                    "change": None
                    if row["score"] is None or row["previous_score"] is None
                    else round(row["score"] - row["previous_score"], 2),
                    "rank": row["rank"],
                    "rank_count": row["rank_count"],
                    "is_closed": row["state"] == "closed",
                    "period": cards._name_period(
                        fields.Date.to_date(row["date_from"]), fields.Date.to_date(row["date_to"])
                    ),
                }
                for row in found[:MANAGER_ROWS]
            ],
        }

    @api.model
    def _open_managers(self, scope, _frame, figure, part):
        rows = self._read_together({"managers": self._get_managers_sql(scope)})["managers"]
        if figure == "card":
            rows = [row for row in rows if row["id"] == part]
        elif figure == "unscored":
            rows = [row for row in rows if row["score"] is None]
        elif figure != "count":
            self._refuse(figure)
        domain = Domain("id", "in", [row["id"] for row in rows])
        return "partner_relations.manager_scorecard_action", self.env._("Scorecards"), domain, {}

    # ------------------------------------------------------------------
    # Work that is late
    # ------------------------------------------------------------------
    @api.model
    def _has_work(self):
        return self.env["partner.contact.log"].has_access("read")

    @api.model
    def _get_work_domains(self, scope):
        """The domain of each figure, and the model whose records it counts."""
        people = self._get_people_domain(scope)
        domains = {
            # a contact without a company is everybody's
            "contacts": (
                "partner.contact.log",
                Domain("is_overdue", "=", True)
                & Domain("company_id", "in", [*scope.company_ids, False])
                & people,
            ),
            "letters": (
                "partner.letter",
                Domain("is_overdue", "=", True) & self._get_company_domain(scope) & people,
            ),
        }
        if scope.people is None:
            # nobody's work is no team's
            domains["unassigned"] = (
                "partner.letter",
                Domain("direction", "=", "in")
                # as the list of letters to assign has them: of who left as well
                & (
                    Domain("state", "=", "new")
                    | (Domain("state", "=", "assigned") & Domain("user_id.active", "=", False))
                )
                & self._get_company_domain(scope),
            )
        return {
            name: (model, domain)
            for name, (model, domain) in domains.items()
            if self.env[model].has_access("read")
        }

    @api.model
    def _get_work_statements(self, scope, _frame):
        """One statement for each model, which counts its figures."""
        by_model = {}
        for name, (model, domain) in self._get_work_domains(scope).items():
            by_model.setdefault(model, {})[name] = domain
        return {
            f"work {model}": self._get_groups_sql(
                self.env[model],
                Domain.OR(domains.values()),
                [],
                {name: ("__count", domain) for name, domain in domains.items()},
            )
            for model, domains in by_model.items()
        }

    @api.model
    def _get_work(self, scope, _frame, rows):
        figures = dict.fromkeys(self._get_work_domains(scope))
        for name, found in rows.items():
            if name.startswith("work "):
                figures.update(found[0])
        return {
            "note": self.env._(
                "As of now: planned contacts whose time has passed, letters past their deadline and letters that "
                "nobody was given."
            ),
            "figures": figures,
        }

    @api.model
    def _open_work(self, scope, _frame, figure, _part):
        domains = self._get_work_domains(scope)
        if figure not in domains:
            self._refuse(figure)
        actions = {
            "contacts": ("partner_contact_log_action_planned", self.env._("Overdue Contacts")),
            "letters": ("partner_letter_action_all", self.env._("Overdue Letters")),
            "unassigned": ("partner_letter_action_all", self.env._("Letters to Assign")),
        }
        action, name = actions[figure]
        return f"partner_relations.{action}", name, domains[figure][1], {}

    # ------------------------------------------------------------------
    # Receivables
    # ------------------------------------------------------------------
    @api.model
    def _has_receivables(self):
        return self.env["partner.receivable.report"].has_access("read")

    @api.model
    def _get_receivables_domain(self, scope, part=False):
        domain = Domain("bucket", "in", [part] if part in BUCKETS else list(BUCKETS))
        return domain & self._get_company_domain(scope) & self._get_people_domain(scope)

    @api.model
    def _get_receivables_statements(self, scope, _frame):
        return {
            "receivables": self._get_groups_sql(
                self.env["partner.receivable.report"],
                self._get_receivables_domain(scope),
                ["company_id", "bucket"],
                {"count": "__count", "amount": "amount:sum"},
            )
        }

    @api.model
    def _get_receivables(self, _scope, frame, rows):
        parts = {bucket: {"part": bucket, "count": 0, "amount": None} for bucket in BUCKETS}
        total = {"count": 0, "overdue": None}
        for row in rows["receivables"]:
            part = parts[row["bucket"]]
            amount = self._convert(row["amount"], row["company_id"], frame)
            part["count"] += row["count"]
            part["amount"] = add(part["amount"], amount)
            total["count"] += row["count"]
            total["overdue"] = add(total["overdue"], amount)
        labels = dict(
            self.env["partner.receivable.report"]._fields["bucket"]._description_selection(self.env)
        )
        return {
            "note": self.env._(
                "Unpaid and past due today, with taxes, in company currency; payments that are not matched are not "
                "deducted."
            ),
            "figures": total,
            "parts": [{**part, "label": labels[part["part"]]} for part in parts.values()],
        }

    @api.model
    def _open_receivables(self, scope, _frame, figure, part):
        if figure not in ("overdue", "count") or part not in (False, *BUCKETS):
            self._refuse(figure)
        name = self.env._("Overdue Receivables")
        domain = self._get_receivables_domain(scope, part)
        return "partner_relations.partner_receivable_report_action", name, domain, {}

    # ------------------------------------------------------------------
    # Suppliers
    # ------------------------------------------------------------------
    @api.model
    def _has_suppliers(self):
        return self.env["supplier.scorecard"].has_access("read")

    @api.model
    def _get_suppliers_sql(self, scope):
        """The current scorecards with what is to be warned of.

        A supplier is worse when its computed grade is lower than that of the running year at the end of the month
        before.
        """
        cards = self.env["supplier.scorecard"]
        query = cards._search(Domain("is_current", "=", True) & self._get_company_domain(scope))
        query.order = None
        low = Domain("applied_grade", "=", "low").optimize_full(cards)._to_sql(cards, query.table, query)
        names = ("id", "company_id", "partner_id", "score", "grade", "overdue_line_count")
        cards.flush_model()
        # SQL: the scorecard of the month before, by the index of the windows
        before = SQL(
            """(SELECT CASE earlier.grade WHEN 'high' THEN 3 WHEN 'medium' THEN 2 WHEN 'low' THEN 1 END
                  FROM supplier_scorecard AS earlier
                 WHERE earlier.company_id = %(company)s AND earlier.partner_id = %(partner)s
                   AND earlier.period = 'year' AND NOT earlier.is_current
                   AND earlier.date_to < DATE_TRUNC('month', %(last)s)
                 ORDER BY earlier.date_to DESC LIMIT 1)""",
            company=SQL.identifier(query.table, "company_id"),
            partner=SQL.identifier(query.table, "partner_id"),
            last=SQL.identifier(query.table, "date_to"),
        )
        return SQL(
            """
    SELECT card.*, COALESCE(
           CASE card.grade WHEN 'high' THEN 3 WHEN 'medium' THEN 2 WHEN 'low' THEN 1 END < card.before, FALSE)
           AS is_worse
      FROM (%s) AS card""",
            query.select(
                *(
                    SQL("%s AS %s", cards._field_to_sql(query.table, name, query), SQL.identifier(name))
                    for name in names
                ),
                SQL("COALESCE(%s, FALSE) AS is_low", low),
                SQL("%s AS before", before),
            ),
        )

    @api.model
    def _get_suppliers_statements(self, scope, _frame):
        # SQL: counts and the worst ones of the same rows
        return {
            "suppliers": SQL(
                """
    WITH card AS MATERIALIZED (%(cards)s)
    SELECT COUNT(*) AS count, COUNT(card.score) AS rated, COUNT(*) FILTER (WHERE card.is_low) AS low,
           COUNT(*) FILTER (WHERE card.is_worse) AS worse,
           COUNT(*) FILTER (WHERE card.overdue_line_count > 0) AS overdue_suppliers,
           COALESCE(SUM(card.overdue_line_count), 0) AS overdue_lines,
           (SELECT COALESCE(jsonb_agg(to_jsonb(worst)), '[]') FROM (
               SELECT * FROM card WHERE card.is_low OR card.is_worse OR card.overdue_line_count > 0
                ORDER BY card.is_worse DESC, card.is_low DESC, card.overdue_line_count DESC, card.id
                LIMIT %(limit)s) AS worst) AS worst
      FROM card""",
                cards=self._get_suppliers_sql(scope),
                limit=SUPPLIER_ROWS,
            )
        }

    @api.model
    def _get_suppliers(self, _scope, _frame, rows):
        [figures] = rows["suppliers"]
        worst = figures.pop("worst")
        labels = dict(self.env["supplier.scorecard"]._fields["grade"]._description_selection(self.env))
        return {
            "note": self.env._(
                "Current scorecards, as of their last computation. Worse: a lower grade than in the running year at "
                "the end of the month before."
            ),
            "figures": figures,
            "rows": [
                {
                    "id": row["id"],
                    "name_of": ("res.partner", row["partner_id"]),
                    "score": row["score"],
                    "grade": labels.get(row["grade"], False),
                    "overdue_lines": row["overdue_line_count"],
                    "is_low": row["is_low"],
                    "is_worse": row["is_worse"],
                }
                for row in worst
            ],
        }

    @api.model
    def _open_suppliers(self, scope, _frame, figure, part):
        domain = Domain("is_current", "=", True) & self._get_company_domain(scope)
        if figure == "card":
            domain &= Domain("id", "=", as_id(part))
        elif figure == "worse":
            # SQL: what is worse is told by the statement of the dashboard
            rows = self.env.execute_query(
                SQL("SELECT card.id FROM (%s) AS card WHERE card.is_worse", self._get_suppliers_sql(scope))
            )
            domain &= Domain("id", "in", [row[0] for row in rows])
        elif figure == "low":
            domain &= Domain("applied_grade", "=", "low")
        elif figure in ("overdue_lines", "overdue_suppliers"):
            domain &= Domain("overdue_line_count", ">", 0)
        elif figure == "rated":
            domain &= Domain("score", "!=", False)
        elif figure != "count":
            self._refuse(figure)
        name = self.env._("Supplier Scorecards")
        return "partner_relations.supplier_scorecard_action", name, domain, {}

    # ------------------------------------------------------------------
    # Campaigns
    # ------------------------------------------------------------------
    @api.model
    def _has_campaigns(self):
        return self.env["partner.campaign.report"].has_access("read")

    @api.model
    def _get_campaign_domain(self, scope):
        """Campaigns that ran in the period, as far as their days are told."""
        return (
            self._get_company_domain(scope)
            & Domain("is_archived", "=", False)
            & (Domain("date_from", "=", False) | Domain("date_from", "<=", scope.date_to))
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", scope.date_from))
        )

    @api.model
    def _get_campaigns(self, scope, _frame, _rows):
        by_campaign, [total] = self.env["partner.campaign.report"]._read_grouping_sets(
            self._get_campaign_domain(scope),
            [["campaign_id"], []],
            [
                *(f"{name}:{function}" for name in CAMPAIGN_SUMS for function in ("sum", "count")),
                *("new_customer_count:sum", "roi:avg", "__count"),
            ],
        )
        rows = [
            {
                "id": campaign.id,
                "name_of": ("utm.campaign", campaign.id),
                **self._get_campaign_figures(figures),
            }
            for campaign, *figures in by_campaign
        ]
        rows = [row for row in rows if row["cost"] is not None or row["revenue"] is not None]
        rows.sort(key=lambda row: (-(row["cost"] or 0), -(row["revenue"] or 0), row["id"]))
        return {
            "note": self.env._(
                "Campaigns that ran in the period, with all they cost and brought up to today. ROI: (profit − cost) "
                "÷ cost, empty without cost."
            ),
            "figures": self._get_campaign_figures(total),
            "rows": rows[:CAMPAIGN_ROWS],
        }

    @api.model
    def _get_campaign_figures(self, values):
        """The figures of a group: what was not entered or not sold is empty, and so is a profit not known of all."""
        *sums, customers, roi, count = values
        figures = {
            name: float(amount) if known_count else None
            for name, amount, known_count in zip(CAMPAIGN_SUMS, sums[::2], sums[1::2], strict=True)
        }
        profit_count = sums[5]
        return {
            # no cost entered is no cost of zero
            "cost": figures["cost"] or None,
            "revenue": figures["revenue"] or None,
            "profit": figures["profit"] if profit_count == count and figures["revenue"] else None,
            "customers": customers or 0,
            # in percent
            "roi": None if roi is False or roi is None or not figures["cost"] else 100.0 * roi,
            "count": count,
        }

    @api.model
    def _open_campaigns(self, scope, _frame, figure, part):
        if figure not in (*CAMPAIGN_SUMS, "customers", "roi", "count"):
            self._refuse(figure)
        domain = self._get_campaign_domain(scope)
        if part:
            domain &= Domain("campaign_id", "=", as_id(part))
        return "partner_relations.partner_campaign_report_action", self.env._("Campaigns"), domain, {}
