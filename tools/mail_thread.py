"""Threads of letters: whose answer a letter is, by its references or, without them, by its subject."""

import re
import unicodedata
from email.header import decode_header, make_header

# What mail programs of the world put before the subject that is answered or forwarded. Words that begin ordinary
# subjects too, such as "Ref:", are left out.
_WORDS = (
    "re", "fw", "fwd", "forward", "forwarded",
    "aw", "antw", "antwort", "wg", "weitergeleitet",  # German
    "antwoord", "doorst",  # Dutch
    "sv", "svar", "vs", "vb", "vl", "videresendt",  # Scandinavia, Finland
    "rép", "réf", "tr", "transféré",  # French
    "r", "rif", "i", "rv", "res", "enc",  # Italian, Spanish, Portuguese
    "odp", "pd", "vá", "továbbítás", "továbbítva", "ynt", "ilt", "atb", "bls", "trs",
    "отв", "ответ", "пересл", "на", "απ", "σχετ", "πρθ",
    "trả lời", "hồi âm", "chuyển tiếp",  # Vietnamese
    "回复", "回覆", "答复", "答覆", "转发", "轉寄", "轉發", "返信", "転送", "답장", "회신", "전달", "رد", "إعادة توجيه",
    "תגובה", "השב", "הועבר", "ตอบกลับ", "ส่งต่อ", "balas", "terusan",
)  # fmt: skip
# With a counter, "Re[2]:", "Re^2:", "Re(2):", "Re2:"; a space before the colon is French, ":" may be wide.
_PREFIX = re.compile(
    rf"^(?:{'|'.join(re.escape(word) for word in sorted(_WORDS, key=len, reverse=True))})"
    r"(?:\s?\[\d+\]|\s?\(\d+\)|\^\d+|\d+)?\s?[:：]\s*",
    re.IGNORECASE,
)
_TAG = re.compile(r"^\[[^\[\]:]{1,60}\]\s*")
_WRAPPED = re.compile(r"^\[\s*fwd?:\s*(.*)\]$", re.IGNORECASE)
_FORWARDED = re.compile(r"\s*\(fwd?\)$", re.IGNORECASE)
_ID = re.compile(r"<([^<>]+)>")


# A line of a mail has at most 998 characters (RFC 5322); each prefix that is taken off costs a look at the rest.
MAX_SUBJECT = 2_000
MAX_HEADER = 100_000


def _normalize(subject):
    text = unicodedata.normalize("NFC", str(subject or "")[:MAX_SUBJECT])
    # marks of the direction of writing, which some programs put around the prefix
    return " ".join("".join(char for char in text if unicodedata.category(char) != "Cf").split())


def base_subject(subject):
    """Return a subject without the prefixes of answers and forwards, the same for all letters of a thread.

    Tags of lists and tickets in brackets stay.

    >>> base_subject("Re: AW: Fwd: Delivery")
    'Delivery'
    >>> base_subject("RE[2] : Trả lời: [Ticket 5] Re: Delivery (fwd)")
    '[Ticket 5] Delivery'
    >>> base_subject("回复：报价")
    '报价'
    >>> base_subject("Ref: 4711")
    'Ref: 4711'
    >>> base_subject(None)
    ''
    """
    rest, tags = _normalize(subject), []
    while True:
        before = rest
        rest = _PREFIX.sub("", rest, count=1)
        rest = _FORWARDED.sub("", rest)
        wrapped = _WRAPPED.match(rest)
        if wrapped:
            rest = wrapped[1]
        tag = _TAG.match(rest)
        if tag:
            if tag[0].strip() not in tags:
                tags.append(tag[0].strip())
            rest = rest[tag.end() :]
        if rest == before:
            return " ".join([*tags, rest]).strip()


def is_answer(subject):
    """Tell whether a subject has the prefix of an answer or a forward.

    >>> is_answer("Re: Delivery"), is_answer("[Ticket 5] AW: Delivery"), is_answer("Delivery")
    (True, True, False)
    """
    text = _normalize(subject)
    return bool(text) and base_subject(text) != text


def clean_message_ids(header):
    """Return the Message-IDs of a ``References``, ``In-Reply-To`` or ``Message-ID`` header, each once, in their order.

    Folded, encoded, without brackets, or with words around them: programs write all of that.

    >>> clean_message_ids("<a@x> (comment)\\n <b@x> <a@x>")
    ['<a@x>', '<b@x>']
    >>> clean_message_ids("<long\\n part@x>")
    ['<longpart@x>']
    >>> clean_message_ids("a@x, b@x")
    ['<a@x>', '<b@x>']
    >>> clean_message_ids(None)
    []
    """
    if not header:
        return []
    if isinstance(header, (list, tuple)):
        header = " ".join(map(str, header))
    # the last ones are nearest
    header = str(header)[-MAX_HEADER:]
    text = header
    if "=?" in text:
        try:
            text = str(make_header(decode_header(text)))
        except Exception:
            text = str(header)
    found = ["".join(one.split()) for one in _ID.findall(text)]
    if not found:
        found = [one.strip("<>\"'") for one in re.split(r"[\s,;]+", text) if "@" in one]
    return list(dict.fromkeys(f"<{one}>" for one in found if one))
