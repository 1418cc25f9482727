"""bernoulli_nll(p, y): the mean negative log-likelihood of binary labels, in nats."""

from functools import partial

import numpy as np

from autograder.exercises.bernoulli._draws import ADDED, ENDS, few, labels, layouts
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconception,
    Misconceptions,
    leaves_arguments_unchanged,
    takes_any_layout,
    tolerance_for,
)
from autograder.solutions import bernoulli as right

mistake = Misconceptions()


def _tolerance(call, single):
    """Nothing but 1 - p and the logarithms: 1 - p is rounded at the size of 1, which costs log(1 - p) the same
    absolutely, however small p is; a logarithm is rounded at its own size.
    """
    p, y = (np.asarray(value, dtype=np.float64) for value in call.args)
    with np.errstate(divide="ignore"):
        losses = -np.log(np.where(y == 1, p, 1 - p))
    return tolerance_for(float(losses[np.isfinite(losses)].max(initial=1.0)), single=single)


def _some(rng, n):
    return rng.uniform(0.02, 0.98, n)


def _ordinary(rng):
    """Probabilities well inside (0, 1), except two labels of probability 1e-6 in each batch."""
    for n in (6, 9):
        p, y = _some(rng, n), labels(rng, n)
        p[:2], y[:2] = (1e-6, 1 - 1e-6), (1, 0)
        yield Call((p, y))


def _certain_and_right(rng):
    for n in (4, 7):
        y = labels(rng, n)
        yield Call((y.astype(np.float64), y))
        yield Call((np.concatenate([y, _some(rng, 3)]), np.concatenate([y, labels(rng, 3)])))
    yield Call((labels(rng, 1), np.zeros(1, dtype=np.int64)))
    y = labels(rng, 6)
    yield Call((y.copy(), y))
    # One impossible label among certain ones: the loss is infinite, not nan.
    order = rng.permutation(6)
    yield Call((np.array([0.0, 1, 0, 1, 0.3, 0.6])[order], np.array([0, 1, 1, 1, 0, 1])[order]))


def _impossible(rng):
    for impossible, label in ((0.0, 1), (1.0, 0)):
        p, y = _some(rng, 5), labels(rng, 5)
        where = rng.integers(5)
        p[where], y[where] = impossible, label
        yield Call((p, y))
    y = labels(rng, 4)
    yield Call((1 - y, y))


def _extreme(rng):
    """Tiny probabilities of the label and of its opposite, and so many examples that their product underflows.

    None is so small that 1e-300 beside it shows: whom a constant harms must not depend on the draw.
    """
    for exponents in (-rng.uniform(150, 285, 4), -rng.uniform([13, 11, 9, 8], [14, 12, 10, 9])):
        yield Call((10**exponents, np.array([1, 1, 0, 1])))
        yield Call((np.concatenate([10**exponents, _some(rng, 2)]), rng.permutation(np.array([1, 1, 1, 0, 0, 1]))))
    yield Call((1 - rng.uniform(1, 9, 4) * 1e-12, rng.permutation([0, 0, 1, 1])))
    yield Call((rng.uniform(0.2, 0.8, 3000), labels(rng, 3000)))


def _naive(p, y):
    return y * np.log(p) + (1 - y) * np.log(1 - p)


@mistake("sum-for-mean", slip=True)
def _(p, y):
    """The losses are added up; their mean is asked for, so that the batch size drops out."""
    return right.bernoulli_nll(p, y) * len(y)


@mistake("mean-forgotten")
def _(p, y):
    """One loss per example comes back; their mean, a scalar, is asked for."""
    return np.array([right.bernoulli_nll(p[i : i + 1], y[i : i + 1]) for i in range(len(y))])


@mistake("sign-flipped", slip=True)
def _(p, y):
    """This is the mean log-likelihood. The loss is its negative: never below zero, smaller is better."""
    return -right.bernoulli_nll(p, y)


@mistake("base-2", slip=True)
def _(p, y):
    """The logarithm has base 2; this course counts in nats, the natural logarithm."""
    return right.bernoulli_nll(p, y) / np.log(2)


@mistake("log-forgotten")
def _(p, y):
    """This is minus the mean probability of the labels; the logarithm is missing."""
    return -np.mean(np.where(y == 1, p, 1 - p))


@mistake("zeros-ignored")
def _(p, y):
    """Only the examples with label 1 count. A label 0 has a probability too: which?"""
    return -np.sum(np.log(p[y == 1])) / len(y)


@mistake("classes-averaged-apart")
def _(p, y):
    """The two kinds of labels are averaged apart and the means added, so that a rare class weighs as much as
    a common one. Every example weighs 1/n.
    """
    return -np.mean(np.log(p[y == 1])) - np.mean(np.log(1 - p[y == 0]))


@mistake("labels-swapped")
def _(p, y):
    """Label 1 gets the probability of label 0 and the other way round: p is that of y = 1."""
    return right.bernoulli_nll(p, 1 - y)


@mistake("arguments-swapped", slip=True)
def _(p, y):
    """The logarithm is taken of the labels, weighted by the probabilities: the roles of p and y are swapped."""
    return -np.mean(_naive(y, p))


