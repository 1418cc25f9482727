"""gaussian_log_pdf(x, mu, sigma): the log of the bell curve, elementwise."""

from functools import partial

import numpy as np

from autograder.exercises._layouts import odd_layouts
from autograder.exercises.gaussian._draws import either_sign, far_from_zero, log_density_tolerance
from autograder.judging import Call, Check, Exercise, Misconceptions, leaves_arguments_unchanged, takes_any_layout
from autograder.solutions import gaussian as right

mistake = Misconceptions()


def _ordinary(rng):
    """One sigma above 1 and one below, so that a wrong power of sigma shows; no log-density is near 0."""
    for shape, low, high in (((6,), 1.5, 3), ((2, 3), 0.5, 0.8), ((1,), 1.5, 3)):
        mu, sigma = float(rng.uniform(1, 3)), float(rng.uniform(low, high))
        yield Call((mu + sigma * rng.uniform(0.5, 2.5, shape) * rng.choice([-1, 1], shape), mu, sigma))


def _tails(rng):
    for sigma in (1.0, 0.5, 30.0):
        z = either_sign(rng, 4, 40, 60)
        z[-1] = rng.normal()
        yield Call((2.0 + sigma * z, 2.0, sigma))
    yield Call((either_sign(rng, 3, 1e2, 1e3), 0.0, 1.0))


def _scales(rng):
    for sigma in (1e-8, 1e-4, 1e4, 1e8):
        mu = sigma * rng.normal()
        yield Call((mu + sigma * rng.normal(0, 1, 4), mu, sigma))
    sigmas = np.geomspace(1e-8, 1e8, 5)
    yield Call((sigmas * rng.normal(0, 1, 5), 0.0, sigmas))
    yield from map(Call, far_from_zero(rng))


def _broadcast(rng):
    def sigma(*shape):
        return rng.uniform(0.5, 2, shape)

    yield Call((rng.normal(0, 2, 3), rng.normal(0, 2, 3), sigma(3)))
    yield Call((rng.normal(0, 2, (4, 1)), rng.normal(0, 2, 3), sigma(3)))
    yield Call((float(rng.normal()), rng.normal(0, 2, 3), 1.5))
    yield Call((float(rng.normal()), 0.5, sigma(2, 2)))
    yield Call((rng.normal(0, 2, (2, 1, 3)), rng.normal(0, 2, (4, 1)), sigma(1, 3)))
    yield Call((float(rng.normal()), 0.5, 1.5))


def _layouts(rng):
    yield Call((rng.integers(-4, 5, (3, 4)), 1, 2))
    yield Call((rng.integers(-4, 5, 5).astype(np.int32), rng.integers(-2, 3, 5), rng.integers(2, 5, 5)))
    yield Call(
        tuple(draw.astype(np.float32) for draw in (rng.normal(0, 2, 5), rng.normal(0, 1, 5), rng.uniform(1, 2, 5)))
    )
    for array in odd_layouts(partial(rng.normal, 0, 3), (3, 4)):
        yield Call((array, 0.5, np.linspace(1, 2, 8)[::-2]))


def _arrays(rng):
    yield Call((rng.normal(0, 2, 5), rng.normal(0, 2, 5), rng.uniform(0.5, 2, 5)))
    yield Call((rng.normal(0, 2, (3, 2)), rng.normal(0, 2, 2), rng.uniform(0.5, 2, 2)))


def _z(x, mu, sigma):
    return (np.asarray(x) - mu) / sigma


def _pdf(x, mu, sigma):
    return np.exp(-0.5 * _z(x, mu, sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))


@mistake("density-not-its-log")
def _(x, mu, sigma):
    """This is the density itself; its logarithm is asked for."""
    return _pdf(x, mu, sigma)


@mistake("log-of-pdf")
def _(x, mu, sigma):
    """The density underflows to 0 about 38 standard deviations out, and log 0 is -inf. The logarithm of exp needs
    no exp: simplify on paper first.
    """
    return np.log(_pdf(x, mu, sigma))


