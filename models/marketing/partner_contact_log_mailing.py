from odoo import fields, models


class PartnerContactLog(models.Model):
    """The campaign that a contact belongs to; answers to a mailing have the mailing as well."""

    _inherit = "partner.contact.log"

    mailing_id = fields.Many2one(
        "mailing.mailing",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The mailing that this letter answers.",
    )
    campaign_id = fields.Many2one(
        "utm.campaign",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The campaign that this contact was made for or answers.",
    )
