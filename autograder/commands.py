"""What the commands do: gather, grade, print. Each function is one command."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table
from traitlets.config import Config

from autograder import exercises, intake, written
from autograder.batch import grade_all
from autograder.catalogue import as_markdown
from autograder.course import Course, CourseError
from autograder.grading import Grader, Settings
from autograder.intake import Found, Refused, Superseded
from autograder.options import OptionError, in_course
from autograder.progress import follow
from autograder.reports import counts
from autograder.reports.glance import seen, waiting_as_text, whose
from autograder.reports.text import checks_as_text, file_as_text
from autograder.results import FileResult, Report, to_json
from autograder.sandbox.policy import CannotIsolateError, Limits
from autograder.sandbox.zygote import ZygoteError

if TYPE_CHECKING:
    from autograder.gradebook import Gradebook

NOT_PROVEN, NOT_EXPORTED, WRONG_USE = 1, 1, 2
ALL_BARE = "Graded WITHOUT isolation (--sandbox none): these marks could have been forged."
IN_CI = ("CI", "GITHUB_ACTIONS", "GITLAB_CI")
"""Variables that say that what is printed goes into a job's log."""
console = Console(highlight=False)


class CannotGradeError(click.ClickException):
    """This machine or this course can't grade: exit status 2."""

    exit_code = WRONG_USE


@contextmanager
def grader_for(settings: Settings) -> Iterator[Grader]:
    """Open a grader, or end the command with doctor's sentence."""
    try:
        grader = Grader(settings)
    except CannotIsolateError as error:
        raise CannotGradeError(
            f"{error}\nOr run submissions without isolation, at your own risk: --sandbox none."
        ) from None
    with grader:
        yield grader


def settings_from(given: dict[str, Any], course: Course | None = None) -> Settings:
    """Gather what the course and the command line say about grading, or end the command with a sentence."""
    config = course.config if course else Config()
    try:
        return in_course(config, given).settings(course.root if course else Path.cwd(), config)
    except OptionError as error:
        raise click.UsageError(str(error)) from None


def open_course(folder: Path | None) -> Course:
    """Open a course and its own exercises, or end the command with a sentence."""
    try:
        course = Course.at(folder)
        exercises.use_course(course.root)
    except (CourseError, exercises.OwnExerciseError) as error:
        raise CannotGradeError(str(error)) from None
    return course


def course_here(folder: Path | None = None) -> Course | None:
    """Open the course that the current folder lies in, if it does."""
    try:
        Course.at(folder)
    except CourseError:
        return None
    return open_course(folder)


def refuse_unknown(course: Course, assignments: Iterable[str]) -> None:
    """End the command where the course doesn't have an assignment."""
    for name in assignments:
        if name not in course.assignments:
            known = ", ".join(course.assignments) or "none"
            raise CannotGradeError(f"There is no assignment “{name}” in {course.root}; there are: {known}.")


def say(text: str, style: str = "") -> None:
    """Print a line as it is: it holds names that are not ours to mark up or to break."""
    console.print(text, style=style or None, markup=False, soft_wrap=True)


def shows_students(options: dict[str, Any]) -> bool:
    """Whether names and marks may be printed: on a person's terminal or on request, never into a log unasked."""
    in_ci = any(os.environ.get(name, "").lower() not in ("", "0", "false") for name in IN_CI)
    return bool(options["show_students"]) or (console.is_terminal and not in_ci)


# --- check -----------------------------------------------------------------------------------------------


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


# --- grade -----------------------------------------------------------------------------------------------


def grade(
    given: dict[str, Any], folder: Path | None, paths: tuple[Path, ...], options: dict[str, Any]
) -> tuple[bool, float]:
    """Grade notebooks, record and print them; return completeness and lowest percentage."""
    course = open_course(folder)
    assignment = options["assignment"]
    refuse_unknown(course, [assignment] if assignment is not None else [])
    entries = gathered(course, paths, assignment, options["roster"])
    found = [entry for entry in entries if isinstance(entry, Found)]
    refused = [entry for entry in entries if isinstance(entry, Refused)]
    try:
        written.refuse_early(options, {(entry.student, entry.assignment) for entry in found})
    except written.CannotWriteError as error:
        raise click.UsageError(str(error)) from None
    with grader_for(settings_from(given, course)) as grader:
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


