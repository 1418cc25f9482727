"""Write marks where they are wanted: ``autograder export``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder import export as exporting
from autograder.commands.opened import CannotGradeError, open_course
from autograder.commands.printed import say, shows_students
from autograder.reports.sheet import SheetError

NOT_EXPORTED = 1


def export(kind: str, out: Path, options: dict[str, Any]) -> int:
    """Write marks into a platform's sheet or a table, and say what became of them; return the exit status."""
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
