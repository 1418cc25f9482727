"""Marks in Canvas's gradebook export, to be imported again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.reports.entry import Entry
from autograder.reports.sheet import Filled, Key, Sheet, SheetError, alike, fill, names_of, number

POINTS = "Points Possible"
NOT_MARKS = ("EX", "N/A")
"""Excused, and not assigned: a mark would undo the one, and Canvas ignores it for the other."""

_ASSIGNMENT = re.compile(r"(?P<title>.*) \((?P<id>\d+)\)", re.DOTALL)
_HEADING = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.IGNORECASE)


def into_canvas(sheet: Sheet, entries: Sequence[Entry], assignment: str, column: str | None = None) -> Filled:
    """Fill one assignment's column of an exported gradebook; all else stays as it is.

    Students match by ID, SIS User ID, SIS Login ID, then name, as Canvas itself matches rows.

    Parameters
    ----------
    sheet
        The export; it is changed.
    entries
        The marks of the assignment.
    assignment
        Its name here.
    column
        The title in Canvas with its number; without it the one whose title is the assignment's name.

    Raises
    ------
    SheetError
        If it is no export of Canvas's, or has no such assignment: Canvas would make a new one of it.
    """
    named = _name_columns(sheet)
    place = _assignment_column(sheet, assignment, column)
    ident = sheet.column("ID")
    user, login = sheet.maybe("SIS User ID"), sheet.maybe("SIS Login ID")
    points = next((row for row in range(len(sheet.rows)) if POINTS in sheet.at(row, 0)), None)
    if points is not None and "read only" in sheet.at(points, place).lower():
        raise SheetError(f"“{sheet.header[place]}” is read-only in {sheet.name}: Canvas would ignore the marks.")

    def name(row: int) -> str:
        return alike(", ".join(filter(None, (sheet.at(row, column) for column in named))))

    kept: list[str] = []

    def put(row: int, entry: Entry) -> bool:
        there = sheet.at(row, place)
        if there.upper() in NOT_MARKS:
            kept.append(f"Row {row + 1} of {sheet.name} has “{there}” for a mark; it is as it was.")
            return False
        sheet.put(row, place, number(entry.score))
        return True

    students = [row for row in range(1, len(sheet.rows)) if row != points and not _is_heading(sheet.rows[row])]
    keys = [
        Key("its number in Canvas", lambda row: sheet.at(row, ident), lambda entry: (entry.platform_id,)),
        Key("ID", lambda row: sheet.at(row, ident), lambda entry: (entry.student,)),
        Key("SIS User ID", lambda row: sheet.at(row, user), lambda entry: (entry.student,)),
        Key("SIS Login ID", lambda row: sheet.at(row, login), lambda entry: (entry.student, entry.email)),
        Key("name", name, names_of),
    ]
    filled = fill(sheet, entries, students, keys, put, first_decides=True)
    filled.notes += kept
    if points is not None:
        filled.notes += _other_maximum(sheet.at(points, place), entries)
    return filled


def _name_columns(sheet: Sheet) -> list[int]:
    """Return where the name stands: one column, or two where Canvas was told to keep the names apart."""
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
        places = [place for place, found in known.items() if _bare(found["title"]) == _bare(assignment)]
    if len(places) == 1:
        return places[0]
    title = wanted or assignment
    how = "no assignment" if not places else "more than one assignment"
    there = ", ".join(f"“{sheet.header[place]}”" for place in known) or "none"
    raise SheetError(
        f"{sheet.name} has {how} “{title}”, and Canvas would make a new one. Name one with --column; "
        f"there are: {there}."
    )


def _bare(title: str) -> str:
    return "".join(c for c in title.casefold() if c.isalnum())


def _is_heading(fields: Sequence[str]) -> bool:
    """Whether a row is no student's: empty, or the one that says which assignments are posted by hand."""
    return all(_HEADING.fullmatch(text) for text in fields)


def _other_maximum(there: str, entries: Sequence[Entry]) -> list[str]:
    ours = {entry.max_score for entry in entries if entry.max_score}
    try:
        theirs = float(there.replace(",", "."))
    except ValueError:
        return []
    if not ours or ours == {theirs}:
        return []
    marks = " or ".join(map(number, sorted(ours)))
    return [f"Canvas gives {number(theirs)} points for it and this course {marks}: the marks are not scaled."]