def gathered(
    course: Course, paths: tuple[Path, ...], assignment: str | None, roster: Path | None = None
) -> list[Found | Refused]:
    """Find what is to be graded: the given paths; for the course itself what was submitted in its own folder."""
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


def print_class(reports: list[Report]) -> None:
    """Print a table of marks, a row a notebook, and below it what needs a look."""
    for assignment, group in itertools.groupby(
        sorted(reports, key=lambda r: r.assignment), key=lambda r: r.assignment
    ):
        table = Table(title=assignment, title_justify="left", box=None, pad_edge=False)
        for column in ("student", "marks", "what was seen"):
            table.add_column(column, justify="right" if column == "marks" else "left", overflow="fold")
        for report in group:
            mark = "failed" if report.status == "failed" else f"{report.score:g} / {report.max_score:g}"
            table.add_row(whose(report), mark, seen(report))
        console.print(table)
    for report in reports:
        if report.status == "failed":
            say(f"✗ {whose(report)}: {report.message}", "red")
        for repair in report.repairs:
            say(f"repaired, {whose(report)}: {repair}", "dim")
    if waiting := waiting_as_text(reports):
        say(waiting)
    if any(report.isolation == "none" for report in reports):
        say(ALL_BARE, "bold red")


def print_counts(reports: list[Report], refused: list[Refused]) -> None:
    """Print what a log may hold: how many submissions of each notebook were graded, nobody's name or mark."""
    table = Table(box=None, pad_edge=False)
    for column in ("assignment", "notebook", "graded", "of these, wait for a person", "could not be graded"):
        table.add_column(column, justify="left" if column in ("assignment", "notebook") else "right")
    for row in counts.rows(reports):
        table.add_row(row.assignment, row.notebook, str(row.graded), str(row.waiting), str(row.failed))
    console.print(table)
    for report in reports:
        if report.status == "failed":
            say(f"✗ {counts.neutral(report)}", "red")
    for entry in refused:
        say(f"✗ {entry.neutral}", "red")
    if any(report.isolation == "none" for report in reports):
        say(ALL_BARE, "bold red")
    say("Names and marks: --results FILE, or --show-students to print them.", "dim")


# --- export ----------------------------------------------------------------------------------------------


def export(kind: str, out: Path, options: dict[str, Any]) -> int:
    """Write marks into a platform's sheet or a table, and say what became of them; return the exit status."""
    from autograder import export as exporting  # noqa: PLC0415
    from autograder.reports.sheet import SheetError  # noqa: PLC0415

    results, assignment = options["results"], options["assignment"]
    try:
        entries = (
            exporting.entries_in(results)
            if results
            else exporting.entries_entered(open_course(options["course"]), assignment)
        )
        if kind == "csv":
            say(f"{exporting.export_table(entries, out, assignment)} rows are in {out}.")
            return 0
        entries = exporting.only(entries, assignment)
        if kind == "canvas":
            filled = exporting.export_canvas(entries, options["into"], out, options["column"])
        else:
            filled = exporting.export_moodle(entries, options["into"], out)
    except (exporting.ExportError, SheetError) as error:
        raise CannotGradeError(str(error)) from None
    say(f"{filled.written} of {len(entries)} marks of {entries[0].assignment} are in {out}.")
    for sentence in filled.notes + filled.without_mark:  # they name rows, and no one
        say(sentence)
    if filled.not_written and not shows_students(options):
        say(f"{len(filled.not_written)} marks are not written; --show-students names them.", "red")
    else:
        for sentence in filled.not_written:
            say(sentence, "red")
    provisional = sum(entry.open_cells > 0 for entry in entries)
    if provisional:
        say(f"{provisional} of the marks may still change: a person has cells to mark or to look at.")
    return NOT_EXPORTED if filled.not_written else 0


# --- the others ------------------------------------------------------------------------------------------


def release(folder: Path | None, assignments: tuple[str, ...]) -> int:
    """Generate and prove releases; return the exit status."""
    from autograder.database import NbgraderError  # noqa: PLC0415
    from autograder.release import ReleaseError  # noqa: PLC0415
    from autograder.release import release as make  # noqa: PLC0415

    course = open_course(folder)
    refuse_unknown(course, assignments)
    status = 0
    for name in assignments or tuple(course.assignments):
        try:
            made = make(course, name)
        except (ReleaseError, NbgraderError) as error:
            say(f"✗ {name}: {error}", "red")
            status = 1
        else:
            say(f"✓ {name}: {made} holds no solution and no hidden test")
    return status


