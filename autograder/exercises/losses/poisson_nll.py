"""poisson_nll(log_rate, y): the mean negative log-likelihood of counts, from the logarithms of their rates."""

import math

import numpy as np

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
    """The largest intermediate is a rate, or a count times the logarithm of its rate. Where every count is 0
    nothing is subtracted. Whoever rounds the exponent loses that much of a rate.
    """
    logs, counts = (np.asarray(value, dtype=np.float64) for value in call.args)
    products = np.abs(counts * logs)
    largest = float(np.maximum(np.exp(logs), np.maximum(products, counts)).max()) if counts.any() else 0.0
    return tolerance_for(largest, single=single, conditioned=float(np.abs(logs).max()))


def _ordinary(rng):
    """Rates from 1/4 to 12 and counts from 0 to 9, a third of them 0. In the last call no logarithm is
    negative.
    """
    for n, low in ((6, -1.4), (9, -1.4), (7, 0.2)):
        log_rate, y = rng.uniform(low, 2.5, n), rng.integers(1, 10, n)
        log_rate[:2], y[::3] = rng.uniform(low, low + 1, 2), 0
        yield Call((log_rate, y))


def _rare(rng):
    """Rates from e^-40 down to those that underflow, with counts that are 0 and with some that are not."""
    for low, high in ((-40, -20), (-10_000, -800)):
        yield Call((rng.uniform(low, high, 6), rng.permutation(np.array([0, 0, 0, 1, 2, 0]))))
    yield Call((rng.uniform(-40, -30, 5), np.zeros(5, dtype=np.int64)))
    yield Call((rng.uniform(-10_000, -800, 4), np.array([1, 3, 1, 2])))


def _frequent(rng):
    """Rates up to e^25, 7e10, and counts as large."""
    for low, high in ((5, 10), (20.5, 25)):
        log_rate = rng.uniform(low, high, 5)
        yield Call((log_rate, np.floor(np.exp(log_rate) * rng.uniform(0.8, 1.2, 5)).astype(np.int64)))


def _few(rng):
    for count in (0, 4):
        yield Call((rng.uniform(-1, 2, 1), np.array([count])))
    yield Call((rng.uniform(-1, 2, 5), np.zeros(5, dtype=np.int64)))


def _layouts(rng):
    yield Call((rng.integers(-2, 4, 6), rng.integers(0, 9, 6).astype(np.int32)))
    yield Call((rng.uniform(-1, 2, 5), rng.integers(0, 9, 5).astype(np.int8)))
    yield Call((rng.uniform(-1, 2, 5), rng.integers(0, 9, 5).astype(np.float64)))
    yield Call((rng.uniform(-1, 2, 6).astype(np.float32), rng.integers(0, 9, 6).astype(np.float32)))
    yield from layouts_of(Call((rng.uniform(-1, 2, 6), rng.integers(0, 9, 6))))


def _floats(log_rate, y):
    return np.asarray(log_rate, dtype=np.float64), np.asarray(y, dtype=np.float64)


@mistake("log-factorial-added", slip=True)
def _(log_rate, y):
    """The term log y! is added. It belongs to the likelihood, but no parameter touches it: the task leaves it
    out.
    """
    return right.poisson_nll(log_rate, y) + np.mean([math.lgamma(count + 1) for count in y])


@mistake("sum-for-mean", slip=True)
def _(log_rate, y):
    """The losses are added up; their mean is asked for, so that the batch size drops out."""
    return right.poisson_nll(log_rate, y) * len(y)


@mistake("mean-forgotten")
def _(log_rate, y):
    """One loss per count comes back; their mean, a scalar, is asked for."""
    logs, counts = _floats(log_rate, y)
    return np.exp(logs) - counts * logs


@mistake("sign-flipped", slip=True)
def _(log_rate, y):
    """This is the mean log-likelihood. A loss is its negative: smaller is better."""
    return -right.poisson_nll(log_rate, y)


@mistake("exp-forgotten")
def _(log_rate, y):
    """The first term is the logarithm of the rate where the rate itself belongs."""
    logs, counts = _floats(log_rate, y)
    return np.mean(logs - counts * logs)


@mistake("log-taken-twice")
def _(log_rate, y):
    """The second term holds log(log_rate), and the logarithm of a negative number is nan. The argument is a
    logarithm already.
    """
    logs, counts = _floats(log_rate, y)
    return np.mean(np.exp(logs) - counts * np.log(logs))


@mistake("rate-for-its-logarithm")
def _(log_rate, y):
    """The argument is taken for the rate. It is the rate's logarithm, so that every real number is allowed."""
    logs, counts = _floats(log_rate, y)
    return np.mean(logs - counts * np.log(logs))


@mistake("rate-for-log-in-product")
def _(log_rate, y):
    """Both terms hold the rate: the count is multiplied by exp(log_rate), where its logarithm belongs."""
    logs, counts = _floats(log_rate, y)
    return np.mean(np.exp(logs) * (1 - counts))


