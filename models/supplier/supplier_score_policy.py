from odoo import api, fields, models


class SupplierScorePolicy(models.Model):
    """How a company measures the reliability of its suppliers, and what follows from it."""

    _name = "supplier.score.policy"
    _description = "Supplier Rating Policy"
    _inherit = ["mail.thread"]
    _order = "company_id, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, default=lambda self: self.env._("Standard"))
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    window_days = fields.Integer(
        string="Days Measured",
        required=True,
        default=365,
        tracking=True,
        help="Lines promised within so many days up to today make the current score.",
    )
    min_lines = fields.Integer(
        string="Due Lines Needed",
        required=True,
        default=3,
        tracking=True,
        help="A supplier with fewer due lines in the window is not rated.",
    )
    grace_days = fields.Integer(
        required=True,
        default=0,
        tracking=True,
        help="A receipt up to so many days after the promise still counts as in time.",
    )
    price_tolerance = fields.Float(
        string="Price Tolerance (%)",
        required=True,
        default=0.5,
        tracking=True,
        help="A price that differs from the agreed one by at most so much complies.",
    )
    price_scope = fields.Selection(
        [("over", "Only higher prices"), ("both", "Higher and lower prices")],
        string="Deviations That Count",
        required=True,
        default="over",
        tracking=True,
    )
    grade_high = fields.Float(string="High from", required=True, default=80, tracking=True)
    grade_medium = fields.Float(string="Medium from", required=True, default=50, tracking=True)
    use_warning = fields.Boolean(
        string="Warn", tracking=True, help="Warn on orders to suppliers with a low score."
    )
    warn_below = fields.Float(required=True, default=50, tracking=True)
    use_block = fields.Boolean(
        string="Block",
        tracking=True,
        help="Refuse to send and confirm orders to suppliers with a very low score.",
    )
    block_below = fields.Float(required=True, default=30, tracking=True)
    criterion_ids = fields.One2many("supplier.score.criterion", "policy_id", string="Criteria", copy=True)

    _one_active = models.UniqueIndex("(company_id) WHERE active", "A company has one supplier rating policy.")

    @api.model
    def _get_for(self, company):
        """Return the policy of ``company``, made with the defaults if it has none."""
        policy = self.search([("company_id", "=", company.id)], limit=1)
        return policy or self.create({"company_id": company.id})
