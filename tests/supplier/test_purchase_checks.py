from datetime import timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from .choosing import ChoosingCommon


@tagged("post_install", "-at_install")
class TestSupplierBlock(ChoosingCommon):
    """Warning and block by the rating of the supplier, and the override of a purchase manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.write({"use_warning": True, "warn_below": 50, "use_block": True, "block_below": 30})

    def _level(self, partner, company=None):
        company = company or self.company
        return partner._get_supplier_verdicts(company)[partner.commercial_partner_id].level

    def _as_buyer(self, order):
        return order.with_user(self.buyer)

    def _assert_blocked(self, order):
        for method in ("button_confirm", "action_rfq_send", "print_quotation"):
            with self.subTest(method=method), self.assertRaises(UserError) as caught:
                getattr(self._as_buyer(order), method)()
            self.assertIn(order.partner_id.commercial_partner_id.name, str(caught.exception), method)
        self.assertIn(order.state, ("draft", "sent"))
        return str(caught.exception)

    # ------------------------------------------------------------------
    # Borders
    # ------------------------------------------------------------------
    def test_borders(self):
        card = self._rate(self.cheap, 30)
        for score, level in (
            (29.99, "block"),
            (30, "warning"),
            (30 - 1e-9, "warning"),  # 30 but for the last bit
            (49.99, "warning"),
            (50, False),
            (100, False),
            (0, "block"),
        ):
            card.score = score
            with self.subTest(score=score):
                self.assertEqual(self._level(self.cheap), level)

    def test_not_rated_is_never_blocked(self):
        self.assertFalse(self._level(self.cheap), "no scorecard")
        self._rate(self.cheap, False)
        self.assertFalse(self._level(self.cheap), "too few lines")
        order = self._order(self.cheap)
        self._as_buyer(order).button_confirm()
        self.assertEqual(order.state, "purchase")

    def test_not_rated_although_there_are_lines(self):
        """Enough lines are not said to be too few where no criterion has data."""
        card = self._rate(self.cheap, False, due_line_count=3)

        def reason():
            return self.cheap._get_supplier_verdicts(self.company)[self.cheap].reason

        self.assertEqual(reason(), "Not rated: no criterion has data.")
        card.due_line_count = 2
        self.assertIn("2 due lines", reason())

    def test_off_by_default(self):
        self._rate(self.cheap, 0)
        self._rate(self.cheap, 0, company=self.company2)
        self.assertFalse(self._level(self.cheap, self.company2), "no policy")
        policy = self.env["supplier.score.policy"]._get_for(self.company2)
        self.assertFalse(self._level(self.cheap, self.company2), "the defaults")
        policy.use_warning = True
        self.assertEqual(self._level(self.cheap, self.company2), "warning", "where nothing is blocked")
        policy.write({"use_warning": False, "use_block": True})
        self.assertEqual(self._level(self.cheap, self.company2), "block")

    def test_grade_by_hand_wins(self):
        self._rate(self.cheap, 10)
        self._rate(self.good, 95)
        high = self._set_grade(self.cheap, "high")
        self.assertFalse(self._level(self.cheap))
        high.grade = "medium"
        self.assertFalse(self._level(self.cheap))
        self._set_grade(self.good, "low")
        self.assertEqual(self._level(self.good), "block")
        self.policy.use_block = False
        self.assertEqual(self._level(self.good), "warning")
        self.policy.use_warning = False
        self.assertFalse(self._level(self.good))

    def test_grade_by_hand_ends(self):
        self._rate(self.cheap, 10)
        override = self._set_grade(self.cheap, "high", days=0)
        self.assertFalse(self._level(self.cheap), "its last day")
        with freeze_time(fields.Date.today() + timedelta(days=1)):
            self.assertEqual(self._level(self.cheap), "block", "expired")
        override.active = False
        self.assertEqual(self._level(self.cheap), "block", "taken back")

    def test_low_by_hand_without_score(self):
        self._set_grade(self.fast, "low")
        self.assertEqual(self._level(self.fast), "block")

    def test_two_companies(self):
        self._rate(self.cheap, 10)
        self._set_grade(self.fast, "low")
        self.assertFalse(self._level(self.cheap, self.company2), "not rated there")
        self._rate(self.cheap, 10, company=self.company2)
        self.assertFalse(self._level(self.cheap, self.company2), "no policy there")
        self.assertFalse(self._level(self.fast, self.company2))
        order = self._order(self.cheap, company=self.company2)
        self.assertFalse(order._get_supplier_blocks())
        self.assertTrue(self._order(self.cheap)._get_supplier_blocks())

    # ------------------------------------------------------------------
    # Block
    # ------------------------------------------------------------------
    def test_blocked(self):
        self._rate(self.cheap, 24)
        message = self._assert_blocked(self._order(self.cheap))
        for words in ("Cheap Mill", "24", "30", "On time 30.0%", "12 due lines", "purchase manager"):
            self.assertIn(words, message)

    def test_contact_person(self):
        self._rate(self.cheap, 24)
        self._assert_blocked(self._order(self._create_person("Ann", self.cheap)))

    def test_several_orders(self):
        """All blocked orders are named; none of them is confirmed."""
        self._rate(self.cheap, 24)
        self._rate(self.fast, 20)
        orders = self._order(self.cheap) + self._order(self.good) + self._order(self.fast)
        with self.assertRaises(UserError) as caught:
            self._as_buyer(orders).button_confirm()
        for words in (*(orders[0] + orders[2]).mapped("name"), "Cheap Mill", "Fast Mill"):
            self.assertIn(words, str(caught.exception))
        self.assertNotIn(orders[1].name, str(caught.exception))
        self.assertEqual(set(orders.mapped("state")), {"draft"})

    def test_warned_is_not_blocked(self):
        self._rate(self.cheap, 40)
        order = self._order(self.cheap)
        self._as_buyer(order).button_confirm()
        self.assertEqual(order.state, "purchase")

    def test_approval(self):
        """What was waiting for approval when the score fell is blocked too."""
        self.company.write({"po_double_validation": "two_step", "po_double_validation_amount": 1})
        order = self._order(self.cheap, (self.oak, 10, 5))
        self._as_buyer(order).button_confirm()
        self.assertEqual(order.state, "to approve")
        self._rate(self.cheap, 24)
        with self.assertRaisesRegex(UserError, "Cheap Mill"):
            order.with_user(self.manager).button_approve()
        order.with_user(self.manager)._override_supplier_block("Nobody else has it")
        order.with_user(self.manager).button_approve()
        self.assertEqual(order.state, "purchase")

    def test_confirmed_otherwise(self):
        """No other call of a client confirms an order that is blocked."""
        self._rate(self.cheap, 24)
        order = self._order(self.cheap)
        mine = self._as_buyer(order)
        other = self._as_buyer(self._order(self.good))
        for name, call in {
            "approve": mine.button_approve,
            "write": lambda: mine.write({"state": "purchase"}),
            "write several": lambda: (other + mine).write({"state": "purchase"}),
            "write with another supplier": lambda: other.write(
                {"state": "purchase", "partner_id": self.cheap.id}
            ),
            "create": lambda: mine.create(
                {"partner_id": self.cheap.id, "company_id": self.company.id, "state": "purchase"}
            ),
            "create by default": lambda: mine.with_context(default_state="purchase").create(
                {"partner_id": self.cheap.id, "company_id": self.company.id}
            ),
        }.items():
            with self.subTest(name), self.assertRaisesRegex(UserError, "Cheap Mill"), self.cr.savepoint():
                call()
            self.env.invalidate_all(flush=False)
            self.assertEqual((order + other).mapped("state"), ["draft", "draft"])
        # what is not blocked, and what a manager allowed, is confirmed by any of them
        other.write({"state": "purchase"})
        order.with_user(self.manager)._override_supplier_block("Nobody else has it")
        mine.button_approve()
        self.assertEqual((order + other).mapped("state"), ["purchase", "purchase"])
        mine.write({"state": "purchase"})

    def test_supplier_of_a_confirmed_order(self):
        """Another supplier of a confirmed order is looked at like that of a new one."""
        self._rate(self.cheap, 24)
        order = self._order(self.good)
        order.button_confirm()
        mine = self._as_buyer(order)
        with self.assertRaises(UserError) as caught:
            mine.write({"partner_id": self._create_person("Ann", self.cheap).id})
        self.assertIn("Cheap Mill", str(caught.exception))
        self.assertEqual(order.partner_id, self.good)
        mine.write({"partner_id": self.fast.id})
        # what is there already, as after a merge, does not keep anybody from naming the person
        order.write({"partner_id": self.cheap.id})
        mine.write({"partner_id": self._create_person("Ben", self.cheap).id})

    def test_archived_ones_do_not_count(self):
        """A call that asks for archived records, too, lifts no block."""
        self._rate(self.cheap, 10)
        self._set_grade(self.cheap, "high").active = False
        order = self._as_buyer(self._order(self.cheap)).with_context(active_test=False)
        with self.assertRaisesRegex(UserError, "Cheap Mill"):
            order.button_confirm()
        self.policy.write({"active": False, "use_block": False, "use_warning": False})
        self.policy.create({"company_id": self.company.id, "use_warning": True, "use_block": True})
        with self.assertRaisesRegex(UserError, "Cheap Mill"):
            order.button_confirm()
        self.assertEqual(self._level(self.cheap.with_context(active_test=False)), "block")

    def test_checked_once(self):
        """The steps of a confirmation do not ask again; the next one does."""
        order = self._as_buyer(self._order(self.cheap))
        orders = self.env.registry["purchase.order"]
        with patch.object(orders, "_get_supplier_blocks", return_value={}) as found:
            order.button_confirm()
            self.assertEqual(found.call_count, 1)
            self.assertEqual(order.state, "purchase")
            order.button_cancel()
            order.button_draft()
            order.button_confirm()
            self.assertEqual(found.call_count, 2)

    def test_confirmed_order_is_sent(self):
        order = self._order(self.cheap)
        order.button_confirm()
        self._rate(self.cheap, 24)
        self.assertEqual(self._as_buyer(order).action_rfq_send()["res_model"], "mail.compose.message")

    def test_code_may_skip(self):
        self._rate(self.cheap, 24)
        order = self._order(self.cheap)
        with self.assertRaisesRegex(UserError, "Cheap Mill"):
            self._as_buyer(order).with_context(skip_supplier_check=True).button_confirm()
        order.sudo().with_context(skip_supplier_check=True).button_confirm()
        self.assertEqual(order.state, "purchase")

    def test_queries(self):
        partners = [self._create_company_partner(f"Mill {number}") for number in range(20)]
        for partner in partners:
            self._rate(partner, 24)
        orders = self.env["purchase.order"].union(*(self._order(partner) for partner in partners))
        counts = []
        orders[:1]._get_supplier_blocks()  # which companies block is kept from then on
        for some in (orders[:1], orders):
            self.env.flush_all()
            self.env.invalidate_all()
            some.mapped("state")  # what a confirmation reads anyway
            some.partner_id.mapped("commercial_partner_id.name")
            some.company_id.mapped("name")
            before = self.env.cr.sql_log_count
            self.assertEqual(len(some._get_supplier_blocks()), len(some))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[0], 12)
        self.policy.use_block = False
        self.env.flush_all()
        with self.assertQueryCount(1):
            orders._get_supplier_blocks()

    # ------------------------------------------------------------------
    # Override
    # ------------------------------------------------------------------
    def _override(self, order, user, reason="Nobody else has it"):
        action = order.with_user(user).action_override_supplier_block()
        wizard = (
            self.env[action["res_model"]]
            .with_user(user)
            .with_context(**action["context"])
            .create({"reason": reason})
        )
        self.assertIn("Cheap Mill", wizard.block_reason)
        return wizard.action_apply()

    def test_overridden_orders_are_found_by_an_index(self):
        """Contacts are merged and deleted without reading all orders for those overridden for them."""
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        rows = self.env.execute_query(
            SQL(
                "EXPLAIN SELECT FROM purchase_order WHERE supplier_block_override_partner_id = %s",
                self.cheap.id,
            )
        )
        self.assertIn("Index Cond: (supplier_block_override_partner_id =", "\n".join(row[0] for row in rows))

    def test_override(self):
        self._rate(self.cheap, 24)
        order = self._order(self.cheap)
        self._override(order, self.manager)
        self.assertRecordValues(
            order,
            [
                {
                    "supplier_block_override_reason": "Nobody else has it",
                    "supplier_block_override_user_id": self.manager.id,
                    "supplier_block_override_partner_id": self.cheap.id,
                }
            ],
        )
        self.assertTrue(order.supplier_block_override_date)
        message = order.message_ids[0]
        self.assertEqual(message.author_id, self.manager.partner_id)
        self.assertIn("Nobody else has it", message.body)
        self.assertIn("24", message.body)
        self._as_buyer(order).print_quotation()
        self._as_buyer(order).button_confirm()
        self.assertEqual(order.state, "purchase")

    def test_override_is_for_one_order_and_supplier(self):
        self._rate(self.cheap, 24)
        self._rate(self.fast, 20)
        order = self._order(self.cheap)
        self._override(order, self.manager)
        self._assert_blocked(self._order(self.cheap))
        self._assert_blocked(order.copy())
        order.partner_id = self.fast
        self._assert_blocked(order)
        order.partner_id = self.cheap
        self.assertFalse(order._get_supplier_blocks(), "the supplier it was meant for")

    def test_override_needs_a_reason(self):
        self._rate(self.cheap, 24)
        order = self._order(self.cheap)
        with self.assertRaisesRegex(UserError, "Enter the reason"):
            self._override(order, self.manager, reason="  ")

    def test_nothing_to_override(self):
        order = self._order(self.cheap)
        with self.assertRaisesRegex(UserError, "is not blocked"):
            order.with_user(self.manager)._override_supplier_block("Why not")

    def test_buyer_may_not_override(self):
        self._rate(self.cheap, 24)
        order = self._as_buyer(self._order(self.cheap))
        with self.assertRaises(AccessError):
            order.action_override_supplier_block()
        with self.assertRaises(AccessError):
            self.env["supplier.block.override.wizard"].with_user(self.buyer).create(
                {"order_id": order.id, "reason": "I want it"}
            )
        values = {
            "supplier_block_override_reason": "I want it",
            "supplier_block_override_partner_id": self.cheap.id,
        }
        with self.assertRaises(AccessError):
            order.write(values)
        orders = self.env["purchase.order"].with_user(self.buyer)
        with self.assertRaises(AccessError):
            orders.create({"partner_id": self.cheap.id, **values})
        with self.assertRaises(AccessError):
            orders.with_context(**{f"default_{name}": value for name, value in values.items()}).create(
                {"partner_id": self.cheap.id}
            )
        self._assert_blocked(order)

    def test_defaults_of_a_user_override_nothing(self):
        self._rate(self.cheap, 24)
        defaults = self.env["ir.default"].with_user(self.buyer)
        for name, value in (
            ("supplier_block_override_reason", "I want it"),
            ("supplier_block_override_partner_id", self.cheap.id),
        ):
            defaults.set("purchase.order", name, value, user_id=True)
        order = (
            self.env["purchase.order"]
            .with_user(self.buyer)
            .create({"partner_id": self.cheap.id, "company_id": self.company.id})
        )
        self.assertFalse(order.supplier_block_override_reason)
        self.assertFalse(order.supplier_block_override_partner_id)
        self._assert_blocked(order)

    def test_defaults_of_a_call_override_nothing(self):
        """Core makes orders for what is sold as superuser, in the context that the seller's client sent."""
        self._rate(self.cheap, 24)
        orders = (
            self.env["purchase.order"]
            .with_user(self.clerk)
            .with_context(
                default_supplier_block_override_reason="I want it",
                default_supplier_block_override_partner_id=self.cheap.id,
            )
        )
        order = (
            orders.with_company(self.company)
            .with_user(SUPERUSER_ID)
            .create({"partner_id": self.cheap.id, "company_id": self.company.id})
        )
        self.assertFalse(order.supplier_block_override_reason)
        self.assertFalse(order.supplier_block_override_partner_id)
        self._assert_blocked(order)


