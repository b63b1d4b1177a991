from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty


class SupplierChaseMail(models.TransientModel):
    """The mail to one supplier about its open lines, as it would be sent."""

    _name = "supplier.chase.mail"
    _description = "Chase E-mail to a Supplier"
    _inherit = "partner.pointer.mixin"
    _rec_name = "partner_id"
    _order = "days_overdue desc, id"

    chase_id = fields.Many2one("supplier.chase", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    partner_id = fields.Many2one("res.partner", string="Supplier", required=True, readonly=True)
    recipient_ids = fields.Many2many(
        "res.partner",
        string="To",
        domain="[('commercial_partner_id', '=', partner_id), ('email', '!=', False)]",
        help="The contact persons of the orders who have an e-mail address, else the supplier itself.",
    )
    lang = fields.Char(string="Language", readonly=True)
    line_ids = fields.One2many("supplier.chase.line", "mail_id", string="Lines", readonly=True)
    sent_line_ids = fields.One2many(
        "supplier.chase.line",
        compute="_compute_sent_line_ids",
        string="Lines in the E-mail",
        help="Without those the supplier was asked for today already, unless they are wanted.",
    )
    line_count = fields.Integer(string="Lines in It", compute="_compute_sent_line_ids")
    overdue_count = fields.Integer(string="Overdue", compute="_compute_sent_line_ids")
    days_overdue = fields.Integer(
        string="Longest Delay (Days)",
        compute="_compute_days_overdue",
        store=True,
        help="Days since the promise that is overdue longest.",
    )
    subject = fields.Char()
    body = fields.Html(string="Text", sanitize_attributes=False, sanitize_style=True)
    state = fields.Selection(
        [
            ("ready", "Ready"),
            ("asked", "Asked today"),
            ("no_email", "No e-mail address"),
            ("failed", "Failed"),
            ("sent", "Sent"),
        ],
        compute="_compute_state",
        store=True,
        readonly=False,
    )
    problem = fields.Text(string="What to Do", compute="_compute_state", store=True, readonly=False)
    message_id = fields.Many2one("mail.message", readonly=True)

    @api.depends("line_ids.is_chased_today", "chase_id.include_chased")
    def _compute_sent_line_ids(self):
        for mail in self:
            lines = mail.line_ids
            if not mail.chase_id.include_chased:
                lines = lines.filtered(lambda line: not line.is_chased_today)
            mail.sent_line_ids = lines
            mail.line_count = len(lines)
            mail.overdue_count = len(lines.filtered("days_overdue"))

    @api.depends("line_ids.days_overdue")
    def _compute_days_overdue(self):
        for mail in self:
            mail.days_overdue = max(mail.line_ids.mapped("days_overdue"), default=0)

    @api.depends("recipient_ids", "line_count")
    def _compute_state(self):
        for mail in self:
            if mail.message_id:
                mail.state, mail.problem = "sent", False
            elif not mail.recipient_ids:
                mail.state = "no_email"
                mail.problem = self.env._(
                    "Neither the contacts of the orders nor %(supplier)s have a valid e-mail address. Choose a "
                    "recipient, or add an address to the contact and start again.",
                    supplier=mail.partner_id.display_name,
                )
            elif not mail.line_count:
                mail.state = "asked"
                mail.problem = self.env._(
                    "%(supplier)s was asked for all of these lines today already.",
                    supplier=mail.partner_id.display_name,
                )
            else:
                mail.state, mail.problem = "ready", False

    # ------------------------------------------------------------------
    # Content
    # ------------------------------------------------------------------

    def _get_contents(self, template):
        """Return {id: {"subject": …, "body": …}} as the template makes them, in each supplier's language."""
        if not self or not template:
            return {}
        template = template.with_context(**self._get_render_context())
        subjects = template._render_field("subject", self.ids, compute_lang=True)
        bodies = template._render_field(
            "body_html", self.ids, compute_lang=True, options={"post_process": True}
        )
        return {mail_id: {"subject": subjects[mail_id], "body": bodies[mail_id]} for mail_id in self.ids}

    def _get_render_context(self):
        # days are those of the user who reads them, not of the superuser of a queue
        return {"tz": self.env.tz.zone}

    def _write_contents(self):
        """Make subject and text of the template; one it fails for is told beside it, and the others go on."""
        for template, mails in self.grouped(lambda mail: mail.chase_id.template_id).items():
            try:
                contents = mails._get_contents(template)
            except UserError as error:
                if len(mails) > 1:
                    for mail in mails:
                        mail._write_contents()
                else:
                    mails.write({"state": "failed", "problem": str(error), "subject": False, "body": False})
                continue
            for mail in mails:
                mail.write(contents[mail.id])

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------

    def _send(self):
        """Send the mail as a message on the order that is overdue longest, and mark the lines as chased.

        It is on an order as a buyer may write there; the other orders get a note that leads to it. The contact
        log has it as one contact, like every message to a partner.
        """
        self.ensure_one()
        lines = self.sent_line_ids
        if not lines:
            raise UserError(self.env._("No line is left to ask for."))
        if not self.recipient_ids:
            raise UserError(self.problem)
        if not self.subject or is_html_empty(self.body):
            raise UserError(self.env._("Subject or text is empty. Write them, or choose another template."))
        self._lock(lines)
        orders = lines.order_id
        order = lines.sorted(
            lambda line: (-line.days_overdue, line.date_promised or fields.Date.today(), line.id)
        )[:1].order_id
        # the recipients are those of the preview: nobody who follows the order for other reasons
        message = order.with_context(mail_post_autofollow=False).message_post(
            subject=self.subject,
            body=self.body,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.recipient_ids.ids,
            email_layout_xmlid="mail.mail_notification_light",
            force_email_lang=self.lang,
            notify_skip_followers=True,
        )
        others = orders - order
        if others:
            note = Markup("<p>%s</p>") % self.env._(
                "The supplier was asked by e-mail for what is open; the message is on %s.",
                order._get_html_link(),
            )
            others._message_log_batch(bodies=dict.fromkeys(others.ids, note))
        lines.order_line_id.write({"supplier_chase_date": fields.Datetime.now()})
        self.write({"message_id": message.id, "state": "sent", "problem": False})

    def _lock(self, lines):
        """Keep others from asking for the same lines meanwhile, and refuse if somebody has done so."""
        lines.order_line_id.lock_for_update(allow_referencing=True)
        lines.order_line_id.invalidate_recordset(["supplier_chase_date"])
        for line in lines:
            if line.order_line_id.supplier_chase_date != line.chase_date:
                raise UserError(
                    self.env._(
                        "%(supplier)s was asked for %(product)s of %(order)s meanwhile. Start again from the "
                        "list of deliveries.",
                        supplier=self.partner_id.display_name,
                        product=line.product_id.display_name,
                        order=line.order_id.name,
                    )
                )

    def action_open_partner(self):
        """Open the supplier, to add what is missing."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
            "view_mode": "form",
        }
