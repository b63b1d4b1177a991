from odoo import api, models
from odoo.fields import Domain

ROWS = 3


class PartnerRelationshipCard(models.AbstractModel):
    """The blocks of the card that other rooms know of: deals, debts, letters and complaints."""

    _inherit = "partner.relationship.card"

    # ------------------------------------------------------------------
    # Deals
    # ------------------------------------------------------------------
    @api.model
    def _get_deals(self, partner):
        """Unfinished deals: number and value in the company's currency, and those that are due first."""
        deals = self.env["partner.deal.report"]
        if not deals.has_access("read"):
            return False
        domain = self._get_deals_domain(partner)
        groups = deals._read_group(domain, ["timing"], ["__count", "value:sum", "value:count"])
        rows = deals.search(domain, limit=ROWS) if groups else deals
        return {
            "count": sum(count for _timing, count, _value, _valued in groups),
            "overdue": sum(count for timing, count, _value, _valued in groups if timing == "overdue"),
            "value": (
                sum(value for _timing, _count, value, _valued in groups)
                if any(valued for _timing, _count, _value, valued in groups)
                else False
            ),
            "rows": [
                {
                    "id": deal.id,
                    "name": deal.name or "",
                    "kind": self._label(deal, "kind"),
                    "waits_for": self._label(deal, "waits_for"),
                    "value": deal.value,
                    "expected": self._day(deal.date_expected),
                    "is_overdue": deal.is_overdue,
                    "has_next_step": deal.has_next_step,
                }
                for deal in rows
            ],
        }

    @api.model
    def _get_deals_domain(self, partner):
        """The deals of a customer by their ids, so that the report puts together these and no others.

        sudo: only which documents are the customer's; the report's own rules say which of them the user sees.
        """
        ours = [("partner_id.commercial_partner_id", "=", partner.id)]
        orders = self.env["sale.order"].sudo()
        orders = orders._search([*ours, ("state", "in", ("draft", "sent", "sale"))])
        leads = self.env["crm.lead"].sudo()
        leads = leads._search([*ours, ("type", "=", "opportunity"), ("won_status", "=", "pending")])
        # the ids of the report: twice that of the order, and one more than twice that of the opportunity
        ids = [*(2 * order_id for order_id in orders), *(2 * lead_id + 1 for lead_id in leads)]
        return Domain("id", "in", ids) & Domain("partner_id", "=", partner.id)

    # ------------------------------------------------------------------
    # Debts
    # ------------------------------------------------------------------
    @api.model
    def _get_debts(self, partner):
        """What the customer owes in the company, to the cent of its receivable accounts, and what is overdue."""
        report = self.env["partner.receivable.report"]
        if not report.has_access("read"):
            return False
        domain = self._get_debts_domain(partner)
        groups = report._read_group(domain, ["bucket"], ["__count", "amount:sum", "days_overdue:max"])
        late = [group for group in groups if group[0] != "not_due"]
        currency = self.env.company.currency_id
        return {
            "count": sum(count for _bucket, count, _amount, _days in groups),
            # nothing open is no amount
            "amount": currency.round(sum(group[2] for group in groups)) if groups else False,
            "overdue": currency.round(sum(group[2] for group in late)) if late else False,
            "days": max((days for _bucket, _count, _amount, days in late), default=0),
            "reminders": partner.payment_reminder_count if groups else 0,
        }

    @api.model
    def _get_debts_domain(self, partner):
        return Domain("partner_id", "=", partner.id) & Domain("company_id", "=", self.env.company.id)

    # ------------------------------------------------------------------
    # Letters
    # ------------------------------------------------------------------
    @api.model
    def _get_letters(self, partner):
        """Incoming letters that nobody has answered or closed yet, of the mailboxes that the user may see."""
        letters = self.env["partner.letter"]
        if not letters.has_access("read"):
            return False
        domain = self._get_letters_domain(partner)
        count = letters.search_count(domain)
        rows = letters.search(domain, order="date_deadline, date, id", limit=ROWS) if count else letters
        return {
            "count": count,
            "overdue": letters.search_count(domain & Domain("is_overdue", "=", True)) if count else 0,
            "rows": [
                {
                    "id": letter.id,
                    "name": letter.name or letter.display_name,
                    "date": letter.date.isoformat(" ", "seconds"),
                    "is_overdue": letter.is_overdue,
                    # sudo: the name of a colleague
                    "user": letter.sudo().user_id.name or "",
                }
                for letter in rows
            ],
        }

    @api.model
    def _get_letters_domain(self, partner):
        return (
            Domain("commercial_partner_id", "=", partner.id)
            & Domain("direction", "=", "in")
            & Domain("kind", "=", "letter")
            & Domain("state", "!=", "done")
            & Domain("is_junk", "=", False)
        )

    # ------------------------------------------------------------------
    # Complaints
    # ------------------------------------------------------------------
    @api.model
    def _get_complaints(self, partner):
        """What the customer complained of in the last year, and what came back.

        Complaints are contacts with an outcome that is marked as one. Credit notes and returned deliveries stand
        beside them, since not everybody who has reason to complain says so; they are told to those who may see what
        the customer bought, with or without rights on the documents.
        """
        logs = self.env["partner.contact.log"]
        if not logs.has_access("read"):
            return False
        domain = self._get_complaints_domain(partner)
        count = logs.search_count(domain)
        rows = logs.search(domain, limit=ROWS) if count else logs
        names = {row["id"]: row for row in rows.web_read({"name": {}, "date": {}})}
        result = {
            "count": count,
            "rows": [names[log.id] for log in rows],
            "credits": False,
            "credited": False,
            "returns": False,
            "may_open_credits": self.env["account.move"].has_access("read"),
            "may_open_returns": self.env["stock.picking"].has_access("read"),
        }
        if partner._may_see_turnover():
            # sudo: sums of a customer whose turnover the user may see
            moves = self.env["account.move"].sudo()
            [(credits_count, credited)] = moves._read_group(
                self._get_credits_domain(partner), [], ["__count", "amount_untaxed_signed:sum"]
            )
            # sudo: as above
            pickings = self.env["stock.picking"].sudo()
            result.update(
                credits=credits_count,
                credited=-credited if credits_count else False,
                returns=pickings.search_count(self._get_returns_domain(partner)),
            )
        return result

    @api.model
    def _get_complaints_domain(self, partner):
        return (
            partner._get_contact_log_domain()
            & Domain("state", "=", "done")
            & Domain("date", ">=", self._get_complaint_start())
            & Domain("outcome_id.is_complaint", "=", True)
        )

    @api.model
    def _get_credits_domain(self, partner):
        """Posted credit notes of the last year, by their own date."""
        return (
            Domain("commercial_partner_id", "=", partner.id)
            & Domain("company_id", "=", self.env.company.id)
            & Domain("move_type", "=", "out_refund")
            & Domain("state", "=", "posted")
            & Domain("invoice_date", ">=", self._get_complaint_start())
        )

    @api.model
    def _get_returns_domain(self, partner):
        """Received transfers of the last year that return a delivery."""
        return (
            Domain("partner_id.commercial_partner_id", "=", partner.id)
            & Domain("company_id", "=", self.env.company.id)
            & Domain("return_id.picking_type_code", "=", "outgoing")
            & Domain("state", "=", "done")
            & Domain("date_done", ">=", self._get_complaint_start())
        )

    @api.model
    def _get_document_actions(self):
        return {
            **super()._get_document_actions(),
            "deals": (
                "partner_relations.partner_deal_report_action",
                self.env._("Unfinished Deals"),
                lambda partner: Domain("partner_id", "=", partner.id),
            ),
            "debts": (
                "partner_relations.partner_receivable_report_action",
                self.env._("Receivables by Age"),
                self._get_debts_domain,
            ),
            "letters": (
                "partner_relations.partner_letter_action_all",
                self.env._("Letters"),
                self._get_letters_domain,
            ),
            "complaints": (
                "partner_relations.partner_contact_log_action",
                self.env._("Complaints"),
                self._get_complaints_domain,
            ),
            "credits": (
                "account.action_move_out_refund_type",
                self.env._("Credit Notes"),
                self._get_credits_domain,
            ),
            "returns": (
                "stock.action_picking_tree_all",
                self.env._("Returned Deliveries"),
                self._get_returns_domain,
            ),
        }
