from odoo import api, fields, models
from odoo.exceptions import UserError

BLOCKS = [("none", "Nothing"), ("warn", "Warn on New Orders"), ("block", "Block New Orders")]


class PartnerPaymentReminderLevel(models.Model):
    """A step of the payment reminders of a company: from which day on, by which letter, and what else happens."""

    _name = "partner.payment.reminder.level"
    _description = "Level of Payment Reminders"
    _inherit = ["partner.guarded.mixin"]
    _order = "company_id, days, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    days = fields.Integer(
        string="Days after Due",
        required=True,
        help="The letter is due from so many days after the due date on; -3: three days before it. Levels rise one at "
        "a time: an invoice that was never told begins with the first level after its due date, however late it is.",
    )
    template_id = fields.Many2one(
        "mail.template",
        string="Letter",
        required=True,
        ondelete="restrict",
        domain=[("model", "=", "partner.payment.reminder")],
        default=lambda self: self.env.ref(
            "partner_relations.mail_template_payment_reminder", raise_if_not_found=False
        ),
        help="Sender, mail server and text of the letter. The language is that of the customer.",
    )
    attach_invoices = fields.Boolean(help="The letter has the PDF of each overdue invoice.")
    make_activity = fields.Boolean(
        string="Activity", help="Whoever is responsible gets an activity to call the customer."
    )
    activity_user_id = fields.Many2one(
        "res.users",
        string="Activity for",
        domain=[("share", "=", False)],
        help="Empty: the customer's salesperson.",
    )
    order_block = fields.Selection(
        BLOCKS,
        string="New Orders",
        required=True,
        default="none",
        help="What happens to quotations of a customer who was sent this level and still has not paid what it told. "
        "Payments and credit notes that nobody matched yet are deducted.",
    )

    _days_unique = models.UniqueIndex(
        "(company_id, days) WHERE active IS TRUE",
        "The company has a level for this number of days already. Choose another number, or archive that level.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: whether it was ever used, whoever may see the reminders
        used = self.env["partner.payment.reminder"].sudo().search([("level_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._("The level “%s” was used in reminders. Archive it instead.", used.level_id.name)
            )
