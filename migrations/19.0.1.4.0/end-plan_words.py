"""Take the names of documents out of the lines of closed work plans; open ones follow their activities anyway."""

from odoo.tools import SQL


def migrate(cr, version):
    """One statement over the lines of closed plans whose activity is still there."""
    if not version:
        return
    cr.execute(
        SQL(
            """
    UPDATE partner_work_plan_line AS line
       SET name = COALESCE(NULLIF(activity.summary, ''), kind.name->>'en_US', line.name)
      FROM partner_work_plan AS plan, mail_activity AS activity
      LEFT JOIN mail_activity_type AS kind ON kind.id = activity.activity_type_id
     WHERE plan.id = line.plan_id AND plan.state = 'closed' AND activity.id = line.activity_id
       AND line.kind <> 'manual'"""
        )
    )
