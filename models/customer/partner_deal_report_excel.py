from odoo import models

from ...tools.sums import known
from ...tools.workbook import Column

COLUMNS = (
    *("name", "kind", "partner_id", "contact_id", "waits_for", "stage", "reason", "date", "age_days"),
    *("date_expected", "days_overdue", "last_contact_date", "days_without_contact", "next_step_date"),
    *("value", "probability", "weighted_value", "forecast_value", "undelivered_value", "uninvoiced_value"),
    *("to_invoice_value", "unpaid_value", "user_id", "team_id", "company_id"),
)
SUMS = (
    *("value", "weighted_value", "forecast_value"),
    *("undelivered_value", "uninvoiced_value", "to_invoice_value", "unpaid_value"),
)
FIGURES = ("__count", "value:sum", "forecast_value:sum", "uninvoiced_value:sum", "unpaid_value:sum")


class PartnerDealReport(models.Model):
    """The unfinished deals as an Excel file."""

    _name = "partner.deal.report"
    _inherit = ["partner.deal.report", "partner.excel.mixin"]

    def _build_excel(self, book, domain, kind):
        page = self._start_excel_summary(book)
        for axis in ("phase", "user_id", "team_id"):
            self._write_excel_axis(page, domain, axis)
        columns = [
            self._get_excel_column(
                name,
                **({"total": "sum"} if name in SUMS else {}),
                **({"wrap": True, "max_width": 50} if name == "reason" else {}),
                **({"kind": "points"} if name == "probability" else {}),
            )
            for name in COLUMNS
            if name != "company_id" or len(self.env.companies) > 1
        ]
        book.table(book.style.title, columns, self._get_excel_rows(domain, columns))
        book.parameters(self._get_excel_report_facts(domain))

    def _write_excel_axis(self, page, domain, axis):
        """Write the deals and their amounts by one field."""
        groups = self._read_group(domain, [axis], FIGURES, order=axis)
        if not groups:
            return
        column, get_label = self._get_excel_group_column(axis), self._get_excel_group_label(axis)
        columns = [
            column,
            Column(self.env._("Deals"), "integer", name="count", total="sum"),
            *(self._get_excel_column(spec.partition(":")[0], total="sum") for spec in FIGURES[1:]),
        ]
        page.block(
            columns,
            [(get_label(group), *map(known, figures)) for group, *figures in groups],
            title=column.title,
        )
