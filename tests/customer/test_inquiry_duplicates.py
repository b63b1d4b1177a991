from odoo.tests import tagged

from .inquiring import InquiringCommon


@tagged("post_install", "-at_install")
class TestInquiryDuplicates(InquiringCommon):
    """Contacts and open leads that an inquiry may repeat: named to who may read them, else told of."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in cls.user_sales + cls.user_sales2:
            user.group_ids += cls.env.ref("sales_team.group_sale_salesman")
        cls.company_eur.country_id = cls.env.ref("base.vn")

    def _find(self, user=None, lead_id=False, **values):
        self.env.flush_all()
        return (
            self.env["crm.lead"]
            .with_user(user or self.user_sales)
            .with_context(allowed_company_ids=self.company_eur.ids)
            .get_inquiry_duplicates(values, lead_id)
        )

    def _ids(self, found):
        return [one["id"] for one in found["contacts"]], [one["id"] for one in found["leads"]]

    def test_contacts_by_tax_id_email_and_phone(self):
        partner = self._create_company_partner(
            "Bamboo", vat="VN0123456789", email="Hello@Bamboo.example.com", phone="0901 234 567",
            user_id=self.user_sales2.id,
        )  # fmt: skip
        for values in (
            {"vat": "0123456789"},
            {"email_from": "hello@bamboo.example.com"},
            {"email_from": "Mai <HELLO@bamboo.example.com>"},
            {"phone": "+84 901 234 567"},
            {"phone": "84901234567"},
            {"partner_name": "Công ty TNHH Bamboo"},
        ):
            with self.subTest(values=values):
                self.assertEqual(self._ids(self._find(**values)), ([partner.id], []))
        found = self._find(vat="0123456789", email_from="hello@bamboo.example.com")
        self.assertEqual(found["contacts"][0]["reasons"], "same tax ID, same email")
        self.assertEqual(found["contacts"][0]["user"], self.user_sales2.name)
        for values in (
            {"vat": "0123456780"},
            {"email_from": "x@bamboo.example.com"},
            {"phone": "0901 234 568"},
            {},
        ):
            self.assertEqual(self._ids(self._find(**values)), ([], []))

    def test_own_customer_is_no_duplicate(self):
        partner = self._create_company_partner("Bamboo", email="hello@bamboo.example.com")
        person = self._create_person("Mai", partner, email="hello@bamboo.example.com")
        self.assertEqual(
            self._ids(self._find(partner_id=person.id, email_from="hello@bamboo.example.com")), ([], [])
        )

    def test_open_leads(self):
        by_mail = self._inquire(email_from="Mai <Mai@Bamboo.example.com>")
        by_phone = self._inquire(phone="+84 901 234 567")
        partner = self._create_company_partner("Bamboo", vat="VN0123456789")
        of_customer = self._inquire(self._create_person("Person", partner))
        lost = self._inquire(email_from="mai@bamboo.example.com")
        lost.action_set_lost()
        self.assertEqual(self._ids(self._find(email_from="mai@bamboo.example.com"))[1], by_mail.ids)
        self.assertEqual(self._ids(self._find(phone="0901234567"))[1], by_phone.ids)
        self.assertEqual(self._ids(self._find(partner_id=partner.id)), ([], of_customer.ids))
        self.assertEqual(self._ids(self._find(vat="0123456789")), (partner.ids, of_customer.ids))
        found = self._find(lead_id=by_mail.id, email_from="mai@bamboo.example.com")
        self.assertEqual(self._ids(found), ([], []), "a lead is no duplicate of itself")

    def test_leads_of_colleagues_are_not_named(self):
        self._inquire(
            email_from="mai@bamboo.example.com",
            user_id=self.user_sales2.id,
            name="Secret",
            contact_name="Mai",
        )
        found = self._find(email_from="mai@bamboo.example.com")
        self.assertEqual(found, {"contacts": [], "leads": [], "others": True, "more": False})
        self.assertEqual(len(self._find(self.user_sales2, email_from="mai@bamboo.example.com")["leads"]), 1)

    def test_other_companies_are_not_told_of(self):
        self._inquire(email_from="mai@bamboo.example.com", company=self.company_usd, user_id=False)
        self._create_company_partner("Mai", email="mai@bamboo.example.com", company_id=self.company_usd.id)
        found = self._find(email_from="mai@bamboo.example.com")
        self.assertEqual(found, {"contacts": [], "leads": [], "others": False, "more": False})

    def test_contacts_that_may_not_be_read(self):
        self._create_company_partner("Hidden", email="mai@bamboo.example.com")
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": "[('name', '!=', 'Hidden')]",
            }
        )
        self.assertEqual(
            self._find(email_from="mai@bamboo.example.com"),
            {"contacts": [], "leads": [], "others": True, "more": False},
        )

    def test_archived_contacts(self):
        partner = self._create_company_partner("Old", email="mai@bamboo.example.com")
        partner.action_archive()
        [contact] = self._find(email_from="mai@bamboo.example.com")["contacts"]
        self.assertTrue(contact["archived"])

    def test_no_more_than_shown(self):
        self.env["res.partner"].create(
            [{"name": f"P{number}", "email": "mai@bamboo.example.com"} for number in range(7)]
        )
        found = self._find(email_from="mai@bamboo.example.com")
        self.assertEqual((len(found["contacts"]), found["more"]), (5, True))

    def test_queries(self):
        """Searching costs as much with one duplicate as with five."""
        partners = self.env["res.partner"].create(
            [{"name": f"P{number}", "email": f"{number > 0}@example.com"} for number in range(6)]
        )
        for partner in partners:
            self._inquire(partner, email_from=partner.email)
        counts = []
        for email in ("False@example.com", "True@example.com"):
            self._find(email_from=email)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._find(email_from=email)
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
        self.assertLess(counts[0], 20)
