from odoo import models

from ...tools.sums import known
from ...tools.workbook import Column

COLUMNS = (
    *(
        "date",
        "kind",
        "name",
        "partner_id",
        "source_warehouse_id",
        "warehouse_id",
        "user_id",
        "team_id",
        "product_id",
    ),
    *("categ_id", "quantity", "value", "in_time", "is_complete", "company_id"),
)
AXES = ("kind", "date:month", "warehouse_id", "user_id", "partner_id")
FIGURES = ["__count", "line_count:sum", "quantity:sum", "value:sum", "in_time_rate:avg"]


class PartnerClosedOrderReport(models.Model):
    """Closed orders as an Excel file."""

    _name = "partner.closed.order.report"
    _inherit = ["partner.closed.order.report", "partner.excel.mixin"]

    def _build_excel(self, book, domain, kind):
        page = self._start_excel_summary(book)
        for axis in AXES:
            self._write_excel_axis(page, domain, axis)
        columns = [
            self._get_excel_column(name, **({"total": "sum"} if name == "value" else {}))
            for name in COLUMNS
            if name != "company_id" or len(self.env.companies) > 1
        ]
        # whether it was in time may be unknown, which is not “no”
        yes, no = self.env._("Yes"), self.env._("No")
        columns = [
            self._get_excel_column("in_time", kind="text") if column.name == "in_time" else column
            for column in columns
        ]
        derived = {"in_time": lambda row: {True: yes, False: no}.get(row["in_time"])}
        book.table(
            book.style.title,
            columns,
            self._get_excel_rows(domain, columns, derived=derived, raw=("in_time",)),
        )
        book.parameters(self._get_excel_report_facts(domain))

    def _write_excel_axis(self, page, domain, axis):
        """Write the orders by one field."""
        groups = self._read_group(
            domain,
            [axis],
            FIGURES,
            order=axis if axis in ("kind", "date:month") else "value:sum desc nulls last",
        )
        if not groups:
            return
        column, get_label = self._get_excel_group_column(axis), self._get_excel_group_label(axis)
        [total] = self._read_group(domain, [], FIGURES)
        columns = [
            column,
            # an order with lines in several groups counts in each of them, and once in the total
            Column(self.env._("Orders"), "integer", total=total[0]),
            self._get_excel_column("line_count", total="sum"),
            self._get_excel_column("quantity"),
            self._get_excel_column("value", total="sum"),
            Column(self._get_excel_column("in_time_rate").title, "percent", total=known(total[-1])),
        ]
        page.block(
            columns,
            [(get_label(group), *map(known, figures)) for group, *figures in groups],
            title=column.title,
        )
