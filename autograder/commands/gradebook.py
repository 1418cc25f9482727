"""``autograder gradebook copy``: copy a gradebook into another database."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.commands.console import say
from autograder.commands.opening import CannotGradeError
from autograder.gradebook import transfer
from autograder.gradebook.database import NbgraderError


def copy(source: str, target: str) -> None:
    """Copy a gradebook and say how many rows each table has; a terminal shows how far it is.

    Raises
    ------
    CannotGradeError
        If it can't be copied; the target is unchanged then.
    """
    columns = (TextColumn("copying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:

        def begin(total: int) -> transfer.Progress:
            task = bar.add_task("", total=total)
            return lambda rows: bar.advance(task, rows)

        try:
            here, there = transfer.address(source), transfer.address(target)
            rows = transfer.copy(here, there, begin)
        except NbgraderError as error:
            raise CannotGradeError(str(error)) from None
    for table, count in rows.items():
        say(f"{count:>9}  {table}")
    say(f"✓ {sum(rows.values())} rows are in {transfer.shown(there)}, each read back and compared.")
    say(f"To use it, write c.CourseDirectory.db_url = {transfer.shown(there)!r} in nbgrader_config.py.")
    if "***" in transfer.shown(there):
        say("*** stands for the password: leave it out, and put it into ~/.pgpass.")
