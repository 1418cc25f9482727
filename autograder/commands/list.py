"""``autograder list``: list the registered exercises and, inside a course, its assignments."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click
from rich.table import Table

from autograder import exercises
from autograder.commands.console import console, say
from autograder.commands.entered import entered_in
from autograder.commands.opening import course_here
from autograder.commands.source_faults import faults_of


def run(folder: Path | None, *, markdown: bool) -> None:
    """Print the registered exercises and, inside a course, its assignments."""
    course = course_here(folder)
    if markdown:
        from autograder.exercises.catalogue import as_markdown  # noqa: PLC0415

        click.echo(as_markdown(), nl=False)
        return
    table = Table(box=None, pad_edge=False)
    for column in ("topic", "exercise", "points", "checks", "known mistakes"):
        named = column in ("topic", "exercise")
        # A name is looked up to be typed elsewhere: all of it is shown.
        table.add_column(column, justify="left" if named else "right", overflow="fold")
    for topic, name in exercises.everything():
        entry = exercises.find(name)
        table.add_row(topic, name, f"{entry.points:g}", str(len(entry.checks)), str(len(entry.misconceptions)))
    console.print(table)
    if course is None:
        return
    faults: list[str] = []
    for assignment, books in course.assignments.items():
        for book in books:
            faults += [f"✗ {assignment}/{book}: {fault}" for fault in faults_of(course, assignment, book)]
            marked = course.source(assignment, book).marked
            sealed = sum(cell.sealed is not None for cell in marked)
            points = sum(cell.points for cell in marked)
            say(
                f"\nassignment {assignment}/{book}: {points:g} points, {len(marked)} marked cells, {sealed} sealed"
            )
    for fault in faults:
        say(fault, "red")
    with suppress(ModuleNotFoundError), entered_in(course) as gradebook:  # without nbgrader there is no gradebook
        if gradebook:
            from autograder.commands.tally import say_changes  # noqa: PLC0415

            say_changes(gradebook, course.assignments)
