from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Domain
from odoo.tools import clean_context, format_date

from ...tools.empty_fields import EmptyFloat, EmptyMonetary
from ...tools.internal import INTERNAL

STATES = [("computed", "To Approve"), ("approved", "Approved"), ("exported", "Exported")]
# What only the addon writes.
BONUS_FIELDS = {
    "scorecard_id", "user_id", "company_id", "currency_id", "date_from", "date_to", "score", "base",
    "amount_computed", "amount", "change_reason", "parameters", "state", "approved_by_id", "approved_on",
    "exported_on",
}  # fmt: skip


class ManagerBonus(models.Model):
    """What a closed scorecard is worth to its manager, for the payroll.

    It is computed when the scorecard is closed, by the settings of then, which it keeps; a director approves it,
    but not the own one. Once it was exported it stays.
    """

    _name = "manager.bonus"
    _description = "Sales Manager's Bonus"
    _inherit = ["mail.thread"]
    _order = "date_to desc, company_id, user_id, id"
    _rec_name = "scorecard_id"
    _rec_names_search = ["user_id"]

    scorecard_id = fields.Many2one("manager.scorecard", required=True, readonly=True, ondelete="restrict")
    # As on the scorecard, for the rules and to group by.
    user_id = fields.Many2one(
        "res.users", string="Manager", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    scheme_id = fields.Many2one(related="scorecard_id.scheme_id")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", required=True, readonly=True)
    period_name = fields.Char(string="Period", compute="_compute_period_name")
    score = EmptyFloat(readonly=True, aggregator="avg", help="Of the closed scorecard.")
    base = EmptyMonetary(
        string="Base Amount",
        readonly=True,
        help="The manager's base amount on the last day of the period. Empty: none was entered.",
    )
    amount_computed = EmptyMonetary(
        string="Computed",
        readonly=True,
        help="By the bonus table or formula of the scheme as it was on closing.",
    )
    amount = EmptyMonetary(
        string="Bonus",
        readonly=True,
        tracking=True,
        help="What is paid: as computed, unless a director changed it with a reason. Empty: it could not be computed, "
        "and nobody entered it.",
    )
    change_reason = fields.Char(readonly=True, help="Why the amount is not the computed one.")
    parameters = fields.Json(readonly=True, help="The settings and figures it was computed with.")
    reason = fields.Text(compute="_compute_reason", help="How the bonus comes about.")
    state = fields.Selection(
        STATES, required=True, default="computed", readonly=True, index=True, tracking=True
    )
    approved_by_id = fields.Many2one("res.users", readonly=True)
    approved_on = fields.Datetime(readonly=True)
    exported_on = fields.Datetime(
        readonly=True, help="When it was first handed to the payroll. A repeated export does not change it."
    )
    is_mine = fields.Boolean(compute="_compute_is_mine", search="_search_is_mine")

    _one_per_scorecard = models.UniqueIndex("(scorecard_id)", "There is a bonus for this scorecard already.")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("date_from", "date_to")
    @api.depends_context("lang")
    def _compute_period_name(self):
        for bonus in self:
            bonus.period_name = self.env["manager.scorecard"]._name_period(bonus.date_from, bonus.date_to)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for bonus in self:
            bonus.is_mine = bonus.user_id == self.env.user

    def _search_is_mine(self, operator, value):
        return Domain("user_id", "=", self.env.uid) if operator == "in" else NotImplemented

    # ------------------------------------------------------------------
    # Made and unmade with the scorecard
    # ------------------------------------------------------------------
    @api.model
    def _create_for(self, cards):
        """Make the bonuses of closed scorecards whose scheme gives any.

        :return: the bonuses
        """
        values = []
        for scheme, alike in cards.grouped("scheme_id").items():
            # sudo: pay settings and base amounts, for a bonus that only the manager and directors may read
            pay = scheme.sudo()
            if pay.bonus_method == "none":
                continue
            for card, result in pay._compute_bonuses(alike.sudo()).items():
                amount = False if result["amount"] is None else result["amount"]
                base = result["parameters"]["base"]
                values.append(
                    {
                        "scorecard_id": card.id,
                        "user_id": card.user_id.id,
                        "company_id": card.company_id.id,
                        "currency_id": card.company_id.currency_id.id,
                        "date_from": card.date_from,
                        "date_to": card.date_to,
                        "score": card.score,
                        "base": False if base is None else base,
                        "amount_computed": amount,
                        "amount": amount,
                        "parameters": result["parameters"],
                        # said here, so that no default that a client sends or has set approves it
                        "state": "computed",
                        "change_reason": False,
                        "approved_by_id": False,
                        "approved_on": False,
                        "exported_on": False,
                    }
                )
        bonuses = self.with_context(clean_context(self.env.context))  # pylint: disable=context-overridden
        # sudo: nobody creates a bonus but the closing of a scorecard
        return bonuses.sudo().create(values).with_env(self.env)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def _check_may_decide(self):
        """:raises AccessError: for who is not a director, or who decides on the own pay"""
        if self.env.su:
            return
        if not self.env.user.has_group("partner_relations.group_director"):
            raise AccessError(self.env._("Only directors approve, change and export bonuses."))
        self.check_access("write")
        if own := self.filtered(lambda bonus: bonus.user_id == self.env.user):
            raise AccessError(
                self.env._(
                    "The bonus “%s” is your own. Another director has to decide on it; take it out of the selection.",
                    own[0].display_name,
                )
            )

    def _lock(self):
        """:raises UserError: while somebody else decides on one of these"""
        try:
            self.sudo().lock_for_update()  # sudo: the lock alone; the caller was checked
        except LockError as error:
            raise UserError(
                self.env._("Somebody decides on these bonuses right now. Look again in a minute.")
            ) from error
        self.invalidate_recordset()

    def action_approve(self):
        """Approve these bonuses for the payroll; those that are approved already stay.

        :raises AccessError: for who is not a director, or for the own bonus
        :raises UserError: for a bonus without an amount, or below 0
        """
        self._check_may_decide()
        self._lock()
        to_approve = self.filtered(lambda bonus: bonus.state == "computed")
        for bonus in to_approve:
            if bonus.amount is False:
                raise UserError(
                    self.env._(
                        "The bonus “%(bonus)s” has no amount: %(reason)s Enter one with “Change”.",
                        bonus=bonus.display_name,
                        reason=bonus.reason,
                    )
                )
            # one that was computed before none could be below 0
            if bonus.amount < 0:
                raise UserError(
                    self.env._(
                        "The bonus “%s” is below 0. Enter 0 or more with “Change”.", bonus.display_name
                    )
                )
        to_approve.with_context(relations_bonus=INTERNAL).write(
            {"state": "approved", "approved_by_id": self.env.uid, "approved_on": fields.Datetime.now()}
        )
        return True

    def action_withdraw(self):
        """Take the approval back, before the bonus was exported."""
        self._check_may_decide()
        self._lock()
        for bonus in self:
            if bonus.state == "exported":
                bonus._raise_exported()
        self.filtered(lambda bonus: bonus.state == "approved").with_context(relations_bonus=INTERNAL).write(
            {"state": "computed", "approved_by_id": False, "approved_on": False}
        )
        return True

    def _change(self, amount, reason):
        """Enter another amount than the computed one, with the reason for it.

        :raises UserError: without a reason, below 0, or once the bonus is approved
        """
        self.ensure_one()
        self._check_may_decide()
        self._lock()
        if self.state == "exported":
            self._raise_exported()
        if self.state == "approved":
            raise UserError(
                self.env._(
                    "The bonus “%s” is approved. Withdraw the approval, then change it.", self.display_name
                )
            )
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the bonus “%s” is another one.", self.display_name))
        if amount < 0:
            raise UserError(
                self.env._("The bonus “%s” cannot be below 0. Enter 0 or more.", self.display_name)
            )
        self.with_context(relations_bonus=INTERNAL).write(
            {"amount": self.currency_id.round(amount), "change_reason": reason.strip()}
        )
        self._message_log(body=self.env._("Changed by hand: %s", reason.strip()))

    def action_change(self):
        """Ask for another amount and the reason."""
        self.ensure_one()
        self._check_may_decide()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change the Bonus"),
            "res_model": "manager.bonus.change",
            "views": [(False, "form")],
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_bonus_id": self.id,
                "default_amount": self.amount or 0,
            },
        }

    def action_open_scorecard(self):
        """Open the scorecard that the bonus follows from."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "manager.scorecard",
            "res_id": self.scorecard_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _raise_approved(self):
        """:raises UserError: always"""
        raise UserError(
            self.env._(
                "The bonus “%s” is approved. Withdraw its approval under Bonuses, then reopen the scorecard: the bonus "
                "is computed anew on closing, and an amount entered by hand has to be entered again.",
                self.display_name,
            )
        )

    def _raise_exported(self):
        """:raises UserError: always"""
        raise UserError(
            self.env._(
                "The bonus “%(bonus)s” was exported for the payroll on %(day)s and stays. Settle the difference with a "
                "later bonus: change that one by hand, with the reason.",
                bonus=self.display_name,
                day=format_date(self.env, fields.Datetime.context_timestamp(self, self.exported_on).date()),
            )
        )

    # ------------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------------
    def write(self, vals):
        computed = {name for name in vals if name in self._fields and name in BONUS_FIELDS}
        if computed and self.env.context.get("relations_bonus") is not INTERNAL:
            raise AccessError(
                self.env._(
                    "The figures of a bonus follow from the scorecard. Use the buttons to decide on it."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_internal(self):
        if self.env.context.get("relations_bonus") is not INTERNAL:
            raise UserError(
                self.env._("A bonus goes when its scorecard is reopened; it cannot be deleted by itself.")
            )
