"""What Odoo keeps of a person apart from documents and correspondence: of machines, pictures, meetings, mailings."""

import base64

from odoo import Command
from odoo.tests import tagged

from ...tools.personal_data import ERASED
from .erasing import EMAIL, MARK, ErasingCase

SHARED = "desk@person.example"
WHEN = {"start": "2026-03-11 09:00:00", "stop": "2026-03-11 10:00:00"}


@tagged("post_install", "-at_install")
class TestPersonalTraces(ErasingCase):
    def _meet(self, partners, **values):
        quiet = {"no_mail_to_attendees": True, "skip_attendee_notification": True}
        return (
            self.env["calendar.event"]
            .with_context(**quiet)
            .create({"name": MARK, "partner_ids": [Command.set(partners.ids)], **WHEN, **values})
        )

    def test_values_of_each_company(self):
        """Odoo writes those of the company one works in."""
        branch = self.env["res.company"].create({"name": "Branch"})
        self.user_director.with_context(active_test=False).company_ids += branch
        values = {"barcode": MARK, "payment_reminder_pause_reason": MARK}
        contacts = [self.person.with_company(company) for company in self.company + branch]
        for contact in contacts:
            contact.write(values)
        self._open().action_erase()
        self.env.invalidate_all()
        for contact in contacts:
            self.assertRecordValues(contact, [dict.fromkeys(values, False)])

    def test_pictures_in_all_sizes(self):
        address = self.env["res.partner"].create({"type": "other", "parent_id": self.person.id})
        other = self._create_person("Other")
        for contact in self.person + address + other:
            contact.image_1920 = self._make_picture()
        self.env.flush_all()
        files = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "res.partner"),
                ("res_field", "!=", False),
                ("res_id", "in", (self.person + address + other).ids),
            ]
        )
        self.assertEqual(len(files), 15)
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertEqual(set(files.exists().mapped("res_id")), set(other.ids))
        self.assertFalse(self.person.image_1920 or self.person.image_128 or address.image_256)

    def _make_picture(self):
        return b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

    def test_names_of_addresses(self):
        """They bear the number of whose they are."""
        address = self.env["res.partner"].create({"name": MARK, "type": "other", "parent_id": self.person.id})
        self._open().action_erase()
        self.assertIn(str(self.person.id), self.person.name)
        self.assertEqual(address.name, self.person.name)

    def test_machines_of_a_user(self):
        """From where somebody worked, and where Odoo's notices pop up."""
        user = self._create_user("leaver", "base.group_portal", name="Leaver")
        user.out_of_office_message = f"<p>{MARK}</p>"
        stays = self.user_sales
        devices = self.env["res.device.log"].create(
            [
                {
                    "user_id": each.id,
                    "session_identifier": "a",
                    "ip_address": "192.0.2.1",
                    "city": "Huế",
                }
                for each in user + stays
            ]
        )
        pushes = self.env["mail.push.device"].create(
            [
                {
                    "partner_id": each.partner_id.id,
                    "endpoint": f"https://push.example/{each.id}",
                    "keys": "{}",
                }
                for each in user + stays
            ]
        )
        user.active = False
        privacy = self._open(person=user.partner_id)
        line = privacy.line_ids.filtered(lambda line: line.model == "mail.push.device")
        self.assertEqual(line.treatment, "emptied")
        privacy.action_erase()
        self.assertEqual(devices.exists(), devices[1])
        self.assertEqual(pushes.exists(), pushes[1])
        self.assertFalse(user.out_of_office_message)

    def test_tracked_names_of_a_user(self):
        user = self._create_user("leaver", "base.group_user", name="Leaver")
        message = self._write_to(self._create_company_partner("Company"), self.env["res.partner"])
        values = self.env["mail.tracking.value"].create(
            [
                {
                    "mail_message_id": message.id,
                    "field_id": self.env["ir.model.fields"]._get("crm.lead", "user_id").id,
                    "old_value_integer": each.id,
                    "old_value_char": each.name,
                }
                for each in user + self.user_sales
            ]
        )
        user.active = False
        self._open(person=user.partner_id).action_erase()
        self.env.invalidate_all()
        self.assertEqual(values.mapped("old_value_char"), [ERASED, self.user_sales.name])

    def test_translated_messages(self):
        other = self._create_person("Other")
        mine = self._write_to(self.person, self.person, author_id=self.person.id)
        theirs = self._write_to(other, other, author_id=other.id)
        translated = self.env["mail.message.translation"].create(
            [
                {"message_id": message.id, "source_lang": "vi", "target_lang": "en", "body": MARK}
                for message in mine + theirs
            ]
        )
        self._open().action_erase()
        self.assertEqual(translated.exists(), translated[1])

    def test_mailings_to_an_address_of_once(self):
        """What was sent to the contact or to its lead is the person's, whatever address it had then."""
        other = self._create_person("Other")
        lead, others = self.env["crm.lead"].create(
            [{"name": "Lead", "partner_id": each.id} for each in self.person + other]
        )
        traces = self.env["mailing.trace"].create(
            [
                {"model": model, "res_id": res_id, "email": "once@person.example", "failure_reason": MARK}
                for model, res_id in (
                    ("res.partner", self.person.id),
                    ("crm.lead", lead.id),
                    ("res.partner", other.id),
                    ("crm.lead", others.id),
                )
            ]
        )
        link = self.env["link.tracker"].create({"url": "https://our.example.com"})
        clicks = self.env["link.tracker.click"].create(
            [{"link_id": link.id, "ip": "192.0.2.1", "mailing_trace_id": trace.id} for trace in traces]
        )
        rows = self._export()
        self.assertEqual([row["id"] for row in rows["mailing.trace"]], traces[:2].ids)
        self.assertEqual([row["id"] for row in rows["link.tracker.click"]], clicks[:2].ids)
        privacy = self._open()
        line = privacy.line_ids.filtered(lambda line: line.model == "link.tracker.click")
        self.assertRecordValues(line, [{"record_count": 2, "treatment": "emptied"}])
        privacy.action_erase()
        self.env.invalidate_all()
        for field, record in (("email", traces), ("failure_reason", traces), ("ip", clicks)):
            self.assertEqual([bool(each[field]) for each in record], [False, False, True, True], field)

    def test_meetings_about_leads_without_contact(self):
        """Odoo plans them with the name of the lead, and nobody from outside attends."""
        lead, others = self.env["crm.lead"].create(
            [{"name": MARK, "email_from": email} for email in (EMAIL, "other@person.example")]
        )
        model = self.env["ir.model"]._get_id("crm.lead")
        staff = self.user_sales.partner_id
        meetings = self.env["calendar.event"].union(
            *(
                self._meet(staff, **values)
                for each in lead + others
                for values in ({"opportunity_id": each.id}, {"res_model_id": model, "res_id": each.id})
            )
        )
        rows = self._export()
        self.assertEqual({row["id"] for row in rows["calendar.event"]}, set(meetings[:2].ids))
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertEqual(meetings.mapped("name"), [ERASED, ERASED, MARK, MARK])

    def test_meeting_with_an_address_of_the_person(self):
        """Odoo writes its name, address and number into the text as those of anybody who attends."""
        address, away = self.env["res.partner"].create(
            [
                {"name": name, "type": "other", "email": email, "phone": phone, "parent_id": self.person.id}
                for name, email, phone in (
                    ("Reception & Bar", "desk@person.example", "+84901234567"),
                    ("Prices", "away@person.example", "+84901234568"),
                )
            ]
        )
        other = self._create_person("Other", email="other@person.example")
        meeting = self._meet(address, description="<p>Prices</p>")
        # of several it tells of one, in no order
        meeting.partner_ids += other
        self.assertIn("Reception", meeting.description)
        self._open().action_erase()
        meeting.invalidate_recordset()
        for word in ("Reception", "desk@person.example", "+84901234567"):
            self.assertNotIn(word, meeting.description)
        self.assertIn("Prices", meeting.description, "not the name of who attends")
        self.assertFalse(away.email)

    def test_address_of_who_takes_part_as_well(self):
        """Odoo tells of one who attends: the address and the number of another stay, the person's name does not."""
        reached = {"email": SHARED, "phone": "+84901234567"}
        self.person.write(reached)
        other = self._create_person("Other", **reached)
        away = self._meet(self.person)
        theirs, both = self._meet(other), self._meet(self.person + other)
        theirs.partner_ids += self.person
        away.partner_ids += self._create_person("Third")
        for meeting in away + theirs + both:
            self.assertIn(SHARED, meeting.description)
        before = theirs.description
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertEqual(theirs.description, before)
        self.assertIn(SHARED, both.description)
        for word in (MARK, *reached.values()):
            self.assertNotIn(word, away.description)
        self.assertNotIn(MARK, both.description)

    def test_room_of_a_meeting(self):
        """It is called as the meeting; that of a meeting with others keeps its name."""
        other = self._create_person("Other")
        meetings = self._meet(self.person) + self._meet(self.person + other)
        for meeting in meetings:
            meeting._create_videocall_channel()
        self._open().action_erase()
        self.env.invalidate_all()
        rooms = meetings.videocall_channel_id
        self.assertEqual(rooms.mapped("name"), [ERASED, MARK])

    def test_archived_who_took_part(self):
        """A meeting or a message with an archived contact is no affair of the person alone."""
        other = self._create_person("Other", email="other@person.example")
        meeting = self._meet(self.person + other, name="Lunch")
        order = self.env["sale.order"].create({"partner_id": other.id})
        message = self.env["mail.scheduled.message"].create(
            {
                "author_id": self.user_sales.partner_id.id,
                "body": MARK,
                "scheduled_date": "2099-01-01 00:00:00",
                "model": "sale.order",
                "res_id": order.id,
                "partner_ids": [Command.set((self.person + other).ids)],
            }
        )
        other.active = False
        self.env.invalidate_all()
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertEqual(meeting.name, "Lunch")
        self.assertEqual(message.exists().with_context(active_test=False).partner_ids, other)

    def test_what_was_handed_out(self):
        """It waits in the dialogs of all who looked, which Odoo clears later."""
        admin = self._create_user(
            "privacy_admin",
            "base.group_system",
            company_ids=[Command.set(self.user_director.with_context(active_test=False).company_ids.ids)],
        )
        first, second, other = (
            self._open(),
            self._open(admin),
            self._open(admin, self._create_person("Other")),
        )
        for privacy in first, second, other:
            privacy.action_export()
        self.assertTrue(base64.b64decode(second.file))
        first.action_erase()
        self.env.invalidate_all()
        self.assertEqual([bool(each.file) for each in (first, second, other)], [False, False, True])

    def test_records_of_other_models_with_the_same_number(self):
        """A record that points to number 7 of another model is not about contact 7."""
        order = self.env["sale.order"].create({"partner_id": self._create_company_partner("Other").id})
        message = self._write_to(order, order.partner_id, author_id=order.partner_id.id)
        message.flush_recordset()
        # an order of this number need not be there
        self.env.cr.execute("UPDATE mail_message SET res_id = %s WHERE id = %s", [self.person.id, message.id])
        message.invalidate_recordset()
        self.assertNotIn(message.id, [row["id"] for row in self._export().get("mail.message", [])])
        self._open().action_erase()
        message.invalidate_recordset()
        self.assertIn(MARK, message.body)
