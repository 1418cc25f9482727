"""Put the instructor's cells back into a submission, by nbgrader's own rules, and tell what was mended."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.notebooks.notebook import Cell, Notebook, grade_id_of, nbgrader_of, with_unique_ids
from autograder.notebooks.source import Source, SourceCell, visible_part

MAX_NAME = 60
SCHEMA = 3
"""The version of nbgrader's metadata that a released cell has."""


class WrongAssignmentError(ValueError):
    """The notebook belongs to another assignment."""


@dataclass(frozen=True)
class Restored:
    """A submission with the instructor's cells put back."""

    notebook: Notebook
    repairs: list[str]
    """A sentence for each thing mended."""
    missing: frozenset[str]
    """The ``grade_id`` of each cell that had to be put back."""


def restore(source: Source, submission: Notebook) -> Restored:
    """Put the instructor's cells back into a submission, which itself is left unchanged.

    Locked cells get their text back, every known cell its type, points and flags; a locked or marked cell
    that is missing is put in again; of a cell that is there twice the last counts, as in nbgrader.

    Raises
    ------
    WrongAssignmentError
        If the notebook has cells with grade_ids and none of them is the source's.
    """
    known = {cell.grade_id: cell for cell in source.cells}
    theirs = [ident for ident in map(grade_id_of, submission["cells"]) if ident]
    if theirs and known and not known.keys() & set(theirs):
        some = "”, “".join(map(_short, list(dict.fromkeys(theirs))[:3]))
        raise WrongAssignmentError(f"belongs to another assignment: its cells are “{some}”")
    repairs: list[str] = []
    versions = {nbgrader_of(cell).get("schema_version", 0) for cell in submission["cells"] if grade_id_of(cell)}
    if other := sorted(versions - {SCHEMA}):
        written = ", ".join(_short(str(version)) for version in other[:3])
        repairs.append(f"nbgrader's metadata was of version {written}; it is of version {SCHEMA} again")
    cells = _without_duplicates(submission["cells"], known, repairs)
    for cell in cells:
        wanted = known.get(grade_id_of(cell) or "")
        if wanted:
            _restore_cell(cell, wanted, repairs)
        elif "nbgrader" in cell["metadata"]:
            name = _short(grade_id_of(cell) or "")
            repairs.append(f"a cell called “{name}” is not the instructor's and carries no marks")
            del cell["metadata"]["nbgrader"]
    missing = _put_back_missing(cells, source.cells, repairs)
    with_unique_ids(cells)
    metadata = {"kernelspec": source.kernelspec or submission["metadata"]["kernelspec"]}
    return Restored({**submission, "cells": cells, "metadata": metadata}, repairs, frozenset(missing))


def _short(name: str) -> str:
    """Cut a name that is the student's own, so that a sentence stays one."""
    return name if len(name) <= MAX_NAME else f"{name[:MAX_NAME]}…"


def _without_duplicates(cells: Iterable[Cell], known: dict[str, SourceCell], repairs: list[str]) -> list[Cell]:
    kept: list[Cell] = []
    seen: set[str] = set()
    for original in reversed(list(cells)):
        cell = {**original, "metadata": dict(original["metadata"])}
        ident = grade_id_of(cell)
        if ident in seen:
            repairs.append(f"the cell “{ident}” was there more than once; the last one counts")
            del cell["metadata"]["nbgrader"]
        elif ident in known:
            seen.add(ident)
        kept.append(cell)
    return kept[::-1]


def _restore_cell(cell: Cell, wanted: SourceCell, repairs: list[str]) -> None:
    name, meta = wanted.grade_id, nbgrader_of(cell)
    if cell["cell_type"] != wanted.cell_type:
        repairs.append(f"the cell “{name}” had become a {cell['cell_type']} cell; it is {wanted.cell_type} again")
        cell["cell_type"] = wanted.cell_type
        for key in ("outputs", "execution_count", "attachments"):
            cell.pop(key, None)
        if wanted.cell_type == "code":
            cell |= {"outputs": [], "execution_count": None}
    if wanted.is_marked and meta.get("points") != wanted.points:
        repairs.append(f"the points of “{name}” had been changed; they are {wanted.points:g} again")
    flags = {"grade": wanted.grade, "solution": wanted.solution, "task": wanted.task}
    if changed := [flag for flag, value in flags.items() if meta.get(flag, False) != value]:
        repairs.append(
            f"the flags of “{name}” had been changed ({', '.join(changed)}); they are as released again"
        )
    if wanted.locked and cell["source"] not in (wanted.source, visible_part(wanted.source)):
        repairs.append(f"the locked cell “{name}” had been edited; its text is the instructor's again")
    untouched = wanted.checksum or meta.get("checksum")
    cell["metadata"]["nbgrader"] = wanted.metadata()
    if isinstance(untouched, str):
        cell["metadata"]["nbgrader"]["checksum"] = untouched
    if wanted.locked:
        cell["source"] = wanted.source


def _put_back_missing(cells: list[Cell], wanted: tuple[SourceCell, ...], repairs: list[str]) -> set[str]:
    """Insert each missing locked or marked cell before the next source cell that is there.

    Whatever the student wrote in between, perhaps into a cell that lost its metadata, then runs before it.
    """
    missing: set[str] = set()
    place = len(cells)
    names = [grade_id_of(cell) for cell in cells]
    for cell in reversed(wanted):
        if cell.grade_id in names:
            place = names.index(cell.grade_id)
        elif cell.locked or cell.is_marked:
            missing.add(cell.grade_id)
            new: Cell = {
                "cell_type": cell.cell_type,
                "id": hashlib.sha256(cell.grade_id.encode()).hexdigest()[:12],
                "metadata": {"nbgrader": cell.metadata()},
                "source": cell.source if cell.locked else "",
            }
            if cell.cell_type == "code":
                new |= {"outputs": [], "execution_count": None}
            cells.insert(place, new)
            names.insert(place, cell.grade_id)
    if missing:
        put_back = "”, “".join(cell.grade_id for cell in wanted if cell.grade_id in missing)
        repairs.append(f"put back what was missing: “{put_back}”")
    return missing
