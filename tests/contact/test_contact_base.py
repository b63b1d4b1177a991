import random

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged, users
from odoo.tools.safe_eval import safe_eval

from ...tools.completeness import EMAIL, PHONE, TAX_ID, matches, percentage
from ..common import EmptyIsNotZero, RelationsCommon


@tagged("post_install", "-at_install")
class TestCompleteness(EmptyIsNotZero, RelationsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vietnam = cls.env.ref("base.vn")
        cls.company.country_id = cls.vietnam
        cls.industry = cls.env["res.partner.industry"].create({"name": "Furniture"})

    def test_percentage_rounds_half_up(self):
        self.assertEqual(percentage(0, 11), 0.0)
        self.assertEqual(percentage(3, 8), 37.5)
        self.assertEqual(percentage(1, 3), 33.33)
        self.assertEqual(percentage(2, 3), 66.67)
        self.assertEqual(percentage(1, 16 * 100), 0.06)  # 0.0625
        self.assertEqual(percentage(1, 800), 0.13)  # 0.125
        self.assertEqual(percentage(0, 0), 0.0)

    def test_patterns(self):
        for value, expected in [("an@example.com", True), ("an@example", False), ("an", False), ("", False)]:
            self.assertEqual(matches(EMAIL, value), expected, value)
        for value, expected in [
            ("+84901234567", True),
            ("(028) 3822-1234", True),
            ("123456", False),
            ("1234567", True),
            ("+1234567890123456", False),
            ("call me", False),
            ("0901234567 An", False),
        ]:
            self.assertEqual(matches(PHONE, value), expected, value)
        for value, expected in [
            ("0101243150", True),
            ("BE0477472701", True),
            ("/", True),
            ("no", False),
            ("1", False),
        ]:
            self.assertEqual(matches(TAX_ID, value), expected, value)

    @users("relations_sales")
    def test_company(self):
        company = self.env["res.partner"].create({"name": "Company", "is_company": True})
        company.user_id = False
        steps = [
            ({}, 0.0, "Phone, Email, Address, Tax ID, Industry, Salesperson, Contact Person"),
            (
                {"phone": "0901 234 567"},
                18.18,
                "Email, Address, Tax ID, Industry, Salesperson, Contact Person",
            ),
            ({"email": "info@example.com"}, 36.36, "Address, Tax ID, Industry, Salesperson, Contact Person"),
            (
                {"street": "1 Lê Lợi", "city": "Huế"},
                36.36,
                "Address, Tax ID, Industry, Salesperson, Contact Person",
            ),
            ({"country_id": self.vietnam.id}, 54.55, "Tax ID, Industry, Salesperson, Contact Person"),
            ({"vat": "0101243150"}, 63.64, "Industry, Salesperson, Contact Person"),
            ({"industry_id": self.industry.id}, 72.73, "Salesperson, Contact Person"),
            ({"user_id": self.env.uid}, 81.82, "Contact Person"),
            ({"child_ids": [Command.create({"name": "An"})]}, 100.0, False),
        ]
        for values, completeness, missing in steps:
            company.write(values)
            with self.subTest(values=values):
                self.assertRecordValues(
                    company, [{"contact_completeness": completeness, "contact_missing": missing}]
                )

    @users("relations_sales")
    def test_person(self):
        person = self.env["res.partner"].create({"name": "An"})
        steps = [
            ({}, 12.5, "Email, Phone, Job Position, Birthday"),
            ({"email": "not an address"}, 12.5, "Email, Phone, Job Position, Birthday"),
            ({"email": "an@example.com"}, 37.5, "Phone, Job Position, Birthday"),
            ({"phone": "12345"}, 37.5, "Phone, Job Position, Birthday"),
            ({"phone": "0901234567", "country_id": self.vietnam.id}, 62.5, "Job Position, Birthday"),
            ({"function": "  "}, 62.5, "Job Position, Birthday"),
            ({"function": "Buyer"}, 87.5, "Birthday"),
            ({"birthdate": "1990-05-05"}, 100.0, False),
        ]
        for values, completeness, missing in steps:
            person.write(values)
            with self.subTest(values=values):
                self.assertRecordValues(
                    person, [{"contact_completeness": completeness, "contact_missing": missing}]
                )

    @users("relations_sales")
    def test_contact_person_counts(self):
        company = self.env["res.partner"].create({"name": "Company", "is_company": True, "user_id": False})
        delivery = self.env["res.partner"].create(
            {"parent_id": company.id, "type": "delivery", "name": "Gate 2"}
        )
        branch = self.env["res.partner"].create(
            {"parent_id": company.id, "is_company": True, "name": "Branch"}
        )
        self.assertIn("Contact Person", company.contact_missing)
        person = self.env["res.partner"].create({"parent_id": company.id, "name": "An"})
        self.assertNotIn("Contact Person", company.contact_missing)
        person.action_archive()
        self.assertIn("Contact Person", company.contact_missing)
        person.action_unarchive()
        self.assertNotIn("Contact Person", company.contact_missing)
        person.parent_id = branch
        self.assertIn("Contact Person", company.contact_missing)
        self.assertNotIn("Contact Person", branch.contact_missing)
        self.assertTrue(delivery.active)

    def test_looked_up_fields_are_no_triggers(self):
        """They cost core's writes nothing, and are up to date all the same."""
        partners = self.env["res.partner"]
        looked_up, sources, _fields = partners._get_looked_up_fields()
        names = tuple(looked_up)
        self.assertIn("contact_completeness", names)
        self.assertIn("email", sources, "what a source is computed from")
        triggered = {
            field
            for name, own in partners._fields.items()
            if name not in names
            for tree in self.env.registry.get_field_trigger_tree(own).depth_first()
            for field in tree.root
        }
        for model in ("res.partner", "res.users"):
            for name in names:
                with self.subTest(model=model, name=name):
                    self.assertNotIn(self.env[model]._fields[name], triggered)
        company, other = partners.create([{"name": "Mill", "is_company": True}, {"name": "Other"}])
        self.assertIn("Email", other.contact_missing)
        other.email = "other@example.com"
        self.assertNotIn("Email", other.contact_missing)
        self.assertFalse(company.duplicate_contact_ids)
        company.email = "other@example.com"
        self.assertEqual(other.duplicate_contact_ids, company)
        self.assertEqual(company.duplicate_contact_ids, other)
        self.assertTrue(company.contact_missing)
        with self.env.protecting([company._fields["contact_missing"]], company):
            company.name = "Mill Ltd"
            self.assertIn(
                company.id,
                company._fields["contact_missing"]._get_cache(self.env),
                "while it is being computed it stays",
            )

    def test_contacts_know_few_who_are_told(self):
        """Each model that is to be told of a field of contacts makes each of their forms and saves dearer."""
        partners = self.env["res.partner"]
        told = {
            key.model_name
            for name, own in partners._fields.items()
            if own._modules != ("partner_relations",)
            for tree in self.env.registry.get_field_trigger_tree(own).depth_first()
            for key in tree
            if self.env[key.model_name]._original_module == "partner_relations"
        }
        # what stores or groups by a field of the contact, and what goes when it is archived
        self.assertEqual(told, {"partner.classification.line", "partner.requirement", "supplier.scorecard"})

    def test_what_is_not_looked_for_of_a_new_contact(self):
        """Nothing of a new contact itself, or of its persons, depends on these fields."""
        partners = self.env["res.partner"]
        idle = partners._get_fields_of_users_alone()
        self.assertIn("preferred_channel", idle)
        self.assertTrue(idle.isdisjoint({"birthdate", "own_market_id", "name", "user_id"}))
        for name in idle:
            with self.subTest(name=name):
                dependents = set(self.env.registry.get_dependent_fields(partners._fields[name]))
                self.assertNotIn("res.partner", {field.model_name for field in dependents})
        new = partners.new({"name": "New", "birthdate": "1990-03-04"})
        self.assertEqual(new.birth_month, "03")
        new.birthdate = "1990-05-04"
        self.assertEqual(new.birth_month, "05")

    @users("relations_sales")
    def test_missing_is_translated(self):
        self.env["res.lang"].sudo()._activate_lang("vi_VN")
        item = self.env.ref("partner_relations.completeness_person_email")
        item.with_user(self.user_director).with_context(lang="vi_VN").name = "Thư điện tử"
        person = self.env["res.partner"].create({"name": "An"})
        self.assertIn("Thư điện tử", person.with_context(lang="vi_VN").contact_missing)
        self.assertIn("Email", person.with_context(lang="en_US").contact_missing)

    def _random_partners(self, count):
        rnd = random.Random(190)
        vals_list = []
        for i in range(count):
            vals_list.append(
                {
                    "name": f"P{i}",
                    "is_company": rnd.random() < 0.5,
                    "email": rnd.choice(
                        [False, "", "x", f"p{i}@example.com", "a@b", f"Name <P{i}@Example.org>"]
                    ),
                    "phone": rnd.choice(
                        [False, "123", "0901 234 567", "+84 28 3822 1234", "(028)/3822.1234", "call"]
                    ),
                    "street": rnd.choice([False, " ", "1 Lê Lợi"]),
                    "city": rnd.choice([False, "Huế"]),
                    "country_id": rnd.choice([False, self.vietnam.id]),
                    "vat": rnd.choice([False, "/", "0101243150", "VN 0101243150", "none"]),
                    "industry_id": rnd.choice([False, self.industry.id]),
                    "user_id": rnd.choice([False, self.user_sales.id]),
                    "function": rnd.choice([False, "", "\t", "Buyer"]),
                    "birthdate": rnd.choice([False, "1990-05-05"]),
                    "active": rnd.random() < 0.9,
                    "type": rnd.choice(["contact", "contact", "delivery"]),
                }
            )
        partners = self.env["res.partner"].create(vals_list)
        companies = partners.filtered("is_company")
        for partner in partners - companies:
            if rnd.random() < 0.5:
                partner.parent_id = rnd.choice(companies)
        return partners

    @users("relations_sales")
    def test_search_agrees_with_compute(self):
        partners = self._random_partners(150).with_context(active_test=False)
        self.env.flush_all()
        self.env.invalidate_all()
        compare = {
            "<": lambda a, b: a < b,
            "<=": lambda a, b: a <= b,
            ">": lambda a, b: a > b,
            ">=": lambda a, b: a >= b,
            "=": lambda a, b: a == b,
            "!=": lambda a, b: a != b,
        }
        figures = set(partners.mapped("contact_completeness"))
        self.assertGreater(len(figures), 10)
        for figure in [*figures, 0, 50, 50.005, 100, -1, 101]:
            for operator, function in compare.items():
                found = partners.search(
                    [("id", "in", partners.ids), ("contact_completeness", operator, figure)]
                )
                expected = partners.filtered(lambda p: function(p.contact_completeness, figure))  # noqa: B023
                self.assertEqual(found.sorted("id"), expected.sorted("id"), f"{operator} {figure}")
        found = partners.search(
            [("id", "in", partners.ids), ("contact_completeness", "in", [37.5, 100, 18.18])]
        )
        expected = partners.filtered(lambda p: p.contact_completeness in (37.5, 100, 18.18))
        self.assertEqual(found.sorted("id"), expected.sorted("id"))

    @users("relations_sales")
    def test_query_count(self):
        partners = self._random_partners(80)
        partners.mapped("contact_completeness")
        counts = []
        for records in (partners[:1], partners[:20], partners):
            partners.invalidate_recordset()
            self.env["res.partner"].invalidate_model()
            before = self.env.cr.sql_log_count
            records.mapped("contact_completeness")
            records.mapped("contact_missing")
            counts.append(self.env.cr.sql_log_count - before)
        # the contacts, the persons of the companies, and the fields of these persons
        self.assertLessEqual(max(counts), 3, counts)

    def test_weights_are_settings(self):
        Item = self.env["partner.completeness.item"].with_user(self.user_director)
        person = self._create_person("An", email="an@example.com").with_user(self.user_sales)
        self.assertEqual(person.contact_completeness, 37.5)
        email = self.env.ref("partner_relations.completeness_person_email").with_user(self.user_director)
        email.weight = 12
        person.invalidate_recordset()
        self.assertEqual(person.contact_completeness, 72.22)  # 13 of 18
        email.active = False
        person.invalidate_recordset()
        # asked for first by somebody who looks at archived contacts
        self.assertEqual(person.with_context(active_test=False).contact_completeness, 16.67)  # 1 of 6
        person.invalidate_recordset()
        self.assertEqual(person.contact_completeness, 16.67)
        self.assertTrue(person.search([("id", "=", person.id), ("contact_completeness", "=", 16.67)]))
        Item.create({"name": "City", "kind": "person", "code": "address", "weight": 3})
        person.invalidate_recordset()
        self.assertEqual(person.contact_completeness, 11.11)  # 1 of 9
        with self.assertRaises(AccessError):
            email.with_user(self.user_sales).weight = 1
        with self.assertRaises(AccessError):
            email.with_user(self.user_supervisor).weight = 1

    def test_weights_must_mean_something(self):
        items = (
            self.env["partner.completeness.item"]
            .with_user(self.user_director)
            .search([("kind", "=", "person")])
        )
        with self.assertRaises(ValidationError):
            items.weight = 0
        with self.assertRaises(ValidationError):
            items.active = False
        with self.assertRaises(ValidationError):
            items.unlink()
        items[:-1].unlink()
        self.assertTrue(items[-1].exists())


@tagged("post_install", "-at_install")
class TestContactBase(EmptyIsNotZero, RelationsCommon):
    @users("relations_sales")
    def test_fields_in_the_form(self):
        self.env["res.lang"].sudo()._activate_lang("vi_VN")
        role = self.env.ref("partner_relations.contact_role_decides")
        with Form(self.env["res.partner"]) as form:
            form.company_type = "company"
            form.name = "Company"
            form.preferred_channel = "phone"
            form.responsible_user_ids.add(self.user_sales2)
            with form.child_ids.new() as person:
                person.name = "An"
                person.contact_role_id = role
                person.preferred_channel = "chat"
                person.birthdate = "1990-05-05"
                person.lang = "vi_VN"
        company = form.record
        self.assertEqual(company.responsible_user_ids, self.user_sales2)
        self.assertRecordValues(
            company.child_ids,
            [{"name": "An", "contact_role_id": role.id, "preferred_channel": "chat", "lang": "vi_VN"}],
        )

    @users("relations_sales")
    def test_moving_a_person(self):
        first, second = self.env["res.partner"].create(
            [{"name": "First", "is_company": True}, {"name": "Second", "is_company": True}]
        )
        person = self.env["res.partner"].create(
            {"name": "An", "parent_id": first.id, "birthdate": "1990-05-05", "preferred_channel": "chat"}
        )
        with Form(person) as form:
            form.parent_id = second
        self.assertEqual(person.commercial_partner_id, second)
        self.assertRecordValues(person, [{"preferred_channel": "chat", "birth_month": "05"}])
        person.parent_id = False
        self.assertEqual(person.commercial_partner_id, person)

    def test_roles(self):
        role = self.env.ref("partner_relations.contact_role_uses")
        with self.assertRaises(AccessError):
            role.with_user(self.user_sales).name = "Other"
        with self.assertRaises(AccessError):
            self.env["partner.contact.role"].with_user(self.user_supervisor).create({"name": "Other"})
        role.with_user(self.user_director).write({"name": "Works with it", "active": False})
        names = self.env["partner.contact.role"].with_user(self.user_sales).search([]).mapped("name")
        self.assertEqual(names, ["Decides", "Influences", "Pays", "Buys", "Gatekeeper", "Blocks"])

    def test_search_by_role(self):
        """Who has the role beside another one is found, too."""
        decides, pays = (self.env.ref(f"partner_relations.contact_role_{key}") for key in ("decides", "pays"))
        person = self._create_person("An", contact_role_id=decides.id, contact_role_more_ids=[pays.id])
        contacts = self.env["res.partner"].with_user(self.user_sales)
        view = contacts.get_view(self.env.ref("base.view_res_partner_filter").id, "search")
        [field] = etree.fromstring(view["arch"]).xpath("//field[@name='contact_role_id']")
        for words in ("Decides", "Pays"):
            domain = safe_eval(field.get("filter_domain"), {"self": words})
            self.assertIn(person, contacts.search(domain), words)

    def test_colleague_without_the_addon_reads_contacts(self):
        person = self._create_person(
            "An",
            contact_role_id=self.env.ref("partner_relations.contact_role_uses").id,
            birthdate="1990-05-05",
        )
        plain = self._create_user("relations_plain", "base.group_user")
        values = person.with_user(plain).read(["contact_role_id", "contact_completeness"])[0]
        self.assertEqual(values["contact_role_id"][1], "Uses")
        self.assertEqual(values["contact_completeness"], 25.0)

    @users("relations_sales")
    def test_odd_input(self):
        long_name = "Ngọc " * 20000
        partner = self.env["res.partner"].create(
            {
                "name": long_name,
                "email": "x" * 100000,
                "phone": "0" * 100000,
                "vat": "1" * 5000,
                "function": "\x01\x02" * 10,
            }
        )
        self.assertFalse(partner.duplicate_contact_ids)
        self.assertTrue(partner.contact_missing)
        odd = self.env["res.partner"].create(
            {"name": "\x07\x08'%s\\", "phone": "';--", "email": "%", "vat": "';"}
        )
        self.assertFalse(odd.duplicate_contact_ids)
        self.assertEqual(odd.contact_completeness, 12.5)

    @users("relations_sales")
    def test_import_computes_nothing(self):
        rows = [[f"Import {i}", f"import{i}@example.com", "1990-05-05"] for i in range(3)]
        calls = []
        self.patch(
            type(self.env["res.partner"]), "_find_duplicates", lambda records: calls.append(records) or {}
        )
        result = self.env["res.partner"].load(["name", "email", "birthdate"], rows)
        self.assertEqual(len(result["ids"]), 3)
        self.assertFalse(calls)


@tagged("post_install", "-at_install")
class TestMerge(RelationsCommon):
    def _merge(self, source, target):
        """Merge with the real wizard, as a user who may merge."""
        wizard = (
            self.env["base.partner.merge.automatic.wizard"]
            .with_user(self.user_sales)
            .create({"partner_ids": [Command.set((source + target).ids)], "dst_partner_id": target.id})
        )
        wizard.action_merge()
        self.assertFalse(source.exists())
        target.invalidate_recordset()

    def _pair(self, source, target):
        email = {"email": "an@example.com"}
        return self._create_person("An", **email, **source), self._create_person("An", **email, **target)

    def test_everything_is_carried_over(self):
        role = self.env.ref("partner_relations.contact_role_decides")
        source, target = self._pair(
            {
                "birthdate": "1990-05-05",
                "birth_year_known": False,
                "contact_role_id": role.id,
                "preferred_channel": "chat",
                "responsible_user_ids": [Command.set((self.user_sales + self.user_sales2).ids)],
            },
            {"responsible_user_ids": [Command.set((self.user_sales + self.user_sub).ids)]},
        )
        born = source.birthdate
        self._merge(source, target)
        self.assertRecordValues(
            target,
            [
                {
                    "birthdate": born,
                    "birth_year_known": False,
                    "contact_role_id": role.id,
                    "preferred_channel": "chat",
                }
            ],
        )
        self.assertEqual(target.responsible_user_ids, self.user_sales + self.user_sales2 + self.user_sub)

    def test_target_goes_first(self):
        roles = self.env["partner.contact.role"].search([], limit=2)
        source, target = self._pair(
            {"birthdate": "1990-05-05", "contact_role_id": roles[0].id, "preferred_channel": "chat"},
            {"birthdate": "1991-06-06", "birth_year_known": False, "contact_role_id": roles[1].id},
        )
        born = target.birthdate
        self._merge(source, target)
        self.assertRecordValues(
            target,
            [
                {
                    "birthdate": born,
                    "birth_year_known": False,
                    "contact_role_id": roles[1].id,
                    "preferred_channel": "chat",
                }
            ],
        )

    def test_known_year_of_the_same_day_wins(self):
        source, target = self._pair(
            {"birthdate": "1990-05-05"}, {"birthdate": "1991-05-05", "birth_year_known": False}
        )
        born = source.birthdate
        self._merge(source, target)
        self.assertRecordValues(target, [{"birthdate": born, "birth_year_known": True}])
