from odoo import models
from odoo.exceptions import UserError


class PartnerContactLog(models.Model):
    """Contacts that turn out to be inquiries."""

    _inherit = "partner.contact.log"

    def action_make_inquiry(self):
        """Open the form of a new inquiry with what this contact tells; if it became one already, that one.

        :raise UserError: unless it is one contact that took place
        """
        if len(self) != 1:
            raise UserError(
                self.env._("Select one contact: an inquiry is made of the contact it began with.")
            )
        if self.state != "done":
            raise UserError(
                self.env._(
                    "“%(name)s” with %(partner)s has not taken place. Mark it as done first.",
                    name=self.name,
                    partner=self.partner_id.display_name,
                )
            )
        # sudo: whether there is one; it is opened with the rights of the user
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        lead = leads.search([("inquiry_log_id", "=", self.id)])
        if not lead and self.res_model == leads._name:
            lead = leads.browse(self.res_id).exists()
        if lead:
            lead = lead.sudo(False)
            if not lead.has_access("read"):
                raise UserError(
                    self.env._(
                        "“%(name)s” with %(partner)s is an inquiry already, in the care of a colleague.",
                        name=self.name,
                        partner=self.partner_id.display_name,
                    )
                )
            return lead.get_formview_action()
        action = self.env["ir.actions.act_window"]._for_xml_id("partner_relations.partner_inquiry_new_action")
        return {**action, "context": {"default_log_id": self.id}}
