"""Opening a course, its settings, its submissions and a grader.

This module imports nothing slow: ``autograder grade`` starts the first fork server before it imports the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import click
from traitlets.config import Config

from autograder import exercises, intake
from autograder.commands.own_paths import only_below, place_in_submitted, problem_of_own_folders
from autograder.course import Course, CourseError
from autograder.grading.options import OptionError, Options, in_course
from autograder.grading.settings import Settings
from autograder.intake import Collected, Refused, SubmittedNotebook
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.policy import CannotIsolateError, TooLittleError
from autograder.sandbox.pool import Pool, warm_imports

if TYPE_CHECKING:
    from autograder.grading.workers import WorkerPool

WRONG_USE = 2


@dataclass(frozen=True)
class Opened:
    """What ``autograder grade`` works on. As a context manager it closes the pool of fork servers."""

    course: Course
    settings: Settings
    found: Sequence[SubmittedNotebook]
    refused: Sequence[Refused]
    pool: Pool
    seconds: float | None
    """How long grading the class may take; None if there is no limit."""
    cluster: str = ""
    """The address of the cluster that grades; empty if this machine does."""
    insecure_cluster: bool = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pool.close()


OTHER_INPUTS = "It asks other hidden inputs than any other. If you meant another file, name it, and grade again."


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
    return _options_from(given, course)[1]


def _options_from(given: dict[str, Any], course: Course | None) -> tuple[Options, Settings]:
    config, root = course.config if course else Config(), course.root if course else Path.cwd()
    try:
        options = in_course(config, given)
        seed = options.seed_path(root)
        is_new = seed is not None and not seed.exists()
        settings = options.settings(root, config)
    except OptionError as error:
        raise click.UsageError(str(error)) from None
    if is_new:
        click.echo(f"{seed} did not exist: a new secret is in it now. {OTHER_INPUTS}", err=True)
    return options, settings


@contextmanager
def workers_for(settings: Settings, pool: Pool | None = None) -> Iterator[WorkerPool]:
    """Open the worker processes of a run, and close them afterwards.

    Raises
    ------
    CannotGradeError
        If this machine can't isolate submissions, or the processes can't be started.
    """
    from autograder.grading.workers import WorkerPool  # noqa: PLC0415  # imports NumPy: too slow to import earlier

    try:
        workers = WorkerPool(settings, pool)
    except CannotIsolateError as error:
        raise CannotGradeError(
            f"{error}\nOr run submissions without isolation, at your own risk: --sandbox none."
        ) from None
    except TooLittleError as error:
        raise CannotGradeError(str(error)) from None
    except OSError as error:  # a full disk, perhaps
        raise CannotGradeError(f"The processes that grade can't be started: {error}.") from None
    with workers:
        yield workers


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
    """Open the course in a folder; without one, the course around the current folder, or return None."""
    if folder is None:
        try:
            Course.at()
        except CourseError:
            return None
    return open_course(folder)


def refuse_unknown(course: Course, assignments: Iterable[str]) -> None:
    """Raise CannotGradeError if the course has no assignments, or lacks one of these."""
    try:
        course.require_assignments()
    except CourseError as error:
        raise CannotGradeError(str(error)) from None
    for name in assignments:
        if name not in course.assignments:
            near = get_close_matches(name, course.assignments, 1)
            meant = f"did you mean “{near[0]}”? There" if near else "there"
            raise CannotGradeError(
                f"There is no assignment “{name}” in {course.root}; {meant} are: {', '.join(course.assignments)}."
            )


def gathered(
    course: Course, paths: tuple[Path, ...], assignment: str | None, roster: Path | None = None
) -> Collected:
    """Find the notebooks to grade: those under the given paths, or else those in the course's ``submitted/``.

    What lies there belongs to the student in whose folder it lies, also if it is named by a path.
    """
    own = not paths or any(path.resolve() == course.root.resolve() for path in paths)
    below = {path: place for path in paths if (place := place_in_submitted(course, path))}
    try:
        submitted = course.submitted(assignment) if own or below else Collected()
    except CourseError as error:
        raise CannotGradeError(str(error)) from None
    if own and submitted == Collected():
        raise CannotGradeError(_nothing_submitted(course, assignment))
    if not submitted.notebooks:
        # Perhaps a platform's files, unpacked there: they are read as such.
        below = {path: place for path, place in below.items() if place != course.submitted_folder}
    others = [path for path in paths if path not in below and path.resolve() != course.root.resolve()]
    if not own:
        submitted = only_below(submitted, below)
    try:
        people = intake.read_roster(roster) if roster else None
        delivered = intake.find_notebooks(others, replace(course.expected, assignment=assignment, roster=people))
    except intake.RosterError as error:
        raise CannotGradeError(str(error)) from None
    except re.error as error:
        raise CannotGradeError(
            f"FileNameCollectorPlugin.named_regexp is no regular expression: {error}."
        ) from None
    return submitted + delivered


def _nothing_submitted(course: Course, assignment: str | None) -> str:
    """Say that nothing is there to grade, and where it would be."""
    layout = course.folder("submitted", "STUDENT", assignment or "ASSIGNMENT")
    if layout.is_relative_to(course.root):
        layout = layout.relative_to(course.root)
    of = f" of “{assignment}”" if assignment else ""
    return (
        f"Nothing{of} is submitted in {course.root}. A submission lies in {layout}/, with the "
        "name of the released notebook; or name files, folders or a platform's zip: autograder grade PATH."
    )


def open_for_grading(
    given: dict[str, Any],
    folder: Path | None,
    paths: tuple[Path, ...],
    options: dict[str, Any],
    launcher: Launcher,
) -> Opened:
    """Open a course and find the submissions; if there is only one, start its fork server.

    A fork server takes longer to start than the command takes to import everything else. In CI, where most
    submissions come alone, both happen at the same time.
    """
    course = open_course(folder)
    assignment = options["assignment"]
    refuse_unknown(course, [assignment] if assignment is not None else [])
    chosen, settings = _options_from(given, course)
    if not options["no_gradebook"] and (problem := problem_of_own_folders(course, paths)):
        raise CannotGradeError(problem)
    collected = gathered(course, paths, assignment, options["roster"])
    pool = Pool(settings.limits, isolated=settings.isolated, way=settings.way)
    where = chosen.cluster, chosen.insecure_cluster
    seconds = chosen.class_seconds or None
    opened = Opened(course, settings, collected.notebooks, collected.refused, pool, seconds, *where)
    if len(opened.found) == 1 and not opened.cluster:
        try:
            _start_fork_server(opened, opened.found[0], launcher)
        except Exception:  # noqa: BLE001, S110  # grading fails in the same way, and reports it
            pass
        except BaseException:
            pool.close()
            raise
    return opened


def _start_fork_server(opened: Opened, alone: SubmittedNotebook, launcher: Launcher) -> None:
    """Start a fork server that imports what a submission names, judged by the words in its bytes."""
    source = opened.course.source(alone.assignment, alone.notebook)
    text, files = alone.read().decode("utf-8", "replace"), opened.course.files_for_run(alone)
    warm = warm_imports(text, files, figures=opened.settings.shows_figures(source))
    opened.pool.prepare(opened.settings.allowed_for(source), warm, launcher)
