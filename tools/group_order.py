def in_order(selection):
    """For ``group_expand``: the groups that there are, in the order of the selection instead of that of its keys."""

    def expand(_model, values, _domain):
        return [key for key, _label in selection if key in values]

    return expand
