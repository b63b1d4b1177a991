from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import SQL, mute_logger

from .segmenting import SegmentCommon


@tagged("post_install", "-at_install")
class TestSegments(SegmentCommon):
    """Who is in a segment: rule, level, by hand, other segments, snapshots."""

    # ------------------------------------------------------------------
    # Rule and level
    # ------------------------------------------------------------------
    def test_rule_is_the_search_of_its_domain(self):
        segment = self._segment([("industry_id", "=", self.wood.id)])
        self.assertSegment(segment, self.oak | self.pine | self.anna | self.binh | self.carl)
        segment = self._segment([("country_id", "=", self.vn.id), ("is_company", "=", True)])
        self.assertSegment(segment, self.oak | self.iron)

    def test_without_rule_nobody(self):
        segment = self._segment()
        self.assertSegment(segment, self.env["res.partner"])
        segment.include_ids = self.anna
        self.assertSegment(segment, self.anna)

    def test_empty_rule_everybody(self):
        segment = self.env["partner.segment"].create({"name": "All", "domain": "[]", "company_id": False})
        self.assertEqual(segment.partner_count, self.env["res.partner"].search_count([]))

    def test_levels(self):
        rule = [("industry_id", "=", self.wood.id)]
        self.assertSegment(self._segment(rule, level="company"), self.oak | self.pine)
        self.assertSegment(self._segment(rule, level="person"), self.anna | self.binh | self.carl)
        rule = [("country_id", "=", self.de.id)]
        self.assertSegment(self._segment(rule, level="company"), self.pine)
        self.assertSegment(self._segment(rule, level="company_person"), self.carl)
        segment = self._segment(
            [("industry_id", "=", self.wood.id)], level="company_person", role_ids=self.role
        )
        self.assertSegment(segment, self.binh | self.carl)
        self.anna.contact_role_more_ids = self.role
        self.assertSegment(segment, self.anna | self.binh | self.carl, "it is a further role")

    def test_addresses_are_no_persons(self):
        self._create_tagged_person("Warehouse", self.oak, type="delivery")
        self.assertSegment(
            self._segment([("industry_id", "=", self.wood.id)], level="company_person"),
            self.anna | self.binh | self.carl,
        )

    def test_company_of_a_person(self):
        segment = self._segment([("commercial_partner_id.country_id", "=", self.de.id)])
        self.assertSegment(segment, self.pine | self.carl)

    def test_rules_that_are_none(self):
        for rule in ("nonsense(", "[('no_such_field', '=', 1)]", "[('name', '~~', 1)]", "context_today()"):
            with self.subTest(rule=rule), self.assertRaisesRegex(UserError, "Broken"):
                self.env["partner.segment"].create({"name": "Broken", "domain": rule})

    def test_searched_by_count(self):
        segments = self.env["partner.segment"]
        empty = self._segment()
        wood = self._segment([("industry_id", "=", self.wood.id)])
        broken = self._segment([])
        self.env.cr.execute(
            "UPDATE partner_segment SET domain = %s WHERE id = %s", ["[('gone', '=', 1)]", broken.id]
        )
        broken.invalidate_recordset()
        mine = [("id", "in", (empty | wood | broken).ids)]
        for operator, value, found in (
            ("=", 0, empty),
            ("=", 5, wood),
            ("!=", 5, empty | broken),
            ("=", False, broken),
            ("!=", False, empty | wood),
            ("<", 5, empty),
            ("<=", 5, empty | wood),
            (">", 0, wood),
            (">=", 6, segments),
            ("in", [0, 5], empty | wood),
        ):
            domain = [*mine, ("partner_count", operator, value)]
            self.assertEqual(segments.search(domain), found.sorted(), domain)

    def test_a_rule_that_breaks_later_says_so(self):
        segment = self._segment([])
        self.env.cr.execute(
            "UPDATE partner_segment SET domain = %s WHERE id = %s", ["[('gone', '=', 1)]", segment.id]
        )
        segment.invalidate_recordset()
        self.assertIs(segment.partner_count, False, "not known, which is not 0")
        self.assertIn("gone", segment.problem)

    def test_a_part_that_breaks_is_told_of_in_the_words_of_who_looks(self):
        """The rules are read in the words of the owner of the whole, who may speak another language."""
        self.env["res.lang"]._activate_lang("vi_VN")
        self.user_marketing.lang = "vi_VN"
        part = self._segment([], name="Part")
        whole = self._segment(
            [],
            user_id=self.user_marketing.id,
            part_ids=[Command.create({"operator": "or", "part_id": part.id})],
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE partner_segment SET domain = %s WHERE id = %s", ["[('gone', '=', 1)]", part.id]
        )
        self.env.invalidate_all()
        seen = whole.with_user(self.user_director).with_context(lang="en_US")
        self.assertIn("The rule of the segment “Part” cannot be evaluated", seen.problem)

    # ------------------------------------------------------------------
    # By hand
    # ------------------------------------------------------------------
    def test_excluded_wins_over_everything(self):
        other = self._segment([("industry_id", "=", self.metal.id)])
        segment = self._segment(
            [("industry_id", "=", self.wood.id)],
            include_ids=self.iron | self.pine,
            exclude_ids=self.pine | self.iron | self.anna,
            part_ids=[Command.create({"operator": "or", "part_id": other.id})],
        )
        self.assertSegment(segment, self.oak | self.binh | self.carl)

    def test_archived_never(self):
        segment = self._segment([("active", "in", [True, False])], include_ids=self.iron)
        self.assertSegment(segment, self.everybody)
        self.iron.active = self.anna.active = False
        self.assertSegment(segment, self.everybody - self.iron - self.anna)

    def test_merged_contacts_stay_by_hand(self):
        segment = self._segment(include_ids=self.pine, exclude_ids=self.iron)
        snapshot = self._segment([("id", "=", self.pine.id)], kind="static")
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((self.pine | self.oak).ids, self.oak, extra_checks=False)
        self.env.invalidate_all()
        self.assertEqual(segment.include_ids, self.oak)
        self.assertEqual(snapshot._get_partners(), self.oak)
        wizard._merge((self.iron | self.oak).ids, self.oak, extra_checks=False)
        self.env.invalidate_all()
        self.assertEqual(segment.exclude_ids, self.oak)
        self.assertFalse(segment._get_partners(), "excluded wins over added, also after a merge")

    # ------------------------------------------------------------------
    # Other segments
    # ------------------------------------------------------------------
    def test_nested(self):
        wood = self._segment([("industry_id", "=", self.wood.id)])
        vn = self._segment([("country_id", "=", self.vn.id)])
        persons = self._segment([("is_company", "=", False)])
        combinations = (
            ({"and": wood}, None, wood._get_partners()),
            ({"and": wood | vn}, None, wood._get_partners() & vn._get_partners()),
            ({"and": wood, "not": persons}, None, self.oak | self.pine),
            ({"not": persons}, [("id", "!=", self.iron.id)], self.oak | self.pine),
            ({"not": persons}, None, self.env["res.partner"]),
            ({"or": wood}, [("industry_id", "=", self.metal.id)], self.everybody),
            (
                {"or": persons, "and": vn},
                [("is_company", "=", True)],
                self.oak | self.iron | persons._get_partners(),
            ),
        )
        for parts, rule, expected in combinations:
            segment = self._segment(
                rule,
                part_ids=[
                    Command.create({"operator": operator, "part_id": part.id})
                    for operator, segments in parts.items()
                    for part in segments
                ],
            )
            with self.subTest(parts=parts, rule=rule):
                self.assertSegment(segment, expected)

    def test_parts_are_joined(self):
        """PostgreSQL compares no contact with a list: one that does not fit into the memory takes hours."""
        part = self._segment([("is_company", "=", False)])
        for operator in ("or", "not"):
            segment = self._segment(
                [("commercial_partner_id.industry_id", "=", self.wood.id)],
                part_ids=[Command.create({"operator": operator, "part_id": part.id})],
                include_ids=self.env["res.partner"].search([], limit=3).ids,
                exclude_ids=self.env["res.partner"].search([], limit=1).ids,
            )
            rows = self.env.execute_query(SQL("EXPLAIN %s", segment._get_partner_query().select()))
            plan = "\n".join(row[0] for row in rows)
            self.assertNotIn("SubPlan", plan)
            contacts = self.env["res.partner"]
            inside, outside = (
                contacts.search([("segment_ids", how, [segment.id, part.id])]) for how in ("in", "not in")
            )
            self.assertTrue(inside and outside)
            self.assertEqual(inside | outside, contacts.search([]))
            self.assertFalse(inside & outside)
            self.assertEqual(inside, (segment | part)._get_partners())

    def test_nested_in_nested_follows(self):
        inner = self._segment([("industry_id", "=", self.metal.id)])
        middle = self._segment(part_ids=[Command.create({"operator": "or", "part_id": inner.id})])
        outer = self._segment(part_ids=[Command.create({"operator": "or", "part_id": middle.id})])
        self.assertSegment(outer, self.iron)
        inner.exclude_ids = self.iron
        self.assertSegment(outer, self.env["res.partner"])

    def test_circle_names_the_path(self):
        a, b, c = (self._segment([], name=name) for name in ("Alpha", "Beta", "Gamma"))
        a.part_ids = [Command.create({"part_id": b.id})]
        b.part_ids = [Command.create({"part_id": c.id})]
        with self.assertRaisesRegex(UserError, "Gamma → Alpha → Beta → Gamma"), self.cr.savepoint():
            c.part_ids = [Command.create({"part_id": a.id})]
        with self.assertRaisesRegex(UserError, "Alpha → Alpha"), self.cr.savepoint():
            a.part_ids = [Command.create({"part_id": a.id})]

    def test_circle_through_a_rule(self):
        a, b = (self._segment([], name=name) for name in ("Alpha", "Beta"))
        b.domain = repr([("segment_ids", "in", a.ids)])
        with self.assertRaisesRegex(UserError, "Alpha → Beta → Alpha"), self.cr.savepoint():
            a.domain = repr([("segment_ids", "in", b.ids)])
        with self.assertRaisesRegex(UserError, "Alpha → Beta → Alpha"), self.cr.savepoint():
            a.part_ids = [Command.create({"part_id": b.id})]
        c = self._segment([], name="Gamma")
        with self.assertRaisesRegex(UserError, "Gamma → Gamma"), self.cr.savepoint():
            c.domain = repr([("commercial_partner_id.segment_ids", "in", c.ids)])

    def test_a_used_segment_is_not_deleted(self):
        inner = self._segment([], name="Inner")
        outer = self._segment(name="Outer", part_ids=[Command.create({"part_id": inner.id})])
        with self.assertRaisesRegex(UserError, "Inner.*Outer"):
            inner.unlink()
        (inner | outer).unlink()

    # ------------------------------------------------------------------
    # Snapshots
    # ------------------------------------------------------------------
    def test_snapshot_against_living(self):
        rule = [("industry_id", "=", self.metal.id)]
        living, static = self._segment(rule), self._segment(rule, kind="static")
        self.assertTrue(static.snapshot_date)
        self.pine.industry_id = self.metal
        self.iron.industry_id = self.wood
        self.assertSegment(living, self.pine | self.carl)
        self.assertSegment(static, self.iron)
        static.exclude_ids = self.iron
        static.include_ids = self.anna
        self.assertSegment(static, self.anna, "by hand counts at once")
        static.action_take_snapshot()
        self.assertEqual(static.snapshot_ids, self.pine | self.carl | self.anna)
        static.kind = "living"
        self.assertSegment(static, self.pine | self.carl | self.anna)

    def test_turned_into_a_snapshot(self):
        segment = self._segment([("industry_id", "=", self.metal.id)])
        self.assertFalse(segment.snapshot_date)
        segment.kind = "static"
        self.iron.industry_id = self.wood
        self.assertSegment(segment, self.iron)
        copied = segment.copy()
        self.assertFalse(copied._get_partners(), "a copy is a snapshot of its own moment")

    # ------------------------------------------------------------------
    # Form
    # ------------------------------------------------------------------
    def test_count_and_sample_before_saving(self):
        segments = self.env["partner.segment"].with_user(self.user_marketing)
        other = self._segment([("industry_id", "=", self.metal.id)])
        with Form(segments) as form:
            form.name = "Draft"
            self.assertFalse(form.partner_count)
            form.domain = repr([("category_id", "in", self.tag.ids)])
            self.assertEqual(form.partner_count, 6)
            self.assertEqual(len(form.sample_ids), 6)
            form.level = "company"
            self.assertEqual(form.partner_count, 3)
            form.exclude_ids.add(self.oak)
            self.assertEqual(form.partner_count, 2)
            form.include_ids.add(self.anna)
            self.assertEqual(form.partner_count, 3)
            with form.part_ids.new() as part:
                part.operator = "not"
                part.part_id = other
            self.assertEqual(form.partner_count, 2)
            form.domain = "[('nonsense"
            self.assertIs(form.partner_count, False)
            self.assertIn("Draft", form.problem)
            form.domain = repr([("category_id", "in", self.tag.ids)])
        self.assertEqual(form.record._get_partners(), self.pine | self.anna)
        with Form(form.record) as form:
            form.exclude_ids.remove(self.oak.id)
            self.assertEqual(form.partner_count, 3)
            form.domain = False
            self.assertEqual(
                form.partner_count, 1, "without a rule: who was added by hand, not all but the other segment"
            )

    def test_sample_of_ten(self):
        self.env["res.partner"].create(
            [{"name": f"Sample {n:02}", "category_id": [Command.link(self.tag.id)]} for n in range(20)]
        )
        segment = self._segment([("name", "like", "Sample")])
        self.assertEqual(segment.partner_count, 20)
        self.assertEqual(segment.sample_ids.mapped("name"), [f"Sample {n:02}" for n in range(10)])

    def test_criteria_are_rules(self):
        criteria = self.env["partner.segment"].with_user(self.user_marketing).get_criteria()
        keys = [one["key"] for group in criteria for one in group["criteria"]]
        self.assertEqual(len(keys), len(set(keys)))
        self.assertIn("bought", keys)
        for group in criteria:
            for one in group["criteria"]:
                with self.subTest(one["key"]):
                    segment = self._segment(one["domain"], user_id=self.user_marketing.id)
                    self.assertFalse(segment.with_user(self.user_marketing).problem)

    # ------------------------------------------------------------------
    # Speed
    # ------------------------------------------------------------------
    def test_query_count(self):
        segments = self.env["partner.segment"].with_user(self.user_marketing)
        inner = self._segment([("industry_id", "=", self.metal.id)])
        for count in (1, 20):
            made = segments.browse(
                [
                    self._segment(
                        [
                            ("industry_id", "=", self.wood.id),
                            ("commercial_partner_id.country_id", "=", self.vn.id),
                        ],
                        include_ids=self.iron,
                        part_ids=[Command.create({"operator": "or", "part_id": inner.id})],
                    ).id
                    for _number in range(count)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            made.mapped("company_id.parent_ids")
            with self.subTest(count=count), self.assertQueryCount(15):
                made.mapped("partner_count")

    def test_one_statement_without_loop(self):
        """The contacts of a segment are not read to count or to search them."""
        segment = self._segment([("industry_id", "=", self.wood.id)], include_ids=self.everybody)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(segment.partner_count, 6)
        cached = self.env["res.partner"]._fields["name"]._get_all_cache_ids(self.env)
        self.assertFalse(set(cached) & set(self.everybody.ids))


@tagged("post_install", "-at_install")
class TestSegmentRights(SegmentCommon):
    """Nobody counts, lists or exports what they may not see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls._create_tagged_company("Foreign Works", company_id=cls.company2.id)
        cls.user_both = cls._create_user(
            "relations_both",
            "partner_relations.group_user,mass_mailing.group_mass_mailing_user",
            company_ids=[Command.set((cls.company | cls.company2).ids)],
        )

    def test_two_companies(self):
        segment = self._segment([("is_company", "=", True)], company_id=False, user_id=self.user_both.id)
        mine = segment.with_user(self.user_marketing)
        self.assertSegment(mine, self.oak | self.pine | self.iron)
        both = segment.with_user(self.user_both)
        in_both = both.with_context(allowed_company_ids=(self.company | self.company2).ids)
        self.assertSegment(in_both, self.oak | self.pine | self.iron | self.foreign)
        segment.company_id = self.company
        self.assertSegment(in_both, self.oak | self.pine | self.iron)
        rows = mine.web_search_read([("id", "=", segment.id)], {"partner_count": {}, "sample_ids": {}})[
            "records"
        ]
        self.assertEqual(rows[0]["partner_count"], 3)
        self.assertNotIn(self.foreign.id, rows[0]["sample_ids"])

    def test_segment_of_another_company_is_hidden(self):
        segment = self._segment([], company_id=self.company2.id, user_id=self.user_both.id)
        mine = self.env["partner.segment"].with_user(self.user_marketing)
        self.assertFalse(mine.search([("id", "=", segment.id)]))
        with self.assertRaises(AccessError):
            segment.with_user(self.user_marketing).read(["name"])

    def test_include_by_hand_gives_no_right(self):
        segment = self._segment(company_id=False, include_ids=self.foreign | self.oak)
        self.assertSegment(segment.with_user(self.user_marketing), self.oak)

    def test_excluded_by_somebody_who_sees_more(self):
        """What one user may not see of the exclusions is excluded all the same for another."""
        segment = self._segment(
            [("is_company", "=", True)], company_id=False, exclude_ids=self.foreign, user_id=self.user_both.id
        )
        self.env.invalidate_all()
        self.assertEqual(segment.with_user(self.user_marketing).exclude_ids, self.env["res.partner"])
        both = segment.with_user(self.user_both).with_context(
            allowed_company_ids=(self.company | self.company2).ids
        )
        self.assertSegment(both, self.oak | self.pine | self.iron)

    def test_scheduler_has_the_rights_of_the_owner(self):
        segment = self._segment([("is_company", "=", True)], company_id=False, user_id=self.user_marketing.id)
        self.assertEqual(segment._get_partners(), self.oak | self.pine | self.iron)
        segment.user_id = self.user_both
        self.assertEqual(segment._get_partners(), self.oak | self.pine | self.iron | self.foreign)
        nested = self._segment(
            user_id=self.user_marketing.id,
            company_id=False,
            part_ids=[Command.create({"operator": "or", "part_id": segment.id})],
        )
        self.assertEqual(
            nested._get_partners(),
            self.oak | self.pine | self.iron,
            "of the outer segment, within it as well",
        )

    def test_last_contact_of_those_one_may_see(self):
        self.env["partner.contact.log"].create(
            {"name": "Call", "partner_id": self.oak.id, "user_id": self.user_sales.id, "channel": "phone"}
        )
        rule = [("last_contact_date", ">=", "today -30d")]
        segment = self._segment(rule, level="company", user_id=self.user_sales.id)
        self.assertSegment(segment.with_user(self.user_sales), self.oak)
        self.assertSegment(segment.with_user(self.user_marketing), self.env["res.partner"])

    def test_who_changes_a_segment(self):
        segment = self._segment([], user_id=self.user_sales.id)
        others = segment.with_user(self.user_marketing)
        self.assertFalse(others.can_edit)
        for change in (
            {"name": "Mine"},
            {"exclude_ids": [Command.link(self.oak.id)]},
            {"user_id": self.user_marketing.id},
        ):
            with self.assertRaises(AccessError):
                others.write(change)
        with self.assertRaises(AccessError):
            others.action_take_snapshot()
        with self.assertRaises(AccessError):
            others.part_ids.create({"segment_id": segment.id, "part_id": self._segment([]).id})
        segment.with_user(self.user_sales).name = "Still mine"
        segment.with_user(self.user_director).user_id = self.user_marketing
        self.assertTrue(others.can_edit)

    def test_nobody_lends_the_rights_of_another(self):
        segments = self.env["partner.segment"].with_user(self.user_marketing)
        with self.assertRaisesRegex(UserError, "Leave yourself"), self.cr.savepoint():
            segments.create({"name": "Sneaky", "domain": "[]", "user_id": self.user_both.id})
        mine = segments.create({"name": "Mine", "domain": "[]"})
        with self.assertRaisesRegex(UserError, "Leave yourself"), self.cr.savepoint():
            mine.user_id = self.user_both

    def test_rule_asks_only_for_what_its_writer_may_read(self):
        """The scheduler evaluates it with the rights of the owner, and who gets a mailing tells the writer."""
        segment = self._segment([], user_id=self.env.ref("base.user_admin").id)
        director = segment.with_user(self.user_director)
        probe = "[('employee_ids.ssnid', '=like', '1%')]"
        with mute_logger("odoo.orm.models", "odoo.addons.base.models.ir_model"):
            with self.assertRaisesRegex(AccessError, "asks for something"), self.cr.savepoint():
                director.domain = probe
            with self.assertRaisesRegex(AccessError, "asks for something"), self.cr.savepoint():
                director.create({"name": "Probe", "domain": probe, "user_id": segment.user_id.id})
            segment.domain = probe
            with self.assertRaisesRegex(AccessError, "asks for something"), self.cr.savepoint():
                director.user_id = self.user_both
            # what does not touch the rule is anybody's who may change the segment
            director.write({"name": "Renamed", "level": "person"})
        self.assertEqual(segment.name, "Renamed")

    def test_export_has_what_one_may_see(self):
        segment = self._segment([("is_company", "=", True)], company_id=False, user_id=self.user_marketing.id)
        self.user_marketing.group_ids += self.env.ref("base.group_allow_export")
        names = self._export(segment.with_user(self.user_marketing))
        self.assertEqual(names, {"Oak Works", "Pine Works", "Iron Works"})

    def _export(self, segment):
        from io import BytesIO

        from openpyxl import load_workbook

        action = segment.action_export_excel()
        export = (
            self.env["partner.export"].with_user(segment.env.user)._get_own(int(action["url"].split("/")[-1]))
        )
        target = BytesIO()
        self.assertIn(segment.name, export._write_excel(target))
        target.seek(0)
        sheet = load_workbook(target, read_only=True).worksheets[0]
        return {row[0] for row in list(sheet.iter_rows(values_only=True))[1:] if row[0]}
