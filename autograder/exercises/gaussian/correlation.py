"""correlation(x, y): Pearson's correlation of paired data."""

from functools import partial

import numpy as np

from autograder.exercises._layouts import odd_layouts
from autograder.exercises.gaussian._draws import standardised
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
    """E[xy] - E[x]E[y] rounds the covariance by eps·rms(x) rms(y), and E[x²] - E[x]² each variance by eps·rms²: as
    a share of the deviations, which is what a correlation is measured in, by at most the sum of (rms / sigma)².
    """
    pairs = [np.asarray(value, dtype=np.float64) for value in call.args]
    return tolerance_for(float(sum(np.mean(v**2) / np.var(v) for v in pairs)), single=single)


def _pair(rng, n, slope):
    """Data with about this correlation, and different means and spreads."""
    x, noise = standardised(rng, (n, 2)).T
    return 2 * x + rng.uniform(1, 3), 3 * (slope * x + 0.5 * noise) - rng.uniform(1, 3)


def _ordinary(rng):
    for n, slope in ((8, 0.7), (12, -0.5), (5, 0.3)):
        yield Call(_pair(rng, n, slope))


def _units(rng):
    for one, other in ((1e-8, 1e-8), (1e8, 1e8), (1e-8, 1e8), (1e4, 1e-6)):
        x, y = _pair(rng, 7, -0.4)
        yield Call((one * x, other * y))
    x, y = standardised(rng, (20, 2)).T
    yield Call((x + rng.uniform(90, 99), 0.02 * (0.6 * x + 0.8 * y - rng.uniform(85, 90))))


def _lines(rng):
    for n, slope in ((5, 2.0), (6, -0.5), (2, 3.0), (2, -1.0)):
        x = np.arange(n) + rng.uniform(0.1, 0.9, n)
        yield Call((x, rng.uniform(1, 3) + slope * x))


def _uncorrelated(rng):
    """Each y is a function of x that is symmetric about 0, so the best line is flat."""
    for power in (2, 4):
        half = rng.uniform(0.2, 2, 4)
        x = np.concatenate([half, -half])
        yield Call((x, x**power))
    x = np.concatenate([half, -half])
    yield Call((np.abs(x), x))


def _layouts(rng):
    yield Call((rng.integers(-9, 10, 9), np.arange(9)))
    yield Call(((np.arange(7) ** 2).astype(np.int32), rng.integers(-9, 10, 7).astype(np.int32)))
    yield Call(tuple(value.astype(np.float32) for value in _pair(rng, 6, 0.5)))
    for array in odd_layouts(partial(rng.normal, 2, 3), (6,)):
        yield Call((array, np.linspace(0, 3, 12)[::-2]))
        yield Call((np.linspace(0, 3, 6), array))


def _deviations(x, y):
    return x - np.mean(x), y - np.mean(y)


@mistake("covariance-for-correlation")
def _(x, y):
    """This is the covariance, which changes with the units. Over the right spreads it lies between -1 and 1."""
    return right.covariance_matrix(np.column_stack([x, y]))[0, 1]


@mistake("divided-by-variances")
def _(x, y):
    """The covariance is divided by both variances, and has a unit. Which spreads have the units of x and y?"""
    return right.correlation(x, y) / (np.std(x) * np.std(y))


@mistake("n-and-n-minus-1", slip=True)
def _(x, y):
    """The covariance divides by n - 1 and the deviations by n (np.cov and np.std differ by default). With one
    divisor for both it cancels.
    """
    return right.correlation(x, y) * len(x) / (len(x) - 1)


@mistake("n-minus-1-and-n", slip=True)
def _(x, y):
    """The covariance divides by n and the deviations by n - 1. With one divisor for both it cancels."""
    return right.correlation(x, y) * (len(x) - 1) / len(x)


@mistake("regression-slope")
def _(x, y):
    """This is the slope of the line that predicts y from x. It has a unit, and swapping x and y changes it."""
    return right.correlation(x, y) * np.std(y) / np.std(x)


@mistake("squared", slip=True)
def _(x, y):
    """This is the share of variance explained, R². It is never negative; a correlation can be."""
    return right.correlation(x, y) ** 2


@mistake("absolute-value")
def _(x, y):
    """The sign is lost: where y falls as x grows, the correlation is negative."""
    return np.abs(right.correlation(x, y))


@mistake("sign-flipped", slip=True)
def _(x, y):
    """The sign is flipped: where y grows with x, the correlation is positive."""
    return -right.correlation(x, y)


@mistake("not-centred")
def _(x, y):
    """This is the cosine of the angle between the data themselves. Subtract the means first."""
    return x @ y / np.sqrt((x @ x) * (y @ y))