@tagged("post_install", "-at_install")
class TestSupplierHints(ChoosingCommon):
    """What the form of an order tells about supplier and prices, asked for after it stands."""

    def _hints(self, order=None, values=None, user=None):
        self.env.flush_all()
        return (
            self.env["purchase.order"]
            .with_user(user or self.buyer)
            .get_supplier_hints(order.id if order else False, values)
        )

    def _price_hint(self, line, user=None):
        return self._hints(line.order_id, user=user)["prices"].get(line.id)

    # ------------------------------------------------------------------
    # Rating
    # ------------------------------------------------------------------
    def test_rating(self):
        card = self._rate(self.cheap, 62.5)
        hints = self._hints(self._order(self.cheap))
        self.assertEqual(hints["rating"]["grade"], "medium")
        self.assertEqual(hints["rating"]["label"], "Medium · 62.5")
        self.assertEqual(hints["rating"]["scorecard_id"], card.id)
        self.assertIn("12 due lines", hints["rating"]["reason"])
        self.assertFalse(hints["alert"])
        self.assertFalse(hints["overdue"])

    def test_not_rated(self):
        self.assertEqual(self._hints(self._order(self.cheap))["rating"]["label"], "Not rated")
        self._rate(self.cheap, False, due_line_count=2)
        rating = self._hints(self._order(self.cheap))["rating"]
        self.assertEqual((rating["label"], rating["grade"]), ("Not rated", False))
        self.assertIn("2 due lines", rating["reason"])

    def test_grade_by_hand(self):
        self._rate(self.cheap, 24)
        self._set_grade(self.cheap, "high", user=self.manager)
        rating = self._hints(self._order(self.cheap))["rating"]
        self.assertEqual(rating["label"], "High · 24")
        self.assertIn("New factory", rating["reason"])
        self.assertIn(self.manager.name, rating["reason"])

    def test_alerts(self):
        card = self._rate(self.cheap, 24)
        order = self._order(self.cheap)
        self.assertFalse(self._hints(order)["alert"], "off by default")
        self.policy.write({"use_block": True, "use_warning": True})
        alert = self._hints(order)["alert"]
        self.assertEqual((alert["level"], alert["can_override"]), ("danger", False))
        self.assertIn("24", alert["text"])
        self.assertTrue(self._hints(order, user=self.manager)["alert"]["can_override"])
        order.with_user(self.manager)._override_supplier_block("Nobody else has it")
        hints = self._hints(order)
        self.assertFalse(hints["alert"])
        self.assertIn("Nobody else has it", hints["override"])
        card.score = 40
        alert = self._hints(order)["alert"]
        self.assertEqual((alert["level"], alert["can_override"]), ("warning", False))

    # ------------------------------------------------------------------
    # Prices
    # ------------------------------------------------------------------
    def test_price_borders(self):
        self._price(self.cheap, 100)
        order = self._order(self.cheap, (self.oak, 10))
        line = order.order_line
        for price, level in ((100.5, None), (100.51, "over"), (99, None), (100, None)):
            line.price_unit = price
            with self.subTest(price=price):
                self.assertEqual((self._price_hint(line) or {}).get("level"), level)
        self.policy.price_scope = "both"
        for price, level in ((100.5, None), (99.5, None), (99.49, "under"), (100.51, "over")):
            line.price_unit = price
            with self.subTest(price=price, scope="both"):
                self.assertEqual((self._price_hint(line) or {}).get("level"), level)
        self.policy.write({"price_tolerance": 20, "price_scope": "over"})
        line.price_unit = 120
        self.assertFalse(self._price_hint(line))

    def test_price_by_the_policy_in_force(self):
        self._price(self.cheap, 100)
        order = self._order(self.cheap, (self.oak, 10, 110))
        self.policy.write({"active": False, "price_tolerance": 20})
        self.policy.create({"company_id": self.company.id})
        self.env.flush_all()
        orders = self.env["purchase.order"].with_user(self.buyer).with_context(active_test=False)
        self.assertIn(order.order_line.id, orders.get_supplier_hints(order.id)["prices"])

    def test_price_words(self):
        self._price(self.cheap, 100)
        order = self._order(self.cheap, (self.oak, 10, 120))
        hint = self._price_hint(order.order_line)
        self.assertIn("100.00", hint["agreed"])
        self.assertIn("120.00", hint["actual"])
        self.assertIn("+20.0%", hint["difference"])
        self.assertIn("+200.00", hint["difference"].replace("\N{NO-BREAK SPACE}", " "))
        self.assertTrue(hint["origin"])
        summary = self._hints(order)["price_summary"]
        self.assertIn("1 line above the agreed price", summary)
        self.assertIn("+200.00", summary)

    def test_price_summary(self):
        """Lower prices are no part of the sum of the higher ones."""
        self.policy.price_scope = "both"
        self._price(self.cheap, 100)
        self._price(self.cheap, 50, self.pine)
        order = self._order(self.cheap, (self.oak, 10, 120), (self.oak, 1, 110), (self.pine, 10, 10))
        hints = self._hints(order)
        self.assertEqual(len(hints["prices"]), 3)
        self.assertIn("2 lines", hints["price_summary"])
        self.assertIn("+210.00", hints["price_summary"])

    def test_price_with_discount(self):
        self._price(self.cheap, 100)
        line = self._order(self.cheap, (self.oak, 10, 125)).order_line
        line.discount = 20
        self.assertFalse(self._price_hint(line), "125 less 20 % is 100")
        line.discount = 19
        self.assertTrue(self._price_hint(line))

    def test_price_in_other_unit_and_currency(self):
        self._price(self.cheap, 100)
        order = self._order(self.cheap, (self.oak, 10), currency_id=self.usd.id)
        line = order.order_line
        line.product_uom_id = self.dozen
        line.price_unit = 2400  # a dozen at 100 euro, at 2 dollars each
        self.assertFalse(self._price_hint(line))
        line.price_unit = 2413
        hint = self._price_hint(line)
        self.assertIn("2,400.00", hint["agreed"])
        self.assertIn("$", hint["agreed"])
        self.assertIn("Dozen", hint["agreed"])

    def test_price_without_agreement(self):
        order = self._order(self.cheap, (self.oak, 10, 120))
        self.assertFalse(self._hints(order)["prices"])
        self._price(self.cheap, 100)
        order = self._order(self.cheap, (self.oak, 10, 120))
        self.assertTrue(self._hints(order)["prices"])
        order.order_line.price_unit = 0
        self.assertFalse(self._hints(order)["prices"], "no price yet")

    def test_confirmed_order_keeps_its_agreement(self):
        price = self._price(self.cheap, 100)
        order = self._order(self.cheap, (self.oak, 10, 120))
        order.button_confirm()
        price.price = 10
        self.assertIn("100.00", self._price_hint(order.order_line)["agreed"])

    def test_order_without_lines(self):
        order = self._order(self.cheap)
        order.order_line.unlink()
        hints = self._hints(order)
        self.assertFalse(hints["prices"])
        self.assertFalse(hints["price_summary"])

    def test_sections(self):
        order = self._order(self.cheap)
        order.order_line = [
            Command.create({"display_type": "line_section", "name": "Boards", "product_qty": 0})
        ]
        self.assertFalse(self._hints(order)["prices"])

    # ------------------------------------------------------------------
    # Unsaved form
    # ------------------------------------------------------------------
    def _form_values(self, partner, *lines, **values):
        return {
            "partner_id": partner.id,
            "company_id": self.company.id,
            "currency_id": self.eur.id,
            "date_order": fields.Datetime.to_string(fields.Datetime.now()),
            "lines": [
                {
                    "key": f"datapoint_{number}",
                    "product_id": product.id,
                    "product_qty": quantity,
                    "price_unit": price,
                }
                for number, (product, quantity, price) in enumerate(lines)
            ],
            **values,
        }

    def test_new_order(self):
        self._price(self.cheap, 100)
        self._rate(self.cheap, 24)
        hints = self._hints(
            values=self._form_values(self.cheap, (self.oak, 10, 100), (self.oak, 10, 120), (self.pine, 1, 5))
        )
        self.assertEqual(list(hints["prices"]), ["datapoint_1"])
        self.assertEqual(hints["rating"]["label"], "Low · 24")

    def test_changed_order(self):
        """What is typed counts, not what is stored; nothing is written."""
        self._price(self.cheap, 100)
        self._price(self.fast, 130)
        order = self._order(self.cheap, (self.oak, 10, 120))
        line = order.order_line
        values = self._form_values(self.fast, (self.oak, 10, 120))
        values["lines"][0] |= {"key": str(line.id), "id": line.id}
        self.assertFalse(self._hints(order, values)["prices"], "cheap for this supplier")
        values["lines"][0]["price_unit"] = 140
        self.assertEqual(list(self._hints(order, values)["prices"]), [str(line.id)])
        self.assertEqual((order.partner_id, line.price_unit), (self.cheap, 120))

    def test_changed_confirmed_order(self):
        self._price(self.cheap, 100)
        order = self._order(self.cheap, (self.oak, 10))
        order.button_confirm()
        line = order.order_line
        values = self._form_values(self.cheap, (self.oak, 10, 130))
        values["lines"][0] |= {"key": str(line.id), "id": line.id}
        self.assertIn("100.00", self._hints(order, values)["prices"][str(line.id)]["agreed"])

    def test_foreign_company(self):
        with self.assertRaises(AccessError):
            self._hints(values=self._form_values(self.cheap, company_id=self.company2.id))
        order = self._order(self.cheap, company=self.company2)
        with self.assertRaises(AccessError):
            self._hints(order)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    def test_who_may_not_purchase(self):
        """An accountant reads purchase orders, but no agreed price and no rating, by any call."""
        self._price(self.cheap, 100)
        order = self._order(self.cheap, (self.oak, 10, 120))
        order.button_confirm()
        self.env.flush_all()
        order.with_user(self.clerk).check_access("read")
        self.assertEqual(self._hints(order, user=self.clerk), {})
        self.assertEqual(
            self._hints(values=self._form_values(self.cheap, (self.oak, 1, 500)), user=self.clerk), {}
        )
        for user in (self.clerk, self.user_sales):
            for name, method in (
                ("supplier.choice", lambda model: model._open_for(order=order, order_lines=order.order_line)),
                ("supplier.choice", lambda model: model.search([])),
                ("supplier.choice.line", lambda model: model.search([])),
                ("supplier.choice.offer", lambda model: model.search([])),
            ):
                with self.subTest(user=user.login, model=name), self.assertRaises(AccessError):
                    method(self.env[name].with_user(user))
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.oak.with_user(user).action_compare_suppliers()
        arch = self.env["purchase.order"].with_user(self.clerk).get_view(view_type="form")["arch"]
        for name in ("supplier_alerts", "supplier_grade", "supplier_price_mark", "action_compare_suppliers"):
            self.assertNotIn(name, arch)

    # ------------------------------------------------------------------
    # Speed
    # ------------------------------------------------------------------
    def test_queries(self):
        """As many queries for 20 lines as for two, and none for opening the form."""
        products = [self._create_product(f"Board {number}") for number in range(20)]
        for product in products:
            self._price(self.cheap, 100, product)
        counts = []
        for count in (2, 20):
            order = self._order(self.cheap, *((product, 1, 120) for product in products[:count]))
            self.env.flush_all()
            self.env.invalidate_all()
            order = order.with_user(self.buyer)
            order.env["purchase.order"].get_supplier_hints(order.id)  # rights and the like are cached
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            hints = order.env["purchase.order"].get_supplier_hints(order.id)
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(hints["prices"]), count)
        self.assertEqual(counts[0], counts[1])

    def test_form_reads_nothing_of_it(self):
        arch = self.env["purchase.order"].with_user(self.buyer).get_view(view_type="form")
        fields_read = arch["models"]["purchase.order"] + arch["models"]["purchase.order.line"]
        # terms are columns of the order and one query; scores, prices and overdue lines come after the form stands
        computed = {
            name
            for name in fields_read
            if name.startswith("supplier_") and not name.startswith("supplier_terms_")
        }
        self.assertFalse(computed)
