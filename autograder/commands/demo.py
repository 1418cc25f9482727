"""Play a whole class: ``autograder demo``."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands.grade import grade_into, grader_for
from autograder.commands.opened import CannotGradeError
from autograder.commands.printed import print_class, say
from autograder.database import NbgraderError
from autograder.demo import DemoError, play
from autograder.reports.text import checks_as_text


def demo(into: Path | None, jobs: int) -> int:
    """Play a class; return the exit status."""
    try:
        played = play(into, jobs, grader_for, grade_into)
    except (DemoError, NbgraderError) as error:
        raise CannotGradeError(str(error)) from None
    print_class(played.reports)
    naive = next(r for r in played.reports if r.student == played.shown)
    cell = next(cell for cell in naive.cells if cell.misconceptions)
    say(f"\nWhat {played.shown} reads about {cell.exercise}:\n")
    click.echo(checks_as_text(cell.checks))
    click.echo(f"\ngradebook  {played.course.root / 'gradebook.db'}")
    click.echo(f"feedback   {played.feedback}")
    click.echo(f"notebooks  {played.course.folder('autograded', '*', cell.exercise or '')}")
    return 0
