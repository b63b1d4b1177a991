"""A company goes on: people leave, contacts are merged and archived, a company is closed; on the demo company's data.

No screen of the addon may fail afterwards, and what was closed keeps its figures.
"""

import base64
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import TransactionCase, tagged

from ..jobs import run_all
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

    def _open_branch(self):
        """A second company that works: it sells, buys, is paid from wages, writes letters, and rates."""
        company = self.env["res.company"].create(
            {
                "name": "Closed Branch",
                "country_id": self.env.ref("base.us").id,
                "payment_reminder_mode": "automatic",
            }
        )
        for user in (self.director, self.user["lan"], self.env.user):
            user.company_ids += company
        self.env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        return company

    def _create_partner(self, name, **values):
        return self.env["res.partner"].create(
            {"name": f"{name} of the branch", "email": f"{name.lower()}@branch.example", **values}
        )

    def _invoice(self, env, partner, product, day, **values):
        line = {"product_id": product.id, "quantity": 1, "price_unit": 90, "tax_ids": [Command.clear()]}
        return env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": day,
                "invoice_date_due": day,
                "invoice_user_id": self.director.id,
                "invoice_line_ids": [Command.create(line)],
                **values,
            }
        )

    def _transfer(self, pickings):
        for move in pickings.move_ids:
            move.write({"quantity": move.product_uom_qty, "picked": True})
        pickings._action_done()

    def _rule(self, env):
        """A rule that mails about each confirmed order, at any hour."""
        return env["partner.mail.rule"].create(
            {
                "name": "Branch",
                "trigger": "order_confirmed",
                "template_id": env.ref("partner_relations.mail_template_rule_confirmed").id,
                "purpose": "transactional",
                "is_on": True,
                "hour_to": 24,
                **dict.fromkeys(("hour_from", "skip_holidays"), 0),
                **dict.fromkeys(("sat", "sun"), True),
            }
        )

    def _trade(self, env, month):
        """Orders, deliveries and invoices, one of them overdue; their classes and scorecards."""
        company = env.company
        product = env["product.product"].create(
            {"name": "Branch Chair", "is_storable": True, "list_price": 90}
        )
        customer = self._create_partner("Customer", is_company=True, user_id=self.director.id)
        supplier = self._create_partner("Supplier", is_company=True)
        line = {"product_id": product.id, "price_unit": 50}
        purchase = env["purchase.order"].create(
            {"partner_id": supplier.id, "order_line": [Command.create({**line, "product_qty": 5})]}
        )
        purchase.button_confirm()
        self._transfer(purchase.picking_ids)
        order = env["sale.order"].create(
            {
                "partner_id": customer.id,
                "user_id": self.director.id,
                "order_line": [Command.create({**line, "product_uom_qty": 2})],
            }
        )
        order.action_confirm()
        self._transfer(order.picking_ids)
        self._invoice(env, customer, product, month).action_post()
        env["supplier.scorecard"].action_compute_now()
        for kind in ("customer", "supplier"):
            policy = env["partner.classification.policy"]._get_for(company, kind)
            run = env["partner.classification"].create(
                {"policy_id": policy.id, "date_to": fields.Date.today()}
            )
            run.action_compute()
            run.action_post()
        env["manager.score.scheme"]._ensure_for(company).user_ids = self.director
        cards = env["manager.scorecard"]._compute_period(company, month)
        cards.with_user(self.director).with_context(allowed_company_ids=company.ids).action_close()
        return customer, order, product

    def _deduct(self, env, product, month):
        """Wages that are deducted: a list that was sent, and one whose cut-off day comes."""
        paper = base64.b64encode(b"signed")
        since = {"date_from": month, "contract_file": paper, "contract_date": month}
        arrangement = env["partner.wage.deduction"].create(
            {
                "employer_id": self._create_partner("Employer", is_company=True).id,
                "limit_amount": 500,
                "user_id": self.director.id,
                **since,
            }
        )
        arrangement.action_activate()
        member = env["partner.wage.deduction.member"].create(
            {
                "arrangement_id": arrangement.id,
                "partner_id": self._create_partner("Member").id,
                "consent_file": paper,
                "consent_date": month,
                "date_from": month,
            }
        )
        member.action_activate()
        invoice = self._invoice(env, member.partner_id, product, month)
        if not invoice.wage_member_id:
            invoice.action_pay_by_wage_deduction(1)
        invoice.action_post()
        made = env["partner.wage.deduction.list"].browse(arrangement.action_make_list()["res_id"])
        made.action_mark_sent()
        arrangement.next_cutoff = fields.Date.today()
        return arrangement

    def _correspond(self, env, customer):
        """A mailbox with a letter whose answer is late."""
        mailbox = env["partner.mailbox"].create(
            {
                "name": "Branch",
                "email": "box@branch.example",
                "deadline_hours": 1,
                "access_ids": [Command.create({"user_id": self.director.id, "level": "manage"})],
            }
        )
        source = f"Message-ID: <one@branch.example>\nFrom: {customer.email}\nTo: {mailbox.email}\nSubject: When?\n\n?"
        letter = env["partner.letter"].browse(
            env["mail.thread"].message_process(
                "partner.letter", source.encode(), custom_values={"mailbox_id": mailbox.id}
            )
        )
        letter.date_deadline = fields.Datetime.now() - timedelta(days=1)
        return letter

    def test_company_archived(self):
        """A second company is closed in the middle of its work."""
        month = fields.Date.start_of(fields.Date.today(), "month") - timedelta(days=20)
        company = self._open_branch()
        env = self.env(context={"allowed_company_ids": company.ids})
        rule = self._rule(env)
        customer, order, product = self._trade(env, month)
        arrangement = self._deduct(env, product, month)
        letter = self._correspond(env, customer)
        env["partner.contact.log"].create(
            {"name": "Call", "partner_id": customer.id, "company_id": company.id}
        )
        self.env.flush_all()
        logs = env["partner.mail.rule.log"].search([("rule_id", "=", rule.id)])
        self.assertRecordValues(logs, [{"res_id": order.id, "state": "planned"}])
        before = self._closed_figures()
        for model in (*CLOSED, "partner.classification"):
            mine = self.env[model].sudo().search([("company_id", "=", company.id)]).ids
            self.assertTrue({(model, number) for number in mine} & set(before), f"no {model} is closed")
        company.action_archive()
        self.env.invalidate_all()
        self._assert_screens("giamdoc", "lan")
        run_all(self)
        self._assert_screens("giamdoc", "lan")
        self.assertEqual({key: self._closed_figures().get(key) for key in before}, before)
        for record in (order, arrangement, letter, rule):
            self.assertTrue(record.exists())
        self.assertRecordValues(logs, [{"res_id": order.id, "state": "planned", "mail_mail_id": False}])
        self.assertFalse(self.env["partner.payment.reminder"].search([("company_id", "=", company.id)]))
