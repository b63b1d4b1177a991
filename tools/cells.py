"""What may stand in a cell of a spreadsheet, and how it looks: texts, names of sheets, formats, widths."""

import re
import unicodedata

# Excel's own limits: characters of a text (counted in UTF-16), line feeds of a text, characters of a sheet name.
TEXT_LENGTH = 32_767
LINE_FEEDS = 253
SHEET_NAME_LENGTH = 31
ELLIPSIS = "…"
# With what a text begins that a spreadsheet program takes for a formula, where the file does not say it is text (CSV).
# Some pass over blanks, and some take the wide signs of East Asia for the plain ones.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# The same where a library that is handed a text makes a formula of it (XlsxWriter's `write`).
# Or a link to a file or a share, which a click opens; addresses of the web may be links.
WRITTEN_STARTS = ("=", "{=", "internal:", "external:", "file:")

# Other ends of lines become a line feed.
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85]")
# What XML cannot hold, and control characters without a meaning in a cell.
_UNWRITABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Excel reads _x0041_ within a text as the character of that number.
_ESCAPE_LOOKALIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_FORBIDDEN_IN_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f-\x9f\ufffe\uffff]+")

# strftime directives of Odoo's languages
_DIRECTIVES = {
    "%d": "dd",
    "%m": "mm",
    "%Y": "yyyy",
    "%y": "yy",
    "%b": "mmm",
    "%B": "mmmm",
    "%a": "ddd",
    "%A": "dddd",
    "%H": "hh",
    "%I": "hh",
    "%M": "mm",
    "%S": "ss",
    "%p": "AM/PM",
}
_DIRECTIVE = re.compile(r"%[-#]?([A-Za-z])|[^\W\d_%]+")


def cell_text(value):
    r"""Return ``value`` as text that every spreadsheet program reads as it is.

    Nothing a person would see is changed; only characters that a file cannot hold are left out, and what is
    longer than a cell ends with an ellipsis.

    >>> cell_text("a\x00b\r\nc")
    'ab\nc'
    >>> len(cell_text("x" * 40_000)), cell_text("x" * 40_000)[-2:]
    (32767, 'x…')
    """
    text = value if isinstance(value, str) else str(value)
    if text.isprintable() and len(text) * 2 <= TEXT_LENGTH:
        return text
    text = _SURROGATE.sub("\ufffd", _UNWRITABLE.sub("", _LINE_ENDS.sub("\n", text)))
    if text.count("\n") > LINE_FEEDS:
        lines = text.split("\n", LINE_FEEDS)
        text = "\n".join([*lines[:-1], lines[-1].replace("\n", " ")])
    return _cut(text, TEXT_LENGTH)


