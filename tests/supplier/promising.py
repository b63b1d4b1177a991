"""Suppliers, products and their prices, for the tests of promises and agreed prices."""

from datetime import datetime

from odoo import Command
from odoo.tools import SQL

from .. import companies
from ..common import EmptyIsNotZero, RelationsCommon

ORDERED = datetime(2026, 3, 2, 8)
PLANNED = datetime(2026, 3, 16, 9)
MOVED = datetime(2026, 3, 20, 9)


class PromisingCommon(EmptyIsNotZero, RelationsCommon):
    """A supplier with a contact person, two products and two companies; ``buyer2`` works in the second alone.

    ``company`` keeps its books in euro; one dollar is 0.5 euro until 1 March 2026, then 0.8.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eur = cls.env.ref("base.EUR")
        cls.usd = cls.env.ref("base.USD")
        (cls.eur + cls.usd).active = True
        cls.company = cls._create_buying_company("Buying in Euro")
        cls.company2 = cls._create_buying_company("Buying Elsewhere")
        both = cls.company + cls.company2
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=both.ids))
        cls.company, cls.company2 = cls.company.with_env(cls.env), cls.company2.with_env(cls.env)
        cls.both = [Command.set(both.ids)]
        cls.buyer = cls._create_user("promise_buyer", "purchase.group_purchase_user", company_ids=cls.both)
        cls.buyer2 = cls._create_user(
            "promise_buyer2",
            "purchase.group_purchase_user",
            company_id=cls.company2.id,
            company_ids=[Command.set(cls.company2.ids)],
        )
        cls.manager = cls._create_user(
            "promise_manager", "purchase.group_purchase_manager", company_ids=cls.both
        )
        cls.plain = cls._create_user(
            "promise_plain", "base.group_user,base.group_allow_export", company_ids=cls.both
        )
        cls.supplier = cls._create_company_partner("Oak Mill", email="office@oakmill.example")
        cls.person = cls._create_person("Ann Oak", cls.supplier, email="ann@oakmill.example")
        cls.supplier2 = cls._create_company_partner("Pine Mill")
        cls.unit = cls.env.ref("uom.product_uom_unit")
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.oak = cls._create_product("Oak Board")
        cls.pine = cls._create_product("Pine Board")

    @classmethod
    def _create_buying_company(cls, name):
        values = {"name": name, "currency_id": cls.eur.id, "country_id": cls.env.ref("base.us").id}
        company = companies.take(cls.env, values, with_chart=True)
        cls.env["res.currency.rate"].search([("company_id", "=", company.id)]).unlink()
        cls.env["res.currency.rate"].create(
            [
                {"name": day, "currency_id": cls.usd.id, "company_id": company.id, "rate": rate}
                for day, rate in (("2000-01-01", 2.0), ("2026-03-01", 1.25))
            ]
        )
        return company

    @classmethod
    def _create_product(cls, name, **values):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "consu",
                "is_storable": True,
                "uom_id": cls.unit.id,
                "uom_ids": [Command.set(cls.dozen.ids)],
                "supplier_taxes_id": [Command.clear()],
                **values,
            }
        )

    @classmethod
    def _create_price(cls, price, product=None, partner=None, created=None, **values):
        """Create a vendor price.

        :param created: when, instead of now
        """
        product = product or cls.oak
        seller = cls.env["product.supplierinfo"].create(
            {
                "partner_id": (partner or cls.supplier).id,
                "product_tmpl_id": product.product_tmpl_id.id,
                "price": price,
                "currency_id": cls.eur.id,
                "company_id": cls.company.id,
                **values,
            }
        )
        if created:
            cls._set_created(seller, created)
        return seller

    @classmethod
    def _set_created(cls, records, moment):
        cls.env.flush_all()
        cls.env.execute_query(
            SQL(
                "UPDATE %s SET create_date = %s WHERE id = ANY(%s) RETURNING id",
                SQL.identifier(records._table),
                moment,
                list(records.ids),
            )
        )
        records.invalidate_recordset(["create_date"])

    @classmethod
    def _create_order(cls, lines=({},), partner=None, confirm=False, **values):
        """Create an order of ``lines``: dictionaries, by default of 10 oak boards at 9.99."""
        company = values.pop("company", cls.company)
        order = (
            cls.env["purchase.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": (partner or cls.supplier).id,
                    "company_id": company.id,
                    "currency_id": cls.eur.id,
                    "date_order": ORDERED,
                    "order_line": [
                        Command.create(
                            line
                            if line.get("display_type")
                            else {
                                "product_id": cls.oak.id,
                                "product_qty": 10,
                                "product_uom_id": cls.unit.id,
                                "price_unit": 9.99,
                                "date_planned": PLANNED,
                                "tax_ids": [Command.clear()],
                                **line,
                            }
                        )
                        for line in lines
                    ],
                    **values,
                }
            )
        )
        if confirm:
            order.button_confirm()
        return order

    @classmethod
    def _create_blanket(cls, price, product=None, confirm=True, **values):
        line = values.pop("line", {})
        blanket = cls.env["purchase.requisition"].create(
            {
                "vendor_id": cls.supplier.id,
                "company_id": cls.company.id,
                "currency_id": cls.eur.id,
                "requisition_type": "blanket_order",
                "line_ids": [
                    Command.create(
                        {
                            "product_id": (product or cls.oak).id,
                            "product_qty": 100,
                            "price_unit": price,
                            **line,
                        }
                    )
                ],
                **values,
            }
        )
        if confirm:
            blanket.action_confirm()
        return blanket

    def _receive(self, order, quantity):
        """Receive so many of the first line of the order."""
        move = order.order_line.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))[:1]
        move.quantity = quantity
        move.picked = True
        move.picking_id.with_context(skip_backorder=True).button_validate()

    def assertAgreed(self, line, price, source):
        prices = line._get_agreed_prices()
        found, found_source, origin = prices[line]
        self.assertEqual(found_source, source)
        if price is None:
            self.assertIsNone(found)
            self.assertEqual(origin, "")
        else:
            self.assertAlmostEqual(found, price, 6)
            self.assertTrue(origin)
        return origin
