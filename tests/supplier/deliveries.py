"""Orders with open deliveries, shared by the tests of what is due, of chasing and of the supplier's file."""

from datetime import datetime, time, timedelta

from odoo import Command, fields

from ..common import EmptyIsNotZero, RelationsCommon


class DeliveriesCommon(EmptyIsNotZero, RelationsCommon):
    """Two suppliers with open orders: one with a contact person and two orders, one without an e-mail address.

    ``line_late`` was promised 12 days ago and half of it is here, ``line_soon`` is due in 3 days on another
    order, ``line_other`` of the other supplier was promised 5 days ago.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        cls.user_buyer = cls._create_user(
            "supplier_buyer", "purchase.group_purchase_user,partner_relations.group_user"
        )
        cls.user_plain_buyer = cls._create_user("supplier_plain_buyer", "purchase.group_purchase_user")
        cls.user_buyer2 = cls._create_user("supplier_buyer2", "purchase.group_purchase_user")
        cls.vendor = cls._create_company_partner("Oak Timber", email="office@oak.example.com")
        cls.contact = cls._create_person(
            "Olga Oak", cls.vendor, email="olga@oak.example.com", function="Sales"
        )
        cls.vendor_mute = cls._create_company_partner("Silent Screws")
        cls.product = cls._create_product("Oak Board")
        cls.screw = cls._create_product("Screw")
        cls.env["product.supplierinfo"].create(
            {
                "partner_id": cls.vendor.id,
                "product_tmpl_id": cls.product.product_tmpl_id.id,
                "product_code": "OB-77",
                "price": 20,
            }
        )
        cls.order_late = cls._order(cls.contact, [(cls.product, 10, 20)], days=-12)
        cls.line_late = cls.order_late.order_line
        cls._receive(cls.order_late, 4)
        cls.order_soon = cls._order(cls.vendor, [(cls.screw, 100, 1)], days=3)
        cls.line_soon = cls.order_soon.order_line
        cls.order_other = cls._order(cls.vendor_mute, [(cls.screw, 50, 1)], days=-5)
        cls.line_other = cls.order_other.order_line

    @classmethod
    def _create_product(cls, name, **values):
        return cls.env["product.product"].create(
            {"name": name, "type": "consu", "is_storable": True, "purchase_method": "purchase", **values}
        )

    @classmethod
    def _noon(cls, days):
        """Noon of a day, ``days`` from today."""
        return datetime.combine(cls.today + timedelta(days=days), time(12))

    @classmethod
    def _order(cls, partner, lines, days, company=None, confirm=True, **values):
        """A confirmed order of (product, quantity, price) that is promised ``days`` from today."""
        company = company or cls.company
        order = (
            cls.env["purchase.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "date_order": cls._noon(min(days, 0) - 20),
                    "user_id": cls.user_buyer.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_qty": quantity,
                                "price_unit": price,
                                "date_planned": cls._noon(days),
                            }
                        )
                        for product, quantity, price in lines
                    ],
                    **values,
                }
            )
        )
        if confirm:
            order.button_confirm()
        return order

    @classmethod
    def _receive(cls, order, quantity, days=-1):
        """Receive ``quantity`` of each line; the rest stays open."""
        picking = order.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))
        for move in picking.move_ids:
            move.quantity = quantity
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True, picking_ids_not_to_backorder=[])._action_done()
        picking.move_ids.filtered(lambda move: move.state == "done").date = cls._noon(days)

    def _deliveries(self, user=None, domain=()):
        report = self.env["supplier.delivery.report"]
        if user:
            report = report.with_user(user)
        self.env.flush_all()
        return report.search([("quantity_open", ">", 0), *domain])

    def _delivery(self, line, user=None):
        return self._deliveries(user, [("order_line_id", "=", line.id)])