@mistake("rate-missing")
def _(log_rate, y):
    """The expected count itself is missing: without it a larger rate would always be better."""
    logs, counts = _floats(log_rate, y)
    return -np.mean(counts * logs)


@mistake("squared-error")
def _(log_rate, y):
    """This is the squared error, the loss of Gaussian noise that is equally wide at every rate."""
    logs, counts = _floats(log_rate, y)
    return np.mean((counts - np.exp(logs)) ** 2)


@mistake("squared-error-of-logarithm")
def _(log_rate, y):
    """The count is compared with the logarithm of its rate, by a squared error. Neither is what is asked for."""
    logs, counts = _floats(log_rate, y)
    return np.mean((counts - logs) ** 2)


@mistake("zeros-ignored")
def _(log_rate, y):
    """Counts of 0 cost nothing here. A 0 says something about the rate, too: which term is left for it?"""
    logs, counts = _floats(log_rate, y)
    return np.mean(np.where(counts > 0, np.exp(logs) - counts * logs, 0.0))


@mistake("zeros-dropped")
def _(log_rate, y):
    """Counts of 0 are left out of the mean. They are data like all others."""
    logs, counts = (value[np.asarray(y) > 0] for value in _floats(log_rate, y))
    return np.mean(np.exp(logs) - counts * logs)


@mistake("weighted-by-counts")
def _(log_rate, y):
    """The sum of the losses is divided by the sum of the counts; the mean is over the n examples."""
    return right.poisson_nll(log_rate, y) * len(y) / np.sum(y)


@mistake("rates-rounded")
def _(log_rate, y):
    """The rate is rounded to a whole number. Counts are whole; their expectation need not be."""
    logs, counts = _floats(log_rate, y)
    return np.mean(np.round(np.exp(logs)) - counts * logs)


@mistake("log-of-rate")
def _(log_rate, y):
    """A rate below e^-745 underflows to 0, log 0 is -inf, and 0·(-inf) is nan. The logarithm was given: use it
    instead of taking it again.
    """
    logs, counts = _floats(log_rate, y)
    rate = np.exp(logs)
    return np.mean(rate - counts * np.log(rate))


@mistake("epsilon-in-log")
def _(log_rate, y):
    """A small constant inside the logarithm caps the loss of a rare event. No logarithm has to be taken: it was
    given.
    """
    logs, counts = _floats(log_rate, y)
    return np.mean(np.exp(logs) - counts * np.log(np.exp(logs) + 1e-8))


@mistake("log-rate-clipped")
def _(log_rate, y):
    """The logarithm of the rate is clipped at ±20, so that rarer and more frequent events than that cost the same.
    Nothing has to be clipped.
    """
    logs, counts = _floats(log_rate, y)
    return right.poisson_nll(np.clip(logs, -20, 20), counts)


@mistake("float32-inside")
def _(log_rate, y):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    logs, counts = np.asarray(log_rate, dtype=np.float32), np.asarray(y, dtype=np.float32)
    return np.mean(np.exp(logs) - counts * logs)


@mistake("input-mutated")
def _(log_rate, y):
    """`log_rate *= y` writes into the caller's array. Make a new one: `log_rate * y`."""
    rate = np.exp(np.asarray(log_rate, dtype=np.float64))
    log_rate *= np.asarray(y).astype(log_rate.dtype)
    return np.mean(rate - log_rate)


def _textbook(log_rate, y):
    rate = np.exp(log_rate)
    return -np.mean(y * np.log(rate) - rate)


exercise = Exercise(
    name="poisson_nll",
    topic="losses",
    reference=right.poisson_nll,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook,),
    checks=(
        Check(
            "matches the mean of rate - y log(rate) on ordinary counts",
            example=Call((np.array([0.0, 1.0, -0.5]), np.array([1, 3, 0]))),
            inputs=_ordinary,
            weight=1.5,
            hint="Take minus the logarithm of the pmf of one count and leave out what holds no rate.",
        ),
        Check(
            "stays finite and exact for events that hardly ever happen",
            example=Call((np.array([-1000.0, -40.0, -800.0]), np.array([0, 1, 2]))),
            inputs=_rare,
            weight=0.75,
            hint="exp(-1000) is 0 in float64, and the logarithm of that is -inf. Which logarithm was given?",
        ),
        Check(
            "stays exact for counts of billions",
            example=Call((np.array([22.0, 23.5]), np.array([3_500_000_000, 16_000_000_000]))),
            inputs=_frequent,
            weight=0.5,
            hint="Nothing overflows here: e^25 is 7e10, and no factorial is needed.",
        ),
        Check(
            "works for one count and where all counts are 0",
            example=Call((np.array([-1.0, 0.5]), np.array([0, 0]))),
            inputs=_few,
            weight=0.25,
        ),
        takes_any_layout(Call((np.array([0, 1, -1]), np.array([1, 3, 0], dtype=np.int32))), _layouts),
        leaves_arguments_unchanged(Call((np.array([0.0, 1.0, -0.5]), np.array([1, 3, 0]))), _ordinary),
    ),
)
