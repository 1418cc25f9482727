"""A learning platform's own CSV file: read it, fill one column, write it with everything else unchanged."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from autograder.reports.mark import AssignmentMark

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
LONGEST_FIELD = 32 << 20
"""In characters. Moodle writes whole online texts into one field."""
csv.field_size_limit(LONGEST_FIELD)


class SheetError(ValueError):
    """The file is not the platform's, or not the right one. The message says what is missing."""


@dataclass
class Sheet:
    """The rows of a CSV file, the header first, and its format."""

    name: str
    rows: list[list[str]]
    delimiter: str
    newline: str
    bom: bool

    @classmethod
    def read(cls, content: bytes, name: str) -> Sheet:
        """Read a CSV file: UTF-8, with or without a byte order mark; separated by commas, semicolons or tabs.

        Raises
        ------
        SheetError
            If the content is not such a file.
        """
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            raise SheetError(f"{name} is not UTF-8 text: take the file as the platform exports it.") from None
        bom, text = text.startswith(BOM), text.removeprefix(BOM)
        first = text.partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        newline = "\r\n" if first.endswith("\r") else "\n"
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        except csv.Error as error:
            raise SheetError(f"{name} is not a CSV file: {error}.") from None
        if not rows:
            raise SheetError(f"{name} is empty: export it from the platform anew.")
        return cls(name, rows, delimiter, newline, bom)

    def write(self) -> bytes:
        """Return the file's content, with its original separators, line ends and byte order mark."""
        lines = (line(fields, self.delimiter) + self.newline for fields in self.rows)
        return ((BOM if self.bom else "") + "".join(lines)).encode("utf-8")

    @property
    def header(self) -> list[str]:
        return self.rows[0]

    def column(self, title: str) -> int:
        """Return a column's index.

        Raises
        ------
        SheetError
            If not exactly one column has this title.
        """
        places = [place for place, found in enumerate(self.header) if found.strip() == title]
        if len(places) != 1:
            how = "no column" if not places else "more than one column"
            raise SheetError(f"{self.name} has {how} “{title}”; its columns are: {', '.join(self.header)}.")
        return places[0]

    def maybe(self, title: str) -> int | None:
        """Return a column's index, None if no column has this title."""
        return self.column(title) if title in map(str.strip, self.header) else None

    def at(self, row: int, column: int | None) -> str:
        """Return a field; empty if the row is shorter, or ``column`` is None."""
        fields = self.rows[row]
        return fields[column].strip() if column is not None and column < len(fields) else ""

    def put(self, row: int, column: int, value: str) -> None:
        """Write a value into a field."""
        fields = self.rows[row]
        fields += [""] * (column + 1 - len(fields))
        fields[column] = value


def line(fields: Iterable[object], delimiter: str = ",") -> str:
    """Return one row without its line end; a field that holds any kind of line end is quoted."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerow(fields)
    return text.getvalue().removesuffix("\r\n")


@dataclass
class Filled:
    """The filled sheet, and a sentence for each mark or row left out; only ``not_written`` names students."""

    sheet: Sheet
    written: int = 0
    without_mark: list[str] = field(default_factory=list)
    """Rows for which there is no mark; they are unchanged."""
    not_written: list[str] = field(default_factory=list)
    """Marks that have no row, or must not be written into it."""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Key:
    """A way to match a row with a student's mark."""

    title: str
    of_row: Callable[[int], str]
    of_mark: Callable[[AssignmentMark], Iterable[str]]
    """The values that the row of this mark may hold."""


def fill(
    sheet: Sheet,
    marks: Sequence[AssignmentMark],
    rows: Iterable[int],
    keys: Sequence[Key],
    put: Callable[[int, AssignmentMark], bool],
    *,
    first_decides: bool,
) -> Filled:
    """Write each mark into its row.

    Parameters
    ----------
    sheet
        The platform's file; it is changed.
    marks
        The marks of one assignment.
    rows
        The indices of the students' rows.
    keys
        The surest first. The last, a name, is used only where no other key finds a row.
    put
        Writes a mark into a row, and returns whether it did.
    first_decides
        What happens if two keys find different rows: True uses the first and notes it, False writes neither.
    """
    filled = Filled(sheet)
    rows = list(rows)
    indexes = [(key, _index(rows, key)) for key in keys]
    claims: dict[int, list[AssignmentMark]] = defaultdict(list)
    for mark in marks:
        hits = {key.title: hit for key, index in indexes if (hit := _look_up(index, key.of_mark(mark)))}
        if len(hits) > 1:
            hits.pop(keys[-1].title, None)
        found = next(iter(hits.values()), set())
        others = set().union(*hits.values()) - found
        if others and first_decides:
            filled.notes.append(
                f"Row {_numbers(found)} of {sheet.name} is a student's by {next(iter(hits))}, and row "
                f"{_numbers(others)} by another column: the first counts."
            )
        elif others:
            found = found | others
        if len(found) == 1:
            claims[next(iter(found))].append(mark)
        elif found:
            filled.not_written.append(
                f"“{mark.student}” fits rows {_numbers(found)} of {sheet.name} alike: neither got the mark."
            )
        else:
            filled.not_written.append(f"“{mark.student}” has a mark and no row in {sheet.name}.")
    for row in rows:
        claimants = claims.get(row, [])
        if len(claimants) > 1:
            names = " and ".join(f"“{mark.student}”" for mark in claimants)
            filled.not_written.append(f"{names} fit row {row + 1} of {sheet.name} alike: it got neither mark.")
        elif not claimants:
            filled.without_mark.append(f"Row {row + 1} of {sheet.name} has no mark; it is as it was.")
        elif put(row, claimants[0]):
            filled.written += 1
    return filled


def _numbers(rows: Iterable[int]) -> str:
    return " and ".join(str(row + 1) for row in sorted(rows))


def _index(rows: Iterable[int], key: Key) -> dict[str, set[int]]:
    index: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        if value := key.of_row(row):
            index[value].add(row)
    return index


def _look_up(index: dict[str, set[int]], wanted: Iterable[str]) -> set[int]:
    return set().union(*(index.get(value, set()) for value in wanted if value))


def number(score: float) -> str:
    """Write a mark in the way that every platform reads in every language: a decimal point, no trailing zeros."""
    return f"{round(score, 6):.12g}"


def names_of(mark: AssignmentMark) -> Iterator[str]:
    """Yield the ways in which a platform may write a student's name, normalised by :func:`normalised`."""
    if mark.last_name:
        yield normalised(f"{mark.last_name}, {mark.first_name}" if mark.first_name else mark.last_name)
        yield normalised(f"{mark.first_name} {mark.last_name}")
    yield normalised(mark.student)


def normalised(name: str) -> str:
    """Return a name without differences of case and blanks."""
    return " ".join(name.casefold().split())
