from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# Rows that the card begins with, and those of a further page.
FIRST_ROWS = 4
MORE_ROWS = 15
# Nobody pages further; the lists behind the rows have filters.
MAX_OFFSET = 10_000
# Documents have a date and no hour: they stand under the contacts of their day.
NO_HOUR = ""


class PartnerRelationshipCard(models.AbstractModel):
    """The history of a customer: contacts, letters, quotations and orders, invoices and payments in one line of time.

    Each source is read by its own model with the rights of whoever looks: rows that somebody may not see are not
    there. Letters are contacts: those that people wrote stand in the contact log.
    """

    _inherit = "partner.relationship.card"

    @api.model
    def _get_blocks(self):
        return {**super()._get_blocks(), "timeline": "_get_timeline"}

    @api.model
    @api.readonly
    def get_timeline(self, partner_id, offsets=None):
        """A further page of the history of a contact, the newest first; of a person that of its company.

        :param int partner_id: the company or one of its persons
        :param dict offsets: what the page before returned: by source how many of its rows are shown already
        :return: ``rows``, ``offsets`` for the next page, ``has_more``; ``False`` without the right to the contact log
        :rtype: dict
        """
        partner = self._get_contact(partner_id).commercial_partner_id
        return self._get_timeline(partner, self._check_offsets(offsets), MORE_ROWS)

    @api.model
    def _check_offsets(self, offsets):
        offsets = offsets or {}
        if not isinstance(offsets, dict) or not all(
            isinstance(offset, int) and 0 <= offset <= MAX_OFFSET for offset in offsets.values()
        ):
            raise UserError(self.env._("The history cannot be continued there. Open the card again."))
        return offsets

    @api.model
    def _get_timeline(self, partner, offsets=None, limit=FIRST_ROWS):
        if not self.env["partner.contact.log"].has_access("read"):
            return False
        found = []
        for source, (model, domain, day, names) in self._get_timeline_sources(partner).items():
            records = self.env[model]
            if not records.has_access("read"):
                continue
            # one more than the page has room for tells whether there are more
            records = records.search_fetch(
                domain,
                names,
                order=f"{day} desc, id desc",
                limit=limit + 1,
                offset=(offsets or {}).get(source, 0),
            )
            found += [(*self._get_moment(record[day]), record.id, source, record) for record in records]
        found.sort(key=lambda row: row[:4], reverse=True)
        shown = found[:limit]
        counts = dict(offsets or {})
        for *_key, source, _record in shown:
            counts[source] = counts.get(source, 0) + 1
        return {
            "rows": [
                {
                    "key": f"{source},{record_id}",
                    "source": source,
                    "id": record_id,
                    "model": record._name,
                    "day": day,
                    **getattr(self, f"_get_timeline_{source}")(record),
                }
                for day, _hour, record_id, source, record in shown
            ],
            "offsets": counts,
            "has_more": len(found) > limit,
        }

    @api.model
    def _get_moment(self, value):
        """The day and the hour of a date or a moment, for the user; both as text that sorts."""
        if not value:
            return "", ""
        if not hasattr(value, "hour"):
            return fields.Date.to_string(value), NO_HOUR
        moment = fields.Datetime.context_timestamp(self, value)
        return moment.date().isoformat(), moment.time().isoformat("seconds")

    @api.model
    def _get_timeline_sources(self, partner):
        """``{source: (model, domain, field of the day, fields)}``; each has a method ``_get_timeline_<source>``."""
        company = Domain("company_id", "=", self.env.company.id)
        ours = Domain("partner_id.commercial_partner_id", "=", partner.id)
        document = ["name", "partner_id", "currency_id"]
        return {
            "log": (
                "partner.contact.log",
                partner._get_contact_log_domain() & Domain("state", "=", "done"),
                "date",
                ["name", "channel", "user_id", "outcome_id"],
            ),
            "sale": (
                "sale.order",
                ours & company & Domain("state", "in", ("draft", "sent", "sale")),
                "date_order",
                [*document, "state", "user_id", "amount_total"],
            ),
            "invoice": (
                "account.move",
                Domain("commercial_partner_id", "=", partner.id)
                & company
                & Domain("state", "=", "posted")
                & Domain("move_type", "!=", "entry"),
                "invoice_date",
                [*document, "move_type", "payment_state", "invoice_user_id", "amount_total"],
            ),
            "payment": (
                "account.payment",
                ours & company & Domain("state", "in", ("in_process", "paid")),
                "date",
                [*document, "payment_type", "memo", "amount"],
            ),
            "purchase": (
                "purchase.order",
                ours & company & Domain("state", "in", ("sent", "to approve", "purchase")),
                "date_order",
                [*document, "state", "user_id", "amount_total"],
            ),
        }

    # ------------------------------------------------------------------
    # Rows
    # ------------------------------------------------------------------
    @api.model
    def _get_timeline_log(self, entry):
        # sudo: the names of a colleague and of an outcome, as in the log
        shown = entry.sudo()
        return {
            "name": entry.name,
            "channel": entry.channel,
            "label": self._label(entry, "channel"),
            "user": shown.user_id.name or "",
            "state": shown.outcome_id.name or "",
        }

    @api.model
    def _get_timeline_document(self, document, label, amount, state="", user=None):
        return {
            "name": document.name or "",
            "label": label,
            "amount": amount,
            "currency_id": document.currency_id.id,
            "state": state,
            # sudo: the name of a colleague
            "user": (user and user.sudo().name) or "",
        }

    @api.model
    def _get_timeline_sale(self, order):
        label = self.env._("Order") if order.state == "sale" else self.env._("Quotation")
        return self._get_timeline_document(order, label, order.amount_total, user=order.user_id)

    @api.model
    def _get_timeline_invoice(self, move):
        return self._get_timeline_document(
            move,
            self._label(move, "move_type"),
            -move.amount_total if move.move_type in ("out_refund", "in_refund") else move.amount_total,
            self._label(move, "payment_state"),
            move.invoice_user_id,
        )

    @api.model
    def _get_timeline_payment(self, payment):
        received = payment.payment_type == "inbound"
        label = self.env._("Payment received") if received else self.env._("Payment made")
        return self._get_timeline_document(payment, label, payment.amount, payment.memo or "")

    @api.model
    def _get_timeline_purchase(self, order):
        return self._get_timeline_document(
            order,
            self.env._("Purchase order"),
            order.amount_total,
            self._label(order, "state"),
            order.user_id,
        )
