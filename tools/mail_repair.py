"""Mails that say wrong things of themselves, read as they are meant: without it their words are lost."""

import codecs

# What programs call encodings that Python knows by another name.
_NAMES = {
    "gb_2312-80": "gb18030",
    "gb2312-80": "gb18030",
    "utf8mb4": "utf-8",
    "x-gb2312": "gb18030",
    "x-gbk": "gb18030",
    "x-sjis": "cp932",
}
# Encodings of Python's that no mail is in; some take the square of a text's length.
_NONE_OF_MAILS = ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape")
# Of a text that is in no encoding of its own: that of most programs, where it is not UTF-8.
_OTHER = "cp1252"


def mend_header(value):
    """Return the source of a header without zero bytes, and with the letters of bytes that nobody encoded.

    :param value: as Python's parser keeps it, with such bytes as surrogates

    >>> mend_header("a\\x00b"), mend_header("Gr\\udcfc\\udcdfe"), mend_header("Gr\\udcc3\\udcbc\\udcc3\\udc9fe")
    ('ab', 'Grüße', 'Grüße')
    >>> mend_header("=?utf-8?q?a?= b")
    '=?utf-8?q?a?= b'
    """
    value = value.replace("\0", "")
    if value.isascii():
        return value
    raw = value.encode("utf-8", "surrogateescape")
    return raw.decode(_guess(raw), "replace")


def mend_values(values):
    """Take zero bytes, which no database keeps, out of the texts that a mail was read into; ``values`` is changed.

    >>> values = {"subject": "a\\x00b", "date": None}
    >>> mend_values(values)
    >>> values
    {'subject': 'ab', 'date': None}
    """
    for name, value in values.items():
        if isinstance(value, str) and "\0" in value:
            values[name] = value.replace("\0", "")


def has_mistakes(message):
    """Tell whether some part of a mail is none of what it says."""
    return any(_is_unparsed(part) or _is_typeless(part) or _is_misread(part) for part in message.walk())


def mend_parts(message):
    """Make a text of what calls itself several parts and is not, and name encodings that Python knows.

    :param message: an ``email.message.EmailMessage``, changed in place

    >>> from email import message_from_bytes, policy
    >>> def mended(source):
    ...     message = message_from_bytes(source, policy=policy.SMTP)
    ...     if has_mistakes(message):
    ...         mend_parts(message)
    ...     return message.get_content().strip()
    >>> mended(b"Content-Type: text/plain; charset=x-sjis\\n\\n\\x93\\xfa\\x96{")
    '日本'
    >>> mended(b"Content-Type: text/plain; charset=unknown-8bit\\n\\nGr\\xfc\\xdfe")
    'Grüße'
    >>> mended("\\nTiếng Việt".encode())
    'Tiếng Việt'
    >>> mended(b'Content-Type: text/plain; charset=""\\n\\nHello'), mended(b"Content-Type: /\\n\\nHello")
    ('Hello', 'Hello')
    >>> mended(b"Content-Type: text/html; charset=unicode_escape\\n\\n<p>a</p>")
    '<p>a</p>'
    >>> mended(b"Content-Type: multipart/mixed; boundary=b\\n\\nHello")
    'Hello'
    >>> mended(b"Content-Type: text/plain; charset=utf-8\\n\\nHello")
    'Hello'
    """
    for part in message.walk():
        if _is_unparsed(part) or _is_typeless(part):
            del part["Content-Type"]
        if _is_misread(part):
            charset = _guess(part.get_payload(decode=True) or b"", _get_charset(part))
            part.del_param("charset")  # an empty one would stay, before the new one
            part.set_param("charset", charset)


def _is_unparsed(part):
    return part.get_content_maintype() == "multipart" and not part.is_multipart()


def _is_typeless(part):
    return "" in part.get_content_type().split("/")


def _is_misread(part):
    """Whether Python cannot read a text in the encoding that it names, or that it has without one."""
    if part.is_multipart() or part.get_content_maintype() != "text":
        return False
    charset = _get_charset(part)
    payload = part.get_payload(decode=True) or b""
    if charset in ("", "ascii", "us-ascii"):
        return not payload.isascii() or (not charset and part.get_param("charset") is not None)
    return not _reads(payload, charset, "replace")


def _get_charset(part):
    charset = part.get_param("charset")
    # encoded by RFC 2231, which no program does to an encoding
    return charset.strip().lower() if isinstance(charset, str) else ""


def _guess(raw, charset=""):
    """Return an encoding that Python knows: the one that is meant, else what the bytes are in."""
    for name in (_NAMES.get(charset, charset.removeprefix("x-")), "utf-8"):
        if name and _reads(raw, name):
            return name
    return _OTHER


def _reads(raw, charset, errors="strict"):
    try:
        if codecs.lookup(charset).name in _NONE_OF_MAILS:
            return False
        raw.decode(charset, errors)
    except (LookupError, ValueError):
        return False
    return True
