from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class ManagerBonusBase(models.Model):
    """The amount that a sales manager's bonus is a part of, from a day on until the next entry."""

    _name = "manager.bonus.base"
    _description = "Base Amount of a Bonus"
    _inherit = ["partner.guarded.mixin"]
    _order = "user_id, company_id, date_from desc, id"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        string="Manager",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('share', '=', False)]",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(
        string="From",
        required=True,
        default=fields.Date.context_today,
        help="A period takes the amount that is valid on its last day.",
    )
    amount = fields.Monetary(
        required=True, aggregator=None, help="For one period of the scheme, in the company's currency."
    )

    _one_per_day = models.UniqueIndex(
        "(user_id, company_id, date_from)",
        "This manager has a base amount from that day on already. Change that one.",
    )

    @api.constrains("amount")
    def _check_amount(self):
        for base in self:
            if base.amount < 0:
                raise ValidationError(
                    self.env._(
                        "The base amount of %(manager)s is %(amount)s. Enter 0 or more.",
                        manager=base.user_id.name,
                        amount=base.amount,
                    )
                )

    @api.model
    def _get_amounts(self, company, users, day):
        """The base amounts that are valid on ``day``, in one statement.

        :rtype: dict[int, float] by id of the user; who has none is not in it
        """
        self.flush_model()
        # SQL: the last entry of each user
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT ON (user_id) user_id, amount::float8
                      FROM manager_bonus_base
                     WHERE company_id = %s AND user_id = ANY(%s) AND date_from <= %s
                  ORDER BY user_id, date_from DESC, id DESC""",
                    company.id,
                    users.ids,
                    day,
                )
            )
        )
