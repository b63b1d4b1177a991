"""What a form may tell with all rights of what a client names in it."""

from odoo import SUPERUSER_ID


def may_be_told(order):
    """Whether the user may be told of the customer of an order in its company.

    Of what is saved the rules were asked. What is not names any contact and company that a client sends.
    """
    if order.id or order.env.uid == SUPERUSER_ID:
        return True
    partner = order.partner_id._origin.sudo(False)
    return (
        bool(partner)
        and order.company_id._origin.id in order.env.user._get_company_ids()
        and partner.has_access("read")
    )
