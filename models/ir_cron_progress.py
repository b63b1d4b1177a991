import logging
from collections import Counter
from datetime import timedelta
from functools import partial

from odoo import api, fields, models

from ..tools.apart import apart
from ..tools.passing_errors import is_conflict

_logger = logging.getLogger(__name__)

# Two workers that start together meet at each part until one is ahead.
MAX_CONFLICTS = 20
# A part in which the server is killed so often in a round, as by its limit of time, is left to the next round.
MAX_KILLS = 3
# A failure is told at most once in this time, and at most so many of a job; the log has all.
TOLD_AGAIN = timedelta(hours=20)
MAX_TOLD = 10
# What the key begins with by which a break is known.
BROKE = "broke "


def _get_break(keys):
    """By what is known that a part broke the job off in this round."""
    return BROKE + " ".join(keys)


class IrCronProgress(models.Model):
    """Which parts of a job had their turn, so that a job that is cut off goes on with the others.

    Odoo calls a job that tells of something remaining again and again, and after ten seconds stops it at each commit. A
    job that begins with its first part each time never comes to the last one. A *round* lasts until nothing remains;
    what had its turn in it, whether it failed or not, does not get another one before the round is over. The keys of
    turns that depend on a day name it, as a round may go on on the next one. A part in which the server was killed, or
    that broke the job off, comes after the others, and when that happens again, it had its turn, too.
    """

    _inherit = "ir.cron.progress"

    relations_turns = fields.Json(
        string="Parts Done", readonly=True, help="Keys of the parts of the job that had their turn."
    )
    relations_is_over = fields.Boolean(
        string="Round Over", readonly=True, help="No part of the job was waiting for its turn any more."
    )
    relations_told = fields.Json(
        string="Failures Told",
        readonly=True,
        help="Names of the parts whose failure the channel of the administrators was told.",
    )
    relations_begun = fields.Char(
        string="Part at Work", readonly=True, help="First key of the part that was begun last."
    )

    @api.model
    def _get_round(self):
        """The loops of the running job in this round, the one at work among them; none outside of a job."""
        # sudo: what the running job itself wrote
        progress = self.sudo().browse(self.env.context.get("ir_cron_progress_id"))
        if not progress:
            return progress
        domain = [("cron_id", "=", progress.cron_id.id)]
        over = self.sudo().search([*domain, ("relations_is_over", "=", True)], order="id desc", limit=1)
        return self.sudo().search([*domain, ("id", ">", over.id or 0)])

    @api.model
    def _get_turns(self):
        """Keys of the parts of the running job that had their turn in this round; none outside of a job."""
        return {key for loop in self._get_round() for key in loop.relations_turns or ()}

    @api.model
    def _get_kills(self):
        """How often the server was killed in a part, by its key: core's counter of a loop is 0 once it has ended."""
        at_work = self.env.context.get("ir_cron_progress_id")
        loops = self._get_round().filtered(lambda loop: loop.id != at_work and loop.timed_out_counter)
        return Counter(loop.relations_begun for loop in loops if loop.relations_begun)

    @api.model
    def _get_stopping(self):
        """Keys of the parts that were killed (their first), or broke the running job off, in this round.

        To be asked before the last part had its turn: what is known of a round ends with it.
        """
        broke = {key.removeprefix(BROKE) for key in self._get_turns() if key.startswith(BROKE)}
        return {*self._get_kills(), *broke}

    @api.model
    def _has_stopped(self):
        """Whether a part was killed, or broke the running job off, in this round."""
        return bool(self._get_stopping())

    @api.model
    def _commit_turn(self, keys=(), *, remaining, processed=1, begun=False):
        """Commit what was done and that these parts had their turn; the round is over when nothing remains.

        :param str begun: key of the part that follows
        :return: seconds left for the job, see ``_commit_progress``
        """
        # sudo: as above
        progress = self.sudo().browse(self.env.context.get("ir_cron_progress_id"))
        if progress:
            turns = [*(progress.relations_turns or ()), *keys]
            progress.write(
                {"relations_turns": turns, "relations_is_over": not remaining, "relations_begun": begun}
            )
        return self.env["ir.cron"]._commit_progress(processed, remaining=remaining)

    @api.model
    def _take_turns(self, tasks):
        """Do those parts of a job that had no turn in this round yet, each committed, until the time is up.

        A part that fails is undone, logged and told to the administrators, and had its turn. One that meets another
        worker begins anew. An error of the database or the machine breaks the job off, as the others would fail as
        well.

        :param tasks: ``(keys, name for the log, function)``; a function that returns True has more to do
        :return: whether the round is over
        """
        had, kills = self._get_turns(), self._get_kills()

        def count_stops(task):
            return kills[task[0][0]] + (_get_break(task[0]) in had)

        # what stopped the job before keeps nobody back
        waiting = sorted((task for task in tasks if not had.issuperset(task[0])), key=count_stops)
        remaining = len(waiting)
        # that a kill was noted counts as done: after some loops with nothing done core leaves the job to its next day
        self._commit_turn(
            remaining=remaining, processed=int(bool(kills)), begun=remaining and waiting[0][0][0]
        )
        for number, (keys, name, function) in enumerate(waiting, 1):
            following = waiting[number][0][0] if number < len(waiting) else False
            has_more = True
            while has_more:
                has_more = self._do_turn_once(keys, name, function, had, kills, remaining)
                remaining -= not has_more
                left = self._commit_turn(
                    () if has_more else keys, remaining=remaining, begun=keys[0] if has_more else following
                )
                if remaining and not left:
                    return False
        return True

    @api.model
    def _do_turn_once(self, keys, name, function, had, kills, remaining):
        """Do a part, but not again what stops the job each time; return whether it has more to do.

        :raises Exception: what breaks the job off, the first time in a round
        """
        if kills[keys[0]] >= MAX_KILLS:
            _logger.error("%s: the server was killed in it %s times; left to the next round", name, MAX_KILLS)
            self._tell_failure(name, self.env._("the server was killed in it %s times", MAX_KILLS))
            return False
        try:
            return self._do_turn(name, function)
        except Exception as error:
            self.env.cr.rollback()
            self.env.invalidate_all(flush=False)
            broke = _get_break(keys)
            if broke not in had:
                # counts as done: core calls again at once, instead of on the next day, whose keys are new
                self._commit_turn([broke], remaining=remaining)
                raise
            _logger.exception("%s broke the job off again; left to the next round", name)
            self._tell_failure(name, str(error) or repr(error))
            return False

    @api.model
    def _do_turn(self, name, function):
        """Call ``function``; again where another worker was at the same rows: what it did is seen then."""
        for _attempt in range(MAX_CONFLICTS):
            try:
                has_more = False
                with apart(self.env, name, partial(self._tell_failure, name)):
                    has_more = function() is True
            except Exception as error:
                if not is_conflict(error):
                    raise
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
            else:
                return has_more
        _logger.warning(
            "%s: others were at the same rows %s times; left to the next run", name, MAX_CONFLICTS
        )
        return False

    @api.model
    def _tell_failure(self, name, text):
        """Tell the channel of the administrators that a part of the running job failed, once a day, and not of many.

        Core counts a job as failed only where all of it fails, and tells when it switches the job off.
        """
        # sudo: as above
        progress = self.sudo().browse(self.env.context.get("ir_cron_progress_id"))
        if not progress:
            return
        lately = [
            ("cron_id", "=", progress.cron_id.id),
            ("create_date", ">", self.env.cr.now() - TOLD_AGAIN),
        ]
        told = {each for loop in self.sudo().search(lately) for each in loop.relations_told or ()}
        if name in told or len(told) >= MAX_TOLD:
            return
        progress.relations_told = [*(progress.relations_told or ()), name]
        with apart(self.env, f"Telling that {name} failed"):
            progress.cron_id._notify_admin(
                self.env._(
                    "Scheduled action %(job)s: %(part)s failed: %(error)s. The others went on, and it is tried again "
                    "in the next run. More is in the server's log around %(time)s.",
                    job=progress.cron_id.name,
                    part=name,
                    error=text.rstrip(". \n"),
                    time=self.env.cr.now().replace(microsecond=0),
                )
            )
