"""A letter that was not delivered, and a blocked order from the portal, are told by activities that are no contacts."""

# As they were told, in the languages of the addon.
SUMMARIES = {
    "partner.letter": ["Not delivered", "Không gửi đến được"],
    "sale.order": ["Ordered online in spite of overdue payments", "Đặt hàng trực tuyến dù còn nợ quá hạn"],
}


def migrate(cr, version):
    """Leave what somebody wrote about, and activities that somebody planned."""
    if not version:
        return
    for model, summaries in SUMMARIES.items():
        cr.execute(
            """
            WITH told AS (
            UPDATE mail_activity AS activity
               SET activity_type_id = warning.res_id
              FROM ir_model_data AS warning, ir_model_data AS todo
             WHERE warning.module = 'mail' AND warning.name = 'mail_activity_data_warning'
               AND todo.module = 'mail' AND todo.name = 'mail_activity_data_todo'
               AND activity.res_model = %s AND activity.summary = ANY(%s)
               AND activity.activity_type_id = todo.res_id
            RETURNING activity.id)
            DELETE FROM partner_contact_log AS log
             USING told
             WHERE log.source_model = 'mail.activity' AND log.activity_id = told.id
               AND COALESCE(log.agreement, '') = '' AND log.outcome_id IS NULL
            """,
            (model, summaries),
        )
