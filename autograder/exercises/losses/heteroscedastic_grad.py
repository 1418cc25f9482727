"""heteroscedastic_grad(mu, log_sigma, y): the gradient of the loss of a Gaussian that predicts its own noise."""

from dataclasses import replace
from functools import partial

import numpy as np

from autograder.exercises._places import judged_by
from autograder.exercises.losses._draws import extreme_noise, few_targets, noise_layouts, ordinary_noise
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
    """In 1 - z² each entry is rounded at the size of its own two terms. Whoever rounds the exponent loses that
    much of a deviation.
    """
    mu, log_sigma, y = (np.asarray(value, dtype=np.float64) for value in call.args)
    squares = ((y - mu) * np.exp(-log_sigma)) ** 2
    floor = tolerance_for(1.0, single=single, conditioned=float(np.abs(log_sigma).max()))
    return replace(floor, absolute=floor.absolute * (1 + squares) / len(y))


def _without_floor(call, single):
    """Nothing is subtracted in z / sigma but y and mu, which are taken as exact."""
    return tolerance_for(0.0, single=single, conditioned=float(np.abs(call.args[1]).max()))


_judged_by = partial(judged_by, ("d/dmu", "d/dlog_sigma"))
by_mu = _judged_by(0, tolerance=_without_floor)
by_log_sigma = _judged_by(1)
EXAMPLE = Call((np.array([0.0, 1.0]), np.array([0.5, -1.0]), np.array([2.0, 1.3])))


def _parts(mu, log_sigma, y):
    """Return sigma, z = (y - mu) / sigma, and n."""
    sigma = np.exp(np.asarray(log_sigma, dtype=np.float64))
    return sigma, (np.asarray(y, dtype=np.float64) - mu) / sigma, len(y)


@mistake("missing-1-over-n", slip=True)
def _(mu, log_sigma, y):
    """This is the gradient of the *sum* of the losses. The loss is their mean: the batch size is missing."""
    sigma, z, _ = _parts(mu, log_sigma, y)
    return -z / sigma, 1 - z**2


@mistake("sign-flipped", slip=True)
def _(mu, log_sigma, y):
    """Both signs are flipped: a step against this gradient makes the loss larger."""
    sigma, z, n = _parts(mu, log_sigma, y)
    return z / sigma / n, (z**2 - 1) / n


@mistake("swapped", slip=True)
def _(mu, log_sigma, y):
    """The pair is the wrong way round: the derivative with respect to mu comes first."""
    return right.heteroscedastic_grad(mu, log_sigma, y)[::-1]


@mistake("mu-derivative-alone")
def _(mu, log_sigma, y):
    """Only one derivative comes back; the function returns a pair."""
    return right.heteroscedastic_grad(mu, log_sigma, y)[0]


@mistake("mu-sign-flipped")
def _(mu, log_sigma, y):
    """The derivative with respect to mu has the wrong sign: where y lies above mu the loss falls as mu grows."""
    by_mean, by_log = right.heteroscedastic_grad(mu, log_sigma, y)
    return -by_mean, by_log


@mistake("mu-divided-by-sigma-once")
def _(mu, log_sigma, y):
    """With respect to mu the error is divided by sigma once. The loss holds the error over sigma, squared: the
    chain rule brings another factor.
    """
    _, z, n = _parts(mu, log_sigma, y)
    return -z / n, (1 - z**2) / n


@mistake("mu-not-weighted")
def _(mu, log_sigma, y):
    """With respect to mu this is the derivative of half the squared error: each target pulls alike, however
    noisy.
    """
    sigma, z, n = _parts(mu, log_sigma, y)
    return -z * sigma / n, (1 - z**2) / n


@mistake("mu-doubled")
def _(mu, log_sigma, y):
    """The derivative with respect to mu is twice what it should be: the ½ of the loss takes the 2 of the
    square.
    """
    by_mean, by_log = right.heteroscedastic_grad(mu, log_sigma, y)
    return 2 * by_mean, by_log


@mistake("by-sigma-not-its-logarithm")
def _(mu, log_sigma, y):
    """The second derivative is that with respect to sigma. With respect to log_sigma it is this times sigma: the
    chain rule.
    """
    sigma, z, n = _parts(mu, log_sigma, y)
    return -z / sigma / n, (1 - z**2) / sigma / n


@mistake("by-log-variance")
def _(mu, log_sigma, y):
    """The second derivative is that with respect to the logarithm of the variance, half of what is asked for."""
    by_mean, by_log = right.heteroscedastic_grad(mu, log_sigma, y)
    return by_mean, by_log / 2


@mistake("log-variance-for-log-sigma")
def _(mu, log_sigma, y):
    """The argument is taken for the logarithm of the variance; it is that of the standard deviation."""
    return right.heteroscedastic_grad(mu, np.asarray(log_sigma) / 2, y)


@mistake("normaliser-forgotten")
def _(mu, log_sigma, y):
    """The normaliser, log_sigma itself, has a derivative as well: without it sigma would grow for ever."""
    sigma, z, n = _parts(mu, log_sigma, y)
    return -z / sigma / n, -(z**2) / n


