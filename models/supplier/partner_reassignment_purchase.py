from odoo import api, fields, models


class PartnerReassignment(models.Model):
    """Purchase orders that still wait for something are work that can be given to somebody else."""

    _inherit = "partner.reassignment"

    purchase_count = fields.Integer(string="Requests for Quotation and Purchase Orders", readonly=True)

    @api.model
    def _get_kinds(self):
        kinds = super()._get_kinds()
        kinds["purchases"] = {
            "model": "purchase.order",
            "field": "user_id",
            # not what was received and billed, nor that of which nothing came and nothing will
            "domain": [
                ("state", "in", ("draft", "sent", "to approve", "purchase")),
                "|",
                ("state", "!=", "purchase"),
                "|",
                ("receipt_status", "in", ("pending", "partial")),
                "|",
                ("invoice_status", "=", "to invoice"),
                "&",
                ("receipt_status", "=", False),
                ("invoice_status", "=", "no"),
            ],
            "option": "with_purchases",
            "count": "purchase_count",
            "label": self.env._("requests for quotation and purchase orders"),
        }
        return kinds
