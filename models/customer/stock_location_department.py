from odoo import fields, models


class StockLocation(models.Model):
    """Locations that are departments: a transfer between two of them is an internal order."""

    _inherit = "stock.location"

    is_department = fields.Boolean(
        string="Department",
        help="Transfers into and out of this location and those within it count as internal orders, even inside "
        "one warehouse: a workshop, a showroom, a branch. Steps of storing and shipping do not count.",
    )
