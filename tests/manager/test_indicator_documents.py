import doctest
from datetime import date, datetime
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.partner_relations.models.manager import manager_indicator
from odoo.addons.partner_relations.models.manager.manager_indicator_report import REPORTS
from odoo.addons.partner_relations.tools import period_filter

from .scoring import MARCH, ScoringCommon


@tagged("post_install", "-at_install")
class TestIndicatorDocuments(ScoringCommon):
    """From a value to its documents, whatever they are and whosever; an indicator tried before it is used."""

    def _open(self, indicator, user, records=None):
        action = indicator._get_evidence_action(self.company_eur, user, *MARCH, "document")
        return action, self.env[action["res_model"]].search(action["domain"])

    # ------------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------------
    def test_documents_of_nobody(self):
        mine = self._sell(self.user_sales, 100)
        orphan = self._sell(self.user_sales, 40, partner=self.customer2)
        orphan.invoice_user_id = False
        nobody = self.env["res.users"]
        action, found = self._open(self.revenue, nobody)
        self.assertEqual(found, orphan)
        self.assertIn("nobody", action["name"])
        self.assertEqual(self._open(self.revenue, self.user_sales)[1], mine)
        values = self.revenue._compute_values(self.company_eur, *MARCH, users=nobody, credit="document")
        self.assertEqual([(key[1], each.value) for key, each in values.items()], [(False, 40)])

    def test_documents_of_several_kinds(self):
        """A plan and the invoices that fulfil it open together, each with what it counts, for that user alone."""
        scheme = self._create_scheme(
            [
                {
                    "indicator_id": self._get_indicator("plan_fulfilment").id,
                    "weight": 1,
                    "target_kind": "fixed",
                    "target_value": 1,
                }
            ],
            sequence=0,
        )
        plan = self.env["partner.sales.plan"].create(
            {
                "date": MARCH[0],
                "user_id": self.user_sales.id,
                "company_id": self.company_eur.id,
                "amount": 1000,
            }
        )
        invoices = self._sell(self.user_sales, 300) + self._sell(self.user_sales, 200, "2025-03-20")
        self.scheme.active = False
        self._compute()
        card = self._as(self.user_sales, self._card(self.user_sales))
        self.assertEqual(card.sudo().scheme_id, scheme)
        line = card.line_ids
        action = line.action_open_documents()
        rows = self._as(self.user_sales, self.env[action["res_model"]]).search(action["domain"])
        self.assertEqual(
            {(row.res_model, row.res_id, row.numerator, row.denominator) for row in rows},
            {
                ("partner.sales.plan", plan.id, False, 1000),
                *(("account.move", move.id, move.amount_untaxed, False) for move in invoices),
            },
        )
        self.assertEqual(sum(rows.mapped("numerator")) / sum(rows.mapped("denominator")), line.value)
        self.assertIn(invoices[0].name, " ".join(rows.mapped("document")))
        opened = rows.filtered(lambda row: row.res_id == invoices[0].id and row.res_model == "account.move")
        self.assertEqual(opened.action_open_document()["res_id"], invoices[0].id)
        self.assertFalse(self._as(self.user_supervisor, self.env[rows._name]).search(action["domain"]))
        with self.assertRaises(AccessError):
            self._as(self.user_sales2, rows).read(["numerator"])
        with self.assertRaises(AccessError):
            rows.write({"numerator": 1})

    def test_more_documents_than_a_list_opens(self):
        """The last ones open, and the list says how many there are."""
        moves = [self._sell(self.user_sales, 10, f"2025-03-1{number}") for number in range(3)]
        with patch.object(manager_indicator, "MAX_DOCUMENTS", 2):
            action, found = self._open(self.revenue, self.user_sales)
        self.assertEqual(found, moves[1] + moves[2])
        self.assertIn("the last 2 of 3", action["name"])

    # ------------------------------------------------------------------
    # Preview
    # ------------------------------------------------------------------
    def _preview(self, indicator):
        indicator = self._as(self.user_director, indicator).with_company(self.company_eur)
        action = indicator.action_preview()
        return indicator.env["manager.indicator.preview"].browse(action["res_id"])

    def test_preview(self):
        """The last month that is over: the best first, then who has no rate, then what is nobody's."""
        self._sell(self.user_sales, 100)
        self._sell(self.user_sales2, 300)
        self._refund(self.user_sub, 20, partner=self.customer2)
        self._sell(self.user_sub, 7, "2025-04-02")
        self._sell(self.user_sales, 5, "2025-03-12").invoice_user_id = False
        with freeze_time("2025-04-10 12:00:00"):
            preview = self._preview(self.revenue)
            margin = self._preview(self._get_indicator("margin_rate"))
        self.assertRecordValues(
            preview,
            [
                {
                    "date_from": MARCH[0],
                    "date_to": MARCH[1],
                    "manager_count": 3,
                    "value": 385,
                    "document_count": 4,
                }
            ],
        )
        self.assertEqual(
            [(line.user_id, line.value) for line in preview.line_ids],
            [
                (self.user_sales2, 300),
                (self.user_sales, 100),
                (self.user_sub, -20),
                (self.env["res.users"], 5),
            ],
        )
        nobody = preview.line_ids[-1]
        self.assertEqual(nobody.manager_name, "Nobody")
        action = nobody.action_open_documents()
        self.assertEqual(action["res_model"], "manager.indicator.document", "this director reads no invoices")
        self.assertEqual(nobody.env[action["res_model"]].search(action["domain"]).numerator, 5)
        by_user = {line.user_id: line.value for line in margin.line_ids}
        self.assertIs(by_user[self.user_sub], False, "no rate of less than nothing")
        self.assertEqual(margin.line_ids[-2].user_id, self.user_sub)

    def test_preview_follows_the_scheme(self):
        self.scheme.period = "quarter"
        with freeze_time("2025-04-10 12:00:00"):
            preview = self._preview(self.revenue)
        self.assertRecordValues(
            preview,
            [{"date_from": date(2025, 1, 1), "date_to": MARCH[1], "credit": "document", "value": False}],
        )

    def test_preview_is_for_directors(self):
        with self.assertRaises(AccessError):
            self._as(self.user_supervisor, self.revenue).action_preview()
        preview = self._preview(self.revenue)
        for user in (self.user_sales, self.user_supervisor):
            with self.assertRaises(AccessError):
                self._as(user, preview).read(["value"])

    # ------------------------------------------------------------------
    # Reports
    # ------------------------------------------------------------------
    def _own(self, model, user_field, date_field, **values):
        def field(name):
            return self.env["ir.model.fields"]._get(model, name).id

        return self.env["manager.indicator"].create(
            {
                "name": "Own",
                "code": f"own_{model.replace('.', '_')}",
                "source": "report",
                "unit": "count",
                "model_id": self.env["ir.model"]._get_id(model),
                "user_field_id": field(user_field),
                "date_field_id": field(date_field),
                **values,
            }
        )

    def test_each_report_of_the_list_can_be_counted(self):
        self.assertEqual(len(set(REPORTS)), 9)
        indicators = self.env["manager.indicator"]
        for model in REPORTS:
            fields = self.env[model]._fields
            user = next(name for name in ("user_id", "salesperson_id") if name in fields)
            day = next(name for name in ("date", "due_date", "date_promised") if name in fields)
            self.assertIn("company_id", fields)
            indicators |= self._own(model, user, day)
        self._sell(self.user_sales, 100)
        values = indicators._compute_values(self.company_eur, *MARCH)
        turnover = indicators.filtered(lambda each: each.model_name == "partner.turnover.report")
        self.assertEqual(values[turnover.id, self.user_sales.id].count, 1)
        self.env.execute_query(indicators._get_evidence(self.company_eur, *MARCH))

    def test_filter_that_follows_the_period(self):
        """Calls whose entry was planned within the period; days of moments are those of the company."""
        failures, count = doctest.testmod(period_filter)
        self.assertFalse(failures)
        self.assertGreater(count, 3)
        self.company_eur.partner_id.tz = "Asia/Ho_Chi_Minh"
        model = "partner.contact.log"
        own = self._own(
            model,
            "user_id",
            "date",
            domain="[('date', '>=', 'period_end -1w'), ('date', '<=', 'period_end')]",
        )
        for moment in (
            datetime(2025, 3, 23, 16, 59, 59),
            datetime(2025, 3, 23, 17),
            datetime(2025, 3, 31, 16, 59, 59),
            datetime(2025, 4, 23, 17),
            datetime(2025, 4, 22, 16, 59),
        ):
            self.env[model].create(
                {
                    "title": "Call",
                    "partner_id": self.customer.id,
                    "user_id": self.user_sales.id,
                    "company_id": self.company_eur.id,
                    "channel": "phone",
                    "state": "done",
                    "date": moment,
                }
            )
        key = own.id, self.user_sales.id
        self.assertEqual(own._compute_values(self.company_eur, *MARCH)[key].value, 2)
        april = date(2025, 4, 1), date(2025, 4, 30)
        self.assertEqual(own._compute_values(self.company_eur, *april)[key].value, 1)
        with self.assertRaisesRegex(UserError, "cannot be used"), self.cr.savepoint():
            own.domain = "[('date', '>=', 'period_start -1q')]"
