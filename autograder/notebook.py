"""A submitted notebook: read, repaired, restored from the instructor's source, its graded cells found.

Notebooks are plain dictionaries of nbformat 4 here. A :class:`Source` says what the instructor's cells are;
:func:`restore` puts them back into a submission, by nbgrader's own rules, and tells what it mended. The
second half finds which graded cells are *sealed*: those whose hidden region is one ``check`` call.
"""

from __future__ import annotations

import ast
import copy
import hashlib
import itertools
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Notebook = dict[str, Any]
Cell = dict[str, Any]

BEGIN_HIDDEN, END_HIDDEN = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"
MAX_CELLS = 2000
IMAGE_TYPES = ("image/png", "image/jpeg")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}


class UnreadableError(ValueError):
    """The file is no notebook; the text says what it is, as the rest of a sentence about it."""


class WrongAssignmentError(ValueError):
    """The notebook belongs to another assignment."""


# --- reading ---------------------------------------------------------------------------------------------


def read(content: bytes) -> Notebook:
    """Read a notebook of any version, tolerating what is merely untidy.

    Raises
    ------
    UnreadableError
        If it is empty, damaged, or no notebook.
    """
    if not content.strip():
        raise UnreadableError("is empty")
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UnreadableError("is not text, so it can't be a notebook") from None
    except (ValueError, RecursionError) as error:
        where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise UnreadableError(f"is cut off or damaged: it stops being JSON{where}") from None
    if isinstance(data, dict) and isinstance(data.get("worksheets"), list):
        data = _upgrade(data)
    if not isinstance(data, dict) or not isinstance(data.get("cells"), list):
        raise UnreadableError("is JSON, but not a notebook: it has no cells")
    if len(data["cells"]) > MAX_CELLS:
        raise UnreadableError(f"has {len(data['cells'])} cells; at most {MAX_CELLS} are graded")
    return from_json(data)


def from_json(data: dict[str, Any]) -> Notebook:
    """Give a notebook that has been parsed already its proper form."""
    metadata = data["metadata"] if isinstance(data.get("metadata"), dict) else {}
    kernelspec = metadata.get("kernelspec")
    named = kernelspec if isinstance(kernelspec, dict) else {}
    kept = {name: clean_text(named.get(name)) or default for name, default in PYTHON.items()}
    cells = [_tidy(cell, number) for number, cell in enumerate(data["cells"])]
    return {"cells": cells, "metadata": {"kernelspec": kept}, "nbformat": 4, "nbformat_minor": 5}


def _upgrade(data: dict[str, Any]) -> Any:
    import nbformat  # noqa: PLC0415  # slow to import, and only notebooks from before 2015 need it

    try:
        return nbformat.reads(json.dumps(data), as_version=4)
    except Exception:  # noqa: BLE001  # nbformat raises whatever a malformed notebook makes it trip over
        raise UnreadableError("is a notebook of an old format that can't be converted") from None


def _tidy(cell: Any, number: int) -> Cell:
    """Keep of a cell what matters for grading, in its proper types.

    Outputs are dropped, and so are attachments that are no images and all metadata but nbgrader's: a student
    could fill them with anything, and templates print some of it unescaped.
    """
    cell = cell if isinstance(cell, dict) else {}
    kind = cell.get("cell_type") if cell.get("cell_type") in ("code", "markdown") else "raw"
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    source = clean_text(source).replace("\r\n", "\n")
    metadata = cell["metadata"] if isinstance(cell.get("metadata"), dict) else {}
    theirs = metadata.get("nbgrader")
    ident = cell.get("id")
    tidy: Cell = {
        "cell_type": kind,
        "id": ident
        if isinstance(ident, str) and re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", ident)
        else f"cell-{number}",
        "metadata": {"nbgrader": _known_flags(theirs)} if isinstance(theirs, dict) else {},
        "source": source,
    }
    if kind == "code":
        tidy |= {"outputs": [], "execution_count": None}
    elif isinstance(cell.get("attachments"), dict):
        tidy["attachments"] = {
            clean_text(name): {mime: data for mime, data in images.items() if is_image(mime, data)}
            for name, images in cell["attachments"].items()
            if isinstance(images, dict)
        }
    return tidy


