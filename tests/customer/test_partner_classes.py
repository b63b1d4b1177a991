from datetime import date, timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.partner_relations.tools.periods import add_months

from .sales_history import DATE_TO, TODAY, SalesHistoryCommon

CLASSES = ("abc_class", "xyz_class", "relation_stage")


def month(number):
    """The tenth of the month ``number`` months before the last closed one."""
    return add_months(DATE_TO, -number) + timedelta(days=9)


class ClassesCommon(SalesHistoryCommon):
    """One customer of each kind, in a posted run of October.

    ``alpha`` A X regular, ``beta`` B Y regular, ``gamma`` C one-time, ``delta`` lost, ``omega`` potential.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alpha = cls._create_company_partner("Alpha", user_id=cls.user_sales.id)
        cls.beta = cls._create_company_partner("Beta", user_id=cls.user_sales.id)
        cls.gamma = cls._create_company_partner("Gamma", user_id=cls.user_sales2.id)
        cls.delta = cls._create_company_partner("Delta", user_id=cls.user_sub.id)
        cls.omega = cls._create_company_partner("Omega", user_id=cls.user_sales.id)
        cls.alpha_person = cls._create_person("Anna of Alpha", cls.alpha)
        cls.partners = cls.alpha + cls.beta + cls.gamma + cls.delta + cls.omega + cls.alpha_person
        for number in range(12):
            cls._sell(cls.alpha, month(number), 800, 500)
        for number in range(1, 12, 2):
            cls._sell(cls.beta, month(number), 400)
        cls._sell(cls.gamma, month(2), 300)
        cls._sell(cls.delta, month(8), 50)
        cls._sell(cls.delta, month(9), 50)
        cls.run_eur = cls._create_run()
        cls.run_eur.action_post()

    @classmethod
    def _as(cls, user, company=None, companies=None):
        company = company or cls.company_eur
        return (
            cls.env["res.partner"]
            .with_user(user)
            .with_context(allowed_company_ids=(company | (companies or company)).ids)
        )


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 09:00:00")
class TestPartnerClasses(ClassesCommon):
    def _get_classes(self, partners):
        return [tuple(partner[name] for name in CLASSES) for partner in partners]

    def _check_searches(self, model):
        """Whatever is searched gives those contacts whose computed classes say so."""
        partners = self.partners.with_env(model.env)
        for name in CLASSES:
            values = partners.mapped(name)
            self.assertGreater(len(set(values)), 1, "the test compares nothing")
            for wanted in [*filter(None, set(values)), False]:
                by_value = [
                    (("=", wanted), lambda p, w=wanted, n=name: p[n] == w),
                    (("!=", wanted), lambda p, w=wanted, n=name: p[n] != w),
                    (("in", [wanted]), lambda p, w=wanted, n=name: p[n] == w),
                    (("not in", [wanted]), lambda p, w=wanted, n=name: p[n] != w),
                    (("in", [wanted, False]), lambda p, w=wanted, n=name: p[n] in (w, False)),
                    (("not in", [wanted, False]), lambda p, w=wanted, n=name: p[n] not in (w, False)),
                ]
                for (operator, value), expected in by_value:
                    with self.subTest(field=name, operator=operator, value=value):
                        mine = [("id", "in", partners.ids)]
                        found = model.search([*mine, (name, operator, value)])
                        self.assertEqual(set(found.ids), set(partners.filtered(expected).ids))
                        inverse = model.search([*mine, "!", (name, operator, value)])
                        self.assertEqual(set((found | inverse).ids), set(partners.ids))
                        self.assertFalse(found & inverse)

    def test_classes(self):
        director = self._as(self.user_director)
        self.assertEqual(
            self._get_classes(self.partners.with_env(director.env)),
            [
                ("a", "x", "regular"),
                ("b", "y", "regular"),
                ("c", False, "one_time"),
                (False, False, "lost"),
                (False, False, "potential"),
                ("a", "x", "regular"),
            ],
        )

    def test_search_agrees_with_compute(self):
        for user in (self.user_director, self.user_supervisor, self.user_sales):
            with self.subTest(user=user.login):
                self._check_searches(self._as(user))

    def test_users_are_sorted_and_grouped_by_classes_of_their_contact(self):
        """They have the fields of their contacts, and lists of users offer to be sorted by them."""
        both = self.user_sales | self.user_sales2
        for user, customer in zip(both, (self.delta, self.alpha), strict=True):
            user.partner_id.parent_id = customer
        partners = self._as(self.user_director)
        users = partners.env["res.users"]
        mine, theirs = [("id", "in", both.ids)], [("id", "in", both.partner_id.ids)]
        checked = set()
        for name, told in users.fields_get(attributes=["sortable", "groupable"]).items():
            field = users._fields[name]
            if not field.inherited or field.store or field.inherited_field.store:
                continue
            if "partner_relations" not in field.inherited_field._modules:
                continue
            with self.subTest(name):
                if told.get("sortable"):
                    checked.add(name)
                    for order in (f"{name}, id", f"{name} desc, id"):
                        found = users.search(mine, order=order).partner_id
                        self.assertEqual(found.ids, partners.search(theirs, order=order).ids)
                if told.get("groupable"):
                    groups = users.formatted_read_group(mine, [name], ["__count"])
                    self.assertEqual(sum(group["__count"] for group in groups), 2)
        self.assertGreaterEqual(checked, {*CLASSES, "supplier_abc_class", "supplier_score", "next_birthday"})
        internal = self._create_user("sorting_internal", "base.group_user")
        with self.assertRaises(AccessError):
            self._as(internal, internal.company_id).env["res.users"].search([], order="abc_class")

    def test_groups_agree_with_compute(self):
        """Contacts are grouped by what they show, for each by what that user may see; a group opens its contacts."""
        for user in (self.user_sales, self.user_sales2, self.user_director):
            partners = self._as(user)
            mine = [("id", "in", self.partners.ids)]
            for name in CLASSES:
                expected = {}
                for partner in partners.browse(self.partners.ids):
                    expected[partner[name]] = expected.get(partner[name], 0) + 1
                groups = partners.formatted_read_group(mine, [name], ["__count"])
                self.assertEqual({group[name]: group["__count"] for group in groups}, expected, name)
                for group in groups:
                    domain = [*mine, *group["__extra_domain"]]
                    self.assertEqual(partners.search_count(domain), group["__count"])
            counts = partners._read_group(mine, ["abc_class", "relation_stage", "user_id"], ["__count"])
            self.assertEqual(sum(count for *_names, count in counts), len(self.partners))
        self.assertTrue(partners.fields_get(["abc_class"])["abc_class"]["groupable"])
        internal = self._create_user("classes_internal", "base.group_user")
        with self.assertRaises(AccessError):
            self._as(internal, internal.company_id)._read_group([], ["abc_class"], ["__count"])

    def test_order_agrees_with_compute(self):
        """Contacts are sorted by what they show, for each by what that user may see; who has none comes last."""
        mine = [("id", "in", self.partners.ids)]
        for user in (self.user_sales, self.user_supervisor, self.user_director):
            partners = self._as(user)
            for name in CLASSES:
                values = [value for value, _label in partners._fields[name].selection]
                shown = partners.browse(self.partners.ids).mapped(name)
                ranks = sorted(values.index(value) for value in shown if value)
                for order, expected in ((name, ranks), (f"{name} desc", ranks[::-1])):
                    with self.subTest(user=user.login, order=order):
                        found = partners.search(mine, order=f"{order}, id").mapped(name)
                        self.assertEqual(
                            found,
                            [values[rank] for rank in expected] + [False] * (len(shown) - len(ranks)),
                        )
            self.assertTrue(partners.fields_get(["abc_class"])["abc_class"]["sortable"])
        found = partners.search(mine, order="relation_stage, id").mapped("relation_stage")
        self.assertEqual(found, ["potential", "one_time", "regular", "regular", "regular", "lost"])
        first = partners.search(mine, order="abc_class nulls first, id")[:2]
        self.assertEqual(first, self.delta + self.omega)

    def test_order_of_others(self):
        """The order tells nothing that its user may not read, and each company has its own."""
        mine = [("id", "in", self.partners.ids)]
        sales2 = self._as(self.user_sales2)
        self.assertEqual(sales2.search(mine, order="abc_class, id")[0], self.gamma)
        self.assertEqual(
            sales2.search(mine, order="abc_class, id")[1:],
            sales2.search(mine, order="id") - self.gamma,
            "an A customer of somebody else stands like one without a class",
        )
        internal = self._create_user("classes_internal", "base.group_user")
        for name in (*CLASSES, "supplier_abc_class"):
            with self.assertRaises(AccessError):
                self._as(internal, internal.company_id).search([], order=name)
        policy = self.env["partner.classification.policy"]._get_for(self.company_usd)
        self._sell(self.gamma, month(1), 1000, company=self.company_usd)
        self._create_run(policy).action_post()
        both = self.company_eur + self.company_usd
        self.user_director.company_ids = both
        in_usd = self._as(self.user_director, self.company_usd, both)
        self.assertEqual(in_usd.search(mine, order="abc_class, id")[0], self.gamma)
        in_eur = self._as(self.user_director, self.company_eur, both)
        self.assertEqual(in_eur.search(mine, order="abc_class, id")[0], self.alpha)

    def test_order_by_one_join(self):
        """Two classes are sorted by one join and one statement; a supplier's class by one of its own."""
        partners = self._as(self.user_director)
        query = partners._search([], order="abc_class desc, relation_stage, name, supplier_abc_class")
        self.assertEqual(sum(kind.code == "LEFT JOIN" for kind, *_rest in query._joins.values()), 2)
        partners.search([], order="abc_class, relation_stage", limit=1)
        with self.assertQueryCount(1):
            partners._search([], order="abc_class, relation_stage", limit=1).get_result_ids()

    def test_groups_in_the_order_of_stages(self):
        """A list or board has the stages as a customer goes through them, and only those that there are."""
        partners = self._as(self.user_director).with_context(read_group_expand=True)
        mine = [("id", "in", (self.partners - self.gamma).ids)]
        groups = partners.formatted_read_group(mine, ["relation_stage"], ["__count"])
        self.assertEqual(
            [group["relation_stage"] for group in groups],
            ["potential", "regular", "lost"],
            "one_time is missing",
        )

    def test_combined_terms(self):
        partners = self._as(self.user_director)
        mine = ("id", "in", self.partners.ids)
        self.assertEqual(
            partners.search([mine, "|", ("abc_class", "in", ["b"]), ("relation_stage", "=", "lost")]),
            (self.beta + self.delta).sorted(),
        )
        self.assertEqual(
            partners.search([mine, ("abc_class", "=", "a"), ("is_company", "=", False)]), self.alpha_person
        )
        self.assertEqual(
            partners.search([mine, "!", "&", ("abc_class", "!=", False), ("xyz_class", "!=", False)]),
            (self.gamma + self.delta + self.omega).sorted(),
        )
        # as a domain of a mailing or segment has it: through a document of the person
        lead = self.env["crm.lead"].create({"name": "Deal", "partner_id": self.alpha_person.id})
        leads = self.env["crm.lead"].with_company(self.company_eur)
        self.assertIn(lead, leads.search([("partner_id.abc_class", "in", ["a"])]))
        self.assertNotIn(lead, leads.search([("partner_id.abc_class", "not in", ["a"])]))

    def test_rights(self):
        """Without a right to the line there is no class, in a form, a list, a search and an export alike."""
        sales = self._as(self.user_sales)
        self.assertEqual(
            [row[0] for row in self._get_classes(self.partners.with_env(sales.env))],
            ["a", "b", False, False, False, "a"],
        )
        self.assertFalse(sales.search([("abc_class", "=", "c"), ("id", "=", self.gamma.id)]))
        self.assertIn(self.gamma, sales.search([("abc_class", "=", False)]))
        rows = sales.web_search_read(
            [("id", "in", self.partners.ids), ("abc_class", "!=", False)], {"abc_class": {}}, order="id"
        )["records"]
        self.assertEqual([(row["id"], row["abc_class"]) for row in rows], [
            (self.alpha.id, "a"), (self.beta.id, "b"), (self.alpha_person.id, "a"),
        ])  # fmt: skip
        self.user_sales.group_ids += self.env.ref("base.group_allow_export")
        exported = (self.alpha + self.gamma).with_env(sales.env).export_data(["name", "abc_class"])["datas"]
        self.assertEqual(exported, [["Alpha", "A"], ["Gamma", ""]])
        supervisor = self._as(self.user_supervisor)
        self.assertEqual(self.alpha.with_env(supervisor.env).abc_class, "a")
        self.assertEqual(self.delta.with_env(supervisor.env).relation_stage, "lost")
        self.assertFalse(self.gamma.with_env(supervisor.env).abc_class)

    def test_without_group(self):
        stranger = new_test_user(
            self.env,
            "relations_stranger",
            groups="base.group_user,base.group_partner_manager",
            company_id=self.company_eur.id,
            company_ids=[Command.set(self.company_eur.ids)],
        )
        partners = self._as(stranger)
        self.assertFalse(set(CLASSES) & set(partners.fields_get()))
        with self.assertRaises(AccessError):
            partners.search([("abc_class", "=", "a")])
        with self.assertRaises(AccessError):
            self.alpha.with_env(partners.env).read(["abc_class"])

    def test_companies(self):
        """The current company decides, also where several are ticked."""
        policy = self.env["partner.classification.policy"]._get_for(self.company_usd)
        self._sell(self.gamma, month(1), 1000, company=self.company_usd)
        self._create_run(policy).action_post()
        both = self.company_eur + self.company_usd
        self.user_director.company_ids = both
        in_eur = self._as(self.user_director, self.company_eur, both)
        in_usd = self._as(self.user_director, self.company_usd, both)
        self.assertEqual(self.gamma.with_env(in_eur.env).abc_class, "c")
        self.assertEqual(self.gamma.with_env(in_usd.env).abc_class, "a")
        self.assertFalse(self.alpha.with_env(in_usd.env).abc_class)
        mine = ("id", "in", self.partners.ids)
        self.assertEqual(in_usd.search([mine, ("abc_class", "=", "a")]), self.gamma)
        self.assertNotIn(self.gamma, in_eur.search([mine, ("abc_class", "=", "a")]))
        # a company without a classification has no classes
        none = (
            self._as(self.user_director, self.company_eur)
            .with_user(self.env.user)
            .with_company(self.company2)
        )
        self.assertFalse(none.search([mine, ("abc_class", "!=", False)]))
        self.assertEqual(len(none.search([mine, ("abc_class", "=", False)])), 6)

    def test_reopened_run(self):
        partners = self._as(self.user_director)
        alpha = self.alpha.with_env(partners.env)
        self.assertEqual(alpha.abc_class, "a")
        self.run_eur.action_reopen()
        self.assertFalse(alpha.abc_class)
        self.assertFalse(partners.search([("id", "in", self.partners.ids), ("abc_class", "!=", False)]))

    def test_person_moves(self):
        partners = self._as(self.user_director)
        person = self.alpha_person.with_env(partners.env)
        person.parent_id = self.beta
        self.assertEqual(person.abc_class, "b")
        self.assertEqual(partners.search([("id", "=", person.id), ("abc_class", "=", "b")]), person)
        person.parent_id = False
        # before anything else has written it
        self.assertEqual(partners.search([("id", "=", person.id), ("abc_class", "=", False)]), person)
        self.assertFalse(person.abc_class)

    def test_merged(self):
        """Core's merge of contacts: the remaining one has one class, its own."""
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.alpha + self.gamma).ids, self.alpha)
        partners = self._as(self.user_director)
        self.assertEqual(self.alpha.with_env(partners.env).abc_class, "a")
        self.assertEqual(
            partners.search([("id", "=", self.alpha.id), ("abc_class", "in", ["a", "c"])]), self.alpha
        )
        self.assertFalse(partners.search([("id", "=", self.alpha.id), ("abc_class", "=", "c")]))
        # who was not classified takes over the class of the other
        stranger = self._create_company_partner("Stranger")
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (stranger + self.beta).ids, stranger
        )
        self.assertEqual(stranger.with_env(partners.env).abc_class, "b")

    def test_archived_and_deleted(self):
        partners = self._as(self.user_director)
        self.alpha_person.action_archive()
        self.alpha.action_archive()
        found = partners.search([("id", "=", self.alpha.id), ("abc_class", "=", "a")])
        self.assertFalse(found)
        found = partners.with_context(active_test=False).search(
            [("id", "=", self.alpha.id), ("abc_class", "=", "a")]
        )
        self.assertEqual(found, self.alpha)
        self.assertEqual(found.abc_class, "a")
        lines = self.env["partner.classification.line"]
        self.assertTrue(lines.search([("partner_id", "=", self.omega.id)]))
        omega_id = self.omega.id
        self.omega.unlink()
        self.assertFalse(lines.search([("partner_id", "=", omega_id)]))
        self.assertFalse(partners.search([("relation_stage", "=", "potential"), ("id", "=", omega_id)]))

    def test_new_contact(self):
        """A contact that is being entered has no class yet, and shows that of its company."""
        partners = self._as(self.user_director)
        self.assertFalse(partners.new({"name": "New"}).abc_class)
        self.assertEqual(partners.new({"name": "New", "parent_id": self.alpha.id}).abc_class, "a")

    def test_query_counts(self):
        """Twenty contacts cost the queries of one; a list without the columns costs none."""
        more = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(20)])
        self.env.flush_all()

        def count(records, names):
            self.env.invalidate_all()
            records = records.with_env(self._as(self.user_sales).env)
            records.env.user.has_group("partner_relations.group_user")
            records.env["ir.rule"]._compute_domain("partner.classification.line")
            before = self.env.cr.sql_log_count
            records.web_read({name: {} for name in names})
            return self.env.cr.sql_log_count - before

        count(more, ["name", *CLASSES])
        self.assertEqual(count(more[:1], ["name", *CLASSES]), count(more, ["name", *CLASSES]))
        self.assertLess(count(more, ["name"]), count(more, ["name", "abc_class"]))


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 09:00:00")
class TestDocumentClasses(ClassesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_sales.group_ids += cls.env.ref("sales_team.group_sale_salesman")
        cls.user_sales.group_ids += cls.env.ref("base.group_allow_export")
        values = [
            {"partner_id": partner.id, "user_id": cls.user_sales.id, "company_id": cls.company_eur.id}
            for partner in cls.alpha + cls.alpha_person + cls.gamma + cls.omega
        ]
        cls.orders = cls.env["sale.order"].with_company(cls.company_eur).create(values)
        cls.leads = cls.env["crm.lead"].create(
            [{"name": "Deal", "type": "opportunity", **each} for each in values]
            + [{"name": "Nobody", "type": "opportunity", "user_id": cls.user_sales.id}]
        )

    def test_documents(self):
        for records in (self.orders, self.leads):
            with self.subTest(model=records._name):
                mine = records.with_env(self._as(self.user_sales).env)
                classes = [record.partner_abc_class for record in mine]
                # Gamma is a customer of somebody else
                self.assertEqual(classes[:4], ["a", "a", False, False])
                self.assertEqual(mine[3].partner_relation_stage, "potential")
                self.assertEqual(mine[0].partner_xyz_class, "x")
                inside = [("id", "in", mine.ids)]
                self.assertEqual(
                    mine.search([*inside, ("partner_abc_class", "=", "a")], order="id"), mine[:2]
                )
                self.assertEqual(
                    mine.search([*inside, ("partner_abc_class", "=", False)], order="id"), mine[2:]
                )
                self.assertEqual(
                    mine.search([*inside, ("partner_relation_stage", "!=", "potential")], order="id"),
                    mine[:3] + mine[4:],
                )
                rows = mine.web_search_read(
                    [*inside, ("partner_xyz_class", "in", ["x"])], {"partner_xyz_class": {}}
                )
                self.assertEqual(rows["length"], 2)
                exported = mine[:3].export_data(["partner_abc_class"])["datas"]
                self.assertEqual(exported, [["A"], ["A"], [""]])

    def test_views(self):
        """Filters and columns are there for who may see classes, and only for them."""
        plain = new_test_user(
            self.env,
            "relations_seller",
            groups="sales_team.group_sale_salesman",
            company_id=self.company_eur.id,
            company_ids=[Command.set(self.company_eur.ids)],
        )
        for model, view in (
            ("sale.order", "sale.sale_order_view_search_inherit_quotation"),
            ("crm.lead", "crm.view_crm_case_opportunities_filter"),
            ("res.partner", "base.view_res_partner_filter"),
        ):
            view_id = self.env.ref(view).id
            with self.subTest(model=model):
                mine = self._as(self.user_sales).env[model]
                self.assertIn("filter_class_a", mine.get_view(view_id, "search")["arch"])
                other = self._as(plain).env[model]
                self.assertNotIn("filter_class_a", other.get_view(view_id, "search")["arch"])

    def test_query_counts(self):
        orders = (
            self.env["sale.order"]
            .with_company(self.company_eur)
            .create(
                [
                    {
                        "partner_id": self._create_company_partner(f"P{number}").id,
                        "user_id": self.user_sales.id,
                        "company_id": self.company_eur.id,
                    }
                    for number in range(20)
                ]
            )
        )
        self.env.flush_all()

        def count(records, names):
            self.env.invalidate_all()
            records = records.with_env(self._as(self.user_sales).env)
            before = self.env.cr.sql_log_count
            records.web_read({name: {} for name in names})
            return self.env.cr.sql_log_count - before

        names = ["name", "partner_id", "partner_abc_class", "partner_relation_stage"]
        count(orders, names)
        self.assertEqual(count(orders[:1], names), count(orders, names))
        self.assertLess(count(orders, ["name", "partner_id"]), count(orders, names))


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 09:00:00")
class TestPartnerAnalysis(ClassesCommon):
    def _analyse(self, partner, user):
        self.env.flush_all()
        return partner.with_env(self._as(user).env).get_relation_analysis()

    def test_own_customer(self):
        data = self._analyse(self.alpha, self.user_sales)
        self.assertFalse(data["is_person"])
        self.assertEqual(data["customer"]["abc_class"], {"value": "a", "label": "A"})
        self.assertEqual(data["customer"]["stage"]["label"], "Regular")
        self.assertIn("12 purchases", data["customer"]["reason"])
        self.assertFalse(data["supplier"])
        # sums are shown without any right on invoices
        self.assertFalse(self.env["account.move"].with_user(self.user_sales).has_access("read"))
        self.assertFalse(data["may_open_documents"])
        turnover = data["turnover"]
        self.assertEqual([month["month"] for month in turnover["months"]][::11], ["2025-11-01", "2026-10-01"])
        self.assertEqual({month["revenue"] for month in turnover["months"]}, {800})
        self.assertEqual({month["profit"] for month in turnover["months"]}, {300})
        self.assertEqual(turnover["revenue"], 9600)
        self.assertEqual(turnover["profit"], 3600)
        self.assertEqual(turnover["revenue_before"], False)
        self.assertEqual(turnover["currency_id"], self.company_eur.currency_id.id)

    def test_months(self):
        """Borders of the months, credit notes, months without sales and the same months a year before."""
        partner = self._create_company_partner("Months", user_id=self.user_sales.id)
        self._sell(partner, "2026-10-31", 100, 40)
        self._sell(partner, "2026-11-01", 5000)  # the unfinished month
        self._sell(partner, "2025-11-01", 70)
        self._sell(partner, "2025-10-31", 60)
        self._sell(partner, "2024-11-01", 30)
        self._sell(partner, "2024-10-31", 7000)  # before the months compared
        self._sell(partner, "2026-03-31", -20, -5)
        self._sell(partner, "2026-10-01", 999, company=self.company_usd)
        uncosted = self._sell(partner, "2026-05-05", 10)
        self.env.cr.execute("UPDATE account_move SET sale_cost = NULL WHERE id = %s", [uncosted])
        self._create_invoice(
            [{"product_id": self.chair.id, "quantity": 1, "price_unit": 7}], partner, "2026-10-10", post=False
        )
        turnover = self._analyse(partner, self.user_sales)["turnover"]
        months = {month["month"]: month for month in turnover["months"]}
        self.assertEqual(len(months), 12)
        self.assertEqual((months["2026-10-01"]["revenue"], months["2026-10-01"]["profit"]), (100, 60))
        self.assertEqual(months["2026-10-01"]["revenue_before"], 60)
        self.assertEqual((months["2025-11-01"]["revenue"], months["2025-11-01"]["revenue_before"]), (70, 30))
        self.assertEqual((months["2026-03-01"]["revenue"], months["2026-03-01"]["profit"]), (-20, -15))
        self.assertIs(months["2026-04-01"]["revenue"], False)
        self.assertIs(months["2026-04-01"]["profit"], False)
        self.assertEqual(months["2026-05-01"]["revenue"], 10)
        self.assertIs(months["2026-05-01"]["profit"], False)
        self.assertEqual(turnover["revenue"], 160)
        self.assertIs(turnover["profit"], False, "a sum that lacks a month is no profit")
        self.assertEqual(turnover["revenue_before"], 90)
        # each bar leads to its documents
        self.user_sales.group_ids += self.env.ref("account.group_account_readonly")
        for key, each in months.items():
            action = partner.with_env(self._as(self.user_sales).env).action_open_turnover_documents(key)
            moves = self.env["account.move"].search(action["domain"])
            self.assertEqual(len(moves), each["count"])
            self.assertEqual(sum(moves.mapped("amount_untaxed_signed")), each["revenue"] or 0)
        action = partner.with_env(self._as(self.user_sales).env).action_open_turnover_documents()
        self.assertEqual(
            sum(self.env["account.move"].search(action["domain"]).mapped("amount_untaxed_signed")), 160
        )

    def test_months_of_the_company(self):
        """October is over where the company is, whatever day it is for the reader."""
        self.company_eur.partner_id.tz = "Asia/Ho_Chi_Minh"
        alpha = self.alpha.with_env(self._as(self.user_sales).env).with_context(tz="America/New_York")
        with freeze_time("2026-10-31 20:00:00"):
            turnover = alpha.get_relation_analysis()["turnover"]
            domain = alpha.action_open_turnover_documents()["domain"]
        self.assertEqual(turnover["months"][-1]["month"], "2026-10-01")
        self.assertIn(("invoice_date", "<", date(2026, 11, 1)), domain)

    def test_cash_rounding(self):
        """What rounds an invoice to cash is no sale, as in the classification and in Turnover and Profit."""
        income = [("account_type", "=", "income"), ("company_ids", "=", self.company_eur.id)]
        account = self.env["account.account"].with_company(self.company_eur).search(income, limit=1)
        rounding = self.env["account.cash.rounding"].with_company(self.company_eur)
        rounding = rounding.create(
            {
                "name": "To 1 Euro",
                "rounding": 1.0,
                "strategy": "add_invoice_line",
                "profit_account_id": account.id,
                "loss_account_id": account.id,
                "rounding_method": "UP",
            }
        )
        partner = self._create_company_partner("Cash", user_id=self.user_sales.id)
        lines = [{"product_id": self.chair.id, "quantity": 1, "price_unit": 99.4}]
        invoice = self._create_invoice(lines, partner, "2026-10-05", invoice_cash_rounding_id=rounding.id)
        self.assertEqual(invoice.amount_untaxed, 100)
        self.assertEqual(self._analyse(partner, self.user_sales)["turnover"]["revenue"], 99.4)

    def test_no_sales(self):
        turnover = self._analyse(self.omega, self.user_sales)["turnover"]
        self.assertEqual({month["revenue"] for month in turnover["months"]}, {False})
        self.assertIs(turnover["revenue"], False)
        self.assertIs(turnover["profit"], False)

    def test_person(self):
        data = self._analyse(self.alpha_person, self.user_sales)
        self.assertTrue(data["is_person"])
        self.assertEqual(data["partner"], {"id": self.alpha.id, "name": "Alpha"})
        self.assertEqual(data["customer"]["abc_class"]["value"], "a")
        self.assertEqual(data["turnover"]["revenue"], 9600)

    def test_rights(self):
        """Who may not see the line sees neither classes nor sums; who is responsible sees both."""
        data = self._analyse(self.gamma, self.user_sales)
        self.assertFalse(data["customer"])
        self.assertFalse(data["trend"])
        self.assertIs(data["turnover"], False)
        self.gamma.responsible_user_ids = self.user_sales
        data = self._analyse(self.gamma, self.user_sales)
        self.assertEqual(data["customer"]["abc_class"]["value"], "c")
        self.assertEqual(data["turnover"]["revenue"], 300)
        self.assertEqual(self._analyse(self.delta, self.user_supervisor)["turnover"]["revenue"], 100)
        self.assertEqual(self._analyse(self.gamma, self.user_director)["turnover"]["revenue"], 300)
        other = self._create_company_partner("Other Team", user_id=self.user_sales2.id)
        self.assertIs(self._analyse(other, self.user_supervisor)["turnover"], False)
        stranger = new_test_user(self.env, "relations_stranger", groups="base.group_user")
        stranger.write(
            {"company_ids": [Command.set(self.company_eur.ids)], "company_id": self.company_eur.id}
        )
        with self.assertRaises(AccessError):
            self._analyse(self.alpha, stranger)

    def test_trend(self):
        """The last six posted runs and the current classes, with what changed in words."""
        self.run_eur.action_reopen()
        self.run_eur.unlink()
        for number in range(8, 0, -1):
            run = self._create_run(date_to=add_months(DATE_TO, 1 - number) - timedelta(days=1))
            run.action_post()
        # once Alpha's purchases become small beside these, it falls
        self._sell(self.beta, month(0), 30_000)
        self._create_run().action_post()
        trend = self._analyse(self.alpha, self.user_sales)["trend"]
        self.assertEqual(len(trend), 6)
        self.assertEqual(trend[-1]["date"], "2026-10-31")
        self.assertEqual([run["is_current"] for run in trend], [False] * 5 + [True])
        self.assertEqual(trend[-1]["abc_class"]["value"], "b")
        self.assertEqual(trend[-1]["abc_class"]["direction"], "down")
        self.assertEqual(trend[-1]["abc_class"]["words"], "down from A")
        self.assertEqual(trend[0]["abc_class"]["direction"], "same")
        trend = self._analyse(self.beta, self.user_sales)["trend"]
        self.assertEqual(trend[-1]["abc_class"]["words"], "up from B")

    def test_few_queries(self):
        """However long the history, the page costs the same few queries."""
        alpha = self.alpha.with_env(self._as(self.user_director).env)
        self.env.flush_all()
        alpha.get_relation_analysis()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        alpha.get_relation_analysis()
        queries = self.env.cr.sql_log_count - before
        self.assertLessEqual(queries, 25)

    def test_form(self):
        """Nothing of the analysis is a field of the form."""
        arch = self._as(self.user_sales).get_view(view_type="form")["arch"]
        self.assertIn('name="partner_analysis"', arch)
        for name in (*CLASSES, "supplier_abc_class"):
            self.assertNotIn(f'name="{name}"', arch)

    def test_lines_action(self):
        partners = self._as(self.user_sales)
        action = self.alpha_person.with_env(partners.env).action_open_classification_lines()
        lines = self.env["partner.classification.line"].with_env(partners.env).search(action["domain"])
        self.assertEqual(lines.partner_id, self.alpha)
