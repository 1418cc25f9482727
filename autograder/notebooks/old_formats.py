"""Convert a notebook of nbformat 2 or 3, which were current until 2015, into nbformat 4.

Only what grading reads is converted. nbformat's own conversion first validates the notebook and rewrites every
output, which takes half a minute for 12 MB.
"""

from __future__ import annotations

from typing import Any

MAX_LEVEL = 6
"""Of a heading, in Markdown."""
CANNOT = "is a notebook of an old format that can't be converted"


class CannotConvertError(ValueError):
    """The notebook has not the form of its format; the message is the end of a sentence about the file."""


def is_old(data: Any) -> bool:
    """Whether parsed JSON is a notebook of nbformat 3 or older, whose cells lie in worksheets."""
    if not isinstance(data, dict) or not isinstance(data.get("worksheets"), list):
        return False
    version = data.get("nbformat")
    return not (isinstance(version, int | float) and version >= 4)


def without_worksheets(data: dict[str, Any]) -> dict[str, Any]:
    """Return an old notebook with the cells of all its worksheets in one list; the cells are unchanged.

    Raises
    ------
    CannotConvertError
        If the version is none of these, or a worksheet is none.
    """
    if data.get("nbformat") not in (2, 3):
        raise CannotConvertError(CANNOT)
    cells: list[Any] = []
    for sheet in data["worksheets"]:
        if not isinstance(sheet, dict) or not isinstance(sheet.get("cells"), list):
            raise CannotConvertError(CANNOT)
        cells += sheet["cells"]
    return {"cells": cells, "metadata": data.get("metadata")}


def converted(cell: Any) -> Any:
    """Return an old cell as nbformat 4 writes it, with its type, metadata and source alone."""
    if not isinstance(cell, dict):
        return cell
    kind = cell.get("cell_type")
    source = _joined(cell.get("input" if kind == "code" else "source", ""))
    if kind == "heading":
        level = cell.get("level")
        level = min(max(level, 1), MAX_LEVEL) if isinstance(level, int) else 1
        source = f"{'#' * level} {' '.join(source.splitlines())}"
    return {
        "cell_type": "markdown" if kind in ("heading", "html") else kind,
        "metadata": cell.get("metadata"),
        "source": source,
    }


def _joined(source: Any) -> str:
    """Return a source as one text; the lines of a list may come without their ends, as the first versions did."""
    if not isinstance(source, list):
        return source if isinstance(source, str) else ""
    lines = [line for line in source if isinstance(line, str)]
    return ("" if lines and lines[0].endswith(("\n", "\r")) else "\n").join(lines)
