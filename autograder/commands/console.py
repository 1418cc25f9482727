"""What the commands print: a table of marks for a person, counts for a log."""

from __future__ import annotations

import itertools
import os
from typing import Any

from rich.console import Console
from rich.table import Table

from autograder.intake import Refused
from autograder.reports import counts
from autograder.reports.glance import label, summary, waiting_as_text
from autograder.results import Report

ALL_BARE = "Graded WITHOUT isolation (--sandbox none): these marks could have been forged."
IN_CI = ("CI", "GITHUB_ACTIONS", "GITLAB_CI")
"""Variables that say that what is printed goes into a job's log."""
console = Console(highlight=False)


def say(text: str, style: str = "") -> None:
    """Print a line as it is: it holds names that are not ours to mark up or to break."""
    console.print(text, style=style or None, markup=False, soft_wrap=True)


def shows_students(options: dict[str, Any]) -> bool:
    """Whether names and marks may be printed: on a person's terminal or on request, never into a log unasked."""
    in_ci = any(os.environ.get(name, "").lower() not in ("", "0", "false") for name in IN_CI)
    return bool(options["show_students"]) or (console.is_terminal and not in_ci)


def print_class(reports: list[Report]) -> None:
    """Print a table of marks, a row a notebook, and below it what needs a look."""
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
        for repair in report.repairs:
            say(f"repaired, {label(report)}: {repair}", "dim")
    if waiting := waiting_as_text(reports):
        say(waiting)
    if any(report.isolation == "none" for report in reports):
        say(ALL_BARE, "bold red")


def print_counts(reports: list[Report], refused: list[Refused]) -> None:
    """Print what a log may hold: how many submissions of each notebook were graded, nobody's name or mark."""
    table = Table(box=None, pad_edge=False)
    for column in ("assignment", "notebook", "graded", "of these, wait for a person", "could not be graded"):
        table.add_column(column, justify="left" if column in ("assignment", "notebook") else "right")
    for row in counts.rows(reports):
        table.add_row(row.assignment, row.notebook, str(row.graded), str(row.waiting), str(row.failed))
    console.print(table)
    for report in reports:
        if report.status == "failed":
            say(f"✗ {counts.neutral(report)}", "red")
    for entry in refused:
        say(f"✗ {entry.neutral}", "red")
    if any(report.isolation == "none" for report in reports):
        say(ALL_BARE, "bold red")
    say("Names and marks: --results FILE, or --show-students to print them.", "dim")
