import io
from datetime import datetime, time, timedelta

from openpyxl import load_workbook

from odoo.tests import tagged

from odoo.addons.partner_relations.tools.workbook import Workbook

from .inquiring import TODAY, InquiringCommon


@tagged("post_install", "-at_install")
class TestInquiryFunnel(InquiringCommon):
    """Five inquiries: one only asked, one was called, one is an opportunity, one has a quotation, one bought."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fair = cls.env["utm.source"].create({"name": "Test Fair"})
        partners = cls.env["res.partner"].create([{"name": f"Step {number}"} for number in range(5)])
        cls.leads = cls.env["crm.lead"].concat(
            *(
                cls._inquire(
                    partner,
                    100,
                    type="opportunity" if number == 2 else "lead",
                    source_id=number > 2 and cls.fair.id,
                    user_id=(cls.user_sales if number else cls.user_sales2).id,
                )
                for number, partner in enumerate(partners)
            )
        )
        cls.env["partner.contact.log"].create(
            {
                "name": "We call",
                "partner_id": partners[1].id,
                "date": datetime.combine(TODAY - timedelta(days=99), time(8)),
                "company_id": cls.company_eur.id,
            }
        )
        cls._buy(partners[3], 95, state="sent")
        cls._buy(partners[4], 95)

    def _funnel(self, user=None, **filters):
        self.env.flush_all()
        report = self.report.with_user(user) if user else self.report
        return report.get_inquiry_funnel(filters)

    def test_steps(self):
        funnel = self._funnel()
        self.assertEqual(
            [
                (step["name"], step["count"], step["share"], step["lost"], step["step_share"])
                for step in funnel["steps"]
            ],
            [
                ("Inquiry", 5, 1.0, 0, False),
                ("Contacted", 4, 0.8, 1, 0.8),
                ("Opportunity", 3, 0.6, 1, 0.75),
                ("Quotation", 2, 0.4, 1, 2 / 3),
                ("Order", 1, 0.2, 1, 0.5),
                ("Paid", 0, 0.0, 1, 0.0),
            ],
        )
        self.assertEqual((funnel["conversion"], funnel["mature"]), (0.2, 5))

    def test_drill_down(self):
        """Behind each figure are as many inquiries as it says."""
        steps = self._funnel()["steps"]
        for step in steps:
            self.assertEqual(self.report.search_count(step["domain"]), step["count"], step["name"])
            if step["lost"]:
                self.assertEqual(self.report.search_count(step["lost_domain"]), step["lost"], step["name"])
        self.assertEqual(self.report.search(steps[1]["lost_domain"]).lead_id, self.leads[0])

    def test_filters(self):
        self.assertEqual(self._funnel(source_id=self.fair.id)["steps"][0]["count"], 2)
        self.assertEqual(self._funnel(source_id=False)["steps"][0]["count"], 3)
        self.assertEqual(self._funnel(user_id=self.user_sales2.id)["steps"][0]["count"], 1)
        # of this month and the two before: since 1 September
        self.assertEqual(self._funnel(months=3)["steps"][0]["count"], 0)
        self.assertEqual(self._funnel(months=6)["steps"][0]["count"], 5)
        self.leads[0].inquiry_date = TODAY
        self.assertEqual(self._funnel(is_mature=True)["steps"][0]["count"], 4)
        self.assertEqual(self._funnel(months="x; DROP", source_id=None)["filters"]["months"], 12)
        choices = self._funnel()["choices"]
        self.assertEqual(choices["source_id"], [[self.fair.id, "Test Fair"], [False, "None"]])
        self.assertEqual(choices["campaign_id"], [[False, "None"]])

    def test_nothing(self):
        funnel = self._funnel(user_id=self.user_director.id)
        self.assertEqual([step["share"] for step in funnel["steps"]], [False] * 6)
        self.assertFalse(funnel["conversion"])
        self.assertIs(funnel["conversion"], False)

    def test_rights(self):
        self.assertEqual(self._funnel(self.user_sales2)["steps"][0]["count"], 1)
        self.assertEqual(self._funnel(self.user_supervisor)["steps"][0]["count"], 4)
        self.assertEqual(self._funnel(self.user_director)["steps"][0]["count"], 5)

    def test_excel(self):
        """The file has the funnel, the conversion by each axis and the inquiries, and the same totals."""
        self.env.flush_all()
        report = self.report.with_user(self.user_director)
        self.user_director.group_ids += self.env.ref("base.group_allow_export")
        action = report.action_export_funnel({"months": 12})
        export = (
            self.env["partner.export"]
            .browse(int(action["url"].rpartition("/")[2]))
            .with_user(self.user_director)
        )
        [first, *_rest] = export.domain
        self.assertEqual(tuple(first[:2]), ("date", ">="))
        buffer = io.BytesIO()
        with Workbook(buffer, report._get_excel_style("Conversion", self.company_eur)) as book:
            report._build_excel(book, [], "")
        book = load_workbook(io.BytesIO(buffer.getvalue()))
        summary = [
            [cell for cell in row if cell is not None]
            for row in book.worksheets[0].iter_rows(values_only=True)
        ]
        self.assertIn(["Order", 1, 0.2, 1, 0.5], summary)
        [fair] = [row for row in summary if row and row[0] == "Test Fair"]
        self.assertEqual(fair[1:8], [2, 2, 1, 0, 0, 0, 0.5])
        self.assertIn("Total", [row[0] for row in summary if row])
        details = book.worksheets[1]
        names = [row[1] for row in details.iter_rows(values_only=True)]
        self.assertEqual(names.count("Inquiry"), 6, "the title and the rows")
