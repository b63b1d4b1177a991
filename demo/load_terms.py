"""Terms agreed with suppliers: some over, most valid, one that ends soon and one without an end."""

from datetime import timedelta

from odoo.fields import Command

from .plan import MONTHS
from .plan_supply import material_index

# supplier (its place in names.SUPPLIERS): days until the terms end (None: open), Incoterm, place, transport,
# minimum order in the supplier's currency, warranty in months, days to return
TERMS = {
    0: (200, "DAP", "Thuận An", "road", 20_000_000, 12, 14),
    1: (None, "DAP", "Thuận An", "road", 15_000_000, 6, 7),
    3: (20, "EXW", "TP Hồ Chí Minh", "pickup", 5_000_000, None, 7),
    4: (300, "FOB", "Hamburg", "sea", 2_000, 36, 30),
    7: (-15, "DAP", "Thuận An", "road", 8_000_000, None, 10),
    12: (150, "FCA", "Portland", "air", 3_000, 24, 30),
}


def load_terms(env, today, buyer, suppliers, materials):
    """The terms, each after others that held before; made before the orders, which take them."""
    vals_list = []
    for key, (days, incoterm, place, transport, minimum, warranty, returns) in TERMS.items():
        common = {
            "partner_id": suppliers[key].id,
            "user_id": buyer.id,
            "incoterm_id": env.ref(f"account.incoterm_{incoterm}").id,
            "incoterm_location": place,
            "transport_mode": transport,
            "min_amount": minimum,
            "warranty_months": warranty or False,
            "return_days": returns,
        }
        last = today + timedelta(days=days) if days is not None else False
        first = (last or today) - timedelta(days=364 if last else 120)
        vals_list.append(
            {
                **common,
                "date_from": today - timedelta(days=MONTHS * 31),
                "date_to": first - timedelta(days=1),
                "min_amount": minimum // 2,
            }
        )
        vals_list.append(
            {**common, "name": f"HĐ {first.year}/{key + 1:02}", "date_from": first, "date_to": last}
        )
    terms = env["supplier.terms"].create(vals_list)
    hinges, handles = (materials[material_index(code)] for code in ("NL-05", "NL-08"))
    for supplier, product, multiple in ((3, handles, 50), (4, hinges, 100)):
        terms.filtered(lambda one, supplier=supplier: one.partner_id == suppliers[supplier]).line_ids = [
            Command.create({"product_id": product.id, "min_quantity": 2 * multiple, "multiple": multiple})
        ]
    return terms
