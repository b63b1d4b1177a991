from odoo import models


class OrderContactsMixin(models.AbstractModel):
    """Planned contacts of an order are with the customer or supplier that it has now."""

    _name = "partner.order.contacts.mixin"
    _description = "Order With Planned Contacts"

    def write(self, vals):
        result = super().write(vals)
        if "partner_id" in vals:
            # sudo: activities of colleagues, too; the feed moves entries that the rules of the log then hide or show
            self.sudo().activity_ids._relations_feed()
        return result
