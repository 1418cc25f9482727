"""The command line: parse arguments, call one function each."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

# Before NumPy is imported: the numbers are small, and each grader keeps to a core of its own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

GRADED, NOT_GRADED, WRONG_USE, BELOW_MARK = 0, 1, 2, 3
FILE = click.Path(path_type=Path)
FEEDBACK = click.Choice(["score", "messages", "full"])
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=CONTEXT)
@click.version_option(package_name="logits-and-likelihoods")
def main() -> None:
    """Grade exercises in the probability behind deep learning, sealed off from the submissions.

    \b
    autograder demo                          a whole class, graded in a scratch folder
    autograder check softmax mine.py         one function of one file
    autograder grade --course .              everything under submitted/, into the gradebook
    autograder export canvas --into …        marks into the platform's own file
    autograder release softmax               what students get, proven clean
    autograder precheck softmax.ipynb        what a student may check before handing in
    autograder prove                         an exercise of your own, before a student meets it
    autograder doctor                        what this machine can isolate

    Exit status: 0 graded, whatever the marks; 1 something could not be graded; 2 wrong usage, or a machine
    that can't grade; 3 below --fail-under.
    """


def grading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that decide how submissions are graded."""
    options = [
        click.option(
            "--allow",
            multiple=True,
            metavar="MODULE",
            help="A module submissions may import besides the default ones.",
        ),
        click.option(
            "--feedback",
            type=FEEDBACK,
            help="How much messages may tell; “messages” by default.",
        ),
        click.option(
            "--seed-file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="The course's secret; made on first use.",
        ),
        click.option(
            "--sandbox",
            type=click.Choice(["auto", "none"]),
            help="“none” runs submissions without isolation, and says so in every report.",
        ),
        click.option(
            "--limit",
            "limits",
            multiple=True,
            metavar="NAME=VALUE",
            help="What a submission may use, e.g. cell_seconds=60 or memory=4G; docs/instructors.md lists all.",
        ),
        click.option(
            "--fail-under", type=float, metavar="PERCENT", help="Exit with 3 where a submission has less."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what is written besides marks."""
    options = [
        click.option("--junit", type=FILE, metavar="FILE", help="Write JUnit XML: a testcase a check."),
        click.option(
            "--gradescope", type=FILE, metavar="FILE", help="Write one submission's results.json for Gradescope."
        ),
        click.option(
            "--gradescope-visibility",
            type=click.Choice(["visible", "hidden", "after_due_date", "after_published"]),
            default="visible",
            show_default=True,
            help="Who sees the tests there, and when.",
        ),
        click.option(
            "--github-summary",
            is_flag=True,
            help="Append a Markdown summary to $GITHUB_STEP_SUMMARY, and annotate the run.",
        ),
        click.option(
            "--feedback-dir",
            type=FILE,
            metavar="DIR",
            help="Write DIR/STUDENT/ASSIGNMENT/NOTEBOOK.md and .html for each notebook.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def given_by(options: dict[str, Any]) -> dict[str, Any]:
    """Return the grading options that the command line gives; the others are the course's business."""
    from autograder.sandbox.policy import Limits  # noqa: PLC0415

    limits = dict(word.partition("=")[::2] for word in options["limits"])
    try:
        Limits().changed(limits)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--limit") from None
    seed_file = options["seed_file"]
    given = {
        "allow": list(options["allow"]),
        "feedback": options["feedback"],
        "seed_file": str(seed_file.absolute()) if seed_file else None,
        "sandbox": options["sandbox"],
        "limits": limits,
        "figures": options.get("figures", False),
    }
    return {name: value for name, value in given.items() if value}


@main.command()
@click.argument("exercise")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    "--student", default="", metavar="ID", help="Whose the files are; another student gets other inputs."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one line a file.")
@click.option("--junit", type=click.Path(path_type=Path), metavar="FILE", help="Write JUnit XML, too.")
@grading_options
def check(
    exercise: str, files: tuple[Path, ...], student: str, as_json: bool, junit: Path | None, **options: Any
) -> None:
    """Grade one function from .py files, each in the sandbox.

    \b
    autograder check softmax mine.py
    autograder check kl_divergence submissions/*.py --json
    autograder check softmax mine.py --junit softmax.xml
    """
    from autograder.commands import check as command  # noqa: PLC0415

    outcome = command.run(given_by(options), exercise, files, student, as_json=as_json, junit=junit)
    finish(outcome, options)


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH...]")
@click.option("--assignment", metavar="NAME", help="The assignment; told from the files' place otherwise.")
@click.option(
    "--course", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="The course folder."
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=os.cpu_count() or 1,
    show_default=True,
    help="How many at a time.",
)
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    metavar="FILE.jsonl",
    help="Write a line of JSON a notebook.",
)
@click.option(
    "--roster",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="SHEET.csv",
    help="Who is who: Moodle's worksheet, Canvas' gradebook, or nbgrader's list of students.",
)
@click.option("--force", is_flag=True, help="Grade again what was graded and hasn't changed since.")
@click.option("--figures", is_flag=True, help="Draw all figures, not only those in cells that a person marks.")
@click.option("--no-gradebook", is_flag=True, help="Grade against source/ and write no marks.")
@click.option(
    "--show-students",
    is_flag=True,
    help="Print names and marks in CI and into a pipe, too; without it a log holds counts alone.",
)
@output_options
@grading_options
def grade(paths: tuple[Path, ...], course: Path | None, **options: Any) -> None:
    r"""Grade notebooks, folders of them, or a platform's zip; without PATH, the course's submitted/.

    \b
    autograder grade                             every submission of the course this folder lies in
    autograder grade --assignment softmax        one assignment
    autograder grade class.zip                   what Canvas, Moodle or Gradescope downloaded
    autograder grade repositories/               a folder of students' repositories
    autograder grade alice.ipynb --no-gradebook  one notebook, no marks written
    autograder grade --junit report.xml --github-summary --feedback-dir feedback

    Whose a submission is and when it came is told by the platform's names, never by the student's files; of
    several the last counts. What can't be placed is listed, and the exit status is 1. docs/intake.md says more.

    It may be stopped at any moment: run again, it grades what is missing.
    """
    from autograder.sandbox.launcher import Launcher  # noqa: PLC0415

    with Launcher() as launcher:
        from autograder.commands.opening import open_for_grading  # noqa: PLC0415  # while the launcher starts

        with open_for_grading(given_by(options), course, paths, options, launcher) as opened:
            from autograder.commands import grade as command  # noqa: PLC0415  # while the fork server starts

            outcome = command.run(opened, options)
    finish(outcome, options)


