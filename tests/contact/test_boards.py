"""Control board, team board and the reassignment of work: what they count, for whom, and what they do."""

import functools
import json
from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from ..common import EmptyIsNotZero, RelationsCommon

NOW = "2025-03-11 03:00:00"  # Tuesday, 10:00 in Ho Chi Minh City
MONDAY = date(2025, 3, 10)


class BoardCommon(EmptyIsNotZero, RelationsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        users = cls.user_sales | cls.user_supervisor | cls.user_director | cls.user_sub | cls.user_sales2
        users.write({"tz": "Asia/Ho_Chi_Minh"})
        cls.customer = cls._create_company_partner("Customer", user_id=cls.user_sales.id, phone="0281234567")

    def _order(self, confirm=False, **values):
        product = self.env["product.product"].create({"name": "Chair", "invoice_policy": "order"})
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "user_id": self.user_sales.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": 2, "price_unit": 100})
                ],
                **values,
            }
        )
        if confirm:
            order.action_confirm()
        self.env.flush_all()
        return order

    def _contact(self, moment, user=None, partner=None, **values):
        return (
            self.env["partner.contact.log"]
            .with_user(user or self.user_sales)
            .create(
                {
                    "title": f"Contact of {moment}",
                    "partner_id": (partner or self.customer).id,
                    "state": "planned",
                    "date": moment,
                    **values,
                }
            )
        )

    def _lead(self, user=None, **values):
        return self.env["crm.lead"].create(
            {
                "name": "Chairs",
                "type": "opportunity",
                "partner_id": self.customer.id,
                "user_id": (user or self.user_sales).id,
                "expected_revenue": 1000,
                **values,
            }
        )

    def _board(self, user=None, **arguments):
        self.env.flush_all()
        return self.env["partner.control.board"].with_user(user or self.user_sales).get_board(**arguments)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestControlBoard(BoardCommon):
    def test_sections(self):
        """Midnight is that of whoever looks: 17:00 UTC."""
        for moment in (
            "2025-03-11 02:59:00",  # a minute ago
            "2025-03-11 03:01:00",
            "2025-03-11 16:59:00",  # the last minute of today
            "2025-03-11 17:00:00",  # tomorrow
            "2025-03-18 16:59:00",  # the seventh day
            "2025-03-18 17:00:00",  # the eighth
        ):
            self._contact(moment)
        board = self._board()
        self.assertEqual(board["counts"], {"overdue": 1, "today": 2, "coming": 2, "no_next_step": 0})
        self.assertEqual(board["section"], "overdue")
        self.assertEqual([row["name"] for row in board["rows"]], ["Contact of 2025-03-11 02:59:00"])
        self.assertTrue(board["rows"][0]["is_overdue"])
        coming = self._board(section="coming")
        self.assertEqual(
            [row["date"] for row in coming["rows"]], ["2025-03-11 17:00:00", "2025-03-18 16:59:00"]
        )

    def test_channel_has_a_name(self):
        """How a contact is to take place is no sign alone."""
        self._contact("2025-03-11 02:59:00", channel="visit")
        [row] = self._board()["rows"]
        self.assertEqual((row["channel"], row["channel_label"]), ("visit", "Visit"))

    def test_first_scope_with_work(self):
        """A director without customers starts with everybody's board, with own work on the own one."""
        self._contact("2025-03-11 02:00:00")
        self.assertEqual(self._board(self.user_director, scope=False)["scope"], "all")
        self.assertEqual(self._board(self.user_director)["scope"], "mine", "who asks for it gets it, empty")
        self.assertEqual(self._board(scope=False)["scope"], "mine")
        board = self.env["partner.control.board"].with_user(self.user_director)
        self.assertLessEqual(self._count_queries(functools.partial(board.get_board, scope=False))[1], 8)
        self.assertEqual(self._board(self.user_supervisor, scope=False)["scope"], "mine")
        self._contact("2025-03-13 02:00:00", self.user_director)
        own = self._board(self.user_director, scope=False)
        self.assertEqual((own["scope"], own["section"]), ("mine", "coming"))

    def test_first_section_with_rows(self):
        self.assertEqual(self._board()["section"], "today")
        self._contact("2025-03-13 03:00:00")
        self.assertEqual(self._board()["section"], "coming")

    def test_deals_without_next_step(self):
        lead = self._lead()
        board = self._board(section="no_next_step")
        self.assertEqual(board["counts"]["no_next_step"], 1)
        self.assertEqual(board["rows"][0]["name"], "Chairs")
        self.assertEqual(board["rows"][0]["value"], 1000)
        self.assertEqual(board["rows"][0]["phone"], "0281234567")
        lead.activity_schedule("mail.mail_activity_data_call", user_id=self.user_sub.id)
        self.assertEqual(self._board()["counts"]["no_next_step"], 0)
        self.env.invalidate_all()
        deal = self.env["partner.deal.report"].browse(lead.id * 2 + 1)
        self.assertTrue(deal.has_next_step)
        self.user_sub.active = False
        self.assertEqual(self._board()["counts"]["no_next_step"], 1, "a step of somebody who left")
        self.env.invalidate_all()
        self.assertEqual((deal.has_next_step, deal.next_step_date), (False, False))

    def test_late_deals(self):
        """They stand beside the sections, with a next step too."""
        late = self._lead(date_deadline="2025-03-10")
        self._lead(date_deadline="2025-03-11")
        late.activity_schedule("mail.mail_activity_data_call", "2025-04-01", user_id=self.user_sales.id)
        self.env.flush_all()
        for user, scope, count in (
            (self.user_sales, "mine", 1),
            (self.user_sales, "all", 1),
            (self.user_supervisor, "mine", 0),
            (self.user_supervisor, "team", 1),
        ):
            board = self.env["partner.control.board"].with_user(user)
            with self.subTest(user=user.login, scope=scope):
                self.assertEqual(board.count_overdue_deals(scope), count)
                action = board.open_overdue_deals(scope)
                found = self.env[action["res_model"]].with_user(user).search(action["domain"])
                self.assertEqual(found.ids, [late.id * 2 + 1] * count)

    def test_scopes(self):
        other = self._create_company_partner("Other", user_id=self.user_sub.id)
        stranger = self._create_company_partner("Stranger", user_id=self.user_sales2.id)
        self._contact("2025-03-11 02:00:00")
        self._contact("2025-03-11 02:00:00", self.user_sub, other)
        self._contact("2025-03-11 02:00:00", self.user_sales2, stranger)
        mine = self._board()
        self.assertEqual((mine["scopes"], mine["counts"]["overdue"]), (["mine"], 1))
        self.assertEqual(self._board(scope="all")["scope"], "mine", "a salesperson has no other scope")
        team = self._board(self.user_supervisor, scope="team")
        self.assertEqual((team["scopes"], team["counts"]["overdue"]), (["mine", "team"], 2))
        everybody = self._board(self.user_director, scope="all")
        self.assertEqual(everybody["scopes"], ["mine", "team", "all"])
        self.assertGreaterEqual(everybody["counts"]["overdue"], 3)

    def test_two_companies(self):
        self.user_sales.company_ids = [Command.link(self.company2.id)]
        there = self._create_company_partner("There", user_id=self.user_sales.id, company_id=self.company2.id)
        board = self.env["partner.control.board"].with_user(self.user_sales)
        both = board.with_context(allowed_company_ids=(self.company | self.company2).ids)
        self.env["partner.contact.log"].with_user(self.user_sales).with_context(
            allowed_company_ids=(self.company2 | self.company).ids
        ).create(
            {"title": "Over there", "partner_id": there.id, "state": "planned", "date": "2025-03-11 02:00:00"}
        )
        self.assertEqual(both.get_board()["counts"]["overdue"], 1)
        self.assertEqual(
            board.with_context(allowed_company_ids=self.company.ids).get_board()["counts"]["overdue"], 0
        )

    def test_no_rights(self):
        plain = self._create_user("plain", "base.group_user")
        with self.assertRaises(AccessError):
            self._board(plain)

    def test_limit(self):
        for minute in range(25):
            self._contact(f"2025-03-11 02:{minute:02}:00")
        board = self._board()
        self.assertEqual((board["counts"]["overdue"], len(board["rows"])), (25, 20))
        self.assertEqual(len(self._board(limit=10_000)["rows"]), 25)
        self.assertEqual(self._board(limit=10_000)["limit"], 200)
        with self.assertRaisesRegex(UserError, "no section"):
            self._board(section="everything")

    def test_move(self):
        board = self.env["partner.control.board"].with_user(self.user_sales)
        log = self._contact("2025-03-07 02:30:00")
        board.move_contact(log.id, 1)
        self.assertEqual(log.date, datetime(2025, 3, 12, 2, 30))
        self.assertEqual(log.activity_ids.date_deadline, date(2025, 3, 12))
        board.move_contact(log.id, 4)  # Saturday
        self.assertEqual(log.date, datetime(2025, 3, 17, 2, 30), "the Monday after")

    def test_reassign(self):
        board = self.env["partner.control.board"].with_user(self.user_sales)
        log = self._contact("2025-03-12 02:30:00")
        portal = self._create_user("portal", "base.group_portal")
        with self.assertRaisesRegex(UserError, "works here"):
            board.reassign_contact(log.id, portal.id)
        board.reassign_contact(log.id, self.user_sales2.id)
        self.assertEqual(log.sudo().activity_id.user_id, self.user_sales2)

    def test_reassign_deal(self):
        """With the own rights on the document: seeing a deal is not enough."""
        lead = self._lead()
        self.env.flush_all()
        board = self.env["partner.control.board"].with_user(self.user_sales)
        deal_id = lead.id * 2 + 1
        with self.assertRaisesRegex(UserError, "may not change “Chairs”"):
            board.reassign_deal(deal_id, self.user_sales2.id)
        self.assertEqual(lead.user_id, self.user_sales)
        self.env.ref("sales_team.group_sale_salesman").user_ids = [Command.link(self.user_sales.id)]
        with self.assertRaisesRegex(UserError, "works here"):
            board.reassign_deal(deal_id, self._create_user("portal", "base.group_portal").id)
        self.env.cr.precommit.run()
        self.env["bus.bus"].sudo().search([]).unlink()
        board.reassign_deal(deal_id, self.user_sales2.id)
        self.assertEqual(lead.user_id, self.user_sales2)
        self.env.cr.precommit.run()
        told = self.env["bus.bus"].sudo().search([("message", "like", "partner_relations.board")])
        self.assertTrue(
            told.filtered(lambda one: str(self.user_sales2.id) in one.message), "boards of both are told"
        )
        stranger = self._lead(
            user=self.user_sales2,
            partner_id=self._create_company_partner("S", user_id=self.user_sales2.id).id,
        )
        self.env.flush_all()
        with self.assertRaisesRegex(UserError, "no longer open"):
            board.reassign_deal(stranger.id * 2 + 1, self.user_sales.id)

    def test_nobody_of_another_company(self):
        """Who does not work in the company could not see what was given; the rows say to the dialog which it is."""
        stranger = self._create_user(
            "stranger",
            "partner_relations.group_user",
            company_id=self.company2.id,
            company_ids=[Command.set(self.company2.ids)],
        )
        other = self._create_company_partner("Other", user_id=self.user_sales.id)
        log, order = self._contact("2025-03-12 02:30:00", partner=other), self._order(confirm=True)
        lead = self._lead(company_id=False)
        self.env.flush_all()
        board = self._sales_rights()
        with self.assertRaisesRegex(UserError, f"stranger.* does not work in {self.company.name}"):
            board.reassign_contact(log.id, stranger.id)
        with self.assertRaisesRegex(UserError, f"does not work in {self.company.name}"):
            board.reassign_deal(order.id * 2, stranger.id)
        self.assertEqual((log.user_id, order.user_id), (self.user_sales, self.user_sales))
        rows = [row for name in ("coming", "no_next_step") for row in board.get_board(section=name)["rows"]]
        self.assertEqual(
            {row["key"]: row["company_id"] for row in rows},
            {
                f"log-{log.id}": self.company.id,
                f"deal-{order.id * 2}": self.company.id,
                f"deal-{lead.id * 2 + 1}": False,
            },
        )
        stranger.company_ids = [Command.link(self.company.id)]
        board.reassign_contact(log.id, stranger.id)
        board.reassign_deal(order.id * 2, stranger.id)
        self.assertEqual((log.sudo().user_id, order.sudo().user_id), (stranger, stranger))
        board.reassign_deal(lead.id * 2 + 1, self.user_sales2.id)
        self.assertEqual(lead.user_id, self.user_sales2, "of no company: whoever works here")

    def _sales_rights(self):
        self.env.ref("sales_team.group_sale_salesman").user_ids = [Command.link(self.user_sales.id)]
        return self.env["partner.control.board"].with_user(self.user_sales)

    def test_win_deal(self):
        lead, quotation = self._lead(), self._order()
        self.env.flush_all()
        board = self.env["partner.control.board"].with_user(self.user_sales)
        with self.assertRaisesRegex(UserError, "may not change “Chairs”"):
            board.win_deal(lead.id * 2 + 1)
        board = self._sales_rights()
        board.win_deal(lead.id * 2 + 1)
        self.assertEqual(lead.won_status, "won")
        self.assertEqual(board.win_deal(quotation.id * 2), quotation.name)
        self.assertEqual(quotation.state, "sale")
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "an order already"):
            board.win_deal(quotation.id * 2)
        with self.assertRaisesRegex(UserError, "or finished"):
            board.win_deal(lead.id * 2 + 1)

    def test_win_asks_for_mandatory_plans(self):
        """As the button of the quotation does."""
        plan = self.env["account.analytic.plan"].create(
            {"name": "Departments", "default_applicability": "mandatory"}
        )
        # a plan without accounts asks for nothing
        account = self.env["account.analytic.account"].create({"name": "Sales", "plan_id": plan.id})
        quotation = self._order()
        board = self._sales_rights()
        with self.assertRaisesRegex(ValidationError, "analytic"), self.cr.savepoint():
            board.win_deal(quotation.id * 2)
        self.assertEqual(quotation.state, "draft")
        quotation.order_line.analytic_distribution = {str(account.id): 100}
        board.win_deal(quotation.id * 2)
        self.assertEqual(quotation.state, "sale")

    def test_lose_deal(self):
        """Each in the dialog that asks why; an order is not lost from the board."""
        lead, quotation, order = self._lead(), self._order(), self._order(confirm=True)
        self.env.flush_all()
        board = self._sales_rights()
        action = board.lose_deal(lead.id * 2 + 1)
        reason = self.env["crm.lost.reason"].create({"name": "Price"})
        dialog = self.env[action["res_model"]].with_user(self.user_sales).with_context(**action["context"])
        dialog.create({"lost_reason_id": reason.id}).action_lost_reason_apply()
        self.assertEqual((lead.won_status, lead.lost_reason_id), ("lost", reason))
        action = board.lose_deal(quotation.id * 2)
        self.assertEqual(action["res_model"], "partner.order.failure.dialog")
        self.assertEqual(action["context"]["default_order_ids"], quotation.ids)
        with self.assertRaisesRegex(UserError, "an order already"):
            board.lose_deal(order.id * 2)

    def test_move_deal(self):
        """What a deal waits for is expected on another day: the day of the board, at the hour of the order."""
        lead, quotation = self._lead(date_deadline="2025-03-01"), self._order(validity_date="2025-03-01")
        order = self._order(confirm=True, commitment_date="2025-03-01 20:00:00")  # 3:00 there
        self.env.flush_all()
        board = self._sales_rights()
        for deal in (lead.id * 2 + 1, quotation.id * 2, order.id * 2):
            self.assertEqual(board.move_deal(deal, 4), "2025-03-17", "the Monday after")
        self.assertEqual((lead.date_deadline, quotation.validity_date), (date(2025, 3, 17),) * 2)
        self.assertEqual(order.commitment_date, datetime(2025, 3, 16, 20))
        self.assertEqual(order.promised_date, datetime(2025, 3, 1, 20), "what was promised first")
        self.env.flush_all()
        self.env.invalidate_all()
        deals = self.env["partner.deal.report"].with_user(self.user_sales).search([])
        self.assertEqual(set(deals.mapped("date_expected")), {date(2025, 3, 17)})
        with self.assertRaisesRegex(UserError, "cannot be moved"):
            board.move_deal(lead.id * 2 + 1, 10**6)

    def test_due_dates_of_invoices_stay(self):
        order = self._order(confirm=True)
        order.order_line.qty_delivered = 2
        invoice = order._create_invoices()
        invoice.action_post()
        self.env.flush_all()
        due = invoice.invoice_date_due
        with self.assertRaisesRegex(UserError, "waits for payment"):
            self._sales_rights().move_deal(order.id * 2, 7)
        self.assertEqual(invoice.invoice_date_due, due)

    def test_reassign_meeting(self):
        """The colleague organises and attends it in place of the giver."""
        event = (
            self.env["calendar.event"]
            .with_user(self.user_sales)
            .create(
                {
                    "name": "Visit",
                    "start": "2025-03-12 03:00:00",
                    "stop": "2025-03-12 04:00:00",
                    "partner_ids": [Command.set((self.user_sales.partner_id | self.customer).ids)],
                }
            )
        )
        log = self.env["partner.contact.log"].search([("event_id", "=", event.id)])
        self.env["partner.control.board"].with_user(self.user_sales).reassign_contact(
            log.id, self.user_sales2.id
        )
        self.assertEqual(event.user_id, self.user_sales2)
        self.assertEqual(event.partner_ids, self.user_sales2.partner_id | self.customer)
        self.assertEqual(event.attendee_ids.partner_id, event.partner_ids)
        self.assertEqual(log.user_id, self.user_sales2)

    def test_of_others_nothing_is_moved(self):
        stranger = self._create_company_partner("Stranger", user_id=self.user_sales2.id)
        log = self._contact("2025-03-11 02:00:00", self.user_sales2, stranger)
        board = self.env["partner.control.board"].with_user(self.user_sales)
        for act in (
            lambda: board.move_contact(log.id, 1),
            lambda: board.reassign_contact(log.id, self.user_sales.id),
        ):
            with self.assertRaises(AccessError):
                act()

    def test_a_colleague_was_faster(self):
        log = self._contact("2025-03-12 02:30:00")
        log.action_done()
        with self.assertRaisesRegex(UserError, "a colleague was faster"):
            self.env["partner.control.board"].with_user(self.user_sales).move_contact(log.id, 1)

    def test_others_are_told(self):
        """One notification for a transaction, without words, to those who work with the addon."""
        log = self._contact("2025-03-12 02:30:00")
        self.env.cr.precommit.run()
        self.env["bus.bus"].sudo().search([]).unlink()
        log.date = "2025-03-13 02:30:00"
        self.env.cr.precommit.run()
        told = self.env["bus.bus"].sudo().search([("message", "like", "partner_relations.board")])
        self.assertTrue(told)
        self.assertIn(str(self.user_sales.id), told[0].message)
        self.assertNotIn("Contact of", "".join(told.mapped("message")))

    def _told(self, act):
        """The users whose boards are told of what ``act`` does, one notification for all."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env["bus.bus"].sudo().search([]).unlink()
        act()
        self.env.flush_all()
        self.env.cr.precommit.run()
        told = self.env["bus.bus"].sudo().search([("message", "like", "partner_relations.board")])
        self.assertLessEqual(len(told), 1)
        return set(json.loads(told.message)["payload"]["user_ids"]) if told else set()

    def test_deals_changed_in_their_forms_are_told(self):
        mine, other = self.user_sales.id, self.user_sales2.id
        lead = self._lead()
        order = self.env["sale.order"].create({"partner_id": self.customer.id, "user_id": mine})
        self.assertEqual(self._told(lambda: lead.write({"user_id": other})), {mine, other})
        self.assertEqual(self._told(lead.action_set_won), {other})
        self.assertEqual(self._told(lambda: order.write({"validity_date": "2025-04-01"})), {mine})
        self.assertEqual(self._told((lead | self._lead()).unlink), {mine, other})
        self.assertEqual(self._told(order.action_cancel), {mine})
        self.assertEqual(self._told(lambda: order.write({"note": "Nothing the board shows"})), set())

    def test_a_deal_lost_by_the_dialog_is_told(self):
        lead = self._lead()
        board = self.env["partner.control.board"].with_user(self.user_director)
        self.user_director.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.env.flush_all()
        action = board.lose_deal(lead.id * 2 + 1)
        dialog = self.env["crm.lead.lost"].with_user(self.user_director).with_context(**action["context"])
        dialog = dialog.create({})
        self.assertEqual(self._told(dialog.action_lost_reason_apply), {self.user_sales.id})

    def test_queries(self):
        for minute in range(20):
            partner = self._create_company_partner(f"Customer {minute}", user_id=self.user_sales.id)
            self._contact(f"2025-03-11 02:{minute:02}:00", partner=partner)
        board = self.env["partner.control.board"].with_user(self.user_sales)
        board.get_board()
        self.env.flush_all()
        for size in (1, 20):
            for model in ("partner.contact.log", "mail.activity", "res.partner"):
                self.env[model].invalidate_model()
            self.env.user.partner_id.fetch(["name"])
            before = self.env.cr.sql_log_count
            self.assertEqual(len(board.get_board(section="overdue", limit=size)["rows"]), size)
            self.assertLessEqual(self.env.cr.sql_log_count - before, 8)

    def _count_queries(self, function):
        """Queries of a whole request, with nothing in the caches that belong to it."""
        # what a server keeps between requests is kept
        for _turn in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            function()
        self.env.cr.precommit.clear()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        result = function()
        return result, self.env.cr.sql_log_count - before

    def test_queries_of_all_kinds(self):
        """Contacts on documents of four models, meetings and deals, for each role: at most eight."""
        lead = self._lead()
        order = self.env["sale.order"].create({"partner_id": self.customer.id, "user_id": self.user_sales.id})
        other = self._create_company_partner("Other", user_id=self.user_sales.id)
        waiting = self.env["sale.order"].create(
            {
                "partner_id": other.id,
                "user_id": self.user_sales.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.env["product.product"].create({"name": "Chair"}).id,
                            "product_uom_qty": 2,
                        }
                    )
                ],
            }
        )
        waiting.action_confirm()
        supplier = self._create_company_partner("Supplier", user_id=self.user_sales.id)
        purchase = self.env["purchase.order"].create({"partner_id": supplier.id})
        for document in (lead, order, purchase, self.customer):
            document.activity_schedule(
                "mail.mail_activity_data_call", "2025-03-10", user_id=self.user_sales.id
            )
        self.env["calendar.event"].with_user(self.user_sales).create(
            {
                "name": "Visit",
                "start": "2025-03-12 03:00:00",
                "stop": "2025-03-12 04:00:00",
                "partner_ids": [Command.set((self.user_sales.partner_id | self.customer).ids)],
            }
        )
        scopes = {self.user_sales: "mine", self.user_supervisor: "team", self.user_director: "all"}
        for user, scope in scopes.items():
            context = {"lang": "en_US", "tz": user.tz, "allowed_company_ids": self.company.ids}
            env = self.env(user=user, context=context)
            boards, teams = env["partner.control.board"], env["partner.team.board"]
            for section in (False, "overdue", "coming", "no_next_step"):
                read = functools.partial(boards.get_board, scope=scope, section=section)
                board, queries = self._count_queries(read)
                self.assertTrue(board["rows"], (scope, section))
                self.assertLessEqual(queries, 8, (scope, section))
            if scope != "mine":
                board, queries = self._count_queries(teams.get_team_board)
                self.assertTrue(board["rows"])
                self.assertLessEqual(queries, 8, scope)

    def test_words_are_those_of_the_log(self):
        """A row says what the entry says to the same reader; what it may not read has no words."""
        lead = self._lead(name="Secret chairs", user_id=self.user_sales2.id, partner_id=self.customer.id)
        lead.activity_schedule(
            "mail.mail_activity_data_call", "2025-03-10", "About chairs", user_id=self.user_sales.id
        )
        self.env["sale.order"].create(
            {"partner_id": self.customer.id, "user_id": self.user_sales2.id}
        ).activity_schedule(
            "mail.mail_activity_data_todo", "2025-03-10", "Secret words", user_id=self.user_sales2.id
        )
        event = self.env["calendar.event"].with_user(self.user_sales2)
        for name, privacy in (("Fair", "public"), ("Secret visit", "private")):
            event.create(
                {
                    "name": name,
                    "privacy": privacy,
                    "start": "2025-03-12 03:00:00",
                    "stop": "2025-03-12 04:00:00",
                    "partner_ids": [Command.set((self.user_sales2.partner_id | self.customer).ids)],
                }
            )
        self._contact("2025-03-10 03:00:00")
        seen = set()
        for user in (self.user_sales, self.user_supervisor, self.user_director):
            for section in ("overdue", "coming"):
                scope = {self.user_sales: "mine", self.user_supervisor: "team"}.get(user, "all")
                rows = self._board(user, scope=scope, section=section)["rows"]
                for row in rows:
                    log = self.env["partner.contact.log"].with_user(user).browse(row["id"])
                    log.invalidate_recordset()
                    self.assertEqual(row["name"], log.name, user.login)
                    self.assertEqual(row["document"], log.document_name or "", user.login)
                    self.assertEqual(row["is_overdue"], log.is_overdue)
                    seen |= {row["name"], row["document"]}
        self.assertIn("Fair", seen)
        self.assertIn("About chairs", seen)
        self.assertFalse([words for words in seen if "Secret visit" in words])

    def test_move_too_far(self):
        board = self.env["partner.control.board"].with_user(self.user_sales)
        log = self._contact("2025-03-12 02:30:00")
        for days in (10**12, -(10**9), "soon", None):
            with self.assertRaisesRegex(UserError, f"cannot be moved by {days} days"):
                board.move_contact(log.id, days)

    def test_words_of_what_is_called_by_its_contact(self):
        """Activities may be on records without a name of their own: they stand beside those that have one."""
        board = self.env["partner.control.board"].with_user(self.user_director)
        unnamed = ("partner.wage.deduction.member", "partner.wage.deduction.list")
        for model in unnamed:
            self.assertEqual(self.env[model]._fields[self.env[model]._rec_name].type, "many2one")
        partner = self.user_sales.partner_id
        words = board._read_words({"res.partner": partner.ids, **{model: [999_999_999] for model in unnamed}})
        self.assertEqual(
            {key: row["name"] for key, row in words.items()},
            {("res.partner", partner.id): partner.complete_name},
        )


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestTeamBoard(BoardCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.env["partner.work.plan"].with_user(cls.user_sales).create({"date_from": MONDAY})
        cls.lines = cls.env["partner.work.plan.line"].with_user(cls.user_sales)

    def _team(self, user=None, **arguments):
        self.env.flush_all()
        return (
            self.env["partner.team.board"].with_user(user or self.user_supervisor).get_team_board(**arguments)
        )

    def _row(self, board, user):
        return next((row for row in board["rows"] if row["user_id"] == user.id), None)

    def test_figures(self):
        self.lines.create(
            [
                {"plan_id": self.plan.id, "name": "Yesterday", "date": "2025-03-10", "hours": 2},
                {"plan_id": self.plan.id, "name": "Today", "date": "2025-03-11", "hours": 3},
                {
                    "plan_id": self.plan.id,
                    "name": "Done",
                    "date": "2025-03-10",
                    "hours": 1,
                    "state": "done",
                    "hours_done": 1.5,
                },
                {
                    "plan_id": self.plan.id,
                    "name": "Off",
                    "date": "2025-03-11",
                    "hours": 9,
                    "state": "cancelled",
                },
            ]
        )
        self.plan.sudo().capacity_hours = 12
        self._lead()
        row = self._row(self._team(), self.user_sales)
        wanted = {
            "plan_state": "draft",
            "week_hours": 6,
            "today_hours": 3,
            "today_count": 1,
            "count": 3,
            "done_count": 1,
            "done_hours": 1.5,
            "overdue": 1,
            "no_next_step": 1,
            "load": 0.5,
            "load_level": "normal",
        }
        self.assertEqual({name: row[name] for name in wanted}, wanted)

    def test_moved_to_another_week_is_none_of_this_one(self):
        """What was moved after the plan was submitted takes its time in the other week."""
        stays, moves = self._contact("2025-03-12 03:00:00"), self._contact("2025-03-13 03:00:00")
        self.plan.action_fill()
        self.plan.action_submit()
        self.assertEqual(self._row(self._team(), self.user_sales)["count"], 2)
        moves.date = "2025-03-19 03:00:00"
        self.assertEqual(self.plan.planned_count, 2)
        row = self._row(self._team(), self.user_sales)
        [line] = self.plan.line_ids.filtered(lambda line: line.state == "planned")
        self.assertEqual(line.sudo().activity_id, stays.sudo().activity_id)
        self.assertEqual((row["count"], row["week_hours"]), (1, line.hours))

    def test_overdue_since_last_week_counts_once(self):
        """Until last week's plan is closed, what was due then stands in both; the rest in that one."""
        before = (
            self.env["partner.work.plan"]
            .with_user(self.user_sales)
            .create({"date_from": MONDAY - timedelta(days=7)})
        )
        self._contact("2025-03-05 03:00:00")
        self.lines.create({"plan_id": before.id, "name": "Report", "date": "2025-03-06", "hours": 1})
        (before | self.plan).action_fill()
        self.assertEqual((len(before.line_ids), len(self.plan.line_ids)), (2, 1))
        row = self._row(self._team(), self.user_sales)
        self.assertEqual(row["overdue"], 2)
        self.assertEqual(row["repeated_ids"], before.line_ids.filtered(lambda line: not line.is_manual).ids)
        self.plan.sudo().unlink()
        row = self._row(self._team(), self.user_sales)
        self.assertEqual((row["overdue"], row["repeated_ids"]), (2, []))

    def test_load_borders(self):
        level = self.env["partner.team.board"]._get_load_level
        self.assertEqual(
            [level(load) for load in (False, 0, 0.39, 0.4, 0.79, 0.8, 1.0, 1.01)],
            [False, "free", "free", "normal", "normal", "full", "full", "over"],
        )

    def test_who_is_on_it(self):
        """Subordinates at any depth, no colleague; a director sees all; others have no board."""
        supervisor, director = self._team(), self._team(self.user_director)
        self.assertEqual(
            {row["user_id"] for row in supervisor["rows"]}, {self.user_sales.id, self.user_sub.id}
        )
        self.assertTrue(self._row(director, self.user_sales2))
        with self.assertRaises(AccessError):
            self._team(self.user_sales)

    def test_who_left(self):
        self.lines.create({"plan_id": self.plan.id, "name": "Today", "date": "2025-03-11", "hours": 3})
        (self.user_sales | self.user_sub).active = False
        board = self._team()
        self.assertFalse(self._row(board, self.user_sales)["active"])
        self.assertIsNone(self._row(board, self.user_sub), "nothing is theirs any more")

    def test_another_week(self):
        board = self._team(date="2025-03-19")
        self.assertEqual((board["date_from"], board["is_current"]), ("2025-03-17", False))
        self.assertFalse(self._row(board, self.user_sales)["plan_id"])
        for junk in ("junk", 5, {}, "9999-12-31"):
            self.assertTrue(self._team(date=junk)["is_current"])

    def test_queries_do_not_grow(self):
        def count():
            self._team()  # rights and the like are cached
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._team()
            return self.env.cr.sql_log_count - before

        few = count()
        users = {f"team{number}": "partner_relations.group_user" for number in range(10)}
        for user in self._create_users(users):
            self._create_employee(user, self.employee_supervisor)
        self.assertLessEqual(count(), few + 1)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestReassign(BoardCommon):
    def _reassign(self, user=None, **values):
        wizard = (
            self.env["partner.reassign"]
            .with_user(user or self.user_supervisor)
            .create(
                {
                    "user_from_id": self.user_sales.id,
                    "user_to_id": self.user_sub.id,
                    "reason": "Ill",
                    **values,
                }
            )
        )
        action = wizard.action_reassign()
        return self.env["partner.reassignment"].browse(action["res_id"])

    def test_everything(self):
        lead, won, inquiry = self._lead(), self._lead(name="Won"), self._lead(type="lead")
        won.action_set_won()
        order = self.env["sale.order"].create({"partner_id": self.customer.id, "user_id": self.user_sales.id})
        log = self._contact("2025-03-12 03:00:00")
        plan = self.env["partner.work.plan"].with_user(self.user_sub).create({"date_from": MONDAY})
        trace = self._reassign(with_contacts=True)
        self.assertEqual((lead.user_id, order.user_id, self.customer.user_id), (self.user_sub,) * 3)
        self.assertEqual(won.user_id, self.user_sales, "what is finished stays")
        self.assertEqual(inquiry.user_id, self.user_sub)
        self.assertEqual(log.sudo().activity_id.user_id, self.user_sub)
        self.assertEqual(log.user_id, self.user_sub)
        self.assertEqual(len(plan.line_ids), 1)
        self.assertRecordValues(
            trace,
            [
                {
                    "contact_count": 1,
                    "opportunity_count": 2,
                    "order_count": 1,
                    "activity_count": 1,
                    "create_uid": self.user_supervisor.id,
                    "reason": "Ill",
                }
            ],
        )

    def test_purchases(self):
        """Purchase orders go along with their supplier until they are received and billed."""
        supplier = self._create_company_partner("Supplier", buyer_id=self.user_sales.id)
        goods, service = self.env["product.product"].create(
            [
                {"name": "Wood", "purchase_method": "receive"},
                {"name": "Repair", "type": "service", "purchase_method": "receive"},
            ]
        )
        orders = self.env["purchase.order"].create(
            [
                {
                    "partner_id": supplier.id,
                    "user_id": self.user_sales.id,
                    "order_line": [
                        Command.create({"product_id": product.id, "product_qty": 2, "price_unit": 5})
                    ],
                }
                for product in (goods, goods, goods, service, goods, goods)
            ]
        )
        request, waiting, unbilled, ordered, finished, cancelled = orders
        (waiting | unbilled | ordered | finished).button_confirm()
        cancelled.button_cancel()
        received = (unbilled | finished).picking_ids
        received.move_ids.write({"quantity": 2, "picked": True})
        received.button_validate()
        finished.action_create_invoice()
        self.assertEqual(
            [(order.receipt_status, order.invoice_status) for order in orders[1:5]],
            [("pending", "no"), ("full", "to invoice"), (False, "no"), ("full", "invoiced")],
        )
        self.env.flush_all()
        trace = self._reassign(with_contacts=True)
        self.assertEqual((supplier.buyer_id, trace.purchase_count), (self.user_sub, 4))
        self.assertEqual((request | waiting | unbilled | ordered).user_id, self.user_sub)
        self.assertEqual((finished | cancelled).user_id, self.user_sales)
        trace.with_user(self.user_supervisor).action_give_back()
        self.assertEqual(orders.user_id, self.user_sales)

    def test_finished_orders_stay(self):
        """Orders go along until they are delivered, invoiced and paid; figures of past years stay whose they are."""
        waiting, finished = self._order(confirm=True), self._order(confirm=True)
        quotation = self._order()
        finished.order_line.qty_delivered = 2
        invoice = finished._create_invoices()
        invoice.action_post()
        self.env.flush_all()
        wizard = (
            self.env["partner.reassign"]
            .with_user(self.user_supervisor)
            .create({"user_from_id": self.user_sales.id, "user_to_id": self.user_sub.id, "reason": "Leaves"})
        )
        self.assertIn("quotations and orders: 3", wizard.summary, "it is still to be paid")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertIn("quotations and orders: 2", wizard.summary)
        trace = self._reassign()
        self.assertEqual((waiting | quotation).user_id, self.user_sub)
        self.assertEqual(finished.user_id, self.user_sales)
        self.assertEqual(trace.order_count, 2)

    def test_give_back(self):
        """What was given on meanwhile stays where it is."""
        kept, returned = self._lead(name="Kept"), self._lead(name="Returned")
        trace = self._reassign()
        kept.user_id = self.user_sales2
        trace.with_user(self.user_supervisor).action_give_back()
        self.assertEqual((kept.user_id, returned.user_id), (self.user_sales2, self.user_sales))
        with self.assertRaisesRegex(UserError, "already"):
            trace.with_user(self.user_supervisor).action_give_back()

    def test_meeting_among_colleagues_stays(self):
        """Also after one of them left, whose contact core then takes for one from outside."""
        self._event("2025-03-12 03:00:00", partner_ids=[Command.set(self.user_sales.partner_id.ids)])
        outside = self._event("2025-03-13 03:00:00")
        self.user_sales.active = False
        self.env.flush_all()
        self.assertTrue(self.user_sales.partner_id.partner_share)
        trace = self._reassign()
        self.assertEqual((trace.meeting_count, outside.user_id), (1, self.user_sub))

    def test_persons_go_back_to_whom_they_were(self):
        """Those of a customer are moved with it, archived ones too; those of the one who takes over stay theirs."""
        persons = (
            self._create_person("Copied", self.customer)
            + self._create_person("Archived", self.customer, active=False)
            + self._create_person("Of the other one", self.customer, user_id=self.user_sub.id)
            + self._create_person("His too", self.customer, user_id=self.user_sub.id, active=False)
        )
        self.assertEqual(persons.mapped("user_id"), self.user_sales + self.user_sub)
        trace = self._reassign(with_contacts=True)
        self.assertEqual(persons.mapped("user_id"), self.user_sub)
        trace.with_user(self.user_supervisor).action_give_back()
        self.assertEqual(
            [person.user_id for person in persons],
            [self.user_sales, self.user_sales, self.user_sub, self.user_sub],
        )

    def test_give_back_needs_the_companies(self):
        """What belongs to a company that is not switched on is not given back behind its back."""
        (self.user_sales | self.user_sub | self.user_supervisor).write(
            {"company_ids": [Command.link(self.company2.id)]}
        )
        both = (self.company | self.company2).ids
        here, there = self._lead(), self._lead(company_id=self.company2.id, user_id=False)
        there.user_id = self.user_sales
        wizard = (
            self.env["partner.reassign"]
            .with_user(self.user_supervisor)
            .with_context(allowed_company_ids=both)
        )
        wizard = wizard.create(
            {"user_from_id": self.user_sales.id, "user_to_id": self.user_sub.id, "reason": "Ill"}
        )
        trace = self.env["partner.reassignment"].browse(wizard.action_reassign()["res_id"])
        self.assertEqual((here.user_id, there.user_id), (self.user_sub, self.user_sub))
        trace = trace.with_user(self.user_supervisor)
        with self.assertRaisesRegex(UserError, "Switch on all companies"):
            trace.with_context(allowed_company_ids=self.company.ids).action_give_back()
        self.assertEqual(here.user_id, self.user_sub, "nothing is given back by halves")
        trace.with_context(allowed_company_ids=both).action_give_back()
        self.assertEqual((here.user_id, there.user_id), (self.user_sales, self.user_sales))

    def _event(self, start, **values):
        return (
            self.env["calendar.event"]
            .with_user(self.user_sales)
            .create(
                {
                    "name": "Visit",
                    "start": start,
                    "stop": fields.Datetime.to_datetime(start) + timedelta(hours=1),
                    "partner_ids": [Command.set((self.user_sales.partner_id | self.customer).ids)],
                    **values,
                }
            )
        )

    def test_meetings(self):
        """Coming ones with somebody from outside; the plans of both follow, and it is given back as well."""
        near, far = self._event("2025-03-12 03:00:00"), self._event("2025-03-13 17:00:00")
        private = self._event("2025-03-12 03:00:00", privacy="private")
        internal = self._event(
            "2025-03-12 05:00:00", partner_ids=[Command.set(self.user_sales.partner_id.ids)]
        )
        over = self._event("2025-03-11 01:00:00")
        plans = self.env["partner.work.plan"]
        plans.with_user(self.user_sales).create({"date_from": MONDAY}).action_fill()
        theirs = plans.with_user(self.user_sub).create({"date_from": MONDAY})
        # the fourteenth has begun for the person at 17:00 UTC
        trace = self._reassign(date_until="2025-03-13")
        self.assertEqual(
            (near.user_id, near.partner_ids), (self.user_sub, self.user_sub.partner_id | self.customer)
        )
        for event in (far, private, internal, over):
            self.assertEqual(event.user_id, self.user_sales)
        self.assertEqual(trace.meeting_count, 1)
        self.assertEqual(theirs.line_ids.mapped("name"), ["Visit"])
        trace.with_user(self.user_supervisor).action_give_back()
        self.assertEqual(near.partner_ids, self.user_sales.partner_id | self.customer)
        self.assertFalse(theirs.line_ids)

    def test_meetings_of_other_companies_stay(self):
        """A meeting about a document belongs to the document's company."""
        users = self.user_sales | self.user_sub | self.user_supervisor
        users.write({"company_ids": [Command.link(self.company2.id)]})
        lead = self._lead(company_id=self.company2.id, user_id=False)
        about = {"res_model_id": self.env["ir.model"]._get_id("crm.lead"), "res_id": lead.id}
        event = self._event("2025-03-12 03:00:00")
        event.sudo().write(about)
        both = (self.company | self.company2).ids
        wizard = self.env["partner.reassign"].with_user(self.user_supervisor)
        wizard = wizard.with_context(allowed_company_ids=both).create(
            {"user_from_id": self.user_sales.id, "user_to_id": self.user_sub.id, "reason": "Ill"}
        )
        with self.assertRaisesRegex(UserError, "nothing of what you chose"):
            wizard.with_context(allowed_company_ids=self.company.ids).action_reassign()
        trace = self.env["partner.reassignment"].browse(wizard.action_reassign()["res_id"])
        self.assertEqual(event.user_id, self.user_sub)
        trace = trace.with_user(self.user_supervisor)
        with self.assertRaisesRegex(UserError, "Switch on all companies"):
            trace.with_context(allowed_company_ids=self.company.ids).action_give_back()
        trace.with_context(allowed_company_ids=both).action_give_back()
        self.assertEqual(event.user_id, self.user_sales)

    def test_work_planned_by_hand(self):
        """Into the other one's plan of the same week, at the same hour of that person."""
        self.user_sub.tz = "America/New_York"
        plan = self.env["partner.work.plan"].with_user(self.user_sales).create({"date_from": MONDAY})
        lines = self.env["partner.work.plan.line"].with_user(self.user_sales)
        offer, done = lines.create(
            [
                # nine o'clock on Monday
                {"plan_id": plan.id, "name": "Offer", "date_start": "2025-03-10 02:00:00", "has_hour": True},
                {"plan_id": plan.id, "name": "Done", "date": "2025-03-10", "state": "done"},
            ]
        )
        trace = self._reassign()
        self.assertEqual((offer.sudo().user_id, done.user_id), (self.user_sub, self.user_sales))
        self.assertEqual(offer.sudo().date_start, datetime(2025, 3, 10, 13))
        self.assertEqual(trace.plan_line_count, 1)
        trace.with_user(self.user_supervisor).action_give_back()
        self.assertEqual((offer.plan_id, offer.date_start), (plan, datetime(2025, 3, 10, 2)))

    def test_work_planned_by_hand_into_a_closed_week(self):
        """Nobody looks into a closed plan, nor is anything carried over from it: the next open one gets the work."""
        plans = self.env["partner.work.plan"]
        plan = plans.with_user(self.user_sales).create({"date_from": MONDAY})
        line = plan.line_ids.create({"plan_id": plan.id, "name": "Offer", "date": "2025-03-14"})
        plans.with_user(self.user_sub).create({"date_from": MONDAY}).action_close()
        trace = self._reassign()
        line = line.sudo()
        self.assertEqual((line.user_id, line.plan_id.state), (self.user_sub, "draft"))
        self.assertEqual((line.date, line.is_carried), (MONDAY + timedelta(days=7), True))
        trace.with_user(self.user_supervisor).action_give_back()
        self.assertEqual((line.user_id, line.plan_id.state), (self.user_sales, "draft"))

    def test_a_further_kind(self):
        """Another room adds its kind of work: an entry in the kinds, an option and a count."""
        trace = self.env["partner.reassignment"]
        task = self.env["res.partner.category"].create({"name": "Of nobody"})
        get_kinds = type(trace)._get_kinds

        def kinds(this):
            letters = {
                "model": "res.partner.category",
                "field": "create_uid",
                "domain": [("id", "=", task.id)],
                "option": "with_orders",
                "count": "order_count",
                "label": "letters",
            }
            return {**get_kinds(this), "letters": letters}

        moved = []
        with (
            patch.object(self.registry["partner.reassignment"], "_get_kinds", kinds),
            patch.object(
                self.registry["partner.reassignment"],
                "_move_letters",
                lambda this, *what: moved.append(what),
                create=True,
            ),
            patch.object(
                self.registry["partner.reassignment"],
                "_filter_letters",
                lambda this, records: records,
                create=True,
            ),
        ):
            self.env.cr.execute(
                "UPDATE res_partner_category SET create_uid = %s WHERE id = %s", (self.user_sales.id, task.id)
            )
            self.env.invalidate_all()
            trace = self._reassign()
        self.assertEqual(moved, [(task, self.user_sales, self.user_sub)])
        self.assertEqual((trace.order_count, trace.moved), (1, {"letters": task.ids}))

    def test_only_what_is_due(self):
        near, far = self._contact("2025-03-12 03:00:00"), self._contact("2025-03-20 03:00:00")
        self._reassign(date_until="2025-03-12", with_opportunities=False, with_orders=False)
        self.assertEqual((near.user_id, far.user_id), (self.user_sub, self.user_sales))

    def test_summary(self):
        self._lead()
        wizard = (
            self.env["partner.reassign"]
            .with_user(self.user_supervisor)
            .create({"user_from_id": self.user_sales.id, "user_to_id": self.user_sub.id, "reason": "Ill"})
        )
        self.assertEqual(wizard.summary, "inquiries and opportunities: 1")

    def test_rights(self):
        self._lead()
        with self.assertRaisesRegex(AccessError, self.user_sales2.name.split()[0]):
            self._reassign(user_to_id=self.user_sales2.id)
        with self.assertRaises(AccessError):
            self._reassign(self.user_sales)
        self._reassign(self.user_director, user_to_id=self.user_sales2.id)

    def test_refused(self):
        with self.assertRaisesRegex(UserError, "nothing of what you chose"):
            self._reassign()
        self._lead()
        with self.assertRaisesRegex(UserError, "somebody else"):
            self._reassign(user_to_id=self.user_sales.id)
        self.user_sub.active = False
        with self.assertRaisesRegex(UserError, "has left"):
            self._reassign()

    def test_other_company_stays(self):
        lead = self._lead(company_id=self.company2.id, user_id=False)
        lead.sudo().with_context(allowed_company_ids=self.company2.ids)
        self.user_sales.company_ids = [Command.link(self.company2.id)]
        lead.user_id = self.user_sales
        self._lead()
        self._reassign()
        self.assertEqual(lead.user_id, self.user_sales)

    def test_trace_is_seen_by_superiors(self):
        self._lead()
        trace = self._reassign()
        seen = (
            self.env["partner.reassignment"].with_user(self.user_supervisor).search([("id", "=", trace.id)])
        )
        self.assertTrue(seen)
        with self.assertRaises(AccessError):
            trace.with_user(self.user_sales).read(["reason"])
        with self.assertRaises(AccessError):
            trace.with_user(self.user_supervisor).write({"moved": {}})

    def test_activities_of_other_companies_stay(self):
        hidden = self._create_company_partner("Elsewhere", company_id=self.company2.id)
        self.user_sales.company_ids = [Command.link(self.company2.id)]
        values = {"res_model_id": self.env["ir.model"]._get_id("res.partner"), "user_id": self.user_sales.id}
        foreign, near = self.env["mail.activity"].create(
            [{**values, "res_id": hidden.id}, {**values, "res_id": self.customer.id}]
        )
        wizard = self.env["partner.reassign"].with_user(self.user_supervisor)
        wizard = wizard.create(
            {"user_from_id": self.user_sales.id, "user_to_id": self.user_sub.id, "reason": "Ill"}
        )
        self.assertEqual(wizard.summary, "activities: 1")
        wizard.action_reassign()
        self.assertEqual((foreign.user_id, near.user_id), (self.user_sales, self.user_sub))

    def _create_stranger(self):
        return self._create_user(
            "stranger",
            "partner_relations.group_user",
            company_id=self.company2.id,
            company_ids=[Command.set(self.company2.ids)],
        )

    def test_people_of_other_companies(self):
        stranger = self._create_stranger()
        self._contact("2025-03-12 03:00:00")
        for values in ({"user_from_id": stranger.id}, {"user_to_id": stranger.id}):
            with self.assertRaises(AccessError):
                self._reassign(self.user_director, **values)

    def test_people_to_choose_from(self):
        """Nobody is offered whose choice is then refused."""
        stranger = self._create_stranger()
        team = self.user_sales | self.user_sub | self.user_supervisor
        all_of_them = team | self.user_sales2 | self.user_director | stranger
        for user, expected in (
            (self.user_supervisor, team),
            (self.user_director, all_of_them - stranger),
            (self.user_sales, self.env["res.users"]),
        ):
            known = self.env["partner.reassign"].with_user(user).fields_get(["user_from_id", "user_to_id"])
            for name in ("user_from_id", "user_to_id"):
                found = self.env["res.users"].with_user(user).search(known[name]["domain"])
                self.assertEqual(found & all_of_them, expected, (user.login, name))

    def test_dialog_is_ones_own(self):
        wizard = self.env["partner.reassign"].with_user(self.user_director)
        wizard = wizard.create(
            {"user_from_id": self.user_sales.id, "user_to_id": self.user_sub.id, "reason": "Ill"}
        )
        with self.assertRaises(AccessError):
            wizard.with_user(self.user_supervisor).read(["reason"])
