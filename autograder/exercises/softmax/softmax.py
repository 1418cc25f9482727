"""softmax(z, axis=-1, temperature=1.0): logits to probabilities, stably."""

import numpy as np

from autograder.exercises.softmax._draws import LOGITS, any_axis, beside_zero, large, layouts, ordinary
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    Sweep,
    leaves_arguments_unchanged,
    takes_any_layout,
    tolerance_for,
)
from autograder.solutions import softmax as right

mistake = Misconceptions()


def _tolerance(call, single):
    """Exponentials, a sum of positive terms and a quotient keep the digits of every probability, however small it
    is; rounding z / T costs it eps·|z / T| of its own size.
    """
    z = np.abs(np.asarray(call.args[0], dtype=np.float64))
    return tolerance_for(0.0, single=single, conditioned=float(z.max() / call.kwargs.get("temperature", 1.0)))


def _large(rng):
    """Large logits, and two calls whose quotients by T are larger still. These give the same at every temperature,
    so that they tell nothing of one that is ignored.
    """
    yield from large(rng)
    yield Call((np.outer([1, -1, 1], rng.uniform(5e3, 1e4) * np.ones(4)),), {"temperature": 0.02})
    yield Call((rng.uniform(720, 800, (2, 3)) * [1, -1, -1],), {"temperature": 0.5})


def _temperatures(rng):
    """In the last call softmax has zeros that the temperature brings back, though no exponential overflows."""
    for temperature in (0.5, 2.0, 10.0, 0.05):
        yield Call((rng.uniform(-1, 1, (3, 4)),), {"temperature": temperature})
    yield Call((rng.uniform(-3, 3, (2, 3, 4)),), {"temperature": float(rng.uniform(1.5, 4))})
    yield Call((rng.uniform(600, 690, (2, 4)) * [1, -1, -1, 1],), {"temperature": float(rng.uniform(200, 400))})


def _lists_and_layouts(rng):
    yield Call((rng.normal(0, 2, (2, 3)).tolist(),))
    yield Call((rng.integers(-4, 5, 4).tolist(),))
    yield from layouts(rng)


@mistake("no-max-shift")
def _(z, axis=-1, temperature=1.0):
    """exp(z) overflows float64 beyond 709.78, and inf / inf is nan; far below zero everything underflows,
    and 0 / 0 is nan too. Shift each slice before exp: softmax doesn't change, and the largest exponent is 0.
    """
    weights = np.exp(np.asarray(z) / temperature)
    return weights / np.sum(weights, axis=axis, keepdims=True)


@mistake("global-max-shift")
def _(z, axis=-1, temperature=1.0):
    """One shift for the whole array: a slice far below the global maximum underflows, and 0 / 0 is nan.
    Each slice needs its own maximum.
    """
    weights = np.exp((np.asarray(z) - np.max(z)) / temperature)
    return weights / np.sum(weights, axis=axis, keepdims=True)


@mistake("shift-when-positive")
def _(z, axis=-1, temperature=1.0):
    """The logits are shifted only where they are large and positive. Far below zero every exponential underflows,
    and 0 / 0 is nan: the maximum of a slice has to go whatever its sign.
    """
    logits = np.asarray(z, dtype=float) / temperature
    weights = np.exp(logits - np.maximum(np.max(logits, axis=axis, keepdims=True), 0))
    return weights / np.sum(weights, axis=axis, keepdims=True)


@mistake("shift-before-temperature")
def _(z, axis=-1, temperature=1.0):
    """The maximum that is subtracted is that of z, and the exponents are z / T: at T other than 1 they are not
    shifted to 0. Divide first, then look for the maximum.
    """
    logits = np.asarray(z, dtype=float)
    weights = np.exp(logits / temperature - np.max(logits, axis=axis, keepdims=True))
    return weights / np.sum(weights, axis=axis, keepdims=True)


@mistake("power-of-probabilities")
def _(z, axis=-1, temperature=1.0):
    """The power 1/T of p is right on paper; but what has underflowed to 0 at T = 1 stays 0 at every
    temperature. Divide the logits before exp.
    """
    powers = right.softmax(z, axis) ** (1 / temperature)
    return powers / np.sum(powers, axis=axis, keepdims=True)


@mistake("exponent-clipped")
def _(z, axis=-1, temperature=1.0):
    """The shifted logits are cut off at -50: no probability can fall below 2e-22. Exponents at or below zero need
    no guard.
    """
    logits = np.asarray(z, dtype=float) / temperature
    weights = np.exp(np.maximum(logits - np.max(logits, axis=axis, keepdims=True), -50))
    return weights / np.sum(weights, axis=axis, keepdims=True)


@mistake("divided-by-maximum")
def _(z, axis=-1, temperature=1.0):
    """The logits are divided by their maximum. Softmax is unchanged by a shift, not by a scale."""
    logits = np.asarray(z, dtype=float)
    return right.softmax(logits / np.max(logits, axis=axis, keepdims=True), axis, temperature)


@mistake("last-axis-always")
def _(z, axis=-1, temperature=1.0):
    """The argument `axis` is ignored: the probabilities always sum to one along the last axis."""
    return right.softmax(z, -1, temperature)


@mistake("first-axis-always")
def _(z, axis=-1, temperature=1.0):
    """The probabilities sum to one along axis 0; they should along `axis`, by default the last."""
    return right.softmax(z, 0, temperature)


@mistake("normalised-over-everything")
def _(z, axis=-1, temperature=1.0):
    """The whole array sums to one; each slice along `axis` should."""
    return right.softmax(np.ravel(z), -1, temperature).reshape(np.shape(z))


