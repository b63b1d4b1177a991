"""Names brought into one form for comparison, in Python and, for the index, in PostgreSQL."""

import re
import unicodedata

from .text import compose

# what says how a company is organised, not what it is called (accents folded)
_LEGAL_FORMS = """
    cong ty cty tnhh cp co phan mtv jsc ltd limited company corp corporation inc incorporated
    llc plc gmbh ag sa sarl sas bv nv pte pty oy ab spa srl ooo
"""
LEGAL_FORMS = frozenset(_LEGAL_FORMS.split())

# letters that do not decompose into a base letter and an accent
_LETTERS = str.maketrans({"đ": "d", "Đ": "d", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "ı": "i"})
_NOT_A_WORD = re.compile(r"[\W_]+")
# the same where accents stand apart from their letters
_NOT_A_LETTER = re.compile(r"(?:[^\w\u0300-\u036f]|_)+")


def fold(text):
    """Return ``text`` in lower case, without accents and punctuation.

    >>> fold("  CÔNG TY TNHH Đồ Gỗ Minh-Anh ")
    'cong ty tnhh do go minh anh'
    """
    decomposed = unicodedata.normalize("NFKD", compose(text or "").translate(_LETTERS))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
    return _NOT_A_WORD.sub(" ", plain).strip()


def name_key(name, is_company=False):
    """Return the words of a name as a set; of companies without the legal form.

    >>> name_key("Nguyễn Văn An") == name_key("an NGUYEN van")
    True
    >>> name_key("Công ty CP Hoà Phát", True) == name_key("Hoa Phat JSC", True)
    True
    """
    words = frozenset(fold(name).split())
    if is_company:
        return words - LEGAL_FORMS or words
    return words


def is_alike(name, other, is_company=False):
    """Whether two names with one :func:`name_key` are one name: with their accents, of companies in their order.

    Accents count unless one of the names has none at all, as in an export without them.

    >>> is_alike("Nguyễn Văn An", "an NGUYEN van"), is_alike("Nguyễn Văn Dũng", "Nguyễn Văn Dụng")
    (True, False)
    >>> is_alike("Công ty CP Hoà Phát", "Hòa Phát JSC", True), is_alike("Công ty An Bình", "Binh An Ltd", True)
    (True, False)
    >>> is_alike("Thành Công", "Thanh Cống", True), is_alike("Thành Công", "Công ty Thành", True)
    (False, False)
    """
    words, others = _accented_words(name), _accented_words(other)
    if not all(any(accents for _letters, accents in each) for each in (words, others)):
        words, others = ([(letters, ()) for letters, _accents in each] for each in (words, others))
    if is_company:
        return _without_form(words) == _without_form(others)
    return set(words) == set(others)


def _accented_words(name):
    """Return (letters, accents) of each word: Vietnamese writes both ``hoà`` and ``hòa``."""
    decomposed = unicodedata.normalize("NFKD", compose(name or "")).casefold()
    words = []
    for word in _NOT_A_LETTER.sub(" ", decomposed).split():
        accents = sorted(char for char in word if unicodedata.combining(char) or ord(char) in _LETTERS)
        if letters := fold(word):
            words.append((letters, tuple(accents)))
    return words


def _without_form(words):
    """Return the words of a company without its legal form; *Công* and *Phan* are names as well."""
    kept = []
    for number, (letters, accents) in enumerate(words):
        before = words[number - 1][0] if number else ""
        after = words[number + 1][0] if number + 1 < len(words) else ""
        is_name = (letters == "cong" and after != "ty") or (letters == "phan" and before != "co")
        is_written_so = not accents or (letters, accents) in _ACCENTED_FORMS
        if letters not in LEGAL_FORMS or is_name or not is_written_so:
            kept.append((letters, accents))
    return kept or words


_ACCENTED_FORMS = frozenset(_accented_words("công cổ phần"))


def _sql_maps():
    """Return the two arguments of PostgreSQL's ``translate`` that come nearest to :func:`fold`.

    Written out letter by letter, because an index needs an immutable expression: ``unaccent`` is not
    one, and ``lower`` leaves letters beyond ASCII alone in a database with the C collation.
    """
    ranges = [(0x41, 0x5B), (0x1E00, 0x1F00), (0xC0, 0x180), (0x1A0, 0x1A2), (0x1AF, 0x1B1), (0x400, 0x460)]
    # Letters that stay as they are come first: ``translate`` looks for every letter from the left, and most
    # of them are found at once. That makes it several times faster than without.
    source = list(" anhtgiouecmlrdpbvsyqkxwfjz0123456789")
    target = list(source)
    for low, high in ranges:
        for char in map(chr, range(low, high)):
            plain = fold(char)
            if len(plain) == 1 and plain != char:
                source.append(char)
                target.append(plain)
    # not the quote and the per cent sign, which would need escaping: to_tsvector splits there by itself
    for char in '!"#$&()*+,-./:;<=>?@[\\]^_`{|}~\u00a0\u2013\u2014\u2018\u2019\u201c\u201d\u00d7\u00b7':
        source.append(char)
        target.append(" ")
    # letters without a counterpart are dropped: combining accents
    source += map(chr, range(0x300, 0x330))
    return "".join(source), "".join(target)


SQL_FROM, SQL_TO = _sql_maps()
# an array as PostgreSQL writes it
SQL_NOISE = "{" + ",".join(sorted(LEGAL_FORMS)) + "}"
