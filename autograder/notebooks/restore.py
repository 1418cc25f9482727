"""Restore the instructor's cells in a submission, by nbgrader's own rules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.notebooks.notebook import Cell, Notebook, grade_id_of, make_ids_unique, nbgrader_of
from autograder.notebooks.source import SCHEMA, Source, SourceCell, visible_part

MAX_NAME = 60
"""How many characters of a cell's name a repair quotes; a student chooses the name."""


class WrongAssignmentError(ValueError):
    """The notebook belongs to another assignment."""


@dataclass(frozen=True)
class Restored:
    """A submission with the instructor's cells restored."""

    notebook: Notebook
    repairs: list[str]
    """A sentence about each repair."""
    missing: frozenset[str]
    """The ``grade_id`` of each cell that was missing."""


def restore(source: Source, submission: Notebook) -> Restored:
    """Return a copy of a submission with the instructor's cells restored.

    A locked cell gets its released text, and every cell of the source its type, points and flags. A missing cell
    is put back if it is locked or carries marks. If a cell is there twice, the last one counts, as in nbgrader.

    Raises
    ------
    WrongAssignmentError
        If the notebook has cells with grade_ids and none of them is the source's; or work of another assignment
        and none of this one's, for two assignments may both have a cell called “setup”.
    """
    known = {cell.grade_id: cell for cell in source.cells}
    submitted = [ident for ident in map(grade_id_of, submission["cells"]) if ident]
    ours = {cell.grade_id for cell in source.cells if cell.is_marked or cell.solution}
    others = [ident for ident in map(_worked_in, submission["cells"]) if ident and ident not in known]
    nothing_known = submitted and known and not known.keys() & set(submitted)
    if nothing_known or (ours and not ours & set(submitted) and len(set(others)) > 1):
        some = "”, “".join(map(_short, list(dict.fromkeys(submitted if nothing_known else others))[:3]))
        raise WrongAssignmentError(f"belongs to another assignment: its cells are “{some}”")
    repairs: list[str] = []
    versions = {nbgrader_of(cell).get("schema_version", 0) for cell in submission["cells"] if grade_id_of(cell)}
    if other := sorted(versions - {SCHEMA}):
        written = ", ".join(_short(str(version)) for version in other[:3])
        repairs.append(f"nbgrader's metadata was of version {written}; it is of version {SCHEMA} again")
    cells = _without_duplicates(submission["cells"], known, repairs)
    for cell in cells:
        released = known.get(grade_id_of(cell) or "")
        if released:
            _restore_cell(cell, released, repairs)
        elif "nbgrader" in cell["metadata"]:
            name = _short(grade_id_of(cell) or "")
            repairs.append(f"a cell called “{name}” is not the instructor's and carries no marks")
            del cell["metadata"]["nbgrader"]
    missing = _put_back_missing(cells, source.cells, repairs)
    make_ids_unique(cells)
    metadata = {"kernelspec": source.kernelspec or submission["metadata"]["kernelspec"]}
    return Restored({**submission, "cells": cells, "metadata": metadata}, repairs, frozenset(missing))


def _worked_in(cell: Cell) -> str | None:
    """Return the ``grade_id`` of a cell that carries marks or a student's work; None for any other."""
    meta = nbgrader_of(cell)
    return grade_id_of(cell) if meta.get("grade") or meta.get("solution") or meta.get("task") else None


def _short(name: str) -> str:
    """Shorten a name, which a student may have made as long as a page."""
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


def _restore_cell(cell: Cell, released: SourceCell, repairs: list[str]) -> None:
    name, meta = released.grade_id, nbgrader_of(cell)
    if cell["cell_type"] != released.cell_type:
        repairs.append(
            f"the cell “{name}” had become a {cell['cell_type']} cell; it is {released.cell_type} again"
        )
        cell["cell_type"] = released.cell_type
        for key in ("outputs", "execution_count", "attachments"):
            cell.pop(key, None)
        if released.cell_type == "code":
            cell |= {"outputs": [], "execution_count": None}
    if released.is_marked and meta.get("points") != released.points:
        repairs.append(f"the points of “{name}” had been changed; they are {released.points:g} again")
    flags = {"grade": released.grade, "solution": released.solution, "task": released.task}
    if changed := [flag for flag, value in flags.items() if meta.get(flag, False) != value]:
        repairs.append(
            f"the flags of “{name}” had been changed ({', '.join(changed)}); they are as released again"
        )
    if released.locked and cell["source"] not in (released.source, visible_part(released.source)):
        repairs.append(f"the locked cell “{name}” had been edited; its text is the instructor's again")
    checksum = released.checksum or meta.get("checksum")
    cell["metadata"]["nbgrader"] = released.metadata()
    if isinstance(checksum, str):
        cell["metadata"]["nbgrader"]["checksum"] = checksum
    if released.locked:
        cell["source"] = released.source


def _put_back_missing(cells: list[Cell], source: tuple[SourceCell, ...], repairs: list[str]) -> set[str]:
    """Insert each missing locked or marked cell before the next source cell that is there.

    What the student wrote in between, perhaps in a cell that lost its metadata, then runs first.
    """
    missing: set[str] = set()
    position = len(cells)
    names = [grade_id_of(cell) for cell in cells]
    for cell in reversed(source):
        if cell.grade_id in names:
            position = names.index(cell.grade_id)
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
            cells.insert(position, new)
            names.insert(position, cell.grade_id)
    if missing:
        put_back = "”, “".join(cell.grade_id for cell in source if cell.grade_id in missing)
        repairs.append(f"put back what was missing: “{put_back}”")
    return missing
