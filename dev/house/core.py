"""Paths, progress, child processes and locks."""

import contextlib
import ctypes
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".odoo"
LOGS = STATE / "logs"
ADDON = "partner_relations"
LINK = STATE / "addons" / ADDON

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class Failure(Exception):
    """A step that failed: what happened, and what the person can do about it."""

    def __init__(self, what, remedy):
        super().__init__(what)
        self.what = what
        self.remedy = remedy


def main(function):
    """Run a command and turn its failures into a readable end."""
    command = "dev/" + Path(sys.argv[0]).name
    # A kill must unwind like Ctrl+C, so that children end and locks go.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(function(sys.argv[1:]))
    except Failure as failure:
        sys.stdout.flush()
        print(f"\n{command} stopped: {failure.what}\n  What to do: {failure.remedy}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print(f"\n{command} interrupted; run it again to continue.", file=sys.stderr)
        sys.exit(130)


def is_root():
    return os.geteuid() == 0


# -- progress ------------------------------------------------------------------


def say(text):
    print(text, flush=True)


class Step:
    """One line of progress: what is being done, then how long it took."""

    def __init__(self, text):
        self.text = text
        self.start = time.monotonic()
        self.live = sys.stdout.isatty()
        self.last_note = self.start
        if self.live:
            print(f"  {text} ...", end="", flush=True)
        else:
            say(f"  {text} ...")

    def note(self, text=""):
        """Show that it is still going on: each time on a terminal, else every 15 seconds."""
        now = time.monotonic()
        seconds = int(now - self.start)
        if self.live:
            line = f"  {self.text} ... {seconds} s {text}"
            width = shutil.get_terminal_size().columns - 1
            print("\r\033[K" + line[:width], end="", flush=True)
        elif now - self.last_note >= 15:
            self.last_note = now
            say(f"    {seconds} s {text[:80]}".rstrip())

    def done(self, text="done"):
        seconds = time.monotonic() - self.start
        line = f"  {self.text} ... {text} ({seconds:.1f} s)"
        say(("\r\033[K" + line) if self.live else f"    {text} ({seconds:.1f} s)")


@contextlib.contextmanager
def step(text):
    """A step that is done when the block ends, and ends its line when it fails."""
    current = Step(text)
    try:
        yield current
    except BaseException:
        if current.live:
            say("")
        raise
    current.done()


# -- child processes -----------------------------------------------------------


def die_with_parent():
    """Between fork and exec: end when the parent ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class _Guardian:
    """A process that outlives this one just long enough to kill what it left behind.

    A killed command must not go on behind the next run's back, and neither must what the
    command itself has started, so its whole process group is killed.
    """

    def __init__(self):
        self.pipe = None

    def watch(self, group):
        """Watch this process group; 0 for none."""
        if self.pipe is None:
            self._start()
        os.write(self.pipe, b"%d\n" % group)

    def _start(self):
        read, self.pipe = os.pipe()
        child = os.fork()
        if child:
            os.close(read)
            os.waitpid(child, 0)
            return
        if os.fork():  # a grandchild, so that nobody has to wait for it
            os._exit(0)
        try:
            os.setsid()
            os.close(self.pipe)
            group = 0
            with os.fdopen(read) as lines:
                for line in lines:
                    group = int(line)
            if group:
                os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass
        finally:
            os._exit(0)


_guardian = _Guardian()


def _kill(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def clean_env(**extra):
    """The environment of a child, without what would lead Python or PostgreSQL elsewhere."""
    env = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("PG") and key not in ("PYTHONPATH", "PYTHONHOME", "ODOO_RC", "OPENERP_SERVER")
    }
    # The folder a command runs in must not shadow Python packages.
    env.update(PYTHONSAFEPATH="1", PYTHONNOUSERSITE="1", **extra)
    return env


def tail(path, lines=25):
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.path.getsize(path) - 20000))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def run(
    cmd,
    *,
    log,
    what,
    remedy=None,
    step=None,
    hint=None,
    stdin=None,
    env=None,
    cwd=None,
    detached=False,
    own_session=True,
):
    """Run `cmd` with its output in a log file; on failure show the end of it.

    `hint(text)` picks from the last output what to show as progress. `detached` is for what
    must outlive an interruption, such as a package manager in the middle of its work; without
    `own_session` it keeps the terminal, which sudo goes by to remember the password.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{log}.log"
    _guardian.watch(0)  # started before there is a pipe that it would keep open
    with open(path, "wb") as out:
        try:
            process = subprocess.Popen(
                [str(part) for part in cmd],
                stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=env or clean_env(),
                cwd=cwd or STATE,
                start_new_session=own_session,
            )
        except OSError as error:
            raise Failure(
                f"{what}: {error}", remedy or "Install the program named above, then run again."
            ) from None
        if not detached:
            _guardian.watch(process.pid)
        try:
            if stdin is not None:
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.write(stdin.encode())
                    process.stdin.close()
            pause = 0.02
            while True:
                try:
                    process.wait(timeout=pause)
                    break
                except subprocess.TimeoutExpired:
                    pause = min(pause * 1.5, 0.5)
                    if step:
                        step.note(hint(tail(path, 40)) if hint else "")
        except BaseException:
            if detached:
                process.wait()
            else:
                _kill(process)
            raise
    if not detached:
        _guardian.watch(0)
    if process.returncode:
        raise Failure(
            f"{what} (exit status {process.returncode}). The end of {path}:\n"
            + "\n".join("    | " + line for line in tail(path).splitlines()),
            remedy or "Mend what the log says, then run the same command again.",
        )
    return path


def capture(cmd, **kwargs):
    """Output of a short command, or None when it fails."""
    kwargs.setdefault("env", clean_env())
    try:
        done = subprocess.run(
            [str(part) for part in cmd], capture_output=True, text=True, check=False, **kwargs
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


# -- files -----------------------------------------------------------------------


def write(path, text, mode=0o644):
    """Write a file in one piece, and only when it differs."""
    path = Path(path)
    if path.is_file() and path.read_text() == text and path.stat().st_mode & 0o777 == mode:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + f".new{os.getpid()}")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(temporary, mode)
    os.replace(temporary, path)


def read_json(path):
    try:
        return json.loads(Path(path).read_text())
    except (OSError, ValueError):
        return None


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def short_hash(*parts):
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:10]


