"""gaussian_kl(mu1, sigma1, mu2, sigma2): KL of one Gaussian from another, in closed form and elementwise."""

import math

import numpy as np

from autograder.exercises._layouts import odd_layouts
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    leaves_arguments_unchanged,
    takes_any_layout,
    tolerance_for,
)
from autograder.solutions import divergence as right

mistake = Misconceptions()


def _tolerance(call, single):
    """With u = (sigma1/sigma2)² the divergence is (u - 1 - log u)/2 plus a term that is never negative. Beyond
    u = 10 it exceeds u/4, so that rounding costs what is relative; below, no intermediate exceeds 5 but the logs
    of the variances, from which log u may be computed, and the term of the means, which is relative again.
    """
    logs = [2 * np.abs(np.log(np.asarray(call.args[i], np.float64))).max() for i in (1, 3)]
    return tolerance_for(max(5.0, *map(float, logs)), single=single)


def _narrow(rng, shape=None):
    """Draw means and deviations, Python floats where no shape is given."""
    return _gaussians(rng, shape, 0.5, 1.0)


def _wide(rng, shape=None):
    """Draw deviations at least 1.5 times the narrow ones, so that no divergence is small by chance."""
    return _gaussians(rng, shape, 1.5, 3.0)


def _gaussians(rng, shape, low, high):
    mu, sigma = rng.normal(0, 2, shape), rng.uniform(low, high, shape)
    return (float(mu), float(sigma)) if shape is None else (mu, sigma)


def _scalars(rng):
    for _ in range(2):
        yield Call((*_narrow(rng), *_wide(rng)))
        yield Call((*_wide(rng), *_narrow(rng)))
    yield Call((0.0, float(rng.uniform(2, 3)), 0.0, float(rng.uniform(0.5, 1))))
    yield Call((0.25, float(rng.uniform(0.54, 0.56)), 0.25, 0.5))


def _arrays(rng):
    yield Call((*_narrow(rng, 4), *_wide(rng, 4)))
    yield Call((*_wide(rng, (2, 3)), *_narrow(rng)))
    yield Call((*_narrow(rng), *_wide(rng, 3)))
    column, row, block = rng.normal(0, 2, (3, 1)), rng.uniform(1.5, 3, 4), rng.uniform(0.5, 1, (2, 1, 1))
    yield Call((column, row, float(rng.normal()), block))
    yield Call((rng.normal(0, 2, 5), 1.5, 0.5, 0.75))
    yield Call((*_narrow(rng, 1), *_wide(rng, 1)))


def _scales(rng):
    for narrow, wide in ((1e-8, 1e8), (1e-8, 1.0), (1.0, 1e8), (1e-3, 1e3)):
        sigma1 = np.array([narrow, wide, narrow, wide])
        sigma2 = np.array([narrow, narrow, wide, wide])
        mu1, mu2 = rng.normal(0, 3, 4) * sigma1, rng.normal(0, 3, 4) * sigma2
        stretch = rng.uniform(1.5, 1.9, 4)
        yield Call((mu1, np.clip(sigma1 * stretch, 1e-8, 1e8), mu2, np.clip(sigma2 / stretch, 1e-8, 1e8)))
    yield Call((0.0, 1e-8 * float(rng.uniform(1, 2)), 0.0, 1e8))


def _close(rng):
    mu, sigma = _narrow(rng)
    yield Call((mu, sigma, mu, sigma))
    yield Call((mu, sigma, mu + 1e-4 * sigma, sigma * (1 + 1e-4)))
    far = 1e8 * rng.uniform(1, 2, 3)
    yield Call((far, np.ones(3), far + rng.uniform(0.5, 2, 3), rng.uniform(1, 2, 3)))
    yield Call((-1e5 * sigma, sigma, 1e-3 * sigma - 1e5 * sigma, 2 * sigma))


def _layouts(rng):
    integers = [rng.integers(-4, 5, 4), rng.integers(1, 4, 4), rng.integers(-4, 5, 4), rng.integers(5, 8, 4)]
    yield Call(tuple(integers))
    yield Call(tuple(array.astype(np.int32) for array in integers))
    yield Call((1, int(rng.integers(2, 6)), -2, int(rng.integers(6, 9))))
    yield Call(tuple(array.astype(np.float32) for array in (*_narrow(rng, 5), *_wide(rng, 5))))
    for mu, sigma in zip(
        odd_layouts(lambda shape: rng.normal(0, 2, shape), (2, 3)),
        odd_layouts(lambda shape: rng.uniform(0.5, 1, shape), (2, 3)),
        strict=True,
    ):
        yield Call((mu, sigma, *_wide(rng, 3)))
        yield Call((*_wide(rng, 3), mu, sigma))


def _all_arrays(rng):
    yield Call((*_narrow(rng, 4), *_wide(rng, 4)))
    yield Call((*_wide(rng, (2, 3)), *_narrow(rng, (2, 3))))


def _parts(mu1, sigma1, mu2, sigma2):
    """The three parts of the closed form: of the log, of the variances, of the means."""
    return np.log(np.divide(sigma2, sigma1)), np.square(sigma1 / sigma2) / 2, np.square((mu1 - mu2) / sigma2) / 2


