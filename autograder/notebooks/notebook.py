"""A notebook as a file holds it: read whatever its version, and rid of all that grading has no use for.

Notebooks are plain dictionaries of nbformat 4 here.
"""

from __future__ import annotations

import codecs
import hashlib
import itertools
import json
import re
from typing import Any

Notebook = dict[str, Any]
Cell = dict[str, Any]

MAX_CELLS = 2000
IMAGE_TYPES = ("image/png", "image/jpeg")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
CONFLICT = re.compile(
    r"^<{7}(?: .*)?\r?\n((?:.*\n)*?)(?:\|{7}(?: .*)?\n(?:.*\n)*?)?={7}\r?\n((?:.*\n)*?)>{7}(?: .*)?$", re.MULTILINE
)
"""What git leaves where it can't merge: one side, perhaps what both came from, and the other side."""
PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}


class UnreadableError(ValueError):
    """The file is no notebook; the text says what it is, as the rest of a sentence about it."""


# --- reading ---------------------------------------------------------------------------------------------


def read(content: bytes, mended: list[str] | None = None) -> Notebook:
    """Read a notebook of any version, tolerating what is merely untidy.

    Parameters
    ----------
    content
        Of the file.
    mended
        Gets a sentence for each thing that a strict reader would have stumbled over.

    Raises
    ------
    UnreadableError
        If it is empty, damaged, or no notebook.
    """
    mended = [] if mended is None else mended
    if not content.strip():
        raise UnreadableError("is empty")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError("is not text, so it can't be a notebook") from None
    if content.startswith(codecs.BOM_UTF8):
        mended.append("the file began with a byte order mark")
    if "<<<<<<<" in text and CONFLICT.search(text):
        return _without_conflict(text, mended)
    return _notebook_of(text, mended)


def _notebook_of(text: str, mended: list[str]) -> Notebook:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise UnreadableError(f"is cut off or damaged: it stops being JSON{where}") from None
    if isinstance(data, dict) and isinstance(data.get("worksheets"), list):
        data = _upgrade(data)
        mended.append("the notebook was of nbformat 3 or older")
    if not isinstance(data, dict) or not isinstance(data.get("cells"), list):
        raise UnreadableError("is JSON, but not a notebook: it has no cells")
    if len(data["cells"]) > MAX_CELLS:
        raise UnreadableError(f"has {len(data['cells'])} cells; at most {MAX_CELLS} are graded")
    return from_json(data)


def _without_conflict(text: str, mended: list[str]) -> Notebook:
    """Read a notebook that git could not merge: where both sides come to the same, it doesn't matter which.

    They mostly differ in outputs and counters, which are dropped. Where they differ in more, only the student
    can tell what was meant.
    """
    first = text[: CONFLICT.search(text).start()].count("\n") + 1  # type: ignore[union-attr]
    where = f"holds a merge conflict (<<<<<<< at line {first})"
    try:
        ours, theirs = (_notebook_of(CONFLICT.sub(side, text), mended) for side in (r"\1", r"\2"))
    except UnreadableError:
        raise UnreadableError(f"{where}, and neither side of it makes a notebook") from None
    if digest(ours) != digest(theirs):
        raise UnreadableError(f"{where}, and its two sides differ in what the student wrote; only they can choose")
    mended.append(f"the file {where}, whose two sides differ in nothing that is graded")
    return ours


def from_json(data: dict[str, Any]) -> Notebook:
    """Give a notebook that has been parsed already its proper form."""
    metadata = data["metadata"] if isinstance(data.get("metadata"), dict) else {}
    kernelspec = metadata.get("kernelspec")
    named = kernelspec if isinstance(kernelspec, dict) else {}
    kept = {name: clean_text(named.get(name)) or default for name, default in PYTHON.items()}
    cells = [_tidy(cell, number) for number, cell in enumerate(data["cells"])]
    with_unique_ids(cells)
    return {"cells": cells, "metadata": {"kernelspec": kept}, "nbformat": 4, "nbformat_minor": 5}


def with_unique_ids(cells: list[Cell]) -> None:
    """Give a cell whose id another has (a copy keeps it) one of its own."""
    taken: set[str] = set()
    for number, cell in enumerate(cells):
        if cell["id"] in taken:
            cell["id"] = next(ident for n in itertools.count(number) if (ident := f"own-{n}") not in taken)
        taken.add(cell["id"])


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
    source = clean_text(source).replace("\r\n", "\n").replace("\r", "\n")
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
            text = clean_text(theirs[name])
            flags[name] = text if text.isprintable() else "".join(filter(str.isprintable, text))
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
