"""mvn_log_pdf(x, mu, cov): the log-density of a multivariate Gaussian."""

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
from autograder.solutions import gaussian as right

mistake = Misconceptions()


def _tolerance(call, single):
    """Any stable factorisation is that of a matrix off by eps·‖cov‖, and an explicit inverse is off by
    eps·cond·‖cov⁻¹‖. With d = x - mu the quadratic form loses at most eps·cond·|cov⁻¹ d| |d| to either, and the
    log-determinant eps·cond·k. The other intermediates are the terms themselves; no log-eigenvalue is larger than
    that of ‖cov‖ or ‖cov⁻¹‖.
    """
    x, mu, cov = (np.asarray(value, dtype=np.float64) for value in call.args)
    k, d, inverse = len(x), x - mu, np.linalg.inv(cov)
    size, inverse_size = np.linalg.norm(cov, np.inf), np.linalg.norm(inverse, np.inf)
    solved = inverse @ d
    lost = size * inverse_size * (np.linalg.norm(solved) * np.linalg.norm(d) + k)
    terms = abs(d @ solved) + k * (right.LOG_2PI + max(abs(np.log(size)), abs(np.log(inverse_size))))
    return tolerance_for(float(lost + terms), single=single)


def _rotation(rng, k):
    return np.linalg.qr(rng.normal(0, 1, (k, k)))[0]


def _problem(rng, variances, z, scales=1.0):
    """A point, a mean and a covariance with these variances along random axes, on which the point lies z
    deviations from the mean; then every variable is rescaled.
    """
    k = len(variances)
    axes = _rotation(rng, k) * np.reshape(scales, (-1, 1))
    cov = (axes * variances) @ axes.T
    mu = rng.normal(0, 1, k) * scales
    return mu + axes @ (np.sqrt(variances) * z), mu, (cov + cov.T) / 2


def _near(rng, k):
    """Deviations of about one, of either sign, and none of them near zero."""
    return rng.uniform(0.5, 1.7, k) * rng.choice([-1, 1], k)


def _ordinary(rng):
    for k in (2, 3, 5):
        yield Call(_problem(rng, np.geomspace(0.5, 2.5, k), _near(rng, k)))


def _many(rng):
    """Determinants of about 1e-800, 1e720 and 1e-480. The large matrices consist of blocks, shuffled."""
    for k, sigma in ((200, 1e-2), (60, 1e6)):
        blocks, order = k // 5, rng.permutation(k)
        cov, d = np.zeros((k, k)), np.zeros(k)
        for start in range(0, k, 5):
            x, mu, block = _problem(rng, np.geomspace(0.5, 2.5, 5), _near(rng, 5), np.full(5, sigma))
            cov[start : start + 5, start : start + 5] = block
            d[start : start + 5] = x - mu
        mu = sigma * rng.normal(0, 1, 5 * blocks)
        yield Call((mu + d[order], mu, cov[np.ix_(order, order)]))
    yield Call(_problem(rng, np.geomspace(0.5, 2.5, 30), _near(rng, 30), np.full(30, 1e-8)))


def _tails(rng):
    for k, variances in ((2, [0.5, 2.0]), (4, [0.5, 1.0, 2.0, 3.0])):
        z = _near(rng, k)
        z[0] = rng.uniform(45, 60)
        yield Call(_problem(rng, np.array(variances), z))


def _narrow(rng):
    """Condition numbers of 1e4 to 1e6, and of 2e9; the point lies two or three deviations off in the narrowest
    direction, in the last of these in no other.
    """
    for variances in ([1e-4, 1.0], [1e-5, 1e-3, 1.0], [2e-6, 0.1, 1.0, 2.0]):
        z = _near(rng, len(variances))
        z[0] = rng.uniform(2, 3)
        yield Call(_problem(rng, np.array(variances), z))
    tiny = np.array([1e-9, 0.1, 1.0, 2.0])
    yield Call(_problem(rng, tiny, np.array([rng.uniform(2, 3), 0, 0, 0])))
    rho, (one, other) = 0.9999, rng.uniform(1, 3, 2)
    cov = np.array([[one**2, rho * one * other], [rho * one * other, other**2]])
    mu = rng.normal(0, 1, 2)
    yield Call((mu + np.array([one, -other]) * rng.uniform(0.02, 0.03), mu, cov))


