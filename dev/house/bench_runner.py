"""Runs inside Odoo's shell: times what a benchmark hands over."""

import gc
import importlib.util
import statistics
import time


class Timer:
    """Handed to a benchmark's `measure(env, timer, arguments)`."""

    def __init__(self, env):
        self.env = env

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
        median = statistics.median(times)
        print(f"MEASURED {name}: {median:.4f}", flush=True)
        return median


def main(env, path, arguments):
    """Load the benchmark's file and run it; nothing of it is committed."""
    spec = importlib.util.spec_from_file_location("bench_under_test", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.measure(env, Timer(env), arguments)
    env.cr.rollback()
