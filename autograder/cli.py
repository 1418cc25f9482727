"""The command line: each command parses its arguments and calls one function of ``autograder.commands``."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from autograder.commands import options as shared
from autograder.commands.interrupts import Commands, before_grading
from autograder.commands.options import FILE, OUTPUT, OUTPUT_OR_STDOUT, Number, grading_options_in, limits_in

# This must precede the import of NumPy. The arrays are small, and each grader keeps to a core of its own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

NOT_GRADED, BELOW_MARK = 1, 3
WITHOUT_DIFF = ("no_gradebook", "results", "junit", "gradescope", "github_summary", "feedback_dir", "fail_under")
"""Options of ``grade`` that say nothing about a comparison."""
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=Commands, context_settings=CONTEXT)
@click.version_option(package_name="logits-and-likelihoods")
def main() -> None:
    """Grade exercises in the probability behind deep learning. Submissions run in a sandbox.

    \b
    autograder demo                          grade a whole class in a scratch folder
    autograder check softmax mine.py         grade one function of one file
    autograder grade --course .              grade everything in submitted/, into the gradebook
    autograder report softmax --html r.html  show what the class got wrong
    autograder explain s1234 softmax         say why a student's marks are what they are
    autograder export canvas --into …        write marks into the platform's own file
    autograder release softmax               make what students receive, without solutions
    autograder precheck softmax.ipynb        check a notebook before it is submitted, as a student may
    autograder new assignment counts         begin an assignment with an exercise of your own
    autograder prove                         test an exercise of your own before students see it
    autograder gradebook copy FROM TO        move a gradebook to another database
    autograder doctor                        show what this machine can isolate

    Exit status: 0 graded, whatever the marks; 1 something could not be graded; 2 wrong usage, or a machine
    that can't grade; 3 below --fail-under; 130 stopped by Ctrl-C.
    """


# --- grading ---------------------------------------------------------------------------------------------


@main.command()
@click.argument("exercise")
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@click.option(
    "--student", default="", metavar="ID", help="The student; each student is given other hidden inputs."
)
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON for each file.")
@shared.junit
@shared.course
@shared.grading
def check(
    exercise: str,
    files: tuple[Path, ...],
    student: str,
    as_json: bool,
    junit: Path | None,
    course: Path | None,
    **options: Any,
) -> None:
    """Grade one function from .py files, each in the sandbox.

    \b
    autograder check softmax mine.py
    autograder check kl_divergence submissions/*.py --json
    autograder check softmax mine.py --junit softmax.xml
    """
    from autograder.commands import check as command  # noqa: PLC0415

    outcome = command.run(
        grading_options_in(options), exercise, files, student, as_json=as_json, junit=junit, folder=course
    )
    finish(outcome, options)


@main.command()
@click.argument("paths", nargs=-1, type=FILE, metavar="[PATH...]")
@click.option("--assignment", metavar="NAME", help="The assignment; by default the files' place decides.")
@shared.course
@shared.jobs
@shared.cluster
@click.option("--results", type=OUTPUT, metavar="FILE.jsonl", help="Write one line of JSON for each notebook.")
@click.option(
    "--roster",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="SHEET.csv",
    help="The students: Moodle's worksheet, Canvas's gradebook, or nbgrader's list of students.",
)
@click.option("--force", is_flag=True, help="Grade again what is graded already and has not changed since.")
@click.option("--figures", is_flag=True, help="Draw all figures, not only those that a person marks.")
@click.option(
    "--class-seconds",
    type=Number(0),
    metavar="SECONDS",
    help="Stop after so many seconds. What is not graded by then is named; run the command again to grade it.",
)
@click.option("--student", metavar="ID", help="Whose a notebook is that is named by itself.")
@click.option(
    "--keep/--no-keep",
    default=True,
    show_default=True,
    help="Lay what was handed in down under submitted/, where later commands and nbgrader's find it.",
)
@click.option(
    "--unproved",
    is_flag=True,
    help="Grade even if the source's own solution lacks marks; this is remembered until the next release.",
)
@click.option("--no-gradebook", is_flag=True, help="Grade against source/ and write no marks.")
@click.option("--diff", is_flag=True, help="Write nothing; print whose marks would change, by how much and why.")
@click.option(
    "--source",
    type=FILE,
    metavar="NOTEBOOK.ipynb",
    help="Grade against this notebook and the files beside it, without a course; writes no marks.",
)
@click.option(
    "--show-students",
    is_flag=True,
    help="Print names and marks in CI and into a pipe, too; otherwise a log holds counts alone.",
)
@shared.outputs
@shared.grading
def grade(paths: tuple[Path, ...], course: Path | None, **options: Any) -> None:
    """Grade notebooks, folders of them, or a platform's zip; without PATH, the course's submitted/.

    \b
    autograder grade                             every submission of the course around this folder
    autograder grade --assignment softmax        one assignment
    autograder grade class.zip                   a download from Canvas, Moodle or Gradescope
    autograder grade repositories/               a folder of students' repositories
    autograder grade hw.ipynb --student alice    one notebook of this student
    autograder grade alice.ipynb --no-gradebook  one notebook, no marks written
    autograder grade alice.ipynb --source ours/softmax.ipynb  the same, without a course
    autograder grade --junit report.xml --github-summary --feedback-dir feedback
    autograder grade --diff                      after a change to an exercise: whose marks would change
    autograder grade --cluster tls://scheduler:8786   on many machines (docs/scale.md)

    The student and the time of a submission come from the platform's names, never from the student's files. Of
    several submissions the last counts. What belongs to no student or assignment is listed, and the exit status
    is 1. docs/intake.md says more.

    You may stop it at any moment. Run it again, and it grades what is missing.
    """
    from autograder.sandbox.launcher import Launcher  # noqa: PLC0415

    if options["diff"] and (with_them := [name for name in WITHOUT_DIFF if options[name]]):
        raise click.UsageError(
            f"--diff compares and writes nothing; leave out --{with_them[0].replace('_', '-')}."
        )
    with Launcher() as launcher, ExitStack() as stack:
        with before_grading():
            from autograder.commands.opening import open_for_grading  # noqa: PLC0415  # while the launcher starts
            from autograder.commands.without_course import course_around  # noqa: PLC0415

            if options["source"]:
                course, assignment = stack.enter_context(course_around(options["source"]))
                options |= {"no_gradebook": True, "assignment": assignment}
            options["paths"] = paths
            opened = open_for_grading(grading_options_in(options), course, paths, options, launcher)
        with opened:
            with before_grading():
                from autograder.commands import grade as command  # noqa: PLC0415  # while the fork server starts
            outcome = command.run(opened, options)
    finish(outcome, options)


@main.command()
@click.argument("student")
@click.argument("assignment")
@click.argument("cell", required=False)
@shared.course
@shared.grading
def explain(student: str, assignment: str, cell: str | None, course: Path | None, **options: Any) -> None:
    """Replay a submission with the same hidden inputs: what was asked, answered, expected, and why each mark.

    \b
    autograder explain s1234 softmax             every graded cell of one student's submission
    autograder explain s1234 softmax logsumexp   one cell

    The history of the marks follows. Nothing is written. Hidden inputs are shown: this is for instructors.
    """
    from autograder.commands import explain as command  # noqa: PLC0415

    sys.exit(command.run(grading_options_in(options), course, student, assignment, cell))


@main.command()
@click.argument("assignment")
@shared.course
@shared.jobs
@click.option("--against", multiple=True, type=FILE, metavar="FOLDER", help="Submissions of an earlier year.")
@click.option(
    "--results", type=FILE, metavar="FILE.jsonl", help="Take mistakes from here, not from the gradebook."
)
@click.option("--html", type=OUTPUT_OR_STDOUT, metavar="FILE", help="Write a page with the pairs side by side.")
@click.option("--json", type=OUTPUT_OR_STDOUT, metavar="FILE", help="Write the pairs as JSON.")
@click.option("--names", is_flag=True, help="Name the students; otherwise they are S001, S002, …")
def similar(assignment: str, course: Path | None, **options: Any) -> None:
    """Rank look-alikes among submissions for a person to read; it gives no verdict.

    \b
    autograder similar softmax --html alike.html
    autograder similar softmax --against ../2025/submitted --json alike.json --names
    autograder similar softmax --json -    to the standard output, and nothing else there

    What the assignment gives, what its solution holds and what most of the class wrote counts for nothing. The
    score says how unusual a pair is in this class.
    """
    from autograder.commands import similar as command  # noqa: PLC0415

    sys.exit(command.run(course, assignment, options))


def finish(outcome: tuple[bool, float], options: dict[str, Any]) -> None:
    """Exit with the status of a grading: whether all was graded, and the lowest mark in percent."""
    complete, lowest = outcome
    if not complete:
        sys.exit(NOT_GRADED)
    if options["fail_under"] is not None and lowest < options["fail_under"]:
        sys.exit(BELOW_MARK)


@main.command()
@click.argument("assignment", required=False)
@shared.course
@click.option(
    "--results", type=FILE, metavar="FILE.jsonl", help="Read grade --results FILE.jsonl, not the gradebook."
)
@click.option(
    "--html", type=OUTPUT_OR_STDOUT, metavar="FILE", help="Write a page: it needs no network, and prints well."
)
@click.option("--json", type=OUTPUT_OR_STDOUT, metavar="FILE", help="Write the numbers, by report.schema.json.")
@click.option(
    "--slides", type=OUTPUT_OR_STDOUT, metavar="FILE", help="Write the five mistakes to talk about, one a page."
)
@click.option("--names", is_flag=True, help="Name students; otherwise nobody is named.")
def report(assignment: str | None, **options: Any) -> None:
    """Show what the class got wrong; without ASSIGNMENT, in the whole course.

    \b
    autograder report softmax --html softmax.html           from the course's gradebook
    autograder report softmax --results r.jsonl --json -    from a file, the numbers alone
    autograder report --html course.html                    all assignments
    autograder report softmax --slides monday.html          five mistakes to talk about

    Marks by questions, the mistakes that were recognised, and wrong answers that agree with each other but have no
    name yet. Exit status: 0 done; 2 wrong usage, or nothing to read.
    """
    from autograder.commands import report as command  # noqa: PLC0415

    command.run(assignment, options)


# --- export ----------------------------------------------------------------------------------------------


@main.group()
def export() -> None:
    """Write marks into a platform's own file, or into a table.

    \b
    autograder export canvas --into export.csv marks.csv    then in Canvas: Grades, Import
    autograder export moodle --into sheet.csv marks.csv     then in Moodle: Upload grading worksheet
    autograder export csv marks.csv                         nbgrader's columns, and one for each cell

    Marks come from the gradebook, after penalties for lateness, or from --results FILE. Every row and column of
    the platform's file stays; only marks are filled in. Exit status: 0 done; 1 a mark has no row, and is named;
    2 wrong usage, or a file that can't be filled in.
    """


@export.command(name="canvas")
@shared.into("Canvas's export (Grades, Export); it is not changed.")
@click.option(
    "--column", metavar='"TITLE (ID)"', help="The assignment's column; by default the one with its name as title."
)
@shared.export
def export_canvas(out: Path, **options: Any) -> None:
    """Fill one assignment's column of Canvas's gradebook export.

    \b
    autograder export canvas --into grades.csv marks.csv --assignment softmax
    autograder export canvas --into grades.csv marks.csv --results r.jsonl --column "Homework 3 (40123)"

    Students match by ID, SIS User ID, SIS Login ID, then name.
    """
    from autograder.commands import export as command  # noqa: PLC0415

    sys.exit(command.run("canvas", out, options))


@export.command(name="moodle")
@shared.into("Moodle's grading worksheet, downloaded in English; it is not changed.")
@shared.export
def export_moodle(out: Path, **options: Any) -> None:
    """Fill the column Grade of Moodle's offline grading worksheet.

    \b
    autograder export moodle --into worksheet.csv marks.csv --assignment softmax

    Students match by the number in Identifier, then ID number, username, e-mail address, full name.
    """
    from autograder.commands import export as command  # noqa: PLC0415

    sys.exit(command.run("moodle", out, options))


@export.command(name="csv")
@shared.export
def export_csv(out: Path, **options: Any) -> None:
    """Write nbgrader's columns and one for each cell: a row for each student and assignment."""
    from autograder.commands import export as command  # noqa: PLC0415

    sys.exit(command.run("csv", out, options))


# --- the course ------------------------------------------------------------------------------------------


@main.group()
def new() -> None:
    """Write an assignment or an exercise that works at once, to be changed into your own.

    \b
    autograder new assignment counts                            in an empty folder, which becomes a course
    autograder new assignment counts --exercise poisson_log_pmf
    autograder new exercise poisson_nll --assignment counts     one more function in that notebook

    Nothing is overwritten. docs/writing-exercises.md goes on from here.
    """


@new.command(name="assignment")
@click.argument("name")
@click.option("--exercise", metavar="FUNCTION", help="The function to ask for; by default it is called NAME.")
@click.option(
    "--course",
    type=FILE,
    metavar="DIR",
    help="The course folder, which need not exist yet; by default the current folder or one above it.",
)
def new_assignment(name: str, exercise: str | None, course: Path | None) -> None:
    """Write source/NAME/ with one exercise; an empty folder becomes a course."""
    from autograder.commands import new as command  # noqa: PLC0415

    command.new_assignment(course, name, exercise)


@new.command(name="exercise")
@click.argument("name")
@click.option("--assignment", metavar="NAME", help="Put its cells at the end of this assignment's notebook.")
@shared.course
def new_exercise(name: str, assignment: str | None, course: Path | None) -> None:
    """Write a function's checks, known mistakes, reference and notebook cells."""
    from autograder.commands import new as command  # noqa: PLC0415

    command.new_exercise(course, name, assignment)


@main.command()
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT...]")
@shared.course
def release(assignments: tuple[str, ...], course: Path | None) -> None:
    """Make what students receive, and prove that it holds no solution and no hidden test."""
    from autograder.commands import release as command  # noqa: PLC0415

    sys.exit(command.run(course, assignments))


@main.command(name="gradescope-zip")
@click.argument("assignment")
@click.argument("out", type=OUTPUT)
@shared.course
@shared.grading
def gradescope_zip(assignment: str, out: Path, course: Path | None, **options: Any) -> None:
    """Write the zip to upload to Gradescope; it grades there with the course's options and these."""
    from autograder.commands import gradescope_zip as command  # noqa: PLC0415

    if options["sandbox"] == "none" or options["fail_under"] is not None:
        raise click.UsageError(
            "On Gradescope submissions run in the sandbox or not at all, and no mark fails a run."
        )
    command.run(grading_options_in(options), course, assignment, out)


@main.command(add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="NOTEBOOK")
@shared.course
def precheck(words: tuple[str, ...], course: Path | None) -> None:
    """Check a notebook as a student may, without marks; release/precheck.py does the same."""
    from autograder.commands import precheck as command  # noqa: PLC0415
    from autograder.commands.opening import course_here, open_course  # noqa: PLC0415
    from autograder.commands.release import released_cells  # noqa: PLC0415

    asks_for_help = not {"-h", "--help"}.isdisjoint(words)
    found = course_here(course) if asks_for_help else open_course(course)
    sys.exit(command.main(words, released_cells(found) if found else {}, prog="autograder precheck"))


@main.command(name="list")
@shared.course
@click.option(
    "--markdown", is_flag=True, help="Print the catalogue: every check, every known mistake, every message."
)
def list_(course: Path | None, *, markdown: bool) -> None:
    """List the registered exercises and the course's assignments."""
    from autograder.commands import list as command  # noqa: PLC0415

    command.run(course, markdown=markdown)


@main.command()
@click.argument("names", nargs=-1, metavar="[EXERCISE...]")
@click.option("--all", "every", is_flag=True, help="Prove the built-in exercises, too; a quarter of an hour.")
@shared.course
def prove(names: tuple[str, ...], course: Path | None, *, every: bool) -> None:
    """Prove exercises, by default the course's own: right answers keep every mark, known mistakes are named."""
    from autograder.commands import prove as command  # noqa: PLC0415

    sys.exit(command.run(course, names, every=every))


@main.group()
def gradebook() -> None:
    """Move a gradebook from one database to another."""


@gradebook.command(name="copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
def gradebook_copy(source: str, target: str) -> None:
    """Copy a gradebook into an empty database: everything that nbgrader and this project keep, and nothing else.

    \b
    autograder gradebook copy gradebook.db postgresql://grader@db.example.org/course
    autograder gradebook copy postgresql://grader@db.example.org/course backup.db

    FROM and TO are SQLite files or addresses of PostgreSQL databases. Let nobody grade meanwhile. TO must be
    empty; it is written in one transaction, and each row is read back and compared before that ends.
    """
    from autograder.commands import gradebook as command  # noqa: PLC0415

    command.copy(source, target)


# --- this machine ----------------------------------------------------------------------------------------


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one object: kernel, abi, isolation, ways and probes.")
@shared.limit
def doctor(as_json: bool, limits: tuple[str, ...]) -> None:
    """Show what this machine can isolate, and how to mend what it can't.

    \b
    autograder doctor          try every barrier, and say what each platform needs
    autograder doctor --json   the same for CI: each probe's name, whether it held, and what to do
    autograder doctor --limit start_seconds=300   on a slow machine
    """
    from autograder.commands import doctor as command  # noqa: PLC0415

    sys.exit(command.run(limits_in(limits), as_json=as_json))


@main.command()
@click.option("--into", type=FILE, metavar="DIR", help="An empty folder for the course; by default a new one.")
@shared.jobs
def demo(into: Path | None, jobs: int | None) -> None:
    """Grade a whole class in a scratch course: release, submissions, marks, gradebook, feedback."""
    from autograder.commands import demo as command  # noqa: PLC0415

    sys.exit(command.run(into, jobs))
