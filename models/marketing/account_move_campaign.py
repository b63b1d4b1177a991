from odoo import fields, models


class AccountMove(models.Model):
    """An invoice that replaces another one is the same sale."""

    _inherit = "account.move"

    # A nullable column: adding it rewrites nothing.
    replaced_move_id = fields.Many2one(
        "account.move",
        string="Replaced Invoice",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The invoice that was reversed to make this one, the first one of several: touches of campaigns are "
        "counted back from its date.",
        groups="base.group_user",
    )