def clean_text(value: Any) -> str:
    """Give text that any file, database and page can hold: lone surrogates are replaced; no text gives ""."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _known_flags(theirs: dict[Any, Any]) -> dict[str, Any]:
    """Keep of nbgrader's metadata what it defines, in its proper types."""
    switches = ("grade", "solution", "locked", "task")
    flags: dict[str, Any] = {name: theirs[name] for name in switches if isinstance(theirs.get(name), bool)}
    for name in ("grade_id", "checksum", "cell_type"):
        if isinstance(theirs.get(name), str):
            flags[name] = "".join(c for c in clean_text(theirs[name]) if c.isprintable())
    for name in ("points", "schema_version"):
        if isinstance(theirs.get(name), int | float):
            flags[name] = theirs[name]
    return flags


def is_image(mime: str, data: Any) -> bool:
    """Whether a MIME type and its data are a bitmap in base64, which any page may show."""
    return mime in IMAGE_TYPES and isinstance(data, str) and bool(_BASE64.fullmatch(data))


def nbgrader_of(cell: Cell) -> dict[str, Any]:
    """Return a cell's nbgrader metadata, empty where it has none."""
    found: dict[str, Any] = cell["metadata"].get("nbgrader") or {}
    return found


def grade_id_of(cell: Cell) -> str | None:
    """Return a cell's ``grade_id``, if it has a proper one."""
    ident = nbgrader_of(cell).get("grade_id")
    return ident if isinstance(ident, str) and ident else None


def digest(notebook: Notebook) -> bytes:
    """Return a digest of what the student wrote: it decides, with the secret, the hidden inputs."""
    texts = [f"{cell['cell_type']}\0{cell['source']}" for cell in notebook["cells"]]
    return hashlib.sha256("\1".join(texts).encode("utf-8", "surrogatepass")).digest()


def checksum(cell: Cell) -> str:
    """Return nbgrader's checksum of a cell: it tells whether an answer was touched.

    The same sum as ``nbgrader.utils.compute_checksum``, which takes seconds to import.
    """
    meta = nbgrader_of(cell)
    grade, solution = bool(meta.get("grade", False)), bool(meta.get("solution", False))
    locked = not solution and (grade or bool(meta.get("locked", False)))
    parts = [cell["source"], cell["cell_type"], str(grade), str(solution), str(locked), meta["grade_id"]]
    if grade:
        parts.append(str(float(meta["points"])))
    md5 = hashlib.md5(usedforsecurity=False)
    for part in parts:
        md5.update(part.encode("utf-8", "surrogatepass"))
    return md5.hexdigest()


# --- the instructor's source -----------------------------------------------------------------------------


@dataclass(frozen=True)
class SourceCell:
    """What the instructor fixed about one cell."""

    grade_id: str
    cell_type: str
    source: str
    grade: bool
    solution: bool
    locked: bool
    task: bool
    points: float
    checksum: str | None = None
    """Of the released cell, where known: an answer that still has it was not touched."""

    @property
    def is_marked(self) -> bool:
        """Whether the cell carries marks."""
        return self.grade or self.task

    @property
    def by_hand(self) -> bool:
        """Whether a person marks it: an answer, a task, or a test that isn't code."""
        return self.task or (self.grade and (self.solution or self.cell_type != "code"))

    def metadata(self) -> dict[str, Any]:
        """Return the nbgrader metadata the cell should have."""
        meta: dict[str, Any] = {
            "grade_id": self.grade_id,
            "grade": self.grade,
            "solution": self.solution,
            "locked": self.locked,
            "task": self.task,
            "schema_version": 3,
            "cell_type": self.cell_type,
        }
        if self.is_marked:
            meta["points"] = self.points
        if self.checksum:
            meta["checksum"] = self.checksum
        return meta


@dataclass(frozen=True)
class Source:
    """The instructor's cells of one notebook, in order."""

    cells: tuple[SourceCell, ...]
    kernelspec: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_notebook(cls, notebook: Notebook) -> Source:
        """Read the instructor's cells out of a source notebook."""
        cells = []
        for cell in notebook["cells"]:
            ident, meta = grade_id_of(cell), nbgrader_of(cell)
            grade, solution = bool(meta.get("grade")), bool(meta.get("solution"))
            task, locked = bool(meta.get("task")), bool(meta.get("locked"))
            if ident is None or not (grade or solution or task or locked):
                continue
            locked = not solution and (grade or locked)
            points = float(meta.get("points") or 0.0)
            cells.append(
                SourceCell(ident, cell["cell_type"], cell["source"], grade, solution, locked, task, points)
            )
        return cls(tuple(cells), notebook["metadata"]["kernelspec"])

    @property
    def marked(self) -> tuple[SourceCell, ...]:
        """The cells that carry marks."""
        return tuple(cell for cell in self.cells if cell.is_marked)


