from odoo import models

from ...tools.sums import known

SHARES = {"roi", "response_rate", "budget_use", "revenue_share"}
UNTOTALLED = {"payback_days", "sent_count", "opened_count", "clicked_count", "response_count"}
FIGURES = (
    *("cost", "entered_cost", "bill_cost", "sent_count", "opened_count", "clicked_count", "response_count"),
    *("response_rate", "lead_count", "inquiry_count", "cost_per_lead", "order_count", "new_customer_count"),
    *("cost_per_customer", "revenue", "profit", "roi", "payback_days", "result"),
)


class PartnerCampaignFigures(models.AbstractModel):
    """The results as an Excel file: one sheet of figures with their totals."""

    _name = "partner.campaign.figures"
    _inherit = ["partner.campaign.figures", "partner.excel.mixin"]

    def _get_excel_names(self):
        """Return the fields that become columns."""
        return FIGURES

    def _get_excel_totals(self, names, domain):
        """Return {field: its total}, of one statement; people counted in two rows have none."""
        specs = {
            name: f"{name}:{self._fields[name].aggregator}"
            for name in names
            if self._fields[name].aggregator
            and name not in UNTOTALLED
            and self._fields[name].type in ("float", "integer", "monetary")
        }
        [totals] = self._read_group(domain, [], [*specs.values()])
        return {name: known(total) for name, total in zip(specs, totals, strict=True)}

    def _build_excel(self, book, domain, kind):
        names = [
            name for name in self._get_excel_names() if name != "company_id" or len(self.env.companies) > 1
        ]
        totals = self._get_excel_totals(names, domain)
        columns = [
            self._get_excel_column(
                name,
                **({"kind": "percent"} if name in SHARES else {}),
                **({"total": totals[name]} if name in totals else {}),
            )
            for name in names
        ]
        book.table(book.style.title, columns, self._get_excel_rows(domain, columns))
        # sudo: the setting that the figures follow
        company = self.env.company.sudo()
        models_ = dict(company._fields["campaign_model"]._description_selection(self.env))
        touches = dict(company._fields["campaign_touch"]._description_selection(self.env))
        book.parameters(
            self._get_excel_report_facts(
                domain,
                (self.env._("Attribution of Sales"), models_[company.campaign_model or "last"]),
                (self.env._("Days a Touch Counts"), company.campaign_days, "integer"),
                (self.env._("What Is a Touch"), touches[company.campaign_touch or "response"]),
            )
        )