@main.group()
def export() -> None:
    """Write marks where they are wanted: into the platform's own file, or a table.

    \b
    autograder export canvas --into export.csv marks.csv    then in Canvas: Grades, Import
    autograder export moodle --into sheet.csv marks.csv     then in Moodle: Upload grading worksheet
    autograder export csv marks.csv                         nbgrader's columns, and one a cell

    Marks come from the gradebook, after penalties for lateness, or from --results FILE. Every row and column of
    the platform's file stays; only marks are filled in. Exit status: 0 done; 1 a mark has no row, and is named;
    2 wrong usage or a file that won't do.
    """


def export_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which marks are exported."""
    options = [
        click.argument("out", type=FILE),
        click.option("--assignment", metavar="NAME", help="The assignment; needed where there are several."),
        click.option("--results", type=FILE, metavar="FILE.jsonl", help="Marks of grade --results FILE.jsonl."),
        click.option(
            "--course",
            type=click.Path(path_type=Path, file_okay=False),
            metavar="DIR",
            help="The course folder, whose gradebook is read.",
        ),
        click.option("--show-students", is_flag=True, help="Name unmatched students in CI and into a pipe, too."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def into(what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Ask for the platform's file."""
    return click.option("--into", type=FILE, metavar="FILE.csv", required=True, help=what)


