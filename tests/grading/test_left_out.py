"""What only shows something may be left out only if nothing in the instructor's own notebook needs it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sampling import sampled

from autograder.exercises import TOPICS
from autograder.grading.left_out import needs_what_only_shows
from autograder.grading.submission import Submission
from autograder.notebooks import notebook
from autograder.notebooks.source import Source
from benchmarks.assignments import COURSE
from benchmarks.mixed import of_kind

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
        (
            [("assert setup", {})],
            ["Cell 3 needs a cell that is tagged “only-shows”: without it, AssertionError: ."],
        ),
        ([("1.0 + bool(setup)", GRADED)], ["“graded” has 1 points, and 2 where the cells that are tagged "]),
        ([("raise ValueError", {}), ("2.0", GRADED)], []),
    ],
    ids=["shown alone", "a name", "a change", "marks", "an error of its own"],
)
def test_a_cell_that_needs_what_only_shows_is_named(cells, expected):
    found = faults(*cells)
    assert len(found) == len(expected)
    assert all(line.startswith(start) for line, start in zip(found, expected, strict=True))


@pytest.mark.parametrize("topic", sampled(TOPICS, every=0, rest=8, deep=["matching"]))
@pytest.mark.parametrize("kind", ["right in another style", "four mistakes", "unfinished"])
def test_what_only_shows_changes_no_mark_and_no_message(grader, topic, kind):
    assignment = COURSE[topic]
    (entry,) = of_kind(kind, assignment, [5])
    submission = Submission(entry.content, student=entry.student, files=assignment.files)
    short = grader.grade(assignment.source, submission)
    whole = grader.grade(replace(assignment.source, shows=()), submission)
    assert short.report.cells == whole.report.cells
    assert outputs_of_tagged(short) != outputs_of_tagged(whole)


def outputs_of_tagged(graded):
    return [cell["outputs"] for cell in graded.notebook["cells"] if "tags" in cell["metadata"]]
