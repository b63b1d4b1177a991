from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .deducting import DeductingCommon

SECRET = {"wage", "limit", "limit_amount", "consent_file", "consent_filename"}


@tagged("post_install", "-at_install")
class TestWageDeductionRights(DeductingCommon):
    """Accountants do it; users of Relations see whose customers are members, and no wages; companies are apart."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna.wage = 1234
        cls.move = cls._sell(cls.anna, 90)
        cls.list = cls.lists.browse(cls.arrangement.action_make_list()["res_id"])
        cls.other_accountant = cls._create_user(
            "wage_accountant_usd",
            "account.group_account_invoice",
            company_id=cls.company_usd.id,
            company_ids=[Command.set(cls.company_usd.ids)],
        )

    def _members(self, user):
        return self.env["partner.wage.deduction.member"].with_user(user)

    def test_salesperson_sees_own_customers(self):
        found = self._members(self.user_sales).web_search_read(
            [],
            {
                "partner_id": {"fields": {"display_name": {}}},
                "state": {},
                "amount_open": {},
                "employer_id": {},
            },
        )
        self.assertEqual([row["id"] for row in found["records"]], self.anna.ids)
        self.assertEqual(found["records"][0]["amount_open"], 90)
        self.assertFalse(self._members(self.user_sales2).search([]))
        self.assertEqual(self._members(self.user_supervisor).search([]), self.anna, "of a subordinate")
        self.assertEqual(self._members(self.user_director).search([]), self.anna + self.ben)
        arrangements = self.env["partner.wage.deduction"]
        self.assertEqual(arrangements.with_user(self.user_sales).search([]), self.arrangement)
        self.assertFalse(arrangements.with_user(self.user_sales2).search([]))

    def test_nobody_but_accountants_sees_wages(self):
        for user in (self.user_sales, self.user_director):
            user.group_ids += self.env.ref("base.group_allow_export")
            member = self.anna.with_user(user)
            fields = set(self._members(user).fields_get())
            self.assertFalse(SECRET & fields)
            for name in SECRET:
                with self.assertRaises(AccessError):
                    member.read([name])
                with self.assertRaises(AccessError):
                    self._members(user).search([(name, "!=", False)])
            with self.assertRaises(AccessError):
                member.formatted_read_group([], [], ["wage:sum"])
            with self.assertRaises(AccessError):
                member.export_data(["wage"])
        self.assertEqual(self.anna.with_user(self.user_accountant).wage, 1234)

    def test_consent_as_attachment(self):
        attachment = self.env["ir.attachment"].search(
            [
                ("res_model", "=", self.anna._name),
                ("res_field", "=", "consent_file"),
                ("res_id", "=", self.anna.id),
            ]
        )
        self.assertTrue(attachment)
        self.assertTrue(attachment.with_user(self.user_accountant).read(["datas"]))
        with self.assertRaises(AccessError):
            attachment.with_user(self.user_sales).read(["datas"])

    def test_relations_change_nothing(self):
        for user in (self.user_sales, self.user_director):
            for record in (self.anna, self.arrangement):
                with self.assertRaises(AccessError):
                    record.with_user(user).date_from = "2026-01-01"
                with self.assertRaises(AccessError):
                    record.with_user(user).unlink()
            with self.assertRaises(AccessError):
                self.move.with_user(user).action_pay_by_wage_deduction()
            with self.assertRaises(AccessError):
                self.arrangement.with_user(user).action_make_list()
        with self.assertRaises(AccessError):
            self.list.with_user(self.user_sales).read(["amount"])
        self.assertEqual(self.list.with_user(self.user_director).amount, 30)
        with self.assertRaises(AccessError):
            self.list.with_user(self.user_director).action_mark_sent()

    def test_other_company(self):
        for model in (
            "partner.wage.deduction",
            "partner.wage.deduction.member",
            "partner.wage.deduction.list",
            "partner.wage.deduction.list.line",
            "partner.wage.deduction.list.item",
        ):
            records = self.env[model].with_user(self.other_accountant)
            records = records.with_context(allowed_company_ids=self.company_usd.ids)
            self.assertFalse(records.search([]), model)
            self.assertTrue(self.env[model].with_user(self.user_accountant).search([]), model)
            with self.assertRaises(AccessError):
                records.browse(self.env[model].search([], limit=1).id).read(["company_id"])

    def test_member_of_one_company_sells_in_the_other(self):
        """Invoices of a company are not paid by what was agreed with the other."""
        self.anna.by_default = True
        move = self._create_invoice(
            [{"product_id": self.chair.id, "quantity": 1, "price_unit": 10}],
            partner=self.anna.partner_id,
            company=self.company_usd,
            post=False,
        )
        self.assertFalse(move.wage_member_id)
        with self._refused("no active member of a wage deduction in Selling in Dollar"):
            move.action_pay_by_wage_deduction()

    def test_membership_of_the_other_company(self):
        """No call gives it to a draft, and none is posted with it, whoever may read both; nothing tells of it."""
        companies = (self.company_eur + self.company_usd).ids
        self.user_accountant.company_ids = [Command.set(companies)]
        draft = self._create_invoice(
            [{"product_id": self.chair.id, "quantity": 1, "price_unit": 10}],
            partner=self.anna.partner_id,
            company=self.company_usd,
            post=False,
        )
        move = draft.with_user(self.user_accountant).with_context(allowed_company_ids=companies)
        with self.assertRaisesRegex(AccessError, "set by the system") as caught, self.cr.savepoint():
            move.wage_member_id = self.anna
        self.assertNotIn("Anna", str(caught.exception))
        draft._set_wage_member(self.anna)
        with self._refused("no active member of a wage deduction in Selling in Dollar"):
            draft.action_post()

    def test_membership_of_a_posted_invoice(self):
        """Only the buttons, which ask for the limit and the lists, give or take it."""
        plain = self._sell(self.anna, 900, deduct=False)
        draft = self._sell(self.anna, 900, deduct=False, post=False)
        member = {"wage_member_id": self.anna.id}
        for move, values in (
            (plain, member),
            (self.move, {"wage_member_id": False}),
            (draft, {**member, "state": "posted"}),
        ):
            move = move.with_user(self.user_accountant)
            with self.assertRaisesRegex(AccessError, "set by the system"), self.cr.savepoint():
                move.with_context(relations_wage=True).write(values)
        draft.with_user(self.user_accountant).write(member)
        self.assertEqual(draft.wage_member_id, self.anna)
        self.move.with_user(self.user_accountant).action_pay_otherwise()
        self.assertFalse(self.move.wage_member_id)
        self.move.with_user(self.user_accountant).action_pay_by_wage_deduction()
        self.assertEqual(self.move.wage_member_id, self.anna)

    def test_names_of_another_company(self):
        """No form, and no draft, tells an accountant of another company who pays by wage deduction, or whom."""
        env = self.env(user=self.other_accountant, context={"allowed_company_ids": self.company_usd.ids})
        named = {"fields": {"display_name": {}}}
        for model, name, hidden in (
            ("account.move", "wage_member_id", self.anna),
            ("partner.wage.deduction.member", "arrangement_id", self.arrangement),
            ("partner.wage.deduction.list", "arrangement_id", self.arrangement),
            ("partner.wage.deduction.list.line", "list_id", self.list),
            ("partner.wage.deduction.list.line", "member_id", self.anna),
            ("partner.wage.deduction.list.item", "line_id", self.list.line_ids[:1]),
        ):
            with self.subTest(model=model, name=name):
                try:
                    told = env[model].onchange({name: hidden.id}, [], {name: named})["value"][name]
                except AccessError:
                    # some forms are refused as a whole
                    told = False
                self.assertFalse(told)
        for pointed in (self.anna.id, {"id": self.anna.id}):
            line = env["account.move.line"].new({"move_id": {"wage_member_id": pointed}})
            self.assertFalse(line.move_id.wage_member_id, "by a form of something else")
        own = self.env["account.move"].with_user(self.user_accountant).new({"wage_member_id": self.anna.id})
        self.assertEqual(own.wage_member_id, self.anna)
        draft = self._create_invoice(
            [{"product_id": self.chair.id, "quantity": 1, "price_unit": 10}],
            company=self.company_usd,
            post=False,
        ).with_env(env)
        with self.assertRaises(AccessError):
            draft.wage_member_id = self.anna.id

    def test_whole_round_as_accountant(self):
        """An accountant who is no user of Relations does all of it."""
        env = self.env(user=self.user_accountant)
        partner = env["res.partner"].sudo().create({"name": "Zoe"}).sudo(False)
        member = self._create_member("Zoe", partner=partner, activate=False, by_default=False).with_user(
            self.user_accountant
        )
        member.action_activate()
        move = self._sell(member.with_user(self.env.user), 60, deduct=False, post=False)
        move = move.with_user(self.user_accountant)
        self.assertTrue(move.wage_deduction_possible)
        move.action_pay_by_wage_deduction()
        move.action_post()
        one = self.list.with_user(self.user_accountant)
        one.action_send()
        self.assertEqual(one.amount, 50)
        dialog = env["partner.wage.deduction.payment"].create({"list_id": one.id, "mode": "new"})
        dialog.action_register()
        self.assertEqual((one.state, one.amount_settled), ("paid", 50))
        self.assertEqual(self._residuals(move.with_user(self.env.user)), [0, 20, 20])
        env["partner.wage.deduction.stop"].create({"member_id": member.id, "reason": "Leaves"}).action_stop()
        self.assertEqual(member.amount_direct, 40)
        one.action_undo_payment()
        self.assertEqual(one.state, "sent")

    def test_forged_context(self):
        """The key of the context that opens lists cannot be sent by a client."""
        with self.assertRaises(AccessError):
            self.list.with_user(self.user_accountant).with_context(relations_wage=True).amount = 1

    def _invoice_as_seller(self, member, **context):
        """Let somebody without accounting rights make the invoice of an order of a member."""
        seller = self._create_user(
            "wage_seller",
            "partner_relations.group_user,sales_team.group_sale_salesman_all_leads,account.group_account_invoice",
            company_id=self.company_eur.id,
            company_ids=[Command.set(self.company_eur.ids)],
        )
        seller.group_ids -= self.env.ref("account.group_account_invoice")
        order = self._create_order(
            [{"product_id": self.chair.id, "product_uom_qty": 1, "price_unit": 90}], member.partner_id
        )
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_user(seller)
            .with_context(active_model="sale.order", active_ids=order.ids, **context)
            .create({})
        )
        wizard.create_invoices()
        return order.invoice_ids

    def test_salesperson_invoices_an_order(self):
        """Somebody without accounting rights makes the invoice of a member."""
        self.ben.by_default = True
        self.ben.partner_id.user_id = self.user_sales
        self.assertEqual(self._invoice_as_seller(self.ben).wage_member_id, self.ben)

    def test_membership_is_no_default(self):
        """Core makes the invoice of an order with all rights; what a call or somebody sets gives no membership."""
        move = self._invoice_as_seller(self.anna, default_wage_member_id=self.anna.id)
        self.assertEqual(move.state, "draft")
        self.assertFalse(move.wage_member_id)
        self.env["ir.default"].set("account.move", "wage_member_id", self.anna.id)
        self.assertFalse(self._sell(self.anna, 90, post=False, deduct=False).wage_member_id)

    def test_partner_buttons(self):
        for partner, user, count in (
            (self.employer, self.user_accountant, 2),
            (self.employer, self.user_sales, 1),
            (self.anna.partner_id, self.user_sales, 1),
            (self.anna.partner_id, self.user_sales2, 0),
            (self.customer, self.user_accountant, 0),
        ):
            self.assertEqual(
                partner.with_user(user).wage_deduction_count, count, f"{partner.name} {user.login}"
            )
        action = self.employer.with_user(self.user_accountant).action_view_wage_deductions()
        self.assertEqual(action["res_model"], "partner.wage.deduction")
        action = self.anna.partner_id.with_user(self.user_sales).action_view_wage_deductions()
        self.assertEqual(action["res_model"], "partner.wage.deduction.member")

    def test_queries(self):
        """Lists of members and contacts cost as many queries for twenty as for one."""
        members = self.anna
        for number in range(20):
            members += self._create_member(f"M{number}", by_default=False)
        self.env.flush_all()
        for records, names in (
            (members.with_user(self.user_accountant), ("amount_open", "next_due", "limit")),
            (
                self.env["res.partner"].with_user(self.user_sales).browse(members.partner_id.ids),
                ("wage_deduction_count",),
            ),
        ):
            counts = []
            for some in (records[:1], records):
                for _warm in range(2):
                    self.env.invalidate_all()
                    some.fetch([])
                    before = self.env.cr.sql_log_count
                    for name in names:
                        some.mapped(name)
                    count = self.env.cr.sql_log_count - before
                counts.append(count)
            self.assertLessEqual(counts[1], counts[0] + 1, names)

    def test_invoices_of_others_cost_nothing(self):
        """Making an invoice of a customer who is no member asks once whether it is one."""
        lines = [{"product_id": self.chair.id, "quantity": 1, "price_unit": 10}]
        moves = self.env["account.move"]
        for _number in range(10):
            moves += self._create_invoice(lines, post=False)
        self.env.flush_all()
        self.env.invalidate_all()
        moves.mapped("commercial_partner_id")
        moves.mapped("state")
        with self.assertQueryCount(1):
            moves._take_wage_default()
