import csv
import os
from pathlib import Path

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import BaseCase, tagged, users
from odoo.tools import SQL

from ...tools.names import LEGAL_FORMS, SQL_FROM, SQL_TO, fold, name_key
from ...tools.phones import national_form, phone_key, phone_spellings
from ..common import RelationsCommon


@tagged("post_install", "-at_install")
class TestKeys(BaseCase):
    """Comparable forms of phone numbers and names, without a database."""

    def test_phone_spellings_meet(self):
        for written in [
            "0901234567",
            "090 123 45 67",
            "(090) 123-4567",
            "+84 901.234.567",
            "84901234567",
            "0084901234567",
            "+84 (0)901 234 567",
            "901234567",
            "0901234567 ext. 12",
            "0901234567; 0912345678",
            "\u200e0901\u00a0234\u00a0567",
            "０９０１２３４５６７",
        ]:
            self.assertEqual(phone_key(written, 84), "+84901234567", written)
        self.assertEqual(phone_key("+1 (415) 555-0100", 84), phone_key("415 555 0100", 1))
        self.assertNotEqual(phone_key("0901234567", 84), phone_key("0901234567", 81))
        self.assertNotEqual(phone_key("8 (490) 123-45-67", 84), phone_key("0901234567", 84), "Russia's 8")
        # without a country numbers meet as they are dialled inside it
        self.assertEqual(phone_key("0901234567"), phone_key("901 234 567"))
        # Italy dials the zero from abroad, too
        self.assertEqual(phone_key("06 1234 5678", 39), phone_key("+39 06 1234 5678", 84))

    def test_vietnam_2018(self):
        pairs = {
            "0162": "032",
            "0163": "033",
            "0164": "034",
            "0165": "035",
            "0166": "036",
            "0167": "037",
            "0168": "038",
            "0169": "039",
            "0120": "070",
            "0121": "079",
            "0122": "077",
            "0126": "076",
            "0128": "078",
            "0123": "083",
            "0124": "084",
            "0125": "085",
            "0127": "081",
            "0129": "082",
            "0186": "056",
            "0188": "058",
            "0199": "059",
        }
        for old, new in pairs.items():
            self.assertEqual(phone_key(f"{old}1234567", 84), phone_key(f"{new}1234567", 84), old)
        # ten digits are a number of today; eleven elsewhere stay as they are
        self.assertEqual(phone_key("0162345678", 84), "+84162345678")
        self.assertEqual(phone_key("01623456789", 49), "+491623456789")

    def test_not_a_phone(self):
        for written in [None, "", "123", "call me", "12345678901234567", "+", "00", "0901234567a"]:
            self.assertEqual(phone_key(written, 84), "", written)

    def test_every_spelling_leads_back(self):
        for number in ("0162 345 6789", "0901234567", "+14155550100"):
            for spelling in phone_spellings(number, 84):
                if spelling.startswith(("+", "00", "01", "03", "09")):
                    self.assertEqual(phone_key(spelling, 84), phone_key(number, 84), spelling)

    def test_cases(self):
        """Numbers written by others, where they lie beside the checkout or where the variable names."""
        folder = Path(
            os.environ.get("PARTNER_RELATIONS_CASES")
            or Path(__file__).resolve().parents[3] / "shared" / "cases"
        )
        path = folder / "contacts" / "vi_phone_normalisation.csv"
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())) if path.exists() else []
        for row in rows:
            expected = "" if row["expected"] == "(not a phone)" else row["expected"]
            self.assertEqual(national_form(row["raw"], 84), expected, row)

    def test_names(self):
        self.assertEqual(fold("Nguyễn Thị ĐÀO"), "nguyen thi dao")
        # composed and decomposed letters
        self.assertEqual(name_key("Ho\u00e0"), name_key("Hoa\u0300"))
        self.assertEqual(name_key("Nguyễn Văn An"), name_key("AN, nguyen-van"))
        self.assertNotEqual(name_key("Nguyễn Văn An"), name_key("Nguyễn Văn Anh"))
        self.assertEqual(name_key("Công ty TNHH Minh Anh", True), name_key("MINH ANH Co., Ltd.", True))
        # the legal form is all there is
        self.assertEqual(name_key("Cty CP", True), {"cty", "cp"})
        # of persons nothing is left out: Công is a name
        self.assertNotEqual(name_key("Nguyễn Công"), name_key("Nguyễn"))
        self.assertFalse(name_key(" -- "))


