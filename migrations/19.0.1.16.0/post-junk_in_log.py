"""Letters that are junk are no contacts with whom they seem to come from: those in the history go."""


def migrate(cr, version):
    """Leave what somebody wrote about."""
    if not version:
        return
    cr.execute(
        """
        DELETE FROM partner_contact_log AS log
         USING partner_letter AS letter, mail_message AS message
         WHERE letter.is_junk AND letter.direction = 'in' AND message.id = letter.mail_message_id
           AND message.model = 'partner.letter'
           AND log.source_model = 'mail.message' AND log.message_id = message.id
           AND COALESCE(log.agreement, '') = '' AND log.outcome_id IS NULL
        """
    )
