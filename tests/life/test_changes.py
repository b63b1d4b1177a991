"""A company goes on: people leave, contacts are merged and archived, a company is closed; on the demo company's data.

No screen of the addon may fail afterwards, and what was closed keeps its figures.
"""

from odoo import Command
from odoo.tests import TransactionCase, tagged

from .opening import open_all

# Figures that were closed: model, which of its rows, and what they say.
CLOSED = {
    "manager.scorecard": ([("state", "=", "closed")], ("score", "rank")),
    "supplier.scorecard": ([], ("score",)),
    "partner.wage.deduction.list": ([("state", "in", ("sent", "paid", "closed"))], ("amount",)),
}


@tagged("post_install", "-at_install", "-standard", "beside")
class TestChanges(TransactionCase):
    beside = "demo"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = {user.login: user for user in cls.env["res.users"].search([])}
        cls.director = cls.user["giamdoc"]

    def _assert_screens(self, *logins):
        for login in logins or ("giamdoc", "lan", "minh", "quang"):
            self.env.invalidate_all()
            opened, faults = open_all(self.env(user=self.user[login]))
            self.assertGreater(opened, 40, login)
            self.assertEqual(faults, [], login)

    def _closed_figures(self):
        figures = {}
        for model, (domain, names) in CLOSED.items():
            for record in self.env[model].sudo().search(domain):
                figures[model, record.id] = [record[name] for name in names]
        lines = self.env["partner.classification.line"].sudo()
        for run, amount, count in lines._read_group(
            [("classification_id.state", "=", "posted")], ["classification_id"], ["revenue:sum", "__count"]
        ):
            figures["partner.classification", run.id] = [round(amount, 2), count]
        self.assertGreater(len(figures), 10)
        self.assertEqual({model for model, _id in figures}, {*CLOSED, "partner.classification"})
        return figures

    def _busiest(self, domain, number):
        groups = self.env["partner.contact.log"]._read_group(
            [
                (
                    "commercial_partner_id",
                    "any",
                    [*domain, ("is_company", "=", True), ("user_ids", "=", False)],
                )
            ],
            ["commercial_partner_id"],
            ["__count"],
            order="__count desc, commercial_partner_id",
            limit=number,
        )
        return self.env["res.partner"].concat(*(partner for partner, _count in groups))

    def _merge(self, partners):
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            partners.ids, partners[0], extra_checks=False
        )
        self.env.invalidate_all()
        self.assertEqual(partners.exists(), partners[0])

    def test_archived(self):
        before = self._closed_figures()
        customers = self._busiest([("customer_rank", ">", 0)], 5)
        suppliers = self.env["res.partner"].search(
            [("supplier_rank", ">", 0), ("is_company", "=", True)], limit=2
        )
        (customers + suppliers).child_ids.action_archive()
        (customers + suppliers).action_archive()
        self.env["product.template"].search([("sale_ok", "=", True)], limit=3).action_archive()
        self.user["minh"].action_archive()
        self._assert_screens("giamdoc", "lan", "thao", "quang")
        self.assertEqual(self._closed_figures(), before)

    def test_merged(self):
        before = self._closed_figures()
        totals = self.env["partner.turnover.report"]._read_group([], [], ["revenue:sum"])
        customers = self._busiest([("customer_rank", ">", 0)], 3)
        suppliers = self._busiest([("supplier_rank", ">", 0)], 3)
        # a supplier that gets the orders of others is rated anew
        rated = self.env["supplier.scorecard"].search([("partner_id", "in", suppliers.ids)]).ids
        self._merge(customers)
        self._merge(suppliers)
        persons = self.env["res.partner"].search(
            [("is_company", "=", False), ("parent_id", "!=", False), ("user_ids", "=", False)], limit=2
        )
        self._merge(persons)
        self._assert_screens()
        self.assertEqual(self.env["partner.turnover.report"]._read_group([], [], ["revenue:sum"]), totals)
        after = self._closed_figures()
        again = {("supplier.scorecard", number) for number in rated}
        self.assertEqual(set(before) - again, set(after) - again)
        for key in set(before) - again:
            if key[0] == "partner.classification":
                self.assertAlmostEqual(after[key][0], before[key][0], 2, key)
            else:
                self.assertEqual(after[key], before[key], key)

    def test_user_deleted(self):
        """Odoo refuses to delete who wrote documents; whom it lets go leaves no screen broken."""
        leaver = self.env["res.users"].create(
            {
                "name": "Leaver",
                "login": "leaver",
                "group_ids": [Command.set([self.env.ref("partner_relations.group_supervisor").id])],
            }
        )
        customer = self._busiest([("customer_rank", ">", 0)], 1)
        customer.write({"user_id": leaver.id, "responsible_user_ids": [Command.link(leaver.id)]})
        self.env["partner.contact.log"].with_user(leaver).create({"name": "Call", "partner_id": customer.id})
        requirement = self.env["partner.requirement"].create(
            {"name": "Needs chairs", "partner_id": customer.id, "user_id": leaver.id}
        )
        customer.user_id = self.user["minh"]
        leaver.action_archive()
        leaver.unlink()
        self.env.invalidate_all()
        self.assertTrue(requirement.exists())
        self._assert_screens("giamdoc", "lan", "minh")

    def test_company_archived(self):
        """A second company with its settings is closed."""
        company = self.env["res.company"].create({"name": "Closed Branch"})
        self.director.company_ids += company
        for kind in ("customer", "supplier"):
            self.env["partner.classification.policy"]._get_for(company, kind)
        self.env["partner.contact.log"].with_company(company).create(
            {"name": "Call", "partner_id": company.partner_id.id, "company_id": company.id}
        )
        company.action_archive()
        self.env.invalidate_all()
        self._assert_screens("giamdoc")
        self.enterContext(self.enter_registry_test_mode())
        known = self.env["ir.model.data"].search(
            [("module", "=", "partner_relations"), ("model", "=", "ir.cron")]
        )
        for cron in self.env["ir.cron"].browse(known.mapped("res_id")):
            with self.subTest(cron=cron.cron_name):
                # a failure is an action that shows it
                failure = cron.method_direct_trigger()
                self.assertNotIsInstance(failure, dict, failure)
