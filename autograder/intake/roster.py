"""Who is who: a sheet that maps a platform's ids to the course's own, and to names.

Read by their own columns: Canvas' gradebook export (``Student``, ``ID``, ``SIS User ID``, ``SIS Login ID``),
Moodle's grading worksheet (``Identifier``, ``Full name``, ``ID number``, ``Email address``), and the list for
``nbgrader db student import`` (``id``, ``first_name``, ``last_name``, ``email``, ``lms_user_id``).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.intake.files import RefusedError, read_file
from autograder.intake.submitted import Person

csv.field_size_limit(32 << 20)  # Moodle writes whole online texts into a field


@dataclass(frozen=True)
class Known:
    """Whom a platform's id belongs to."""

    student: str
    person: Person


class RosterError(ValueError):
    """The sheet can't be used; the text says why."""


Row = dict[str, str]


def read_roster(path: Path) -> dict[str, Known]:
    """Read a sheet: by the platform's id, who it is.

    Raises
    ------
    RosterError
        If it is none of the sheets above, or gives one id to two people.
    """
    try:
        text = read_file(path).decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", restval="")
        rows = [{name: str(value).strip() for name, value in row.items()} for row in reader]
    except (RefusedError, UnicodeDecodeError, csv.Error) as error:
        raise RosterError(f"The roster {path} can't be read: {error}") from None
    columns = set(rows[0]) if rows else set()
    read = next((how for needed, how in SHEETS if needed <= columns), None)
    if read is None:
        raise RosterError(
            f"The roster {path} is neither Canvas' gradebook export (columns Student, ID), nor Moodle's grading "
            "worksheet in English (Identifier), nor a list for “nbgrader db student import” (id, lms_user_id)."
        )
    known: dict[str, Known] = {}
    for ident, who in filter(None, map(read, rows)):
        if known.setdefault(ident, who).student != who.student:
            raise RosterError(f"The roster {path} gives the id {ident} to two people.")
    return known


def _canvas(row: Row) -> tuple[str, Known] | None:
    if not row["ID"].isdigit():  # the row of points, the test student's
        return None
    last, _, first = row["Student"].partition(",")
    others = (row.get(column, "") for column in ("SIS User ID", "SIS Login ID"))
    ids = tuple(dict.fromkeys(filter(None, (row["ID"], *others))))
    return row["ID"], Known(row["ID"], Person(ids, first.strip() or None, last.strip() or None))


def _moodle(row: Row) -> tuple[str, Known] | None:
    number = re.search(r"([0-9]+)$", row["Identifier"])
    if number is None:
        return None
    first, _, last = row.get("Full name", "").rpartition(" ")
    email = row.get("Email address") or None
    ids = tuple(filter(None, (row.get("ID number"), email))) or (number[1],)
    return number[1], Known(ids[0], Person(ids, first or None, last or None, email))


def _nbgrader(row: Row) -> tuple[str, Known] | None:
    if not row["lms_user_id"] or not row["id"]:
        return None
    names = (row.get(column) or None for column in ("first_name", "last_name", "email"))
    return row["lms_user_id"], Known(row["id"], Person((row["lms_user_id"], row["id"]), *names))


SHEETS: tuple[tuple[set[str], Callable[[Row], tuple[str, Known] | None]], ...] = (
    ({"id", "lms_user_id"}, _nbgrader),
    ({"Student", "ID"}, _canvas),
    ({"Identifier"}, _moodle),
)
