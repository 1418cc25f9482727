"""What comes from a submission costs the grader itself little, however large it is, and nobody loses marks."""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import pytest
from conftest import SECRET
from grades import FULL, PERFECT, marks, submitted
from hostile.overload import CELLS, FOUND, OVERLOADING
from sampling import sampled

from autograder import exercises
from autograder.grading.grader import Grader
from autograder.grading.settings import Settings
from autograder.results import to_json
from autograder.sandbox.policy import Limits

pytestmark = pytest.mark.sandbox

SLOWNESS = 4 if sys.gettrace() else 1
"""Whoever counts which lines run takes several times as long to read markup, which is plain Python."""
LIMITS = Limits(call_seconds=4, cell_seconds=10, submission_seconds=600, judging_seconds=5 * SLOWNESS)
MOST_SECONDS, MOST_BYTES = 10.0 * SLOWNESS, 300 << 20
"""Of the grader's own processor time, twice what it may take to read and compare; and of its memory."""
KEEPS = {"much beside each right answer": {0.0}, "a little beside each right answer": {1.0}}
KEEPS |= {"right answers from too many points": {1.0}}
"""The share of the marks that an attack keeps, where its answers are right. No other keeps more than half."""
SLOW = "right answers from as many points as may be"
"""Its answers are right, too; whether the time for all of them is enough depends on the machine."""


@pytest.fixture(scope="module")
def usual():
    with Grader(Settings(SECRET, limits=LIMITS)) as grader:
        yield grader


@pytest.fixture(scope="module")
def patient():
    """Has as long for a submission as a course's has: to read ten megabytes of tags takes half of that."""
    limits = replace(LIMITS, judging_seconds=Limits().judging_seconds * SLOWNESS)
    with Grader(Settings(SECRET, limits=limits)) as grader:
        yield grader


def memory(field):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith(field))


def costs(action):
    """The result of an action, its processor time in this process, and by how much it raised the memory's peak."""
    with open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")
    before, started = memory("VmRSS"), time.process_time()
    result = action()
    return result, time.process_time() - started, memory("VmHWM") - before


@pytest.mark.parametrize("name", sampled(OVERLOADING, every=0, rest=4, ident=lambda name: name.replace(" ", "-")))
def test_answers_that_are_meant_to_cost_the_grader_cost_it_little(usual, name):
    exercise, code = OVERLOADING[name]
    honest = usual.grade_file("softmax", PERFECT.encode(), file="perfect.py", student="grace")
    exercises.find(exercise).truths  # noqa: B018  # computed once, for all submissions
    result, seconds, size = costs(lambda: usual.grade_file(exercise, code.encode(), file="mine.py", student=""))
    assert seconds < MOST_SECONDS
    assert size < MOST_BYTES
    share = result.score / result.max_score
    assert name == SLOW or (share in KEEPS[name] if name in KEEPS else share <= 0.5)
    assert share == 1 or all(check.passed or check.message for check in result.checks)
    assert len(to_json(result)) < 20_000
    assert (
        usual.grade_file("softmax", PERFECT.encode(), file="perfect.py", student="grace").checks == honest.checks
    )


@pytest.mark.parametrize("name", sampled(CELLS, every=0, rest=4, ident=lambda name: name.replace(" ", "-")))
def test_cells_that_are_meant_to_cost_the_grader_cost_it_little(patient, source, perfect, name):
    """The right solutions after them keep every mark, and the notebook stays small enough to be read."""
    times, *sources = CELLS[name]
    cells = [
        {"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": text, "outputs": []}
        for number, text in enumerate(sources * times)
    ]
    submitted(patient, source, perfect)
    nb = {**perfect, "cells": [*cells, *perfect["cells"]]}
    came, seconds, size = costs(lambda: submitted(patient, source, nb))
    assert seconds < MOST_SECONDS
    assert size < MOST_BYTES
    assert marks(came.report) == FULL
    assert (
        sum(len(str(cell.get("outputs"))) for cell in came.notebook["cells"]) < 2 * LIMITS.submission_output_bytes
    )


def test_there_are_many_attacks_beside_those_that_were_found():
    assert len(OVERLOADING) - len(FOUND) + len(CELLS) >= 40
    assert len({exercise for exercise, _ in OVERLOADING.values()}) >= 10