@mistake("reversed-arguments", slip=True)
def _(mu1, sigma1, mu2, sigma2):
    """The two Gaussians have changed places: the divergence of the first from the second is asked for. Which
    variance divides?
    """
    return right.gaussian_kl(mu2, sigma2, mu1, sigma1)


@mistake("sigma-for-variance")
def _(mu1, sigma1, mu2, sigma2):
    """The standard deviations are used as if they were variances. What are the arguments: sigmas, or their
    squares?
    """
    return right.gaussian_kl(mu1, np.sqrt(sigma1), mu2, np.sqrt(sigma2))


@mistake("sigma-not-squared")
def _(mu1, sigma1, mu2, sigma2):
    """The log is right, but the quotient is formed of deviations. Which power of sigma goes with a squared
    distance?
    """
    return np.log(sigma2 / sigma1) + (sigma1 + np.square(mu1 - mu2)) / (2 * sigma2) - 0.5


@mistake("minus-half-missing", slip=True)
def _(mu1, sigma1, mu2, sigma2):
    """A constant is missing: for two equal Gaussians this gives ½, and should give 0."""
    return right.gaussian_kl(mu1, sigma1, mu2, sigma2) + 0.5


@mistake("base-2", slip=True)
def _(mu1, sigma1, mu2, sigma2):
    """The logarithm has base 2; this course counts in nats, the natural logarithm."""
    log, variances, means = _parts(mu1, sigma1, mu2, sigma2)
    return log / np.log(2) + variances + means - 0.5


@mistake("bits", slip=True)
def _(mu1, sigma1, mu2, sigma2):
    """The whole is divided by log 2: these are bits. This course counts in nats."""
    return right.gaussian_kl(mu1, sigma1, mu2, sigma2) / np.log(2)


@mistake("half-missing", slip=True)
def _(mu1, sigma1, mu2, sigma2):
    """The quotient is twice too large: where has the ½ of the exponent gone?"""
    log, variances, means = _parts(mu1, sigma1, mu2, sigma2)
    return log + 2 * variances + 2 * means - 0.5


@mistake("twice-too-large", slip=True)
def _(mu1, sigma1, mu2, sigma2):
    """Everything is twice too large: the common factor ½ is missing."""
    return 2 * right.gaussian_kl(mu1, sigma1, mu2, sigma2)


@mistake("log-of-variances-not-halved", slip=True)
def _(mu1, sigma1, mu2, sigma2):
    """The log of the ratio of *variances* is twice that of the deviations. It lacks a factor."""
    log, variances, means = _parts(mu1, sigma1, mu2, sigma2)
    return 2 * log + variances + means - 0.5


@mistake("log-upside-down", slip=True)
def _(mu1, sigma1, mu2, sigma2):
    """The ratio inside the logarithm is upside down: against a very wide second Gaussian the divergence must grow
    with its width.
    """
    log, variances, means = _parts(mu1, sigma1, mu2, sigma2)
    return -log + variances + means - 0.5


@mistake("log-forgotten")
def _(mu1, sigma1, mu2, sigma2):
    """The normalising constants of the two densities differ when the deviations do: their log-ratio is missing."""
    _log, variances, means = _parts(mu1, sigma1, mu2, sigma2)
    return variances + means - 0.5


@mistake("means-ignored")
def _(mu1, sigma1, mu2, sigma2):
    """The means have no effect: two equally wide Gaussians would have divergence 0 wherever they lie."""
    log, variances, _means = _parts(mu1, sigma1, mu2, sigma2)
    return log + variances - 0.5


@mistake("deviations-ignored")
def _(mu1, sigma1, mu2, sigma2):
    """Only the distance of the means counts here. Two Gaussians with one mean still differ in width."""
    return _parts(mu1, sigma1, mu2, sigma2)[2]


@mistake("divided-by-the-first-variance")
def _(mu1, sigma1, mu2, sigma2):
    """The squared distance of the means is divided by the variance of the first Gaussian. Whose log-density is
    averaged here?
    """
    log, variances, _means = _parts(mu1, sigma1, mu2, sigma2)
    return log + variances + np.square((mu1 - mu2) / sigma1) / 2 - 0.5


@mistake("distance-not-squared")
def _(mu1, sigma1, mu2, sigma2):
    """The distance of the means is not squared. It comes from the exponent of a Gaussian."""
    log, variances, _means = _parts(mu1, sigma1, mu2, sigma2)
    return log + variances + np.abs(mu1 - mu2) / (2 * np.square(sigma2)) - 0.5


@mistake("symmetrised")
def _(mu1, sigma1, mu2, sigma2):
    """The two directions are averaged. The divergence is one of them, and not symmetric."""
    return (right.gaussian_kl(mu1, sigma1, mu2, sigma2) + right.gaussian_kl(mu2, sigma2, mu1, sigma1)) / 2


@mistake("array-for-scalar")
def _(mu1, sigma1, mu2, sigma2):
    """Four scalars give an array of one element; they should give a scalar."""
    return np.atleast_1d(right.gaussian_kl(mu1, sigma1, mu2, sigma2))


