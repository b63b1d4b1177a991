from odoo import api, fields, models

from ...tools.told import may_be_told


class SaleOrder(models.Model):
    """Quotations take the Incoterm that was agreed with the customer, as they take price list and payment terms.

    Those two stand on the contact, where Odoo takes them from. The Incoterm follows the customer as they do: when
    another one is chosen on a quotation, it is that of the other one, or empty. What somebody enters stays until then.
    """

    _inherit = "sale.order"

    # Columns of Odoo's own: nothing is computed at the installation, for they are there already. Computed with the
    # rights of who asks: a form of a client is told what its user may know, a cart of the shop what holds.
    incoterm = fields.Many2one(
        compute="_compute_incoterm", compute_sudo=False, store=True, readonly=False, precompute=True
    )
    incoterm_location = fields.Char(
        compute="_compute_incoterm_location", compute_sudo=False, store=True, readonly=False, precompute=True
    )

    @api.depends("partner_id", "company_id")
    def _compute_incoterm(self):
        agreed = self._get_agreed_delivery()
        # sudo: whoever makes Odoo compute it, as for any stored field; what may be told is asked for before
        for order in self.sudo():
            terms = agreed.get(order)
            if terms:
                order.incoterm = terms.incoterm_id
            elif order.incoterm and order._is_quotation() and order._has_agreed_incoterms():
                # that of the former customer
                order.incoterm = False
            else:
                order.incoterm = order.incoterm

    @api.depends("partner_id", "company_id", "incoterm")
    def _compute_incoterm_location(self):
        # most orders have no Incoterm: they ask nothing
        # sudo: as above
        agreed = self.filtered(lambda order: order.sudo().incoterm)._get_agreed_delivery()
        for order in self.sudo():
            terms = agreed.get(order)
            if terms and order.incoterm == terms.incoterm_id:
                order.incoterm_location = terms.incoterm_location
            elif (
                order.incoterm_location
                and not order.incoterm
                and order._is_quotation()
                and order._has_agreed_incoterms()
            ):
                # a place says nothing without its Incoterm
                order.incoterm_location = False
            else:
                order.incoterm_location = order.incoterm_location

    def _is_quotation(self):
        return self.state in (False, "draft", "sent")

    def _get_agreed_delivery(self):
        """The terms with an Incoterm that hold for these quotations on their order date: ``{order: terms}``.

        Without those of which the user may not be told, unless with all rights.
        """
        found = {}
        told = self if self.env.su else self.filtered(may_be_told)
        # sudo: of the terms that hold a quotation takes the Incoterm, also of who may not see them
        quotations = told.sudo().filtered(lambda order: order.partner_id and order._is_quotation())
        for (company, day), orders in quotations.grouped(
            lambda order: (order.company_id, order._get_discount_day())
        ).items():
            partners = orders.partner_id._origin.commercial_partner_id
            valid = quotations.env["partner.customer.terms"]._get_valid(partners, company, day)
            for order in orders:
                terms = valid.get(order.partner_id._origin.commercial_partner_id.id)
                if terms and terms.incoterm_id:
                    found[order] = terms
        return found

    def _has_agreed_incoterms(self):
        """Whether the company agrees Incoterms here at all; else they are none of the addon's business."""
        return bool(
            self.env["partner.customer.terms"].search_count(
                [("company_id", "=", self.company_id.id), ("incoterm_id", "!=", False)], limit=1
            )
        )
