"""The floor: the time of the same cells and calls in one process, without isolation and grading.

``python -m benchmarks.floor ASSIGNMENT lean|whole REPEATS FILE...`` prints each notebook's time in seconds.
Figures are made and not drawn, as while grading. A cell that raises shows no traceback.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from autograder.grading.grader import Grader
from autograder.grading.settings import Settings
from autograder.grading.submission import Submission
from autograder.grading.workers import pin_to_core
from autograder.judging.calls import Call, Callback
from autograder.sandbox.session import Session
from benchmarks import CHECKOUT
from benchmarks.assignments import Assignment
from benchmarks.mixed import Entry

Recorded = tuple[list[str], list[tuple[str, Any, Any]]]
"""The cells that run, and the calls that are made, when a submission is graded."""


def floor(entries: Iterable[Entry], *, lean: bool, repeats: int) -> float:
    """Return the mean time of the notebooks' cells and calls, in seconds; of each its median over the repeats."""
    found: list[float] = []
    by_topic = defaultdict(list)
    for entry in entries:
        by_topic[entry.topic].append(entry)
    with tempfile.TemporaryDirectory(prefix="bench-floor-") as folder:
        for topic, handed_in in by_topic.items():
            paths = [Path(folder) / f"{entry.student}-{topic}.ipynb" for entry in handed_in]
            for path, entry in zip(paths, handed_in, strict=True):
                path.write_bytes(entry.content)
            found += _measured(topic, lean, repeats, paths)
    return statistics.mean(found)


def _measured(topic: str, lean: bool, repeats: int, paths: Sequence[Path]) -> list[float]:
    words = [topic, "lean" if lean else "whole", str(repeats), *map(str, paths)]
    beside = CHECKOUT / "source" / topic  # the figures and the data that cells import and read
    paths_of_modules = f"{CHECKOUT}{os.pathsep}{beside}"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.floor", *words],
        capture_output=True,
        text=True,
        check=True,
        cwd=beside,
        env=os.environ | {"PYTHONPATH": paths_of_modules},
    )
    found: list[float] = json.loads(done.stdout)
    return found


def main(topic: str, workload: str, repeats: str, *paths: str) -> None:
    """Measure the notebooks of one assignment, each in turn."""
    import matplotlib as mpl  # noqa: PLC0415  # the measuring process alone needs it
    from IPython.core import pylabtools  # noqa: PLC0415
    from IPython.core.interactiveshell import InteractiveShell  # noqa: PLC0415
    from matplotlib import pyplot as plt  # noqa: PLC0415

    assignment = Assignment(topic, lean=workload == "lean")
    pin_to_core(0)
    mpl.use("module://matplotlib_inline.backend_inline")
    plt.ioff()  # else IPython draws, after each cell, what a cell that raised has left
    pylabtools.print_figure = lambda *_, **__: None
    shell = InteractiveShell.instance()
    shell.showtraceback = shell.showsyntaxerror = lambda *_, **__: None
    with Grader(Settings(b"bench")) as grader:
        recordings = [_record(grader, assignment, Path(path).read_bytes()) for path in paths]
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123
        _time_of(shell, recordings[0])  # the first one imports
        rounds = [[_time_of(shell, recorded) for recorded in recordings] for _ in range(int(repeats))]
    print(json.dumps([statistics.median(times) for times in zip(*rounds, strict=True)]))


def _time_of(shell: Any, recorded: Recorded) -> float:
    cells, calls = recorded
    shell.reset()
    started = time.perf_counter()
    for cell in cells:
        shell.run_cell(cell)
    for name, args, kwargs in calls:
        plain = [arg.function if isinstance(arg, Callback) else arg for arg in args]
        with contextlib.suppress(Exception):
            shell.user_ns[name](*plain, **kwargs)
    return time.perf_counter() - started


def _record(grader: Grader, assignment: Assignment, content: bytes) -> Recorded:
    cells: list[str] = []
    calls: list[tuple[str, Any, Any]] = []
    with _watched(cells, calls):
        grader.grade(assignment.source, Submission(content, files=assignment.files))
    return cells, calls


@contextlib.contextmanager
def _watched(cells: list[str], calls: list[tuple[str, Any, Any]]) -> Iterator[None]:
    run_cell, ask_all = Session.run_cell, Session.ask_all

    def record_cell(self: Session, source: str, **options: Any) -> Any:
        cells.append(source)
        return run_cell(self, source, **options)

    def record_calls(self: Session, function: str, asked: Sequence[Call], *more: Any) -> Any:
        calls.extend((function, call.args, call.kwargs) for call in asked)
        return ask_all(self, function, asked, *more)

    Session.run_cell, Session.ask_all = record_cell, record_calls  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        Session.run_cell, Session.ask_all = run_cell, ask_all  # type: ignore[method-assign]


if __name__ == "__main__":
    main(*sys.argv[1:])
