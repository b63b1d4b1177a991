"""Runs inside Odoo's shell: times what a benchmark hands over, with and without the addon in turn.

Both databases are open in one process, and the rounds of one alternate with those of the other, so that
whatever else the machine does meets both alike.
"""

import gc
import importlib.util
import statistics
import threading
import time

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry


class Turns:
    """Lets one of several threads run at a time, and the next one after each round."""

    def __init__(self, labels):
        self.running = list(labels)
        self.current = labels[0]
        self.changed = threading.Condition()

    def wait(self, label):
        with self.changed:
            self.changed.wait_for(lambda: self.current == label)

    def pass_on(self, label, *, finished=False):
        """Let the next one run; come back when it is this one's turn again, unless it has finished."""
        with self.changed:
            following = self.running[(self.running.index(label) + 1) % len(self.running)]
            if finished:
                self.running.remove(label)
            self.current = following
            self.changed.notify_all()
        if not finished:
            self.wait(label)


class Timer:
    """Handed to a benchmark's `measure(env, timer, arguments)`."""

    def __init__(self, env, label, turns):
        self.env = env
        self.label = label
        self.turns = turns

    def median(self, name, function, rounds=15, warmup=2, undo=True):
        """Median time of `function()` in milliseconds; what it writes is taken back after each round.

        The pending writes are flushed within the measured time, as they belong to the work.
        """
        times = []
        for number in range(warmup + rounds):
            self.env.flush_all()
            self.env.invalidate_all()
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
            if number >= warmup:
                times.append(elapsed * 1000)
            self.turns.pass_on(self.label)
        median = statistics.median(times)
        print(f"MEASURED {self.label} {name}: {median:.4f}", flush=True)
        return median


def main(path, databases, arguments):
    """Load the benchmark's file and run it on each of `databases` (label: name); nothing is committed."""
    spec = importlib.util.spec_from_file_location("bench_under_test", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    turns = Turns(list(databases))
    failed = []

    def measure(label, database):
        turns.wait(label)
        try:
            with Registry(database).cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                module.measure(env, Timer(env, label, turns), arguments)
                cr.rollback()
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            turns.pass_on(label, finished=True)

    threads = [threading.Thread(target=measure, args=item) for item in databases.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise SystemExit(f"the benchmark failed: {failed[0]}")
