"""Rubbish earns nothing, is told why, and harms nobody."""

from __future__ import annotations

import copy
import json

import pytest
from grades import FULL, PERFECT, QUESTIONS, cell_of, marks, submitted
from hostile.nonsense import CELLS, DONE, NONSENSE, PREAMBLE, RUBBISH, SIX, SPOILS
from sampling import sampled

from autograder.commands.demo import submissions
from autograder.results import to_json

pytestmark = pytest.mark.sandbox


STATEMENTS = [f"return {value}" for value in RUBBISH] + DONE


def holds(report, spoilt):
    """Exactly the spoilt functions have no marks, each for a reason, and nobody is accused of an attack."""
    assert (report.status, report.max_score) == ("graded", 27.0)
    assert marks(report) == FULL | dict.fromkeys(spoilt, 0.0)
    for cell in report.cells:
        assert cell.score == cell.max_score or cell.message or cell.checks
        assert "\n" not in (cell.message or "")
        for check in cell.checks:
            assert check.passed is True or check.message.split("\n")[0].strip()
            assert len(check.message or "") < 3000
    assert len(to_json(report)) < 60_000
    assert ("write your solution" in to_json(report)) <= ("softmax" in spoilt)
    assert not any(word in to_json(report) for word in ("Traceback", "autograder/", "channel"))


def next_one_passes(grader):
    """Whether a right answer that comes next keeps every mark."""
    return grader.grade_file("softmax", PERFECT.encode(), file="perfect.py", student="grace").passed


def nonsense_of(statements):
    """Six functions, each of which runs one statement and knows no more."""
    return PREAMBLE + "\n".join(
        f"def {name}(*args, **kwargs):\n    {statement}" for name, statement in zip(SIX, statements, strict=True)
    )


def grouped(items):
    """Six at a time, the last of them with the first again."""
    return [[items[(i + j) % len(items)] for j in range(6)] for i in range(0, len(items), 6)]


def earns_nothing(grader, source, lean, statements):
    came = submitted(grader, source, submissions.fill_in(lean, nonsense_of(statements)))
    holds(came.report, (*SIX, *QUESTIONS))
    (own,) = (cell["outputs"] for cell in came.notebook["cells"] if cell["id"] == "own")
    assert own == [], "the preamble is broken"
    stubs = to_json(came.report).count("write your solution in its place")
    assert stubs == sum("NotImplementedError" in statement for statement in statements)


@pytest.mark.parametrize("six", sampled(grouped(STATEMENTS), rest=5, ident=lambda six: six[0]))
def test_functions_that_give_rubbish_earn_nothing(grader, source, lean, six):
    earns_nothing(grader, source, lean, six)
    assert next_one_passes(grader)


@pytest.mark.deep
@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_same_rubbish_from_all_six_functions_earns_nothing(grader, source, lean, statement):
    earns_nothing(grader, source, lean, [statement] * 6)
    assert next_one_passes(grader)


DEAR = ("calls itself", "asks more often than it may")
"""Seconds each: they go on until a limit."""


@pytest.mark.parametrize(
    "nonsense", sampled(NONSENSE, rest=3, slow=DEAR, ident=lambda name: name.replace(" ", "-"))
)
def test_nonsense_earns_nothing_and_leaves_the_other_functions_their_marks(grader, source, lean, nonsense):
    came = submitted(grader, source, submissions.fill_in(lean, NONSENSE[nonsense], PERFECT))
    holds(came.report, SPOILS.get(nonsense, ("softmax", "cross_entropy_grad")))
    assert next_one_passes(grader)


@pytest.mark.parametrize("name", sampled(CELLS, rest=3, slow=["a number of a million digits"]))
def test_a_cell_of_rubbish_is_worth_nothing_and_leaves_the_others_their_marks(grader, source, perfect, name):
    """Where the solution of softmax should be; the other cells are right."""
    nb = copy.deepcopy(perfect)
    cell_of(nb, "softmax-solution")["source"] = CELLS[name]
    holds(submitted(grader, source, json.dumps(nb).encode()).report, ("softmax", "cross_entropy_grad"))
    assert next_one_passes(grader)


def test_a_thousand_empty_cells_change_nothing(grader, source, perfect):
    empty = [
        {"cell_type": "code", "id": f"e{i}", "metadata": {}, "source": "", "outputs": []} for i in range(1000)
    ]
    holds(submitted(grader, source, {**perfect, "cells": [*empty, *perfect["cells"]]}).report, ())


def test_a_whole_notebook_that_comes_after_all_sorts_of_rubbish_has_full_marks(grader, source, lean, perfect):
    for statements in grouped(STATEMENTS)[:3]:
        earns_nothing(grader, source, lean, statements)
        assert marks(submitted(grader, source, perfect, student="grace").report) == FULL


def test_there_is_a_lot_of_rubbish():
    assert min(map(len, (RUBBISH, DONE, NONSENSE, CELLS))) >= 16
    assert len(set(RUBBISH)) == len(RUBBISH)
