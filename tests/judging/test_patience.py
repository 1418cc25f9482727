"""A function of an author's that never ends is stopped and named, where nobody else watches."""

from __future__ import annotations

import dataclasses
import signal

import numpy as np
import pytest

from autograder import exercises
from autograder.judging import patience
from autograder.judging.model import Misconception
from autograder.judging.prove import faults

ENTROPY = exercises.find("entropy")


def endless(p):
    while True:
        pass


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(patience, "CALL_SECONDS", 0.05)


def test_an_endless_reference_is_named_with_its_line():
    (said,) = faults(dataclasses.replace(ENTROPY, reference=endless))
    assert said.startswith("one call took more than 0.05 s and was stopped; it was in line ")
    assert __file__ in said


def test_so_is_an_endless_mistake():
    lazy = Misconception("never-ends", endless, "It never ends, whatever it is given.")
    last = list(faults(dataclasses.replace(ENTROPY, misconceptions=(lazy,)), students=[0]))[-1]
    assert "does a loop never end?" in last


def test_an_endless_row_of_inputs_is_named_and_fills_no_memory():
    def inputs(rng):
        while True:
            yield ENTROPY.checks[0].example

    first, *others = ENTROPY.checks
    changed = dataclasses.replace(ENTROPY, checks=(dataclasses.replace(first, inputs=inputs), *others))
    (said,) = faults(changed)
    assert "can't be drawn: ValueError: more than 10000 hidden inputs: does its generator never end?" in said


def test_it_holds_in_its_block_alone_and_leaves_no_timer():
    with patience.limited():
        assert patience.called(np.add, 1, 2) == 3
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGPROF) == signal.SIG_DFL
    end = iter(range(2_000_000))
    assert patience.called(sum, end) == 1999999000000


def test_a_reference_that_ends_the_program_or_gives_nan_is_named():
    def ends(p):
        raise SystemExit(4)

    said = next(faults(dataclasses.replace(ENTROPY, reference=ends)))
    assert "it raises SystemExit: 4" in said
    (said,) = faults(dataclasses.replace(ENTROPY, reference=lambda p: float("nan")))
    assert "is about ordinary inputs, and the reference returns nan for entropy(" in said
