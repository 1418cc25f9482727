"""A submission as it is handed to the grader, and what grading gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.notebooks.notebook import Notebook
from autograder.notebooks.source import Source, SourceCell
from autograder.results import CellResult, Report


@dataclass(frozen=True)
class Submission:
    """One submitted notebook, as it came."""

    content: bytes
    student: str = ""
    assignment: str = ""
    name: str = ""
    """Of the notebook, without its suffix."""
    file: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """The attachments: what lies beside the notebook, by relative path."""


@dataclass(frozen=True)
class Graded:
    """A report, and the notebook as it ran: restored, with the outputs of its cells."""

    report: Report
    notebook: Notebook | None
    """None where nothing could be graded."""


def cell_result(cell: SourceCell, score: float | None, message: str | None = None, **more: Any) -> CellResult:
    """Give the result of a graded cell; ``more`` holds what only a sealed cell has."""
    return CellResult(
        grade_id=cell.grade_id,
        exercise=more.pop("exercise", None),
        mode="manual" if cell.by_hand else "sealed" if cell.sealed else "in-process",
        score=score,
        max_score=cell.points,
        message=message,
        **more,
    )


def failed(source: Source, submission: Submission, message: str) -> Report:
    """Give the report of a submission that can't be graded: no marks, and the reason on every cell."""
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
        cells=[cell_result(cell, 0.0, message) for cell in source.marked],
    )
