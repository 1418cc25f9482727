"""A student's feedback as one HTML file: it loads no script, style sheet or image."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.notebooks.sanitise import clean_html
from autograder.reports.html import cell_as_html, shown
from autograder.reports.text import NOT_ISOLATED, marks
from autograder.results import Report

STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; }
li { margin: .4rem 0; } code { font-size: .9em; overflow-wrap: anywhere; } img { max-width: 100%; height: auto; }
figure { margin: .5rem 0 1rem; } figcaption { font-size: .9em; }
""".strip()
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What a browser may load for the page, in case a student's text ever passes the escaping."""


def report_as_page(report: Report) -> str:
    """Return the page of one notebook: marks, then each cell's checks with evidence, cause, hint and picture."""
    title = (
        report.assignment if report.notebook == report.assignment else f"{report.assignment}: {report.notebook}"
    )
    head = f"{shown(title)}: {marks(report.score, report.max_score)}"
    body = clean_html("\n".join(_body(report)))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{head}</title>\n<style>\n{STYLE}\n</style>\n</head>\n"
        f"<body>\n<h1>{head}</h1>\n{body}\n</body>\n</html>\n"
    )


def _body(report: Report) -> Iterator[str]:
    if report.isolation == "none":
        yield f"<p><strong>{shown(NOT_ISOLATED)}</strong></p>"
    if report.message:
        yield f"<p>This notebook could not be graded. {shown(report.message)}</p>"
    if report.needs_person:
        waiting = ", ".join(f"<code>{shown(name)}</code>" for name in report.needs_person)
        yield f"<p>A person still has to mark {waiting}.</p>"
    if report.status == "graded":
        yield from map(cell_as_html, report.cells)
    if report.repairs:
        repairs = "".join(f"<li>{shown(repair)}</li>" for repair in report.repairs)
        yield f"<h2>Repaired before grading</h2>\n<ul>{repairs}</ul>"
