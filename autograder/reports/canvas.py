"""Marks written into Canvas's gradebook export, which Canvas imports again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.reports.mark import AssignmentMark
from autograder.reports.sheet import Filled, Key, Sheet, SheetError, fill, names_of, normalised, number

POINTS = "Points Possible"
NOT_MARKS = ("EX", "N/A")
"""Excused, and not assigned: a mark would undo the first, and Canvas ignores it for the second."""

_ASSIGNMENT = re.compile(r"(?P<title>.*) \((?P<id>\d+)\)", re.DOTALL)
_FORMULA = re.compile(r'\A="(\s*=.*)"\Z', re.DOTALL)
"""How Canvas writes a name that begins like a formula."""
_HEADING = re.compile(r"(Muted|Manual Posting.*)?", re.IGNORECASE)


def into_canvas(
    sheet: Sheet, marks: Sequence[AssignmentMark], assignment: str, column: str | None = None
) -> Filled:
    """Fill one assignment's column of an exported gradebook; nothing else changes.

    Students match by ID, SIS User ID, SIS Login ID, then name, as Canvas itself matches rows.

    Parameters
    ----------
    sheet
        The export; it is changed.
    marks
        The marks of the assignment.
    assignment
        Its name in this course.
    column
        The title in Canvas, with its number; by default the column with the assignment's name as title.

    Raises
    ------
    SheetError
        If it is no export of Canvas's, or has no such assignment: Canvas would create a new one.
    """
    named = _name_columns(sheet)
    place = _assignment_column(sheet, assignment, column)
    ident = sheet.column("ID")
    user, login = sheet.maybe("SIS User ID"), sheet.maybe("SIS Login ID")
    points = next((row for row in range(len(sheet.rows)) if POINTS in sheet.at(row, 0)), None)
    if points is not None and "read only" in sheet.at(points, place).lower():
        raise SheetError(f"“{sheet.header[place]}” is read-only in {sheet.name}: Canvas would ignore the marks.")

    def name(row: int) -> str:
        parts = (_FORMULA.sub(r"\1", sheet.at(row, column)) for column in named)
        return normalised(", ".join(filter(None, parts)))

    kept: list[str] = []

    def put(row: int, mark: AssignmentMark) -> bool:
        there = sheet.at(row, place)
        if there.upper() in NOT_MARKS:
            kept.append(f"Row {row + 1} of {sheet.name} has “{there}” for a mark; it is as it was.")
            return False
        sheet.put(row, place, number(mark.score))
        return True

    students = [row for row in range(1, len(sheet.rows)) if row != points and not _is_heading(sheet.rows[row])]
    keys = [
        Key("its number in Canvas", lambda row: sheet.at(row, ident), lambda mark: (mark.platform_id,)),
        Key("ID", lambda row: sheet.at(row, ident), lambda mark: (mark.student,)),
        Key("SIS User ID", lambda row: sheet.at(row, user), lambda mark: (mark.student,)),
        Key("SIS Login ID", lambda row: sheet.at(row, login), lambda mark: (mark.student, mark.email)),
        Key("name", name, names_of),
    ]
    filled = fill(sheet, marks, students, keys, put, first_decides=True)
    filled.notes += kept
    if points is not None:
        filled.notes += _other_maximum(sheet.at(points, place), marks)
    return filled


def _name_columns(sheet: Sheet) -> list[int]:
    """Return the columns of the name: one, or two where Canvas is set to separate first and last names."""
    titles = [title.strip() for title in sheet.header]
    if titles[:1] == ["Student"]:
        return [0]
    if titles[:2] == ["LastName", "FirstName"]:
        return [0, 1]
    raise SheetError(
        f"{sheet.name} is no gradebook of Canvas's: its first column is not “Student”. "
        "Export one from Canvas: Grades, Export."
    )


def _assignment_column(sheet: Sheet, assignment: str, wanted: str | None) -> int:
    known = {place: found for place, title in enumerate(sheet.header) if (found := _ASSIGNMENT.fullmatch(title))}
    if wanted is not None:
        places = [place for place in known if sheet.header[place].strip() == wanted.strip()]
    else:
        places = [place for place, found in known.items() if _letters(found["title"]) == _letters(assignment)]
    if len(places) == 1:
        return places[0]
    title = wanted or assignment
    how = "no assignment" if not places else "more than one assignment"
    there = ", ".join(f"“{sheet.header[place]}”" for place in known) or "none"
    raise SheetError(
        f"{sheet.name} has {how} “{title}”, and Canvas would make a new one. Name one with --column; "
        f"there are: {there}."
    )


def _letters(title: str) -> str:
    return "".join(c for c in title.casefold() if c.isalnum())


def _is_heading(fields: Sequence[str]) -> bool:
    """Whether a row belongs to no student: it is empty, or names the assignments that are posted by hand."""
    return all(_HEADING.fullmatch(text.strip()) for text in fields)


def _other_maximum(there: str, marks: Sequence[AssignmentMark]) -> list[str]:
    ours = {mark.max_score for mark in marks if mark.max_score}
    try:
        theirs = float(there.replace(",", "."))
    except ValueError:
        return []
    if not ours or ours == {theirs}:
        return []
    ours_as_text = " or ".join(map(number, sorted(ours)))
    return [
        f"Canvas gives {number(theirs)} points for it and this course {ours_as_text}: the marks are not scaled."
    ]
