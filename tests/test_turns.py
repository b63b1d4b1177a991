import errno
import re
import time
from unittest.mock import patch

from psycopg2.errors import LockNotAvailable, QueryCanceled, SerializationFailure

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import html2plaintext, mute_logger

from .jobs import LOGGERS, run_job

APART, JOBS = LOGGERS


@tagged("post_install", "-at_install")
class TestTurns(TransactionCase):
    """The parts of a scheduled job: each has its turn in a round, however often the job is cut off."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.cr_of_job = self.enterContext(self.registry.cursor())
        self.cron = self.env.ref("partner_relations.ir_cron_classify").with_env(self.env(cr=self.cr_of_job))
        self.last_message = self.env["mail.message"].search([], order="id desc", limit=1).id
        self.calls = []

    def _loop(self, *parts, seconds=0, timed_out_counter=None):
        """Call the job once, with so many seconds; return what was done, and what remains."""
        cron, progress = self.cron.with_context(
            cron_id=self.cron.id, cron_end_time=time.monotonic() + seconds
        )._add_progress(timed_out_counter=timed_out_counter)
        self.calls.clear()
        tasks = [([name], name, function) for name, function in parts]
        cron.env["ir.cron.progress"]._take_turns(tasks)
        return "".join(self.calls), progress.remaining

    def _part(self, name, *results):
        """A part that does so: an exception is raised, anything else returned; nothing after the last."""
        results = list(results)

        def work():
            self.calls.append(name)
            result = results.pop(0) if results else None
            if isinstance(result, Exception):
                raise result
            return result

        return name, work

    def test_time_is_up_after_each_part(self):
        parts = [self._part("a"), self._part("b", ValueError("of b")), self._part("c", True), self._part("d")]
        with mute_logger(JOBS):
            loops = [self._loop(*parts) for _loop in range(5)]
        self.assertEqual(loops, [("a", 3), ("b", 2), ("c", 2), ("c", 1), ("d", 0)])
        self.assertEqual(self._loop(*parts, seconds=60), ("abcd", 0), "the next round")

    def test_new_and_gone_parts(self):
        first, second, third = self._part("a"), self._part("b"), self._part("c")
        self.assertEqual(self._loop(first, second), ("a", 1))
        self.assertEqual(self._loop(third, second), ("c", 1))
        self.assertEqual(self._loop(first, third), ("", 0), "the round is over although b is gone")
        self.assertEqual(self._loop(first, third, seconds=60), ("ac", 0))

    def test_of_another_job(self):
        self.assertEqual(self._loop(self._part("a"), self._part("b")), ("a", 1))
        self.cron = self.env.ref("partner_relations.ir_cron_work_plan").with_env(self.cron.env)
        self.assertEqual(self._loop(self._part("a"), self._part("b")), ("a", 1))

    def test_failure_is_undone(self):
        company = self.cron.env.company
        name = company.name

        def work():
            company.name = "Half done"
            company.flush_recordset()
            raise ValueError("in the middle")

        with self.assertLogs(JOBS, "ERROR") as caught:
            self.assertEqual(self._loop(("a", work), self._part("b"), seconds=60), ("b", 0))
        self.assertRegex(caught.output[0], "a failed\n(.*\n)*ValueError: in the middle")
        self.assertEqual(company.name, name)

    def _read_channel(self):
        """What the administrators were told since the test began, the oldest first."""
        channel = self.cron.env.ref("mail.channel_admin")
        messages = channel.message_ids.filtered(lambda message: message.id > self.last_message)
        return [html2plaintext(message.body) for message in messages.sorted("id")]

    def test_failure_is_told(self):
        """Once a day, with its reason and without what the failed part left; what went well is not told."""
        parts = [
            self._part("a", *[UserError("No rate of <EUR>.")] * 9),
            self._part("b"),
            self._part("c", *[ValueError()] * 9),
        ]
        with mute_logger(JOBS, APART):
            self._loop(*parts, seconds=60)
            told = self._read_channel()
            self._loop(*parts, seconds=60)
        self.assertEqual(len(told), 2, told)
        self.assertRegex(told[0], r"suppliers: classify: a failed: No rate of <EUR>\. The others went on")
        self.assertIn("c failed: ValueError()", told[1])
        self.assertEqual(self._read_channel(), told, "not again in the next round of the day")
        self.cron.env.flush_all()
        self.cr_of_job.execute("UPDATE ir_cron_progress SET create_date = create_date - INTERVAL '21 hours'")
        self.cron.env.invalidate_all()
        with mute_logger(JOBS, APART):
            self._loop(*parts, seconds=60)
        self.assertEqual(len(self._read_channel()), 4, "on the next day")

    def test_many_failures_are_told_in_part(self):
        parts = [self._part(f"{number} ", ValueError("of it")) for number in range(12)]
        with mute_logger(JOBS):
            calls, remaining = self._loop(*parts, seconds=60)
        self.assertEqual((len(calls.split()), remaining), (12, 0))
        self.assertEqual(len(self._read_channel()), 10)

    def test_failure_that_cannot_be_told(self):
        """The channel may be gone, or refuse: the job goes on."""
        refuse = patch.object(type(self.cron), "_notify_admin", side_effect=ValueError("no channel"))
        with mute_logger(JOBS), refuse:
            self.assertEqual(
                self._loop(self._part("a", ValueError()), self._part("b"), seconds=60), ("ab", 0)
            )

    def test_full_disk_stops_the_job(self):
        """What would fail for the others as well is the job's failure, and is tried again."""
        parts = [self._part("a"), self._part("b", OSError(errno.ENOSPC, "full")), self._part("c")]
        # without assertRaises, whose savepoint ends with the first commit of the job
        try:
            self._loop(*parts, seconds=60)
        except OSError:
            self.cr_of_job.rollback()
        self.assertEqual("".join(self.calls), "ab")
        self.assertEqual(self._loop(*parts, seconds=60), ("cb", 0))

    def test_conflict_begins_anew(self):
        wrapped = UserError("The template cannot be rendered.")
        wrapped.__cause__ = SerializationFailure("met")
        for error in (SerializationFailure("met"), LockNotAvailable("met"), wrapped):
            parts = [self._part("a"), self._part("b", error), self._part("c")]
            self.assertEqual(self._loop(*parts, seconds=60), ("abbc", 0))
        self.assertFalse(self._read_channel())

    def test_killed_in_a_part(self):
        """It begins again once the others had their turn, and not for ever."""

        class Killed(BaseException):
            pass

        def work():
            self.calls.append("a")
            raise Killed

        parts = [("a", work), self._part("b")]
        seen = []
        for _kill in range(3):
            try:
                self._loop(*parts, seconds=60, timed_out_counter=0)
            except Killed:
                self.cr_of_job.rollback()
            seen.append("".join(self.calls))
        self.assertEqual(seen, ["a", "ba", "a"])
        with self.assertLogs("odoo.addons.partner_relations.models.ir_cron_progress", "ERROR"):
            self.assertEqual(self._loop(*parts, seconds=60), ("", 0))
        self.assertIn("a failed: the server was killed in it 3 times", self._read_channel()[0])

    def test_part_that_breaks_the_job_off_each_time(self):
        """The others have their turn; the next round tries it again."""
        errors = [QueryCanceled("statement timeout") for _number in range(4)]
        parts = [self._part("a"), self._part("b", *errors), self._part("c")]
        for expected in ("ab", "cb", "ab", "cb"):
            try:
                with mute_logger("odoo.addons.partner_relations.models.ir_cron_progress"):
                    _calls, remaining = self._loop(*parts, seconds=60)
                self.assertEqual((expected, remaining), ("cb", 0))
            except QueryCanceled:
                self.cr_of_job.rollback()
            self.assertEqual("".join(self.calls), expected)
        self.assertEqual(len(self._read_channel()), 1)

    def test_job_stops_after_a_part_was_left(self):
        """What was left stays so until the round is over, however it goes on; the next one does it."""
        parts = [
            self._part("a", *[QueryCanceled("statement timeout")] * 2),
            self._part("b", *[QueryCanceled("statement timeout")] * 2),
        ]
        full = patch.object(
            type(self.cron.env["ir.cron.progress"]),
            "_tell_failure",
            side_effect=[None, OSError(errno.ENOSPC, "")],
        )
        with full, mute_logger("odoo.addons.partner_relations.models.ir_cron_progress"):
            for expected in ("a", "b", "ab"):
                try:
                    self._loop(*parts, seconds=60)
                except (QueryCanceled, OSError):
                    self.cr_of_job.rollback()
                self.assertEqual("".join(self.calls), expected)
        self.assertEqual(self._loop(*parts, seconds=60), ("b", 0), "the rest of the round")
        self.assertEqual(self._loop(*parts, seconds=60), ("ab", 0), "the next round")

    def test_break_counts_as_progress(self):
        """Core calls again at once then; a failed job would wait for its next day, on which the keys are new."""
        parts = [self._part("a", QueryCanceled("statement timeout")), self._part("b")]
        try:
            self._loop(*parts)
        except QueryCanceled:
            self.cr_of_job.rollback()
        loops = self.cron.env["ir.cron.progress"]
        loop = loops.search([("cron_id", "=", self.cron.id)], order="id desc", limit=1)
        self.assertEqual((loop.done, loop.remaining), (1, 2))

    def test_outside_of_a_job(self):
        turns = self.cron.env["ir.cron.progress"]
        tasks = [([name], name, work) for name, work in (self._part("a"), self._part("b"))]
        for _call in range(2):
            self.calls.clear()
            turns._take_turns(tasks)
            self.assertEqual(self.calls, ["a", "b"])

    def test_a_failing_job_fails_its_test(self):
        """Odoo only logs the failure of a job that is run by hand; tests see it."""
        scorecards = type(self.env["manager.scorecard"])
        [name] = re.findall(r"model\.(\w+)\(", self.env.ref("partner_relations.ir_cron_score_managers").code)
        with (
            patch.object(scorecards, name, side_effect=ValueError("of the job")),
            mute_logger(JOBS),
            self.assertRaisesRegex(AssertionError, "ValueError: of the job"),
        ):
            run_job(self.env, "ir_cron_score_managers")
        run_job(self.env, "ir_cron_score_managers")
