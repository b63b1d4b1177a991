"""Who works beside sales and purchase: marketing, the clerk of the shared mailbox, the accountant."""

from odoo.fields import Command

from .loading import TIMEZONE

# login: (name, job position, department, groups)
OFFICE = {
    "mai": (
        "Hoàng Thị Mai",
        "Nhân viên marketing",
        "Phòng marketing",
        (
            "partner_relations.group_user",
            "mass_mailing.group_mass_mailing_user",
            "sales_team.group_sale_salesman",
            "base.group_allow_export",
        ),
    ),
    "ngoc": ("Bùi Thị Ngọc", "Văn thư", "Văn phòng", ("partner_relations.group_user",)),
    "hoa": (
        "Phan Thị Hoa",
        "Kế toán công nợ",
        "Phòng kế toán",
        ("account.group_account_invoice", "base.group_allow_export"),
    ),
}


def load_office(env, users):
    """They come last: no figure of the demo company depends on them.

    :param dict users: those of sales and purchase, by login
    :return: the new users by login
    """
    superior = users["giamdoc"].employee_id
    office = {}
    for login, (name, position, department, groups) in OFFICE.items():
        office[login] = env["res.users"].create(
            {
                "name": name,
                "login": login,
                "password": login,
                "email": f"{login}@saoviet.example.com",
                "lang": "vi_VN",
                "tz": TIMEZONE,
                "group_ids": [Command.link(env.ref(group).id) for group in groups],
            }
        )
        office[login].notification_type = "inbox"
        env["hr.employee"].create(
            {
                "name": name,
                "user_id": office[login].id,
                "job_title": position,
                "work_email": office[login].email,
                "department_id": env["hr.department"].create({"name": department}).id,
                "parent_id": superior.id,
                "coach_id": superior.id,
            }
        )
    shared = env["partner.mailbox"].search([("kind", "=", "shared")])
    shared.access_ids = [Command.create({"user_id": office["ngoc"].id, "level": "manage"})]
    # marketing answers for the campaigns and works with the segments that the head of sales made
    campaigns = env["utm.campaign"].search([("user_id", "in", [user.id for user in users.values()])])
    campaigns.user_id = office["mai"]
    return office
