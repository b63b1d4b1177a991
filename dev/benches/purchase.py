"""Purchase orders: opening, saving, confirming and receiving, with and without the addon."""

from benches._forms import make_user, specification

from odoo import Command

ORDERS, LINES = 40, 10
OPEN, NEW, CONFIRM = (
    "open a purchase order",
    "open the form of a new purchase order",
    "confirm a purchase order",
)
SAVE, LIST = "save a purchase order", "list of purchase orders"
LIMIT = 1.1
GROUPS = ["base.group_user", "purchase.group_purchase_user", "stock.group_stock_user"]


def measure(env, timer, _options):
    products = env["product.product"].create(
        [
            {
                "name": f"Material {number}",
                "type": "consu",
                "is_storable": True,
                "seller_ids": [],
            }
            for number in range(LINES)
        ]
    )
    supplier = env["res.partner"].create(
        {"name": "Supplier", "is_company": True, "email": "supplier@example.com"}
    )
    env["product.supplierinfo"].create(
        [
            {"partner_id": supplier.id, "product_tmpl_id": product.product_tmpl_id.id, "price": 10 + number}
            for number, product in enumerate(products)
        ]
    )
    env = env(user=make_user(env, GROUPS).id)
    orders = env["purchase.order"].create(
        [
            {
                "partner_id": supplier.id,
                "order_line": [
                    Command.create(
                        {"product_id": product.id, "product_qty": 5, "price_unit": 12, "tax_ids": []}
                    )
                    for product in products
                ],
            }
            for _number in range(ORDERS)
        ]
    )
    confirmed, draft = orders[: ORDERS // 2], orders[ORDERS // 2 :]
    confirmed.button_confirm()
    env.flush_all()
    model = env["purchase.order"]
    form, lists = specification(model), specification(model, "list")
    timer.median(OPEN, lambda: confirmed[0].web_read(form), rounds=40, undo=False)
    timer.median(NEW, lambda: model.onchange({}, [], form), rounds=30, undo=False)
    timer.median(LIST, lambda: model.web_search_read([], lists, limit=80), rounds=20, undo=False)
    timer.median(SAVE, lambda: draft[0].web_save({"partner_ref": "Ref"}, form), rounds=30)
    timer.median(CONFIRM, draft[1].button_confirm, rounds=20)


def figures(results, _options):
    for name in (OPEN, CONFIRM, NEW, SAVE, LIST):
        value = results["with"][name] / results["without"][name]
        limit = LIMIT if name in (OPEN, CONFIRM) else None
        yield name, f"{value:.2f}", f"<= {LIMIT:g}" if limit else "", value <= limit if limit else None
