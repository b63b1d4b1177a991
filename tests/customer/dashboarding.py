"""A small company seen from every side, for the tests of the dashboard."""

from odoo import Command
from odoo.fields import Domain

from .classified import ClassifiedCommon
from .failing import FailingCommon

NOW = "2025-04-15 03:00:00"
QUARTER = {"period": "custom", "date_from": "2025-01-01", "date_to": "2025-03-31"}


class DashboardCommon(ClassifiedCommon, FailingCommon):
    """``ClassifiedCommon`` with plans, deals, failed orders, cards, letters, contacts and a campaign.

    It is 15 April 2025. The quarter before (``QUARTER``) sold 1,200 + 1,200 + 3,700, a year earlier 1,000.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_director.group_ids += cls.env.ref("account.group_account_invoice")
        cls._sell(cls.big, 1000, "2024-02-10", invoice_date_due="2024-03-10")
        cls.team = cls.env["crm.team"].create(
            {"name": "Chairs North", "company_id": cls.company_eur.id, "user_id": cls.user_supervisor.id}
        )
        cls.env["crm.team.member"].create({"crm_team_id": cls.team.id, "user_id": cls.user_sales.id})
        cls._plan(2000, "2025-01-01", user_id=cls.user_sales.id)
        # a part of the one for all sales, which is not added to it
        cls._plan(600, "2025-01-01", user_id=cls.user_sales.id, team_id=cls.team.id)
        cls._plan(2000, "2025-02-01", user_id=cls.user_sales2.id)
        cls._plan(5000, "2025-01-01", team_id=cls.team.id)
        cls._plan(900, "2025-03-01", measure="profit", user_id=cls.user_sales.id)
        cls._plan(7000, "2025-04-01", user_id=cls.user_sales.id)
        # 400 in May, 300 overdue, 200 undated, 100 much later
        cls._create_lead("May", date_deadline="2025-05-10")
        cls._create_lead("Overdue", date_deadline="2025-04-01", probability=30)
        cls._create_lead("Undated", probability=20, user_id=cls.user_sales2.id, partner_id=cls.small.id)
        cls._create_lead("Later", date_deadline="2026-01-10", probability=10)
        order = cls._order([(cls.advice, 3, 100)], partner_id=cls.big.id)
        order._action_cancel()
        cls.cancelled = cls.failures.search([("order_id", "=", order.id)])
        cls.cancelled.reason_id = cls.price
        quotation = cls._quote([(cls.advice, 2, 100)], partner_id=cls.small.id, user_id=cls.user_sales2.id)
        quotation._action_cancel()
        cls.lost = cls.failures.search([("order_id", "=", quotation.id)])
        cls._rate_suppliers()
        cls._score_managers()
        cls._keep_busy()
        cls.campaign = cls.env["utm.campaign"].create(
            {"name": "Spring Fair", "company_id": cls.company_eur.id}
        )
        cls.quiet = cls.env["utm.campaign"].create(
            {"name": "Word of Mouth", "company_id": cls.company_eur.id}
        )
        cls.env["partner.campaign.cost"].create(
            {
                "campaign_id": cls.campaign.id,
                "date": "2025-03-01",
                "amount": 100,
                "company_id": cls.company_eur.id,
                "currency_id": cls.eur.id,
            }
        )
        # of the running quarter: the figures of the one before stay
        cls._sell(cls.big, 260, "2025-04-10", invoice_date_due="2025-04-12", campaign_id=cls.campaign.id)
        cls._sell(cls.mid, 60, "2025-04-11", campaign_id=cls.quiet.id)
        cls.env.flush_all()

    @classmethod
    def _plan(cls, amount, date, **values):
        return cls.env["partner.sales.plan"].create(
            {"amount": amount, "date": date, "company_id": cls.company_eur.id, **values}
        )

    @classmethod
    def _rate_suppliers(cls):
        """One supplier that got worse, one that is late, one that is good."""
        names = ("Worse Supplier", "Late Supplier", "Good Supplier")
        cls.worse, cls.late, cls.good = (cls._create_company_partner(name) for name in names)
        cards = cls.env["supplier.scorecard"]
        current = {"period": "year", "is_current": True, "date_from": "2024-04-16", "date_to": "2025-04-15"}
        before = {"period": "year", "is_current": False, "date_from": "2024-04-01", "date_to": "2025-03-31"}
        for partner, values in (
            (cls.worse, {**before, "score": 85, "grade": "high"}),
            (cls.worse, {**current, "score": 40, "grade": "low"}),
            (cls.late, {**before, "score": 60, "grade": "medium"}),
            (cls.late, {**current, "score": 58, "grade": "medium", "overdue_line_count": 3}),
            (cls.good, {**current, "score": 95, "grade": "high"}),
        ):
            cards.create({"partner_id": partner.id, "company_id": cls.company_eur.id, **values})

    @classmethod
    def _score_managers(cls):
        """Of March two finished cards, of April a running one."""
        cls.score_scheme = cls.env["manager.score.scheme"].create(
            {"name": "Sales", "company_id": cls.company_eur.id}
        )
        cls._score(cls.user_sales, "2025-03-01", "2025-03-31", "closed", 80, 1)
        cls._score(cls.user_sales2, "2025-03-01", "2025-03-31", "closed", None, None)
        cls._score(cls.user_sales, "2025-04-01", "2025-04-30", "open", 10, 1)

    @classmethod
    def _score(cls, user, first, last, state="closed", score=50, rank=1):
        cls.env.flush_all()
        # SQL: cards are computed only; these have figures that one can tell by heart
        cls.env.cr.execute(
            """INSERT INTO manager_scorecard
               (user_id, company_id, scheme_id, date_from, date_to, state, score, previous_score, rank, rank_count)
               VALUES (%s, %s, %s, %s, %s, %s, %s, 70, %s, 1)""",
            (user.id, cls.company_eur.id, cls.score_scheme.id, first, last, state, score, rank),
        )

    @classmethod
    def _keep_busy(cls):
        """An overdue contact of user_sales and one of user_sales2, an overdue letter, one that nobody has."""
        for user, partner in ((cls.user_sales, cls.big), (cls.user_sales2, cls.small)):
            cls.env["partner.contact.log"].create(
                {
                    "title": "Call",
                    "partner_id": partner.id,
                    "user_id": user.id,
                    "company_id": cls.company_eur.id,
                    "state": "planned",
                    "date": "2025-04-14 03:00:00",
                }
            )
        mailbox = cls.env["partner.mailbox"].create(
            {"name": "Service", "email": "service@our.example.com", "company_id": cls.company_eur.id}
        )
        mailbox.access_ids = [
            Command.create(
                {"group_id": cls.env.ref("partner_relations.group_director").id, "level": "manage"}
            )
        ]
        for values in (
            {"user_id": cls.user_sales.id, "state": "assigned", "date_deadline": "2025-04-14 03:00:00"},
            {"state": "new"},
        ):
            cls.env["partner.letter"].create(
                {"name": "Delivery", "mailbox_id": mailbox.id, "email": "x@example.com", **values}
            )

    def _dashboard(self, user=None, companies=None, **options):
        self.env.flush_all()
        model = self.env["partner.director.dashboard"].with_user(user or self.user_director)
        companies = companies or self.company_eur
        model = model.with_context(allowed_company_ids=companies.ids, tz="Asia/Ho_Chi_Minh", lang="en_US")
        return model, model.get_dashboard({**QUARTER, **options})

    def _read_behind(self, model, data, block, figure, part=False, spec="__count"):
        """What the records behind a figure add up to, as the list in the client reads them."""
        action = model.action_open(data["options"], block, figure, part)
        records = model.env[action["res_model"]].with_context(**action["context"])
        [values] = records._read_group(Domain(action["domain"]), [], [spec])
        return values[0]

    def _figures(self, data):
        """(block, figure, part, what it adds up to, value) of every figure of the page."""
        blocks = data["blocks"]
        turnover = blocks["turnover"]
        fields = {
            "revenue": "revenue:sum", "profit": "profit:sum",
            "revenue_before": "revenue:sum", "profit_before": "profit:sum",
            "plan": "amount:sum", "team_plan": "amount:sum",
            "profit_plan": "amount:sum", "team_profit_plan": "amount:sum",
        }  # fmt: skip
        for name, spec in fields.items():
            yield "turnover", name, False, spec, turnover["figures"][name]
            for row in turnover["months"]:
                yield "turnover", name, row["month"], spec, row[name]
        yield "forecast", "forecast", False, "forecast_value:sum", blocks["forecast"]["figures"]["forecast"]
        yield "forecast", "deals", False, "__count", blocks["forecast"]["figures"]["deals"]
        yield "forecast", "no_next_step", False, "__count", blocks["forecast"]["figures"]["no_next_step"]
        customers = blocks["forecast"]["figures"]["no_next_step_customers"]
        yield "forecast", "no_next_step_customers", False, "partner_id:count_distinct", customers
        for part in blocks["forecast"]["parts"]:
            yield "forecast", "forecast", part["part"], "forecast_value:sum", part["value"]
            yield "forecast", "deals", part["part"], "__count", part["count"]
        matrix = blocks["matrix"]
        yield "matrix", "count", False, "__count", matrix["figures"]["count"]
        for cell in matrix["cells"]:
            yield "matrix", "cell", [cell["abc"], cell["xyz"]], "__count", cell["count"]
            yield "matrix", "cell", [cell["abc"], cell["xyz"]], "revenue:sum", cell["revenue"]
        for stage in matrix["stages"]:
            yield "matrix", "stage", stage["stage"], "__count", stage["count"]
        for move in blocks["flow"]["moves"]:
            yield "flow", "move", [move["source"], move["target"]], "__count", move["count"]
        failures = blocks["failures"]
        for kind in ("lost", "cancelled", "short"):
            yield "failures", kind, False, "failed_value:sum", failures["figures"][kind]
            yield (
                "failures",
                f"{kind}_count",
                False,
                "failure_id:count_distinct",
                failures["figures"][f"{kind}_count"],
            )
            for row in failures["rows"]:
                yield "failures", kind, row["id"] or "none", "failed_value:sum", row[kind]
        for name in ("count", "unscored"):
            yield "managers", name, False, "__count", blocks["managers"]["figures"][name]
        for row in blocks["managers"]["rows"]:
            yield "managers", "card", row["id"], "score:sum", row["score"]
        for name, value in blocks["work"]["figures"].items():
            yield "work", name, False, "__count", value
        receivables = blocks["receivables"]
        yield "receivables", "overdue", False, "amount:sum", receivables["figures"]["overdue"]
        for part in receivables["parts"]:
            yield "receivables", "overdue", part["part"], "amount:sum", part["amount"]
        for name in ("count", "rated", "low", "worse", "overdue_suppliers"):
            if "suppliers" in blocks:
                yield "suppliers", name, False, "__count", blocks["suppliers"]["figures"][name]
        if "suppliers" in blocks:
            lines = blocks["suppliers"]["figures"]["overdue_lines"]
            yield "suppliers", "overdue_lines", False, "overdue_line_count:sum", lines
        if "campaigns" in blocks:
            for name in ("cost", "revenue"):
                yield "campaigns", name, False, f"{name}:sum", blocks["campaigns"]["figures"][name]
                for row in blocks["campaigns"]["rows"]:
                    yield "campaigns", name, row["id"], f"{name}:sum", row[name]
