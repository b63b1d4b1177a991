"""Birthdays as mail programs write them.

Nothing is guessed: a date that can be read in two ways, or whose century is not said, is refused with the reason,
unless the order of day and month is told (by the user, or by the other dates of the same file).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from babel import Locale
from babel.dates import get_month_names

from .names import fold

# Apple's year for "not known"; it is a leap year
OMITTED_YEAR = 1604
OLDEST_YEAR = 1850

EMPTY, INVALID, AMBIGUOUS, NO_CENTURY, FUTURE = "empty", "invalid", "ambiguous", "no_century", "future"

_LOCALES_WORDS = """
    en de fr es it pt nl pl ru uk sv da nb fi cs sk hu ro tr vi hr sl el bg lt lv et ca id
"""
_LOCALES = _LOCALES_WORDS.split()
_ISO = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ]\d{2}.*)?$")
_YEARLESS = re.compile(r"--(\d{2})-?(\d{2})(?:T.*)?$")
_YEAR_FIRST = re.compile(
    r"(\d{4})\s*[./\-年년]\s*(\d{1,2})\s*[./\-月월]\s*(\d{1,2})\s*[.日일]?(?:\s+\d{1,2}:.*)?$"
)
_MONTH_DAY_EAST = re.compile(r"(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]$")
# Windows writes the month in words: 14 Tháng Ba 1987
_VIETNAMESE_MONTHS = {
    "gieng": 1, "mot": 1, "hai": 2, "ba": 3, "tu": 4, "bon": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9,
    "muoi": 10, "muoi mot": 11, "muoi hai": 12,
}  # fmt: skip
_VIETNAMESE = re.compile(
    rf"(?:ngay )?(\d{{1,2}}) (?:thang|thg) ?(\d{{1,2}}|{'|'.join(sorted(_VIETNAMESE_MONTHS, reverse=True))})"
    r"(?: (?:nam )?(\d{2,4}))?$"
)
_DOTTED = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(?:(\d{4}|\d{2})\s*(?:г|р)?\.?)?(?:\s+\d{1,2}:.*)?$")
_SLASHED = re.compile(r"(\d{1,2})\s*[/\-]\s*(\d{1,2})\s*[/\-]\s*(\d{4}|\d{2})(?:\s+\d{1,2}:.*)?$")
_SLASHED_YEARLESS = re.compile(r"(\d{1,2})\s*[/\-]\s*(\d{1,2})$")
# Midnight, which programs put behind a day.
_TIME = re.compile(r"\s+(?:00?|12):00(?::00)?(?:\s*AM)?$", re.IGNORECASE)
_ZEROS = re.compile(r"[0\s./:\-]+$")
# Outlook's date for "none": the first of January 4501
_OUTLOOK_NONE = re.compile(r"0?1[./\-]0?1[./\-]4501\b|4501[./\-]0?1[./\-]0?1\b")


@dataclass(frozen=True)
class Birthday:
    """A day of birth; ``year`` is None if it is not known, ``problem`` says why there is none."""

    day: int = 0
    month: int = 0
    year: int | None = None
    problem: str | None = None

    def __bool__(self):
        return not self.problem


@lru_cache(maxsize=1)
def _month_names():
    """Return {name of a month, folded: its number} in the languages of ``_LOCALES``."""
    names = {}
    for code in _LOCALES:
        locale = Locale.parse(code)
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, locale).items():
                    word = fold(name)
                    # some languages number their months; a name of two languages must mean one month
                    if not word or any(char.isdigit() for char in word):
                        continue
                    names[word] = number if names.setdefault(word, number) == number else 0
    return names


def _made(year, month, day, today):
    if year == OMITTED_YEAR:
        year = None
    try:
        made = date(year or 2000, month, day)
    except ValueError:
        return Birthday(problem=INVALID)
    if year and year < OLDEST_YEAR:
        return Birthday(problem=INVALID)
    if year and made > today:
        return Birthday(problem=FUTURE)
    return Birthday(day, month, year)


def _read_words(text, today):
    """Read a date with the name of a month: 15 January 1980, January 15, 1980, 14. März."""
    text = _TIME.sub("", text)
    words = [word.rstrip("stndrhe") if word[:1].isdigit() else word for word in fold(text).split()]
    words = [word for word in words if word not in ("de", "of", "del", "den", "r", "г")]
    numbers = [word for word in words if word.isdecimal()]
    others = [word for word in words if not word.isdecimal()]
    # weekdays and the like stand in front; what is left must be one month
    months = {_month_names().get(word) for word in others} - {None, 0}
    if len(months) != 1 or len(others) > 2:
        return None
    days = [int(number) for number in numbers if len(number) <= 2]
    years = [int(number) for number in numbers if len(number) == 4]
    if len(days) == 2 and not years:
        return Birthday(problem=NO_CENTURY)
    if len(days) != 1 or len(years) > 1 or len(numbers) > len(days) + len(years):
        return Birthday(problem=INVALID)
    return _made(years[0] if years else None, months.pop(), days[0], today)


def parse_birthday(text, order=None, today=None):
    """Return the :class:`Birthday` that ``text`` says.

    :param str order: "dmy" or "mdy" for dates of figures alone whose order does not show
    :param date today: birthdays later than this are refused

    >>> parse_birthday("--0229")
    Birthday(day=29, month=2, year=None, problem=None)
    >>> parse_birthday("January 15, 1980").year, parse_birthday("1980年1月15日").month
    (1980, 1)
    >>> [parse_birthday(text).month for text in ("14 Tháng Năm 1987", "14 tháng mười hai", "14.03.1987 г.")]
    [5, 12, 3]
    >>> [parse_birthday(text).problem for text in ("14-Mar-87", "14-Thg3-87 00:00", "14 March 4087", "14-Foo-87")]
    ['no_century', 'no_century', 'future', 'invalid']
    >>> parse_birthday("01/02/1980").problem, parse_birthday("01/02/1980", "dmy").month
    ('ambiguous', 2)
    >>> parse_birthday("05/17").problem, parse_birthday("05/04").problem
    ('invalid', 'ambiguous')
    >>> parse_birthday("05/17", "mdy")
    Birthday(day=17, month=5, year=None, problem=None)
    """
    today = today or date.today()
    text = unicodedata.normalize("NFKC", text or "").strip().strip("\"'").strip()
    if not text or _ZEROS.match(text) or _OUTLOOK_NONE.match(text):
        return Birthday(problem=EMPTY)
    if match := _ISO.match(text) or _YEAR_FIRST.match(text):
        return _made(*map(int, match.groups()), today)
    if match := _YEARLESS.match(text) or _MONTH_DAY_EAST.match(text):
        return _made(None, *map(int, match.groups()), today)
    if match := _VIETNAMESE.match(fold(_TIME.sub("", text))):
        day, month, year = match.groups()
        if year and len(year) != 4:
            return Birthday(problem=NO_CENTURY)
        month = _VIETNAMESE_MONTHS.get(month) or int(month)
        return _made(year and int(year), month, int(day), today)
    if match := _DOTTED.match(text):
        day, month, year = match.groups()
        if year and len(year) == 2:
            return Birthday(problem=NO_CENTURY)
        return _made(year and int(year), int(month), int(day), today)
    if match := _SLASHED.match(text):
        first, second, year = match.groups()
        if len(year) == 2:
            return Birthday(problem=NO_CENTURY)
        return _read_figures(int(first), int(second), int(year), order, today)
    if match := _SLASHED_YEARLESS.match(text):
        first, second = int(match[1]), int(match[2])
        # two figures alone may be a month and a year, unless others of the file are days, too
        if order or (first <= 12 and second <= 12):
            return _read_figures(first, second, None, order, today)
        return Birthday(problem=INVALID)
    found = _read_words(text, today)
    return Birthday(problem=INVALID) if found is None else found


def _read_figures(first, second, year, order, today):
    if first == second or second > 12 or first > 12:
        day, month = (second, first) if second > 12 else (first, second)
        return _made(year, month, day, today)
    if order == "dmy":
        return _made(year, second, first, today)
    if order == "mdy":
        return _made(year, first, second, today)
    return Birthday(problem=AMBIGUOUS)


def may_be_fraction(text):
    """Tell whether the text is two figures alone, which say a day only where a birthday is asked for.

    >>> may_be_fraction("12/3"), may_be_fraction("12/3/1980")
    (True, False)
    """
    return bool(_SLASHED_YEARLESS.match((text or "").strip()))


def guess_order(texts):
    """Return "dmy" or "mdy" if the dates that can be read in one way only all have it, else None.

    >>> guess_order(["05/04", "05/17"])
    'mdy'
    >>> guess_order(["01/02/1980", "15/01/1980"]), guess_order(["01/02/1980", "1/15/1980", "15/1/1980"])
    ('dmy', None)
    """
    found = set()
    for text in texts:
        text = unicodedata.normalize("NFKC", text or "").strip()
        if match := _SLASHED.match(text) or _SLASHED_YEARLESS.match(text):
            first, second = int(match[1]), int(match[2])
            if first > 12 >= second:
                found.add("dmy")
            elif second > 12 >= first:
                found.add("mdy")
    return found.pop() if len(found) == 1 else None
