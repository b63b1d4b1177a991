"""Headers of mails have one line each, whatever was written into a name or a subject."""

import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header

# All at which Python breaks lines.
_BREAKS = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")


def one_line(text):
    """Return a text with a blank for each line break, and as it stands if it is an encoded one (RFC 2047).

    What is no text stays.

    >>> one_line("Offer\\r\\nBcc: somebody@example.com")
    'Offer Bcc: somebody@example.com'
    >>> one_line("=?utf-8?q?Offer=0D=0ABcc:_somebody@example.com?= <ann@example.com>")
    '= ?utf-8?q?Offer=0D=0ABcc:_somebody@example.com? = <ann@example.com>'
    >>> one_line("=?utf-8?q?=C3=81nn?= <ann@example.com>")
    '=?utf-8?q?=C3=81nn?= <ann@example.com>'
    >>> one_line(False)
    False
    """
    if not isinstance(text, str):
        return text
    text = _BREAKS.sub(" ", text)
    return _as_it_stands(text) if "=?" in text and _is_broken(text) else text


def _is_broken(text):
    try:
        return bool(_BREAKS.search(str(make_header(decode_header(text)))))
    except (HeaderParseError, LookupError, ValueError):
        return True


def _as_it_stands(text):
    return text.replace("=?", "= ?").replace("?=", "? =")


def clean_headers(message):
    """Take the line breaks out of the headers of a message and its attachments, also encoded ones.

    :param message: an ``email.message.EmailMessage``, changed in place

    >>> from email.message import EmailMessage
    >>> message = EmailMessage()
    >>> message["Subject"] = "=?utf-8?q?Offer=0D=0ABcc:_somebody@example.com?="
    >>> message["To"] = ['"Ann\\r\\nX-Evil: 1" <ann@example.com>', '"Bob, Jr." <bob@example.com>']
    >>> clean_headers(message)
    >>> print(message.as_string().strip())
    Subject: Offer Bcc: somebody@example.com
    To: "Ann X-Evil: 1" <ann@example.com>, "Bob, Jr." <bob@example.com>

    A word that is encoded twice is not decoded again:

    >>> message.replace_header("Subject", "=?utf-8?q?a=0A=3D=3Futf-8=3Fq=3Fb=3D0Ac=3F=3D?=")
    >>> clean_headers(message)
    >>> print(message["Subject"])
    a = ?utf-8?q?b=0Ac? =
    """
    for part in (message, *message.iter_attachments()):
        for name, value in part.items():
            text = str(value)
            # what is encoded in the name of an address is decoded when the message is written
            if _BREAKS.search(text) or ("=?" in text and _is_broken(text)):
                part.replace_header(name, _as_it_stands(_BREAKS.sub(" ", text)))
