"""Blanket orders of suppliers, requests and moved promises, and the ratings that follow from it all."""

from datetime import timedelta

from odoo.fields import Command

from . import names
from .loading import at, backdate
from .plan_reliability import BLANKETS, GRADES_BY_HAND, move, request
from .plan_supply import agreed_price, material_index

# Closed months with scorecards.
MONTHS = 12


def load_blanket_orders(env, suppliers, materials, today, user):
    """Open blanket orders, older than the orders that fall under them."""
    blankets = env["purchase.requisition"].create(
        [
            {
                "requisition_type": "blanket_order",
                "vendor_id": suppliers[key].id,
                "user_id": user.id,
                "currency_id": env.ref(f"base.{names.SUPPLIERS[key][6]}").id,
                "date_start": today + timedelta(days=first),
                "date_end": today + timedelta(days=last),
                "line_ids": [
                    Command.create(
                        {
                            "product_id": materials[material_index(code)].id,
                            "product_qty": 5_000,
                            "price_unit": agreed_price(key, code),
                        }
                    )
                ],
            }
            for key, code, first, last in BLANKETS
        ]
    )
    for blanket in blankets:
        blanket.action_confirm()
    for records in (blankets, blankets.line_ids, blankets.line_ids.supplier_info_ids):
        days = [at(today + timedelta(days=BLANKETS[0][2]), 8)] * len(records)
        backdate(records, days)
    return blankets


def load_requests(pairs):
    """When the suppliers were asked for quotations, and when they answered."""
    for purchase, order in pairs:
        asked = request(purchase)
        sent = at(purchase.ordered - timedelta(days=asked.asked_days), 8)
        answered = asked.answer_days is not None and sent + timedelta(days=asked.answer_days)
        order.write({"rfq_sent_date": sent, "rfq_answer_date": answered})


def load_moves(env, pairs, today, user):
    """Promises that were moved after the confirmation; they stay what was promised."""
    days = {}
    for purchase, order in pairs:
        moved = move(purchase, today)
        if moved:
            lines = order.order_line.with_context(promise_change_reason=moved.reason)
            lines.write({"date_planned": at(moved.date, 12)})
            days[order] = at(moved.day, 16)
    changes = env["purchase.promise.change"].search([("order_id", "in", [order.id for order in days])])
    for day, group in changes.grouped(lambda change: days[change.order_id]).items():
        group.write({"date": day, "user_id": user.id})
    return changes


def load_ratings(env, suppliers, today, director):
    """Scorecards of the past months and of today, a grade set by hand, and warnings and blocks switched on."""
    env.flush_all()
    cards = env["supplier.scorecard"]
    policy = env["supplier.score.policy"]._get_for(env.company)
    for month in cards._get_missing_months(policy)[-MONTHS:]:
        cards._score_month(policy, month)
    cards._score_current(policy)
    policy.write({"use_warning": True, "use_block": True})
    # the author of a grade is who sets it
    env["supplier.grade.override"].with_user(director).create(
        [
            {
                "partner_id": suppliers[key].id,
                "company_id": env.company.id,
                "grade": grade,
                "date_until": today + timedelta(days=days),
                "reason": reason,
            }
            for key, grade, days, reason in GRADES_BY_HAND
        ]
    )
    return cards.search_count([("company_id", "=", env.company.id)])
