"""``autograder gradebook copy``: copy a gradebook into another database."""

from __future__ import annotations

from contextlib import ExitStack

from autograder.commands import progress
from autograder.commands.console import say
from autograder.commands.opening import CannotGradeError
from autograder.gradebook import transfer
from autograder.gradebook.database import NbgraderError


def copy(source: str, target: str) -> None:
    """Copy a gradebook and say how many rows each table has, and meanwhile how far it is.

    Raises
    ------
    CannotGradeError
        If it can't be copied; the target is unchanged then.
    """
    with ExitStack() as until_copied:
        try:
            here, there = transfer.address(source), transfer.address(target)
            rows = transfer.copy(
                here, there, lambda total: until_copied.enter_context(progress.shown(total, "copying"))
            )
        except NbgraderError as error:
            raise CannotGradeError(str(error)) from None
    for table, count in rows.items():
        say(f"{count:>9}  {table}")
    say(f"✓ {sum(rows.values())} rows are in {transfer.shown(there)}, each read back and compared.")
    say(f"To use it, write c.CourseDirectory.db_url = {transfer.shown(there)!r} in nbgrader_config.py.")
    if "***" in transfer.shown(there):
        say("*** stands for the password: leave it out, and put it into ~/.pgpass.")
