from odoo import models


class ResourceCalendar(models.Model):
    """The working hours of a company say in which time zone it counts its days where its contact does not."""

    _inherit = "resource.calendar"

    def write(self, vals):
        result = super().write(vals)
        if "tz" in vals:
            self.env.registry.clear_cache()
        return result
