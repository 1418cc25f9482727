"""laplace_nll(x, mu, b): the mean negative log-likelihood of data with heavy tails."""

import numpy as np

from autograder.exercises.losses._draws import either_sign
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    layouts_of,
    leaves_arguments_unchanged,
    takes_any_layout,
    tolerance_for,
)
from autograder.solutions import losses as right

mistake = Misconceptions()


def _tolerance(call, single):
    """The largest intermediate of log 2b + |x - mu| / b. The difference loses nothing: both are taken as exact. In
    float32 mu is rounded to the dtype of x first.
    """
    x, mu, b = (np.asarray(value, dtype=np.float64) for value in call.args)
    sizes = [np.abs(x - mu).max() / b, np.abs(np.log(b)), 1.0] + [np.abs(mu) / b] * single
    return tolerance_for(float(max(sizes)), single=single)


def _ordinary(rng):
    """One b above 1 and one below, so that a wrong power of b shows; the data lie mostly on one side of mu."""
    for n, low, high, side in ((8, 1.5, 3, -1.5), (5, 0.3, 0.45, 0.3)):
        mu, b = float(rng.uniform(1, 3)), float(rng.uniform(low, high))
        yield Call((mu + b * (side + either_sign(rng, n, 0.5, 2.5)), mu, b))


def _outliers(rng):
    """Points from 800 b on, where the density underflows, up to a million."""
    for b in (1.0, 0.05):
        distances = either_sign(rng, 7, 0.5, 3)
        distances[:3] = rng.uniform(800, 1200), -rng.uniform(1e4, 2e4), rng.uniform(5e5, 1e6)
        yield Call((2.0 + b * distances, 2.0, b))


def _scales(rng):
    for b in (1e-8, 1e-4, 1e4, 1e8):
        mu = b * float(rng.normal())
        yield Call((mu + b * either_sign(rng, 5, 0.2, 3), mu, b))
    for sign in (1, -1):
        mu = sign * float(rng.uniform(1e4, 2e4))
        yield Call((mu + 0.01 * either_sign(rng, 5, 0.2, 3), mu, 0.01))


def _one(rng):
    for b in (0.4, 3.0):
        yield Call((rng.normal(0, 3, 1), 0.5, b))


def _layouts(rng):
    yield Call((rng.integers(-4, 5, 6), 1, 2))
    yield Call((rng.integers(-4, 5, 5).astype(np.int32), 0.5, 1.5))
    yield Call((rng.normal(0, 2, 5).astype(np.float32), 0.5, 1.5))
    yield from layouts_of(Call((rng.normal(0, 3, 6), 0.5, 1.5)))


def _distances(x, mu, b):
    return np.abs(np.asarray(x, dtype=np.float64) - mu) / b


@mistake("two-missing", slip=True)
def _(x, mu, b):
    """The 2 of the normaliser is missing: with exp(-|x - mu| / b) / b the area under the density is 2."""
    return right.laplace_nll(x, mu, b) - np.log(2)


@mistake("normaliser-missing")
def _(x, mu, b):
    """The normaliser is missing: by this loss the widest distribution would always be the best."""
    return np.mean(_distances(x, mu, b))


@mistake("normaliser-counted-once")
def _(x, mu, b):
    """The normaliser is divided by n, as if one point alone had it. The mean of n equal terms is that term."""
    return np.log(2 * b) / len(x) + np.mean(_distances(x, mu, b))


@mistake("normaliser-without-logarithm")
def _(x, mu, b):
    """The normaliser 2b is added as it is; the logarithm turns the product into a sum of logarithms."""
    return 2 * b + np.mean(_distances(x, mu, b))


@mistake("squared-for-absolute")
def _(x, mu, b):
    """The distances are squared, so that outliers count as in a Gaussian. Which power stands in the exponent?"""
    return np.log(2 * b) + np.mean((np.asarray(x, dtype=np.float64) - mu) ** 2) / b


@mistake("gaussian")
def _(x, mu, b):
    """This is the loss of a Gaussian with standard deviation b: squares and √(2π), where |x - mu| belongs."""
    return np.log(b) + 0.5 * np.log(2 * np.pi) + 0.5 * np.mean(_distances(x, mu, b) ** 2)


@mistake("sign-not-dropped")
def _(x, mu, b):
    """The distances keep their signs, so that points on either side cancel."""
    return np.log(2 * b) + (np.mean(x) - mu) / b


@mistake("mean-before-absolute")
def _(x, mu, b):
    """The deviations are averaged first, and cancel. Each has a distance of its own: average those."""
    return np.log(2 * b) + np.abs(np.mean(x) - mu) / b


@mistake("divided-by-2b", slip=True)
def _(x, mu, b):
    """The distances are divided by 2b. The 2 belongs to the normaliser alone."""
    return np.log(2 * b) + np.mean(_distances(x, mu, b)) / 2


@mistake("distance-not-scaled")
def _(x, mu, b):
    """The distances are not divided by b: in another unit the same data would cost something else."""
    return np.log(2 * b) + np.mean(_distances(x, mu, 1))


