from odoo import fields, models


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    failure_type = fields.Selection(
        selection_add=[("relations_segment", "No longer in the segment")],
        ondelete={"relations_segment": "set null"},
    )

    # Each incoming letter looks for the trace it answers.
    _message_id_idx = models.Index("USING hash (message_id) WHERE message_id IS NOT NULL")
    # Each merge of contacts looks for their letters.
    _contact_idx = models.Index("(res_id) WHERE model = 'res.partner'")
    # And each merge of leads for theirs.
    _lead_idx = models.Index("(res_id) WHERE model = 'crm.lead'")
