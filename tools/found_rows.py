class FoundRows:
    """Rows that a search of a user found, and that this user may read therefore, for the time of one call.

    It stands in the context, where no client can put an object of the server.
    """

    def __init__(self, records):
        self._model, self._ids = records._name, frozenset(records._ids)
        self._rights = self._get_rights(records.env)

    @staticmethod
    def _get_rights(env):
        return env.uid, env.su, env.companies._ids

    def covers(self, records):
        return (
            self._model == records._name
            and self._rights == self._get_rights(records.env)
            and self._ids.issuperset(records._ids)
        )
