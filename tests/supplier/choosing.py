"""Suppliers with prices and ratings, for the tests of checks on orders and of the choice of a supplier."""

from datetime import date, timedelta

from odoo import Command

from .. import companies
from ..common import EmptyIsNotZero, RelationsCommon


class ChoosingCommon(EmptyIsNotZero, RelationsCommon):
    """A company in euro with a buyer and a purchase manager, three suppliers and two products.

    One dollar is half a euro.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eur, cls.usd = cls.env.ref("base.EUR"), cls.env.ref("base.USD")
        (cls.eur + cls.usd).active = True
        cls.company = cls._create_buying_company("Choosing in Euro")
        cls.company2 = cls._create_buying_company("Choosing Elsewhere")
        cls.buyer = cls._create_user("choosing_buyer", "purchase.group_purchase_user")
        cls.manager = cls._create_user("choosing_manager", "purchase.group_purchase_manager")
        cls.clerk = cls._create_user("choosing_clerk", "account.group_account_invoice")
        cls.cheap = cls._create_company_partner("Cheap Mill")
        cls.fast = cls._create_company_partner("Fast Mill")
        cls.good = cls._create_company_partner("Good Mill")
        cls.unit = cls.env.ref("uom.product_uom_unit")
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.oak = cls._create_product("Oak Board")
        cls.pine = cls._create_product("Pine Board")
        cls.policy = cls.env["supplier.score.policy"]._get_for(cls.company)

    @classmethod
    def _create_buying_company(cls, name):
        company = companies.take(cls.env, {"name": name, "currency_id": cls.eur.id})
        cls.env.user.company_ids += company
        cls.env["res.currency.rate"].search([("company_id", "=", company.id)]).unlink()
        cls.env["res.currency.rate"].create(
            {"name": "2000-01-01", "currency_id": cls.usd.id, "company_id": company.id, "rate": 2.0}
        )
        cls.env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1) or cls.env[
            "stock.warehouse"
        ].create({"name": name, "code": name[-5:], "company_id": company.id})
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
                "standard_price": 55,
                **values,
            }
        )

    @classmethod
    def _price(cls, partner, price, product=None, **values):
        return cls.env["product.supplierinfo"].create(
            {
                "partner_id": partner.id,
                "product_tmpl_id": (product or cls.oak).product_tmpl_id.id,
                "price": price,
                "currency_id": cls.eur.id,
                "company_id": cls.company.id,
                **values,
            }
        )

    @classmethod
    def _blanket(cls, partner, price, product=None, confirm=True, **values):
        blanket = (
            cls.env["purchase.requisition"]
            .with_company(cls.company)
            .create(
                {
                    "vendor_id": partner.id,
                    "requisition_type": "blanket_order",
                    "company_id": cls.company.id,
                    "currency_id": cls.eur.id,
                    **values,
                    "line_ids": [
                        Command.create(
                            {
                                "product_id": (product or cls.oak).id,
                                "product_qty": 1000,
                                "price_unit": price,
                                "product_uom_id": cls.unit.id,
                            }
                        )
                    ],
                }
            )
        )
        if confirm:
            blanket.action_confirm()
        return blanket

    @classmethod
    def _rate(cls, partner, score, company=None, **values):
        """Give a supplier a current scorecard with this score (False: not rated)."""
        company = company or cls.company
        grade = False if score is False else "high" if score >= 80 else "medium" if score >= 50 else "low"
        today = date.today()
        return cls.env["supplier.scorecard"].create(
            {
                "partner_id": partner.id,
                "company_id": company.id,
                "period": "year",
                "is_current": True,
                "date_from": today - timedelta(days=364),
                "date_to": today,
                "due_line_count": 12,
                "score": score,
                "grade": grade,
                "on_time_rate": 0.3,
                **values,
            }
        )

    @classmethod
    def _set_grade(cls, partner, grade, company=None, days=30, user=None, **values):
        overrides = cls.env["supplier.grade.override"].with_user(user or cls.env.user)
        return overrides.create(
            {
                "partner_id": partner.id,
                "company_id": (company or cls.company).id,
                "grade": grade,
                "reason": "New factory",
                "date_until": date.today() + timedelta(days=days),
                **values,
            }
        )

    @classmethod
    def _order(cls, partner, *lines, **values):
        """Create an RFQ; a line is (product, quantity) or (product, quantity, price)."""
        company = values.pop("company", cls.company)
        order = (
            cls.env["purchase.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "order_line": [
                        Command.create({"product_id": line[0].id, "product_qty": line[1]})
                        for line in lines or [(cls.oak, 10)]
                    ],
                    **values,
                }
            )
        )
        for line, wanted in zip(order.order_line, lines, strict=False):
            if len(wanted) > 2:
                line.price_unit = wanted[2]
        return order
