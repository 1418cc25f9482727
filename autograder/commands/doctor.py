"""``autograder doctor``: try what this machine can isolate, and say how to mend what it can't."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.commands.console import say
from autograder.commands.opening import WRONG_USE
from autograder.judging.calls import Call, Returned
from autograder.sandbox.fork_server import ForkServer, ForkServerError
from autograder.sandbox.policy import CannotIsolateError, Limits, isolation
from autograder.sandbox.pool import Pool
from autograder.sandbox.process import SessionEndedError
from autograder.sandbox.session import Session

PROBES = {
    "no file outside its scratch folder can be read": "open({secret!r}).read()",
    "no file outside its scratch folder can be changed": "open({secret!r}, 'w')",
    "no file's mode can be changed": "__import__('os').chmod({secret!r}, 0o777)",
    "/proc is closed": "open('/proc/self/environ').read()",
    "the network is closed": "__import__('socket').create_connection(('127.0.0.1', 9), 0.2)",
    "no process can be started": "__import__('os').fork()",
    "the grader can't be imported": "__import__('autograder')",
    "the solutions can't be imported": "__import__('solutions')",
}
"""What must fail in a student's process: a sentence, and the expression that tries it."""
FILL_DISK = """
import mmap, os, time
kept = []
for _ in range(128):
    file = os.open("probe", os.O_RDWR | os.O_CREAT)
    os.write(file, bytes(16 << 20))
    kept.append(mmap.mmap(file, 4096))
    os.close(file)
    os.unlink("probe")
time.sleep(1)
"""
START_THREADS = """
import _thread, time
_thread.stack_size(1 << 16)
lock = _thread.allocate_lock()
lock.acquire()
for _ in range({threads}):
    _thread.start_new_thread(lock.acquire, ())
time.sleep(1)
"""
TAKE_MEMORY = "import mmap\nkept = [mmap.mmap(-1, 1 << 20) for _ in range({megabytes})]"
"""What takes more than a submission may have: 2 GB of the disk, and twice its threads and memory."""


def run() -> int:
    """Print each finding; return the exit status, 0 if this machine can grade."""
    findings = []
    for finding in examine():
        findings.append(finding)
        say(f"{'✓' if finding.fine else '✗'} {finding.sentence}", "" if finding.fine else "red")
    fine = all(finding.fine for finding in findings)
    say("This machine can grade." if fine else "This machine can't grade.")
    return 0 if fine else WRONG_USE


@dataclass(frozen=True)
class Finding:
    """The result of one trial."""

    fine: bool
    sentence: str


def examine() -> Iterator[Finding]:
    """Yield the findings: the machine and its isolation, then each attempt to break out of the sandbox."""
    yield Finding(True, f"Python {platform.python_version()} on {platform.system()} {platform.release()}")
    try:
        how = isolation()
    except CannotIsolateError as error:
        yield Finding(False, str(error))
        return
    who = "root; submissions run as an unprivileged user" if os.geteuid() == 0 else f"user {os.geteuid()}"
    yield Finding(True, f"submissions are isolated by {how}; the grader runs as {who}")
    limits = Limits(cell_seconds=30, call_seconds=10)
    pool = Pool(limits)
    try:
        with pool.session((), {}) as session:
            yield from _try_to_break_out(session)
            keeps_reading = session.server.runtime.keep_reading
        yield from _try_to_take_more(pool, limits)
    except (SessionEndedError, ForkServerError) as error:
        yield Finding(False, f"A submission can't be started here: {error} Is {sys.executable} complete?")
        return
    finally:
        pool.close()
    if keeps_reading:
        yield Finding(
            True,
            "the interpreter lies where only root may enter: submissions keep the right to read, which Landlock "
            "alone restricts (install Python and this package outside root's home to do without)",
        )


def _try_to_break_out(session: Session) -> Iterator[Finding]:
    with tempfile.NamedTemporaryFile("w", suffix=".secret") as file:
        file.write("the grader's own")
        file.flush()
        Path(file.name).chmod(0o666)
        for sentence, attempt in PROBES.items():
            code = attempt.format(secret=file.name)
            done, _ = session.run_cell(f"{code}\n'it worked'")
            yield Finding(done.error is not None, sentence)
    session.run_cell("import numpy\ndef one(): return numpy.float64(1)")
    answer = session.ask("one", Call(()))
    yield Finding(isinstance(answer, Returned) and answer.value == 1.0, "NumPy works in a submission")


def _try_to_take_more(pool: Pool, limits: Limits) -> Iterator[Finding]:
    """Yield how this machine bounds what a submission takes from all."""

    def attempt(code: str) -> tuple[bool, ForkServer]:
        with pool.session((), {}) as session:
            try:
                return session.run_cell(code)[0].error is not None, session.server
            except SessionEndedError:
                return True, session.server

    held, server = attempt(FILL_DISK)
    size, most = (limits.scratch_size + limits.file_size) >> 20, limits.scratch_size >> 20
    if server.scratch.mounted:
        how = f"a submission has a file system of {size} MB in memory, and nothing of the disk"
    else:
        how = (
            "no file system can be mounted here, so free space is watched, and a submission that fills the disk "
            f"is ended (its limit is {most} MB; about a gigabyte goes before it is noticed)"
        )
    yield Finding(held, f"disk: {how if held else 'a submission can fill it'}")
    held, server = attempt(START_THREADS.format(threads=2 * limits.threads))
    if server.counts_threads:
        how = "the kernel counts those of each submission apart"
    else:
        how = "the kernel counts all threads of your user here, so they are looked at from outside"
    yield Finding(held, f"threads: {f'at most {limits.threads}; {how}' if held else 'any number can be started'}")
    held, _ = attempt(TAKE_MEMORY.format(megabytes=2 * limits.memory >> 20))
    yield Finding(
        held, f"memory: {f'at most {limits.memory >> 20} MB, by the kernel' if held else 'no limit holds'}"
    )
