"""Suppliers with terms, shared by the tests of supplier terms."""

from datetime import date, datetime, timedelta

from odoo import Command

from ..common import EmptyIsNotZero, RelationsCommon

TODAY = date(2026, 6, 15)


class TermsCommon(EmptyIsNotZero, RelationsCommon):
    """A supplier with a person, two companies with a buyer each, goods without a vendor price.

    ``buyer`` works in the first company, ``buyer2`` in the second, ``buyer_both`` in both. The currency of the
    first company is the euro; a dollar costs half a euro.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = "UTC"
        cls.company2.partner_id.tz = "UTC"
        cls.eur = cls.env.ref("base.EUR")
        cls.usd = cls.env.ref("base.USD")
        (cls.eur | cls.usd).active = True
        for company in (cls.company, cls.company2):
            cls.env["res.currency.rate"].search([("company_id", "=", company.id)]).unlink()
            company.currency_id = cls.eur
            cls.env["res.currency.rate"].create(
                {"name": "2020-01-01", "currency_id": cls.usd.id, "rate": 2, "company_id": company.id}
            )
        buyer = "purchase.group_purchase_user,partner_relations.group_user"
        cls.buyer = cls._create_user("terms_buyer", buyer)
        cls.buyer2 = cls._create_user(
            "terms_buyer2",
            buyer,
            company_id=cls.company2.id,
            company_ids=[Command.set(cls.company2.ids)],
        )
        cls.buyer_both = cls._create_user(
            "terms_buyer_both", buyer, company_ids=[Command.set((cls.company | cls.company2).ids)]
        )
        cls.manager = cls._create_user("terms_manager", "purchase.group_purchase_manager")
        cls.supplier = cls._create_company_partner("Steel Works")
        cls.person = cls._create_person("Ms Steel", cls.supplier)
        cls.other = cls._create_company_partner("Other Works")
        cls.exw = cls.env.ref("account.incoterm_EXW")
        cls.fob = cls.env.ref("account.incoterm_FOB")
        cls.immediate = cls.env.ref("account.account_payment_term_immediate")
        cls.days15 = cls.env.ref("account.account_payment_term_15days")
        cls.days30 = cls.env.ref("account.account_payment_term_30days")
        cls.uom_unit = cls.env.ref("uom.product_uom_unit")
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.kg = cls.env.ref("uom.product_uom_kgm")
        cls.tonne = cls.env.ref("uom.product_uom_ton")
        cls.metals = cls.env["product.category"].create({"name": "Metals"})
        cls.sheets = cls.env["product.category"].create({"name": "Sheets", "parent_id": cls.metals.id})
        cls.bolt = cls._create_product("Bolt", cls.uom_unit, categ_id=cls.metals.id, standard_price=2)
        cls.sheet = cls._create_product("Sheet", cls.kg, categ_id=cls.sheets.id, standard_price=5)

    @classmethod
    def _create_product(cls, name, unit, **values):
        return cls.env["product.product"].create(
            {"name": name, "type": "consu", "is_storable": True, "uom_id": unit.id, **values}
        )

    @classmethod
    def _create_terms(cls, first="2026-01-01", last="2026-12-31", partner=None, company=None, **values):
        return cls.env["supplier.terms"].create(
            {
                "partner_id": (partner or cls.supplier).id,
                "company_id": (company or cls.company).id,
                "date_from": first,
                "date_to": last,
                **values,
            }
        )

    @classmethod
    def _create_order(cls, *lines, partner=None, day=TODAY, user=None, **values):
        """Create an order as code does; a line is (product, quantity) or a dictionary."""
        commands = [
            Command.create(
                line if isinstance(line, dict) else {"product_id": line[0].id, "product_qty": line[1]}
            )
            for line in lines
        ]
        return (
            cls.env["purchase.order"]
            .with_user(user or cls.env.user)
            .create(
                {
                    "partner_id": (partner or cls.supplier).id,
                    "date_order": datetime.combine(day, datetime.min.time()) + timedelta(hours=9),
                    "order_line": commands,
                    **values,
                }
            )
        )
