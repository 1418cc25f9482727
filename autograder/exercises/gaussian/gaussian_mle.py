"""gaussian_mle(x): the mean and the standard deviation under which data are most likely."""

from functools import partial

import numpy as np

from autograder.exercises._layouts import odd_layouts
from autograder.exercises.gaussian._draws import far_in_float32, standardised
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    leaves_arguments_unchanged,
    takes_any_layout,
    tolerance_for,
)
from autograder.solutions import gaussian as right

mistake = Misconceptions()


def _tolerance(call, single):
    """A mean is rounded at the size of the data. So, at most, is the root of the mean squared deviation from it:
    squared, an error of the mean is too small to count, and whoever updates both point by point loses that much.
    """
    return tolerance_for(float(np.abs(call.args[0]).max()), single=single)


def _ordinary(rng):
    for n, mean, sigma in ((7, 2.0, 1.5), (12, -3.0, 0.5), (4, 0.5, 4.0)):
        yield Call((rng.normal(mean, sigma, n),))


def _far(rng):
    """Means of 90 to 99 standard deviations, in float64 and in float32."""
    for n, sigma, sign in ((9, 1.0, 1), (30, 0.5, -1)):
        yield Call((sigma * (sign * rng.uniform(90, 99) + standardised(rng, n)),))
    for n, sign in ((5, 1), (12, -1), (40, 1)):
        yield Call((far_in_float32(rng, (n,), sign),))


def _scales(rng):
    for sigma in (1e-8, 1e-4, 1e4, 1e8):
        yield Call((sigma * rng.normal(2, 1, 8),))


def _lengths(rng):
    for n in (2, 3, 1000):
        yield Call((rng.uniform(3, 5) + rng.uniform(1, 2) * standardised(rng, n),))


def _layouts(rng):
    yield Call((rng.integers(-9, 10, 7),))
    yield Call((rng.integers(-9, 10, 6).astype(np.int32),))
    yield Call((rng.normal(1, 2, 6).astype(np.float32),))
    for array in odd_layouts(partial(rng.normal, 2, 3), (6,)):
        yield Call((array,))


@mistake("divided-by-n-minus-1", slip=True)
def _(x):
    """Dividing by n - 1 makes the variance unbiased. Maximum likelihood asks for another thing: set the derivative
    of the log-likelihood to zero and see what you divide by.
    """
    return np.mean(x), np.std(x, ddof=1)


@mistake("variance-for-deviation", slip=True)
def _(x):
    """The second value is the variance; the standard deviation is asked for."""
    return np.mean(x), np.var(x)


@mistake("swapped", slip=True)
def _(x):
    """The pair is the wrong way round: the mean comes first."""
    return np.std(x), np.mean(x)


@mistake("mean-alone")
def _(x):
    """Only the mean comes back; the function returns a pair."""
    return np.mean(x)


@mistake("not-centred")
def _(x):
    """This is the root of the mean square. Deviations are measured from the mean, not from zero."""
    return np.mean(x), np.sqrt(np.mean(np.square(x)))


@mistake("one-pass")
def _(x):
    """The mean of the squares minus the squared mean: right on paper, but far from zero two large numbers are
    subtracted that differ in their last digits alone. Take the deviations first.
    """
    return np.mean(x), np.sqrt(np.mean(x**2) - np.mean(x) ** 2)


@mistake("absolute-deviation")
def _(x):
    """The deviations are averaged by their size; maximum likelihood averages their squares."""
    return np.mean(x), np.mean(np.abs(x - np.mean(x)))


@mistake("median-for-mean")
def _(x):
    """The middle of the data is taken for their mean. The Gaussian is most likely where the mean is."""
    centre = np.median(x)
    return centre, np.sqrt(np.mean((x - centre) ** 2))


@mistake("standard-error")
def _(x):
    """This shrinks with n, as the uncertainty of the mean does. The spread of the data themselves is asked for."""
    return np.mean(x), np.std(x) / np.sqrt(len(x))


@mistake("squares-not-averaged")
def _(x):
    """The squared deviations are added up but not averaged: twice the data would seem more spread out."""
    return np.mean(x), np.sqrt(np.sum((x - np.mean(x)) ** 2))


@mistake("mean-truncated")
def _(x):
    """The mean loses its fraction, as with `//` or int()."""
    mean = np.mean(x) // 1
    return mean, np.sqrt(np.mean((x - mean) ** 2))


@mistake("epsilon-in-variance")
def _(x):
    """A tiny constant is added to the variance: data with a small spread get the constant's spread instead."""
    return np.mean(x), np.sqrt(np.var(x) + 1e-12)


@mistake("integer-deviations")
def _(x):
    """The deviations are stored in an array of the dtype of x: of integers, they lose their fractions."""
    deviations = np.empty_like(x)
    deviations[...] = x - np.mean(x)
    return np.mean(x), np.sqrt(np.mean(deviations**2))


@mistake("input-mutated")
def _(x):
    """`x -= …` writes into the caller's array. Make a new one: `deviations = x - mu`."""
    result = right.gaussian_mle(x)
    x -= np.mean(x)
    return result


@mistake("float32-inside")
def _(x):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    single = np.asarray(x, np.float32)
    return np.mean(single), np.std(single)


def _textbook(x):
    return np.mean(x), np.sqrt(np.mean(x**2) - np.mean(x) ** 2)


exercise = Exercise(
    name="gaussian_mle",
    topic="gaussian",
    reference=right.gaussian_mle,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook,),
    checks=(
        Check(
            "gives the mean and the root of the mean squared deviation",
            example=Call((np.array([-1.0, 0.0, 1.0, 2.0]),)),
            inputs=_ordinary,
            hint="The first value is the mean; the second is a deviation, in the unit of x, not a variance.",
        ),
        Check(
            "keeps its digits at every scale",
            example=Call((np.array([-1e-8, 0.0, 1e-8, 2e-8]),)),
            inputs=_scales,
            weight=0.75,
            hint="In another unit the same data give the same pair, in that unit.",
        ),
        Check(
            "keeps its digits 100 standard deviations from zero",
            example=Call((np.array([99.0, 100.0, 101.0, 102.0]),)),
            inputs=_far,
            weight=0.5,
            hint="First the mean, then the deviations from it, then their squares.",
        ),
        Check(
            "works for two data points and for a thousand",
            example=Call((np.array([1.0, 3.0]),)),
            inputs=_lengths,
            weight=0.25,
        ),
        takes_any_layout(
            Call((np.array([-1, 0, 1, 2]),)),
            _layouts,
        ),
        leaves_arguments_unchanged(Call((np.array([-1.0, 0.0, 1.0, 2.0]),)), _ordinary, weight=0.25),
    ),
)
