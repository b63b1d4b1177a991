from odoo import models

from ...tools.sums import known
from ...tools.workbook import Column

COLUMNS = (
    *("failure_date", "kind", "order_name", "partner_id", "reason_id", "fault", "product_id", "categ_id"),
    *(
        "failed_quantity",
        "failed_value",
        "date",
        "user_id",
        "team_id",
        "closed_by_id",
        "abc_class",
        "xyz_class",
    ),
    *("stage", "company_id"),
)
SUMS = ("failed_value",)
AXES = ("reason_id", "fault", "user_id", "team_id", "categ_id", "abc_class", "date:month")
FIGURES = ["failure_id:count_distinct", "failed_value:sum", "base_value:sum", "rate:avg"]


class PartnerOrderFailureReport(models.Model):
    """Failed orders as an Excel file: each kind with its causes, then the lines."""

    _name = "partner.order.failure.report"
    _inherit = ["partner.order.failure.report", "partner.excel.mixin"]

    def _build_excel(self, book, domain, kind):
        page = self._start_excel_summary(book)
        kinds = [value for value, count in self._read_group(domain, ["kind"], ["__count"]) if count]
        labels = dict(self._fields["kind"]._description_selection(self.env))
        # each kind by itself: they have different cohorts
        for value in kinds:
            for axis in AXES:
                self._write_excel_axis(page, [*domain, ("kind", "=", value)], labels[value], axis)
        columns = [
            self._get_excel_column(name, **({"total": "sum"} if name in SUMS else {}))
            for name in COLUMNS
            if name != "company_id" or len(self.env.companies) > 1
        ]
        book.table(book.style.title, columns, self._get_excel_rows(domain, columns))
        book.parameters(self._get_excel_report_facts(domain))

    def _write_excel_axis(self, page, domain, kind, axis):
        """Write the failures of one kind by one field, those with the highest value first."""
        order = axis if axis == "date:month" else "failed_value:sum desc nulls last"
        groups = [
            (group, *map(known, figures))
            for group, *figures in self._read_group(domain, [axis], FIGURES, order=order)
        ]
        # whoever has no failure and no cohort is not there; without a failure the rate is 0
        groups = [group for group in groups if any(value for value in group[1:])]
        if not groups:
            return
        column, get_label = self._get_excel_group_column(axis), self._get_excel_group_label(axis)
        [total] = self._read_group(domain, [], FIGURES)
        total_rate = known(total[-1])
        columns = [
            column,
            Column(self._get_excel_column("failure_id").title, "integer"),
            self._get_excel_column("failed_value", total="sum"),
            self._get_excel_column("base_value"),
            Column(
                self._get_excel_column("rate").title,
                "percent",
                total=None if total_rate is None else total_rate / 100,
            ),
        ]
        page.block(
            columns,
            [
                (get_label(group), count, failed, base, None if share is None else share / 100)
                for group, count, failed, base, share in groups
            ],
            title=f"{kind} – {column.title}",
        )
