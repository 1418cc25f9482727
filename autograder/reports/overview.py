"""A class in short: a line for each submission, the checks lost most often, the answers to be marked by hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from autograder.reports.text import marks
from autograder.results import CellResult, Report


def label(report: Report) -> str:
    """Return the student, and the notebook where it is not named like its assignment."""
    return report.student if report.notebook == report.assignment else f"{report.student}/{report.notebook}"


REASONS = (
    (r"raises NotImplementedError|stopped with NotImplementedError", "not written"),
    (r"stopped(?: with|:) (SyntaxError|IndentationError|TabError)", "{0}"),
    (r"ModuleNotFoundError: No module named '([\w.]+)'", "import refused ({0})"),
    (r"^\w+ is not defined", "not defined"),
    (r"did not end within|took more than", "too slow"),
    (r"did not come back|ended its own process", "ended Python"),
    (r"stopped with (?!AssertionError)(\w+)", "{0}"),
)
"""What the beginning of a message says, as a few words; the first that fits counts."""
WRONG, PARTLY_WRONG, NAMED_FUNCTIONS = "wrong", "partly wrong", 2


def reason(cell: CellResult) -> str:
    """Return in a few words why a cell lost marks where no mistake was recognised."""
    failed = (check.message for check in cell.checks if check.passed is False and check.message)
    message = cell.message or next(failed, "")
    for pattern, words in REASONS:
        if found := re.search(pattern, message):
            return words.format(*found.groups())
    return PARTLY_WRONG if cell.score else WRONG


def summary(report: Report) -> str:
    """Return a table's field: the mistakes that were recognised, and why the other functions lost marks."""
    if report.status == "failed":
        return "see below"
    if not report.cells:
        return "no cell carries marks"
    graded = [cell for cell in report.cells if cell.mode != "manual" and cell.score is not None]
    lost = [cell for cell in graded if (cell.score or 0.0) < cell.max_score]
    named = [f"{cell.grade_id}: {', '.join(cell.misconceptions)}" for cell in lost if cell.misconceptions]
    others: dict[str, list[str]] = {}
    for cell in lost:
        if not cell.misconceptions:
            others.setdefault(reason(cell), []).append(cell.grade_id)
    if len(others.get("not written", ())) == len(graded) > 1:
        return "nothing written"
    parts = [
        f"{why}: {', '.join(names) if len(names) <= NAMED_FUNCTIONS else f'{len(names)} functions'}"
        for why, names in others.items()
    ]
    faulty = [cell.grade_id for cell in report.cells if cell.fault]
    return "; ".join(named + parts + ([f"fault of the grader: {', '.join(faulty)}"] if faulty else []))


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
