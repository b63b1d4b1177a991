"""Why orders failed, the causes of late deliveries, and transfers to the showroom."""

from datetime import timedelta

from odoo.fields import Command

from .loading import at, past

# By outcome of the plan: reasons of the starter set, the most frequent ones several times.
REASONS = {
    "quote_lost": (
        "price",
        "price",
        "competitor",
        "price",
        "no_answer",
        "late_delivery",
        "price",
        "no_budget",
    ),
    "cancelled": ("out_of_stock", "need_gone", "out_of_stock", "not_paid", "supplier_late"),
    "short": ("out_of_stock", "supplier_late", "out_of_stock", "discontinued"),
}
CAUSES = ("production", "our_shipping", "production", "supplier_late", "carrier")
SHOWROOM = "Phòng trưng bày"


def load_failures(env, today, pairs):
    """Tell the reasons of what was cancelled, and close the rests that the warehouse gave up.

    Every seventh has no reason yet, as if the customer had cancelled in the portal.
    """
    failed = [(sale, order) for sale, order in pairs if sale.outcome in REASONS]
    failures = env["partner.order.failure"]._internal()
    for number, (sale, order) in enumerate(failed):
        if sale.outcome == "short":
            if not order._get_closable_lines():
                continue
            order._close_rest()
        failure = order.failure_ids._internal()
        moment = past(min(sale.ordered + timedelta(days=9 + number % 12), today), 16)
        failure.write({"date": moment, "user_id": order.user_id.id})
        failure.line_ids.write({"date": moment})
        if number % 7 != 6:
            names = REASONS[sale.outcome]
            failure._tell(env.ref(f"partner_relations.failure_reason_{names[number % len(names)]}"))
        failures |= failure
    return failures


def load_causes(env):
    """Tell why deliveries were late, of two thirds of them."""
    late = env["stock.picking"].search([("is_late_delivery", "=", True)], order="id")
    causes = [env.ref(f"partner_relations.failure_reason_{name}") for name in CAUSES]
    for number, cause in enumerate(causes):
        late.browse([picking.id for place, picking in enumerate(late) if place % 8 == number]).write(
            {"late_reason_id": cause.id}
        )
    return late


def load_transfers(env, today, furniture, user):
    """A showroom, which is a department, gets a piece of furniture every month."""
    warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    stock = warehouse.lot_stock_id
    showroom = env["stock.location"].create(
        {"name": SHOWROOM, "location_id": stock.id, "is_department": True}
    )
    pickings = env["stock.picking"].create(
        [
            {
                "picking_type_id": warehouse.int_type_id.id,
                "location_id": stock.id,
                "location_dest_id": showroom.id,
                "user_id": user.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom": product.uom_id.id,
                            "product_uom_qty": 1,
                            "location_id": stock.id,
                            "location_dest_id": showroom.id,
                        }
                    )
                ],
            }
            for product in furniture[:8]
        ]
    )
    pickings.action_confirm()
    pickings.move_ids.quantity = 1
    pickings.move_ids.picked = True
    pickings._action_done()
    for number, picking in enumerate(pickings):
        picking.date_done = at(today - timedelta(days=12 + 30 * number), 15)
    return pickings
