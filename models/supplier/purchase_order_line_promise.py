from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...tools.empty_fields import EmptyFloat, EmptyInteger
from ...tools.given_values import without_fields

AGREED_PRICE_SOURCES = [
    ("blanket", "Blanket Order"),
    ("vendor_price", "Vendor Price"),
    ("none", "No Agreement"),
]
AGREED_FIELDS = ["agreed_price", "agreed_price_source", "agreed_price_origin"]
# Suppliers are rated by them: nobody writes them by hand.
FROZEN_FIELDS = {"promised_date", "promise_estimated", *AGREED_FIELDS}


class PurchaseOrderLine(models.Model):
    """What the supplier promised and what was agreed, frozen when the order is confirmed.

    Sections, notes and down payments have neither. The agreed price is found by ``_get_agreed_prices``,
    lines confirmed before the addon was installed are filled by ``_restart_promises``.
    """

    _name = "purchase.order.line"
    _inherit = ["purchase.order.line", "partner.system.fields.mixin"]

    promised_date = fields.Datetime(
        readonly=True,
        copy=False,
        help="The expected arrival when the order was confirmed. It stays when the arrival is planned anew, and "
        "reliability is measured against it.",
        groups="base.group_user",
    )
    promise_estimated = fields.Boolean(
        string="Promise Is Estimated",
        readonly=True,
        copy=False,
        help="The order was confirmed before the promise was kept: this one was read from its history.",
        groups="base.group_user",
    )
    promise_shift_days = EmptyInteger(
        string="Days Moved",
        compute="_compute_promise_shift_days",
        help="Calendar days from the promised date to the date planned now, in the company's time zone: above 0 "
        "it is planned later than promised, below 0 earlier. Empty: it was not moved, or nothing is promised.",
        groups="base.group_user",
    )
    agreed_price = EmptyFloat(
        readonly=True,
        copy=False,
        aggregator=None,
        min_display_digits="Product Price",
        groups="purchase.group_purchase_user",
        prefetch="relations",
        help="The agreed net price of one unit of the line, in the order's currency, when the order was "
        "confirmed: that of the blanket order, else the vendor price that was valid on the order date and "
        "older than the order. Empty: nothing was agreed.",
    )
    agreed_price_source = fields.Selection(
        AGREED_PRICE_SOURCES,
        readonly=True,
        copy=False,
        groups="purchase.group_purchase_user",
        prefetch="relations",
        help="Where the agreed price comes from. Empty: the order is not confirmed yet.",
    )
    agreed_price_origin = fields.Char(
        string="Agreed In",
        readonly=True,
        copy=False,
        groups="purchase.group_purchase_user",
        prefetch="relations",
        help="The agreement in words: the blanket order, or the vendor price with its quantity and validity.",
    )

    # Goods by the day they were promised for, as reliability reads them.
    _promised_date_idx = models.Index(
        "(company_id, promised_date) WHERE promised_date IS NOT NULL AND qty_received_method = 'stock_moves'"
    )

    @api.depends("promised_date", "date_planned")
    def _compute_promise_shift_days(self):
        for line in self:
            promised, planned = line.promised_date, line.date_planned
            if not promised or not planned or promised == planned:
                line.promise_shift_days = False
                continue
            zoned = line.with_context(tz=line.company_id._get_zone())
            days = fields.Date.context_today(zoned, planned) - fields.Date.context_today(zoned, promised)
            line.promise_shift_days = days.days or False

    # ------------------------------------------------------------------
    # Where lines are confirmed and moved
    # ------------------------------------------------------------------
    @api.model
    def _get_fields_without_default(self):
        return super()._get_fields_without_default() | FROZEN_FIELDS

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [without_fields(vals, FROZEN_FIELDS) for vals in vals_list]
        lines = super().create(vals_list)
        confirmed = lines.filtered(lambda line: line.order_id.state == "purchase")
        confirmed._plan_added()
        confirmed._freeze()
        return lines

    def write(self, vals):
        if not self.env.su and FROZEN_FIELDS & vals.keys():
            raise AccessError(
                self.env._(
                    "The promise and the agreed price of an order line are kept as they were when the order was "
                    "confirmed. Change the expected date or the price of the line instead."
                )
            )
        planned = self._get_planned_dates() if "date_planned" in vals else {}
        units, waiting = {}, self.browse()
        # where the unit of a product is named anew, core leaves quantities and prices as they are
        is_renamed = "product_id" not in vals and self.env.context.get("skip_uom_conversion")
        if ("product_uom_id" in vals or "product_id" in vals) and not is_renamed:
            # sudo: who changes a line need not see its price
            agreed = self.filtered(lambda line: line.order_id.state in ("to approve", "purchase")).sudo()
            units = {
                line: (line.product_id, line.product_uom_id) for line in agreed if line.agreed_price_source
            }
        if ("product_uom_id" in vals or "product_qty" in vals) and not is_renamed:
            waiting = self.filtered(lambda line: line.order_id.state == "to approve")
        result = super().write(vals)
        self._log_moves(planned)
        if units:
            self._follow_unit(units)
        # another quantity may have another price, and nothing is confirmed yet
        waiting._filter_not_received()._find_agreed_prices_anew()
        if "order_id" in vals:
            self.filtered(lambda line: line.order_id.state == "purchase")._freeze()
        return result

    def _compute_price_unit_and_date_planned_and_name(self):
        # Core plans anew when the quantity of a confirmed line changes: that is a move like any other.
        planned = self._get_planned_dates()
        result = super()._compute_price_unit_and_date_planned_and_name()
        self._log_moves(planned)
        return result

    # ------------------------------------------------------------------
    # Freezing
    # ------------------------------------------------------------------
    def _freeze(self):
        """Freeze promise and agreed price of these lines of confirmed orders, where they are not frozen yet."""
        self._freeze_promises()
        self._freeze_agreed_prices()

    def _filter_promisable(self):
        """Lines of something that is ordered: no sections, notes and down payments."""
        return self.filtered(
            lambda line: line.product_id and not line.display_type and not line.is_downpayment
        )

    def _freeze_promises(self, anew=False):
        """Take the planned date of these lines of confirmed orders as what the supplier promises.

        Lines that have a promise keep it.

        :param bool anew: the orders were confirmed again: lines without a receipt promise anew, unless they were
            due when the order was taken back, and the earlier promise goes to the log of changes
        """
        lines = self._filter_promisable()
        fresh = lines.filtered(lambda line: not line.promised_date)
        again = (lines - fresh)._filter_not_received() if anew else self.browse()
        due = again._filter_due_when_taken_back()
        again -= due
        for moved, kind in ((again, "reconfirmed"), (due, "moved")):
            moves = {
                line: (line.promised_date, line.date_planned)
                for line in moved
                if line.date_planned != line.promised_date
            }
            if moves:
                # sudo: the log is written for whoever confirms, with nothing but the dates of these lines
                self.env["purchase.promise.change"].sudo()._log(moves, kind=kind)
        self._write_promises({line: line.date_planned for line in fresh + again if line.date_planned})

    def _filter_due_when_taken_back(self):
        """Those of these lines whose promised day was over when their order was taken back.

        They were late already: an order that is cancelled and confirmed again would make that undone.
        """

        def is_due(line):
            company, taken_back = line.order_id.company_id, line.order_id.taken_back_date
            return bool(taken_back) and company._get_day(line.promised_date) < company._get_day(taken_back)

        return self.filtered(is_due)

    def _plan_added(self):
        """Plan those of these new lines that were added to a confirmed order by the lead time from now on.

        The date of the order's other lines that is over by then, or the lead time from the date of the order, is no
        promise of the supplier. What somebody planned for another day stays. Imports, and orders that are made with
        their lines as they were, keep their dates.
        """
        if self.env.context.get("import_file"):
            return
        now = fields.Datetime.now()
        dates = {}
        for line in self._filter_promisable():
            order = line.order_id
            if not line.date_planned or not order.date_order or line.create_date <= order.create_date:
                continue
            usual = line._get_date_planned(line.selected_seller_id)
            lead = max(usual - order.date_order, timedelta())
            is_over = order.company_id._get_day(line.date_planned) < order.company_id._get_day(now)
            if is_over or (line.date_planned == usual and order.date_order < now):
                dates[line] = now + lead
        for date, lines in self.browse(line.id for line in dates).grouped(dates.get).items():
            # past the own write: no move of what was promised
            super(PurchaseOrderLine, lines).write(  # pylint: disable=super-method-mismatch
                {"date_planned": date}
            )

    def _forget_promises(self):
        """Forget the promise of lines without a receipt: it was the word of another supplier."""
        lines = self.filtered("promised_date")._filter_not_received()
        lines._write_promises(dict.fromkeys(lines))

    def _plan_empty_dates(self):
        """Plan lines whose planned date was emptied: as the order, else by the lead time of their vendor price.

        The receipt is planned so too. Without a promise a line would never be due.
        """
        for line in self._filter_promisable().filtered(lambda line: not line.date_planned):
            line.date_planned = line.order_id.date_planned or line._get_date_planned(line.selected_seller_id)

    def _write_promises(self, dates, estimated=False):
        """Write the promise of each line, with whatever else is written of the lines."""
        self._write_with_others("promised_date", dates)
        self._write_with_others("promise_estimated", dict.fromkeys(dates, estimated))
        self.browse(line.id for line in dates).invalidate_recordset(["promise_shift_days"], flush=False)

    def _write_with_others(self, name, values):
        """Write values of a field that nothing is computed from, in the statement that writes the lines next.

        A write of the ORM for each value runs what core does when a line changes, and a statement of our own for
        promises and one for prices would write each line twice more while its order is confirmed.

        :param dict values: value by line
        """
        field = self._fields[name]
        for line, value in values.items():
            field._update_cache(line, field.convert_to_cache(value, line), dirty=True)

    def _freeze_agreed_prices(self):
        """Find the agreed price of these lines and keep it; lines that have one keep theirs.

        :return: the lines that got theirs now
        """
        # sudo: confirming freezes, whoever confirms; the fields stay hidden from who may not see prices
        lines = self._filter_promisable().sudo().filtered(lambda line: not line.agreed_price_source)
        lines._write_agreed_prices(lines._get_agreed_prices())
        return lines.sudo(self.env.su)

    def _find_agreed_prices_anew(self):
        """Find the agreed price of these lines again, where it was found before."""
        # sudo: who changes it need not see the prices
        lines = self.sudo().filtered("agreed_price_source")
        lines._write_agreed_prices(lines._get_agreed_prices())

    def _write_agreed_prices(self, prices):
        """Write the agreed price of each line, with whatever else is written of the lines.

        :param dict prices: as ``_get_agreed_prices`` returns them
        """
        for name, values in zip(AGREED_FIELDS, zip(*prices.values(), strict=True), strict=False):
            self._write_with_others(name, dict(zip(prices, values, strict=True)))

    def _thaw_agreed_prices(self):
        """Forget the agreed price of lines without a receipt: their order is no longer confirmed."""
        # sudo: whoever takes the order back need not see its prices
        lines = self.sudo().filtered("agreed_price_source")
        lines = lines._filter_not_received()
        if lines:
            lines._write_agreed_prices(dict.fromkeys(lines, (None, None, None)))

    def _filter_not_received(self):
        """Those of these lines of which nothing has been received yet, returned or not."""
        if not self:
            return self
        # sudo: a buyer without access to the stock confirms as well
        received = (
            self.env["stock.move"]
            .sudo()
            ._read_group([("purchase_line_id", "in", self.ids), ("state", "=", "done")], ["purchase_line_id"])
        )
        received_ids = {line.id for (line,) in received}
        return self.filtered(lambda line: line.id not in received_ids and not line.qty_received)

    def _follow_unit(self, units):
        """Keep agreed prices per unit of the line: convert them, or find them anew for another product.

        :param dict units: product and unit before, by line
        """
        others, converted = self.browse(), {}
        for line, (product, unit) in units.items():
            if line.product_id != product:
                others |= line
            elif line.product_uom_id != unit:
                price = line.agreed_price
                if price is not False:
                    price = unit._compute_price(price, line.product_uom_id)
                converted[line] = (
                    None if price is False else price,
                    line.agreed_price_source,
                    line.agreed_price_origin,
                )
        self._write_agreed_prices(converted)
        others = others._filter_promisable()
        others._write_agreed_prices(others._get_agreed_prices())

    # ------------------------------------------------------------------
    # Moves
    # ------------------------------------------------------------------
    def _get_planned_dates(self):
        """The planned dates of those of these lines that are confirmed, before a change."""
        return {
            line: line.date_planned
            for line in self
            if line.id and not line.display_type and line.order_id.state == "purchase"
        }

    def _log_moves(self, planned):
        """Log the lines whose planned date is another than before.

        :param dict planned: date before, by line
        """
        moves = {
            line: (date, line.date_planned)
            for line, date in planned.items()
            if date and line.date_planned != date
        }
        if not moves:
            return
        # Confirmed before the addon was there, and not read from its history yet: it was the date until now.
        self._write_promises(
            {
                line: date
                for line, (date, _new) in moves.items()
                if not line.promised_date and not line.is_downpayment
            },
            estimated=True,
        )
        # sudo: the log is written for whoever moves the date, the supplier in the portal included
        self.env["purchase.promise.change"].sudo()._log(moves)

    def action_open_promise_changes(self):
        """Open the log of the moves of these lines."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.purchase_promise_change_action"
        )
        action["domain"] = [("line_id", "in", self.ids)]
        return action
