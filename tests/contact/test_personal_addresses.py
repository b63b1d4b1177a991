"""What is kept of a person under an address or a telephone number alone, without a link to the contact."""

import base64
import doctest
from unittest.mock import patch
from uuid import uuid4

from odoo import Command
from odoo.tests import tagged

from ...tools.personal_data import ERASED
from ...wizards.contact import partner_privacy_copies
from .erasing import EMAIL, MARK, ErasingCase

FURTHER = "invoice@person.example"
SECOND = "bills@person.example"
ARCHIVED = "old@person.example"
SHARED = "firm@person.example"
SHARED_SECOND = "desk@person.example"


@tagged("post_install", "-at_install")
class TestPersonalAddresses(ErasingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice, cls.archived, cls.both = cls.env["res.partner"].create(
            [
                {"name": name, "type": kind, "email": email, "parent_id": cls.person.id}
                for name, kind, email in (
                    ("Invoices", "invoice", f"Invoices <{FURTHER.title()}>, {SECOND}"),
                    ("Old", "delivery", ARCHIVED),
                    ("Office", "other", f"{SHARED}, {SHARED_SECOND}"),
                )
            ]
        )
        cls.archived.active = False
        cls.firm = cls._create_company_partner("The Firm", email=f"info@firm.example, {SHARED_SECOND}")
        cls.twin = cls.env["res.partner"].create({"name": "Before", "email": SHARED, "active": False})
        cls.supplier = cls._create_company_partner("Supplier")

    def _leave(self, address):
        """One record in each room that bears the address and no link to a contact, with the field that tells of it."""
        contact_import = self.env["partner.contact.import"].create(
            {"file": base64.b64encode(b"Name"), "filename": "a.csv"}
        )
        mailing = self.env["mailing.mailing"].create(
            {"subject": "Letter", "mailing_model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        mailbox = self.env["partner.mailbox"].create({"name": "Box", "email": f"box-{address}"})
        template = self.env["mail.template"].create({"name": "Lost", "model_id": self._lead_model()})
        rule = self.env["partner.mail.rule"].create(
            {"name": "Lost", "trigger": "opportunity_lost", "template_id": template.id}
        )
        other = self.env["crm.lead"].create({"name": "Other", "partner_id": self.supplier.id})
        written = self._write_to(self.supplier, self.supplier, author_id=self.user_sales.partner_id.id)
        rooms = (
            ("crm.lead", "name", {"name": MARK, "email_from": f"Somebody <{address.upper()}>"}),
            ("mailing.contact", "email", {"name": MARK, "email": address.title()}),
            ("mail.blacklist", "email", {"email": address}),
            ("mail.gateway.allowed", "email", {"email": address.title()}),
            (
                "account.move",
                "invoice_source_email",
                {
                    "move_type": "in_invoice",
                    "partner_id": self.supplier.id,
                    "invoice_source_email": address.title(),
                },
            ),
            (
                "mail.message",
                "body",
                {
                    "model": "res.partner",
                    "res_id": self.supplier.id,
                    "message_type": "email",
                    "body": MARK,
                    "email_from": f"Somebody <{address.title()}>",
                    "author_id": False,
                    "partner_ids": self.supplier.ids,
                },
            ),
            ("mail.mail", "email_to", {"body_html": MARK, "email_to": f"Somebody <{address.title()}>"}),
            (
                "mail.notification",
                "mail_email_address",
                {
                    "mail_message_id": written.id,
                    "author_id": written.author_id.id,
                    "notification_type": "email",
                    "mail_email_address": address.title(),
                    "failure_reason": f"No {address}",
                },
            ),
            (
                "mailing.trace",
                "email",
                {"model": "crm.lead", "res_id": other.id, "email": address.title(), "failure_reason": MARK},
            ),
            (
                "partner.contact.import.line",
                "email",
                {
                    "import_id": contact_import.id,
                    "name": MARK,
                    "email": address.title(),
                    "state": "error",
                },
            ),
            (
                "partner.letter",
                "email",
                {
                    "mailbox_id": mailbox.id,
                    "direction": "in",
                    "email": address,
                    "email_from": address,
                    "name": MARK,
                },
            ),
            (
                "partner.mail.rule.log",
                "email",
                {
                    "rule_id": rule.id,
                    "company_id": rule.company_id.id,
                    "res_model": "crm.lead",
                    "res_id": other.id,
                    "due_date": "2026-03-10",
                    "send_at": "2026-03-10 09:00:00",
                    "email": address.title(),
                },
            ),
            (
                "partner.mailing.answer",
                "subject",
                {
                    "mailing_id": mailing.id,
                    "message_id": f"<{address}>",
                    "email_from": f"Somebody <{address.title()}>",
                    "subject": MARK,
                },
            ),
        )
        return {
            (model, field): self.env[model].sudo().create(values).with_context(active_test=False)
            for model, field, values in rooms
        }

    def _lead_model(self):
        return self.env["ir.model"]._get_id("crm.lead")

    def _is_left(self, record, field):
        return bool(record.exists() and record[field] and record[field] != ERASED)

    # ------------------------------------------------------------------
    # Addresses
    # ------------------------------------------------------------------
    def test_one_rule_for_all_rooms(self):
        """Addresses of the person and of nobody else lead to what is the person's; shared ones lead to nothing."""
        own = {address: self._leave(address) for address in (EMAIL, FURTHER, SECOND, ARCHIVED)}
        others = {address: self._leave(address) for address in (SHARED, SHARED_SECOND, f"jo{FURTHER}")}
        rows = {name: {row["id"] for row in records} for name, records in self._export().items()}
        for address, rooms in {**own, **others}.items():
            told = {key: record.id in rows.get(key[0], ()) for key, record in rooms.items()}
            # of a notification the message is told
            told.pop(("mail.notification", "mail_email_address"))
            self.assertEqual(set(told.values()), {address in own}, f"{address}: {told}")
        self._open().action_erase()
        self.env.invalidate_all()
        for address, rooms in {**own, **others}.items():
            left = {key: self._is_left(record, key[1]) for key, record in rooms.items()}
            self.assertEqual(set(left.values()), {address not in own}, f"{address}: {left}")

    def test_main_address_that_is_shared(self):
        """It has the same rule, until the last contact of it is erased."""
        rooms = self._leave(EMAIL)
        twin = self._create_person("Twin", email=f"twin@person.example, {EMAIL}")
        rows = self._export()
        for (model, _field), record in rooms.items():
            self.assertNotIn(record.id, {row["id"] for row in rows.get(model, ())}, model)
        self._open().action_erase()
        self.env.invalidate_all()
        for (model, field), record in rooms.items():
            self.assertTrue(self._is_left(record, field), model)
        self._open(person=twin).action_erase()
        self.env.invalidate_all()
        for (model, field), record in rooms.items():
            self.assertFalse(self._is_left(record, field), model)

    def test_address_that_only_addresses_of_the_person_have(self):
        """The person's own contact for invoices is no other contact."""
        self.invoice.write({"email": EMAIL, "phone": "+84901234567"})
        self.person.phone = "+84901234567"
        barred = self.env["mail.blacklist"].create({"email": EMAIL})
        called = self.env["phone.blacklist"].create({"number": "+84901234567"})
        privacy = self._open()
        self.assertNotIn(EMAIL, privacy.shared_addresses)
        privacy.action_erase()
        self.assertFalse(barred.exists() or called.exists())

    def test_what_is_linked_with_the_person_has_a_shared_address(self):
        """It is the person's, whoever else has the address; what is linked with the other contact is not."""
        self.twin.email = EMAIL
        leads = self.env["crm.lead"].create(
            [{"name": MARK, "partner_id": each.id, "email_from": EMAIL} for each in self.person + self.twin]
        )
        mails = self.env["mail.mail"].create(
            [
                {"body_html": MARK, "email_to": EMAIL, "recipient_ids": [Command.set(self.person.ids)]},
                {"body_html": MARK, "recipient_ids": [Command.set(self.person.ids)]},
            ]
        )
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertEqual(leads.mapped("name"), [ERASED, MARK])
        self.assertEqual(mails.exists(), mails[0], "goes out to whoever shares the address")
        self.assertRecordValues(mails[0], [{"email_to": EMAIL, "recipient_ids": []}])

    def test_row_that_was_taken_for_another_contact(self):
        """A rejected row of an import that found its contact twice is that contact's, whatever its address."""
        contact_import = self.env["partner.contact.import"].create(
            {"file": base64.b64encode(b"Name"), "filename": "a.csv"}
        )
        values = {"import_id": contact_import.id, "name": MARK, "email": EMAIL, "state": "error"}
        lines = self.env["partner.contact.import.line"].create(
            [{**values, "duplicate_id": each and each.id} for each in (False, self.person, self.supplier)]
        )
        rows = self._export()["partner.contact.import.line"]
        self.assertEqual([row["id"] for row in rows], lines[:2].ids)
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertEqual(lines.sudo().mapped("name"), [ERASED, ERASED, MARK])

    def test_what_is_about_leads_of_a_shared_address(self):
        """Nobody knows whose the lead is, nor the meeting about it; an archived lead is one."""
        emails = (EMAIL, SHARED)
        leads = self.env["crm.lead"].create(
            [{"name": MARK, "email_from": email, "active": False} for email in emails]
        )
        quiet = {"no_mail_to_attendees": True, "skip_attendee_notification": True}
        meetings = (
            self.env["calendar.event"]
            .with_context(**quiet)
            .create(
                [
                    {
                        "name": MARK,
                        "opportunity_id": lead.id,
                        "partner_ids": [Command.set(self.user_sales.partner_id.ids)],
                        "start": "2026-03-11 09:00:00",
                        "stop": "2026-03-11 10:00:00",
                    }
                    for lead in leads
                ]
            )
        )
        self.assertEqual([row["id"] for row in self._export()["calendar.event"]], meetings[0].ids)
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertEqual(meetings.mapped("name"), [ERASED, MARK])
        self.assertEqual(leads.mapped("name"), [ERASED, MARK])

    def test_dialog_and_log_tell_what_is_shared(self):
        number = "+84901234567"
        (self.twin + self.both).phone = number
        barred = self.env["phone.blacklist"].create({"number": number})
        self._leave(SHARED)
        self._leave(FURTHER)
        bill = self.env["account.move"].create(
            {"move_type": "in_invoice", "partner_id": self.person.id, "invoice_source_email": SHARED}
        )
        self.env["mailing.trace"].create({"model": "res.partner", "res_id": self.twin.id, "email": SHARED})
        privacy = self._open()
        self.assertEqual(privacy.shared_addresses, f"{SHARED_SECOND}, {SHARED}, {number}")
        shared = privacy.line_ids.filtered("is_shared")
        self.assertEqual(set(shared.mapped("treatment")), {"shared"})
        self.assertEqual(
            set(shared.mapped("record_count")), {1}, "neither the person's bill nor the other's trace"
        )
        self.assertIn("phone.blacklist", shared.mapped("model"))
        self.assertEqual(privacy.shared_count, len(shared))
        kept = privacy.line_ids - shared
        treatments = {line.model: (line.record_count, line.treatment) for line in kept}
        self.assertEqual(treatments["crm.lead"], (1, "emptied"))
        self.assertEqual(treatments["mail.gateway.allowed"], (1, "emptied"))
        self.assertEqual(treatments["account.move"], (2, "kept"))
        privacy.action_erase()
        self.assertTrue(barred.exists())
        self.assertFalse(bill.invoice_source_email, "the person's own bill")
        self.assertFalse(privacy.shared_addresses)
        log = self.env["privacy.log"].search([], order="id desc", limit=1)
        self.assertIn("crm.lead: 1\n", log.records_description)
        self.assertIn("crm.lead: 1 stayed", log.records_description)
        self.assertNotIn("@", log.records_description)

    def test_several_records_of_a_kind_are_counted(self):
        self.env["crm.lead"].create([{"name": MARK, "email_from": SHARED}] * 3)
        self.env["mail.blacklist"].create({"email": SHARED})
        privacy = self._open()
        shared = privacy.line_ids.filtered("is_shared")
        self.assertEqual(
            {line.model: line.record_count for line in shared}, {"crm.lead": 3, "mail.blacklist": 1}
        )
        self.assertEqual(privacy.shared_count, 4)

    def test_nothing_is_shared(self):
        (self.twin + self.firm).email = False
        privacy = self._open()
        self.assertFalse(privacy.shared_addresses or privacy.shared_count)
        self.assertFalse(privacy.line_ids.filtered("is_shared"))

    def test_contact_without_any_address(self):
        """No address is nobody's."""
        nameless = self._create_person("Nameless")
        self._leave(EMAIL)
        bill = self.env["account.move"].create({"move_type": "in_invoice"})
        rows = self._export(person=nameless)
        self.assertEqual(rows.keys(), {"res.partner", "mail.message"})
        self.assertEqual([row["res_id"] for row in rows["mail.message"]], nameless.ids, "its making")
        self._open(person=nameless).action_erase()
        self.assertFalse(bill.invoice_source_email)
        self.assertTrue(self.env["mail.blacklist"].search([("email", "=", EMAIL)]))

    def _count_queries(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _add_addresses(self, count):
        person = self._create_person(f"Has {count}", email=f"{uuid4()}@person.example")
        self.env["res.partner"].create(
            [
                {
                    "name": f"Address {number}",
                    "type": "other",
                    "email": f"{person.id}-{number}@person.example",
                    "phone": f"+84{person.id % 10000000:07}{number:02}",
                    "parent_id": person.id,
                }
                for number in range(count)
            ]
        )
        return person

    def test_many_addresses_take_no_more_queries(self):
        first, one, many = self._add_addresses(1), self._add_addresses(1), self._add_addresses(20)
        counts = []
        for person in (first, one, many):
            privacy = self._open(person=person)

            def find(privacy=privacy):
                who = privacy._get_person()
                privacy._find_shared(who, privacy._find(who))

            counts.append(self._count_queries(find))
        self.assertEqual(counts[1], counts[2])
        erased = [
            self._count_queries(self._open(person=person).action_erase) for person in (first, one, many)
        ]
        self.assertEqual(erased[1], erased[2])

    def test_many_messages_take_no_more_queries(self):
        """Who has written and got them is read at once."""
        outsiders = self.env["res.partner"].create([{"name": f"Other {number}"} for number in range(20)])
        order = self.env["sale.order"].create({"partner_id": self.supplier.id})
        messages = [self._write_to(order, self.person + each) for each in outsiders]
        messages = self.env["mail.message"].union(*messages).sudo()
        privacy = self._open()
        person = privacy._get_person()
        counts = [
            self._count_queries(lambda some=some: privacy._filter_of_person(some, person))
            for some in (messages[:1], messages)
        ]
        self.assertEqual(counts[0], counts[1])

    # ------------------------------------------------------------------
    # Telephone numbers
    # ------------------------------------------------------------------
    def test_numbers_of_further_addresses(self):
        own, shared = "+84901234567", "+84901234568"
        self.invoice.phone = own
        (self.both + self.twin).phone = shared
        barred = self.env["phone.blacklist"].create([{"number": number} for number in (own, shared)])
        texts = self.env["sms.sms"].create(
            [
                {"number": number, "body": MARK, "partner_id": partner}
                for number, partner in ((own, False), (shared, False), (own, self.supplier.id))
            ]
        )
        rows = self._export()
        self.assertEqual([row["id"] for row in rows["phone.blacklist"]], barred[0].ids)
        self.assertEqual([row["id"] for row in rows["sms.sms"]], texts[0].ids)
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertEqual(barred.exists(), barred[1])
        self.assertEqual([bool(text.body) for text in texts], [False, True, True])

    def test_numbers_are_compared_as_odoo_brings_them_into_one_form(self):
        """By the library `phonenumbers`; without it Odoo takes them as they are written."""
        vietnam = self.person.country_id.id
        self.person.phone = "0901 234 567"
        self.invoice.write({"phone": "(0901) 23-45-68", "country_id": vietnam})
        self.both.write({"phone": "0901.234.569", "country_id": vietnam})
        self.twin.write({"phone": "+84 901 234 569", "country_id": vietnam})
        barred = self.env["phone.blacklist"].create([{"number": f"+8490123456{last}"} for last in (7, 8, 9)])
        called = self.env["crm.lead"].create(
            {"name": MARK, "phone": "0084 901 234 567", "country_id": vietnam}
        )
        privacy = self._open()
        self.assertIn("+84901234569", privacy.shared_addresses)
        rows = self._export()
        self.assertEqual([row["id"] for row in rows["phone.blacklist"]], barred[:2].ids)
        self.assertEqual([row["id"] for row in rows["crm.lead"]], called.ids)
        privacy.action_erase()
        self.assertEqual(barred.exists(), barred[2])
        self.assertNotEqual(called.name, MARK)

    def test_leads_by_a_number_alone(self):
        """A number of nobody else tells whose a lead is, if it has no address of somebody else."""
        own, shared = "+84901234567", "+84901234568"
        self.invoice.phone = own
        (self.both + self.twin).phone = shared
        called, written, office, known = self.env["crm.lead"].create(
            [
                {"name": MARK, "phone": own},
                {"name": MARK, "phone": own, "email_from": "colleague@person.example.com"},
                {"name": MARK, "phone": shared},
                {"name": MARK, "phone": own, "partner_id": self.supplier.id},
            ]
        )
        # Odoo gives the customer of a lead its number, which then would be shared
        self.supplier.phone = False
        self.assertEqual((called + known).mapped("phone_sanitized"), [own, own])
        self.assertEqual([row["id"] for row in self._export()["crm.lead"]], called.ids)
        quiet = {"no_mail_to_attendees": True, "skip_attendee_notification": True}
        meetings = self.env["calendar.event"].with_context(**quiet)
        meetings = meetings.create(
            [
                {
                    "name": MARK,
                    "opportunity_id": lead.id,
                    "partner_ids": [Command.set(self.user_sales.partner_id.ids)],
                    "start": "2026-03-11 09:00:00",
                    "stop": "2026-03-11 10:00:00",
                }
                for lead in (called, office)
            ]
        )
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertEqual(meetings.mapped("name"), [ERASED, MARK])
        self.assertEqual(
            [lead.name == MARK for lead in (called, written, office, known)], [False, True, True, True]
        )
        self.assertFalse(called.phone)

    # ------------------------------------------------------------------
    # Copies
    # ------------------------------------------------------------------
    def test_doctests(self):
        failures, count = doctest.testmod(partner_privacy_copies)
        self.assertFalse(failures)
        self.assertTrue(count)

    def test_copies_of_what_stays(self):
        """The person's address goes from lists of receivers, those of others and their names stay."""
        before = f'"Mark Person" <{EMAIL.upper()}>, "Trần Văn" <van@firm.example>, {FURTHER}, Box <{SHARED}>'
        after = f'"Trần Văn" <van@firm.example>, "Box" <{SHARED}>'
        untouched = f"Somebody <jo{EMAIL}>, {SHARED}"
        mailbox = self.env["partner.mailbox"].create({"name": "Box", "email": "box@our.example.com"})
        lists = {
            "crm.lead": ("email_cc",),
            "mail.mail": ("email_to", "email_cc"),
            "mail.message": ("incoming_email_to", "incoming_email_cc", "outgoing_email_to"),
            "partner.letter": ("email_to", "email_cc"),
        }
        ties = {
            "crm.lead": {"name": "Other", "partner_id": self.supplier.id},
            "mail.mail": {"state": "sent", "recipient_ids": [Command.set(self.supplier.ids)]},
            "mail.message": {
                "model": "res.partner",
                "res_id": self.supplier.id,
                "message_type": "email",
                "body": MARK,
                "author_id": self.supplier.id,
            },
            "partner.letter": {"name": "Letter", "mailbox_id": mailbox.id, "partner_id": self.supplier.id},
        }
        records = {
            (model, text): self.env[model]
            .sudo()
            .create(
                {
                    **ties[model],
                    **dict.fromkeys(names, text),
                    **({"message_id": f"<{number}@x.example>"} if model == "partner.letter" else {}),
                }
            )
            for model, names in lists.items()
            for number, text in enumerate((before, EMAIL, untouched))
        }
        self._open().action_erase()
        self.env.invalidate_all()
        for (model, text), record in records.items():
            with self.subTest(model, text=text):
                wanted = {before: after, EMAIL: False, untouched: untouched}[text]
                self.assertEqual({record[name] for name in lists[model]}, {wanted})
        self.assertEqual(records["mail.message", before].body, f"<p>{MARK}</p>")

    def test_copies_that_are_not_written_yet(self):
        """What the cache has of a list goes the same way; and more lists than are written at once."""
        leads = self.env["crm.lead"].create([{"name": f"Other {number}"} for number in range(3)])
        privacy = self._open().sudo()
        person = privacy._get_person()
        message = self.supplier.message_post(body=MARK, message_type="email")
        self.env.flush_all()
        message.incoming_email_cc = f"Mark <{EMAIL}>"
        leads.email_cc = f"{EMAIL.upper()}, Box <{SHARED}>"
        with patch.object(partner_privacy_copies, "BATCH", 2):
            privacy._take_out_copies(person)
        self.assertEqual(leads.mapped("email_cc"), [f'"Box" <{SHARED}>'] * 3)
        self.assertFalse(message.incoming_email_cc)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(leads.mapped("email_cc"), [f'"Box" <{SHARED}>'] * 3)
