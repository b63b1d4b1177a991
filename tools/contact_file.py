"""Address books of mail programs: what format and encoding a file has, and the contacts in it.

Everything is found by itself and can be told otherwise, column by column. Nothing here needs Odoo.
"""

import codecs
import re
from dataclasses import dataclass, field

import chardet

from .cells import FORMULA_STARTS
from .contact_csv import (
    REASON_HEADER,
    guess_header,
    guess_separator,
    guess_targets,
    read_records,
    read_rows,
    skip_title,
)
from .contact_headers import count_spelled
from .contact_record import TooMany
from .ldif_read import read_ldif
from .names import fold
from .old_vietnamese import OLD_ENCODINGS, decode_old, guess_old
from .text import compose
from .vcard_read import read_vcards

VCARD, GOOGLE, OUTLOOK, THUNDERBIRD, CSV, LDIF = "vcard", "google", "outlook", "thunderbird", "csv", "ldif"
ROW_FORMATS = (GOOGLE, OUTLOOK, THUNDERBIRD, CSV)

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Japanese mail programs write characters between escapes: letters of seven bits, which look like UTF-8.
ESCAPED = "iso2022_jp_ext"
_ESCAPE = re.compile(rb"\x1b(?:\$[@B]|\$\(D|\(I)")
SAMPLE = 200_000
MAX_COLUMNS = 1_000
MAX_FIRST_LINE = 10_000
# chardet's names of subsets: the larger set reads all of them
_WIDER = {
    "ascii": "utf-8",
    "iso-8859-1": "cp1252",
    "windows-1252": "cp1252",
    "iso-8859-9": "cp1254",
    "windows-1254": "cp1254",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc-kr": "cp949",
    "maccyrillic": "cp1251",
    "iso-8859-5": "cp1251",
    "tis-620": "cp874",
    "johab": "cp949",
}
_BY_HEADERS = (
    "cp1252",
    "cp1258",
    "cp1250",
    "cp1251",
    "cp932",
    "euc_jp",
    "gb18030",
    "big5",
    "cp949",
    "cp1254",
    "cp850",
    "mac-roman",
)
# What is taken for want of better, and what is tried then where words have signs or capitals within them.
_UNSURE = ("cp1252", "latin-1", "iso8859-1", "mac-roman", "cp949")
_BY_WORDS = ("cp949", "cp1256", "cp850", "mac-roman", "cp1250", "cp852")
_SMALL = "ß-öø-ÿœšžąćęłńśźżčďěňřťůűőăşţğı"
_CAPITAL = "A-ZÀ-ÖØ-ÞŒŠŽŸĄĆĘŁŃŚŹŻČĎĚŇŘŤŮŰŐĂŞŢĞİ"
_NO_WORD = re.compile(
    # a sign within a word, or at its edge where no sign stands; those of ordinals, prices and quotations do
    r"(?<=[^\W\d_])[^\w\s\x00-\x7f’‘´·ªº°™®©\u0300-\u036f\u200b-\u200f](?=[^\W\d_])"
    r"|(?<=[^\W\d_])[\x80-\x9f¤‚‡†ˆ˜‰¢¬¦¨¯±¶¸‹›∆◊√≈∂∫Ω░-▓│-╬█-■](?![^\W\d_])"
    r"|(?<![^\W\d_])[\x80-\x9f¤‡†ˆ˜‰¢£¬¦¨¯±¶¸∆◊√≈∂∫░-▓│-╬█-■](?=[a-zß-ÿ])"
    # a small letter before a capital one, or two capitals before a small one, where one of both is beyond ASCII
    f"|[a-z](?=[À-ÖØ-ÞŒŠŽŸ])|[{_SMALL}](?=[{_CAPITAL}])|[{_CAPITAL}](?=[À-ÖØ-ÞŒŠŽŸ][a-z])"
    # two scripts in one word
    r"|[A-Za-zÀ-ɏ](?=[\u0600-\u06ff가-힣])|[\u0600-\u06ff가-힣](?=[A-Za-zÀ-ɏ])"
)
_HANGUL_ALONE = re.compile("[\x00-\x7f가-힣]*")
_MARKS = "\u0300\u0301\u0303\u0309\u0323"
_MISPLACED_MARK = re.compile(f"(?<![aăâeêioôơuưy])[{_MARKS}]", re.IGNORECASE)
_SURE_MARK = re.compile(rb"[aeiouy][\xcc\xd2\xde]|[\xe2\xe3\xea\xf4\xf5\xfd][\xcc\xd2\xde\xec\xf2]")
_LONG_RUN = re.compile(rb"[\x80-\xff]{4}")
# What no text has, but for a few that old encodings and damaged files have among their letters.
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
MOST_NO_TEXT = 0.05


