import base64
import io
import json
import re
import zipfile
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import Form, tagged, users
from odoo.tools import SQL, file_open

from ...tools.internal import INTERNAL
from ...tools.personal_data import ERASED, PERSONAL, THROUGH, UNTOLD, WITHOUT_TEXT
from ...wizards.contact import partner_privacy
from .erasing import EMAIL, MARK, ErasingCase

PIXEL = b"R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=="
TEXTS = ("char", "text", "html", "json", "binary")
# Texts of those models that computers wrote for computers, or that name what stays: a model, a document, a product.
NEUTRAL = {
    "partner.contact.log": {"res_model", "source_model"},
    "partner.customer.terms": {"name", "incoterm_location"},
    "partner.letter": {"message_id"},
    "partner.mail.rule.log": {"res_model"},
    "partner.mailing.answer": {"message_id"},
    "partner.order.failure": {"order_name"},
    "partner.work.plan.line": {"res_model"},
    "supplier.terms": {"name", "incoterm_location"},
}
# How Odoo calls what somebody is reached by, and copies of names.
DETAILS = re.compile(
    "mail|phone|mobile|street|city|zip|address|contact|partner_name|sign|common_name|payment_details"
    "|proxy|^(number|body)$"
)
# Where Odoo's own models keep such texts and the table of erasure names none of them, and why.
JUDGED = {
    "account.bank.statement.line.partner_name": "of the bank's statement, as a payment",
    "account.move.invoice_source_email": "emptied by the address",
    "account.move.invoice_partner_display_name": "follows the name of the contact",
    "calendar.attendee.common_name": "follows the name of the contact",
    "mail.mail.email_cc": "of mails that wait, the person is taken out",
    "mail.mail.email_to": "of mails that wait, the person is taken out",
    "mail.message.body": "in MESSAGE",
    "mail.message.email_from": "in MESSAGE",
    "mail.message.incoming_email_cc": "in MESSAGE",
    "mail.message.incoming_email_to": "in MESSAGE",
    "mail.message.outgoing_email_to": "in MESSAGE",
    "mail.message.email_layout_xmlid": "a layout",
    "mail.scheduled.message.body": "of messages that wait, those to the person alone go",
    "mail.notification.mail_email_address": "emptied with its message",
    "sale.order.signature": "of the contract, as the order; emptied where it became none",
    "sale.order.signed_by": "of the contract, as the order; emptied where it became none",
    "stock.picking.signature": "of the receipt, as the delivery",
}
# Of colleagues and of one's own companies, and what belongs to no person.
OWN_HOUSE = ("hr.", "res.company", "res.partner", "res.users", "ir.", "stock.warehouse", "discuss.")