def _scales(rng):
    for scales in ([1e-8] * 3, [1e8] * 3, [1e-2, 1.0, 1e2], [1e3, 1e-1, 1.0]):
        yield Call(_problem(rng, np.geomspace(0.5, 2.5, 3), _near(rng, 3), np.array(scales)))
    x, mu, cov = _problem(rng, np.geomspace(0.5, 2.5, 3), _near(rng, 3), np.full(3, 0.01))
    yield Call((x + 1e4, mu + 1e4, cov))


def _one(rng):
    for low, high in ((0.7, 0.9), (2, 9)):
        yield Call((rng.normal(0, 1, 1), rng.normal(0, 1, 1), rng.uniform(low, high, (1, 1))))


def _layouts(rng):
    whole = rng.integers(-2, 3, (4, 3))
    yield Call((rng.integers(-4, 5, 3), rng.integers(-2, 3, 3), whole.T @ whole + 3 * np.eye(3, dtype=np.int64)))
    yield Call(
        tuple(value.astype(np.float32) for value in _problem(rng, np.array([0.5, 1.0, 2.0]), _near(rng, 3)))
    )
    yield from layouts_of(Call(_problem(rng, np.geomspace(0.5, 2.5, 3), _near(rng, 3))))


def _parts(x, mu, cov):
    """The deviation, the quadratic form and the log-determinant."""
    d = np.asarray(x) - mu
    return d, d @ np.linalg.solve(cov, d), np.linalg.slogdet(cov)[1]


def _log_pdf(quadratic, log_det, k):
    return -0.5 * (quadratic + log_det + k * right.LOG_2PI)


@mistake("log-of-determinant")
def _(x, mu, cov):
    """The determinant is formed first, and with many variables it leaves the range of float64. Its logarithm is a
    sum that doesn't.
    """
    d, quadratic, _ = _parts(x, mu, cov)
    return _log_pdf(quadratic, np.log(np.linalg.det(cov)), len(d))


@mistake("log-of-pdf")
def _(x, mu, cov):
    """The density is formed first, and far out, or with many variables, it leaves the range of float64. The
    logarithm of exp needs no exp.
    """
    d, quadratic, _ = _parts(x, mu, cov)
    return np.log(np.exp(-0.5 * quadratic) / np.sqrt((2 * np.pi) ** len(d) * np.linalg.det(cov)))


@mistake("density-not-its-log")
def _(x, mu, cov):
    """This is the density itself; its logarithm is asked for."""
    return np.exp(right.mvn_log_pdf(x, mu, cov))


@mistake("sign-flipped", slip=True)
def _(x, mu, cov):
    """This is the negative log-density, which is a loss. The log-density itself is largest at the mean."""
    return -right.mvn_log_pdf(x, mu, cov)


@mistake("exponent-without-minus", slip=True)
def _(x, mu, cov):
    """Here the density grows with the distance from the mean: the exponent lost its minus."""
    d, quadratic, log_det = _parts(x, mu, cov)
    return _log_pdf(-quadratic, log_det, len(d))


@mistake("half-missing", slip=True)
def _(x, mu, cov):
    """The quadratic form counts twice what it should. Which factor stands in front of it in the exponent?"""
    d, quadratic, log_det = _parts(x, mu, cov)
    return _log_pdf(2 * quadratic, log_det, len(d))


@mistake("determinant-not-rooted", slip=True)
def _(x, mu, cov):
    """The log-determinant is subtracted whole; the normaliser holds the square root of the determinant."""
    d, quadratic, log_det = _parts(x, mu, cov)
    return _log_pdf(quadratic, 2 * log_det, len(d))


