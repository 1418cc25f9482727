"""``autograder doctor``: try what this machine can isolate, and say how to mend what it can't."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click

from autograder.commands import platforms
from autograder.commands.console import say
from autograder.commands.opening import WRONG_USE
from autograder.commands.probes import FILL_DISK, PREPARED, PROBES, REFUSED, START_THREADS, TAKE_MEMORY, Probe
from autograder.judging.calls import Call, Returned
from autograder.results import Isolation
from autograder.sandbox import users, ways
from autograder.sandbox.confine import landlock
from autograder.sandbox.fork_server import ForkServer, ForkServerError
from autograder.sandbox.policy import CannotIsolateError, Limits, isolation
from autograder.sandbox.pool import Pool
from autograder.sandbox.process import SessionEndedError
from autograder.sandbox.session import Session

BOUNDS = (
    "The kernel counts it only for root, or in a user namespace: run as root, or let users make user namespaces "
    "(see the platforms below)."
)
LIMITS = Limits(cell_seconds=30, call_seconds=10)
MISSING = "See the platforms below."


@dataclass(frozen=True)
class Finding:
    """The result of one trial."""

    name: str
    """A sentence: what holds, or would have to."""
    held: bool
    fix: str | None = None
    """What to do; None if nothing needs to be done."""


@dataclass
class Machine:
    """What this machine is, and how it isolates."""

    kernel: str = field(default_factory=lambda: os.uname().release)
    abi: int = field(default_factory=landlock.best_abi)
    """The newest ABI of Landlock whose rights the kernel restricts; 0 without Landlock."""
    isolation: Isolation | None = None
    """The way that is chosen; None if none holds."""
    ways: dict[str, str | None] = field(default_factory=dict)
    """Of each way, why it can't be had here; None if it can."""


def run(limits: Mapping[str, str], *, as_json: bool = False) -> int:
    """Print each finding; return the exit status, 0 if this machine can grade.

    Parameters
    ----------
    limits
        Limits that are changed, by name.
    as_json
        Whether to print one object instead.
    """
    machine, findings = Machine(), []
    for finding in examine(machine, LIMITS.changed(limits)):
        findings.append(finding)
        if not as_json:
            _print(finding)
    fine = all(finding.held for finding in findings)
    if as_json:
        click.echo(json.dumps({**asdict(machine), "probes": [asdict(finding) for finding in findings]}))
    else:
        say("\nWhat other machines need:" if fine else "\nWhat to do:")
        for line in platforms.advice():
            say(f"- {line}")
        say("\nThis machine can grade." if fine else "\nThis machine can't grade.")
    return 0 if fine else WRONG_USE


def _print(finding: Finding) -> None:
    say(f"{'✓' if finding.held else '✗'} {finding.name}", "" if finding.held else "red")
    if finding.fix:
        say(f"  {finding.fix}")


def examine(machine: Machine, limits: Limits = LIMITS) -> Iterator[Finding]:
    """Yield the findings: the machine and its isolation, then each attempt to break out of the sandbox.

    What becomes known about the machine is put into ``machine``.
    """
    abi = f"Landlock ABI {machine.abi}" if machine.abi else "no Landlock"
    yield Finding(
        f"Python {platform.python_version()} on {platform.system()}, kernel {machine.kernel}, {abi}", held=True
    )
    try:
        machine.ways = {way: ways.obstacle(way) or None for way in ways.WAYS}
        machine.isolation = isolation()
    except CannotIsolateError as error:
        yield Finding(str(error), held=False, fix=MISSING)
        return
    if users.may_change_users():
        who = "root; submissions run as an unprivileged user"
    elif os.geteuid() == 0:
        who = f"root without all of {', '.join(users.NEEDED)}; so do submissions"
    else:
        who = f"user {os.geteuid()}"
    yield Finding(f"submissions are isolated by {machine.isolation}; the grader runs as {who}", held=True)
    yield Finding(f"ways of isolating: {_described(machine.ways)}", held=True)
    pool = Pool(limits)
    try:
        with pool.session((), {}) as session:
            yield from _try_to_break_out(session)
            keeps_reading = session.server.runtime.keep_reading
        yield from _try_to_take_more(pool, limits)
    except (SessionEndedError, ForkServerError, CannotIsolateError) as error:
        yield Finding(
            f"a submission can't be started here: {error}",
            held=False,
            fix=f"Is {sys.executable} complete? On a slow machine, give it longer: --limit start_seconds=300.",
        )
        return
    finally:
        pool.close()
    if keeps_reading:
        yield Finding(
            f"the interpreter lies where only root may enter: submissions keep the right to read, which "
            f"{machine.isolation} alone restricts",
            held=True,
            fix="To do without, install Python and this package outside root's home.",
        )


def _described(found: dict[str, str | None]) -> str:
    return "; ".join(f"{way} ({why})" if why else f"{way} works" for way, why in found.items())


def _try_to_break_out(session: Session) -> Iterator[Finding]:
    user = session.server.user
    with tempfile.NamedTemporaryFile("w", suffix=".secret") as file, _process(user.uid if user else None) as pid:
        file.write("the grader's own")
        file.flush()
        Path(file.name).chmod(0o666)
        aims = {"secret": file.name, "process": pid}
        prepared, _ = session.run_cell(f"{PREPARED}\nT = {aims!r}")
        yield Finding("a submission can use files, sockets and the C library", held=prepared.error is None)
        for probe in PROBES:
            yield _tried(session, probe)
    session.run_cell("import numpy\ndef one(): return numpy.float64(1)")
    answer = session.ask("one", Call(()))
    yield Finding("NumPy works in a submission", held=isinstance(answer, Returned) and bool(answer.value == 1.0))


def _tried(session: Session, probe: Probe) -> Finding:
    for attempt in probe.attempts:
        done, _ = session.run_cell(f"{attempt}\n'it worked'")
        if done.error not in REFUSED:
            found = "it worked" if done.error is None else done.error
            return Finding(f"{probe.name} ({attempt}: {found})", held=False, fix=probe.fix)
    return Finding(probe.name, held=True)


@contextlib.contextmanager
def _process(uid: int | None) -> Iterator[int]:
    """Start a process of a user's, which only waits; where there is no such program, it is this one."""
    try:
        process = subprocess.Popen(["sleep", "600"], user=uid)  # any program of that name does
    except OSError:
        yield os.getpid()
        return
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


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
    yield Finding(f"disk: {how if held else 'a submission can fill it'}", held, None if held else BOUNDS)
    held, server = attempt(START_THREADS.format(threads=2 * limits.threads))
    if server.counts_threads:
        how = "the kernel counts those of each submission apart"
    else:
        how = "the kernel counts all threads of your user here, so they are looked at from outside"
    what = f"at most {limits.threads}; {how}" if held else "any number can be started"
    yield Finding(f"threads: {what}", held, None if held else BOUNDS)
    held, _ = attempt(TAKE_MEMORY.format(megabytes=2 * limits.memory >> 20))
    what = f"at most {limits.memory >> 20} MB, by the kernel" if held else "no limit holds"
    yield Finding(f"memory: {what}", held, None if held else "The kernel must apply RLIMIT_AS: gVisor may not.")
