"""Reports as Markdown: CommonMark with GitHub's tables. A student's text is escaped, and stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autograder.reports.text import MARKS, NOT_ISOLATED, cell_marks, marks, not_run, printable
from autograder.results import CellResult, CheckResult, Report

WARNING = NOT_ISOLATED.replace("--sandbox none", "`--sandbox none`")

_MARKUP = re.compile(
    r"[\\`*\[\]<>&!|~$#@]|(?<![^\W_])_|_(?![^\W_])|(?<=:)//|(?<=www)\.",  # within a word "_" is itself
    re.IGNORECASE,
)
_TICKS = re.compile("`+")


def plain(text: str) -> str:
    """Return a text as one line of Markdown that shows it unchanged, without markup, links, images or mentions."""
    return _MARKUP.sub(_escaped, one_line(text))


def _escaped(found: re.Match[str]) -> str:
    sign = found[0]
    if sign in ("<", ">", "&", "@"):  # GitHub looks for mentions after it has removed the backslashes
        return {"<": "&lt;", ">": "&gt;", "&": "&amp;", "@": "@\N{WORD JOINER}"}[sign]
    return "".join(f"\\{c}" for c in sign)


def code(text: str) -> str:
    """Return a text as one code span, whatever backticks it holds; an empty text stays empty."""
    line = one_line(text)
    if not line:
        return ""
    fence = "`" * (1 + max((len(run) for run in _TICKS.findall(line)), default=0))
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def one_line(text: str) -> str:
    """Join a text's lines, and replace control characters."""
    return printable(" ".join(text.split()))


def report_as_markdown(report: Report) -> str:
    """Write a student's feedback on a notebook: marks, then each cell's checks with evidence, cause and hint."""
    only = report.notebook == report.assignment
    title = plain(report.assignment if only else f"{report.assignment}: {report.notebook}")
    lines = [f"# {title}: {marks(report.score, report.max_score)}", ""]
    if report.isolation == "none":
        lines += [WARNING, ""]
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
        if check.passed is not None or not check.message:
            yield from _check(check)
    for line in not_run(cell.checks):
        yield f"- {MARKS[None]} {plain(line)}"
    if cell.checks:
        yield ""
    if cell.curve:
        yield from (f"Picture: {plain(cell.curve.text)}", "")


def _check(check: CheckResult) -> Iterator[str]:
    """Return a check as a list item, each line of its message on a line of its own."""
    lines = [line for line in (check.message or "").splitlines() if line.strip()]
    shown = [code(lines[0])] if lines and check.passed is False else [plain(line) for line in lines[:1]]
    shown += [plain(line) for line in lines[1:]]
    head = f"- {MARKS[check.passed]} **{plain(check.name)}** ({marks(check.score, check.max_score)})"
    yield "\\\n  ".join([head, *shown])
