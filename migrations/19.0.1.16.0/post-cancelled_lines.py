"""Cancelled lines of submitted plans count as planned: not those that had been cancelled before."""


def migrate(cr, version):
    """Mark them as what was not in the plan when it was submitted; a returned plan is a draft as any other."""
    if not version:
        return
    cr.execute(
        """
        UPDATE partner_work_plan_line AS line
           SET is_added = true
          FROM partner_work_plan AS plan
         WHERE plan.id = line.plan_id AND line.state = 'cancelled' AND line.date_done < plan.submitted_on
        """
    )
    cr.execute(
        "UPDATE partner_work_plan SET submitted_on = NULL WHERE state = 'draft' AND submitted_on IS NOT NULL"
    )
