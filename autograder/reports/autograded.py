"""The autograded notebook: the grader's verdicts as the outputs of the graded cells."""

from __future__ import annotations

from typing import Any

from autograder.notebooks.notebook import Notebook, grade_id_of
from autograder.notebooks.outputs import Output
from autograder.reports.html import cell_as_html
from autograder.reports.text import cell_as_text
from autograder.results import CellResult, Report


def put_verdicts(notebook: Notebook, report: Report) -> Notebook:
    """Return the notebook with the grader's verdict as the output of each automatically marked cell.

    nbgrader reads a mark from the first result among a cell's outputs. That result is the grader's own number, and
    none of the student's outputs that nbgrader could read instead is kept.
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
        kept = [o for o in cell["outputs"] if o["output_type"] == "error" or o.get("name") == "stdout"]
        return [mark, *kept]
    panel = {"text/plain": cell_as_text(result), "text/html": cell_as_html(result)}
    return [{"output_type": "display_data", "data": panel, "metadata": {}}, mark]
