"""``autograder grade``: grade notebooks, folders of them, or a platform's zip."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autograder.commands import diff, report_files
from autograder.commands.console import print_class, print_counts, print_refused, say, shows_students
from autograder.commands.interrupts import before_grading
from autograder.commands.opening import CannotGradeError, Opened, workers_for
from autograder.commands.progress import Slowest, follow
from autograder.course import CourseError
from autograder.grading.batch import grade_batch
from autograder.grading.workers import WorkerPool
from autograder.intake import Refused, SubmittedNotebook, Superseded
from autograder.results import Report, to_json

if TYPE_CHECKING:
    from autograder.gradebook.gradebook import Gradebook


def run(opened: Opened, options: dict[str, Any]) -> tuple[bool, float]:
    """Grade notebooks, write their marks and print them.

    Returns
    -------
    bool
        Whether everything that was named could be graded.
    float
        The lowest mark, in percent.
    """
    if options.get("diff"):
        return diff.run(opened, options), 100.0
    try:
        report_files.refuse_early(options, {(entry.student, entry.assignment) for entry in opened.found})
    except report_files.CannotWriteError as error:
        raise click.UsageError(str(error)) from None
    reports, refused = _grade(opened, options)
    not_graded = [entry for entry in refused if not isinstance(entry, Superseded)]
    named = shows_students(options)
    if named:
        print_class(reports)
        print_refused(refused)
    else:
        print_counts(reports, not_graded)
    try:
        log = report_files.write_reports(reports, [entry.reason for entry in not_graded], options, named=named)
    except report_files.CannotWriteError as error:
        raise CannotGradeError(str(error)) from None
    click.echo("".join(f"{line}\n" for line in log), nl=False)
    percentages = [100 * report.score / report.max_score for report in reports if report.max_score]
    complete = not not_graded and all(report.status == "graded" for report in reports)
    return complete, min(percentages, default=100.0)


def _grade(opened: Opened, options: dict[str, Any]) -> tuple[list[Report], Sequence[Refused]]:
    """Grade with or without a gradebook; return the reports, and what was refused."""
    with ExitStack() as stack:
        with before_grading():
            workers = stack.enter_context(workers_for(opened.settings, opened.pool))
        try:
            if options["no_gradebook"]:
                reports = grade_without_gradebook(opened, workers, options)
                return reports, [*opened.refused, *_left_over(opened.found, reports)]
            return _grade_into_gradebook(opened, workers, options)
        except CourseError as error:
            raise CannotGradeError(str(error)) from None


def grade_without_gradebook(opened: Opened, workers: WorkerPool, options: dict[str, Any]) -> list[Report]:
    """Grade submissions against the course's source notebooks; write no marks."""
    course = opened.course
    sources = {key: course.source(*key) for key in {(e.assignment, e.notebook) for e in opened.found}}
    batch = [(entry, sources[entry.assignment, entry.notebook]) for entry in opened.found]
    outcomes = grade_batch(workers, course, batch, options["jobs"], seconds=opened.seconds)
    reports = (outcome.report for outcome in outcomes)
    return _collect(reports, len(batch), options["results"], workers.slowest)


def _left_over(found: Iterable[SubmittedNotebook], reports: Iterable[Report]) -> list[Refused]:
    """Return the notebooks that were not graded, because the time for the class was up."""
    graded = {(report.student, report.assignment, report.notebook) for report in reports}
    why = "is not graded yet: the time for the class was up. Run the command again to grade it."
    return [
        Refused(entry.path, why, entry.label)
        for entry in found
        if (entry.student, entry.assignment, entry.notebook) not in graded
    ]


def _grade_into_gradebook(
    opened: Opened, workers: WorkerPool, options: dict[str, Any]
) -> tuple[list[Report], Sequence[Refused]]:
    """Open the course's gradebook, alone with it, and grade into it."""
    with before_grading():
        from autograder.gradebook.database import NbgraderError  # noqa: PLC0415
        from autograder.gradebook.gradebook import Gradebook  # noqa: PLC0415  # nbgrader takes seconds to import
    try:
        with ExitStack() as stack:
            with before_grading():
                stack.enter_context(opened.course.locked(_say_waiting))
                gradebook = stack.enter_context(Gradebook(opened.course))
                matched = gradebook.match_students(opened.found)
            reports = grade_into(gradebook, workers, matched.notebooks, options, opened.seconds)
            left_over = _left_over(matched.notebooks, reports)
            return reports, [*opened.refused, *matched.refused, *left_over]
    except NbgraderError as error:
        raise CannotGradeError(str(error)) from None


def _say_waiting() -> None:
    say("Another autograder is at work in this course; waiting for it.", "dim")


def grade_into(
    gradebook: Gradebook,
    workers: WorkerPool,
    found: Sequence[SubmittedNotebook],
    options: dict[str, Any],
    seconds: float | None = None,
) -> list[Report]:
    """Grade submissions and write their marks into an open gradebook.

    Each mark is written as soon as it is known. A submission that is graded already and has not changed is not
    graded again, unless ``options["force"]``. A notebook that a student did not submit gets 0. What is not graded
    after so many seconds has no report, and the gradebook stays as it is for it.
    """
    sources = {key: gradebook.source(*key) for key in {(e.assignment, e.notebook) for e in found}}
    batch = [(entry, sources[entry.assignment, entry.notebook]) for entry in found]
    known = (lambda _: None) if options["force"] else gradebook.previous_report
    outcomes = grade_batch(workers, gradebook.course, batch, options["jobs"], known, gradebook.commit, seconds)
    try:
        reports = _collect(map(gradebook.record, outcomes), len(batch), options["results"], workers.slowest)
    finally:
        outcomes.close()
    submissions: dict[tuple[str, str], list[SubmittedNotebook]] = {}
    for entry in found:
        submissions.setdefault((entry.student, entry.assignment), []).append(entry)
    for (student, assignment), notebooks in sorted(submissions.items(), key=lambda item: item[0]):
        gradebook.record_missing(student, assignment, notebooks)
    return reports


def _collect(reports: Iterable[Report], total: int, results: Path | None, slowest: Slowest) -> list[Report]:
    """Collect reports as they come; show progress, and write each to the results file."""
    collected: list[Report] = []
    with ExitStack() as stack:
        lines = stack.enter_context(results.open("w", encoding="utf-8")) if results else None
        try:
            for report in follow(reports, total, "grading", slowest):
                collected.append(report)
                if lines:
                    lines.write(to_json(report) + "\n")
                    lines.flush()
        except KeyboardInterrupt:
            raise click.ClickException(
                f"Stopped: {len(collected)} of {total} are graded. Run the command again to grade the others."
            ) from None
    return collected
