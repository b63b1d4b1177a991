# pylint: disable=translation-required
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged, users

from ..common import RelationsCommon


class RequirementCommon(RelationsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        cls.customer = cls._create_company_partner("Acacia", user_id=cls.user_sales.id)
        cls.person = cls._create_person("Lan", cls.customer)
        cls.customer2 = cls._create_company_partner("Birch", user_id=cls.user_sales2.id)

    @classmethod
    def _need(cls, partner, name="Deliver before eight", user=None, **values):
        user = user or cls.user_sales
        return (
            cls.env["partner.requirement"]
            .with_user(user)
            .create({"name": name, "partner_id": partner.id, **values})
            .with_env(cls.env)
        )


@tagged("post_install", "-at_install")
class TestRequirements(RequirementCommon):
    """What a customer needs: whose it is, its states, its owner's activity, and contacts that change."""

    def test_it_belongs_to_the_company_and_names_the_person(self):
        need = self._need(self.person)
        self.assertRecordValues(
            need,
            [{"partner_id": self.customer.id, "contact_id": self.person.id, "user_id": self.user_sales.id}],
        )
        need.partner_id = self.customer2.browse(self.person.id)
        self.assertEqual(need.partner_id, self.customer)
        with self.assertRaisesRegex(ValidationError, "Lan does not belong to it"):
            self._need(self.customer2, contact_id=self.person.id, user=self.user_sales2)
        with self.assertRaisesRegex(ValidationError, "has no words"):
            self._need(self.customer, "  ")

    @users("relations_sales")
    def test_form_takes_the_company_of_a_person(self):
        with Form(self.env["partner.requirement"]) as form:
            form.name = "Oak only"
            form.partner_id = self.person
        self.assertRecordValues(
            form.record, [{"partner_id": self.customer.id, "contact_id": self.person.id, "state": "open"}]
        )

    def test_who_and_when_follow_from_the_state(self):
        need = self._need(self.customer, user_id=False).with_user(self.user_sales)
        need.action_start()
        self.assertRecordValues(
            need,
            [
                {
                    "state": "progress",
                    "user_id": self.user_sales.id,
                    "started_by_id": self.user_sales.id,
                    "date_started": self.today,
                    "date_closed": False,
                }
            ],
        )
        need.action_meet()
        self.assertRecordValues(
            need,
            [{"state": "met", "closed_by_id": self.user_sales.id, "date_closed": self.today}],
        )
        # closing what is closed changes nothing
        need.with_user(self.user_director).write({"state": "met"})
        self.assertEqual(need.closed_by_id, self.user_sales)
        need.action_reopen()
        self.assertRecordValues(
            need, [{"state": "open", "closed_by_id": False, "date_closed": False, "date_started": False}]
        )
        for name, value in (("closed_by_id", self.user_sales2.id), ("date_started", "2020-01-01")):
            with self.assertRaisesRegex(AccessError, "follows from its state"):
                need.write({name: value})
            with self.assertRaises(AccessError):
                self._need(self.customer, **{name: value})

    def test_activity_of_the_owner(self):
        def activities(need):
            return need.activity_ids.sudo()

        tomorrow = self.today + timedelta(days=1)
        need = self._need(self.customer, date_deadline=tomorrow)
        self.assertRecordValues(
            activities(need), [{"user_id": self.user_sales.id, "date_deadline": tomorrow}]
        )
        # a need is work, no planned contact
        self.assertFalse(self.env["partner.contact.log"].search([("partner_id", "=", self.customer.id)]))
        need.write({"user_id": self.user_sub.id, "date_deadline": self.today})
        self.assertRecordValues(
            activities(need), [{"user_id": self.user_sub.id, "date_deadline": self.today}]
        )
        need.name = "Renamed"
        self.assertEqual(activities(need).mapped("summary"), ["Renamed"])
        activities(need).action_done()
        need.name = "Renamed again"
        self.assertFalse(activities(need), "what its owner has done does not come back for its words")
        need.action_meet()
        self.assertFalse(activities(need))
        need.action_reopen()
        self.assertEqual(len(activities(need)), 1)
        need.action_drop()
        self.assertFalse(activities(need))
        for values in ({"date_deadline": False}, {"user_id": False}, {"kind": "dislike"}):
            quiet = self._need(self.customer, **{"date_deadline": tomorrow, **values})
            self.assertFalse(activities(quiet), values)

    def test_overdue(self):
        yesterday = self.today - timedelta(days=1)
        needs = {
            "late": self._need(self.customer, date_deadline=yesterday),
            "today": self._need(self.customer, date_deadline=self.today),
            "undated": self._need(self.customer),
            "met": self._need(self.customer, date_deadline=yesterday, state="met"),
        }
        every = self.env["partner.requirement"].union(*needs.values())
        domain = [("id", "in", every.ids)]
        self.assertEqual(every.filtered("is_overdue"), needs["late"])
        self.assertEqual(every.search([*domain, ("is_overdue", "=", True)]), needs["late"])
        self.assertEqual(every.search([*domain, ("is_overdue", "=", False)]), every - needs["late"])
        groups = every.formatted_read_group(domain, ["is_overdue"], ["__count"])
        self.assertEqual({group["is_overdue"]: group["__count"] for group in groups}, {True: 1, False: 3})
        self.customer.active = False
        self.assertFalse(every.search([*domain, ("is_overdue", "=", True)]))
        self.assertFalse(needs["late"].is_overdue)

    def test_overdue_ones_stand_on_the_board(self):
        yesterday = self.today - timedelta(days=1)
        self._need(self.customer, date_deadline=yesterday)
        self._need(self.customer, date_deadline=self.today)
        self._need(self.customer, date_deadline=yesterday, user=self.user_sub)
        for user, scope, count in (
            (self.user_sales, "mine", 1),
            (self.user_supervisor, "mine", 0),
            (self.user_supervisor, "team", 2),
            (self.user_sales2, "mine", 0),
        ):
            board = self.env["partner.control.board"].with_user(user)
            with self.subTest(user=user.login, scope=scope):
                self.assertEqual(board.count_overdue_needs(scope), count)
                action = board.open_needs(scope)
                found = self.env[action["res_model"]].with_user(user).search(action["domain"])
                self.assertEqual(len(found), count)
        # a scope that somebody does not have is the own one
        everything = self.env["partner.control.board"].with_user(self.user_sales).open_needs("all")
        self.assertIn(
            ("user_id", "in", [self.user_sales.id]),
            [tuple(part) for part in everything["domain"] if len(part) == 3],
        )

    def test_found_by_product(self):
        chair = self.env["product.template"].create({"name": "Oak chair"})
        need = self._need(self.customer, product_tmpl_ids=[Command.link(chair.id)])
        self._need(self.customer, "Another")
        found = self.env["partner.requirement"].search([("product_tmpl_ids", "ilike", "oak ch")])
        self.assertEqual(found, need)
        self.assertEqual(
            self.env["res.partner"].search([("requirement_ids.product_tmpl_ids", "=", chair.id)]),
            self.customer,
        )

    def test_person_who_gets_a_company_and_person_who_leaves(self):
        freelancer = self._create_person("Minh", None, user_id=self.user_sales.id)
        need = self._need(freelancer)
        self.assertRecordValues(need, [{"partner_id": freelancer.id, "contact_id": False}])
        freelancer.parent_id = self.customer
        self.assertRecordValues(need, [{"partner_id": self.customer.id, "contact_id": freelancer.id}])
        freelancer.parent_id = self.customer2
        self.assertRecordValues(need, [{"partner_id": self.customer.id, "contact_id": freelancer.id}])

    def test_merge(self):
        twin = self._create_company_partner("Acacia Ltd", user_id=self.user_sales.id)
        need, other = self._need(twin), self._need(self.customer, contact_id=self.person.id)
        double = self._create_person("Lan T.", self.customer)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (twin | self.customer).ids, self.customer, extra_checks=False
        )
        self.assertEqual((need | other).partner_id, self.customer)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (double | self.person).ids, double, extra_checks=False
        )
        self.assertEqual(other.contact_id, double)
        # what is merged into a person of a company is a need of the company
        single = self._create_person("Hoa", None)
        of_single = self._need(single)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (single | double).ids, double, extra_checks=False
        )
        self.assertRecordValues(of_single, [{"partner_id": self.customer.id, "contact_id": double.id}])

    def test_reassigned(self):
        need = self._need(self.customer, date_deadline=self.today)
        met = self._need(self.customer, state="met")
        wizard = (
            self.env["partner.reassign"]
            .with_user(self.user_supervisor)
            .create(
                {
                    "user_from_id": self.user_sales.id,
                    "user_to_id": self.user_sub.id,
                    "reason": "Ill",
                    "with_contacts": False,
                }
            )
        )
        self.assertIn("needs of customers: 1", wizard.summary)
        action = wizard.with_context(default_date_returned="2025-01-01 00:00:00").action_reassign()
        trace = self.env["partner.reassignment"].browse(action["res_id"])
        self.assertFalse(trace.date_returned, "no default of a call says that it was given back")
        self.assertRecordValues(need | met, [{"user_id": self.user_sub.id}, {"user_id": self.user_sales.id}])
        self.assertEqual(need.activity_ids.user_id, self.user_sub)

    def test_queries_of_a_new_deadline(self):
        """The activities of many needs are moved together."""
        needs = self.env["partner.requirement"].concat(
            *(self._need(self.customer, f"Need {number}", date_deadline=self.today) for number in range(20))
        )
        counts = []
        for days, some in enumerate((needs[:1], needs[:1], needs), 1):  # the first time fills caches
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.write({"date_deadline": self.today + timedelta(days=days)})
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(
            needs.activity_ids.mapped("date_deadline"), [self.today + timedelta(days=3)] * len(needs)
        )
        self.assertLess(counts[2] - counts[1], 19, counts)


