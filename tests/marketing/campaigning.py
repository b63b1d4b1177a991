"""Campaigns, touches and sales of any day, for the tests of campaign results."""

from datetime import datetime, time, timedelta

from ..customer.inquiring import TODAY, InquiringCommon
from .segmenting import MARKETING


class CampaigningCommon(InquiringCommon):
    """Two campaigns of ``company_eur``, a marketing user there; it is 25 November 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_marketing = cls._create_user(
            "campaign_marketing",
            MARKETING,
            company_id=cls.company_eur.id,
            company_ids=cls.company_eur.ids,
        )
        cls.spring, cls.autumn = cls.env["utm.campaign"].create(
            [{"name": name, "company_id": cls.company_eur.id} for name in ("Spring", "Autumn")]
        )
        eur = {"allowed_company_ids": cls.company_eur.ids}
        cls.report = cls.env["partner.campaign.report"].with_context(**eur)
        cls.sources = cls.env["partner.source.report"].with_context(**eur)
        cls.sales = cls.env["partner.campaign.sale"].with_context(**eur)
        cls.touches = cls.env["partner.campaign.touch"].with_context(**eur)

    @classmethod
    def _day(cls, age):
        return TODAY - timedelta(days=age)

    @classmethod
    def _sell(cls, partner, age=0, amount=100, cost=None, **values):
        """A posted invoice without order; the unit costs 10, or as much as is said."""
        if cost is not None:
            cls.chair.with_company(values.get("company") or cls.company_eur).standard_price = cost
        lines = [{"product_id": cls.chair.id, "quantity": 1, "price_unit": amount}]
        return cls._create_invoice(lines, partner, cls._day(age), **values)

    @classmethod
    def _spend(cls, amount, campaign=None, age=10, **values):
        values = {"company_id": cls.company_eur.id, "currency_id": cls.eur.id, **values}
        return cls.env["partner.campaign.cost"].create(
            {
                "campaign_id": campaign.id if campaign else False,
                "date": cls._day(age),
                "amount": amount,
                **values,
            }
        )

    @classmethod
    def _bill(cls, amount, campaign=None, move_type="in_invoice", line=None, **values):
        return cls._create_invoice(
            [
                {
                    "name": "Advertisement",
                    "quantity": 1,
                    "price_unit": amount,
                    "cost_campaign_id": line.id if line else False,
                }
            ],
            partner=cls.customer2,
            date=cls._day(10),
            move_type=move_type,
            campaign_id=campaign.id if campaign else False,
            **values,
        )

    @classmethod
    def _contact(cls, partner, campaign, age, hour=12, **values):
        """A logged contact with a campaign, which is a touch."""
        return cls.env["partner.contact.log"].create(
            {
                "title": "Fair",
                "partner_id": partner.id,
                "channel": "meeting",
                "state": "done",
                "date": datetime.combine(cls._day(age), time(hour)),
                "campaign_id": campaign.id,
                "company_id": cls.company_eur.id,
                "user_id": cls.user_sales.id,
                **values,
            }
        )

    @classmethod
    def _trace(cls, partner, campaign, **values):
        mailing = cls.env["mailing.mailing"].create(
            {
                "subject": "Letter",
                "campaign_id": campaign.id,
                "mailing_model_id": cls.env["ir.model"]._get_id("res.partner"),
            }
        )
        return cls.env["mailing.trace"].create(
            {
                "model": "res.partner",
                "res_id": partner.id,
                "email": partner.email_normalized or f"p{partner.id}@example.com",
                "mass_mailing_id": mailing.id,
                "trace_status": "sent",
                **values,
            }
        )

    def _row(self, campaign, report=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return (self.report if report is None else report).search([("campaign_id", "=", campaign.id)])

    def _credited(self, move):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.sales.search([("move_id", "=", move.id)]).campaign_id