@mistake("sigmoid-of-probability")
def _(p, y):
    """A sigmoid is applied to p, which already is a probability and no logit."""
    return right.bce_with_logits(p, y)


@mistake("squared-error")
def _(p, y):
    """This is the mean squared error of the probabilities (the Brier score), not a log-likelihood."""
    return np.mean((p - y) ** 2)


@mistake("zero-times-infinity")
def _(p, y):
    """Where p is exactly 0 or 1 one of the two terms is 0·log 0, and floating point makes nan of 0·(-inf). That
    term belongs to the label which did not occur: pick the other one instead of multiplying by 0.
    """
    return -np.mean(_naive(p, y))


@mistake("nan-to-num")
def _(p, y):
    """`nan_to_num` turns the nan of 0·log 0 into 0, but infinity into 1.8e308 as well. Avoid the nan instead of
    mending it.
    """
    return -np.mean(np.nan_to_num(_naive(p, y)))


@mistake("nan-left-out")
def _(p, y):
    """`nanmean` leaves the examples with 0·log 0 out of the mean. They were predicted perfectly: they count,
    with a loss of 0.
    """
    return -np.nanmean(_naive(p, y))


@mistake("log-of-product")
def _(p, y):
    """The product of many probabilities underflows to 0 (0.5 to the power 1075 does), and its log is -inf. Take
    the logarithm of each first.
    """
    return -np.log(np.prod(np.where(y == 1, p, 1 - p))) / len(y)


@mistake("one-minus-distance")
def _(p, y):
    """1 - |y - p| is the probability of the label on paper, but 1 - 1e-200 is 1 in floating point, and a tiny p
    is lost. Use p itself where the label is 1.
    """
    return -np.mean(np.log(1 - np.abs(y - p)))


def _clipped(places, p, y):
    return -np.mean(_naive(np.clip(p, 10.0**-places, 1 - 10.0**-places), y))


def _padded(places, p, y):
    eps = 10.0**-places
    return -np.mean(y * np.log(p + eps) + (1 - y) * np.log(1 - p + eps))


mistake += [
    Misconception(
        f"clipped-at-1e-{places}",
        partial(_clipped, places),
        "p is clipped away from 0 and 1: that caps the loss and charges a perfect prediction. An impossible label "
        "costs infinitely much, and 0·log 0 is 0: neither needs a guard.",
    )
    for places in ENDS
]
mistake += [
    Misconception(
        f"added-1e-{places}-in-log",
        partial(_padded, places),
        "A small constant is added inside the logarithm: that caps the loss and bends it on the way. An "
        "impossible label costs infinitely much, and 0·log 0 is 0: neither needs a guard.",
    )
    for places in ADDED
]


@mistake("float32-inside")
def _(p, y):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    p = np.asarray(p, dtype=np.float32)
    return np.mean(-np.log(np.where(y == 1, p, 1 - p)))


@mistake("input-mutated")
def _(p, y):
    """`p[y == 0] = 1 - …` writes into the caller's array. Make a new one, with np.where for instance."""
    p[y == 0] = 1 - p[y == 0]
    return -np.mean(np.log(p))


def _textbook(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


exercise = Exercise(
    name="bernoulli_nll",
    topic="bernoulli",
    reference=right.bernoulli_nll,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook,),
    checks=(
        Check(
            "matches the mean of -log p(label) on ordinary probabilities",
            example=Call((np.array([0.2, 0.8, 0.5]), np.array([0, 1, 0]))),
            inputs=_ordinary,
            weight=1.25,
            hint="The likelihood of one label is p where y is 1 and 1 - p where y is 0.",
        ),
        Check(
            "counts 0·log 0 as 0 and never gives nan",
            example=Call((np.array([0.0, 1.0, 0.5]), np.array([0, 1, 1]))),
            inputs=_certain_and_right,
            weight=0.75,
            hint="A label that was certain costs nothing. Which term of the sum is not a number there?",
        ),
        Check(
            "gives +inf where a label was held impossible",
            example=Call((np.array([0.0, 0.5]), np.array([1, 1]))),
            inputs=_impossible,
            weight=0.5,
            hint="One impossible label makes the mean infinite; a finite number there hides the model's error.",
        ),
        Check(
            "stays exact for tiny probabilities and long batches",
            example=Call((np.array([1e-200, 1e-200]), np.array([1, 1]))),
            inputs=_extreme,
            weight=0.5,
            hint="The log of 1e-200 is an ordinary number, about -460; the product of two of them is not.",
        ),
        Check(
            "works for one example and for labels all alike",
            example=Call((np.array([0.8]), np.array([1]))),
            inputs=few(_some),
            weight=0.25,
        ),
        takes_any_layout(
            Call((np.array([0.2, 0.8, 0.5]), np.array([0.0, 1.0, 0.0]))),
            layouts(_some),
            kinds="float32, labels of any type",
        ),
        leaves_arguments_unchanged(Call((np.array([0.2, 0.8, 0.5]), np.array([0, 1, 0]))), _ordinary, weight=0.25),
    ),
)
