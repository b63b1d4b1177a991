from odoo import api, fields, models, tools
from odoo.tools import SQL


class PartnerMarket(models.Model):
    """A market that customers are analysed by, such as hotels, schools or the north.

    A contact has the market chosen by hand, else the one of its industry, else the one of a group of
    countries it lies in. Where several groups of its country have a market, the first in the order of
    markets counts. Archived markets are given to nobody by industry or country.
    """

    _name = "partner.market"
    _description = "Market"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=10,
        help="Where several groups of a country have a market, the first in this order counts.",
    )
    active = fields.Boolean(default=True)
    industry_ids = fields.One2many(
        "res.partner.industry",
        "market_id",
        string="Industries",
        help="Customers of these industries belong to this market unless another is chosen on the contact.",
    )
    country_group_ids = fields.One2many(
        "res.country.group",
        "market_id",
        string="Country Groups",
        help="Customers of these countries belong to this market if neither the contact nor its industry "
        "has one.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        markets = super().create(vals_list)
        self._clear_defaults()
        return markets

    def write(self, vals):
        result = super().write(vals)
        if {"sequence", "active", "industry_ids", "country_group_ids"} & vals.keys():
            self._clear_defaults()
        return result

    def unlink(self):
        result = super().unlink()
        self._clear_defaults()
        return result

    @api.model
    def _clear_defaults(self):
        """Forget which industry and country has which market, after a change of one of them."""
        self.env.registry.clear_cache()
        self.env["res.partner"].invalidate_model(["market_id"], flush=False)

    @api.model
    @tools.ormcache()
    def _get_defaults(self):
        """Markets by industry and by country, as two dictionaries of ids.

        Cached: a contact form reads them without a query.
        """
        # sudo: ids of definitions that are the same for everybody
        industries = self.env["res.partner.industry"].sudo().with_context(active_test=False)
        groups = self.env["res.country.group"].sudo()
        by_industry = {
            industry.id: industry.market_id.id
            for industry in industries.search([("market_id.active", "=", True)])
        }
        by_country = {}
        groups = groups.search([("market_id.active", "=", True)])
        for group in groups.sorted(lambda group: (group.market_id.sequence, group.market_id.id)):
            for country in group.country_ids:
                by_country.setdefault(country.id, group.market_id.id)
        return by_industry, by_country

    @api.model
    def _get_default_tables(self):
        """Return the markets by industry and by country as two SQL tables (key, market_id), or None for none.

        They go in as values: a handful of industries and at most all countries. Grouped, so that PostgreSQL
        sees that a key stands once.
        """
        return [
            defaults
            and SQL(
                "(SELECT item.key, MIN(item.market_id) AS market_id FROM (VALUES %s) AS item(key, market_id)"
                " GROUP BY item.key)",
                SQL(", ").join(SQL("(%s, %s)", *item) for item in defaults.items()),
            )
            for defaults in self._get_defaults()
        ]
