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


def test_a_block_in_a_block_ends_alone_and_the_outer_one_goes_on():
    with patience.limited():
        with patience.limited():
            pass
        with pytest.raises(patience.EndlessError, match="one call took more than"):
            patience.called(endless, None)


def test_a_handler_that_was_there_before_is_there_again_even_after_a_call_was_stopped():
    def own(*_):
        pass

    usual = signal.signal(signal.SIGPROF, own)
    try:
        with (
            pytest.raises(patience.EndlessError, match="the import took"),
            patience.stopped_after(0.01, "the import"),
        ):
            endless(None)
        assert signal.getsignal(signal.SIGPROF) is own
        assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
    finally:
        signal.signal(signal.SIGPROF, usual)


def test_a_call_has_a_limit_in_the_block_and_none_after_it():
    def left():
        return signal.getitimer(signal.ITIMER_PROF)[0]

    with patience.limited():
        assert patience.called(left) > 0
    assert patience.called(left) == 0