@mistake("fitted-median")
def _(x, mu, b):
    """This is the loss at the data's own median; it is asked for at the mu given."""
    return right.laplace_nll(x, np.median(x), b)


@mistake("fitted-scale")
def _(x, mu, b):
    """This is the loss at the data's own mean distance from mu; it is asked for at the b given."""
    return right.laplace_nll(x, mu, np.mean(_distances(x, mu, 1)))


@mistake("median-of-losses")
def _(x, mu, b):
    """This is the median of the losses. The distribution has a median; the loss is still a mean."""
    return np.log(2 * b) + np.median(_distances(x, mu, b))


@mistake("deviation-for-scale")
def _(x, mu, b):
    """The argument b is taken for the standard deviation, which is √2 b. It is the scale itself."""
    return right.laplace_nll(x, mu, b / np.sqrt(2))


@mistake("sum-for-mean", slip=True)
def _(x, mu, b):
    """The losses are added up; their mean is asked for, so that the batch size drops out."""
    return right.laplace_nll(x, mu, b) * len(x)


@mistake("mean-forgotten")
def _(x, mu, b):
    """One loss per data point comes back; their mean, a scalar, is asked for."""
    return np.log(2 * b) + _distances(x, mu, b)


@mistake("sign-flipped", slip=True)
def _(x, mu, b):
    """This is the mean log-likelihood. A loss is its negative: smaller is better."""
    return -right.laplace_nll(x, mu, b)


@mistake("log-of-pdf")
def _(x, mu, b):
    """The density of an outlier underflows to 0, and log 0 is -inf. The log-density can be written down without
    exp.
    """
    return -np.mean(np.log(np.exp(-_distances(x, mu, b)) / (2 * b)))


@mistake("epsilon-in-log")
def _(x, mu, b):
    """A tiny constant inside the logarithm hides the underflow: every outlier costs the same. The log-density can
    be computed without forming the density.
    """
    return -np.mean(np.log(np.exp(-_distances(x, mu, b)) / (2 * b) + 1e-300))


@mistake("outliers-capped")
def _(x, mu, b):
    """Points more than 100 b out all cost the same. The loss grows with the distance, without an end."""
    return np.log(2 * b) + np.mean(np.minimum(_distances(x, mu, b), 100))


@mistake("smoothed-corner")
def _(x, mu, b):
    """The distance is rounded off near 0, as in √(d² + ε). Where data lie that close together it is wrong; a
    corner is no fault.
    """
    return np.log(2 * b) + np.mean(np.sqrt(_distances(x, mu, 1) ** 2 + 1e-12)) / b


@mistake("epsilon-in-scale")
def _(x, mu, b):
    """A tiny constant is added to b. It guards against nothing, as b is positive, and it changes the answer
    where b is small.
    """
    return right.laplace_nll(x, mu, b + 1e-8)


@mistake("integer-distances")
def _(x, mu, b):
    """The distances are stored in an array of the dtype of x: of integers, they lose their fractions."""
    distances = np.empty_like(x)
    distances[...] = _distances(x, mu, b)
    return np.log(2 * b) + np.mean(distances)


@mistake("float32-inside")
def _(x, mu, b):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    return np.float32(right.laplace_nll(np.asarray(x, np.float32), mu, b))


@mistake("input-mutated")
def _(x, mu, b):
    """`x -= mu` writes into the caller's array. Make a new one: `np.abs(x - mu)`."""
    result = right.laplace_nll(x, mu, b)
    x -= mu
    return result


def _textbook(x, mu, b):
    return -np.mean(np.log(np.exp(-np.abs(x - mu) / b) / (2 * b)))


exercise = Exercise(
    name="laplace_nll",
    topic="losses",
    reference=right.laplace_nll,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook,),
    checks=(
        Check(
            "matches the mean of log 2b + |x - mu| / b on ordinary data",
            example=Call((np.array([1.0, 2.5, 3.0]), 2.0, 0.5)),
            inputs=_ordinary,
            weight=1.5,
            hint="Take minus the logarithm of exp(-|x - mu| / b) / 2b: a product becomes two terms.",
        ),
        Check(
            "stays finite and exact for outliers",
            example=Call((np.array([0.0, 1.0, 1000.0]), 0.0, 1.0)),
            inputs=_outliers,
            weight=0.75,
            hint="A point 1000 b out costs about 1000 nats: much, but a number. Its density underflows.",
        ),
        Check(
            "keeps its digits at every scale",
            example=Call((np.array([10000.001, 10000.0, 9999.998]), 1e4, 1e-3)),
            inputs=_scales,
            weight=0.5,
            hint="Tiny or huge b, or a median far from zero: |x - mu| / b is an ordinary number.",
        ),
        Check(
            "works for one data point",
            example=Call((np.array([2.0]), 0.5, 2.0)),
            inputs=_one,
            weight=0.25,
        ),
        takes_any_layout(Call((np.array([-1, 0, 1, 2]), 1, 2)), _layouts),
        leaves_arguments_unchanged(Call((np.array([1.0, 2.5, 3.0]), 2.0, 0.5)), _ordinary),
    ),
)
