"""When a payment reminder of which level is due, in plain Python."""

from collections import namedtuple

# ``days`` after the due date from which a level is due, negative before it.
Level = namedtuple("Level", ["id", "days"])

# (key, first day of the bucket), the oldest first
BUCKETS = (("older", 91), ("days_90", 61), ("days_60", 31), ("days_30", 1))


def bucket(days_overdue):
    """The age of what has been overdue for so many days.

    >>> [bucket(days) for days in (-3, 0, 1, 30, 31, 60, 61, 90, 91)]
    ['not_due', 'not_due', 'days_30', 'days_30', 'days_60', 'days_60', 'days_90', 'days_90', 'older']
    """
    return next((key for key, first in BUCKETS if days_overdue >= first), "not_due")


def next_level(levels, told, days_overdue):
    """The level that an instalment is to be told next, if it is due now; None if none is.

    Levels rise one at a time, however late the first letter is. Those before the due date are for what is not overdue
    yet: of several that were missed the last one is told.

    :param levels: by days, ascending
    :param told: days of the level it was told last, None if it never was

    >>> levels = [Level("soon", -3), Level("first", 7), Level("second", 21)]
    >>> [each and each.id for each in (next_level(levels, None, days) for days in (-4, -3, 0, 1, 6, 7, 90))]
    [None, 'soon', 'soon', None, None, 'first', 'first']
    >>> [each and each.id for each in (next_level(levels, -3, days) for days in (0, 7, 90))]
    [None, 'first', 'first']
    >>> [each and each.id for each in (next_level(levels, 7, days) for days in (20, 21))]
    [None, 'second']
    >>> next_level(levels, 21, 500) is None
    True
    """
    before = None
    for level in levels:
        if (told is not None and level.days <= told) or level.days > days_overdue:
            continue
        if level.days >= 0:
            return before or level
        if days_overdue <= 0:
            before = level
    return before