def remove(path, patience=20):
    """Remove a file or folder that may not be there, or that a dying process still writes to."""
    path = Path(path)
    if path.is_symlink() or path.is_file():
        path.unlink(missing_ok=True)
        return
    for attempt in range(patience):
        if not path.exists():
            return
        shutil.rmtree(path, ignore_errors=attempt < patience - 1)
        if path.exists():
            time.sleep(0.5)


def link(path, target):
    """Make `path` a symbolic link to `target`, in one piece."""
    path = Path(path)
    if path.is_symlink() and os.readlink(path) == str(target):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_symlink():
        raise Failure(f"{path} is in the way", f"Move it away: dev/ makes a link to {target} there.")
    temporary = path.with_name(f".{path.name}.new{os.getpid()}")
    remove(temporary)
    os.symlink(target, temporary)
    os.replace(temporary, path)


# -- locks -----------------------------------------------------------------------


class Lock:
    """A lock that the kernel drops when its holder ends, however it ends."""

    def __init__(self, name):
        folder = STATE / "locks"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.fd = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise Failure(
                f"{STATE} cannot be written: {error.strerror}",
                "Run as the owner of the checkout, or make that folder writable for yourself.",
            ) from None
        self.name = name

    def try_take(self):
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, str(os.getpid()).encode(), 0)
        return True

    def holder(self):
        return os.pread(self.fd, 20, 0).decode() or "unknown"

    def take(self, what):
        if not self.try_take():
            say(f"  waiting: {what} in process {self.holder()} ...")
            while not self.try_take():
                time.sleep(0.5)
        return self

    def hand_over(self):
        """Let the program that replaces this one (exec) keep the lock."""
        os.set_inheritable(self.fd, True)

    def release(self):
        # a child that was forked meanwhile has the file open too: closing it here would not unlock it
        fcntl.flock(self.fd, fcntl.LOCK_UN)
        os.close(self.fd)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release()


def odoo_hint(text):
    """What an Odoo log says it is busy with."""
    found = re.findall(r"Loading module (\S+) \((\d+/\d+)\)", text)
    return f"{found[-1][1]} {found[-1][0]}" if found else ""
