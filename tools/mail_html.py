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
    """
    if not body or len(body) <= MAX_OPEN:
        return body
    # the class of the text is kept: it may be trusted HTML
    return type(body)(_OPEN.sub("&lt;", body))
