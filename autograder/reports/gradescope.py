"""The Reports of one submission as the ``results.json`` that Gradescope reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from autograder.reports.text import cell_as_text, cell_marks, marks, printable
from autograder.results import CellResult, CheckResult, Report

Visibility = Literal["visible", "hidden", "after_due_date", "after_published"]


class ManyStudentsError(ValueError):
    """The Reports are of several submissions, and Gradescope's file holds one."""


def as_gradescope(reports: Sequence[Report], visibility: Visibility = "visible") -> dict[str, Any]:
    """Return the file's content: a test for each check, and one for each cell without checks.

    Every text is declared as plain text, which Gradescope shows unchanged. What the grader prints is hidden from
    students.

    Parameters
    ----------
    reports
        The notebooks of one submission.
    visibility
        When students see the tests.

    Raises
    ------
    ManyStudentsError
        If the reports are of several students or assignments.
    """
    if len({(report.student, report.assignment) for report in reports}) > 1:
        raise ManyStudentsError("A Gradescope file is about one submission of one student; name that one alone.")
    tests = [test for report in reports for test in _tests(report, several=len(reports) > 1)]
    return {
        "score": sum(report.score for report in reports),
        "execution_time": round(sum(report.seconds for report in reports), 3),
        "output": "\n".join(_output(reports)),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "extra_data": {"isolation": [report.isolation for report in reports]},
        "tests": [{"number": str(n), **test, "visibility": visibility} for n, test in enumerate(tests, 1)],
    }


def _output(reports: Iterable[Report]) -> Iterator[str]:
    for report in reports:
        if report.isolation == "none":
            yield "Graded WITHOUT isolation: these marks could have been forged."
        if report.message:
            yield f"{_line(report.notebook)} could not be graded. {_text(report.message)}"
        else:
            yield f"{_line(report.notebook)}: {marks(report.score, report.max_score)}"
        yield from (f"Repaired before grading: {_text(repair)}" for repair in report.repairs)


def _tests(report: Report, *, several: bool) -> Iterator[dict[str, Any]]:
    for cell in report.cells:
        name = f"{report.notebook}/{cell.grade_id}" if several else cell.grade_id
        if cell.checks and not cell.message:
            yield from (_check(name, cell, check) for check in cell.checks)
        else:
            yield _whole(name, cell)


def _check(name: str, cell: CellResult, check: CheckResult) -> dict[str, Any]:
    return {
        "name": _line(f"{name}: {check.name}"),
        "score": check.score,
        "max_score": check.max_score,
        "status": "passed" if check.passed else "failed",
        "output": _text(check.message or ""),
        "tags": [_line(cell.grade_id)],
        "extra_data": {"misconception": check.misconception and _line(check.misconception)},
    }


def _whole(name: str, cell: CellResult) -> dict[str, Any]:
    """Return a cell as one test; a cell that a person marks has neither a score nor a status."""
    test: dict[str, Any] = {
        "name": _line(name),
        "output": _text(cell_as_text(cell)) or cell_marks(cell),
        "tags": [_line(cell.grade_id)],
    }
    if cell.score is not None:
        status = "passed" if cell.score >= cell.max_score else "failed"
        test |= {"score": cell.score, "max_score": cell.max_score, "status": status}
    return test


def _text(text: str) -> str:
    return "\n".join(printable(line) for line in text.splitlines())


def _line(text: str) -> str:
    return printable(" ".join(text.split()))
