"""A right solution gets full marks, whatever stands around it."""

from __future__ import annotations

import re
import textwrap

import pytest
from grades import FULL, PERFECT, marks, submitted
from hostile.careless import FAIL, ODDITIES
from sampling import sampled

from autograder import exercises
from autograder.commands.demo import submissions
from autograder.notebooks import notebook

pytestmark = pytest.mark.sandbox

WRITTEN = [name for topic, name in exercises.names() if topic == "softmax"]
WRAPPER = """
import functools
def before_each_call(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        {}
        return function(*args, **kwargs)
    return wrapper
"""


def written(lean, text):
    """The released notebook, solved, with the cells of an oddity."""
    _, first, *rest = re.split(r"^# %%(.*)\n", f"# %%\n{text.strip()}\n", flags=re.MULTILINE)
    parts = list(zip([first, *rest[1::2]], rest[::2], strict=True))
    kinds = {kind.strip(): code for kind, code in parts}
    below = kinds.get("below each", "")
    own = [code for kind, code in parts if not kind.strip() and code.strip()]
    if wrapped := kinds.get("before each call"):
        own.append(WRAPPER.format(textwrap.indent(wrapped, " " * 8).strip()))
        below = "NAME = before_each_call(NAME)"
    nb = submissions.fill_in(lean, PERFECT)
    place = next(i for i, cell in enumerate(nb["cells"]) if cell["id"] == "own")
    for cell in nb["cells"]:
        name = (notebook.grade_id_of(cell) or "").removesuffix("-solution")
        if notebook.nbgrader_of(cell).get("solution") and name in WRITTEN:  # letters have no dtype to be odd in
            cell["source"] += "\n" + below.replace("NAME", name)
    last = [kinds["at the end"]] if "at the end" in kinds else []
    before, after = nb["cells"][: place + 1], nb["cells"][place + 1 :]
    return {**nb, "cells": [*before, *cells(own, "odd"), *after, *cells(last, "odd-last")]}


def cells(texts, name):
    empty = {"cell_type": "code", "metadata": {}, "outputs": []}
    return [{**empty, "id": f"{name}-{i}", "source": text} for i, text in enumerate(texts)]


@pytest.mark.parametrize("name", sampled(ODDITIES, every=8, rest=3, ident=lambda name: name.replace(" ", "-")))
def test_an_odd_but_right_submission_gets_full_marks_and_so_does_the_next(grader, source, lean, perfect, name):
    came = submitted(grader, source, written(lean, ODDITIES[name]))
    failed = [cell["id"] for cell in came.notebook["cells"] if "'error'" in str(cell.get("outputs"))]
    assert any(ident.startswith("odd") for ident in failed) == (name in FAIL), (
        "it is odd in another way than meant"
    )
    assert not any(ident.endswith("-solution") for ident in failed)
    assert (came.report.status, came.report.score) == ("graded", 23.0), came.report
    assert marks(came.report) == FULL
    assert marks(submitted(grader, source, perfect, student="grace").report) == FULL


def test_there_are_many_oddities():
    assert len(ODDITIES) >= 16
    assert set(ODDITIES) > FAIL
