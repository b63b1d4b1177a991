from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.arguments import as_id


class PartnerControlBoard(models.AbstractModel):
    """What is done to a deal from its row: won or lost, moved, given to a colleague.

    Each acts on the document behind the deal, with the user's own rights on it: who sees a deal, because the
    customer is in his care, may not therefore change the order of a colleague.
    """

    _inherit = "partner.control.board"

    @api.model
    def win_deal(self, deal_id):
        """Mark the opportunity as won, or confirm the quotation.

        :return: the name of the document
        :raises UserError: for an order, of which there is nothing to decide
        """
        deal, document = self._get_deal(deal_id)
        if deal.kind == "opportunity":
            document.action_set_won()
        elif deal.kind == "quotation":
            # as the button of the form does: mandatory analytic plans are asked for
            document.with_context(validate_analytic=True).action_confirm()
        else:
            self._raise_decided(deal)
        return deal.name

    @api.model
    def lose_deal(self, deal_id):
        """The dialog that asks why the opportunity or quotation is lost.

        :raises UserError: for an order, which is cancelled or closed in its form
        """
        deal, document = self._get_deal(deal_id)
        if deal.kind == "opportunity":
            action = self.env["ir.actions.act_window"]._for_xml_id("crm.crm_lead_lost_action")
            return {**action, "context": {"default_lead_ids": document.ids, "active_ids": document.ids}}
        if deal.kind == "quotation":
            return document.action_lose()
        return self._raise_decided(deal)

    @api.model
    def move_deal(self, deal_id, days):
        """Expect a deal ``days`` days from today; instead of a Saturday or Sunday, on the Monday after.

        Of an opportunity this is the expected closing, of a quotation the end of validity, of an order that waits
        for delivery or invoicing the promised delivery, at its hour.

        :return: the new day
        :raises UserError: for an order that waits for payment: the due dates of invoices are agreed
        """
        deal, document = self._get_deal(deal_id)
        days = self._check_days(days, deal.name)
        day = self._get_working_day(fields.Date.context_today(self), days)
        if deal.waits_for == "payment":
            raise UserError(
                self.env._(
                    "“%s” waits for payment, and the due date of an invoice is not moved from here. Plan a contact "
                    "with the customer instead.",
                    deal.name,
                )
            )
        if deal.kind == "opportunity":
            document.date_deadline = day
        elif deal.kind == "quotation":
            document.validity_date = day
        else:
            zone = self.env.tz
            promised = document.commitment_date
            hour = pytz.utc.localize(promised).astimezone(zone).time() if promised else time(12)
            moment = zone.localize(datetime.combine(day, hour)).astimezone(pytz.utc)
            document.commitment_date = moment.replace(tzinfo=None)
        return fields.Date.to_string(day)

    @api.model
    def reassign_deal(self, deal_id, user_id):
        """Make a colleague the salesperson of a deal's opportunity, quotation or order.

        :raises UserError: for somebody who does not work here, or not in the company of the document
        """
        deal, document = self._get_deal(deal_id)
        document.user_id = self._get_colleague(user_id, deal.name, document.company_id)
        return True

    @api.model
    def _get_deal(self, deal_id):
        """The deal and its document, which the user may change.

        :raises UserError: for a deal that is finished or not the user's, and for a document that is not
        """
        deal = self.env["partner.deal.report"].search([("id", "=", as_id(deal_id))])
        if not deal:
            raise UserError(
                self.env._("This deal is no longer open to you, or finished. The board shows what is left.")
            )
        document = self.env[deal.res_model].browse(deal.res_id)
        if not document.has_access("write"):
            raise UserError(
                self.env._(
                    "You may not change “%s”. Ask its salesperson or your superior to do it.",
                    deal.name,
                )
            )
        return deal, document

    @api.model
    def _raise_decided(self, deal):
        raise UserError(
            self.env._(
                "“%s” is an order already. Open it to deliver, invoice, cancel or close it.", deal.name
            )
        )
