# pylint: disable=translation-required
from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ...tools.internal import INTERNAL
from ..common import RelationsCommon


@tagged("post_install", "-at_install")
class TestContactLogRights(RelationsCommon):
    """Who sees, counts, changes and exports which entries, through what the web client calls."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("partner_relations.group_user").implied_ids += cls.env.ref("base.group_allow_export")
        cls.customer = cls._create_company_partner("Acacia", user_id=cls.user_sales.id)
        cls.person = cls._create_person("Lan", cls.customer)
        cls.customer2 = cls._create_company_partner("Birch", user_id=cls.user_sales2.id)
        cls.shared = cls._create_company_partner(
            "Cedar", user_id=cls.user_sales2.id, responsible_user_ids=[Command.link(cls.user_sales.id)]
        )
        cls.log = cls._log(cls.user_sales, cls.person, "Of sales")
        cls.log2 = cls._log(cls.user_sales2, cls.customer2, "Of sales2")
        cls.log_cross = cls._log(cls.user_sales2, cls.person, "Sales2 with the customer of sales")
        cls.log_shared = cls._log(cls.user_sales2, cls.shared, "With a shared customer")
        cls.log_sub = cls._log(cls.user_sub, cls._create_company_partner("Dogwood"), "Of the subordinate")
        cls.all_logs = cls.log | cls.log2 | cls.log_cross | cls.log_shared | cls.log_sub

    @classmethod
    def _log(cls, user, partner, name, **values):
        return (
            cls.env["partner.contact.log"]
            .with_user(user)
            .create({"name": name, "partner_id": partner.id, **values})
            .with_env(cls.env)
        )

    def seen(self, user):
        logs = self.env["partner.contact.log"].with_user(user)
        domain = [("id", "in", self.all_logs.ids)]
        found = logs.search(domain)
        # every way of the web client tells the same
        self.assertEqual(logs.search_count(domain), len(found))
        self.assertEqual(logs.web_search_read(domain, {"name": {}})["length"], len(found))
        groups = logs.formatted_read_group(domain, ["user_id"], ["__count"])
        self.assertEqual(sum(group["__count"] for group in groups), len(found))
        self.assertEqual({row[0] for row in found.export_data(["name"])["datas"]}, set(found.mapped("name")))
        hidden = logs.browse(self.all_logs.ids) - found
        for log in hidden:
            with self.assertRaises(AccessError):
                log.read(["name"])
            with self.assertRaises(AccessError):
                log.export_data(["name"])
            with self.assertRaises(AccessError):
                log.action_done()
        return found.with_env(self.env)

    def test_user_sees_own_and_own_customers(self):
        self.assertEqual(self.seen(self.user_sales), self.log | self.log_cross | self.log_shared)
        self.assertEqual(self.seen(self.user_sales2), self.log2 | self.log_cross | self.log_shared)

    def test_duplicate(self):
        """What a form and a list offer: the copy is written by hand, also that of an entry that was fed."""
        fed = self._log(self.user_sales, self.person, "Fed")
        fed.with_context(relations_feeding=INTERNAL).write({"source_model": "mail.message", "source_id": 7})
        for log in (self.log, fed):
            copied = log.with_user(self.user_sales).copy()
            self.assertEqual((copied.name, copied.partner_id), (log.name, self.person))
            self.assertFalse(copied.source_model or copied.source_id)
            copied.unlink()

    def test_buyer_sees_own_suppliers(self):
        self.assertNotIn(self.log2, self.seen(self.user_sales))
        self.customer2.buyer_id = self.user_sales
        self.assertIn(self.log2, self.seen(self.user_sales))
        self.assertIn(self.log2, self.seen(self.user_supervisor), "and the superior of the buyer")

    def test_customer_is_handed_over_with_its_persons(self):
        """Whose salesperson was copied from the company; who had it sees nothing of what is logged from then on."""
        daughter = self._create_company_partner(
            "Daughter", parent_id=self.customer.id, user_id=self.user_sales.id
        )
        persons = (
            self.person
            + self._create_person("Below", self.person)
            + self._create_person("Archived", self.customer, active=False)
            + self._create_person("Of the second company", self.customer, company_id=self.company2.id)
            + self._create_person("Of the daughter", daughter)
            + self._create_person("With another one", self.customer, user_id=self.user_sub.id)
        )
        of_other = self._create_person("Of Birch", self.customer2, user_id=self.user_sales.id)
        self.assertEqual(persons.mapped("user_id"), self.user_sales + self.user_sub)
        manager = self._create_user("relations_contacts", "base.group_user,base.group_partner_manager")
        both = (self.customer + self.customer2).with_user(manager)
        both.write({"user_id": self.user_sales2.id})
        self.assertEqual(
            [person.user_id for person in persons],
            [*[self.user_sales2] * 4, self.user_sales, self.user_sub],
        )
        self.assertEqual(daughter.user_id, self.user_sales)
        self.assertEqual(of_other.user_id, self.user_sales, "it had another one than its company already")
        log = self._log(self.user_sales2, self.person, "After that")
        self.all_logs |= log
        self.assertNotIn(log, self.seen(self.user_sales))
        self.assertIn(log, self.seen(self.user_sales2))
        # nobody's, with its persons
        both.write({"user_id": False})
        self.assertEqual([person.user_id for person in persons[:4]], [self.env["res.users"]] * 4)
        self.assertEqual(of_other.user_id, self.user_sales)

    def test_supervisor_sees_subordinates_at_any_depth(self):
        self.assertEqual(
            self.seen(self.user_supervisor), self.log | self.log_cross | self.log_shared | self.log_sub
        )
        # a plain user does not become superior by the hierarchy alone
        self.assertNotIn(self.log_sub, self.seen(self.user_sales))
        filtered = (
            self.env["partner.contact.log"]
            .with_user(self.user_supervisor)
            .search([("in_my_team", "=", True)])
        )
        self.assertIn(self.log_sub, filtered.with_env(self.env))
        for log in self.all_logs.with_user(self.user_supervisor).sudo():
            self.assertEqual(log.in_my_team, log in filtered.sudo())

    def test_hierarchy_changes_and_circles(self):
        self.employee_sales.parent_id = self.employee_sales2
        self.assertEqual(self.seen(self.user_supervisor), self.env["partner.contact.log"])
        self.employee_sales2.parent_id = self.employee_supervisor
        self.assertIn(self.log_sub, self.seen(self.user_supervisor))
        self.env.cr.execute(
            "UPDATE hr_employee SET parent_id = %s WHERE id = %s",
            [self.employee_sub.id, self.employee_supervisor.id],
        )
        self.env.invalidate_all()
        self.assertNotIn(self.user_supervisor.id, self.user_supervisor._get_subordinate_user_ids())

    def test_subordinate_who_left(self):
        self.employee_sub.active = False
        self.user_sub.active = False
        self.assertIn(self.log_sub, self.seen(self.user_supervisor))

    def test_director_sees_all(self):
        self.assertEqual(self.seen(self.user_director), self.all_logs)

    def test_no_group_no_log(self):
        for login, groups in (
            ("relations_plain", "base.group_user"),
            ("relations_portal", "base.group_portal"),
        ):
            user = new_test_user(self.env, login, groups=groups)
            logs = self.env["partner.contact.log"].with_user(user)
            for call in (
                lambda logs=logs: logs.search([]),
                lambda logs=logs: logs.web_search_read([], {"name": {}}),
                lambda logs=logs: logs.formatted_read_group([], ["user_id"], ["__count"]),
                lambda logs=logs: logs.get_timeline(self.customer.id),
                lambda logs=logs: logs.create({"name": "x", "partner_id": self.customer.id}),
                lambda user=user: self.customer.with_user(user).read(["last_contact_date"]),
                lambda user=user: self.customer.with_user(user).read(["contact_log_ids"]),
            ):
                with self.assertRaises(AccessError):
                    call()

    def test_change_only_own(self):
        self.log_cross.with_user(self.user_sales2).agreement = "Mine"
        with self.assertRaises(AccessError):
            self.log_cross.with_user(self.user_sales).agreement = "Not mine"
        with self.assertRaises(AccessError):
            self.log_cross.with_user(self.user_sales).unlink()
        self.log_sub.with_user(self.user_supervisor).agreement = "Of my team"
        with self.assertRaises(AccessError):
            self.log2.with_user(self.user_supervisor).agreement = "Of another team"

    def test_figures_on_contacts_are_of_what_one_sees(self):
        self.assertEqual(self.customer.with_user(self.user_sales).contact_log_count, 2)
        self.assertEqual(self.customer.with_user(self.user_sales2).contact_log_count, 1)
        self.assertFalse(self.customer2.with_user(self.user_sales).last_contact_date)
        timeline = self.env["partner.contact.log"].with_user(self.user_sales2).get_timeline(self.customer.id)
        self.assertEqual(
            (timeline["total"], [row["id"] for row in timeline["done"]]), (1, self.log_cross.ids)
        )
        partners = self.env["res.partner"].with_user(self.user_sales)
        self.assertNotIn(
            self.customer2, partners.search([("last_contact_date", "!=", False)]).with_env(self.env)
        )

    def test_companies_apart(self):
        director2 = self._create_user(
            "relations_director2",
            "partner_relations.group_director",
            company_id=self.company2.id,
            company_ids=[Command.set(self.company2.ids)],
        )
        log2 = self._log(director2, self.customer, "Of the second company")
        self.assertEqual(log2.company_id, self.company2)
        self.assertFalse(self.seen(director2))
        self.assertNotIn(log2, self.env["partner.contact.log"].with_user(self.user_director).search([]))
        # nor does an id that only PostgreSQL takes for one put an entry there
        for company_id in (str(self.company2.id), float(self.company2.id)):
            with self.assertRaises(AccessError):
                self._log(self.user_sales, self.customer, "Hidden", company_id=company_id)
        with self.assertRaises(AccessError):
            log2.with_user(self.user_director).read(["name"])
        self.assertEqual(self.customer.with_user(self.user_director).contact_log_count, 2)

    def test_words_of_a_message_follow_its_document(self):
        """A colleague responsible for the customer sees that there was a letter, not what it says."""
        for user in (self.user_sales, self.user_sales2):
            user.group_ids += self.env.ref("sales_team.group_sale_salesman")
        lead = self.env["crm.lead"].create(
            {"name": "Confidential", "partner_id": self.person.id, "user_id": self.user_sales2.id}
        )
        lead.with_user(self.user_sales2).message_post(
            subject="Salary of Mr X",
            body="He earns much",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.person.ids,
        )
        log = self.customer.contact_log_ids.filtered(lambda log: log.source_model == "mail.message")
        self.assertEqual(log.with_user(self.user_sales2).name, "Salary of Mr X")
        self.assertEqual(log.with_user(self.user_sales2).preview, "He earns much")
        seen = log.with_user(self.user_sales)
        row = seen.web_read({"name": {}, "preview": {}, "document_name": {}, "display_name": {}})[0]
        for text in ("Salary", "earns", "Confidential"):
            self.assertNotIn(text, str(row))
        self.assertEqual(row["name"], dict(log._fields["channel"].selection)["email"])
        logs = self.env["partner.contact.log"].with_user(self.user_sales)
        self.assertFalse(logs.search([("name", "ilike", "Salary")]))
        self.assertTrue(log.with_user(self.user_sales2).search([("name", "ilike", "salary")]))
        self.assertNotIn("Salary", str(logs.get_timeline(self.customer.id)))
        self.assertNotIn("Salary", str(seen.export_data(["name", "preview"])["datas"]))
        # nor through a field path, where core does not check access to messages
        for path in ("message_id/subject", "message_id/body", "activity_id/summary"):
            with self.assertRaises(AccessError):
                seen.export_data([path])
        with self.assertRaises(AccessError):
            seen.web_read({"message_id": {"fields": {"body": {}}}})
        with self.assertRaises(AccessError):
            logs.search([("message_id.body", "ilike", "earns")])
        with self.assertRaises(AccessError):
            logs.formatted_read_group([], ["message_id"], ["__count"])

    def test_fed_entry_stays_whatever_a_client_sends(self):
        self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.customer.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                "user_id": self.user_sales.id,
            }
        )
        log = self.customer.contact_log_ids.filtered(lambda log: log.source_model == "mail.activity")
        other = self._create_company_partner("Somebody Else", user_id=self.user_sales.id)
        with self.assertRaisesRegex(UserError, "comes from"):
            log.with_user(self.user_sales).with_context(relations_feeding=True).write(
                {"partner_id": other.id}
            )