@mistake("sum-for-elementwise")
def _(mu1, sigma1, mu2, sigma2):
    """The divergences are added up; each pair of Gaussians should keep its own."""
    return np.sum(right.gaussian_kl(mu1, sigma1, mu2, sigma2))


@mistake("mean-for-elementwise")
def _(mu1, sigma1, mu2, sigma2):
    """The divergences are averaged; each pair of Gaussians should keep its own."""
    return np.mean(right.gaussian_kl(mu1, sigma1, mu2, sigma2))


@mistake("takes-scalars-only")
def _(mu1, sigma1, mu2, sigma2):
    """The functions of `math` and `float` take one number at a time; those of NumPy work element by element."""
    log = math.log(sigma2 / sigma1)
    return log + (sigma1**2 + (mu1 - mu2) ** 2) / (2 * sigma2**2) - 0.5


@mistake("epsilon-in-variance")
def _(mu1, sigma1, mu2, sigma2):
    """A small constant is added to the variance; beside a sigma of 1e-8 it isn't small. Sigma is positive: there
    is nothing to guard against.
    """
    return right.gaussian_kl(mu1, sigma1, mu2, np.sqrt(np.square(sigma2) + 1e-12))


@mistake("deviation-clipped")
def _(mu1, sigma1, mu2, sigma2):
    """The deviations are kept above some smallest value. Sigma is positive: there is nothing to guard against."""
    return right.gaussian_kl(mu1, np.maximum(sigma1, 1e-6), mu2, np.maximum(sigma2, 1e-6))


@mistake("square-expanded")
def _(mu1, sigma1, mu2, sigma2):
    """The square of the distance is multiplied out. Far from zero its three terms are huge beside their sum, and
    what is left is rounding: take the difference first.
    """
    log, variances, _means = _parts(mu1, sigma1, mu2, sigma2)
    return log + variances + (mu1**2 - 2 * mu1 * mu2 + mu2**2) / (2 * np.square(sigma2)) - 0.5


@mistake("integer-output")
def _(mu1, sigma1, mu2, sigma2):
    """The result is stored in an array of the input's own dtype: for integers it is cut to whole numbers."""
    value = right.gaussian_kl(mu1, sigma1, mu2, sigma2)
    return value.astype(mu1.dtype) if isinstance(mu1, np.ndarray) else value


@mistake("input-mutated")
def _(mu1, sigma1, mu2, sigma2):
    """An argument is changed: `sigma1 **= 2` and `mu1 -= mu2` write into the caller's array. Make a new one."""
    value = right.gaussian_kl(mu1, sigma1, mu2, sigma2)
    if isinstance(sigma1, np.ndarray):
        sigma1 **= 2
    return value


@mistake("float32-inside")
def _(mu1, sigma1, mu2, sigma2):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    log, variances, means = _parts(*map(np.float32, (mu1, sigma1, mu2, sigma2)))
    return np.float64(log + variances + means - np.float32(0.5))


def _textbook(mu1, sigma1, mu2, sigma2):
    return np.log(sigma2 / sigma1) + (sigma1**2 + (mu1 - mu2) ** 2) / (2 * sigma2**2) - 0.5


def _four_terms(mu1, sigma1, mu2, sigma2):
    variances = sigma1**2 / sigma2**2
    return np.log(sigma2 / sigma1) + variances / 2 + (mu1 - mu2) ** 2 / (2 * sigma2**2) - 0.5


exercise = Exercise(
    name="gaussian_kl",
    topic="divergence",
    reference=right.gaussian_kl,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook, _four_terms),
    checks=(
        Check(
            "matches the closed form on scalars",
            example=Call((0.0, 1.0, 1.0, 2.0)),
            inputs=_scalars,
            hint=(
                "For equal Gaussians the result is 0. The arguments are standard deviations; their squares are "
                "variances."
            ),
        ),
        Check(
            "works elementwise on arrays and broadcasts",
            example=Call((np.array([0.0, 1.0, 0.0]), np.array([1.0, 2.0, 1.0]), 1.0, 1.0)),
            inputs=_arrays,
            weight=0.75,
            hint="Each pair of Gaussians has its own divergence; NumPy's operators broadcast by themselves.",
        ),
        Check(
            "stays exact from the narrowest to the widest",
            example=Call((0.0, 1e-8, 0.0, 2e-8)),
            inputs=_scales,
            weight=0.75,
            hint="The divergence depends on ratios to sigma2 alone: the unit of measurement drops out.",
        ),
        Check(
            "vanishes for equal Gaussians and stays exact for close ones",
            example=Call((999.8, 0.1, 999.9, 0.1)),
            inputs=_close,
            weight=0.5,
            hint="KL(p‖p) is 0. Take differences before squares.",
        ),
        takes_any_layout(
            Call((np.array([0, 1]), np.array([1, 2]), np.array([1, 0]), np.array([2, 1]))),
            _layouts,
        ),
        leaves_arguments_unchanged(
            Call((np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.array([1.0, 0.0]), np.array([2.0, 1.0]))),
            _all_arrays,
        ),
    ),
)