@dataclass
class Column:
    """A column of a file in rows."""

    name: str
    target: str
    sample: str = ""


@dataclass
class ContactFile:
    """A file as it was read."""

    format: str = CSV
    encoding: str = "utf-8"
    separator: str = ""
    header: bool = False
    columns: list = field(default_factory=list)
    records: list = field(default_factory=list)
    date_order: str | None = None
    header_raw: str = ""
    damaged: bool = False
    """Letters of the file do not exist in its encoding and were replaced."""


def decode(data, encoding=None):
    """Return (text, encoding, whether letters had to be replaced).

    >>> decode("Nguyễn".encode("utf-16"))[:2], decode("Müller, Jörg".encode("cp1252"))[:2]
    (('Nguyễn', 'utf-16'), ('Müller, Jörg', 'cp1252'))
    """
    if not encoding:
        encoding = guess_encoding(data)
    text, damaged = "", False
    try:
        text = decode_old(data, encoding) if encoding in OLD_ENCODINGS else data.decode(encoding)
    except UnicodeDecodeError:
        text, damaged = data.decode(encoding, "replace"), True
    return compose(text.lstrip("\ufeff")), encoding, damaged


def is_text(data):
    r"""Tell whether ``data`` may be a text, and not a picture, a sound or a program.

    >>> is_text("Nguyễn,An".encode("utf-16")), is_text(b"Na\x00me,Email,Phone,Company"), is_text(bytes(range(256)))
    (True, True, False)
    """
    sample = data[:SAMPLE]
    # of letters with two or four bytes many are zero
    is_wide = sample.startswith(tuple(bom for bom, _name in _BOMS)) or sample.count(0) > len(sample) / 8
    text = sample.decode(guess_encoding(sample) if is_wide else "latin-1", "replace")
    return len(_NO_TEXT.findall(text)) <= len(text) * MOST_NO_TEXT


