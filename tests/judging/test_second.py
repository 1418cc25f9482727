"""The second of two mistakes is named where a later check shows it; where one explains all, no other is."""

from __future__ import annotations

import numpy as np
import pytest
from sampling import sampled

from autograder import exercises
from autograder.judging.prove import marked


def named(name, function, number=0):
    return marked(exercises.find(name), function, number).misconceptions


def undivided(prior, likelihood):
    prior *= likelihood
    return prior


def every_label(z, y):
    gradient = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)
    gradient[:, y] -= 1
    return gradient / len(y)


def ways(n, sides=6):
    found = np.ones(6)
    for _ in range(n - 1):
        found = np.convolve(found, np.ones(6))
    return found


PAIRS = [
    ("bayes_posterior", undivided, ["not-normalised", "input-mutated"]),
    (
        "logsumexp",
        lambda z, axis=-1: np.log(np.mean(np.exp(z - z.max(-1)[..., None]), -1)) + z.max(-1),
        ["mean-for-sum", "last-axis-always"],
    ),
    (
        "bernoulli_nll",
        lambda p, y: np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)),
        ["sign-flipped", "zero-times-infinity"],
    ),
    (
        "bernoulli_nll",
        lambda p, y: (
            -np.mean(
                y * np.log2(np.clip(p, 1e-15, 1 - 1e-15)) + (1 - y) * np.log2(1 - np.clip(p, 1e-15, 1 - 1e-15))
            )
        ),
        ["base-2", "clipped-at-1e-15"],
    ),
    ("cross_entropy_grad", every_label, ["every-label-for-every-row", "no-max-shift"]),
    ("dice_sum_pmf", ways, ["counts-not-divided", "sides-ignored"]),
    (
        "log_softmax",
        lambda z, axis=-1: (
            np.log(np.sum(np.exp(z - z.max(-1)[..., None]), -1))[..., None] + z.max(-1)[..., None] - z
        ),
        ["sign-flipped", "last-axis-always"],
    ),
]


@pytest.mark.parametrize(("name", "function", "mistakes"), PAIRS)
def test_what_waits_for_the_first_check_shows_the_second_mistake(name, function, mistakes):
    assert named(name, function)[: len(mistakes)] == mistakes


def test_the_second_is_told_under_its_own_check_and_gives_no_marks():
    result = marked(exercises.find("bayes_posterior"), undivided, 0)
    last = result.checks[-1]
    assert last.misconception == "input-mutated"
    assert last.message.startswith("not counted: it counts once ")
    assert "This check fails in another way, too. " in last.message
    assert last.passed is None
    assert result.score == 0


ALONE = [(name, mistake) for _, name in exercises.names() for mistake in exercises.find(name).misconceptions]


@pytest.mark.parametrize("case", sampled(ALONE, every=32, rest=4, ident=lambda case: f"{case[0]}-{case[1].name}"))
def test_a_mistake_alone_shows_no_second_one_in_double_precision(case):
    """The same known mistake in a function that converts its arguments first: nothing else is wrong with it."""
    name, mistake = case

    def converting(*args, **kwargs):
        def wide(value):
            is_float = isinstance(value, np.ndarray) and value.dtype.kind == "f"
            return value.astype(np.float64, copy=False) if is_float else value

        return mistake.function(*map(wide, args), **{key: wide(value) for key, value in kwargs.items()})

    assert set(named(name, converting)) <= {mistake.name}
