"""What a file says of contacts that exist: who is taken for whom, what stays as it was, and what undoing puts back."""

import base64
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_contact_import import ContactImportCommon

UNDO = "odoo.addons.partner_relations.models.contact.partner_contact_import_undo"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestContactImportAlike(ContactImportCommon):
    # ------------------------------------------------------------------
    # Who is taken for whom
    # ------------------------------------------------------------------
    def test_address_of_company_and_person(self):
        """Of those who share an address it is who has the name; a person is not the company."""
        company = self._create_company_partner("Alike Mill", email="info@alike.example")
        person = self._create_person("John Alike", company, email="info@alike.example")
        contact_import = self._make(
            "Name,Email,Mobile Phone\n"
            "Alike John,info@alike.example,0901234567\n"
            "Jane Alike,info@alike.example,0901234568\n"
            "info@alike.example,info@alike.example,\n",
            duplicate_action="update",
        )
        contact_import.action_preview()
        lines = contact_import.line_ids
        self.assertEqual(lines.mapped("duplicate_id"), person + company)
        self.assertEqual(lines[0].duplicate_id, person)
        self.assertEqual(lines[1].duplicate_id, person, "a person, though of another name")
        self.assertEqual(lines[2].duplicate_id, company, "a row without a name is of the first")
        self.assertEqual(company.name, "Alike Mill")

    def test_address_of_a_company_alone(self):
        company = self._create_company_partner("Alone Mill", email="info@alone-mill.example", phone="1")
        contact_import = self._import(
            "Name,Email,Mobile Phone\nJohn Alone,info@alone-mill.example,0901234567\n",
            duplicate_action="update",
        )
        self.assertEqual(contact_import.line_ids.result, "created")
        self.assertEqual(contact_import.line_ids.partner_id.parent_id, company)
        self.assertRecordValues(company, [{"name": "Alone Mill", "phone": "1"}])

    def test_company_and_person_of_one_file(self):
        """Within the file, too, a person who shares the company's address is not the company."""
        company = "BEGIN:VCARD\nVERSION:3.0\nFN:{0}\nORG:{0}\nX-ABShowAs:COMPANY\nEMAIL:info@{1}.example\nEND:VCARD\n"
        person = (
            "BEGIN:VCARD\nVERSION:3.0\nFN:John {0}\nORG:{0}\nEMAIL:info@{1}.example\nTEL:0901234567\n"
            "NOTE:Likes tea\nEND:VCARD\n"
        )
        for number, (action, cards) in enumerate(
            (action, cards)
            for action in ("fill", "update")
            for cards in ((company, person), (person, company))
        ):
            with self.subTest(action=action, company_first=cards[0] == company):
                name = f"Shared{number} Mill"
                contact_import = self._import(
                    "".join(card.format(name, f"shared{number}") for card in cards),
                    filename="x.vcf",
                    duplicate_action=action,
                )
                self.assertFalse(contact_import.duplicate_count)
                mill, john = contact_import.line_ids.partner_id.sorted(lambda partner: not partner.is_company)
                self.assertRecordValues(mill, [{"name": name, "phone": False, "comment": False}])
                self.assertRecordValues(
                    john, [{"name": f"John {name}", "phone": "0901234567", "parent_id": mill.id}]
                )
                self.assertIn("Likes tea", john.comment)

    def test_rows_of_one_address(self):
        """A row without a name is the first of its address, one with a name whoever has it, else who is like it."""
        contact_import = self._make(
            "Name,Email,Company\n"
            ",info@rows.example,Rows Mill\n"
            "John Rows,info@rows.example,\n"
            "Jane Rows,info@rows.example,\n"
            "info@rows.example,info@rows.example,\n"
            "Mill Rows,info@rows.example,\n"
        )
        contact_import.action_preview()
        mill, john, jane, nameless, same_name = contact_import.line_ids
        self.assertTrue(mill.data["is_company"])
        self.assertFalse((mill + john).duplicate_line_id)
        self.assertEqual(jane.duplicate_line_id, john, "a person, though of another name")
        self.assertEqual((nameless + same_name).duplicate_line_id, mill)

    def test_second_name_goes_into_the_note(self):
        contact_import = self._import(
            "Name,Email\nJohn Twofold,both@twofold.example\nJane Twofold,both@twofold.example\n"
        )
        partner = contact_import.line_ids.partner_id
        self.assertEqual(partner.name, "John Twofold")
        self.assertIn("Jane Twofold", partner.comment)
        again = self._import("Name,Email\nTWOFOLD John,both@twofold.example\n")
        self.assertEqual(again.line_ids.partner_id, partner)
        self.assertNotIn("TWOFOLD", partner.comment)

    def test_three_rows_of_one_contact(self):
        """The third row is like the second, which is like the first."""
        contact_import = self._import(
            "Name,Email,Mobile Phone,Job Title\n"
            "An Chain,an@chain.example,,\n"
            "An Chain,an@chain.example,0901234567,\n"
            "An Chain,,0901234567,Buyer\n"
        )
        self.assertEqual(len(contact_import.line_ids.partner_id), 1)
        self.assertEqual(contact_import.line_ids.partner_id.function, "Buyer")
        self.assertEqual((contact_import.created_count, contact_import.updated_count), (1, 2))

    def _card(self, name, number, *lines, **values):
        values = {"TEL": f"090123456{number}", "EMAIL": f"info@tones{number}.example", **values}
        body = "".join(f"{key}:{value}\n" for key, value in values.items() if value)
        return "".join(["BEGIN:VCARD\nVERSION:3.0\n", f"FN:{name}\n", body, *lines, "END:VCARD\n"])

    def test_companies_that_differ_by_tones_or_order(self):
        """They are three, each with its tax ID; what is written without accents is the one that it may be."""
        names = ("Công ty TNHH An Bình", "Công ty TNHH Bình An", "Công ty TNHH Bình Ân")
        text = "Company,Email,Phone,Tax ID\n" + "".join(
            f"{name},info@tones{number}.example,090123456{number},030111111{number}\n"
            for number, name in enumerate(names)
        )
        for action in ("fill", "update"):
            contact_import = self._import(text, duplicate_action=action)
            companies = contact_import.line_ids.partner_id
            self.assertEqual(companies.mapped("name"), list(names))
            self.assertEqual(companies.mapped("vat"), ["0301111110", "0301111111", "0301111112"])
        for name, partner in (
            ("CONG TY TNHH BINH AN", companies[1]),
            ("Công ty TNHH Bình  ÂN", companies[2]),
        ):
            contact_import = self._make(f"Company\n{name}\n")
            contact_import.action_preview()
            self.assertEqual(contact_import.line_ids.duplicate_id, partner, name)

    def test_tax_id_tells_companies_apart(self):
        """By name; by an address they are one, and a number that is not written is noted."""
        mill = self._create_company_partner("Toned Mill", vat="0301111111", email="info@toned.example")
        contact_import = self._import(
            "Company,Email,Tax ID\n"
            "Toned Mill,,0302222222\n"
            "Toned Mill,info@toned.example,0303333333\n"
            "Toned Mill,,VN 0301111111\n"
        )
        lines = contact_import.line_ids
        self.assertNotEqual(lines[0].partner_id, mill)
        self.assertEqual(lines[0].partner_id.vat, "0302222222")
        self.assertEqual(lines[1].partner_id + lines[2].partner_id, mill)
        self.assertEqual(mill.vat, "0301111111")
        self.assertIn("Tax ID: 0303333333", mill.comment)
        self.assertNotIn("0301111111", mill.comment)

    def test_company_of_a_person_by_order_and_tones(self):
        known = self._create_company_partner("Công ty TNHH Phát Đạt") + self._create_company_partner(
            "Thành Công"
        )
        contact_import = self._import(
            "Name,Email,Company\n"
            "Lê Văn Một,mot@tones.example,Công ty CP Đạt Phát\n"
            "Lê Văn Hai,hai@tones.example,Công ty CP Phát Đạt\n"
            "Lê Văn Ba,ba@tones.example,Thanh Cống\n"
            "Lê Văn Tư,tu@tones.example,Công ty TNHH Thành Công\n"
            "Lê Văn Năm,nam@tones.example,Đạt Phát\n"
        )
        parents = [line.partner_id.parent_id for line in contact_import.line_ids]
        self.assertEqual(
            [parent.name for parent in parents],
            [
                "Công ty CP Đạt Phát",
                "Công ty TNHH Phát Đạt",
                "Thanh Cống",
                "Thành Công",
                "Công ty CP Đạt Phát",
            ],
        )
        self.assertEqual(parents[1] + parents[3], known)
        self.assertEqual(parents[0], parents[4], "made once")

    def test_colleagues_whose_names_differ_by_a_tone(self):
        mill = self._create_company_partner("Tones Mill")
        tuan = self._create_person("Lê Văn Tuấn", mill, email="tuan1@tones.example", phone="0909999999")
        names = ("Nguyễn Văn Dũng", "Nguyễn Văn Dung", "Nguyễn Văn Dụng", "Lê Văn Tuân")
        text = "Name,Email,Phone,Company\n" + "".join(
            f"{name},{number}@tones.example,090123456{number},Tones Mill\n"
            for number, name in enumerate(names)
        )
        for action in ("fill", "update"):
            contact_import = self._import(text, duplicate_action=action)
            self.assertEqual(contact_import.line_ids.partner_id.mapped("name"), list(names))
        self.assertRecordValues(tuan, [{"name": "Lê Văn Tuấn", "phone": "0909999999"}])

    def test_namesakes_of_another_address_and_number(self):
        """In one company they are two people, as the warning of duplicates has it; in the file, too."""
        mill = self._create_company_partner("Namesake Mill")
        first = self._create_person("Lê An", mill, email="an@tones.example", phone="0901234560")
        contact_import = self._import(
            "Name,Email,Phone,Company\n"
            "Lê An,an2@tones.example,0901234562,Namesake Mill\n"
            "Lê An,an3@tones.example,0901234563,Namesake Mill\n"
            "Lê An,an3.home@tones.example,,Namesake Mill\n"
        )
        lines = contact_import.line_ids
        self.assertEqual(lines.mapped("result"), ["created", "created", "updated"])
        self.assertEqual(lines[2].partner_id, first, "who may be one is")

    def test_same_foreign_contact_twice(self):
        """A number without calling code is one of the country of the address, as it is for the contact."""
        card = self._card(
            "Karl Schmitz", 1, "ADR:;;Domstr. 1;Köln;;50667;Deutschland\n", TEL="0221 123456", EMAIL=""
        )
        first = self._import(card, filename="x.vcf")
        self.assertEqual(first.line_ids.partner_id.country_id, self.env.ref("base.de"))
        second = self._import(card, filename="x.vcf")
        self.assertEqual(second.line_ids.partner_id, first.line_ids.partner_id)

    def test_what_is_only_written_in_another_way_is_not_noted(self):
        values = {"email": "buoi@tones.example", "phone": "+84 901 234 567"}
        for action in ("fill", "update"):
            buoi = self._create_person("Buoi Tones", **values)
            self._import(
                "Name,Email,Phone\nBuoi Tones,Buoi@TONES.example,0901 234 567\n", duplicate_action=action
            )
            self.assertRecordValues(buoi, [{**values, "comment": False}])
            self._import("Name,Email,Phone\nBuoi Tones,buoi@tones.example,0901 234 567 ext 12\n")
            self.assertIn("0901234567 x12", buoi.comment, "an extension is something else")
            buoi.unlink()

    def test_dash_is_no_company(self):
        lonely = self._create_person("Lonely Dash", email="lonely@dash.example", street="Home 1")
        first = self._import("Name,Email,Company\nDash One,one@dash.example,-\n")
        self.assertFalse(first.line_ids.partner_id.parent_id)
        self._create_company_partner("-")
        second = self._import(
            "Name,Email,Company\nDash Two,two@dash.example,-\nLonely Dash,lonely@dash.example,\n"
        )
        self.assertFalse(second.line_ids.partner_id.parent_id)
        self.assertEqual(lonely.street, "Home 1")

    def test_tag_with_a_wildcard(self):
        tags = self.env["res.partner.category"]
        other = tags.create({"name": "50 something off"})
        same = tags.create({"name": "vip_1"})
        contact_import = self._import(
            "Name,Categories\nTagged One,50% off\nTagged Two,VIP_1\n", filename="outlook.csv"
        )
        first, second = contact_import.line_ids.partner_id
        self.assertEqual(first.category_id.name, "50% off")
        self.assertNotIn(other, first.category_id)
        self.assertEqual(second.category_id, same)

    def test_quotation_marks_that_are_not_doubled(self):
        text = 'Name,Notes,Mobile Phone\nAnn Quote,"He said "hi" to\nme",0901234567\n'
        contact_import = self._import(text)
        partner = contact_import.line_ids.partner_id
        self.assertEqual(partner.phone, "0901234567")
        self.assertIn("me", partner.comment)

    # ------------------------------------------------------------------
    # What stays as it was
    # ------------------------------------------------------------------
    def _ann(self, **values):
        return self._create_person("Ann Stay", email="ann@stay-mill.example", **values)

    def test_fill_keeps_what_a_contact_has_for_its_own(self):
        company = self._create_company_partner("Stay Mill", email="info@stay-mill.example", street="Mill 1")
        for own in ({"street": "Home 1", "city": "Huế"}, {"vat": "0101243150"}, {"company_name": "Beta"}):
            with self.subTest(own=own):
                ann = self._ann(**own)
                contact_import = self._import("Name,Email\nAnn Stay,ann@stay-mill.example\n")
                self.assertEqual(contact_import.line_ids.partner_id, ann)
                self.assertFalse(ann.parent_id)
                self.assertRecordValues(ann, [own])
                ann.unlink()
        self.assertRecordValues(company, [{"vat": False, "street": "Mill 1"}])

    def test_company_that_is_not_joined_is_noted(self):
        self._create_company_partner("Stay Mill", street="Mill 1")
        ann = self._ann(street="Home 1", company_name="Beta")
        self._import("Name,Email,Company\nAnn Stay,ann@stay-mill.example,Stay Mill\n")
        self.assertRecordValues(ann, [{"parent_id": False, "company_name": "Beta", "street": "Home 1"}])
        self.assertIn("Stay Mill", ann.comment)

    def test_company_that_nobody_would_join_is_not_made(self):
        for action, own, joins in (
            ("fill", {"street": "Home 1"}, False),
            ("fill", {"vat": "0101243150"}, False),
            ("fill", {"company_name": "Beta"}, False),
            ("fill", {"company_name": "Unheard Mill"}, True),
            ("fill", {}, True),
            ("update", {"street": "Home 1"}, True),
        ):
            with self.subTest(action=action, own=own):
                ann = self._ann(**own)
                contact_import = self._import(
                    "Name,Email,Company\nAnn Stay,ann@stay-mill.example,Unheard Mill\n",
                    duplicate_action=action,
                )
                made = self.env["res.partner"].search([("name", "=", "Unheard Mill")])
                self.assertEqual(len(made), joins)
                self.assertEqual(ann.parent_id, made)
                if "company_name" in own:
                    self.assertEqual("Unheard Mill" in str(ann.comment), not joins)
                elif not joins:
                    self.assertEqual(ann.company_name, "Unheard Mill", "as text only")
                contact_import.action_undo()
                self.assertFalse(made.exists())
                self.assertRecordValues(
                    ann, [{"company_name": False, **own, "parent_id": False, "comment": False}]
                )
                ann.unlink()

    def test_company_of_the_address_one_has(self):
        """Who has the address that the file tells loses nothing by joining a company that is made with it."""
        ann = self._ann(street="Mill 1")
        self._import(
            "Name,Email,Company,Business Street\nAnn Stay,ann@stay-mill.example,Unheard Mill,Mill 1\n"
        )
        self.assertRecordValues(ann.parent_id, [{"name": "Unheard Mill", "street": "Mill 1"}])

    def test_two_companies_of_one_contact(self):
        """The contact joins the first; the second, which was made for it as well, goes again."""
        ann = self._ann()
        contact_import = self._import(
            "Name,Email,Company\n"
            "Ann Stay,ann@stay-mill.example,First Mill\n"
            "Ann Stay,ann@stay-mill.example,Second Mill\n"
        )
        self.assertEqual(ann.parent_id.name, "First Mill")
        self.assertIn("Second Mill", ann.comment)
        names = [("name", "in", ("First Mill", "Second Mill"))]
        partners = self.env["res.partner"].with_context(active_test=False)
        self.assertEqual(partners.search(names), ann.parent_id)
        contact_import.action_undo()
        self.assertFalse(partners.search(names))
        self.assertFalse(ann.parent_id)

    def test_company_chosen_by_hand_that_is_not_joined(self):
        """It is told as one that the file names; a company that was only found by the address is not."""
        found = self._create_company_partner("Stay Mill", email="info@stay-mill.example", street="Mill 1")
        chosen = self._create_company_partner("Chosen Mill", street="Mill 2")
        for company, own, text, note in (
            (chosen, {}, "Chosen Mill", False),
            (chosen, {"company_name": "Beta"}, "Beta", True),
            (found, {"company_name": "Beta"}, "Beta", False),
            (found, {}, False, False),
        ):
            with self.subTest(company=company.name, own=own):
                ann = self._ann(street="Home 1", **own)
                contact_import = self._make("Name,Email\nAnn Stay,ann@stay-mill.example\n")
                contact_import.action_preview()
                self.assertEqual(contact_import.line_ids.parent_id, found)
                contact_import.line_ids.parent_id = company
                contact_import.action_import()
                self.assertRecordValues(ann, [{"parent_id": False, "street": "Home 1", "company_name": text}])
                self.assertEqual("Company: Chosen Mill" in str(ann.comment), note)
                self.assertNotIn("Stay Mill", str(ann.comment))
                ann.unlink()

    def test_undo_of_joining_a_company(self):
        """What Odoo takes from the company is put back; the language stays throughout."""
        self.env["res.lang"]._activate_lang("vi_VN")
        company = self._create_company_partner(
            "Stay Mill",
            email="info@stay-mill.example",
            street="Mill 1",
            city="Huế",
            lang="en_US",
            user_id=self.user_sales.id,
        )
        ann = self._ann(lang="vi_VN", country_id=self.env.ref("base.us").id)
        contact_import = self._import("Name,Email\nAnn Stay,ann@stay-mill.example\n")
        self.assertRecordValues(
            ann,
            [
                {
                    "parent_id": company.id,
                    "street": "Mill 1",
                    "lang": "vi_VN",
                    "user_id": self.user_sales.id,
                }
            ],
        )
        contact_import.action_undo()
        self.assertEqual(contact_import.line_ids.result, "undone", contact_import.line_ids.message)
        self.assertRecordValues(
            ann,
            [
                {
                    "parent_id": False,
                    "street": False,
                    "city": False,
                    "lang": "vi_VN",
                    "country_id": self.env.ref("base.us").id,
                    "user_id": False,
                }
            ],
        )
        contact_import = self._import("Name,Email\nAnn Stay,ann@stay-mill.example\n")
        ann.user_id = self.user_sales2
        contact_import.action_undo()
        self.assertRecordValues(ann, [{"parent_id": False, "user_id": self.user_sales2.id}])
        self.assertIn("Salesperson", contact_import.line_ids.message)

    def test_undo_of_overwriting(self):
        company = self._create_company_partner("Stay Mill", email="info@stay-mill.example", street="Mill 1")
        ann = self._ann(street="Home 1", city="Huế", company_name="Beta")
        contact_import = self._import(
            "Name,Email\nAnn Stay,ann@stay-mill.example\n", duplicate_action="update"
        )
        self.assertRecordValues(ann, [{"parent_id": company.id, "street": "Mill 1", "company_name": False}])
        contact_import.action_undo()
        self.assertRecordValues(
            ann, [{"parent_id": False, "street": "Home 1", "city": "Huế", "company_name": "Beta"}]
        )
        self.assertEqual(company.street, "Mill 1")

    def test_what_one_has_does_not_go_up_to_the_company(self):
        """Odoo would give a company without address and tax ID those of who joins it, and all its people."""
        company = self._create_company_partner("Stay Mill", email="info@stay-mill.example")
        colleague = self._create_person("Bob Stay", company)
        country = self.env.ref("base.us")
        names = ["street", "city", "state_id", "country_id", "vat"]
        before = (company + colleague).read(names)
        place = {"country_id": country.id, "state_id": country.state_ids[0].id}
        for action, own in (
            ("fill", place),
            ("update", {**place, "street": "Home 1", "city": "Huế", "vat": "0101243150"}),
        ):
            with self.subTest(action=action):
                ann = self._ann(**own)
                contact_import = self._import(
                    "Name,Email\nAnn Stay,ann@stay-mill.example\n", duplicate_action=action
                )
                self.assertRecordValues(
                    ann,
                    [
                        {
                            "parent_id": company.id,
                            "type": "contact",
                            "street": own.get("street", False),
                            **place,
                            "vat": False,
                        }
                    ],
                )
                self.assertEqual("Tax ID: 0101243150" in str(ann.comment), "vat" in own)
                self.assertEqual((company + colleague).read(names), before)
                contact_import.action_undo()
                self.assertEqual(contact_import.line_ids.result, "undone", contact_import.line_ids.message)
                self.assertRecordValues(ann, [{**own, "parent_id": False, "comment": False}])
                self.assertEqual((company + colleague).read(names), before)
                ann.unlink()

    def _create_terms(self):
        """Payment terms by which the tests below tell whose they are."""
        return [
            self.env["account.payment.term"].create({"name": name})
            for name in ("30 Days Stay", "Immediate Stay")
        ]

    def _read_terms(self, partner):
        """What a contact of a company has from it, in both companies of the database."""
        names = [
            *("vat", "company_registry", "industry_id", "property_payment_term_id", "credit_limit"),
            "specific_property_product_pricelist",
        ]
        return [partner.with_company(company).read(names) for company in (self.company, self.company2)]

    def test_fill_keeps_terms_of_ones_own(self):
        """Also those of a company to which whoever imports has no access."""
        month, immediate = self._create_terms()
        here, elsewhere = self.company, self.company2
        for company, name, own, theirs in (
            (here, "property_payment_term_id", month, immediate),
            (here, "credit_limit", 500, 900),
            (here, "company_registry", "R1", "R2"),
            (elsewhere, "property_payment_term_id", month, immediate),
            (elsewhere, "property_payment_term_id", month, False),
        ):
            with self.subTest(company=company.name, name=name, theirs=theirs):
                mill = self._create_company_partner("Stay Mill")
                ann = self._ann()
                ann.with_company(company)[name] = own
                mill.with_company(company)[name] = theirs
                self._import("Name,Email,Company\nAnn Stay,ann@stay-mill.example,Stay Mill\n")
                self.assertRecordValues(ann, [{"parent_id": False, "company_name": "Stay Mill"}])
                self.assertEqual(ann.with_company(company)[name], own)
                (ann + mill).unlink()

    def test_fill_gives_terms_to_who_has_none(self):
        """What all contacts have that were given nothing is nobody's own; undoing puts it back."""
        _month, immediate = self._create_terms()
        self.env["ir.default"].set("res.partner", "credit_limit", 100, company_id=self.company.id)
        company = self._create_company_partner(
            "Stay Mill", property_payment_term_id=immediate.id, credit_limit=900, company_registry="R2"
        )
        ann = self._ann(company_registry="R2")
        self.assertEqual(ann.credit_limit, 100)
        before = self._read_terms(ann)
        contact_import = self._import("Name,Email,Company\nAnn Stay,ann@stay-mill.example,Stay Mill\n")
        self.assertRecordValues(
            ann, [{"parent_id": company.id, "property_payment_term_id": immediate.id, "credit_limit": 900}]
        )
        contact_import.action_undo()
        self.assertEqual(contact_import.line_ids.result, "undone", contact_import.line_ids.message)
        self.assertEqual(self._read_terms(ann), before)

    def _import_over_terms(self):
        """Ann, who has terms of her own, is put into a company that has others; her terms before, and the import."""
        month, immediate = self._create_terms()
        industries = self.env["res.partner.industry"].create([{"name": "Mine"}, {"name": "Theirs"}])
        company = self._create_company_partner(
            "Stay Mill",
            property_payment_term_id=immediate.id,
            credit_limit=900,
            company_registry="R2",
            industry_id=industries[1].id,
        )
        ann = self._ann(
            property_payment_term_id=month.id,
            credit_limit=500,
            company_registry="R1",
            industry_id=industries[0].id,
            vat="0101243150",
            specific_property_product_pricelist=self.env["product.pricelist"].create({"name": "Stay"}).id,
        )
        ann.with_company(self.company2).property_payment_term_id = month
        before, theirs = self._read_terms(ann), self._read_terms(company)
        contact_import = self._import(
            "Name,Email,Company\nAnn Stay,ann@stay-mill.example,Stay Mill\n", duplicate_action="update"
        )
        self.assertRecordValues(
            ann,
            [
                {
                    "parent_id": company.id,
                    "property_payment_term_id": immediate.id,
                    "credit_limit": 900,
                    "company_registry": "R2",
                    "industry_id": industries[1].id,
                    "vat": False,
                    "specific_property_product_pricelist": False,
                }
            ],
        )
        self.assertFalse(ann.with_company(self.company2).property_payment_term_id, "so does Odoo")
        self.assertEqual(self._read_terms(company), theirs, "nothing goes up to the company")
        return ann, before, contact_import

    def _book(self, partner):
        """A posted entry of a contact."""
        account = self.env["account.account"].create(
            {"name": "Stay", "code": f"STAY{partner.id}", "account_type": "asset_receivable"}
        )
        values = {"name": "Stay", "code": f"S{partner.id % 10_000}", "type": "general"}
        lines = [
            {"account_id": account.id, "partner_id": partner.id, "balance": sum_} for sum_ in (100, -100)
        ]
        move = self.env["account.move"].create(
            {
                "journal_id": self.env["account.journal"].create(values).id,
                "line_ids": [Command.create(line) for line in lines],
            }
        )
        move.action_post()
        return move

    def test_who_has_journal_items_joins_no_company(self):
        """Odoo would give them to the company, and undoing would leave them there; a different tax ID it refuses."""
        for action, text, vat in (
            ("fill", "Name,Email,Mobile Phone\nAnn Stay,ann@stay-mill.example,0901234567\n", "0101243150"),
            ("update", "Name,Email,Mobile Phone\nAnn Stay,ann@stay-mill.example,0901234567\n", False),
            (
                "update",
                "Name,Email,Mobile Phone,Company\nAnn Stay,ann@stay-mill.example,0901234567,Stay Mill\n",
                False,
            ),
            (
                "fill",
                "Name,Email,Mobile Phone,Company\nAnn Stay,ann@stay-mill.example,0901234567,New Mill\n",
                0,
            ),
        ):
            with self.subTest(action=action, text=text):
                mill = self._create_company_partner("Stay Mill", email="info@stay-mill.example", vat=vat)
                ann = self._create_person("Ann Stay", email="ann@stay-mill.example")
                lines = self._book(ann).line_ids
                contact_import = self._import(text, duplicate_action=action)
                self.assertEqual(contact_import.line_ids.result, "updated", contact_import.line_ids.message)
                company = text.split("0901234567,")[1].strip() if "Company" in text else False
                self.assertRecordValues(
                    ann, [{"parent_id": False, "phone": "0901234567", "company_name": company}]
                )
                self.assertEqual(lines.partner_id, ann)
                self.assertFalse(self.env["res.partner"].search([("name", "=", "New Mill")]))
                contact_import.action_undo()
                self.assertRecordValues(ann, [{"parent_id": False, "phone": False, "company_name": False}])
                (ann + mill).write({"email": False, "name": "Gone"})

    def test_undo_puts_terms_back(self):
        """Also by somebody who may neither see credit limits nor the other company."""
        ann, before, contact_import = self._import_over_terms()
        with self.assertRaises(AccessError):
            contact_import.line_ids.read(["terms"])
        contact_import.action_undo()
        self.assertEqual(contact_import.line_ids.result, "undone", contact_import.line_ids.message)
        self.assertFalse(ann.parent_id)
        self.assertEqual(self._read_terms(ann), before)

    def test_undo_leaves_terms_that_were_changed(self):
        ann, before, contact_import = self._import_over_terms()
        ann.credit_limit = 700
        contact_import.action_undo()
        self.assertEqual(contact_import.line_ids.result, "kept")
        self.assertIn("Credit Limit", contact_import.line_ids.message)
        self.assertFalse(ann.parent_id)
        self.assertEqual(ann.credit_limit, 700)
        ann.credit_limit = 500
        self.assertEqual(self._read_terms(ann), before)

    def test_undo_leaves_who_got_another_company(self):
        self._create_company_partner("Stay Mill", email="info@stay-mill.example", street="Mill 1")
        ann = self._ann(company_name="Stay Mill Ltd")
        contact_import = self._import("Name,Email\nAnn Stay,ann@stay-mill.example\n")
        other = self._create_company_partner("Other Mill", street="Other 1")
        ann.parent_id = other
        contact_import.action_undo()
        self.assertEqual(contact_import.line_ids.result, "kept")
        self.assertRecordValues(ann, [{"parent_id": other.id, "street": "Other 1"}])
        self.assertEqual(other.street, "Other 1")

    def test_tax_id_in_the_row_of_a_person(self):
        """It is the company's: noted where that has none or another, and never written to it and all its people."""
        for action in ("fill", "update"):
            for number in (False, "0101243150", "VN 0102030405"):
                with self.subTest(action=action, number=number):
                    company = self._create_company_partner("Number Mill", vat=number)
                    ann = self._create_person("Ann Number", company, email="ann@number.example")
                    self._import(
                        "Name,Email,Tax ID\nAnn Number,ann@number.example,0102030405\n",
                        duplicate_action=action,
                    )
                    self.assertEqual(company.vat, number)
                    self.assertEqual("0102030405" in str(ann.comment), number != "VN 0102030405")
                    (ann + company).unlink()

    # ------------------------------------------------------------------
    # The file and its preview
    # ------------------------------------------------------------------
    def test_another_file_is_read(self):
        """What is imported is the file that is there, also when nobody looked at its preview."""
        contact_import = self._make("Name\nWrong File\n")
        contact_import.action_preview()
        contact_import.write({"file": base64.b64encode(b"Name\nRight File\n"), "filename": "right.csv"})
        self.assertEqual(contact_import.state, "draft")
        self.assertFalse(contact_import.line_ids)
        contact_import.action_import()
        self.assertEqual(contact_import.line_ids.partner_id.mapped("name"), ["Right File"])

    def test_other_settings_are_read(self):
        contact_import = self._make("Name;Job Title\nSet One;A,B\n", separator="comma")
        contact_import.action_preview()
        contact_import.separator = "semicolon"
        self.assertEqual(contact_import.state, "draft")
        contact_import.action_import()
        self.assertEqual(contact_import.state, "ready", "what it says now is shown first")
        contact_import.action_import()
        self.assertRecordValues(contact_import.line_ids.partner_id, [{"name": "Set One", "function": "A,B"}])

    def test_other_column_is_read(self):
        contact_import = self._make("Name,Job Title\nColumn One,Boss\n")
        contact_import.action_preview()
        contact_import.column_ids[1].target = "notes"
        contact_import.action_import()
        self.assertEqual(contact_import.state, "ready", "what it says now is shown first")
        contact_import.action_import()
        partner = contact_import.line_ids.partner_id
        self.assertFalse(partner.function)
        self.assertIn("Boss", partner.comment)

    def test_choices_before_a_setting_was_changed(self):
        """What was chosen by hand is gone with the old preview: nothing is written before the new one was seen."""
        contacts = [
            self._create_person(f"Choice {number}", email=f"choice{number}@import.example")
            for number in range(3)
        ]
        known = self.env["res.partner"].union(*contacts)
        rows = "".join(f"{partner.name},{partner.email},Boss\n" for partner in known)
        for change in (
            lambda contact_import: contact_import.write({"strict": True}),
            lambda contact_import: contact_import.column_ids[0].write({"target": "name"}),
        ):
            contact_import = self._make(f"Name,Email,Job Title\n{rows}", duplicate_action="update")
            contact_import.action_preview()
            contact_import.line_ids.action = "skip"
            change(contact_import)
            self.assertEqual(contact_import.state, "draft")
            contact_import.action_import()
            self.assertEqual(contact_import.state, "ready")
            self.assertEqual(known.mapped("function"), [False] * 3)
            self.assertEqual(contact_import.line_ids.mapped("action"), ["update"] * 3)
        contact_import.line_ids[0].action = "skip"
        contact_import.action_import()
        self.assertEqual(contact_import.state, "done")
        self.assertEqual(known.mapped("function"), [False, "Boss", "Boss"])

    def test_settings_of_what_is_imported_in_part(self):
        """The lines that say what was made stay."""
        contact_import = self._make("Name\nPart One\nPart Two\n")
        contact_import.action_preview()
        line = contact_import.sudo().line_ids[0]
        line.write({"state": "done", "result": "created"})
        contact_import.strict = True
        self.assertEqual(contact_import.state, "ready")
        with self.assertRaisesRegex(UserError, "imported already"):
            contact_import.file = base64.b64encode(b"Name\nOther\n")
        self._create_person("Part Two", phone="1")
        contact_import.sudo().line_ids.is_known = True
        contact_import.duplicate_action = "skip"
        contact_import.action_apply_duplicates()
        self.assertEqual(contact_import.line_ids.mapped("action"), ["create", "skip"])

    # ------------------------------------------------------------------
    # Undoing
    # ------------------------------------------------------------------
    def test_company_of_a_person_that_stays(self):
        contact_import = self._import(
            "BEGIN:VCARD\nVERSION:3.0\nFN:Kept Mill\nORG:Kept Mill\nX-ABShowAs:COMPANY\nEND:VCARD\n"
            "BEGIN:VCARD\nVERSION:3.0\nFN:Ann Kept\nORG:Kept Mill\nEMAIL:ann@kept.example\nEND:VCARD\n",
            filename="x.vcf",
        )
        company, ann = contact_import.line_ids.partner_id.sorted(lambda partner: not partner.is_company)
        self.assertEqual(ann.parent_id, company)
        ann.email = "new@kept.example"
        contact_import.action_undo()
        self.assertEqual(ann.parent_id, company)
        self.assertEqual(set(contact_import.line_ids.mapped("result")), {"kept"})

    def test_company_of_a_person_of_another_batch(self):
        """The person stands before the company, and so comes after it where the last ones are taken back first."""
        cards = (
            "BEGIN:VCARD\nVERSION:3.0\nFN:Ann {0}\nORG:{0}\nEMAIL:ann@{0}.example\nEND:VCARD\n"
            "BEGIN:VCARD\nVERSION:3.0\nFN:{0}\nORG:{0}\nX-ABShowAs:COMPANY\nEND:VCARD\n"
        )
        for name, stays in (("Stayingmill", True), ("Leavingmill", False)):
            with self.subTest(stays=stays):
                contact_import = self._import(cards.format(name), filename="x.vcf")
                ann, company = contact_import.line_ids.partner_id.sorted("is_company")
                self.assertEqual(ann.parent_id, company)
                if stays:
                    ann.email = "new@kept.example"
                with patch(f"{UNDO}.BATCH", 1):
                    contact_import.action_undo()
                self.assertEqual(contact_import.state, "undone")
                self.assertEqual((ann + company).exists(), ann + company if stays else ann.browse())
                self.assertEqual(
                    contact_import.line_ids.mapped("result"), ["kept" if stays else "undone"] * 2
                )
                if stays:
                    self.assertEqual(ann.parent_id, company)

    def test_company_that_only_a_known_contact_had(self):
        ann = self._create_person("Ann Freed", email="ann@freed.example")
        contact_import = self._import(
            "BEGIN:VCARD\nVERSION:3.0\nFN:Freed Mill\nORG:Freed Mill\nX-ABShowAs:COMPANY\nEND:VCARD\n"
            "BEGIN:VCARD\nVERSION:3.0\nFN:Ann Freed\nORG:Freed Mill\nEMAIL:ann@freed.example\nEND:VCARD\n",
            filename="x.vcf",
        )
        company = contact_import.line_ids.partner_id - ann
        self.assertEqual(ann.parent_id, company)
        contact_import.action_undo()
        self.assertFalse(ann.parent_id)
        self.assertFalse(company.exists())

    def test_undo_keeps_who_is_in_a_segment_by_hand(self):
        for name in ("include_ids", "exclude_ids"):
            contact_import = self._import(f"Name\nSegment {name}\nOther {name}\n")
            partner, other = contact_import.line_ids.partner_id
            segment = self.env["partner.segment"].create(
                {"name": "By hand", name: [Command.link(partner.id)]}
            )
            contact_import.action_undo()
            self.assertEqual(contact_import.line_ids.mapped("result"), ["kept", "undone"])
            self.assertEqual(segment[name], partner)
            self.assertFalse(other.exists())

    def test_undo_keeps_what_was_added_to_a_new_contact(self):
        def note(partner):
            partner.comment = "Called him"

        def photograph(partner):
            partner.image_1920 = base64.b64encode(PIXEL)

        def plan(partner):
            partner.activity_schedule("mail.mail_activity_data_todo", user_id=self.env.uid)

        def attach(partner):
            self.env["ir.attachment"].create(
                {"name": "offer.txt", "raw": b"1", "res_model": "res.partner", "res_id": partner.id}
            )

        for add in (note, photograph, plan, attach):
            with self.subTest(add=add.__name__):
                contact_import = self._import(f"Name,Notes\nAdded {add.__name__},From the file\n")
                partner = contact_import.line_ids.partner_id
                add(partner)
                contact_import.action_undo()
                self.assertTrue(partner.exists())
                self.assertEqual(contact_import.line_ids.result, "kept")
        contact_import = self._import("Name,Notes\nAdded nothing,From the file\n")
        contact_import.action_undo()
        self.assertFalse(contact_import.line_ids.partner_id.exists())

    def test_undo_leaves_a_later_photo_and_website(self):
        ann = self._create_person("Ann Later", email="ann@later.example")
        card = (
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann Later\r\nEMAIL:ann@later.example\r\nURL:old.example\r\n"
            f"PHOTO;ENCODING=b;TYPE=PNG:{base64.b64encode(PIXEL).decode()}\r\nEND:VCARD\r\n"
        )
        untouched = self._import(card, filename="x.vcf")
        self.assertTrue(ann.image_1920)
        untouched.action_undo()
        self.assertRecordValues(ann, [{"image_1920": False, "website": False}])
        changed = self._import(card, filename="x.vcf")
        later = base64.b64encode(base64.b64decode(self.env.ref("base.partner_root").image_1920))
        ann.write({"image_1920": later, "website": "https://new.example"})
        changed.action_undo()
        self.assertEqual(ann.website, "https://new.example")
        self.assertTrue(ann.image_1920)
        self.assertIn("Website", changed.line_ids.message)
