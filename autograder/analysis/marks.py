"""The marks of a class as a table: a row a student, a column a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autograder.results import Report

Key = tuple[str, str, str]
"""Assignment, notebook and ``grade_id`` of a question."""


@dataclass(frozen=True)
class Column:
    """A question."""

    key: Key
    exercise: str | None
    max_score: float
    by_machine: bool


@dataclass(frozen=True)
class Table:
    """The marks of the students whose notebooks were graded.

    Attributes
    ----------
    students
        Their ids, in the order of the rows.
    columns
        The questions, in the order in which they first occur.
    marks
        Of shape (students, columns); nan where a student has no mark.
    pending
        Of the same shape: whether the mark waits for a person.
    totals
        The sum of each student's marks, of shape (students,).
    """

    students: tuple[str, ...]
    columns: tuple[Column, ...]
    marks: np.ndarray
    pending: np.ndarray
    totals: np.ndarray

    @property
    def base(self) -> np.ndarray:
        """Which questions a student is compared by: those of a machine, and others that wait for nobody's mark."""
        return np.array(
            [
                column.by_machine or not (self.pending[:, place].any() or np.isnan(self.marks[:, place]).all())
                for place, column in enumerate(self.columns)
            ],
            dtype=bool,
        )


def table_of(reports: Sequence[Report]) -> Table:
    """Lay out the marks. A notebook that could not be graded counts for nothing."""
    graded = [report for report in reports if report.status == "graded"]
    rows = {student: row for row, student in enumerate(dict.fromkeys(report.student for report in graded))}
    columns: dict[Key, Column] = {}
    for report in graded:
        for cell in report.cells:
            key = (report.assignment, report.notebook, cell.grade_id)
            known = columns.get(key)
            by_machine = cell.mode != "manual" and (known is None or known.by_machine)
            highest = max(cell.max_score, known.max_score if known else 0.0)
            columns[key] = Column(key, cell.exercise, highest, by_machine)
    places = {key: place for place, key in enumerate(columns)}
    marks = np.full((len(rows), len(places)), np.nan)
    pending = np.zeros(marks.shape, dtype=bool)
    totals = np.zeros(len(rows))
    for report in graded:
        row = rows[report.student]
        totals[row] += report.score
        for cell in report.cells:
            place = places[report.assignment, report.notebook, cell.grade_id]
            if cell.score is None:
                pending[row, place] = True
            else:
                marks[row, place] = cell.score
    return Table(tuple(rows), tuple(columns.values()), marks, pending, totals)
