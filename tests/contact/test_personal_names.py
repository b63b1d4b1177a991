"""The name of a person among those of others, and guests who came by an invitation to an address."""

from odoo import Command
from odoo.tests import tagged

from ...tools.personal_data import ERASED, PERSONAL
from ...wizards.contact import partner_privacy
from .erasing import EMAIL, MARK, ErasingCase

SHARED = "desk@person.example"


@tagged("post_install", "-at_install")
class TestPersonalNames(ErasingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_person("Other", email=f"other@person.example, {SHARED}")
        cls.staff = cls.user_sales.partner_id

    def _chat(self, partners, name, kind="group"):
        return self.env["discuss.channel"].create(
            {
                "channel_type": kind,
                "name": name,
                "channel_member_ids": [Command.create({"partner_id": partner.id}) for partner in partners],
            }
        )

    # ------------------------------------------------------------------
    # Chats
    # ------------------------------------------------------------------
    def test_names_of_chats(self):
        """Odoo calls a chat by all who talk in it; a group users call as they like."""
        name, staff = self.person.name, self.staff.name
        chat = self.env["discuss.channel"].with_user(self.user_sales)._get_or_create_chat(self.person.ids)
        chat = chat.sudo()
        self.assertIn(name, chat.name)
        mine = chat.channel_member_ids.filtered(lambda member: member.partner_id == self.staff)
        mine.custom_channel_name = f"Our {name.upper()}!"
        group = self._chat(self.person + self.other, f"Prices for {name}, Other")
        archived = self._chat(self.person, name)
        archived.active = False
        namesake = self._chat(self.other, name)
        place = self._chat(self.person, name, kind="channel")
        exported = {row["id"] for row in self._export()["discuss.channel"]}
        self.assertEqual(exported, set((chat + group + archived).ids))
        privacy = self._open()
        line = privacy.line_ids.filtered(lambda line: line.model == "discuss.channel")
        self.assertRecordValues(line, [{"record_count": 3, "treatment": "kept"}])
        privacy.action_erase()
        self.env.invalidate_all()
        self.assertEqual(set(chat.name.split(", ")), {ERASED, staff})
        self.assertEqual(mine.custom_channel_name, f"Our {ERASED}!")
        self.assertEqual(group.name, f"Prices for {ERASED}, Other")
        self.assertEqual(archived.name, ERASED)
        self.assertEqual((namesake.name, place.name), (name, name), "of others, and of the company")

    def test_name_of_one_word(self):
        """It may be part of the name of another who talks there, and what is written like a pattern is none."""
        for name in ("An", "A+(B"):
            self.person.name = name
            chat = self._chat(self.person + self.other, f"{name}, {name} Phát, Bá{name}")
            self._open().action_erase()
            chat.invalidate_recordset()
            self.assertEqual(chat.name, f"{ERASED}, {name} Phát, Bá{name}")
            self.person.active = True

    def test_name_of_blanks(self):
        chat = self._chat(self.person + self.other, "Prices,, deliveries")
        self.person.name = "  "
        self._open().action_erase()
        chat.invalidate_recordset()
        self.assertEqual(chat.name, "Prices,, deliveries")

    # ------------------------------------------------------------------
    # Guests
    # ------------------------------------------------------------------
    def test_guests(self):
        """Who came by an invitation to an address that no other contact has, with what was written there."""
        self.env["res.partner"].create({"type": "other", "email": SHARED, "parent_id": self.person.id})
        guests = self.env["mail.guest"].create(
            [{"name": f"{MARK} guest", "email": email} for email in (EMAIL.title(), SHARED, False)]
        )
        chat = self._chat(self.staff, f"Call with {MARK} guest")
        chat.channel_member_ids = [Command.create({"guest_id": guest.id}) for guest in guests]
        messages = self.env["mail.message"].union(
            *(
                self._write_to(chat, self.other, author_id=False, email_from=False, author_guest_id=guest.id)
                for guest in guests
            )
        )
        rows = self._export()
        self.assertEqual([row["id"] for row in rows["mail.guest"]], guests[0].ids)
        self.assertEqual({row["id"] for row in rows["mail.message"]} & set(messages.ids), {messages[0].id})
        self.assertEqual([row["id"] for row in rows["discuss.channel"]], chat.ids)
        self.assertNotIn("access_token", rows["mail.guest"][0])
        privacy = self._open()
        treatments = {
            line.treatment: line.record_count for line in privacy.line_ids if line.model == "mail.guest"
        }
        self.assertEqual(treatments, {"emptied": 1, "shared": 1})
        privacy.action_erase()
        self.env.invalidate_all()
        self.assertEqual(guests.mapped("name"), [ERASED, f"{MARK} guest", f"{MARK} guest"])
        self.assertEqual(guests.mapped("email"), [False, SHARED, False])
        self.assertEqual([bool(message.body) for message in messages], [False, True, True])
        self.assertEqual(chat.name, f"Call with {ERASED}")

    # ------------------------------------------------------------------
    # Leads
    # ------------------------------------------------------------------
    def _refer(self, *texts):
        return self.env["crm.lead"].create(
            [{"name": "Lead", "partner_id": self.other.id, "referred": text} for text in texts]
        )

    def test_who_referred_a_lead(self):
        name = self.person.name
        texts = {
            name: False,
            f"Other, {name.upper()} <{EMAIL}>": f"Other, {ERASED} <{ERASED}>",
            f"Old{name}": f"Old{name}",
            f"{name} Son": f"{name} Son",
            f"mr{EMAIL}": f"mr{EMAIL}",
            f"Lan <{EMAIL}.vn>": f"Lan <{EMAIL}.vn>",
            f"it was {EMAIL}.": f"it was {ERASED}.",
            "Other": "Other",
        }
        leads = self._refer(*texts)
        own = self.env["crm.lead"].create({"name": "Lead", "partner_id": self.person.id, "referred": "Other"})
        changed = leads.mapped("write_date")
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertEqual(leads.mapped("referred"), list(texts.values()))
        self.assertEqual(leads.mapped("write_date"), changed)
        self.assertFalse(own.referred, "what is told of the person")

    def test_name_that_another_has(self):
        """Nobody knows who of them it was, as with a shared address; archived or not."""
        twin = self._create_person(self.person.name.lower())
        twin.active = False
        [lead] = self._refer(self.person.name)
        self._open().action_erase()
        lead.invalidate_recordset()
        self.assertEqual(lead.referred, f"{MARK} Person")
        twin.active = True
        self._open(person=twin).action_erase()
        lead.invalidate_recordset()
        self.assertFalse(lead.referred)

    # ------------------------------------------------------------------
    # Payments
    # ------------------------------------------------------------------
    def test_payments(self):
        """What a bank answered goes; amount, state and references stay, by which the payment is found."""
        provider = self.env["payment.provider"].create({"name": "Provider"})
        method = self.env["payment.method"].with_context(active_test=False).search([], limit=1)
        mine, others = self.env["payment.transaction"].create(
            [
                {
                    "provider_id": provider.id,
                    "payment_method_id": method.id,
                    "partner_id": partner.id,
                    "amount": 10,
                    "currency_id": self.env.company.currency_id.id,
                    "reference": f"R-{partner.id}",
                    "provider_reference": "P-1",
                    "state": "error",
                    "state_message": f"The card of {MARK} was declined.",
                }
                for partner in self.person + self.other
            ]
        )
        self._open().action_erase()
        self.env.invalidate_all()
        kept = {"amount": 10, "state": "error", "provider_reference": "P-1"}
        self.assertRecordValues(mine, [{**kept, "state_message": False, "reference": f"R-{self.person.id}"}])
        self.assertIn(MARK, others.state_message)

    def test_cards_of_providers_that_are_installed(self):
        """Each keeps a customer's number or an address of its own beside the card, as in a field of Odoo's here."""
        provider = self.env["payment.provider"].create({"name": "Provider"})
        method = self.env["payment.method"].with_context(active_test=False).search([], limit=1)
        values = {"provider_id": provider.id, "payment_method_id": method.id, "provider_ref": MARK}
        tokens = self.env["payment.token"].create(
            [
                {**values, "partner_id": partner.id, "payment_details": MARK}
                for partner in self.person + self.other
            ]
        )
        self.patch(self.registry["payment.token"]._fields["payment_details"], "_module", "payment_stripe")
        self.patch(partner_privacy, "PERSONAL", {**PERSONAL, "payment.token": (("partner_id",), ())})
        self._open().action_erase()
        self.env.invalidate_all()
        self.assertEqual(tokens.mapped("payment_details"), [False, MARK])
