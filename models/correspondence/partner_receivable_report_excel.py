from odoo import models

from ...tools.sums import known
from ...tools.workbook import Column

AGES = ("not_due", "days_30", "days_60", "days_90", "older")
COLUMNS = (
    *("partner_id", "move_id", "kind", "date", "date_due", "days_overdue", "bucket", "is_disputed"),
    *("currency_id", "amount_currency", "company_currency_id", "amount", "user_id", "company_id"),
)


class PartnerReceivableReport(models.Model):
    """Receivables by age as an Excel file: by customer, by salesperson, and item by item."""

    _name = "partner.receivable.report"
    _inherit = ["partner.receivable.report", "partner.excel.mixin"]

    def _build_excel(self, book, domain, kind):
        for axis, title in (
            ("partner_id", self.env._("By Customer")),
            ("user_id", self.env._("By Salesperson")),
        ):
            self._write_excel_ages(book, domain, axis, title)
        # amounts of different currencies have no sum
        totals = {} if self._is_excel_mixed() else {"amount": {"total": "sum"}}
        columns = [
            self._get_excel_column(name, **totals.get(name, {}))
            for name in COLUMNS
            if (name != "company_id" or len(self.env.companies) > 1)
            and (name != "company_currency_id" or self._is_excel_mixed())
        ]
        book.table(self.env._("Items"), columns, self._get_excel_rows(domain, columns))
        book.parameters(
            [
                (self._get_excel_column("company_id").title, ", ".join(self.env.companies.mapped("name"))),
                (self.env._("Currency"), self.env.company.currency_id.name),
                *self._get_excel_filter_facts(domain),
                (self.env._("Exported By"), self.env.user.name),
            ]
        )

    def _is_excel_mixed(self):
        """Whether the companies have different currencies."""
        return len(self.env.companies.currency_id) > 1

    def _write_excel_ages(self, book, domain, axis, title):
        """Write a sheet with a row for each group, and its amounts by age.

        As in the list, in the currency of the company at work.
        """
        aggregate = "sum_currency" if self._is_excel_mixed() else "sum"
        figures = tuple(f"{name}:{aggregate}" for name in ("amount", *AGES))
        groups = self._read_group(domain, [axis], figures, order=axis)
        columns = [
            Column(self._get_excel_column(axis).title, max_width=50),
            *(self._get_excel_column(spec.partition(":")[0], total="sum") for spec in figures),
        ]

        def get_label(group):
            # sudo: as in every list of Odoo, the name of a group of readable records is shown
            return group.sudo().display_name if group else self.env._("None")

        book.table(title, columns, [(get_label(group), *map(known, sums)) for group, *sums in groups])
