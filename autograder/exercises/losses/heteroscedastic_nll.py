"""heteroscedastic_nll(mu, log_sigma, y): the loss of a Gaussian that predicts its own noise."""

import numpy as np

from autograder.exercises.losses._draws import (
    either_sign,
    extreme_noise,
    few_targets,
    noise_layouts,
    ordinary_noise,
    targets,
)
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    leaves_arguments_unchanged,
    takes_any_layout,
    tolerance_for,
)
from autograder.solutions import losses as right

mistake = Misconceptions()


def _tolerance(call, single):
    """The largest intermediate of z²/2 + log_sigma + log(2π)/2. The difference y - mu loses nothing: both are
    taken as exact. Whoever rounds the exponent loses that much of a deviation.
    """
    mu, log_sigma, y = (np.asarray(value, dtype=np.float64) for value in call.args)
    squares = 0.5 * ((y - mu) * np.exp(-log_sigma)) ** 2
    exponent = float(np.abs(log_sigma).max())
    return tolerance_for(float(max(squares.max(), exponent, 1.0)), single=single, conditioned=exponent)


def _outliers(rng):
    """Targets 40 to 60 deviations out, where the density underflows, and a million."""
    for low, high in ((40, 60), (1e5, 1e6)):
        yield targets(rng, 5, rng.uniform(-3, 3, 5), either_sign(rng, 5, 0.3, 1.2), low, high)


def _overflowing(rng):
    """Errors of 1e155 and more, whose squares overflow, with deviations of e^28 and more: the loss does not."""
    for n in (3, 5):
        yield Call((np.zeros(n), rng.uniform(28, 30, n), either_sign(rng, n, 1e155, 1e160)))


EXAMPLE = Call((np.array([0.0, 1.0]), np.array([0.5, -1.0]), np.array([2.0, 1.3])))


def _errors(mu, y):
    return np.asarray(y, dtype=np.float64) - mu


def _loss(errors, logs, sigma):
    return right.HALF_LOG_2PI + np.mean(logs + 0.5 * (errors / sigma) ** 2)


@mistake("log-sigma-missing")
def _(mu, log_sigma, y):
    """The normaliser doesn't depend on sigma here: the largest sigma would always be the best."""
    return right.heteroscedastic_nll(mu, log_sigma, y) - np.mean(log_sigma)


@mistake("two-pi-missing", slip=True)
def _(mu, log_sigma, y):
    """The part of the normaliser with π in it is missing. It moves no minimum, but it belongs to the value."""
    return right.heteroscedastic_nll(mu, log_sigma, y) - right.HALF_LOG_2PI


@mistake("half-missing", slip=True)
def _(mu, log_sigma, y):
    """The squared errors count twice what they should. Which factor stands before them in the exponent?"""
    sigma = np.exp(np.asarray(log_sigma, dtype=np.float64))
    return right.HALF_LOG_2PI + np.mean(log_sigma + (_errors(mu, y) / sigma) ** 2)


@mistake("log-variance-not-halved", slip=True)
def _(mu, log_sigma, y):
    """The logarithm of the variance is added whole. The normaliser holds the standard deviation."""
    return right.heteroscedastic_nll(mu, log_sigma, y) + np.mean(log_sigma)


@mistake("exp-forgotten")
def _(mu, log_sigma, y):
    """The errors are divided by log_sigma. They have to be divided by sigma itself, which is positive."""
    return _loss(_errors(mu, y), log_sigma, log_sigma)


@mistake("sigma-for-its-logarithm")
def _(mu, log_sigma, y):
    """The argument is taken for sigma, and its logarithm is nan where it is negative. It is the logarithm
    already.
    """
    sigma = np.asarray(log_sigma, dtype=np.float64)
    return _loss(_errors(mu, y), np.log(sigma), sigma)


@mistake("log-variance-for-log-sigma")
def _(mu, log_sigma, y):
    """The argument is taken for the logarithm of the variance; it is that of the standard deviation."""
    return right.heteroscedastic_nll(mu, np.asarray(log_sigma) / 2, y)


@mistake("deviation-for-variance")
def _(mu, log_sigma, y):
    """The squared error is divided by sigma. In another unit of y the loss would change its shape: which power of
    sigma has the unit of a square?
    """
    logs = np.asarray(log_sigma, dtype=np.float64)
    return right.HALF_LOG_2PI + np.mean(logs + 0.5 * _errors(mu, y) ** 2 * np.exp(-logs))


@mistake("multiplied-by-sigma")
def _(mu, log_sigma, y):
    """The errors are multiplied by sigma, so that the noisiest targets count most. Look at the sign in the
    exponent.
    """
    logs = np.asarray(log_sigma, dtype=np.float64)
    return _loss(_errors(mu, y), logs, np.exp(-logs))


@mistake("one-sigma-for-all")
def _(mu, log_sigma, y):
    """All targets get the same, average sigma. Here each has its own."""
    logs = np.full(len(y), np.mean(log_sigma))
    return right.heteroscedastic_nll(mu, logs, y)


@mistake("squared-error")
def _(mu, log_sigma, y):
    """This is the squared error, which knows nothing of sigma: the loss of noise that is the same everywhere."""
    return np.mean(_errors(mu, y) ** 2)


@mistake("half-squared-error")
def _(mu, log_sigma, y):
    """This is half the mean of the standardised squares alone; the normaliser is missing whole."""
    return 0.5 * np.mean((_errors(mu, y) * np.exp(-np.asarray(log_sigma, dtype=np.float64))) ** 2)


@mistake("absolute-error")
def _(mu, log_sigma, y):
    """The errors are not squared. That is the exponent of another distribution."""
    sigma = np.exp(np.asarray(log_sigma, dtype=np.float64))
    return right.HALF_LOG_2PI + np.mean(log_sigma + 0.5 * np.abs(_errors(mu, y)) / sigma)


