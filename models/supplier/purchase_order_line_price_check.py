from odoo import models
from odoo.tools import formatLang

from ...tools.number_words import format_percent
from ...tools.supplier_reliability import price_complies


class PurchaseOrderLine(models.Model):
    """The price of a line against the agreed one: the live one before confirmation, then the frozen one."""

    _inherit = "purchase.order.line"

    def _get_net_unit_price(self):
        """Price of one unit of the line in the order's currency, after discount and without tax."""
        self.ensure_one()
        if self.product_qty and any(self.tax_ids.mapped("price_include")):
            return self.price_subtotal / self.product_qty
        return self.price_unit_discounted

    def _get_price_deviations(self, policy):
        """Return the lines whose price deviates from the agreed one by more than the policy tolerates.

        A constant number of queries for any number of lines. Lines without an agreed price or without a price
        of their own are left out: nothing can be said about them.

        :param policy: supplier.score.policy; empty: its defaults
        :return: {line: dict(agreed, net, percent, amount, origin)}; ``amount`` is the difference for the whole
            line in the order's currency; negative for a lower price, which is reported only if the policy wants it
        """
        lines = self.filtered(lambda line: not line.display_type and line.product_id and line.price_unit > 0)
        frozen = lines.filtered(lambda line: line.state == "purchase")
        agreements = (lines - frozen)._get_agreed_prices()
        for line in frozen:
            agreements[line] = (line.agreed_price, line.agreed_price_source, line.agreed_price_origin)
        if not policy:
            policy = policy.new({})
        deviations = {}
        for line in lines:
            agreed, _source, origin = agreements.get(line, (None, None, None))
            if not agreed or agreed <= 0:
                continue
            net = line._get_net_unit_price()
            if not price_complies(net, agreed, policy.price_tolerance, policy.price_scope):
                deviations[line] = {
                    "agreed": agreed,
                    "net": net,
                    "percent": 100 * (net - agreed) / agreed,
                    "amount": (net - agreed) * line.product_qty,
                    "origin": origin or "",
                }
        return deviations

    def _describe_price_deviation(self, deviation):
        """Return the deviation in words, for the mark on the line."""
        self.ensure_one()
        currency = self.currency_id

        def price(value):
            digits = self.env["decimal.precision"].precision_get("Product Price")
            return f"{formatLang(self.env, value, digits=digits)} {currency.symbol}"

        over = deviation["net"] > deviation["agreed"]
        return {
            "level": "over" if over else "under",
            "title": self.env._("Above the agreed price") if over else self.env._("Below the agreed price"),
            "agreed": self.env._(
                "Agreed: %(price)s per %(unit)s",
                price=price(deviation["agreed"]),
                unit=self.product_uom_id.name,
            ),
            "actual": self.env._("This line, net: %s", price(deviation["net"])),
            "difference": self.env._(
                "Difference: %(percent)s, %(amount)s on the line",
                percent=("+" if deviation["percent"] > 0 else "")
                + format_percent(self.env, deviation["percent"], digits=1),
                amount=self._format_signed(deviation["amount"], currency_obj=currency),
            ),
            "origin": self.env._("Agreed in: %s", deviation["origin"]) if deviation["origin"] else "",
        }

    def _format_signed(self, value, **options):
        return ("+" if value > 0 else "") + formatLang(self.env, value, **options)
