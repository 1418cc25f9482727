"""Marks as a CSV table: nbgrader's columns, and one more for each cell."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.reports.entry import Entry
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
"""As ``nbgrader export`` writes them."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_table(entries: Sequence[Entry]) -> str:
    """Write a row a student and assignment; a cell that a person has still to mark is empty."""
    cells = list(dict.fromkeys(name for entry in entries for name in entry.cells))
    lines = [line([*COLUMNS, *cells])]
    for entry in entries:
        marks = [entry.cells.get(name) for name in cells]
        lines.append(
            line(
                [
                    entry.assignment,
                    entry.duedate or "",
                    entry.timestamp or "",
                    entry.student,
                    harmless(entry.last_name),
                    harmless(entry.first_name),
                    entry.email,
                    entry.raw_score,
                    entry.penalty,
                    entry.score,
                    entry.max_score,
                    *("" if mark is None else mark for mark in marks),
                ]
            )
        )
    return "\n".join(lines) + "\n"


def harmless(text: str) -> str:
    """Keep a spreadsheet from reading free text as a formula; for names alone, never for what files match by."""
    return f"'{text}" if text.startswith(FORMULA) else text
