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


def read_lines(raw, version, encoding):
    """Return the properties of one card, or None if the library cannot read it or would lose something of it.

    :param list raw: the lines of the card in bytes, BEGIN and END included
    :return: group, name, parameters (name and values) and value of each, the value as it is escaped
    :rtype: list[tuple] | None

    >>> read_lines([b"BEGIN:VCARD", b"VERSION:3.0", b"item1.TEL;TYPE=work,voice:1", b"END:VCARD"], "3.0", "utf-8")
    [('', 'VERSION', [], '3.0'), ('item1', 'TEL', [('TYPE', ['work', 'voice'])], '1')]
    >>> read_lines([b"BEGIN:VCARD", b"no colon", b"END:VCARD"], "3.0", "utf-8")
    """
    data = b"\n".join(line.rstrip(b"\r") for line in raw)
    old = version == "2.1"
    # a fold of version 2.1 keeps its blank, which the library drops
    if vobject is None or _BEYOND.search(data) or (old and _FOLDED.search(data)):
        return None
    try:
        text = data.decode(encoding or "utf-8").removeprefix("\ufeff")
        lines = [
            vobject.base.textLineToContentLine(line, number)
            for line, number in vobject.base.getLogicalLines(io.StringIO(text, newline=""), allowQP=old)
        ]
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
