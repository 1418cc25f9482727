"""What a cluster costs and how far it goes: ``make bench-cluster``.

- *Overhead*: processor time of ``--cluster local:2`` and of ``--jobs 2``, all processes together: what a run costs
  at its start, and what each notebook costs. Seconds on the wall would depend on what else the machine does.
- *Speed-up*: workers that sleep as long as a notebook takes, so that two cores can show the scheduler's limit.
- *Far*: many such notebooks through one scheduler; memory and processor time of writer and scheduler.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from autograder.cluster import graders as clusters
from autograder.cluster.address import Address, parsed
from autograder.course import Course
from autograder.grading.batch import OneMachine
from autograder.grading.settings import Settings
from autograder.grading.workers import WorkerPool
from autograder.intake import SubmittedNotebook
from autograder.results import Report
from benchmarks.assignments import COURSE
from benchmarks.mixed import Entry, of_kind, ordinary_class
from benchmarks.processes import memory, processor_seconds, seconds_of_tree

TOPIC = "softmax"
SETTINGS = Settings(b"bench")
SLEEPS = """
import json, os, pathlib, time
from autograder.grading import workers
import msgspec
seconds, template = {seconds!r}, pathlib.Path({template!r}).read_bytes()
def sleep(self, root, source, submission):
    time.sleep(seconds)
    names = {{b"@student@": submission.student, b"@file@": submission.file}}
    content = template
    for mark, name in names.items():
        content = content.replace(mark, name.encode())
    return msgspec.Raw(content)
workers.WorkerPool.grade_sent = sleep
"""
"""What a worker loads so that it sleeps in place of grading, and returns a real report and notebook."""
FRUGAL = {
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "false",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
    "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "10s",
    "DASK_DISTRIBUTED__SCHEDULER__WORK_STEALING": "false",
}
"""As docs/scale.md says."""
SHOW_SECONDS = 10.0
console = Console()


# --- a class ---------------------------------------------------------------------------------------------


def course_in(root: Path) -> Course:
    """Make a course with every assignment; nobody's submissions are in it."""
    for assignment in COURSE.values():
        assignment.copy_source(root)
    return Course(root)


def written(root: Path, entries: list[Entry], copies: int) -> list[Any]:
    """Write notebooks, and return what to grade: each so often, as if other students had handed it in."""
    wanted = []
    for number, entry in enumerate(entries):
        path = root / "class" / f"{number}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(entry.content)
        for copy in range(copies):
            found = SubmittedNotebook(path, f"{entry.student}-{copy}", entry.topic, entry.topic)
            wanted.append((found, COURSE[entry.topic].source))
    return wanted


def seconds_for(graders: Any, course: Course, wanted: list[Any], jobs: int | None) -> float:
    """Return how long a class takes."""
    started = time.perf_counter()
    failed = [o.report.message for o in graders.grade(course, wanted, jobs) if o.report.status == "failed"]
    assert len(failed) <= len(wanted) / 10, failed[:3]
    return time.perf_counter() - started