@mistake("determinant-missing")
def _(x, mu, cov):
    """The normaliser doesn't depend on cov here: a wide bell would be as high as a narrow one."""
    d, quadratic, _ = _parts(x, mu, cov)
    return _log_pdf(quadratic, 0, len(d))


@mistake("sign-for-log-determinant")
def _(x, mu, cov):
    """np.linalg.slogdet gives a sign and a logarithm; the sign, always 1 here, is taken for the logarithm."""
    d, quadratic, _ = _parts(x, mu, cov)
    return _log_pdf(quadratic, 1, len(d))


@mistake("half-the-log-determinant", slip=True)
def _(x, mu, cov):
    """The logarithms on the diagonal of the Cholesky factor add up to the log-determinant of the factor. What is
    that of L Lᵀ?
    """
    d, quadratic, log_det = _parts(x, mu, cov)
    return _log_pdf(quadratic, 0.5 * log_det, len(d))


@mistake("solved-with-covariance")
def _(x, mu, cov):
    """The deviation is divided by the covariance and then squared, which divides by the covariance squared. Solve
    with its Cholesky factor, or multiply by the deviation once more.
    """
    d, _, log_det = _parts(x, mu, cov)
    z = np.linalg.solve(cov, d)
    return _log_pdf(z @ z, log_det, len(d))


@mistake("diagonal-for-determinant")
def _(x, mu, cov):
    """The variances on the diagonal stand for the determinant. With correlation the bell has less volume."""
    d, quadratic, _ = _parts(x, mu, cov)
    return _log_pdf(quadratic, np.sum(np.log(np.diag(cov))), len(d))


@mistake("two-pi-once", slip=True)
def _(x, mu, cov):
    """The 2π is counted once for all variables; each of them brings its own."""
    return _log_pdf(*_parts(x, mu, cov)[1:], 1)


@mistake("power-of-pi-alone")
def _(x, mu, cov):
    """The normaliser is √(2 π^k |Σ|) here; the 2 belongs under the power as well."""
    d, quadratic, log_det = _parts(x, mu, cov)
    return _log_pdf(quadratic, log_det + np.log(2) - len(d) * np.log(2), len(d))


@mistake("two-pi-missing", slip=True)
def _(x, mu, cov):
    """The part of the normaliser with π in it is missing: this density doesn't integrate to one."""
    return _log_pdf(*_parts(x, mu, cov)[1:], 0)


@mistake("correlations-ignored")
def _(x, mu, cov):
    """This adds up one Gaussian for each variable. That holds for independent ones; what lies beside the diagonal
    counts, too.
    """
    return np.sum(right.gaussian_log_pdf(x, mu, np.sqrt(np.diag(cov))))


@mistake("not-inverted")
def _(x, mu, cov):
    """The quadratic form holds cov itself: here the density falls fastest where the data spread most."""
    d, _, log_det = _parts(x, mu, cov)
    return _log_pdf(d @ cov @ d, log_det, len(d))


@mistake("inverted-entry-by-entry")
def _(x, mu, cov):
    """1 / cov inverts every entry by itself; the inverse of a matrix is something else."""
    d, _, log_det = _parts(x, mu, cov)
    return _log_pdf(d @ (1 / cov) @ d, log_det, len(d))


@mistake("distance-not-squared")
def _(x, mu, cov):
    """The Mahalanobis distance enters as it is; in a Gaussian it enters squared."""
    d, quadratic, log_det = _parts(x, mu, cov)
    return _log_pdf(np.sqrt(quadratic), log_det, len(d))


@mistake("mean-forgotten")
def _(x, mu, cov):
    """The bell is centred at 0 here, whatever mu says."""
    return right.mvn_log_pdf(x, np.zeros(len(x)), cov)


@mistake("small-variances-dropped")
def _(x, mu, cov):
    """Directions of small variance are left out, as a pseudo-inverse with a cutoff does. The density is narrowest
    there: they count most.
    """
    d = np.asarray(x) - mu
    return _log_pdf(d @ np.linalg.pinv(cov, rcond=1e-7) @ d, np.linalg.slogdet(cov)[1], len(d))


