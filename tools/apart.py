"""One record's failure does not stop the others."""

import logging
from contextlib import contextmanager
from functools import partial

from odoo.exceptions import UserError

from .passing_errors import is_passing

_logger = logging.getLogger(__name__)
# what it has of an error is shown to an administrator who runs a job by hand
_jobs_logger = logging.getLogger("odoo.addons.base.models.ir_cron")


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
        if is_passing(error):
            raise
        if isinstance(error, UserError):
            _logger.warning("%s: %s", name, error)
        else:
            logger = _jobs_logger if env.context.get("ir_cron_progress_id") else _logger
            logger.exception("%s failed", name)
        if tell:
            tell(str(error) or repr(error))


def each_apart(env, records, function, name, tell=None):
    """Call ``function`` for all records at once; where that fails, for each by itself, so that only its own fails.

    :param function name: gives the name of a record for the log
    :param function tell: called with the name and the text of the error, once what failed is undone
    """
    try:
        with env.cr.savepoint():
            function(records)
    except Exception as error:
        if is_passing(error):
            raise
        for record in records:
            its_name = name(record)
            with apart(env, its_name, tell and partial(tell, its_name)):
                function(record)
