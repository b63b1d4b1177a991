"""Installation while users are at work.

Odoo keeps one transaction from the first change of a table to the end of the installation, so whoever opens a contact
or an order waits for all of the addon's views and records. Here each change of a table of Odoo's own is committed at
once: users wait for one statement at a time. An installation that fails later leaves empty columns and tables behind,
which the next one goes on with. An update stays one transaction, as its migrations are not made to run twice.
"""

from odoo import models

ADDON = "partner_relations"


def is_installing(record):
    """Whether Odoo is making the tables of this addon for the first time; never so in a request."""
    return record.env.context.get("module") == ADDON and getattr(record.pool, "_is_install", False)


def release_locks(record):
    """Commit what the installation of this addon did so far; nothing at any other moment."""
    if is_installing(record):
        record.env.cr.commit()  # pylint: disable=invalid-commit


def get_extended_models():
    """Names of the models of others whose tables this addon may change.

    Their fields must not be ``required``: the columns of an installation that failed would keep an Odoo that does not
    know them from creating records.
    """
    classes = [
        cls
        for cls in models.MetaModel._module_to_models__[ADDON]
        if issubclass(cls, models.Model) and not cls._transient
    ]
    own = {cls._name for cls in classes if cls._name not in cls._inherit}
    return sorted({cls._name for cls in classes} - own)


def _extend(name):
    def _add_sql_constraints(self):
        """Columns first, which lock out readers; then each index by itself, which keeps writers waiting."""
        if not is_installing(self):
            return super(extension, self)._add_sql_constraints()
        release_locks(self)
        for table_object in self._table_objects.values():
            table_object.apply_to_database(self)
            release_locks(self)

    def init(self):
        """The indexes of fields now, and not together with those of all other tables."""
        super(extension, self).init()
        if is_installing(self):
            release_locks(self)
            self.pool.check_indexes(self.env.cr, [self._name])
            release_locks(self)

    extension = type(models.Model)(
        "ShortLocks",
        (models.Model,),
        {
            "__module__": __name__,
            "_inherit": name,
            "_add_sql_constraints": _add_sql_constraints,
            "init": init,
        },
    )


for _name in get_extended_models():
    _extend(_name)
