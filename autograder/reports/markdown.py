"""Reports as Markdown, CommonMark with GitHub's tables; a text of a student's is text in it and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autograder.reports.text import MARKS, cell_marks, marks, printable
from autograder.results import CellResult, CheckResult, Report

BARE = "Graded WITHOUT isolation (`--sandbox none`): these marks could have been forged."

_MEANT = re.compile(
    r"[\\`*\[\]<>&!|~$#@]|(?<![^\W_])_|_(?![^\W_])|(?<=:)//|(?<=www)\.",  # within a word "_" is itself
    re.IGNORECASE,
)
_TICKS = re.compile("`+")


def plain(text: str) -> str:
    """Return a text as a line of Markdown that shows it as it is: no markup, link, image, mention, cell border."""
    return _MEANT.sub(_literally, one_line(text))


def _literally(found: re.Match[str]) -> str:
    sign = found[0]
    if sign in ("<", ">", "&", "@"):  # GitHub looks for mentions after the backslashes are gone
        return {"<": "&lt;", ">": "&gt;", "&": "&amp;", "@": "@\N{WORD JOINER}"}[sign]
    return "".join(f"\\{c}" for c in sign)


def code(text: str) -> str:
    """Return a text as one code span, whatever backticks are in it; empty for an empty text."""
    line = one_line(text)
    if not line:
        return ""
    fence = "`" * (1 + max((len(run) for run in _TICKS.findall(line)), default=0))
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def one_line(text: str) -> str:
    """Join a text's lines, and replace what would steer instead of standing there."""
    return printable(" ".join(text.split()))


def report_as_markdown(report: Report) -> str:
    """Write what a student reads about a notebook: marks, then cell by cell each check, evidence, cause, nudge."""
    alone = report.notebook == report.assignment
    title = plain(report.assignment if alone else f"{report.assignment}: {report.notebook}")
    lines = [f"# {title}: {marks(report.score, report.max_score)}", ""]
    if report.isolation == "none":
        lines += [BARE, ""]
    if report.message:
        lines += [f"This notebook could not be graded. {plain(report.message)}", ""]
    if report.needs_person:
        waiting = ", ".join(map(code, report.needs_person))
        lines += [f"A person still has to mark {waiting}.", ""]
    for cell in report.cells if report.status == "graded" else []:
        lines += _cell(cell)
    if report.repairs:
        lines += ["## Repaired before grading", "", *(f"- {plain(repair)}" for repair in report.repairs), ""]
    return "\n".join(lines)


def _cell(cell: CellResult) -> Iterator[str]:
    yield from (f"## {plain(cell.grade_id)}: {cell_marks(cell)}", "")
    if cell.message:
        yield from (f"Result: {plain(cell.message)}", "")
        return
    for check in cell.checks:
        yield from _check(check)
    if cell.checks:
        yield ""
    if cell.curve:
        yield from (f"Picture: {plain(cell.curve.text)}", "")


def _check(check: CheckResult) -> Iterator[str]:
    """Write a check as a list item; each line of its message begins a line of its own."""
    lines = [line for line in (check.message or "").splitlines() if line.strip()]
    shown = [code(lines[0])] if lines and check.passed is False else [plain(line) for line in lines[:1]]
    shown += [plain(line) for line in lines[1:]]
    head = f"- {MARKS[check.passed]} **{plain(check.name)}** ({marks(check.score, check.max_score)})"
    yield "\\\n  ".join([head, *shown])
