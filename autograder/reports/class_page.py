"""What a class got wrong as one HTML file: it loads nothing, and prints well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autograder.analysis.model import ClassSummary
from autograder.reports import class_mistakes as wrong
from autograder.reports import class_questions as marks
from autograder.reports.class_facts import Facts
from autograder.reports.document import as_document
from autograder.reports.html import shown
from autograder.reports.sortable import SCRIPT

STYLE = Path(__file__).with_name("class_page.css").read_text(encoding="utf-8").strip()
"""The style sheet of the page."""


def class_as_page(summary: ClassSummary, facts: Facts, *, named: bool = False) -> str:
    """Return the page of a class.

    Parameters
    ----------
    summary
        The numbers.
    facts
        What the exercises say about the answers.
    named
        Whether the summary names students. Otherwise no group below three is shown singly.
    """
    parts = [
        ("Marks", marks.scores(summary)),
        ("Named mistakes", wrong.mistakes(summary, named=named)),
        ("Unexplained answers that agree", wrong.unexplained(summary, facts, named=named)),
        ("Questions", marks.questions(summary)),
        ("Checks most often lost", wrong.checks(summary, named=named)),
        ("Not graded, waiting, slow", marks.leftovers(summary, named=named)),
        ("Answers", wrong.answers(summary, facts, named=named)),
    ]
    title = f"{summary.assignment or 'The whole course'}: what the class got wrong"
    links = "".join(f'<li><a href="#part-{n}">{name}</a></li>' for n, (name, _) in enumerate(parts))
    body = "\n".join(
        f'<section aria-labelledby="part-{n}"><h2 id="part-{n}">{name}</h2>\n{"".join(part)}</section>'
        for n, (name, part) in enumerate(parts)
    )
    contents = f'<nav aria-label="Contents"><ul>{links}</ul></nav>'
    return as_document(title, f"{''.join(_opening(summary, named=named))}\n{contents}\n{body}", STYLE, SCRIPT)


def _opening(summary: ClassSummary, *, named: bool) -> Iterator[str]:
    yield f"<p>{summary.students} handed in, {summary.graded} graded"
    yield f", {summary.pending} with an answer that waits for a person.</p>" if summary.pending else ".</p>"
    for warning in summary.warnings:
        yield f'<p class="warn">{shown(warning)}</p>'
    if named:
        yield '<p class="warn">This page names students.</p>'
    else:
        yield '<p class="soft">Nobody is named, and what fewer than three students did is not shown singly.</p>'
