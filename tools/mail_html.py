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
    if not body or len(body) <= MAX_OPEN:
        return body
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
