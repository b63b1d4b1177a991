# Runs in Odoo's shell, in the demo company: gives each scheduled job of the addon a batch or more to do.
# ruff: noqa: F821 -- `env` is the shell's
from datetime import timedelta

from odoo import Command, fields

today, now = fields.Date.today(), fields.Datetime.now()
# nobody is written to for real, and the jobs run when the tests say so
env["ir.mail_server"].search([]).active = False
env["ir.cron"].search([]).active = False
env["ir.cron.trigger"].search([]).unlink()
env["res.company"].search([]).email = "office@faults.example"
users = env.ref("partner_relations.group_user").all_user_ids.filtered("active")
customers = env["res.partner"].search(
    [("customer_rank", ">", 0), ("is_company", "=", True), ("email", "!=", False)], order="id"
)
suppliers = env["res.partner"].search([("supplier_rank", ">", 0), ("is_company", "=", True)], order="id")

# contact history and owners: read again
env.cr.execute("DELETE FROM partner_contact_log WHERE message_id IS NOT NULL AND state = 'done'")
for history in env["partner.contact.history"].search([]):
    last_id = history._get_last_id(history.source)
    history.write({"next_id": last_id, "total": last_id, "processed": 0})
env.cr.execute("DELETE FROM partner_owner_period WHERE estimated")
env["partner.owner.history"]._get().write(
    {"next_id": max(customers.ids), "total": len(customers), "processed": 0}
)

# meetings that are over
env["res.company"].search([]).relations_auto_close_meetings = True
env["calendar.event"].with_context(no_mail_to_attendees=True, dont_notify=True).create(
    [
        {
            "name": f"Meeting {number}",
            "start": now + timedelta(days=1, hours=number),
            "stop": now + timedelta(days=1, hours=number + 1),
            "partner_ids": [Command.set((users[0].partner_id | customers[number]).ids)],
        }
        for number in range(12)
    ]
).flush_recordset()
env.cr.execute(
    "UPDATE calendar_event SET start = start - interval '9 days', stop = stop - interval '9 days' "
    "WHERE name ~ '^Meeting [0-9]+$'"
)

# figures that are frozen
env.cr.execute(
    "UPDATE account_move SET sale_cost = NULL, sale_quantity = NULL WHERE id IN (SELECT id FROM account_move "
    "WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund') ORDER BY id DESC LIMIT 20)"
)
env.cr.execute(
    "UPDATE purchase_order_line SET promised_date = NULL, agreed_price_source = NULL "
    "WHERE id IN (SELECT id FROM purchase_order_line WHERE promised_date IS NOT NULL ORDER BY id LIMIT 20)"
)
env.invalidate_all()

# classes and scorecards: from the beginning
env.cr.execute(
    "DELETE FROM partner_classification WHERE is_live OR date_to >= %s",
    [today.replace(day=1) - timedelta(days=2)],
)
env.cr.execute("UPDATE supplier_score_policy SET date_history = NULL, date_scored = NULL")
env.cr.execute("DELETE FROM supplier_scorecard")
env.invalidate_all()
env["manager.scorecard"].search([("state", "=", "open")]).sudo().unlink()

# reminders
env["partner.effort.policy"].search([]).write({"make_activities": True, "activity_limit": 5})
users.write({"relations_morning_mail": True, "relations_morning_hour": 0})
for number, person in enumerate(
    env["res.partner"].search([("is_company", "=", False), ("parent_id", "in", customers.ids)], limit=20)
):
    day = today + timedelta(days=number % 3)
    person.birthdate = day.replace(year=1984)
for number, supplier in enumerate(suppliers[:12]):
    env["purchase.requisition"].create(
        {
            "vendor_id": supplier.id,
            "requisition_type": "blanket_order",
            "user_id": users[number % len(users)].id,
            "date_end": today + timedelta(days=2),
            "line_ids": [
                Command.create(
                    {
                        "product_id": env["product.product"].search([], limit=1).id,
                        "product_qty": 5,
                        "price_unit": 100,
                    }
                )
            ],
        }
    ).action_confirm()
