"""What uses something up costs its own submission alone."""

from __future__ import annotations

import resource
import time

import pytest
from conftest import CHECKOUT, SECRET
from hostile.attacks import EXHAUSTING, processes_in
from sampling import sampled

from autograder.grading.grader import Grader
from autograder.grading.settings import Settings
from autograder.results import to_json
from autograder.sandbox.policy import Limits

PERFECT = (CHECKOUT / "tests" / "submissions" / "softmax" / "perfect.py").read_text()

pytestmark = pytest.mark.sandbox


SMALL = Limits(
    cell_seconds=1,
    call_seconds=1,
    grace_seconds=0.5,
    submission_seconds=600,
    memory=1 << 30,
    scratch_size=16 << 20,
)


@pytest.fixture(scope="module")
def hurried():
    with Grader(Settings(SECRET, limits=SMALL)) as grader:
        yield grader


def memory_in_use():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


@pytest.mark.parametrize("attack", sampled(EXHAUSTING))
def test_exhausting_something_costs_the_submission_alone(hurried, attack):
    """The grader comes back in time and no larger, says what happened, and grades the next one as ever."""
    before, started = memory_in_use(), time.monotonic()
    result = hurried.grade_file("softmax", attack.code.encode(), file="mine.py", student="")
    assert time.monotonic() - started < SMALL.submission_seconds / 2
    assert memory_in_use() - before < 256 << 20
    assert (result.score, result.passed) == (0.0, False)
    assert attack.says in str([result.message, *(check.message for check in result.checks)])
    assert len(to_json(result)) < 20_000
    assert len(processes_in(next(iter(hurried._pool._runtimes.values())).folder)) == 1
    honest = hurried.grade_file("softmax", PERFECT.encode(), file="perfect.py", student="")
    assert honest.passed
