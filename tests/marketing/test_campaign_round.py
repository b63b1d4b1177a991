"""A campaign from the segment to the return: letters through a real mail server, answers through the gateway."""

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..customer.invoicing import InvoicingCommon
from ..jobs import run_job
from ..mail_servers import Inbox
from .segmenting import MARKETING
from .test_segment_mailings import REPLY


class CampaignRoundCommon(InvoicingCommon):
    """Four customers in an industry, of whom one is on the blacklist; somebody in marketing; a real mail server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=cls.company_eur.ids))
        cls.inbox = Inbox.open_for(cls)
        cls.inbox.take_over(cls.env)
        cls.env["mail.mail"].search([("state", "=", "outgoing")]).unlink()
        domain = cls.env["mail.alias.domain"].create({"name": "our-company.example"})
        cls.company_eur.alias_domain_id = domain
        cls.user_marketing = cls._create_user(
            "round_marketing",
            f"{MARKETING},mass_mailing.group_mass_mailing_campaign",
            email="marketing@our-company.example",
            company_id=cls.company_eur.id,
            company_ids=cls.company_eur.ids,
        )
        cls.industry = cls.env["res.partner.industry"].create({"name": "Round Industry"})
        cls.recipients = cls.env["res.partner"].create(
            [
                {
                    "name": f"Recipient {number}",
                    "is_company": True,
                    "email": f"recipient{number}@example.com",
                    "industry_id": cls.industry.id,
                    "user_id": cls.user_sales.id,
                }
                for number in range(4)
            ]
        )
        cls.env["mail.blacklist"]._add("recipient3@example.com")
        cls.chair.with_company(cls.company_eur).standard_price = 30_000
        cls.chair.list_price = 50_000

    @classmethod
    def _create_campaign(cls, **values):
        """A campaign that cost 11,400."""
        marketing = cls.env(user=cls.user_marketing, context={"allowed_company_ids": cls.company_eur.ids})
        campaign = marketing["utm.campaign"].create(
            {"title": "Round", "company_id": cls.company_eur.id, "budget": 12_000, **values}
        )
        marketing["partner.campaign.cost"].create(
            {
                "campaign_id": campaign.id,
                "amount": 11_400,
                "currency_id": cls.eur.id,
                "company_id": cls.company_eur.id,
            }
        )
        return campaign

    def _send(self, mailing):
        """Let the scheduler send the letters; the one on the blacklist gets none."""
        with self.enter_registry_test_mode(), self.inbox.sending(self.env):
            run_job(self.env, "mass_mailing.ir_cron_mass_mailing_queue")
            self.env["mail.mail"].process_email_queue()
        self.assertEqual(
            dict(self.inbox.received), {f"recipient{number}@example.com": 1 for number in range(3)}
        )
        self.assertEqual(mailing.state, "done")

    def _answer(self, mailing):
        """The first recipient answers.

        :return: the inquiry that it becomes
        """
        trace = mailing.sudo().mailing_trace_ids.filtered(lambda one: one.res_id == self.recipients[0].id)
        self.assertIn(trace.message_id, self.inbox.letters["recipient0@example.com"])
        raw = REPLY.format(
            sender=trace.email,
            to=self.company_eur.catchall_email,
            subject="Re: Catalogue",
            number="round",
            answered=trace.message_id,
            headers="",
        )
        self.env["mail.thread"].message_process(False, raw.encode())
        lead = mailing.sudo().answer_ids.lead_id
        self.assertRecordValues(
            lead,
            [
                {
                    "campaign_id": mailing.campaign_id.id,
                    "partner_id": self.recipients[0].id,
                    "user_id": self.user_sales.id,
                    "is_inquiry": True,
                }
            ],
        )
        return lead

    def _check_return(self, campaign):
        """As marketing sees it: 20,000 of profit for 11,400."""
        self.env.flush_all()
        self.env.invalidate_all()
        marketing = self.env(user=self.user_marketing, context={"allowed_company_ids": self.company_eur.ids})
        row = marketing["partner.campaign.report"].search([("campaign_id", "=", campaign.id)])
        self.assertRecordValues(
            row,
            [
                {
                    "sent_count": 3,
                    "response_count": 1,
                    "lead_count": 1,
                    "order_count": 1,
                    "new_customer_count": 1,
                    "cost": 11_400,
                    "cost_per_lead": 11_400,
                    "revenue": 50_000,
                    "profit": 20_000,
                    "result": "earns",
                }
            ],
        )
        self.assertEqual(round(row.roi, 3), 0.754)
        self.assertEqual(round(campaign.roi, 3), 0.754)
        sale = self.env["partner.campaign.sale"].with_user(self.user_sales).search([])
        self.assertEqual((sale.campaign_id.id, sale.how), (campaign.id, "lead"))
        touches = self.env["partner.campaign.touch"].with_user(self.user_sales).search([])
        self.assertEqual(sorted(touches.mapped("kind")), ["inquiry", "reply"])


@tagged("post_install", "-at_install")
class TestCampaignRound(CampaignRoundCommon):
    """Segment, mailing, answer, inquiry, order, invoice, return on investment, by what the screens call."""

    @mute_logger("odoo.addons.mail.models.mail_mail", "odoo.addons.mail.models.mail_thread")
    def test_round(self):
        marketing = self.env(user=self.user_marketing, context={"allowed_company_ids": self.company_eur.ids})
        segment = marketing["partner.segment"].create(
            {"name": "Round", "domain": repr([("industry_id", "in", self.industry.ids)])}
        )
        campaign = self._create_campaign(segment_id=segment.id)
        mailing = marketing["mailing.mailing"].create(
            {
                "subject": "Catalogue",
                "body_html": "<p>Dear <t t-out='object.name'/></p>",
                "segment_id": segment.id,
                "campaign_id": campaign.id,
                "answer_mode": "inquiry",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        mailing.action_launch()
        self._send(mailing)
        lead = self._answer(mailing)
        order = self._create_order(
            [{"product_id": self.chair.id, "product_uom_qty": 1, "price_unit": 50_000}],
            partner=self.recipients[0],
            opportunity_id=lead.id,
        )
        order.campaign_id = False
        order._create_invoices().action_post()
        self._check_return(campaign)


@tagged("post_install", "-at_install")
class TestCampaignRoundTour(CampaignRoundCommon, HttpCase):
    """The same in the browser: marketing sends and reads the return, sales makes an order of the answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_sales.group_ids += cls.env.ref("sales_team.group_sale_salesman") + cls.env.ref(
            "account.group_account_invoice"
        )
        cls.env["product.pricelist"].search([]).active = False
        cls.env["product.pricelist"].create(
            {"name": "Tour", "currency_id": cls.eur.id, "company_id": cls.company_eur.id}
        )
        # priced in the currency of its company
        cls.chair.write({"name": "Round Chair", "company_id": cls.company_eur.id})

    @mute_logger("odoo.addons.mail.models.mail_mail", "odoo.addons.mail.models.mail_thread")
    def test_round(self):
        campaign = self._create_campaign()
        self.start_tour("/odoo/segments", "partner_relations_round_send", login=self.user_marketing.login)
        mailing = self.env["mailing.mailing"].search([("campaign_id", "=", campaign.id)])
        self.assertRecordValues(
            mailing, [{"subject": "Catalogue", "answer_mode": "inquiry", "state": "in_queue"}]
        )
        self._send(mailing)
        lead = self._answer(mailing)
        self.start_tour("/odoo/inquiries", "partner_relations_round_sell", login=self.user_sales.login)
        order = self.env["sale.order"].search([("opportunity_id", "=", lead.id)])
        self.assertRecordValues(order, [{"state": "sale", "amount_untaxed": 50_000}])
        self.assertRecordValues(order.invoice_ids, [{"state": "posted", "partner_id": self.recipients[0].id}])
        order.campaign_id = False
        self._check_return(campaign)
        self.start_tour(
            "/odoo/campaign-results", "partner_relations_round_return", login=self.user_marketing.login
        )
