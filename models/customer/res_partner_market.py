from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class MarketField(fields.Many2one):
    """The market of a contact in SQL, so that contacts can be grouped by it though it is not stored."""

    def to_sql(self, model, alias):
        # SQL: beside the field, since each column of each query over contacts would pass through `_field_to_sql`
        company, joins = "market_of", []
        own = model._fields["own_market_id"]
        terms = [SQL.identifier(company, own.name, to_flush=own)]
        tables = model.env["partner.market"]._get_default_tables()
        for column, table in zip(("industry_id", "country_id"), tables, strict=True):
            if table:
                default = f"market_by_{column}"
                terms.append(SQL.identifier(default, "market_id"))
                joins.append(
                    SQL(
                        "LEFT JOIN %s AS %s ON %s = %s",
                        table,
                        SQL.identifier(default),
                        SQL.identifier(default, "key"),
                        SQL.identifier(company, column, to_flush=model._fields[column]),
                    )
                )
        return SQL(
            "(SELECT COALESCE(%s) FROM res_partner AS market_of %s WHERE market_of.id = %s)",
            SQL(", ").join(terms),
            SQL(" ").join(joins),
            SQL.identifier(alias, "commercial_partner_id", to_flush=model._fields["commercial_partner_id"]),
        )


class ResPartner(models.Model):
    """The market of a contact: chosen by hand, or that of its industry or country."""

    _inherit = "res.partner"

    own_market_id = fields.Many2one(
        "partner.market",
        string="Market by Hand",
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
        help="The market chosen by hand, which wins over that of the industry and the country.",
    )
    # Not stored: a change of a market's industries or countries would write a hundred thousand contacts.
    market_id = MarketField(
        "partner.market",
        compute="_compute_market_id",
        compute_sudo=True,  # a person may be visible where its company is not
        inverse="_inverse_market_id",
        search="_search_market_id",
        groups="base.group_user",
        help="The market chosen here, else that of the industry, else that of the country's group. Persons "
        "have the market of their company. Clear it to take what industry or country say.",
    )

    @api.depends(
        "commercial_partner_id.own_market_id",
        "commercial_partner_id.industry_id",
        "commercial_partner_id.country_id",
    )
    def _compute_market_id(self):
        for partner in self:
            company = partner.commercial_partner_id
            partner.market_id = company.own_market_id or company._get_default_market()

    def _get_default_market(self):
        """Return the market by industry or country, whatever was chosen by hand."""
        by_industry, by_country = self.env["partner.market"]._get_defaults()
        market_id = by_industry.get(self.industry_id.id) or by_country.get(self.country_id.id)
        return self.env["partner.market"].browse(market_id)

    def _inverse_market_id(self):
        for partner in self:
            company = partner.commercial_partner_id
            default = company._get_default_market()
            # what industry or country say anyway follows them on
            company.own_market_id = partner.market_id if partner.market_id != default else False
        # a cleared market shows the default at once
        self.invalidate_model(["market_id"], flush=False)

    def _search_market_id(self, operator, value):
        Market = self.env["partner.market"].with_context(active_test=False)
        if operator in ("any", "any!"):
            wanted = set(Market.search(value).ids) if isinstance(value, Domain | list) else set(value)
        elif operator == "in":
            wanted = set(value)
        elif operator in ("ilike", "like", "=ilike", "=like"):
            wanted = set(Market.search([("name", operator, value)]).ids)
        else:
            return NotImplemented
        names = [name for name in wanted if isinstance(name, str)]
        wanted = {market for market in wanted if not isinstance(market, str)}
        wanted.update(Market.search([("name", "in", names)]).ids if names else ())
        by_industry, by_country = Market._get_defaults()
        industries = [industry for industry, market in by_industry.items() if market in wanted]
        countries = [country for country, market in by_country.items() if market in wanted]
        by_hand = Domain("own_market_id", "in", [market for market in wanted if market])
        no_industry = Domain("industry_id", "not in", list(by_industry))
        domain = Domain("industry_id", "in", industries) | (
            no_industry & Domain("country_id", "in", countries)
        )
        if False in wanted:
            domain |= no_industry & Domain("country_id", "not in", list(by_country))
        domain = by_hand | (Domain("own_market_id", "=", False) & domain)
        # any!: the market of a contact does not depend on the right to read its company
        return Domain("commercial_partner_id", "any!", domain)
