"""From a file to contacts: duplicates, companies, rejected rows, undo, rights."""

import base64
import zlib
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import RelationsCommon

HEADER = "First Name,Last Name,E-mail Address,Business Phone,Company,Job Title,Notes,Birthday"


class ContactImportCommon(RelationsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.env.ref("base.vn")
        cls.user_import = cls._create_user("relations_import", "base.group_user,base.group_partner_manager")

    def _make(self, text, filename="contacts.csv", user=None, **values):
        data = text if isinstance(text, bytes) else text.encode()
        return (
            self.env["partner.contact.import"]
            .with_user(user or self.user_import)
            .create({"file": base64.b64encode(data), "filename": filename, **values})
        )

    def _import(self, *args, **kwargs):
        contact_import = self._make(*args, **kwargs)
        contact_import.action_preview()
        contact_import.action_import()
        self.assertEqual(contact_import.state, "done")
        return contact_import


@tagged("post_install", "-at_install")
class TestContactImport(ContactImportCommon):
    def test_created(self):
        contact_import = self._import(
            f"{HEADER}\n"
            "An,Nguyễn,an@hoaphat-import.vn,+84 901.234.567,Hoà Phát Import,Buyer,=1+1,05/11/1990\n"
            "Bình,Trần,binh@hoaphat-import.vn,,Hoà Phát Import,,,25/12/1985\n"
        )
        first, second = contact_import.line_ids.partner_id
        self.assertRecordValues(
            first + second,
            [
                {
                    "name": "Nguyễn An",
                    "email": "an@hoaphat-import.vn",
                    "phone": "0901234567",
                    "function": "Buyer",
                    "is_company": False,
                    "company_id": False,
                },
                {
                    "name": "Trần Bình",
                    "email": "binh@hoaphat-import.vn",
                    "phone": False,
                    "function": False,
                    "is_company": False,
                    "company_id": False,
                },
            ],
        )
        self.assertEqual(str(first.birthdate), "1990-11-05", "25/12 says that the day stands first")
        self.assertTrue(first.birth_year_known)
        self.assertEqual(first.parent_id.name, "Hoà Phát Import")
        self.assertEqual(first.parent_id, second.parent_id, "made once")
        self.assertTrue(first.parent_id.is_company)
        self.assertIn("=1+1", first.comment)
        self.assertEqual((contact_import.created_count, contact_import.error_count), (2, 0))

    def test_numbers_in_one_cell(self):
        contact_import = self._import(
            "Name,Phone\n"
            '"Two","0901234567, 0912345678"\nPlus,(+84) 28 3822 1234\nExported,\'+84901234999\n'
            "Russian,8 (495) 123-45-67\n"
        )
        two, *_others = partners = contact_import.line_ids.partner_id
        self.assertEqual(
            partners.mapped("phone"), ["0901234567", "02838221234", "0901234999", "8 (495) 123-45-67"]
        )
        self.assertIn("0912345678", two.comment)

    def test_text_stays_text(self):
        contact_import = self._import(
            "Name,Email,Notes\n<b>Bold</b>,bold@import.example,<script>alert(1)</script>\n"
        )
        partner = contact_import.line_ids.partner_id
        self.assertEqual(partner.name, "<b>Bold</b>")
        self.assertIn("&lt;script&gt;", partner.comment)

    def _known(self, action):
        partner = self._create_person(
            "Lan Import", email="lan@import.example", function="Assistant", comment="<p>Old note</p>"
        )
        contact_import = self._make(
            f"{HEADER}\nLan,Import,LAN@import.example,0901234999,,Director,New note,1990-11-05\n",
            duplicate_action=action,
        )
        contact_import.action_preview()
        self.assertRecordValues(
            contact_import.line_ids,
            [{"duplicate_id": partner.id, "duplicate_reason": "email", "action": action, "is_known": True}],
        )
        contact_import.action_import()
        return partner, contact_import

    def test_fill(self):
        partner, contact_import = self._known("fill")
        self.assertEqual(contact_import.line_ids.partner_id, partner)
        self.assertRecordValues(partner, [{"function": "Assistant", "phone": "0901234999"}])
        self.assertEqual(str(partner.birthdate), "1990-11-05")
        self.assertIn("Old note", partner.comment)
        self.assertIn("New note", partner.comment)
        self.assertIn("Job position: Director", partner.comment, "nothing is lost")
        contact_import.action_undo()
        self.assertEqual(contact_import.state, "undone")
        self.assertRecordValues(
            partner,
            [{"function": "Assistant", "phone": False, "birthdate": False, "comment": "<p>Old note</p>"}],
        )

    def test_update(self):
        partner, contact_import = self._known("update")
        self.assertRecordValues(partner, [{"function": "Director", "phone": "0901234999"}])
        partner.phone = "0909999999"
        contact_import.action_undo()
        self.assertRecordValues(partner, [{"function": "Assistant", "phone": "0909999999"}])
        self.assertEqual(contact_import.line_ids.result, "kept")
        self.assertIn("Phone", contact_import.line_ids.message)

    def test_skip(self):
        partner, contact_import = self._known("skip")
        self.assertRecordValues(partner, [{"function": "Assistant", "phone": False}])
        self.assertEqual(contact_import.skipped_count, 1)

    def test_create(self):
        partner, contact_import = self._known("create")
        self.assertNotEqual(contact_import.line_ids.partner_id, partner)
        self.assertEqual(contact_import.created_count, 1)

    def test_action_of_one_row(self):
        self._create_person("One Import", email="one@import.example")
        self._create_person("Two Import", email="two@import.example")
        contact_import = self._make(
            "Name,Email\nOne Import,one@import.example\nTwo Import,two@import.example\n"
        )
        contact_import.action_preview()
        contact_import.line_ids[0].action = "skip"
        contact_import.line_ids[1].action = "create"
        contact_import.action_import()
        self.assertEqual(contact_import.line_ids.mapped("result"), ["skipped", "created"])
        with self.assertRaisesRegex(UserError, "One Import"):
            contact_import.line_ids[0].action = "fill"

    def test_known_by_phone_and_by_name_with_company(self):
        company = self._create_company_partner("Công ty TNHH Gỗ Import")
        by_phone = self._create_person("Phong Import", phone="0162 345 6789")
        by_name = self._create_person("Nam Import", parent=company)
        self._create_person("Other Name", phone="0901111222")
        contact_import = self._make(
            "Name,Phone,Company\n"
            "Phong Import,+84 32 345 6789,\n"
            "nam import,,Gỗ Import JSC\n"
            "Nam Import,,Another Company of Import\n"
            "Somebody Else,0901111222,\n"
        )
        contact_import.action_preview()
        self.assertEqual(
            [(line.duplicate_id.id, line.duplicate_reason) for line in contact_import.line_ids],
            [(by_phone.id, "phone"), (by_name.id, "name"), (False, False), (False, False)],
        )
        self.assertEqual(contact_import.line_ids[1].parent_id, company)

    def test_twice_in_the_file(self):
        contact_import = self._import(
            "Name,Email,Job Title\nTwice Import,twice@import.example,\nTwice Import,twice@import.example,Boss\n"
        )
        self.assertEqual(len(contact_import.line_ids.partner_id), 1)
        self.assertEqual(contact_import.line_ids.partner_id.function, "Boss")
        self.assertEqual(contact_import.line_ids[1].duplicate_reason, "file")
        again = self._import("Name,Email\nTwice Import,twice@import.example\n")
        self.assertEqual(
            again.line_ids.partner_id, contact_import.line_ids.partner_id, "a second import makes none"
        )

    def test_companies(self):
        known = self._create_company_partner(
            "Known Import Ltd", email="info@known-import.example", street="1 Street"
        )
        text = (
            "Name,Email,Company,Business Street,Business City\n"
            "By Name,a@x.example,KNOWN import,2 Street,Huế\n"
            "By Domain,b@known-import.example,,,\n"
            "By Provider,c@gmail.com,,,\n"
            "New One,d@y.example,Unheard Import,3 Street,Huế\n"
        )
        contact_import = self._import(text)
        by_name, by_domain, by_provider, new = contact_import.line_ids.partner_id
        self.assertEqual(by_name.parent_id, known)
        self.assertEqual(by_name.street, "1 Street", "Odoo: the address of the company")
        self.assertEqual(known.street, "1 Street")
        self.assertIn("2 Street, Huế", by_name.comment)
        self.assertEqual(by_domain.parent_id, known)
        self.assertFalse(by_provider.parent_id)
        self.assertRecordValues(
            new.parent_id, [{"name": "Unheard Import", "street": "3 Street", "city": "Huế"}]
        )
        contact_import.action_undo()
        self.assertFalse((by_name + by_domain + by_provider + new).exists())
        self.assertTrue(known.exists())
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Unheard Import")]))

    def _count_queries_of_known(self, duplicate_action, sizes, work, result):
        """The queries of ``work`` on so many contacts that exist; the first time fills caches."""
        partners = self.env["res.partner"].create(
            [{"name": f"Known {n}", "email": f"known{n}@known-import.example"} for n in range(sum(sizes))]
        )
        rows = "".join(f"{partner.name},{partner.email}\n" for partner in partners)
        contact_import = self._make(f"Name,Email\n{rows}", duplicate_action=duplicate_action)
        contact_import.action_preview()
        worker = contact_import._as_worker(self.user_import)
        lines, counts, start = worker.line_ids, [], 0
        self.assertEqual(lines.duplicate_id.ids, partners.ids)
        for size in sizes:
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            work(worker, lines[start : start + size])
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            start += size
        self.assertEqual(set(lines.mapped("result")), {result})
        return counts

    def test_queries_of_what_is_known(self):
        """Contacts that are known, perhaps the whole file, are asked for together."""
        counts = self._count_queries_of_known(
            "skip", (1, 1, 20), lambda worker, lines: worker._plan(lines, {}), "skipped"
        )
        self.assertLess(counts[2] - counts[1], 10, counts)

    def test_queries_of_contacts_that_are_written_to(self):
        """Contacts that exist are written to together; each by itself only where one is refused."""
        counts = self._count_queries_of_known(
            "fill", (2, 2, 20), lambda worker, lines: worker._import_lines(lines), "updated"
        )
        # a savepoint and an update for each would be three
        self.assertLess(counts[2] - counts[1], 3 * 18, counts)

    def test_domains_are_asked_for_without_a_company_alone(self):
        """They have no index: where each row names its company, not all contacts are read for each batch."""
        contact_import = self._make("Name,Email,Company\nNamed,n@unheard-import.example,Unheard Import\n")
        with patch.object(self.registry["partner.contact.import"], "_get_mail_domain") as asked:
            contact_import.action_preview()
        self.assertEqual(len(contact_import.line_ids), 1)
        asked.assert_not_called()

    def test_phones_with_words(self):
        """What people write before and behind a number is no reason to refuse it; what it says is kept."""
        contact_import = self._import(
            "Name,Phone\nTitled,ĐT: 0901 234 561.\nAsked,0084901234562 (chị Lan)\nFigure,901234563.0\nNone,ask Lan\n"
        )
        titled, asked, figure, none = contact_import.line_ids.partner_id
        self.assertEqual(
            (titled + asked + figure + none).mapped("phone"),
            ["0901234561", "0901234562", "0901234563", False],
        )
        self.assertEqual(
            [bool(one.comment) for one in (titled, asked, figure, none)], [False, True, False, True]
        )
        self.assertIn("(chị Lan)", asked.comment)
        self.assertEqual(contact_import.warning_count, 1)

    def test_company_of_a_person_by_tax_id(self):
        """However it is written; and a company that is made for its people has the number that stands with them."""
        vietnam = self.env.ref("base.vn").id
        known = self._create_company_partner("Tax Import Ltd", vat="0101243150", country_id=vietnam)
        self._create_company_partner("Tax Import Branch", vat="0101243150", parent_id=known.id)
        contact_import = self._import(
            "Name,Company,Tax ID,Country\n"
            "By Tax,Other Import,VN 010 124 3150,Vietnam\nAbroad,German Import,0101243150,Germany\n"
            "First,New Import,,\nSecond,New Import,0309999998,\n"
        )
        by_tax, abroad, first, second = contact_import.line_ids.partner_id
        self.assertEqual(by_tax.parent_id, known)
        self.assertNotEqual(abroad.parent_id, known)
        self.assertEqual(first.parent_id, second.parent_id)
        self.assertEqual(first.parent_id.vat, "0309999998")
        self.assertNotIn("0309999998", str(second.comment))
        again = self._make("Name,Company,Tax ID\nThird,Renamed Import,0309999998\n")
        again.action_preview()
        self.assertEqual(again.line_ids.parent_id, first.parent_id)
        contact_import.action_undo()
        self.assertFalse(self.env["res.partner"].search([("vat", "=", "0309999998")]))

    def test_tax_id_that_odoo_refuses(self):
        """The company is made without it, and it stands with the person."""
        model = self.env.registry["res.partner"]
        create = model.create

        def refuse(records, vals_list):
            if any(vals.get("vat") for vals in vals_list):
                raise UserError("No tax ID.")
            return create(records, vals_list)

        with patch.object(model, "create", refuse):
            contact_import = self._import("Name,Company,Tax ID\nRefused,Refused Import,123\n")
        partner = contact_import.line_ids.partner_id
        self.assertRecordValues(partner.parent_id, [{"name": "Refused Import", "vat": False}])
        self.assertIn("123", partner.comment)

    def test_company_by_tax_id(self):
        """The tax ID wins over the name, which belongs to another company."""
        known = self._create_company_partner("Tax Import Ltd", vat="0101243150")
        self._create_company_partner("Other Import Ltd")
        alone = self.env["res.partner"].create({"name": "Alone", "email": "alone@tax-import.example"})
        contact_import = self._import(
            "Name,Company,Tax ID,Email\nBy Tax,Other Import,0101243150,\nNamed So,Tax Import,0101243150,\n"
            "Alone,Third Import,0101243150,alone@tax-import.example\n"
        )
        partners = contact_import.line_ids.partner_id
        self.assertEqual(partners.parent_id, known)
        self.assertEqual(partners[2], alone)
        # how the file calls the company is not lost
        self.assertIn("Other Import", partners[0].comment)
        self.assertFalse(partners[1].comment)
        self.assertIn("Third Import", alone.comment)

    def test_company_known_by_tax_id(self):
        """However it is called; a branch with the same number by its own name, and not one of another country."""
        vietnam = self.env.ref("base.vn").id
        known = self._create_company_partner("Gỗ Việt Import", vat="0101243150", country_id=vietnam)
        branch = self._create_company_partner(
            "Huế Import", vat="0101243150", parent_id=known.id, country_id=vietnam
        )
        contact_import = self._make(
            "Company,Tax ID,Email,Country\n"
            "Furniture Import,VN 010.124.3150,info@vat-import.example,Vietnam\n"
            "Huế Import,0101243150,,Vietnam\n"
            "German Import,0101243150,,Germany\n"
        )
        contact_import.action_preview()
        lines = contact_import.line_ids
        self.assertEqual([line.duplicate_id for line in lines], [known, branch, known.browse()])
        self.assertEqual(lines.mapped("duplicate_reason"), ["vat", "vat", False])
        contact_import.action_import()
        self.assertRecordValues(known, [{"name": "Gỗ Việt Import", "email": "info@vat-import.example"}])
        self.assertIn("Furniture Import", known.comment)

    def test_shown_name_without_the_family(self):
        contact_import = self._import(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bobby\r\nN:Parts;Robert;;;\r\nEMAIL:bobby@parts-import.example\r\nEND:VCARD\r\n",
            "cards.vcf",
        )
        partner = contact_import.line_ids.partner_id
        self.assertEqual(partner.name, "Bobby")
        self.assertIn("First name: Robert", partner.comment)
        self.assertIn("Last name: Parts", partner.comment)

    def test_entries_of_a_directory(self):
        contact_import = self._make(
            "dn: OU=Sales\nobjectClass: organizationalUnit\nou: Sales\n", "units.ldif"
        )
        contact_import.action_preview()
        self.assertEqual(contact_import.line_ids.state, "error")
        self.assertIn("neither a person nor a company", contact_import.line_ids.message)

    def test_parts_of_a_name(self):
        """What the name that is shown leaves out stands in the note."""
        contact_import = self._import(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Simon Import\r\nN:Import;Simon;Van;Dr.;ing. jr,M.Sc.\r\n"
            "EMAIL:MAILTO:simon@parts-import.example\r\nEND:VCARD\r\n"
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:John A. Import Jr.\r\nN:Import;John;A.;;Jr.\r\nEND:VCARD\r\n",
            "cards.vcf",
        )
        simon, john = contact_import.line_ids.partner_id
        self.assertEqual((simon.name, simon.email), ("Simon Import", "simon@parts-import.example"))
        self.assertIn("Middle name: Van", simon.comment)
        self.assertIn("M.Sc.", simon.comment)
        self.assertEqual((john.name, john.comment), ("John A. Import Jr.", False))
        contact_import = self._import("Name,Email\nCsv Import,MAILTO:csv@parts-import.example\n")
        self.assertEqual(contact_import.line_ids.partner_id.email, "csv@parts-import.example")

    def test_address_in_one_piece(self):
        """Google has what it could not take apart in one column alone."""
        columns = ("Label", "Formatted", "Street", "City", "Country")
        contact_import = self._import(
            f"First Name,Last Name,{','.join(f'Address 1 - {name}' for name in columns)}\n"
            'Whole,Import,Home,"12 Lê Lợi\nHuế",,,\n'
            'Apart,Import,Home,"5 Main Street\nHanoi",5 Main Street,Hanoi,\n'
        )
        self.assertRecordValues(
            contact_import.line_ids.partner_id,
            [
                {"street": "12 Lê Lợi", "street2": "Huế", "city": False},
                {"street": "5 Main Street", "street2": False, "city": "Hanoi"},
            ],
        )

    def test_name_that_is_the_address(self):
        """A contact without a name is called by its address: a gap that is filled."""
        partner = self._create_person("Gap@gap-import.example", email="gap@gap-import.example")
        for name in ("", "Nguyễn Gap"):
            self._import(f"Name,Email,Notes\n{name},gap@gap-import.example,\n")
            self.assertEqual(partner.name, name or "Gap@gap-import.example")
        self.assertFalse(partner.comment)

    def test_archived_companies(self):
        """No second one is made; the preview says so, and a company is active again only where its own row is."""
        asleep, taxed, spare = (
            self._create_company_partner(name, active=False, **values)
            for name, values in (
                ("Asleep Import", {}),
                ("Taxed Import", {"vat": "0101243150"}),
                ("Spare Import", {"email": "office@spare-import.example"}),
            )
        )
        self._create_company_partner("Twin Import", active=False)
        twin = self._create_company_partner("Twin Import")
        contact_import = self._make(
            "Name,Company,Tax ID,Email\n"
            "By Name,Asleep Import,,\n"
            "By Tax,Another Name,0101243150,\n"
            "By Domain,,,d@spare-import.example\n"
            "Of Two,Twin Import,,\n"
            ",Spare Import,,\n"
        )
        contact_import.action_preview()
        lines = contact_import.line_ids
        self.assertEqual(
            [line.parent_id for line in lines],
            [asleep, taxed, lines[2].parent_id.browse(), twin, spare.browse()],
        )
        self.assertEqual(
            ["archived" in (line.message or "") for line in lines], [True, True, False, False, True]
        )
        self.assertEqual(lines[4].duplicate_id, spare)
        before = self.env["res.partner"].with_context(active_test=False).search_count([])
        contact_import.action_import()
        self.assertEqual(lines.mapped("state"), ["done"] * 5)
        self.assertEqual([line.partner_id.parent_id for line in lines[:2]], [asleep, taxed])
        self.assertEqual([one.active for one in (asleep, taxed, spare)], [False, False, True])
        after = self.env["res.partner"].with_context(active_test=False).search_count([])
        self.assertEqual(after - before, 4)

    def test_companies_as_text(self):
        contact_import = self._import("Name,Company\nText Import,Unheard Text\n", company_mode="text")
        self.assertRecordValues(
            contact_import.line_ids.partner_id, [{"company_name": "Unheard Text", "parent_id": False}]
        )

    def test_rejected_rows_come_back_as_a_file(self):
        text = (
            'Name,Email,Birthday\nGood Import,good@import.example,1990-01-02\n"Broken Import,a@b.example,\n'
            ",,1980-01-01\nLast Import,last@import.example,soon\n"
        )
        contact_import = self._import(text)
        rejected = contact_import.line_ids.filtered(lambda line: line.state == "error")
        self.assertEqual(rejected.mapped("line_number"), [3, 4])
        self.assertIn("quotation mark", rejected[0].message)
        self.assertIn("neither a name", rejected[1].message)
        self.assertEqual(contact_import.error_count, 2)
        doubtful = contact_import.line_ids[3]
        self.assertTrue(doubtful.is_doubtful)
        self.assertIn("Birthday: soon", doubtful.partner_id.comment)
        name, data = contact_import._get_rejected_file()
        self.assertEqual(name, "contacts-rejected.csv")
        self.assertEqual(data.decode().count("\r\n"), 3)
        self.assertTrue(data.decode().startswith("Name,Email,Birthday,Import problem"))
        corrected = (
            data.decode().replace('"Broken', "Broken").replace(",,1980-01-01", "Empty Import,,1980-01-01")
        )
        again = self._import(corrected, filename=name)
        self.assertEqual(again.line_ids.mapped("name"), ["Broken Import", "Empty Import"])
        self.assertFalse(again.line_ids.filtered("message"))

    def test_strict(self):
        contact_import = self._make("Name,Birthday\nStrict Import,soon\n", strict=True)
        contact_import.action_preview()
        self.assertEqual(contact_import.error_count, 1)
        with self.assertRaisesRegex(UserError, "contacts.csv"):
            contact_import.action_import()

    def test_what_a_field_refuses_is_the_row_s_alone(self):
        contact_import = self._make("Name,Birthday\nFine Import,1990-01-01\nRefused Import,1990-01-01\n")
        contact_import.action_preview()
        create = type(self.env["res.partner"]).create

        def failing(model, vals_list):
            if any(vals["name"] == "Refused Import" for vals in vals_list):
                raise UserError("No Refused Import, please.")
            return create(model, vals_list)

        self.patch(type(self.env["res.partner"]), "create", failing)
        contact_import.action_import()
        self.assertEqual(contact_import.line_ids.mapped("state"), ["done", "error"])
        self.assertEqual(contact_import.line_ids[1].message, "No Refused Import, please.")

    def test_correct_the_preview(self):
        contact_import = self._make("Col A,Col B\nSome Import,some@import.example\n", header="yes")
        contact_import.action_preview()
        self.assertEqual(contact_import.column_ids.mapped("target"), ["name", "email"])
        contact_import.column_ids[0].target = "company"
        contact_import.action_preview()
        self.assertEqual(contact_import.column_ids.mapped("target"), ["company", "email"])
        contact_import.action_import()
        self.assertTrue(contact_import.line_ids.partner_id.is_company)
        latin = self._make("Name;Email\nJörg Import;j@import.example\n".encode("cp1250"), encoding="cp1250")
        latin.action_preview()
        self.assertEqual(latin.line_ids.name, "Jörg Import")
        self.assertIn("separated by semicolons", latin.found_text)
        ambiguous = self._make("Name,Birthday\nOrder Import,01/02/1980\n")
        ambiguous.action_preview()
        self.assertIn("two days", ambiguous.line_ids.message)
        ambiguous.date_order = "mdy"
        ambiguous.action_preview()
        self.assertFalse(ambiguous.line_ids.message)
        ambiguous.action_import()
        self.assertEqual(str(ambiguous.line_ids.partner_id.birthdate), "1980-01-02")

    def test_files_of_other_programs(self):
        """They were read as contacts of strange letters."""
        for data in (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"Name\n" * 9, b"%PDF-1.7\nName\nAnn\n"):
            with self.assertRaisesRegex(UserError, "save the table as CSV"):
                self._make(data, filename="contacts.xls").action_preview()

    def test_no_contacts(self):
        for text in ("Name,Email\n", "\n"):
            with self.subTest(text=text), self.assertRaisesRegex(UserError, "contacts.csv"):
                self._make(text).action_preview()

    def test_what_is_at_work_is_not_deleted(self):
        """Its contacts would be without the import that can undo them."""
        contact_import = self._make("Name,Email\nAnna,anna@import.example\n")
        contact_import.action_preview()
        for state in ("running", "undoing"):
            contact_import.sudo()._guard_off().state = state
            with self.assertRaisesRegex(UserError, "in the state"), self.env.cr.savepoint():
                contact_import.unlink()
        contact_import.sudo()._guard_off().state = "ready"
        contact_import.unlink()
        self.assertFalse(contact_import.exists())

    def test_undo_keeps_what_is_used(self):
        contact_import = self._import(
            "Name,Email\nUsed Import,u@import.example\nUnused Import,v@import.example\n"
        )
        used, unused = contact_import.line_ids.partner_id
        self.env["crm.lead"].create({"name": "Deal", "partner_id": used.id})
        contact_import.action_undo()
        self.assertTrue(used.exists())
        self.assertFalse(unused.exists())
        self.assertEqual(contact_import.line_ids.mapped("result"), ["kept", "undone"])
        self.assertIn("used since", contact_import.line_ids[0].message)

    def test_undo_after_the_nightly_classification(self):
        """That a contact is a potential customer is no use that somebody has made of it."""
        contact_import = self._import(
            f"{HEADER}\nAn,Nguyễn,an@classified.example,,Classified Import,,,\n"
            "Bình,Trần,binh@alone.example,,,,,\n"
        )
        partners = contact_import.line_ids.partner_id | contact_import.line_ids.partner_id.parent_id
        policy = self.env["partner.classification.policy"]._get_for(self.company, "customer")
        run = self.env["partner.classification"].create({"policy_id": policy.id, "date_to": "2025-03-31"})
        run.action_compute()
        self.assertEqual(len(run.line_ids.filtered(lambda line: line.partner_id in partners)), 2)
        contact_import.action_undo()
        self.assertEqual(contact_import.line_ids.mapped("result"), ["undone"] * 2)
        self.assertFalse(partners.exists())
        self.assertFalse(run.line_ids.filtered(lambda line: line.partner_id in partners))

    def test_undo_keeps_what_was_changed(self):
        contact_import = self._import("Name,Email\nChanged Import,u@import.example\n")
        contact_import.line_ids.partner_id.email = "new@import.example"
        contact_import.action_undo()
        self.assertTrue(contact_import.line_ids.partner_id.exists())
        self.assertIn("Email", contact_import.line_ids.message)

    def test_undo_of_what_is_kept_in_another_form(self):
        """As Odoo's check of tax IDs does: what it has made of a value was changed by nobody."""
        known = self._create_company_partner("Known Compact Import")
        partners = type(self.env["res.partner"])
        create, write = partners.create, partners.write

        def compact(vals):
            return {**vals, "vat": vals["vat"].replace(" ", "")} if vals.get("vat") else vals

        self.patch(partners, "create", lambda model, vals_list: create(model, [*map(compact, vals_list)]))
        self.patch(partners, "write", lambda model, vals: write(model, compact(vals)))
        contact_import = self._import(
            "Company,Tax ID\nNew Compact Import,0312 345 678\nKnown Compact Import,0312 345 679\n"
        )
        made = contact_import.line_ids[0].partner_id
        self.assertEqual(contact_import.line_ids[1].partner_id, known)
        self.assertEqual((made + known).mapped("vat"), ["0312345678", "0312345679"])
        contact_import.action_undo()
        self.assertEqual(contact_import.line_ids.mapped("result"), ["undone"] * 2)
        self.assertFalse(made.exists())
        self.assertFalse(known.vat)

    def test_photo_and_bomb(self):
        pixel = (
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        )
        # a head that claims 60,000 pixels each way
        bomb = bytearray(base64.b64decode(pixel))
        bomb[16:24] = (60_000).to_bytes(4, "big") * 2
        bomb[29:33] = zlib.crc32(bytes(bomb[12:29])).to_bytes(4, "big")
        card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{}\r\nPHOTO;ENCODING=b;TYPE=PNG:{}\r\nEND:VCARD\r\n"
        text = card.format("Photo Import", pixel) + card.format(
            "Bomb Import", base64.b64encode(bomb).decode()
        )
        contact_import = self._import(text, filename="x.vcf")
        good, bad = contact_import.line_ids.partner_id
        self.assertTrue(good.image_1920)
        self.assertFalse(bad.image_1920)
        self.assertIn("pixels", contact_import.line_ids[1].message)


@tagged("post_install", "-at_install")
class TestContactImportRights(ContactImportCommon):
    def test_needs_the_right_to_make_contacts(self):
        user = self._create_user("relations_no_import", "base.group_user")
        with self.assertRaises(AccessError):
            self._make("Name\nNobody\n", user=user)

    def test_own_imports_only(self):
        contact_import = self._import("Name,Email\nOwn Import,own@import.example\n")
        other = self._create_user(
            "relations_import2", "base.group_user,base.group_partner_manager,base.group_allow_export"
        )
        for model in (
            "partner.contact.import",
            "partner.contact.import.line",
            "partner.contact.import.column",
        ):
            records = self.env[model].with_user(other)
            self.assertFalse(records.search([]), model)
            self.assertFalse(records.web_search_read([], {"display_name": {}})["records"], model)
            self.assertFalse(records.formatted_read_group([], ["create_uid"], ["__count"]), model)
        with self.assertRaises(AccessError):
            contact_import.with_user(other).read(["file"])
        with self.assertRaises(AccessError):
            contact_import.with_user(other).action_undo()
        with self.assertRaises(AccessError):
            contact_import.with_user(other)._get_rejected_file()
        with self.assertRaises(AccessError):
            contact_import.line_ids.with_user(other).export_data(["name"])
        self.assertTrue(contact_import.with_user(self.user_director).line_ids)

    def test_company(self):
        user = self._create_user(
            "relations_import3",
            "base.group_user,base.group_partner_manager",
            company_ids=[Command.set((self.company + self.company2).ids)],
        )
        contact_import = self._make(
            "Name,Email\nCompany Import,c2@import.example\n",
            user=user,
            company_id=self.company2.id,
            only_company=True,
        )
        contact_import.action_preview()
        contact_import.action_import()
        self.assertEqual(contact_import.line_ids.partner_id.company_id, self.company2)
        self.assertFalse(
            contact_import.with_context(allowed_company_ids=self.company.ids).search([]),
            "only while its company is switched on",
        )
        self.assertFalse(self.env["partner.contact.import"].with_user(self.user_director).search([]))

    def test_hidden_contact_is_neither_told_nor_changed(self):
        hidden = self._create_person(
            "Hidden Import", email="hidden@import.example", company_id=self.company2.id
        )
        boss = self._create_company_partner(
            "Hidden Company of Import", email="x@hidden-import.example", company_id=self.company2.id
        )
        contact_import = self._import(
            "Name,Email,Company,Phone\n"
            "Hidden Import,hidden@import.example,,0901234567\n"
            "Visible Import,v@hidden-import.example,Hidden Company of Import,\n"
        )
        self.assertFalse(contact_import.duplicate_count)
        self.assertEqual(len(contact_import.line_ids.partner_id), 2, "both are new ones")
        self.assertFalse(hidden.phone)
        self.assertNotIn(hidden, contact_import.line_ids.partner_id)
        self.assertNotIn(boss, contact_import.line_ids.partner_id.parent_id)

    def test_contact_one_may_read_but_not_change(self):
        readable = self._create_person("Readable Import", email="readable@import.example")
        self.env["ir.rule"].create(
            {
                "name": "Nobody changes it",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": f"[('id', '!=', {readable.id})]",
                "perm_read": False,
                "perm_create": False,
                "perm_unlink": False,
            }
        )
        contact_import = self._import(
            "Name,Email,Phone\nReadable Import,readable@import.example,0901234567\n"
        )
        self.assertEqual(contact_import.line_ids.state, "error")
        self.assertIn("may not change", contact_import.line_ids.message)
        self.assertFalse(readable.phone)

    def test_forged_undo_has_no_more_rights_than_its_user(self):
        """What undo writes is stored with the line; whoever forges it can do no more than by hand."""
        hidden = self._create_person("Victim Import", company_id=self.company2.id)
        contact_import = self._import("Name,Email\nForger Import,f@import.example\n")
        contact_import.line_ids.sudo().write(
            {"partner_id": hidden.id, "undo": {"id": hidden.id, "created": True, "values": {}}}
        )
        contact_import.action_undo()
        self.assertTrue(hidden.exists().active)
        self.assertRecordValues(
            contact_import.line_ids, [{"result": "kept", "message": "You may not change this contact."}]
        )
