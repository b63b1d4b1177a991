"""HTML of letters that is made to keep whoever cleans it busy.

What core does with the texts of a mail takes the square of several things: what tags stand in that nothing closes, the
elements side by side in which it looks for quotes, the quotes in one text, the words of a style, the texts that it
joins. What is taken out here is beyond all that people and programs write in earnest; other mail stays as it came.
"""

import re

from lxml import etree, html

from odoo.tools.mail import fromstring

# Below it, the square of the length is little.
MAX_OPEN = 20_000
# What stands between the ends of two tags, with the beginnings of several in it.
MAX_STRETCH = 1_000
# The squares of the numbers of elements side by side, together; those of some are little.
MAX_SIDE_BY_SIDE = 2_000
SOME = 50
MAX_QUOTES = 5_000
# A picture may stand in a style, in one word of letters and figures that a slash or a plus parts here and there.
MAX_WORD = 1_000
# Of many texts that are joined, each time the HTML of one more is cleaned.
MAX_TEXTS = 30
MAX_JOINED = 3_000_000
# Python's decoders of names of domains take the square of the length; no text is in them.
SLOW_CHARSETS = ("punycode", "idna")

_OPEN = re.compile(r"<(?=[^<>]*(?:<|\Z))")
_QUOTE = re.compile(r"\n(?=>)")
# Lines of quotes, one after the other, that core takes for one.
_QUOTES = re.compile(r"(?:\n>[^\n\r]*)+")
_WORD = re.compile(rf"[\w-]{{{MAX_WORD},}}")
# Tags of Outlook's that core takes out before it looks.
_OUTLOOK = re.compile(r"</?o:.*?>")
# What core takes out as well, as lxml reads no text that says how it is encoded.
_DECLARATION = re.compile(r"^(?:\s*<\?xml[^>]*>)+")
_SIGNATURE = re.compile(r"(?:^|\n)--(?=\s?$)")
# What core takes for quotes, and marks them with.
_MARKS = ("class", "id", "data-o-mail-quote", "data-o-mail-quote-container", "data-o-mail-quote-node")


def calm_html(text, share=1):
    """Return HTML in which core has nothing to look for that takes it long; other HTML as it stands.

    The signs that open a tag which nothing closes become text.

    :param share: how many texts are joined; together they have no more than one

    >>> calm_html("<" * 3), calm_html("<" * 30_000) == "&lt;" * 30_000
    ('<<<', True)
    >>> calm_html("<p>a</p>" * 10_000) == "<p>a</p>" * 10_000
    True
    >>> hidden = "<p>a</p>" * 10_000 + "<!-- <p>b</p> -->"
    >>> calm_html(hidden) == hidden, calm_html("<!--" * 10_000 + "-->") == "<!--" + "&lt;!--" * 9_999 + "-->"
    (True, True)

    Of very many elements side by side, none is a quote; nor is one of very many quotes.

    >>> quotes = '<i class="gmail_extra">a</i>' * 1_200
    >>> calm_html(f"<p>{quotes}</p>") == f"<p>{quotes}</p>"
    True
    >>> calm_html(f"<p>{quotes}</p>", 2) == "<p>" + "<i>a</i>" * 1_200 + "</p>"
    True
    >>> calm_html("<pre>" + "\\n&gt;a\\n" * 6_000 + "</pre>") == "<pre>" + "\\n &gt;a\\n" * 6_000 + "</pre>"
    True
    >>> calm_html("<p>" + "\\n&gt;a<br>" * 3_000 + "</p>", 2) == "<p>" + "\\n &gt;a<br>" * 3_000 + "</p>"
    True
    >>> calm_html('<p style="color:red;' + "a" * 30_000 + '">a</p>')
    '<p style="color:red;">a</p>'
    """
    return _loosen(_close(text), share)


