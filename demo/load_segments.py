"""Segments of marketing: decision makers of hotels, offices that wait for a call, who comes to the fair."""

from odoo.fields import Command

# xmlids of industries: hotels and restaurants; offices and schools
HOTELS = ("base.res_partner_industry_I",)
OFFICES = ("base.res_partner_industry_J", "base.res_partner_industry_K", "base.res_partner_industry_M")


def load_segments(env, users, persons):
    """Three segments: persons of companies, who waits for a call, a snapshot with another segment in it.

    :param dict persons: the persons of each company
    """
    for name in ("giamdoc", "lan"):
        users[name].group_ids += env.ref("mass_mailing.group_mass_mailing_user")
    owner = users["lan"]
    guests = env["res.partner"].concat(*persons.values())[:3]
    roles = env.ref("partner_relations.contact_role_decides") | env.ref("partner_relations.contact_role_buys")

    def rule(xmlids, *conditions):
        found = [env.ref(xmlid, raise_if_not_found=False) for xmlid in xmlids]
        ids = [industry.id for industry in found if industry]
        return repr([("commercial_partner_id.industry_id", "in", ids), *conditions])

    segments = env["partner.segment"]
    hotels = segments.create(
        {
            "name": "Khách sạn và nhà hàng: người quyết định",
            "user_id": owner.id,
            "domain": rule(HOTELS),
            "level": "company_person",
            "role_ids": [Command.set(roles.ids)],
        }
    )
    offices = segments.create(
        {
            "name": "Văn phòng, hai tháng chưa liên hệ",
            "user_id": owner.id,
            "domain": rule(OFFICES, ("is_company", "=", True), ("last_contact_days", ">", 60)),
        }
    )
    fair = segments.create(
        {
            "name": "Khách mời hội chợ mùa xuân",
            "user_id": owner.id,
            "kind": "static",
            "domain": repr([("abc_class", "in", ["a", "b"]), ("email_normalized", "!=", False)]),
            "level": "person",
            "include_ids": [Command.set(guests.ids)],
            "part_ids": [Command.create({"operator": "or", "part_id": hotels.id})],
        }
    )
    return hotels | offices | fair
