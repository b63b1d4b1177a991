from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date, formatLang
from odoo.tools.misc import format_amount

from ...tools.number_words import format_percent, format_price
from ...tools.periods import add_months
from ...tools.trend_chart import build_trend

TERM_FIELDS = (
    "name", "date_from", "date_to", "incoterm_id", "incoterm_location", "carrier_id", "transport_mode", "lead_days",
    "min_amount", "payment_term_id", "price_valid_until", "warranty_months", "return_days", "return_conditions",
    "contract_date_end",
)  # fmt: skip
# Months of the trend; open lines, and products, that a printed page holds.
MONTHS = 12
PAGE_LINES = 8


class ResPartner(models.Model):
    """The file of a supplier: who it is, what was agreed, how reliable it is, and what is open.

    Everything is read with the rights of whoever asks for it: what he may not read is left out, and money and
    prices are for purchase users.
    """

    _inherit = "res.partner"

    @api.model
    def _check_supplier_file_right(self):
        """Raise an error unless the user may read scorecards, as buyers and directors may."""
        self.env["supplier.scorecard"].check_access("read")

    def _get_supplier_files(self):
        """Return the file of each supplier among the contacts, in their order, in the current company.

        The number of queries does not depend on how many they are.

        :return: list of dicts: `partner` (commercial), `company`, `currency`, `has_prices`; `card` (current
            scorecard, may be empty), `months` (monthly ones, oldest first), `scores` (of the running year as
            of the end of each of them), `trend` (see :func:`.trend_chart.build_trend`); `grade`,
            `grade_reason` (words); `terms` (those valid today, may be empty); `items` (list of dicts, see
            :meth:`_get_supplier_file_items`); `deliveries` (open rows of `supplier.delivery.report`, longest
            overdue first)
        """
        self._check_supplier_file_right()
        company = self.env.company
        partners = self.commercial_partner_id
        cards = self.env["supplier.scorecard"].search(
            [
                ("partner_id", "in", partners.ids),
                ("company_id", "=", company.id),
            ],
            order="date_to, id",
        )
        current = {card.partner_id: card for card in cards if card.is_current}
        history = cards - cards.filtered("is_current")
        months = history.filtered(lambda card: card.period == "month").grouped("partner_id")
        # a month alone has rarely enough lines for a score: the running year as of its end has
        scores = {(card.partner_id, card.date_to): card.score for card in history if card.period == "year"}
        items = partners._get_supplier_file_items(company)
        deliveries = partners._get_supplier_file_deliveries(company)
        terms = partners._get_supplier_file_terms(company)
        grades = dict(self._fields["supplier_grade"]._description_selection(self.env))
        none = self.env["supplier.scorecard"]
        files = []
        for partner in partners:
            past = months.get(partner, none)[-MONTHS:]
            past_scores = [scores.get((partner, card.date_to), False) for card in past]
            files.append(
                {
                    "partner": partner,
                    "company": company,
                    "currency": company.currency_id,
                    "has_prices": self._has_supplier_prices(),
                    "card": current.get(partner, none),
                    "months": past,
                    "scores": past_scores,
                    "trend": build_trend(self._get_supplier_file_trend(partner, past, scores)),
                    "grade": grades.get(partner.supplier_grade) or self.env._("Not rated"),
                    "grade_reason": partner.supplier_grade_reason
                    or self.env._("no scorecard is computed yet."),
                    "terms": terms.get(partner, self.env["supplier.terms"]),
                    "items": items.get(partner, []),
                    "deliveries": deliveries.get(partner, []),
                }
            )
        return files

    @api.model
    def _get_supplier_file_trend(self, partner, months, scores):
        """Yield the months of the chart, with those in between in which nothing was due, which have no scorecard."""
        rates = {card.date_to: card.on_time_rate for card in months}
        last = months[-1:].date_to
        first = last and max(months[0].date_from, add_months(last, 1 - MONTHS))
        while last and first <= last:
            following = add_months(first, 1)
            end = following - timedelta(days=1)
            yield (
                format_date(self.env, end, date_format="MM/yy"),
                scores.get((partner, end), False),
                rates.get(end, False),
            )
            first = following

    @api.model
    def _has_supplier_prices(self):
        return self.env.user.has_group("purchase.group_purchase_user")

    # ------------------------------------------------------------------
    # Parts of the file
    # ------------------------------------------------------------------

    def _get_supplier_file_items(self, company):
        """Return {supplier: [its products with code, price and where the price was agreed]}, valid today."""
        today = fields.Date.context_today(self)
        sellers = self.env["product.supplierinfo"]
        if not sellers.has_access("read"):
            return {}
        found = sellers.search(
            Domain("partner_id.commercial_partner_id", "in", self.ids)
            & Domain("company_id", "in", [False, company.id])
            & (Domain("date_start", "=", False) | Domain("date_start", "<=", today))
            & (Domain("date_end", "=", False) | Domain("date_end", ">=", today)),
            order="product_tmpl_id, product_id, min_qty, sequence, id",
        )
        # an archived product is not bought any more, and one that went to another company is not for who reads
        readable = found.product_tmpl_id._filtered_access("read")
        found = found.filtered(
            lambda seller: (
                seller.product_tmpl_id in readable
                and seller.product_tmpl_id.active
                and (seller.product_id.active or not seller.product_id)
            )
        )
        items = defaultdict(list)
        has_prices = self._has_supplier_prices()
        for seller in found:
            # sudo: name, company, days and state of the agreement behind a row that the user may read, as a director
            # may who reads no agreements
            agreement = seller.purchase_requisition_id.sudo()
            # Odoo writes no days on the price of a blanket order
            first = agreement.date_start or seller.date_start
            last = agreement.date_end or seller.date_end
            if (first and first > today) or (last and last < today) or agreement.company_id - company:
                continue
            if agreement and not agreement.active:
                continue
            # price_discounted is that of the product's unit; beside the price stands the vendor's
            price = seller.price * (1 - seller.discount / 100)
            items[seller.partner_id.commercial_partner_id].append(
                {
                    "product": seller.product_id.display_name or seller.product_tmpl_id.display_name,
                    "code": seller.product_code,
                    "name": seller.product_name,
                    "min_quantity": seller.min_qty or None,
                    "uom": seller.product_uom_id.name,
                    "price": price if has_prices else None,
                    "price_text": format_price(self.env, price, seller.currency_id) if has_prices else "",
                    "currency": seller.currency_id,
                    "lead_days": seller.delay,
                    "date_from": first,
                    "date_to": last,
                    "origin": self.env._("Blanket order %s", agreement.name)
                    if agreement
                    else self.env._("Vendor price"),
                }
            )
        return items

    def _get_supplier_file_deliveries(self, company):
        """Return {supplier: its open lines}, those longest overdue first."""
        deliveries = self.env["supplier.delivery.report"]
        if not deliveries.has_access("read"):
            return {}
        return deliveries.search(
            [("partner_id", "in", self.ids), ("company_id", "=", company.id), ("quantity_open", ">", 0)],
            order="date_promised, order_line_id",
        ).grouped("partner_id")

    def _get_supplier_file_terms(self, company):
        """Return {supplier: its terms valid today, one record or none}."""
        terms = self.env["supplier.terms"]
        if not terms.has_access("read"):
            return {}
        today = fields.Date.context_today(self)
        valid = terms._get_valid_batch((partner, company, today) for partner in self)
        return {partner: record for (partner, _company, _day), record in valid.items()}

    # ------------------------------------------------------------------
    # What the printed page shows
    # ------------------------------------------------------------------

    @api.model
    def _get_supplier_file_limit(self):
        """Return how many open lines, and how many products, stand on the printed page."""
        return PAGE_LINES

    @api.model
    def _get_supplier_file_facts(self, file):
        """Return the identity of a supplier as (text, value), without what is not known."""
        partner = file["partner"]
        buyer = partner.buyer_id
        facts = [
            (
                self.env._("Address"),
                # the format leaves blanks where city, state or postcode are missing
                ", ".join(
                    " ".join(row.split())
                    for row in partner._display_address(without_company=True).split("\n")
                    if row.strip()
                ),
            ),
            (self.env._("Tax ID"), partner.vat),
            (self.env._("Phone"), partner.phone),
            (self.env._("E-mail"), partner.email),
            (
                self.env._("Contact persons"),
                ", ".join(
                    f"{person.name} ({person.function})" if person.function else person.name
                    for person in partner.child_ids
                    if person.type == "contact" and person.name
                ),
            ),
            (self.env._("Buyer"), buyer.name),
            (
                self.env._("Payment Terms"),
                partner.with_company(file["company"]).property_supplier_payment_term_id.name,
            ),
        ]
        return [(text, value) for text, value in facts if value]

    @api.model
    def _get_supplier_file_term_facts(self, file):
        """Return the terms as (title, value in words), without what was not agreed."""
        terms, facts = file["terms"], []
        for name in self._get_supplier_file_term_fields(file):
            field, value = terms._fields[name], terms[name]
            if field.type == "many2one":
                value = value.display_name
            if value is False or value is None or value == "":
                continue
            if field.type == "date":
                value = format_date(self.env, value)
            elif field.type == "monetary":
                value = format_amount(self.env, value, terms.currency_id)
            elif field.type == "selection":
                value = dict(field._description_selection(self.env))[value]
            facts.append((field.get_description(self.env, ["string"])["string"], value))
        return facts

    @api.model
    def _get_supplier_file_term_fields(self, file):
        return [name for name in TERM_FIELDS if file["has_prices"] or name != "min_amount"]

    @api.model
    def _get_supplier_file_figures(self, file):
        """Return the figures of the current scorecard as (text, value, what it is counted from); all are texts.

        A figure without data is an empty text.
        """
        card, currency = file["card"], file["currency"]

        def known(value):
            return value is not None and value is not False

        def percent(value):
            return format_percent(self.env, value * 100, digits=1) if known(value) else ""

        def days(value):
            return self.env._("%s days", formatLang(self.env, value, digits=1)) if known(value) else ""

        def money(value):
            return format_amount(self.env, value, currency) if known(value) else ""

        def lines(count, one, many):
            return one if count == 1 else many % count

        due = lines(card.due_line_count, self.env._("1 due line"), self.env._("%s due lines"))
        with_receipts = self.env._("1 line with receipts"), self.env._("%s lines with receipts")
        timed = lines(card.received_line_count, *with_receipts)
        received = lines(card.slippage_line_count, *with_receipts)
        priced = lines(
            card.price_line_count,
            self.env._("1 line with an agreed price"),
            self.env._("%s lines with an agreed price"),
        )
        figures = [
            (self.env._("On time"), percent(card.on_time_rate), due),
            (self.env._("On time in full"), percent(card.otif_rate), due),
            (self.env._("In full"), percent(card.in_full_rate), due),
            (self.env._("Quality"), percent(card.quality_rate), received),
            (self.env._("Lead time, mean"), days(card.lead_days_mean), timed),
            (self.env._("Lead time, median"), days(card.lead_days_median), timed),
            (self.env._("Lead time, deviation"), days(card.lead_days_deviation), timed),
            (self.env._("Lead time, promised"), days(card.promised_lead_days_mean), timed),
            (self.env._("Delay, mean"), days(card.slippage_days_mean), received),
            (
                self.env._("Response to RFQs"),
                days(card.response_days),
                self.env._(
                    "%(answered)s of %(sent)s answered", answered=card.answered_rfq_count, sent=card.rfq_count
                ),
            ),
        ]
        if file["has_prices"]:
            figures += [
                (self.env._("Price compliance"), percent(card.price_compliance), priced),
                (self.env._("Over the agreed prices"), money(card.price_variance), priced),
                (
                    self.env._("Bills over orders"),
                    money(card.bill_variance),
                    self.env._("%s bill lines", card.bill_line_count),
                ),
                (
                    self.env._("Overdue now"),
                    money(card.overdue_value),
                    self.env._("%s overdue lines", card.overdue_line_count),
                ),
            ]
        return figures if card else []
