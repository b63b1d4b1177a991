"""Users of purchasing, suppliers and order lines with a promise, for the tests of the rating."""

from contextlib import contextmanager
from datetime import datetime, timedelta

from odoo import Command, fields

from .. import companies
from ..common import EmptyIsNotZero, RelationsCommon

TODAY = "2026-11-25"


class RatedCommon(EmptyIsNotZero, RelationsCommon):
    """A buyer, a purchase manager, a director and a salesperson, and a company with suppliers.

    The company is fresh, so that what the database holds does not matter, and in UTC.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = companies.take(cls.env, {"name": "Rating Company"})
        cls.company.partner_id.tz = "UTC"
        cls.env.user.company_ids += cls.company
        cls.env = cls.env(
            context={
                **cls.env.context,
                "allowed_company_ids": cls.company.ids,
                "tz": "UTC",
                "tracking_disable": True,
            }
        )
        cls.user_buyer = cls._create_user(
            "rating_buyer", "partner_relations.group_user,purchase.group_purchase_user", tz="UTC"
        )
        cls.user_manager = cls._create_user(
            "rating_manager", "partner_relations.group_user,purchase.group_purchase_manager", tz="UTC"
        )
        cls.user_boss = cls._create_user("rating_director", "partner_relations.group_director", tz="UTC")
        cls.user_seller = cls._create_user(
            "rating_seller", "partner_relations.group_user,sales_team.group_sale_salesman", tz="UTC"
        )
        # to see what an export gives, not that there is none
        users = cls.user_buyer + cls.user_manager + cls.user_boss + cls.user_seller
        users.write({"group_ids": [Command.link(cls.env.ref("base.group_allow_export").id)]})
        cls.policy = cls.env["supplier.score.policy"]._get_for(cls.company)
        cls.cards = cls.env["supplier.scorecard"]
        cls.product = cls.env["product.product"].create(
            {"name": "Rated Chair", "type": "consu", "is_storable": True}
        )
        cls.today = fields.Date.to_date(TODAY)

    @contextmanager
    def _refused(self, exception, words):
        """What is refused with these words leaves nothing behind."""
        with self.assertRaises(exception) as caught:
            yield
        self.assertRegex(str(caught.exception), words)

    @classmethod
    def _create_supplier(cls, name, **values):
        return cls._create_company_partner(name, **values)

    @classmethod
    def _create_card(cls, partner, score=None, company=None, **values):
        """A scorecard as it stands after a computation; by default the current one."""
        grade = False if score is None else "high" if score >= 80 else "medium" if score >= 50 else "low"
        return cls.cards.create(
            {
                "partner_id": partner.id,
                "company_id": (company or cls.company).id,
                "period": "year",
                "is_current": True,
                "date_from": cls.today - timedelta(days=364),
                "date_to": cls.today,
                "due_line_count": 0 if score is None else 25,
                "score": score,
                "grade": grade,
                **values,
            }
        )

    @classmethod
    def _buy(cls, partner, promised, quantity=10, price=100, received=0, received_on=None, company=None):
        """A confirmed order of one line promised on a day, and a receipt of a part of it."""
        company = company or cls.company
        order = (
            cls.env["purchase.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": cls.product.id,
                                "product_qty": quantity,
                                "price_unit": price,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
            )
        )
        order.button_confirm()
        line = order.order_line
        # the first order makes a vendor price, which would be the agreed one of the others
        line.write({"agreed_price": False, "agreed_price_source": "none"})
        line.promised_date = datetime.combine(fields.Date.to_date(promised), datetime.min.time()).replace(
            hour=12
        )
        if received:
            move = order.picking_ids.move_ids
            move.quantity = received
            move.picked = True
            move._action_done(cancel_backorder=False)
            move.filtered(lambda each: each.state == "done").date = datetime.combine(
                fields.Date.to_date(received_on or promised), datetime.min.time()
            ).replace(hour=10)
        return line
