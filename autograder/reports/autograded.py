"""The autograded notebook: the grader's verdicts as the outputs of the graded cells."""

from __future__ import annotations

import re
from typing import Any

from autograder.notebooks.notebook import Notebook, grade_id_of
from autograder.notebooks.outputs import Output
from autograder.reports.html import cell_as_html
from autograder.results import CellResult, Report

_FIGURE = re.compile(r"<Figure size \d+x\d+ with \d+ Axes>")


def put_verdicts(notebook: Notebook, report: Report) -> Notebook:
    """Return the notebook with the grader's verdict as the output of each automatically marked cell.

    nbgrader reads a mark from the first result among a cell's outputs. That result is the grader's own number, and
    none of the student's outputs that nbgrader could read instead is kept. A page shows the same result as HTML:
    number and panel are one output, so that no page shows the number beside the panel.

    A figure that was not drawn is not mentioned.
    """
    results = {cell.grade_id: cell for cell in report.cells if cell.mode != "manual"}
    cells = []
    for cell in notebook["cells"]:
        result = results.get(grade_id_of(cell) or "")
        if result is not None:
            cells.append({**cell, "outputs": _verdict(result, cell)})
        elif any(_is_no_picture(output) for output in cell.get("outputs", [])):
            cells.append({**cell, "outputs": [each for each in cell["outputs"] if not _is_no_picture(each)]})
        else:
            cells.append(cell)
    return {**notebook, "cells": cells}


def _is_no_picture(output: Output) -> bool:
    """Whether an output is a figure of which there is a description alone, as of one that was not drawn."""
    data = output.get("data", {})
    return list(data) == ["text/plain"] and _FIGURE.fullmatch("".join(data["text/plain"])) is not None


def _verdict(result: CellResult, cell: dict[str, Any]) -> list[Output]:
    mark = {
        "output_type": "execute_result",
        "data": {"text/plain": repr(result.score or 0.0), "text/html": cell_as_html(result)},
        "metadata": {},
        "execution_count": cell.get("execution_count"),
    }
    if result.mode == "in-process":
        kept = [o for o in cell["outputs"] if o["output_type"] == "error" or o.get("name") == "stdout"]
        return [mark, *kept]
    return [mark]