@mistake("exponent-forgotten")
def _(mu, log_sigma, y):
    """With respect to log_sigma only the normaliser is differentiated; sigma stands under the error, too."""
    sigma, z, n = _parts(mu, log_sigma, y)
    return -z / sigma / n, np.full(n, 1 / n)


@mistake("square-halved")
def _(mu, log_sigma, y):
    """In the second derivative z² is halved: differentiating exp(-2 log_sigma) brings a 2 that takes the ½."""
    sigma, z, n = _parts(mu, log_sigma, y)
    return -z / sigma / n, (1 - z**2 / 2) / n


@mistake("log-sigma-sign-flipped")
def _(mu, log_sigma, y):
    """The second derivative has the wrong sign: a target far out makes the loss fall as sigma grows."""
    by_mean, by_log = right.heteroscedastic_grad(mu, log_sigma, y)
    return by_mean, -by_log


@mistake("not-squared")
def _(mu, log_sigma, y):
    """In the second derivative z is not squared, so that the side on which a target lies would matter."""
    sigma, z, n = _parts(mu, log_sigma, y)
    return -z / sigma / n, (1 - np.abs(z)) / n


@mistake("averaged-over-batch")
def _(mu, log_sigma, y):
    """The derivatives are summed over the batch; each target has its own."""
    return tuple(np.sum(value) for value in right.heteroscedastic_grad(mu, log_sigma, y))


@mistake("exp-forgotten")
def _(mu, log_sigma, y):
    """log_sigma is taken for sigma itself. sigma is its exponential, which is positive."""
    logs = np.asarray(log_sigma, dtype=np.float64)
    z = (np.asarray(y, dtype=np.float64) - mu) / logs
    return -z / logs / len(y), (1 - z**2) / len(y)


@mistake("epsilon-in-variance")
def _(mu, log_sigma, y):
    """A small constant is added to the variance. An exponential is never 0, so that it guards against nothing, and
    it changes the gradient where sigma is small.
    """
    logs = np.asarray(log_sigma, dtype=np.float64)
    return right.heteroscedastic_grad(mu, 0.5 * np.log(np.exp(2 * logs) + 1e-8), y)


@mistake("log-sigma-clipped")
def _(mu, log_sigma, y):
    """log_sigma is clipped at ±10. Nothing has to be clipped: e^30 and e^-30 are ordinary numbers."""
    return right.heteroscedastic_grad(mu, np.clip(log_sigma, -10, 10), y)


@mistake("float32-inside")
def _(mu, log_sigma, y):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    mu, logs, y = (np.asarray(value, dtype=np.float32) for value in (mu, log_sigma, y))
    z = (y - mu) * np.exp(-logs)
    return -z * np.exp(-logs) / len(y), (1 - z**2) / len(y)


@mistake("input-mutated")
def _(mu, log_sigma, y):
    """`mu -= y` writes into the caller's array. Make a new one: `errors = y - mu`."""
    result = right.heteroscedastic_grad(mu, log_sigma, y)
    mu -= np.asarray(y).astype(mu.dtype)
    return result


def _textbook(mu, log_sigma, y):
    sigma = np.exp(log_sigma)
    return -(y - mu) / sigma**2 / len(y), (1 - (y - mu) ** 2 / sigma**2) / len(y)


exercise = Exercise(
    name="heteroscedastic_grad",
    topic="losses",
    reference=right.heteroscedastic_grad,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook,),
    checks=(
        Check(
            "gives the derivative with respect to mu first",
            example=EXAMPLE,
            inputs=ordinary_noise,
            judge=by_mu,
            hint="Differentiate ½((y - mu) / sigma)² / n by mu. Hold it against central differences of the loss.",
        ),
        Check(
            "gives the derivative with respect to log_sigma second",
            example=EXAMPLE,
            inputs=ordinary_noise,
            judge=by_log_sigma,
            hint="log_sigma stands in the loss twice: alone, and as exp(-2 log_sigma) in the square.",
        ),
        Check(
            "keeps the digits of d/dmu from e^-30 to e^30",
            example=Call((np.array([0.0]), np.array([-30.0]), np.array([1e-13]))),
            inputs=extreme_noise,
            weight=0.5,
            judge=by_mu,
            hint="Tiny or huge sigma: (y - mu) * exp(-log_sigma) is an ordinary number.",
        ),
        Check(
            "keeps the digits of d/dlog_sigma from e^-30 to e^30",
            example=Call((np.array([0.0]), np.array([-30.0]), np.array([1e-13]))),
            inputs=extreme_noise,
            weight=0.5,
            judge=by_log_sigma,
            hint="Tiny or huge sigma: (y - mu) * exp(-log_sigma) is an ordinary number.",
        ),
        Check(
            "works for one target and for a thousand",
            example=Call((np.array([0.5]), np.array([1.0]), np.array([-1.0]))),
            inputs=few_targets,
            weight=0.25,
        ),
        takes_any_layout(Call((np.array([0, 1]), np.array([1, -1]), np.array([2, 3]))), noise_layouts),
        leaves_arguments_unchanged(EXAMPLE, ordinary_noise, weight=0.25, judge=by_mu),
    ),
)
