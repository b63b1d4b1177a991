"""That a quotation or a blanket order ends is told by activities that are no contacts."""

# As they were told, in the languages of the addon.
SUMMARIES = {
    "sale.order": ["The quotation is valid until %", "Báo giá có hiệu lực đến %"],
    "purchase.requisition": ["The blanket order ends on %", "Hợp đồng khung hết hạn ngày %"],
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
               SET activity_type_id = ours.res_id
              FROM ir_model_data AS ours, ir_model_data AS todo
             WHERE ours.module = 'partner_relations' AND ours.name = 'mail_activity_type_expiry'
               AND todo.module = 'mail' AND todo.name = 'mail_activity_data_todo'
               AND activity.res_model = %s AND activity.automated AND activity.summary LIKE ANY(%s)
               AND activity.activity_type_id = todo.res_id
            RETURNING activity.id)
            DELETE FROM partner_contact_log AS log
             USING told
             WHERE log.source_model = 'mail.activity' AND log.activity_id = told.id
               AND COALESCE(log.agreement, '') = '' AND log.outcome_id IS NULL
            """,
            (model, summaries),
        )