@tagged("post_install", "-at_install")
class TestPersonalData(ErasingCase):
    def _plant(self):
        """A row with the mark in each text of each model, linked with the person.

        SQL: what else such rows need is of no interest here, and the test is taken back.
        """
        self.env.flush_all()
        planted = []
        # what is found through another record comes after it
        for name, (links, texts) in sorted(PERSONAL.items(), key=lambda item: item[0] in THROUGH):
            model = self.env[name]
            columns = dict.fromkeys(links, self.person.id)
            for text in texts:
                field = model._fields.get(text)
                if field is None or not field.store or not field.column_type:
                    continue
                columns[text] = json.dumps(MARK) if field.type == "json" else MARK
                if field.type == "properties":
                    columns[text] = json.dumps({"passport": MARK})
            if "email_normalized" in columns:
                columns["email_normalized"] = EMAIL
            if name == "mail.guest":  # known by the address alone
                columns["email"] = EMAIL
            if name == "mailing.trace":
                columns["model"] = "res.partner"
            if name in THROUGH:
                [columns[THROUGH[name]]] = [
                    record.id
                    for record in planted
                    if record._name == model._fields[THROUGH[name]].comodel_name
                ]
            self.env.cr.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnotnull AND attnum > 0"
                " AND attname <> 'id'",
                [model._table],
            )
            for (column,) in self.env.cr.fetchall():
                self.env.cr.execute(
                    SQL(
                        "ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL",
                        SQL.identifier(model._table),
                        SQL.identifier(column),
                    )
                )
            self.env.cr.execute(
                SQL(
                    "INSERT INTO %s (%s) VALUES %s RETURNING id",
                    SQL.identifier(model._table),
                    SQL(", ").join(map(SQL.identifier, columns)),
                    tuple(columns.values()),
                )
            )
            planted.append(model.browse(self.env.cr.fetchone()[0]))
        self.env.invalidate_all()
        return planted

    def _find_mark(self):
        """Columns of the whole database that hold the mark or the address."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT table_name, column_name FROM information_schema.columns AS columns
              JOIN information_schema.tables AS tables USING (table_schema, table_name)
             WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
               AND udt_name IN ('varchar', 'text', 'jsonb', 'json', 'bytea')
            """
        )
        found = []
        for table, column in self.env.cr.fetchall():
            value = SQL.identifier(column)
            self.env.cr.execute(
                SQL(
                    "SELECT count(*) FROM %s WHERE %s::text ILIKE %s",
                    SQL.identifier(table),
                    value,
                    f"%{MARK}%",
                )
            )
            if count := self.env.cr.fetchone()[0]:
                found.append(f"{table}.{column}: {count}")
        return found

    def _create_lead_of_somebody(self):
        return self.env["crm.lead"].create({"name": "Was once of the person"})

    def _work(self):
        """What the rooms and Odoo keep of the person in the ordinary way."""
        lead = self.env["crm.lead"].create(
            {"name": f"{MARK} inquiry", "partner_id": self.person.id, "description": MARK}
        )
        self.env["partner.contact.log"].create(
            {
                "name": f"Call {MARK}",
                "agreement": MARK,
                "partner_id": self.person.id,
                "user_id": self.user_sales.id,
            }
        )
        self.person.message_post(
            body=f"Letter of {MARK}", author_id=self.person.id, email_from=EMAIL, message_type="email"
        )
        lead.message_post(
            body=f"Another of {MARK}", author_id=self.person.id, attachments=[(f"{MARK}.txt", b"text")]
        )
        self.person.activity_schedule("mail.mail_activity_data_call", summary=f"Call {MARK}")
        self.env["mailing.contact"].create({"name": f"{MARK} Person", "email": EMAIL})
        lead.activity_schedule("mail.mail_activity_data_call", summary=f"Call {MARK}", note=MARK)
        self.env["calendar.event"].create(
            {
                "name": f"Visit of {MARK}",
                "start": "2026-03-10 09:00:00",
                "stop": "2026-03-10 10:00:00",
                "partner_ids": [Command.set((self.person + self.user_sales.partner_id).ids)],
            }
        )
        self.env["mail.message"].create(
            {
                "model": "crm.lead",
                "res_id": self._create_lead_of_somebody().id,
                "message_type": "notification",
                "tracking_value_ids": [
                    Command.create(
                        {
                            "field_id": self.env["ir.model.fields"]._get("crm.lead", "partner_id").id,
                            f"{side}_value_integer": self.person.id,
                            f"{side}_value_char": f"{MARK} Person",
                        }
                    )
                    for side in ("old", "new")
                ],
            }
        )
        self.env["ir.attachment"].create(
            {"name": f"{MARK}.txt", "raw": b"text", "res_model": "res.partner", "res_id": self.person.id}
        )
        self.env.flush_all()
        # SQL: a value of a property, without what Odoo wants to know of properties
        self.env.cr.execute(
            SQL(
                "UPDATE res_partner SET properties = %s WHERE id = %s",
                json.dumps({"passport": MARK}),
                self.person.id,
            )
        )

    def _work_with_others(self):
        """What Odoo writes by itself where others have to do with it, too."""
        other = self._create_person("Other", email="other@person.example.com")
        message = self.person.message_post(
            body=f"Answer to {MARK}",
            author_id=self.person.id,
            incoming_email_to=f"{EMAIL}, us@our.example.com",
            incoming_email_cc=EMAIL,
            message_type="email",
        )
        message.outgoing_email_to = EMAIL
        sent = {"mail_message_id": message.id, "notification_type": "email", "failure_reason": f"No {EMAIL}"}
        self.env["mail.notification"].create(
            [{**sent, "mail_email_address": EMAIL}, {**sent, "res_partner_id": self.person.id}]
        )
        accounts = self.env["res.partner.bank"].create(
            [{"acc_number": number, "partner_id": self.person.id} for number in ("00710012", "00710013")]
        )
        self.assertEqual(accounts.mapped("acc_holder_name"), [self.person.name] * 2)
        accounts[0].acc_holder_name = f"{MARK} Holder"
        accounts[1].active = False
        when = {"start": "2026-03-11 09:00:00", "stop": "2026-03-11 10:00:00"}
        attendees = {"partner_ids": [Command.set(self.person.ids)]}
        quiet = {"no_mail_to_attendees": True, "skip_attendee_notification": True}
        meetings = (
            self.env["calendar.event"]
            .with_context(**quiet)
            .create(
                [
                    {"name": "Visit", "notes": MARK, **attendees, **when},
                    {"name": "Lunch", **attendees, **when},
                ]
            )
        )
        meetings[1].partner_ids += other
        self.assertEqual(meetings[1].description.count(MARK), 3)
        self.assertEqual(meetings[1].description.lower().count(EMAIL), 2)
        self._create_lead_of_somebody().activity_schedule(
            "mail.mail_activity_data_meeting",
            note=meetings[1].description,
            calendar_event_id=meetings[1].id,
        )

    # ------------------------------------------------------------------
    # The table
    # ------------------------------------------------------------------
    def test_every_model_is_judged(self):
        """A model of the addon that is linked with contacts says which of its texts are about the person."""
        missing = []
        for name, model in self.env.registry.items():
            if (
                model._original_module != "partner_relations"
                or model._abstract
                or model._transient
                or not model._auto
            ):
                continue
            fields = [
                field for field in self.env[name]._fields.values() if field.store and not field.inherited
            ]
            if not any(field.comodel_name == "res.partner" for field in fields if field.relational):
                continue
            if name in WITHOUT_TEXT:
                continue
            if name not in PERSONAL:
                missing.append(name)
                continue
            judged = {*PERSONAL[name][1], *NEUTRAL.get(name, ())}
            missing += [
                f"{name}.{field.name}"
                for field in fields
                if field.type in TEXTS and not field.related and field.name not in judged
            ]
        self.assertEqual(missing, [])

    def test_details_in_models_of_odoo(self):
        """A model of Odoo that is linked with contacts and copies what they are reached by is judged, too."""
        kept = set()
        for name, model in self.env.registry.items():
            if model._original_module == "partner_relations" or model._abstract or model._transient:
                continue
            if not model._auto or (name.startswith(OWN_HOUSE) and name not in PERSONAL):
                continue
            fields = [
                field for field in self.env[name]._fields.values() if field.store and not field.inherited
            ]
            links = [field for field in fields if field.type in ("many2one", "many2many")]
            if "res.partner" not in {field.comodel_name for field in links}:
                continue
            kept |= {
                f"{name}.{field.name}"
                for field in fields
                if field.type in TEXTS
                and DETAILS.search(field.name)
                and field.name not in PERSONAL.get(name, ((), ()))[1]
            }
        self.assertEqual(kept - JUDGED.keys(), set())

    def test_table_names_what_exists(self):
        for name, (links, texts) in PERSONAL.items():
            unknown = {*links, *texts} - set(self.env[name]._fields) - {"email_domain_criterion", "website"}
            self.assertFalse(unknown, name)
        self.assertEqual(set(WITHOUT_TEXT) - set(self.env.registry), set())

    def test_every_address_is_looked_for(self):
        """A model of the addon that keeps an address of its own is found by it, with or without a link."""
        unsought = []
        privacy = self.env["partner.privacy"]
        for name in PERSONAL.keys() & {
            name for name, model in self.env.registry.items() if model._original_module == "partner_relations"
        }:
            model = self.env[name]
            if {"email", "email_from", "email_normalized"} & model._fields.keys():
                found = privacy._get_address_domain(model, [EMAIL])
                unsought += [name] if found is None else []
        self.assertEqual(unsought, [])

    # ------------------------------------------------------------------
    # Erasing
    # ------------------------------------------------------------------
    def test_nothing_is_left(self):
        planted = self._plant()
        self._work()
        self._work_with_others()
        self.assertGreater(len(self._find_mark()), 60)
        # as at the end of a request, when Odoo tells what was tracked; of what is new it tells nothing
        self.env.cr.flush()
        self._open().action_erase()
        self.env.cr.flush()
        self.env.cr.flush()
        self.assertEqual(self._find_mark(), [])
        for record in planted:
            self.assertTrue(record.exists(), record)
            links = PERSONAL[record._name][0]
            if links:
                linked = record.sudo()[links[0]]
                self.assertEqual(getattr(linked, "id", linked), self.person.id, record)
        self.assertFalse(self.person.active)
        self.assertEqual(self.person.country_id, self.env.ref("base.vn"))
        self.assertFalse(self.person.birthdate)

    def test_imports_and_answers_without_contact(self):
        """A row that was rejected, and an answer of nobody known, are found by the address alone."""
        other = self._create_person("Had it once", email="other@person.example.com")
        first = self.env["partner.contact.import"].create(
            {"file": base64.b64encode(b"Name"), "filename": "a.csv"}
        )
        column = self.env["partner.contact.import.column"].create(
            {"import_id": first.id, "name": "Name", "sample": MARK}
        )
        values = {"import_id": first.id, "name": MARK, "data": {"name": MARK}, "state": "error"}
        rejected, of_other = self.env["partner.contact.import.line"].create(
            [
                {**values, "email": EMAIL.upper(), "phone": MARK},
                {**values, "email": EMAIL, "name": "Had it once", "partner_id": other.id},
            ]
        )
        mailing = self.env["mailing.mailing"].create(
            {"subject": "Letter", "mailing_model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        answers = self.env["partner.mailing.answer"].create(
            [
                {
                    "mailing_id": mailing.id,
                    "message_id": f"<{sender}>",
                    "email_from": sender,
                    "subject": "Answer",
                }
                for sender in (f"An <{EMAIL}>", EMAIL, f"Jo <jo{EMAIL}>")
            ]
        )
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertRecordValues(
            rejected.sudo(), [{"name": ERASED, "email": False, "phone": False, "data": False}]
        )
        self.assertFalse(first.sudo().file)
        self.assertFalse(column.sudo().sample)
        self.assertEqual(of_other.sudo().email, EMAIL, "the row of another contact")
        self.assertEqual(answers.sudo().mapped("subject"), [False, False, "Answer"])
        self.assertEqual(answers.sudo().mapped("email_from"), [ERASED, ERASED, f"Jo <jo{EMAIL}>"])

    def test_numbers_of_electronic_invoices(self):
        """Odoo's electronic invoices come with its accounting; the number is made of the tax ID."""
        self.person.write(
            {"country_id": self.env.ref("base.be").id, "vat": "BE0477472701", "is_company": True}
        )
        values = {"peppol_endpoint": "0477472701", "global_location_number": "5790000435975"}
        values = {name: value for name, value in values.items() if name in self.person._fields}
        self.person.write(values)
        self._open().action_erase()
        self.assertRecordValues(self.person, [dict.fromkeys(values, False)])

    def test_what_was_done_stays_counted(self):
        self._work()
        logs = self.env["partner.contact.log"].with_context(active_test=False)
        domain = Domain("partner_id", "=", self.person.id)
        before = logs.search(domain)
        values = before.mapped("date"), before.mapped("channel"), before.mapped("user_id")
        # with all rights from the start, as in a shell: Odoo drops the defaults where they are only then taken
        self._open().sudo().with_context(default_date="2020-01-01 00:00:00").action_erase()
        after = logs.search(domain)
        self.assertEqual(after, before)
        self.assertEqual((after.mapped("date"), after.mapped("channel"), after.mapped("user_id")), values)
        self.assertEqual(self.env["crm.lead"].search_count([*domain]), 1)
        log = self.env["privacy.log"].search([], order="id desc", limit=1)
        self.assertEqual(log.user_id, self.user_director)
        self.assertNotEqual(log.date.year, 2020, "no default of a call says when")
        self.assertNotIn(MARK, f"{log.anonymized_name} {log.anonymized_email} {log.records_description}")

    def test_names_and_addresses_with_at_signs(self):
        """Odoo's log has one letter of each word of a name, whatever its signs."""
        for name, email in (
            (f"@home @{MARK}", EMAIL),
            (f"home@{MARK}", f'"{MARK}@home"@example.com'),
            ("@@", "home@localhost"),
        ):
            person = self._create_person(name, email=email)
            self._open(person=person).action_erase()
            self.assertFalse(person.active)
            log = self.env["privacy.log"].search([], order="id desc", limit=1)
            self.assertNotIn(MARK.lower(), f"{log.anonymized_name} {log.anonymized_email}".lower())
            self.assertNotIn("home", log.anonymized_name)

    def test_files_of_documents_stay(self):
        """The print of an order that was mailed to the person belongs to the order."""
        order = self.env["sale.order"].create({"partner_id": self.person.id})
        message = order.message_post(
            body=f"Dear {MARK}", partner_ids=self.person.ids, attachments=[("order.pdf", b"%PDF")]
        )
        self._open().action_erase()
        self.assertEqual(message.attachment_ids.name, "order.pdf")
        self.assertFalse(message.body)
        self.assertEqual(order.partner_id, self.person)

    def test_others_stay_as_they_are(self):
        other = self.env["res.partner"].create({"name": "Other", "email": "other@person.example.com"})
        log = self.env["partner.contact.log"].create(
            {"name": "Call", "agreement": "Prices", "partner_id": other.id, "user_id": self.user_sales.id}
        )
        self._work()
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertEqual((other.name, other.email), ("Other", "other@person.example.com"))
        self.assertEqual(log.agreement, "Prices")

    def test_company_and_colleagues_keep_their_address(self):
        company = self._create_company_partner(
            "Stays", street="Street 1", city="Huế", zip="49000", country_id=self.env.ref("base.vn").id
        )
        colleague = self._create_person("Colleague", company)
        self.person.parent_id = company
        self.assertEqual(self.person.street, "Street 1")
        self._open().action_erase()
        self.assertFalse(self.person.street)
        for partner in company + colleague:
            self.assertRecordValues(partner, [{"street": "Street 1", "city": "Huế", "zip": "49000"}])

    def test_what_only_mentions_the_person_stays(self):
        supplier = self._create_company_partner("Supplier")
        terms = self.env["supplier.terms"].create(
            {"partner_id": supplier.id, "carrier_id": self.person.id, "return_conditions": "Within a week"}
        )
        colleague = self._create_person("Colleague of the company", self._create_company_partner("Company"))
        log = self.env["partner.contact.log"].create(
            {"name": "Call", "agreement": "Prices", "partner_id": colleague.id, "user_id": self.user_sales.id}
        )
        self._open().action_erase()
        self._open(person=colleague.parent_id).action_erase()
        self.env.invalidate_all()
        self.assertIn("Within a week", terms.return_conditions)
        self.assertEqual(log.agreement, "Prices")

    def test_messages_between_others(self):
        """What another customer wrote with the person in copy stays; what the person alone got goes."""
        other = self.env["res.partner"].create({"name": "Other", "email": "other@person.example.com"})
        order = self.env["sale.order"].create({"partner_id": other.id})
        post = {"message_type": "email", "subtype_xmlid": "mail.mt_comment"}
        written = order.message_post(body="By other", author_id=other.id, partner_ids=self.person.ids, **post)
        both = order.message_post(body="To both", partner_ids=(other + self.person).ids, **post)
        alone = order.message_post(body="To the person", partner_ids=self.person.ids, **post)
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertIn("By other", written.body)
        self.assertIn("To both", both.body)
        self.assertFalse(alone.body)

    def test_messages_of_a_colleague_who_left(self):
        """They are the company's correspondence."""
        colleague = self._create_user("relations_gone", "base.group_user", email="gone@our.example.com")
        customer = self.env["res.partner"].create({"name": "Customer", "email": "c@person.example.com"})
        written = customer.message_post(body="Offer", author_id=colleague.partner_id.id)
        got = customer.message_post(
            body="Order", author_id=customer.id, partner_ids=colleague.partner_id.ids, message_type="email"
        )
        colleague.active = False
        self._open(person=colleague.partner_id).action_erase()
        self.env.invalidate_all()
        self.assertIn("Offer", written.body)
        self.assertIn("Order", got.body)
        self.assertNotIn("relations_gone", colleague.login)

    def test_messages_of_who_had_access_to_the_portal(self):
        """Its users are people from outside: what they wrote is their own."""
        user = self._create_user("portal", "base.group_portal", partner_id=self.person.id)
        order = self.env["sale.order"].create({"partner_id": self._create_company_partner("Company").id})
        message = self._write_to(order, self.env["res.partner"], author_id=self.person.id)
        user.active = False
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertFalse(message.body)

    def test_meeting_with_an_address_without_a_name(self):
        """There is nothing of it in the text, which is left alone."""
        address = self.env["res.partner"].create(
            {"type": "other", "street": "Street 1", "parent_id": self.person.id}
        )
        other = self.env["res.partner"].create({"name": "Other", "email": "other@person.example.com"})
        quiet = {"no_mail_to_attendees": True, "skip_attendee_notification": True}
        meeting = (
            self.env["calendar.event"]
            .with_context(**quiet, skip_contact_description=True)
            .create(
                {
                    "name": "Lunch",
                    "description": "<p>Table</p><p></p><p>Prices</p>",
                    "start": "2026-03-11 09:00:00",
                    "stop": "2026-03-11 10:00:00",
                    "partner_ids": [Command.set((address + other).ids)],
                }
            )
        )
        before = meeting.description
        self._open(person=address).action_erase()
        meeting.invalidate_recordset()
        self.assertEqual(meeting.description, before)

    def test_mails_that_wait(self):
        other = self.env["res.partner"].create({"name": "Other", "email": "other@person.example.com"})
        mails = self.env["mail.mail"].create(
            [
                {"body_html": "1", "recipient_ids": [Command.set((other + self.person).ids)]},
                {"body_html": "2", "email_to": f"jo{EMAIL}"},
                {"body_html": "7", "email_cc": f"jo{EMAIL}"},
                {"body_html": "3", "email_to": f"other@person.example.com, {EMAIL}"},
                {"body_html": "4", "email_to": EMAIL},
                {
                    "body_html": "6",
                    "email_to": "other@person.example.com",
                    "email_cc": f"{EMAIL}, x@example.com",
                },
                {"body_html": "5", "recipient_ids": [Command.set(self.person.ids)]},
            ]
        )
        first, second, copy, third, fourth, *gone = *mails[:4], mails[5], mails[4], mails[6]
        self._open().action_erase()
        self.assertEqual(first.recipient_ids, other)
        self.assertEqual(second.email_to, f"jo{EMAIL}")
        self.assertEqual(copy.email_cc, f"jo{EMAIL}")
        self.assertEqual(third.email_to, "other@person.example.com")
        self.assertEqual((fourth.email_to, fourth.email_cc), ("other@person.example.com", "x@example.com"))
        self.assertFalse(self.env["mail.mail"].union(*gone).exists())

    def test_mails_that_wait_for_an_address_of_the_person(self):
        """Those of its contact for invoices, whatever they are sent to; what a company shares with it goes out."""
        invoice, shared, archived = self.env["res.partner"].create(
            [
                {"name": name, "type": "invoice", "email": email, "parent_id": self.person.id}
                for name, email in (
                    ("Invoices", "Invoices <Invoice@person.example>, bills@person.example"),
                    ("Firm", "firm@person.example"),
                    ("Old", "old@person.example"),
                )
            ]
        )
        archived.active = False
        other, _firm = self.env["res.partner"].create(
            [
                {"name": "Other", "email": "other@person.example"},
                {"name": "The Firm", "email": "firm@person.example"},
            ]
        )
        alone = ({"email_to": "invoice@person.example"}, {"email_to": "bills@person.example"})
        alone += tuple({"recipient_ids": [Command.set(one.ids)]} for one in (invoice, archived, shared))
        alone += (
            {"email_to": "old@person.example", "recipient_ids": [Command.set((self.person + invoice).ids)]},
        )
        stay = (
            {"email_to": "invoice@person.example, other@person.example"},
            {"email_to": "other@person.example", "email_cc": "bills@person.example, x@person.example"},
            {"recipient_ids": [Command.set((other + invoice + archived).ids)]},
            {"email_to": "joinvoice@person.example"},
            {"email_to": "firm@person.example"},
        )
        mails = self.env["mail.mail"].create([{"body_html": "Hello", **values} for values in alone + stay])
        self._open().action_erase()
        self.assertEqual(mails.exists(), mails[len(alone) :])
        self.assertEqual(
            [(mail.email_to, mail.email_cc, mail.recipient_ids) for mail in mails.exists()],
            [
                ("other@person.example", False, self.env["res.partner"]),
                ("other@person.example", "x@person.example", self.env["res.partner"]),
                (False, False, other),
                ("joinvoice@person.example", False, self.env["res.partner"]),
                ("firm@person.example", False, self.env["res.partner"]),
            ],
        )

    def test_bill_that_the_person_mailed(self):
        """It stays, and so does the sender of another's."""
        bills = self.env["account.move"].create(
            [
                {"move_type": "in_invoice", "invoice_source_email": email}
                for email in (EMAIL.title(), f"jo{EMAIL}")
            ]
        )
        self.assertIn(EMAIL, bills[0].invoice_partner_display_name.lower())
        self._open().action_erase()
        self.assertEqual(bills.mapped("invoice_source_email"), [False, f"jo{EMAIL}"])
        self.assertNotIn(EMAIL, str(bills[0].invoice_partner_display_name).lower())

    def test_messages_that_wait_for_their_hour(self):
        other = self.env["res.partner"].create({"name": "Other", "email": "other@person.example.com"})
        order = self.env["sale.order"].create({"partner_id": other.id})
        values = {
            "author_id": self.user_sales.partner_id.id,
            "body": MARK,
            "scheduled_date": "2099-01-01 00:00:00",
            "model": "sale.order",
            "res_id": order.id,
        }
        alone, both, theirs, chatter = self.env["mail.scheduled.message"].create(
            [
                {**values, "partner_ids": [Command.set(self.person.ids)]},
                {**values, "partner_ids": [Command.set((other + self.person).ids)]},
                {**values, "partner_ids": [Command.set(other.ids)]},
                {**values, "model": "res.partner", "res_id": self.person.id},
            ]
        )
        privacy = self._open()
        line = privacy.line_ids.filtered(lambda line: line.model == "mail.scheduled.message")
        self.assertRecordValues(line, [{"record_count": 3, "treatment": "emptied"}])
        privacy.action_erase()
        self.assertEqual((alone + both + theirs + chatter).exists(), both + theirs)
        # the contact is archived, and would not be seen otherwise
        self.assertEqual(both.with_context(active_test=False).partner_ids, other)

    def test_activities_that_stay_to_be_done(self):
        """On a document of the person without an entry in the log; and of an entry about the person, elsewhere."""
        lead = self.env["crm.lead"].create({"name": "Inquiry", "partner_id": self.person.id})
        other = self.env["res.partner"].create({"name": "Other"})
        order = self.env["sale.order"].create({"partner_id": other.id})
        activities = lead.activity_schedule("mail.mail_activity_data_warning", summary=MARK)
        activities += order.activity_schedule("mail.mail_activity_data_call", summary=MARK)
        done = lead.activity_schedule("mail.mail_activity_data_warning", summary=MARK)
        done.active = False
        logs = self.env["partner.contact.log"].search([("activity_id", "in", activities.ids)])
        self.assertEqual(logs.activity_id, activities[1])
        logs.with_context(relations_feeding=INTERNAL).partner_id = self.person
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertEqual(activities.exists().mapped("summary"), [ERASED, ERASED])
        self.assertEqual(done.exists().summary, ERASED, "what was done is kept by Odoo, too")

    def test_file_without_a_document(self):
        """Such as one that was put into a message of the person before the message was sent."""
        file = self.env["ir.attachment"].create({"name": f"{MARK}.txt", "raw": b"text"})
        order = self.env["sale.order"].create(
            {"partner_id": self.env["res.partner"].create({"name": "Other"}).id}
        )
        message = order.message_post(body="Here", author_id=self.person.id, message_type="email")
        message.attachment_ids = file
        self._open().action_erase()
        self.assertFalse(file.exists())

    def test_who_asked_not_to_be_written_to(self):
        """Goes with the last contact of the address."""
        other = self.env["res.partner"].create({"name": "Other", "email": EMAIL, "active": False})
        # archived ones were taken off the list again
        blacklist = self.env["mail.blacklist"].with_context(active_test=False)
        for active in (True, False):
            blacklist.create({"email": EMAIL}).active = active
            self._open().action_erase()
            self.assertTrue(blacklist.search([("email", "=", EMAIL)]))
            self._open(person=other).action_erase()
            self.assertFalse(blacklist.search([("email", "=", EMAIL)]))
            (self.person + other).email = EMAIL

    def test_who_asked_not_to_be_called(self):
        """Goes with the last contact of the number."""
        number = "+84901234567"
        other = self.env["res.partner"].create({"name": "Other", "active": False})
        # archived ones were taken off the list again
        blacklist = self.env["phone.blacklist"].with_context(active_test=False)
        for active in (True, False):
            (self.person + other).phone = number
            blacklist.create({"number": number}).active = active
            self._open().action_erase()
            self.assertTrue(blacklist.search([("number", "=", number)]))
            self._open(person=other).action_erase()
            self.assertFalse(blacklist.search([("number", "=", number)]))

    def test_bank_account_and_followers(self):
        """The account is no longer offered, and stays with its payments; nobody follows who is gone."""
        account = self.env["res.partner.bank"].create(
            {"partner_id": self.person.id, "acc_number": "VN0123", "acc_holder_name": MARK}
        )
        self.person.message_subscribe(self.user_sales.partner_id.ids)
        self._open().action_erase()
        self.assertRecordValues(
            account, [{"active": False, "acc_number": "VN0123", "acc_holder_name": False}]
        )
        self.assertFalse(self.person.message_follower_ids)

    def test_mailings_to_another_contact_of_the_address(self):
        other, gone = self.env["res.partner"].create(
            [{"name": name, "email": EMAIL} for name in ("Other", "Gone")]
        )
        traces = self.env["mailing.trace"].create(
            [
                {"model": "res.partner", "res_id": contact.id, "email": EMAIL}
                for contact in (self.person, other, gone)
            ]
        )
        gone.unlink()
        self._open().action_erase()
        traces.invalidate_recordset()
        self.assertEqual(traces.mapped("email"), [False, EMAIL, EMAIL])
        self._open(person=other).action_erase()
        traces.invalidate_recordset()
        self.assertEqual(traces.mapped("email"), [False, False, False])

    def test_signatures(self):
        """They are the evidence of a contract; of a quotation that became none they go. The dialog tells."""
        with file_open("partner_relations/static/description/icon.png", "rb") as file:
            signed = {"signed_by": f"{MARK} Person", "signature": base64.b64encode(file.read())}
        other = self._create_person("Other")
        orders = self.env["sale.order"].create(
            [
                {"partner_id": partner.id, "partner_shipping_id": self.person.id, "state": state, **signed}
                for partner, state in (
                    (self.person, "sale"),
                    (self.person, "sent"),
                    (self.person, "cancel"),
                    (other, "sent"),
                )
            ]
        )
        privacy = self._open()
        self.assertEqual(privacy.signed_count, 1)
        with Form(privacy) as form:
            self.assertFalse(form._get_modifier("signed_count", "invisible"), "told before, too")
        line = privacy.line_ids.filtered(lambda line: line.model == "sale.order")
        self.assertEqual(line.treatment, "signed")
        line = self._open(person=other).line_ids.filtered(lambda line: line.model == "sale.order")
        self.assertEqual(line.treatment, "kept", "a quotation is no contract")
        privacy.action_erase()
        self.env.invalidate_all()
        self.assertEqual([bool(order.signed_by) for order in orders], [True, False, False, True])
        self.assertEqual([bool(order.signature) for order in orders], [True, False, False, True])

    def test_name_or_signature_alone(self):
        """Either is the evidence of a contract, and goes with a quotation that became none."""
        signs = {"signed_by": f"{MARK} Person"}, {"signature": PIXEL}
        contracts, quotations = (
            self.env["sale.order"].create(
                [{"partner_id": self.person.id, "state": state, **sign} for sign in signs]
            )
            for state in ("sale", "sent")
        )
        privacy = self._open()
        self.assertEqual(privacy.signed_count, 2)
        privacy.action_erase()
        self.env.invalidate_all()
        for orders, is_left in (contracts, True), (quotations, False):
            self.assertEqual([bool(order.signed_by or order.signature) for order in orders], [is_left] * 2)

    def test_cards_kept_for_payments(self):
        """They are archived, and nothing can be charged to them."""
        provider = self.env["payment.provider"].create({"name": "Provider"})
        method = self.env["payment.method"].with_context(active_test=False).search([], limit=1)
        mine, others = self.env["payment.token"].create(
            [
                {
                    "provider_id": provider.id,
                    "payment_method_id": method.id,
                    "partner_id": partner.id,
                    "payment_details": MARK,
                    "provider_ref": MARK,
                }
                for partner in (self.person, self._create_person("Other"))
            ]
        )
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertRecordValues(
            mine + others,
            [
                {"active": False, "payment_details": False, "provider_ref": ERASED},
                {"active": True, "payment_details": MARK, "provider_ref": MARK},
            ],
        )

    def test_addresses_of_the_person(self):
        """They are the person's, with what is kept of them: in the export, too."""
        delivery = self.env["res.partner"].create(
            {"name": MARK, "type": "delivery", "street": MARK, "phone": MARK, "parent_id": self.person.id}
        )
        note = delivery.message_post(body=f"Key at {MARK}")
        log = self.env["partner.contact.log"].create(
            {"name": "Call", "agreement": MARK, "partner_id": delivery.id, "user_id": self.user_sales.id}
        )
        privacy = self._open()
        privacy.action_export()
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(privacy.file))) as archive:
            ids = {name: [row["id"] for row in json.loads(archive.read(name))] for name in archive.namelist()}
        self.assertEqual(ids["res.partner.json"], [self.person.id, delivery.id])
        self.assertIn(note.id, ids["mail.message.json"])
        self.assertIn(log.id, ids["partner.contact.log.json"])
        privacy.action_erase()
        self.env.invalidate_all()
        self.assertFalse(delivery.street or delivery.phone or note.body or log.agreement)
        self.assertNotIn(MARK, delivery.name)

    def test_agreement_that_a_document_tells(self):
        order = self.env["sale.order"].create({"partner_id": self.person.id})
        log = self.env["partner.contact.log"].create(
            {
                "name": "Call",
                "partner_id": self.person.id,
                "user_id": self.user_sales.id,
                "state": "planned",
                "res_model": "sale.order",
                "res_id": order.id,
            }
        )
        log.write({"state": "done", "agreement": f"Agreed with {MARK}"})
        self.assertTrue(order.message_ids.filtered(lambda message: MARK in (message.body or "")))
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertFalse(order.message_ids.filtered(lambda message: MARK in (message.body or "")))

    def _agree(self, person, order, agreement):
        log = self.env["partner.contact.log"].create(
            {
                "name": "Call",
                "partner_id": person.id,
                "user_id": self.user_sales.id,
                "state": "planned",
                "res_model": "sale.order",
                "res_id": order.id,
            }
        )
        before = order.message_ids
        log.write({"state": "done", "agreement": agreement})
        message = order.message_ids - before
        self.assertEqual(len(message), 1)
        return message

    def test_agreements_of_two_with_one_document(self):
        """Each erasure empties what was agreed with its person; the emptied words of the first stop no second."""
        order = self.env["sale.order"].create({"partner_id": self.person.id})
        other = self._create_person("Other Person")
        first = self._agree(self.person, order, 'It\'s 10 % off & "free"  delivery\nUntil May')
        second = self._agree(other, order, "\nno")
        third = self._agree(self.user_director.partner_id, order, "No discount, nobody is to know\nUntil May")
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertFalse(first.body)
        self.assertIn("no", second.body)
        self._open(person=other).action_erase()
        self.env.invalidate_all()
        self.assertFalse(second.body)
        self.assertIn("nobody is to know", third.body)

    def test_agreements_with_several_documents(self):
        """They are looked for at once, each in its own document."""
        orders = self.env["sale.order"].create([{"partner_id": self.person.id} for _number in range(3)])
        other = self._create_person("Other Person")
        mine = [self._agree(self.person, order, f"Rate {number}") for number, order in enumerate(orders)]
        theirs = self._agree(other, orders[0], "Rate 1")
        privacy = self._open()
        logs = self.env["partner.contact.log"].search([("partner_id", "=", self.person.id)])
        self.env.invalidate_all()
        logs.fetch(["agreement", "res_model", "res_id"])
        with self.assertQueryCount(2):
            told = privacy._find_told(logs)
        self.assertEqual(told, self.env["mail.message"].union(*mine))
        self.assertNotIn(theirs, told)

    def test_user_who_left(self):
        """Nothing of an archived user tells the name, and nobody is written to about the changed login."""
        user = self._create_user("leaver", "base.group_user", name=f"{MARK} Leaver", email=f"left-{EMAIL}")
        self.assertIn(MARK, user.signature)
        user.active = False
        before = self.env["mail.mail"].search([])
        self._open(person=user.partner_id).action_erase()
        self.env.invalidate_all()
        self.assertNotIn(MARK, f"{user.name} {user.signature} {user.login} {user.email}")
        self.assertFalse(self.env["mail.mail"].search([]) - before)

    def test_address_that_two_share(self):
        """What is another contact's stays, whatever address it came from, and so does what may be."""
        other = self.env["res.partner"].create({"name": "Other", "email": EMAIL})
        leads = self.env["crm.lead"].create(
            [
                {"name": "Of the other", "partner_id": other.id, "email_from": EMAIL},
                {"name": "Of nobody", "email_from": EMAIL},
            ]
        )
        self.assertEqual(set(leads.mapped("email_normalized")), {EMAIL})
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertEqual(leads.mapped("name"), ["Of the other", "Of nobody"])
        self.assertEqual(other.email, EMAIL)
        self._open(person=other).action_erase()
        self.env.invalidate_all()
        self.assertEqual(leads[0].name, ERASED)
        self.assertEqual(leads[1].name, ERASED, "the last who had the address")

    def test_what_is_not_written_yet(self):
        """Values that wait to be written do not come back, and nobody reads the old ones from the cache."""
        log = self.env["partner.contact.log"].create(
            {"name": "Call", "partner_id": self.person.id, "user_id": self.user_sales.id}
        )
        self.env.flush_all()
        privacy = self._open()
        log.agreement = MARK
        privacy.action_erase()
        self.assertFalse(log.agreement)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(log.agreement)
        self.assertTrue(privacy.is_erased)

    def test_chatter_of_what_is_about_the_person(self):
        """Also what a colleague noted there for the house alone."""
        lead = self.env["crm.lead"].create({"name": "Inquiry", "partner_id": self.person.id})
        note = lead.message_post(body=f"Dear {MARK}", author_id=self.user_sales.partner_id.id)
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertFalse(note.body)

    def test_who_wrote_is_told_by_the_author(self):
        """An address that two share tells nothing where the author is known; no address is nobody's."""
        other, nameless = self.env["res.partner"].create(
            [{"name": "Other", "email": EMAIL}, {"name": "Nameless"}]
        )
        order = self.env["sale.order"].create({"partner_id": other.id})
        by_other = self._write_to(order, self.person + other, author_id=other.id, email_from=EMAIL)
        by_nobody = self._write_to(order, nameless + other, author_id=False, email_from=False)
        self._open().action_erase()
        self._open(person=nameless).action_erase()
        self.env.invalidate_all()
        self.assertIn(MARK, by_other.body)
        self.assertIn(MARK, by_nobody.body)

    def test_who_had_the_address_before(self):
        """The author is known, and another one, whoever has the address now."""
        before = self._create_person("Before", email="before@person.example.com")
        order = self.env["sale.order"].create({"partner_id": before.id})
        message = self._write_to(order, self.person + before, author_id=before.id, email_from=EMAIL)
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertIn(MARK, message.body)

    def test_messages_with_a_colleague_who_left(self):
        """Whoever worked here is no outsider: of people outside the person was the only one."""
        leaver = self._create_user("leaver", "base.group_user", name="Leaver")
        leaver.action_archive()
        self.assertTrue(leaver.partner_id.partner_share)
        order = self.env["sale.order"].create({"partner_id": self._create_company_partner("Company").id})
        message = self._write_to(
            order, self.person + leaver.partner_id, author_id=self.env.user.partner_id.id
        )
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertFalse(message.body)

    def test_archived_addresses_and_those_of_users(self):
        """An address is the person's also when it is archived, and is not when it is the contact of a user."""
        values = {"type": "other", "street": MARK, "parent_id": self.person.id}
        old, assistant = self.env["res.partner"].create(
            [
                {"name": "Old", **values},
                {"name": "Assistant", "email": "assistant@person.example.com", **values},
            ]
        )
        old.active = False
        self._create_user("assistant", "base.group_portal", partner_id=assistant.id, name="Assistant")
        self.assertEqual(self._open()._get_contacts(), self.person + old)
        self._open().action_erase()
        self.assertFalse(old.street)
        self.assertRecordValues(assistant, [{"name": "Assistant", "active": True, "street": MARK}])

    def test_where_messages_of_others_were_sent(self):
        """They stay; the person's own address of them, and what a server said of it, do not."""
        other = self._create_person("Other", email="other@person.example.com")
        order = self.env["sale.order"].create({"partner_id": other.id})
        both = self._write_to(order, self.person + other, author_id=self.user_sales.partner_id.id)
        sent = self.env["mail.notification"].create(
            [
                {
                    "mail_message_id": both.id,
                    "notification_type": "email",
                    "res_partner_id": each.id,
                    "mail_email_address": each.email,
                    "failure_reason": f"No {each.email}",
                }
                for each in self.person + other
            ]
        )
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertIn(MARK, both.body)
        self.assertRecordValues(
            sent,
            [
                {"res_partner_id": self.person.id, "mail_email_address": False, "failure_reason": False},
                {
                    "res_partner_id": other.id,
                    "mail_email_address": other.email,
                    "failure_reason": f"No {other.email}",
                },
            ],
        )

    def test_where_messages_of_the_person_were_sent(self):
        """Also an address that the person has no more, and what a server said of it."""
        message = self._write_to(self.person, self.person, author_id=self.user_sales.partner_id.id)
        sent = {
            "mail_message_id": message.id,
            "notification_type": "email",
            "mail_email_address": "once@person.example.com",
            "failure_reason": "No once@person.example.com",
        }
        colleague = self.user_sales.partner_id
        linked, bare = self.env["mail.notification"].create([{**sent, "res_partner_id": colleague.id}, sent])
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertFalse(bare.exists())
        self.assertRecordValues(linked, [{"mail_email_address": False, "failure_reason": False}])

    def test_words_of_letters_and_entries(self):
        """A mail of a document that went to an address alone is the person's by the letter or entry it became."""
        order = self.env["sale.order"].create({"partner_id": self._create_company_partner("Company").id})
        author, nobody = self.user_sales.partner_id, self.env["res.partner"]
        messages = [self._write_to(order, nobody, author_id=author.id) for _number in range(3)]
        mailbox = self.env["partner.mailbox"].create({"name": "Box", "email": "box@our.example.com"})
        self.env["partner.letter"].sudo().create(
            {
                "mailbox_id": mailbox.id,
                "direction": "out",
                "partner_id": self.person.id,
                "mail_message_id": messages[0].id,
            }
        )
        self.env["partner.contact.log"].with_context(relations_feeding=INTERNAL).create(
            {
                "partner_id": self.person.id,
                "user_id": self.user_sales.id,
                "source_model": "mail.message",
                "source_id": messages[1].id,
                "message_id": messages[1].id,
            }
        )
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertEqual([bool(message.body) for message in messages], [False, False, True])

    def _note_mails(self, *rows):
        """Notes of a rule's mails about these leads, as the scheduler writes them."""
        model = self.env["ir.model"]._get_id("crm.lead")
        rule = self.env["partner.mail.rule"].create(
            {
                "name": "Lost",
                "trigger": "opportunity_lost",
                "template_id": self.env["mail.template"].create({"name": "Lost", "model_id": model}).id,
            }
        )
        logs = self.env["partner.mail.rule.log"].sudo()
        return logs.create(
            [
                {
                    "rule_id": rule.id,
                    "company_id": rule.company_id.id,
                    "res_model": "crm.lead",
                    "due_date": f"2026-03-{10 + number}",
                    "send_at": "2026-03-10 09:00:00",
                    "record_name": MARK,
                    "subject": MARK,
                    **row,
                }
                for number, row in enumerate(rows)
            ]
        )

    def test_notes_about_a_lead_without_contact(self):
        """What was noted before there was a contact: of mails to the address, and of mails and plans about the lead."""
        mine = self.env["crm.lead"].create({"name": MARK, "email_from": EMAIL})
        other = self.env["crm.lead"].create({"name": "Other", "email_from": "other@person.example.com"})
        company = self._create_company_partner("Company")
        seller = {"partner_id": self.user_sales.partner_id.id, "email": "sales@our.example.com"}
        logs = self._note_mails(
            {"res_id": mine.id, "email": EMAIL},
            {"res_id": other.id, "email": EMAIL},
            {"res_id": mine.id, **seller},
            {"res_id": mine.id, **seller, "customer_id": company.id},
            {"res_id": other.id, **seller},
        )
        plan = self.env["partner.work.plan"].with_user(self.user_sales).create({"date_from": "2026-03-09"})
        for lead in mine + other:
            lead.activity_schedule(
                "mail.mail_activity_data_call",
                date_deadline=plan.date_from,
                summary=MARK,
                user_id=self.user_sales.id,
            )
        plan.action_fill()
        lines = plan.line_ids.sudo().sorted("res_id")
        self.assertRecordValues(lines, [{"res_id": lead.id, "partner_id": False} for lead in mine + other])
        rows = self._export()
        self.assertEqual({row["id"] for row in rows["partner.mail.rule.log"]}, set(logs[:3].ids))
        self.assertEqual([row["id"] for row in rows["partner.work.plan.line"]], lines[0].ids)
        self._open().action_erase()
        self.env.invalidate_all()
        gone = {"record_name": ERASED, "subject": False, "email": False}
        left = {"record_name": MARK, "subject": MARK, "email": seller["email"]}
        self.assertRecordValues(logs, [gone, gone, gone, left, left])
        self.assertEqual([MARK in line.name for line in lines], [False, True])

    # ------------------------------------------------------------------
    # Handing out
    # ------------------------------------------------------------------
    def test_export_holds_everything(self):
        planted = self._plant()
        self._work()
        privacy = self._open()
        privacy.action_export()
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(privacy.file))) as archive:
            texts = {name: archive.read(name).decode() for name in archive.namelist()}
        for text in texts.values():
            self.assertIsInstance(json.loads(text), list)
        for record in planted:
            rows = json.loads(texts[f"{record._name}.json"])
            self.assertIn(record.id, [row["id"] for row in rows])
            self.assertIn(MARK.lower(), texts[f"{record._name}.json"].lower())
        [contact] = json.loads(texts["res.partner.json"])
        self.assertEqual((contact["email"], contact["birthdate"]), (EMAIL, "1980-03-14"))
        self.assertFalse([name for name in contact if "token" in name])

    def test_export_of_what_the_person_mailed(self):
        """Bills of a supplier, and messages whose author Odoo did not know; not where others have the address."""
        supplier = self._create_company_partner("Supplier")
        bills = self.env["account.move"].create(
            [
                {"move_type": "in_invoice", "partner_id": supplier.id, "invoice_source_email": email}
                for email in (EMAIL.title(), f"jo{EMAIL}", False)
            ]
        )
        outsider = self.env["res.partner"].create({"name": "Other", "email": "other@person.example.com"})
        messages = self.env["mail.message"].create(
            [
                {
                    "model": "res.partner",
                    "res_id": supplier.id,
                    "email_from": sender,
                    "author_id": author,
                    "partner_ids": outsider.ids,
                    "message_type": "email",
                    "body": MARK,
                }
                for sender, author in (
                    (f"Person <{EMAIL.title()}>", False),
                    (EMAIL, False),
                    (f"jo{EMAIL}", False),
                    (EMAIL, outsider.id),
                )
            ]
        )
        rows = self._export()
        self.assertEqual([row["id"] for row in rows["account.move"]], bills[0].ids)
        told = {row["id"] for row in rows["mail.message"]}
        self.assertEqual([message.id in told for message in messages], [True, True, False, False])
        twin = self.env["res.partner"].create({"name": "Twin", "email": EMAIL})
        self.assertNotIn("account.move", self._export())
        twin.email = False
        self._open().action_erase()
        self.assertEqual([bool(message.body) for message in messages], [False, False, True, True])
        self.assertEqual(bills.mapped("partner_id"), supplier)

    def test_export_of_addresses_that_look_alike(self):
        """The signs of a pattern in an address are letters: other people's records stay theirs."""
        person = self.env["res.partner"].create({"name": "Underscore", "email": "a_b@person.example.com"})
        supplier = self._create_company_partner("Supplier")
        addresses = ("a_b@person.example.com", "axb@person.example.com")
        bills, messages, lines = [], [], []
        contact_import = self.env["partner.contact.import"].create(
            {"file": base64.b64encode(b"Name"), "filename": "a.csv"}
        )
        for address in addresses:
            bills.append(
                self.env["account.move"].create(
                    {"move_type": "in_invoice", "partner_id": supplier.id, "invoice_source_email": address}
                )
            )
            messages.append(
                self._write_to(supplier, supplier, author_id=False, email_from=f"Somebody <{address}>")
            )
            lines.append(
                self.env["partner.contact.import.line"].create(
                    {"import_id": contact_import.id, "name": "Row", "email": address, "state": "error"}
                )
            )
        rows = self._export(person=person)
        for name, records in (
            ("account.move", bills), ("mail.message", messages), ("partner.contact.import.line", lines),
        ):  # fmt: skip
            told = {row["id"] for row in rows[name]}
            self.assertEqual([record.id in told for record in records], [True, False], name)
        # whoever had the address before may have mailed the bill
        self.env["res.partner"].create({"name": "Before", "email": addresses[0], "active": False})
        self.assertNotIn("account.move", self._export(person=person))

    def test_export_of_who_asked_not_to_be_written_to(self):
        self.env["mail.blacklist"]._add(EMAIL)
        [row] = self._export()["mail.blacklist"]
        self.assertEqual(row["email"], EMAIL)

    def test_export_in_several_pieces(self):
        logs = self.env["partner.contact.log"].create(
            [
                {"name": f"Call {number}", "partner_id": self.person.id, "user_id": self.user_sales.id}
                for number in range(3)
            ]
        )
        with patch.object(partner_privacy, "BATCH", 2):
            rows = self._export()["partner.contact.log"]
        self.assertEqual([row["id"] for row in rows], logs.ids)

    def test_export_has_no_secrets(self):
        """Whoever gets the file could open the documents of the shop by their links."""
        order = self.env["sale.order"].create({"partner_id": self.person.id})
        token = order._portal_ensure_token()
        self._work()
        self.env["discuss.channel"]._create_group(self.person.ids, name="Call")
        user = self._create_user("left", "base.group_user", partner_id=self.person.id)
        user.active = False
        self.person.image_1920 = PIXEL
        rows = self._export()
        self.assertTrue({"sale.order", "calendar.attendee", "res.users"} <= rows.keys())
        self.assertFalse({"uuid", "sfu_channel_uuid"} & rows["discuss.channel"][0].keys())
        names = {name for each in rows.values() for row in each for name in row}
        self.assertEqual({name for name in names if any(word in name for word in UNTOLD)}, set())
        self.assertNotIn("image_1920", names)
        self.assertNotIn(token, json.dumps(rows))

    def test_fields_of_employees_are_for_those_who_may_read_them(self):
        employee = self.env["hr.employee"].create({"name": "Colleague", "barcode": MARK})
        employee.work_contact_id = self.person
        self.user_director.group_ids += self.env.ref("hr.group_hr_user")
        self.assertEqual([row["barcode"] for row in self._export()["hr.employee"]], [MARK])
        self.patch(self.registry["hr.employee"]._fields["barcode"], "groups", "base.group_system")
        self.assertEqual([row.get("barcode") for row in self._export()["hr.employee"]], [None])

    def test_files_of_employees_are_for_those_who_may_read_them(self):
        """A director would get the number of a colleague's insurance by asking for the colleague's data."""
        employee = self.env["hr.employee"].create({"name": "Colleague", "ssnid": MARK})
        employee.work_contact_id = self.person
        opened = self._open()
        opened.action_export()
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(opened.file))) as archive:
            self.assertFalse([name for name in archive.namelist() if name.startswith("hr.")])
            self.assertIn("res.partner.json", archive.namelist())
        self.assertFalse(opened.line_ids.filtered(lambda line: line.model.startswith("hr.")))
        self.user_director.group_ids += self.env.ref("hr.group_hr_user")
        opened = self._open()
        opened.action_export()
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(opened.file))) as archive:
            self.assertIn("Colleague", archive.read("hr.employee.json").decode())

    def test_dialog_tells_what_there_is(self):
        self._work()
        privacy = self._open()
        lines = {line.model: (line.record_count, line.treatment) for line in privacy.line_ids}
        self.assertEqual(lines["partner.contact.log"][1], "emptied")
        self.assertEqual(lines["crm.lead"], (1, "emptied"))
        self.assertEqual(lines["calendar.event"], (1, "emptied"))
        self.assertEqual(lines["res.partner"], (1, "emptied"))
        with Form(privacy) as form:
            self.assertFalse(form.is_erased)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    @users("relations_sales", "relations_supervisor")
    def test_salespeople_may_not(self):
        with self.assertRaises(AccessError):
            self.person.with_user(self.env.user).action_relations_privacy()

    def test_director_of_one_company_may_not(self):
        self.user_director.company_ids = [Command.set(self.company.ids)]
        with self.assertRaisesRegex(AccessError, "all companies"):
            self._open()

    def test_archived_company(self):
        """It may hold data, too: who works in it may, and nobody else."""
        closed = self.env["res.company"].create({"name": "Closed Branch"})
        closed.active = False
        with self.assertRaisesRegex(AccessError, "all companies"):
            self._open()
        self.user_director.with_context(active_test=False).company_ids += closed
        self.assertTrue(self._open().line_ids)

    def test_dialog_is_ones_own(self):
        privacy = self._open()
        admin = self._create_user(
            "privacy_admin",
            "base.group_system",
            company_ids=[Command.set(self.user_director.with_context(active_test=False).company_ids.ids)],
        )
        with self.assertRaises(AccessError):
            privacy.with_user(admin).action_export()
        self.assertTrue(self._open(admin).line_ids)

    def test_rights_are_asked_again(self):
        privacy = self._open()
        self.user_director.company_ids = [Command.set(self.company.ids)]
        for method in (privacy.action_export, privacy.action_erase):
            with self.assertRaises(AccessError):
                method()
        self.assertEqual(self.person.email, EMAIL)

    def test_contact_that_was_hidden_meanwhile(self):
        """The dialog is open, and whoever has it may read the contact no more."""
        privacy = self._open()
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.person.id})]",
            }
        )
        for method in (privacy.action_export, privacy.action_erase):
            with self.assertRaises(AccessError):
                # known again, so that nothing but the check asks for it: Odoo forgets all at the line above
                self.person.sudo().read()
                method()
        self.assertFalse(privacy.sudo().file)
        self.assertEqual(self.person.email, EMAIL)

    def test_users_and_own_companies_are_not_erased(self):
        # not by Odoo, at the end, which would have told what it knows of the user
        with self.assertRaisesRegex(UserError, "relations_sales. Archive the user first"):
            self._open(person=self.user_sales.partner_id).action_erase()
        with self.assertRaisesRegex(UserError, "own companies"):
            self._open(person=self.company.partner_id).action_erase()
