"""Wage deduction at one customer of the demo company: two lists paid, the second one short, the third to be sent."""

import base64
from datetime import timedelta

from odoo.fields import Command

from odoo.addons.partner_relations.tools.wage_deduction import day_of_month, next_pay_date

CUTOFF_DAY, PAY_DAY = 20, 25
LIMIT = 5_000_000
# name, number in the payroll, what was bought: (days before the first pay day, price)
EMPLOYEES = (
    ("Lý Thu Hà", "NV-014", ((12, 9_000_000),)),
    ("Mai Văn Tài", "NV-027", ((12, 4_500_000), (-24, 3_600_000))),
    ("Phan Thị Ngọc", "NV-031", ((9, 6_000_000),)),
    ("Tô Minh Khôi", "NV-052", ((-24, 7_500_000),)),
)
SHORT = ("NV-014", 1_000_000, "Nghỉ ốm nửa tháng")


def load_wage_deduction(env, today, customers, users, products):
    """An arrangement with a customer whose employees buy furniture for themselves.

    :return: number of its lists
    """
    employer = customers[0]
    pay_date = next_pay_date(today, PAY_DAY)
    pay_dates = [day_of_month(pay_date, PAY_DAY, months) for months in (-2, -1, 0)]
    start = pay_dates[0] - timedelta(days=30)
    arrangement = env["partner.wage.deduction"].create(
        {
            "employer_id": employer.id,
            # who gets the list by e-mail
            "contact_id": employer.child_ids.filtered("email")[:1].id,
            "cutoff_day": CUTOFF_DAY,
            "pay_day": PAY_DAY,
            "instalments": 3,
            "limit_amount": LIMIT,
            "contract_file": _paper("Hợp đồng"),
            "contract_filename": "hop-dong-trich-luong.txt",
            "contract_date": start,
            "date_from": start,
            "user_id": users["giamdoc"].id,
        }
    )
    arrangement.action_activate()
    partners = env["res.partner"].create(
        [
            {"name": name, "user_id": employer.user_id.id, "customer_rank": 1, "city": employer.city}
            for name, _number, _bought in EMPLOYEES
        ]
    )
    members = env["partner.wage.deduction.member"].create(
        [
            {
                "arrangement_id": arrangement.id,
                "partner_id": partner.id,
                "employee_number": number,
                "consent_file": _paper(partner.name),
                "consent_filename": "dong-y.txt",
                "consent_date": start,
                "date_from": start,
            }
            for partner, (_name, number, _bought) in zip(partners, EMPLOYEES, strict=True)
        ]
    )
    members.action_activate()
    bank = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
    )
    lists = env["partner.wage.deduction.list"]
    for number, pay_date in enumerate(pay_dates):
        _sell(env, members, products, pay_dates[0], today, pay_date)
        made = lists._make_list(arrangement, pay_date)
        if number < 2:
            made.action_mark_sent()
            reason = None
            if number:
                short, amount, reason = SHORT
                made.line_ids.filtered(
                    lambda line, short=short: line.employee_number == short
                ).amount_paid = amount
            made._register_payment(
                min(pay_date + timedelta(days=2), today),
                journal=bank,
                amount=sum(made.line_ids.mapped("amount_paid")),
                reason=reason,
            )
    return lists.search_count([("arrangement_id", "=", arrangement.id)])


def _sell(env, members, products, first, today, pay_date):
    """Invoices to the members that are not made yet, up to the cut-off day of a list."""
    for member, (_name, _number, bought) in zip(members, EMPLOYEES, strict=True):
        for index, (days, price) in enumerate(bought):
            day = min(first - timedelta(days=days), today)
            if day > pay_date or len(member.move_ids) > index:
                continue
            product = products[(member.id + index) % len(products)]
            move = env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": member.partner_id.id,
                    "invoice_date": day,
                    "invoice_user_id": member.partner_id.user_id.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "quantity": 1,
                                "price_unit": price,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
            )
            if not move.wage_member_id:
                move.action_pay_by_wage_deduction(6)
            move.action_post()
            member.invalidate_recordset(["move_ids"])


def _paper(title):
    return base64.b64encode(title.encode())
