from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.internal import INTERNAL

ANSWER_TYPES = ("email", "comment")


class PurchaseOrder(models.Model):
    """How long the supplier took to answer a request for quotation."""

    _inherit = "purchase.order"

    rfq_sent_date = fields.Datetime(
        string="RFQ Sent On",
        copy=False,
        tracking=True,
        help="When the request for quotation was first sent or printed. Response time counts from here.",
        groups="base.group_user",
    )
    rfq_answer_date = fields.Datetime(
        string="RFQ Answered On",
        copy=False,
        tracking=True,
        help="When the supplier answered: the first message of the supplier or one of its persons on the request, "
        "or what they did on its page in the portal; else the confirmation of the order. Enter it if the answer "
        "came another way.",
        groups="base.group_user",
    )

    @api.constrains("rfq_sent_date", "rfq_answer_date")
    def _check_rfq_dates(self):
        for order in self:
            if order.rfq_sent_date and order.rfq_answer_date and order.rfq_answer_date < order.rfq_sent_date:
                raise ValidationError(
                    self.env._(
                        "%(order)s: “RFQ Answered On” lies before “RFQ Sent On”. Enter a later answer or an earlier "
                        "sending.",
                        order=order.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("state") == "sent" and not vals.get("rfq_sent_date"):
                vals["rfq_sent_date"] = fields.Datetime.now()
        return super().create(vals_list)

    def write(self, vals):
        result = True
        others = self._filter_asked_another(vals)
        if self - others or not self:
            result = super(PurchaseOrder, self - others).write(vals)
        # asked and answered was the vendor before, and the new one has not got it
        forgotten = {"rfq_sent_date": False, "rfq_answer_date": False}
        # what waits for approval goes on waiting
        waiting = others.filtered(lambda order: order.state == "to approve")
        if waiting:
            result = super(PurchaseOrder, waiting).write({**forgotten, **vals})
        if others - waiting:
            result = super(PurchaseOrder, others - waiting).write({"state": "draft", **forgotten, **vals})
        state = vals.get("state")
        if state == "sent":
            unsent = self.filtered(lambda order: not order.rfq_sent_date)
            if unsent:
                unsent.rfq_sent_date = fields.Datetime.now()
        elif state in ("to approve", "purchase"):
            self._note_rfq_answer()
        return result

    def _filter_asked_another(self, vals):
        """Those of these requests that another vendor was asked with than these values name."""
        if "partner_id" not in vals:
            return self.browse()
        asked = self.filtered(
            lambda order: (
                order.state == "sent"
                or (order.state in ("draft", "to approve") and (order.rfq_sent_date or order.rfq_answer_date))
            )
        )
        if not asked:
            return asked
        # sudo: whether it is another company; who writes may not see the company of the person
        supplier = self.env["res.partner"].sudo().browse(vals["partner_id"]).commercial_partner_id
        return asked.filtered(lambda order: order.sudo().partner_id.commercial_partner_id != supplier)

    def _note_rfq_answer(self, date=None):
        """Keep the moment of the answer on requests that were sent and have none yet.

        :param datetime date: of the answer; now if it is not given
        """
        date = date or fields.Datetime.now()
        orders = self.filtered(lambda order: order.rfq_sent_date and not order.rfq_answer_date)
        # clocks differ: an answer never comes before its question
        for answered, group in orders.grouped(lambda order: max(date, order.rfq_sent_date)).items():
            group.rfq_answer_date = answered

    def _merge_alternative_po(self, rfqs):
        result = super()._merge_alternative_po(rfqs)
        # Merged into this request, which the supplier answers for all: by themselves they never would be.
        waiting = rfqs.filtered(lambda order: order.rfq_sent_date and not order.rfq_answer_date)
        if waiting and not self.rfq_answer_date:
            self.rfq_sent_date = min(filter(None, (self + waiting).mapped("rfq_sent_date")))
            waiting.rfq_sent_date = False
        return result

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        if self.env.context.get("relations_auto_reply") is INTERNAL:
            # nobody has read the request yet
            return result
        # sudo: the supplier may post on the order but neither read these dates nor write them; only that of the answer
        # is set
        order = self.sudo()
        if (
            msg_values.get("message_type") in ANSWER_TYPES
            and order.rfq_sent_date
            and not order.rfq_answer_date
        ):
            # sudo: which company the author belongs to; a person of the supplier may not see its own company
            author = message.sudo().author_id.commercial_partner_id
            if author and author == order.partner_id.commercial_partner_id:
                order._note_rfq_answer(message.date)
        return result

    def action_acknowledge(self):
        self._note_portal_answer()
        return super().action_acknowledge()

    def _update_date_planned_for_lines(self, updated_dates):
        self._note_portal_answer()
        return super()._update_date_planned_for_lines(updated_dates)

    def _note_portal_answer(self):
        """What the supplier does in the portal is an answer. A colleague who does the same is none."""
        if self.env.user.share:
            self._note_rfq_answer()
