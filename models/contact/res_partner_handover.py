from odoo import models

from ...tools.internal import INTERNAL

CARE_FIELDS = frozenset(("user_id", "buyer_id", "responsible_user_ids", "parent_id"))


class ResPartner(models.Model):
    """A customer that is handed over takes its persons along, and whose it is counts at once."""

    _inherit = "res.partner"

    def write(self, vals):
        if CARE_FIELDS.isdisjoint(vals):
            return super().write(vals)
        before = {}
        if "user_id" in vals:
            # sudo: only who the salesperson was; core reads it next, too
            before = {partner.id: partner.user_id.id for partner in self.sudo() if partner.user_id}
        result = super().write(vals)
        self.env["partner.care.mixin"]._forget_care()
        # a reassignment lists the persons itself, for its trace
        if before and self.env.context.get("relations_listed_persons") is not INTERNAL:
            self._hand_over_persons(before)
        return result

    def _hand_over_persons(self, before):
        """Give the persons of customers that have another salesperson now to that one.

        Core copies the salesperson of a company to its persons when they are made, and never again: the one before
        would go on seeing what is logged with them. A person with a salesperson of its own keeps that one, and so
        does a company that belongs to the customer.

        :param dict before: ids of the former salespeople by contact
        """
        # sudo: the persons of a customer that the user may write follow it, whether the user sees them or not
        customers = self.sudo().filtered(
            lambda partner: (
                before.get(partner.id, partner.user_id.id) != partner.user_id.id
                and partner.commercial_partner_id == partner
            )
        )
        if not customers:
            return
        domain = [
            ("commercial_partner_id", "in", customers.ids),
            ("is_company", "=", False),
            ("user_id", "in", list({before[customer.id] for customer in customers})),
        ]
        # archived ones too, for they keep their log; nobody gets a mail for each of them
        persons = customers.with_context(active_test=False, mail_auto_subscribe_no_notify=True).search(domain)
        persons = persons.filtered(
            lambda person: person.user_id.id == before.get(person.commercial_partner_id.id)
        )
        if persons:
            persons.write({"user_id": customers[0].user_id.id})
