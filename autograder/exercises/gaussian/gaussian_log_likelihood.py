"""gaussian_log_likelihood(x, mu, sigma): the log-likelihood of independent data."""

from functools import partial

import numpy as np

from autograder.exercises._layouts import odd_layouts
from autograder.exercises.gaussian._draws import either_sign, far_from_zero, log_likelihood_tolerance
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    Use,
    leaves_arguments_unchanged,
    takes_any_layout,
)
from autograder.solutions import gaussian as right

mistake = Misconceptions()


def _ordinary(rng):
    """One sigma above 1 and one below, so that a wrong power of sigma shows."""
    for n, low, high in ((8, 1.5, 3), (5, 0.5, 0.8)):
        mu, sigma = float(rng.uniform(1, 3)), float(rng.uniform(low, high))
        yield Call((mu + sigma * either_sign(rng, n, 0.5, 2.5), mu, sigma))


def _long(rng):
    """The product of the densities is about e^-3600, then about e^6400."""
    for sigma in (1.5, 0.01):
        yield Call((rng.normal(0, sigma, 2000), 0.0, sigma))


def _outliers(rng):
    for sigma in (1.0, 0.05):
        z = rng.normal(0, 1, 6)
        z[:2] = either_sign(rng, 2, 40, 60)
        yield Call((2.0 + sigma * z, 2.0, sigma))
    yield Call((either_sign(rng, 3, 1e2, 1e3), 0.0, 1.0))


def _scales(rng):
    for sigma in (1e-8, 1e-4, 1e4, 1e8):
        mu = sigma * rng.normal()
        yield Call((mu + sigma * rng.normal(0, 1, 5), mu, sigma))
    yield from map(Call, far_from_zero(rng))


def _one(rng):
    for sigma in (0.5, 3.0):
        yield Call((rng.normal(0, 3, 1), 0.5, sigma))


def _layouts(rng):
    yield Call((rng.integers(-4, 5, 6), 1, 2))
    yield Call((rng.integers(-4, 5, 5).astype(np.int32), 0.5, 1.5))
    yield Call((rng.normal(0, 2, 5).astype(np.float32), 0.5, 1.5))
    for array in odd_layouts(partial(rng.normal, 0, 3), (6,)):
        yield Call((array, 0.5, 1.5))


def _pdf(x, mu, sigma):
    return np.exp(-0.5 * ((x - mu) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))


def _squares(x, mu, sigma):
    return np.sum(((x - mu) / sigma) ** 2)


@mistake("log-of-product")
def _(x, mu, sigma):
    """The densities are multiplied first: of many, the product leaves the range of float64. What does the
    logarithm turn a product into?
    """
    return np.log(np.prod(_pdf(x, mu, sigma)))


@mistake("log-of-pdf")
def _(x, mu, sigma):
    """The density of an outlier underflows to 0, and log 0 is -inf. The log-density can be written down without
    exp.
    """
    return np.sum(np.log(_pdf(x, mu, sigma)))


@mistake("epsilon-in-log")
def _(x, mu, sigma):
    """A tiny constant inside the logarithm hides the underflow: every outlier costs the same. The log-density can
    be computed without forming the density.
    """
    return np.sum(np.log(_pdf(x, mu, sigma) + 1e-300))


@mistake("mean-for-sum", slip=True)
def _(x, mu, sigma):
    """This is the mean of the log-densities. The data are independent: what happens to their probabilities, and so
    to the logarithms?
    """
    return right.gaussian_log_likelihood(x, mu, sigma) / len(x)


@mistake("not-summed")
def _(x, mu, sigma):
    """One log-density per data point comes back; a scalar for all the data together is asked for."""
    return right.gaussian_log_pdf(x, mu, sigma)


@mistake("sign-flipped", slip=True)
def _(x, mu, sigma):
    """This is the negative log-likelihood, which is a loss: smaller is better. Of a likelihood, larger is."""
    return -right.gaussian_log_likelihood(x, mu, sigma)


@mistake("likelihood-not-its-log")
def _(x, mu, sigma):
    """This is the likelihood itself, a product of densities; its logarithm is asked for."""
    return np.prod(_pdf(x, mu, sigma))


@mistake("normaliser-counted-once")
def _(x, mu, sigma):
    """The normaliser is subtracted once for the whole sample; every data point brings its own."""
    return -0.5 * _squares(x, mu, sigma) - np.log(sigma) - 0.5 * right.LOG_2PI


@mistake("exponent-without-minus", slip=True)
def _(x, mu, sigma):
    """Here data are the likelier the farther from the mean they lie: the exponent lost its minus."""
    return right.gaussian_log_likelihood(x, mu, sigma) + _squares(x, mu, sigma)


@mistake("half-missing", slip=True)
def _(x, mu, sigma):
    """The squared deviations count twice what they should. Which factor stands before them in the exponent?"""
    return right.gaussian_log_likelihood(x, mu, sigma) - 0.5 * _squares(x, mu, sigma)


@mistake("two-pi-missing", slip=True)
def _(x, mu, sigma):
    """The part of the normaliser with π in it is missing. It moves no maximum, but it belongs to the value."""
    return right.gaussian_log_likelihood(x, mu, sigma) + 0.5 * len(x) * right.LOG_2PI


@mistake("log-sigma-missing")
def _(x, mu, sigma):
    """The normaliser doesn't depend on sigma here: the widest bell would always be the best."""
    return right.gaussian_log_likelihood(x, mu, sigma) + len(x) * np.log(sigma)


