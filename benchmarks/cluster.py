"""What a cluster costs and how far it goes: ``make bench-cluster``.

- *Overhead*: seconds a notebook of ``--cluster local:2`` and of ``--jobs 2`` on the same cores, in turns.
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
                    env=os.environ | {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "false"},
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


def memory(pid: int) -> float:
    """Return the largest resident size that a process had, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# --- the parts -------------------------------------------------------------------------------------------


def overhead(course: Course, options: argparse.Namespace) -> dict[str, Any]:
    """Compare a cluster of two with two jobs."""
    entries = [entry for seed in range(2) for entry in ordinary_class(seed)]
    few, more = written(course.root, entries, 1), written(course.root, entries, 1 + options.copies)
    ways: dict[str, list[float]] = {"--jobs 2": [], "--cluster local:2": []}
    with WorkerPool(SETTINGS) as workers, clusters.opened(parsed("local:2"), SETTINGS, console.print) as many:
        for turn in range(options.rounds):
            for (way, found), graders in zip(ways.items(), (OneMachine(workers), many), strict=True):
                times = [seconds_for(graders, course, wanted, 2) for wanted in (few, more)]
                found.append((times[1] - times[0]) / (len(more) - len(few)))
                console.print(f"overhead, round {turn + 1}: {way}: {found[-1] * 1000:.1f} ms a notebook")
    medians = {way: statistics.median(found) for way, found in ways.items()}
    one, other = medians.values()
    return {"seconds": medians, "overhead": other / one - 1, "load": os.getloadavg()[0]}


def recorded(course: Course) -> tuple[bytes, list[Any]]:
    """Grade a notebook; return its report and notebook with marks for names, and what to grade."""
    [wanted] = written(course.root, list(of_kind("one mistake", COURSE[TOPIC], [1])), 1)
    with WorkerPool(SETTINGS) as workers:
        [outcome] = OneMachine(workers).grade(course, [wanted], 1)
    report: Report = msgspec.structs.replace(outcome.report, student="@student@", file="@file@")
    return msgspec.json.encode((report, outcome.notebook)), wanted


def asleep(course: Course, shape: tuple[int, int], number: int, options: argparse.Namespace) -> dict[str, float]:
    """Send so many notebooks through a cluster of processes and threads that sleep."""
    template, (found, source) = recorded(course)
    preload, kept = course.root / "sleeps.py", course.root / "template.json"
    kept.write_bytes(template)
    preload.write_text(SLEEPS.format(seconds=options.seconds, template=str(kept)), encoding="utf-8")
    wanted = [(SubmittedNotebook(found.path, f"s{n:06}", TOPIC, TOPIC), source) for n in range(number)]
    with (
        cluster(*shape, preload) as (address, scheduler),
        clusters.opened(Address(address), SETTINGS, console.print) as graders,
    ):
        seconds_for(graders, course, wanted[: 2 * shape[0] * shape[1]], None)  # admits and warms the workers
        before = processor_seconds(os.getpid()), processor_seconds(scheduler)
        outcomes = graders.grade(course, wanted, None)
        next(outcomes)
        started = time.perf_counter()
        for count, _ in enumerate(outcomes, 2):
            if count % 10_000 == 0:
                both = f"writer {memory(os.getpid()):.0f} MB, scheduler {memory(scheduler):.0f} MB"
                console.print(f"{count} after {time.perf_counter() - started:.0f} s: {both}")
        seconds = time.perf_counter() - started
        used = processor_seconds(os.getpid()) - before[0], processor_seconds(scheduler) - before[1]
        return {
            "slots": shape[0] * shape[1],
            "notebooks": number,
            "seconds": seconds,
            "a_second": number / seconds,
            "efficiency": number * options.seconds / seconds / (shape[0] * shape[1]),
            "writer_ms": 1000 * used[0] / number,
            "scheduler_ms": 1000 * used[1] / number,
            "writer_mb": memory(os.getpid()),
            "scheduler_mb": memory(scheduler),
            "load": os.getloadavg()[0],
        }


def speed_up(course: Course, options: argparse.Namespace) -> list[dict[str, float]]:
    """Measure 1, 2, 4, 8 and 16 workers."""
    found = []
    for workers in (1, 2, 4, 8, 16):
        found.append(asleep(course, (workers, 1), 20 + 60 * workers, options))
        console.print(found[-1])
    return found


def far(course: Course, options: argparse.Namespace) -> dict[str, float]:
    """Send many notebooks through a few processes of many threads."""
    return asleep(course, (options.processes, options.threads), options.notebooks, options)


PARTS = {"overhead": overhead, "speed-up": speed_up, "far": far}


def main() -> None:
    """Measure, and print what was found as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--copies", type=int, default=3, help="of each notebook, in the larger class")
    parser.add_argument("--seconds", type=float, default=0.15, help="that a worker sleeps for a notebook")
    parser.add_argument("--notebooks", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=32)
    options = parser.parse_args()
    for part in options.only or PARTS:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            console.print(part, json.dumps(PARTS[part](course_in(Path(folder)), options), indent=1))


if __name__ == "__main__":
    main()
