import random
import re
import runpy
from pathlib import Path
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import Form, freeze_time, tagged, users
from odoo.tools import SQL

from .invoicing import InvoicingCommon

MEASURES = ("revenue:sum", "cost:sum", "profit:sum", "__count")


class TurnoverCommon(InvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.env["partner.turnover.report"].with_company(cls.company_eur)
        cls.analysis = cls.env["account.invoice.report"].with_company(cls.company_eur)

    def _with_companies(self, records, *companies):
        return records.with_context(allowed_company_ids=[company.id for company in companies])

    def _sum(self, domain=(), measures=("revenue:sum", "profit:sum"), **context):
        [values] = self.report.with_context(**context)._read_group(list(domain), [], list(measures))
        return values

    def _read_groups(self, report, groupby, measures=MEASURES, domain=()):
        """Groups as {keys: measures}, the keys as ids or text."""
        groups = {}
        for row in report._read_group(list(domain), groupby, measures):
            keys = [key.id if hasattr(key, "_name") else key for key in row[: len(groupby)]]
            groups[tuple(keys)] = tuple(
                value if value is False else round(value, 6) for value in row[len(groupby) :]
            )
        return groups


@tagged("post_install", "-at_install")
class TestTurnoverReconciles(TurnoverCommon):
    """The report shows what Odoo's Invoice Analysis shows, to the cent, however it is grouped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = cls.user_sales
        tax = cls.env["account.tax"].create(
            {
                "name": "Tax 10 %",
                "amount": 10,
                "company_id": cls.company_eur.id,
                "country_id": cls.env.ref("base.us").id,
            }
        )
        accounts = cls.env["account.account"].with_company(cls.company_eur)
        profit = accounts.search(
            [("account_type", "=", "income"), ("company_ids", "=", cls.company_eur.id)], limit=1
        )
        cls.rounding_line, cls.rounding_tax = cls.env["account.cash.rounding"].create(
            [
                {
                    "name": "To 5 cents",
                    "rounding": 0.05,
                    "strategy": "add_invoice_line",
                    "profit_account_id": profit.id,
                    "loss_account_id": profit.id,
                    "rounding_method": "UP",
                },
                {"name": "To 1 euro", "rounding": 1.0, "strategy": "biggest_tax", "rounding_method": "UP"},
            ]
        )
        cls.early = cls.env["account.payment.term"].create(
            {
                "name": "2 % in 10 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "early_pay_discount_computation": "mixed",
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})],
            }
        )
        cls.tax = tax
        cls.child = cls._create_person("Buyer", cls.customer2)

        lines = [
            {"name": "Furniture", "display_type": "line_section"},
            {
                "product_id": cls.chair.id,
                "quantity": 3,
                "price_unit": 19.99,
                "tax_ids": [Command.set(tax.ids)],
            },
            {"product_id": cls.table.id, "quantity": 1, "price_unit": 333.33, "discount": 7.5},
            {"name": "Freight", "quantity": 1, "price_unit": 12.34},
            {"name": "Thank you", "display_type": "line_note"},
        ]
        foreign = {"currency_id": cls.usd.id}
        invoice = cls._create_invoice(lines, invoice_user_id=cls.salesman.id)
        cls._create_invoice(lines, partner=cls.child, date="2025-04-02", **foreign)
        cls._create_invoice(lines, date="2025-04-30", invoice_cash_rounding_id=cls.rounding_line.id)
        cls._create_invoice(lines, date="2025-05-01", invoice_cash_rounding_id=cls.rounding_tax.id)
        cls._create_invoice(
            lines, date="2025-05-31", invoice_cash_rounding_id=cls.rounding_line.id, move_type="out_refund"
        )
        cls._create_invoice(lines, date="2025-06-03", invoice_payment_term_id=cls.early.id)
        cls._create_invoice(
            [{"product_id": cls.chair.id, "quantity": 5, "price_unit": 7, "product_uom_id": cls.dozen.id}],
            partner=cls.customer2,
            date="2025-06-30",
        )
        refund = invoice._reverse_moves([{"invoice_date": "2025-07-01"}])
        refund.invoice_line_ids[-1:].unlink()
        refund.action_post()
        usd_lines = [{**line, "tax_ids": [Command.clear()]} for line in lines]
        cls._create_invoice(usd_lines, company=cls.company_usd)
        cls._create_invoice(
            usd_lines,
            company=cls.company_usd,
            date="2025-04-10",
            currency_id=cls.eur.id,
            move_type="out_refund",
        )
        # a down payment and its final invoice
        order = cls._create_order(
            [{"product_id": cls.table.id, "product_uom_qty": 4, "price_unit": 49.95}], currency=cls.usd
        )
        wizard = cls.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids, active_id=order.id
        )
        wizard.create({"advance_payment_method": "percentage", "amount": 33.3}).create_invoices()
        order.invoice_ids.invoice_date = "2025-08-01"
        order.invoice_ids.action_post()
        final = order._create_invoices(final=True)
        final.invoice_date = "2025-08-15"
        final.action_post()
        # what is no sale: not posted, cancelled, a receipt, a bill
        cls._create_invoice(lines, post=False)
        cls._create_invoice(lines, post=False).button_cancel()
        cls._create_invoice(usd_lines, move_type="out_receipt")
        cls._create_invoice(usd_lines, move_type="in_invoice")

    def test_data_has_the_hard_cases(self):
        """The lines that make the difference are there."""
        self.env.flush_all()
        rows = dict(
            self.env.execute_query(
                SQL(
                    "SELECT display_type, COUNT(*) FROM account_move_line WHERE company_id IN %s GROUP BY 1",
                    (self.company_eur.id, self.company_usd.id),
                )
            )
        )
        for display_type in ("rounding", "epd", "line_section", "line_note", "tax"):
            self.assertGreater(rows.get(display_type, 0), 0, display_type)

    def _assert_reconciles(self, *companies):
        domain = [("move_type", "in", ("out_invoice", "out_refund")), ("state", "=", "posted")]
        report = self._with_companies(self.report, *companies)
        analysis = self._with_companies(self.analysis, *companies)
        for ours, theirs in (
            ([], []),
            (["company_id"], ["company_id"]),
            (["user_id"], ["invoice_user_id"]),
            (["partner_id"], ["commercial_partner_id"]),
            (["date:month"], ["invoice_date:month"]),
            (["date:day", "partner_id"], ["invoice_date:day", "commercial_partner_id"]),
            (["move_id"], ["move_id"]),
            (["categ_id"], ["product_categ_id"]),
            (["product_id"], ["product_id"]),
            (
                ["categ_id", "date:month", "company_id"],
                ["product_categ_id", "invoice_date:month", "company_id"],
            ),
        ):
            expected = self._read_groups(analysis, theirs, ["price_subtotal:sum"], domain)
            self.assertEqual(self._read_groups(report, ours, ["revenue:sum"]), expected, ours)
            self.assertTrue(expected)
        quantities = self._read_groups(analysis, ["product_id"], ["quantity:sum"], domain)
        self.assertEqual(self._read_groups(report, ["product_id"], ["quantity:sum"]), quantities)

    def test_one_company(self):
        self._assert_reconciles(self.company_eur)
        self._assert_reconciles(self.company_usd)

    def test_two_currencies(self):
        """Several companies are converted into the currency of the first, at today's rate."""
        self._assert_reconciles(self.company_eur, self.company_usd)
        self._assert_reconciles(self.company_usd, self.company_eur)

    def test_two_companies_of_one_currency(self):
        self.env.execute_query(
            SQL(
                "UPDATE res_company SET currency_id = %s WHERE id = %s RETURNING id",
                self.eur.id,
                self.company_usd.id,
            )
        )
        self.env.invalidate_all()
        self._assert_reconciles(self.company_eur, self.company_usd)

    def test_customer_with_addresses_joins_a_company(self):
        """Odoo gives all entries to the company; a branch that becomes an address keeps its own in both reports."""
        single = self.env["res.partner"].create({"name": "Alone"})
        address = self._create_person("Store", single, type="delivery")
        branch = self._create_company_partner("Branch", parent_id=self.customer2.id)
        lines = [{"product_id": self.chair.id, "quantity": 1, "price_unit": 50}]
        moves = [self._create_invoice(lines, partner=partner) for partner in (single, address, branch)]
        bill = self._create_invoice(lines, partner=address, move_type="in_invoice")
        single.parent_id = self.customer
        branch.is_company = False
        self.assertEqual(
            [move.commercial_partner_id for move in moves], [self.customer, self.customer, branch]
        )
        self.assertEqual(bill.commercial_partner_id, self.customer)
        self.assertEqual(moves[1].partner_id, address)
        self.assertEqual(moves[1].state, "posted")
        self._assert_reconciles(self.company_eur)

    def test_upgrade_gives_invoices_to_the_company(self):
        """Those that stayed with contacts who joined before: exactly those that joining gives from now on."""
        single = self.env["res.partner"].create({"name": "Alone"})
        store, leaver, archived = (
            self._create_person(name, single, type="delivery") for name in ("Store", "Leaver", "Archived")
        )
        shelf = self._create_person("Shelf", store, type="delivery")
        branch = self._create_company_partner("Branch", parent_id=self.customer2.id)
        lines = [{"product_id": self.chair.id, "quantity": 1, "price_unit": 50}]
        moves = self.env["account.move"].union(
            *(
                self._create_invoice(lines, partner=one)
                for one in (single, store, shelf, archived, leaver, branch)
            ),
            self._create_invoice(lines, partner=store, post=False),
            self._create_invoice(lines, partner=shelf, move_type="in_invoice"),
        )
        account = moves.line_ids.account_id[:1]
        journal = self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", self.company_eur.id)], limit=1
        )
        moves |= self.env["account.move"].create(
            {
                "journal_id": journal.id,
                "partner_id": store.id,
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": balance, "partner_id": partner.id})
                    for balance, partner in ((5, single), (-5, self.customer2))
                ],
            }
        )
        archived.active = False

        def customers():
            self.env.invalidate_all()
            return [move.commercial_partner_id for move in moves]

        with patch.object(type(single), "_give_invoices_to_company", lambda contacts: None):
            single.parent_id = self.customer
            branch.is_company = False
        stayed = customers()
        with self.env.cr.savepoint() as savepoint:
            (single | branch)._give_invoices_to_company()
            self.env.flush_all()
            given = customers()
            savepoint.close(rollback=True)
        gets = [False, True, True, True, True, False, True, True, False]
        self.assertEqual([one != other for one, other in zip(stayed, given, strict=True)], gets)
        # where an address is by now changes nothing
        leaver.parent_id = self.customer2
        script = Path(__file__).parents[2] / "migrations" / "19.0.1.18.0" / "post-invoices_of_joined.py"
        migrate = runpy.run_path(str(script))["migrate"]
        for version, expected in ((None, stayed), ("19.0.1.17.0", given), ("19.0.1.17.0", given)):
            self.env.flush_all()
            migrate(self.env.cr, version)
            self.assertEqual(customers(), expected)
        self.assertEqual([move.partner_id for move in moves[1:3]], [store, shelf])
        self._assert_reconciles(self.company_eur)

    def test_lines_and_invoices_agree(self):
        """What is read from the invoices equals what is read from their lines, cost and count as well."""
        for companies in ((self.company_eur,), (self.company_usd, self.company_eur)):
            report = self._with_companies(self.report, *companies)
            for groupby in (
                [],
                ["partner_id"],
                ["date:month", "user_id"],
                ["country_id"],
                ["market_id"],
                ["team_id"],
            ):
                from_invoices = self._read_groups(report, groupby)
                with patch.object(type(report), "_is_by_line", lambda self: True):
                    self.assertEqual(self._read_groups(report, groupby), from_invoices, groupby)

    def test_frozen_cost(self):
        """Cost and profit are those of the posted invoices."""
        moves = self.env["account.move"].search(
            [
                ("company_id", "=", self.company_eur.id),
                ("state", "=", "posted"),
                ("move_type", "in", ("out_invoice", "out_refund")),
            ]
        )
        cost = sum(self._read_costs(move)[0] for move in moves)
        report = self._with_companies(self.report, self.company_eur)
        [(revenue, reported, profit, count)] = report._read_group([], [], MEASURES)
        self.assertAlmostEqual(reported, cost, 6)
        self.assertAlmostEqual(profit, revenue - cost, 6)
        self.assertEqual(count, len(moves))

    def test_random(self):
        """Random invoices: the totals of both reports and a plain sum agree in every group."""
        generator = random.Random(20261123)
        products = self.chair + self.table
        partners = self.customer + self.customer2 + self.child
        vals_list = []
        for _number in range(40):
            lines = [
                {
                    "product_id": generator.choice([*products.ids, False]),
                    "name": "Item",
                    "quantity": generator.choice([1, 2, 3.5, 12, 0]),
                    "price_unit": round(generator.uniform(0, 500), 2),
                    "discount": generator.choice([0, 0, 3, 12.5]),
                    "tax_ids": [Command.set(generator.choice([[], self.tax.ids]))],
                }
                for _line in range(generator.randint(1, 4))
            ]
            vals_list.append(
                {
                    "move_type": generator.choice(
                        ["out_invoice", "out_invoice", "out_invoice", "out_refund"]
                    ),
                    "company_id": self.company_eur.id,
                    "partner_id": generator.choice(partners).id,
                    "currency_id": generator.choice([self.eur.id, self.usd.id]),
                    "invoice_user_id": generator.choice([self.user_sales.id, self.user_sub.id, False]),
                    "invoice_cash_rounding_id": generator.choice([False, False, self.rounding_line.id]),
                    "invoice_date": f"2025-{generator.randint(1, 12):02}-{generator.randint(1, 28):02}",
                    "invoice_line_ids": [Command.create(line) for line in lines],
                }
            )
        moves = self.env["account.move"].with_company(self.company_eur).create(vals_list)
        moves.action_post()
        self._assert_reconciles(self.company_eur)
        self._assert_reconciles(self.company_eur, self.company_usd)
        plain = {}
        for move in moves:
            for line in self._product_lines(move):
                key = (move.commercial_partner_id.id, move.invoice_user_id.id)
                revenue, cost = plain.get(key, (0, 0))
                plain[key] = (revenue - line.balance, cost + line.sale_cost)
        report = self._with_companies(self.report, self.company_eur)
        groups = self._read_groups(
            report, ["partner_id", "user_id"], ["revenue:sum", "cost:sum"], [("move_id", "in", moves.ids)]
        )
        expected = {key: tuple(round(value, 6) for value in values) for key, values in plain.items()}
        self.assertEqual(groups, expected)


