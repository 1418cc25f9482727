"""``autograder prove``: test an exercise before students see it."""

from __future__ import annotations

from pathlib import Path

import click

from autograder import exercises
from autograder.commands.console import say
from autograder.commands.opening import course_here
from autograder.judging.prove import STUDENTS, compositions, faults

NOT_PROVEN = 1


def run(folder: Path | None, wanted: tuple[str, ...]) -> int:
    """Prove exercises, by default the course's own, and print their faults; return 1 if there are any, else 0."""
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
        found = list(dict.fromkeys((*faults(entry), *compositions(entry))))
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
