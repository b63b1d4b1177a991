from datetime import timedelta

from odoo import api, fields, models


class PurchaseOrderLine(models.Model):
    """Lines whose vendor price states no lead time are planned by the one that the supplier promised."""

    _inherit = "purchase.order.line"

    @api.model
    def _get_date_planned(self, seller, po=False):
        planned = super()._get_date_planned(seller, po=po)
        if seller and seller.delay:
            return planned
        days = (po or self.order_id)._get_terms().lead_days
        return planned + timedelta(days=days) if days else planned

    @api.model
    def _prepare_purchase_order_line_from_procurement(
        self, product_id, product_qty, product_uom, location_dest_id, name, origin, company_id, values, po
    ):
        """Plan what a need orders not before the supplier can deliver it, and order it as early as that takes."""
        vals = super()._prepare_purchase_order_line_from_procurement(
            product_id, product_qty, product_uom, location_dest_id, name, origin, company_id, values, po
        )
        supplier, days = values.get("supplier"), po._get_terms().lead_days
        planned = fields.Datetime.to_datetime(vals["date_planned"])
        if not days or not planned or (supplier and supplier.delay):
            return vals
        # core advances the order so for the lead time of a vendor price
        lead = timedelta(days=days)
        ordered = max(planned - lead, min(fields.Datetime.now(), po.date_order))
        if ordered < po.date_order:
            po.date_order = ordered
        vals["date_planned"] = max(planned, po.date_order + lead)
        return vals
