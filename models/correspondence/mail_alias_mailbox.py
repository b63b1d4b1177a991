from odoo import models


class MailAlias(models.Model):
    """Addresses of mailboxes are kept in the cache: an alias that an administrator changes is theirs at once."""

    _inherit = "mail.alias"

    def write(self, vals):
        result = super().write(vals)
        if {"alias_name", "alias_domain_id"} & vals.keys():
            # sudo: whether a mailbox has it, for who could write it
            if "partner.letter" in self.sudo().alias_model_id.mapped("model"):
                self.env.registry.clear_cache()
        return result


class MailAliasDomain(models.Model):
    """As its aliases."""

    _inherit = "mail.alias.domain"

    def write(self, vals):
        result = super().write(vals)
        if "name" in vals:
            self.env.registry.clear_cache()
        return result
