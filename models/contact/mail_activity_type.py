from odoo import api, fields, models

from ...tools.channels import CHANNELS


class MailActivityType(models.Model):
    """Which activities are contacts with a business partner."""

    _inherit = "mail.activity.type"

    contact_channel = fields.Selection(
        CHANNELS,
        compute="_compute_contact_channel",
        store=True,
        readonly=False,
        help="Activities of this type on documents of a customer or supplier are entries of the contact log, "
        "with this channel. Empty: they are no contacts.",
    )

    @api.depends("category")
    def _compute_contact_channel(self):
        channels = {"phonecall": "phone", "meeting": "meeting"}
        for activity_type in self:
            activity_type.contact_channel = (
                channels.get(activity_type.category) or activity_type.contact_channel or False
            )
