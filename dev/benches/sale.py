"""Opportunities, orders, deliveries and invoices: opening, saving, confirming, posting, with and without the addon.

What the addon itself does at that moment has no limit: a cancelled order leaves what failed and what it was worth, an
opportunity is an inquiry by the stage of its customer (which it estimates by the sales here, as no classification has
run), a meeting enters the contact log.
"""

import itertools

from benches._forms import make_user, specification

from odoo import Command, fields

ORDERS, LINES = 60, 10
LIMIT = 1.1
GROUPS = [
    "base.group_user",
    "base.group_partner_manager",
    "sales_team.group_sale_salesman_all_leads",
    "account.group_account_invoice",
    "stock.group_stock_user",
]
CANCEL, INQUIRE, MEET = "cancel an order", "create an opportunity of a customer", "plan a meeting"
MORE = (CANCEL, INQUIRE, MEET)


def _make_products(env):
    return env["product.product"].create(
        [
            {
                "name": f"Product {number}",
                "type": "consu",
                "is_storable": True,
                "list_price": 100 + number,
                "standard_price": 60,
                "invoice_policy": "order",
            }
            for number in range(LINES)
        ]
    )


def _open_and_list(timer, record, what):
    model = record.browse()
    form, lists = specification(model), specification(model, "list")
    timer.median(f"open {what}", lambda: record.web_read(form), rounds=60, undo=False)
    timer.median(
        f"open the form of a new {what}", lambda: model.onchange({}, [], form), rounds=60, undo=False
    )
    timer.median(
        f"list of 80, {what}", lambda: model.web_search_read([], lists, limit=80), rounds=40, undo=False
    )
    return form


def measure(env, timer, _options):
    products = _make_products(env)
    customers = env["res.partner"].create(
        [
            {"name": f"Customer {number}", "is_company": True, "email": f"c{number}@example.com"}
            for number in range(20)
        ]
    )
    prospect = env["res.partner"].create({"name": "Prospect", "is_company": True})
    own = env(user=make_user(env, GROUPS).id)
    orders = own["sale.order"].create(
        [
            {
                "partner_id": customers[number % 20].id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": 5}) for product in products
                ],
            }
            for number in range(ORDERS)
        ]
    )
    confirmed = orders[: ORDERS // 2]
    confirmed.action_confirm()
    invoices = confirmed._create_invoices(grouped=True)
    posted = invoices[: ORDERS // 4]
    posted.action_post()
    own.flush_all()
    draft = orders[-1]
    numbers = itertools.count()

    form = _open_and_list(timer, confirmed[0], "order")
    timer.median(
        "save an order", lambda: draft.web_save({"client_order_ref": f"{next(numbers)}"}, form), rounds=60
    )
    line = draft.order_line[0]
    timer.median(
        "change a quantity in an order",
        lambda: draft.web_save({"order_line": [Command.update(line.id, {"product_uom_qty": 7})]}, form),
        rounds=60,
    )
    timer.median("confirm an order", draft.action_confirm, rounds=40)
    timer.median(CANCEL, draft.action_cancel, rounds=40)

    picking = confirmed[1].picking_ids[0]
    _open_and_list(timer, picking, "delivery")

    def deliver():
        picking.move_ids.write({"quantity": 5, "picked": True})
        picking.button_validate()

    timer.median("deliver an order", deliver, rounds=30)

    form = _open_and_list(timer, posted[0], "invoice")
    drafted = invoices[-1]
    timer.median("save an invoice", lambda: drafted.web_save({"ref": f"{next(numbers)}"}, form), rounds=60)
    timer.median("make the invoice of an order", confirmed[-1].copy().action_confirm, rounds=20)
    timer.median("post an invoice", drafted.action_post, rounds=40)
    timer.median(
        "pay an invoice",
        lambda: (
            own["account.payment.register"]
            .with_context(active_model="account.move", active_ids=posted[1].ids)
            .create({"payment_date": fields.Date.today()})
            .action_create_payments()
        ),
        rounds=30,
    )

    lead = own["crm.lead"].create(
        [{"name": f"Lead {n}", "type": "opportunity", "partner_id": customers[n].id} for n in range(20)]
    )[0]
    form = _open_and_list(timer, lead, "opportunity")
    timer.median(
        "save an opportunity", lambda: lead.web_save({"expected_revenue": next(numbers)}, form), rounds=60
    )
    for what, customer in (("create an opportunity", prospect), (INQUIRE, customers[0])):
        timer.median(
            what,
            lambda customer=customer: lead.browse().web_save(
                {"name": "New", "partner_id": customer.id}, form
            ),
            rounds=60,
        )
    timer.median("win an opportunity", lead.action_set_won, rounds=60)
    timer.median(
        MEET,
        lambda: own["calendar.event"].create(
            {
                "name": "Meeting",
                "start": "2026-03-02 08:00:00",
                "stop": "2026-03-02 09:00:00",
                "partner_ids": [Command.link(customers[0].id)],
            }
        ),
        rounds=60,
    )


def figures(results, _options):
    for name, without in results["without"].items():
        ratio = results["with"][name] / without
        limited = name not in MORE
        yield name, f"{ratio:.2f}", f"<= {LIMIT:g}" if limited else "", ratio <= LIMIT if limited else None
