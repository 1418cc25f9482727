"""``autograder export``: write marks from the gradebook or a results file into a platform's sheet or a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.commands.class_results import ResultsError, known_in, opened_gradebook, read_results
from autograder.commands.console import say, shows_students
from autograder.commands.opening import CannotGradeError, open_course
from autograder.course import Course
from autograder.gradebook.atomic import write_atomically
from autograder.reports.canvas import into_canvas
from autograder.reports.mark import AssignmentMark, DuplicateReportError, marks_from_reports
from autograder.reports.moodle import into_moodle
from autograder.reports.sheet import Filled, Sheet, SheetError
from autograder.reports.table import as_table

NOT_EXPORTED = 1


class ExportError(ValueError):
    """Nothing was exported. The message says why, and what to do."""


def run(kind: str, out: Path, options: dict[str, Any]) -> int:
    """Write marks into a platform's sheet or a table, and print what was left out.

    Parameters
    ----------
    kind
        "canvas", "moodle" or "csv".
    out
        The file to write.
    options
        Those of ``export``.

    Returns
    -------
    int
        The exit status: 1 if a mark could not be written.
    """
    results, assignment, sheet = options["results"], options["assignment"], options.get("into")
    if sheet and out.exists() and sheet.exists() and out.samefile(sheet):
        raise CannotGradeError(f"{out} is the sheet to read, which stays as it is: name another file to write.")
    try:
        marks = (
            marks_in_results(results)
            if results
            else marks_in_gradebook(open_course(options["course"]), assignment)
        )
        if kind == "csv":
            say(f"{export_table(marks, out, assignment)} rows are in {out}.")
            return 0
        marks = only(marks, assignment)
        if kind == "canvas":
            filled = export_canvas(marks, options["into"], out, options["column"])
        else:
            filled = export_moodle(marks, options["into"], out)
    except (ExportError, SheetError) as error:
        raise CannotGradeError(str(error)) from None
    _print_outcome(filled, marks, out, options)
    return NOT_EXPORTED if filled.not_written else 0


def _print_outcome(filled: Filled, marks: Sequence[AssignmentMark], out: Path, options: dict[str, Any]) -> None:
    say(f"{filled.written} of {len(marks)} marks of {marks[0].assignment} are in {out}.")
    for sentence in filled.notes + filled.without_mark:  # these name rows, and no student
        say(sentence)
    if filled.not_written and not shows_students(options):
        say(f"{len(filled.not_written)} marks are not written; --show-students names them.", "red")
    else:
        for sentence in filled.not_written:
            say(sentence, "red")
    provisional = sum(mark.open_cells > 0 for mark in marks)
    if provisional:
        say(f"{provisional} of the marks may still change: a person has cells to mark or to look at.")


# --- where marks come from -------------------------------------------------------------------------------


def marks_in_results(results: Path) -> list[AssignmentMark]:
    """Add up the marks in a file that ``autograder grade --results`` wrote.

    Raises
    ------
    ExportError
        If the file can't be read, or is not such a file.
    """
    try:
        return marks_from_reports(read_results(results))
    except ResultsError as error:
        raise ExportError(str(error)) from None
    except DuplicateReportError as error:
        raise ExportError(f"{results} can't be added up. {error}") from None


def marks_in_gradebook(course: Course, assignment: str | None) -> list[AssignmentMark]:
    """Read the marks of one assignment, or of all, from the course's gradebook.

    Raises
    ------
    ExportError
        If there is no gradebook, it can't be read, or it has no such assignment.
    """
    from autograder.commands.tally import say_changes  # noqa: PLC0415
    from autograder.gradebook.marks import entries_of  # noqa: PLC0415  # nbgrader takes seconds to import

    try:
        with opened_gradebook(course) as gradebook:
            session = gradebook.database.db
            marks = [mark for name in known_in(gradebook, assignment) for mark in entries_of(session, name)]
            say_changes(gradebook, sorted({mark.assignment for mark in marks}))
            return marks
    except ResultsError as error:
        raise ExportError(str(error)) from None


def only(marks: Sequence[AssignmentMark], assignment: str | None) -> list[AssignmentMark]:
    """Return the marks of one assignment, by default of the only one, without students who submitted nothing.

    Raises
    ------
    ExportError
        If there are no such marks, or the assignment is not named and there are several.
    """
    submitted = [mark for mark in marks if mark.submitted]
    known = sorted({mark.assignment for mark in submitted})
    if assignment is None and len(known) != 1:
        raise ExportError(
            f"There are marks of {', '.join(known)}: name one with --assignment."
            if known
            else "There are no marks."
        )
    wanted = [mark for mark in submitted if assignment in (None, mark.assignment)]
    if not wanted:
        raise ExportError(f"There are no marks of “{assignment}”; there are of: {', '.join(known) or 'none'}.")
    return wanted


# --- where marks go --------------------------------------------------------------------------------------


def export_canvas(marks: Sequence[AssignmentMark], into: Path, out: Path, column: str | None) -> Filled:
    """Write the marks of one assignment into a gradebook that Canvas has exported."""
    return _written(out, into_canvas(_sheet(into), marks, marks[0].assignment, column))


def export_moodle(marks: Sequence[AssignmentMark], into: Path, out: Path) -> Filled:
    """Write the marks of one assignment into Moodle's grading worksheet."""
    return _written(out, into_moodle(_sheet(into), marks))


def export_table(marks: Sequence[AssignmentMark], out: Path, assignment: str | None) -> int:
    """Write the marks of one assignment, or of all, as a table; return the number of rows.

    Raises
    ------
    ExportError
        If there are no such marks.
    """
    wanted = [mark for mark in marks if assignment in (None, mark.assignment)]
    if not wanted:
        raise ExportError(f"There are no marks of “{assignment}”." if assignment else "There are no marks.")
    _write(out, as_table(wanted).encode("utf-8", "replace"))
    return len(wanted)


def _sheet(path: Path) -> Sheet:
    try:
        return Sheet.read(path.read_bytes(), path.name)
    except OSError as error:
        raise SheetError(f"{path} can't be read: {error.strerror}.") from None


def _written(out: Path, filled: Filled) -> Filled:
    _write(out, filled.sheet.write())
    return filled


def _write(out: Path, content: bytes) -> None:
    try:
        write_atomically(out, content)
    except OSError as error:
        raise ExportError(f"{out} can't be written: {error.strerror}.") from None
