from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestDialogRights(TransactionCase):
    """A dialog holds what one person is about to do: nobody else reads it, whatever the dialog is."""

    def test_each_dialog_has_the_rule(self):
        dialogs = [
            name
            for name, model in self.env.registry.items()
            if model._transient and model._original_module == "partner_relations"
        ]
        self.assertGreater(len(dialogs), 20)
        rules = self.env["ir.rule"].search([("model_id.model", "in", dialogs), ("groups", "=", False)])
        own = {rule.model_id.model for rule in rules if "create_uid" in rule.domain_force}
        # settings are each person's own by core
        self.assertEqual(set(dialogs) - own, set())

    def test_no_client_writes_a_model_and_an_id(self):
        """The mixin asks about relations; a dialog that names any document is written by the addon alone."""
        # what it shows of the record is rendered with the rights of who looks
        rendered = {"partner.mail.rule.preview.line"}
        written = {
            access.model_id.model
            for access in self.env["ir.model.access"].search([("perm_create", "=", True)])
            if (model := self.env.registry.get(access.model_id.model))
            and model._transient
            and model._original_module == "partner_relations"
            and any(field.type == "many2one_reference" for field in model._fields.values())
        }
        self.assertEqual(written, rendered)

    def test_each_dialog_asks_what_it_is_pointed_at(self):
        mixin = self.env.registry["partner.pointer.mixin"]
        dialogs = {
            name
            for name, model in self.env.registry.items()
            if model._transient
            and model._original_module == "partner_relations"
            and any(
                field.type in ("many2one", "many2many") and field.store and not field.name.endswith("_uid")
                for field in model._fields.values()
            )
        }
        asking = {name for name in dialogs if issubclass(self.env.registry[name], mixin)}
        self.assertGreater(len(asking), 30)
        self.assertEqual(dialogs - asking, set())
