"""The grader's verdicts in an autograded notebook: the mark stands where nbgrader reads it."""

from __future__ import annotations

import nbformat
import pytest
from nbgrader.utils import determine_grade

from autograder.reports.autograded import put_verdicts
from autograder.results import CellResult, CheckResult, Report

SCRIPT = "<script>alert(1)</script>"


def result(**fields):
    usual = {"grade_id": "q", "exercise": "q", "mode": "sealed", "score": 1.5, "max_score": 4.0}
    return CellResult(**{**usual, **fields})


def report(*cells):
    total = sum(cell.score or 0.0 for cell in cells)
    texts = {"student": "ada", "assignment": "a", "notebook": "a", "file": "a.ipynb", "message": None}
    marks = {"score": total, "max_score": 4.0, "cells": list(cells)}
    return Report(**texts, status="graded", isolation="landlock", seconds=0.0, **marks)


def graded_cell(ident="q", outputs=(), points=4.0, kind="code"):
    meta = {"grade_id": ident, "grade": True, "solution": False, "locked": True, "task": False, "points": points}
    cell = {"cell_type": kind, "id": ident, "source": "", "metadata": {"nbgrader": {**meta, "schema_version": 3}}}
    return cell | ({"outputs": list(outputs), "execution_count": 3} if kind == "code" else {})


def verdict(outcome, *outputs, **fields):
    """The outputs of a cell that carries a verdict, and the mark that nbgrader reads from it."""
    book = {"cells": [graded_cell(outputs=outputs, **fields)], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    node = nbformat.from_dict(put_verdicts(book, report(outcome)))
    nbformat.validate(node)
    return node.cells[0].outputs, determine_grade(node.cells[0])[0]


THEIRS = [
    {"output_type": "stream", "name": "stderr", "text": "a warning"},
    {"output_type": "execute_result", "data": {"text/plain": "4.0"}, "metadata": {}, "execution_count": 3},
    {"output_type": "error", "ename": "ValueError", "evalue": "x", "traceback": []},
    {"output_type": "stream", "name": "stdout", "text": "4.0"},
    {"output_type": "display_data", "data": {"text/plain": "4.0"}, "metadata": {}},
]
CHECK = CheckResult(name="holds", passed=False, score=0.0, max_score=4.0, message=f"f(1) → 2\n{SCRIPT}")


@pytest.mark.parametrize("mode", ["sealed", "in-process"])
@pytest.mark.parametrize("score", [0.0, 0.5, 4 / 3, 1e-9, 4.0])
@pytest.mark.parametrize("outputs", [[], THEIRS, THEIRS[::-1], THEIRS[1:2]], ids=len)
def test_nbgrader_reads_our_mark_and_nothing_of_the_students(mode, score, outputs):
    shown, mark = verdict(result(mode=mode, score=score, checks=[CHECK]), *outputs)
    assert mark == score
    results = [output for output in shown if output.output_type == "execute_result"]
    assert [output.data["text/plain"] for output in results] == [repr(score)]


@pytest.mark.parametrize("mode", ["sealed", "in-process"])
@pytest.mark.parametrize("outputs", [[], THEIRS])
def test_the_mark_is_the_first_output_that_decides_anything(mode, outputs):
    shown, _ = verdict(result(mode=mode, checks=[CHECK]), *outputs)
    decisive = [o for o in shown if o.output_type in {"error", "execute_result"} or o.get("name") == "stderr"]
    assert decisive[0].data["text/plain"] == "1.5"


def test_of_a_sealed_cell_only_the_grader_speaks_and_once():
    """The panel is the number's own HTML, so that no page shows the number beside it."""
    (shown,), _ = verdict(result(checks=[CHECK]), *THEIRS)
    assert shown.output_type == "execute_result"
    assert "✗" in shown.data["text/html"]
    assert SCRIPT not in shown.data["text/html"]


def test_an_in_process_cell_keeps_what_it_printed_and_raised():
    shown, _ = verdict(result(mode="in-process"), *THEIRS)
    assert [output.get("ename") or output.get("name") for output in shown[1:]] == ["ValueError", "stdout"]


def test_cells_without_an_automatic_mark_stay_as_they_are():
    cells = [
        graded_cell("by-hand", outputs=THEIRS),
        graded_cell("essay", kind="markdown"),
        {
            "cell_type": "code",
            "id": "plain",
            "source": "",
            "metadata": {},
            "outputs": THEIRS,
            "execution_count": 1,
        },
        graded_cell("unknown", outputs=THEIRS),
    ]
    book = {"cells": cells, "metadata": {"x": 1}, "nbformat": 4, "nbformat_minor": 5}
    manual = [result(grade_id=name, mode="manual", score=None) for name in ("by-hand", "essay")]
    assert put_verdicts(book, report(*manual)) == book


def output_of(**data):
    return {"output_type": "display_data", "data": {kind.replace("_", "/"): text for kind, text in data.items()}}


def test_a_figure_that_was_not_drawn_is_not_mentioned():
    mentioned = output_of(text_plain="<Figure size 640x480 with 1 Axes>")
    drawn = output_of(text_plain="<Figure size 640x480 with 1 Axes>", image_png="iVBORw0K")
    printed = output_of(text_plain="<Figure size 640x480 with 1 Axes> and more")
    cell = {"cell_type": "code", "id": "own", "metadata": {}, "outputs": [*THEIRS, mentioned, drawn, printed]}
    (kept,) = put_verdicts({"cells": [cell]}, report(result()))["cells"]
    assert kept["outputs"] == [*THEIRS, drawn, printed]


def test_the_submitted_notebook_is_not_changed():
    book = {"cells": [graded_cell(outputs=THEIRS)], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    marked = put_verdicts(book, report(result()))
    assert book["cells"][0]["outputs"] == THEIRS
    assert marked["cells"][0]["outputs"] != THEIRS


@pytest.mark.sandbox
def test_every_automatic_mark_of_a_graded_notebook_is_the_one_nbgrader_reads(grader, source, blank):
    from autograder.grading.submission import Submission

    graded = grader.grade_notebook(source, blank, Submission(b"", student="ada"))
    node = nbformat.from_dict(put_verdicts(graded.notebook, graded.report))
    nbformat.validate(node)
    wanted = {cell.grade_id: cell.score for cell in graded.report.cells if cell.mode != "manual"}
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in node.cells if "nbgrader" in cell.metadata}
    assert {name: determine_grade(cells[name])[0] for name in wanted} == wanted
    assert len(wanted) == 9