@tagged("post_install", "-at_install")
class TestTurnoverReport(TurnoverCommon):
    """Measures, axes, comparison, rights."""

    def _sell(self, amount, date="2025-03-10", product=None, quantity=1, **values):
        product = product or self.chair
        return self._create_invoice(
            [{"product_id": product.id, "quantity": quantity, "price_unit": amount}], date=date, **values
        )

    # ------------------------------------------------------------------
    # Measures
    # ------------------------------------------------------------------
    def test_margin_of_total(self):
        """The margin of a total is its profit by its revenue, not the mean of the margins."""
        self._sell(20)  # cost 10: 50 %
        self._sell(100, product=self.table)  # cost 40: 60 %
        measures = ["revenue:sum", "profit:sum", "margin_percent:avg"]
        self.assertEqual(self._sum(measures=measures), (120.0, 70.0, 100 * 70 / 120))
        rows = self.report.search_read([], ["revenue", "profit", "margin_percent"], order="revenue")
        self.assertEqual([row["margin_percent"] for row in rows], [50.0, 60.0])

    def test_margin_without_revenue(self):
        """No revenue, no margin: empty and not 0, also where revenue and credit notes cancel out."""
        self._sell(0)
        row = self.report.search_read([], ["revenue", "profit", "margin_percent"])
        self.assertEqual((row[0]["revenue"], row[0]["profit"], row[0]["margin_percent"]), (0.0, -10.0, False))
        self.assertEqual(self._sum(measures=["margin_percent:avg"]), (False,))

    def test_loss(self):
        self._sell(5)
        self.assertEqual(self._sum(measures=["profit:sum", "margin_percent:avg"]), (-5.0, -100.0))
        self.assertEqual(self.report.search_count([("profit", "<", 0)]), 1)

    def test_nothing_sold(self):
        """Without sales there is no figure, rather than 0."""
        self.assertEqual(
            self._sum(measures=[*MEASURES, "margin_percent:avg"]), (False, False, False, 0, False)
        )
        self.assertEqual(self.report._read_group([], ["partner_id"], MEASURES), [])

    def test_cost_not_yet_frozen(self):
        """An invoice of history without a cost yet has no profit and does not spoil the margin."""
        self._sell(20)
        move = self._sell(1000)
        self.env.flush_all()
        for table in ("account_move", "account_move_line"):
            column = "id" if table == "account_move" else "move_id"
            self.env.execute_query(
                SQL(
                    "UPDATE %s SET sale_cost = NULL WHERE %s = %s RETURNING id",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    move.id,
                )
            )
        self.env.invalidate_all()
        measures = ["revenue:sum", "cost:sum", "profit:sum", "margin_percent:avg"]
        self.assertEqual(self._sum(measures=measures), (1020.0, 10.0, 10.0, 50.0))
        with patch.object(type(self.report), "_is_by_line", lambda self: True):
            self.assertEqual(self._sum(measures=measures), (1020.0, 10.0, 10.0, 50.0))
        row = self.report.search_read([("move_id", "=", move.id)], ["cost", "profit", "margin_percent"])[0]
        self.assertEqual((row["cost"], row["profit"], row["margin_percent"]), (False, False, False))

    def test_count(self):
        """Groups count invoices, whatever they are read from; lists count the lines they page through."""
        move = self._create_invoice(
            [
                {"product_id": self.chair.id, "quantity": 1, "price_unit": 25},
                {"product_id": self.chair.id, "quantity": 1, "price_unit": 35},
                {"product_id": self.table.id, "quantity": 1, "price_unit": 45},
            ]
        )
        self._sell(1)
        self.assertEqual(self._sum(measures=["__count"]), (2,))
        counts = self._read_groups(self.report, ["categ_id"], ["__count"])
        self.assertEqual(counts, {(self.category.id,): (2,), (self.category2.id,): (1,)})
        self.assertEqual(self.report.search_count([]), 4)
        result = self.report.web_read_group([], ["partner_id"], ["revenue:sum"])
        self.assertEqual([group["__count"] for group in result["groups"]], [4])
        result = self.report.web_read_group([], ["move_id"], ["revenue:sum"], order="move_id desc")
        self.assertEqual(sorted(group["__count"] for group in result["groups"]), [1, 3])
        groups = self.report.formatted_read_group([], ["partner_id"], ["__count", "id:array_agg"])
        self.assertEqual((groups[0]["__count"], len(groups[0]["id:array_agg"])), (4, 4))
        self.assertEqual(move.state, "posted")

    def test_condition_on_amount(self):
        """A condition on an amount is about the line, in a list and in a group alike."""
        self._create_invoice(
            [
                {"product_id": self.chair.id, "quantity": 1, "price_unit": 25},
                {"product_id": self.chair.id, "quantity": 1, "price_unit": 35},
            ]
        )
        domain = [("revenue", ">", 30)]
        self.assertEqual(self._sum(domain, ["revenue:sum"]), (35.0,))
        self.assertEqual(self.report.search(domain).mapped("revenue"), [35.0])
        self.assertEqual(self._sum([("revenue", ">", 50)], ["revenue:sum"]), (False,))
        self.assertEqual(self._sum([("product_id", "=", self.table.id)], ["revenue:sum"]), (False,))

    def test_having(self):
        self._sell(20)
        self._sell(500, partner=self.customer2)
        groups = self.report._read_group(
            [], ["partner_id"], ["revenue:sum"], having=[("revenue:sum", ">", 100)]
        )
        self.assertEqual(groups, [(self.customer2, 500.0)])
        groups = self.report._read_group([], ["partner_id"], [], having=[("quantity:sum", ">", 1)])
        self.assertEqual(groups, [])
        groups = self.report._read_group(
            [], ["partner_id"], ["revenue:sum"], order="quantity:sum desc, partner_id"
        )
        self.assertEqual([partner for partner, _revenue in groups], [self.customer, self.customer2])

    # ------------------------------------------------------------------
    # Axes
    # ------------------------------------------------------------------
    def test_axes(self):
        """Every axis of the pivot tells the same total."""
        country = self.env.ref("base.vn")
        state = self.env["res.country.state"].create(
            {"name": "Test", "code": "TST", "country_id": country.id}
        )
        industry = self.env["res.partner.industry"].create({"name": "Schools"})
        market = self.env["partner.market"].create(
            {"name": "Education", "industry_ids": [Command.set(industry.ids)]}
        )
        team = self.env["crm.team"].create({"name": "Exporters"})
        self.customer.write({"country_id": country.id, "state_id": state.id, "industry_id": industry.id})
        person = self._create_person(
            "Buyer", self.customer, type="other", country_id=self.env.ref("base.se").id
        )
        move = self._sell(20, partner=person, invoice_user_id=self.user_sub.id, team_id=team.id)
        self._sell(100, partner=self.customer2, date="2025-04-01")
        rest = False
        for axis, value, other in (
            ("partner_id", self.customer, self.customer2),
            ("country_id", country, rest),
            ("state_id", state, rest),
            ("industry_id", industry, rest),
            ("market_id", market, rest),
            ("user_id", self.user_sub, None),
            ("team_id", team, None),
            ("company_id", self.company_eur, None),
            ("move_id", move, None),
            ("product_id", self.chair, None),
            ("categ_id", self.category, None),
        ):
            groups = self._read_groups(self.report, [axis], ["revenue:sum"])
            self.assertEqual(sum(revenue for (revenue,) in groups.values()), 120.0, axis)
            if axis in ("company_id", "product_id", "categ_id"):
                self.assertEqual(groups, {(value.id,): (120.0,)}, axis)
            else:
                self.assertEqual(groups[value.id,], (20.0,), axis)
            if other is not None:
                self.assertEqual(groups[other and other.id,], (100.0,), axis)
            found = self.report.search([(axis, "=", value.id)])
            self.assertEqual(found[axis] if len(found) == 1 else found.mapped(axis), value, axis)
        months = self._read_groups(self.report, ["date:month"], ["revenue:sum"])
        self.assertEqual(sorted(months.values()), [(20.0,), (100.0,)])
        groups = self._read_groups(self.report, ["partner_id.country_id"], ["revenue:sum"])
        self.assertEqual(groups, {(country.id,): (20.0,), (False,): (100.0,)})

    def test_axes_follow_the_customer(self):
        """Where a customer lies and which market it is in are as of now, without storing them anew."""
        self._sell(20)
        self.assertEqual(self._read_groups(self.report, ["market_id"], ["revenue:sum"]), {(False,): (20.0,)})
        market = self.env["partner.market"].create({"name": "Nordic"})
        sweden = self.env.ref("base.se")
        self.env["res.country.group"].create(
            {"name": "Nordic", "market_id": market.id, "country_ids": [Command.set(sweden.ids)]}
        )
        sweden.country_group_ids.filtered(lambda group: group.name != "Nordic").market_id = False
        self.customer.country_id = sweden
        self.assertEqual(
            self._read_groups(self.report, ["market_id", "country_id"], ["revenue:sum"]),
            {(market.id, sweden.id): (20.0,)},
        )
        other = self.env["partner.market"].create({"name": "Other"})
        self.customer.market_id = other
        groups = self._read_groups(self.report, ["market_id"], ["revenue:sum"])
        self.assertEqual(groups, {(other.id,): (20.0,)})
        self.assertEqual(self.report.search([]).market_id, self.customer.market_id)

    def test_market_agrees_with_contact(self):
        """The market of every row is the one that its customer shows."""
        sweden, norway = self.env.ref("base.se"), self.env.ref("base.no")
        (sweden + norway).country_group_ids.market_id = False
        industry = self.env["res.partner.industry"].create({"name": "Hotels"})
        markets = self.env["partner.market"].create([{"name": name} for name in "ABC"])
        industry.market_id = markets[0]
        self.env["res.country.group"].create(
            {"name": "S", "market_id": markets[1].id, "country_ids": [Command.set(sweden.ids)]}
        )
        partners = self.env["res.partner"]
        for number, (country, own) in enumerate(
            [(sweden, False), (norway, False), (sweden, markets[2]), (norway, markets[2])]
        ):
            for hotel in (industry, False):
                partners += self._create_company_partner(
                    f"Customer {number}",
                    country_id=country.id,
                    industry_id=hotel and hotel.id,
                    own_market_id=own and own.id,
                )
        for partner in partners:
            self._sell(10, partner=partner)
        self.assertEqual(len(partners.market_id), 3)
        found = self.report.search([])
        self.assertFalse(partners - found.partner_id)
        for row in found:
            self.assertEqual(row.market_id, row.partner_id.market_id)
        for market, rows in self.report._read_group([], ["market_id"], ["id:recordset"]):
            self.assertEqual(rows.partner_id.market_id, market)
            # what the groups did not ask for, too
            rows.invalidate_recordset()
            self.assertEqual(set(rows.mapped("quantity")), {1})
            self.assertEqual(rows.country_id, rows.partner_id.country_id)
        [[row, revenue], *_others] = self.report._read_group([], ["id"], ["revenue:sum"])
        row.invalidate_recordset()
        self.assertEqual((row.revenue, row.quantity, row.cost), (revenue, 1, self.report.browse(row.id).cost))
        [[[row, revenue], *_others]] = self.report._read_grouping_sets([], [["id"]], ["revenue:sum"])
        row.invalidate_recordset()
        self.assertEqual((row.revenue, row.quantity), (revenue, 1))

    def test_classes(self):
        """Class and stage are those of the company's current run; a customer without a line has none."""
        self._sell(20, date="2025-01-10")
        self._sell(30, date="2025-02-10")
        self._sell(500, partner=self.customer2)
        self._sell(7, company=self.company_usd)
        for axis in ("abc_class", "xyz_class", "stage"):
            groups = self._read_groups(self.report, [axis, "company_id"], ["revenue:sum"])
            self.assertEqual(groups[False, self.company_eur.id], (550.0,), axis)
        runs = self.env["partner.classification"]
        for company in (self.company_eur, self.company_usd):
            runs += runs.with_company(company).create({"date_to": "2025-03-31"})
        runs.action_compute()
        runs.action_post()
        newcomer = self._create_company_partner("Newcomer")
        self._sell(3, partner=newcomer)
        expected = {}
        for row in self.report.search([]):
            line = runs.line_ids.filtered(
                lambda line, row=row: line.partner_id == row.partner_id and line.company_id == row.company_id
            )
            self.assertEqual(
                (row.abc_class, row.xyz_class, row.stage), (line.abc_class, line.xyz_class, line.stage)
            )
            key = (row.abc_class, row.stage)
            expected[key] = expected.get(key, 0) + row.revenue
        self.assertIn(("a", "one_time"), expected)
        self.assertIn((False, False), expected)
        groups = self._read_groups(self.report, ["abc_class", "stage"], ["revenue:sum"])
        self.assertEqual({key: revenue for key, (revenue,) in groups.items()}, expected)
        by_product = self._read_groups(self.report, ["abc_class", "product_id"], ["revenue:sum"])
        self.assertEqual(sum(revenue for (revenue,) in by_product.values()), sum(expected.values()))
        self.assertEqual(
            self._sum([("abc_class", "=", "a"), ("stage", "=", "one_time")], ["revenue:sum"]),
            (expected["a", "one_time"],),
        )

    def test_classes_after_merge(self):
        """Customers that were merged show once, with the class of the one that remains."""
        self._sell(20)
        self._sell(500, partner=self.customer2)
        run = (
            self.env["partner.classification"]
            .with_company(self.company_eur)
            .create({"date_to": "2025-03-31"})
        )
        run.action_compute()
        run.action_post()
        self.env.flush_all()
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        merge._merge((self.customer + self.customer2).ids, self.customer2)
        groups = self._read_groups(self.report, ["partner_id", "abc_class"], ["revenue:sum", "__count"])
        self.assertEqual(groups, {(self.customer2.id, "a"): (520.0, 2)})
        self.assertEqual(self.report.search_count([("abc_class", "=", "a")]), 2)

    def test_archived_customer(self):
        """Sales to a customer that was archived, or a salesperson who left, are still sales."""
        self._sell(20, invoice_user_id=self.user_sub.id)
        self.customer.active = False
        self.user_sub.active = False
        self.assertEqual(
            self._read_groups(self.report, ["partner_id", "user_id"], ["revenue:sum"]),
            {(self.customer.id, self.user_sub.id): (20.0,)},
        )
        self.assertEqual(len(self.report.search([])), 1)

    # ------------------------------------------------------------------
    # Comparison
    # ------------------------------------------------------------------
    @freeze_time("2025-05-20")
    def test_compare_year(self):
        """Against the year before, month by month, up to the same day of the month."""
        self._sell(100, date="2024-02-29")
        self._sell(40, date="2024-04-10", partner=self.customer2)
        self._sell(70, date="2024-05-20")
        self._sell(1000, date="2024-05-21")
        self._sell(150, date="2025-02-10")
        self._sell(200, date="2025-03-10")
        self._sell(35, date="2025-05-02")
        domain = [("date", ">=", "2025-01-01"), ("date", "<", "2026-01-01")]
        measures = [
            "revenue:sum",
            "profit:sum",
            "revenue_before:sum",
            "profit_before:sum",
            "revenue_change:avg",
        ]
        groups = self._read_groups(self.report, ["date:month_number"], [*measures, "__count"], domain)
        self.assertEqual(
            groups,
            {
                (2,): (150.0, 140.0, 100.0, 90.0, 50.0, 1),
                (3,): (200.0, 190.0, False, False, False, 1),
                (4,): (False, False, 40.0, 30.0, -100.0, 0),
                (5,): (35.0, 25.0, 70.0, 60.0, -50.0, 1),
            },
        )
        self.assertEqual(
            self._sum(domain, [*measures, "__count"]), (385.0, 355.0, 210.0, 180.0, 100 * 175 / 210, 3)
        )
        by_line = self._read_groups(
            self.report, ["product_id"], [*measures, "quantity:sum", "__count"], domain
        )
        self.assertEqual(
            by_line, {(self.chair.id,): (385.0, 355.0, 210.0, 180.0, round(100 * 175 / 210, 6), 3.0, 3)}
        )

    @freeze_time("2025-05-20")
    def test_compare_spans(self):
        self._sell(100, date="2025-03-31")
        self._sell(60, date="2025-04-15")
        self._sell(30, date="2025-01-15")
        april = [("date", ">=", "2025-04-01"), ("date", "<=", "2025-04-30")]
        measures = ["revenue:sum", "revenue_before:sum", "revenue_change:avg"]
        self.assertEqual(self._sum(april, measures), (60.0, False, False))
        self.assertEqual(self._sum(april, measures, turnover_compare="year"), (60.0, False, False))
        self.assertEqual(self._sum(april, measures, turnover_compare="quarter"), (60.0, 30.0, 100.0))
        self.assertEqual(self._sum(april, measures, turnover_compare="month"), (60.0, 100.0, -40.0))
        self.assertEqual(self._sum(april, measures, turnover_compare="nonsense"), (60.0, False, False))

    def test_compare_reads_no_more_than_the_days_asked_for(self):
        """What is left out early by the days of the domain is what the domain leaves out."""
        for number, day in enumerate(
            ("2024-02-28", "2024-02-29", "2024-03-01", "2024-03-31", "2024-05-31", "2025-01-29", "2025-01-31")
        ):
            self._sell(10 ** (number % 5), date=day)
        measures = ["revenue:sum", "revenue_before:sum"]
        days = (
            "2024-02-29",
            "2024-03-30",
            "2024-03-31",
            "2024-06-30",
            "2025-02-28",
            "2025-03-01",
            "2025-04-30",
        )
        found = set()
        for first in days:
            for last in days:
                for span in ("year", "quarter", "month"):
                    domain = [("date", ">=", first), ("date", "<=", last)]
                    with patch.object(type(self.report), "_get_days", lambda *_args: (None, None)):
                        wanted = self._sum(domain, measures, turnover_compare=span)
                    self.assertEqual(self._sum(domain, measures, turnover_compare=span), wanted)
                    found.add(wanted)
        self.assertGreater(len(found), 15)

    def test_days_of_a_domain(self):
        first, last = fields.Date.to_date("2025-01-05"), fields.Date.to_date("2025-02-03")
        for domain, wanted in (
            ([], (None, None)),
            ([("date", ">=", "2025-01-05"), ("date", ">", "2025-01-01")], (first, None)),
            ([("date", "<", "2025-02-03"), ("date", "<=", "2025-03-01")], (None, last)),
            (["|", ("date", ">=", "2025-01-05"), ("date", "<=", "2025-02-03")], (None, None)),
            ([("date", ">=", "today"), ("date", "=", "2025-01-05"), ("user_id", ">", 3)], (None, None)),
            (["!", ("date", "<=", "2025-02-03")], (None, None)),
        ):
            self.assertEqual(self.report._get_days(Domain(domain)), wanted, domain)

    def test_compare_only_if_asked(self):
        """Without a measure of the period before, its rows are not read."""
        self._sell(20)
        statements = []
        execute = type(self.env.cr).execute

        def spy(cursor, query, *args, **kwargs):
            statements.append(query.code if isinstance(query, SQL) else query)
            return execute(cursor, query, *args, **kwargs)

        with patch.object(type(self.env.cr), "execute", spy):
            self._sum(measures=["revenue:sum"], turnover_compare="month")
            self.assertFalse([code for code in statements if "TRUE AS is_before" in code])
            self._sum(measures=["revenue_before:sum"])
            self.assertTrue([code for code in statements if "TRUE AS is_before" in code])

    # ------------------------------------------------------------------
    # As the client reads it
    # ------------------------------------------------------------------
    def test_pivot(self):
        """One statement for the whole pivot; amounts come with the currency of the company."""
        self._sell(20)
        self._sell(100, date="2025-04-10", partner=self.customer2)
        report = self._with_companies(self.report, self.company_eur)
        sets = [[], ["partner_id"], ["date:month"], ["partner_id", "date:month"]]
        measures = [
            "revenue:sum",
            "currency_id:array_agg_distinct",
            "revenue:sum_currency",
            "margin_percent:avg",
            "__count",
        ]
        total, *_rest = result = report.formatted_read_grouping_sets([], sets, measures)
        self.assertEqual([len(groups) for groups in result], [1, 2, 2, 2])
        self.assertEqual(total[0]["revenue:sum"], 120.0)
        self.assertEqual(total[0]["revenue:sum_currency"], 120.0)
        self.assertEqual(total[0]["currency_id:array_agg_distinct"], self.eur.ids)
        self.assertEqual(report.fields_get(["revenue"])["revenue"]["aggregator"], "sum")
        self.env.invalidate_all()
        self.company_eur.currency_id.name  # noqa: B018 known in a request
        with self.assertQueryCount(2):  # the statement, and JIT off for it
            report._read_grouping_sets([], [[], ["date:month"]], measures)

    def test_list_pages(self):
        """The list in pages: every line once, in the same order each time."""
        for number in range(7):
            self._create_invoice(
                [
                    {"product_id": self.chair.id, "quantity": 1, "price_unit": 10 + number},
                    {"product_id": self.table.id, "quantity": 1, "price_unit": 60},
                ],
                date="2025-03-10" if number % 2 else "2025-03-11",
            )
        specification = {
            "revenue": {},
            "move_id": {"fields": {"display_name": {}}},
            "categ_id": {},
            "quantity": {},
        }
        pages = [
            self.report.web_search_read([], specification, offset=offset, limit=5) for offset in (0, 5, 10)
        ]
        ids = [row["id"] for page in pages for row in page["records"]]
        self.assertEqual([page["length"] for page in pages], [14, 14, 14])
        self.assertEqual(ids, self.report.search([]).ids)
        self.assertEqual(len(set(ids)), 14)
        for order in (
            "revenue desc",
            "categ_id",
            "partner_id, margin_percent",
            "market_id, id",
            "user_id desc",
        ):
            self.assertEqual(len(self.report.search([], order=order)), 14, order)

    def test_open_invoice(self):
        """A line leads to its invoice: in the form of accounting, or in one for those who sell."""
        move = self._sell(20, invoice_user_id=self.user_sales.id)
        action = self.report.search([]).action_open_move()
        self.assertEqual((action["res_model"], action["res_id"]), ("account.move", move.id))
        row = self._read_as(self.user_sales).search([])
        with self.assertRaisesRegex(UserError, re.escape(move.name)):
            row.action_open_move()
        self.user_sales.group_ids += self.env.ref("sales_team.group_sale_salesman")
        action = row.action_open_move()
        self.assertEqual(action["res_id"], move.id)
        view = self.env.ref("partner_relations.account_move_view_form_sale")
        self.assertEqual(action["views"], [(view.id, "form")])
        form = Form(move.with_env(row.env), view)
        self.assertEqual(form.partner_id, self.customer)
        self.assertEqual(form.sale_cost, 10.0)
        self.user_sales.group_ids += self.env.ref("account.group_account_readonly")
        self.assertNotEqual(row.action_open_move()["views"], [(view.id, "form")])

    def test_export(self):
        move = self._sell(20)
        rows = self.report.search([]).export_data(
            ["move_id/name", "partner_id/name", "revenue", "margin_percent"]
        )
        self.assertEqual(rows["datas"], [[move.name, self.customer.name, 20.0, 50.0]])

    def test_views(self):
        for view in ("pivot", "graph", "list", "search"):
            self._read_as(self.user_sales).get_view(view_type=view)

    def test_changes_show_at_once(self):
        """What is written but not yet in the database is seen."""
        move = self._sell(20)
        move.invoice_user_id = self.user_sub
        self.assertEqual(
            self._read_groups(self.report, ["user_id"], ["revenue:sum"]), {(self.user_sub.id,): (20.0,)}
        )
        move.button_draft()
        self.assertEqual(self.report.search([]), self.report.browse())

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    def _create_sales_of_all(self):
        """Sales of each person, to customers of nobody, and one to a customer that belongs to user_sales."""
        owners = {}
        for user in (self.user_sales, self.user_sales2, self.user_sub, self.user_supervisor):
            partner = self._create_company_partner(f"Customer of {user.name}")
            owners[user] = self._sell(10, partner=partner, invoice_user_id=user.id)
        owned = [
            self._create_company_partner("Owned", user_id=self.user_sales.id),
            self._create_company_partner("Bought for", buyer_id=self.user_sales.id),
            self._create_company_partner("Also", responsible_user_ids=[Command.set(self.user_sales.ids)]),
        ]
        return owners, [
            self._sell(10, partner=partner, invoice_user_id=self.user_sales2.id) for partner in owned
        ]

    def _read_as(self, user, *companies):
        companies = companies or (self.company_eur,)
        return self.report.with_user(user).with_context(allowed_company_ids=[c.id for c in companies])

    def test_rights(self):
        owners, owned = self._create_sales_of_all()
        mine = [owners[self.user_sales], *owned]
        for user, expected in (
            (self.user_sales, mine),
            (self.user_sales2, [owners[self.user_sales2], *owned]),
            (self.user_sub, [owners[self.user_sub]]),
            (self.user_supervisor, [*mine, owners[self.user_sub], owners[self.user_supervisor]]),
            (self.user_director, [*owners.values(), *owned]),
        ):
            report = self._read_as(user)
            ids = sorted(move.id for move in expected)
            self.assertEqual(sorted(report.search([]).move_id._ids), ids, user.login)
            result = report.web_search_read([], {"move_id": {}, "revenue": {}})
            self.assertEqual(sorted(row["move_id"] for row in result["records"]), ids)
            for groupby in ("date:month", "product_id", "move_id"):
                groups = report.formatted_read_group([], [groupby], ["revenue:sum", "__count"])
                self.assertEqual(sum(group["revenue:sum"] for group in groups), 10.0 * len(ids), groupby)
                self.assertEqual(sum(group["__count"] for group in groups), len(ids))
            [sets] = report.formatted_read_grouping_sets([], [[]], ["revenue:sum"])
            self.assertEqual(sets[0]["revenue:sum"], 10.0 * len(ids))
            [(before,)] = report._read_group([], [], ["revenue_before:sum"])
            self.assertEqual(before, 10.0 * len(ids))

    def test_team_of_supervisor(self):
        """ "My team" finds the same for groups as for rows."""
        owners, _owned = self._create_sales_of_all()
        report = self._read_as(self.user_supervisor)
        rows = report.search([("in_my_team", "=", True)])
        self.assertIn(owners[self.user_sub], rows.move_id)
        self.assertNotIn(owners[self.user_supervisor], rows.move_id)
        self.assertEqual(set(rows.mapped("in_my_team")), {True})
        self.assertEqual(report.search([("in_my_team", "=", False)]).mapped("in_my_team"), [False])
        [(count,)] = report._read_group([("in_my_team", "=", True)], [], ["__count"])
        self.assertEqual(count, len(rows))

    def test_my_customers(self):
        """ "My Customers" is what a user of the lowest right sees, also for a director."""
        owners, owned = self._create_sales_of_all()
        report = self._read_as(self.user_sales)
        moves = report.search([]).move_id
        self.assertEqual(set(report.search([]).mapped("is_own")), {True})
        self.user_sales.group_ids += self.env.ref("partner_relations.group_director")
        self.assertEqual(report.search([("is_own", "=", True)]).move_id, moves)
        self.assertEqual(len(report.search([("is_own", "=", False)])), 3)
        self.assertEqual(set(report.search([("is_own", "=", False)]).mapped("is_own")), {False})
        self.customer.user_id = self.user_sales2
        self.assertEqual(report.search([("is_own", "=", True)]).move_id, moves)
        self.assertEqual(len(owners) + len(owned), 7)

    def test_no_access(self):
        """Without a group of ours there is nothing to see, not even for an accountant or a salesperson."""
        self._sell(10)
        for number, groups in enumerate(
            ("base.group_user", "account.group_account_manager", "sales_team.group_sale_salesman_all_leads")
        ):
            user = self._create_user(f"outsider_{number}", groups)
            for read in (
                lambda report: report.search([]),
                lambda report: report.formatted_read_group([], ["partner_id"], ["revenue:sum"]),
                lambda report: report.formatted_read_grouping_sets([], [[]], ["revenue:sum"]),
                lambda report: report.web_search_read([], {"revenue": {}}),
            ):
                with self.assertRaises(AccessError):
                    read(self.report.with_user(user))

    def test_company_without_right(self):
        """Figures of a company that is not among the active ones are not there, whoever looks."""
        self._sell(10)
        self._sell(1000, company=self.company_usd)
        user = self.user_director
        self.assertEqual(len(self._read_as(user).search([])), 1)
        with self.assertRaises(AccessError):
            self._read_as(user, self.company_usd).search([])
        user.company_ids += self.company_usd
        self.assertEqual(
            self._read_as(user, self.company_usd)._read_group([], [], ["revenue:sum"]), [(1000.0,)]
        )
        both = self._read_as(user, self.company_eur, self.company_usd)
        self.assertEqual(both._read_group([], [], ["revenue:sum"]), [(510.0,)])
        row = self._read_as(user, self.company_usd).search([])
        self.assertEqual(row.with_context(allowed_company_ids=self.company_eur.ids).read(["revenue"]), [])

    @users("relations_sales")
    def test_row_of_others(self):
        """A row of another's customer cannot be read by its id."""
        self._sell(10, invoice_user_id=self.user_sub.id)
        row = self.report.sudo().search([]).with_user(self.env.user)
        with self.assertRaises(AccessError):
            row.with_context(allowed_company_ids=self.company_eur.ids).read(["revenue"])

    def test_rule_on_a_line(self):
        """A rule that somebody adds about products holds for groups that know nothing of products."""
        self._sell(10)
        self._sell(100, product=self.table)
        self.env["ir.rule"].create(
            {
                "name": "Only chairs",
                "model_id": self.env["ir.model"]._get_id("partner.turnover.report"),
                "domain_force": f"[('product_id', '=', {self.chair.id})]",
            }
        )
        report = self._read_as(self.user_director)
        self.assertEqual(report._read_group([], ["partner_id"], ["revenue:sum"]), [(self.customer, 10.0)])
