"""Points, score and rank of a sales manager as pure functions.

Points and scores are kept with two decimals, and each step uses the rounded result of the one before, so that who
checks a scorecard with a calculator finds the same. Missing data is ``None``, never 0.
"""

import math
import statistics
from decimal import ROUND_HALF_UP, Decimal

# Why an indicator has no points.
NO_DATA, NO_TARGET, NOT_POSITIVE = "no_data", "no_target", "not_positive"
CENT = Decimal("0.01")
# Digits to which a value is compared with a border, so that 0.1 + 0.2 reaches 0.3.
DIGITS = 9


def rounded(number):
    """Round to two decimals, halves away from zero.

    >>> rounded(2.675), rounded(-0.005), rounded(77.5)
    (2.68, -0.01, 77.5)
    """
    return float(Decimal(str(number)).quantize(CENT, rounding=ROUND_HALF_UP))


def attainment(value, target):
    """Value ÷ target; ``None`` without one of them, or with a target that is not above 0.

    >>> attainment(80, 100), attainment(80, 0), attainment(None, 100)
    (0.8, None, None)
    """
    if value is None or target is None or target <= 0:
        return None
    return value / target


def linear_points(value, target, higher_is_better=True, floor=0, cap=120):
    """Points in proportion to the target: on it 100, never below ``floor`` or above ``cap``.

    Higher is better: 100 · value ÷ target. Lower is better: 100 · (2 − value ÷ target), so half of the target
    gives 150 and twice of it 0.

    >>> linear_points(80, 100), linear_points(100, 100), linear_points(150, 100), linear_points(-5, 100)
    (80.0, 100.0, 120.0, 0.0)
    >>> linear_points(80, 100, False), linear_points(100, 100, False), linear_points(300, 100, False)
    (120.0, 100.0, 0.0)
    >>> linear_points(80, 0), linear_points(80, None), linear_points(None, 100)
    (None, None, None)
    """
    share = attainment(value, target)
    if share is None:
        return None
    return rounded(min(max(100 * (share if higher_is_better else 2 - share), floor), cap))


def band_of(measure, bands):
    """The border of the band that ``measure`` lies in, ``None`` below the lowest one.

    A band reaches from its border, included, to that of the next one.

    :param bands: pairs (border, points), in any order

    >>> bands = [(0.8, 100), (0.5, 60)]
    >>> [band_of(measure, bands) for measure in (0.49, 0.5, 0.79, 0.8, 9)]
    [None, 0.5, 0.5, 0.8, 0.8]
    """
    reached = [border for border, _points in bands if round(measure, DIGITS) >= round(border, DIGITS)]
    return max(reached, default=None)


def band_points(measure, bands, below=0):
    """The points of the band that ``measure`` lies in; ``below`` under the lowest one.

    >>> band_points(0.8, [(0.8, 100), (0.5, 60)]), band_points(0.1, [(0.5, 60)]), band_points(None, [(0, 1)])
    (100.0, 0.0, None)
    """
    if measure is None:
        return None
    border = band_of(measure, bands)
    return rounded(below if border is None else dict(bands)[border])


def why_none(value, target):
    """Why there are no points.

    >>> why_none(None, 5), why_none(5, None), why_none(5, 0), why_none(5, 5)
    ('no_data', 'no_target', 'not_positive', None)
    """
    if value is None:
        return NO_DATA
    if target is None:
        return NO_TARGET
    return NOT_POSITIVE if target <= 0 else None


def score(parts):
    """Σ weight × points ÷ Σ weight over the parts that have points and a weight; ``None`` without any.

    :param parts: pairs (points or ``None``, weight)

    >>> score([(100.0, 40), (50.0, 40), (None, 20)]), score([(80.0, 0)]), score([])
    (75.0, None, None)
    """
    counted = [(points, weight) for points, weight in parts if points is not None and weight > 0]
    if not counted:
        return None
    total = math.fsum(points * weight for points, weight in counted)
    return rounded(total / math.fsum(weight for _points, weight in counted))


def ranks(scores):
    """Rank by score, the highest first; equal scores share a rank and the next one is skipped.

    :param dict scores: score or ``None`` by key; who has none has no rank

    >>> ranks({1: 80.0, 2: 90.0, 3: 80.0, 4: 70.0, 5: None})
    {1: 2, 2: 1, 3: 2, 4: 4, 5: None}
    """
    ordered = sorted((value for value in scores.values() if value is not None), reverse=True)
    return {key: None if value is None else ordered.index(value) + 1 for key, value in scores.items()}


def median(values):
    """The middle value, or the mean of the two in the middle; ``None`` of nothing.

    >>> median([3, 1, 2]), median([1, 2, 3, 10]), median([])
    (2, 2.5, None)
    """
    values = list(values)
    return statistics.median(values) if values else None