@mistake("sum-for-mean", slip=True)
def _(mu, log_sigma, y):
    """The losses are added up; their mean is asked for, so that the batch size drops out."""
    return right.heteroscedastic_nll(mu, log_sigma, y) * len(y)


@mistake("mean-forgotten")
def _(mu, log_sigma, y):
    """One loss per target comes back; their mean, a scalar, is asked for."""
    logs = np.asarray(log_sigma, dtype=np.float64)
    return right.HALF_LOG_2PI + logs + 0.5 * (_errors(mu, y) * np.exp(-logs)) ** 2


@mistake("sign-flipped", slip=True)
def _(mu, log_sigma, y):
    """This is the mean log-likelihood. A loss is its negative: smaller is better."""
    return -right.heteroscedastic_nll(mu, log_sigma, y)


@mistake("log-of-pdf")
def _(mu, log_sigma, y):
    """The density of an outlier underflows to 0, and log 0 is -inf. The log-density can be written down without
    the density.
    """
    sigma = np.exp(np.asarray(log_sigma, dtype=np.float64))
    density = np.exp(-0.5 * (_errors(mu, y) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))
    return -np.mean(np.log(density))


@mistake("epsilon-in-log")
def _(mu, log_sigma, y):
    """A tiny constant inside the logarithm hides the underflow: every outlier costs the same. The log-density can
    be written down without the density.
    """
    sigma = np.exp(np.asarray(log_sigma, dtype=np.float64))
    density = np.exp(-0.5 * (_errors(mu, y) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))
    return -np.mean(np.log(density + 1e-300))


@mistake("squared-before-divided")
def _(mu, log_sigma, y):
    """The error is squared before it is divided, and the square of a large one overflows though the loss does not.
    Divide first.
    """
    logs = np.asarray(log_sigma, dtype=np.float64)
    return right.HALF_LOG_2PI + np.mean(logs + 0.5 * _errors(mu, y) ** 2 * np.exp(-2 * logs))


@mistake("epsilon-in-variance")
def _(mu, log_sigma, y):
    """A small constant is added to the variance. An exponential is never 0, so that it guards against nothing, and
    it changes the loss where sigma is small.
    """
    logs = np.asarray(log_sigma, dtype=np.float64)
    return _loss(_errors(mu, y), logs, np.sqrt(np.exp(2 * logs) + 1e-8))


@mistake("log-sigma-clipped")
def _(mu, log_sigma, y):
    """log_sigma is clipped at ±10. Nothing has to be clipped: e^30 and e^-30 are ordinary numbers."""
    return right.heteroscedastic_nll(mu, np.clip(log_sigma, -10, 10), y)


@mistake("float32-inside")
def _(mu, log_sigma, y):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    mu, logs, y = (np.asarray(value, dtype=np.float32) for value in (mu, log_sigma, y))
    return np.float32(right.HALF_LOG_2PI) + np.mean(logs + ((y - mu) * np.exp(-logs)) ** 2 / 2)


@mistake("input-mutated")
def _(mu, log_sigma, y):
    """`mu -= y` writes into the caller's array. Make a new one: `errors = y - mu`."""
    result = right.heteroscedastic_nll(mu, log_sigma, y)
    mu -= np.asarray(y).astype(mu.dtype)
    return result


def _textbook(mu, log_sigma, y):
    sigma = np.exp(log_sigma)
    return np.mean((y - mu) ** 2 / (2 * sigma**2) + np.log(sigma) + 0.5 * np.log(2 * np.pi))


def _by_variance(mu, log_sigma, y):
    variance = np.exp(2 * log_sigma)
    return np.mean((y - mu) ** 2 / (2 * variance) + 0.5 * np.log(variance) + 0.5 * np.log(2 * np.pi))


exercise = Exercise(
    name="heteroscedastic_nll",
    topic="losses",
    reference=right.heteroscedastic_nll,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook, _by_variance),
    checks=(
        Check(
            "matches the mean of -log N(y; mu, sigma²) on ordinary targets",
            example=EXAMPLE,
            inputs=ordinary_noise,
            weight=1.5,
            hint="Write down minus the log-density of one target, all three terms; sigma is exp(log_sigma).",
        ),
        Check(
            "stays finite and exact for outliers",
            example=Call((np.array([0.0, 0.0]), np.array([0.0, 1.0]), np.array([40.0, 1.0]))),
            inputs=_outliers,
            weight=0.75,
            hint="A target 40 sigma out costs about 800 nats: much, but a number. Its density underflows.",
        ),
        Check(
            "keeps its digits from e^-30 to e^30",
            example=Call((np.array([0.0]), np.array([-30.0]), np.array([1e-13]))),
            inputs=extreme_noise,
            weight=0.75,
            hint="Tiny or huge sigma: (y - mu) * exp(-log_sigma) is an ordinary number.",
        ),
        Check(
            "stays finite where the square of an error overflows",
            example=Call((np.array([0.0]), np.array([30.0]), np.array([1e160]))),
            inputs=_overflowing,
            weight=0.5,
            hint="1e160 squared is no float64. Divided by sigma first, its square is one.",
        ),
        Check(
            "works for one target and for a thousand",
            example=Call((np.array([0.5]), np.array([1.0]), np.array([-1.0]))),
            inputs=few_targets,
            weight=0.25,
        ),
        takes_any_layout(Call((np.array([0, 1]), np.array([1, -1]), np.array([2, 3]))), noise_layouts),
        leaves_arguments_unchanged(EXAMPLE, ordinary_noise, weight=0.75),
    ),
)
