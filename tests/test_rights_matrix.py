"""Who may do what with each model and field of the addon, as one table says: ``security/rights.csv``.

The table is compared with the registry, so that whatever is new and has no row fails here. To write it anew after a
change that is meant, and read the difference::

    RELATIONS_WRITE_RIGHTS=1 dev/test tests/test_rights_matrix.py && git diff security/rights.csv
"""

import csv
import os
from io import StringIO
from pathlib import Path

from odoo.fields import NO_ACCESS
from odoo.tests import TransactionCase, new_test_user, tagged

from .rights import NONE, ROLES

TABLE = Path(__file__).parents[1] / "security" / "rights.csv"
OPERATIONS = ("read", "write", "create", "unlink")


@tagged("post_install", "-at_install")
class TestRightsMatrix(TransactionCase):
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
        """Fields of the addon, on its own and on core's models, that not everybody who may read the model may read."""
        for name, model in sorted(self.env.registry.items()):
            if model._abstract:
                continue
            for field in self.env[name]._fields.values():
                # what a module says of a field of its own; a field of core that the addon restricts has both
                if "partner_relations" not in (field._modules or ()) or not field.groups:
                    continue
                letters = {
                    role: "r"
                    if field.groups != NO_ACCESS
                    and self.env[name].with_user(user)._has_field_access(field, "read")
                    else ""
                    for role, user in self.users.items()
                }
                yield "field", f"{name}.{field.name}", letters

    def _get_table(self):
        stream = StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["kind", "name", *ROLES])
        for rows in (self._get_model_rows(), self._get_field_rows()):
            for kind, name, letters in rows:
                writer.writerow([kind, name, *(letters[role] or NONE for role in ROLES)])
        return stream.getvalue()

    def test_table(self):
        table = self._get_table()
        if os.environ.get("RELATIONS_WRITE_RIGHTS"):
            TABLE.write_text(table, encoding="utf-8")
        self.assertMultiLineEqual(TABLE.read_text(encoding="utf-8"), table)

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
        self.assertEqual(shut - hidden, set())

    def test_outsiders_have_nothing(self):
        """Whoever is outside of the company may do nothing with a model of the addon, whatever the table says."""
        for kind, name, letters in self._get_model_rows():
            self.assertEqual((letters["public"], letters["portal"]), ("", ""), (kind, name))

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
