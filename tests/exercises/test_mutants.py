"""A reference that is changed in one place loses marks, unless the change changes no value that may be asked."""

from __future__ import annotations

import contextlib
import signal
import tomllib
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from mutants import mutants
from sampling import sampled

from autograder import exercises
from autograder.judging.assess import assess
from autograder.judging.calls import answer_of, asking

SURVIVORS = tomllib.loads(Path(__file__).with_name("survivors.toml").read_text(encoding="utf-8"))
"""By function: each change that keeps full marks, and why: it is ``same`` in value, or it is ``missed``."""
ENOUGH = 0.98


class TooLongError(Exception):
    """A changed loop has no end."""


@contextlib.contextmanager
def alarm(seconds):
    def ring(*_):
        raise TooLongError

    usual = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)  # of this process's own work, however busy the machine is
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, usual)


def keeps_its_marks(name, function):
    exercise = exercises.find(name)
    with alarm(10.0), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = assess(exercise, asking(partial(answer_of, function)), seed=b"mutants")
        except TooLongError:
            return False
    return result.score == exercise.points


@pytest.mark.parametrize("named", sampled(exercises.names(), every=0, rest=6, ident="-".join))
def test_what_survives_is_known_and_explained(named):
    topic, name = named
    explained = SURVIVORS.get(name, {})
    tried = dict(mutants(topic, name))
    survived = {what for what, function in tried.items() if keeps_its_marks(name, function)}
    assert survived == set(explained)


@pytest.mark.slow
def test_nearly_every_change_of_a_value_is_caught():
    tried = [(name, what) for topic, name in exercises.names() for what, _ in mutants(topic, name)]
    reasons = [why for entries in SURVIVORS.values() for why in entries.values()]
    assert all(why.startswith(("same: ", "missed: ")) for why in reasons)
    same = sum(why.startswith("same: ") for why in reasons)
    missed = len(reasons) - same
    assert len(tried) > 5 * len(exercises.names())
    assert missed <= (1 - ENOUGH) * (len(tried) - same)
