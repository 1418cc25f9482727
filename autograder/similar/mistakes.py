"""The mistakes of a report, as second evidence: those that have a name, and wrong answers that have none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autograder.results import CellResult, Report

LONGEST = 160
"""Characters of a wrong answer that are shown."""


def mistakes_in(reports: Iterable[Report]) -> frozenset[str]:
    """Return the mistakes of one student, each with the cell in which it was made."""
    return frozenset(mistake for report in reports for cell in report.cells for mistake in _of(cell))


def _of(cell: CellResult) -> Iterator[str]:
    yield from (f"{cell.grade_id}: {name}" for name in cell.misconceptions)
    for check in cell.checks:
        first = (check.message or "").partition("\n")[0]
        # What an exception says is the student's own text, which may hold a name.
        if check.passed is False and not check.misconception and " → " in first and " raised " not in first:
            yield f"{cell.grade_id}: {first[:LONGEST]}"
