from odoo import api, models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """What was mailed about a contact stays known when the contact is merged into another."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        logs = self.env["partner.mail.rule.log"]
        logs.flush_model()
        # SQL as core's merge is, whose rights apply. Where several were mailed for the same day one note is moved:
        # that it was done is all that counts.
        self.env.execute_query(
            SQL(
                """
    UPDATE partner_mail_rule_log AS log SET res_id = %(dst)s
     WHERE log.id IN (SELECT DISTINCT ON (rule_id, due_date) id
                        FROM partner_mail_rule_log
                       WHERE res_model = 'res.partner' AND res_id IN %(src)s
                       ORDER BY rule_id, due_date, id)
       AND NOT EXISTS (SELECT FROM partner_mail_rule_log AS other
                        WHERE other.rule_id = log.rule_id AND other.res_model = 'res.partner'
                          AND other.res_id = %(dst)s AND other.due_date = log.due_date)
 RETURNING log.id""",
                dst=dst_partner.id,
                src=tuple(src_partners.ids) or (0,),
            )
        )
        logs.invalidate_model(flush=False)
        return super()._update_foreign_keys(src_partners, dst_partner)