@mistake("jitter-on-diagonal")
def _(x, mu, cov):
    """A small constant is added to the diagonal. It swamps narrow directions and small units; a positive definite
    matrix doesn't need it.
    """
    return right.mvn_log_pdf(x, mu, cov + 1e-10 * np.eye(len(x)))


@mistake("input-mutated")
def _(x, mu, cov):
    """`x -= mu` writes into the caller's array. Make a new one: `d = x - mu`."""
    result = right.mvn_log_pdf(x, mu, cov)
    x -= mu
    return result


@mistake("float32-inside")
def _(x, mu, cov):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    return np.float32(right.mvn_log_pdf(*(np.asarray(value, np.float32) for value in (x, mu, cov))))


def _textbook(x, mu, cov):
    off = x - mu
    return -0.5 * (off @ np.linalg.inv(cov) @ off + np.log(np.linalg.det(cov)) + len(x) * np.log(2 * np.pi))


def _three_terms(x, mu, cov):
    off = x - mu
    distance = off @ np.linalg.solve(cov, off)
    return -(distance / 2) - np.log(np.linalg.det(cov)) / 2 - len(x) * np.log(2 * np.pi) / 2


exercise = Exercise(
    name="mvn_log_pdf",
    topic="gaussian",
    reference=right.mvn_log_pdf,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook, _three_terms),
    checks=(
        Check(
            "matches the log of the density on ordinary covariances",
            example=Call((np.array([1.0, 2.0]), np.array([0.0, 1.0]), np.array([[2.0, 0.5], [0.5, 1.0]]))),
            inputs=_ordinary,
            hint=(
                "There are three terms: the squared distance measured by the inverse of cov, the log-"
                "determinant, and k times log 2π."
            ),
        ),
        Check(
            "stays finite where the determinant under- or overflows",
            example=Call((np.full(40, 1e-5), np.zeros(40), 1e-10 * np.eye(40))),
            inputs=_many,
            weight=0.75,
            hint="The determinant is a product over all variables. What does a logarithm make of a product?",
        ),
        Check(
            "stays finite and exact far out in the tails",
            example=Call((np.array([40.0, 40.0]), np.zeros(2), np.array([[1.0, 0.5], [0.5, 1.0]]))),
            inputs=_tails,
            weight=0.5,
            hint="The density underflows there, its logarithm is an ordinary number.",
        ),
        Check(
            "keeps its digits where the bell is narrow in one direction",
            example=Call((np.array([0.02, -0.02]), np.zeros(2), np.array([[1.0, 0.9999], [0.9999, 1.0]]))),
            inputs=_narrow,
            weight=0.5,
            hint="Strong correlation leaves a direction of tiny variance, in which small steps count for much.",
        ),
        Check(
            "keeps its digits at every scale",
            example=Call((np.array([1e-8, 0.0]), np.zeros(2), np.array([[1e-16, 5e-17], [5e-17, 1e-16]]))),
            inputs=_scales,
            weight=0.5,
            hint="In another unit the log-density is the same but for a constant, k times the log of the unit.",
        ),
        Check(
            "works for one variable",
            example=Call((np.array([2.0]), np.array([0.5]), np.array([[4.0]]))),
            inputs=_one,
            weight=0.25,
            hint="With k = 1 it is the logarithm of the ordinary bell curve, a scalar.",
        ),
        takes_any_layout(
            Call((np.array([1, 2]), np.array([0, 1]), np.array([[2, 1], [1, 2]]))),
            _layouts,
            weight=0.25,
        ),
        leaves_arguments_unchanged(
            Call((np.array([1.0, 2.0]), np.array([0.0, 1.0]), np.array([[2.0, 0.5], [0.5, 1.0]]))),
            _ordinary,
            weight=0.25,
        ),
    ),
)
