"""Scratch courses, and the time that a command takes over the submissions of one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks import ENVIRONMENT
from benchmarks.assignments import Assignment
from benchmarks.mixed import Entry

BIN = Path(sys.executable).parent
STOCK = 'c = get_config()\nc.CourseDirectory.course_id = "bench"\n'
PLUGIN = f"{STOCK}from autograder import nbgrader_plugin\nnbgrader_plugin.configure(c)\n"
Command = tuple[str, ...]


def run(*words: str, cwd: Path | None = None) -> float:
    """Run a command of this environment; return its time in seconds."""
    environment = ENVIRONMENT | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    started = time.perf_counter()
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return seconds


class Released:
    """A course with released assignments and nobody's submissions. Each class gets a copy of it.

    Parameters
    ----------
    root
        The course's folder, which is made.
    config
        The text of its ``nbgrader_config.py``.
    assignments
        What is released, one by one.
    """

    def __init__(self, root: Path, config: str, assignments: Iterable[Assignment]) -> None:
        self.root, self.assignments = root, {each.topic: each for each in assignments}
        root.mkdir(parents=True)
        (root / "nbgrader_config.py").write_text(config, encoding="utf-8")
        for topic, assignment in self.assignments.items():
            assignment.copy_source(root)
            run("nbgrader", "generate_assignment", topic, cwd=root)

    def submit(self, root: Path, entries: Iterable[Entry]) -> None:
        """Make a copy of the course in which these notebooks are handed in, with the files beside them."""
        shutil.copytree(self.root, root)
        for entry in entries:
            folder = root / "submitted" / entry.student / entry.topic
            folder.mkdir(parents=True)
            for name, content in self.assignments[entry.topic].files.items():
                (folder / name).write_bytes(content)
            (folder / f"{entry.topic}.ipynb").write_bytes(entry.content)

    def seconds(self, entries: Iterable[Entry], commands: Sequence[Command]) -> float:
        """Return the time that commands take, one after the other, over a class."""
        root = self.root.with_name(f"{self.root.name}-class")
        self.submit(root, entries)
        try:
            return sum(run(*command, cwd=root) for command in commands)
        finally:
            shutil.rmtree(root)

    def slope(self, few: Sequence[Entry], more: Sequence[Entry], commands: Sequence[Command]) -> float:
        """Return the time per notebook: how much longer a class takes if more notebooks come to those few."""
        return (self.seconds([*few, *more], commands) - self.seconds(few, commands)) / len(more)
