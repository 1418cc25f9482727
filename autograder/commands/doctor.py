"""``autograder doctor``: try what this machine can isolate, and say how to mend what it can't."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.commands.console import say
from autograder.commands.opening import WRONG_USE
from autograder.judging.calls import Call, Returned
from autograder.sandbox.fork_server import ForkServerError
from autograder.sandbox.policy import CannotIsolateError, Limits, isolation
from autograder.sandbox.pool import Pool
from autograder.sandbox.session import Session, SessionEndedError

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
    pool = Pool(Limits(cell_seconds=10, call_seconds=10))
    try:
        with pool.session((), {}, time.monotonic() + 60) as session:
            yield from _try_to_break_out(session)
            keeps_reading = session.server.runtime.keep_reading
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
