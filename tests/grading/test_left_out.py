"""What only shows something may be left out only if nothing in the instructor's own notebook needs it."""

from __future__ import annotations

import json

import pytest

from autograder.grading.left_out import needs_what_only_shows
from autograder.notebooks import notebook
from autograder.notebooks.source import Source

TAGGED = {"tags": [notebook.ONLY_SHOWS]}
GRADED = {"nbgrader": {"grade_id": "graded", "grade": True, "solution": False, "points": 2}}
EXPERIMENT = "rng = np.random.default_rng(0)\ntrained = rng.normal(size=3)\nsetup.append('trained')"


def faults(*cells):
    """The faults of a source notebook with a set-up cell, an experiment that only shows, and more cells."""
    made = [("import numpy as np\nsetup, trained = [], 1", {}), (EXPERIMENT, TAGGED), *cells]
    book = {
        "cells": [
            {"cell_type": "code", "id": f"c{number}", "metadata": metadata, "source": text, "outputs": []}
            for number, (text, metadata) in enumerate(made)
        ],
        "metadata": {},
    }
    content = json.dumps(book).encode()
    return list(needs_what_only_shows(Source.from_notebook(notebook.read(content)), content, {}))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([("print(trained)", TAGGED), ("print(setup)", {})], []),
        ([("print(rng)", {})], ["Cell 3 needs a cell that is tagged “only-shows”: without it, NameError: "]),
        ([("assert setup", {})], ["Cell 3 needs a cell that is tagged “only-shows”: without it, AssertionError: ."]),
        ([("1.0 + bool(setup)", GRADED)], ["“graded” has 1 points, and 2 where the cells that are tagged "]),
        ([("raise ValueError", {}), ("2.0", GRADED)], []),
    ],
    ids=["shown alone", "a name", "a change", "marks", "an error of its own"],
)
def test_a_cell_that_needs_what_only_shows_is_named(cells, expected):
    found = faults(*cells)
    assert len(found) == len(expected)
    assert all(line.startswith(start) for line, start in zip(found, expected, strict=True))
