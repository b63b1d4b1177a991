from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.rates import Rates

# Key of the context: rates that were read already, for several reports at once.
RATES = "relations_rates"


class ResCurrency(models.Model):
    """Today's rates from the currencies of the active companies into that of the current one.

    Odoo has two: its Invoice Analysis joins a table of the rates of the company alone; single amounts are converted
    by a method that takes rates without a company, and the oldest one for days before it, too. A report keeps to that
    of the report of Odoo that it has to agree with.
    """

    _inherit = "res.currency"

    @api.model
    def _get_read_rates(self):
        """The rates of the context if they are those of the active companies, else None."""
        rates = self.env.context.get(RATES)
        if isinstance(rates, Rates) and rates.covers(self.env.company.currency_id.id, self.env.companies.ids):
            return rates
        return None

    @api.model
    def _get_company_conversions(self, companies):
        """Return {company id: factor} as Odoo converts single amounts today."""
        if rates := self._get_read_rates():
            known = dict(rates.conversions)
            if known.keys() >= set(companies.ids):
                return known
        main, today = self.env.company, fields.Date.context_today(self)
        return {
            company.id: self._get_conversion_rate(company.currency_id, main.currency_id, main, today)
            for company in companies
        }

    @api.model
    def _get_company_factors_sql(self):
        """The statement of (company, factor) of the active companies as Odoo's Invoice Analysis has them.

        Without the temporary table of Odoo's, which a read-only replica refuses.
        """
        if rates := self._get_read_rates():
            rows = (SQL("(%s, %s::numeric)", *pair) for pair in rates.factors)
            return SQL("VALUES %s", SQL(", ").join(rows))
        companies, main, today = self.env.companies, self.env.company, fields.Date.today()
        domestic = companies.filtered(lambda company: company.currency_id == main.currency_id)
        builders = [
            self._get_table_builder_current(
                "period",
                main,
                companies - domestic,
                today,
                SQL("(SELECT rate FROM (%s) AS main)", main.currency_id._get_rates_sql(main, today)),
            )
        ]
        if domestic:
            builders.append(self._get_table_builder_domestic_currency(domestic, False))
        return SQL(
            "SELECT company_id, rate FROM (%s)"
            " AS part(company_id, period_key, date_from, date_next, rate_type, rate)",
            SQL(" UNION ALL ").join(SQL("(%s)", builder) for builder in builders),
        )

    def _get_rates_sql(self, company, date):
        """The statement of (id, rate) of these currencies for a company on a day: that of ``_get_rates``."""
        query = self._as_query(ordered=False)
        currency_id = self.env["res.currency"]._field_to_sql(query.table, "id")
        rates = self.env["res.currency.rate"]
        ours = ("company_id", "in", (False, company.root_id.id))
        latest = rates._search([("name", "<=", date), ours], order="company_id.id, name DESC", limit=1)
        oldest = rates._search([ours], order="company_id.id, name ASC", limit=1)
        columns = []
        for found in (latest, oldest):
            found.add_where(SQL("%s = %s", rates._field_to_sql(found.table, "currency_id"), currency_id))
            columns.append(found.select(rates._field_to_sql(found.table, "rate")))
        return query.select(SQL("%s AS id", currency_id), SQL("COALESCE((%s), (%s), 1.0) AS rate", *columns))

    # ------------------------------------------------------------------
    # Reading them for several reports
    # ------------------------------------------------------------------
    @api.model
    def _get_rates_statements(self):
        """The statements whose rows :meth:`_make_rates` takes; none where all companies have the same currency."""
        # sudo: the currencies of companies that the user has chosen
        companies = self.env.companies.sudo()
        if self._check_currency_table_monocurrency(companies):
            return {}
        main, today = self.env.company, fields.Date.context_today(self)
        return {
            # as text, for not a digit is to be lost
            "factors": SQL(
                "SELECT company_id, rate::text AS factor FROM (%s) AS rate(company_id, rate)",
                self._get_company_factors_sql(),
            ),
            "currencies": companies.currency_id._get_rates_sql(main, today),
        }

    @api.model
    def _make_rates(self, rows):
        """Return the rates of the active companies; None where all have the same currency.

        :param dict rows: of the statements by name, as dictionaries
        """
        if not rows.get("factors"):
            return None
        currency = self.env.company.currency_id
        rates = {row["id"]: row["rate"] or 1.0 for row in rows["currencies"]}
        conversions = []
        # sudo: the currencies of companies that the user has chosen
        for company in self.env.companies.sudo():
            same = company.currency_id == currency
            # as the inverse rate of a currency is computed
            factor = 1 if same else 1 / (rates[company.currency_id.id] / rates[currency.id])
            conversions.append((company.id, factor))
        factors = tuple((row["company_id"], row["factor"]) for row in rows["factors"])
        return Rates(currency.id, factors, tuple(conversions))