@tagged("post_install", "-at_install")
class TestDuplicates(RelationsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vietnam = cls.env.ref("base.vn")
        cls.company.country_id = cls.vietnam
        # what else the database holds is none of these tests' business
        cls.last_id = (
            cls.env["res.partner"].with_context(active_test=False).search([], order="id desc", limit=1).id
        )

    def _reasons(self, partner):
        partner.invalidate_recordset(["duplicate_contact_ids"])
        found = partner._find_duplicates()[partner]
        self.assertEqual(partner.duplicate_contact_ids.ids, [duplicate.id for duplicate in found])
        return {
            duplicate: set(reasons) for duplicate, reasons in found.items() if duplicate.id > self.last_id
        }

    @users("relations_sales")
    def test_reasons(self):
        Partner = self.env["res.partner"]
        by_email = Partner.create({"name": "Zz One", "email": "An@Example.com"})
        by_phone = Partner.create({"name": "Zz Two", "phone": "+84 (0)32.345.6789"})
        by_vat = Partner.create({"name": "Zz Three", "vat": "VN 0101 243 150", "is_company": True})
        by_name = Partner.create({"name": "AN, nguyễn văn"})
        Partner.create(
            {"name": "Zz Four", "email": "an@example.org", "phone": "0323456780", "vat": "0101243151"}
        )
        Partner.create({"name": "Nguyễn Văn Anh"})
        Partner.create({"name": "Nguyen Van An", "is_company": True})
        partner = Partner.create(
            {
                "name": "Nguyen Van An",
                "email": '"An" <an@example.com>',
                "phone": "01623456789",
                "vat": "0101243150",
            }
        )
        self.assertEqual(
            self._reasons(partner),
            {by_email: {"email"}, by_phone: {"phone"}, by_vat: {"vat"}, by_name: {"name"}},
        )
        # from the other side
        self.assertEqual(self._reasons(by_phone), {partner: {"phone"}})
        self.assertEqual(self._reasons(by_name), {partner: {"name"}})
        self.assertEqual(self._reasons(by_vat), {partner: {"vat"}})

    @users("relations_sales")
    def test_phone_without_country(self):
        Partner = self.env["res.partner"]
        japan = self.env.ref("base.jp").id
        vn = Partner.create({"name": "Aa", "phone": "0901 234 567", "country_id": self.vietnam.id})
        jp = Partner.create({"name": "Bb", "phone": "0901234567", "country_id": japan})
        abroad = Partner.create({"name": "Cc", "phone": "+81 901 234 567"})
        self.assertEqual(self._reasons(vn), {jp: {"phone"}})
        self.assertEqual(self._reasons(jp), {vn: {"phone"}, abroad: {"phone"}})

    @users("relations_sales")
    def test_most_alike_first(self):
        Partner = self.env["res.partner"]
        name_only = Partner.create({"name": "Trần Thị Bình"})
        both = Partner.create({"name": "Tran Thi Binh", "email": "binh@example.com"})
        archived = Partner.create({"name": "Tran Thi Binh", "active": False})
        partner = Partner.create({"name": "Trần Thị Bình", "email": "binh@example.com"})
        self.assertEqual(list(self._reasons(partner)), [both, name_only, archived])
        hint = partner.get_duplicate_contacts({})
        self.assertEqual([line["archived"] for line in hint["duplicates"]], [False, False, True])
        self.assertEqual(hint["duplicates"][0]["reasons"], "same email, same name")
        self.assertFalse(hint["more"])

    @users("relations_sales")
    def test_company_names(self):
        Partner = self.env["res.partner"]
        one = Partner.create({"name": "CÔNG TY TNHH ĐỒ GỖ MINH ANH", "is_company": True})
        other = Partner.create({"name": "Đồ gỗ Minh Anh Co., Ltd", "is_company": True})
        self.assertEqual(self._reasons(one), {other: {"name"}})

    @users("relations_sales")
    def test_tax_ids(self):
        Partner = self.env["res.partner"]
        belgium = self.env.ref("base.be").id
        vn = Partner.create(
            {"name": "Aa", "is_company": True, "vat": "0477472701", "country_id": self.vietnam.id}
        )
        be = Partner.create({"name": "Bb", "is_company": True, "vat": "BE0477472701", "country_id": belgium})
        be2 = Partner.create({"name": "Cc", "is_company": True, "vat": "0477.472.701", "country_id": belgium})
        free = Partner.create([{"name": f"D{i}", "is_company": True, "vat": "/"} for i in range(2)])
        self.assertEqual(self._reasons(vn), {})
        self.assertEqual(self._reasons(be), {be2: {"vat"}})
        self.assertEqual(self._reasons(be2), {be: {"vat"}})
        self.assertEqual(self._reasons(free[0]), {})

    @users("relations_sales")
    def test_relatives_share(self):
        company = self.env["res.partner"].create(
            {
                "name": "Company",
                "is_company": True,
                "email": "info@example.com",
                "phone": "02838221234",
                "vat": "0101243150",
                "child_ids": [
                    Command.create({"name": "An", "email": "info@example.com", "phone": "02838221234"}),
                    Command.create({"name": "Bình", "phone": "02838221234"}),
                    Command.create({"name": "Company", "type": "delivery", "phone": "02838221234"}),
                ],
            }
        )
        self.assertEqual(self._reasons(company), {})
        an, binh = company.child_ids.filtered(lambda p: p.type == "contact").sorted("name")
        self.assertEqual(self._reasons(an), {})
        twin = self.env["res.partner"].create({"name": "AN", "parent_id": company.id})
        self.assertEqual(self._reasons(an), {twin: {"name"}})
        self.assertEqual(self._reasons(binh), {})

    @users("relations_sales")
    def test_unsaved(self):
        Partner = self.env["res.partner"]
        company = Partner.create({"name": "Company", "is_company": True, "country_id": self.vietnam.id})
        existing = Partner.create({"name": "Lê Văn Đạt", "phone": "0901 234 567"})
        existing.active = False

        def hint(partner=Partner, **values):
            return [
                (line["id"], line["reasons"], line["archived"])
                for line in partner.get_duplicate_contacts({"is_company": False, **values})["duplicates"]
                if line["id"] > self.last_id
            ]

        self.assertEqual(hint(name=False), [])
        self.assertEqual(hint(name="Someone"), [])
        self.assertEqual(hint(name="Someone", phone="+84901234567"), [(existing.id, "same phone", True)])
        self.assertEqual(hint(name="dat le van"), [(existing.id, "same name", True)])
        self.assertEqual(hint(name="dat le van", is_company=True), [])
        self.assertEqual(hint(name="dat le van", type="delivery"), [])
        self.assertEqual(hint(name="dat le van", parent_id=company.id), [(existing.id, "same name", True)])
        # a saved contact being changed: what is not sent counts as saved
        other = Partner.create({"name": "Đạt Lê Văn"})
        self.assertEqual(hint(other), [(existing.id, "same name", True)])
        self.assertEqual(hint(other, name="Somebody else"), [])
        self.assertEqual(hint(existing), [(other.id, "same name", False)])
        # nothing was written
        self.assertEqual(other.name, "Đạt Lê Văn")

    @users("relations_sales")
    def test_core_names_it_already(self):
        Partner = self.env["res.partner"]
        first = Partner.create({"name": "One", "is_company": True, "vat": "0101243150"})
        values = {"name": "Other", "is_company": True, "vat": "0101243150"}
        self.assertEqual(Partner.new(values).same_vat_partner_id, first)
        self.assertFalse(Partner.get_duplicate_contacts(values)["duplicates"])
        self.assertTrue(Partner.get_duplicate_contacts({**values, "vat": "0101 243 150"})["duplicates"])
        self.assertTrue(Partner.get_duplicate_contacts({**values, "name": "one"})["duplicates"])

    @users("relations_sales")
    def test_in_the_forms(self):
        arch = self.env["res.partner"].get_view(self.env.ref("base.view_partner_form").id, "form")["arch"]
        self.assertEqual(arch.count('name="partner_duplicate_hint"'), 2)

    def test_rules_hide(self):
        hidden = self._create_person("Phạm Văn Giang", company_id=self.company2.id, email="giang@example.com")
        partner = self._create_person("Pham Van Giang", email="giang@example.com")
        self.assertEqual(partner.with_user(self.user_sales).duplicate_contact_ids.ids, [])
        self.assertFalse(partner.with_user(self.user_sales).get_duplicate_contacts({})["duplicates"])
        with self.assertRaises(AccessError):
            hidden.with_user(self.user_sales).get_duplicate_contacts({})
        user = self._create_user(
            "relations_both",
            "partner_relations.group_user",
            company_ids=[Command.set((self.company + self.company2).ids)],
        )
        both = partner.with_user(user).with_context(allowed_company_ids=(self.company + self.company2).ids)
        self.assertEqual(both.duplicate_contact_ids.ids, hidden.ids)
        one = partner.with_user(user).with_context(allowed_company_ids=self.company.ids)
        self.assertFalse(one.duplicate_contact_ids)

    @users("relations_sales")
    def test_many_homonyms(self):
        partners = self.env["res.partner"].create([{"name": "Nguyễn Văn Hùng"} for _ in range(13)])
        hint = partners[0].get_duplicate_contacts({})
        self.assertEqual((len(hint["duplicates"]), hint["more"]), (10, True))

    @users("relations_sales")
    def test_namesakes(self):
        Partner = self.env["res.partner"]
        first = Partner.create({"name": "Lê Lan", "email": "lan1@example.com", "phone": "0901000001"})
        second = Partner.create({"name": "Lê Lan", "email": "lan2@example.com"})
        self.assertEqual(self._reasons(first), {second: {"name"}})
        second.phone = "0901000002"
        self.assertEqual(self._reasons(first), {})
        second.phone = "0901000001"
        self.assertEqual(self._reasons(first), {second: {"phone", "name"}})
        one = Partner.create({"name": "Hải Âu", "is_company": True, "vat": "0101243150"})
        other = Partner.create({"name": "Hải Âu", "is_company": True})
        self.assertEqual(self._reasons(one), {other: {"name"}})
        other.vat = "0101243151"
        self.assertEqual(self._reasons(one), {})

    @users("relations_sales")
    def test_namesakes_do_not_crowd_out(self):
        Partner = self.env["res.partner"]
        Partner.create([{"name": "Lê Lan"} for _ in range(70)])
        same = Partner.create({"name": "Somebody", "email": "lan1@example.com"})
        first = Partner.create({"name": "Lê Lan", "email": "lan1@example.com"})
        self.assertEqual(next(iter(self._reasons(first))), same)

    @users("relations_sales")
    def test_query_count(self):
        partners = self.env["res.partner"].create(
            [
                {"name": f"Hoàng {i % 10}", "email": f"h{i % 7}@example.com", "vat": f"01012431{i % 5}0"}
                for i in range(20)
            ]
        )
        partners.mapped("duplicate_contact_ids")
        counts = []
        for records in (partners[:1], partners):
            self.env.flush_all()
            self.env["res.partner"].invalidate_model()
            before = self.env.cr.sql_log_count
            records.mapped("duplicate_contact_ids")
            counts.append(self.env.cr.sql_log_count - before)
        # the contacts themselves and the search
        self.assertLessEqual(max(counts), 3, counts)

    def test_python_and_sql_fold_alike(self):
        names = [
            "Nguyễn Thị ĐÀO",
            "Łódź ÉÀÇ",
            "Ho\u00e0 Hoa\u0300",
            "Иван Ёлкин",
            "A.B-C/D (E)",
            "O'Neil 50% off",
        ]
        for name in names:
            self.env.cr.execute(
                SQL(
                    "SELECT tsvector_to_array(to_tsvector('simple'::regconfig, translate(%s, %s, %s)))",
                    name,
                    SQL_FROM,
                    SQL_TO,
                )
            )
            self.assertEqual(set(self.env.cr.fetchone()[0]), set(name_key(name)), name)
        self.assertFalse({word for word in LEGAL_FORMS if fold(word) != word})

    def test_search_uses_the_indexes(self):
        model = self.env["res.partner"].create(
            {"name": "Name 0", "email": "n0@example.com", "phone": "0901000000", "vat": "0101000000"}
        )
        email = SQL("'n' || each.number || '@example.com'")
        self._multiply(
            model,
            3000,
            name=SQL("'Name ' || each.number"),
            email=email,
            email_normalized=email,
            phone=SQL("'0901' || lpad(each.number::text, 6, '0')"),
            vat=SQL("'0101' || lpad(each.number::text, 6, '0')"),
        )
        partner = self.env["res.partner"].new(
            {"name": "7 name", "email": "n7@example.com", "phone": "0901000007", "vat": "0101000007"}
        )
        conditions = partner._get_duplicate_conditions(partner._get_duplicate_keys())
        self.assertEqual(len(conditions), 4)
        query = self.env["res.partner"]._search([], order=None)
        where = SQL(" OR ").join(
            condition(self.env["res.partner"], query.table, query) for condition in conditions.values()
        )
        self.env.cr.execute(SQL("EXPLAIN SELECT id FROM res_partner WHERE %s", where))
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        for index in ("email_normalized_idx", "vat_key_idx", "name_key_idx", "phone_partial_"):
            self.assertIn(f"res_partner_{index}", plan)
