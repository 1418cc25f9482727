"""The summary of a class: the data of ``autograder report --json``, with its committed schema."""

from __future__ import annotations

from typing import Any

import msgspec

from autograder.results import schema_of

SCHEMA_VERSION = 1

Interval = tuple[float, float]
Names = list[str] | msgspec.UnsetType
"""Students' ids; left out unless students are to be named."""


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """The marks of the students who were graded; null if there are none."""

    mean: float | None
    median: float | None
    min: float | None
    max: float | None
    """The highest mark that a student has."""
    max_score: float | None
    """The highest mark that can be had."""


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """How many students have a mark from ``low`` up to ``high``; the last bin holds its upper end, too."""

    low: float
    high: float
    students: int


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One graded cell. Numbers are over the students who have a mark for it."""

    grade_id: str
    max_score: float
    mean: float | None
    difficulty: float | None
    """Mean mark over maximum: 1 is the easiest."""
    discrimination: float | None
    """Correlation of the marks with the sum of the other questions' marks."""
    discrimination_interval: Interval | None
    """A 95 % bootstrap interval."""
    zero: int
    """How many students have no marks."""
    full: int
    """How many have all."""
    pending: int
    """How many wait for a person."""
    marked: int
    upper: float | None
    """Mean mark of the quarter of the class with the most marks."""
    lower: float | None
    """Mean mark of the quarter with the fewest."""
    alpha_without: float | None
    """Cronbach's alpha of the other questions; null for one that a person marks."""
    assignment: str
    notebook: str
    exercise: str | None
    reasons: dict[str, str]
    """Why a number is null, by key."""


class LostCheck(msgspec.Struct, frozen=True, kw_only=True):
    """How many students a check has failed, and for how many it could not be run."""

    grade_id: str
    name: str
    lost: int
    not_run: int
    assignment: str


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """A named mistake, with one student's answer that shows it."""

    exercise: str
    name: str
    students: int
    message: str
    """What the catalogue says about it."""
    example: str | None
    answer: str | None
    names: Names = msgspec.UNSET


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two named mistakes that the same students make."""

    a: str
    b: str
    students: int
    a_exercise: str
    b_exercise: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A public call and a wrong answer to it."""

    example: str
    answer: str


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """Students whose wrong answers have no name, and are the same on every public example."""

    exercise: str
    students: int
    example: str
    answer: str
    others: list[Answer]
    """What they answer to the other public examples that they get wrong."""
    names: Names = msgspec.UNSET


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """How many students' functions end in the same exception on a public example."""

    exercise: str
    error: str
    students: int


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Submissions that could not be graded for the same reason."""

    reason: str
    students: int
    names: Names = msgspec.UNSET


class Slow(msgspec.Struct, frozen=True, kw_only=True):
    """A submission that took long to grade."""

    seconds: float
    assignment: str
    student: str | msgspec.UnsetType = msgspec.UNSET


class AssignmentScores(msgspec.Struct, frozen=True, kw_only=True):
    """The marks of one assignment of the course."""

    assignment: str
    students: int
    graded: int
    mean: float | None
    median: float | None
    max_score: float | None


class ClassSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What the results of a class say about an assignment, or about the course. Counts are of students."""

    assignment: str | None
    """None for the whole course."""
    students: int
    graded: int
    scores: Scores
    alpha: float | None
    """Cronbach's alpha of the questions that a machine marks."""
    alpha_interval: Interval | None
    """Feldt's 95 % interval."""
    questions: list[Question]
    checks: list[LostCheck]
    mistakes: list[Mistake]
    together: list[Pair]
    unexplained: list[Cluster]
    alone: int
    """How many wrong answers without a name agree with no other student's."""
    stopped: list[Stop]
    failed: list[Failure]
    pending: int
    """How many students have an answer that waits for a person."""
    slowest: list[Slow]
    distribution: list[Bin]
    assignments: list[AssignmentScores]
    alpha_students: int
    """How many students alpha is computed from."""
    warnings: list[str]
    reasons: dict[str, str]
    """Why a number is null, by key."""
    version: int = SCHEMA_VERSION


def to_json(summary: ClassSummary) -> bytes:
    """Encode a summary as indented JSON; numbers are finite or null."""
    return msgspec.json.format(msgspec.json.encode(summary), indent=1) + b"\n"


def schema() -> dict[str, Any]:
    """Return the JSON schema of a summary, as it is committed in ``report.schema.json``."""
    return schema_of("What autograder report --json writes", SCHEMA_VERSION, ClassSummary)
