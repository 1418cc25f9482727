"""A learning platform's own CSV file: read, filled in one column, written back with everything else as it was."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from autograder.reports.entry import Entry

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
LONGEST_FIELD = 32 << 20
"""Characters; Moodle writes whole online texts into a field."""
csv.field_size_limit(LONGEST_FIELD)


class SheetError(ValueError):
    """The file is not the platform's, or not the right one; the text says what is missing."""


@dataclass
class Sheet:
    """The file's rows, the first of them the header, and how it was written."""

    name: str
    rows: list[list[str]]
    delimiter: str
    newline: str
    bom: bool

    @classmethod
    def read(cls, content: bytes, name: str) -> Sheet:
        """Take a CSV file apart: UTF-8 with or without a byte order mark; commas, semicolons or tabs.

        Raises
        ------
        SheetError
            If it is no such file.
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
        """Return the file's content, with the separators, line ends and byte order mark that it came with."""
        lines = (line(fields, self.delimiter) + self.newline for fields in self.rows)
        return ((BOM if self.bom else "") + "".join(lines)).encode("utf-8")

    @property
    def header(self) -> list[str]:
        return self.rows[0]

    def column(self, title: str) -> int:
        """Return a column's place.

        Raises
        ------
        SheetError
            If there is none of that title.
        """
        places = [place for place, found in enumerate(self.header) if found.strip() == title]
        if len(places) != 1:
            how = "no column" if not places else "more than one column"
            raise SheetError(f"{self.name} has {how} “{title}”; its columns are: {', '.join(self.header)}.")
        return places[0]

    def maybe(self, title: str) -> int | None:
        """Return a column's place, None where there is none of that title."""
        return self.column(title) if title in map(str.strip, self.header) else None

    def at(self, row: int, column: int | None) -> str:
        """Return a field; empty where the row is shorter or there is no such column."""
        fields = self.rows[row]
        return fields[column].strip() if column is not None and column < len(fields) else ""

    def put(self, row: int, column: int, value: str) -> None:
        """Fill a field."""
        fields = self.rows[row]
        fields += [""] * (column + 1 - len(fields))
        fields[column] = value


def line(fields: Iterable[object], delimiter: str = ",") -> str:
    """Write one row, without its end; a field that holds any kind of line end is quoted."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerow(fields)
    return text.getvalue().removesuffix("\r\n")


@dataclass
class Filled:
    """What became of the marks, a sentence each for what is not written; only ``not_written`` names students."""

    sheet: Sheet
    written: int = 0
    without_mark: list[str] = field(default_factory=list)
    """Rows that no mark belongs to; they are as they were."""
    not_written: list[str] = field(default_factory=list)
    """Marks that have no row, or must not be put into it."""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Key:
    """A way to tell whose a row is."""

    title: str
    of_row: Callable[[int], str]
    of_mark: Callable[[Entry], Iterable[str]]
    """What the row would say, one of these."""


def fill(
    sheet: Sheet,
    entries: Sequence[Entry],
    rows: Iterable[int],
    keys: Sequence[Key],
    put: Callable[[int, Entry], bool],
    *,
    first_decides: bool,
) -> Filled:
    """Write each mark into its row.

    Parameters
    ----------
    sheet
        The platform's file; it is changed.
    entries
        The marks of one assignment.
    rows
        The rows of students.
    keys
        The surest first; the last, a name, counts only where no other found a row.
    put
        Writes a mark into a row, and returns whether it did.
    first_decides
        What to do where two keys find different rows: believe the first, and note it, or write neither.
    """
    filled = Filled(sheet)
    rows = list(rows)
    indexes = [(key, _index(rows, key)) for key in keys]
    claims: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        hits = {key.title: hit for key, index in indexes if (hit := _look_up(index, key.of_mark(entry)))}
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
            claims[next(iter(found))].append(entry)
        elif found:
            filled.not_written.append(
                f"“{entry.student}” fits rows {_numbers(found)} of {sheet.name} alike: neither got the mark."
            )
        else:
            filled.not_written.append(f"“{entry.student}” has a mark and no row in {sheet.name}.")
    for row in rows:
        claimants = claims.get(row, [])
        if len(claimants) > 1:
            names = " and ".join(f"“{entry.student}”" for entry in claimants)
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
    """Write a mark as every platform reads it, in every language: a point, no more digits than it has."""
    return f"{round(score, 6):.12g}"


def names_of(entry: Entry) -> Iterator[str]:
    """Yield how a platform may write a student's name, made alike by :func:`alike`."""
    if entry.last_name:
        yield alike(f"{entry.last_name}, {entry.first_name}" if entry.first_name else entry.last_name)
        yield alike(f"{entry.first_name} {entry.last_name}")
    yield alike(entry.student)


def alike(name: str) -> str:
    """Make two spellings of a name alike that differ in case and blanks alone."""
    return " ".join(name.casefold().split())
