"""Results as HTML: the panel of one graded cell."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from autograder.reports.picture import curve_as_html
from autograder.reports.text import MARKS, cell_marks, marks, printable
from autograder.results import CellResult, CheckResult


def shown(text: str) -> str:
    """Return a text as HTML that shows it unchanged."""
    return escape("\n".join(printable(line) for line in text.splitlines()))


def cell_as_html(cell: CellResult) -> str:
    """Return the panel of one graded cell: a line for each check, with evidence, cause and hint below it.

    The panel uses only tags and attributes that the sanitiser keeps. No information is in colour alone.
    """
    name = shown(cell.exercise or cell.grade_id)
    head = f"<p><strong>{name}: {cell_marks(cell)}</strong></p>"
    if cell.message:
        return f"<div>{head}<p>{shown(cell.message)}</p></div>"
    picture = curve_as_html(cell.curve) if cell.curve else ""
    return f"<div>{head}<ul>{''.join(_items(cell.checks))}</ul>{picture}</div>"


def _items(checks: Iterable[CheckResult]) -> Iterable[str]:
    for check in checks:
        message = (check.message or "").splitlines()
        evidence, hints = (message[0], message[1:]) if message else ("", [])
        body = f"<br><code>{shown(evidence)}</code>" if evidence and check.passed is False else ""
        body += "".join(f"<br>{shown(line)}" for line in (hints if check.passed is False else message))
        score = marks(check.score, check.max_score)
        yield f"<li>{MARKS[check.passed]} <strong>{shown(check.name)}</strong> ({score}){body}</li>"
