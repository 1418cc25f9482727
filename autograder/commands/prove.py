"""``autograder prove``: test an exercise before students see it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import click

from autograder import exercises
from autograder.commands.console import say
from autograder.commands.opening import course_here
from autograder.course import Course
from autograder.judging import Exercise
from autograder.judging.items import Item
from autograder.judging.lenient import lost_by_none_alone
from autograder.judging.prove import STUDENTS, compositions, faults, faults_of_marks

NOT_PROVEN = 1


def run(folder: Path | None, wanted: tuple[str, ...], *, every: bool) -> int:
    """Prove exercises, by default the course's own, and print their faults; return 1 if there are any, else 0.

    Raises
    ------
    UsageError
        If nothing is named where there are no exercises of a course's own, or an exercise does not exist.
    """
    course = course_here(folder)
    known = exercises.everything()
    unknown = [name for name in wanted if not exercises.is_registered(name)]
    if unknown:
        raise click.UsageError(str(exercises.UnknownExerciseError(unknown[0])))
    own = tuple(name for topic, name in known if topic == exercises.OWN)
    chosen = tuple(name for _, name in known) if every else wanted or own
    if not chosen:
        place = f"{course.root} has no exercises of its own" if course else "This folder lies in no course"
        raise click.UsageError(
            f"{place}, so there is nothing of yours to prove. Name built-in exercises (“autograder list” shows "
            "them), or prove them all with --all, which takes a quarter of an hour."
        )
    return max(_prove(name, course, is_own=name in own) for name in chosen)


def _prove(name: str, course: Course | None, *, is_own: bool) -> int:
    entry = exercises.find(name)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = list(dict.fromkeys((*faults(entry), *_marks_in_notebooks(entry, course))))
        found = found or list(compositions(entry))
        notes = list(lost_by_none_alone(entry)) if is_own and not found and not isinstance(entry, Item) else []
    for fault in found:
        say(f"✗ {name}: {fault}", "red")
    for line in dict.fromkeys(map(_warning, caught)):
        say(f"· {name}: {line}", "dim")
    for note in notes:
        say(f"· {name}: {note}", "dim")
    if not found:
        checks, mistakes = len(entry.checks), len(entry.misconceptions)
        of_them = "check" if checks == 1 else "checks"
        say(
            f"✓ {name}: {checks} {of_them}; the reference keeps every mark and each of "
            f"{mistakes} known {'mistake' if mistakes == 1 else 'mistakes'} is named, for {len(STUDENTS)} students"
        )
    return NOT_PROVEN if found else 0


def _warning(caught: warnings.WarningMessage) -> str:
    return f"{Path(caught.filename).name}:{caught.lineno} warns: {caught.message}"


def _marks_in_notebooks(entry: Exercise, course: Course | None) -> Iterator[str]:
    """Yield which checks get odd marks in the cells of the course that ask for the exercise."""
    for assignment, names in course.assignments.items() if course else ():
        for name in names:
            for cell in course.source(assignment, name).marked if course else ():
                if cell.sealed and cell.sealed.exercise == entry.name:
                    for fault in faults_of_marks(entry, cell.points):
                        yield f"{assignment}/{name}: {fault}"
