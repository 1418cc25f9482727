"""bce_grad(z, y): the gradient of the mean loss with respect to the logits."""

import numpy as np

from autograder.exercises.bernoulli._draws import few, large_logits, layouts, ordinary_logits
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    leaves_arguments_unchanged,
    takes_any_layout,
    tolerance_for,
)
from autograder.solutions import bernoulli as right

mistake = Misconceptions()


def _tolerance(call, single):
    """The largest intermediate is a probability, at most 1, from which the label is subtracted. Where it is
    written as exp(-log(1 + exp(-z))), rounding the exponent costs eps·|z|·exp(-|z|): less than eps again.
    """
    return tolerance_for(1.0, single=single)


def _some(rng, n):
    return rng.uniform(-8, 8, n)


def _integers(rng):
    yield Call((rng.integers(-6, 7, 5), np.array([1, 0, 0, 1, 1], dtype=np.int8)))
    yield Call((rng.integers(-6, 7, 4).astype(np.int32), np.array([0, 1, 0, 1])))
    yield from layouts(_some)(rng)


def _sigmoid(z):
    return 1 / (1 + np.exp(-np.asarray(z, dtype=np.float64)))


@mistake("missing-1-over-n", slip=True)
def _(z, y):
    """This is the gradient of the *sum* of the losses. The loss is their mean: the batch size is missing."""
    return right.bce_grad(z, y) * len(y)


@mistake("sign-flipped", slip=True)
def _(z, y):
    """The sign is flipped: a step against this gradient makes the loss larger."""
    return -right.bce_grad(z, y)


@mistake("label-missing")
def _(z, y):
    """These are the probabilities over n; the labels have no part in it. What is the gradient of a perfect
    prediction?
    """
    return _sigmoid(z) / len(y)


@mistake("labels-swapped")
def _(z, y):
    """The gradient vanishes where the prediction is wrong: the probability of label 1 is held against 1 - y."""
    return right.bce_grad(z, 1 - y)


@mistake("zeros-ignored")
def _(z, y):
    """Examples with label 0 have no gradient here, but lowering their logits lowers the loss as well."""
    return right.bce_grad(z, y) * y


@mistake("sigmoid-forgotten")
def _(z, y):
    """The labels are subtracted from the logits themselves. That is the gradient of a squared error in linear
    regression.
    """
    return (z - y) / len(y)


@mistake("sigmoid-twice")
def _(z, y):
    """The sigmoid is applied to its own output: the gradient is that of another loss."""
    return right.bce_grad(_sigmoid(z), y)


@mistake("extra-sigmoid-derivative")
def _(z, y):
    """A factor p(1 - p) too many: the derivative of the sigmoid cancels against that of the logarithm."""
    p = _sigmoid(z)
    return right.bce_grad(z, y) * p * (1 - p)


@mistake("squared-error")
def _(z, y):
    """This is the gradient of the squared error (p - y)², not of the log-loss: it vanishes for a confident
    error.
    """
    p = _sigmoid(z)
    return right.bce_grad(z, y) * 2 * p * (1 - p)


@mistake("factor-two", slip=True)
def _(z, y):
    """Twice too large: there is no square in this loss that could bring down a 2."""
    return 2 * right.bce_grad(z, y)


@mistake("with-respect-to-p")
def _(z, y):
    """This is the derivative with respect to the probability. The logit is asked for: one more factor of the
    chain rule.
    """
    p = _sigmoid(z)
    return (p - y) / (p * (1 - p)) / len(y)


@mistake("hard-predictions")
def _(z, y):
    """The logits are cut to predictions 0 and 1, so that whatever is classified right has no gradient. Use the
    probabilities.
    """
    return ((np.asarray(z) > 0) - y.astype(np.float64)) / len(y)


@mistake("averaged-over-batch")
def _(z, y):
    """One number for the whole batch; every logit has its own entry in the gradient."""
    return np.sum(right.bce_grad(z, y))


@mistake("exp-overflow")
def _(z, y):
    """exp(z) overflows float64 beyond 709.78, and inf / inf is nan. Write the sigmoid so that a large logit
    makes the exponential small.
    """
    weights = np.exp(np.asarray(z, dtype=np.float64))
    return (weights / (1 + weights) - y) / len(y)


@mistake("nan-to-num")
def _(z, y):
    """`nan_to_num` makes 0 of inf / inf, but the sigmoid of a large logit is 1. Avoid the nan instead of mending
    it.
    """
    weights = np.exp(np.asarray(z, dtype=np.float64))
    return (np.nan_to_num(weights / (1 + weights)) - y) / len(y)


@mistake("rounded")
def _(z, y):
    """The gradient is rounded to four digits. Print rounded, return exact."""
    return np.round(right.bce_grad(z, y), 4)


@mistake("integer-output")
def _(z, y):
    """The result is stored in an array of the logits' own dtype: integer logits cut every entry to 0 or ±1."""
    result = np.zeros_like(z)
    result[...] = right.bce_grad(z, y)
    return result


@mistake("float32-inside")
def _(z, y):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    return right.bce_grad(np.asarray(z, dtype=np.float32), y).astype(np.float32)


@mistake("input-mutated")
def _(z, y):
    """`z *= …` (or `z -= …`) writes into the caller's array. Make a new one: `z = -z`."""
    z *= -1
    return (1 / (1 + np.exp(np.asarray(z, dtype=np.float64))) - y) / len(y)


def _textbook(z, y):
    return (1 / (1 + np.exp(-z)) - y) / len(y)


exercise = Exercise(
    name="bce_grad",
    topic="bernoulli",
    reference=right.bce_grad,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook,),
    checks=(
        Check(
            "matches (sigmoid - label) / n on ordinary logits",
            example=Call((np.array([2.0, -1.0, 0.0]), np.array([1, 1, 0]))),
            inputs=ordinary_logits,
            weight=1.5,
            hint="Hold it against central differences of bce_with_logits.",
        ),
        Check(
            "stays finite for logits up to 1e4 of either sign",
            example=Call((np.array([1000.0, -1000.0, 0.5]), np.array([0, 1, 1]))),
            inputs=large_logits,
            hint="exp overflows float64 beyond 709.78, and inf / inf is nan. The sigmoid itself is 0 or 1 there.",
        ),
        Check(
            "returns an entry for each example, be there only one",
            example=Call((np.array([0.0]), np.array([1]))),
            inputs=few(_some),
            weight=0.5,
        ),
        takes_any_layout(Call((np.array([2, -1, 0]), np.array([1, 1, 0], dtype=np.int32))), _integers),
        leaves_arguments_unchanged(Call((np.array([2.0, -1.0, 0.0]), np.array([1, 1, 0]))), ordinary_logits),
    ),
)
