from datetime import date, datetime
from unittest.mock import patch

from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from ...models.supplier.supplier_delivery_settings import company_settings
from .invoicing import InvoicingCommon

# As an old name that the system of the database has dropped, and the name to take instead.
GONE, INSTEAD = "Asia/Tokyo", "Asia/Seoul"


@tagged("post_install", "-at_install")
class TestTimeZones(InvoicingCommon):
    """No statement hands PostgreSQL a time zone that it does not know: it would refuse the whole of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.companies = cls.company_eur + cls.company_usd
        cls.companies.partner_id.tz = GONE
        cls.startClassPatcher(
            patch.object(
                cls.registry["partner.contact.log"], "_get_unknown_zones", lambda _logs: {GONE: INSTEAD}
            )
        )

    def test_company(self):
        self.assertEqual(self.company_eur._get_zone(), INSTEAD)
        self.assertEqual(self.company_eur._get_day(datetime(2026, 3, 1, 15)), date(2026, 3, 2))
        self.company_eur.partner_id.tz = "UTC"
        self.assertEqual(self.company_eur._get_zone(), "UTC")

    def test_company_is_asked_once(self):
        """The zone is kept until one of the places changes that tell it, by whatever way."""
        company, calendar = self.company_eur, self.company_eur.resource_calendar_id
        self.assertEqual(company._get_zone(), INSTEAD)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(0):
            self.assertEqual(company.browse(company.id)._get_zone(), INSTEAD)
        calendar.tz = "Asia/Ho_Chi_Minh"
        self.assertEqual(company._get_zone(), INSTEAD)
        company.partner_id.tz = False
        self.assertEqual(company._get_zone(), "Asia/Ho_Chi_Minh")
        calendar.tz = "Europe/Paris"
        self.assertEqual(company._get_zone(), "Europe/Paris")
        company.resource_calendar_id = calendar.copy({"tz": "America/Lima"})
        self.assertEqual(company._get_zone(), "America/Lima")
        company.partner_id = self.env["res.partner"].create({"name": "Head Office", "tz": "Asia/Dubai"})
        self.assertEqual(company._get_zone(), "Asia/Dubai")
        self.assertEqual(company.browse()._get_zone(), "UTC")

    def test_merged_company(self):
        """Core's merge gives the company its new contact by SQL."""
        company = self.company_eur
        self.assertEqual(company._get_zone(), INSTEAD)
        target = self.env["res.partner"].create({"name": "Head Office", "tz": "Asia/Dubai"})
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((company.partner_id + target).ids, target)
        self.assertEqual((company.partner_id, company._get_zone()), (target, "Asia/Dubai"))

    def test_zones_in_statements(self):
        """What these read of companies comes with the zone of each."""
        for model, method, key in (
            ("partner.inquiry.report", "_get_companies_sql", "id"),
            ("partner.campaign.query", "_get_companies_sql", "id"),
            ("partner.owner.history", "_get_zones_sql", "company_id"),
        ):
            records = self.env[model].with_user(self.user_director)
            records = records.with_context(allowed_company_ids=self.company_eur.ids)
            rows = self.env.execute_query_dict(getattr(records, method)())
            zones = {row["tz"] for row in rows if row[key] in self.companies.ids}
            with self.subTest(model):
                self.assertEqual(zones, {INSTEAD})

    def test_days_of_the_company(self):
        policy = self.env["partner.classification.policy"]._get_for(self.company_eur)
        run = self.env["partner.classification"].new({"policy_id": policy.id})
        self.assertEqual(run._get_tz(), INSTEAD)
        indicators = self.env["manager.indicator"]
        params = indicators._get_params(self.company_eur, date(2026, 3, 1), date(2026, 3, 31))
        self.assertEqual(params.tz, INSTEAD)

    def test_name_that_python_does_not_know(self):
        """Every room has the same day: nothing fails, and none has that of UTC."""
        company, partners = self.company_eur, self.company_eur.partner_id + self.user_sales.partner_id
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET tz = 'Asia/Nowhere' WHERE id IN %s", [partners._ids])
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        day, user = date(2026, 3, 2), self.user_sales
        logs = self.env["partner.contact.log"]
        with (
            patch.object(type(logs), "_get_unknown_zones", lambda _logs: {"Asia/Nowhere": INSTEAD}),
            freeze_time("2026-03-01 15:00:00"),
        ):
            for model in ("supplier.scorecard", "manager.scorecard", "partner.payment.reminder"):
                with self.subTest(model):
                    self.assertEqual(self.env[model]._get_today(company), day)
            self.assertEqual(self.env["supplier.terms"]._get_day(company, datetime(2026, 3, 1, 15)), day)
            (settings,) = company_settings(company)
            self.assertEqual((settings.tz, settings.today), (INSTEAD, day))
            rule = self.env["partner.mail.rule"].new({"company_id": company.id, "tz_policy": "recipient"})
            self.assertEqual(rule._get_today(), day)
            self.assertEqual(rule._get_zone(user.partner_id), INSTEAD)
            self.assertEqual(user._get_reminder_tz().zone, INSTEAD)
            self.assertEqual(logs.new({"user_id": user.id})._get_user_tz().zone, INSTEAD)
            plan = self.env["partner.work.plan"].new({"user_id": user.id})
            self.assertEqual(plan._get_zone().zone, INSTEAD)

    def test_days_of_the_user(self):
        for model in ("partner.closed.order.report", "partner.deal.report", "partner.order.failure.report"):
            report = self.env[model].with_context(tz=GONE)
            with self.subTest(model):
                self._assert_known(report._get_day_sql(SQL("now()")))
        with self.subTest("partner.rhythm.report"):
            self._assert_known(self.env["partner.rhythm.report"].with_context(tz=GONE)._table_query)
        with self.subTest("stock.picking"):
            pickings = self.env["stock.picking"].with_context(tz=GONE)
            self._assert_known(pickings._search([("is_late_delivery", "=", True)]).select())

    def _assert_known(self, statement):
        self.assertIn(INSTEAD, statement.params)
        self.assertNotIn(GONE, statement.params)
