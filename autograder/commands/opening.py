"""Opening a course, its settings, its submissions and a grader.

This module imports nothing slow: ``autograder grade`` starts the first warm process before it imports the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import click
from traitlets.config import Config

from autograder import exercises, intake
from autograder.course import Course, CourseError
from autograder.grading.options import OptionError, in_course
from autograder.grading.settings import Settings
from autograder.intake import Refused, SubmittedNotebook
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.policy import CannotIsolateError
from autograder.sandbox.pool import Pool, named_in

if TYPE_CHECKING:
    from autograder.grading.grader import Grader

WRONG_USE = 2


@dataclass(frozen=True)
class Opened:
    """What ``autograder grade`` works on. As a context manager it closes the pool of warm processes."""

    course: Course
    settings: Settings
    found: list[SubmittedNotebook]
    refused: list[Refused]
    pool: Pool

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pool.close()


class CannotGradeError(click.ClickException):
    """The command can't do its work on this machine or in this course. The exit status is 2."""

    exit_code = WRONG_USE


def settings_from(given: dict[str, Any], course: Course | None = None) -> Settings:
    """Return the settings of the course and the command line.

    Raises
    ------
    UsageError
        If an option has a value that it can't have.
    """
    config = course.config if course else Config()
    try:
        return in_course(config, given).settings(course.root if course else Path.cwd(), config)
    except OptionError as error:
        raise click.UsageError(str(error)) from None


@contextmanager
def grader_for(settings: Settings, pool: Pool | None = None) -> Iterator[Grader]:
    """Open a grader, and close it afterwards.

    Raises
    ------
    CannotGradeError
        If this machine can't isolate submissions.
    """
    from autograder.grading.grader import Grader  # noqa: PLC0415  # imports NumPy: too slow to import earlier

    try:
        grader = Grader(settings, pool)
    except CannotIsolateError as error:
        raise CannotGradeError(
            f"{error}\nOr run submissions without isolation, at your own risk: --sandbox none."
        ) from None
    with grader:
        yield grader


def open_course(folder: Path | None) -> Course:
    """Open a course and register its own exercises.

    Raises
    ------
    CannotGradeError
        If there is no course, or one of its exercises can't be loaded.
    """
    try:
        course = Course.at(folder)
        exercises.use_course(course.root)
    except (CourseError, exercises.OwnExerciseError) as error:
        raise CannotGradeError(str(error)) from None
    return course


def course_here(folder: Path | None = None) -> Course | None:
    """Open the course in a folder, by default around the current one; return None if there is no course."""
    try:
        Course.at(folder)
    except CourseError:
        return None
    return open_course(folder)


def refuse_unknown(course: Course, assignments: Iterable[str]) -> None:
    """Raise CannotGradeError if the course lacks one of these assignments."""
    for name in assignments:
        if name not in course.assignments:
            known = ", ".join(course.assignments) or "none"
            raise CannotGradeError(f"There is no assignment “{name}” in {course.root}; there are: {known}.")


def gathered(
    course: Course, paths: tuple[Path, ...], assignment: str | None, roster: Path | None = None
) -> list[SubmittedNotebook | Refused]:
    """Find the notebooks to grade: those under the given paths, or else those in the course's ``submitted/``."""
    own = not paths or any(path.resolve() == course.root.resolve() for path in paths)
    entries = list(course.submitted(assignment)) if own else []
    if own and not entries:
        raise CannotGradeError(f"There is nothing under {course.folder('submitted').parent} to grade.")
    others = [path for path in paths if path.resolve() != course.root.resolve()]
    try:
        people = intake.read_roster(roster) if roster else None
        wanted = replace(course.wanted, assignment=assignment, roster=people)
        found = intake.find_notebooks(others, wanted, course.named_regexp)
    except intake.RosterError as error:
        raise CannotGradeError(str(error)) from None
    except re.error as error:
        raise CannotGradeError(
            f"FileNameCollectorPlugin.named_regexp is no regular expression: {error}."
        ) from None
    return entries + found


def open_for_grading(
    given: dict[str, Any],
    folder: Path | None,
    paths: tuple[Path, ...],
    options: dict[str, Any],
    launcher: Launcher,
) -> Opened:
    """Open a course and find the submissions; if there is only one, start its warm process.

    A warm process takes longer to start than the command takes to import everything else. In CI, where most
    submissions come alone, both happen at the same time.
    """
    course = open_course(folder)
    assignment = options["assignment"]
    refuse_unknown(course, [assignment] if assignment is not None else [])
    settings = settings_from(given, course)
    entries = gathered(course, paths, assignment, options["roster"])
    found = [entry for entry in entries if isinstance(entry, SubmittedNotebook)]
    refused = [entry for entry in entries if isinstance(entry, Refused)]
    pool = Pool(settings.limits, isolated=settings.isolated)
    opened = Opened(course, settings, found, refused, pool)
    if len(found) == 1:
        try:
            _start_warm_process(opened, found[0], launcher)
        except Exception:  # noqa: BLE001, S110  # grading fails in the same way, and reports it
            pass
        except BaseException:
            pool.close()
            raise
    return opened


def _start_warm_process(opened: Opened, alone: SubmittedNotebook, launcher: Launcher) -> None:
    """Start a warm process with the modules that the submission's text names already imported."""
    source = opened.course.source(alone.assignment, alone.notebook)
    text, files = alone.read().decode("utf-8", "replace"), opened.course.files_for(alone)
    warm = named_in(text, files, figures=opened.settings.shows_figures(source))
    opened.pool.prepare(opened.settings.allowed_for(source), warm, launcher)