@mistake("log-variance-not-halved", slip=True)
def _(x, mu, sigma):
    """The logarithm of the variance is subtracted whole. The normaliser holds the standard deviation."""
    return right.gaussian_log_likelihood(x, mu, sigma) - len(x) * np.log(sigma)


@mistake("squared-error")
def _(x, mu, sigma):
    """This is minus half the squared error, the only part that depends on mu. The normaliser is missing whole."""
    return -0.5 * _squares(x, mu, sigma)


@mistake("variance-for-deviation")
def _(x, mu, sigma):
    """The argument sigma is taken for the variance; it is the standard deviation."""
    return right.gaussian_log_likelihood(x, mu, np.sqrt(sigma))


@mistake("fitted-not-given")
def _(x, mu, sigma):
    """This is the likelihood at the data's own mean and deviation; it is asked for at the mu and sigma given."""
    return right.gaussian_log_likelihood(x, np.mean(x), np.std(x))


@mistake("base-2", slip=True)
def _(x, mu, sigma):
    """The logarithm has base 2; this course counts in nats, the natural logarithm."""
    return right.gaussian_log_likelihood(x, mu, sigma) / np.log(2)


@mistake("square-expanded")
def _(x, mu, sigma):
    """With the squares multiplied out, Σx² - 2 mu Σx + n mu², large numbers cancel and take the digits with them.
    Subtract before you square.
    """
    squares = (np.sum(x * x) - 2 * mu * np.sum(x) + len(x) * mu * mu) / (sigma * sigma)
    return -0.5 * squares - len(x) * (np.log(sigma) + 0.5 * right.LOG_2PI)


@mistake("epsilon-in-variance")
def _(x, mu, sigma):
    """A tiny constant is added to the variance. It guards against nothing, as sigma is positive, and it changes
    the answer where sigma is small.
    """
    return right.gaussian_log_likelihood(x, mu, np.sqrt(sigma**2 + 1e-12))


@mistake("integer-deviations")
def _(x, mu, sigma):
    """The deviations are stored in an array of the dtype of x: of integers, they lose their fractions."""
    z = np.empty_like(x)
    z[...] = (x - mu) / sigma
    return -0.5 * np.sum(z.astype(float) ** 2) - len(x) * (np.log(sigma) + 0.5 * right.LOG_2PI)


@mistake("input-mutated")
def _(x, mu, sigma):
    """`x -= mu` writes into the caller's array. Make a new one: `z = (x - mu) / sigma`."""
    result = right.gaussian_log_likelihood(x, mu, sigma)
    x -= mu
    return result


@mistake("float32-inside")
def _(x, mu, sigma):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    return np.float32(right.gaussian_log_likelihood(np.asarray(x, np.float32), mu, sigma))


def _textbook(x, mu, sigma):
    return -np.sum((x - mu) ** 2) / (2 * sigma**2) - len(x) * np.log(sigma) - len(x) / 2 * np.log(2 * np.pi)


def _sum_of_logs(x, mu, sigma):
    return np.sum(np.log(np.exp(-((x - mu) ** 2) / (2 * sigma**2)) / np.sqrt(2 * np.pi * sigma**2)))


def _on_log_pdf(gaussian_log_pdf):
    return lambda x, mu, sigma: np.sum(gaussian_log_pdf(x, mu, sigma))


exercise = Exercise(
    name="gaussian_log_likelihood",
    topic="gaussian",
    reference=right.gaussian_log_likelihood,
    tolerance=log_likelihood_tolerance,
    misconceptions=tuple(mistake),
    uses=(Use("gaussian_log_pdf", _on_log_pdf),),
    textbook=(
        _textbook,
        _sum_of_logs,
    ),
    checks=(
        Check(
            "matches the sum of the log-densities on ordinary data",
            example=Call((np.array([-1.0, 0.0, 1.0, 2.0]), 0.5, 1.25)),
            inputs=_ordinary,
            hint=(
                "Write down the log of one point's density with all its three terms, then add up over the points."
            ),
        ),
        Check(
            "stays finite for many data points",
            example=Call((np.linspace(-3, 3, 1000), 0.0, 1.0)),
            inputs=_long,
            weight=0.75,
            hint="The product of a thousand densities is no float64; the sum of their logarithms is.",
        ),
        Check(
            "stays finite and exact for outliers",
            example=Call((np.array([0.0, 1.0, 40.0]), 0.0, 1.0)),
            inputs=_outliers,
            weight=0.75,
            hint="One point 40 sigma out costs about 800 nats: much, but a number. Its density underflows.",
        ),
        Check(
            "keeps its digits at every scale",
            example=Call((np.array([10000.001, 10000.0, 9999.998]), 1e4, 1e-3)),
            inputs=_scales,
            weight=0.5,
            hint="Tiny or huge sigma, or a mean far from zero: (x - mu) / sigma is an ordinary number.",
        ),
        Check(
            "works for one data point",
            example=Call((np.array([2.0]), 0.5, 2.0)),
            inputs=_one,
            weight=0.25,
        ),
        takes_any_layout(
            Call((np.array([-1, 0, 1, 2]), 1, 2)),
            _layouts,
        ),
        leaves_arguments_unchanged(Call((np.array([-1.0, 0.0, 1.0, 2.0]), 0.5, 1.25)), _ordinary, weight=0.25),
    ),
)
