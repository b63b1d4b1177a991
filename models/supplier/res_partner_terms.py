from odoo import api, fields, models


class ResPartner(models.Model):
    """The terms of a supplier on its contact, and its items and prices one click away."""

    _inherit = "res.partner"

    supplier_terms_text = fields.Char(
        string="Terms",
        compute="_compute_supplier_terms_text",
        looked_up=("commercial_partner_id",),
        groups="purchase.group_purchase_user,partner_relations.group_director",
        help="The terms of the supplier, or of its company, that hold today in the current company.",
    )

    @api.depends_context("company", "lang", "tz", "uid")
    def _compute_supplier_terms_text(self):
        stored = self._origin
        if not stored:
            # the form of a new contact, which many open all day
            self.supplier_terms_text = self.env._("None valid")
            return
        terms = self.env["supplier.terms"]
        company, today = self.env.company, fields.Date.context_today(self)
        partners = stored.filtered("commercial_partner_id")
        valid = terms._get_valid_batch((partner, company, today) for partner in partners)
        for partner in self:
            found = valid.get((partner._origin, company, today), terms)
            partner.supplier_terms_text = found._get_period_text() if found else self.env._("None valid")

    def _follow_company(self):
        # sudo: whoever may change what a contact belongs to; which terms it has is seen by buyers only
        terms_model = self.env["supplier.terms"].sudo().with_context(active_test=False)
        for partner in terms_model.search([("partner_id", "in", self.ids)]).partner_id:
            if partner.commercial_partner_id != partner:
                terms_model._move_to_partner(partner, partner.commercial_partner_id)
        return super()._follow_company()

    def action_open_supplier_terms(self):
        """Open the terms of the supplier: valid ones first, the others beside them."""
        self.ensure_one()
        self.env["supplier.terms"].check_access("read")
        supplier = self.commercial_partner_id
        action = self.env["ir.actions.act_window"]._for_xml_id("partner_relations.supplier_terms_action")
        return {
            **action,
            "domain": [("partner_id", "=", supplier.id)],
            "context": {"default_partner_id": supplier.id},
            "display_name": self.env._("Terms of %s", supplier.display_name),
        }

    def action_open_supplier_prices(self):
        """Open core's vendor prices of the supplier and its persons."""
        self.ensure_one()
        supplier = self.commercial_partner_id
        action = self.env["ir.actions.act_window"]._for_xml_id("product.product_supplierinfo_type_action")
        return {
            **action,
            "domain": [("partner_id", "child_of", supplier.id)],
            "context": {
                "visible_product_tmpl_id": False,
                "search_default_active_products": True,
                "default_partner_id": supplier.id,
            },
            "display_name": self.env._("Items and Prices of %s", supplier.display_name),
        }
