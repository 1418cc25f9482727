"""What an instructor does before and besides grading: release, prove, list, look over, try out."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from autograder import exercises
from autograder.commands.opened import (
    WRONG_USE,
    CannotGradeError,
    course_here,
    open_course,
    refuse_unknown,
    settings_from,
)
from autograder.commands.printed import console, say
from autograder.sandbox.policy import Limits

NOT_PROVEN = 1


def release(folder: Path | None, assignments: tuple[str, ...]) -> int:
    """Generate and prove releases; return the exit status."""
    from autograder.database import NbgraderError  # noqa: PLC0415
    from autograder.release import ReleaseError  # noqa: PLC0415
    from autograder.release import release as make  # noqa: PLC0415

    course = open_course(folder)
    refuse_unknown(course, assignments)
    status = 0
    for name in assignments or tuple(course.assignments):
        try:
            made = make(course, name)
        except (ReleaseError, NbgraderError) as error:
            say(f"✗ {name}: {error}", "red")
            status = 1
        else:
            say(f"✓ {name}: {made} holds no solution and no hidden test")
    return status


def gradescope_zip(given: dict[str, Any], folder: Path | None, assignment: str, out: Path) -> None:
    """Write the upload for Gradescope."""
    from autograder.gradescope import upload  # noqa: PLC0415

    course = open_course(folder)
    settings = settings_from(given, course)
    refuse_unknown(course, [assignment])
    words = ["--feedback", settings.feedback]
    words += [word for module in settings.allow for word in ("--allow", module)]
    for name, value in asdict(settings.limits).items():
        if value != getattr(Limits(), name):
            words += ["--limit", f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"]
    content = upload(course, assignment, settings.secret, words)
    try:
        with open(out, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(content)
    except OSError as error:
        raise CannotGradeError(f"{out} can't be written: {error.strerror}.") from None
    say(f"{out} holds the hidden tests and the course's secret: upload it, and give it to nobody.")


def precheck(folder: Path | None, words: tuple[str, ...]) -> int:
    """Look over a notebook as ``release/precheck.py`` does; return the exit status."""
    from autograder.precheck import main  # noqa: PLC0415
    from autograder.release import released_cells  # noqa: PLC0415

    return main(words, released_cells(open_course(folder)), prog="autograder precheck")


def list_all(folder: Path | None, *, markdown: bool) -> None:
    """Print the registered exercises and, inside a course, its assignments."""
    course = course_here(folder)
    if markdown:
        from autograder.catalogue import as_markdown  # noqa: PLC0415

        click.echo(as_markdown(), nl=False)
        return
    table = Table(box=None, pad_edge=False)
    for column in ("topic", "exercise", "points", "checks", "known mistakes"):
        table.add_column(column, justify="left" if column in ("topic", "exercise") else "right")
    for topic, name in exercises.names():
        entry = exercises.find(name)
        table.add_row(topic, name, f"{entry.points:g}", str(len(entry.checks)), str(len(entry.misconceptions)))
    console.print(table)
    if course is None:
        return
    for assignment, books in course.assignments.items():
        for book in books:
            marked = course.source(assignment, book).marked
            sealed = sum(cell.sealed is not None for cell in marked)
            points = sum(cell.points for cell in marked)
            say(
                f"\nassignment {assignment}/{book}: {points:g} points, {len(marked)} marked cells, {sealed} sealed"
            )


def prove(folder: Path | None, wanted: tuple[str, ...]) -> int:
    """Prove exercises, the course's own if none is named; return 1 where one has a fault."""
    from autograder.prove import STUDENTS, faults  # noqa: PLC0415

    course = course_here(folder)
    known = exercises.names()
    unknown = [name for name in wanted if not exercises.is_registered(name)]
    if unknown:
        raise click.UsageError(str(exercises.UnknownExerciseError(unknown[0])))
    own = tuple(name for topic, name in known if topic == exercises.OWN)
    if not wanted and not own and course:
        say(f"{course.root} has no exercises of its own; these are the built-in ones.", "dim")
    status = 0
    for name in wanted or own or tuple(name for _, name in known):
        entry = exercises.find(name)
        found = list(dict.fromkeys(faults(entry)))
        if found:
            status = NOT_PROVEN
        for fault in found:
            say(f"✗ {name}: {fault}", "red")
        if not found:
            say(
                f"✓ {name}: {len(entry.checks)} checks; the reference keeps every mark and each of "
                f"{len(entry.misconceptions)} known mistakes is named, for {len(STUDENTS)} students"
            )
    return status


def doctor() -> int:
    """Print what was found; return 0 where this machine can grade."""
    from autograder.doctor import examine  # noqa: PLC0415

    findings = []
    for finding in examine():
        findings.append(finding)
        say(f"{'✓' if finding.fine else '✗'} {finding.sentence}", "" if finding.fine else "red")
    fine = all(finding.fine for finding in findings)
    say("This machine can grade." if fine else "This machine can't grade.")
    return 0 if fine else WRONG_USE