def gradescope_zip(given: dict[str, Any], folder: Path | None, assignment: str, out: Path) -> None:
    """Write the upload for Gradescope."""
    from autograder.gradescope import upload  # noqa: PLC0415

    course = open_course(folder)
    settings = settings_from(given, course)
    refuse_unknown(course, [assignment])
    words = ["--feedback", settings.feedback]
    words += [word for module in settings.allow for word in ("--allow", module)]
    for name, value in asdict(settings.limits).items():
        if value != getattr(Limits(), name):
            words += ["--limit", f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"]
    content = upload(course, assignment, settings.secret, words)
    try:
        with open(out, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(content)
    except OSError as error:
        raise CannotGradeError(f"{out} can't be written: {error.strerror}.") from None
    say(f"{out} holds the hidden tests and the course's secret: upload it, and give it to nobody.")


def precheck(folder: Path | None, words: tuple[str, ...]) -> int:
    """Look over a notebook as ``release/precheck.py`` does; return the exit status."""
    from autograder.precheck import main  # noqa: PLC0415
    from autograder.release import released_cells  # noqa: PLC0415

    return main(words, released_cells(open_course(folder)), prog="autograder precheck")


def list_all(folder: Path | None, *, markdown: bool) -> None:
    """Print the registered exercises and, inside a course, its assignments."""
    course = course_here(folder)
    if markdown:
        click.echo(as_markdown(), nl=False)
        return
    table = Table(box=None, pad_edge=False)
    for column in ("topic", "exercise", "points", "checks", "known mistakes"):
        table.add_column(column, justify="left" if column in ("topic", "exercise") else "right")
    for topic, name in exercises.names():
        entry = exercises.find(name)
        table.add_row(topic, name, f"{entry.points:g}", str(len(entry.checks)), str(len(entry.misconceptions)))
    console.print(table)
    if course is None:
        return
    for assignment, books in course.assignments.items():
        for book in books:
            marked = course.source(assignment, book).marked
            sealed = sum(cell.sealed is not None for cell in marked)
            points = sum(cell.points for cell in marked)
            say(
                f"\nassignment {assignment}/{book}: {points:g} points, {len(marked)} marked cells, {sealed} sealed"
            )


def prove(folder: Path | None, wanted: tuple[str, ...]) -> int:
    """Prove exercises, the course's own if none is named; return 1 where one has a fault."""
    from autograder.prove import STUDENTS, faults  # noqa: PLC0415

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
        found = list(dict.fromkeys(faults(entry)))
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


def doctor() -> int:
    """Print what was found; return 0 where this machine can grade."""
    from autograder.doctor import examine  # noqa: PLC0415

    findings = []
    for finding in examine():
        findings.append(finding)
        say(f"{'✓' if finding.fine else '✗'} {finding.sentence}", "" if finding.fine else "red")
    fine = all(finding.fine for finding in findings)
    say("This machine can grade." if fine else "This machine can't grade.")
    return 0 if fine else WRONG_USE


def demo(into: Path | None, jobs: int) -> int:
    """Play a class; return the exit status."""
    from autograder.database import NbgraderError  # noqa: PLC0415
    from autograder.demo import DemoError, play  # noqa: PLC0415

    try:
        played = play(into, jobs, grader_for, grade_into)
    except (DemoError, NbgraderError) as error:
        raise CannotGradeError(str(error)) from None
    print_class(played.reports)
    naive = next(r for r in played.reports if r.student == played.shown)
    cell = next(cell for cell in naive.cells if cell.misconceptions)
    say(f"\nWhat {played.shown} reads about {cell.exercise}:\n")
    click.echo(checks_as_text(cell.checks))
    click.echo(f"\ngradebook  {played.course.root / 'gradebook.db'}")
    click.echo(f"feedback   {played.feedback}")
    click.echo(f"notebooks  {played.course.folder('autograded', '*', cell.exercise or '')}")
    return 0
