"""A replayed submission as text for an instructor: what was asked, answered and expected, and why each mark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import UNSET

from autograder.reports.text import MARKS, cell_marks, marks, not_run, printable
from autograder.results import AskedResult, CellResult, CheckResult, Report

IN_CALLS = "hidden: "
"""How a line of a message starts that the list of calls holds, too."""


def report_as_text(report: Report, cells: Iterable[CellResult]) -> str:
    """Write a report with some of its cells, each with every call that decided about its mark."""
    head = f"{report.student} · {report.assignment} · {report.notebook}.ipynb: "
    lines = [printable(head + marks(report.score, report.max_score))]
    lines += [printable(report.message)] if report.message else []
    lines += [printable(f"repaired: {repair}") for repair in report.repairs]
    for cell in cells:
        lines += ["", *_cell(cell, report.message)]
    return "\n".join(lines)


def _cell(cell: CellResult, said: str | None) -> Iterator[str]:
    yield printable(f"{cell.grade_id}: {cell_marks(cell)} ({cell.mode})")
    if cell.message and cell.message != said:
        yield from _indented(cell.message, 2)
    for check in cell.checks:
        if check.passed is not None or not check.message:
            yield from _check(check)
    for line in not_run(cell.checks):
        yield printable(f"  {MARKS[None]} {line}")


def _check(check: CheckResult) -> Iterator[str]:
    yield printable(f"  {MARKS[check.passed]} {check.name} ({marks(check.score, check.max_score)})")
    if check.message:
        kept = [line for line in check.message.split("\n") if not line.startswith(IN_CALLS)]
        yield from _indented("\n".join(dict.fromkeys(kept)), 4)
    if check.misconception:
        yield printable(f"    named: {check.misconception.replace('+', ' and ')}")
    for call in [] if check.calls is UNSET or not isinstance(check.calls, list) else check.calls:
        yield printable(f"      {_call(call)}")


def _call(call: AskedResult) -> str:
    kind = "hidden" if call.hidden else "public"
    answer = f"{call.answered}" if call.passed else f"{call.answered}, expected {call.expected}"
    return f"{MARKS[call.passed]} {kind}: {call.asked} → {answer}"


def _indented(text: str, width: int) -> Iterator[str]:
    yield from (" " * width + printable(line) for line in text.splitlines() if line.strip())
