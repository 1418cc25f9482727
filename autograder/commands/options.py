"""The command-line options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)
FOLDER = click.Path(path_type=Path, file_okay=False)
PRECIOUS = frozenset({".db", ".ipynb", ".py", ".sqlite", ".sqlite3"})


STDOUT = Path("-")
"""What stands for the standard output, where a command can write there."""


class Output(click.Path):
    """A file to write: never one in place of a gradebook, a notebook or a program.

    Parameters
    ----------
    stdout
        Whether “-” may be the standard output; otherwise it is refused, for nobody means a file of that name.
    """

    def __init__(self, *, stdout: bool = False) -> None:
        super().__init__(path_type=Path)
        self.stdout = stdout

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path; it is wrong usage if somebody's work lies there."""
        path = Path(str(super().convert(value, param, ctx)))
        if path == STDOUT and not self.stdout:
            self.fail(
                "“-” is no name, and this is not written to the standard output: name a place for it.", param, ctx
            )
        if path.suffix.lower() in PRECIOUS and path.exists():
            self.fail(f"{path} is there already, and this command writes no {path.suffix} files.", param, ctx)
        return path


class Number(click.FloatRange):
    """A number in a range; nan is in none, though it compares as if it were."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number; it is wrong usage if it is none."""
        number = super().convert(value, param, ctx)
        if number != number:  # noqa: PLR0124  # only nan differs from itself
            self.fail(f"{value} is no number.", param, ctx)
        return number


OUTPUT, OUTPUT_OR_STDOUT = Output(), Output(stdout=True)


def together(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Return one decorator that adds several arguments and options; help lists them in this order."""

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


course = click.option(
    "--course",
    type=FOLDER,
    metavar="DIR",
    help="The course folder; by default the current folder or one above it.",
)

jobs = click.option(
    "--jobs",
    type=click.IntRange(1),
    help="How many submissions are graded at the same time; by default one for each core, here or of the cluster.",
)

cluster = together(
    click.option(
        "--cluster",
        metavar="ADDRESS",
        help="Grade on a Dask cluster: tls://HOST:PORT of its scheduler, or local:N for N processes here.",
    ),
    click.option(
        "--insecure-cluster", is_flag=True, help="Let references and marks go to other machines without TLS."
    ),
)
"""Where submissions are graded."""

junit = click.option("--junit", type=OUTPUT, metavar="FILE", help="Write JUnit XML: one test case for each check.")

limit = click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="NAME=VALUE",
    help="What a submission may use, e.g. cell_seconds=60 or memory=4G; docs/options.md lists all limits.",
)
grading = together(
    click.option("--allow", multiple=True, metavar="MODULE", help="A further module that submissions may import."),
    click.option(
        "--feedback",
        type=click.Choice(["score", "messages", "full"]),
        help="What feedback contains: marks alone, messages (the default), or hidden inputs as well.",
    ),
    click.option(
        "--follow-through",
        type=Number(0, 1),
        metavar="PART",
        help="The part of its marks that a check gives which is right but for one named slip (default: 0.5).",
    ),
    click.option(
        "--seed-file",
        type=FILE,
        metavar="FILE",
        help="The file of the course's secret, made on first use; by default one of yours.",
    ),
    click.option(
        "--sandbox",
        type=click.Choice(["auto", "none"]),
        help="“none” runs submissions without isolation; every report says so.",
    ),
    click.option(
        "--isolation",
        type=click.Choice(["landlock", "namespace", "chroot"]),
        help="How submissions are isolated; by default in the best way that the machine has (see doctor).",
    ),
    limit,
    click.option(
        "--fail-under",
        type=Number(0, 100),
        metavar="PERCENT",
        help="Exit with status 3 if a submission's mark is lower.",
    ),
)
"""How submissions are graded."""

outputs = together(
    junit,
    click.option(
        "--gradescope", type=OUTPUT, metavar="FILE", help="Write one submission's results.json for Gradescope."
    ),
    click.option(
        "--gradescope-visibility",
        type=click.Choice(["visible", "hidden", "after_due_date", "after_published"]),
        default="visible",
        show_default=True,
        help="When students see the tests on Gradescope.",
    ),
    click.option(
        "--github-summary",
        is_flag=True,
        help="Append a Markdown summary to $GITHUB_STEP_SUMMARY, and annotate the run.",
    ),
    click.option(
        "--feedback-dir",
        type=OUTPUT,
        metavar="DIR",
        help="Write DIR/STUDENT/ASSIGNMENT/NOTEBOOK.md and .html for each notebook.",
    ),
)
"""What ``grade`` writes in addition to marks."""

export = together(
    click.argument("out", type=OUTPUT),
    click.option("--assignment", metavar="NAME", help="The assignment; required if there are several."),
    click.option("--results", type=FILE, metavar="FILE.jsonl", help="Read marks from grade --results FILE.jsonl."),
    course,
    click.option("--show-students", is_flag=True, help="Name unmatched students in CI and into a pipe, too."),
)
"""Which marks are exported, and into which file."""


def into(what: str) -> Callable[[Command], Command]:
    """Return the required option ``--into``; ``what`` describes the platform's file."""
    return click.option("--into", type=FILE, metavar="FILE.csv", required=True, help=what)


def limits_in(words: Sequence[str]) -> dict[str, str]:
    """Return the limits that ``--limit`` sets.

    Raises
    ------
    BadParameter
        If a word names no limit, or a value that can't be one.
    """
    from autograder.sandbox.policy import Limits  # noqa: PLC0415  # --help imports click alone

    limits = dict(word.partition("=")[::2] for word in words)
    try:
        Limits().changed(limits)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--limit") from None
    return limits


def grading_options_in(options: dict[str, Any]) -> dict[str, Any]:
    """Return the grading options that the command line sets; the course decides the others.

    Raises
    ------
    BadParameter
        If ``--limit`` names no limit, or a value that can't be one.
    """
    seed_file = options["seed_file"]
    given = {
        "allow": list(options["allow"]),
        "feedback": options["feedback"],
        "seed_file": str(seed_file.absolute()) if seed_file else None,
        "sandbox": options["sandbox"],
        "isolation": options["isolation"],
        "limits": limits_in(options["limits"]),
        "figures": options.get("figures", False),
        "cluster": options.get("cluster"),
        "insecure_cluster": options.get("insecure_cluster", False),
    }
    numbers = {name: options.get(name) for name in ("follow_through", "class_seconds")}  # 0 is a choice
    chosen = {name: value for name, value in numbers.items() if value is not None}
    return chosen | {name: value for name, value in given.items() if value}