@mistake("one-mean-for-both")
def _(x, y):
    """The mean of x is subtracted from y as well; each variable has a mean of its own."""
    dx, dy = x - np.mean(x), y - np.mean(x)
    return dx @ dy / np.sqrt((dx @ dx) * (dy @ dy))


@mistake("root-missing")
def _(x, y):
    """The sums of squares are multiplied but no root is taken: the denominator has the units squared."""
    dx, dy = _deviations(x, y)
    return dx @ dy / ((dx @ dx) * (dy @ dy))


@mistake("sum-of-products-undivided")
def _(x, y):
    """The products of the standardised values are added up; a correlation is their mean."""
    return right.correlation(x, y) * len(x)


@mistake("ranks-for-values")
def _(x, y):
    """This correlates ranks, which is Spearman's coefficient; the values themselves are asked for."""
    return right.correlation(np.argsort(np.argsort(x)), np.argsort(np.argsort(y)))


@mistake("matrix-for-number")
def _(x, y):
    """The whole 2 × 2 matrix comes back, with ones on its diagonal; one number of it is asked for."""
    return np.corrcoef(x, y)


@mistake("epsilon-in-denominator")
def _(x, y):
    """A small constant is added to the denominator: where the units are small it takes over. Neither variable is
    constant, so there is nothing to guard against.
    """
    dx, dy = _deviations(x, y)
    return np.mean(dx * dy) / (np.std(x) * np.std(y) + 1e-12)


@mistake("integer-deviations")
def _(x, y):
    """The deviations are stored in arrays of the dtypes of x and y: where these hold integers, they lose their
    fractions.
    """
    dx, dy = np.empty_like(x), np.empty_like(y)
    dx[...], dy[...] = _deviations(x, y)
    return np.sum(dx * dy) / np.sqrt(np.sum(dx**2) * np.sum(dy**2))


@mistake("input-mutated")
def _(x, y):
    """`x -= …` writes into the caller's array. Make a new one: `dx = x - x.mean()`."""
    result = right.correlation(x, y)
    x -= np.mean(x)
    return result


@mistake("float32-inside")
def _(x, y):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    return np.float32(right.correlation(np.asarray(x, np.float32), np.asarray(y, np.float32)))


def _textbook(x, y):
    dx, dy = x - np.mean(x), y - np.mean(y)
    return np.mean(dx * dy) / np.sqrt(np.mean(dx**2) * np.mean(dy**2))


def _from_moments(x, y):
    covariance = np.mean(x * y) - np.mean(x) * np.mean(y)
    return covariance / np.sqrt((np.mean(x**2) - np.mean(x) ** 2) * (np.mean(y**2) - np.mean(y) ** 2))


exercise = Exercise(
    name="correlation",
    topic="gaussian",
    reference=right.correlation,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook, _from_moments),
    checks=(
        Check(
            "matches covariance over both deviations on ordinary data",
            example=Call((np.array([1.0, 2.0, 6.0, 7.0]), np.array([6.0, 3.0, 4.0, 1.0]))),
            inputs=_ordinary,
            hint="Deviations from both means, multiplied and averaged; then divided by both standard deviations.",
        ),
        Check(
            "ignores the units and where zero lies",
            example=Call((np.array([1e-8, 2e-8, 6e-8, 7e-8]), np.array([6e-8, 3e-8, 4e-8, 1e-8]))),
            inputs=_units,
            weight=0.75,
            hint="Metres or micrometres, Celsius or kelvin: the correlation is the same.",
        ),
        Check(
            "gives 1 or -1 for points on a line",
            example=Call((np.array([1.0, 2.0, 3.0, 4.0]), np.array([8.0, 6.0, 4.0, 2.0]))),
            inputs=_lines,
            weight=0.5,
            hint="However steep the line is; falling lines give -1, and any two points lie on one.",
        ),
        Check(
            "gives 0 where y depends on x but no line does",
            example=Call((np.array([-2.0, -1.0, 0.0, 1.0, 2.0]), np.array([4.0, 1.0, 0.0, 1.0, 4.0]))),
            inputs=_uncorrelated,
            weight=0.25,
            hint="Uncorrelated is not independent: a symmetric valley has no slope as a whole.",
        ),
        takes_any_layout(
            Call((np.array([1, 2, 6, 8]), np.array([6, 3, 4, 1]))),
            _layouts,
        ),
        leaves_arguments_unchanged(
            Call((np.array([1.0, 2.0, 6.0, 7.0]), np.array([6.0, 3.0, 4.0, 1.0]))), _ordinary, weight=0.25
        ),
    ),
)
