"""``autograder check``: grade one function of each file, each in the sandbox."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from autograder import exercises
from autograder.commands import report_files
from autograder.commands.opening import CannotGradeError, course_here, settings_from, workers_for
from autograder.grading.workers import NotGradedError
from autograder.reports.text import file_as_text
from autograder.results import FileResult, to_json

NOTEBOOK = (
    "{path} is a notebook, and “check” grades one function in a .py file: grade it with “autograder grade {path} "
    "--no-gradebook”."
)


def run(
    given: dict[str, Any],
    exercise: str,
    files: Iterable[Path],
    student: str,
    *,
    as_json: bool,
    junit: Path | None = None,
    folder: Path | None = None,
) -> tuple[bool, float]:
    """Grade one function of each file, and print the results in the order of the files.

    The course in ``folder``, by default the one around the current folder, may have exercises of its own.

    Returns
    -------
    bool
        Whether every file could be graded.
    float
        The lowest mark, in percent.
    """
    course = course_here(folder)
    if not exercises.is_registered(exercise):
        raise click.UsageError(str(exercises.UnknownExerciseError(exercise)))
    complete, lowest = True, 100.0
    results: list[FileResult] = []
    with workers_for(settings_from(given)) as workers:
        for path in files:
            try:
                if path.suffix == ".ipynb":
                    raise NotGradedError(NOTEBOOK.format(path=path))  # noqa: TRY301  # it gets a line as others do
                result = workers.grade_file(course.root if course else None, exercise, path, student)
            except NotGradedError as error:
                complete, result = False, _failed(exercise, path, str(error))
            lowest = min(lowest, 100 * result.score / result.max_score)
            click.echo(to_json(result) if as_json else file_as_text(result) + "\n")
            if result.fault:
                complete = False
                click.echo(
                    f"{path}: mistakes could not be named, for a fault of the grader ({result.fault}).", err=True
                )
            if junit:
                results.append(result)
    if junit:
        try:
            report_files.write_results_of_files(results, junit)
        except report_files.CannotWriteError as error:
            raise CannotGradeError(str(error)) from None
    return complete, lowest


def _failed(exercise: str, path: Path, message: str) -> FileResult:
    return FileResult(
        exercise=exercise,
        file=str(path),
        score=0.0,
        max_score=exercises.find(exercise).points,
        passed=False,
        isolation=None,
        seconds=0.0,
        message=message,
        checks=[],
        misconceptions=[],
    )
