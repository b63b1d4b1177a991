"""Mails that say wrong things of themselves, read as they are meant: without it their words are lost."""

import codecs
import re

# Headers that people and Odoo read; the first ones are lists of addresses.
_ADDRESSES = ("from", "to", "cc", "reply-to", "sender", "delivered-to", "return-path")
_READ = (*_ADDRESSES, "subject", "date", "message-id", "in-reply-to", "references")
_OF_PARTS = ("content-type", "content-disposition", "content-transfer-encoding", "content-id")
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:\\@]{1,64}@[\w.-]{1,255}\w")
_TYPE = re.compile(r"\s*([\w-]+/[\w.+-]+)")
# Zero bytes, and all at which Python breaks lines besides the ends of lines of a mail.
_CONTROL = re.compile(r"[\x00\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# What Python reads; the files of a mail have many more types, those of drawings and fonts among them.
_KNOWN_TYPES = ("text", "multipart", "message", "application", "image", "audio", "video")
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
_BRACKETS = re.compile("<([^<>]*)>")
# Of a text that is in no encoding of its own: that of most programs, where it is not UTF-8.
_OTHER = "cp1252"


def mend_source(source):
    """Return the source of a mail without the mark that some programs put before a text: all after it would be body.

    >>> mend_source(b"\\xef\\xbb\\xbfFrom: a@x"), mend_source(b"From: a@x")
    (b'From: a@x', b'From: a@x')
    """
    return source.removeprefix(codecs.BOM_UTF8)


def mend_header(name, value):
    """Return the source of a header without zero bytes, and with the letters of bytes that nobody encoded.

    An address in brackets stands there without what programs put around it.

    :param value: as Python's parser keeps it, with such bytes as surrogates

    >>> mend_header("Subject", "a\\x00b"), mend_header("Subject", "Gr\\udcfc\\udcdfe")
    ('ab', 'Grüße')
    >>> mend_header("From", "Gr\\udcc3\\udcbc\\udcc3\\udc9fe <g@x>"), mend_header("To", "=?utf-8?q?a?= b")
    ('Grüße <g@x>', '=?utf-8?q?a?= b')
    >>> mend_header("From", "Ann <mailto:ann@x?subject=Re>"), mend_header("To", "<'o'neil@x'>, <>")
    ('Ann <ann@x>', "<o'neil@x>, <>")
    """
    value = _CONTROL.sub("", value)
    if name.lower() in _ADDRESSES:
        value = _BRACKETS.sub(_unwrap, value)
    if value.isascii() or name.lower() not in ("subject", *_ADDRESSES):
        return value
    raw = value.encode("utf-8", "surrogateescape")
    return raw.decode(_guess(raw), "replace")


def _unwrap(match):
    address = _unquote(match[1])
    if address[:7].lower() == "mailto:":
        address = _unquote(address[7:].partition("?")[0])
    return f"<{address}>" if "@" in address else match[0]


def _unquote(text):
    text = text.strip()
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] == "'" else text


def mend_unreadable(message):
    """Take out, or make readable, the headers at which Python's parser fails; tell whether there were any.

    :param message: an ``email.message.EmailMessage``, changed in place

    >>> from email import message_from_bytes, policy
    >>> message = message_from_bytes(b"From: Ann <ann@x.com>, b@[x.com\\n\\na", policy=policy.SMTP)
    >>> mend_unreadable(message), message["From"]
    (True, 'ann@x.com')
    >>> mend_unreadable(message)
    False
    """
    found = False
    for part in message.walk():
        for name in (*(_READ if part is message else ()), *_OF_PARTS):
            if _is_readable(part, name):
                continue
            found = True
            raw = next(value for key, value in part.raw_items() if key.lower() == name)
            del part[name]
            if name in _ADDRESSES and (addresses := _ADDRESS.findall(raw)):
                part[name] = ", ".join(addresses)
            elif name == "content-type" and (match := _TYPE.match(raw)):
                part[name] = match[1]
    return found


def _is_readable(part, name):
    try:
        for value in part.get_all(name, ()):
            str(value)
    except RecursionError:
        raise
    except Exception:
        return False
    return True


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
    return any(_is_mistyped(part) or _is_misread(part) for part in message.walk())


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
    >>> mended(b"Content-Type: model/step; name=a.step\\n\\nISO-10303-21;")
    b'ISO-10303-21;'
    """
    for part in message.walk():
        if _is_mistyped(part):
            _retype(part)
        if _is_misread(part):
            charset = _guess(part.get_payload(decode=True) or b"", _get_charset(part))
            part.del_param("charset")  # an empty one would stay, before the new one
            part.set_param("charset", charset)


def _is_mistyped(part):
    """Whether a part has a type that Python does not read, or is several parts and says so not, or the reverse."""
    maintype, _slash, subtype = part.get_content_type().partition("/")
    return (
        maintype not in _KNOWN_TYPES
        or not subtype
        or (maintype in ("multipart", "message")) != part.is_multipart()
    )


def _retype(part):
    maintype = part.get_content_maintype()
    if part.is_multipart():
        content_type = "multipart/mixed"
    elif maintype == "multipart" or not (
        part.get_filename() or part.get_content_disposition() or _is_binary(part)
    ):
        content_type = "text/plain"
    else:
        content_type = "application/octet-stream"
    name = part.get_filename()
    del part["Content-Type"]
    part["Content-Type"] = content_type
    if name and not part.is_multipart() and maintype != "multipart":
        part.set_param("name", name)


def _is_binary(part):
    raw = part.get_payload(decode=True) or b""
    return b"\0" in raw or not _reads(raw, "utf-8")


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
