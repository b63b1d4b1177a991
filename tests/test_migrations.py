"""Steps of upgrades whose data the first version could not have, and that no other test runs."""

import runpy
from pathlib import Path

from odoo.tests import TransactionCase, tagged

MIGRATIONS = Path(__file__).parents[1] / "migrations"


@tagged("post_install", "-at_install")
class TestMigrations(TransactionCase):
    def _migrate(self, step, version="19.0.1.7.0"):
        self.env.flush_all()
        runpy.run_path(str(MIGRATIONS / step))["migrate"](self.env.cr, version)
        self.env.invalidate_all()

    def test_hours_below_zero(self):
        """They kept the work plans of everybody from being filled."""
        types = self.env["mail.activity.type"].create(
            [{"name": name, "planned_hours": 1} for name in ("Below", "Above")]
        )
        # as earlier versions let it be
        self.env.cr.execute(
            "ALTER TABLE mail_activity_type DROP CONSTRAINT mail_activity_type_planned_hours_positive"
        )
        self.env.cr.execute("UPDATE mail_activity_type SET planned_hours = -1 WHERE id = %s", types[0].ids)
        self._migrate("19.0.1.8.0/pre-hours_of_activities.py", version=None)
        self.assertEqual(types[0].planned_hours, -1, "an installation has nothing to mend")
        self._migrate("19.0.1.8.0/pre-hours_of_activities.py")
        self.assertEqual(types.mapped("planned_hours"), [0, 1])

    def test_directors_rule_of_schedules(self):
        """It gets the form that new databases have, unless the company has changed it."""
        rule = self.env.ref("partner_relations.partner_segment_schedule_director_rule")
        new = rule.domain_force
        for before, after in (
            ("[ ('company_id', 'in', company_ids + [False]) ]", new),
            ("[('company_id', 'in', company_ids)]", "[('company_id', 'in', company_ids)]"),
        ):
            rule.domain_force = before
            self._migrate("19.0.1.8.0/post-rule_of_schedules.py")
            self.assertEqual(rule.domain_force, after)

    def test_lines_of_the_slippage(self):
        """Scorecards that are not computed again have as many as of the lead time; the others keep theirs."""
        cards = self.env["supplier.scorecard"].create(
            [
                {
                    "partner_id": self.env["res.partner"].create({"name": name, "is_company": True}).id,
                    "date_from": "2016-01-01",
                    "date_to": "2016-01-31",
                }
                for name in ("Old", "New")
            ]
        )
        self.env.flush_all()
        for card, lines in zip(cards, (None, 2), strict=True):
            self.env.cr.execute(
                "UPDATE supplier_scorecard SET received_line_count = 5, slippage_line_count = %s WHERE id = %s",
                [lines, card.id],
            )
        self._migrate("19.0.1.9.0/post-slippage_lines.py")
        self.assertEqual(cards.mapped("slippage_line_count"), [5, 2])

    def test_views_that_extend_the_form_of_contacts(self):
        """What stood after the next birthday moves; Odoo would refuse to read the form anew."""
        view = self.env["ir.ui.view"].create(
            {
                "name": "Extension of somebody",
                "model": "res.partner",
                "inherit_id": self.env.ref("partner_relations.res_partner_view_form").id,
                "arch": '<field name="preferred_channel" position="before"><field name="ref"/></field>',
            }
        )
        self.env.flush_all()
        now = view.arch_db
        self.env.cr.execute(
            "UPDATE ir_ui_view SET arch_db = jsonb_build_object('en_US', %s::text) WHERE id = %s",
            [
                now.replace('"preferred_channel" position="before"', '"next_birthday" position="after"'),
                view.id,
            ],
        )
        view.invalidate_recordset()
        self.assertNotEqual(view.arch_db, now)
        self._migrate("19.0.1.19.0/pre-birthday_anchor.py", version="19.0.1.18.0")
        self.assertEqual(view.arch_db, now)
