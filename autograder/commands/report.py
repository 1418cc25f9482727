"""``autograder report``: what a class got wrong, as a page and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from autograder.analysis.model import ClassSummary, to_json
from autograder.analysis.summary import summarise
from autograder.commands.class_facts import facts_of, sentences_of
from autograder.commands.class_results import ResultsError, read_gradebook, read_results
from autograder.commands.console import say
from autograder.commands.lecture import slides_of
from autograder.commands.opening import CannotGradeError, course_here, open_course
from autograder.commands.options import STDOUT
from autograder.gradebook.atomic import write_atomically
from autograder.reports.anonymous import failure_without_name
from autograder.reports.class_mistakes import shown_groups
from autograder.reports.class_page import class_as_page
from autograder.reports.mark import DuplicateReportError, marks_from_reports
from autograder.reports.slides import slides_as_page
from autograder.results import Report

FILES = ("html", "json", "slides")


def run(assignment: str | None, options: dict[str, Any]) -> None:
    """Summarise the results of a class; write the files that the options name, and print the summary in short.

    Parameters
    ----------
    assignment
        Its name; None for the whole course.
    options
        Those of ``report``.
    """
    try:
        reports = _read(assignment, options)
        marks_from_reports(reports)
    except (ResultsError, DuplicateReportError) as error:
        raise CannotGradeError(str(error)) from None
    named = options["names"]
    summary = summarise(
        reports,
        assignment,
        sentences=sentences_of(reports),
        failures={
            place: failure_without_name(report)
            for place, report in enumerate(reports)
            if report.status == "failed"
        },
        names=named,
    )
    if options["json"]:
        _write(options["json"], to_json(summary))
    facts = facts_of(reports)
    if options["html"]:
        _write(options["html"], class_as_page(summary, facts, named=named).encode("utf-8", "replace"))
    if options["slides"]:
        slides = slides_of(summary, facts, named=named)
        title = f"{assignment or 'The whole course'}: mistakes to talk about"
        _write(options["slides"], slides_as_page(title, slides).encode("utf-8", "replace"))
    if STDOUT not in (options[kind] for kind in FILES):
        _print(summary, options)


def _read(assignment: str | None, options: dict[str, Any]) -> list[Report]:
    """Read the results of one assignment, or of all."""
    if options["results"] is None:
        quiet = STDOUT in (options[kind] for kind in FILES)
        return read_gradebook(open_course(options["course"]), assignment, quiet=quiet)
    course_here(options["course"])  # its own exercises have sentences, too
    reports = read_results(options["results"])
    if not reports:
        raise ResultsError(
            f"{options['results']} holds no results. “autograder grade --results FILE” writes some."
        )
    wanted = [report for report in reports if assignment in (None, report.assignment)]
    if not wanted and reports:
        known = ", ".join(sorted({report.assignment for report in reports}))
        raise ResultsError(f"{options['results']} has no results of “{assignment}”; it has: {known}.")
    return wanted


def _print(summary: ClassSummary, options: dict[str, Any]) -> None:
    scores = summary.scores
    say(f"{summary.assignment or 'The whole course'}: {summary.students} handed in, {summary.graded} graded.")
    if scores.mean is not None:
        say(f"Marks: mean {scores.mean:.3g}, median {scores.median:.3g}, of {scores.max_score:.3g}.")
    for warning in summary.warnings:
        say(warning)
    for mistake in shown_groups(summary.mistakes, named=options["names"])[:5]:
        say(f"  {mistake.students:>4}  {mistake.exercise}: {mistake.name}")
    for first in shown_groups(summary.unexplained, named=options["names"])[:1]:
        say(f"Unexplained: {first.students} students answer {first.example} with {first.answer}.")
    written = [str(options[key]) for key in FILES if options[key]]
    say(
        f"Written: {', '.join(written)}."
        if written
        else "For the page: --html FILE; for the numbers: --json FILE."
    )


def _write(path: Path, content: bytes) -> None:
    if path == STDOUT:
        click.echo(content, nl=False)
        return
    try:
        write_atomically(path, content)
    except OSError as error:
        raise CannotGradeError(f"{path} can't be written: {error.strerror}.") from None