# --- restoring -------------------------------------------------------------------------------------------


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
        some = "”, “".join(list(dict.fromkeys(theirs))[:3])
        raise WrongAssignmentError(f"belongs to another assignment: its cells are “{some}”")
    repairs: list[str] = []
    cells = _without_duplicates(submission["cells"], known, repairs)
    for cell in cells:
        wanted = known.get(grade_id_of(cell) or "")
        if wanted:
            _restore_cell(cell, wanted, repairs)
        elif "nbgrader" in cell["metadata"]:
            repairs.append(f"a cell called “{grade_id_of(cell)}” is not the instructor's and carries no marks")
            del cell["metadata"]["nbgrader"]
    missing = _put_back_missing(cells, source.cells, repairs)
    _with_unique_ids(cells)
    metadata = {"kernelspec": source.kernelspec or submission["metadata"]["kernelspec"]}
    return Restored({**submission, "cells": cells, "metadata": metadata}, repairs, frozenset(missing))


def _without_duplicates(cells: Iterable[Cell], known: dict[str, SourceCell], repairs: list[str]) -> list[Cell]:
    kept: list[Cell] = []
    seen: set[str] = set()
    for original in reversed(list(cells)):
        cell = copy.deepcopy(original)
        ident = grade_id_of(cell)
        if ident in seen:
            repairs.append(f"the cell “{ident}” was there more than once; the last one counts")
            del cell["metadata"]["nbgrader"]
        elif ident in known:
            seen.add(ident)
        kept.append(cell)
    return kept[::-1]


def _with_unique_ids(cells: list[Cell]) -> None:
    """Give a cell whose id another has (a copy keeps it) one of its own."""
    taken: set[str] = set()
    for number, cell in enumerate(cells):
        if cell["id"] in taken:
            cell["id"] = next(ident for n in itertools.count(number) if (ident := f"own-{n}") not in taken)
        taken.add(cell["id"])


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
    for cell in reversed(wanted):
        present = next((i for i, c in enumerate(cells) if grade_id_of(c) == cell.grade_id), None)
        if present is not None:
            place = present
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
    if missing:
        names = "”, “".join(cell.grade_id for cell in wanted if cell.grade_id in missing)
        repairs.append(f"put back what was missing: “{names}”")
    return missing


# --- sealed cells ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sealed:
    """What a sealed cell asks for."""

    exercise: str
    function: str
    """The name under which the notebook has the student's function."""
    points: float | None
    """As written in the call, where it is."""


def split_hidden(source: str) -> tuple[str, str]:
    """Split a cell's text into what a student sees and the hidden region."""
    visible: list[str] = []
    hidden: list[str] = []
    inside = False
    for line in source.split("\n"):
        if BEGIN_HIDDEN in line:
            inside = True
        elif END_HIDDEN in line:
            inside = False
        else:
            (hidden if inside else visible).append(line)
    return "\n".join(visible), "\n".join(hidden)


def visible_part(source: str) -> str:
    """Return a cell's text without its hidden region."""
    return split_hidden(source)[0]


def sealed(cell: SourceCell) -> Sealed | None:
    """Say what a source cell asks for, or None where its tests are its own.

    A cell is sealed when its hidden region is exactly one ``check`` call (and the import of it) whose first
    argument is the cell's own ``grade_id``.
    """
    if not cell.grade or cell.solution or cell.cell_type != "code":
        return None
    try:
        body = ast.parse(split_hidden(cell.source)[1]).body
    except SyntaxError:
        return None
    if body and isinstance(body[0], ast.ImportFrom) and body[0].module == "autograder":
        body = body[1:]
    if len(body) != 1 or not isinstance(body[0], ast.Expr) or not isinstance(body[0].value, ast.Call):
        return None
    call = body[0].value
    match call.func, call.args:
        case ast.Name(id="check"), [ast.Constant(value=str(name)), ast.Name(id=function), *more] if len(more) < 2:
            points = next(iter([*more, *(k.value for k in call.keywords if k.arg == "points")]), None)
            value = (
                float(points.value)
                if isinstance(points, ast.Constant) and isinstance(points.value, int | float)
                else None
            )
            return Sealed(name, function, value) if name == cell.grade_id else None
    return None
