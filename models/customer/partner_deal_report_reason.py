from odoo import api, models
from odoo.tools import format_date, formatLang


class PartnerDealReport(models.Model):
    """The stage of a deal and the reason why it waits, in words."""

    _inherit = "partner.deal.report"

    @api.depends("crm_stage_id", "phase")
    @api.depends_context("lang")
    def _compute_stage(self):
        labels = dict(self._fields["phase"]._description_selection(self.env))
        # sudo: the name of the stage, which is no secret of an opportunity that is shown
        for row, shown in zip(self, self.sudo(), strict=True):
            row.stage = shown.crm_stage_id.name or labels.get(row.phase)

    @api.depends("phase", "date_expected")
    @api.depends_context("lang", "tz", "allowed_company_ids")
    def _compute_reason(self):
        delivered = self._get_delivered_words()
        for row in self:
            words = getattr(row, f"_get_{row.kind}_words")(delivered) if row.kind else []
            row.reason = self._join_words(words)

    @api.model
    def _join_words(self, words):
        """Return the parts as one sentence without full stop, as a list shows it."""
        text = ", ".join(filter(None, words))
        return text[:1].upper() + text[1:]

    # ------------------------------------------------------------------
    # Parts
    # ------------------------------------------------------------------
    def _get_money_words(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def _get_late_words(self):
        """How long ago the expected day was; empty if it has not passed."""
        if not self.days_overdue:
            return ""
        if self.days_overdue == 1:
            return self.env._("1 day late")
        return self.env._("%s days late", self.days_overdue)

    def _get_opportunity_words(self, _delivered):
        count = self.quotation_count
        if count:
            quotations = (
                self.env._("1 open quotation") if count == 1 else self.env._("%s open quotations", count)
            )
        else:
            quotations = self.env._("no open quotation")
        closing = self.date_expected and self.env._(
            "expected to close on %s", format_date(self.env, self.date_expected)
        )
        return [
            quotations,
            self.sold_value and self.env._("%s ordered already", self._get_money_words(self.sold_value)),
            closing or self.env._("no expected closing"),
            self._get_late_words(),
        ]

    def _get_quotation_words(self, _delivered):
        sent = self.phase == "3_sent"
        if not self.date_expected:
            valid = self.env._("valid without limit")
        elif self.is_overdue:
            valid = self.env._("expired on %s", format_date(self.env, self.date_expected))
        else:
            valid = self.env._("valid until %s", format_date(self.env, self.date_expected))
        return [
            self.env._("sent, no answer yet") if sent else self.env._("not sent yet"),
            valid,
            self._get_late_words(),
        ]

    def _get_order_words(self, delivered):
        if self.waits_for == "delivery":
            can_invoice = self.to_invoice_value and self.env._(
                "%s can be invoiced", self._get_money_words(self.to_invoice_value)
            )
            return [
                delivered.get(self.order_id.id) or self.env._("nothing delivered"),
                self.date_expected
                and self.env._("promised for %s", format_date(self.env, self.date_expected)),
                self._get_late_words(),
                can_invoice,
                self._get_unpaid_words(),
            ]
        if self.waits_for == "invoicing":
            return [
                self.env._("%s to invoice", self._get_money_words(self.uninvoiced_value)),
                self.has_draft_invoice and self.env._("a draft invoice waits to be posted"),
                self._get_unpaid_words(),
            ]
        due = self.date_expected and self.env._("due on %s", format_date(self.env, self.date_expected))
        return [self._get_unpaid_words(), due, self._get_late_words()]

    def _get_unpaid_words(self):
        """What of the invoices is not paid; empty if nothing is."""
        if not self.unpaid_value or self.unpaid_value < 0:
            return ""
        amount = self._get_money_words(self.unpaid_value)
        if self.invoice_count == 1 and self.invoice_name:
            return self.env._("%(amount)s of %(invoice)s not paid", amount=amount, invoice=self.invoice_name)
        return self.env._(
            "%(amount)s of %(count)s invoices not paid", amount=amount, count=self.invoice_count
        )

    # ------------------------------------------------------------------
    # What is delivered
    # ------------------------------------------------------------------
    def _get_delivered_words(self):
        """Return {id of an order: how much of it is delivered, in words} of the rows that wait for delivery."""
        orders = self.filtered(lambda row: row.waits_for == "delivery").order_id
        if not orders:
            return {}
        # sudo: quantities of deals that the user sees
        lines = (
            self.env["sale.order.line"]
            .sudo()
            .search_fetch(
                [
                    ("order_id", "in", orders.ids),
                    ("display_type", "=", False),
                    ("product_uom_qty", ">", 0),
                    # it stands beside its items
                    ("product_id", "not any", [("type", "=", "combo")]),
                ],
                [
                    "order_id",
                    "product_uom_id",
                    "product_uom_qty",
                    "qty_delivered",
                    "qty_delivered_method",
                    "qty_invoiced",
                    "qty_to_invoice",
                ],
                order="id",
            )
        )
        # without services that nobody keeps a delivered quantity of, as in the statement of the deals
        lines = lines.filtered(
            lambda line: (
                line.qty_delivered_method != "manual"
                or line.qty_delivered
                or not line.qty_invoiced + line.qty_to_invoice
            )
        )
        return {
            order.id: self._get_delivered_words_of(order_lines)
            for order, order_lines in lines.grouped("order_id").items()
        }

    @api.model
    def _get_delivered_words_of(self, lines):
        if len(lines.product_uom_id) == 1:
            # in one unit: what of it was delivered, without what was delivered beyond the order
            done = sum(min(line.qty_delivered, line.product_uom_qty) for line in lines)
            ordered = sum(lines.mapped("product_uom_qty"))
        else:
            done = len(lines.filtered(lambda line: line.qty_delivered >= line.product_uom_qty))
            ordered = len(lines)
            return self.env._("%(done)s of %(count)s lines delivered", done=done, count=ordered)
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return self.env._(
            "%(done)s of %(ordered)s delivered",
            done=self._get_quantity_words(done, digits),
            ordered=self._get_quantity_words(ordered, digits),
        )

    @api.model
    def _get_quantity_words(self, quantity, digits):
        quantity = round(quantity, digits)
        return formatLang(self.env, quantity, digits=0 if quantity == int(quantity) else digits)
