from odoo import fields, models


class ResCompany(models.Model):
    """Settings of the unfinished deals that each company decides."""

    _inherit = "res.company"

    quotation_probability = fields.Float(
        string="Probability of Quotations (%)",
        default=50.0,
        help="With which probability an open quotation without opportunity counts in the weighted value and in the "
        "forecast, in percent. A quotation with an opportunity has that one's.",
        prefetch="relations",
        groups="base.group_user",
    )

    _quotation_probability_range = models.Constraint(
        "CHECK (quotation_probability BETWEEN 0 AND 100)",
        "The probability of quotations must lie between 0 and 100 percent.",
    )
