"""Who was responsible for a customer when: the definitions, on plain values.

A period is a span of moments, its end excluded. None as its start means from the beginning, None as its end
means still. A period without company holds in every company. Two periods of a customer whose companies meet do
not overlap, so there is one answer at most at any moment.
"""

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True)
class Period:
    """User ``user`` was responsible from ``start`` to before ``end``."""

    user: int
    start: datetime | None = None
    end: datetime | None = None
    company: int | None = None
    estimated: bool = False
    origin: str | None = None


def _start(period):
    return period.start or datetime.min


def _end(period):
    return period.end or datetime.max


def companies_meet(one, other):
    """Tell whether there is a company in which both hold; None is every company."""
    return one is None or other is None or one == other


def overlap(one, other):
    """Tell whether there is a company and a moment at which both periods hold.

    >>> first, second = Period(1, end=datetime(2026, 3, 1)), Period(2, datetime(2026, 3, 1))
    >>> overlap(first, second), overlap(first, replace(second, start=None))
    (False, True)
    >>> overlap(Period(1, company=1), Period(2, company=2))
    False
    """
    return (
        companies_meet(one.company, other.company) and _start(one) < _end(other) and _start(other) < _end(one)
    )


def owner_at(periods, moment, company):
    """Return who was responsible at a moment in a company, None if nobody was.

    >>> march = datetime(2026, 3, 1)
    >>> history = [Period(1, end=march), Period(2, march)]
    >>> owner_at(history, datetime(2026, 2, 28, 23, 59, 59), 1), owner_at(history, march, 1)
    (1, 2)
    >>> owner_at([Period(1, company=1)], march, 2) is None
    True
    """
    for period in periods:
        if companies_meet(period.company, company) and _start(period) <= moment < _end(period):
            return period.user
    return None


def subtract(period, others):
    """Return what is left of a period outside of others whose company meets its own.

    >>> day = [datetime(2026, 1, number) for number in range(1, 9)]
    >>> [(p.start.day, p.end.day) for p in subtract(Period(1, day[0], day[7]), [Period(2, day[2], day[4])])]
    [(1, 3), (5, 8)]
    >>> subtract(Period(1, day[0], day[7]), [Period(2)])
    []
    """
    left = [period]
    for other in others:
        rest = []
        for piece in left:
            if not overlap(piece, other):
                rest.append(piece)
                continue
            if _start(piece) < _start(other):
                rest.append(replace(piece, end=other.start))
            if _end(other) < _end(piece):
                rest.append(replace(piece, start=other.end))
        left = rest
    return left


def since(periods, company):
    """Return since when the one who is responsible now has been so without a break.

    :return: the moment, None if from the beginning; or False if nobody is responsible
    :rtype: datetime | None | bool

    >>> march, may = datetime(2026, 3, 1), datetime(2026, 5, 1)
    >>> since([Period(1, end=march), Period(2, march, may), Period(2, may)], 1) == march
    True
    >>> since([Period(2, end=may), Period(2, may)], 1) is None, since([Period(2, end=may)], 1)
    (True, False)
    """
    shown = sorted((p for p in periods if companies_meet(p.company, company)), key=_end, reverse=True)
    if not shown or shown[0].end:
        return False
    moment = shown[0].start
    for period in shown[1:]:
        if moment is None or period.end != moment or period.user != shown[0].user:
            break
        moment = period.start
    return moment


def from_changes(changes, owner, until):
    """Return the periods before ``until`` that follow from the tracked changes of the salesperson.

    :param changes: (moment, user before, user after), in the order in which they happened; no user is 0
    :param owner: who was responsible just before ``until``, None for nobody. If the last change names somebody
        else, a change was not tracked: what is known to be true at the end holds from the last change on.
    :rtype: list

    >>> march, may, june = (datetime(2026, month, 1) for month in (3, 5, 6))
    >>> [(p.user, p.start, p.end) for p in from_changes([(march, 1, 2)], 2, june)] == [
    ...     (1, None, march), (2, march, june)]
    True
    >>> [(p.user, p.start, p.end) for p in from_changes([(march, 0, 1), (may, 1, 0)], None, june)] == [
    ...     (1, march, may)]
    True
    """
    changes = [change for change in changes if change[0] < until]
    if not changes:
        return []
    spans = [(changes[0][1], None, changes[0][0])]
    for number, (moment, _before, after) in enumerate(changes):
        last = number == len(changes) - 1
        spans.append(((owner or 0) if last else after, moment, until if last else changes[number + 1][0]))
    return [
        Period(user, start, end, estimated=True, origin="tracking")
        for user, start, end in spans
        if user and start != end
    ]


def month_owners(documents):
    """Return the salesperson of each month in which documents name one.

    The one of most documents; of several with as many, the one of the latest document, then of the highest id.

    :param documents: (month, moment, user), in any order
    :rtype: dict

    >>> month_owners([(1, 10, 7), (1, 11, 8), (1, 12, 7), (2, 40, 7), (2, 41, 8)])
    {1: 7, 2: 8}
    """
    counted = {}
    for month, moment, user in documents:
        count, latest = counted.get((month, user), (0, moment))
        counted[month, user] = count + 1, max(latest, moment)
    owners = {}
    for (month, user), (count, latest) in counted.items():
        owners[month] = max(owners.get(month, (0, latest, 0)), (count, latest, user))
    return {month: owners[month][2] for month in sorted(owners)}


def from_months(owners, owner, until):
    """Return the periods before ``until`` that follow from the salespersons of documents.

    Who sold in a month was responsible from its first moment to that of the next month in which somebody else
    sold; the first from the beginning. Who sold last was so to the end of that month. From then on it was whoever
    is responsible at the end: in all companies, as soon as that holds in each of them.

    :param dict owners: by company, a list of (start of the month, start of the next month, user) in their order
    :param owner: who was responsible just before ``until``, None for nobody
    :rtype: list

    >>> jan, feb, mar, apr = (datetime(2026, month, 1) for month in (1, 2, 3, 4))
    >>> periods = from_months({1: [(jan, feb, 7), (feb, mar, 8)], 2: [(jan, feb, 9)]}, 9, apr)
    >>> [(p.company, p.user, p.start and p.start.month, p.end.month, p.origin) for p in periods] == [
    ...     (1, 7, None, 2, "orders"), (1, 8, 2, 3, "orders"), (2, 9, None, 3, "orders"), (None, 9, 3, 4, "current")]
    True
    """
    runs, handed_over = {}, []
    for company, months in owners.items():
        runs[company] = []
        for start, end, user in months:
            if runs[company] and runs[company][-1][0] == user:
                runs[company][-1][2] = min(end, until)
                continue
            if runs[company]:
                runs[company][-1][2] = start
            runs[company].append([user, start if runs[company] else None, min(end, until)])
        last = runs[company][-1]
        handed_over.append(last[1] if last[0] == owner else last[2])
    common = max((moment for moment in handed_over if moment), default=None)
    periods = []
    for company, spans in runs.items():
        if spans[-1][0] == owner:
            spans[-1][2] = common
        elif owner:
            spans.append([owner, spans[-1][2], common])
        for user, start, end in spans:
            if end is not None and (start is None or start < end):
                periods.append(Period(user, start, end, company, True, "orders"))
    if owner and (common is None or common < until):
        origin = "orders" if owners and common is None else "current"
        periods.append(Period(owner, common, until, None, True, origin))
    return periods
