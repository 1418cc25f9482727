"""Printing to the console: a table of marks for a person, counts for a log."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from autograder.intake import Refused, Superseded
from autograder.reports.anonymous import count_by_notebook, failure_without_name
from autograder.reports.overview import label, summary, waiting_as_text, waiting_in
from autograder.reports.text import NOT_ISOLATED
from autograder.results import Report

IN_CI = ("CI", "GITHUB_ACTIONS", "GITLAB_CI")
"""Environment variables that are set where output goes into a job's log."""
NARROWEST = 40
"""Columns. In fewer, no table can be read; in none, nothing would be printed."""


def _width() -> int | None:
    """Return the width to print in where ``COLUMNS`` says less than can be read; else None."""
    columns = os.environ.get("COLUMNS", "")
    return NARROWEST if columns.isdigit() and int(columns) < NARROWEST else None


console = Console(highlight=False, width=_width())


def say(text: str, style: str = "") -> None:
    """Print a line unchanged: names in it are not markup, and are not broken into two lines."""
    console.print(text, style=style or None, markup=False, soft_wrap=True)


def say_waiting() -> None:
    """Say that another command works in the course."""
    say("Another autograder is at work in this course; waiting for it.", "dim")


def shows_students(options: dict[str, Any]) -> bool:
    """Whether names and marks may be printed: on a terminal outside of CI, or with ``--show-students``."""
    return bool(options["show_students"]) or (console.is_terminal and not in_ci())


def in_ci() -> bool:
    """Whether this output goes into a job's log."""
    return any(os.environ.get(name, "").lower() not in ("", "0", "false") for name in IN_CI)


def print_class(reports: list[Report], waiting: Mapping[tuple[str, str], int] | None = None) -> None:
    """Print a table of marks, a row for each notebook, and below it failures, repairs and answers that wait.

    ``waiting`` counts these answers by assignment and cell, as the gradebook has them; by default the reports say.
    """
    for assignment, group in itertools.groupby(
        sorted(reports, key=lambda r: r.assignment), key=lambda r: r.assignment
    ):
        table = Table(title=assignment, title_justify="left", box=None, pad_edge=False)
        for column in ("student", "marks", "what was seen"):
            table.add_column(column, justify="right" if column == "marks" else "left", overflow="fold")
        for report in group:
            mark = "failed" if report.status == "failed" else f"{report.score:g} / {report.max_score:g}"
            table.add_row(label(report), mark, summary(report))
        console.print(table)
    for report in reports:
        if report.status == "failed":
            say(f"✗ {label(report)}: {report.message}", "red")
        for fault in report.faults:
            say(f"✗ {label(report)}: {fault}.", "red")
        for repair in report.repairs:
            say(f"repaired, {label(report)}: {repair}", "dim")
    if sentence := waiting_as_text(waiting_in(reports) if waiting is None else waiting):
        say(sentence)
    _warn_if_not_isolated(reports)


def print_refused(refused: Iterable[Refused]) -> None:
    """Print why each of these paths was not graded; an earlier submission of a student is no error."""
    for entry in refused:
        earlier = isinstance(entry, Superseded)
        say(f"{'·' if earlier else '✗'} {entry.reason}", "dim" if earlier else "red")


def print_counts(reports: list[Report], refused: list[Refused]) -> None:
    """Print what a log may hold: how many submissions of each notebook were graded, without names and marks."""
    table = Table(box=None, pad_edge=False)
    for column in ("assignment", "notebook", "graded", "of these, wait for a person", "could not be graded"):
        table.add_column(column, justify="left" if column in ("assignment", "notebook") else "right")
    for row in count_by_notebook(reports):
        table.add_row(row.assignment, row.notebook, str(row.graded), str(row.waiting), str(row.failed))
    console.print(table)
    for report in reports:
        if report.status == "failed":
            say(f"✗ {failure_without_name(report)}", "red")
        for cell in report.cells:
            if cell.fault:
                where = f"“{cell.grade_id}” of {report.assignment}"
                say(f"✗ A submission met a fault of the grader at {where}, and waits for a person.", "red")
    for entry in refused:
        say(f"✗ {entry.neutral}", "red")
    _warn_if_not_isolated(reports)
    say("Names and marks: --results FILE, or --show-students to print them.", "dim")


def _warn_if_not_isolated(reports: Iterable[Report]) -> None:
    if any(report.isolation == "none" for report in reports):
        say(NOT_ISOLATED, "bold red")
