"""A released notebook filled with a student's code: each function in its cell, the rest before the first."""

from __future__ import annotations

import copy

import pytest
from notebook_files import as_bytes, code

from autograder.commands.demo.submissions import fill_in
from autograder.notebooks import notebook

BLANK = notebook.read(
    as_bytes(
        code("import numpy", id="setup", metadata={"nbgrader": {"grade_id": "setup", "locked": True}}),
        *(
            code("raise", id=n, metadata={"nbgrader": {"grade_id": f"{n}-solution", "solution": True}})
            for n in "fgh"
        ),
        code("f(1)", id="t", metadata={"nbgrader": {"grade_id": "f", "grade": True, "locked": True}}),
    )
)


def filled(text, rest=""):
    before = copy.deepcopy(BLANK)
    cells = fill_in(BLANK, text, rest)["cells"]
    assert before == BLANK, "the released notebook is not changed"
    return [cell["source"] for cell in cells]


@pytest.mark.parametrize(
    ("text", "rest", "sources"),
    [
        ("def f(x):\n    return 1", "", ["def f(x):\n    return 1", "raise", "raise"]),
        ("g = abs\n\nclass h: pass", "", ["raise", "g = abs", "class h: pass"]),
        (
            "def f(): return 1",
            "def f(): return 2\ndef g(): return 3",
            ["def f(): return 1", "def g(): return 3", "raise"],
        ),
        (
            '"""A text."""\nimport os\nx = 1\ndef f(): ...',
            "",
            ["import os\nx = 1", "def f(): ...", "raise", "raise"],
        ),
        ("def f(:", "def f(): ...", ["def f(:", "def f(): ...", "raise", "raise"]),
        ('"""A text alone."""', "", ["raise", "raise", "raise"]),
        ("", "helper = 1\ndef h(): ...", ["raise", "raise", "def h(): ..."]),
    ],
)
def test_each_function_goes_into_its_cell_and_what_is_none_before_the_first(text, rest, sources):
    assert filled(text, rest) == ["import numpy", *sources, "f(1)"]
