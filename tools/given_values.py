"""What a caller gives for fields that only the addon writes, on models of core, is not taken."""


def without_fields(vals, names):
    """Return values without those of these fields; the same object if it has none of them.

    >>> vals = {"name": "A", "cost": 1}
    >>> without_fields(vals, {"cost"}), without_fields(vals, {"price"}) is vals
    ({'name': 'A'}, True)
    """
    if vals.keys().isdisjoint(names):
        return vals
    return {name: value for name, value in vals.items() if name not in names}
