"""Conversion rates that were read once for several reports; plain Python."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rates:
    """Factors from the currency of each company into one currency, read together at one moment.

    A client cannot send it with its context, as which it travels from the dashboard to the reports it is made of.

    :param currency_id: the currency that amounts are converted into
    :param factors: pairs of company and factor as text, those of Odoo's Invoice Analysis
    :param conversions: pairs of company and factor, those of Odoo's conversion of single amounts

    >>> rates = Rates(1, ((1, "1"), (2, "0.25")), ((1, 1), (2, 0.25)))
    >>> rates.covers(1, [2]), rates.covers(1, [2, 3]), rates.covers(2, [2])
    (True, False, False)
    """

    currency_id: int
    factors: tuple
    conversions: tuple

    def covers(self, currency_id, company_ids):
        """Whether amounts of all these companies can be converted into a currency."""
        known = {company_id for company_id, _factor in self.conversions}
        return currency_id == self.currency_id and known.issuperset(company_ids)