def guess_encoding(data):
    """Return the name of the encoding in which ``data`` reads like text."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return name
    name = _guess_by_letters(data)
    if name.startswith("utf") or name == ESCAPED:
        return name
    return _guess_by_headers(data, _guess_by_words(data, name))


def _guess_by_words(data, guess):
    """Return an encoding in which the words of a list are written as words are, where those of the guess are not.

    Statistics know few of the encodings in which programs of DOS and of the Mac, and Arabs, write a short list.

    >>> [_guess_by_words("José Muñoz".encode(name), "cp1252") for name in ("cp1252", "cp850", "mac-roman")]
    ['cp1252', 'cp850', 'mac-roman']
    >>> _guess_by_words("محمد علي".encode("cp1256"), "cp1252"), _guess_by_words("김철수".encode("cp949"), "cp1252")
    ('cp1256', 'cp949')
    >>> _guess_by_words("Mª d’Août N°5 £20".encode("cp1252"), "cp1252")
    'cp1252'
    """
    if guess not in _UNSURE:
        return guess
    telling = b"\n".join(line for line in re.split(rb"[\r\n]+", data) if not line.isascii())[:SAMPLE]

    def count(name):
        try:
            # the lines may be cut off within a letter
            text = codecs.getincrementaldecoder(name)().decode(telling)
        except UnicodeDecodeError:
            return None
        if name == "cp949" != guess and not _HANGUL_ALONE.fullmatch(text):
            return None
        return len(_NO_WORD.findall(text))

    found = count(guess)
    if not found:
        return guess
    others = {name: other for name in _BY_WORDS if (other := count(name)) is not None}
    best = min(others, key=others.get)
    return best if others[best] * 4 <= found else guess


def _guess_by_headers(data, guess):
    """Return the encoding in which the first line has more of the names that programs give to columns.

    A short list in Japanese, Korean or Polish is too little for statistics.
    """
    first = next((line for line in re.split(rb"[\r\n]+", data[:MAX_FIRST_LINE]) if line.strip()), b"")
    if guess in OLD_ENCODINGS or first.isascii():
        return guess

    def count(name):
        try:
            # the line may be cut off within a letter
            text = codecs.getincrementaldecoder(name)().decode(first)
            return count_spelled(re.split(r"[,;\t|]", text)[:MAX_COLUMNS])
        except UnicodeDecodeError:
            return 0

    least = count(guess)
    for name in _BY_HEADERS:
        if (found := count(name)) > least:
            try:
                data.decode(name)
            except UnicodeDecodeError:
                continue
            guess, least = name, found
    return guess


def _guess_by_letters(data):
    sample = data[:SAMPLE]
    zeros = sample.count(0)
    if zeros > len(sample) / 8:
        # every other byte of Latin letters is zero
        return "utf-16-be" if sample[::2].count(0) > sample[1::2].count(0) else "utf-16-le"
    if _is_utf8(data):
        return ESCAPED if _is_escaped(data) else "utf-8"
    # the lines with letters beyond ASCII say more than the many without
    telling = b"\n".join(line for line in re.split(rb"[\r\n]+", data) if not line.isascii())[:SAMPLE]
    if old := guess_old(telling):
        return old
    if _looks_vietnamese(data[:SAMPLE]):
        return "cp1258"
    if _looks_japanese(data[:SAMPLE]):
        return "cp932"
    found = chardet.detect(telling)
    name = (found["encoding"] or "cp1252").lower()
    if (found["confidence"] or 0) < 0.5:
        name = "cp1252"
    name = _WIDER.get(name, name)
    if name == "cp1254" and not re.search(b"[\xd0\xdd\xde\xf0\xfd\xfe]", telling):
        # Turkish differs from Western European by these letters only
        name = "cp1252"
    try:
        data.decode(name)
        return codecs.lookup(name).name
    except (UnicodeDecodeError, LookupError):
        return "cp1252" if name != "cp1252" else "latin-1"


def _is_utf8(data):
    """Tell whether ``data`` is UTF-8; what is cut off in the middle of its last letter is."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _is_escaped(data):
    """Tell whether ``data`` is Japanese in ISO-2022-JP, which no other text can be taken for.

    >>> _is_escaped("名前".encode("iso2022_jp")), _is_escaped(b"Name"), _is_escaped(b"\\x1b[1mName")
    (True, False, False)
    """
    if not _ESCAPE.search(data) or not data.isascii():
        return False
    try:
        codecs.getincrementaldecoder(ESCAPED)().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _looks_vietnamese(sample):
    """Windows' Vietnamese code page has accents of their own: each of them must stand behind a vowel.

    One is enough where Western European would have what no word has: a capital behind a small vowel, or two accented
    vowels side by side, and no more letters beyond ASCII in a row than Vietnamese has.
    """
    text = sample.decode("cp1258", "replace")
    if "\ufffd" in text or _MISPLACED_MARK.search(text):
        return False
    marks = sum(text.count(mark) for mark in _MARKS)
    if marks and len(_SURE_MARK.findall(sample)) == marks and not _LONG_RUN.search(sample):
        return True
    special = sum(text.count(letter) for letter in "ơưđăƠƯĐĂ")
    return marks >= 2 and special + marks >= 3


def _looks_japanese(sample):
    """Short texts in Shift-JIS are too little for statistics; kana beside characters are not met by chance."""
    try:
        text = codecs.getincrementaldecoder("cp932")().decode(sample)
    except UnicodeDecodeError:
        return False
    beyond = [char for char in text if not char.isascii()]
    kana = sum("\u3041" <= char <= "\u30fe" for char in beyond)
    # half-width katakana and private characters are what Latin letters look like
    odd = sum("\uff61" <= char <= "\uff9f" or "\ue000" <= char <= "\uf8ff" for char in beyond)
    return kana > 0 and odd * 5 < len(beyond)


def guess_format(text, filename=""):
    """Return the format by the beginning of the text; the name of the file decides only where that says nothing.

    >>> guess_format("BEGIN:VCARD"), guess_format("dn: cn=x\\ncn: x"), guess_format("Name,Email\\n")
    ('vcard', 'ldif', 'csv')
    """
    head = text[:20_000]
    if re.search(r"^\s*BEGIN\s*:\s*VCARD", head, re.IGNORECASE | re.MULTILINE):
        return VCARD
    if re.search(r"^dn::?\s*\S", head, re.MULTILINE):
        return LDIF
    extension = filename.lower().rpartition(".")[2]
    if extension in ("vcf", "vcard"):
        return VCARD
    if extension in ("ldif", "ldi"):
        return LDIF
    return CSV