@export.command(name="canvas")
@into("Canvas's export: Grades, Export. It is only read.")
@click.option("--column", metavar='"TITLE (ID)"', help="The assignment's column; else the one titled like it.")
@export_options
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
@into("Moodle's grading worksheet, downloaded in English. It is only read.")
@export_options
def export_moodle(out: Path, **options: Any) -> None:
    """Fill the column Grade of Moodle's offline grading worksheet.

    \b
    autograder export moodle --into worksheet.csv marks.csv --assignment softmax

    Students match by the number in Identifier, then ID number, username, e-mail address, full name.
    """
    from autograder.commands import export as command  # noqa: PLC0415

    sys.exit(command.run("moodle", out, options))


@export.command(name="csv")
@export_options
def export_csv(out: Path, **options: Any) -> None:
    """Write nbgrader's columns and one for each cell, a row a student and assignment."""
    from autograder.commands import export as command  # noqa: PLC0415

    sys.exit(command.run("csv", out, options))


@main.command()
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT...]")
@click.option(
    "--course", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="The course folder."
)
def release(assignments: tuple[str, ...], course: Path | None) -> None:
    """Generate what students get, then prove that no solution or hidden test is left in it."""
    from autograder.commands import release as command  # noqa: PLC0415

    sys.exit(command.run(course, assignments))


@main.command(name="gradescope-zip")
@click.argument("assignment")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--course", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="The course folder."
)
@grading_options
def gradescope_zip(assignment: str, out: Path, course: Path | None, **options: Any) -> None:
    """Write the zip to upload to Gradescope; its submissions are graded with the course's options and these."""
    from autograder.commands import gradescope_zip as command  # noqa: PLC0415

    if options["sandbox"] == "none" or options["fail_under"] is not None:
        raise click.UsageError(
            "On Gradescope submissions run in the sandbox or not at all, and no mark fails a run."
        )
    command.run(given_by(options), course, assignment, out)


@main.command(add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="NOTEBOOK")
@click.option(
    "--course", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="The course folder."
)
def precheck(words: tuple[str, ...], course: Path | None) -> None:
    """Look over a notebook as a student may: release/precheck.py is the same. It gives no marks."""
    from autograder.commands import precheck as command  # noqa: PLC0415
    from autograder.commands.opening import open_course  # noqa: PLC0415
    from autograder.commands.release import released_cells  # noqa: PLC0415

    sys.exit(command.main(words, released_cells(open_course(course)), prog="autograder precheck"))


@main.command(name="list")
@click.option(
    "--course", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="The course folder."
)
@click.option("--markdown", is_flag=True, help="The catalogue: every check, every known mistake, every message.")
def list_(course: Path | None, *, markdown: bool) -> None:
    """List the registered exercises and the course's assignments."""
    from autograder.commands import list as command  # noqa: PLC0415

    command.run(course, markdown=markdown)


@main.command()
@click.argument("names", nargs=-1, metavar="[EXERCISE...]")
@click.option(
    "--course", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="The course folder."
)
def prove(names: tuple[str, ...], course: Path | None) -> None:
    """Prove exercises, by default the course's own: right answers keep every mark, known mistakes are named."""
    from autograder.commands import prove as command  # noqa: PLC0415

    sys.exit(command.run(course, names))


@main.command()
def doctor() -> None:
    """Say what this machine can isolate, with the mend for what it can't."""
    from autograder.commands import doctor as command  # noqa: PLC0415

    sys.exit(command.run())


@main.command()
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="An empty folder for it; a new one otherwise.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=os.cpu_count() or 1,
    show_default=True,
    help="How many at a time.",
)
def demo(into: Path | None, jobs: int) -> None:
    """Play a whole class in a scratch course: release, submit, grade, gradebook, feedback."""
    from autograder.commands import demo as command  # noqa: PLC0415

    sys.exit(command.run(into, jobs))


def finish(outcome: tuple[bool, float], options: dict[str, Any]) -> None:
    """Exit with what a grading came to: whether all could be graded, and the lowest percentage."""
    complete, lowest = outcome
    if not complete:
        sys.exit(NOT_GRADED)
    if options["fail_under"] is not None and lowest < options["fail_under"]:
        sys.exit(BELOW_MARK)
