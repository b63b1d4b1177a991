"""Runs inside Odoo's shell: times what a benchmark hands over, on each of its databases in turn.

Each database has a process of its own, as in a server: Python keeps only so many looked up attributes for a whole
process, and the classes of two databases would drive each other's out, those of the richer one more often. The rounds
of one alternate with those of the others, so that whatever else the machine does meets all alike.
"""

import contextlib
import gc
import importlib.util
import json
import multiprocessing.connection
import statistics
import time
import traceback

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

# Rounds of what is slow end after so many seconds of its own, but not before so many rounds.
ENOUGH_SECONDS, ENOUGH_ROUNDS = 30, 15


class Turn:
    """The turns of one database's process; the process that began them tells whose it is."""

    def __init__(self, end, label):
        self.end = end
        self.label = label

    def wait(self):
        self.end.recv()

    def pass_on(self):
        """Let the next one run; come back when it is this one's turn again."""
        self.end.send(None)
        self.wait()

    def finish(self, results):
        """Let the others run; hand over the medians, or in words what failed."""
        self.end.send(results)


class Worker:
    """The process of one database, seen from the one that tells whose turn it is."""

    def __init__(self, process, end):
        self.process = process
        self.end = end

    def run(self):
        """Let it run until it passes its turn on: None; or has finished: its medians by name."""
        self.end.send(None)
        multiprocessing.connection.wait([self.end, self.process.sentinel])
        try:
            answer = self.end.recv() if self.end.poll() else "its process was killed"
        except EOFError:
            answer = "its process was killed"
        if isinstance(answer, str):
            raise SystemExit(f"the benchmark failed: {answer}")
        return answer


class Timer:
    """Handed to a benchmark's `measure(env, timer, options)`."""

    def __init__(self, env, label, turn):
        self.env = env
        self.label = label
        self.turn = turn
        self.results = {}

    def median(self, name, function, rounds=15, warmup=2, undo=True, enough=ENOUGH_SECONDS):
        """Median time of `function()` in milliseconds; what it writes is taken back after each round.

        There are fewer rounds of what is slow: those beyond ``ENOUGH_ROUNDS`` end after `enough` seconds.

        The pending writes are flushed within the measured time, as they belong to the work. If the function
        commits, say `undo=False`.
        """
        return self.medians({name: function}, rounds, warmup, undo, enough=enough)[name]

    def medians(self, functions, rounds=15, warmup=2, undo=True, after=None, enough=ENOUGH_SECONDS):
        """Medians of several functions that take turns, so that their ratios do not depend on the moment.

        `after()`, which is not timed, follows each of them.
        """
        times = {name: [] for name in functions}
        # What stands already, such as Odoo's registries, is looked through once, not before each round: half a second.
        gc.collect()
        gc.freeze()
        for number in range(warmup + rounds):
            for name, function in functions.items():
                elapsed = self._time(function, undo)
                if number >= warmup:
                    times[name].append(elapsed)
                if after:
                    after()
            self.turn.pass_on()
            spent = sum(map(sum, times.values())) / 1000
            if spent > enough and number + 1 >= warmup + ENOUGH_ROUNDS:
                break
        for name, values in times.items():
            self.note(name, statistics.median(values))
        return {name: self.results[name] for name in functions}

    def _time(self, function, undo):
        self.env.flush_all()
        # as a request begins: what earlier rounds left to be computed of new records would pile up
        self.env.transaction.clear()
        savepoint = self.env.cr.savepoint() if undo else None
        gc.collect()
        start = time.perf_counter()
        function()
        self.env.flush_all()
        elapsed = time.perf_counter() - start
        if savepoint:
            self.env.invalidate_all(flush=False)
            savepoint.rollback()
            savepoint.close(rollback=False)
            self.env.invalidate_all(flush=False)
        return elapsed * 1000

    def making(self):
        """A block that makes data: its statements are not among the slowest of the benchmark."""
        return making()

    def note(self, name, value):
        """A result in milliseconds that the benchmark measured itself."""
        self.results[name] = value
        print(f"MEASURED {self.label} {name}: {value:.4f}", flush=True)

    def say(self, text):
        """What is being done, as progress."""
        print(f"{self.label}: {text} ...", flush=True)


@contextlib.contextmanager
def making():
    """Tell when data were made, in seconds since 1970."""
    start = time.time()
    try:
        yield
    finally:
        print(f"MAKING {start:.3f} {time.time():.3f}", flush=True)


def main(path, databases, options):
    """Load the benchmark's file and run it on each of `databases` (label: name).

    * `prepare(env, label, options)`, if there is one, fills each database before; what it wrote is committed.
    * `measure(env, timer, options)` is run on all in turn; nothing is committed but what it commits itself.
    * `figures(results, options)`, if there is one, derives from the medians (of each label, by name) what is
      reported beside them: rows of text, value, limit (both as text) and whether the limit is held or None.
    """
    spec = importlib.util.spec_from_file_location("bench_under_test", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    context = multiprocessing.get_context("fork")
    workers = {}
    for label, database in databases.items():
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(module, Turn(theirs, label), database, options))
        workers[label] = Worker(process, ours)
    try:
        for worker in workers.values():
            worker.process.start()
        for worker in workers.values():  # each fills its database
            worker.run()
        print(f"BEGUN {time.time():.3f}", flush=True)
        print("measuring ...", flush=True)
        results = _take_turns(workers)
    finally:
        for worker in workers.values():
            worker.process.kill()
            worker.process.join()
    if hasattr(module, "figures"):
        for row in module.figures(results, options):
            print(f"FIGURE {json.dumps(row)}", flush=True)


def _take_turns(workers):
    """Let each process run a round, the next one after it, until all have handed over their medians by name.

    :param dict workers: by label
    """
    results, running, number = {}, list(workers), 0
    while running:
        number %= len(running)
        answer = workers[running[number]].run()
        if answer is None:
            number += 1
        else:
            results[running.pop(number)] = answer
    return {label: results[label] for label in workers}


def _work(module, turn, database, options):
    """Fill and measure one database, in its own process."""
    turn.wait()
    try:
        if hasattr(module, "prepare"):
            print(f"filling {turn.label} ...", flush=True)
            with Registry(database).cursor() as cr, making():
                module.prepare(api.Environment(cr, SUPERUSER_ID, {}), turn.label, options)
        # As in a server that has run for a while: there the oldest objects are hardly ever looked through.
        gc.set_threshold(*gc.get_threshold()[:2], 1_000_000)
        turn.pass_on()
        with Registry(database).cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            timer = Timer(env, turn.label, turn)
            module.measure(env, timer, options)
            cr.rollback()
    except BaseException as error:
        traceback.print_exc()
        turn.finish(str(error) or type(error).__name__)
        raise
    turn.finish(timer.results)