@mistake("epsilon-in-log")
def _(x, mu, sigma):
    """A tiny constant inside the logarithm hides the underflow: far out every value becomes the same. The
    log-density can be computed without forming the density.
    """
    return np.log(_pdf(x, mu, sigma) + 1e-300)


@mistake("sign-flipped", slip=True)
def _(x, mu, sigma):
    """This is the negative log-density, which is a loss. The log-density itself is largest at the mean."""
    return -right.gaussian_log_pdf(x, mu, sigma)


@mistake("exponent-without-minus", slip=True)
def _(x, mu, sigma):
    """Here the density grows with the distance from the mean: the exponent of the bell curve lost its minus."""
    return 0.5 * _z(x, mu, sigma) ** 2 - np.log(sigma) - 0.5 * right.LOG_2PI


@mistake("half-missing", slip=True)
def _(x, mu, sigma):
    """The squared deviation counts twice what it should. Which factor stands in front of it in the exponent?"""
    return -(_z(x, mu, sigma) ** 2) - np.log(sigma) - 0.5 * right.LOG_2PI


@mistake("square-missing")
def _(x, mu, sigma):
    """The deviation enters by its size; in a Gaussian it enters squared."""
    return -0.5 * np.abs(_z(x, mu, sigma)) - np.log(sigma) - 0.5 * right.LOG_2PI


@mistake("two-pi-missing", slip=True)
def _(x, mu, sigma):
    """The part of the normaliser with π in it is missing: this density doesn't integrate to one."""
    return -0.5 * _z(x, mu, sigma) ** 2 - np.log(sigma)


@mistake("two-pi-not-rooted", slip=True)
def _(x, mu, sigma):
    """The logarithm of 2π is subtracted whole; the normaliser holds the square root of 2π."""
    return -0.5 * _z(x, mu, sigma) ** 2 - np.log(sigma) - right.LOG_2PI


@mistake("log-sigma-missing")
def _(x, mu, sigma):
    """The normaliser doesn't depend on sigma here: a wide bell would be as high as a narrow one."""
    return -0.5 * _z(x, mu, sigma) ** 2 - 0.5 * right.LOG_2PI


@mistake("log-variance-not-halved", slip=True)
def _(x, mu, sigma):
    """The logarithm of the variance is subtracted whole. The normaliser holds the standard deviation."""
    return -0.5 * _z(x, mu, sigma) ** 2 - 2 * np.log(sigma) - 0.5 * right.LOG_2PI


@mistake("variance-for-deviation")
def _(x, mu, sigma):
    """The argument sigma is taken for the variance; it is the standard deviation."""
    return right.gaussian_log_pdf(x, mu, np.sqrt(sigma))


@mistake("mean-forgotten")
def _(x, mu, sigma):
    """The bell is centred at 0 here, whatever mu says."""
    return right.gaussian_log_pdf(x, np.zeros_like(mu), sigma)


@mistake("summed")
def _(x, mu, sigma):
    """The log-densities are added up: that is a log-likelihood. One value for each x is asked for."""
    return np.sum(right.gaussian_log_pdf(x, mu, sigma))


@mistake("base-2", slip=True)
def _(x, mu, sigma):
    """The logarithm has base 2; this course counts in nats, the natural logarithm."""
    return right.gaussian_log_pdf(x, mu, sigma) / np.log(2)


@mistake("square-expanded")
def _(x, mu, sigma):
    """With the square multiplied out, x² - 2 x mu + mu², large numbers cancel and take the digits with them.
    Subtract before you square.
    """
    x = np.asarray(x)
    square = x * x - 2 * x * mu + mu * mu
    return -0.5 * square / (sigma * sigma) - np.log(sigma) - 0.5 * right.LOG_2PI


@mistake("epsilon-in-variance")
def _(x, mu, sigma):
    """A tiny constant is added to the variance. It guards against nothing, as sigma is positive, and it changes
    the answer where sigma is small.
    """
    return right.gaussian_log_pdf(x, mu, np.sqrt(np.square(sigma) + 1e-12))


