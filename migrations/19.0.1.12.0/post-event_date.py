"""The date that a mail of a rule was about: its due day without the days that the rule has now."""

from odoo.addons.partner_relations.models.correspondence.partner_mail_rule import KIND_OF


def migrate(cr, version):
    """Fill it for the notes that are there."""
    if not version:
        return
    cr.execute(
        """
        UPDATE partner_mail_rule_log AS log SET event_date = log.due_date - rule.offset_days
          FROM partner_mail_rule AS rule
         WHERE rule.id = log.rule_id AND log.event_date IS NULL AND rule.trigger = ANY(%s)
        """,
        [[trigger for trigger, kind in KIND_OF.items() if kind == "date"]],
    )
