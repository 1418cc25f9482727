"""What was released and when, and what has changed in the source since.

nbgrader's tables hold the released cells with marks. A table of our own beside them notes the rest: the text of
every cell, when it was released, and the digest of the source whose own solution got full marks.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from autograder.notebooks.notebook import Cell as NotebookCell
from autograder.notebooks.notebook import Notebook, grade_id_of, nbgrader_of
from autograder.notebooks.source import Source

RELEASES = sa.Table(
    "autograder_release",
    sa.MetaData(),
    sa.Column("assignment", sa.String(128), primary_key=True),
    sa.Column("notebook", sa.String(128), primary_key=True),
    sa.Column("released", sa.String(32), nullable=False),
    sa.Column("proved", sa.String(64), nullable=False),
    sa.Column("entered", sa.String(64), nullable=False),
    sa.Column("cells", sa.Text(), nullable=False),
)
_KEY = (RELEASES.c.assignment == sa.bindparam("a"), RELEASES.c.notebook == sa.bindparam("n"))
BEGIN, END = ("BEGIN HIDDEN TESTS", "BEGIN SOLUTION", "BEGIN MARK SCHEME"), ("END ",)
Cell = tuple[str, str, str, float]
"""A cell's ``grade_id`` or "", a digest of what students see, one of its hidden tests, and its points."""


@dataclass(frozen=True)
class Release:
    """The last release of a notebook."""

    released: str
    """When, in UTC, as text; empty if it is not known."""
    proved: str
    """The digest of the source whose own solution got full marks."""
    entered: str
    """A digest of the cells in nbgrader's tables: another one if nbgrader itself has released since."""
    cells: list[Cell]


@dataclass(frozen=True)
class Changes:
    """How many cells of a source notebook differ from its last release."""

    hidden: int = 0
    texts: int = 0
    points: int = 0
    cells: int = 0
    """Marked cells that are new or gone."""
    since: str = ""
    gone: tuple[str, ...] = ()
    """The ``grade_id`` of each released cell with marks that the source no longer has."""

    def __bool__(self) -> bool:
        return bool(self.hidden or self.texts or self.points or self.cells or self.gone)

    def sentence(self, assignment: str, name: str) -> str:
        """Say what has changed, what students have, and what to do."""
        counts = (
            (self.hidden, "hidden test"),
            (self.texts, "text"),
            (self.points, "number of points"),
            (self.cells, "marked cell"),
        )
        parts = [_counted(number, noun) for number, noun in counts if number] or ["the metadata of cells"]
        listed = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
        label = assignment if assignment == name else f"{assignment}/{name}"
        theirs = "; students have the old text" if self.texts else ""
        when = f" of {self.since}" if self.since else ""
        gone = f" The source no longer has “{'”, “'.join(self.gone)}”: was that meant?" if self.gone else ""
        return (
            f"{label}: {listed} changed since the release{when}{theirs}, and marks follow that release. "
            f"“autograder release {assignment}” brings the change in.{gone}"
        )


def _counted(number: int, noun: str) -> str:
    plural = noun.replace("number", "numbers") if noun.startswith("number") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


# --- reading and writing ---------------------------------------------------------------------------------


def read_release(session: Any, assignment: str, name: str) -> Release | None:
    """Return what is noted about the last release of a notebook; None if nothing is."""
    row = session.execute(sa.select(RELEASES).where(*_KEY), {"a": assignment, "n": name}).one_or_none()
    if row is None:
        return None
    return Release(row.released, row.proved, row.entered, [tuple(cell) for cell in json.loads(row.cells)])


def write_release(session: Any, assignment: str, name: str, release: Release) -> None:
    """Replace what is noted about a notebook's release."""
    session.execute(sa.delete(RELEASES).where(*_KEY), {"a": assignment, "n": name})
    row = {"released": release.released, "proved": release.proved, "entered": release.entered}
    key = {"assignment": assignment, "notebook": name}
    session.execute(sa.insert(RELEASES), [{**key, **row, "cells": json.dumps(release.cells)}])


def digest_of(entered: Source) -> str:
    """Return a digest of the released cells, as nbgrader's tables hold them."""
    texts = [(cell.grade_id, cell.source, cell.points) for cell in entered.cells]
    return hashlib.sha256(repr(texts).encode("utf-8", "surrogatepass")).hexdigest()


# --- comparing -------------------------------------------------------------------------------------------


def cells_of(book: Notebook) -> list[Cell]:
    """Return what is compared of each cell of a source notebook."""
    return [
        (grade_id_of(cell) or "", *_digests(_released(cell)), float(nbgrader_of(cell).get("points") or 0))
        for cell in book["cells"]
    ]


def _released(cell: NotebookCell) -> str:
    """Return a cell's text; nbgrader empties an answer without marked regions as a whole."""
    text: str = cell["source"]
    return "" if nbgrader_of(cell).get("solution") and "BEGIN SOLUTION" not in text else text


def _digests(text: str) -> tuple[str, str]:
    """Return a digest of what students see of a cell, and of its hidden tests; solutions count for neither."""
    visible: list[str] = []
    hidden: list[str] = []
    inside = ""
    for line in text.splitlines():
        if begun := next((marker for marker in BEGIN if marker in line), ""):
            inside = begun
            visible.append(begun)
        elif inside and any(marker in line for marker in END):
            inside = ""
        elif inside != "BEGIN SOLUTION":
            (hidden if inside else visible).append(line.rstrip())
    return _sum(visible), _sum(hidden)


def _sum(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def changes(entered: Source, release: Release | None, book: Notebook) -> Changes:
    """Compare a source notebook with its last release.

    Parameters
    ----------
    entered
        The released cells, as nbgrader's tables hold them.
    release
        What is noted about the release. If nbgrader itself has released since, or nothing is noted, only locked
        cells are compared: the tables hold no others.
    book
        The source notebook as it is now.
    """
    now, marked = cells_of(book), {cell.grade_id for cell in Source.from_notebook(book).marked}
    gone = tuple(cell.grade_id for cell in entered.marked if cell.grade_id not in marked)
    if release and release.entered == digest_of(entered):
        return replace(_compare(release.cells, now, release.released), gone=gone)
    before = [(cell.grade_id, *_digests(cell.source), cell.points) for cell in entered.cells if not cell.solution]
    solutions = {cell.grade_id for cell in entered.cells if cell.solution}
    found = _compare(before, [cell for cell in now if cell[0] and cell[0] not in solutions], "")
    return replace(found, gone=gone)


def _compare(before: Iterable[Cell], now: Iterable[Cell], since: str) -> Changes:
    before, now = list(before), list(now)
    old, new = ({cell[0]: cell for cell in cells if cell[0]} for cells in (before, now))
    both = [(old[name], new[name]) for name in old.keys() & new.keys()]
    plain_old, plain_new = (Counter(cell[1] for cell in cells if not cell[0]) for cells in (before, now))
    return Changes(
        hidden=sum(a[2] != b[2] for a, b in both),
        texts=sum(a[1] != b[1] for a, b in both)
        + max((plain_old - plain_new).total(), (plain_new - plain_old).total()),
        points=sum(a[3] != b[3] for a, b in both),
        cells=len(old.keys() ^ new.keys()),
        since=since,
    )
