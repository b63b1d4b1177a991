"""Sums and ratios of figures that may be unknown: what is not there is None, never 0."""


def known(value):
    """Return an amount as the ORM or the database gives it; None if there is none.

    >>> known(False), known(None), known(0.0)
    (None, None, 0.0)
    """
    return None if value is None or value is False else value


def add(values):
    """Return the sum of what is known; None if nothing is.

    >>> add([1, None, 2]), add([None]), add([])
    (3, None, None)
    """
    values = [value for value in values if value is not None]
    return sum(values) if values else None


def ratio(part, whole):
    """Return a ratio; None where there is nothing to compare, or nothing to compare it with.

    >>> ratio(1, 4), ratio(None, 4), ratio(1, 0)
    (0.25, None, None)
    """
    return None if part is None or not whole else part / whole
