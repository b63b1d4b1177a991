from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of the comparison of suppliers."""

    _inherit = "res.config.settings"

    supplier_choice_price_weight = fields.Float(
        related="company_id.supplier_choice_price_weight",
        readonly=False,
        help="How much the price counts. Points: cheapest price ÷ price × 100.",
    )
    supplier_choice_lead_weight = fields.Float(
        related="company_id.supplier_choice_lead_weight",
        readonly=False,
        help="How much the lead time counts. Points: shortest lead time ÷ lead time × 100.",
    )
    supplier_choice_reliability_weight = fields.Float(
        related="company_id.supplier_choice_reliability_weight",
        readonly=False,
        help="How much the reliability counts. Points: the supplier's score.",
    )
