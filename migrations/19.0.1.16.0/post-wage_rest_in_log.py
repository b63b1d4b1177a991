"""What a stopped member of a wage deduction pays directly is told by an activity that is no contact with it."""


def migrate(cr, version):
    """Leave what somebody wrote about, and activities that somebody planned."""
    if not version:
        return
    cr.execute(
        """
        WITH told AS (
        UPDATE mail_activity AS activity
           SET activity_type_id = rest.res_id
          FROM ir_model_data AS rest, ir_model_data AS todo
         WHERE rest.module = 'partner_relations' AND rest.name = 'mail_activity_type_wage_rest'
           AND todo.module = 'mail' AND todo.name = 'mail_activity_data_todo'
           AND activity.res_model = 'partner.wage.deduction.member' AND activity.automated
           AND activity.activity_type_id = todo.res_id
        RETURNING activity.id)
        DELETE FROM partner_contact_log AS log
         USING told
         WHERE log.source_model = 'mail.activity' AND log.activity_id = told.id
           AND COALESCE(log.agreement, '') = '' AND log.outcome_id IS NULL
        """
    )
