from odoo import models



class PartnerCampaignSale(models.Model):
    """The single sales as an Excel file, with the rights of whoever exports."""

    _name = "partner.campaign.sale"
    _inherit = ["partner.campaign.sale", "partner.excel.mixin"]

    def _build_excel(self, book, domain, kind):
        names = (
            *("date", "move_id", "order_id", "partner_id", "campaign_id", "user_id", "is_new", "revenue", "profit"),
            *("how", "touch_kind", "touch_moment", "reason"),
        )  # fmt: skip
        columns = [
            self._get_excel_column(name, **({"total": "sum"} if name in ("revenue", "profit") else {}))
            for name in names
        ]
        book.table(book.style.title, columns, self._get_excel_rows(domain, columns))
        book.parameters(
            [
                (self.env._("Currency"), self.env.company.currency_id.name),
                *self._get_excel_filter_facts(domain),
                (self.env._("Exported By"), self.env.user.name),
            ]
        )
