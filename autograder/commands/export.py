"""``autograder export``: marks out of the gradebook or a results file, into a platform's sheet or a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from autograder.commands.console import say, shows_students
from autograder.commands.opening import CannotGradeError, open_course
from autograder.course import Course
from autograder.reports.canvas import into_canvas
from autograder.reports.entry import DoubledError, Entry, entries_from
from autograder.reports.moodle import into_moodle
from autograder.reports.sheet import Filled, Sheet, SheetError
from autograder.reports.table import as_table
from autograder.results import Report, from_json

NOT_EXPORTED = 1
SQLITE = "sqlite:///"


class ExportError(ValueError):
    """Nothing was exported; the text says why, and what to do."""


def run(kind: str, out: Path, options: dict[str, Any]) -> int:
    """Write marks into a platform's sheet or a table, and say what became of them; return the exit status."""
    results, assignment = options["results"], options["assignment"]
    try:
        entries = entries_in(results) if results else entries_entered(open_course(options["course"]), assignment)
        if kind == "csv":
            say(f"{export_table(entries, out, assignment)} rows are in {out}.")
            return 0
        entries = only(entries, assignment)
        if kind == "canvas":
            filled = export_canvas(entries, options["into"], out, options["column"])
        else:
            filled = export_moodle(entries, options["into"], out)
    except (ExportError, SheetError) as error:
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


def entries_in(results: Path) -> list[Entry]:
    """Add up the marks of a file that ``autograder grade --results`` wrote.

    Raises
    ------
    ExportError
        If it is no such file.
    """
    reports: list[Report] = []
    try:
        with results.open(encoding="utf-8") as lines:
            reports.extend(from_json(line) for line in lines if line.strip())
        return entries_from(reports)
    except (OSError, UnicodeDecodeError) as error:
        raise ExportError(f"{results} can't be read: {error}.") from None
    except msgspec.MsgspecError as error:
        raise ExportError(
            f"Line {len(reports) + 1} of {results} is none of “autograder grade --results”: {error}."
        ) from None
    except DoubledError as error:
        raise ExportError(f"{results} can't be added up. {error}") from None


def entries_entered(course: Course, assignment: str | None) -> list[Entry]:
    """Read the marks of one assignment, or of all, from the course's gradebook.

    Raises
    ------
    ExportError
        If there is no gradebook, it can't be read, or it doesn't know the assignment.
    """
    from nbgrader.coursedir import CourseDirectory  # noqa: PLC0415  # nbgrader takes seconds to import

    from autograder.gradebook import database  # noqa: PLC0415
    from autograder.gradebook.gradebook import Gradebook  # noqa: PLC0415

    url = CourseDirectory(config=course.config, root=str(course.root)).db_url
    if url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).exists():
        raise ExportError(f"{course.root} has no gradebook yet: “autograder grade” makes it. Or name --results.")
    try:
        with database.readable_errors("The gradebook can't be read"), Gradebook(course) as gradebook:
            return _entered(gradebook.database.db, course, assignment)
    except database.NbgraderError as error:
        raise ExportError(str(error)) from None


def _entered(session: Any, course: Course, assignment: str | None) -> list[Entry]:
    from autograder.gradebook.marks import assignments_of, entries_of  # noqa: PLC0415

    known = assignments_of(session)
    if assignment is not None and assignment not in known:
        raise ExportError(
            f"The gradebook of {course.root} has no assignment “{assignment}”; "
            f"it has: {', '.join(known) or 'none'}."
        )
    return [entry for name in ([assignment] if assignment else known) for entry in entries_of(session, name)]


def only(entries: Sequence[Entry], assignment: str | None) -> list[Entry]:
    """Return the marks of one assignment, of the only one where none is named; who handed in nothing has none.

    Raises
    ------
    ExportError
        If there are several, or none.
    """
    handed_in = [entry for entry in entries if entry.submitted]
    known = sorted({entry.assignment for entry in handed_in})
    if assignment is None and len(known) != 1:
        raise ExportError(
            f"There are marks of {', '.join(known)}: name one with --assignment."
            if known
            else "There are no marks."
        )
    wanted = [entry for entry in handed_in if assignment in (None, entry.assignment)]
    if not wanted:
        raise ExportError(f"There are no marks of “{assignment}”; there are of: {', '.join(known) or 'none'}.")
    return wanted


def export_canvas(entries: Sequence[Entry], into: Path, out: Path, column: str | None) -> Filled:
    """Write the marks of one assignment into a gradebook that Canvas exported."""
    return _exported(out, into_canvas(_sheet(into), entries, entries[0].assignment, column))


def export_moodle(entries: Sequence[Entry], into: Path, out: Path) -> Filled:
    """Write the marks of one assignment into a grading worksheet of Moodle's."""
    return _exported(out, into_moodle(_sheet(into), entries))


def export_table(entries: Sequence[Entry], out: Path, assignment: str | None) -> int:
    """Write the marks of an assignment, or all, as a table; return how many.

    Raises
    ------
    ExportError
        If there are none.
    """
    wanted = [entry for entry in entries if assignment in (None, entry.assignment)]
    if not wanted:
        raise ExportError(f"There are no marks of “{assignment}”." if assignment else "There are no marks.")
    _write(out, as_table(wanted).encode("utf-8", "replace"))
    return len(wanted)


def _sheet(path: Path) -> Sheet:
    try:
        return Sheet.read(path.read_bytes(), path.name)
    except OSError as error:
        raise SheetError(f"{path} can't be read: {error.strerror}.") from None


def _exported(out: Path, filled: Filled) -> Filled:
    _write(out, filled.sheet.write())
    return filled


def _write(out: Path, content: bytes) -> None:
    try:
        new = out.with_name(f".{out.name}.new")
        new.write_bytes(content)
        new.replace(out)
    except OSError as error:
        raise ExportError(f"{out} can't be written: {error.strerror}.") from None
