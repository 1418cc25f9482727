"""A submission at a glance: whose it is, what was seen, which checks a class lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from autograder.results import Report


def whose(report: Report) -> str:
    """Name a submission; an assignment's only notebook goes without saying."""
    return report.student if report.notebook == report.assignment else f"{report.student}/{report.notebook}"


def seen(report: Report) -> str:
    """Say, for one row, which mistakes were recognised, and how many more functions lost marks."""
    lost = [c for c in report.cells if c.mode != "manual" and c.score is not None and c.score < c.max_score]
    if report.status == "failed":
        return "see below"
    named = [f"{cell.grade_id}: {', '.join(cell.misconceptions)}" for cell in lost if cell.misconceptions]
    others = [cell.grade_id for cell in lost if not cell.misconceptions]
    if len(others) > 2:
        others = [f"{len(others)} more" if named else f"{len(others)} functions lost marks"]
    return "; ".join(named + others)


def lost_checks(reports: Iterable[Report]) -> list[tuple[str, str, int]]:
    """Return each check that was lost, as cell, sentence and number of submissions, most often lost first."""
    counts = Counter(
        (cell.grade_id, check.name)
        for report in reports
        for cell in report.cells
        for check in cell.checks
        if check.passed is False
    )
    return [(cell, check, number) for (cell, check), number in counts.most_common()]
