from psycopg2.errors import ForeignKeyViolation

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..common import EmptyIsNotZero, RelationsCommon


@tagged("post_install", "-at_install")
class TestMarket(EmptyIsNotZero, RelationsCommon):
    """The market of a contact: by hand, by industry, by country."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.country.group"].search([]).market_id = False
        cls.env["res.partner.industry"].search([]).market_id = False
        cls.industry = cls.env["res.partner.industry"].create({"name": "Hotels"})
        cls.sweden, cls.norway = cls.env.ref("base.se"), cls.env.ref("base.no")
        Market = cls.env["partner.market"]
        cls.tourism = Market.create(
            {"name": "Tourism", "sequence": 30, "industry_ids": [Command.set(cls.industry.ids)]}
        )
        cls.north, cls.nordic, cls.exotic = Market.create(
            [
                {"name": "North", "sequence": 20},
                {"name": "Nordic", "sequence": 10},
                {"name": "Exotic", "sequence": 40},
            ]
        )
        cls.group_north, cls.group_nordic = cls.env["res.country.group"].create(
            [
                {
                    "name": "Test North",
                    "market_id": cls.north.id,
                    "country_ids": [Command.set((cls.sweden + cls.norway).ids)],
                },
                {
                    "name": "Test Nordic",
                    "market_id": cls.nordic.id,
                    "country_ids": [Command.set(cls.sweden.ids)],
                },
            ]
        )
        cls.hotel = cls._create_company_partner(
            "Hotel", industry_id=cls.industry.id, country_id=cls.sweden.id
        )
        cls.porter = cls._create_person("Porter", cls.hotel)
        cls.shop_se = cls._create_company_partner("Shop in Sweden", country_id=cls.sweden.id)
        cls.shop_no = cls._create_company_partner("Shop in Norway", country_id=cls.norway.id)
        cls.nowhere = cls._create_company_partner("Nowhere")
        cls.all = cls.hotel + cls.porter + cls.shop_se + cls.shop_no + cls.nowhere
        cls.domain = [("id", "in", cls.all.ids)]

    def _get_markets(self):
        return [partner.market_id.name for partner in self.all]

    def _search(self, *term):
        return self.env["res.partner"].search([*self.domain, term])

    def test_default(self):
        """Industry before country; of several groups of a country the first market; persons as their company."""
        self.assertEqual(self._get_markets(), ["Tourism", "Tourism", "Nordic", "North", False])

    def test_order_of_markets(self):
        self.north.sequence = 5
        self.assertEqual(self._get_markets(), ["Tourism", "Tourism", "North", "North", False])
        self.north.sequence = 10
        self.assertEqual(self._get_markets()[2], "North", "the same place in the order: the older one")

    def test_by_hand(self):
        self.hotel.market_id = self.exotic
        self.assertEqual(self.hotel.own_market_id, self.exotic)
        self.assertEqual(self._get_markets(), ["Exotic", "Exotic", "Nordic", "North", False])
        self.hotel.market_id = False
        self.assertFalse(self.hotel.own_market_id)
        self.assertEqual(self._get_markets(), ["Tourism", "Tourism", "Nordic", "North", False])

    def test_by_hand_like_default(self):
        """Choosing what the industry says anyway is no choice: the contact follows the industry on."""
        self.hotel.market_id = self.exotic
        self.hotel.market_id = self.tourism
        self.assertFalse(self.hotel.own_market_id)
        self.industry.market_id = self.north
        self.assertEqual(self.hotel.market_id, self.north)

    def test_person(self):
        """A market chosen on a person is that of the company; a person without company has one of its own."""
        self.porter.market_id = self.exotic
        self.assertEqual(self.hotel.own_market_id, self.exotic)
        self.assertEqual(self.hotel.market_id, self.exotic)
        self.assertFalse(self.porter.own_market_id)
        alone = self._create_person("Alone", market_id=self.exotic.id)
        self.assertEqual(alone.own_market_id, self.exotic)
        alone.parent_id = self.shop_se
        self.assertEqual(alone.market_id, self.nordic)

    def test_definitions_change(self):
        """Every change of a definition shows at once."""
        self.assertEqual(self._get_markets(), ["Tourism", "Tourism", "Nordic", "North", False])
        self.tourism.industry_ids = False
        self.assertEqual(self._get_markets(), ["Nordic", "Nordic", "Nordic", "North", False])
        self.industry.market_id = self.exotic
        self.assertEqual(self._get_markets(), ["Exotic", "Exotic", "Nordic", "North", False])
        self.exotic.active = False
        self.assertEqual(self._get_markets(), ["Nordic", "Nordic", "Nordic", "North", False])
        self.group_nordic.country_ids = self.norway
        self.assertEqual(self._get_markets(), ["North", "North", "North", "Nordic", False])
        self.group_nordic.unlink()
        self.assertEqual(self._get_markets(), ["North", "North", "North", "North", False])
        self.sweden.country_group_ids = False
        self.assertEqual(self._get_markets(), [False, False, False, "North", False])
        self.env["res.country.group"].create(
            {"name": "New", "market_id": self.nordic.id, "country_ids": [Command.set(self.sweden.ids)]}
        )
        self.assertEqual(self._get_markets(), ["Nordic", "Nordic", "Nordic", "North", False])
        industry = self.env["res.partner.industry"].create({"name": "New", "market_id": self.tourism.id})
        self.shop_se.industry_id = industry
        self.assertEqual(self._get_markets(), ["Nordic", "Nordic", "Tourism", "North", False])
        self.shop_se.industry_id = False
        industry.unlink()
        self.tourism.unlink()
        self.nordic.unlink()
        self.assertEqual(self._get_markets(), [False, False, False, "North", False])

    def test_archived_by_hand(self):
        """A market chosen by hand stays when it is archived."""
        self.hotel.market_id = self.exotic
        self.exotic.active = False
        self.assertEqual(self.hotel.market_id, self.exotic)
        self.assertEqual(self._search("market_id", "=", self.exotic.id), self.hotel + self.porter)

    def test_delete_in_use(self):
        self.hotel.market_id = self.exotic
        self.env.flush_all()
        with self.assertRaises(ForeignKeyViolation), mute_logger("odoo.sql_db"):
            self.exotic.unlink()

    def test_search(self):
        """Every search finds those whose market it names."""
        self.shop_no.market_id = self.exotic
        for term, expected in (
            (("market_id", "=", self.tourism.id), self.hotel + self.porter),
            (("market_id", "=", self.nordic.id), self.shop_se),
            (("market_id", "=", self.north.id), self.nowhere.browse()),
            (("market_id", "=", self.exotic.id), self.shop_no),
            (("market_id", "=", False), self.nowhere),
            (("market_id", "!=", False), self.all - self.nowhere),
            (("market_id", "!=", self.nordic.id), self.all - self.shop_se),
            (("market_id", "in", [self.nordic.id, False]), self.shop_se + self.nowhere),
            (("market_id", "in", []), self.nowhere.browse()),
            (("market_id", "not in", [self.nordic.id, self.tourism.id]), self.shop_no + self.nowhere),
            (("market_id", "ilike", "or"), self.shop_se),
            (("market_id", "=", "Exotic"), self.shop_no),
            (("market_id.sequence", "<", 35), self.hotel + self.porter + self.shop_se),
            (("market_id", "any", [("name", "=", "Exotic")]), self.shop_no),
        ):
            self.assertEqual(self._search(*term).sorted("id"), expected.sorted("id"), term)

    def test_group_by(self):
        """Contacts grouped by market agree with the market each shows."""
        self.shop_no.market_id = self.exotic
        for _definitions in ("all", "none"):
            groups = self.env["res.partner"]._read_group(self.domain, ["market_id"], ["id:recordset"])
            for market, partners in groups:
                self.assertEqual(partners, partners.filtered(lambda p, market=market: p.market_id == market))
            self.assertEqual(sum(len(partners) for _market, partners in groups), 5)
            self.assertEqual(len(groups), 4 if _definitions == "all" else 2)
            self.group_north.market_id = self.group_nordic.market_id = self.industry.market_id = False

    def test_no_query(self):
        """Showing the market of a contact that is read anyway costs no query."""
        self.nowhere.market_id  # noqa: B018 fills the cache of definitions
        self.env.invalidate_all()
        self.hotel.commercial_partner_id.own_market_id  # noqa: B018
        self.env.flush_all()
        with self.assertQueryCount(0):
            self.hotel.market_id  # noqa: B018

    def test_form(self):
        """On the form: the company's market can be chosen, a person shows the company's."""
        with Form(self.hotel.with_user(self.user_sales), "base.view_partner_form") as form:
            self.assertEqual(form.market_id, self.tourism)
            form.market_id = self.exotic
        self.assertEqual(self.hotel.own_market_id, self.exotic)
        with Form(self.porter.with_user(self.user_sales), "base.view_partner_form") as form:
            self.assertEqual(form.market_id, self.exotic)
            with self.assertRaisesRegex(AssertionError, "readonly"):
                form.market_id = self.north

    def test_rights(self):
        """Users choose a market, directors define them."""
        with self.assertRaises(AccessError):
            self.env["partner.market"].with_user(self.user_supervisor).create({"name": "Mine"})
        market = self.env["partner.market"].with_user(self.user_director).create({"name": "Ours"})
        market.industry_ids = self.industry.with_user(self.user_director)
        market.country_group_ids = self.group_north.with_user(self.user_director)
        self.assertEqual(self.hotel.market_id.with_env(market.env), market)
        plain = self._create_user("plain_employee", "base.group_user")
        self.assertEqual(self.hotel.with_user(plain).market_id.name, "Ours")
        portal = self._create_user("portal_market", "base.group_portal")
        self.assertNotIn("market_id", self.env["res.partner"].with_user(portal).fields_get())

    def test_hidden_company(self):
        """A person whose company is not visible has and is found by its market all the same."""
        self.hotel.company_id = self.company2
        self.porter.with_context(tracking_disable=True).company_id = False
        self.env.flush_all()
        porter = self.porter.with_user(self.user_sales)
        self.assertFalse(self.hotel.with_user(self.user_sales).has_access("read"))
        self.assertEqual(porter.market_id, self.tourism)
        found = porter.search([("id", "=", porter.id), ("market_id", "=", self.tourism.id)])
        self.assertEqual(found, porter)
