"""What the exercises of a class's results say: the right answers to public examples, and sentences of mistakes."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder import exercises
from autograder.judging import Exercise
from autograder.judging.calls import Returned
from autograder.judging.compare import show
from autograder.reports.class_facts import ExerciseFacts, Facts
from autograder.results import Report


def used_in(reports: Sequence[Report]) -> Iterator[Exercise]:
    """Yield each exercise that occurs in results and is installed here."""
    names = dict.fromkeys(cell.exercise for report in reports for cell in report.cells if cell.exercise)
    for name in names:
        if exercises.is_registered(name):
            yield exercises.find(name)


def sentences_of(reports: Sequence[Report]) -> dict[tuple[str, str], str]:
    """Return the catalogue's sentence of each known mistake, by exercise and name."""
    return {
        (exercise.name, mistake.name): mistake.message
        for exercise in used_in(reports)
        for mistake in exercise.misconceptions
    }


def facts_of(reports: Sequence[Report]) -> Facts:
    """Return what a page shows about each exercise."""
    return {exercise.name: _facts(exercise) for exercise in used_in(reports)}


def _facts(exercise: Exercise) -> ExerciseFacts:
    parameters = inspect.signature(exercise.reference).parameters.values()
    plain = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
    return ExerciseFacts(
        signature=str(inspect.Signature(plain))[1:-1],
        file=_file_of(exercise),
        truths={
            f"{exercise.name}({check.example})": show(truth.value)
            for check in exercise.checks
            if isinstance(truth := exercise.truths[check.name], Returned)
        },
    )


def _file_of(exercise: Exercise) -> str:
    """Return the file that declares an exercise, without the folders of this machine."""
    topic = next((topic for topic, name in exercises.everything() if name == exercise.name), "")
    items = ["items"] if (topic, exercise.name) in exercises.items() else []
    return str(Path("exercises", *([topic, *items] if topic != exercises.OWN else []), f"{exercise.name}.py"))
