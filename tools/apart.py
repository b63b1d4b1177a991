"""One record's failure does not stop the others."""

import errno
import logging
from contextlib import contextmanager

from psycopg2 import InterfaceError, OperationalError

from odoo.exceptions import ConcurrencyError, UserError

_logger = logging.getLogger(__name__)
# what it has of an error is shown to an administrator who runs a job by hand
_jobs_logger = logging.getLogger("odoo.addons.base.models.ir_cron")

# The machine has no room or no more files to give.
FULL = {errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOSPC}


def concerns_all(error):
    """Whether what follows would fail as well, or what failed is to be repeated: not the fault of a record.

    >>> concerns_all(ValueError("a field that is gone")), concerns_all(OSError(errno.ENOSPC, "disk full"))
    (False, True)
    """
    if isinstance(error, OSError):
        return error.errno in FULL
    return isinstance(error, OperationalError | InterfaceError | ConcurrencyError | MemoryError)


@contextmanager
def apart(env, name, tell=None):
    """Undo what fails inside and log it under a name, so that what follows goes on.

    Errors of the database and of the machine go through, and so do conflicts of two transactions.

    :param str name: whose failure it is
    :param function tell: called with the text of the error, once everything is undone
    """
    try:
        with env.cr.savepoint():
            yield
    except Exception as error:
        if concerns_all(error):
            raise
        if isinstance(error, UserError):
            _logger.warning("%s: %s", name, error)
        else:
            logger = _jobs_logger if env.context.get("ir_cron_progress_id") else _logger
            logger.exception("%s failed", name)
        if tell:
            tell(str(error) or repr(error))


def each_apart(env, records, function, name):
    """Call ``function`` for all records at once; where that fails, for each by itself, so that only its own fails.

    :param function name: gives the name of a record for the log
    """
    try:
        with env.cr.savepoint():
            function(records)
    except Exception as error:
        if concerns_all(error):
            raise
        for record in records:
            with apart(env, name(record)):
                function(record)
