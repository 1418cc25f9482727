"""What the grader takes, a submission, and what it returns: a report and the notebook as it ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.notebooks.notebook import Notebook
from autograder.notebooks.source import Source, SourceCell
from autograder.results import CellResult, Report


@dataclass(frozen=True)
class Submission:
    """One submitted notebook, unread."""

    content: bytes
    student: str = ""
    assignment: str = ""
    name: str = ""
    """The notebook's name, without its suffix."""
    file: str = ""
    """The path that messages and reports show."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """The attachments: the files that lie beside the notebook, by relative path."""
    instructors: frozenset[str] = frozenset()
    """The names of those files that are the instructor's own."""


@dataclass(frozen=True)
class Graded:
    """A report, and the notebook as it ran: with the instructor's cells restored and with outputs."""

    report: Report
    notebook: Notebook | None
    """None if the submission could not be graded."""


def cell_result(cell: SourceCell, score: float | None, message: str | None = None, **more: Any) -> CellResult:
    """Return the result of a graded cell; ``more`` holds the fields that only a sealed cell has."""
    return CellResult(
        grade_id=cell.grade_id,
        exercise=more.pop("exercise", None),
        mode="manual" if cell.by_hand else "sealed" if cell.sealed else "in-process",
        score=score,
        max_score=cell.points,
        message=message,
        **more,
    )


def failed(source: Source, submission: Submission, message: str, *, fault: bool = False) -> Report:
    """Return the report of a submission that can't be graded, with the reason on every cell.

    Its marks are 0; where it is a ``fault`` of the grader's and not the submission's, there are none, and a person
    decides.
    """
    return Report(
        student=submission.student,
        assignment=submission.assignment,
        notebook=submission.name,
        file=submission.file,
        status="failed",
        message=message,
        score=0.0,
        max_score=sum(cell.points for cell in source.marked),
        isolation=None,
        seconds=0.0,
        cells=[cell_result(cell, None if fault else 0.0, message) for cell in source.marked],
    )
