"""The cells of a starter: what the instructor's notebook asks, with a solution and hidden tests."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from autograder.notebooks.notebook import Cell
from autograder.notebooks.source import SCHEMA

POINTS = 3
"""What the starter's checks weigh together."""

TITLE = """# {title}

Write your code where a cell says `raise NotImplementedError()`. The cell below it shows whether it works; hidden
tests ask for more of the same."""
SETUP = "import numpy as np"
TASK = """## {name}

Write `{name}(x, y)`: the mean of the squared differences of `x` and `y`, both arrays of shape (n,). It leaves its
arguments unchanged, and stays exact where they are far from zero."""
SOLUTION = '''def {name}(x, y):
    """Return the mean of the squared differences of x and y, both (n,)."""
    ### BEGIN SOLUTION
    return np.mean((x - y) ** 2)
    ### END SOLUTION'''
VISIBLE = """value = {name}(np.array([1.0, 2.0, 4.0]), np.array([1.0, 0.0, 1.0]))
assert np.isclose(value, 13 / 3), f"the mean of 0, 4 and 9 is {{13 / 3:.4f}}, you gave {{value}}\""""
SEALED = """# Hidden tests of {name}: ordinary numbers, numbers far from zero, arguments.
### BEGIN HIDDEN TESTS
from autograder import check

check("{name}", {name}, points={points})
### END HIDDEN TESTS"""


def notebook_of(title: str, cells: Iterable[Cell]) -> dict[str, Any]:
    """Return a notebook with a title, the import of NumPy and these cells."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    head = [_markdown("title", TITLE.format(title=title)), _code("setup", SETUP, locked=True)]
    return {
        "cells": [*head, *cells],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def cells_of(name: str) -> list[Cell]:
    """Return the cells that ask for a starter exercise: the task, the solution, a visible and a sealed test."""
    return [
        _markdown(f"{name}-task", TASK.format(name=name)),
        _code(f"{name}-solution", SOLUTION.format(name=name), solution=True),
        _code(f"{name}-visible", VISIBLE.format(name=name), locked=True),
        _code(name, SEALED.format(name=name, points=POINTS), locked=True, grade=True, points=POINTS),
    ]


def written(notebook: dict[str, Any]) -> bytes:
    """Return the content of a notebook's file, as Jupyter writes it."""
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def _markdown(ident: str, text: str) -> Cell:
    return {"cell_type": "markdown", "id": _id(ident), "metadata": {}, "source": text}


def _code(
    ident: str, text: str, *, grade: bool = False, solution: bool = False, locked: bool = False, **more: int
) -> Cell:
    flags = {"grade": grade, "grade_id": ident, "locked": locked, "solution": solution, "task": False, **more}
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": _id(ident),
        "metadata": {"nbgrader": flags | {"schema_version": SCHEMA}},
        "outputs": [],
        "source": text,
    }


def _id(ident: str) -> str:
    """Return a cell's id, which has 64 characters at most."""
    return ident[-64:]