def disarm(value, starts):
    """Return ``value``; of a text that begins like a formula, the text with an apostrophe before it, as core has it.

    >>> disarm("=1+1", WRITTEN_STARTS), disarm("+84", WRITTEN_STARTS), disarm(-1, FORMULA_STARTS)
    ("'=1+1", '+84', -1)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(starts) else value


def _cut(text, limit):
    """Return ``text`` within ``limit`` UTF-16 units, with an ellipsis where something is cut off."""
    encoded = text.encode("utf-16-le")
    if len(encoded) <= limit * 2:
        return text
    return encoded[: (limit - 1) * 2].decode("utf-16-le", "ignore") + ELLIPSIS


def written_text(value):
    """Return what XlsxWriter's `write_string` is to be given, so that the cell holds ``cell_text(value)``.

    That is the same text, but where XlsxWriter or Excel would read something else: markup of rich text, and
    ``_x0041_``, Excel's own way to write a character. Such a text is written as runs of rich text, which
    XlsxWriter takes as they stand; what lies in two runs is no escape.

    >>> written_text("max_x")
    'max_x'
    >>> written_text("_x000D_")
    '<r><t xml:space="preserve">_</t></r><r><t xml:space="preserve">x000D_</t></r>'
    """
    text = cell_text(value)
    escape = "_x" in text and _ESCAPE_LOOKALIKE.search(text)
    if not escape and not (text.startswith("<r>") and text.endswith("</r>")):
        return text
    while True:
        runs = _ESCAPE_LOOKALIKE.sub("_\0", text).split("\0")
        markup = "".join(f'<r><t xml:space="preserve">{_escape(run)}</t></r>' for run in runs)
        if len(markup) <= TEXT_LENGTH:
            return markup
        text = _cut(text, max(1, len(text) * TEXT_LENGTH // len(markup) - 1))


def _escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def sheet_name(title, taken=(), fallback="Sheet"):
    """Return a name for a sheet that Excel accepts, as near to ``title`` as it can be.

    :param taken: names already given; case does not tell names apart

    >>> sheet_name("A/B"), sheet_name("'x'"), sheet_name("History"), sheet_name("")
    ('A-B', 'x', 'History (1)', 'Sheet')
    >>> sheet_name("Customers", ["CUSTOMERS"]), sheet_name("2026"), sheet_name("Q1")
    ('Customers (2)', '2026.', 'Q1.')
    """
    text = _SURROGATE.sub("", unicodedata.normalize("NFC", title))
    name = _strip_name(_FORBIDDEN_IN_NAME.sub("-", text.replace(":", "")).strip("-")) or fallback
    # Formulas must quote a name that looks like a cell, a row or a number. XlsxWriter quotes for a dot.
    if re.fullmatch(r"\d\w*|[A-Za-z]{1,3}\d+|[Rr]\d*([Cc]\d*)?|[Cc]\d*|(?i:true|false)", name):
        name += "."
    name = _strip_name(_cut_name(name, SHEET_NAME_LENGTH))
    used = {other.casefold() for other in taken}
    # "History" is the name of a sheet of Excel itself
    number = 0 if name.casefold() == "history" else 1
    unique = name
    while not number or unique.casefold() in used:
        number += 1
        suffix = f" ({number})"
        unique = _strip_name(_cut_name(name, SHEET_NAME_LENGTH - len(suffix))) + suffix
    return unique


def _strip_name(name):
    return name.strip().strip("'").strip()


def _cut_name(name, limit):
    return name.encode("utf-16-le")[: limit * 2].decode("utf-16-le", "ignore")


def date_code(pattern):
    """Return Excel's format for a date or time pattern of a language.

    >>> date_code("%d/%m/%Y"), date_code("%I:%M:%S %p"), date_code("%d.%m.%y")
    ('dd/mm/yyyy', 'hh:mm:ss AM/PM', 'dd.mm.yy')
    >>> date_code("ngày %d")
    '"ngày" dd'
    """

    def code(match):
        if match[1]:
            return _DIRECTIVES.get(f"%{match[1]}", "")
        return f'"{match[0]}"'

    return _DIRECTIVE.sub(code, pattern)


def month_code(pattern):
    """Return Excel's format for the month of a date, in the order of a language's date pattern.

    >>> month_code("%d/%m/%Y"), month_code("%Y-%m-%d"), month_code("%m/%d/%Y")
    ('mm/yyyy', 'yyyy-mm', 'mm/yyyy')
    """
    separator = next((char for char in pattern if char in "/-. "), "/")
    months_first = pattern.find("%m") < pattern.find("%Y")
    return separator.join(("mm", "yyyy") if months_first else ("yyyy", "mm"))


def number_code(decimals=0, percent=False):
    """Return Excel's format for a number; the program shows the separators of its own settings.

    >>> number_code(2), number_code(), number_code(1, percent=True)
    ('#,##0.00', '#,##0', '0.0%')
    """
    fraction = "." + "0" * decimals if decimals else ""
    return f"0{fraction}%" if percent else f"#,##0{fraction}"


def header_text(text):
    """Return ``text`` for the head or foot of printed pages, where & begins a command.

    >>> header_text("Bolt & Nut")
    'Bolt && Nut'
    """
    return cell_text(text).replace("\n", " ")[:100].replace("&", "&&")