@mistake("keepdims-lost")
def _(z, axis=-1, temperature=1.0):
    """The sum (or the maximum) loses its axis, so that it can't be matched with the rows it came from. Keep
    the axis with length 1.
    """
    weights = np.exp((np.asarray(z) - np.max(z, axis=axis, keepdims=True)) / temperature)
    return weights / np.sum(weights, axis=axis)


@mistake("not-normalised")
def _(z, axis=-1, temperature=1.0):
    """The exponentials are never divided by their sum: the result doesn't sum to one."""
    return np.exp((np.asarray(z) - np.max(z, axis=axis, keepdims=True)) / temperature)


@mistake("exp-forgotten")
def _(z, axis=-1, temperature=1.0):
    """The logits are divided by their own sum; exp is missing, so a negative logit gives a negative number."""
    logits = np.asarray(z) / temperature
    return logits / np.sum(logits, axis=axis, keepdims=True)


@mistake("softmax-twice")
def _(z, axis=-1, temperature=1.0):
    """Softmax of softmax: the second one takes probabilities for logits and flattens them."""
    return right.softmax(right.softmax(z, axis, temperature), axis)


@mistake("log-probabilities")
def _(z, axis=-1, temperature=1.0):
    """These are log-probabilities; probabilities are asked for."""
    return right.log_softmax(np.asarray(z) / temperature, axis)


@mistake("base-2", slip=True)
def _(z, axis=-1, temperature=1.0):
    """The exponential has base 2; softmax uses e."""
    return right.softmax(np.asarray(z) * np.log(2), axis, temperature)


@mistake("sign-flipped", slip=True)
def _(z, axis=-1, temperature=1.0):
    """The largest logit gets the smallest probability: a sign is flipped."""
    return right.softmax(-np.asarray(z), axis, temperature)


@mistake("temperature-ignored")
def _(z, axis=-1, temperature=1.0):
    """The argument `temperature` has no effect. What happens to the logits before exp?"""
    return right.softmax(z, axis)


@mistake("temperature-inverted", slip=True)
def _(z, axis=-1, temperature=1.0):
    """The logits are multiplied by the temperature: hotter becomes sharper. It should flatten."""
    return right.softmax(z, axis, 1 / temperature)


@mistake("temperature-after-exp")
def _(z, axis=-1, temperature=1.0):
    """The temperature is divided out after exp, where it only rescales the result. It acts on the logits."""
    return right.softmax(z, axis) / temperature


@mistake("epsilon-in-denominator")
def _(z, axis=-1, temperature=1.0):
    """A small constant is added to the denominator, so nothing sums to one any more. After the shift the
    denominator is at least 1: there is nothing to guard against.
    """
    weights = np.exp((np.asarray(z) - np.max(z, axis=axis, keepdims=True)) / temperature)
    return weights / (np.sum(weights, axis=axis, keepdims=True) + 1e-8)


@mistake("rounded")
def _(z, axis=-1, temperature=1.0):
    """The probabilities are rounded to four digits. Print rounded, return exact."""
    return np.round(right.softmax(z, axis, temperature), 4)


@mistake("integer-output")
def _(z, axis=-1, temperature=1.0):
    """The result is stored in an array of the input's own dtype: for integer logits every probability is
    cut to 0 or 1.
    """
    result = np.array(z)
    result[...] = right.softmax(z, axis, temperature)
    return result


@mistake("input-mutated")
def _(z, axis=-1, temperature=1.0):
    """`z -= …` (or `z /= …`) writes into the caller's array. Make a new one: `z = z - …`."""
    result = right.softmax(z, axis, temperature)
    z -= np.max(z, axis=axis, keepdims=True)
    return result


@mistake("float32-inside")
def _(z, axis=-1, temperature=1.0):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    return right.softmax(np.asarray(z, np.float32), axis, temperature).astype(np.float32)


def _textbook(z, axis=-1, temperature=1.0):
    weights = np.exp(np.asarray(z) / temperature)
    return weights / np.sum(weights, axis=axis, keepdims=True)


exercise = Exercise(
    name="softmax",
    topic="softmax",
    reference=right.softmax,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook,),
    sweep=Sweep(beside_zero, LOGITS, "z in softmax([z, 0])[0]", lambda p: p[0]),
    checks=(
        Check(
            "matches the definition on ordinary logits",
            example=Call((np.array([[2.0, 1.0, 0.1], [0.0, 0.0, 0.0]]),)),
            inputs=ordinary,
            hint="The result is positive and sums to one along the axis; exp(z) alone does not.",
        ),
        Check(
            "stays finite for large logits",
            example=Call((np.array([[1000.0, 1001.0], [0.0, 1.0]]),)),
            inputs=_large,
            hint="exp overflows float64 beyond 709.78. Softmax doesn't change when a slice is shifted.",
        ),
        Check(
            "normalises along the axis it is given",
            example=Call((np.array([[0.0, 1.0, 4.0], [2.0, 5.0, 1.0]]),), {"axis": 0}),
            inputs=any_axis,
            weight=0.5,
            hint="Along `axis` the result sums to one. Which axis do the sum and the maximum run over?",
        ),
        Check(
            "divides the logits by the temperature",
            example=Call((np.array([2.0, 1.0, 0.1]),), {"temperature": 2.0}),
            inputs=_temperatures,
            weight=0.5,
            hint="softmax(z, temperature=T) is softmax(z / T).",
        ),
        takes_any_layout(Call(([[1, 2], [3, 5]],)), _lists_and_layouts, kinds="lists, integers, float32"),
        leaves_arguments_unchanged(Call((np.array([2.0, 1.0, 0.1]),)), ordinary),
    ),
)
