from odoo import models

from ...tools.sums import known
from ...tools.workbook import Column
from .partner_inquiry_report import STEPS

COLUMNS = (
    *("date", "name", "partner_id", "contact_id", "inquiry_stage", "channel", "source_id", "asked_source_id"),
    *(
        "medium_id",
        "campaign_id",
        "user_id",
        "team_id",
        "country_id",
        "state_id",
        "result",
        "reason",
        "age_days",
    ),
    *("sale_order_id", "sale_date", "days_to_sale", "sale_value", "lost_reason_id", "company_id"),
)
COUNTS = (
    "inquiry_count",
    "mature_count",
    "converted_count",
    "young_count",
    "young_converted_count",
    "lost_count",
)
FIGURES = (*(f"{name}:sum" for name in COUNTS), "conversion_rate:avg", "days_to_sale:avg", "sale_value:sum")
AXES = (
    "source_id",
    "campaign_id",
    "user_id",
    "team_id",
    "country_id",
    "state_id",
    "categ_ids",
    "product_ids",
)


class PartnerInquiryReport(models.Model):
    """The conversion of inquiries as an Excel file: the funnel, the rates by each axis, and the inquiries."""

    _name = "partner.inquiry.report"
    _inherit = ["partner.inquiry.report", "partner.excel.mixin"]

    def _build_excel(self, book, domain, kind):
        page = self._start_excel_summary(book)
        self._write_excel_funnel(page, domain)
        for axis in ("date:month", *AXES):
            self._write_excel_axis(page, domain, axis)
        columns = [
            self._get_excel_column(
                name,
                **({"total": "sum"} if name == "sale_value" else {}),
                **({"wrap": True, "max_width": 50} if name == "reason" else {}),
            )
            for name in COLUMNS
            if name != "company_id" or len(self.env.companies) > 1
        ]
        book.table(book.style.title, columns, self._get_excel_rows(domain, columns))
        book.parameters(
            self._get_excel_report_facts(
                domain,
                # sudo: the setting that the figures follow
                (
                    self._get_excel_column("window_days").title,
                    self.env.company.sudo().inquiry_days,
                    "integer",
                ),
            )
        )

    def _write_excel_funnel(self, page, domain):
        [counts] = self._read_group(domain, [], [f"{name}:sum" for name in STEPS])
        counts = [count or 0 for count in counts]
        if not counts[0]:
            return
        rows = [
            (
                self._get_funnel_label(key),
                count,
                count / counts[0],
                before - count if before is not None else None,
                count / before if before else None,
            )
            for key, count, before in zip(STEPS, counts, [None, *counts], strict=False)
        ]
        page.block(
            [
                Column(self.env._("Step")),
                Column(self.env._("Reached"), "integer"),
                Column(self.env._("Of All"), "percent"),
                Column(self.env._("Lost"), "integer"),
                Column(self.env._("Of the Step Before"), "percent"),
            ],
            rows,
            title=self.env._("Funnel"),
        )

    def _write_excel_axis(self, page, domain, axis):
        """Write the conversion by one field, with the total of all where a row is in one group only."""
        groups = self._read_group(domain, [axis], FIGURES, order=axis)
        if not groups:
            return
        [total] = self._read_group(domain, [], FIGURES)
        total = dict(zip(FIGURES, map(known, total), strict=True))
        column, get_label = self._get_excel_group_column(axis), self._get_excel_group_label(axis)
        columns = [
            column,
            *(self._get_excel_column(count, total=total[f"{count}:sum"]) for count in COUNTS),
            Column(
                self._get_excel_column("conversion_rate").title, "percent", total=total["conversion_rate:avg"]
            ),
            Column(
                self._get_excel_column("days_to_sale").title,
                "float",
                decimals=1,
                total=total["days_to_sale:avg"],
            ),
            self._get_excel_column("sale_value", total=total["sale_value:sum"]),
        ]
        rows = [
            # the mean of nothing and the rate of nothing are empty; a sum without converted ones is, too
            (get_label(group), *(known(figure) for figure in figures[:-1]), figures[-1] or None)
            for group, *figures in groups
        ]
        page.block(columns, rows, title=column.title)
