"""Read a notebook, and tell which of the released ones it is."""

from __future__ import annotations

import hashlib
import json
import warnings
from pathlib import Path
from typing import Any

Cells = list[tuple[str, str, str, str]]
"""The released cells of a notebook: ``grade_id``, type, role and digest of each."""
Released = dict[str, dict[str, Cells]]
"""Assignment → notebook → its cells."""


def digest(source: str) -> str:
    """Return a digest of a cell's text; blanks at the ends of lines don't change it."""
    lines = [line.rstrip() for line in source.strip().splitlines()]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def grade_id(cell: Any) -> str:
    """Return a cell's nbgrader ``grade_id``, or an empty string."""
    meta = cell["metadata"].get("nbgrader")
    name = meta.get("grade_id") if isinstance(meta, dict) else None
    return name if isinstance(name, str) else ""


def read(path: Path) -> Any:
    """Read a notebook of any version.

    Raises
    ------
    ValueError
        If the file is no notebook; the message says why.
    """
    import nbformat  # noqa: PLC0415

    try:
        text = path.read_bytes().decode("utf-8-sig")
        json.loads(text)
    except OSError as error:
        raise ValueError(f"it can't be opened: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ValueError("it is not text.") from None
    except ValueError:
        raise ValueError("it is empty, cut off or damaged. Save it again in JupyterLab.") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbformat gives an id to cells without one
            return nbformat.reads(text, as_version=4)
    except Exception:  # noqa: BLE001  # nbformat fails in many ways on a malformed notebook
        raise ValueError("it is JSON, but not a notebook: it has no proper cells.") from None


def identify(released: Released, stem: str, theirs: set[str], assignment: str | None) -> tuple[str, str]:
    """Return the assignment and the notebook that a file belongs to, judged by its name and its cells.

    Raises
    ------
    ValueError
        If it belongs to none of them, or to another one than its name says; the message says which.
    """
    shared = {  # by the cells to work in: other courses have a cell called “setup”, too
        (name, book): len(theirs & ({cell[0] for cell in cells if cell[2] != "locked"} or {c[0] for c in cells}))
        for name, books in released.items()
        for book, cells in books.items()
    }
    wanted = [key for key in shared if (assignment == key[0] if assignment else stem == key[1])] or list(shared)
    best = max(wanted, key=lambda key: (shared[key], stem == key[1]))
    other = max(shared, key=lambda key: shared[key])
    if shared[other] > shared[best]:  # every notebook shares the cell of imports
        raise ValueError(f"its cells are those of “{other[1]}”. Is it the right file?")
    if shared[best]:
        return best
    known = ", ".join(f"“{book}”" for _, book in (wanted if len(wanted) < len(shared) else shared))
    raise ValueError(f"it has none of the cells of {known}. Work in the notebook that was released.")
