import errno

import psycopg2
import psycopg2.errors

from odoo.exceptions import ConcurrencyError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

TOO_LARGE = (
    psycopg2.errors.ProgramLimitExceeded,
    psycopg2.errors.StatementTooComplex,
    psycopg2.errors.TooManyColumns,
    psycopg2.errors.TooManyArguments,
)
# The machine has no room or no more files to give.
FULL = (errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOSPC)


def is_conflict(error):
    """Tell whether an error is that of another transaction at the same rows, or was raised from such a one.

    >>> is_conflict(psycopg2.errors.SerializationFailure())
    True
    >>> is_conflict(psycopg2.errors.QueryCanceled())
    False
    >>> try:
    ...     raise ValueError("The template cannot be rendered") from psycopg2.errors.DeadlockDetected()
    ... except ValueError as error:
    ...     is_conflict(error)
    True
    """
    if isinstance(error, (ConcurrencyError, *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY)):
        return True
    return error.__cause__ is not None and is_conflict(error.__cause__)


def is_passing(error):
    """Tell whether an error is of the moment: another transaction in the way, the database away, or its disk full.

    Nothing is known of the record in hand then, and the work is to be done again. Anything else comes back each time.
    So does what is too large for the database (class 54 of SQLSTATE, such as a text too long for its index), which
    psycopg2 counts among the operational errors. An error that was raised from such a one, as Odoo does with what fails
    in a template, is one too.

    >>> is_passing(psycopg2.errors.SerializationFailure())
    True
    >>> is_passing(psycopg2.OperationalError("server closed the connection"))
    True
    >>> is_passing(OSError(errno.ENOSPC, "No space left on device"))
    True
    >>> is_passing(FileNotFoundError(errno.ENOENT, "No such file"))
    False
    >>> is_passing(psycopg2.errors.NotNullViolation())
    False
    >>> is_passing(psycopg2.errors.ProgramLimitExceeded())
    False
    >>> is_passing(ValueError())
    False
    >>> try:
    ...     raise ValueError("The template cannot be rendered") from OSError(errno.ENOSPC, "No space left on device")
    ... except ValueError as error:
    ...     is_passing(error)
    True
    """
    if isinstance(error, OSError):
        passing = error.errno in FULL
    else:
        kinds = (psycopg2.OperationalError, psycopg2.InterfaceError, ConcurrencyError, MemoryError)
        passing = isinstance(error, kinds) and not isinstance(error, TOO_LARGE)
    return passing or (error.__cause__ is not None and is_passing(error.__cause__))
