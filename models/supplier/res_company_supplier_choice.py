from odoo import fields, models


class ResCompany(models.Model):
    """Weights with which the suppliers of a product are compared; a supplier with a portal login reads the company."""

    _inherit = "res.company"

    supplier_choice_price_weight = fields.Float(
        string="Weight of the Price", default=50, prefetch="relations", groups="base.group_user"
    )
    supplier_choice_lead_weight = fields.Float(
        string="Weight of the Lead Time", default=20, prefetch="relations", groups="base.group_user"
    )
    supplier_choice_reliability_weight = fields.Float(
        string="Weight of the Reliability", default=30, prefetch="relations", groups="base.group_user"
    )

    _supplier_choice_weights = models.Constraint(
        "CHECK (COALESCE(supplier_choice_price_weight, 0) >= 0 AND COALESCE(supplier_choice_lead_weight, 0) >= 0 "
        "AND COALESCE(supplier_choice_reliability_weight, 0) >= 0)",
        "A weight in the comparison of suppliers cannot be negative. Enter 0 to leave a criterion out.",
    )