terms = env["supplier.terms"].search([])
env["supplier.terms"].create(
    [
        {
            "partner_id": supplier.id,
            "date_from": today - timedelta(days=30),
            "date_to": today + timedelta(days=3),
            "reminder_days": 30,
        }
        for supplier in suppliers
        if supplier not in terms.partner_id
    ][:12]
)

# letters
letters = env["partner.letter"].search([("direction", "=", "in")], limit=12)
letters.write({"date_deadline": now - timedelta(days=3), "date_escalated": False})
print("LETTERS", len(letters), letters.mapped("state"))
env["res.company"].search([]).payment_reminder_mode = "automatic"
birthday = env["partner.mail.rule"].search([("trigger", "=", "birthday")], limit=1)
birthday.write(
    {"is_on": True, "hour_from": 0, "hour_to": 24, "sat": True, "sun": True, "skip_holidays": False}
)
birthday.date_start = today

# an import of new and known people, a segment's activities, a wage list, plans
known = env["res.partner"].search(
    [("is_company", "=", False), ("parent_id", "in", customers.ids), ("email", "!=", False)], limit=6
)
contact_import = env["partner.contact.import"].create(
    {
        "file": __import__("base64").b64encode(
            (
                "Name,Email,Phone,Company\n"
                + "".join(f"Kill {n},kill{n}@import.example,,Kill Company\n" for n in range(24))
                + "".join(
                    f"{person.name},{person.email},+84 28 3823 45{n:02},\n" for n, person in enumerate(known)
                )
            ).encode()
        ),
        "filename": "killed.csv",
        "duplicate_action": "update",
    }
)
contact_import.action_preview()
assert contact_import.duplicate_count == len(known) == 6
contact_import.state = "running"
segment = env["partner.segment"].search([], limit=1)
env["partner.segment.schedule"].create(
    {
        "segment_id": segment.id,
        "user_id": env.ref("base.user_admin").id,
        "activity_type_id": env.ref("mail.mail_activity_data_call").id,
        "summary": "Call",
        "date": today,
        "fallback_user_id": env.ref("base.user_admin").id,
        "todo_ids": [Command.set(customers[:12].ids)],
        "total": 12,
        "state": "running",
    }
)
# a mailing to a segment, in small batches
env["ir.config_parameter"].set_param("mail.batch_size", 3)
# as those of many recipients, whose letters wait in the queue: also the last of a mailing that was broken off
env["ir.config_parameter"].set_param("mail.mail.force.send.limit", 0)
mailing = env["mailing.mailing"].create(
    {
        "subject": "Killed",
        "body_html": "<p>News for <t t-out='object.name'/></p>",
        "mailing_model_id": env["ir.model"]._get_id("res.partner"),
        "segment_id": env["partner.segment"]
        .create({"name": "Killed", "domain": repr([("id", "in", customers[:15].ids)])})
        .id,
        "user_id": env.ref("base.user_admin").id,
        "keep_archives": True,
    }
)
mailing.state = "in_queue"
assert len(mailing._get_remaining_recipients()) > 9
env["partner.wage.deduction"].search([("state", "=", "active")]).next_cutoff = today - timedelta(days=1)
env.flush_all()
# more who leave than a batch has; the form of a member asks for the papers of the day it ends
env.cr.execute("UPDATE partner_wage_deduction_member SET date_stop = %s WHERE state = 'active'", [today])
# leads from before the installation
env.cr.execute(
    "UPDATE crm_lead SET is_inquiry = NULL, inquiry_stage = NULL "
    "WHERE id IN (SELECT id FROM crm_lead WHERE is_inquiry IS NOT NULL ORDER BY id LIMIT 12)"
)
env.invalidate_all()
env["partner.work.plan"].search([("date_from", ">=", today - timedelta(days=7))]).sudo().unlink()
env.cr.commit()
print("READY")
