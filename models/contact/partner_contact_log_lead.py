from odoo import api, models
from odoo.tools import SQL


class PartnerContactLog(models.Model):
    """E-mails of a lead from before its contact was known: they are contacts with it, too."""

    _inherit = "partner.contact.log"

    @api.model
    def _feed_lead_messages(self, leads):
        """Add the entries of e-mails that came from, or went to, the address of the contact of these leads."""
        if ids := self._know_lead_messages(SQL("m.res_id = ANY(%s)", leads.ids)):
            self._feed_messages(SQL("m.id = ANY(%s)", ids), "crm.lead")

    @api.model
    def _know_lead_messages(self, messages):
        """Enter the contact of its lead as author or receiver of each e-mail that has its address and no contact.

        :param messages: SQL condition on ``m`` (mail_message)
        :return: ids of the messages that were changed
        """
        self.env["mail.message"].flush_model(
            ["author_id", "email_from", "message_type", "model", "outgoing_email_to", "partner_ids", "res_id"]
        )
        self.env["crm.lead"].flush_model(["partner_id"])
        self.env["res.partner"].flush_model(["email_normalized"])
        # SQL: the history is read by it in hundreds of thousands, and whoever enters the contact need not see the mails
        rows = self.env.execute_query(
            SQL(
                r"""
    WITH author AS (
    UPDATE mail_message AS m
       SET author_id = p.id
      FROM crm_lead AS l
      JOIN res_partner AS p ON p.id = l.partner_id
     WHERE %(messages)s AND m.model = 'crm.lead' AND l.id = m.res_id
       AND m.author_id IS NULL AND m.message_type = 'email'
       AND LOWER(TRIM(COALESCE(SUBSTRING(m.email_from FROM '<([^<>]+)>\s*$'), m.email_from))) = p.email_normalized
    RETURNING m.id),
    receiver AS (
    INSERT INTO mail_message_res_partner_rel (mail_message_id, res_partner_id)
    SELECT m.id, p.id
      FROM mail_message AS m
      JOIN crm_lead AS l ON l.id = m.res_id
      JOIN res_partner AS p ON p.id = l.partner_id
     WHERE %(messages)s AND m.model = 'crm.lead'
       AND p.email_normalized = ANY(regexp_split_to_array(LOWER(m.outgoing_email_to), '[][,;<>"()\s]+'))
        ON CONFLICT DO NOTHING
    RETURNING mail_message_id)
    SELECT id FROM author UNION SELECT mail_message_id FROM receiver""",
                messages=messages,
            )
        )
        if rows:
            self.env["mail.message"].invalidate_model(["author_id", "partner_ids"], flush=False)
        return [message_id for (message_id,) in rows]
