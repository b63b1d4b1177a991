from odoo import api, models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Odoo's merge of contacts carries the letters of mailings over: who was written to, opened, clicked, answered."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        traces = self.env["mailing.trace"]
        traces.flush_model(["model", "res_id"])
        # SQL as core's merge is, whose rights apply; there may be many of them
        self.env.execute_query(
            SQL(
                """UPDATE mailing_trace SET res_id = %s
                    WHERE model = 'res.partner' AND res_id = ANY(%s) RETURNING id""",
                dst_partner.id,
                src_partners.ids,
            )
        )
        traces.invalidate_model(["res_id"], flush=False)
        return super()._update_foreign_keys(src_partners, dst_partner)
