"""Conversion rates that were read once for several reports; plain Python."""

import math
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
    >>> rates.differing, Rates(1, ((1, "1"), (2, "1")), ((1, 1), (2, 0.25))).differing
    ((), (2,))
    """

    currency_id: int
    factors: tuple
    conversions: tuple

    @property
    def differing(self):
        """The companies whose two factors are not the same, such as those with rates shared by all companies."""
        conversions = dict(self.conversions)
        return tuple(
            company_id
            for company_id, factor in self.factors
            # the one is computed by the database, the other in floats
            if not math.isclose(float(factor), conversions.get(company_id, 1), rel_tol=1e-9)
        )

    def covers(self, currency_id, company_ids):
        """Whether amounts of all these companies can be converted into a currency."""
        known = {company_id for company_id, _factor in self.conversions}
        return currency_id == self.currency_id and known.issuperset(company_ids)
