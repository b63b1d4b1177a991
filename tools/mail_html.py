"""HTML of letters that is made to keep whoever cleans it busy."""

import re

# Below it, the square of the length is little.
MAX_OPEN = 20_000
_OPEN = re.compile(r"<(?=[^<>]*(?:<|\Z))")


def close_tags(body):
    """Return HTML with the signs that open a tag which nothing closes as text.

    The first of core's expressions for HTML takes the square of the length of what such tags stand in.

    >>> close_tags("<" * 3), close_tags("<" * 30_000) == "&lt;" * 30_000, close_tags(False)
    ('<<<', True, False)
    >>> close_tags("<p>a</p>" * 10_000) == "<p>a</p>" * 10_000
    True
    >>> hidden = "<p>a</p>" * 10_000 + "<!-- <p>b</p> -->"
    >>> close_tags(hidden) == hidden, close_tags("<!--" * 10_000 + "-->") == "<!--" + "&lt;!--" * 9_999 + "-->"
    (True, True)
    """
    return body if not body or len(body) <= MAX_OPEN else _close(body)


def _close(body):
    # a comment is closed by its own sign; what is in it is looked at by itself
    text, parts, place = str(body), [], 0
    while (start := text.find("<!--", place)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        parts += [
            _OPEN.sub("&lt;", text[place:start]),
            "<!--",
            _OPEN.sub("&lt;", text[start + 4 : end]),
            "-->",
        ]
        place = end + 3
    parts.append(_OPEN.sub("&lt;", text[place:]))
    # the class of the text is kept: it may be trusted HTML
    return type(body)("".join(parts))


def close_parts(message):
    """Close the tags of the HTML texts of a mail, which core cleans, or joins, while it reads the mail.

    Many short texts are as long as a long one. Files stay as they came.

    :param message: an ``email.message.EmailMessage``, changed in place

    >>> from copy import deepcopy
    >>> from email.message import EmailMessage
    >>> message = EmailMessage()
    >>> message.set_content("<" * 15_000, subtype="html")
    >>> message.add_attachment("<" * 30_000, subtype="html", filename="a.html")
    >>> close_parts(message)
    >>> [part.get_content().count("&lt;") for part in message.iter_parts()]
    [0, 0]
    >>> message.attach(deepcopy(next(message.iter_parts())))
    >>> close_parts(message)
    >>> [part.get_content().count("&lt;") for part in message.iter_parts()]
    [15000, 0, 15000]
    """
    texts = {
        part: part.get_content()
        for part in message.walk()
        if part.get_content_type() == "text/html" and (part is message or not _is_file(part))
    }
    if sum(map(len, texts.values())) <= MAX_OPEN:
        return
    for part, text in texts.items():
        closed = _close(text)
        if closed != text:
            part.set_content(closed, subtype="html", cte="base64")


def _is_file(part):
    return bool(part.get_filename()) or part.get_content_disposition() == "attachment"
