from lxml import html

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .classified import ClassifiedCommon

REPORT = "partner_relations.partner_classification_report_summary"


@tagged("post_install", "-at_install")
class TestClassificationSummary(ClassifiedCommon):
    """The summary of a run for a meeting."""

    def _render(self, user, run):
        report = self._as(user).env["ir.actions.report"]
        content, _kind = report._render_qweb_html(REPORT, run.ids)
        page = html.fromstring(content).xpath("//div[contains(@class, 'o_classification_summary')]")
        self.assertEqual(len(page), 1)
        return " ".join(page[0].text_content().replace("\xa0", " ").split())

    def test_figures(self):
        words = self._render(self.user_director, self.run2)
        for expected in (
            "Selling in Euro",
            "A: 1 customer (33.3% of those with a class), 73.5% of the revenue: 14,400.00 €.",
            "B: 1 customer (33.3% of those with a class), 20.4% of the revenue: 4,000.00 €.",
            "C → Lost: 1 customer, 700.00 €",
            "Big Customer A X Regular 14,400.00 € 14,280.00 € 73.5%",
            "Share of A: 70.00%",
            # what an empty run and the first one do not have
            "Migrations since",
            "The Largest Customers",
            "Printed on",
            f"by {self.user_director.name}.",
        ):
            self.assertIn(expected, words)
        self.assertNotIn("Counted are the partners", words)
        # the sum of all, in the last cell of the matrix
        self.assertIn("19,600.00 € 19,440.00 €", words)

    def test_rights(self):
        words = self._render(self.user_sales, self.run2)
        self.assertIn("Big Customer", words)
        self.assertIn("Counted are the partners in the care of", words)
        for hidden in ("Middle Customer", "Small Customer", "4,000.00", "19,600.00"):
            self.assertNotIn(hidden, words)
        self.assertIn("15,100.00 €", words)

    def test_company(self):
        self._sell(self.big, 300, "2025-02-01", company=self.company_usd)
        run = self._classify(self.company_usd, "2025-03-31")
        with self.assertRaises(AccessError):
            self._render(self.user_director, run)
        self.user_director.company_ids = self.company_eur + self.company_usd
        words = self._render(self.user_director, run)
        self.assertIn("Selling in Dollar", words)
        self.assertIn("$ 300.00", words)
        self.assertNotIn("14,400.00", words)

    def test_first_run_and_empty(self):
        words = self._render(self.user_director, self.run1)
        self.assertNotIn("Migrations since", words)
        words = self._render(self.user_sub, self._classify(self.company_eur, "2023-03-31", post=False))
        self.assertNotIn("Migrations since", words)
        self.assertNotIn("The Largest Customers", words)

    def test_suppliers(self):
        bill = self._sell(self.big, 60, "2025-03-03", move_type="in_invoice")
        self.assertEqual(bill.state, "posted")
        words = self._render(
            self.user_director, self._classify(self.company_eur, "2025-03-31", kind="supplier")
        )
        self.assertIn("A: 1 supplier (100.0% of those with a class), 100.0% of the spend: 60.00 €.", words)
        self.assertNotIn("XYZ", words)
        self.assertNotIn("Stages", words)
