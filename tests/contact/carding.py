"""A customer with something in each block of the relationship card, and one with nothing."""

from datetime import timedelta

from odoo import Command, fields

from ..customer.classified import ClassifiedCommon
from ..customer.dealing import DealingCommon


class CardCommon(ClassifiedCommon, DealingCommon):
    """``big`` of ``user_sales`` has everything; ``prospect`` nothing. In ``company_eur``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["partner.effort.policy"]._get_for(cls.company_eur)
        cls.today = fields.Date.context_today(cls.env.user)
        cls.now = fields.Datetime.now()
        cls.big.write({"phone": "+84 28 3822 0001", "email": "office@big.example", "city": "Hue"})
        cls.decider = cls._create_person(
            "Mai Tran",
            cls.big,
            function="Director",
            contact_role_id=cls._role("decides").id,
            contact_role_more_ids=[Command.link(cls._role("pays").id)],
            decision_attitude="for",
        )
        cls.blocker = cls._create_person(
            "Quoc Le", cls.big, contact_role_id=cls._role("blocks").id, decision_attitude="against"
        )
        cls.silent = cls._create_person("Silent Person", cls.big)
        cls.needs = cls._fill_needs()
        cls.logs = cls._fill_log()
        cls._fill_letters()
        cls.pricelist = cls.env["product.pricelist"].create(
            {"name": "Partners", "company_id": cls.company_eur.id}
        )
        big = cls.big.with_company(cls.company_eur)
        big.property_product_pricelist = cls.pricelist
        big.property_payment_term_id = cls.env["account.payment.term"].create({"name": "60 days net"})
        cls.terms = cls.env["partner.customer.terms"].create(
            {
                "name": "Contract 7",
                "partner_id": cls.big.id,
                "company_id": cls.company_eur.id,
                "date_from": cls.today - timedelta(days=30),
                "discount_limit": 12.5,
                "incoterm_id": cls.env.ref("account.incoterm_DAP").id,
                "incoterm_location": "Hue",
            }
        )
        cls.lead = cls._create_lead(partner_id=cls.big.id, expected_revenue=5000)
        cls.quotation = cls._quote(
            [(cls.chair, 2, 100)],
            partner_id=cls.decider.id,
            validity_date=cls.today - timedelta(days=3),
        )
        cls.late = cls._sell(
            cls.big,
            300,
            cls.today - timedelta(days=40),
            invoice_payment_term_id=False,
            invoice_date_due=cls.today - timedelta(days=10),
        )
        cls.credit = cls._sell(cls.big, 50, cls.today, move_type="out_refund")

    @classmethod
    def _role(cls, key):
        return cls.env.ref(f"partner_relations.contact_role_{key}")

    @classmethod
    def _fill_needs(cls):
        return cls.env["partner.requirement"].create(
            [
                {
                    "partner_id": cls.big.id,
                    "company_id": cls.company_eur.id,
                    "user_id": cls.user_sales.id,
                    **values,
                }
                for values in (
                    {
                        "name": "Chairs that stack",
                        "importance": "2",
                        "date_deadline": cls.today - timedelta(days=2),
                        "product_tmpl_ids": [Command.link(cls.chair.product_tmpl_id.id)],
                    },
                    {"name": "Deliver before eight", "kind": "requirement", "state": "progress"},
                    {"name": "Met already", "state": "met"},
                    {"name": "Green tea", "kind": "preference"},
                    {"name": "Calls after five", "kind": "dislike"},
                    {"name": "Not so any more", "kind": "dislike", "state": "dropped"},
                )
            ]
        )

    @classmethod
    def _fill_log(cls):
        complaint = cls.env.ref("partner_relations.outcome_complaint")
        entries = [
            {"name": "Chairs wobble", "outcome_id": complaint.id, "date": cls.now - timedelta(days=20)},
            {"name": "Long ago", "outcome_id": complaint.id, "date": cls.now - timedelta(days=500)},
            {"name": "Call back", "date": cls.now - timedelta(days=1)},
            {"name": "Visit", "state": "planned", "date": cls.now + timedelta(days=4)},
        ]
        return cls.env["partner.contact.log"].create(
            [
                {
                    "partner_id": cls.decider.id,
                    "user_id": cls.user_sales.id,
                    "company_id": cls.company_eur.id,
                    **entry,
                }
                for entry in entries
            ]
        )

    @classmethod
    def _fill_letters(cls):
        cls.mailbox = cls.env["partner.mailbox"].create(
            {
                "name": "Service",
                "email": "service@our.example.com",
                "company_id": cls.company_eur.id,
                "access_ids": [Command.create({"user_id": cls.user_sales.id, "level": "reply"})],
            }
        )
        cls.letter = cls.env["partner.letter"].create(
            {
                "name": "When do you deliver?",
                "message_id": "<when@big.example>",
                "mailbox_id": cls.mailbox.id,
                "partner_id": cls.decider.id,
                "email": "mai@big.example",
                "date": cls.now - timedelta(days=3),
                "date_deadline": cls.now - timedelta(days=1),
            }
        )

    @classmethod
    def _card(cls, user=None, partner=None, company=None):
        return cls._cards(user or cls.user_sales, company).get_card((partner or cls.big).id)

    @classmethod
    def _cards(cls, user, company=None):
        company = company or cls.company_eur
        context = {"allowed_company_ids": company.ids, "lang": "en_US", "tz": "UTC"}
        return cls.env["partner.relationship.card"].with_user(user).with_context(**context)
