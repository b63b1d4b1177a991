from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...tools.empty_fields import EmptyFloat
from ...tools.internal import INTERNAL


class PurchasePromiseChange(models.Model):
    """The planned date of a confirmed order line was moved: from when to when, by whom and why.

    Written by the system, by ``_log``, with ``sudo``: so a row exists for each move, whoever moves. A buyer
    may only add the reason. Rows go when their order is deleted.
    """

    _name = "purchase.promise.change"
    _description = "Change of a Promised Delivery"
    _order = "date desc, id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one("purchase.order", required=True, readonly=True, index=True, ondelete="cascade")
    line_id = fields.Many2one(
        "purchase.order.line", string="Order Line", readonly=True, index="btree_not_null", ondelete="set null"
    )
    product_id = fields.Many2one("product.product", readonly=True, ondelete="set null")
    partner_id = fields.Many2one(
        "res.partner", string="Supplier", readonly=True, index=True, ondelete="set null", help="The company."
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    date = fields.Datetime(string="Changed On", required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users",
        string="Changed By",
        readonly=True,
        ondelete="set null",
        help="Empty: somebody who followed the link of the order, without logging in.",
    )
    moved_by = fields.Selection(
        [("buyer", "Buyer"), ("supplier", "Supplier")],
        string="Side",
        required=True,
        readonly=True,
        default="buyer",
        help="Supplier: the date was changed on the order's page in the portal.",
    )
    kind = fields.Selection(
        [("moved", "Date Moved"), ("reconfirmed", "Confirmed Again")],
        required=True,
        readonly=True,
        default="moved",
        help="Date moved: the line was planned anew, its promise stays. Confirmed again: the order went back to "
        "an RFQ and was confirmed again, so the new date is the promise now. A line that was due before the order was "
        "taken back keeps its promise: it is moved.",
    )
    date_old = fields.Datetime(string="Old Date", readonly=True)
    date_new = fields.Datetime(string="New Date", readonly=True)
    days = EmptyFloat(
        string="Days Moved",
        readonly=True,
        digits=(16, 1),
        help="Days from the old date to the new one; below 0: it was moved to an earlier date.",
    )
    reason = fields.Char(help="Why. Entered when the date is moved with “Move Promise”, or here.")

    def write(self, vals):
        # A log that can be rewritten proves nothing: only the reason may be added.
        if not self.env.su and set(vals) - {"reason"}:
            raise AccessError(
                self.env._(
                    "Changes of promised deliveries are written by the system: only the reason can be edited."
                )
            )
        return super().write(vals)

    @api.model
    def _log(self, moves, kind="moved"):
        """Write a row for each line that was moved, in one go.

        Who and why is taken from the environment: context ``promise_change_reason`` (text, which a buyer may
        write anyway) and ``promise_moved_by_supplier`` (``INTERNAL``).

        :param dict moves: (old date, new date) by line
        :return: the new rows
        """
        user = self.env.user
        reason = self.env.context.get("promise_change_reason")
        common = {
            "date": fields.Datetime.now(),
            "user_id": False if user._is_public() else user.id,
            "moved_by": "supplier"
            if self.env.context.get("promise_moved_by_supplier") is INTERNAL
            else "buyer",
            "kind": kind,
            "reason": reason if isinstance(reason, str) else False,
        }
        return self.create(
            [
                {
                    **common,
                    "order_id": line.order_id.id,
                    "line_id": line.id,
                    "product_id": line.product_id.id,
                    "partner_id": line.order_id.partner_id.commercial_partner_id.id,
                    "company_id": line.order_id.company_id.id,
                    "date_old": old,
                    "date_new": new,
                    "days": (new - old).total_seconds() / 86_400 if old and new else False,
                }
                for line, (old, new) in moves.items()
            ]
        )
