"""log_softmax(z, axis=-1): log-probabilities that never become -inf."""

import numpy as np

from autograder.exercises.softmax._draws import (
    LOGITS,
    any_axis,
    beside_zero,
    large,
    layouts,
    log_tolerance,
    ordinary,
)
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    Sweep,
    Use,
    leaves_arguments_unchanged,
    takes_any_layout,
)
from autograder.solutions import softmax as right

mistake = Misconceptions()


@mistake("log-of-softmax")
def _(z, axis=-1):
    """Softmax underflows to 0 for a logit 746 below the maximum, and log 0 is -inf. Cancel log against exp on
    paper first: what is log(exp(z) / Σ)?
    """
    return np.log(right.softmax(z, axis))


@mistake("no-max-shift")
def _(z, axis=-1):
    """Exp overflows float64 beyond 709.78 and underflows to 0 below -745. Shift each slice by its maximum
    before exp.
    """
    return z - np.log(np.sum(np.exp(z), axis=axis, keepdims=True))


@mistake("global-max-shift")
def _(z, axis=-1):
    """One shift for the whole array: a slice far below the global maximum underflows to log 0. Each slice
    needs its own maximum.
    """
    shifted = z - np.max(z)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


@mistake("shift-when-positive")
def _(z, axis=-1):
    """The logits are shifted only where they are large and positive. Far below zero every exponential underflows
    to 0: the maximum of a slice has to go whatever its sign.
    """
    shifted = z - np.maximum(np.max(z, axis=axis, keepdims=True), 0)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


@mistake("epsilon-in-log")
def _(z, axis=-1):
    """log(p + 1e-12) bends every small probability and can't tell 1e-20 from 0. The log-probability can be
    had without ever forming p.
    """
    return np.log(right.softmax(z, axis) + 1e-12)


@mistake("log-forgotten")
def _(z, axis=-1):
    """These are probabilities; their logarithms are asked for."""
    return right.softmax(z, axis)


@mistake("sum-without-log")
def _(z, axis=-1):
    """The sum of exponentials is subtracted itself; its logarithm should be."""
    shifted = z - np.max(z, axis=axis, keepdims=True)
    return shifted - np.sum(np.exp(shifted), axis=axis, keepdims=True)


@mistake("sign-flipped", slip=True)
def _(z, axis=-1):
    """Log-probabilities are never positive: a sign is flipped."""
    return -right.log_softmax(z, axis)


@mistake("base-2", slip=True)
def _(z, axis=-1):
    """The logarithm has base 2; this course counts in nats, the natural logarithm."""
    return right.log_softmax(z, axis) / np.log(2)


@mistake("keepdims-lost")
def _(z, axis=-1):
    """The log-sum loses its axis, so that it can't be matched with the rows it came from. Keep the axis with
    length 1.
    """
    return z - right.logsumexp(z, axis)


@mistake("last-axis-always")
def _(z, axis=-1):
    """The argument `axis` is ignored: the probabilities always sum to one along the last axis."""
    return right.log_softmax(z, -1)


@mistake("first-axis-always")
def _(z, axis=-1):
    """The probabilities sum to one along axis 0; they should along `axis`, by default the last."""
    return right.log_softmax(z, 0)


@mistake("normalised-over-everything")
def _(z, axis=-1):
    """The probabilities of the whole array sum to one; those of each slice along `axis` should."""
    return z - right.logsumexp(np.ravel(z))


@mistake("input-mutated")
def _(z, axis=-1):
    """`z -= …` writes into the caller's array. Make a new one: `z = z - …`."""
    result = right.log_softmax(z, axis)
    z -= np.max(z, axis=axis, keepdims=True)
    return result


@mistake("float32-inside")
def _(z, axis=-1):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    return right.log_softmax(np.asarray(z, np.float32), axis).astype(np.float32)


def _stable(z, axis=-1):
    return np.log(right.softmax(z, axis))


def _textbook(z, axis=-1):
    weights = np.exp(z)
    return np.log(weights / np.sum(weights, axis=axis, keepdims=True))


def _by_logsumexp(z, axis=-1):
    top = np.max(z, axis=axis, keepdims=True)
    return z - (top + np.log(np.sum(np.exp(z - top), axis=axis, keepdims=True)))


def _on_logsumexp(logsumexp):
    return lambda z, axis=-1: z - np.expand_dims(logsumexp(z, axis=axis), axis)


exercise = Exercise(
    name="log_softmax",
    topic="softmax",
    reference=right.log_softmax,
    tolerance=log_tolerance,
    misconceptions=tuple(mistake),
    uses=(Use("logsumexp", _on_logsumexp),),
    textbook=(_stable, _textbook, _by_logsumexp),
    sweep=Sweep(beside_zero, LOGITS, "z in log_softmax([z, 0])[0]", lambda p: p[0]),
    checks=(
        Check(
            "matches z - logsumexp(z) on ordinary logits",
            example=Call((np.array([[2.0, 1.0, 0.1], [0.0, 0.0, 0.0]]),)),
            inputs=ordinary,
            hint="exp of the result sums to one along the axis. What is subtracted from every logit?",
        ),
        Check(
            "stays finite where the probability underflows",
            example=Call((np.array([0.0, 1000.0]),)),
            inputs=large,
            hint="The log-probability of a logit far below the maximum is large and negative, never -inf.",
        ),
        Check(
            "normalises along the axis it is given",
            example=Call((np.array([[0.0, 1.0, 4.0], [2.0, 5.0, 1.0]]),), {"axis": 0}),
            inputs=any_axis,
            weight=0.5,
            hint="Along `axis` the probabilities sum to one. Which axis do the sum and the maximum run over?",
        ),
        takes_any_layout(Call((np.array([[1, 2], [3, 5]]),)), layouts, weight=0.25),
        leaves_arguments_unchanged(Call((np.array([2.0, 1.0, 0.1]),)), ordinary, weight=0.25),
    ),
)
