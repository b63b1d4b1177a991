"""A campaign from the segment to the return: letters through a real mail server, answers through the gateway."""

import socket
from collections import Counter
from unittest.mock import patch

from aiosmtpd.controller import Controller

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..customer.invoicing import InvoicingCommon
from .segmenting import MARKETING
from .test_segment_mailings import REPLY


class _Inbox:
    """Counts what arrives, by recipient, and keeps the letters."""

    def __init__(self):
        self.received = Counter()
        self.letters = {}

    async def handle_DATA(self, server, session, envelope):
        self.received.update(envelope.rcpt_tos)
        self.letters[envelope.rcpt_tos[0]] = envelope.content.decode()
        return "250 OK"


@tagged("post_install", "-at_install")
class TestCampaignRound(InvoicingCommon):
    """Segment, mailing, answer, inquiry, order, invoice, return on investment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=cls.company_eur.ids))
        cls.inbox = _Inbox()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = Controller(cls.inbox, hostname="127.0.0.1", port=port)
        server.start()
        cls.addClassCleanup(server.stop)
        cls.env["ir.mail_server"].search([]).active = False
        cls.env["ir.mail_server"].create(
            {
                "name": "Loopback",
                "smtp_host": "127.0.0.1",
                "smtp_port": port,
                "smtp_encryption": "none",
                "smtp_authentication": "login",
            }
        )
        cls.env["mail.mail"].search([("state", "=", "outgoing")]).unlink()
        domain = cls.env["mail.alias.domain"].create({"name": "our-company.example"})
        cls.company_eur.alias_domain_id = domain
        cls.user_marketing = cls._create_user(
            "round_marketing",
            MARKETING,
            email="marketing@our-company.example",
            company_id=cls.company_eur.id,
            company_ids=cls.company_eur.ids,
        )
        cls.tag = cls.env["res.partner.category"].create({"name": "Round"})
        cls.recipients = cls.env["res.partner"].create(
            [
                {
                    "name": f"Recipient {number}",
                    "is_company": True,
                    "email": f"recipient{number}@example.com",
                    "category_id": cls.tag.ids,
                    "user_id": cls.user_sales.id,
                }
                for number in range(4)
            ]
        )
        cls.env["mail.blacklist"]._add("recipient3@example.com")

    @mute_logger("odoo.addons.mail.models.mail_mail", "odoo.addons.mail.models.mail_thread")
    def test_round(self):
        marketing = self.env(
            user=self.user_marketing, context={"allowed_company_ids": self.company_eur.ids}
        )
        segment = marketing["partner.segment"].create(
            {"name": "Round", "domain": repr([("category_id", "in", self.tag.ids)])}
        )
        campaign = marketing["utm.campaign"].create(
            {"title": "Round", "company_id": self.company_eur.id, "segment_id": segment.id, "budget": 12_000}
        )
        marketing["partner.campaign.cost"].create(
            {
                "campaign_id": campaign.id,
                "amount": 11_400,
                "currency_id": self.eur.id,
                "company_id": self.company_eur.id,
            }
        )
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
        # The letters go out for real: tests have Odoo's mail servers switched off.
        mailing.action_launch()
        with (
            self.enter_registry_test_mode(),
            patch.object(type(self.env["ir.mail_server"]), "_disable_send", lambda _server: False),
        ):
            self.env.ref("mass_mailing.ir_cron_mass_mailing_queue").method_direct_trigger()
            self.env["mail.mail"].process_email_queue()
        self.assertEqual(
            dict(self.inbox.received), {f"recipient{number}@example.com": 1 for number in range(3)}
        )
        trace = mailing.sudo().mailing_trace_ids.filtered(
            lambda one: one.res_id == self.recipients[0].id
        )
        self.assertIn(trace.message_id, self.inbox.letters["recipient0@example.com"])
        # The answer
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
                    "campaign_id": campaign.id,
                    "partner_id": self.recipients[0].id,
                    "user_id": self.user_sales.id,
                    "is_inquiry": True,
                }
            ],
        )
        # The order of the inquiry, and its invoice
        self.chair.with_company(self.company_eur).standard_price = 30_000
        order = self._create_order(
            [{"product_id": self.chair.id, "product_uom_qty": 1, "price_unit": 50_000}],
            partner=self.recipients[0],
            opportunity_id=lead.id,
        )
        order.campaign_id = False
        order._create_invoices().action_post()
        # The return, as marketing sees it
        self.env.flush_all()
        self.env.invalidate_all()
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
