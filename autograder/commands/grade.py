"""``autograder grade``: grade notebooks, folders of them, or a platform's zip."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autograder import exercises
from autograder.commands import diff, report_files
from autograder.commands.console import print_class, print_counts, print_refused, say, say_waiting, shows_students
from autograder.commands.graders import Graders, graders_for
from autograder.commands.interrupts import Interrupted, before_grading
from autograder.commands.opening import CannotGradeError, Opened
from autograder.commands.progress import Slowest, follow
from autograder.commands.source_faults import refuse_faulty
from autograder.course import Course, CourseError
from autograder.grading.outcome import Outcome
from autograder.intake import Collected, Refused, SubmittedNotebook, Superseded, printable
from autograder.notebooks.source import Source
from autograder.results import Report

if TYPE_CHECKING:
    from autograder.gradebook.gradebook import Gradebook


@dataclass(frozen=True)
class Class:
    """What a run has graded."""

    reports: list[Report]
    refused: Sequence[Refused]
    about: Sequence[str] = ()
    """A line for each assignment: what was graded anew, who is new, who handed in nothing."""
    waiting: Mapping[tuple[str, str], int] | None = None
    """How many answers wait for a person in the gradebook; None without one."""


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
    graded = _grade(opened, options)
    reports = graded.reports
    not_graded = [entry for entry in graded.refused if not isinstance(entry, Superseded)]
    named = shows_students(options)
    if named:
        print_class(reports, graded.waiting)
        print_refused(graded.refused)
    else:
        print_counts(reports, not_graded)
    for line in (*_by_cells(opened, named=named), *graded.about):
        say(line)
    try:
        log = report_files.write_reports(reports, [entry.reason for entry in not_graded], options, named=named)
    except report_files.CannotWriteError as error:
        raise CannotGradeError(str(error)) from None
    click.echo("".join(f"{line}\n" for line in log), nl=False)
    percentages = [100 * report.score / report.max_score for report in reports if report.max_score]
    complete = not not_graded and all(report.status == "graded" and not report.faults for report in reports)
    return complete, min(percentages, default=100.0)


def _by_cells(opened: Opened, *, named: bool) -> Iterator[str]:
    """Say which files in ``submitted/`` have other names than the notebooks that they are."""
    for entry in opened.found:
        if opened.course.is_in_submitted_folder(entry) and entry.path.stem != entry.notebook:
            who = printable(entry.path) if named else entry.label
            yield f"{who} is graded as {entry.notebook}.ipynb, which it is by its cells."


def _grade(opened: Opened, options: dict[str, Any]) -> Class:
    """Grade with or without a gradebook."""
    with ExitStack() as stack:
        with before_grading():
            graders = stack.enter_context(graders_for(opened))
        try:
            if options["no_gradebook"]:
                reports = grade_without_gradebook(opened, graders, options)
                return Class(reports, [*opened.refused, *_left_over(opened.found, reports)])
            return _grade_into_gradebook(opened, graders, options)
        except (CourseError, report_files.CannotWriteError) as error:
            raise CannotGradeError(str(error)) from None


def grade_without_gradebook(opened: Opened, graders: Graders, options: dict[str, Any]) -> list[Report]:
    """Grade submissions against the course's source notebooks; write no marks."""
    course = opened.course
    sources = {key: course.source(*key) for key in {(e.assignment, e.notebook) for e in opened.found}}
    _refuse_unknown_exercises(course, sources)
    for assignment, name in sources:
        refuse_faulty(course, assignment, name)
    batch = [(entry, sources[entry.assignment, entry.notebook]) for entry in opened.found]
    outcomes = graders.grade(course, batch, options["jobs"], seconds=opened.seconds)
    reports = (outcome.report for outcome in outcomes)
    return _collect(reports, len(batch), options["results"], graders.slowest)


def _refuse_unknown_exercises(course: Course, sources: Mapping[tuple[str, str], Source]) -> None:
    """Refuse to grade where a sealed cell asks for an exercise that is not there: every student would get 0.

    Raises
    ------
    CourseError
        If there is such a cell.
    """
    for (assignment, name), source in sources.items():
        for cell in source.marked:
            if cell.sealed and not exercises.is_registered(cell.sealed.exercise):
                raise CourseError(
                    f"The cell “{cell.grade_id}” of {assignment}/{name}.ipynb asks for the exercise "
                    f"“{cell.sealed.exercise}”, which is missing: put "
                    f"{course.root / 'exercises' / cell.sealed.exercise}.py back. Nothing was graded."
                )


