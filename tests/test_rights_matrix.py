"""Who may do what with each model and field of the addon, as ``security/rights.csv`` and ``rights_fields.csv`` say.

The tables are compared with the registry, so that whatever is new and has no row fails here. To write them anew after a
change that is meant, and read the difference::

    RELATIONS_WRITE_RIGHTS=1 dev/test tests/test_rights_matrix.py && git diff security
"""

from odoo.fields import NO_ACCESS
from odoo.tests import TransactionCase, new_test_user, tagged

from .rights import NONE, ROLES, TableCommon

OPERATIONS = ("read", "write", "create", "unlink")
# Fields that no role reads, and who does: {field: groups}.
BOTH = {"partner.mail.rule.mail_server_id": "base.group_system,partner_relations.group_director"}
# Fields that outsiders read, too, and why.
PRINTED = {
    "sale.order.incoterm": "core's, which the addon only computes; the customer has it on the order",
    "sale.order.incoterm_location": "as the terms of delivery themselves",
}


@tagged("post_install", "-at_install")
class TestRightsMatrix(TableCommon, TransactionCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: new_test_user(cls.env, f"rights_{role.replace(' ', '_')}", groups=groups)
            for role, groups in ROLES.items()
        }

    def _get_models(self):
        """The models of the addon that have a table or are asked for by name, with their records' rights."""
        return sorted(
            name
            for name, model in self.env.registry.items()
            if model._original_module == "partner_relations" and not model._abstract
        )

    def _get_model_rows(self):
        for name in self._get_models():
            letters = {
                role: "".join(
                    operation[0]
                    for operation in OPERATIONS
                    if self.env[name].with_user(user).has_access(operation)
                )
                for role, user in self.users.items()
            }
            yield "model", name, letters

    def _get_field_rows(self):
        """All fields of the addon, on its own and on core's models, with who may read the model and the field."""
        for name, model in sorted(self.env.registry.items()):
            if model._abstract:
                continue
            readers = {
                role: self.env[name].with_user(user)
                for role, user in self.users.items()
                if self.env[name].with_user(user).has_access("read")
            }
            for field in sorted(self.env[name]._fields.values(), key=lambda field: field.name):
                # what a module says of a field of its own; a field of core that the addon changes has both
                if "partner_relations" not in (field._modules or ()):
                    continue
                letters = {
                    role: "r"
                    if field.groups != NO_ACCESS
                    and role in readers
                    and readers[role]._has_field_access(field, "read")
                    else ""
                    for role in self.users
                }
                yield field, f"{name}.{field.name}", letters

    def _check_letters(self, filename, rows):
        self._check_table(
            filename,
            ["kind", "name", *ROLES],
            [[kind, name, *(letters[role] or NONE for role in ROLES)] for kind, name, letters in rows],
        )

    def test_models(self):
        self._check_letters("rights.csv", self._get_model_rows())

    def test_fields(self):
        """Each field has a row: who may neither read the model nor the field reads nothing of it."""
        rows = [
            ("limited" if field.groups else "field", name, letters)
            for field, name, letters in self._get_field_rows()
        ]
        self._check_letters("rights_fields.csv", rows)

    def test_each_row_has_a_role(self):
        """A row that is refused to every role says nothing: only what is for code of the server may be such a one."""
        shut = [name for _kind, name, letters in self._get_model_rows() if not any(letters.values())]
        self.assertEqual(shut, [])
        hidden = {
            f"{name}.{field.name}"
            for name in self.env.registry
            for field in self.env[name]._fields.values()
            if field.groups == NO_ACCESS
        }
        shut = {name for _kind, name, letters in self._get_field_rows() if not any(letters.values())}
        self.assertEqual(shut - hidden, BOTH.keys())
        for number, (name, groups) in enumerate(BOTH.items()):
            user = new_test_user(self.env, f"rights_both_{number}", groups=groups)
            model, _dot, field = name.rpartition(".")
            reader = self.env[model].with_user(user)
            self.assertTrue(
                reader.has_access("read") and reader._has_field_access(reader._fields[field], "read")
            )

    def test_outsiders_have_nothing(self):
        """Whoever is outside of the company reads no model and no field of the addon, whatever the tables say."""
        for kind, name, letters in self._get_model_rows():
            self.assertEqual((letters["public"], letters["portal"]), ("", ""), (kind, name))
        read = {
            name for _field, name, letters in self._get_field_rows() if letters["public"] or letters["portal"]
        }
        self.assertEqual(read, PRINTED.keys())

    def test_models_with_a_company_have_a_rule_for_it(self):
        """What belongs to a company is hidden from who works in another one."""
        names = [
            name
            for name in self._get_models()
            if (field := self.env[name]._fields.get("company_id")) is not None
            and field.store
            and not self.env[name]._transient
        ]
        self.assertGreater(len(names), 30)
        rules = self.env["ir.rule"].search([("model_id.model", "in", names), ("groups", "=", False)])
        covered = {rule.model_id.model for rule in rules if "company_id" in (rule.domain_force or "")}
        self.assertEqual(set(names) - covered, set())