def _close(text):
    """Close the tags of a text."""
    if not any(len(stretch) > MAX_STRETCH and stretch.count("<") > 1 for stretch in text.split(">")):
        return text
    # a comment is closed by its own sign; what is in it is looked at by itself
    parts, place = [], 0
    while (start := text.find("<!--", place)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        parts += [
            _OPEN.sub("&lt;", text[place:start]),
            "<!--",
            _OPEN.sub("&lt;", text[start + 4 : end]),
            "-->",
        ]
        place = end + 3
    parts.append(_OPEN.sub("&lt;", text[place:]))
    return "".join(parts)


def _loosen(text, share):
    """Take quotes and long words out of HTML that has too many of them; its tags are closed already."""
    work = []
    if text.count("<") - text.count("</") > MAX_SIDE_BY_SIDE // share:
        work.append(_unmark_siblings)
    if text.count("\n") + text.count("&#") > MAX_QUOTES // share:
        work.append(_unquote)
    if any(len(stretch) > MAX_STRETCH and "style" in stretch.lower() for stretch in text.split(">")):
        work.append(_cut_styles)
    try:
        document = _read_html(text) if work else None
    except (etree.ParserError, ValueError):
        return text
    changes = [change(list(document.iter(etree.Element)), share) for change in work]
    return html.tostring(document, encoding="unicode") if any(changes) else text


def _read_html(text):
    return fromstring(_DECLARATION.sub("", _OUTLOOK.sub("", text.replace("\0", ""))))[0]


def _unmark_siblings(elements, share):
    parents = [element for element in elements if len(element) > SOME // share]
    if sum(len(parent) ** 2 for parent in parents) <= (MAX_SIDE_BY_SIDE // share) ** 2:
        return False
    changed = False
    for parent in parents:
        for element in (parent, *parent.iterchildren(etree.Element)):
            for mark in _MARKS:
                changed |= element.attrib.pop(mark, None) is not None
            if element.text and _SIGNATURE.search(element.text):
                element.text = _SIGNATURE.sub("\n- -", element.text)
                changed = True
    return changed


def _unquote(elements, share):
    texts = [(element, name) for element in elements for name in ("text", "tail") if getattr(element, name)]
    if sum(_count_quotes(getattr(element, name)) for element, name in texts) <= MAX_QUOTES // share:
        return False
    for element, name in texts:
        setattr(element, name, _QUOTE.sub("\n ", getattr(element, name)))
    return True


def _count_quotes(text):
    return sum(1 for _quote in _QUOTES.finditer(text))


def _cut_styles(elements, _share):
    changed = False
    for element in elements:
        style = element.get("style") or ""
        if (cut := _WORD.sub("", style)) != style:
            element.set("style", cut)
            changed = True
    return changed


def calm_parts(message):
    """Calm the texts of a mail, which core cleans, or joins, while it reads the mail.

    Many short texts are as long as a long one; the last of very many become files. Files stay as they came.

    :param message: an ``email.message.EmailMessage``, changed in place

    >>> from copy import deepcopy
    >>> from email.message import EmailMessage
    >>> message = EmailMessage()
    >>> message.set_content("<" * 15_000, subtype="html")
    >>> message.add_attachment("<" * 30_000, subtype="html", filename="a.html")
    >>> calm_parts(message)
    >>> [part.get_content().count("&lt;") for part in message.iter_parts()]
    [0, 0]
    >>> message.attach(deepcopy(next(message.iter_parts())))
    >>> calm_parts(message)
    >>> [part.get_content().count("&lt;") for part in message.iter_parts()]
    [15000, 0, 15000]
    """
    # the encoded is never shorter than the text
    parts = [part for part in message.walk() if not part.is_multipart()]
    if sum(len(part.get_payload() or "") for part in parts) <= MAX_OPEN:
        return
    texts = [
        part
        for part in parts
        # core takes a mail of any one text for what it says
        if (part is message and part.get_content_maintype() == "text")
        or (part.get_content_type() in ("text/plain", "text/html") and not _is_file(part))
    ]
    if sum(len(part.get_payload()) for part in texts) <= MAX_OPEN:
        return
    for part in texts:
        if part.get_content_charset() in SLOW_CHARSETS:
            part.set_param("charset", "utf-8")
    texts = {part: text for part in texts if (text := _read_text(part)) is not None}
    share = sum(part.get_content_subtype() == "html" for part in texts)
    length = joined = number = 0
    for part, text in texts.items():
        length += len(text)
        if part.get_content_subtype() != "html":
            calm = _QUOTE.sub("\n ", text) if _count_quotes(text) > MAX_QUOTES else text
            if part.get_content_subtype() != "plain":
                calm = calm_html(calm)
        else:
            joined += length
            number += 1
            if number > MAX_TEXTS and joined > MAX_JOINED:
                del part["Content-Disposition"]
                part.add_header("Content-Disposition", "attachment", filename=f"{number}.html")
                continue
            calm = calm_html(text, share)
        if calm != text:
            # as it will be written, a quote may stand where none stood
            calm = re.sub(r"\r\n?", "\n", calm)
            calm = calm_html(calm, share) if part.get_content_subtype() == "html" else _QUOTE.sub("\n ", calm)
            part.set_content(calm, subtype=part.get_content_subtype(), cte="base64")


def _is_file(part):
    # as core tells it, for which capitals make a difference
    disposition = str(part.get("Content-Disposition") or "")
    return bool(part.get_filename()) or disposition.strip().startswith("attachment")


def _read_text(part):
    try:
        return part.get_payload(decode=True).decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):
        # in no encoding that Python knows: core does not read it either
        return None
