"""Compare the time per notebook of stock nbgrader, our plug-in inside it, ``autograder grade``, and the floor.

The floor is the time of the same cells and calls without isolation and grading.

A time per notebook is a slope: the time of a larger class minus that of a smaller one, divided by the difference
in size. So the time to start Python and nbgrader does not count. Compare ratios: seconds depend on the machine.
All ways take turns, round after round, and the median counts, so that a busy moment affects all of them.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from autograder.commands.demo import submissions
from autograder.grading.grader import Grader
from autograder.grading.settings import Settings
from autograder.grading.submission import Submission
from autograder.grading.workers import pin_to_core
from autograder.judging.calls import Call
from autograder.notebooks import notebook
from autograder.notebooks.source import Source
from autograder.sandbox.session import Session

CHECKOUT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PERFECT = (CHECKOUT / "tests" / "submissions" / "softmax" / "perfect.py").read_text(encoding="utf-8")
FILES = {"figures.py": (CHECKOUT / "source" / "softmax" / "figures.py").read_bytes()}
CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "bench"\n'
PLUGIN = "from autograder import nbgrader_plugin\nnbgrader_plugin.configure(c)\n"
STOCK, OURS = (2, 8), {"computes": (20, 220), "whole": (20, 60)}
"""The sizes of the two classes."""
console = Console()


def lean(nb: notebook.Notebook) -> notebook.Notebook:
    """Return a notebook without the cells that draw and their import: the rest only computes."""
    cells = [c for c in nb["cells"] if c["cell_type"] != "code" or notebook.grade_id_of(c)]
    return {**nb, "cells": [{**c, "source": "".join(c["source"]).replace("import figures\n", "")} for c in cells]}


def submission(nb: notebook.Notebook, student: str) -> bytes:
    """Return a perfect submission that differs from every other student's."""
    return submissions.write(submissions.fill_in(nb, f"# {student}\n{PERFECT}"))