# --- a cluster -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def cluster(processes: int, threads: int, preload: Path) -> Iterator[tuple[str, int]]:
    """Start a scheduler and workers; yield its address and its process."""
    folder = tempfile.mkdtemp(prefix="bench-cluster-")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, started = f"tcp://127.0.0.1:{port}", []
    scheduler = ["scheduler", "--host", "127.0.0.1", "--port", str(port)]
    worker = ["worker", address, "--nworkers", str(processes), "--nthreads", str(threads), "--memory-limit", "0"]
    try:
        for words in (scheduler, [*worker, "--preload", str(preload)]):
            command = [sys.executable, "-m", "dask", *words, "--no-dashboard"]
            started.append(
                subprocess.Popen(
                    command,
                    cwd=folder,
                    env=os.environ | FRUGAL,
                    start_new_session=True,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
            time.sleep(3)
        yield address, started[0].pid
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


# --- the parts -------------------------------------------------------------------------------------------


def overhead(course: Course, options: argparse.Namespace) -> dict[str, Any]:
    """Compare a cluster of two with two jobs."""
    entries = [entry for seed in range(2) for entry in ordinary_class(seed)]
    few, more = written(course.root, entries, 1), written(course.root, entries, options.copies)
    ways: dict[str, list[tuple[float, float]]] = {"--jobs 2": [], "--cluster local:2": []}
    for turn in range(options.rounds):
        for way, found in ways.items():
            found.append(costs(way, course, few, more))
            console.print(
                f"overhead, round {turn + 1}: {way}: start {found[-1][0]:.2f} s, {found[-1][1]:.1f} ms a notebook"
            )
    starts, each = ([statistics.median(found[part] for found in way) for way in ways.values()] for part in (0, 1))
    return {
        "notebooks": len(more),
        "start_seconds": dict(zip(ways, starts, strict=True)),
        "notebook_ms": dict(zip(ways, each, strict=True)),
        "overhead": each[1] / each[0] - 1,
        "load": os.getloadavg()[0],
    }


def costs(way: str, course: Course, few: list[Any], more: list[Any]) -> tuple[float, float]:
    """Return the processor time of a run: seconds before its first notebook, and milliseconds for each."""
    small, large = (seconds_of_run(way, course, wanted) for wanted in (few, more))
    each = (large - small) / (len(more) - len(few))
    return small - each * len(few), 1000 * each


def seconds_of_run(way: str, course: Course, wanted: list[Any]) -> float:
    """Return the processor time of all processes until a class is graded."""
    before = seconds_of_tree(os.getpid())
    with contextlib.ExitStack() as stack:
        if way == "--jobs 2":
            graders: Any = OneMachine(stack.enter_context(WorkerPool(SETTINGS)))
        else:
            graders = stack.enter_context(clusters.opened(parsed("local:2"), SETTINGS, console.print))
        outcomes = graders.grade(course, wanted, 2)
        for _ in wanted:
            next(outcomes)
        used = seconds_of_tree(os.getpid()) - before  # nobody waits for processes that are killed at the end
        outcomes.close()
    return used


def recorded(course: Course) -> tuple[bytes, list[Any]]:
    """Grade a notebook; return its report and notebook with marks for names, and what to grade."""
    [wanted] = written(course.root, list(of_kind("one mistake", COURSE[TOPIC], [1])), 1)
    with WorkerPool(SETTINGS) as workers:
        [outcome] = OneMachine(workers).grade(course, [wanted], 1)
    report: Report = msgspec.structs.replace(outcome.report, student="@student@", file="@file@")
    return msgspec.json.encode((report, outcome.notebook)), wanted


def asleep(
    course: Course, shape: tuple[int, int], number: int, seconds: float, minutes: float
) -> dict[str, float]:
    """Send so many notebooks through a cluster of processes and threads that sleep so long for each."""
    template, (found, source) = recorded(course)
    preload, kept = course.root / "sleeps.py", course.root / "template.json"
    kept.write_bytes(template)
    preload.write_text(SLEEPS.format(seconds=seconds, template=str(kept)), encoding="utf-8")
    wanted = [(SubmittedNotebook(found.path, f"s{n:06}", TOPIC, TOPIC), source) for n in range(number)]
    slots = shape[0] * shape[1]
    with (
        cluster(*shape, preload) as (address, scheduler),
        clusters.opened(Address(address), SETTINGS, console.print) as graders,
    ):
        while graders.slots < slots:  # admits and warms the workers
            seconds_for(graders, course, wanted[: 2 * slots], None)
        outcomes = graders.grade(course, wanted, None, seconds=60 * minutes)
        next(outcomes)
        count, wall, used = watched(outcomes, scheduler)
    return {
        "slots": slots,
        "notebooks": count,
        "seconds": wall,
        "a_second": count / wall,
        "efficiency": count * seconds / wall / slots,
        "writer_ms": 1000 * used[0] / count,
        "writer_share": used[0] / wall,
        "scheduler_ms": 1000 * used[1] / count,
        "load": os.getloadavg()[0],
    }


def watched(outcomes: Iterator[Any], scheduler: int) -> tuple[int, float, list[float]]:
    """Take outcomes; return how many came in how many seconds, and the processor time of writer and scheduler."""
    processes = {"writer": os.getpid(), "scheduler": scheduler}
    before = [processor_seconds(pid) for pid in processes.values()]
    started = shown = time.perf_counter()
    count = reported = 0
    for count, _ in enumerate(outcomes, 1):
        now = time.perf_counter()
        if now - shown >= SHOW_SECONDS:
            sizes = ", ".join(f"{name} {memory(pid):.0f} MB" for name, pid in processes.items())
            console.print(
                f"{count} after {now - started:.0f} s, {(count - reported) / (now - shown):.0f}/s: {sizes}"
            )
            shown, reported = now, count
    wall = time.perf_counter() - started
    sizes = ", ".join(f"{name} {memory(pid, 'VmHWM'):.0f} MB" for name, pid in processes.items())
    console.print(f"{count} after {wall:.0f} s; at most: {sizes}")
    return (
        count,
        wall,
        [processor_seconds(pid) - then for pid, then in zip(processes.values(), before, strict=True)],
    )


def speed_up(course: Course, options: argparse.Namespace) -> list[dict[str, float]]:
    """Measure 1, 2, 4, 8 and 16 workers; about half a minute each."""
    found = []
    for workers in (1, 2, 4, 8, 16):
        found.append(asleep(course, (workers, 1), 20 + 60 * workers, options.seconds or 0.15, options.minutes))
        console.print("{slots} workers: {a_second:.1f}/s, efficiency {efficiency:.2f}".format(**found[-1]))
    return found


def far(course: Course, options: argparse.Namespace) -> dict[str, float]:
    """Send many notebooks through a few processes of many threads."""
    shape = options.processes, options.threads
    return asleep(course, shape, options.notebooks, options.seconds or 0.02, options.minutes)


PARTS = {"overhead": overhead, "speed-up": speed_up, "far": far}


def main() -> None:
    """Measure, and print what was found as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--copies", type=int, default=4, help="of each notebook, in the larger class")
    parser.add_argument(
        "--seconds", type=float, help="that a worker sleeps for a notebook; by default 0.15, or 0.02 in far"
    )
    parser.add_argument(
        "--minutes", type=float, default=15, help="after which a cluster that sleeps grades no more"
    )
    parser.add_argument("--notebooks", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=8)
    options = parser.parse_args()
    for part in options.only or PARTS:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            console.print(part, json.dumps(PARTS[part](course_in(Path(folder)), options), indent=1))


if __name__ == "__main__":
    main()
