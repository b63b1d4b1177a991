"""Messages of colleagues who left are no contacts with a customer: those that the history made of them go."""


def migrate(cr, version):
    """Leave what somebody wrote about, and what was written before the person worked here."""
    if not version:
        return
    cr.execute(
        """
        DELETE FROM partner_contact_log AS log
         USING res_users AS member, mail_message AS message
         WHERE member.partner_id = log.partner_id AND member.share IS NOT TRUE
           AND log.source_model = 'mail.message' AND message.id = log.message_id
           AND message.date >= member.create_date
           AND COALESCE(log.agreement, '') = '' AND log.outcome_id IS NULL
        """
    )
