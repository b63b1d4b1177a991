from lxml import etree

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestButtons(TransactionCase):
    def test_buttons_call_methods_of_records(self):
        """The client calls a button's method with the ids of the records, which a method of the model does not take."""
        data = self.env["ir.model.data"].search(
            [("module", "=", "partner_relations"), ("model", "=", "ir.ui.view")]
        )
        views = self.env["ir.ui.view"].browse(data.mapped("res_id"))
        called, wrong = 0, []
        for view in views.filtered(lambda view: view.model and view.type != "qweb"):
            arch = etree.fromstring(view.arch_db)
            for button in arch.xpath("//button[@type='object'][@name] | //a[@type='object'][@name]"):
                model = self.env[view.model]
                for node in reversed(list(button.iterancestors("field"))):
                    field = model._fields.get(node.get("name"))
                    if field is not None and field.relational:
                        model = self.env[field.comodel_name]
                method = getattr(type(model), button.get("name"), None)
                called += 1
                if method is None or getattr(method, "_api_model", False):
                    wrong.append(f"{view.xml_id}: {model._name}.{button.get('name')}")
        self.assertFalse(wrong)
        self.assertGreater(called, 200)
