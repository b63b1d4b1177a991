from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang

from ...tools.internal import INTERNAL
from .partner_payment_reminder_line import BUCKETS

STATES = [
    ("draft", "To Review"),
    ("queued", "Queued"),
    ("sent", "Sent"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]
# What people may change by hand, of a reminder under review.
EDITABLE = {"note", "recipient_id"}


class PartnerPaymentReminder(models.Model):
    """One letter to a customer about all its open invoices: what it tells, and what became of it.

    A customer gets at most one on a day (unique in the database). Its lines are what was open when it was written;
    they are read anew when it is approved and once more when it goes to the mail server, see
    ``mail_mail_payment_reminder.py``, so that nobody is reminded of what was paid a minute before.
    """

    _name = "partner.payment.reminder"
    _description = "Payment Reminder"
    _inherit = ["partner.care.mixin", "partner.guarded.mixin"]
    _linked_fields = ("recipient_id",)
    _order = "date desc, id desc"
    _rec_name = "partner_id"
    _care_user_fields = ("user_id",)

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    recipient_id = fields.Many2one(
        "res.partner",
        string="Sent to",
        index="btree_not_null",
        domain="[('commercial_partner_id', '=', partner_id)]",
        ondelete="set null",
        help="The invoice address of the customer that has an e-mail, else the customer.",
    )
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True, index="btree_not_null")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    level_id = fields.Many2one(
        "partner.payment.reminder.level",
        required=True,
        readonly=True,
        ondelete="restrict",
        help="The highest level that an invoice in it has reached.",
    )
    date = fields.Date(required=True, readonly=True, help="The day that its ages are counted on.")
    state = fields.Selection(STATES, required=True, readonly=True, default="draft", index=True)
    problem = fields.Char(readonly=True, help="Why it was not sent, and what to do.")
    note = fields.Text(string="Remark", help="Stands in the letter above the table.")
    line_ids = fields.One2many("partner.payment.reminder.line", "reminder_id", readonly=True)
    amount_open = fields.Monetary(
        string="Unpaid", readonly=True, help="All open invoices less deductions, in company currency."
    )
    amount_overdue = fields.Monetary(
        string="Overdue",
        readonly=True,
        help="What is past its due date, before deductions, in company currency.",
    )
    days_overdue = fields.Integer(string="Oldest (Days)", readonly=True, aggregator="max")
    mail_id = fields.Many2one("mail.mail", readonly=True, ondelete="set null", index="btree_not_null")
    date_sent = fields.Datetime(readonly=True)
    lang = fields.Char(compute="_compute_lang")
    preview = fields.Html(
        string="Letter",
        compute="_compute_preview",
        sanitize=False,
        help="As it would be sent now, or was sent.",
    )
    is_own = fields.Boolean(compute="_compute_is_own", search="_search_is_own", help="Of your own customers.")

    _one_a_day = models.UniqueIndex(
        "(company_id, partner_id, date) WHERE state <> 'cancelled'",
        "The customer has a payment reminder of this day already.",
    )
    _told_idx = models.Index("(company_id, partner_id, state)")

    @api.depends("recipient_id", "partner_id")
    def _compute_lang(self):
        for reminder in self:
            reminder.lang = reminder.recipient_id.lang or reminder.partner_id.lang or self.env.lang

    @api.depends("line_ids", "note", "recipient_id", "level_id", "mail_id.body_html")
    def _compute_preview(self):
        # sudo: templates and e-mails are not open to all who may read the letter
        for level, reminders in self.sudo().grouped("level_id").items():
            written = reminders.filtered("mail_id")
            for reminder in written:
                reminder.preview = reminder.mail_id.body_html
            others = reminders - written
            template = level.template_id  # none yet on a new one
            bodies = others._render_preview(template) if others and template else {}
            for reminder in others:
                reminder.preview = bodies.get(reminder.id, False)

    def _render_preview(self, template):
        """The letters by id; of one that cannot be written, why: its form opens all the same."""
        try:
            with self.env.cr.savepoint(flush=False):
                return template._render_field("body_html", self.ids, compute_lang=True)
        except UserError as error:
            if len(self) > 1:
                bodies = {}
                for reminder in self:
                    bodies |= reminder._render_preview(template)
                return bodies
            return {self.id: Markup("<p>%s</p>") % self._get_error_words(error)}

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        self._check_internal()
        return super().create(vals_list)

    def write(self, vals):
        if self.env.context.get("relations_reminder") is INTERNAL:
            return super().write(vals)
        if vals.keys() - EDITABLE:
            self._check_internal()
        elif any(reminder.state != "draft" for reminder in self):
            raise UserError(self.env._("Only a reminder that is to be reviewed can be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if any(reminder.state in ("queued", "sent") for reminder in self):
            raise UserError(self.env._("A reminder that was sent stays, as the history of the customer."))

    def _check_internal(self):
        """What a letter tells is computed: nobody enters it."""
        if self.env.context.get("relations_reminder") is not INTERNAL:
            raise AccessError(
                self.env._("Payment reminders are made from open invoices. Use “Find Due Reminders”.")
            )

    def _internal(self):
        return self.with_context(relations_reminder=INTERNAL)

    @api.model
    def _free_days(self, partners, partner):
        """Leave one letter to each day, and one that waits, before those of ``partners`` become those of ``partner``.

        Of several, one that was sent stays, and others that were sent are dated before it: what they told stays told.
        What waits beside one that waits or is of today is cancelled: it is found again for the customer that remains,
        or told by the one that waits.
        """
        letters = self.search([("partner_id", "in", (partners | partner).ids), ("state", "!=", "cancelled")])
        kept, companies, doubles = {}, self.env["res.company"], self.browse()
        for letter in letters.sorted(
            lambda one: (
                one.state != "sent",
                one.state != "queued",
                one.state != "draft",
                one.partner_id != partner,
                one.date,
                one.id,
            )
        ):
            # those that wait are all dated to the day on which they are queued, which is today perhaps
            waits, company = letter.state in ("draft", "failed"), letter.company_id
            if (waits and (company in companies or (company, self._get_today(company)) in kept)) or (
                kept.setdefault((company, letter.date), letter) != letter
            ):
                doubles |= letter
            elif waits:
                companies |= company
        sent = doubles.filtered(lambda letter: letter.state == "sent")
        waiting = doubles - sent
        if waiting:
            waiting.action_cancel()
            # what becomes of its e-mail is no news of a cancelled letter
            waiting._internal().mail_id = False
        self.env.flush_all()
        for letter in sent:
            day = letter.date
            while (letter.company_id, day) in kept:
                day = fields.Date.subtract(day, days=1)
            kept[letter.company_id, day] = letter
            letter._internal().date = day
            letter.flush_recordset(["date"])

    # ------------------------------------------------------------------
    # What the letter tells
    # ------------------------------------------------------------------
    def _get_letter(self):
        """What the template tells: rows, and totals by currency and age, in the customer's language.

        :rtype: dict
        """
        self.ensure_one()
        spoken = self.with_context(lang=self.lang)
        labels = dict(self.env["partner.payment.reminder.line"].with_context(lang=self.lang)._fields["bucket"]
                      ._description_selection(spoken.env))  # fmt: skip
        ages, totals = defaultdict(lambda: defaultdict(float)), defaultdict(float)
        rows = []
        for line in spoken.line_ids:
            totals[line.currency_id] += line.amount
            if line.amount > 0:
                ages[line.currency_id][line.bucket] += line.amount
            rows.append(
                {
                    "name": line.name,
                    "date": line.date,
                    "due": line.date_due if line.amount > 0 else None,
                    "days": line.days_overdue if line.amount > 0 and line.days_overdue > 0 else None,
                    "amount": formatLang(spoken.env, line.amount, currency_obj=line.currency_id),
                    "is_overdue": line.amount > 0 and line.days_overdue > 0,
                }
            )
        return {
            "rows": rows,
            "totals": [
                {
                    "currency": currency.name,
                    "amount": formatLang(spoken.env, amount, currency_obj=currency),
                    "ages": [
                        (labels[key], formatLang(spoken.env, ages[currency][key], currency_obj=currency))
                        for key, _label in BUCKETS
                        if ages[currency].get(key)
                    ],
                }
                for currency, amount in totals.items()
            ],
        }

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------
    def action_find_due(self):
        """Look for customers to be reminded in the companies switched on, and open what is to be reviewed."""
        self.browse().check_access("write")
        for company in self.env.companies:
            # sudo: all invoices of the company; whoever may write reminders may see what they tell
            self.sudo()._make_due(company)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.partner_payment_reminder_action"
        )

    def action_approve(self):
        """Send the reviewed letters: read once more what is open, then put them into the queue."""
        drafts = self.filtered(lambda reminder: reminder.state in ("draft", "failed"))
        if not drafts:
            raise UserError(self.env._("Choose reminders that are to be reviewed."))
        drafts.check_access("write")
        # sudo: the state and the e-mail are written by the approval alone; its right was checked
        drafts.sudo()._queue()
        return True

    def action_cancel(self):
        """Leave out these letters; what they tell is due again with the next run of another day."""
        if any(reminder.state not in ("draft", "failed", "queued") for reminder in self):
            raise UserError(self.env._("A letter that was sent cannot be taken back."))
        self.check_access("write")
        # sudo: as above; an e-mail in the queue is taken out of it
        reminders = self.sudo()
        reminders.mail_id.filtered(lambda mail: mail.state == "outgoing").write({"state": "cancel"})
        reminders._internal().write({"state": "cancelled"})
        return True
