from odoo import api, models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Odoo's merge of contacts carries over for which lapses of their rhythm somebody was reminded, each once."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        reminders = self.env["partner.effort.reminder"]
        reminders.flush_model()
        # SQL as core's merge is, whose rights apply; it moves the rest, and stops at two of the same day
        self.env.execute_query(
            SQL(
                """
    DELETE FROM partner_effort_reminder WHERE id IN (
        SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY company_id, since_date
                                                      ORDER BY partner_id <> %s, id) AS number
                          FROM partner_effort_reminder WHERE partner_id = ANY(%s)) AS numbered
         WHERE number > 1)
 RETURNING id""",
                dst_partner.id,
                (src_partners | dst_partner).ids,
            )
        )
        reminders.invalidate_model(flush=False)
        return super()._update_foreign_keys(src_partners, dst_partner)
