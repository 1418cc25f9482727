"""A student's feedback as one HTML file: it loads no script, style sheet or image."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autograder.notebooks.sanitise import clean_html
from autograder.reports.document import as_document
from autograder.reports.html import cell_as_html, shown
from autograder.reports.text import NOT_ISOLATED, marks
from autograder.results import CellResult, Report

STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8").strip()
"""The style sheet of this page and of nbgrader's feedback."""


def report_as_page(report: Report) -> str:
    """Return the page of one notebook: its contents, what lost marks, what waits for a person, and the rest."""
    title = (
        report.assignment if report.notebook == report.assignment else f"{report.assignment}: {report.notebook}"
    )
    head = f"{title}: {marks(report.score, report.max_score)}"
    return as_document(head, clean_html("\n".join(_body(report))), STYLE)


def _body(report: Report) -> Iterator[str]:
    if report.isolation == "none":
        yield f"<p><strong>{shown(NOT_ISOLATED)}</strong></p>"
    if report.message:
        yield f"<p>This notebook could not be graded. {shown(report.message)}</p>"
    if report.status == "graded":
        yield from _cells(list(enumerate(report.cells)))
    if report.repairs:
        repairs = "".join(f"<li>{shown(repair)}</li>" for repair in report.repairs)
        yield f"<h2>Repaired before grading</h2>\n<ul>{repairs}</ul>"


def _cells(cells: list[tuple[int, CellResult]]) -> Iterator[str]:
    """Return the contents, then the cells in three groups; a cell's number is its anchor."""
    lost = [(n, cell) for n, cell in cells if cell.score is not None and cell.score < cell.max_score]
    waiting = [(n, cell) for n, cell in cells if cell.score is None]
    full = [(n, cell) for n, cell in cells if cell.score is not None and cell.score >= cell.max_score]
    if waiting:
        yield f"<p>{sum(cell.max_score for _, cell in waiting):.4g} of the points still wait for a person.</p>"
    links = [
        f'<li><a href="#cell-{n}">{_name(cell)}</a>: {_marks(cell)}</li>' for n, cell in lost + waiting + full
    ]
    if len(links) > 1:
        yield f"<ol>{''.join(links)}</ol>"
    for title, group in (("What lost marks", lost), ("Waits for a person", waiting), ("Full marks", full)):
        if group:
            yield f"<h2>{title}</h2>"
        for n, cell in group:
            panel = "" if cell.score is None else cell_as_html(cell)
            yield f'<h3 id="cell-{n}">{_name(cell)}: {_marks(cell)}</h3>\n{panel}'


def _name(cell: CellResult) -> str:
    return shown(cell.exercise or cell.grade_id)


def _marks(cell: CellResult) -> str:
    if cell.score is None:
        return f"waits for a person ({cell.max_score:.4g} to give)"
    return marks(cell.score, cell.max_score)
