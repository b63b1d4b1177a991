from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.empty_fields import EmptyInteger


class StockPicking(models.Model):
    """Late deliveries and their causes.

    A delivery is late if it was done on a later day than the one promised: the deadline of the transfer, which core
    takes from the delivery date of the order, else from the lead time of its products; where that date was moved on the
    confirmed order, the first promise. Days are those of the company's warehouse staff, in the time zone of whoever
    looks. Causes are for internal users: portal users may read the deliveries of their orders by a call.
    """

    _inherit = "stock.picking"

    late_reason_id = fields.Many2one(
        "partner.order.failure.reason",
        string="Cause of Delay",
        domain=[("for_late", "=", True)],
        ondelete="restrict",
        index=False,
        copy=False,
        groups="base.group_user",
        help="Why the delivery was late. Empty: not told.",
    )
    late_fault = fields.Selection(
        related="late_reason_id.fault",
        string="Fault of Delay",
        groups="base.group_user",
        help="On whose side the cause usually lies.",
    )
    late_note = fields.Char(string="Note on the Delay", copy=False, groups="base.group_user")
    promised_date = fields.Datetime(
        related="sale_id.promised_date",
        groups="base.group_user",
    )
    is_late_delivery = fields.Boolean(
        string="Delivered Late",
        compute="_compute_late",
        search="_search_is_late_delivery",
        help="A delivery to a customer that was done on a later day than promised.",
        groups="base.group_user",
    )
    late_days = EmptyInteger(
        string="Delay (Days)",
        compute="_compute_late",
        help="Days from the promised day to the delivery. Empty: not late.",
        groups="base.group_user",
    )

    @api.depends("state", "date_done", "date_deadline", "picking_type_code", "promised_date")
    @api.depends_context("tz")
    def _compute_late(self):
        for picking in self:
            days = picking._get_late_days()
            picking.is_late_delivery = days > 0
            picking.late_days = days if days > 0 else False

    @api.model
    def get_empty_list_help(self, help_message):
        """Keep the help of the addon's own screens: core tells on every list how to make a transfer."""
        if self.env.context.get("relations_own_help"):
            return help_message
        return super().get_empty_list_help(help_message)

    def _get_late_days(self):
        # first whether it is done at all: most that are looked at are not
        if not (self.state == "done" and self.picking_type_code == "outgoing" and self.date_done):
            return 0
        promise = self.promised_date or self.date_deadline
        if not promise:
            return 0
        done, promised = (
            fields.Datetime.context_timestamp(self, moment).date() for moment in (self.date_done, promise)
        )
        return (done - promised).days

    def _search_is_late_delivery(self, operator, value):
        if operator != "in":
            return NotImplemented

        def to_sql(model, alias, query):
            zone = model.env["partner.contact.log"]._get_known_zone(model.env.tz.zone)
            order = query.left_join(alias, "sale_id", "sale_order", "id", "sale_id")
            first = SQL.identifier(
                order, "promised_date", to_flush=model.env["sale.order"]._fields["promised_date"]
            )
            done, promised = (
                SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, zone)
                for moment in (
                    model._field_to_sql(alias, "date_done", query),
                    SQL("COALESCE(%s, %s)", first, model._field_to_sql(alias, "date_deadline", query)),
                )
            )
            return SQL("%s > %s", done, promised)

        return (
            Domain("state", "=", "done")
            & Domain("picking_type_id.code", "=", "outgoing")
            & Domain.custom(to_sql=to_sql)
        )

    @api.constrains("late_reason_id")
    def _check_late_reason(self):
        for picking in self:
            reason = picking.late_reason_id
            if reason and not reason.for_late:
                raise ValidationError(
                    self.env._(
                        "The reason “%(reason)s” of %(delivery)s is not meant for late deliveries. Choose another one, "
                        "or tick “Late Deliveries” in the list of reasons.",
                        reason=reason.name,
                        delivery=picking.name,
                    )
                )
