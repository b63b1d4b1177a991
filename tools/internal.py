class _Internal:
    """The type of :data:`INTERNAL`, of which there is one only."""

    def __repr__(self):
        return "INTERNAL"

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


INTERNAL = _Internal()
"""What a key of the context holds by which code of the addon tells other code of it that checks are done.

A client sends its context with each call, so a key that is only true would let anybody switch the checks off.
This very object cannot be sent: ``context.get(key) is INTERNAL`` is code of the server.
"""
