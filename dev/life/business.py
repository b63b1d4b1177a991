# Run in Odoo's shell on a database without the addon: a small company that has been at work for more than a year.
# ruff: noqa: F821 -- `env` is the shell's
from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from odoo.fields import Command, Date

env = env(context={**env.context, "tracking_disable": True, "mail_create_nosubscribe": True})
company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
company2 = env["res.company"].create({"name": "Branch", "currency_id": company.currency_id.id})
env["account.chart.template"].try_loading("generic_coa", company=company2, install_demo=False)
env.user.company_ids += company2
today = Date.today()


def user(login, groups):
    return env["res.users"].create(
        {
            "name": login.title(),
            "login": f"life_{login}",
            "email": f"{login}@life.example.com",
            "company_id": company.id,
            "company_ids": [Command.set((company + company2).ids)],
            "group_ids": [Command.set([env.ref(group).id for group in groups])],
        }
    )


seller = user("seller", ["sales_team.group_sale_salesman_all_leads", "base.group_partner_manager"])
leaver = user("leaver", ["sales_team.group_sale_salesman"])
buyer = user("buyer", ["purchase.group_purchase_user"])
boss = env["hr.employee"].create({"name": "Boss", "user_id": env.user.id, "company_id": company.id})
env["hr.employee"].create(
    [
        {"name": person.name, "user_id": person.id, "parent_id": boss.id, "company_id": company.id}
        for person in (seller, leaver, buyer)
    ]
)
customers = env["res.partner"].create(
    [
        {
            "name": f"Life Customer {number}",
            "is_company": True,
            "email": f"office{number}@customer.example.com",
            "phone": f"+1 555 010 00{number:02}",
            "user_id": (seller, leaver)[number % 2].id,
            "industry_id": env.ref("base.res_partner_industry_C").id,
            "country_id": env.ref("base.us").id,
            "child_ids": [
                Command.create(
                    {
                        "name": f"Person {number}",
                        "email": f"person{number}@customer.example.com",
                        "function": "Head of purchasing",
                    }
                )
            ],
        }
        for number in range(8)
    ]
)
suppliers = env["res.partner"].create(
    [{"name": f"Life Supplier {number}", "is_company": True} for number in range(3)]
)
products = env["product.product"].create(
    [
        {
            "name": f"Life Product {number}",
            "is_storable": True,
            "standard_price": 10 * number + 5,
            "list_price": 20 * number + 10,
            "invoice_policy": "order",
            "taxes_id": [Command.clear()],
            "supplier_taxes_id": [Command.clear()],
            "seller_ids": [Command.create({"partner_id": suppliers[number].id, "price": 9 * number + 5})],
        }
        for number in range(3)
    ]
)
for month in range(15, 0, -1):
    day = today.replace(day=5) - relativedelta(months=month)
    for number, customer in enumerate(customers[:6]):
        if month % (number + 1) == 0 and (number < 5 or month > 12):
            order = env["sale.order"].create(
                {
                    "partner_id": customer.id,
                    "user_id": customer.user_id.id,
                    "date_order": datetime.combine(day, time(9)),
                    "order_line": [
                        Command.create(
                            {"product_id": product.id, "product_uom_qty": 1 + number, "tax_ids": False}
                        )
                        for product in products[: 1 + month % 3]
                    ],
                }
            )
            if (month + number) % 7 == 0:
                order.action_cancel()
                continue
            order.action_confirm()
            order.date_order = datetime.combine(day, time(9))
            if month > 1:
                invoice = order._create_invoices()
                invoice.invoice_date = day
                invoice.action_post()
                if number == 3 and month == 4:
                    refund = invoice._reverse_moves([{"invoice_date": day}])
                    refund.action_post()
    if month % 3 == 0:
        purchase = env["purchase.order"].create(
            {
                "partner_id": suppliers[month % 2].id,
                "user_id": buyer.id,
                "date_order": datetime.combine(day, time(9)),
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_qty": 10,
                            "price_unit": 9,
                            "date_planned": datetime.combine(day + timedelta(days=10), time(9)),
                        }
                    )
                    for product in products
                ],
            }
        )
        purchase.button_confirm()
        if month > 3:
            for picking in purchase.picking_ids:
                for move in picking.move_ids:
                    move.write({"quantity": move.product_uom_qty - (month == 6), "picked": True})
                picking.with_context(skip_backorder=month != 6)._action_done()
leads = env["crm.lead"].create(
    [
        {
            "name": f"Inquiry {number}",
            "type": "opportunity",
            "partner_id": customer.id,
            "user_id": customer.user_id.id,
            "expected_revenue": 100 * number,
        }
        for number, customer in enumerate(customers)
    ]
)
leads[0].activity_schedule("mail.mail_activity_data_call", today + timedelta(days=3), user_id=seller.id)
leads[1].activity_schedule("mail.mail_activity_data_email", today - timedelta(days=3), user_id=leaver.id)
leads[2].action_set_lost()
env["calendar.event"].create(
    {
        "name": "Visit",
        "start": datetime.combine(today - timedelta(days=20), time(9)),
        "stop": datetime.combine(today - timedelta(days=20), time(10)),
        "user_id": seller.id,
        "partner_ids": [Command.set((customers[0].child_ids + seller.partner_id).ids)],
        "opportunity_id": leads[0].id,
    }
)
for customer in customers:
    customer.message_post(
        body="A letter from outside",
        message_type="email",
        author_id=customer.child_ids.id,
        email_from=customer.child_ids.email,
        subtype_xmlid="mail.mt_comment",
    )
env["mailing.list"].create(
    {
        "name": "Life List",
        "contact_ids": [
            Command.create({"name": person.name, "email": person.email}) for person in customers.child_ids
        ],
    }
)
env.cr.commit()
