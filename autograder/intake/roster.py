"""Read a roster: a sheet that maps a platform's ids to the course's students.

Its columns show which sheet it is: Canvas' gradebook export (``Student``, ``ID``, ``SIS User ID``, ``SIS Login
ID``), Moodle's grading worksheet (``Identifier``, ``Full name``, ``ID number``, ``Email address``), or the list
for ``nbgrader db student import`` (``id``, ``first_name``, ``last_name``, ``email``, ``lms_user_id``).
"""

from __future__ import annotations

import csv
import io
import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.intake.files import RefusedError, read_file
from autograder.intake.model import Person

csv.field_size_limit(32 << 20)  # Moodle writes a whole online text into one field
_APOSTROPHE = re.compile(r"(?:^|(?<=[;\t\r\n]))'(?='*[^\S\t\r\n]*[=+\-@＝＋－＠])|^'(?='*[\t\r\n])")
"""What :func:`autograder.reports.table.without_formula` writes in front of a formula."""
_CANVAS_FORMULA = re.compile(r'="(\s*=.*)"', re.DOTALL)
"""How Canvas exports a name that begins like a formula."""


@dataclass(frozen=True)
class RosterEntry:
    """One student of a roster."""

    student: str
    """The student's id in the course."""
    person: Person


class RosterError(ValueError):
    """The roster can't be used; the text says why."""


Row = dict[str, str]


def read_roster(path: Path) -> dict[str, RosterEntry]:
    """Read a roster.

    Returns
    -------
    dict
        The student by each id of the platform.

    Raises
    ------
    RosterError
        If it is none of the sheets above, or gives one id to two students.
    """
    try:
        text = read_file(path).decode("utf-8-sig")
        table = csv.DictReader(io.StringIO(text, newline=""), restkey="", restval="")
        rows = [{name: str(value).strip() for name, value in row.items()} for row in table]
    except (RefusedError, UnicodeDecodeError, csv.Error) as error:
        raise RosterError(f"The roster {path} can't be read: {error}") from None
    columns = set(rows[0]) if rows else set()
    read = next((reader for needed, reader in SHEETS if needed <= columns), None)
    if read is None:
        raise RosterError(
            f"The roster {path} is neither Canvas' gradebook export (columns Student, ID), nor Moodle's grading "
            "worksheet in English (Identifier), nor a list for “nbgrader db student import” (id, lms_user_id)."
        )
    roster: dict[str, RosterEntry] = {}
    for ident, entry in filter(None, map(read, rows)):
        if roster.setdefault(ident, entry).student != entry.student:
            raise RosterError(f"The roster {path} gives the id {ident} to two people.")
    return roster


def _canvas(row: Row) -> tuple[str, RosterEntry] | None:
    if not row["ID"].isdigit():  # the row of maximum points, and the test student's row
        return None
    quoted = _CANVAS_FORMULA.fullmatch(row["Student"])
    last, _, first = (quoted[1] if quoted else row["Student"]).partition(",")
    others = (row.get(column, "") for column in ("SIS User ID", "SIS Login ID"))
    ids = tuple(dict.fromkeys(filter(None, (row["ID"], *others))))
    return row["ID"], RosterEntry(row["ID"], Person(ids, first.strip() or None, last.strip() or None))


def _moodle(row: Row) -> tuple[str, RosterEntry] | None:
    number = row["Identifier"][len(row["Identifier"].rstrip(string.digits)) :]
    if not number:
        return None
    first, _, last = row.get("Full name", "").rpartition(" ")
    email = row.get("Email address") or None
    ids = tuple(filter(None, (row.get("ID number"), email))) or (number,)
    return number, RosterEntry(ids[0], Person(ids, first or None, last or None, email))


def _nbgrader(row: Row) -> tuple[str, RosterEntry] | None:
    row = {name: without_apostrophes(value) for name, value in row.items()}
    if not row["lms_user_id"] or not row["id"]:
        return None
    names = (row.get(column) or None for column in ("first_name", "last_name", "email"))
    return row["lms_user_id"], RosterEntry(row["id"], Person((row["lms_user_id"], row["id"]), *names))


def without_apostrophes(text: str) -> str:
    """Take back the apostrophes in front of formulas: the list may be made of an exported table."""
    return _APOSTROPHE.sub("", text)


SHEETS: tuple[tuple[set[str], Callable[[Row], tuple[str, RosterEntry] | None]], ...] = (
    ({"id", "lms_user_id"}, _nbgrader),
    ({"Student", "ID"}, _canvas),
    ({"Identifier"}, _moodle),
)
"""The columns that each sheet must have, and the function that reads one of its rows."""
