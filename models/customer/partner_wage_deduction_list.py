from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ...tools.empty_fields import EmptyMonetary
from ...tools.internal import INTERNAL
from ...tools.readable_many2one import ReadableMany2one

STATES = [("draft", "Draft"), ("sent", "Sent"), ("paid", "Paid"), ("closed", "Closed with Differences")]
# What people may change by hand, however far the list is.
EDITABLE = {
    "note",
    "message_main_attachment_id",
    "activity_ids",
    "message_follower_ids",
    "message_ids",
}


class PartnerWageDeductionList(models.Model):
    """What an employer is to deduct from the wages on a pay day, and what came of it.

    There is one for an arrangement and pay day. A draft follows the books; it is read anew when it is sent and stays as
    it was sent from then on. What the employer pays is reconciled with the instalments it lists.
    """

    _name = "partner.wage.deduction.list"
    _description = "Wage Deduction List"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_pay desc, id desc"
    _rec_name = "employer_id"
    _check_company_auto = True

    arrangement_id = ReadableMany2one(
        "partner.wage.deduction",
        string="Wage Deduction",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    employer_id = fields.Many2one(related="arrangement_id.employer_id", store=True, index=True)
    company_id = fields.Many2one(related="arrangement_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="arrangement_id.currency_id", store=True)
    date_pay = fields.Date(
        string="Pay Day",
        required=True,
        readonly=True,
        help="When the instalments are deducted from the wages.",
    )
    date_cutoff = fields.Date(
        string="Cut-off Day", required=True, readonly=True, help="The day on which the list is made."
    )
    state = fields.Selection(
        STATES,
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
        help="Paid: the employer paid all that is listed. Closed: it did not, and the rest is on the next list.",
    )
    line_ids = fields.One2many("partner.wage.deduction.list.line", "list_id", string="Employees")
    item_ids = fields.One2many(
        "partner.wage.deduction.list.item", "list_id", string="Instalments", readonly=True
    )
    amount = EmptyMonetary(
        string="To Be Deducted",
        readonly=True,
        copy=False,
        help="The sum of the list, in the currency of the arrangement. Invoices in other currencies are converted on "
        "the day on which the list was made or sent.",
    )
    amount_left = EmptyMonetary(
        string="Above the Limits",
        compute="_compute_sums",
        help="What is due as well, and waits for the next list as the limits of the employees are reached.",
    )
    amount_paid = EmptyMonetary(
        string="Paid",
        compute="_compute_sums",
        help="What the employer withheld and paid by the amounts entered for the employees.",
    )
    amount_settled = EmptyMonetary(
        string="Reconciled",
        compute="_compute_sums",
        help="What was reconciled with instalments. Empty until the payment is registered.",
    )
    difference = EmptyMonetary(
        compute="_compute_sums", help="Paid less listed: below zero, what is carried over to the next list."
    )
    date_sent = fields.Datetime(string="Sent on", readonly=True, copy=False)
    date_paid = fields.Date(string="Paid on", readonly=True, copy=False)
    payment_id = fields.Many2one(
        "account.payment", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    transfer_id = fields.Many2one(
        "account.move",
        string="Journal Entry",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="The entry that turns what the employer paid into payments of its employees.",
    )
    close_reason = fields.Char(string="Reason of the Difference", readonly=True, copy=False, tracking=True)
    note = fields.Text(string="Remark", help="Stands on the list for the employer.")
    lang = fields.Char(compute="_compute_lang")

    _one_per_pay_day = models.UniqueIndex(
        "(arrangement_id, date_pay)", "There is a list for this employer and pay day already. Open that one."
    )

    @api.depends("employer_id", "date_pay")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for one in self:
            # sudo: the name of the employer, as in every list of Odoo
            one.display_name = f"{one.sudo().employer_id.name} · {format_date(self.env, one.date_pay)}"

    @api.depends("arrangement_id.contact_id", "employer_id")
    def _compute_lang(self):
        for one in self:
            recipient = one._get_recipient()
            one.lang = recipient.lang or one.employer_id.lang or self.env.lang

    @api.depends("line_ids.amount_paid", "line_ids.amount_settled", "line_ids.amount_left", "amount", "state")
    def _compute_sums(self):
        for one in self:
            lines, currency = one.line_ids, one.currency_id
            is_told = one.state != "draft" and lines
            is_settled = one.state in ("paid", "closed")
            paid = currency.round(sum(lines.mapped("amount_paid"))) if is_told else False
            one.amount_left = currency.round(sum(lines.mapped("amount_left"))) if lines else False
            one.amount_paid = paid
            one.amount_settled = (
                currency.round(sum(line.amount_settled or 0 for line in lines)) if is_settled else False
            )
            one.difference = currency.round(paid - (one.amount or 0)) if is_told else False

    def _get_recipient(self):
        """Return who gets the list by e-mail."""
        self.ensure_one()
        return self.arrangement_id.contact_id or self.employer_id

    def _get_file_name(self):
        self.ensure_one()
        name = self.env._(
            "Deduction list %(employer)s %(day)s",
            employer=self.employer_id.name or "",
            day=fields.Date.to_string(self.date_pay),
        )
        return name.replace("/", "-")

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        self._check_internal()
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() - EDITABLE - {"line_ids"}:
            self._check_internal()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        for one in self:
            if one.state != "draft":
                raise UserError(
                    self.env._("%s was sent and stays, as the proof of what was asked for.", one.display_name)
                )

    def _check_internal(self):
        """What is listed is computed: nobody enters it."""
        if self.env.context.get("relations_wage") is not INTERNAL:
            raise AccessError(
                self.env._(
                    "Deduction lists are made from open instalments. Use “Make List” of the arrangement."
                )
            )

    def _internal(self):
        return self.with_context(relations_wage=INTERNAL)

    # ------------------------------------------------------------------
    # States
    # ------------------------------------------------------------------
    def action_update(self):
        """Read anew what is due."""
        self._check_state("draft")
        self._read_due()

    def action_mark_sent(self):
        """Read the list a last time and freeze it, as it is handed to the employer.

        :raise UserError: if nothing is due
        """
        self.check_access("write")
        self._check_state("draft")
        self.lock_for_update()
        self._read_due()
        for one in self:
            if not one.line_ids.filtered("amount"):
                raise UserError(
                    self.env._("Nothing is to be deducted on %s. Delete the list.", one.display_name)
                )
        for line in self.line_ids:
            line._internal().amount_paid = line.amount
        self._internal().write({"state": "sent", "date_sent": fields.Datetime.now()})

    def action_send(self):
        """Freeze the list if it is a draft, and open the e-mail to the employer with the list as PDF."""
        self.ensure_one()
        if self.state == "draft":
            self.action_mark_sent()
        template = self.env.ref(
            "partner_relations.mail_template_wage_deduction_list", raise_if_not_found=False
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_template_id": template.id if template else False,
                "default_composition_mode": "comment",
                "force_email": True,
            },
        }

    def action_draft(self):
        """Take a list back that was sent, to be changed and sent again."""
        self.check_access("write")
        self._check_state("sent")
        stopped = self.line_ids.member_id.filtered(lambda member: member.state == "stopped")
        for line in self.line_ids:
            line._internal().amount_paid = False
        self._internal().write({"state": "draft", "date_sent": False})
        self._read_due()
        # they are on no further list, and it was told that what is listed is still deducted
        stopped._tell_rest()

    def action_register_payment(self):
        """Ask how the employer paid."""
        self.ensure_one()
        self._check_state("sent")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "partner_relations.partner_wage_deduction_payment_action"
            ),
            "context": {"default_list_id": self.id},
        }

    def _check_state(self, state):
        """Raise an error that names the lists which are not in a state."""
        others = self.filtered(lambda one: one.state != state)
        if others:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(lists)s: this can be done only while the list is in the state “%(state)s”.",
                    lists=", ".join(others.mapped("display_name")),
                    state=labels[state],
                )
            )

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------
    @api.readonly
    def action_view_transfer(self):
        """Open the entry of the payment."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.transfer_id.id,
            "views": [(False, "form")],
        }

    @api.readonly
    def action_view_instalments(self):
        """Open the listed instalments as the items of the books that they are."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Instalments of %s", self.display_name),
            "res_model": "account.move.line",
            "views": [
                (self.env.ref("partner_relations.account_move_line_view_list_wage").id, "list"),
                (False, "form"),
            ],
            "domain": [("id", "in", self.line_ids.item_ids.move_line_id.ids)],
            "context": {},
        }
