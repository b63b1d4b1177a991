"""The company itself, its people, goods and business partners."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Command

from . import names
from .loading import TIMEZONE, at
from .plan import BASE_RATES, MONTHS, month_start, rate, vat_number
from .plan_relations import people, phone, slug
from .plan_supply import agreed_price, material_index

GROUPS = {
    "giamdoc": (
        "partner_relations.group_director",
        "sales_team.group_sale_manager",
        "purchase.group_purchase_manager",
        "account.group_account_invoice",
        "base.group_allow_export",
    ),
    "lan": (
        "partner_relations.group_supervisor",
        "sales_team.group_sale_salesman_all_leads",
        "base.group_allow_export",
    ),
    "quang": ("partner_relations.group_user", "purchase.group_purchase_user", "base.group_allow_export"),
}
SALES_GROUPS = ("partner_relations.group_user", "sales_team.group_sale_salesman")


def load_company(env, today):
    """Rename the company, give it the Vietnamese chart of accounts, its currencies and their rates."""
    company = env.company
    if env["account.move"].search_count([("company_id", "=", company.id)], limit=1):
        raise UserError(
            env._(
                "%s already has journal entries: load the demo company into a fresh database.", company.name
            )
        )
    vietnam = env.ref("base.vn")
    company.write({**names.COMPANY, "country_id": vietnam.id, "state_id": env.ref("base.state_vn_VN-SG").id})
    name_warehouse(company)
    # installed by itself with stock and sms: a text message for every delivery, even one of two years ago
    company.write({"stock_text_confirmation": False, "stock_move_email_validation": False})
    company.partner_id.write({"tz": TIMEZONE, "lang": "vi_VN"})
    if company.chart_template != "vn":
        company.currency_id = env.ref("base.VND")
        env["account.chart.template"].try_loading("vn", company=company, install_demo=False)
    env.ref("base.user_admin").tz = TIMEZONE
    user_group = env.ref("base.group_user")
    for feature in ("product.group_product_pricelist", "sale.group_discount_per_so_line"):
        user_group._apply_group(env.ref(feature))
    currencies = {code: env.ref(f"base.{code}") for code in ("VND", *BASE_RATES)}
    env["res.currency"].concat(*currencies.values()).active = True
    env["res.currency.rate"].create(
        [
            {
                "name": month_start(today, months),
                "currency_id": currencies[code].id,
                "company_id": company.id,
                "inverse_company_rate": rate(code, today, month_start(today, months)),
            }
            for code in BASE_RATES
            for months in range(MONTHS + 6)
        ]
    )
    return currencies


def name_warehouse(company):
    """Name the warehouse, its routes and rules like the company: they were made before it was renamed."""
    warehouse = company.env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
    warehouse.name = company.name


def load_staff(env):
    """Users with login = password, and the hierarchy of employees behind them."""
    users = env["res.users"].create(
        [
            {
                "name": name,
                "login": login,
                "password": login,
                "email": f"{login}@saoviet.example.com",
                "lang": "vi_VN",
                "tz": TIMEZONE,
                "group_ids": [Command.link(env.ref(group).id) for group in GROUPS.get(login, SALES_GROUPS)],
            }
            for login, (name, *_rest) in names.STAFF.items()
        ]
    )
    users.notification_type = "inbox"
    users = dict(zip(names.STAFF, users, strict=True))
    department_names = dict.fromkeys(department for *_rest, department in names.STAFF.values())
    departments = env["hr.department"].create([{"name": name} for name in department_names])
    departments = dict(zip(department_names, departments, strict=True))
    employees = env["hr.employee"].create(
        [
            {
                "name": name,
                "user_id": users[login].id,
                "job_title": position,
                "work_email": users[login].email,
                "department_id": departments[department].id,
            }
            for login, (name, position, _superior, department) in names.STAFF.items()
        ]
    )
    employees = dict(zip(names.STAFF, employees, strict=True))
    for login, (_name, _position, superior, department) in names.STAFF.items():
        if superior:
            employees[login].write({"parent_id": employees[superior].id, "coach_id": employees[superior].id})
        if login in ("giamdoc", "lan", "quang"):
            departments[department].manager_id = employees[login]
    team = env.ref("sales_team.team_sales_department", raise_if_not_found=False)
    if team:
        sellers = [user.id for login, user in users.items() if login not in ("giamdoc", "quang")]
        team.write({"user_id": users["lan"].id, "member_ids": [Command.link(user) for user in sellers]})
    return users


def load_products(env, plan, today):
    """Furniture with the stock that the two years take, materials with the suppliers' habits behind them.

    :return: furniture, materials (both in the order of the lists in ``names``) and the product for discounts
    """
    english, categories = env(context={**env.context, "lang": "en_US"}), {}
    for key, name in names.CATEGORIES.items():
        categories[key] = english["product.category"].create({"name": name})
    furniture = english["product.product"].create(
        [
            {
                "default_code": code,
                "name": name,
                "categ_id": categories[category].id,
                "list_price": price,
                "standard_price": cost,
                "type": "consu",
                "is_storable": True,
                "invoice_policy": "delivery",
                "purchase_ok": False,
            }
            for code, category, name, _vietnamese, price, cost in names.PRODUCTS
        ]
    )
    materials = english["product.product"].create(
        [
            {
                "default_code": code,
                "name": name,
                "categ_id": categories[category].id,
                "list_price": 0,
                "standard_price": cost,
                "type": "consu",
                "is_storable": True,
                "purchase_method": "receive",
                "sale_ok": False,
            }
            for code, category, name, _vietnamese, cost in names.MATERIALS
        ]
    )
    discount = english["product.product"].create(
        {
            "default_code": "CK",
            "name": "Trade discount",
            "type": "service",
            "invoice_policy": "order",
            "list_price": 0,
            "purchase_ok": False,
        }
    )
    translations = [row[3] for row in (*names.PRODUCTS, *names.MATERIALS)] + ["Chiết khấu thương mại"]
    for product, vietnamese in zip(furniture + materials + discount, translations, strict=True):
        product.product_tmpl_id.update_field_translations("name", {"vi_VN": vietnamese})
    needed = dict.fromkeys(range(len(furniture)), 40)
    for sale in plan.sales:
        for line in sale.lines:
            needed[line.product] += line.quantity
    location = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1).lot_stock_id
    quants = (
        env["stock.quant"]
        .with_context(inventory_mode=True)
        .create(
            [
                {
                    "product_id": furniture[index].id,
                    "location_id": location.id,
                    "inventory_quantity": quantity,
                }
                for index, quantity in needed.items()
            ]
        )
    )
    quants.action_apply_inventory(at(month_start(today, MONTHS + 6)))
    return furniture, materials, discount


def _address(env, key, region):
    country, state, city, zip_code, _user, _currency, lang = names.REGIONS[region]
    foreign = country != "vn"
    return {
        "street": f"{key + 11} {'Example Street' if foreign else names.STREETS[key % len(names.STREETS)]}",
        "city": city,
        "zip": zip_code,
        "country_id": env.ref(f"base.{country}").id,
        "state_id": env.ref(state).id if state else False,
        "lang": lang,
        "vat": False if foreign else vat_number(key + 100),
    }


def load_partners(env, plan, users, currencies):
    """Customers and suppliers with their persons.

    :return: customers, suppliers (in the order of the plan) and ``{company: persons}``
    """
    partner = env["res.partner"]
    pricelists = {"VND": env["product.pricelist"]}
    for code in BASE_RATES:
        pricelists[code] = env["product.pricelist"].create(
            {
                "name": f"Xuất khẩu {code}",
                "currency_id": currencies[code].id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "3_global",
                            "compute_price": "formula",
                            "base": "list_price",
                            "price_discount": 0,
                        }
                    )
                ],
            }
        )
    terms = env.ref("account.account_payment_term_30days")
    customer_tag, supplier_tag, export_tag = env["res.partner.category"].create(
        [
            {"name": "Khách hàng", "color": 10},
            {"name": "Nhà cung cấp", "color": 4},
            {"name": "Xuất khẩu", "color": 3},
        ]
    )
    vals_list = []
    for customer in plan.customers:
        export = customer.currency != "VND"
        vals = {
            **_address(env, customer.key, customer.region),
            "name": customer.name,
            "is_company": True,
            "industry_id": env.ref(customer.industry).id,
            "user_id": users[customer.user].id,
            "email": f"info@{slug(customer.name)}.example.com",
            "phone": phone(customer.region, customer.key),
            "category_id": [Command.set((customer_tag | export_tag if export else customer_tag).ids)],
            "property_payment_term_id": terms.id,
            "customer_rank": 1,
        }
        # records nobody has completed yet
        if customer.key % 11 == 6:
            vals.update(phone=False, vat=False)
        if customer.key % 13 == 9:
            vals.update(industry_id=False, street=False)
        if export:
            vals["property_product_pricelist"] = pricelists[customer.currency].id
        if customer.worth >= 300_000_000:
            vals["responsible_user_ids"] = [Command.link(users["lan"].id)]
        vals_list.append(vals)
    for key, (name, region, _codes, _lead, _habit, _over, currency) in enumerate(names.SUPPLIERS):
        vals_list.append(
            {
                **_address(env, 200 + key, region),
                "name": name,
                "is_company": True,
                "user_id": users["quang"].id,
                "industry_id": env.ref("base.res_partner_industry_C").id,
                "supplier_rank": 1,
                "email": f"sales@{slug(name)}.example.com",
                "phone": phone(region, 200 + key),
                "category_id": [Command.set(supplier_tag.ids)],
                "property_supplier_payment_term_id": terms.id,
                "property_purchase_currency_id": currencies[currency].id,
            }
        )
    companies = partner.create(vals_list)
    customers, suppliers = companies[: len(plan.customers)], companies[len(plan.customers) :]
    regions = [customer.region for customer in plan.customers] + [supplier[1] for supplier in names.SUPPLIERS]
    persons = _load_people(env, plan.today, companies, regions)
    return customers, suppliers, persons, pricelists


def _load_people(env, today, companies, regions):
    vals_list = []
    for key, (company, region) in enumerate(zip(companies, regions, strict=True)):
        for person in people(today, key, company.name, region):
            role = env.ref(f"partner_relations.contact_role_{person.role}", raise_if_not_found=False)
            vals_list.append(
                {
                    "name": person.name,
                    "parent_id": company.id,
                    "type": "contact",
                    "function": person.position,
                    "email": person.email,
                    "phone": person.phone,
                    "user_id": company.user_id.id,
                    "birthdate": person.birthdate,
                    "birth_year_known": person.birth_year_known,
                    "contact_role_id": role.id if role else False,
                    "preferred_channel": person.channel,
                    "lang": company.lang,
                }
            )
    return dict(env["res.partner"].create(vals_list).grouped("parent_id"))


def load_vendor_prices(env, suppliers, materials, today):
    """The suppliers' price lists, valid from before the first order on."""
    vals_list = []
    for key, (_name, _region, codes, lead, _habit, _over, currency) in enumerate(names.SUPPLIERS):
        for sequence, code in enumerate(codes):
            vals_list.append(
                {
                    "partner_id": suppliers[key].id,
                    "sequence": key + sequence,
                    "delay": lead,
                    "min_qty": 1,
                    "product_tmpl_id": materials[material_index(code)].product_tmpl_id.id,
                    "price": agreed_price(key, code),
                    "currency_id": env.ref(f"base.{currency}").id,
                    "date_start": today - timedelta(days=MONTHS * 31),
                }
            )
    return env["product.supplierinfo"].create(vals_list)
