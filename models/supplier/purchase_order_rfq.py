from odoo import fields, models


class PurchaseOrder(models.Model):
    """When a supplier was asked for a quotation, and when it answered."""

    _inherit = "purchase.order"

    rfq_sent_date = fields.Datetime(copy=False)
    rfq_answer_date = fields.Datetime(copy=False)
