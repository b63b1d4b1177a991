"""The syntax of well-formed vCards, as the library vobject reads it.

Only the lines are vobject's: what becomes of a value is decided in ``vcard_read``, because the library's own values
end at a comma that nobody escaped, which is how many address books write names, labels and places.
"""

import io
import re

try:
    import vobject
except ImportError:
    # optional, as for Odoo: without it each card is read by the tolerant reader
    vobject = None

# Where the library would lose or change something: a character set of one property, a label that should be in
# quotation marks.
_BEYOND = re.compile(rb";CHARSET=(?!\"?UTF-?8)|\^n", re.IGNORECASE)
_FOLDED = re.compile(rb"\n[ \t]")
# Name and parameters up to the colon outside of quotation marks.
_HEAD = re.compile(r'(?:[^":]|"[^"]*")*:')
# The library's time grows with the square of a card of version 2.1, its memory with a hundred times any card, and its
# expression for parameters tries each way to divide them where a line does not fit: two to the power of these.
_MAX_OLD, _MAX_BYTES, _MAX_HEAD, _MAX_DIVIDED = 20_000, 1_000_000, 10_000, 12


def _is_quick(line):
    """Tell whether the library reads the line, or finds out quickly that it cannot.

    >>> _is_quick("TEL;TYPE=work:1"), _is_quick("TEL;TYPE=work" + "," * 40), _is_quick("no colon")
    (True, False, False)
    """
    head = _HEAD.match(line, 0, _MAX_HEAD)
    return bool(head) and head[0].count("=") + head[0].count(",") <= _MAX_DIVIDED


def read_lines(raw, version, encoding):
    """Return the properties of one card, or None if the library cannot read it or would lose something of it.

    :param list raw: the lines of the card in bytes, BEGIN and END included
    :return: group, name, parameters (name and values) and value of each, the value as it is escaped
    :rtype: list[tuple] | None

    >>> read_lines([b"BEGIN:VCARD", b"VERSION:3.0", b"item1.TEL;TYPE=work,voice:1", b"END:VCARD"], "3.0", "utf-8")
    [('', 'VERSION', [], '3.0'), ('item1', 'TEL', [('TYPE', ['work', 'voice'])], '1')]
    >>> read_lines([b"BEGIN:VCARD", b"no colon", b"END:VCARD"], "3.0", "utf-8")
    """
    old = version == "2.1"
    if sum(map(len, raw)) > (_MAX_OLD if old else _MAX_BYTES):
        return None
    data = b"\n".join(line.rstrip(b"\r") for line in raw)
    # a fold of version 2.1 keeps its blank, which the library drops
    if vobject is None or _BEYOND.search(data) or (old and _FOLDED.search(data)):
        return None
    try:
        text = data.decode(encoding or "utf-8").removeprefix("\ufeff")
        lines = list(vobject.base.getLogicalLines(io.StringIO(text, newline=""), allowQP=old))
        if not all(_is_quick(line) for line, _number in lines):
            return None
        lines = [vobject.base.textLineToContentLine(line, number) for line, number in lines]
    except (vobject.base.VObjectError, ValueError, LookupError, AttributeError, TypeError):
        return None
    if [line.name for line in lines[:1] + lines[-1:]] != ["BEGIN", "END"]:
        return None
    return [
        (
            line.group or "",
            line.name,
            [*line.params.items(), *((None, [word]) for word in line.singletonparams)],
            line.value,
        )
        for line in lines[1:-1]
    ]
