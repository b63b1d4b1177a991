from odoo import api, fields, models
from odoo.tools import format_date

from ...tools.owner_periods import since
from .partner_owner_period import NEW_PARTNERS


class ResPartner(models.Model):
    """Keeps who is responsible for a customer from when on."""

    _inherit = "res.partner"

    owner_since = fields.Datetime(
        string="Responsible Since",
        compute="_compute_owner_since",
        looked_up=("user_id", "commercial_partner_id"),
        groups="partner_relations.group_user",
        help="Since when the salesperson has been responsible for the customer without a break. Empty: from the "
        "beginning, or nobody is, or you may not see it.",
    )

    @api.depends_context("uid", "allowed_company_ids", "company")
    def _compute_owner_since(self):
        customers = self.commercial_partner_id._origin
        periods = self.env["partner.owner.period"]
        if customers.ids:
            periods._flush_owners()
            periods = periods.search([("partner_id", "in", customers.ids)])
        company = self.env.company.id
        grouped = periods.grouped("partner_id")
        for partner in self:
            rows = grouped.get(partner.commercial_partner_id._origin)
            partner.owner_since = (
                rows and since([period for period, _row in rows._to_values()], company)
            ) or False

    def _get_contact_stats(self):
        stats = super()._get_contact_stats()
        if self.env["partner.owner.period"].has_access("read"):
            since_day = self.owner_since and fields.Datetime.context_timestamp(self, self.owner_since).date()
            stats.append(
                {
                    "action": "action_open_owners",
                    "icon": "fa-id-badge",
                    "label": self.env._("Responsible Since") if since_day else self.env._("Owners"),
                    "value": format_date(self.env, since_day) if since_day else "",
                }
            )
        return stats

    @api.readonly
    def action_open_owners(self):
        """Open who was responsible for this customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.partner_owner_period_action"
        )
        customer = self.commercial_partner_id
        return {
            **action,
            "name": self.env._("Owners of %s", customer.display_name),
            "domain": [("partner_id", "=", customer.id)],
            "context": {},
        }

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        # Their columns are written after this. Whoever is the first to own a contact that this transaction created
        # was so from the beginning.
        self.env.cr.precommit.data.setdefault(NEW_PARTNERS, set()).update(partners.ids)
        return partners

    def _write_multi(self, vals_list):
        # The one place that every change of a column passes, core's own computes included: the salesperson that
        # a person takes over from a company, and who becomes a customer or is none any more.
        result = super()._write_multi(vals_list)
        owners = self._fields["user_id"]._get_cache(self.env)
        concerned = [
            partner_id
            for partner_id, vals in zip(self._ids, vals_list, strict=True)
            # a contact that has no salesperson, and had none before, has no periods
            if "user_id" in vals or ("commercial_partner_id" in vals and owners.get(partner_id, True))
        ]
        if concerned:
            self.env["partner.owner.period"]._keep(concerned)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_owner_periods(self):
        """The periods have no foreign key to the contact."""
        self.env["partner.owner.period"]._forget_partners(self.ids)
