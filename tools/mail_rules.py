"""When mail that goes by itself may leave: times of day, days of the week, holidays.

Plain functions on dates; moments are naive UTC datetimes, as Odoo stores them.
"""

from datetime import datetime, timedelta

import pytz

# A slot further ahead than this is none: nobody works on any day, or holidays without end.
HORIZON_DAYS = 60
# The header of mails by rules.
MARK = "X-Relations-Mail-Rule"


def is_quiet(day, weekdays, holidays=()):
    """Return whether no mail leaves on ``day``.

    :param weekdays: the days of the week on which mail leaves, Monday is 0
    :param holidays: days on which none leaves

    >>> from datetime import date
    >>> is_quiet(date(2026, 11, 28), {0, 1, 2, 3, 4})
    True
    >>> is_quiet(date(2026, 11, 27), {0, 1, 2, 3, 4}), is_quiet(date(2026, 11, 27), {4}, {date(2026, 11, 27)})
    (False, True)
    """
    return day.weekday() not in weekdays or day in holidays


def to_utc(day, hour, zone):
    """Return the moment at which it is ``hour`` (a float, 0 to 24) on ``day`` where ``zone`` is.

    >>> from datetime import date
    >>> to_utc(date(2026, 1, 5), 8.5, "Asia/Ho_Chi_Minh")
    datetime.datetime(2026, 1, 5, 1, 30)
    >>> to_utc(date(2026, 7, 5), 8, "America/New_York")
    datetime.datetime(2026, 7, 5, 12, 0)
    """
    minutes = round(hour * 60)
    local = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)
    return pytz.timezone(zone).localize(local).astimezone(pytz.utc).replace(tzinfo=None)


def local_time(moment, zone):
    """Return ``moment`` as it is on the clock where ``zone`` is.

    >>> local_time(datetime(2026, 1, 5, 1, 30), "Asia/Ho_Chi_Minh")
    datetime.datetime(2026, 1, 5, 8, 30)
    """
    return pytz.utc.localize(moment).astimezone(pytz.timezone(zone)).replace(tzinfo=None)


def next_slot(moment, zone, hour_from, hour_to, weekdays, holidays=()):
    """Return the first moment from ``moment`` on at which mail may leave, or None within two months.

    :param hour_from: from this hour on; at it is in time
    :param hour_to: before this hour; 24 is the end of the day

    A Friday evening in Ho Chi Minh City becomes Monday morning:

    >>> next_slot(datetime(2026, 11, 27, 14, 0), "Asia/Ho_Chi_Minh", 8, 20, {0, 1, 2, 3, 4})
    datetime.datetime(2026, 11, 30, 1, 0)
    >>> next_slot(datetime(2026, 11, 27, 3, 0), "Asia/Ho_Chi_Minh", 8, 20, {0, 1, 2, 3, 4})
    datetime.datetime(2026, 11, 27, 3, 0)
    >>> next_slot(datetime(2026, 11, 27, 3, 0), "UTC", 8, 20, set())
    """
    first = local_time(moment, zone).date()
    for number in range(HORIZON_DAYS):
        day = first + timedelta(days=number)
        if is_quiet(day, weekdays, holidays):
            continue
        begin, end = to_utc(day, hour_from, zone), to_utc(day, hour_to, zone)
        if moment < end:
            return max(moment, begin)
    return None
