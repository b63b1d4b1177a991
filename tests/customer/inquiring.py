"""Inquiries and orders of any day, for the tests of the conversion."""

from datetime import date, datetime, time, timedelta

from odoo.tests import freeze_time
from odoo.tools import SQL

from .invoicing import InvoicingCommon

TODAY = date(2026, 11, 25)


class InquiringCommon(InvoicingCommon):
    """Leads with a day of inquiry, and orders copied in the database from one that Odoo confirmed.

    It is 25 November 2026, in companies whose day is that of UTC.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        clock = freeze_time(datetime.combine(TODAY, time(12)))
        clock.start()
        cls.addClassCleanup(clock.stop)
        cls.env["crm.lead"].search([]).unlink()
        (cls.company_eur + cls.company_usd).partner_id.tz = "UTC"
        cls.model_orders = {
            company: cls._create_order(
                [{"product_id": cls.chair.id, "product_uom_qty": 1, "price_unit": 1}], company=company
            )
            for company in (cls.company_eur, cls.company_usd)
        }
        cls.report = cls.env["partner.inquiry.report"].with_context(allowed_company_ids=cls.company_eur.ids)
        cls.product = cls.chair.product_tmpl_id

    @classmethod
    def _inquire(cls, partner=None, age=100, company=None, **values):
        """A lead of somebody who asked so many days ago."""
        return cls.env["crm.lead"].create(
            {
                "name": "Inquiry",
                "partner_id": partner.id if partner else False,
                "inquiry_date": TODAY - timedelta(days=age),
                "company_id": (cls.company_eur if company is None else company).id,
                "user_id": cls.user_sales.id,
                "team_id": False,
                **values,
            }
        )

    @classmethod
    def _buy(cls, partner, age, amount=100, company=None, lead=None, state="sale", hour=12):
        """An order of ``amount`` in the company's currency, so many days ago.

        :return: the order
        """
        company = company or cls.company_eur
        values = {
            "partner_id": partner.id,
            "state": state,
            "date_order": datetime.combine(TODAY - timedelta(days=age), time(hour)),
            "amount_untaxed": amount,
            "opportunity_id": lead.id if lead else None,
        }
        columns = [
            SQL.identifier(name)
            for name, field in cls.env["sale.order"]._fields.items()
            if field.store and field.column_type and name not in {"id", *values}
        ]
        cls.env.flush_all()
        # SQL: confirming an order takes a tenth of a second, and a history has hundreds
        [[order_id]] = cls.env.execute_query(
            SQL(
                "INSERT INTO sale_order (%(names)s, %(columns)s) SELECT %(values)s, %(columns)s "
                "FROM sale_order WHERE id = %(model)s RETURNING id",
                names=SQL(", ").join(map(SQL.identifier, values)),
                columns=SQL(", ").join(columns),
                values=SQL(", ").join(SQL("%s", value) for value in values.values()),
                model=cls.model_orders[company].id,
            )
        )
        cls.env.invalidate_all(flush=False)
        return cls.env["sale.order"].browse(order_id)

    def _row(self, lead, report=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return (self.report if report is None else report).search([("id", "=", lead.id)])

    def _rate(self, domain=(), report=None):
        self.env.flush_all()
        [[rate]] = (self.report if report is None else report)._read_group(
            domain, [], ["conversion_rate:avg"]
        )
        return rate
