"""What customers need, like and agreed upon, and how their people think of us: for the relationship card."""

from datetime import timedelta

from odoo.fields import Command

# sentence, kind, importance, days until the deadline (None: none), state, place of a product that answers it
NEEDS = (
    ("Giao hàng trước 8 giờ sáng", "requirement", "1", None, "progress", None),
    ("Bàn họp cho 20 người, ghép được", "need", "2", 14, "open", 20),
    ("Ghế xếp chồng được, dễ lau chùi", "need", "0", 30, "progress", 15),
    ("Gỗ có chứng chỉ FSC", "requirement", "2", -6, "open", None),
    ("Lắp đặt vào cuối tuần", "need", "0", 9, "open", None),
    ("Hoá đơn điện tử trong ngày giao hàng", "requirement", "1", -60, "met", None),
    ("Mẫu vải bọc mới cho sảnh khách sạn", "need", "1", -2, "progress", 0),
    ("Bảo hành năm năm cho khung ghế", "requirement", "0", -90, "met", None),
    ("Màu sơn theo bảng màu của khách", "need", "0", 45, "open", 10),
    ("Giao từng tầng, có thang máy hàng", "requirement", "0", -120, "dropped", None),
)
TASTES = (
    ("Thích gặp trực tiếp, không thích e-mail dài", "preference"),
    ("Không nhận điện thoại sau 17 giờ", "dislike"),
    ("Uống trà xanh, không uống cà phê", "preference"),
    ("Không thích bị gọi vào thứ Hai", "dislike"),
)
ATTITUDES = ("for", "neutral", "for", "against", "for", False)
# customer: discount limit in percent (None: no limit), days until the terms end (None: open), Incoterm, other terms
TERMS = {
    0: (12.0, 220, "DAP", "Giao trong 10 ngày làm việc; phạt trễ 0,5 % mỗi ngày."),
    2: (8.0, None, "EXW", "Khách tự bốc xếp."),
    5: (15.0, 45, "DAP", "Đóng gói riêng từng bộ."),
    9: (None, 90, "FCA", "Đổi hàng lỗi trong 7 ngày."),
}


def load_card(env, today, customers, persons, furniture):
    """Needs of every customer in turn, attitudes of those with a part in decisions, terms of a few.

    :return: how many needs there are
    """
    vals_list = []
    for number, customer in enumerate(customers):
        common = {"partner_id": customer.id, "user_id": customer.user_id.id, "company_id": env.company.id}
        people = persons[customer]
        # those at the head of the list have more, as large customers do
        for step in range(3 if number < 12 else 1):
            name, kind, importance, days, state, place = NEEDS[(number * 3 + step) % len(NEEDS)]
            answered = [] if place is None else furniture[place].product_tmpl_id.ids
            vals_list.append(
                {
                    **common,
                    "name": name,
                    "kind": kind,
                    "importance": importance,
                    "state": state,
                    "contact_id": people[number % len(people)].id if people else False,
                    "date_deadline": False if days is None else today + timedelta(days=days),
                    "product_tmpl_ids": [Command.set(answered)],
                }
            )
        if number % 3 == 0:
            name, kind = TASTES[number // 3 % len(TASTES)]
            vals_list.append({**common, "name": name, "kind": kind})
        for place, person in enumerate(people):
            if person.contact_role_id:
                person.decision_attitude = ATTITUDES[(number + place) % len(ATTITUDES)]
    needs = env["partner.requirement"].create(vals_list)
    env["partner.customer.terms"].create(
        [
            {
                "partner_id": customers[number].id,
                "company_id": env.company.id,
                "name": f"HĐNT {today.year}/{number + 1:02}",
                "date_from": today - timedelta(days=120),
                "date_to": today + timedelta(days=days) if days is not None else False,
                "discount_limit": limit if limit is not None else False,
                "incoterm_id": env.ref(f"account.incoterm_{incoterm}").id,
                "incoterm_location": customers[number].city,
                "note": note,
            }
            for number, (limit, days, incoterm, note) in TERMS.items()
        ]
    )
    return len(needs)
