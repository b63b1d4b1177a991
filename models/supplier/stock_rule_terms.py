from odoo import api, fields, models


class LeadDays(dict):
    """Agreed lead times by ids of supplier and company, in a context: no client can send one."""


class StockRule(models.Model):
    """Orders made by procurement take the terms of their supplier too."""

    _inherit = "stock.rule"

    def _get_lead_days(self, product, **values):
        """Plan needs by the lead time of the terms where the vendor price states none."""
        delays, description = super()._get_lead_days(product, **values)
        buy_rule = self.filtered(lambda rule: rule.action == "buy")
        if not buy_rule or self.env.context.get("ignore_vendor_lead_time"):
            return delays, description
        company = buy_rule.company_id or self.env.company
        seller = values.get("supplierinfo") or product.with_company(company)._select_seller(quantity=None)
        seller = seller[:1]
        if not seller or seller.delay:
            return delays, description
        known = self.env.context.get("agreed_lead_days")
        if not isinstance(known, LeadDays):
            known = LeadDays()
        if (seller.partner_id.id, company.id) not in known:
            # such as that of a component, whose need arises from the one that was asked for
            known.update(self._get_agreed_lead_days(seller.partner_id, company))
        if days := known[seller.partner_id.id, company.id]:
            delays["total_delay"] += days
            delays["purchase_delay"] += days
            if not self.env.context.get("bypass_delay_description"):
                description.append((self.env._("Promised Lead Time"), self.env._("+ %s day(s)", days)))
        return delays, description

    @api.model
    def _get_product_lead_days(self, products, companies):
        """Return the lead times of the terms of whoever sells these products without a lead time of the price.

        :rtype: LeadDays
        """
        # sudo: who delivers, whatever prices the user sees
        sellers = products.sudo().seller_ids
        return self._get_agreed_lead_days(
            sellers.filtered(lambda seller: not seller.delay).partner_id, companies
        )

    @api.model
    def _get_agreed_lead_days(self, partners, companies):
        """Return the lead times of the terms that are valid today, in one query.

        :rtype: LeadDays
        """
        # sudo: a need may arise from what a user without purchase rights does
        terms_model = self.env["supplier.terms"].sudo()
        now = fields.Datetime.now()
        keys = []
        for company in companies:
            day = terms_model._get_day(company, now)
            keys += [(partner, company, day) for partner in partners.sudo()]
        valid = terms_model._get_valid_batch(keys)
        return LeadDays(
            ((partner.id, company.id), terms.lead_days or 0)
            for (partner, company, _day), terms in valid.items()
        )

    def _prepare_purchase_order(self, company_id, origins, values):
        """Core gives the payment terms of the contact, and the terms go before them.

        The currency stays that of the vendor price, by which core finds the order for the next need.
        """
        vals = super()._prepare_purchase_order(company_id, origins, values)
        # sudo: a need may arise from what a user without purchase rights does; core makes the order as superuser
        terms_model = self.env["supplier.terms"].sudo()
        partner = self.env["res.partner"].browse(vals["partner_id"])
        terms = terms_model._get_valid(
            partner, company_id, terms_model._get_day(company_id, vals["date_order"])
        )
        # given, so that creating the order does not look for them again
        vals["supplier_terms_id"] = terms.id
        if terms.payment_term_id:
            vals["payment_term_id"] = terms.payment_term_id.id
        return vals
