"""Marks written into Moodle's offline grading worksheet, which Moodle reads again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from autograder.reports.mark import AssignmentMark
from autograder.reports.sheet import Filled, Key, Sheet, SheetError, fill, names_of, normalised, number

IDENTIFIER, GRADE, MODIFIED, MAXIMUM = "Identifier", "Grade", "Last modified (grade)", "Maximum Grade"
"""Moodle looks for the first three by name, in the language of the person who uploads the sheet."""

_PARTICIPANT = re.compile(r"Participant\s*(\d+)")


def into_moodle(sheet: Sheet, marks: Sequence[AssignmentMark]) -> Filled:
    """Fill the column ``Grade``; nothing else changes.

    By "Last modified (grade)" Moodle recognises that someone has graded in the meantime, and feedback without a
    grade would erase the grade there. So neither is written.

    Students match by the number in ``Identifier``, then by ID number, username and e-mail address if the sheet has
    them, then by full name.

    Raises
    ------
    SheetError
        If it is no grading worksheet.
    """
    missing = [title for title in (IDENTIFIER, GRADE, MODIFIED) if title not in map(str.strip, sheet.header)]
    if missing:
        raise SheetError(
            f"{sheet.name} is no grading worksheet of Moodle's: it lacks “{missing[0]}”. Download one, with "
            "Moodle's language set to English: the assignment, Submissions, Download grading worksheet."
        )
    ident, grade = sheet.column(IDENTIFIER), sheet.column(GRADE)
    maximum = sheet.maybe(MAXIMUM)

    above_maximum: list[str] = []

    def put(row: int, mark: AssignmentMark) -> bool:
        highest = _float(sheet.at(row, maximum))
        if highest is not None and mark.score > highest:
            above_maximum.append(
                f"“{mark.student}”, row {row + 1} of {sheet.name}, is above Moodle's maximum of "
                f"{number(highest)}: Moodle would skip it."
            )
            return False
        sheet.put(row, grade, number(mark.score))
        return True

    keys = [Key(IDENTIFIER, lambda row: _participant(sheet.at(row, ident)), _participants)]
    keys += [
        Key(title, partial(sheet.at, column=place), lambda mark: (mark.student, mark.email))
        for title in ("ID number", "Username", "Email address")
        if (place := sheet.maybe(title)) is not None
    ]
    full = sheet.maybe("Full name")
    keys.append(Key("Full name", lambda row: normalised(sheet.at(row, full)), names_of))
    students = [row for row in range(1, len(sheet.rows)) if any(sheet.rows[row])]
    filled = fill(sheet, marks, students, keys, put, first_decides=False)
    filled.not_written += above_maximum
    ours = {mark.max_score for mark in marks if mark.max_score}
    theirs = {found for row in students if (found := _float(sheet.at(row, maximum))) is not None}
    if ours and theirs and ours != theirs:
        there, here = (" or ".join(map(number, sorted(values))) for values in (theirs, ours))
        filled.notes.append(
            f"Moodle gives {there} points for it and this course {here}: the marks are not scaled."
        )
    return filled


def _participants(mark: AssignmentMark) -> tuple[str, ...]:
    return (_participant(mark.student),)


def _participant(text: str) -> str:
    found = _PARTICIPANT.fullmatch(text)
    return found[1] if found else text


def _float(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
