"""bce_with_logits(z, y): the mean negative log-likelihood of binary labels, from logits, stably."""

from functools import partial

import numpy as np

from autograder.exercises.bernoulli._draws import ADDED, ENDS, few, large_logits, layouts, ordinary_logits
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
    """The largest intermediate of log(1 + exp(z)) - z y is the logit itself."""
    z = np.abs(np.asarray(call.args[0], dtype=np.float64))
    return tolerance_for(float(z.max(initial=1.0)), single=single)


def _some(rng, n):
    return rng.uniform(-8, 8, n)


def _integers(rng):
    yield Call((rng.integers(-6, 7, 5), np.array([1, 0, 0, 1, 1], dtype=np.int8)))
    yield Call((rng.integers(-6, 7, 4).astype(np.int32), np.array([0, 1, 0, 1])))
    yield from layouts(_some)(rng)


def _confident(rng):
    """Logits from 37.5, where the sigmoid is 1 in float64, to 300, where nothing overflows; right and wrong. And a
    few where log(1 + exp(z)) is z to seven digits, but not to nine.
    """
    for n in (4, 8):
        sizes = rng.permutation(np.concatenate([rng.uniform(37.5, 42, n // 2), rng.uniform(42, 300, n // 2)]))
        signs = np.resize([1, -1], n)
        yield Call((sizes * signs, (signs < 0).astype(np.int64)))
        yield Call((sizes * signs, np.resize([1, 0, 0, 1], n)))
    yield Call((rng.uniform(15.2, 16.5, 4) * [1, -1, 1, -1], np.array([0, 1, 0, 1])))
    for sign, label in ((1, 1), (-1, 0), (-1, 1)):
        yield Call((sign * rng.uniform(37.5, 300, 3), np.full(3, label)))


def _sigmoid(z):
    return 1 / (1 + np.exp(-np.asarray(z, dtype=np.float64)))


def _naive(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@mistake("sum-for-mean", slip=True)
def _(z, y):
    """The losses are added up; their mean is asked for, so that the batch size drops out."""
    return right.bce_with_logits(z, y) * len(y)


@mistake("mean-forgotten")
def _(z, y):
    """One loss per example comes back; their mean, a scalar, is asked for."""
    return np.logaddexp(0, z) - z * y.astype(np.float64)


@mistake("sign-flipped", slip=True)
def _(z, y):
    """This is the mean log-likelihood. The loss is its negative: never below zero, smaller is better."""
    return -right.bce_with_logits(z, y)


@mistake("base-2", slip=True)
def _(z, y):
    """The logarithm has base 2; this course counts in nats, the natural logarithm."""
    return right.bce_with_logits(z, y) / np.log(2)


@mistake("zeros-ignored")
def _(z, y):
    """Only the examples with label 1 count. What is the loss of a label 0, and where is its term?"""
    return np.mean(y * np.logaddexp(0, -np.asarray(z, dtype=np.float64)))


@mistake("labels-swapped")
def _(z, y):
    """A large logit is charged where the label is 1: it should make label 1 likely. Look at the sign of z y."""
    return right.bce_with_logits(z, 1 - y)


@mistake("labels-minus-one-and-one")
def _(z, y):
    """log(1 + exp(-y z)) is the loss for labels -1 and 1. These are 0 and 1, so every 0 costs log 2 here."""
    return np.mean(np.logaddexp(0, -z * y.astype(np.float64)))


@mistake("sigmoid-forgotten")
def _(z, y):
    """The logits are taken for probabilities. log z is nan for a negative logit: z has to pass a sigmoid."""
    return _naive(z, y)


@mistake("sigmoid-twice")
def _(z, y):
    """The sigmoid is applied twice: a loss that takes logits is given probabilities. It can then never come
    near zero.
    """
    return right.bce_with_logits(_sigmoid(z), y)


@mistake("squared-error")
def _(z, y):
    """This is the squared error of the probabilities, which hardly charges a confident error. The loss is the
    negative log-likelihood.
    """
    return np.mean((_sigmoid(z) - y) ** 2)


@mistake("log-of-sigmoid")
def _(z, y):
    """Beyond a logit of 36.7 the sigmoid is exactly 1, log(1 - p) is -inf, and 0·(-inf) is nan. The logarithm of
    a sigmoid can be computed without forming the sigmoid.
    """
    return _naive(_sigmoid(z), y)


@mistake("sigmoid-then-nll")
def _(z, y):
    """Beyond a logit of 36.7 the sigmoid is exactly 1, and a wrong label costs log 0. The true loss is about |z|:
    never form the sigmoid.
    """
    return right.bernoulli_nll(_sigmoid(z), y)


@mistake("softplus-overflow")
def _(z, y):
    """exp(z) overflows float64 beyond 709.78, though log(1 + exp(z)) is just z there. Which exponent is never
    positive?
    """
    z = np.asarray(z, dtype=np.float64)
    return np.mean(np.log(1 + np.exp(z)) - z * y)


@mistake("overflow-below-zero")
def _(z, y):
    """exp(-z) overflows float64 where z is below -709.78, though log(1 + exp(-z)) is just -z there. Which
    exponent is never positive?
    """
    z = np.asarray(z, dtype=np.float64)
    return np.mean(z * (1 - y) + np.log(1 + np.exp(-z)))


@mistake("margin-overflow")
def _(z, y):
    """exp(-m) overflows float64 where the margin m of a wrong label is below -709.78, though log(1 + exp(-m)) is
    just -m there. Which exponent is never positive?
    """
    return np.mean(np.log(1 + np.exp((1 - 2 * np.asarray(y, dtype=np.float64)) * z)))


@mistake("absolute-value-forgotten")
def _(z, y):
    """max(z, 0) goes with exp(-|z|); with exp(-z) a negative logit is charged twice."""
    z = np.asarray(z, dtype=np.float64)
    return np.mean(np.maximum(z, 0) - z * y + np.logaddexp(0, -z))


@mistake("maximum-forgotten")
def _(z, y):
    """log(1 + exp(-|z|)) is only what is left of log(1 + exp(z)) once max(z, 0) has been taken out:
    add it.
    """
    z = np.asarray(z, dtype=np.float64)
    return np.mean(np.log1p(np.exp(-np.abs(z))) - z * y)


@mistake("logits-clipped")
def _(z, y):
    """The logits are clipped at ±500, which caps the loss at 500 nats. Nothing has to be clipped: the loss of a
    wrong label is about |z|.
    """
    return right.bce_with_logits(np.clip(z, -500, 500), y)


def _clipped(places, z, y):
    return _naive(np.clip(_sigmoid(z), 10.0**-places, 1 - 10.0**-places), y)


def _padded(places, z, y):
    p, eps = _sigmoid(z), 10.0**-places
    return -np.mean(y * np.log(p + eps) + (1 - y) * np.log(1 - p + eps))


mistake += [
    Misconception(
        f"clipped-at-1e-{places}",
        partial(_clipped, places),
        "The sigmoid is clipped away from 0 and 1, which caps the loss: beyond that every wrong label costs the "
        "same, and has no gradient. The true loss grows like |z| and can be computed without the sigmoid.",
    )
    for places in ENDS
]
mistake += [
    Misconception(
        f"added-1e-{places}-in-log",
        partial(_padded, places),
        "A small constant is added inside the logarithm, which caps the loss and bends it on the way. The true "
        "loss grows like |z| and can be computed without the sigmoid.",
    )
    for places in ADDED
]


@mistake("float32-inside")
def _(z, y):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    z, y = np.asarray(z, dtype=np.float32), np.asarray(y, dtype=np.float32)
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


@mistake("input-mutated")
def _(z, y):
    """`z *= …` writes into the caller's array. Make a new one: `z = z * …`."""
    z *= (1 - 2 * y).astype(z.dtype)
    return np.mean(np.logaddexp(0, np.asarray(z, dtype=np.float64)))


def _textbook(z, y):
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def _margins(z, y):
    return np.mean(np.log(1 + np.exp(-z)) + (1 - y) * z)


exercise = Exercise(
    name="bce_with_logits",
    topic="bernoulli",
    reference=right.bce_with_logits,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(
        _textbook,
        _margins,
    ),
    checks=(
        Check(
            "matches the mean of -log p(label) on ordinary logits",
            example=Call((np.array([2.0, -1.0, 0.0]), np.array([1, 1, 0]))),
            inputs=ordinary_logits,
            weight=1.25,
            hint="The probability of label 1 is sigmoid(z), that of label 0 is sigmoid(-z).",
        ),
        Check(
            "stays exact where the sigmoid rounds to 1",
            example=Call((np.array([40.0, -40.0, 50.0]), np.array([0, 1, 1]))),
            inputs=_confident,
            weight=0.75,
            hint="Beyond a logit of 36.7 the sigmoid is exactly 1, but the loss of a wrong label is |z|.",
        ),
        Check(
            "stays finite and exact for logits up to 1e4 of either sign",
            example=Call((np.array([1000.0, -1000.0, 0.5]), np.array([0, 1, 1]))),
            inputs=large_logits,
            weight=0.75,
            hint="exp overflows float64 beyond 709.78. Let no exponent be positive.",
        ),
        Check(
            "works for one example and for labels all alike",
            example=Call((np.array([0.0]), np.array([1]))),
            inputs=few(_some),
            weight=0.25,
        ),
        takes_any_layout(Call((np.array([2, -1, 0]), np.array([1, 1, 0], dtype=np.int32))), _integers),
        leaves_arguments_unchanged(Call((np.array([2.0, -1.0, 0.0]), np.array([1, 1, 0]))), ordinary_logits),
    ),
)
