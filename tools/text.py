"""Cleaning of text that people paste and programs send."""

import re
import unicodedata

TITLE_LENGTH = 200
TEXT_LENGTH = 1_000_000
NAMED_LENGTH = 100

# Control characters but tab and line feed, and the marks that turn the direction of the text around them.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")

_UNWRITTEN = re.compile(r"[^\w\x00-\x7f]{31,}")
MAX_ACCENTS = 30


def compose(text):
    r"""``text`` with whole letters instead of letters and accents; of accents on one letter no more than thirty.

    So many Unicode allows where text is read in one go: Python sorts them in the square of their number.

    >>> compose("Hue\u0302\u0301"), len(compose("a" + "\u0323\u0300" * 100))
    ('Huế', 30)
    """
    return unicodedata.normalize("NFC", _UNWRITTEN.sub(_limit_accents, text))


def _limit_accents(found):
    kept, accents = [], 0
    for char in found[0]:
        accents = accents + 1 if unicodedata.combining(char) else 0
        if accents <= MAX_ACCENTS:
            kept.append(char)
    return "".join(kept)


def clean_text(text):
    r"""``text`` without control characters, with plain line ends, no longer than a million characters.

    >>> clean_text("a\x00b\r\nc")
    'ab\nc'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text).strip()[:TEXT_LENGTH]


def shorten(text):
    r"""The beginning of a text, where the whole is only named.

    >>> shorten("short"), len(shorten("x" * 300))
    ('short', 100)
    """
    return text if len(text) <= NAMED_LENGTH else f"{text[: NAMED_LENGTH - 1]}…"


def split_title(text):
    r"""A title of one line and at most 200 characters, and the text that did not fit into it.

    >>> split_title("short")
    ('short', '')
    >>> split_title("one\ntwo")
    ('one', 'two')
    """
    first, _sep, rest = text.partition("\n")
    first, rest = first.strip(), rest.strip()
    if len(first) > TITLE_LENGTH:
        return first[: TITLE_LENGTH - 1].rstrip() + "…", text.strip()
    return first, rest
