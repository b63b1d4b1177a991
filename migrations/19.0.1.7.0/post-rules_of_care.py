"""Give the rules on whose customers one sees their shorter form, which the database answers by index."""

import logging

from odoo import SUPERUSER_ID, api

_logger = logging.getLogger(__name__)

OWN = "[('is_own', '=', True)]"
OWN_OR_WRITTEN = "['|', ('create_uid', '=', user.id), ('is_own', '=', True)]"
# What the rules said in all versions before, and what they say now.
OF_CONTACT = """
    ('partner_id.user_id', '=', user.id),
    ('partner_id.buyer_id', '=', user.id),
    ('partner_id.responsible_user_ids', 'in', [user.id])"""
RULES = {
    "partner_contact_log_user_read_rule": (
        f"""['|', '|', '|', '|', '|', '|', '|',
            ('user_id', '=', user.id),
            ('create_uid', '=', user.id), {OF_CONTACT},
            ('commercial_partner_id.user_id', '=', user.id),
            ('commercial_partner_id.buyer_id', '=', user.id),
            ('commercial_partner_id.responsible_user_ids', 'in', [user.id])]""",
        OWN_OR_WRITTEN,
    ),
    "partner_requirement_user_rule": (
        f"['|', '|', '|', '|', ('user_id', '=', user.id), ('create_uid', '=', user.id), {OF_CONTACT}]",
        OWN_OR_WRITTEN,
    ),
    "partner_classification_line_user_rule": (f"['|', '|', {OF_CONTACT}]", OWN),
    "partner_customer_terms_user_rule": (f"['|', '|', {OF_CONTACT}]", OWN),
    "partner_rhythm_report_user_rule": (f"['|', '|', '|', ('owner_id', '=', user.id), {OF_CONTACT}]", OWN),
}


def migrate(cr, version):
    """The rules are not updated with the addon, since companies change theirs: those that were changed stay."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, (before, domain) in RULES.items():
        rule = env.ref(f"partner_relations.{name}", raise_if_not_found=False)
        if not rule:
            continue
        said = _without_space(rule.domain_force or "")
        if said == _without_space(before):
            rule.domain_force = domain
        elif said != _without_space(domain):
            _logger.info("The rule “%s” was changed by hand and stays as it is: %s", rule.name, said)


def _without_space(text):
    return "".join(text.split())
