"""What the guides ask somebody to take back or to go on with: an import, a reassignment, a draft invoice, a mailing."""

import base64
from datetime import timedelta

from odoo import fields
from odoo.fields import Command

FILE = "danh-ba-hoi-cho.vcf"
COMPANY = "Xưởng mộc Bến Nghé"
# first name, family and middle name, job position, number
CARDS = (
    ("Sơn", "Trịnh Văn", "Chủ xưởng", 701),
    ("Duyên", "Hồ Mỹ", "Kế toán", 702),
    ("Khang", "Lương Gia", "Quản đốc", 703),
)
DOMAIN = "xuongmocbennghe.example.com"
MAILING = "<p>Kính gửi quý khách, mời quý khách xem bộ sưu tập ghế sảnh mới của Sao Việt.</p>"
DESK_PRICE = 2_400_000


def load_waiting(env, today, users, persons, products):
    """Each is done by who does it in the guides, with their own rights.

    :param dict persons: the persons of each customer and supplier
    """
    known = next(
        person
        for company, group in persons.items()
        if company.user_id == users["minh"]
        for person in group
        if person.email
    )
    _import_cards(env, users["minh"], known)
    _reassign(env, today, users)
    _draft_invoice(env, today, products)


def load_mailing(env, user):
    """A mailing to the first segment, written and not sent."""
    campaign = env["utm.campaign"].search([("user_id", "=", user.id)], order="id desc", limit=1)
    return (
        env["mailing.mailing"]
        .with_user(user)
        .create(
            {
                "subject": "Bộ sưu tập ghế sảnh mới",
                "mailing_model_id": env["ir.model"]._get_id("res.partner"),
                "segment_id": env["partner.segment"].search([], order="id", limit=1).id,
                "campaign_id": campaign.id,
                "answer_mode": "inquiry",
                "body_arch": MAILING,
                "body_html": MAILING,
            }
        )
    )


def _import_cards(env, user, known):
    """The address book of a fair: three who are new, and one whom the salesperson knows already."""
    cards = [
        _card(name, family, position, f"nguoi{number}@{DOMAIN}", f"+84 900 000 {number}", COMPANY)
        for name, family, position, number in CARDS
    ]
    cards.append(_card(known.name, "", known.function or "", known.email, known.phone or "", ""))
    contact_import = (
        env["partner.contact.import"]
        .with_user(user)
        .create({"file": base64.b64encode("".join(cards).encode()), "filename": FILE})
    )
    contact_import.action_preview()
    contact_import.action_import()
    return contact_import


def _card(name, family, position, email, phone, company):
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"N:{family};{name};;;",
        f"FN:{' '.join(filter(None, (family, name)))}",
        f"ORG:{company}",
        f"TITLE:{position}",
        f"EMAIL:{email}",
        f"TEL:{phone}",
        "END:VCARD",
    ]
    return "".join(f"{line}\r\n" for line in lines)


def _reassign(env, today, users):
    """The head of sales gave this week's work of somebody who is away to a colleague."""
    wizard = (
        env["partner.reassign"]
        .with_user(users["lan"])
        .create(
            {
                "user_from_id": users["thao"].id,
                "user_to_id": users["hung"].id,
                "reason": "Nghỉ phép một tuần",
                "with_opportunities": False,
                "with_orders": False,
                "date_until": today + timedelta(days=4),
            }
        )
    )
    action = wizard.action_reassign()
    return env["partner.reassignment"].browse(action["res_id"])


def _draft_invoice(env, today, products):
    """An employee of the employer with wage deduction buys a desk; the invoice is not posted yet."""
    member = env["partner.wage.deduction.member"].search([("state", "=", "active")], order="id desc", limit=1)
    member.by_default = False
    return env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": member.partner_id.id,
            "invoice_date": fields.Date.to_string(today),
            "invoice_user_id": member.partner_id.user_id.id,
            "invoice_line_ids": [
                Command.create(
                    {
                        "product_id": products[0].id,
                        "quantity": 1,
                        "price_unit": DESK_PRICE,
                        "tax_ids": [Command.clear()],
                    }
                )
            ],
        }
    )
