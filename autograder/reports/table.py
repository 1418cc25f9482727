"""Marks as a CSV table: nbgrader's columns, and one column for each cell."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.reports.mark import AssignmentMark
from autograder.reports.sheet import line

COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)
"""The columns that ``nbgrader export`` writes."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_table(marks: Sequence[AssignmentMark]) -> str:
    """Write a row for each student and assignment. A cell that a person has still to mark is empty."""
    cells = list(dict.fromkeys(name for mark in marks for name in mark.cells))
    lines = [line([*COLUMNS, *cells])]
    for mark in marks:
        scores = [mark.cells.get(name) for name in cells]
        lines.append(
            line(
                [
                    mark.assignment,
                    mark.duedate or "",
                    mark.timestamp or "",
                    mark.student,
                    without_formula(mark.last_name),
                    without_formula(mark.first_name),
                    mark.email,
                    mark.raw_score,
                    mark.penalty,
                    mark.score,
                    mark.max_score,
                    *("" if score is None else score for score in scores),
                ]
            )
        )
    return "\n".join(lines) + "\n"


def without_formula(text: str) -> str:
    """Keep a spreadsheet from reading a name as a formula. Ids are left unchanged: files are matched by them."""
    return f"'{text}" if text.startswith(FORMULA) else text
