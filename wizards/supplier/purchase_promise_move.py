from datetime import UTC, datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare


class PurchasePromiseMove(models.TransientModel):
    """Moves the planned date of several confirmed order lines at once, with the reason."""

    _name = "purchase.promise.move"
    _description = "Move Promise"
    _inherit = "partner.pointer.mixin"

    line_ids = fields.Many2many(
        "purchase.order.line",
        string="Order Lines",
        required=True,
        domain="[('order_id.state', '=', 'purchase'), ('product_id', '!=', False)]",
    )
    mode = fields.Selection(
        [("days", "By days"), ("date", "To a date")], string="Move", required=True, default="days"
    )
    days = fields.Integer(string="Days to Add", default=7, help="Calendar days; below 0: earlier.")
    date = fields.Date(string="New Date", help="All lines are planned for noon of this day.")
    reason = fields.Char(
        required=True, help="Kept with each change: what the supplier said, or why we asked."
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if "line_ids" in fields_list and "line_ids" not in values:
            values["line_ids"] = [fields.Command.set(self._get_movable_lines().ids)]
        return values

    @api.model
    def _get_movable_lines(self):
        """The confirmed lines among what was chosen: of orders, those that are not received completely.

        :raises UserError: if there is none
        """
        records = self.env[self.env.context.get("active_model") or "purchase.order.line"].browse(
            self.env.context.get("active_ids") or []
        )
        if records._name == "purchase.order":
            digits = self.env["decimal.precision"].precision_get("Product Unit")
            lines = records.order_line.filtered(
                lambda line: float_compare(line.qty_received, line.product_qty, precision_digits=digits) < 0
            )
        elif records._name == "purchase.order.line":
            lines = records
        else:
            lines = self.env["purchase.order.line"]
        lines = lines.filtered(lambda line: line.order_id.state == "purchase")._filter_promisable()
        if not lines:
            raise UserError(
                self.env._(
                    "There is no date to move: choose lines of confirmed purchase orders, or orders that are not "
                    "received completely."
                )
            )
        return lines

    def action_move(self):
        """Plan the lines anew; each change is logged with the reason.

        :raises UserError: without lines, date or days, or for a line of an order that is not confirmed
        """
        self.ensure_one()
        if not self.line_ids:
            raise UserError(self.env._("Choose at least one order line."))
        if self.mode == "date" and not self.date:
            raise UserError(self.env._("Enter the new date."))
        if self.mode == "days" and not self.days:
            raise UserError(self.env._("Enter by how many days the dates move."))
        if not (self.reason or "").strip():
            raise UserError(self.env._("Enter the reason: it is kept with each change."))
        unconfirmed = self.line_ids.filtered(lambda line: line.order_id.state != "purchase")
        if unconfirmed:
            raise UserError(
                self.env._(
                    "%s: not confirmed. Enter the date on the RFQ itself.",
                    ", ".join(unconfirmed.order_id.mapped("name")),
                )
            )
        lines = self.line_ids.with_context(promise_change_reason=self.reason.strip())
        for date, moved in lines.grouped(self._get_new_date).items():
            moved.write({"date_planned": date})
        return {"type": "ir.actions.act_window_close"}

    def _get_new_date(self, line):
        if self.mode == "date":
            noon = line._convert_to_middle_of_day(self.date)
            if line.company_id._get_day(noon) == self.date:
                return noon
            # noon of a buyer far away is another day of the company, by whose days is counted
            zone = pytz.timezone(line.company_id._get_zone())
            return zone.localize(datetime.combine(self.date, time(12))).astimezone(UTC).replace(tzinfo=None)
        # the date of a line can be emptied by a call or an import
        planned = line.date_planned or line.promised_date or fields.Datetime.now()
        return planned + timedelta(days=self.days)
