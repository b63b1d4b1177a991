"""Mail rules, all switched off, one of them with what it sent and left out in the past weeks."""

from datetime import timedelta

from .loading import at

RULES = (
    ("Chúc mừng sinh nhật", "birthday", "birthday", 0, "customer", "commercial"),
    ("Xác nhận đơn hàng", "order_confirmed", "confirmed", 0, "customer", "transactional"),
    ("Hỏi thăm sau giao hàng", "order_delivered", "delivered", 3, "customer", "commercial"),
    ("Nhắc nhà cung cấp trước hạn giao", "promised_purchase", "promise", -2, "customer", "transactional"),
)
LOGGED = 14


def load_mail_rules(env, today, orders):
    """The rules, and the log of the confirmations; every fifth was left out.

    :param orders: confirmed sales orders among others
    """
    rules = env["partner.mail.rule"].create(
        [
            {
                "name": name,
                "trigger": trigger,
                "template_id": env.ref(f"partner_relations.mail_template_rule_{template}").id,
                "offset_days": offset,
                "audience": audience,
                "purpose": purpose,
                "sequence": 10 * number,
            }
            for number, (name, trigger, template, offset, audience, purpose) in enumerate(RULES, 1)
        ]
    )
    confirmed = orders.filtered(lambda order: order.state == "sale" and order.date_order.date() <= today)
    confirmed = confirmed.sorted("date_order", reverse=True)[:LOGGED]
    env["partner.mail.rule.log"].create(
        [
            {
                "rule_id": rules[1].id,
                "company_id": order.company_id.id,
                "res_model": "sale.order",
                "res_id": order.id,
                "record_name": order.name,
                "due_date": order.date_order.date(),
                "send_at": order.date_order,
                "date_latest": order.date_order + timedelta(days=3),
                "partner_id": order.partner_id.id,
                "customer_id": order.partner_id.commercial_partner_id.id,
                "user_id": order.user_id.id,
                "email": order.partner_id.email_normalized,
                **(
                    {"state": "skipped", "reason": "no_email"}
                    if number % 5 == 4
                    else {
                        "state": "sent",
                        "subject": f"Đơn hàng {order.name}",
                        "send_day": order.date_order.date(),
                        "date_sent": at(order.date_order.date(), 10),
                    }
                ),
            }
            for number, order in enumerate(confirmed)
        ]
    )
    return rules