@tagged("post_install", "-at_install")
class TestRequirementRights(RequirementCommon):
    """Who sees and changes which needs, through what the web client calls."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("partner_relations.group_user").implied_ids += cls.env.ref("base.group_allow_export")
        cls.own = cls._need(cls.customer, "Of sales")
        cls.foreign = cls._need(cls.customer2, "Of sales2", user=cls.user_sales2)
        cls.noticed = cls._need(cls.customer2, "Noticed by sales", user_id=cls.user_sales2.id)
        cls.on_own = cls._need(cls.customer, "Noticed by sales2", user=cls.user_sales2)
        cls.of_sub = cls._need(
            cls._create_company_partner("Dogwood"), "Of the subordinate", user=cls.user_sub
        )
        cls.all_needs = cls.own | cls.foreign | cls.noticed | cls.on_own | cls.of_sub

    def seen(self, user):
        needs = self.env["partner.requirement"].with_user(user)
        domain = [("id", "in", self.all_needs.ids)]
        found = needs.search(domain)
        self.assertEqual(needs.search_count(domain), len(found))
        self.assertEqual(needs.web_search_read(domain, {"name": {}})["length"], len(found))
        groups = needs.formatted_read_group(domain, ["partner_id"], ["__count"])
        self.assertEqual(sum(group["__count"] for group in groups), len(found))
        self.assertEqual({row[0] for row in found.export_data(["name"])["datas"]}, set(found.mapped("name")))
        for need in needs.browse(self.all_needs.ids) - found:
            for call in (
                lambda need=need: need.read(["name"]),
                lambda need=need: need.write({"name": "x"}),
                need.action_start,
                need.action_meet,
                need.action_drop,
                need.unlink,
            ):
                with self.assertRaises(AccessError):
                    call()
        return found.with_env(self.env)

    def test_each_sees_what_is_theirs(self):
        self.assertEqual(self.seen(self.user_sales), self.own | self.noticed | self.on_own)
        self.assertEqual(self.seen(self.user_sales2), self.foreign | self.noticed | self.on_own)
        self.assertEqual(self.seen(self.user_sub), self.of_sub)
        self.assertEqual(self.seen(self.user_supervisor), self.own | self.on_own | self.of_sub)
        self.assertEqual(self.seen(self.user_director), self.all_needs)

    def test_others_see_nothing(self):
        for groups in ("base.group_user", "base.group_portal", "sales_team.group_sale_manager"):
            stranger = new_test_user(self.env, f"stranger_{groups}", groups=groups)
            needs = self.env["partner.requirement"].with_user(stranger)
            with self.assertRaises(AccessError):
                needs.search([])
            with self.assertRaises(AccessError):
                needs.browse(self.own.id).read(["name"])
            with self.assertRaises(AccessError):
                self.customer.with_user(stranger).read(["requirement_ids"])

    def test_only_who_wrote_it_deletes_it(self):
        with self.assertRaises(AccessError):
            self.on_own.with_user(self.user_sales).unlink()
        self.on_own.with_user(self.user_sales).action_meet()
        self.own.with_user(self.user_sales).unlink()
        self.assertFalse(self.own.exists())

    def test_the_other_company(self):
        both = [Command.set((self.company | self.company2).ids)]
        self.user_sales.company_ids = both
        there = self._need(self.customer, "There", company_id=self.company2.id)
        needs = self.env["partner.requirement"].with_user(self.user_sales)
        here = needs.with_context(allowed_company_ids=self.company.ids)
        self.assertNotIn(there, here.search([("partner_id", "=", self.customer.id)]))
        in_both = needs.with_context(allowed_company_ids=(self.company | self.company2).ids)
        self.assertIn(there, in_both.search([("partner_id", "=", self.customer.id)]))
        director = self.env["partner.requirement"].with_user(self.user_director)
        self.assertFalse(director.search([("id", "=", there.id)]))
        only_there = self._create_company_partner("Elsewhere", company_id=self.company2.id)
        with self.assertRaises(UserError):
            needs.with_context(allowed_company_ids=(self.company | self.company2).ids).create(
                {"name": "Wrong company", "partner_id": only_there.id, "company_id": self.company.id}
            )

    def test_documents_are_linked_by_who_may_read_them_only(self):
        salesman = self._create_user(
            "requirement_salesman", "partner_relations.group_user,sales_team.group_sale_salesman"
        )
        mine, other = (
            self.env["sale.order"].create({"partner_id": self.customer.id, "user_id": user.id})
            for user in (salesman, self.user_sales2)
        )
        need = self._need(self.customer, user=salesman, sale_order_id=mine.id)
        self.assertEqual(need.sale_order_id, mine)
        with self.assertRaises(AccessError):
            need.with_user(salesman).sale_order_id = other
        with self.assertRaises(AccessError):
            self._need(self.customer, user=salesman, sale_order_id=other.id)
        # without rights on orders there is no such field
        with self.assertRaises(AccessError):
            self._need(self.customer, sale_order_id=mine.id)
