"""What the end of the addon does before Odoo removes its records; the whole of it is ``dev/test --life``."""

from odoo import Command
from odoo.tests import TransactionCase, tagged

from odoo.addons.partner_relations.hooks import take_activity_types, uninstall_hook


@tagged("post_install", "-at_install")
class TestUninstall(TransactionCase):
    def test_activity_types_that_users_build_on(self):
        """Types, plans and actions of users go on with Odoo's own type: they would keep the addon's from going."""
        rhythm = self.env.ref("partner_relations.mail_activity_type_rhythm")
        todo = self.env.ref("mail.mail_activity_data_todo")
        partner = self.env["res.partner"].create({"name": "Customer"})
        activity = partner.activity_schedule("partner_relations.mail_activity_type_rhythm", summary="Call")
        mine = self.env["mail.activity.type"].create(
            {"name": "Mine", "chaining_type": "trigger", "triggered_next_type_id": rhythm.id}
        )
        step = {"activity_type_id": rhythm.id, "summary": "First", "responsible_type": "on_demand"}
        plan = self.env["mail.activity.plan"].create(
            {"name": "Plan", "res_model": "res.partner", "template_ids": [Command.create(step)]}
        )
        action = self.env["ir.actions.server"].create(
            {
                "name": "Next",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "next_activity",
                "activity_type_id": rhythm.id,
            }
        )
        take_activity_types(self.env, rhythm.ids)
        self.assertEqual(activity.activity_type_id, todo)
        self.assertEqual(activity.summary, "Call")
        self.assertEqual(mine.triggered_next_type_id, todo)
        self.assertEqual(plan.template_ids.activity_type_id, todo)
        self.assertEqual(action.activity_type_id, todo)
        rhythm.unlink()
        self.assertFalse(rhythm.exists())

    def test_what_users_have_kept_of_the_addon(self):
        """Favourites, columns of exports, settings and half written letters go; those of Odoo's models stay."""
        kept, gone = [], []
        for model, ours in (("res.partner", kept), ("partner.requirement", gone)):
            records = self.env[model].create(
                {"name": "A", **({"partner_id": kept[0].id} if ours is gone else {})}
            )
            ours += [
                records if ours is kept else self.env["ir.filters"],
                self.env["ir.filters"].create({"name": "Mine", "model_id": model}),
                self.env["ir.filters"].create({"name": "Old", "model_id": model, "active": False}),
                self.env["ir.exports"].create({"name": "Mine", "resource": model}),
                self.env["mail.compose.message"].create({"model": model, "res_ids": str(records.ids)}),
                self.env["ir.config_parameter"].create(
                    {"key": f"partner{'_' if ours is gone else '-'}relations.mine", "value": "1"}
                ),
            ]
        uninstall_hook(self.env)
        self.assertTrue(all(record.exists() for record in kept))
        self.assertFalse([record for record in gone if record.exists()])
