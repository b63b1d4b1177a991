"""ABC, XYZ and stage of a customer as pure functions.

They define the figures; the set-based statement that classifies a whole company is checked against them on
random data. Money is exact (:class:`decimal.Decimal` or int); shares and limits are in percent.
"""

import itertools
import math
import statistics
from decimal import Decimal
from fractions import Fraction

STAGES = ("potential", "one_time", "regular", "lost")
CV_DIGITS = 6


def exact(number):
    """Return a number as the fraction that its decimal notation means.

    >>> exact(0.1) * 3 == exact(0.3)
    True
    """
    return Fraction(Decimal(str(number)))


def abc_classes(values, a, b, border="higher"):
    """Classify by share of the total, the largest first.

    :param dict values: amount by key (an orderable id; ties go to the lower one); ``None`` without sales, as where
        there is nothing but an invoice of zero, one that was taken back in full, or a credit note
    :param a: share of class A in percent
    :param b: share of class B in percent; the rest is C
    :param border: ``higher``: who crosses a border keeps the higher class, as the share accumulated
        *before* counts; ``lower``: the share accumulated *including* it counts
    :return: class (``a``, ``b``, ``c`` or ``None``) by key
    :rtype: dict

    >>> sales = dict(enumerate([420, 180, 130, 90, 80, 60, 40, None]))
    >>> "".join(c or "-" for c in abc_classes(sales, 70, 20).values())
    'aaabbcc-'
    >>> "".join(c or "-" for c in abc_classes(sales, 80, 15).values())
    'aaaabbc-'
    >>> abc_classes({1: 950, 2: 50}, 70, 20), abc_classes({1: 950, 2: 50}, 70, 20, "lower")
    ({1: 'a', 2: 'c'}, {1: 'c', 2: 'c'})
    >>> abc_classes({1: -5, 2: 0}, 70, 20)
    {1: 'c', 2: 'c'}
    """
    first, second = exact(a), exact(a) + exact(b)
    total = sum((exact(value) for value in values.values() if value is not None and value > 0), Fraction())
    result = dict.fromkeys(values)
    before = Fraction()
    ranked = sorted((-exact(value), key) for key, value in values.items() if value is not None)
    for negated, key in ranked:
        amount = -negated
        if amount <= 0:
            result[key] = "c"
            continue
        if border == "higher":
            is_a, is_b = before * 100 < first * total, before * 100 < second * total
        else:
            including = before + amount
            is_a, is_b = including * 100 <= first * total, including * 100 <= second * total
        result[key] = "a" if is_a else "b" if is_b else "c"
        before += amount
    return result


def variation(values, deviation="population"):
    """Return the coefficient of variation in percent, rounded to six decimals; None unless the mean is > 0.

    100·σ/μ over the periods, written as 100·√(n·Σx² − (Σx)²)/Σx, which is exact up to the root: twelve
    equal months give 0. With ``deviation="sample"`` σ is that of a sample (n − 1).

    >>> variation([100] * 12), variation([7] * 9 + [0] * 3), variation([7, 0] * 6), variation([1, 0, 0, 0] * 3)
    (0.0, 57.735027, 100.0, 173.205081)
    >>> variation([100, 120, 90, 110, 80, 130, 95, 105, 115, 85, 100, 70])
    16.583124
    >>> variation([5, -5]), variation([]), variation([4], "sample")
    (None, None, None)
    """
    numbers = [exact(value) for value in values]
    count, total = len(numbers), sum(numbers, Fraction())
    if total <= 0 or (deviation == "sample" and count < 2):
        return None
    square = count * sum(number * number for number in numbers) - total * total
    if deviation == "sample":
        square = square * count / (count - 1)
    return round(100 * math.sqrt(square) / float(total), CV_DIGITS)


def xyz_class(cv, x, y):
    """Return ``x``, ``y`` or ``z`` for a coefficient of variation; None without one.

    >>> [xyz_class(cv, 50, 100) for cv in (0, 50, 50.1, 100, 100.1, None)]
    ['x', 'x', 'y', 'y', 'z', None]
    """
    if cv is None:
        return None
    return "x" if cv <= x else "y" if cv <= y else "z"


def median_interval(dates):
    """Return the median number of days between the different days of purchase; None with fewer than two.

    >>> from datetime import date
    >>> median_interval([date(2026, 1, 1), date(2026, 1, 31), date(2026, 1, 1), date(2026, 2, 10)])
    20.0
    """
    days = sorted(set(dates))
    gaps = [(later - earlier).days for earlier, later in itertools.pairwise(days)]
    return float(statistics.median(gaps)) if gaps else None


def lost_limit(count, interval, lost_days=180, factor=3, minimum=4):
    """Return the days without a purchase that a customer may have before it counts as lost.

    From ``minimum`` purchases on it follows the customer's own rhythm, but is never below ``lost_days``.

    >>> lost_limit(3, 100.0), lost_limit(4, 100.0), lost_limit(4, 10.0), lost_limit(9, None)
    (180, 300.0, 180, 180)
    """
    if count < minimum or interval is None:
        return lost_days
    return max(lost_days, factor * interval)


def stage(count, days, one_time_limit=1, limit=180):
    """Return the stage of a customer.

    :param int count: sales documents that were not fully refunded
    :param int days: days since the last of them
    :param int one_time_limit: up to so many make a one-time customer
    :param limit: more days without a purchase make a lost customer

    >>> stage(0, None), stage(1, 180), stage(2, 180), stage(2, 181), stage(1, 181)
    ('potential', 'one_time', 'regular', 'lost', 'lost')
    """
    if not count:
        return "potential"
    if days > limit:
        return "lost"
    return "one_time" if count <= one_time_limit else "regular"
