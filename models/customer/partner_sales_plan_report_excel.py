from odoo import models

from ...tools.sums import known
from ...tools.workbook import Column

SUMS = ("plan", "team_plan", "result", "gap", "forecast", "profit_plan", "team_profit_plan", "profit")
SHARES = ("fulfilled", "team_fulfilled", "profit_fulfilled", "team_profit_fulfilled")
FIGURES = [*(f"{name}:sum" for name in SUMS), *(f"{name}:avg" for name in SHARES)]
# By which the figures are told apart, a sheet each
SHEETS = (
    (["user_id"], "user_id"),
    (["team_id"], "team_id"),
    (["date:month"], "date"),
    (["date:month", "user_id"], None),
)


class PartnerSalesPlanReport(models.Model):
    """Plan and result as an Excel file: by salesperson, by team, by month, and by month and salesperson."""

    _name = "partner.sales.plan.report"
    _inherit = ["partner.sales.plan.report", "partner.excel.mixin"]

    def _check_excel_size(self, domain, kind):
        """Anything goes: only groups are written."""

    def _build_excel(self, book, domain, kind):
        [total] = self._read_group(domain, [], FIGURES)
        total = [*map(known, total)]
        for groupby, axis in SHEETS:
            title = self._get_excel_column(axis).title if axis else self.env._("Month and Salesperson")
            columns = [
                *(self._get_excel_group_column(spec) for spec in groupby),
                *(self._get_excel_column(name, total="sum") for name in SUMS[:3]),
                # a gap is there where a plan is: of all, plan less result of the months that have one
                self._get_excel_column("gap", total=total[SUMS.index("gap")]),
                *(self._get_excel_column(name, total="sum") for name in SUMS[4:]),
                *(
                    Column(self._get_excel_column(name).title, "percent", total=total[len(SUMS) + index])
                    for index, name in enumerate(SHARES)
                ),
            ]
            book.table(title, columns, self._get_excel_groups(domain, groupby), frozen_columns=len(groupby))
        book.parameters(self._get_excel_report_facts(domain))

    def _get_excel_groups(self, domain, groupby):
        """Yield the rows of a sheet."""
        labels = [self._get_excel_group_label(spec) for spec in groupby]
        for row in self._read_group(domain, groupby, FIGURES, order=", ".join(groupby)):
            groups, figures = row[: len(groupby)], row[len(groupby) :]
            names = [get_label(group) for get_label, group in zip(labels, groups, strict=True)]
            yield [*names, *map(known, figures)]
