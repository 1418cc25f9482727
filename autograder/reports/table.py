"""Marks as a CSV table: nbgrader's columns, and one column for each cell."""

from __future__ import annotations

import re
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

_FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?='*[^\S\t\r\n]*[=+\-@＝＋－＠])|^(?='*[\t\r\n])")
"""Where a spreadsheet sees a formula, perhaps behind apostrophes.

It is at the beginning of a text, or behind what may end a cell: where people write 0,5, a semicolon ends one. In
Chinese, Japanese and Korean, spreadsheets take full-width signs, too.
"""


def as_table(marks: Sequence[AssignmentMark]) -> str:
    """Write a row for each student and assignment. A cell that a person has still to mark is empty.

    No text in it is a formula to a spreadsheet; :func:`without_formula` says how ids are read back.
    """
    cells = list(dict.fromkeys(name for mark in marks for name in mark.cells))
    lines = [line(map(without_formula, [*COLUMNS, *cells]))]
    for mark in marks:
        scores = [mark.cells.get(name) for name in cells]
        lines.append(
            line(
                [
                    without_formula(mark.assignment),
                    mark.duedate or "",
                    mark.timestamp or "",
                    without_formula(mark.student),
                    without_formula(mark.last_name),
                    without_formula(mark.first_name),
                    without_formula(mark.email),
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
    """Write an apostrophe in front of what a spreadsheet would take for a formula.

    Where there is one already, another is written. So with one apostrophe less, the text is what it was:
    :func:`autograder.intake.roster.without_apostrophes` reads it so.
    """
    return _FORMULA.sub("'", text)
