from contextlib import ExitStack
from datetime import date, timedelta
from functools import partial
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.partner_relations.tools.internal import INTERNAL

from ..jobs import run_job, run_without_time
from .scoring import MARCH, ScoringCommon

FIGURES = ("score", "rank", "rank_count", "previous_score", "scheme_id", "date_computed", "closed_on")
LINE = ("value", "numerator", "denominator", "document_count", "target", "points", "weight", "reason")


@tagged("post_install", "-at_install")
class TestScorecardClosing(ScoringCommon):
    """A closed scorecard stays, with its evidence; what the documents say since is shown beside it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._sell(cls.user_sales, 800)
        cls.other = cls._sell(cls.user_sales, 100, "2025-03-11", partner=cls.customer2)
        cls._sell(cls.user_sales2, 600)
        cls._compute()
        cls.card = cls._card(cls.user_sales)

    def _read(self, card):
        self.env.invalidate_all()
        return (
            {name: card[name] for name in FIGURES},
            [{name: line[name] for name in LINE} for line in card.line_ids],
            card.evidence_ids.mapped(lambda row: (row.res_id, row.numerator, row.denominator)),
        )

    def _difference(self, card):
        action = card.action_view_difference()
        return card.env["manager.scorecard.difference"].browse(action["res_id"])

    # ------------------------------------------------------------------
    # Closing
    # ------------------------------------------------------------------
    def test_evidence_adds_up_to_the_values(self):
        self._refund(self.user_sales, 50)
        cards = self.cards.search([("date_from", "=", MARCH[0])])
        cards.action_close()
        for line in cards.line_ids:
            rows = line.scorecard_id.evidence_ids.filtered(
                lambda row, line=line: row.indicator_id == line.indicator_id
            )
            self.assertEqual(len(rows), line.document_count)
            for name in ("numerator", "denominator"):
                self.assertAlmostEqual(sum(row[name] or 0 for row in rows), line[name] or 0, 6)
        self.assertEqual(self._line(self.user_sales).value, 850, "computed a last time on closing")
        rows = self.card.evidence_ids.filtered(lambda row: row.indicator_id == self.revenue)
        self.assertIn(self.invoice.id, rows.mapped("res_id"))
        self.assertIn(self.invoice.name, "".join(rows.mapped("document")))
        self.assertEqual(self.card.closed_by_id, self.env.user)

    def test_closed_card_does_not_move(self):
        self.card.action_close()
        before = self._read(self.card)
        refund = self._refund(self.user_sales, 300, partner=self.customer2)
        self.other.button_draft()
        self._sell(self.user_sales2, 100000)
        self.scheme.line_ids.weight = 7
        self.scheme.line_ids[0].target_value = 5
        self._compute()
        self._compute(date(2025, 4, 1))
        self.assertEqual(self._read(self.card), before)
        difference = self._difference(self.card)
        self.assertEqual(difference.score, self.card.score)
        revenue = difference.line_ids.filtered(lambda line: line.indicator_id == self.revenue)
        self.assertEqual(
            {(line.res_id, line.kind, line.numerator, line.numerator_now) for line in revenue},
            {(refund.id, "added", False, -300), (self.other.id, "gone", 100, False)},
        )
        value = difference.value_ids.filtered(lambda each: each.indicator_id == self.revenue)
        self.assertRecordValues(value, [{"value": 900, "value_now": 500, "is_different": True}])

    def test_score_of_today_by_the_settings_of_then(self):
        self.card.action_close()
        self._refund(self.user_sales, 100)
        self.scheme.line_ids.write({"target_value": 1, "weight": 3})
        value = self._difference(self.card).value_ids.filtered(lambda each: each.indicator_id == self.revenue)
        self.assertRecordValues(
            value, [{"value": 900, "points": 90, "value_now": 800, "points_now": 80, "is_different": True}]
        )

    def test_nightly_count_of_what_changed(self):
        cards = self.cards.search([("date_from", "=", MARCH[0])])
        cards.action_close()
        self._refund(self.user_sales, 300)
        self.other.button_draft()
        before = self._read(self.card)
        with freeze_time("2025-06-01 12:00:00"):
            self._run_cron()
        self.assertEqual(self._read(self.card), before)
        counts = {card.user_id: card.difference_count for card in cards}
        self.assertEqual(counts, {self.user_sales: 2, self.user_sales2: 0, self.user_sub: 0})
        self.other.action_post()
        cards._refresh_differences()
        self.assertEqual(self.card.difference_count, 1)
        self.card.action_reopen("Credit note of a delivery in March")
        self.assertEqual(self.card.difference_count, 0)

    def test_edited_contacts_are_no_change(self):
        """Completeness is of contacts as they are now: an edit of today says nothing of the closed month."""
        completeness = self._get_indicator("completeness")
        line = {"indicator_id": completeness.id, "target_kind": "fixed", "target_value": 1}
        self.scheme.line_ids = [Command.create(line)]
        customer = self._create_company_partner("Edited", user_id=self.user_sales.id)
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET create_date = '2025-01-01' WHERE id = %s", [customer.id])
        self.env.invalidate_all()
        self._compute()
        self.card.action_close()
        self.assertIn(customer.id, self.card.evidence_ids.mapped("res_id"))
        customer.write({"phone": "+84 24 3825 1234", "email": "office@example.com"})
        self.card._refresh_differences()
        self.assertEqual(self.card.difference_count, 0)
        difference = self._difference(self.card)
        self.assertFalse(difference.line_ids)
        value = difference.value_ids.filtered(lambda each: each.indicator_id == completeness)
        self.assertGreater(value.value_now, value.value)

    def test_document_with_another_amount(self):
        self.card.action_close()
        self.invoice.button_draft()
        self.invoice.invoice_line_ids.price_unit = 750
        self.invoice.action_post()
        difference = self._difference(self.card)
        line = difference.line_ids.filtered(lambda each: each.indicator_id == self.revenue)
        self.assertRecordValues(
            line, [{"kind": "changed", "res_id": self.invoice.id, "numerator": 800, "numerator_now": 750}]
        )

    def test_no_difference(self):
        self.card.action_close()
        difference = self._difference(self.card)
        self.assertEqual(difference.document_count, 0)
        self.assertEqual(len(difference.value_ids), len(self.card.line_ids))
        self.assertFalse(any(difference.value_ids.mapped("is_different")))
        self.assertEqual(difference.score_now, self.card.score)

    def test_deleted_document_stays_as_evidence(self):
        self.card.action_close()
        row = self.card.evidence_ids.filtered(
            lambda each: each.res_id == self.other.id and each.indicator_id == self.revenue
        )
        self.assertEqual(row.action_open_document()["res_id"], self.other.id)
        self.other.button_draft()
        self.other.with_context(force_delete=True).unlink()
        self.env.invalidate_all()
        self.assertEqual((row.numerator, row.document), (100, "Deleted"))
        with self.assertRaisesRegex(UserError, "gone"):
            row.action_open_document()

    def test_closed_card_counts_in_the_ranks_of_the_others(self):
        self.card.action_close()
        self._sell(self.user_sub, 100)
        self._compute()
        ranked = self._card(self.user_sub)
        self.assertEqual((ranked.rank, ranked.rank_count), (3, 3))

    def test_merged_contact(self):
        self.card.action_close()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer + self.customer2).ids, self.customer, extra_checks=False
        )
        self.env.invalidate_all()
        self.assertEqual(self.card.evidence_ids.partner_id, self.customer)
        self.assertEqual(self._difference(self.card).document_count, 0)

    def test_merged_contact_that_was_counted_itself(self):
        self.card.action_close()
        row = self.env["manager.scorecard.evidence"].create(
            {
                "scorecard_id": self.card.id,
                "user_id": self.user_sales.id,
                "company_id": self.company_eur.id,
                "indicator_id": self.revenue.id,
                "res_model": "res.partner",
                "res_id": self.customer2.id,
            }
        )
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer + self.customer2).ids, self.customer, extra_checks=False
        )
        self.env.invalidate_all()
        self.assertEqual((row.res_id, row.document), (self.customer.id, self.customer.display_name))

    def test_merge_finds_contacts_that_were_counted(self):
        """Without reading the evidence of all scorecards."""
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        rows = self.env.execute_query(
            SQL(
                """EXPLAIN SELECT id FROM manager_scorecard_evidence
                            WHERE res_model = 'res.partner' AND res_id = ANY(%s)""",
                (self.customer + self.customer2).ids,
            )
        )
        self.assertIn("manager_scorecard_evidence_counted_contact_idx", "\n".join(row[0] for row in rows))

    # ------------------------------------------------------------------
    # Refusals
    # ------------------------------------------------------------------
    def test_immutable_when_closed(self):
        self.card.action_close()
        card = self._as(self.user_director, self.card)
        for refused in (
            lambda: card.write({"score": 120}),
            lambda: card.write({"state": "open"}),
            lambda: card.sudo().write({"score": 120}),
            lambda: card.with_context(relations_scorecard=True).write({"user_id": self.user_sub.id}),
            card.unlink,
            card.sudo().unlink,
            card.action_compute,
            card.action_close,
        ):
            with self.assertRaisesRegex(UserError, "closed and does not change.*reopen"):
                refused()
        for records in (card.line_ids, card.evidence_ids):
            with self.assertRaises(AccessError):
                records[:1].write({"numerator": 0})
            with self.assertRaises(AccessError):
                records[:1].unlink()
        with self.assertRaises(AccessError):
            records.create({"scorecard_id": card.id, "res_model": "res.partner", "res_id": 1})

    def test_open_card_can_be_deleted_by_a_director(self):
        card = self._as(self.user_director, self.card)
        with self.assertRaises(AccessError):
            self._as(self.user_supervisor, self.card).unlink()
        card.unlink()
        self.assertFalse(card.exists())

    def test_not_before_the_period_is_over(self):
        card = self.cards.create(
            {"user_id": self.user_sub.id, "scheme_id": self.scheme.id, "company_id": self.company_eur.id}
        )
        self.assertFalse(card.is_over)
        with self.assertRaisesRegex(UserError, "before its period is over"):
            card.action_close()
        with (
            freeze_time("2025-03-31 12:00:00"),
            self.assertRaisesRegex(UserError, "before its period is over"),
        ):
            self.card.action_close()
        with freeze_time("2025-04-01 12:00:00"):
            self.card.invalidate_recordset()
            self.card.action_close()
        self.assertEqual(self.card.state, "closed")

    def test_only_directors(self):
        for user in (self.user_sales, self.user_supervisor):
            card = self._as(user, self.card)
            for refused in (
                card.action_close,
                card.action_compute,
                partial(card.action_reopen, "Because"),
                card.action_compute_now,
            ):
                with self.assertRaisesRegex(AccessError, "Only directors"):
                    refused()

    # ------------------------------------------------------------------
    # Reopening
    # ------------------------------------------------------------------
    def test_reopen_leaves_a_trace(self):
        card = self._as(self.user_director, self.card)
        card.action_close()
        score = card.score
        dialog = card.action_reopen()
        self.assertEqual(dialog["res_model"], "manager.scorecard.reopen")
        self.assertEqual(card.state, "closed")
        wizard = (
            card.env["manager.scorecard.reopen"]
            .with_context(**dialog["context"])
            .create({"reason": "Late credit note"})
        )
        wizard.action_reopen()
        self.assertRecordValues(card, [{"state": "open", "closed_on": False, "score": score}])
        self.assertFalse(card.evidence_ids)
        message = card.message_ids[0]
        self.assertIn("Late credit note", message.body)
        self.assertIn(f"{score:g}", message.body)
        self.assertEqual(message.author_id, self.user_director.partner_id)
        self._refund(self.user_sales, 500)
        card.action_compute()
        self.assertEqual(self._line(self.user_sales).value, 400)
        card.action_close()
        self.assertEqual(card.state, "closed")
        with self.assertRaisesRegex(UserError, "open already"):
            self._as(self.user_director, self._card(self.user_sales2)).action_reopen("Twice")

    # ------------------------------------------------------------------
    # Ranks of several
    # ------------------------------------------------------------------
    def test_ranks_after_one_was_reopened_and_closed_again(self):
        """The others keep theirs, say which one it is today, and have it once they are closed again."""
        cards = self.cards.search([("date_from", "=", MARCH[0])])
        cards.action_close()
        card, other = self.card, self._card(self.user_sales2)
        self.assertEqual([each.rank_now_name for each in cards], [False] * 3)
        before = self._read(other)
        self._refund(self.user_sales, 500)
        card.action_reopen("Late credit note")
        card.action_close()
        self.assertEqual(self._read(other), before)
        self.assertEqual((card.rank_name, other.rank_name), ("2 of 3", "2 of 3"))
        self.assertEqual((card.rank_now_name, other.rank_now_name), (False, "1 of 3"))
        other.action_reopen("The rank is another one")
        self.assertEqual(other.rank_now_name, False, "an open one has no other rank than its own")
        other.action_close()
        self.assertEqual((other.rank_name, other.rank_now_name), ("1 of 3", False))

    def test_ranks_of_cards_that_are_closed_one_after_the_other(self):
        self.card.action_close()
        self.assertEqual((self.card.rank_name, self.card.rank_now_name), ("1 of 3", False))
        self._sell(self.user_sales2, 1000)
        self._card(self.user_sales2).action_close()
        self.card.invalidate_recordset()
        self.assertEqual((self.card.rank_name, self.card.rank_now_name), ("1 of 3", "2 of 3"))
        # of the same scheme and period alone
        other = self.scheme.copy({"user_ids": [Command.set(self.user_sub.ids)]})
        self.assertEqual(self._card(self.user_sub).scheme_id, self.scheme)
        card = self._card(self.user_sub)
        card.with_context(relations_scorecard=INTERNAL).scheme_id = other
        self.card.invalidate_recordset()
        self.assertEqual(self.card.rank_now_name, "2 of 2")

    def test_who_has_no_score_has_no_rank_today(self):
        self.scheme.line_ids.filtered(lambda line: line.indicator_id == self.revenue).unlink()
        cards = self.cards.search([("date_from", "=", MARCH[0])])
        cards.action_close()
        card = self._card(self.user_sub)
        self.assertEqual((card.score, card.rank_name, card.rank_now_name), (False, False, False))
        self.assertEqual((self.card.rank_name, self.card.rank_now_name), ("1 of 2", False))

    def test_rank_today_is_told_to_who_sees_the_own_card_alone(self):
        self._card(self.user_sales2).action_close()
        self._refund(self.user_sales, 500)
        self.card.action_close()
        self.env.invalidate_all()
        self.assertEqual(self._as(self.user_sales2, self._card(self.user_sales2)).rank_now_name, "1 of 3")
        self.env.invalidate_all()
        cards = self.cards.search([("date_from", "=", MARCH[0])])
        cards.mapped("state")
        with self.assertQueryCount(1):
            cards.mapped("rank_now_name")

    # ------------------------------------------------------------------
    # Every night
    # ------------------------------------------------------------------
    def _run_cron(self, fails=False):
        with self.enter_registry_test_mode():
            run_job(self.env, "ir_cron_score_managers", fails)
        self.env.invalidate_all()

    def test_nightly(self):
        others = self.schemes.search([("id", "!=", self.scheme.id)])
        others.active = False
        self.scheme.grace_days = 5
        self.scheme.director_id = self.user_director
        self.cards.search([]).unlink()
        with freeze_time("2025-04-03 12:00:00"):
            self._run_cron()
            self.assertTrue(self._card(self.user_sales), "the period that is over follows late entries")
            self.assertTrue(self._card(self.user_sales, date(2025, 4, 1)), "the running one")
            self.assertFalse(self.scheme.activity_ids)
        self._refund(self.user_sales, 100)
        with freeze_time("2025-04-06 12:00:00"):
            self._run_cron()
        self.assertEqual(self._line(self.user_sales).value, 800, "the last computation")
        self.assertEqual(self.scheme.activity_ids.user_id, self.user_director)
        self.assertIn("3 scorecards", self.scheme.activity_ids.summary)
        self.assertEqual(self.scheme.date_done, date(2025, 3, 31))
        self._refund(self.user_sales, 100)
        with freeze_time("2025-04-07 12:00:00"):
            self._run_cron()
        self.assertEqual(self._line(self.user_sales).value, 800, "handed over: it changes by hand alone")
        self.assertEqual(len(self.scheme.activity_ids), 1, "told once")
        # the server stood still
        with freeze_time("2025-07-02 12:00:00"):
            self._run_cron()
        self.assertEqual(
            self.cards.search([("user_id", "=", self.user_sales.id)], order="date_from").mapped("date_from"),
            [date(2025, month, 1) for month in range(3, 8)],
        )
        self.assertEqual(self.scheme.date_done, date(2025, 5, 31))

    def test_to_do_is_for_who_may_close(self):
        """Whoever is named by the scheme, unless that is no director of the company any more."""
        director, company = self.env.ref("partner_relations.group_director"), self.company_eur
        self._create_user(
            "second_director",
            "partner_relations.group_director",
            company_id=company.id,
            company_ids=company.ids,
        )
        self.scheme.director_id = self.user_director
        self.scheme._ask_to_close(MARCH[1], 3)
        self.assertEqual(self.scheme.activity_ids.user_id, self.user_director)
        self.scheme.activity_ids.unlink()
        groups = [Command.unlink(director.id), Command.link(self.env.ref("partner_relations.group_user").id)]
        self.user_director.group_ids = groups
        self.scheme._ask_to_close(MARCH[1], 3)
        user = self.scheme.activity_ids.user_id
        self.assertTrue(user.has_group("partner_relations.group_director"))
        self.assertIn(company, user.company_ids)

    def test_nightly_with_more_days_than_a_month(self):
        """A new scheme hands each period over when its days for late entries are over, and none before it began."""
        self.schemes.search([("id", "!=", self.scheme.id)]).active = False
        self.scheme.write({"grace_days": 45, "date_from": "2025-01-01"})
        today, computed, asked = date(2025, 2, 1), [], []

        def compute(cards, company, day, period=None):
            computed.append((today, day))
            return cards.browse()

        def ask(scheme, last, count):
            asked.append((today, last))

        with (
            freeze_time("2025-02-01 12:00:00") as night,
            patch.object(type(self.cards), "_compute_period", compute),
            patch.object(type(self.scheme), "_ask_to_close", ask),
        ):
            while today < date(2025, 5, 1):
                self._run_cron()
                night.tick(timedelta(days=1))
                today += timedelta(days=1)
        january, february = date(2025, 1, 31), date(2025, 2, 28)
        self.assertEqual(asked, [(date(2025, 3, 18), january), (date(2025, 4, 15), february)])
        self.assertEqual(
            [day for day, last in computed if last == january],
            [date(2025, 2, 1) + timedelta(days=number) for number in range(46)],
            "it follows late entries every night",
        )

    def test_periods_that_a_new_scheme_begins_with(self):
        """Those that are due since the running one began, and no older ones."""
        scheme, today = self.scheme, date(2025, 5, 31)
        for period, grace, expected in (
            ("month", 5, [date(2025, 4, 30)]),
            ("month", 28, [date(2025, 4, 30)]),
            ("month", 45, [date(2025, 4, 30), date(2025, 3, 31)]),
            ("month", 90, [date(2025, 4, 30), date(2025, 3, 31), date(2025, 2, 28), date(2025, 1, 31)]),
            ("quarter", 90, [date(2025, 3, 31), date(2024, 12, 31)]),
            ("quarter", 89, [date(2025, 3, 31)]),
            ("year", 90, [date(2024, 12, 31)]),
        ):
            with self.subTest(period=period, grace=grace):
                scheme.write({"period": period, "grace_days": grace})
                self.assertEqual(self.cards._get_unhanded(scheme, today), expected)
        scheme.write({"period": "month", "grace_days": 90, "date_from": "2025-03-01"})
        self.assertEqual(
            self.cards._get_unhanded(scheme, today), [date(2025, 4, 30), date(2025, 3, 31)], "as it is valid"
        )
        scheme._guard_off().date_done = date(2025, 3, 31)
        self.assertEqual(self.cards._get_unhanded(scheme, today), [date(2025, 4, 30)])

    def test_nightly_in_order(self):
        """A period that fails is handed over with a later run; those after it wait for it, and come once each."""
        self.schemes.search([("id", "!=", self.scheme.id)]).active = False
        self.scheme.write(
            {"grace_days": 5, "date_done": date(2025, 3, 31), "director_id": self.user_director.id}
        )
        compute, asked = type(self.cards)._compute_period, []
        ask = type(self.scheme)._ask_to_close

        def failing(cards, company, day, *args):
            if day == date(2025, 4, 30):
                raise ZeroDivisionError("of one month")
            return compute(cards, company, day, *args)

        def counted(scheme, last, count):
            asked.append(last)
            return ask(scheme, last, count)

        with freeze_time("2025-07-02 12:00:00"), patch.object(type(self.scheme), "_ask_to_close", counted):
            with (
                patch.object(type(self.cards), "_compute_period", failing),
                mute_logger("odoo.addons.base.models.ir_cron"),
            ):
                self._run_cron(fails=True)
            self.assertEqual((asked, self.scheme.date_done), ([], date(2025, 3, 31)))
            self.assertTrue(self._card(self.user_sales, date(2025, 5, 1)), "computed all the same")
        with freeze_time("2025-07-03 12:00:00"), patch.object(type(self.scheme), "_ask_to_close", counted):
            self._run_cron()
            self.assertEqual(asked, [date(2025, 4, 30), date(2025, 5, 31)])
            self.assertEqual(self.scheme.date_done, date(2025, 5, 31))

    def test_nightly_without_time(self):
        """Where the time is up after each part, all periods of all companies come, each once a night."""
        others = self.schemes.search([("id", "!=", self.scheme.id)])
        others.active = False
        self.scheme.grace_days = 30
        second = self.scheme.copy({"company_id": self.company_usd.id})
        second.active = True
        self.card.action_close()
        done = []
        names = ("_score_night", "_compare_night")
        with freeze_time("2025-04-03 12:00:00"), ExitStack() as stack:
            for name in names:
                method = getattr(type(self.cards), name)

                def counted(cards, company, *args, name=name, method=method):
                    done.append((name, company.id, *args[:2]))
                    return method(cards, company, *args)

                # what the job remembers a turn by
                counted.__name__ = name
                stack.enter_context(patch.object(type(self.cards), name, counted))
            run_without_time(self, "ir_cron_score_managers")
        self.assertEqual(len(done), len(set(done)))
        periods = {(company, day) for name, company, _period, day in done if name == "_score_night"}
        self.assertLessEqual(
            {
                (scheme.company_id.id, day)
                for scheme in self.scheme + second
                for day in (MARCH[1], date(2025, 4, 3))
            },
            periods,
        )
        self.assertIn(("_compare_night", self.company_eur.id, *MARCH), done)

    def test_kill_while_closing_leaves_the_card_open(self):
        cards = self.cards.search([("date_from", "=", MARCH[0])])

        def dying(*args, **kwargs):
            raise RuntimeError("killed")

        with patch.object(type(self.cards), "_message_log_batch", dying), self.assertRaises(RuntimeError):
            cards.action_close()
        self.env.invalidate_all()
        self.assertEqual(set(cards.mapped("state")), {"open"})
        self.assertFalse(cards.evidence_ids)
        cards.action_close()
        self.assertEqual(set(cards.mapped("state")), {"closed"})
        self.assertTrue(cards.evidence_ids)
