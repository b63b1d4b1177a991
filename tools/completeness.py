"""What counts as filled and valid, and the percentage made of it.

The patterns hold for Python's ``re.search`` and PostgreSQL's ``~`` alike, so that a search in the
database and the figure on the screen cannot differ.
"""

import re

# e-mail as core normalises it: one address, no display name, lower case
EMAIL = r"^[^@ ]+@[^@ ]+[.][^@ .]{2,}$"
# as core sanitises it: +84..., or as typed where the library that checks numbers is not installed
# brackets before a plus only: two ways to read them would take a time that grows with the square of their number
PHONE = r"^(?:[ (]*[+])?([ ./()-]*[0-9]){7,15}[ ./()-]*$"
# core: "/" states that the partner is not subject to tax
TAX_ID = r"^ */ *$|([0-9][^0-9]*){5,}"
TEXT = r"[^ \t\r\n]"


def matches(pattern, value):
    """Tell whether ``value`` is filled and valid."""
    return bool(value) and re.search(pattern, value) is not None


def percentage(filled, total):
    """Return the share of the weight in percent, rounded half up to two decimals; 0 without weights.

    In whole numbers, as the database does it, so both round alike.

    >>> percentage(3, 8), percentage(3, 11), percentage(11, 11)
    (37.5, 27.27, 100.0)
    """
    return (20000 * filled + total) // (2 * total) / 100 if total else 0.0
