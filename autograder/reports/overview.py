"""A class in short: a line for each submission, the checks lost most often, the answers to be marked by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from autograder.reports.text import marks
from autograder.results import Report


def label(report: Report) -> str:
    """Return the student, and the notebook where it is not named like its assignment."""
    return report.student if report.notebook == report.assignment else f"{report.student}/{report.notebook}"


def summary(report: Report) -> str:
    """Return a table's field: the mistakes that were recognised, and the other functions that lost marks."""
    if report.status == "failed":
        return "see below"
    lost = [c for c in report.cells if c.mode != "manual" and c.score is not None and c.score < c.max_score]
    named = [f"{cell.grade_id}: {', '.join(cell.misconceptions)}" for cell in lost if cell.misconceptions]
    others = [cell.grade_id for cell in lost if not cell.misconceptions]
    if len(others) > 2:
        others = [f"{len(others)} more" if named else f"{len(others)} functions lost marks"]
    return "; ".join(named + others)


def lost_checks(reports: Iterable[Report]) -> list[tuple[str, str, int]]:
    """Return cell, check and number of submissions of each check that was lost, most often lost first."""
    counts = Counter(
        (cell.grade_id, check.name)
        for report in reports
        for cell in report.cells
        for check in cell.checks
        if check.passed is False
    )
    return [(cell, check, number) for (cell, check), number in counts.most_common()]


def report_as_line(report: Report) -> str:
    """Return the verdict on a submission as one line: its marks, what a person must mark, what was repaired."""
    parts = [f"{label(report)}: {marks(report.score, report.max_score)}"]
    if report.needs_person:
        parts.append(f"waits for a person: {', '.join(report.needs_person)}")
    if report.repairs:
        parts.append(f"repaired: {', and '.join(report.repairs)}")
    return "; ".join(parts)


def waiting_in(reports: Iterable[Report]) -> Counter[tuple[str, str]]:
    """Count the answers that a person must mark, by assignment and cell."""
    return Counter((report.assignment, cell) for report in reports for cell in report.needs_person)


def waiting_as_text(cells: Mapping[tuple[str, str], int]) -> str:
    """Return a sentence that counts and names the answers that a person must mark; empty if there are none."""
    if not cells:
        return ""
    by_assignment: dict[str, list[str]] = {}
    for (assignment, cell), count in cells.items():
        by_assignment.setdefault(assignment, []).append(f"{cell} ({count})")
    named = "; ".join(f"{name}: {', '.join(found)}" for name, found in by_assignment.items())
    total = sum(cells.values())
    verb = "answer waits" if total == 1 else "answers wait"
    return f"{total} {verb} to be marked by a person, in nbgrader's formgrader. {named}."
