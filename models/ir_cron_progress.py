import logging

from psycopg2.errors import DeadlockDetected, SerializationFailure

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError

from ..tools.apart import apart

_logger = logging.getLogger(__name__)

# Two workers that start together meet at each part until one is ahead.
MAX_CONFLICTS = 20


class IrCronProgress(models.Model):
    """Which parts of a job had their turn, so that a job that is cut off goes on with the others.

    Odoo calls a job that tells of something remaining again and again, and after ten seconds stops it at each commit. A
    job that begins with its first part each time never comes to the last one. A *round* lasts until nothing remains;
    what had its turn in it, whether it failed or not, does not get another one before the round is over. The keys of
    turns that depend on a day name it, as a round may go on on the next one.
    """

    _inherit = "ir.cron.progress"

    relations_turns = fields.Json(
        string="Parts Done", readonly=True, help="Keys of the parts of the job that had their turn."
    )
    relations_is_over = fields.Boolean(
        string="Round Over", readonly=True, help="No part of the job was waiting for its turn any more."
    )

    @api.model
    def _get_turns(self):
        """Keys of the parts of the running job that had their turn in this round; none outside of a job."""
        # sudo: what the running job itself wrote
        progress = self.sudo().browse(self.env.context.get("ir_cron_progress_id"))
        if not progress:
            return set()
        domain = [("cron_id", "=", progress.cron_id.id)]
        over = self.sudo().search([*domain, ("relations_is_over", "=", True)], order="id desc", limit=1)
        loops = self.sudo().search([*domain, ("id", ">", over.id or 0)])
        return {key for loop in loops for key in loop.relations_turns or ()}

    @api.model
    def _commit_turn(self, keys=(), *, remaining, processed=1):
        """Commit what was done and that these parts had their turn; the round is over when nothing remains.

        :return: seconds left for the job, see ``_commit_progress``
        """
        # sudo: as above
        progress = self.sudo().browse(self.env.context.get("ir_cron_progress_id"))
        if progress:
            turns = [*(progress.relations_turns or ()), *keys]
            progress.write({"relations_turns": turns, "relations_is_over": not remaining})
        return self.env["ir.cron"]._commit_progress(processed, remaining=remaining)

    @api.model
    def _take_turns(self, tasks):
        """Do those parts of a job that had no turn in this round yet, each committed, until the time is up.

        A part that fails is undone and logged, and had its turn. One that meets another worker begins anew.

        :param tasks: ``(keys, name for the log, function)``; a function that returns True has more to do
        """
        had = self._get_turns()
        waiting = [task for task in tasks if not had.issuperset(task[0])]
        remaining = len(waiting)
        self._commit_turn(remaining=remaining, processed=0)
        for keys, name, function in waiting:
            has_more = True
            while has_more:
                has_more = self._do_turn(name, function)
                remaining -= not has_more
                left = self._commit_turn(() if has_more else keys, remaining=remaining)
                if remaining and not left:
                    return

    @api.model
    def _do_turn(self, name, function):
        """Call ``function``; again where another worker was at the same rows: what it did is seen then."""
        for _attempt in range(MAX_CONFLICTS):
            try:
                has_more = False
                with apart(self.env, name):
                    has_more = function() is True
            except (ConcurrencyError, DeadlockDetected, SerializationFailure):
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
            else:
                return has_more
        _logger.warning(
            "%s: others were at the same rows %s times; left to the next run", name, MAX_CONFLICTS
        )
        return False