def _program(names):
    """Return which program writes such columns."""
    keys = {fold(name) for name in names}
    if {"given name", "family name"} & keys and any(
        key.startswith(("e mail 1", "phone 1", "group membership", "labels")) for key in keys
    ):
        return GOOGLE
    if "e mail 1 value" in keys or "phone 1 value" in keys:
        return GOOGLE
    if {"display name", "primary email"} <= keys or "screen name" in keys:
        return THUNDERBIRD
    if len(keys) >= 40 or {"business phone", "e mail address"} & keys:
        return OUTLOOK
    return CSV


def read_contacts(
    data,
    filename="",
    format=None,  # noqa: A002
    encoding=None,
    separator=None,
    header=None,
    targets=None,
    limit=None,
):
    """Return the :class:`ContactFile` that ``data`` holds; what is None is found by itself.

    :param list targets: what each column holds, where the user has corrected it
    :param int limit: how many contacts at most
    :raises TooMany: for more contacts, or more columns than any program writes
    """
    text, encoding, damaged = decode(data, encoding)
    kind = format if format in (VCARD, LDIF, *ROW_FORMATS) else guess_format(text, filename)
    result = ContactFile(kind, encoding, damaged=damaged)
    if kind == VCARD:
        # where other letters have the bytes of separators, too
        if encoding.startswith(("utf-16", "utf-32", "iso2022")) or encoding in OLD_ENCODINGS:
            data = text.encode()
            result.records = read_vcards(data, limit=limit)
        else:
            result.records = read_vcards(data.removeprefix(codecs.BOM_UTF8), encoding, limit)
        return result
    if kind == LDIF:
        result.records = read_ldif(text, limit)
        return result
    result.separator = separator or guess_separator(text)
    rows = read_rows(text, result.separator, limit)
    if max((len(row.cells) for row in rows), default=0) > MAX_COLUMNS:
        raise TooMany("columns", MAX_COLUMNS)
    if header is not False:
        rows = skip_title(rows)
    result.header = guess_header(rows) if header is None else bool(header)
    if limit and len(rows) - result.header > limit:
        raise TooMany("contacts", limit)
    names = rows[0].cells if result.header and rows else []
    found = guess_targets(rows, result.header)
    if targets and len(targets) == len(found):
        found = list(targets)
    if kind == CSV and format is None:
        result.format = _program(names) if names else CSV
    result.header_raw = rows[0].raw if names else ""
    body = [row.cells for row in rows[result.header :]]
    for place, target in enumerate(found):
        sample = next((cells[place] for cells in body if place < len(cells) and cells[place]), "")
        result.columns.append(Column(names[place] if place < len(names) else "", target, sample[:80]))
    result.records, result.date_order = read_records(rows, result.header, found)
    return result


def write_rejected(contact_file, reasons):
    """Return the bytes of a file of the same format that holds the contacts of these numbers, with the reasons.

    :param dict reasons: {number of the contact: why it was rejected}
    """
    chosen = [record for record in contact_file.records if record.number in reasons]
    lines = []
    if contact_file.format == VCARD:
        for record in chosen:
            reason = " ".join(reasons[record.number].split())
            raw = record.raw.strip("\n").split("\n")
            # after the beginning of the card, as a property that readers pass over
            lines += [raw[0], f"X-IMPORT-PROBLEM:{reason}", *raw[1:]]
    elif contact_file.format == LDIF:
        for record in chosen:
            lines += [f"# {' '.join(reasons[record.number].split())}", *record.raw.split("\n"), ""]
    else:
        separator = contact_file.separator
        width = len(contact_file.columns)
        if contact_file.header_raw:
            lines.append(f"{contact_file.header_raw.rstrip(chr(13))}{separator}{REASON_HEADER}")
        for record in chosen:
            reason = " ".join(reasons[record.number].split()).replace('"', "'")
            if reason.startswith(FORMULA_STARTS):
                # no spreadsheet program is to take it for a formula; the row itself stays as it was
                reason = f"'{reason}"
            raw = record.raw
            if not contact_file.header_raw:
                lines.append(raw)
                continue
            missing = separator * max(0, width - 1 - _count_separators(raw, separator))
            lines.append(f'{raw}{missing}{separator}"{reason}"')
    text = "\r\n".join(lines) + "\r\n"
    encoding = contact_file.encoding
    if encoding.startswith("utf-16"):
        return codecs.BOM_UTF16_LE + text.encode("utf-16-le")
    try:
        return text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return codecs.BOM_UTF8 + text.encode()


def _count_separators(raw, separator):
    """Count the separators outside quotation marks."""
    return re.sub(r'"[^"]*"', "", raw).count(separator)
