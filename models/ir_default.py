from odoo import models


class IrDefault(models.Model):
    """What a user sets for new records is no way around what the addon refuses to be entered.

    Core lets everybody keep defaults of any field, and takes them where a record is made, after the values were looked
    at.
    """

    _inherit = "ir.default"

    def _get_model_defaults(self, model_name, condition=False):
        defaults = super()._get_model_defaults(model_name, condition)
        if not defaults or model_name not in self.env:
            return defaults
        model = self.env[model_name]
        takes = getattr(model, "_takes_default", None)
        return {name: value for name, value in defaults.items() if takes(name, value)} if takes else defaults
