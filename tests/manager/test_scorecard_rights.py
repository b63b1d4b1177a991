from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .scoring import ScoringCommon

MODELS = ("manager.scorecard", "manager.scorecard.line", "manager.scorecard.evidence")


@tagged("post_install", "-at_install")
class TestScorecardRights(ScoringCommon):
    """A manager sees the own scorecard, a supervisor those of the team, a director all of the allowed companies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._sell(cls.user_sales, 800)
        cls._sell(cls.user_sales2, 600)
        cls._sell(cls.user_sub, 400)
        cls._compute().action_close()
        indicator = {"indicator_id": cls.revenue.id, "weight": 1, "target_kind": "fixed", "target_value": 100}
        cls._create_scheme([indicator], company_id=cls.company_usd.id, director_id=False)
        cls._sell(cls.user_sales, 100, company=cls.company_usd)
        cls._compute(company=cls.company_usd).action_close()
        exporting = cls.env.ref("base.group_allow_export")
        exporting.user_ids += cls.user_sales + cls.user_sub + cls.user_supervisor + cls.user_director
        cls.env.flush_all()

    def _seen(self, user, model, **context):
        """The managers whose rows a user finds: by the list, by grouping, by export."""
        records = self._as(user, self.env[model]).with_context(**context)
        rows = records.web_search_read([], {"user_id": {"fields": {"display_name": {}}}})["records"]
        listed = {row["user_id"]["id"] for row in rows}
        groups = records.formatted_read_group([], ["user_id"], ["__count"])
        grouped = {group["user_id"][0] for group in groups}
        found = records.search([])
        exported = found.export_data(["user_id/.id"])["datas"]
        self.assertEqual(listed, grouped)
        self.assertEqual({int(user_id) for [user_id] in exported}, listed)
        self.assertEqual(sum(group["__count"] for group in groups), len(found))
        return self.env["res.users"].browse(sorted(listed))

    def test_who_sees_what(self):
        for model in MODELS:
            with self.subTest(model):
                self.assertEqual(self._seen(self.user_sub, model), self.user_sub)
                self.assertEqual(
                    self._seen(self.user_sales, model), self.user_sales, "not of the subordinate"
                )
                self.assertEqual(self._seen(self.user_supervisor, model), self.user_sales + self.user_sub)
                everybody = self.user_sales + self.user_sales2 + self.user_sub
                self.assertEqual(self._seen(self.user_director, model), everybody)

    def test_own_rank_alone(self):
        card = self._as(self.user_sub, self._card(self.user_sub))
        [values] = card.web_read(
            {
                "rank_name": {},
                "rank": {},
                "rank_count": {},
                "score": {},
                "reason": {},
                "summary": {},
                "trend": {},
            }
        )
        self.assertEqual((values["rank"], values["rank_count"], values["rank_name"]), (3, 3, "3 of 3"))
        with self.assertRaises(AccessError):
            self._as(self.user_sub, self._card(self.user_sales)).read(["score"])
        others = self._as(self.user_sub, self.cards).search([("scheme_id.user_ids", "!=", False)])
        self.assertEqual(others.user_id, self.user_sub)

    def test_two_companies(self):
        for model in MODELS:
            seen = self._as(self.user_director, self.env[model]).search([]).company_id
            self.assertEqual(seen, self.company_eur)
        self.user_sales.company_ids = [Command.link(self.company_usd.id)]
        both = {"allowed_company_ids": (self.company_eur + self.company_usd).ids}
        cards = self.cards.with_user(self.user_sales).with_context(**both).search([])
        self.assertEqual(cards.company_id.sudo(), self.company_eur + self.company_usd)
        self.assertEqual(self._as(self.user_sales, self.cards).search([]).company_id, self.company_eur)

    def test_manager_opens_everything_of_the_own_card(self):
        card = self._as(self.user_sub, self._card(self.user_sub))
        action = card.action_view_evidence()
        rows = card.env["manager.scorecard.evidence"].search(action["domain"])
        self.assertTrue(rows)
        rows.web_read({"document": {}, "numerator": {}, "unit": {}, "partner_id": {}})
        action = card.line_ids[0].action_open_documents()
        self.assertTrue(card.env[action["res_model"]].search(action["domain"]))
        difference = card.env["manager.scorecard.difference"].browse(card.action_view_difference()["res_id"])
        self.assertEqual(difference.score_now, card.score)
        with self.assertRaises(AccessError):
            self._as(self.user_sales2, difference).read(["score"])

    def test_no_row_is_pointed_at_any_document(self):
        """A row tells the name of its document with all rights: a client makes, changes and tries none."""
        secret = self.env["res.partner"].create({"name": "Secret", "company_id": self.company_usd.id})
        card = self._as(self.user_sub, self._card(self.user_sub))
        difference = card.env["manager.scorecard.difference"].browse(card.action_view_difference()["res_id"])
        self.assertEqual(difference.create_uid, self.user_sub)
        values = {"difference_id": difference.id, "res_model": "res.partner", "res_id": secret.id}
        lines = card.env["manager.scorecard.difference.line"]
        for call in (
            lambda: lines.onchange(dict(values), ["res_id"], {"document": {}}),
            lambda: lines.create(values),
            lambda: difference.write({"line_ids": [(0, 0, values)]}),
        ):
            with self.assertRaises(AccessError):
                call()
        forged = [[0, 0, {"res_model": "res.partner", "res_id": secret.id}]]
        difference = self._difference(card.with_context(default_line_ids=forged, default_document_count=9))
        self.assertEqual((len(difference.line_ids), difference.document_count), (0, 0))
        card.env["ir.default"].set("manager.scorecard.difference", "line_ids", forged, user_id=True)
        self.assertFalse(self._difference(card).line_ids)

    def _difference(self, card):
        return self.env["manager.scorecard.difference"].browse(card.action_view_difference()["res_id"])

    def test_manager_changes_nothing(self):
        for records in (
            self._card(self.user_sub),
            self._line(self.user_sub),
            self.scheme,
            self.scheme.line_ids,
        ):
            mine = self._as(self.user_sub, records[:1])
            with self.assertRaises(AccessError):
                mine.write({"company_id": self.company_eur.id})
            with self.assertRaises(AccessError):
                mine.unlink()
        with self.assertRaises(AccessError):
            self._as(self.user_sub, self.cards).create({"user_id": self.user_sub.id})

    def test_manager_may_answer(self):
        card = self._as(self.user_sub, self._card(self.user_sub))
        card.message_post(body="I was ill for two weeks")
        self.assertIn("ill", card.message_ids[0].body)
        with self.assertRaises(AccessError):
            self._as(self.user_sales2, self._card(self.user_sub)).message_post(body="Nonsense")
