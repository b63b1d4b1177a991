"""The ranking of suppliers for a purchase: points, their weighted total and the order. Plain Python."""

from collections import namedtuple

CRITERIA = ("price", "lead", "reliability")

Candidate = namedtuple("Candidate", "key blocked offered cost points", defaults=(None,))
Candidate.__doc__ = """One supplier to rank.

``key``: what breaks a tie at last, the id. ``blocked``: its rating blocks orders. ``offered``: of how many of the
wanted lines it has a price at the wanted quantity. ``cost``: what these cost in one currency, or None.
``points``: dict of points by criterion, None without data.
"""


def share_points(best, own):
    """Points of a figure of which less is better, to a tenth: the best one has 100, twice as much has 50.

    >>> share_points(80, 100)
    80.0
    >>> share_points(80, 80)
    100.0
    >>> share_points(100, 80)  # better than what was to be reached
    100.0
    >>> share_points(None, 80) is None and share_points(80, None) is None
    True
    """
    if best is None or own is None or own <= 0:
        return None
    return round(min(100.0 * best / own, 100.0), 1)


def total_points(points, weights):
    """Weighted mean of the points that there are; a criterion without data leaves its weight out.

    >>> total_points({"price": 100, "lead": 50, "reliability": 80}, {"price": 50, "lead": 20, "reliability": 30})
    84.0
    >>> total_points({"price": 100, "lead": None, "reliability": 80}, {"price": 50, "lead": 20, "reliability": 30})
    92.5
    >>> total_points({"price": None}, {"price": 50}) is None
    True
    """
    counted = [name for name in CRITERIA if points.get(name) is not None and weights.get(name)]
    if not counted:
        return None
    return sum(weights[name] * points[name] for name in counted) / sum(weights[name] for name in counted)


def rank(candidates, weights):
    """Return the candidates in order, best first, each with its total (None without any data).

    Blocked suppliers come last, then those who offer fewer of the wanted lines; among equals the higher total,
    the lower cost and the lower key decide. Totals that differ by less than a millionth are equal.
    """
    ranked = [(candidate, total_points(candidate.points, weights)) for candidate in candidates]

    def order(entry):
        candidate, total = entry
        return (
            candidate.blocked,
            -candidate.offered,
            total is None,
            -round(total or 0, 6),
            candidate.cost is None,
            candidate.cost or 0,
            candidate.key,
        )

    return sorted(ranked, key=order)
