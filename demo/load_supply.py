"""Vendor prices, purchase orders, receipts, returns, bills and their payment."""

from datetime import timedelta

from odoo.fields import Command

from . import names
from .load_base import load_vendor_prices
from .load_reliability import load_blanket_orders, load_moves, load_requests
from .loading import at, backdate, give_back, past, pay, transfer_in_rounds
from .plan import MONTHS
from .plan_supply import build_purchases


def load_purchases(env, today, buyer, suppliers, materials):
    """Everything bought, oldest first."""
    prices = load_vendor_prices(env, suppliers, materials, today)
    # before the orders: an agreed price counts only if it existed before the order
    backdate(prices, [at(today - timedelta(days=MONTHS * 31))] * len(prices))
    load_blanket_orders(env, suppliers, materials, today, buyer)
    purchases = build_purchases(today)
    orders = env["purchase.order"].create(
        [
            {
                "partner_id": suppliers[purchase.supplier].id,
                "user_id": buyer.id,
                "date_order": at(purchase.ordered, 10),
                "currency_id": env.ref(f"base.{names.SUPPLIERS[purchase.supplier][6]}").id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": materials[line.material].id,
                            "product_qty": line.quantity,
                            "price_unit": line.price,
                            "date_planned": at(purchase.promised, 12),
                        }
                    )
                    for line in purchase.lines
                ],
            }
            for purchase in purchases
        ]
    )
    pairs = list(zip(purchases, orders, strict=True))
    backdate(orders, [at(purchase.ordered, 9) for purchase in purchases])
    backdate(orders.order_line, [at(line.order_id.date_order.date(), 9) for line in orders.order_line])

    def having(*outcomes):
        return orders.browse([order.id for purchase, order in pairs if purchase.outcome in outcomes])

    (orders - having("rfq")).button_confirm()
    having("cancelled").button_cancel()
    having("rfq").state = "sent"
    for purchase, order in pairs:
        if order.date_approve:
            order.date_approve = at(purchase.ordered, 11)
    load_requests(pairs)
    load_moves(env, pairs, today, buyer)
    transfer_in_rounds(
        lambda order: order.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel")),
        {order: purchase.receipts for purchase, order in pairs if purchase.receipts},
    )
    for purchase, order in pairs:
        if purchase.returned:
            received = order.picking_ids.filtered(lambda picking: picking.state == "done")
            day = min(purchase.receipts[-1][0] + timedelta(days=2), today)
            give_back(received[:1], purchase.returned, past(day, 15))
    _load_bills(env, pairs)
    _use_up(env, materials)
    return orders


def _load_bills(env, pairs):
    billed = sorted((pair for pair in pairs if pair[0].billed), key=lambda pair: (pair[0].billed, pair[1].id))
    vals_list = []
    for purchase, order in billed:
        lines = [line._prepare_account_move_line() for line in order.order_line if line.qty_to_invoice]
        vals = order._prepare_invoice()
        vals.update(
            invoice_date=purchase.billed,
            date=purchase.billed,
            ref=f"HD-{order.name}",
            invoice_line_ids=[Command.create(line) for line in lines],
        )
        vals_list.append(vals)
    bills = env["account.move"].create(vals_list)
    bills.action_post()
    pay(
        env,
        [
            (bill, bill.invoice_date_due)
            for (purchase, _order), bill in zip(billed, bills, strict=True)
            if purchase.paid
        ],
    )


def _use_up(env, materials):
    """Production, which has no application of its own here, has used up most of what was bought."""
    quants = (
        env["stock.quant"]
        .with_context(inventory_mode=True)
        .search(
            [
                ("product_id", "in", materials.ids),
                ("location_id.usage", "=", "internal"),
                ("quantity", ">", 0),
            ]
        )
    )
    for quant in quants:
        quant.inventory_quantity = quant.quantity // 10
    quants.action_apply_inventory()
