from odoo import api, fields, models


class SaleOrder(models.Model):
    """The day that was promised to the customer first stays known when the delivery date is moved afterwards.

    On time is measured against it: whoever is late could else move the date and be on time. It is kept when the
    delivery date of a confirmed order is changed for the first time, so that most orders have none, and no order from
    before is written. What a cancelled order promised is over once it is a quotation again.
    """

    _name = "sale.order"
    _inherit = ["sale.order", "partner.system.fields.mixin"]

    promised_date = fields.Datetime(
        string="First Promise",
        copy=False,
        readonly=True,
        help="The delivery date before it was first changed on the confirmed order: on time is measured against it. "
        "Empty: it was not changed.",
        groups="base.group_user",
    )

    @api.model
    def _get_system_fields(self):
        return super()._get_system_fields() | {"promised_date"}

    def write(self, vals):
        if "commitment_date" in vals:
            self._keep_first_promise(fields.Datetime.to_datetime(vals["commitment_date"]))
        if vals.get("state") == "draft":
            self.filtered("promised_date")._as_system().promised_date = False
        return super().write(vals)

    def _track_get_fields(self):
        # who moved the delivery date, and when, which core does not keep; said here, as the words of a field that is
        # extended would be this addon's to translate
        return super()._track_get_fields() | {"commitment_date"}

    def _keep_first_promise(self, moved_to):
        """Keep what these orders promise until now, where they are confirmed and it is their first change.

        :param moved_to: the new delivery date, or None
        """
        moved = self.filtered(
            lambda order: (
                order.state == "sale"
                and not order.promised_date
                and order.commitment_date != (moved_to or False)
            )
        )
        for promise, orders in moved.grouped(lambda order: order._get_promise_so_far()).items():
            if promise:
                orders._as_system().promised_date = promise

    def _get_promise_so_far(self):
        """The delivery date; without one the last deadline, once all is delivered: nothing can be promised any more."""
        self.ensure_one()
        if self.commitment_date or self.delivery_status != "full":
            return self.commitment_date
        # sudo: whoever sells need not see the moves of the goods
        delivered = self.sudo().order_line.move_ids.filtered(
            lambda move: (
                move.state == "done" and move.location_dest_id.usage == "customer" and move.date_deadline
            )
        )
        return max(delivered.mapped("date_deadline"), default=False)
