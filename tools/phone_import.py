"""Telephone numbers of address books in the form in which they are kept."""

import re
import unicodedata

from .phones import MIN_DIGITS, VIETNAM, national_form, phone_key

_TEXT = re.compile(r"\(?\+?[\d(][\d\s().,\-/\u00a0\u2010-\u2015]*\d")
_EXTENSION = re.compile(r"\s*(?:;?\s*\bext\b\.?=?|\bx|#|máy lẻ|nội bộ)[\s.:]*(\d+)\s*$", re.IGNORECASE)
# What people write before a number and behind it: "ĐT: 0901 234 567", "0901234567 (Zalo)", 901234567.0
_LABEL = re.compile(
    r"(?:tel|tél|phone|mobile|mob|cell|hotline|(zalo|viber|whatsapp)|sđt|đt|đtdđ|dđ|điện thoại|di động|[mtp])"
    r"\s*[.:]?\s*(?=[(+\d])",
    re.IGNORECASE,
)
_REMARK = re.compile(r"\s*\([^()\d]+\)$")
_DECIMAL = re.compile(r"(\d{8,})\.0$")
# nine digits of a mobile, ten of a landline
_VIETNAMESE = re.compile(r"0(?:[35789]\d{8}|2\d{9})$")
_BETWEEN = re.compile(r"[;,|/\n]|\s-\s")
_SHORTEST = 5
# Some numbers and an extension; the expressions above are not made for whole texts.
_LONGEST = 100


def split_phones(text):
    """Return the numbers that somebody wrote into one cell; what may be one number is left whole.

    >>> split_phones("0901 234 567 / 091 222 3333"), split_phones("0221/123456-10")
    (['0901 234 567', '091 222 3333'], ['0221/123456-10'])
    """
    parts = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
    whole = all(len(re.sub(r"\D", "", part)) >= MIN_DIGITS and normalise_phone(part) for part in parts)
    return parts if len(parts) > 1 and whole else [text]


def split_remark(text):
    """Return a number without what stands before it and behind it, and whether that says more than "telephone".

    >>> split_remark("ĐT: 0901 234 567."), split_remark("0901234567 (chị Lan)"), split_remark("901234567.0")
    (('0901 234 567', False), ('0901234567', True), ('901234567', False))
    """
    text = _DECIMAL.sub(r"\1", text.strip()).rstrip(" .,;")
    bare = _REMARK.sub("", text)
    match = _LABEL.match(bare)
    if not match:
        return bare, bare != text
    return bare[match.end() :], bare != text or bool(match[1])


def normalise_phone(text, calling_code=None):
    """Return ``text`` as a telephone number, or "" if it is none.

    Vietnamese numbers get the form in which they are dialled there, foreign ones with a plus the
    international form; others stay as they were written, because their country is not sure.

    >>> [normalise_phone(text, 84) for text in ("0901 234 567", "+84 901.234.567", "84901234567", "0084901234567")]
    ['0901234567', '0901234567', '0901234567', '0901234567']
    >>> normalise_phone("+1 (415) 555-0100", 84), normalise_phone("123", 84), normalise_phone("BusinessPhone")
    ('+14155550100', '', '')
    >>> normalise_phone("0000 000 000", 84)
    ''
    >>> normalise_phone("(+84) 28 3822 1234"), normalise_phone("0901234567, 12", 84)
    ('02838221234', '0901234567, 12')
    >>> normalise_phone("(905) 555-1234"), normalise_phone("tel:+1-418-656-9254;ext=102")
    ('(905) 555-1234', '+14186569254 x102')
    """
    text = " ".join((text or "").split())
    if len(text) > _LONGEST:
        return ""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(char for char in text if unicodedata.category(char) != "Cf")
    # an export may have an apostrophe before a plus, which is no formula then
    text = text.strip().removeprefix("'")
    if text.lower().startswith("tel:"):
        text = text[4:]
    text, _has_remark = split_remark(text)
    extension = ""
    if match := _EXTENSION.search(text):
        text, extension = text[: match.start()].strip(), f" x{match[1]}"
    digits = re.sub(r"\D", "", text)
    # zeros alone stand for "none"
    if not _TEXT.fullmatch(text) or len(digits) < _SHORTEST or len(digits) > 20 or not digits.strip("0"):
        return ""
    if "," in text:
        # one number at most would be left of it
        return text + extension
    national = national_form(text, VIETNAM) if _is_vietnamese(text, calling_code) else ""
    if national and _VIETNAMESE.match(national):
        return national + extension
    if text.removeprefix("(").startswith(("+", "00")) and (key := phone_key(text)):
        return key + extension
    return " ".join(text.split()) + extension


def _is_vietnamese(text, calling_code):
    return str(calling_code or "") == VIETNAM or phone_key(text).startswith(f"+{VIETNAM}")
