"""``autograder grade``: notebooks, folders of them, or a platform's zip."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autograder.commands import report_files
from autograder.commands.console import print_class, print_counts, say, shows_students
from autograder.commands.opening import CannotGradeError, Opened, grader_for
from autograder.commands.progress import follow
from autograder.course import Course, CourseError
from autograder.grading.batch import grade_batch
from autograder.grading.grader import Grader
from autograder.intake import Refused, SubmittedNotebook, Superseded
from autograder.results import Report, to_json

if TYPE_CHECKING:
    from autograder.gradebook.gradebook import Gradebook


def run(opened: Opened, options: dict[str, Any]) -> tuple[bool, float]:
    """Grade notebooks, record and print them; return completeness and lowest percentage."""
    course, found, refused = opened.course, opened.found, opened.refused
    try:
        report_files.refuse_early(options, {(entry.student, entry.assignment) for entry in found})
    except report_files.CannotWriteError as error:
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
        log = report_files.write_reports(reports, [entry.reason for entry in refused], options, named=named)
    except report_files.CannotWriteError as error:
        raise CannotGradeError(str(error)) from None
    click.echo("".join(f"{line}\n" for line in log), nl=False)
    percentages = [100 * report.score / report.max_score for report in reports if report.max_score]
    return not refused and all(report.status == "graded" for report in reports), min(percentages, default=100.0)


def _without_gradebook(
    grader: Grader, course: Course, found: list[SubmittedNotebook], options: dict[str, Any]
) -> list[Report]:
    sources = {key: course.source(*key) for key in {(e.assignment, e.notebook) for e in found}}
    wanted = [(entry, sources[entry.assignment, entry.notebook]) for entry in found]
    outcomes = grade_batch(grader, course, wanted, options["jobs"])
    return _followed((outcome.report for outcome in outcomes), len(wanted), options["results"])


def _into_gradebook(
    grader: Grader, course: Course, found: list[SubmittedNotebook], refused: list[Refused], options: dict[str, Any]
) -> list[Report]:
    from autograder.gradebook.database import NbgraderError  # noqa: PLC0415
    from autograder.gradebook.gradebook import Gradebook  # noqa: PLC0415  # nbgrader takes seconds to import

    try:
        with course.to_itself(say_waiting), Gradebook(course) as gradebook:
            entries = gradebook.match_students(found)
            refused += [entry for entry in entries if isinstance(entry, Refused)]
            return grade_into(gradebook, grader, [e for e in entries if isinstance(e, SubmittedNotebook)], options)
    except NbgraderError as error:
        raise CannotGradeError(str(error)) from None


def say_waiting() -> None:
    """Say why nothing happens yet."""
    say("Another autograder is at work in this course; waiting for it.", "dim")


def grade_into(
    gradebook: Gradebook, grader: Grader, found: list[SubmittedNotebook], options: dict[str, Any]
) -> list[Report]:
    """Grade submissions and enter their marks as they come; what is entered already isn't graded again."""
    sources = {key: gradebook.source(*key) for key in {(e.assignment, e.notebook) for e in found}}
    wanted = [(entry, sources[entry.assignment, entry.notebook]) for entry in found]
    known = (lambda _: None) if options["force"] else gradebook.previous_report
    outcomes = grade_batch(grader, gradebook.course, wanted, options["jobs"], known, gradebook.commit)
    try:
        reports = _followed(map(gradebook.record, outcomes), len(wanted), options["results"])
    finally:
        outcomes.close()
    hand_ins: dict[tuple[str, str], list[SubmittedNotebook]] = {}
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
