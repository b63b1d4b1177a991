"""Give the rules on whose customers one sees their shorter form, which the database answers by index."""

from odoo import SUPERUSER_ID, api

OWN = "[('is_own', '=', True)]"
OWN_OR_WRITTEN = "['|', ('create_uid', '=', user.id), ('is_own', '=', True)]"
RULES = {
    "partner_contact_log_user_read_rule": OWN_OR_WRITTEN,
    "partner_requirement_user_rule": OWN_OR_WRITTEN,
    "partner_classification_line_user_rule": OWN,
    "partner_customer_terms_user_rule": OWN,
    "partner_rhythm_report_user_rule": OWN,
}


def migrate(cr, version):
    """The rules are not updated with the addon, since companies change theirs: those that were changed stay."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, domain in RULES.items():
        rule = env.ref(f"partner_relations.{name}", raise_if_not_found=False)
        if rule and "partner_id.responsible_user_ids" in (rule.domain_force or ""):
            rule.domain_force = domain
