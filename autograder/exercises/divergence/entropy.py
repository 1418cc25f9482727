"""entropy(p): the expected surprise of a pmf, in nats."""

import numpy as np

from autograder.exercises.divergence._draws import one_hot, pmf, pmf_layouts, with_fixed
from autograder.judging import (
    EPS,
    EPS32,
    Call,
    Check,
    Exercise,
    Misconceptions,
    Tolerance,
    leaves_arguments_unchanged,
    takes_any_layout,
    tolerance_for,
)
from autograder.solutions import divergence as right

mistake = Misconceptions()


def _tolerance(call, single):
    """No term of p log p is negative, so that their sum loses nothing. In p log(1/p) the reciprocal of a p near 1
    is rounded at the size of 1, which over all outcomes is no more than an eps.
    """
    relative = tolerance_for(0.0, single=single).relative
    return Tolerance(relative=relative, absolute=2 * (EPS32 if single else EPS))


def _ordinary(rng):
    for k in (2, 3, 5, 8):
        yield Call((pmf(rng, k),))


def _impossible(rng):
    yield Call((with_fixed(rng, {2: 0.0}, 4),))
    yield Call((with_fixed(rng, {0: 0.0, 3: 0.0, 4: 0.0}, 6),))
    yield Call((one_hot(4, 1).astype(np.float64),))
    yield Call((one_hot(3, 2),))


def _rare(rng):
    a, b, c = rng.uniform(2, 4, 3)
    yield Call((with_fixed(rng, {1: a * 1e-7, 2: b * 1e-9}, 3),))
    yield Call((with_fixed(rng, {0: c * 1e-12}, 2),))
    yield Call((with_fixed(rng, {1: a * 1e-300}, 4),))


def _few_and_many(rng):
    yield Call((np.ones(1),))
    yield Call((pmf(rng, 2000),))
    yield Call((np.full(7, 1 / 7),))
    tied = pmf(rng, 3)
    yield Call((np.tile(tied, 2) / 2,))


def _layouts(rng):
    yield Call((pmf(rng, 5).astype(np.float32),))
    for array in pmf_layouts(rng, 4):
        yield Call((array,))


@mistake("sign-flipped", slip=True)
def _(p):
    """The sign is missing: the log of a probability is never positive, entropy never negative."""
    return np.sum(p * np.log(p))


@mistake("base-2", slip=True)
def _(p):
    """These are bits: the logarithm has base 2. This course counts in nats, the natural logarithm."""
    return right.entropy(p) / np.log(2)


@mistake("base-10", slip=True)
def _(p):
    """The logarithm has base 10. This course counts in nats, the natural logarithm."""
    return right.entropy(p) / np.log(10)


@mistake("mean-for-sum")
def _(p):
    """The terms are averaged over the outcomes. Which weights does an expectation already carry?"""
    return right.entropy(p) / np.size(p)


@mistake("sum-forgotten")
def _(p):
    """One term per outcome comes back; entropy is their sum, a scalar."""
    return -p * np.log(p)


@mistake("unweighted")
def _(p):
    """The surprises are added up as if every outcome came once. How often does each of them occur?"""
    return -np.sum(np.log(p))


@mistake("log-forgotten")
def _(p):
    """This is 1 - Σ p², the Gini impurity: it has no logarithm in it. The surprise of an outcome is -log p."""
    return 1 - np.sum(np.square(p))


@mistake("normalised")
def _(p):
    """The entropy is divided by log k, its largest value. In nats it stays as it is."""
    return right.entropy(p) / np.log(np.size(p))


@mistake("perplexity")
def _(p):
    """This is the perplexity, exp of the entropy: an effective number of outcomes, not nats."""
    return np.exp(right.entropy(p))


@mistake("binary-entropy")
def _(p):
    """Every outcome is treated as a coin of its own, with a term in 1 - p. A pmf has one term per outcome."""
    return -np.sum(p * np.log(p) + (1 - p) * np.log(1 - p))


@mistake("zero-gives-nan")
def _(p):
    """Log 0 is -inf, and 0 · inf is nan. An impossible outcome adds nothing: leave it out of the sum."""
    return -np.sum(p * np.log(p))


@mistake("epsilon-in-log")
def _(p):
    """log(p + 1e-12) bends the surprise of rare outcomes, and makes a certain one less than certain. Treat 0 by
    itself instead of moving every probability.
    """
    return -np.sum(p * np.log(p + 1e-12))


@mistake("clipped")
def _(p):
    """Clipping makes impossible outcomes possible and all rare ones equally rare. Treat 0 by itself instead of
    moving probabilities.
    """
    clipped = np.clip(p, 1e-10, 1)
    return -np.sum(clipped * np.log(clipped))


@mistake("rare-outcomes-dropped")
def _(p):
    """Outcomes below some threshold are left out of the sum. Only where p is exactly 0 is there nothing to add."""
    possible = p[p > 1e-8]
    return -np.sum(possible * np.log(possible))


@mistake("one-outcome-gives-nan")
def _(p):
    """The logarithm to base k is 0 / 0 for a pmf of one outcome. Nats need no change of base."""
    return right.entropy(p) / np.log(np.size(p)) * np.log(np.size(p))


@mistake("input-mutated")
def _(p):
    """The argument itself is changed: `p *= …`, `p[p == 0] = …` and `p /= …` write into the caller's array. Make a
    new one.
    """
    result = right.entropy(p)
    p *= 1 - p
    return result


@mistake("float32-inside")
def _(p):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    return np.float64(-np.sum(np.asarray(p, np.float32) * np.log(np.asarray(p, np.float32))))


@mistake("rounded")
def _(p):
    """The entropy is rounded to four digits. Print rounded, return exact."""
    return np.round(right.entropy(p), 4)


def _textbook(p):
    return -np.sum(p * np.log(p))


exercise = Exercise(
    name="entropy",
    topic="divergence",
    reference=right.entropy,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook,),
    checks=(
        Check(
            "matches -Σ p log p on ordinary pmfs",
            example=Call((np.array([0.5, 0.25, 0.25]),)),
            inputs=_ordinary,
            hint="Each outcome has the surprise -log p in nats, and comes with probability p.",
        ),
        Check(
            "counts nothing for an impossible outcome",
            example=Call((np.array([0.5, 0.5, 0.0]),)),
            inputs=_impossible,
            hint="0 log 0 counts as 0, its limit; nothing else in the sum changes.",
        ),
        Check(
            "stays exact for rare outcomes",
            example=Call((np.array([0.9999, 0.0001]),)),
            inputs=_rare,
            weight=0.5,
            hint="However small p is, its surprise is -log p: nothing has to be added, clipped or dropped.",
        ),
        Check(
            "works for one outcome, for many and for equally likely ones",
            example=Call((np.array([1.0]),)),
            inputs=_few_and_many,
            weight=0.5,
        ),
        takes_any_layout(Call((np.array([0.5, 0.25, 0.25], dtype=np.float32),)), _layouts, kinds="float32"),
        leaves_arguments_unchanged(Call((np.array([0.7, 0.2, 0.1]),)), _ordinary),
    ),
)