def _left_over(found: Iterable[SubmittedNotebook], reports: Iterable[Report]) -> list[Refused]:
    """Return the notebooks that were not graded, because the time for the class was up."""
    graded = {(report.student, report.assignment, report.notebook) for report in reports}
    why = "is not graded yet: the time for the class was up. Run the command again to grade it."
    return [
        Refused(entry.path, why, entry.label)
        for entry in found
        if (entry.student, entry.assignment, entry.notebook) not in graded
    ]


def _grade_into_gradebook(opened: Opened, graders: Graders, options: dict[str, Any]) -> Class:
    """Open the course's gradebook, alone with it, and grade into it."""
    with before_grading():
        from autograder.commands.prepare import owned, prepare  # noqa: PLC0415
        from autograder.commands.tally import Tally  # noqa: PLC0415
        from autograder.gradebook.database import NbgraderError  # noqa: PLC0415
        from autograder.gradebook.gradebook import Gradebook  # noqa: PLC0415  # nbgrader takes seconds to import
    try:
        with ExitStack() as stack:
            with before_grading():
                stack.enter_context(opened.course.locked(say_waiting))
                gradebook = stack.enter_context(Gradebook(opened.course))
                matched = gradebook.match_students(opened.found)
                found = owned(gradebook, matched.notebooks, options["paths"], options["student"])
                assignments = sorted({entry.assignment for entry in found})
                keys = {(entry.assignment, entry.notebook) for entry in found}
                _refuse_unknown_exercises(opened.course, {key: opened.course.source(*key) for key in keys})
                prepare(gradebook, assignments, unproved=options["unproved"])
                tally = Tally.begin(gradebook, assignments)
                kept = gradebook.keep(found) if options["keep"] else Collected.of(found)
            reports = grade_into(gradebook, graders, kept.notebooks, options, opened.seconds, tally.count)
            gradebook.commit()
            left_over = _left_over(kept.notebooks, reports)
            return Class(
                reports,
                [*opened.refused, *matched.refused, *kept.refused, *left_over],
                tally.lines(gradebook, named=shows_students(options), whole=not options["paths"]),
                tally.waiting(gradebook),
            )
    except NbgraderError as error:
        raise CannotGradeError(str(error)) from None


def grade_into(
    gradebook: Gradebook,
    graders: Graders,
    found: Sequence[SubmittedNotebook],
    options: dict[str, Any],
    seconds: float | None = None,
    count: Callable[[Iterable[Outcome]], Iterable[Outcome]] = lambda outcomes: outcomes,
) -> list[Report]:
    """Grade submissions and write their marks into an open gradebook.

    Each mark is written as soon as it is known. A submission that is graded already and has not changed is not
    graded again, unless ``options["force"]``. A notebook that a student did not submit gets 0. What is not graded
    after so many seconds has no report, and the gradebook stays as it is for it. ``count`` sees each outcome.
    """
    sources = {key: gradebook.source(*key) for key in {(e.assignment, e.notebook) for e in found}}
    _refuse_unknown_exercises(gradebook.course, sources)
    batch = [(entry, sources[entry.assignment, entry.notebook]) for entry in found]
    known = (lambda _: None) if options["force"] else gradebook.previous_report
    outcomes = graders.grade(gradebook.course, batch, options["jobs"], known, gradebook.commit, seconds)
    try:
        reports = _collect(map(gradebook.record, count(outcomes)), len(batch), options["results"], graders.slowest)
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
        lines = stack.enter_context(report_files.ResultsFile(results)) if results else None
        try:
            for report in follow(reports, total, "grading", slowest):
                collected.append(report)
                if lines:
                    lines.add(report)
        except KeyboardInterrupt:
            raise Interrupted(
                f"Stopped: {len(collected)} of {total} are graded. Run the command again to grade the others."
            ) from None
    return collected
