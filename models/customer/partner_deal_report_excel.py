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
        page = book.page(self.env._("Summary"))
        page.heading(book.style.title)
        page.note(
            f"{', '.join(self.env.companies.mapped('name'))} · {self.env.company.currency_id.name}",
        )
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
        book.parameters(
            [
                (self._get_excel_column("company_id").title, ", ".join(self.env.companies.mapped("name"))),
                (self.env._("Currency"), self.env.company.currency_id.name),
                *self._get_excel_filter_facts(domain),
                (self.env._("Exported By"), self.env.user.name),
            ]
        )

    def _write_excel_axis(self, page, domain, axis):
        """Write the deals and their amounts by one field."""
        groups = self._read_group(domain, [axis], FIGURES, order=axis)
        if not groups:
            return
        field = self._fields[axis]
        labels = dict(field._description_selection(self.env)) if field.type == "selection" else None

        def get_label(group):
            if labels is not None:
                return labels.get(group)
            # sudo: as in every list of Odoo, the name of a group of readable records is shown
            return group.sudo().display_name if group else self.env._("None")

        title = self._get_excel_column(axis).title
        columns = [
            Column(title, max_width=40),
            Column(self.env._("Deals"), "integer", name="count", total="sum"),
            *(self._get_excel_column(spec.partition(":")[0], total="sum") for spec in FIGURES[1:]),
        ]
        page.block(
            columns, [(get_label(group), *map(known, figures)) for group, *figures in groups], title=title
        )
