"""Read a notebook file of any nbformat version, and keep only what grading needs.

A notebook is a plain dictionary in nbformat 4.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from typing import Any

from autograder.notebooks.conflict import Conflict, find_conflict
from autograder.notebooks.old_formats import CannotConvertError, converted, is_old, without_worksheets
from autograder.notebooks.parsing import MAX_BYTES, NotJsonError, parse_json

Notebook = dict[str, Any]
Cell = dict[str, Any]

MAX_CELLS = 2000
ONLY_SHOWS = "only-shows"
"""The tag of a cell that binds no name and carries no marks, and need not run while a submission is graded."""
IMAGE_TYPES = ("image/png", "image/jpeg")
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}


class UnreadableError(ValueError):
    """The file can't be read as a notebook; the text is the end of a sentence about the file."""


# --- reading ---------------------------------------------------------------------------------------------


def read(content: bytes, repairs: list[str] | None = None) -> Notebook:
    """Read a notebook of any version, and repair small damage.

    Parameters
    ----------
    content
        The file's bytes.
    repairs
        A sentence about each repair is appended to this list.

    Raises
    ------
    UnreadableError
        If the file is empty, damaged, not a notebook, or too large.
    """
    repairs = [] if repairs is None else repairs
    if not content.strip():
        raise UnreadableError("is empty")
    if len(content) > MAX_BYTES:
        raise UnreadableError(f"has {len(content) / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError("is not text in UTF-8, as every notebook is") from None
    if content.startswith(codecs.BOM_UTF8):
        repairs.append("the file began with a byte order mark")
    conflict = find_conflict(text)
    return _parse(text, repairs) if conflict is None else _resolve(conflict, repairs)


def _parse(text: str, repairs: list[str]) -> Notebook:
    try:
        data = parse_json(text)
        old = is_old(data)
        data = without_worksheets(data) if old else data
    except (NotJsonError, CannotConvertError) as error:
        raise UnreadableError(str(error)) from None
    if not isinstance(data, dict) or not isinstance(data.get("cells"), list):
        raise UnreadableError("is JSON, but not a notebook: it has no cells")
    if len(data["cells"]) > MAX_CELLS:
        raise UnreadableError(f"has {len(data['cells'])} cells; at most {MAX_CELLS} are graded")
    if old:
        data["cells"] = [converted(cell) for cell in data["cells"]]
        repairs.append("the notebook was of nbformat 3 or older")
    return from_json(data)


def _resolve(conflict: Conflict, repairs: list[str]) -> Notebook:
    """Read a notebook with git's conflict markers, if both sides have the same cells.

    Most conflicts are in outputs and execution counts, which are dropped anyway. If the sides differ in anything
    else, only the student knows which one is meant.

    Raises
    ------
    UnreadableError
        If the markers don't match up, a side is not a notebook, or the sides differ in what the student wrote.
    """
    where = f"holds a merge conflict (<<<<<<< at line {conflict.line})"
    if conflict.sides is None:
        raise UnreadableError(f"{where} whose markers don't match up; only the student can mend it")
    try:
        ours, theirs = _parse(conflict.sides[0], repairs), _parse(conflict.sides[1], [])
    except UnreadableError:
        raise UnreadableError(f"{where}, and neither side of it makes a notebook") from None
    if digest(ours) != digest(theirs):
        raise UnreadableError(f"{where}, and its two sides differ in what the student wrote; only they can choose")
    repairs.append(f"the file {where}, whose two sides differ in nothing that is graded")
    return ours


def from_json(data: dict[str, Any]) -> Notebook:
    """Return a parsed notebook in nbformat 4.5, with only what grading needs."""
    metadata = data["metadata"] if isinstance(data.get("metadata"), dict) else {}
    kernelspec = metadata.get("kernelspec")
    given = kernelspec if isinstance(kernelspec, dict) else {}
    kept = {name: clean_text(given.get(name)) or default for name, default in PYTHON.items()}
    cells = [_clean_cell(cell, number) for number, cell in enumerate(data["cells"])]
    make_ids_unique(cells)
    return {"cells": cells, "metadata": {"kernelspec": kept}, "nbformat": 4, "nbformat_minor": 5}


def make_ids_unique(cells: list[Cell]) -> None:
    """Give each cell an id of its own, in place; a copied cell has the id of the original."""
    taken: set[str] = set()
    own = 0  # never goes back: a student may have chosen ids that look like ours
    for number, cell in enumerate(cells):
        if cell["id"] in taken:
            own = max(own, number)
            while f"own-{own}" in taken:
                own += 1
            cell["id"] = f"own-{own}"
        taken.add(cell["id"])


def _clean_cell(cell: Any, number: int) -> Cell:
    """Return a cell with the fields that grading needs, in the types that nbformat requires.

    Outputs, attachments that are not images, and all metadata except nbgrader's and one tag are dropped: a student
    can put anything there, and nbgrader's templates show some of it unescaped.
    """
    cell = cell if isinstance(cell, dict) else {}
    kind = cell.get("cell_type") if cell.get("cell_type") in ("code", "markdown") else "raw"
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    source = clean_text(source).replace("\r\n", "\n").replace("\r", "\n")
    metadata = cell["metadata"] if isinstance(cell.get("metadata"), dict) else {}
    flags = metadata.get("nbgrader")
    ident = cell.get("id")
    kept: dict[str, Any] = {"nbgrader": _known_flags(flags)} if isinstance(flags, dict) else {}
    if isinstance(tags := metadata.get("tags"), list) and ONLY_SHOWS in tags:
        kept["tags"] = [ONLY_SHOWS]
    cleaned: Cell = {
        "cell_type": kind,
        "id": ident if isinstance(ident, str) and _ID.fullmatch(ident) else f"cell-{number}",
        "metadata": kept,
        "source": source,
    }
    if kind == "code":
        cleaned |= {"outputs": [], "execution_count": None}
    elif isinstance(cell.get("attachments"), dict):
        cleaned["attachments"] = {
            clean_text(name): {mime: data for mime, data in images.items() if is_image(mime, data)}
            for name, images in cell["attachments"].items()
            if isinstance(images, dict)
        }
    return cleaned


def clean_text(value: Any) -> str:
    """Return text that any file, database and page can hold, with "?" for lone surrogates; "" for other values."""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def _known_flags(metadata: dict[Any, Any]) -> dict[str, Any]:
    """Return the fields of nbgrader's metadata that nbgrader defines and that have the right type."""
    switches = ("grade", "solution", "locked", "task")
    flags: dict[str, Any] = {name: metadata[name] for name in switches if isinstance(metadata.get(name), bool)}
    for name in ("grade_id", "checksum", "cell_type"):
        if isinstance(metadata.get(name), str):
            text = clean_text(metadata[name])
            flags[name] = text if text.isprintable() else "".join(filter(str.isprintable, text))
    for name in ("points", "schema_version"):
        if isinstance(metadata.get(name), int | float):
            flags[name] = metadata[name]
    return flags


def is_image(mime: str, data: Any) -> bool:
    """Whether data of a MIME type is a bitmap in base64, which is safe in any page."""
    return mime in IMAGE_TYPES and isinstance(data, str) and bool(_BASE64.fullmatch(data))


def nbgrader_of(cell: Cell) -> dict[str, Any]:
    """Return a cell's nbgrader metadata; empty if it has none."""
    found: dict[str, Any] = cell["metadata"].get("nbgrader") or {}
    return found


def grade_id_of(cell: Cell) -> str | None:
    """Return a cell's ``grade_id``; None if it has none or an empty one."""
    found = cell["metadata"].get("nbgrader")
    ident = found.get("grade_id") if found else None
    return ident if ident and isinstance(ident, str) else None


def digest(notebook: Notebook) -> bytes:
    """Return a digest of what the student wrote; hidden inputs are drawn from it and the course's secret."""
    texts = [f"{cell['cell_type']}\0{cell['source']}" for cell in notebook["cells"]]
    return hashlib.sha256("\1".join(texts).encode("utf-8", "surrogatepass")).digest()


def checksum(cell: Cell) -> str:
    """Return nbgrader's checksum of a cell, which shows whether a student changed it.

    It equals ``nbgrader.utils.compute_checksum``, which takes seconds to import.
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
