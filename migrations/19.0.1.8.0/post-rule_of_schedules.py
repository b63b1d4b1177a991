"""Give directors' rule on activities for a segment the form it has in new databases."""

from odoo import SUPERUSER_ID, api

# the companies are a rule for everybody since 19.0.1.6.0
BEFORE = "[('company_id', 'in', company_ids + [False])]"


def migrate(cr, version):
    """Rules are not updated with the addon, since companies change theirs: one that was changed stays."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    rule = env.ref("partner_relations.partner_segment_schedule_director_rule", raise_if_not_found=False)
    if rule and "".join((rule.domain_force or "").split()) == "".join(BEFORE.split()):
        rule.domain_force = "[(1, '=', 1)]"
