"""The rules on whose customers one sees get their shorter form by the upgrade, unless somebody changed them."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from unittest.mock import patch

from odoo.modules.module import get_module_path
from odoo.tests import TransactionCase, tagged

# as version 19.0.1.6.0 had them
BEFORE = {
    "partner_contact_log_user_read_rule": """['|', '|', '|', '|', '|', '|', '|',
            ('user_id', '=', user.id),
            ('create_uid', '=', user.id),
            ('partner_id.user_id', '=', user.id),
            ('partner_id.buyer_id', '=', user.id),
            ('partner_id.responsible_user_ids', 'in', [user.id]),
            ('commercial_partner_id.user_id', '=', user.id),
            ('commercial_partner_id.buyer_id', '=', user.id),
            ('commercial_partner_id.responsible_user_ids', 'in', [user.id])]""",
    "partner_requirement_user_rule": """['|', '|', '|', '|',
            ('user_id', '=', user.id),
            ('create_uid', '=', user.id),
            ('partner_id.user_id', '=', user.id),
            ('partner_id.buyer_id', '=', user.id),
            ('partner_id.responsible_user_ids', 'in', [user.id])]""",
    "partner_classification_line_user_rule": """['|', '|',
            ('partner_id.user_id', '=', user.id),
            ('partner_id.buyer_id', '=', user.id),
            ('partner_id.responsible_user_ids', 'in', [user.id])]""",
    "partner_customer_terms_user_rule": """['|', '|',
            ('partner_id.user_id', '=', user.id),
            ('partner_id.buyer_id', '=', user.id),
            ('partner_id.responsible_user_ids', 'in', [user.id])]""",
    "partner_rhythm_report_user_rule": """['|', '|', '|',
            ('owner_id', '=', user.id),
            ('partner_id.user_id', '=', user.id),
            ('partner_id.buyer_id', '=', user.id),
            ('partner_id.responsible_user_ids', 'in', [user.id])]""",
}


@tagged("post_install", "-at_install")
class TestCareRules(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = Path(get_module_path("partner_relations")) / "migrations" / "19.0.1.7.0"
        spec = spec_from_file_location("rules_of_care", folder / "post-rules_of_care.py")
        cls.script = module_from_spec(spec)
        spec.loader.exec_module(cls.script)
        cls.rules = {name: cls.env.ref(f"partner_relations.{name}") for name in BEFORE}

    def _migrate(self):
        self.script.migrate(self.env.cr, "19.0.1.6.0")
        self.env.invalidate_all()
        return {name: rule.domain_force for name, rule in self.rules.items()}

    def test_unchanged_rules_are_those_of_a_new_installation(self):
        installed = {name: rule.domain_force for name, rule in self.rules.items()}
        for name, rule in self.rules.items():
            self.assertIn("is_own", rule.domain_force)
            rule.domain_force = BEFORE[name]
        for _turn in range(2):
            with patch.object(self.script._logger, "info") as told:
                self.assertEqual(self._migrate(), installed)
            told.assert_not_called()

    def test_changed_rules_stay(self):
        """Whoever restricted a rule, or widened it, keeps that, and is told."""
        changed = {}
        for name, rule in self.rules.items():
            changed[name] = f"['&', ('id', '>', 0), {BEFORE[name][1:]}"
            rule.domain_force = changed[name]
        with patch.object(self.script._logger, "info") as told:
            self.assertEqual(self._migrate(), changed)
        names = [call.args[1] for call in told.call_args_list]
        self.assertEqual(sorted(names), sorted(rule.name for rule in self.rules.values()))
