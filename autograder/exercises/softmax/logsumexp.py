"""logsumexp(z, axis=-1): log Σ exp(z) without overflow."""

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
    leaves_arguments_unchanged,
    takes_any_layout,
)
from autograder.solutions import softmax as right

mistake = Misconceptions()


def _minus_inf(rng):
    one_slice = rng.normal(0, 3, (3, 4))
    one_slice[1] = -np.inf
    single = rng.normal(0, 3, (2, 5))
    single[0, 2] = -np.inf
    yield Call((one_slice,))
    yield Call((single,))
    yield Call((np.full((2, 3), -np.inf),))


@mistake("no-max-shift")
def _(z, axis=-1):
    """Exp overflows float64 beyond 709.78 and underflows to 0 below -745, whatever the log would have made
    of it. Shift the logits before exp and undo the shift after the log.
    """
    return np.log(np.sum(np.exp(z), axis=axis))


@mistake("global-max-shift")
def _(z, axis=-1):
    """One shift for the whole array: a slice far below the global maximum underflows to log 0. Each slice
    needs its own maximum.
    """
    top = np.max(z)
    return np.log(np.sum(np.exp(z - top), axis=axis)) + top


@mistake("shift-when-positive")
def _(z, axis=-1):
    """The logits are shifted only where they are large and positive. Far below zero every exponential underflows
    to 0: the maximum of a slice has to go whatever its sign.
    """
    top = np.maximum(np.max(z, axis=axis, keepdims=True), 0)
    return np.log(np.sum(np.exp(z - top), axis=axis)) + np.squeeze(top, axis)


@mistake("shift-not-undone")
def _(z, axis=-1):
    """The maximum is subtracted but never added back: this is logsumexp(z) - max(z)."""
    return right.logsumexp(z, axis) - np.max(z, axis=axis)


@mistake("log-forgotten")
def _(z, axis=-1):
    """This is the sum of exponentials; the logarithm is missing."""
    return np.sum(np.exp(z), axis=axis)


@mistake("mean-for-sum", slip=True)
def _(z, axis=-1):
    """This is the log of the *mean* of the exponentials: it lies log n too low."""
    return right.logsumexp(z, axis) - np.log(np.shape(z)[axis])


@mistake("maximum-only")
def _(z, axis=-1):
    """This is the maximum. logsumexp lies above it, by up to log n: every entry contributes."""
    return np.max(z, axis=axis)


@mistake("base-2", slip=True)
def _(z, axis=-1):
    """The logarithm has base 2; this course counts in nats, the natural logarithm."""
    return right.logsumexp(z, axis) / np.log(2)


@mistake("last-axis-always")
def _(z, axis=-1):
    """The argument `axis` is ignored: the sum always runs over the last axis."""
    return right.logsumexp(z, -1)


@mistake("first-axis-always")
def _(z, axis=-1):
    """The sum always runs over axis 0; it belongs to `axis`, by default the last."""
    return right.logsumexp(z, 0)


@mistake("sums-everything")
def _(z, axis=-1):
    """The sum runs over the whole array; it belongs to one axis, a result per slice."""
    return right.logsumexp(np.ravel(z))


@mistake("axis-kept", slip=True)
def _(z, axis=-1):
    """The summed axis is still there with length 1; the result should lack it."""
    return np.expand_dims(right.logsumexp(z, axis), axis)


@mistake("minus-inf-gives-nan")
def _(z, axis=-1):
    """A slice of -inf has the maximum -inf, and -inf - (-inf) is nan. What should be subtracted there?"""
    top = np.max(z, axis=axis, keepdims=True)
    return np.log(np.sum(np.exp(z - top), axis=axis)) + np.squeeze(top, axis)


@mistake("clipped")
def _(z, axis=-1):
    """Clipping the logits keeps exp finite but changes the answer; a shift does not."""
    return np.log(np.sum(np.exp(np.clip(z, -700, 700)), axis=axis))


@mistake("input-mutated")
def _(z, axis=-1):
    """`z -= …` writes into the caller's array. Make a new one: `z = z - …`."""
    top = np.max(z, axis=axis, keepdims=True)
    result = right.logsumexp(z, axis)
    z -= np.where(np.isfinite(top), top, 0).astype(z.dtype)
    return result


@mistake("float32-inside")
def _(z, axis=-1):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    return right.logsumexp(np.asarray(z, np.float32), axis).astype(np.float32)


def _textbook(z, axis=-1):
    return np.log(np.sum(np.exp(z), axis=axis))


exercise = Exercise(
    name="logsumexp",
    topic="softmax",
    reference=right.logsumexp,
    tolerance=log_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook,),
    sweep=Sweep(beside_zero, LOGITS, "z in logsumexp([z, 0])"),
    checks=(
        Check(
            "matches log Σ exp(z) on ordinary logits",
            example=Call((np.array([[2.0, 1.0, 0.1], [0.0, 0.0, 0.0]]),)),
            inputs=ordinary,
            hint="For two equal logits z the result is z + log 2.",
        ),
        Check(
            "stays finite for large logits",
            example=Call((np.array([[1000.0, 1001.0], [0.0, 1.0]]),)),
            inputs=large,
            weight=0.5,
            hint="exp overflows float64 beyond 709.78. Each slice can be shifted before exp and put right after.",
        ),
        Check(
            "sums along the axis it is given",
            example=Call((np.array([[0.0, 1.0, 4.0], [2.0, 5.0, 1.0]]),), {"axis": 0}),
            inputs=any_axis,
            weight=0.5,
            hint="Which axis does the sum run over, and which one does the maximum?",
        ),
        Check(
            "gives -inf for a slice of -inf, and ignores single ones",
            example=Call((np.array([-np.inf, -np.inf]),)),
            inputs=_minus_inf,
            weight=0.5,
            hint="exp(-inf) is 0, and log 0 is -inf: no special value is needed, but -inf - (-inf) is nan.",
        ),
        takes_any_layout(Call((np.array([[1, 2], [3, 5]]),)), layouts, weight=0.25),
        leaves_arguments_unchanged(Call((np.array([2.0, 1.0, 0.1]),)), ordinary, weight=0.25),
    ),
)
