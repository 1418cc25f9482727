"""The classes that all ways of grading are compared on, and the ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.assignments import COURSE, Assignment
from benchmarks.courses import PLUGIN, STOCK, Released
from benchmarks.floor import floor
from benchmarks.mixed import Entry, first_student, of_kind, ordinary_class
from benchmarks.warm import sealed

NBGRADER = "nbgrader autograde"
FLOOR = "floor: cells and calls, not isolated"


@dataclass(frozen=True)
class Workload:
    """Two classes, of which the larger one holds all notebooks of the smaller one.

    All ways get the same notebooks. Where those of a class are alike, a way that is fast gets more of them.
    """

    assignments: dict[str, Assignment]
    few: Sequence[Entry]
    """The smaller class."""
    more: Sequence[Entry]
    """What the larger class holds beyond it."""
    by_jobs: dict[int, Sequence[Entry]]
    """The same for ``autograder grade``, by the number of its jobs."""
    inner: Sequence[Entry]
    """What is graded in one warm process, and what runs bare."""

    @property
    def lean(self) -> bool:
        """Whether the cells that draw are left out."""
        return all(assignment.lean for assignment in self.assignments.values())


def perfect(count: int, *, lean: bool) -> Workload:
    """Return classes of perfect softmax notebooks; in the larger one ``autograder grade`` finds ``count`` more."""
    softmax = Assignment("softmax", lean=lean)
    entries = of_kind("perfect", softmax, range(count))
    few = first_student([softmax])
    return Workload({"softmax": softmax}, few, entries[:8], {1: entries, 2: entries}, entries[:10])


def mixed(seed: int) -> Workload:
    """Return a class as it is over all assignments, without what is slow or never ends."""
    entries = ordinary_class(seed)
    return Workload(COURSE, first_student(COURSE.values()), entries, {1: entries, 2: entries}, entries)


def of_one_kind(kind: str, topic: str) -> Workload:
    """Return a class with one notebook of a kind, or one for each job."""
    entries = of_kind(kind, COURSE[topic], range(2))
    few = first_student([COURSE[topic]])
    return Workload({topic: COURSE[topic]}, few, entries[:1], {1: entries[:1], 2: entries}, entries[:1])


def ways(load: Workload, scratch: Path) -> dict[str, Callable[[], float]]:
    """Return the ways of grading a workload. Each gives the seconds per notebook.

    Parameters
    ----------
    load
        What is graded.
    scratch
        A folder that does not exist yet, for the courses.
    """
    assignments = load.assignments.values()
    stock = Released(scratch / "stock", STOCK, assignments)
    plugin = Released(scratch / "plugin", PLUGIN, assignments)
    autograde = [("nbgrader", "autograde", topic) for topic in load.assignments]

    def grade(jobs: int) -> float:
        return stock.slope(load.few, load.by_jobs[jobs], [("autograder", "grade", "--jobs", str(jobs))])

    return {
        NBGRADER: lambda: stock.slope(load.few, load.more, autograde),
        "nbgrader autograde, our plug-in": lambda: plugin.slope(load.few, load.more, autograde),
        "autograder grade --jobs 1": lambda: grade(1),
        "autograder grade --jobs 2": lambda: grade(2),
        "sealed and graded, one process": lambda: sealed(load.assignments, load.inner),
        FLOOR: lambda: floor(load.inner, lean=load.lean, repeats=2),
    }
