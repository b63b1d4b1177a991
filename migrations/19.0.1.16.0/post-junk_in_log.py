"""Letters that are junk are no contacts with whom they seem to come from: those in the history go."""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL


def migrate(cr, version):
    """Leave what somebody wrote about, and what came into another mailbox, too, where it is no junk."""
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
     RETURNING message.id
        """
    )
    cr.execute(
        """
        SELECT DISTINCT twin.id
          FROM mail_message AS message
          JOIN mail_message AS twin ON twin.message_id = message.message_id AND twin.model = message.model
         WHERE message.id = ANY(%s) AND twin.id <> message.id
        """,
        [[message_id for (message_id,) in cr.fetchall()]],
    )
    twins = [message_id for (message_id,) in cr.fetchall()]
    env = api.Environment(cr, SUPERUSER_ID, {})
    logs = env["partner.contact.log"]
    if missing := logs._filter_letter_contacts(env["mail.message"].browse(twins)):
        logs._feed_messages(SQL("m.id = ANY(%s)", missing.ids), "partner.letter")
