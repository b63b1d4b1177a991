import psycopg2
import psycopg2.errors

TOO_LARGE = (
    psycopg2.errors.ProgramLimitExceeded,
    psycopg2.errors.StatementTooComplex,
    psycopg2.errors.TooManyColumns,
    psycopg2.errors.TooManyArguments,
)


def is_passing(error):
    """Tell whether an error is of the moment: another transaction in the way, the database away, or its disk full.

    Nothing is known of the record in hand then, and the work is to be done again. Anything else comes back each time.
    So does what is too large for the database (class 54 of SQLSTATE, such as a text too long for its index), which
    psycopg2 counts among the operational errors.

    >>> is_passing(psycopg2.errors.SerializationFailure())
    True
    >>> is_passing(psycopg2.OperationalError("server closed the connection"))
    True
    >>> is_passing(psycopg2.errors.NotNullViolation())
    False
    >>> is_passing(psycopg2.errors.ProgramLimitExceeded())
    False
    >>> is_passing(ValueError())
    False
    """
    return isinstance(error, psycopg2.OperationalError) and not isinstance(error, TOO_LARGE)
