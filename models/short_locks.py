"""Installation and update while users are at work.

Odoo keeps one transaction from the first change of a table to the end of the installation, so whoever opens a contact
or an order waits for all of the addon's views and records. Here each change of a table of Odoo's own is committed at
once: users wait for one statement at a time. An installation that fails later leaves empty columns and tables behind,
which the next one goes on with.
"""

from odoo import models

ADDON = "partner_relations"


def release_locks(record):
    """Commit what the installation or update of this addon did so far; nothing at any other moment.

    ``module`` stands in the context while Odoo makes the tables of a module, and never in that of a request.
    """
    if record.env.context.get("module") == ADDON:
        record.env.cr.commit()  # pylint: disable=invalid-commit


def _get_extended_models():
    """Names of the models of others whose tables this addon may change."""
    classes = [
        cls
        for cls in models.MetaModel._module_to_models__[ADDON]
        if issubclass(cls, models.Model) and not cls._transient
    ]
    own = {cls._name for cls in classes if cls._name not in cls._inherit}
    return sorted({cls._name for cls in classes} - own)


def _extend(name):
    def init(self):
        """Release the table as soon as its columns are there."""
        super(extension, self).init()
        release_locks(self)

    extension = type(models.Model)(
        "ShortLocks", (models.Model,), {"__module__": __name__, "_inherit": name, "init": init}
    )


for _name in _get_extended_models():
    _extend(_name)
