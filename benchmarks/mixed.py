"""A class as it is: some students hand in all assignments, and most of what they hand in is not right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from benchmarks import kinds
from benchmarks.assignments import COURSE, Assignment

STUDENTS = 3
COUNTS = {
    "right in another style": 5,
    "one mistake": 3,
    "two mistakes": 3,
    "three mistakes": 2,
    "four mistakes": 2,
    "unfinished": 2,
    "untouched": 1,
    "raises early": 1,
    "lacks a package": 1,
    "syntax error": 1,
}
"""How many notebooks of each kind the students hand in together."""
RARE = {"endless loop": 0.01, "slow but right": 0.01}
"""The share of notebooks of two more kinds. They are measured by themselves: one may cost more than all others."""


@dataclass(frozen=True)
class Entry:
    """A submitted notebook."""

    student: str
    topic: str
    kind: str
    content: bytes


def ordinary_class(seed: int) -> list[Entry]:
    """Return what the students hand in; the seed decides about kinds, styles and mistakes."""
    dealt = [kind for kind, count in COUNTS.items() for _ in range(count)]
    Random(seed).shuffle(dealt)
    places = [(f"student-{number}", topic) for number in range(STUDENTS) for topic in COURSE]
    return [
        _entry(student, COURSE[topic], kind, f"{seed} {student} {topic}")
        for (student, topic), kind in zip(places, dealt, strict=True)
    ]


def of_kind(kind: str, assignment: Assignment, numbers: Iterable[int]) -> list[Entry]:
    """Return a notebook of a kind for each number, which decides about styles and mistakes."""
    name = kind.replace(" ", "-")
    return [_entry(f"{name}-{number:04}", assignment, kind, str(number)) for number in numbers]


def first_student(assignments: Iterable[Assignment]) -> list[Entry]:
    """Return a perfect notebook of each assignment: the smaller of the two classes that are compared."""
    return [_entry("first", assignment, "perfect", "") for assignment in assignments]


def _entry(student: str, assignment: Assignment, kind: str, seed: str) -> Entry:
    content = kinds.write(assignment, kind, student, Random(seed))
    return Entry(student, assignment.topic, kind, content)
