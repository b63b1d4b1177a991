"""What follows from a score for the pay, as pure functions. Missing data is ``None``, never 0."""


def band_of(score, bands):
    """Return the band with the highest border that the score reaches; ``None`` below the lowest.

    :param bands: of (score from, kind, number)

    >>> bands = [(60, "percent", 5), (80, "percent", 10), (100, "amount", 3_000_000)]
    >>> band_of(80, bands), band_of(79.99, bands), band_of(59.99, bands)
    ((80, 'percent', 10), (60, 'percent', 5), None)
    """
    return max((band for band in bands if band[0] <= score), default=None, key=lambda band: band[0])


def band_amount(score, base, bands):
    """Return the amount of the score's band; below the lowest band it is 0.

    Missing without a score, or where the band is a percentage and there is no base.

    >>> bands = [(60, "percent", 5), (100, "amount", 3_000_000)]
    >>> band_amount(75, 20_000_000, bands), band_amount(120, None, bands), band_amount(10, None, bands)
    (1000000.0, 3000000, 0.0)
    >>> band_amount(75, None, bands), band_amount(None, 1, bands)
    (None, None)
    """
    if score is None:
        return None
    band = band_of(score, bands)
    if band is None:
        return 0.0
    _border, kind, number = band
    if kind == "amount":
        return number
    return None if base is None else base * number / 100


def limited(amount, least=None, most=None):
    """Return the amount within its limits, never below 0; the upper one wins where they contradict each other.

    >>> limited(5, 10, 20), limited(25, 10, 20), limited(15, None, None), limited(None, 10, 20)
    (10, 20, 15, None)
    >>> limited(-5), limited(-5, -10), limited(5, None, -1)
    (0, 0, 0)
    """
    if amount is None:
        return None
    if least is not None:
        amount = max(amount, least)
    # nobody owes the payroll a bonus
    return max(amount if most is None else min(amount, most), 0)
