"""Submissions of the softmax notebook, and what came of them, for tests."""

from __future__ import annotations

from conftest import CHECKOUT

from autograder.commands.demo import submissions
from autograder.grading.submission import Submission
from autograder.notebooks import notebook

PERFECT = (CHECKOUT / "tests" / "submissions" / "softmax" / "perfect.py").read_text()
FULL = {
    "softmax": 4.0,
    "equally_sure": 1.0,
    "logsumexp": 3.0,
    "log_softmax": 3.0,
    "cross_entropy": 3.0,
    "first_loss": 1.0,
    "double-softmax-answer": 0.0,
    "numerical_gradient": 3.0,
    "cross_entropy_grad": 4.0,
    "saturation-answer": 0.0,
    "lse_is_convex": 1.0,
}
QUESTIONS = ("equally_sure", "first_loss", "lse_is_convex")
"""Those with a stored answer, a point each."""
BY_HAND = ("double-softmax-answer", "saturation-answer")
FIGURES = {"figures.py": b"def reveal(*_):\n    pass\n"}


def submitted(grader, source, content, **more):
    content = content if isinstance(content, bytes) else submissions.write(content)
    given = {"student": "ada", "assignment": "softmax", "name": "softmax", "file": "ada.ipynb", "files": FIGURES}
    return grader.grade(source, Submission(content, **(given | more)))


def marks(report):
    return {cell.grade_id: cell.score for cell in report.cells}


def cell_of(nb, name):
    return next(cell for cell in nb["cells"] if notebook.grade_id_of(cell) == name)


def cell_in(report, name):
    return next(cell for cell in report.cells if cell.grade_id == name)


def with_cell(nb, text, ident="mine"):
    """The notebook with a cell of the student's at its end."""
    extra = {"cell_type": "code", "id": ident, "metadata": {}, "source": text, "outputs": []}
    return {**nb, "cells": [*nb["cells"], extra]}
