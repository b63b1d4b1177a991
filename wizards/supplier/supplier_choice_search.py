from collections import defaultdict
from statistics import median

from odoo import models
from odoo.tools import float_compare, format_date, formatLang

from ...tools.number_words import format_percent
from ...tools.supplier_choice import share_points


class SupplierChoice(models.TransientModel):
    """Who offers what is wanted, at which price: the search behind the comparison.

    A constant number of queries for any number of suppliers and lines.
    """

    _inherit = "supplier.choice"

    def _get_wanted(self):
        """What is wanted: list of (order line or empty, product, quantity, unit)."""
        self.ensure_one()
        if self.order_id:
            return [
                (line, line.product_id, line.product_qty, line.product_uom_id) for line in self.order_line_ids
            ]
        no_line = self.env["purchase.order.line"]
        return [(no_line, self.product_id, self.quantity, self.uom_id or self.product_id.uom_id)]

    def _find_suppliers(self):
        """Look up all suppliers of what is wanted and write their offers, points and ranks."""
        self.ensure_one()
        wanted = self._get_wanted()
        products = self.env["product.product"].union(*(product for _line, product, _qty, _uom in wanted))
        prices = self._find_vendor_prices(products)
        blankets = self._find_blanket_lines(products)
        suppliers = {}
        prices_of = defaultdict(prices.browse)  # by template and supplier
        blankets_of = defaultdict(blankets.browse)  # by product and supplier
        for seller in prices:
            commercial = seller.partner_id.commercial_partner_id
            suppliers.setdefault(commercial, seller.partner_id)
            prices_of[seller.product_tmpl_id, commercial] |= seller
        for blanket in blankets:
            vendor = blanket.requisition_id.vendor_id
            suppliers.setdefault(vendor.commercial_partner_id, vendor)
            blankets_of[blanket.product_id, vendor.commercial_partner_id] |= blanket
        commercials = self.env["res.partner"].union(*suppliers)
        verdicts = commercials._get_supplier_verdicts(self.company_id)
        real_leads = self._find_lead_times(commercials, products)

        rates = {}
        values = []
        for commercial, partner in sorted(suppliers.items(), key=lambda item: item[0].id):
            offers = [
                self._prepare_offer_vals(
                    entry,
                    prices_of[entry[1].product_tmpl_id, commercial],
                    blankets_of[entry[1], commercial],
                    rates,
                    self._get_taxes(entry[0], entry[1], partner),
                )
                for entry in wanted
            ]
            values.append(
                self._prepare_line_vals(
                    commercial, partner, offers, verdicts[commercial], real_leads.get(commercial.id)
                )
            )
        self._set_points(values)
        selected = self.line_ids.filtered("selected").partner_id.ids
        for vals in values:
            vals["selected"] = vals["partner_id"] in selected
        self.line_ids.unlink()
        self.env["supplier.choice.line"].create([{**vals, "choice_id": self.id} for vals in values])
        self._rank_suppliers()

    def _find_vendor_prices(self, products):
        """Vendor prices of the products in the company; archived vendors and those of other companies left out."""
        company = self.company_id
        return self.env["product.supplierinfo"].search(
            [
                ("product_tmpl_id", "in", products.product_tmpl_id.ids),
                ("product_id", "in", [False, *products.ids]),
                ("company_id", "in", [False, company.id]),
                ("partner_id.active", "=", True),
                ("partner_id.commercial_partner_id.active", "=", True),
                ("partner_id.company_id", "in", [False, company.id]),
                # what a blanket order wrote is read from the blanket order itself
                ("purchase_requisition_line_id", "=", False),
            ],
            order="sequence, min_qty desc, price, id",
        )

    def _find_blanket_lines(self, products):
        """Lines of the blanket orders that are valid on the day; of archived ones, that of the RFQ itself."""
        company = self.company_id
        return self.env["purchase.requisition.line"].search(
            [
                ("product_id", "in", products.ids),
                ("price_unit", ">", 0),
                "|",
                ("requisition_id.active", "=", True),
                ("requisition_id", "=", self.order_id.requisition_id.id),
                ("requisition_id.requisition_type", "=", "blanket_order"),
                ("requisition_id.state", "=", "confirmed"),
                ("requisition_id.company_id", "=", company.id),
                ("requisition_id.vendor_id.active", "=", True),
                ("requisition_id.vendor_id.commercial_partner_id.active", "=", True),
                "|",
                ("requisition_id.date_start", "=", False),
                ("requisition_id.date_start", "<=", self.date),
                "|",
                ("requisition_id.date_end", "=", False),
                ("requisition_id.date_end", ">=", self.date),
            ],
            order="id",
        )

    def _find_lead_times(self, suppliers, products):
        """Real lead times: {commercial partner id: (median in days, number of deliveries, of these products?)}.

        Of the deliveries of these products if there are any in the window of the rating, else of all of the
        supplier's, from its scorecard.
        """
        policies = self.env["supplier.score.policy"].with_context(active_test=True)
        policy = policies.search([("company_id", "=", self.company_id.id)], limit=1)
        window = (policy or policy.new({})).window_days
        leads = {
            card.partner_id.id: (card.lead_days_median, card.received_line_count, False)
            for card in self.env["supplier.scorecard"].search(
                [
                    ("partner_id", "in", suppliers.ids),
                    ("company_id", "=", self.company_id.id),
                    ("is_current", "=", True),
                    ("lead_days_median", "!=", False),
                ]
            )
        }
        days = defaultdict(list)
        for partner, lead_days in self.env["supplier.delivery.report"]._read_group(
            [
                ("partner_id", "in", suppliers.ids),
                ("product_id", "in", products.ids),
                ("company_id", "=", self.company_id.id),
                ("date_confirmed", ">=", f"-{window}d"),
                ("lead_days", "!=", False),
            ],
            ["partner_id"],
            ["lead_days:array_agg"],
        ):
            days[partner.id] += lead_days
        leads.update({partner: (median(values), len(values), True) for partner, values in days.items()})
        return leads

    # ------------------------------------------------------------------
    # Offers
    # ------------------------------------------------------------------
    def _convert_price(self, price, currency, from_uom, to_uom, rates):
        """Price per wanted unit in the currency of the comparison; one rate per currency."""
        if currency not in rates:
            rates[currency] = self.env["res.currency"]._get_conversion_rate(
                currency, self.currency_id, self.company_id, self.date
            )
        return from_uom._compute_price(price, to_uom) * rates[currency]

    def _get_taxes(self, order_line, product, partner):
        """The taxes of an order line to this supplier, as Odoo chooses them; None where none is within a price."""
        taxes = product.supplier_taxes_id._filter_taxes_by_company(self.company_id)
        if order_line and order_line.order_id.partner_id == partner:
            mapped = order_line.tax_ids
        elif _are_within(taxes):
            positions = self.env["account.fiscal.position"].with_company(self.company_id)
            mapped = positions._get_fiscal_position(partner).map_tax(taxes)
        else:
            return None
        return mapped if _are_within(taxes | mapped) else None

    def _get_line_price(self, seller, product, taxes):
        """The price of an order line by this vendor price, after its discount; taxes may be within it."""
        price = seller.price
        if taxes is not None:
            price = self.env["account.tax"]._fix_tax_included_price_company(
                price, product.supplier_taxes_id, taxes, self.company_id
            )
        return price * (1 - seller.discount / 100)

    def _without_taxes(self, price, currency, product, partner, taxes):
        """Take the taxes that are within the price of an order line out of it."""
        if not taxes:
            return price
        totals = taxes.compute_all(
            price, currency=currency, product=product, partner=partner, rounding_method="round_globally"
        )
        return totals["total_excluded"]

    def _prepare_offer_vals(self, wanted, prices, blankets, rates, taxes):
        """What a supplier asks for one wanted line: its blanket order, else its best vendor price at the quantity.

        ``is_reached`` is off where there is no price at this quantity on this day.

        :param taxes: those of an order line, if any is within the price
        """
        order_line, product, quantity, uom = wanted
        vals = {
            "order_line_id": order_line.id,
            "product_id": product.id,
            "quantity": quantity,
            "uom_id": uom.id,
            "is_reached": False,
        }
        sellers = prices.filtered(lambda seller: not seller.product_id or seller.product_id == product)

        def convert(price, agreement, currency, vendor):
            """A price per wanted unit in the currency of the comparison: without taxes, and as a line has it."""
            net = self._without_taxes(price, currency, product, vendor, taxes)
            return tuple(
                self._convert_price(amount, currency, agreement.product_uom_id, uom, rates)
                for amount in (net, price)
            )

        def vendor_price(seller):
            price = self._get_line_price(seller, product, taxes)
            return convert(price, seller, seller.currency_id, seller.partner_id)

        def blanket_price(line):
            requisition = line.requisition_id
            return convert(line.price_unit, line, requisition.currency_id, requisition.vendor_id)

        best, reached, remark = self._select_vendor_price(sellers, quantity, uom, vendor_price)
        if best:
            vals["vendor_price"], vals["line_price"] = vendor_price(best)
            vals |= {
                "seller_id": best.id,
                "discount": best.discount,
                "min_qty": best.min_qty,
                "date_end": best.date_end,
                "promised_lead_days": best.delay,
                "is_reached": reached,
                "remark": remark,
                "origin": self._describe_vendor_price(best),
            }
            vals["price_unit"] = vals["vendor_price"]
        elif remark:
            vals["remark"] = remark
        if blankets:
            agreed = min(blankets, key=lambda line: (blanket_price(line)[0], line.id))
            requisition = agreed.requisition_id
            vals["blanket_price"], vals["line_price"] = blanket_price(agreed)
            vals |= {
                "requisition_line_id": agreed.id,
                "is_reached": True,
                "date_end": requisition.date_end,
                "remark": False,
                "origin": self.env._("Blanket order %s", requisition.display_name),
            }
            vals["price_unit"] = vals["blanket_price"]
        return vals

    def _select_vendor_price(self, sellers, quantity, uom, vendor_price):
        """Return the price that Odoo would take at this quantity, whether it is reached, and a remark.

        Where the quantity reaches none, the one with the smallest minimum. Without a valid price, none.
        """
        priced = sellers.filtered(lambda seller: seller.price > 0)
        valid = priced.filtered(
            lambda seller: (
                (not seller.date_start or seller.date_start <= self.date)
                and (not seller.date_end or seller.date_end >= self.date)
            )
        )
        if not valid:
            return valid, False, self._describe_missing_price(sellers, priced)
        digits = self.env["decimal.precision"].precision_get("Product Unit")

        def wanted_in_unit_of(seller):
            return uom._compute_quantity(quantity, seller.product_uom_id, round=False)

        def net_price(seller):
            return vendor_price(seller)[0]

        reached = valid.filtered(
            lambda seller: (
                float_compare(wanted_in_unit_of(seller), seller.min_qty, precision_digits=digits) >= 0
            )
        )
        if reached:
            return (
                min(reached, key=lambda seller: (net_price(seller), seller.sequence, seller.id)),
                True,
                False,
            )
        nearest = min(
            valid,
            key=lambda seller: (seller.min_qty * seller.product_uom_id.factor, net_price(seller), seller.id),
        )
        return (
            nearest,
            False,
            self.env._(
                "Minimum quantity %(quantity)s %(unit)s",
                quantity=formatLang(self.env, nearest.min_qty, dp="Product Unit"),
                unit=nearest.product_uom_id.name,
            ),
        )

    def _describe_missing_price(self, sellers, priced):
        if not sellers:
            return self.env._("Not offered")
        if not priced:
            return self.env._("No price entered")
        ended = max((seller.date_end for seller in priced if seller.date_end), default=None)
        if ended and ended < self.date:
            return self.env._("Price expired on %s", format_date(self.env, ended))
        return self.env._(
            "Price valid from %s",
            format_date(self.env, min(seller.date_start for seller in priced if seller.date_start)),
        )

    def _describe_vendor_price(self, seller):
        """The vendor price as it was entered, in words."""
        digits = self.env["decimal.precision"].precision_get("Product Price")
        words = [
            self.env._(
                "Vendor price %(price)s %(currency)s per %(unit)s",
                price=formatLang(self.env, seller.price, digits=digits),
                currency=seller.currency_id.name,
                unit=seller.product_uom_id.name,
            )
        ]
        if seller.discount:
            words.append(self.env._("discount %s", format_percent(self.env, seller.discount, dp="Discount")))
        if seller.min_qty:
            words.append(
                self.env._(
                    "from %(quantity)s %(unit)s",
                    quantity=formatLang(self.env, seller.min_qty, dp="Product Unit"),
                    unit=seller.product_uom_id.name,
                )
            )
        if seller.date_end:
            words.append(self.env._("valid until %s", format_date(self.env, seller.date_end)))
        return ", ".join(words)

    # ------------------------------------------------------------------
    # Suppliers
    # ------------------------------------------------------------------
    def _prepare_line_vals(self, commercial, partner, offers, verdict, lead):
        reached = [offer for offer in offers if offer["is_reached"]]
        priced = [offer for offer in offers if "price_unit" in offer]
        single = len(offers) == 1
        lead_days, lead_count, of_products = lead or (False, 0, False)
        promised = [offer["promised_lead_days"] for offer in offers if "promised_lead_days" in offer]
        remarks = [offer["remark"] for offer in offers if offer.get("remark")]
        return {
            "partner_id": self._get_order_partner(commercial, partner, offers).id,
            "offer_ids": [(0, 0, offer) for offer in offers],
            "wanted_count": len(offers),
            "offered_count": len(reached),
            "price_unit": priced[0]["price_unit"] if single and priced else False,
            "blanket_price": priced[0].get("blanket_price", False) if single and priced else False,
            # of all that has a price; the points compare what is reached
            "amount": sum(offer["price_unit"] * offer["quantity"] for offer in reached) if reached else False,
            "remark": remarks[0] if single and remarks else False,
            "lead_days": lead_days,
            "lead_count": lead_count,
            "lead_of_products": of_products,
            "promised_lead_days": max(promised) if promised else False,
            "score": verdict.score,
            "grade": verdict.grade,
            "rating": commercial._get_verdict_label(verdict),
            "rating_reason": verdict.reason,
            "is_blocked": verdict.level == "block",
            "block_reason": verdict.level == "block" and verdict.consequence,
            "is_current": bool(self.order_id)
            and self.order_id.partner_id.commercial_partner_id == commercial,
        }

    def _get_order_partner(self, commercial, partner, offers):
        """Who gets the RFQ: the vendor of the prices; the company where they name several of its contacts."""
        partners = self.env["res.partner"]
        for offer in offers:
            if offer.get("requisition_line_id"):
                line = self.env["purchase.requisition.line"].browse(offer["requisition_line_id"])
                partners |= line.requisition_id.vendor_id
            elif offer.get("seller_id"):
                partners |= self.env["product.supplierinfo"].browse(offer["seller_id"]).partner_id
        if self.order_id.partner_id in partners:
            return self.order_id.partner_id
        if len(partners) == 1:
            return partners
        return commercial if partners else partner

    def _set_points(self, values):
        """Points of each supplier against the cheapest and the fastest one.

        The price of a supplier that offers only some of the wanted lines is compared on these.
        """

        def cheapest(position):
            reached = [
                vals["offer_ids"][position][2]["price_unit"]
                for vals in values
                if vals["offer_ids"][position][2]["is_reached"]
            ]
            priced = [
                vals["offer_ids"][position][2]["price_unit"]
                for vals in values
                if "price_unit" in vals["offer_ids"][position][2]
            ]
            return min(reached or priced, default=None)

        best_prices = (
            [cheapest(position) for position in range(len(values[0]["offer_ids"]))] if values else []
        )
        lead_days = {id(vals): max(vals["lead_days"], 1) for vals in values if vals["lead_days"] is not False}
        shortest = min(lead_days.values(), default=None)
        for vals in values:
            offers = [
                (offer, best)
                for (_command, _id, offer), best in zip(vals["offer_ids"], best_prices, strict=True)
                if "price_unit" in offer and (offer["is_reached"] or not vals["offered_count"])
            ]
            # a single unit where no quantity was entered, so that zero quantity still compares prices
            best_sum = sum(best * (offer["quantity"] or 1) for offer, best in offers)
            own_sum = sum(offer["price_unit"] * (offer["quantity"] or 1) for offer, best in offers)
            vals["price_points"] = _or_false(share_points(best_sum, own_sum) if offers else None)
            vals["lead_points"] = _or_false(share_points(shortest, lead_days.get(id(vals))))
            vals["reliability_points"] = vals["score"]


def _are_within(taxes):
    """Whether any of these taxes is, or may be, included in a price."""
    return any(tax.price_include or tax.amount_type == "group" for tax in taxes)


def _or_false(value):
    return False if value is None else value
