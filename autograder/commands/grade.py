"""Grade files and notebooks: ``autograder check`` and ``autograder grade``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autograder import exercises, intake, written
from autograder.batch import grade_all
from autograder.commands.opened import CannotGradeError, Opened, course_here, settings_from
from autograder.commands.printed import print_class, print_counts, say, shows_students
from autograder.course import Course, CourseError
from autograder.grading import Grader
from autograder.intake import Found, Refused, Superseded
from autograder.progress import follow
from autograder.reports.text import file_as_text
from autograder.results import FileResult, Report, to_json
from autograder.sandbox.policy import CannotIsolateError
from autograder.sandbox.pool import Pool
from autograder.sandbox.zygote import ZygoteError
from autograder.settings import Settings

if TYPE_CHECKING:
    from autograder.gradebook import Gradebook


@contextmanager
def grader_for(settings: Settings, pool: Pool | None = None) -> Iterator[Grader]:
    """Open a grader, or end the command with doctor's sentence."""
    try:
        grader = Grader(settings, pool)
    except CannotIsolateError as error:
        raise CannotGradeError(
            f"{error}\nOr run submissions without isolation, at your own risk: --sandbox none."
        ) from None
    with grader:
        yield grader


def check(
    given: dict[str, Any],
    exercise: str,
    files: Iterable[Path],
    student: str,
    *,
    as_json: bool,
    junit: Path | None = None,
) -> tuple[bool, float]:
    """Grade one function of each file, print the results in order; return completeness and lowest percentage."""
    course_here()
    if not exercises.is_registered(exercise):
        raise click.UsageError(str(exercises.UnknownExerciseError(exercise)))
    complete, lowest = True, 100.0
    results: list[FileResult] = []
    with grader_for(settings_from(given)) as grader:
        for path in files:
            try:
                result = grader.grade_file(exercise, intake.read_file(path), file=str(path), student=student)
            except (intake.RefusedError, ZygoteError) as error:
                complete, result = False, _failed(exercise, path, str(error))
            lowest = min(lowest, 100 * result.score / result.max_score)
            click.echo(to_json(result) if as_json else file_as_text(result) + "\n")
            if junit:
                results.append(result)
    if junit:
        try:
            written.write_results_of_files(results, junit)
        except written.CannotWriteError as error:
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


def grade(opened: Opened, options: dict[str, Any]) -> tuple[bool, float]:
    """Grade notebooks, record and print them; return completeness and lowest percentage."""
    course, found, refused = opened.course, opened.found, opened.refused
    try:
        written.refuse_early(options, {(entry.student, entry.assignment) for entry in found})
    except written.CannotWriteError as error:
        raise click.UsageError(str(error)) from None
    with grader_for(opened.settings, opened.pool) as grader:
        try:
            if options["no_gradebook"]:
                reports = _without_gradebook(grader, course, found, options)
            else:
                reports = _into_gradebook(grader, course, found, refused, options)
        except CourseError as error:
            raise CannotGradeError(str(error)) from None
    named = shows_students(options)
    if named:
        print_class(reports)
        for entry in refused:
            earlier = isinstance(entry, Superseded)
            say(f"{'·' if earlier else '✗'} {entry.reason}", "dim" if earlier else "red")
    refused = [entry for entry in refused if not isinstance(entry, Superseded)]
    if not named:
        print_counts(reports, refused)
    try:
        log = written.write_reports(reports, [entry.reason for entry in refused], options, named=named)
    except written.CannotWriteError as error:
        raise CannotGradeError(str(error)) from None
    click.echo("".join(f"{line}\n" for line in log), nl=False)
    percentages = [100 * report.score / report.max_score for report in reports if report.max_score]
    return not refused and all(report.status == "graded" for report in reports), min(percentages, default=100.0)


def _without_gradebook(
    grader: Grader, course: Course, found: list[Found], options: dict[str, Any]
) -> list[Report]:
    sources = {key: course.source(*key) for key in {(e.assignment, e.notebook) for e in found}}
    wanted = [(entry, sources[entry.assignment, entry.notebook]) for entry in found]
    outcomes = grade_all(grader, course, wanted, options["jobs"])
    return _followed((outcome.report for outcome in outcomes), len(wanted), options["results"])


def _into_gradebook(
    grader: Grader, course: Course, found: list[Found], refused: list[Refused], options: dict[str, Any]
) -> list[Report]:
    from autograder.database import NbgraderError  # noqa: PLC0415
    from autograder.gradebook import Gradebook  # noqa: PLC0415  # nbgrader takes seconds to import

    try:
        with course.to_itself(say_waiting), Gradebook(course) as gradebook:
            entries = gradebook.identify(found)
            refused += [entry for entry in entries if isinstance(entry, Refused)]
            return grade_into(gradebook, grader, [e for e in entries if isinstance(e, Found)], options)
    except NbgraderError as error:
        raise CannotGradeError(str(error)) from None


def say_waiting() -> None:
    """Say why nothing happens yet."""
    say("Another autograder is at work in this course; waiting for it.", "dim")


def grade_into(gradebook: Gradebook, grader: Grader, found: list[Found], options: dict[str, Any]) -> list[Report]:
    """Grade submissions and enter their marks as they come; what is entered already isn't graded again."""
    sources = {key: gradebook.source(*key) for key in {(e.assignment, e.notebook) for e in found}}
    wanted = [(entry, sources[entry.assignment, entry.notebook]) for entry in found]
    known = (lambda _: None) if options["force"] else gradebook.known
    outcomes = grade_all(grader, gradebook.course, wanted, options["jobs"], known, gradebook.commit)
    try:
        reports = _followed(map(gradebook.record, outcomes), len(wanted), options["results"])
    finally:
        outcomes.close()
    hand_ins: dict[tuple[str, str], list[Found]] = {}
    for entry in found:
        hand_ins.setdefault((entry.student, entry.assignment), []).append(entry)
    for (student, assignment), handed_in in sorted(hand_ins.items(), key=lambda item: item[0]):
        gradebook.record_missing(student, assignment, handed_in)
    return reports


def _followed(reports: Iterable[Report], total: int, results: Path | None) -> list[Report]:
    """Collect reports, show progress, and write the results file as they come."""
    collected: list[Report] = []
    with ExitStack() as stack:
        lines = stack.enter_context(results.open("w", encoding="utf-8")) if results else None
        try:
            for report in follow(reports, total, "grading"):
                collected.append(report)
                if lines:
                    lines.write(to_json(report) + "\n")
                    lines.flush()
        except KeyboardInterrupt:
            raise click.ClickException(
                f"Stopped: {len(collected)} of {total} are graded. Run the command again to grade the others."
            ) from None
    return collected
