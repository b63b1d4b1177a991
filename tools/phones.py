"""Telephone numbers brought into one form for comparison.

The result is a key, not a number to dial: ``+<calling code><national number>``, or the national number
alone where nothing says of which country. It needs no library
and no database, so it can compare two numbers while one of them is still being typed.
"""

import re
import unicodedata

# calling codes of one and two digits (ITU-T E.164); all others have three
ONE_DIGIT_CODES = frozenset("17")
_TWO_DIGIT_CODES = """
    20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58
    60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98
"""
TWO_DIGIT_CODES = frozenset(_TWO_DIGIT_CODES.split())
# where the leading 0 belongs to the number and is dialled from abroad, too
ZERO_KEPT = frozenset({"39", "378", "379"})

# Vietnam, 15 September 2018: mobile numbers of eleven digits lost one
VIETNAM = "84"
VIETNAM_2018 = {
    **{f"16{digit}": f"3{digit}" for digit in "23456789"},
    **{"120": "70", "121": "79", "122": "77", "126": "76", "128": "78"},
    **{"123": "83", "124": "84", "125": "85", "127": "81", "129": "82"},
    **{"186": "56", "188": "58", "199": "59"},
}
VIETNAM_BEFORE_2018 = {new: old for old, new in VIETNAM_2018.items()}

MIN_DIGITS, MAX_DIGITS = 7, 15
# more is no number; a visitor of the website may send anything
MAX_LENGTH = 1_000

_EXTENSION = re.compile(r"(?:\bext\.?|\bx|#|\bmáy lẻ|\bnội bộ)[\s.:]*\d+\s*$", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s./()\-\u2010-\u2015]+")


def _split_calling_code(digits):
    for length, known in ((1, ONE_DIGIT_CODES), (2, TWO_DIGIT_CODES)):
        if digits[:length] in known:
            return digits[:length], digits[length:]
    return digits[:3], digits[3:]


def _split(number, calling_code):
    """Return (calling code, national number without trunk prefix), or None if it is not a number."""
    text = unicodedata.normalize("NFKC", (number or "")[:MAX_LENGTH])
    text = "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cf") or char.isspace())
    # several numbers in one field: the first one counts
    text = _EXTENSION.sub("", re.split(r"[;,|]", text, maxsplit=1)[0])
    written, text = text.lstrip(" ("), _SEPARATORS.sub("", text)
    international = text.startswith("+")
    digits = text.lstrip("+")
    if not digits.isascii() or not digits.isdigit():
        return None
    if not international and digits.startswith("00"):
        international, digits = True, digits[2:]
    code = str(calling_code or "")
    if not international and code and written.startswith(code) and len(digits) - len(code) >= 8:
        # 84901234567: the plus was left out; Russia's 8 (495) has no code of Vietnam
        international = True
    if international:
        code, national = _split_calling_code(digits)
    else:
        national = digits
    if code not in ZERO_KEPT:
        national = national.removeprefix("0")
    if code == VIETNAM and len(national) == 10 and national[:3] in VIETNAM_2018:
        national = VIETNAM_2018[national[:3]] + national[3:]
    if not MIN_DIGITS <= len(code) + len(national) <= MAX_DIGITS or len(national) < 4:
        return None
    return code, national


def phone_key(number, calling_code=None):
    """Return the key under which equal numbers meet, or "" if ``number`` is not a telephone number.

    :param calling_code: of the country in which a number without one is dialled

    >>> phone_key("0162 345 6789", 84) == phone_key("+84 (0)32.345.6789") == "+84323456789"
    True
    >>> phone_key("123", 84)
    ''
    """
    parts = _split(number, calling_code)
    if not parts:
        return ""
    code, national = parts
    return f"+{code}{national}" if code else f"0{national}"


def national_form(number, calling_code):
    """Return the number as dialled inside its country, foreign numbers as the key.

    >>> national_form("+84 901.234.567", 84), national_form("+1 (415) 555-0100", 84)
    ('0901234567', '+14155550100')
    """
    parts = _split(number, calling_code)
    if not parts:
        return ""
    code, national = parts
    if code != str(calling_code):
        return f"+{code}{national}"
    return national if code in ZERO_KEPT else f"0{national}"


def phone_spellings(number, calling_code=None):
    """Return every way the number may be written, without separators.

    Looking these up needs no more than an index on the number as it was typed.

    >>> sorted(phone_spellings("+84 323456789"))[:4]
    ['+8401623456789', '+840323456789', '+841623456789', '+84323456789']
    """
    parts = _split(number, calling_code)
    if not parts:
        return []
    code, national = parts
    nationals = [national]
    if code == VIETNAM and len(national) == 9 and national[:2] in VIETNAM_BEFORE_2018:
        nationals.append(VIETNAM_BEFORE_2018[national[:2]] + national[2:])
    spellings = []
    for digits in nationals:
        for written in (digits, f"0{digits}"):
            spellings.append(written)
            if code:
                spellings += [f"+{code}{written}", f"00{code}{written}", f"{code}{written}"]
    return spellings
