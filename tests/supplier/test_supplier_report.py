from datetime import timedelta

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.partner_relations.models.supplier.supplier_delivery_settings import company_settings

from .purchasing import NOW, PROMISED, TODAY, PurchasingCommon

DAY = timedelta(days=1)
PRICES = (
    "value", "value_on_time", "value_otif", "value_in_full", "value_open", "value_received", "value_returned",
    "value_priced", "value_compliant", "price_net", "price_agreed", "price_complies", "price_compliance",
    "price_variance", "bill_line_count", "bill_variance",
)  # fmt: skip


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSupplierReport(PurchasingCommon):
    """The evidence: it adds up to the cards, and shows nobody more than is meant for him."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company2 = cls._create_company("Second Company of Suppliers", "UTC", "base.USD")
        values = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.buyer = new_test_user(
            cls.env, "report_buyer", groups="purchase.group_purchase_user,base.group_allow_export", **values
        )
        cls.director = new_test_user(
            cls.env, "report_director", groups="partner_relations.group_director", **values
        )
        cls.clerk = new_test_user(cls.env, "report_clerk", groups="partner_relations.group_user", **values)
        cls.other = cls._create_supplier("Other")
        cls.order = cls._order(
            {"agreed": 90}, {"price_unit": 20, "agreed": 20}, {"promised": TODAY + DAY}, {"promised": None}
        )
        first, second, _third, _fourth = cls.order.order_line
        received = cls._move(
            (first, 6, PROMISED), (first, 4, PROMISED + 2 * DAY), (second, 10, PROMISED - 4 * DAY)
        )
        cls._give_back(received[0], 2, PROMISED + DAY)
        cls.order2 = cls._order({"product_qty": 5}, partner=cls.other)

    def test_totals_are_those_of_the_card(self):
        """Grouped rates are ratios of sums and equal the figures of the card."""
        card = self._card()
        [(_partner, *figures)] = self.report._read_group(
            [("partner_id", "=", self.supplier.id), ("is_due", "=", True)],
            ["partner_id"],
            [
                "value:sum",
                "value_on_time:sum",
                "on_time_rate:avg",
                "otif_rate:avg",
                "in_full_rate:avg",
                "quality_rate:avg",
                "price_compliance:avg",
                "price_variance:sum",
                "lead_days:avg",
                "slippage_days:avg",
                "__count",
            ],
        )
        expected = [
            card.due_value,
            card.on_time_value,
            card.on_time_rate,
            card.otif_rate,
            card.in_full_rate,
            card.quality_rate,
            card.price_compliance,
            card.price_variance,
            card.lead_days_mean,
            card.slippage_days_mean,
            card.due_line_count,
        ]
        for figure, value in zip(figures, expected, strict=True):
            self.assertAlmostEqual(figure, value, 6)
        self.assertEqual((card.due_value, card.on_time_value), (1200, 800))

    def test_rates_of_what_is_not_due(self):
        """Lines that are not due make no rate worse; without any that is due there is none."""
        group = self.report._read_group([("partner_id", "=", self.supplier.id)], [], ["on_time_rate:avg"])
        self.assertAlmostEqual(group[0][0], 800 / 1200, 9)
        open_lines = [("order_line_id", "in", self.order.order_line[2:].ids)]
        [group] = self.report._read_group(open_lines, [], ["on_time_rate:avg", "quality_rate:avg"])
        self.assertEqual(group, (False, False))

    def test_states_and_filters(self):
        search = self.env["supplier.delivery.report"].get_view(view_type="search")["arch"]
        self.assertIn("filter_price_above", search)
        domains = {
            "late": ["|", ("delivery_state", "=", "late"), ("late_days", ">", 0)],
            "overdue": [("is_overdue", "=", True)],
            "not in full": [("is_due", "=", True), ("quantity_open", ">", 0)],
            "price": [("price_variance", ">", 0), ("price_complies", "=", False)],
            "returned": [("quantity_returned", ">", 0)],
            "no promise": [("date_promised", "=", False)],
        }
        first, second, third, fourth = self.order.order_line
        lines = (self.order + self.order2).order_line
        expected = {
            "late": first,
            "overdue": self.order2.order_line,
            "not in full": self.order2.order_line,
            "price": first,
            "returned": first,
            "no promise": fourth,
        }
        for name, domain in domains.items():
            with self.subTest(filter=name):
                rows = self.report.search([*domain, ("order_line_id", "in", lines.ids)])
                self.assertEqual(rows.order_line_id, expected[name])
        states = [row.delivery_state for row in self._rows(first + second + third + fourth)]
        self.assertEqual(states, ["late", "on_time", "open", "open"])

    def test_change_shows_at_once(self):
        """What was not written to the database yet is read, too."""
        line = self.order2.order_line
        self.assertEqual(self._rows(line)[0].quantity_ordered, 5)
        line.product_qty = 7
        self.env.invalidate_all()
        self.assertEqual(self._rows(line)[0].quantity_ordered, 7)
        self.policy.grace_days = 400
        self.env.invalidate_all()
        self.assertFalse(self._rows(line)[0].is_overdue)

    def test_without_a_policy(self):
        """The report makes none: it may run where nothing can be written."""
        self.policy.unlink()
        self.assertTrue(self._rows(self.order.order_line))
        self.assertFalse(
            self.env["supplier.score.policy"].search_count([("company_id", "=", self.company.id)])
        )

    def test_open_order(self):
        action = self._rows(self.order.order_line)[0].with_user(self.buyer).action_open_order()
        self.assertEqual((action["res_model"], action["res_id"]), ("purchase.order", self.order.id))

    def test_buyer(self):
        report = self.report.with_user(self.buyer)
        domain = [("partner_id", "in", (self.supplier + self.other).ids)]
        names = [name for name in report.fields_get() if name not in ("create_uid", "write_uid")]
        self.assertLessEqual(set(PRICES), set(names))
        result = report.web_search_read(domain, {name: {} for name in names})
        self.assertEqual(result["length"], 5)
        rows = report.search(domain)
        self.assertEqual(
            len(rows.export_data(["order_id/name", "partner_id/name", "value", "on_time_rate"])["datas"]), 5
        )
        groups = report.formatted_read_group(domain, ["partner_id"], ["on_time_rate:avg", "value:sum"])
        self.assertEqual(
            {group["partner_id"][0]: group["on_time_rate:avg"] for group in groups}[self.other.id], 0
        )
        with self.assertRaises(AccessError):
            rows[0].write({"order_id": False})

    def test_director_sees_no_price(self):
        report = self.report.with_user(self.director)
        names = set(report.fields_get())
        self.assertFalse(names & set(PRICES))
        domain = [("partner_id", "=", self.supplier.id)]
        # as the client asks
        specification = {
            name: {"fields": {"display_name": {}}} if report._fields[name].type == "many2one" else {}
            for name in names
        }
        result = report.web_search_read(domain, specification)
        self.assertEqual(result["length"], 4)
        self.assertEqual(result["records"][0]["order_id"]["display_name"], self.order.name)
        self.assertIn(self.order.name, result["records"][0]["display_name"])
        with self.assertRaisesRegex(UserError, self.order.name):
            report.search(domain, limit=1).action_open_order()
        for view_type in ("list", "pivot", "graph", "search"):
            arch = report.get_view(view_type=view_type)["arch"]
            for name in PRICES:
                self.assertNotIn(f'"{name}"', arch)
                self.assertNotIn(f"'{name}'", arch)
        # the rate that is weighted by value is no price
        [group] = report.formatted_read_group(
            domain, [], ["on_time_rate:avg", "otif_rate:avg", "quality_rate:avg"]
        )
        self.assertAlmostEqual(group["on_time_rate:avg"], 800 / 1200, 9)
        for name in PRICES:
            with self.subTest(field=name), self.assertRaises(AccessError):
                report.search(domain, limit=1).read([name])
        for call in (
            lambda: report.formatted_read_group(domain, [], ["value:sum"]),
            lambda: report.formatted_read_group(domain, [], ["price_compliance:avg"]),
            lambda: report.search([("price_net", ">", 1)]),
            lambda: report.search(domain, order="value"),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_director_finds_nothing_by_orders(self):
        """A director reads no orders: searching by their number would be refused."""
        for model in ("supplier.delivery.report", "purchase.promise.change"):
            for user, names in ((self.director, set()), (self.buyer, {"order_id"})):
                for view in self._get_search_views(model):
                    with self.subTest(view=view.name, user=user.login):
                        views = self.env[model].with_user(user).get_view(view.id, "search")
                        arch = etree.fromstring(views["arch"])
                        found = {node.get("name") for node in arch.iterfind("field")}
                        self.assertEqual(found & {"order_id"}, names)

    def _get_search_views(self, model):
        views = self.env["ir.ui.view"].search([("model", "=", model), ("type", "=", "search")])
        self.assertTrue(views)
        return views

    def test_others_see_nothing(self):
        with self.assertRaises(AccessError):
            self.report.with_user(self.clerk).search([])
        menus = self.env["ir.ui.menu"].with_user(self.clerk)._visible_menu_ids()
        menu = self.env.ref("partner_relations.menu_supplier_delivery_report")
        self.assertNotIn(menu.id, menus)
        for user in (self.buyer, self.director):
            self.assertIn(menu.id, self.env["ir.ui.menu"].with_user(user)._visible_menu_ids())

    def test_other_companies(self):
        """Rows of a company that somebody does not work in are not there, however he asks."""
        self.env.user.company_ids |= self.company2
        original = type(self).env
        type(self).env = self.env(context={**self.env.context, "allowed_company_ids": self.company2.ids})
        try:
            foreign = self._order({}, company_id=self.company2.id)
        finally:
            type(self).env = original
        domain = [("order_line_id", "=", foreign.order_line.id)]
        report = self.report.with_user(self.buyer)
        self.assertFalse(report.search(domain))
        self.assertEqual(report.search_count([("partner_id", "=", self.supplier.id)]), 4)
        self.assertFalse(report._read_group(domain, ["partner_id"], ["__count"]))
        with self.assertRaises(AccessError):
            report.with_context(allowed_company_ids=(self.company + self.company2).ids).search(domain)
        self.buyer.company_ids |= self.company2
        both = report.with_context(allowed_company_ids=(self.company + self.company2).ids)
        self.assertEqual(len(both.search([("partner_id", "=", self.supplier.id)])), 5)
        self.assertEqual(both.search(domain).currency_id.name, "USD")
        # amounts of two currencies have no sum, so there is no rate of both
        mine, rates = [("partner_id", "=", self.supplier.id)], ["on_time_rate:avg", "quality_rate:avg"]
        self.assertEqual(both._read_group(mine, [], rates), [(False, False)])
        by_company = {
            company.id: rate for company, rate, _quality in both._read_group(mine, ["company_id"], rates)
        }
        self.assertAlmostEqual(by_company[self.company.id], 800 / 1200, 9)
        self.assertEqual(by_company[self.company2.id], 0)

    def test_policy_in_force(self):
        """What is archived counts nowhere, also for a caller that asks for archived records."""
        self.policy.write({"active": False, "grace_days": 9})
        policy = self.policy.create({"company_id": self.company.id, "grace_days": 1})
        policy.criterion_ids[-1].active = False
        company = self.company.with_context(active_test=False)
        [settings] = company_settings(company)
        self.assertEqual(settings.grace_days, 1)
        cards = self.cards.with_context(active_test=False)
        self.assertEqual(cards.new({"company_id": company.id})._get_parameter("grace_days"), 1)
        facts = {name: value for name, value, *_kind in cards._get_excel_policy_facts(company)}
        self.assertEqual(facts[f"{company.name}: Grace Days"], 1)
        self.assertEqual(len([name for name in facts if ": criterion " in name]), 3)

    def test_queries(self):
        """A page takes the same queries for 1 and for 20 rows."""
        orders = self.env["purchase.order"]
        for _number in range(2):
            orders += self._order(*[{}] * 10)
        report = self.report.with_user(self.buyer)
        specification = {
            name: {}
            for name in ("quantity_ordered", "on_time_rate", "value", "delivery_state", "date_promised")
        }
        domains = [
            [("order_line_id", "in", lines.ids)] for lines in (orders.order_line[:1], orders.order_line)
        ]
        report.web_search_read(domains[0], specification)
        counts = []
        for domain in domains:
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            report.web_search_read(domain, specification, limit=80)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
