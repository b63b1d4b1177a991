from odoo import models
from odoo.exceptions import UserError


class PurchaseOrder(models.Model):
    """The supplier of an RFQ is compared with others, and another one taken."""

    _inherit = "purchase.order"

    def action_compare_suppliers(self):
        """Compare the suppliers of all lines of this RFQ."""
        self.ensure_one()
        return self.env["supplier.choice"]._open_for(order=self, order_lines=self.order_line)

    def _change_supplier(self, partner, requisition=None):
        """Make ``partner`` the vendor of this RFQ: its terms, currency, taxes and prices, as if chosen by hand.

        Prices typed by hand were the old vendor's and are looked up anew. An RFQ that was sent is a draft again:
        the new vendor has not got it.
        """
        self.ensure_one()
        if self.state not in ("draft", "sent"):
            raise UserError(self.env._("%s is not a request for quotation any more.", self.display_name))
        order = self.with_company(self.company_id)
        lines = order.order_line.filtered("product_id")
        lines._forget_price()
        order.write(
            {
                "partner_id": partner.id,
                "requisition_id": requisition.id if requisition else False,
                "state": "draft",
                "partner_ref": False,
                # asked and answered was the vendor before; the chatter keeps when
                "rfq_sent_date": False,
                "rfq_answer_date": False,
            }
        )
        order.onchange_partner_id()
        lines._look_up_price()

    def _move_lines_to_supplier(self, lines, partner, requisition=None):
        """Move lines of this RFQ to one for another vendor, with all that hangs on them; return that RFQ.

        That is an open alternative of this RFQ with the same vendor if there is one, else a new RFQ.
        """
        self.ensure_one()
        target = self.alternative_po_ids.filtered(
            lambda order: (
                order != self
                and order.state in ("draft", "sent")
                and order.partner_id == partner
                and order.company_id == self.company_id
            )
        )[:1]
        if target:
            # what the alternative asks for already is replaced, not ordered twice
            target.order_line.filtered(
                lambda line: line.product_id in lines.product_id and not line.move_dest_ids
            ).unlink()
        else:
            target = self.with_company(self.company_id).create(
                self._prepare_order_of_moved_lines(partner, requisition)
            )
            target.onchange_partner_id()
        lines._forget_price()
        lines.write({"order_id": target.id})
        lines._look_up_price()
        for order in (self, target):
            order.message_post(
                body=self.env._(
                    "Moved from %(order)s to %(target)s: %(lines)s",
                    order=self.display_name,
                    target=target.display_name,
                    lines=", ".join(lines.product_id.mapped("display_name")),
                )
            )
        return target

    def _prepare_order_of_moved_lines(self, partner, requisition):
        return {
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "date_order": self.date_order,
            "origin": self.origin or self.name,
            "user_id": self.user_id.id,
            "picking_type_id": self.picking_type_id.id,
            "dest_address_id": self.dest_address_id.id,
            "reference_ids": [(6, 0, self.reference_ids.ids)],
            "requisition_id": requisition.id if requisition else False,
        }