@mistake("shape-of-x")
def _(x, mu, sigma):
    """The result is made in the shape of x; mu and sigma may have more axes or entries than x has."""
    result = np.zeros(np.shape(x))
    result[...] = right.gaussian_log_pdf(x, mu, sigma)
    return result


@mistake("every-pair")
def _(x, mu, sigma):
    """Each x is paired with each mu. Arrays of one shape belong together entry by entry; NumPy's own operators
    broadcast as is asked here.
    """
    z = np.subtract.outer(x, mu) / sigma
    return -0.5 * z * z - np.log(sigma) - 0.5 * right.LOG_2PI


@mistake("integer-output")
def _(x, mu, sigma):
    """The result is stored in an array of the dtype of x: where x holds integers, the log-densities lose their
    fractions.
    """
    values = np.asarray(right.gaussian_log_pdf(x, mu, sigma))
    return values.astype(np.asarray(x).dtype)


@mistake("input-mutated")
def _(x, mu, sigma):
    """`x -= mu` writes into the caller's array. Make a new one: `z = (x - mu) / sigma`."""
    result = right.gaussian_log_pdf(x, mu, sigma)
    if np.ndim(x) and np.shape(x) == np.shape(result):
        x -= mu
    return result


@mistake("float32-inside")
def _(x, mu, sigma):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    return np.asarray(right.gaussian_log_pdf(np.asarray(x, np.float32), mu, sigma), np.float32)


def _textbook(x, mu, sigma):
    return -((x - mu) ** 2) / (2 * sigma**2) - np.log(sigma) - 0.5 * np.log(2 * np.pi)


def _standardised(x, mu, sigma):
    z = (x - mu) / sigma
    return -0.5 * z**2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)


def _log_of_density(x, mu, sigma):
    return np.log(np.exp(-((x - mu) ** 2) / (2 * sigma**2)) / np.sqrt(2 * np.pi * sigma**2))


exercise = Exercise(
    name="gaussian_log_pdf",
    topic="gaussian",
    reference=right.gaussian_log_pdf,
    tolerance=log_density_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_standardised, _textbook, _log_of_density),
    checks=(
        Check(
            "matches the log of the bell curve on ordinary values",
            example=Call((np.array([-1.0, 0.0, 1.0, 2.0]), 0.5, 2.0)),
            inputs=_ordinary,
            hint=(
                "Take the logarithm of the density by hand: one term each from the exponent, from sigma and from"
                " 2π."
            ),
        ),
        Check(
            "stays finite and exact 40 sigma out",
            example=Call((np.array([40.0, -40.0, 0.0]), 0.0, 1.0)),
            inputs=_tails,
            weight=0.75,
            hint="40 sigma out the log-density is about -800, an ordinary number. The density is not.",
        ),
        Check(
            "keeps its digits at every scale",
            example=Call((np.array([10000.001, 10000.0, 9999.998]), 1e4, 1e-3)),
            inputs=_scales,
            weight=0.5,
            hint="Tiny or huge sigma, or a mean far from zero: (x - mu) / sigma is an ordinary number.",
        ),
        Check(
            "broadcasts x, mu and sigma against each other",
            example=Call((np.array([[0.0], [1.0]]), np.array([0.0, 1.0, 2.0]), np.array([1.0, 1.0, 2.0]))),
            inputs=_broadcast,
            weight=0.5,
            hint="Any of the three may be a number or an array; NumPy's operators on whole arrays match them up.",
        ),
        takes_any_layout(
            Call((np.array([-1, 0, 1, 2]), 1, 2)),
            _layouts,
        ),
        leaves_arguments_unchanged(
            Call((np.array([0.0, 1.0]), np.array([0.5, 0.5]), np.array([1.0, 2.0]))), _arrays, weight=0.25
        ),
    ),
)