def course(root: Path, config: str, workload: str, size: int) -> None:
    """Make a released course with ``size`` submissions."""
    (root / "source").mkdir(parents=True)
    shutil.copytree(CHECKOUT / "source" / "softmax", root / "source" / "softmax")
    path = root / "source" / "softmax" / "softmax.ipynb"
    if workload == "computes":
        path.write_text(json.dumps(lean(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")
    (root / "nbgrader_config.py").write_text(config, encoding="utf-8")
    run("nbgrader", "generate_assignment", "softmax", "--force", cwd=root)
    blank = notebook.read((root / "release" / "softmax" / "softmax.ipynb").read_bytes())
    for number in range(size):
        folder = root / "submitted" / f"s{number:04}" / "softmax"
        folder.mkdir(parents=True)
        (folder / "softmax.ipynb").write_bytes(submission(blank, folder.parent.name))


def run(*words: str, cwd: Path | None = None) -> float:
    """Run a command of this environment; return its time in seconds."""
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    started = time.perf_counter()
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return seconds


def slope(scratch: Path, config: str, workload: str, sizes: tuple[int, int], *words: str) -> float:
    """Return the time per notebook that a command takes over a course, in seconds."""
    times = []
    for size in sizes:
        root = scratch / "course"
        course(root, config, workload, size)
        times.append(run(*words, cwd=root))
        shutil.rmtree(root)
    return (times[1] - times[0]) / (sizes[1] - sizes[0])


# --- the floor -------------------------------------------------------------------------------------------


def floor(workload: str, repeats: int) -> float:
    """Return the time of a submission's cells and calls without isolation, in one fork server, in seconds."""
    program = f"""
import json, sys, time
sys.path[:0] = [{str(CHECKOUT)!r}, {str(CHECKOUT / "source" / "softmax")!r}]
import matplotlib
from autograder.grading.workers import pin_to_core
pin_to_core(0)
matplotlib.use("module://matplotlib_inline.backend_inline")
import numpy, figures
from IPython.core.interactiveshell import InteractiveShell
from benchmarks.bench import recorded
from autograder.judging.calls import Callback
cells, calls = recorded({workload!r})
shell = InteractiveShell.instance()
sys.stdout = open("/dev/null", "w")
times = []
for _ in range({repeats}):
    shell.reset()
    started = time.perf_counter()
    for cell in cells:
        shell.run_cell(cell)
    for name, args, kwargs in calls:
        plain = [a.function if isinstance(a, Callback) else a for a in args]
        try:
            shell.user_ns[name](*plain, **kwargs)
        except Exception:
            pass
    times.append(time.perf_counter() - started)
print(json.dumps(times), file=sys.__stdout__)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=CHECKOUT
    )
    return statistics.median(json.loads(done.stdout)[2:])


def recorded(workload: str) -> tuple[list[str], list[tuple[str, Any, Any]]]:
    """Return the cells that run, and the calls that are made, when a submission is graded."""
    cells: list[str] = []
    calls: list[tuple[str, Any, Any]] = []
    run_cell, ask_all = Session.run_cell, Session.ask_all

    def record_cell(self: Session, source: str, **options: Any) -> Any:
        cells.append(source)
        return run_cell(self, source, **options)

    def record_calls(self: Session, function: str, asked: Sequence[Call], sizes: Sequence[int]) -> Any:
        calls.extend((function, call.args, call.kwargs) for call in asked)
        return ask_all(self, function, asked, sizes)

    Session.run_cell, Session.ask_all = record_cell, record_calls  # type: ignore[method-assign]
    try:
        with Grader(Settings(b"bench")) as grader:
            nb = blank(workload)
            grader.grade(source(workload), Submission(submission(nb, "floor"), files=FILES))
    finally:
        Session.run_cell, Session.ask_all = run_cell, ask_all  # type: ignore[method-assign]
    return cells, calls


def blank(workload: str) -> notebook.Notebook:
    """Return the released notebook of a workload."""
    nb = notebook.read((CHECKOUT / "release" / "softmax" / "softmax.ipynb").read_bytes())
    return lean(nb) if workload == "computes" else nb


def source(workload: str) -> Source:
    """Return the instructor's cells of a workload."""
    nb = notebook.read((CHECKOUT / "source" / "softmax" / "softmax.ipynb").read_bytes())
    return Source.from_notebook(lean(nb) if workload == "computes" else nb)


@contextlib.contextmanager
def on_one_core() -> Iterator[None]:
    """Keep to one core meanwhile, as a job of a batch does; afterwards use all cores again."""
    cores = os.sched_getaffinity(0)
    pin_to_core(0)
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def sealed(workload: str, repeats: int) -> float:
    """Return the time of a submission in one warm grader, without course and gradebook, in seconds."""
    times = []
    with on_one_core(), Grader(Settings(b"bench")) as grader:
        nb, wanted = blank(workload), source(workload)
        for number in range(repeats):
            content = submission(nb, str(number))
            started = time.perf_counter()
            grader.grade(wanted, Submission(content, files=FILES))
            times.append(time.perf_counter() - started)
    return statistics.median(times[2:])


# --- memory ----------------------------------------------------------------------------------------------


def memory(counts: list[int]) -> Iterator[tuple[int, float]]:
    """Yield each count of submissions, and the memory of a grader and its fork server after it, in megabytes."""
    before = 0.0
    with Grader(Settings(b"bench")) as grader:
        nb, wanted = blank("computes"), source("computes")
        for number in range(1, max(counts) + 1):
            grader.grade(wanted, Submission(submission(nb, str(number)), files=FILES))
            if number + 1 in counts:  # after a round number, the fork server is new
                before = memory_in_use()
            if number in counts:
                yield number, max(before, memory_in_use())


def memory_in_use() -> float:
    """Return the memory of this process and of its children, in megabytes."""
    return sum(resident(pid) for pid in (os.getpid(), *children(os.getpid())))


def resident(pid: int) -> float:
    """Return the private memory of a process, in megabytes."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private")) / 1024


def children(pid: int) -> list[int]:
    """Return the ids of a process's children."""
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


# --- the table -------------------------------------------------------------------------------------------


def main() -> None:
    """Measure everything, print tables, write the JSON file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=CHECKOUT / "build" / "bench.json")
    parser.add_argument(
        "--memory",
        type=int,
        default=1000,
        metavar="N",
        help="how many submissions to grade when memory is measured",
    )
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often each way is measured")
    options = parser.parse_args()
    found: dict[str, Any] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    }
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        scratch = Path(folder)
        for workload in ("computes", "whole"):
            found[workload] = measure(scratch, workload, options.rounds)
        file = scratch / "one.ipynb"
        file.write_bytes(submission(blank("whole"), "one"))
        cold = ("autograder", "grade", str(file), "--assignment", "softmax", "--no-gradebook")
        cold += ("--course", str(CHECKOUT))
        found["cold"] = statistics.median(run(*cold) for _ in range(5))
        found["help"] = statistics.median(run("autograder", "--help") for _ in range(5))
    counts = [n for n in (10, 100, 1000, 10_000) if n <= options.memory]
    found["memory"] = {str(n): round(megabytes, 1) for n, megabytes in memory(counts)}
    show(found)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    console.print(f"written to {options.json}")


def measure(scratch: Path, workload: str, rounds: int) -> dict[str, float]:
    """Measure all ways of grading a workload, in turns; return the median seconds per notebook of each."""
    grade = ("autograder", "grade", "--jobs")
    stock, many = ("nbgrader", "autograde", "softmax"), OURS[workload]
    ways: dict[str, Callable[[], float]] = {
        "nbgrader autograde": lambda: slope(scratch, CONFIG, workload, STOCK, *stock),
        "nbgrader autograde, our plug-in": lambda: slope(scratch, CONFIG + PLUGIN, workload, STOCK, *stock),
        "autograder grade --jobs 1": lambda: slope(scratch, CONFIG, workload, many, *grade, "1"),
        "autograder grade --jobs 2": lambda: slope(scratch, CONFIG, workload, many, *grade, "2"),
        "sealed and graded, one process": lambda: sealed(workload, 30),
        "floor: cells and calls, not isolated": lambda: floor(workload, 30),
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(1, rounds + 1):
        for name, way in ways.items():
            with console.status(f"{workload}, round {turn} of {rounds}: {name} …"):
                found[name].append(way())
    return {name: statistics.median(seconds) for name, seconds in found.items()}


def show(found: dict[str, Any]) -> None:
    """Print the measurements as tables."""
    console.print(found["machine"])
    for workload in ("computes", "whole"):
        table = Table(title=f"{workload}: per notebook", title_justify="left", box=None)
        for column in ("what", "ms", "times stock", "times floor"):
            table.add_column(column, justify="left" if column == "what" else "right")
        times = found[workload]
        stock, least = times["nbgrader autograde"], times["floor: cells and calls, not isolated"]
        for name, seconds in times.items():
            table.add_row(name, f"{seconds * 1e3:.1f}", f"{stock / seconds:.1f}×", f"{seconds / least:.1f}×")
        console.print(table)
    console.print(f"one submission, cold: {found['cold']:.2f} s; autograder --help: {found['help']:.2f} s")
    sizes = ", ".join(f"{megabytes:.0f} MB after {n}" for n, megabytes in found["memory"].items())
    console.print(f"memory: {sizes}")


if __name__ == "__main__":
    main()
