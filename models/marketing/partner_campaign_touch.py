from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

TOUCH_KINDS = [
    ("reply", "Answer to a Mailing"),
    ("click", "Click"),
    ("inquiry", "Inquiry"),
    ("contact", "Logged Contact"),
    ("open", "Opened Letter"),
    ("sent", "Letter Sent"),
]


class PartnerCampaignTouch(models.Model):
    """What linked a customer with a campaign: the touches that sales may be credited by.

    Letters that were only opened or sent are here only where the setting of a company makes them touches.
    """

    _name = "partner.campaign.touch"
    _description = "Touch of a Campaign"
    _inherit = ["partner.campaign.query", "partner.care.mixin", "partner.report.page.mixin"]
    _care_partner_fields = ("partner_id", "contact_id")
    _auto = False
    _rec_name = "kind"
    _order = "moment desc, id desc"
    _depends = {"mailing.trace": ["trace_status"]}

    kind = fields.Selection(TOUCH_KINDS, readonly=True)
    moment = fields.Datetime(
        string="Date", readonly=True, help="Noon where only the day of the inquiry is known."
    )
    contact_id = fields.Many2one("res.partner", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    source_id = fields.Many2one("utm.source", readonly=True)
    medium_id = fields.Many2one("utm.medium", string="Marketing Medium", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, help="Empty: counts in every company.")
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(string="Document", model_field="res_model", readonly=True)
    touch_count = fields.Integer(string="Touches", readonly=True)
    is_own = fields.Boolean(
        string="Mine",
        compute="_compute_is_own",
        search="_search_is_own",
        help="The customer is in your care.",
    )

    @property
    def _table_query(self):
        return SQL(
            """WITH company AS MATERIALIZED (%s)
               SELECT touch.id, touch.kind, touch.moment, touch.partner_id AS contact_id, touch.customer AS partner_id,
                      touch.campaign_id, touch.source_id, touch.medium_id, touch.company_id, touch.res_model,
                      touch.res_id, 1 AS touch_count
                 FROM (%s) AS touch""",
            self._get_companies_sql(),
            self._get_touches_sql(),
        )

    @api.readonly
    def action_open_document(self):
        """Open the letter, inquiry or log entry that the touch is.

        :raise UserError: if the user may not read it
        """
        self.ensure_one()
        document = self.env[self.res_model].browse(self.res_id)
        if not document.has_access("read"):
            raise UserError(
                self.env._(
                    "You see that %(customer)s was reached by the campaign, but have no right to open the document. "
                    "Ask an administrator for the right to see it.",
                    customer=self.partner_id.display_name,
                )
            )
        return document.get_formview_action()
