from datetime import date

from odoo import fields, models
from odoo.tools import SQL, float_compare, float_round, format_date, formatLang

from ...tools.number_words import format_percent, format_price

BLANKET_FIELDS = ["requisition_id", "product_id", "product_uom_id", "price_unit"]


class PurchaseOrderLine(models.Model):
    """Which price was agreed for a line: blanket order, else vendor price.

    Everything is found for all lines together, in a number of queries that does not depend on theirs.
    """

    _inherit = "purchase.order.line"

    def _get_agreed_prices(self, history=False):
        """Find what was agreed for these lines, of RFQs and unsaved ones too.

        1. Blanket order: the line of the blanket order that the order belongs to, if it was confirmed; else of
           an open blanket order of the supplier (its company) in the order's company that covers the order date.
        2. Vendor price of the supplier or its company: of the order's company or of all, for the product or its
           template, valid on the order date, with the minimum quantity met in its unit, and not younger than
           the order (:meth:`_filter_vendor_prices`). Several: as core's ``_select_seller`` chooses. A price of 0
           is one that was never entered.

        The price is per unit of the line, in the order's currency at the rate of the order date, after
        discount, without taxes. It is rounded where core rounds the price that it proposes on a line.

        Access is not checked: the caller shows prices to buyers only.

        :param bool history: for orders confirmed before: vendor prices as old as the order itself may have been
            written by its confirmation and do not count; closed blanket orders do
        :return: {line: (price or None, source, the agreement in words)}
        :rtype: dict
        """
        prices = dict.fromkeys(self, (None, "none", ""))
        # sudo: whoever confirms, and whatever companies are switched on, the agreements of the order's company
        # count; nothing but the prices of the caller's own lines is returned
        lines = self.sudo()._filter_promisable()
        if not lines:
            return prices
        blankets = lines._get_blanket_lines(history)
        sellers = (lines - self.browse(line.id for line in blankets))._get_vendor_prices(history)
        rates = lines._get_rates_of(blankets, sellers)
        words = {}
        for line, blanket in blankets.items():
            price = line._convert_agreed(
                blanket.price_unit, blanket.requisition_id.currency_id, blanket.product_uom_id, rates
            )
            if blanket not in words:
                words[blanket] = self._get_blanket_words(blanket)
            prices[line] = (line._without_taxes(price), "blanket", words[blanket])
        included = bool(sellers) and lines._have_included_taxes()
        for line, candidates in sellers.items():
            seller = line._choose_vendor_price(candidates, rates)
            price = line._get_vendor_price(seller, rates, included)
            if seller not in words:
                words[seller] = self._get_vendor_price_words(seller)
            prices[line] = (line._without_taxes(price), "vendor_price", words[seller])
        return prices

    def _get_order_day(self):
        """The day whose agreements count; core too takes the date of the order as it is stored, in UTC."""
        self.ensure_one()
        return (self.order_id.date_order or fields.Datetime.now()).date()

    def _is_older_than_order(self, agreement, strictly):
        """Whether an agreement was there when the order was made; where nobody knows, it was."""
        created = self.order_id._origin.create_date
        if not created or not agreement.create_date:
            return True
        return agreement.create_date < created or (not strictly and agreement.create_date == created)

    # ------------------------------------------------------------------
    # Blanket orders
    # ------------------------------------------------------------------
    def _get_blanket_lines(self, history):
        """The blanket order line that each of these lines falls under, for those that have one."""
        orders = self.order_id
        # Core lets an order name an agreement of another company, whose prices are not for who orders.
        own = orders.requisition_id.filtered(
            lambda blanket: (
                blanket.requisition_type == "blanket_order" and blanket.company_id in orders.company_id
            )
        )
        states = ["confirmed", "done"] if history else ["confirmed"]
        found = self._find_blanket_lines(orders, own, states)
        if not found:
            return {}
        by_product = found.search_fetch([("id", "in", found.ids)], BLANKET_FIELDS, order="id").grouped(
            "product_id"
        )
        result = {}
        for line in self:
            blanket_lines = by_product.get(line.product_id._origin)
            if not blanket_lines:
                continue
            requisition = line._choose_blanket(blanket_lines.requisition_id, history)
            if not requisition:
                continue
            blanket_lines = blanket_lines.filtered(
                lambda item, chosen=requisition: item.requisition_id == chosen
            )
            same_unit = blanket_lines.filtered(
                lambda item, line=line: item.product_uom_id == line.product_uom_id
            )
            # as core: the first in the same unit, else the last
            result[line] = same_unit[0] if same_unit else blanket_lines[-1]
        return result

    def _find_blanket_lines(self, orders, own, states):
        """Lines of these products in blanket orders of the suppliers, or in these of the orders themselves.

        SQL: each confirmation asks, and few companies have any; the domain over three relations took longer to
        write than to run.
        """
        lines, blankets = self.env["purchase.requisition.line"], self.env["purchase.requisition"]
        lines.flush_model(["product_id", "requisition_id"])
        blankets.flush_model(["active", "company_id", "requisition_type", "state", "vendor_id"])
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
    SELECT line.id
      FROM purchase_requisition_line AS line
      JOIN purchase_requisition AS blanket ON blanket.id = line.requisition_id
      LEFT JOIN res_partner AS vendor ON vendor.id = blanket.vendor_id
     WHERE line.product_id = ANY(%(products)s)
       AND blanket.requisition_type = 'blanket_order'
       AND (
            blanket.id = ANY(%(own)s)
            OR (
                blanket.active
                AND blanket.state = ANY(%(states)s)
                AND blanket.company_id = ANY(%(companies)s)
                AND vendor.commercial_partner_id = ANY(%(suppliers)s)
            )
       )""",
                products=self.product_id._origin.ids,
                own=own.ids,
                states=states,
                companies=orders.company_id.ids,
                suppliers=orders.partner_id._origin.commercial_partner_id.ids,
            )
        )
        return lines.browse(id_ for (id_,) in rows)

    def _choose_blanket(self, blankets, history):
        """The order's own blanket order, else the one begun last of those that cover its date."""
        self.ensure_one()
        order = self.order_id
        own = order.requisition_id._origin
        if own in blankets and own.company_id == order.company_id and own.state in ("confirmed", "done"):
            return own
        # as terms: the day of the company
        day = order.company_id._get_day(order.date_order or fields.Datetime.now())

        def covers(blanket):
            if (
                blanket.vendor_id.commercial_partner_id != order.partner_id.commercial_partner_id
                or blanket.company_id != order.company_id
                or (blanket.date_start and blanket.date_start > day)
                or (blanket.date_end and blanket.date_end < day)
            ):
                return False
            if not history:
                return blanket.state == "confirmed"
            # when it was closed is only known by its last day
            was_open = blanket.state == "confirmed" or (blanket.state == "done" and blanket.date_end)
            return was_open and self._is_older_than_order(blanket, history)

        covering = blankets.filtered(covers)
        return covering.sorted(lambda blanket: (blanket.date_start or date.min, blanket.id))[-1:]

    def _get_blanket_words(self, blanket_line):
        blanket = blanket_line.requisition_id
        words = self.env._(
            "Blanket order %(name)s: %(price)s per %(unit)s",
            name=blanket.name,
            price=self._format_price(blanket_line.price_unit, blanket.currency_id),
            unit=blanket_line.product_uom_id.name,
        )
        return ", ".join([words, *self._get_validity_words(blanket)])

    # ------------------------------------------------------------------
    # Vendor prices
    # ------------------------------------------------------------------
    def _get_vendor_prices(self, history):
        """The vendor prices among which to choose for each of these lines, for those that have any."""
        if not self:
            return {}
        suppliers = self.order_id.partner_id
        suppliers |= suppliers.parent_id | suppliers.commercial_partner_id
        domain = [
            ("product_tmpl_id", "in", self.product_id.product_tmpl_id.ids),
            ("partner_id", "in", suppliers.ids),
            ("company_id", "in", [False, *self.order_id.company_id.ids]),
            ("price", ">", 0),
        ]
        model = self.env["product.supplierinfo"]
        # all that is read together, as core goes on with the same records
        together = [name for name, field in model._fields.items() if field.prefetch is True]
        found = model.search_fetch(domain, together)
        by_template = found.grouped("product_tmpl_id")
        result = {}
        for line in self:
            sellers = by_template.get(line.product_id.product_tmpl_id._origin)
            if sellers and (sellers := line._filter_vendor_prices(sellers, history)):
                result[line] = sellers
        return result

    def _filter_vendor_prices(self, sellers, history):
        """Those of these vendor prices of the product's template that apply to the line.

        The confirmation of an order may write a vendor price: it is marked with the order, which it is no
        agreement for. Beyond that, only what was there when the order was made had been agreed. Records of one
        transaction share their time of creation, so "as old as the order" counts, but not for history.
        """
        self.ensure_one()
        order, product, day = self.order_id, self.product_id._origin, self._get_order_day()
        unit = self.product_uom_id or product.uom_id
        partner = order.partner_id
        partner_ids = {partner.id, partner.parent_id.id, partner.commercial_partner_id.id}
        digits = self.env["decimal.precision"].precision_get("Product Unit")

        def applies(seller):
            if (
                seller.partner_id.id not in partner_ids
                or (seller.product_id and seller.product_id != product)
                or (seller.company_id and seller.company_id != order.company_id)
                or (seller.date_start and seller.date_start > day)
                or (seller.date_end and seller.date_end < day)
                or (seller.confirmed_order_id and seller.confirmed_order_id == order._origin)
            ):
                return False
            if not self._is_older_than_order(seller, history):
                return False
            blanket = seller.purchase_requisition_line_id.requisition_id
            if blanket and (
                blanket != order.requisition_id._origin or blanket.company_id != order.company_id
            ):
                return False
            quantity = abs(self.product_qty)
            if unit != seller.product_uom_id:
                quantity = unit._compute_quantity(quantity, seller.product_uom_id)
            return float_compare(quantity, seller.min_qty, precision_digits=digits) >= 0

        return sellers.filtered(applies)

    def _choose_vendor_price(self, sellers, rates):
        """The best of these vendor prices, as core's ``_select_seller`` has it on an order line.

        Core leaves out prices in a unit that is neither the line's nor the product's. They are agreements
        none the less: they count where there is no other.
        """
        self.ensure_one()
        if len(sellers) == 1:
            return sellers
        product, company = self.product_id._origin, self.order_id.company_id
        units = (self.product_uom_id or product.uom_id) | product.uom_id
        sellers = sellers.filtered(lambda seller: seller.product_uom_id in units) or sellers
        sellers = sellers.sorted(lambda item: (item.sequence, -item.min_qty, item.price, item.id))
        sellers = sellers.filtered(lambda seller, first=sellers[0]: seller.partner_id == first.partner_id)

        def discounted(seller):
            price = seller.product_uom_id._compute_price(seller.price, product.uom_id) * (
                1 - seller.discount / 100
            )
            return price * self._get_rate(seller.currency_id, company.currency_id, rates)

        return min(sellers, key=lambda seller: (discounted(seller), seller.sequence, seller.id))

    def _have_included_taxes(self):
        """Whether a tax of these products is included in prices, so that vendor prices must be freed of it.

        SQL: where none is, which is the rule, the taxes of each product need not be read.
        """
        self.env["product.template"].flush_model(["supplier_taxes_id"])
        self.env["account.tax"].flush_model(["price_include_override", "company_id"])
        self.env["res.company"].flush_model(["account_price_include"])
        return bool(
            self.env.execute_query(
                SQL(
                    """
    SELECT 1
      FROM product_supplier_taxes_rel AS used
      JOIN account_tax AS tax ON tax.id = used.tax_id
      JOIN res_company AS company ON company.id = tax.company_id
     WHERE used.prod_id = ANY(%s)
       AND COALESCE(tax.price_include_override, company.account_price_include) = 'tax_included'
     LIMIT 1""",
                    self.product_id.product_tmpl_id._origin.ids,
                )
            )
        )

    def _get_vendor_price(self, seller, rates, included=True):
        """The price that core proposes on the line from this vendor price, after its discount.

        :param bool included: False where no tax of the product is known to be included in prices
        """
        self.ensure_one()
        company = self.order_id.company_id
        price = seller.price
        if included:
            price = self.env["account.tax"]._fix_tax_included_price_company(
                price, self.product_id.supplier_taxes_id, self.tax_ids, company
            )
        price = self._convert_agreed(price, seller.currency_id, seller.product_uom_id, rates, rounded=True)
        return price * (1 - seller.discount / 100)

    def _get_vendor_price_words(self, seller):
        unit = seller.product_uom_id.name
        words = [
            self.env._(
                "Vendor price: %(price)s per %(unit)s",
                price=self._format_price(seller.price, seller.currency_id),
                unit=unit,
            )
        ]
        if seller.discount:
            words.append(self.env._("less %s", format_percent(self.env, seller.discount, dp="Discount")))
        if seller.min_qty:
            quantity = formatLang(self.env, seller.min_qty, dp="Product Unit")
            words.append(self.env._("from %(quantity)s %(unit)s", quantity=quantity, unit=unit))
        return ", ".join(words + self._get_validity_words(seller))

    # ------------------------------------------------------------------
    # Conversion
    # ------------------------------------------------------------------
    def _get_rates_of(self, blankets, sellers):
        """The currency rates these agreements need, in one query; none if everything is in one currency.

        :return: {(currency id, company id, day): rate}, 1 unit of the company's base currency being so many
        """
        wanted = set()
        for line in self:
            currencies = sellers[line].currency_id if line in sellers else self.env["res.currency"]
            if line in blankets:
                currencies |= blankets[line].requisition_id.currency_id
            if not currencies:
                continue
            company = line.order_id.company_id
            currencies |= line.order_id.currency_id
            if line in sellers and len(sellers[line]) > 1:
                currencies |= company.currency_id
            if len(currencies) > 1:
                day = line._get_order_day()
                wanted.update((currency.id, company.root_id.id, day) for currency in currencies)
        if not wanted:
            return {}
        self.env["res.currency.rate"].flush_model(["name", "rate", "currency_id", "company_id"])
        # SQL: core asks once for each currency, company and day
        rows = self.env.execute_query(
            SQL(
                """
    SELECT wanted.currency_id, wanted.company_id, wanted.day,
           COALESCE((SELECT rate FROM res_currency_rate
                      WHERE currency_id = wanted.currency_id AND name <= wanted.day
                        AND (company_id IS NULL OR company_id = wanted.company_id)
                      ORDER BY company_id, name DESC LIMIT 1),
                    (SELECT rate FROM res_currency_rate
                      WHERE currency_id = wanted.currency_id
                        AND (company_id IS NULL OR company_id = wanted.company_id)
                      ORDER BY company_id, name LIMIT 1),
                    1)
      FROM unnest(%s::int[], %s::int[], %s::date[]) AS wanted (currency_id, company_id, day)""",
                *(list(column) for column in zip(*sorted(wanted), strict=True)),
            )
        )
        return {(currency, company, day): float(rate) for currency, company, day, rate in rows}

    def _get_rate(self, source, target, rates):
        """What one unit of ``source`` is in ``target`` on the order date."""
        self.ensure_one()
        if source == target:
            return 1.0
        company, day = self.order_id.company_id.root_id.id, self._get_order_day()
        if (source.id, company, day) not in rates:
            # compared with itself only
            return 1.0
        return rates[target.id, company, day] / rates[source.id, company, day]

    def _convert_agreed(self, price, currency, unit, rates, rounded=False):
        """Convert a price to the currency of the order and the unit of the line."""
        self.ensure_one()
        target = self.order_id.currency_id
        price *= self._get_rate(currency, target, rates)
        if rounded:
            digits = self.env["decimal.precision"].precision_get("Product Price")
            price = float_round(price, precision_digits=max(target.decimal_places, digits))
        return unit._compute_price(price, self.product_uom_id or self.product_id.uom_id)

    def _without_taxes(self, price):
        """Take taxes that are included in the price out of it."""
        self.ensure_one()
        taxes = self.tax_ids._origin
        if not any(tax.price_include or tax.amount_type == "group" for tax in taxes):
            return price
        quantity = abs(self.product_qty) or 1.0
        totals = taxes.compute_all(
            price,
            currency=self.order_id.currency_id,
            quantity=quantity,
            product=self.product_id._origin,
            partner=self.order_id.partner_id._origin,
            rounding_method="round_globally",
        )
        return totals["total_excluded"] / quantity

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------
    def _format_price(self, price, currency):
        return format_price(self.env, price, currency)

    def _get_validity_words(self, agreement):
        words = []
        if agreement.date_start:
            words.append(self.env._("valid from %s", format_date(self.env, agreement.date_start)))
        if agreement.date_end:
            words.append(self.env._("valid until %s", format_date(self.env, agreement.date_end)))
        return words
