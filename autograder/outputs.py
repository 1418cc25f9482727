"""The outputs of a graded notebook: a student's made harmless, the grader's put in their place.

Outputs come from a student's process as data. What they hold is still the student's, and ends in pages: so
only known MIME types are kept, and HTML passes an allow-list of tags.
"""

from __future__ import annotations

from typing import Any

from autograder.notebook import Notebook, grade_id_of, is_image
from autograder.reports.html import cell_as_html, clean_html
from autograder.reports.text import cell_as_text
from autograder.results import CellResult, Report

Output = dict[str, Any]
PLAIN_TYPES = ("text/plain", "text/latex", "text/markdown")


def as_nbformat(output: Any) -> Output:
    """Give an output that was read from a student's process nbformat's form, without anything active in it."""
    fields = {name: getattr(output, name) for name in output.__struct_fields__}
    if "data" in fields:
        fields |= {"data": _harmless(fields["data"]), "metadata": {}}
    return {"output_type": output.__struct_config__.tag, **fields}


def _harmless(data: dict[str, str]) -> dict[str, str]:
    """Keep of a MIME bundle what a page may show."""
    kept: dict[str, str] = {}
    for kind, value in data.items():
        if kind in PLAIN_TYPES or is_image(kind, value):
            kept[kind] = value
        elif kind == "text/html" and (cleaned := clean_html(value)):
            kept[kind] = cleaned
    return kept


def put_verdicts(notebook: Notebook, report: Report) -> Notebook:
    """Return the notebook with the grader's verdict as the output of each automatically marked cell.

    nbgrader reads a mark from the first result among a cell's outputs; so that is a number of ours, within
    bounds, and nothing of the student's stands beside it that could be read instead.
    """
    results = {cell.grade_id: cell for cell in report.cells if cell.mode != "manual"}
    cells = []
    for cell in notebook["cells"]:
        result = results.get(grade_id_of(cell) or "")
        cells.append(cell if result is None else {**cell, "outputs": _verdict(result, cell)})
    return {**notebook, "cells": cells}


def _verdict(result: CellResult, cell: dict[str, Any]) -> list[Output]:
    count = cell.get("execution_count")
    mark = {
        "output_type": "execute_result",
        "data": {"text/plain": repr(result.score)},
        "metadata": {},
        "execution_count": count,
    }
    if result.mode == "in-process":
        said = [o for o in cell["outputs"] if o["output_type"] == "error" or o.get("name") == "stdout"]
        return [mark, *said]
    text = {"text/plain": cell_as_text(result), "text/html": cell_as_html(result)}
    return [{"output_type": "display_data", "data": text, "metadata": {}}, mark]
