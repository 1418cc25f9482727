"""sample_gaussian(mu, cov, z): standard normal draws become draws of N(mu, cov)."""

import numpy as np

from autograder.exercises.matching import _gaussian_draws as draws
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
from autograder.solutions import matching as right

mistake = Misconceptions()


def _tolerance(call, single):
    """A computed factor is that of a matrix off by eps·‖cov‖, so its entries are off by eps·cond(cov)·‖L‖
    at most.
    """
    mu, cov, z = (np.asarray(value, dtype=np.float64) for value in call.args)
    reach = np.sqrt(np.linalg.norm(cov, 2)) * np.max(np.linalg.norm(z, axis=1))
    return tolerance_for(float(np.linalg.cond(cov) * reach + np.max(np.abs(mu))), single=single)


def _problem(rng, n, variances, scales=1.0):
    d = len(variances)
    mu = rng.uniform(1, 3, d) * np.resize([1.0, -1.0], d) * scales
    return mu, draws.covariance(rng, variances, scales), rng.normal(0, 1, (n, d))


def _ordinary(rng):
    for n, d in ((4, 2), (3, 3), (6, 4)):
        yield Call(_problem(rng, n, np.geomspace(0.4, 3, d)))


def _scales(rng):
    for scales in ([1e-8] * 3, [1e8] * 3, [1e-2, 1.0, 1e2]):
        yield Call(_problem(rng, 3, np.geomspace(0.5, 2.5, 3), np.array(scales)))


def _narrow(rng):
    yield Call(_problem(rng, 4, np.array([1e-4, 1.0])))
    yield Call(_problem(rng, 4, np.array([1e-5, 1e-3, 1.0])))


def _shapes(rng):
    yield Call(_problem(rng, 5, np.array([rng.uniform(2, 4)])))
    yield Call(_problem(rng, 1, np.geomspace(0.5, 2, 3)))
    yield Call(_problem(rng, 7, np.geomspace(0.5, 3, 30)))


def _layouts(rng):
    low = np.array([[2, 0, 0], [-1, 1, 0], [1, 1, 3]])
    yield Call((rng.integers(-4, 5, 3), low @ low.T, rng.integers(-2, 3, (5, 3))))
    yield Call(tuple(value.astype(np.float32) for value in _problem(rng, 4, np.geomspace(0.5, 2.5, 3))))
    yield from layouts_of(Call(_problem(rng, 4, np.geomspace(0.5, 2.5, 3))))


def _by(factor, mu, cov, z):
    """Each row of z through the factor, and moved by mu."""
    return np.asarray(mu) + z @ np.asarray(factor(cov)).T


@mistake("factor-not-transposed", slip=True)
def _(mu, cov, z):
    """The rows are multiplied by L; a row z becomes L z as a *row* by z Lᵀ. The draws have the covariance
    LᵀL.
    """
    return _by(lambda c: np.linalg.cholesky(c).T, mu, cov, z)


@mistake("covariance-for-its-root")
def _(mu, cov, z):
    """The draws are multiplied by the covariance itself, so they have its square as covariance. What is
    its root?
    """
    return _by(lambda c: c, mu, cov, z)


@mistake("deviations-alone")
def _(mu, cov, z):
    """Each variable is scaled by its standard deviation, and they stay independent: the covariances are
    lost.
    """
    return right.sample_gaussian(mu, np.asarray(cov) * np.eye(len(mu)), z)


@mistake("variances-alone")
def _(mu, cov, z):
    """Each variable is scaled by its variance, and they stay independent: the covariances are lost."""
    return _by(lambda c: np.diag(np.diag(c)), mu, cov, z)


@mistake("root-entry-by-entry")
def _(mu, cov, z):
    """The root of every entry is taken by itself; a root L of a matrix is one with L Lᵀ = cov."""
    return _by(lambda c: np.sqrt(np.abs(c)), mu, cov, z)


@mistake("symmetric-root")
def _(mu, cov, z):
    """This root has the right covariance, but it is the symmetric one, from eigenvectors. L is to be
    triangular.
    """

    def root(c):
        variances, axes = np.linalg.eigh(c)
        return axes * np.sqrt(variances) @ axes.T

    return _by(root, mu, cov, z)


@mistake("eigenvector-root")
def _(mu, cov, z):
    """This root, eigenvectors times deviations, has the right covariance, but L is to be lower triangular."""

    def root(c):
        variances, axes = np.linalg.eigh(c)
        return axes * np.sqrt(variances)

    return _by(root, mu, cov, z)


@mistake("upper-factor")
def _(mu, cov, z):
    """This root is upper triangular, U Uᵀ = cov: right as a root, but L is to be lower triangular."""
    return _by(lambda c: np.linalg.cholesky(c[::-1, ::-1])[::-1, ::-1], mu, cov, z)


@mistake("inverse-factor")
def _(mu, cov, z):
    """The draws are multiplied by the inverse of L: that whitens data of this covariance, and here it is
    undone.
    """
    return _by(lambda c: np.linalg.inv(np.linalg.cholesky(c)), mu, cov, z)


@mistake("mean-forgotten", slip=True)
def _(mu, cov, z):
    """The draws are centred at 0, whatever mu says."""
    return right.sample_gaussian(np.zeros(len(mu)), cov, z)


@mistake("mean-through-the-factor")
def _(mu, cov, z):
    """The mean is added before the draws go through L, so that L moves it, too."""
    return (mu + np.asarray(z)) @ np.linalg.cholesky(cov).T


@mistake("jitter-on-diagonal")
def _(mu, cov, z):
    """A small constant is added to the diagonal. It swamps variables of small scale; a positive definite
    covariance doesn't need it.
    """
    return _by(lambda c: np.linalg.cholesky(c + 1e-10 * np.eye(len(c))), mu, cov, z)


@mistake("own-draws")
def _(mu, cov, z):
    """Here z is not used: these are new random draws. With the draws given the result is the same each
    time.
    """
    return np.random.default_rng(0).multivariate_normal(mu, cov, len(z))


@mistake("input-mutated")
def _(mu, cov, z):
    """The draws are overwritten in the caller's array. Make a new one: `mu + z @ …`."""
    result = right.sample_gaussian(mu, cov, z)
    z[...] = result
    return result


@mistake("float32-inside")
def _(mu, cov, z):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    single = (np.asarray(value, np.float32) for value in (mu, cov, z))
    return right.sample_gaussian(*single).astype(np.float32)


MU, COV = np.array([1.0, -1.0]), np.array([[4.0, 2.0], [2.0, 5.0]])
Z = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]])

exercise = Exercise(
    name="sample_gaussian",
    topic="matching",
    reference=right.sample_gaussian,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    checks=(
        Check(
            "gives mu + z Lᵀ with the lower triangular L",
            example=Call((MU, COV, Z)),
            inputs=_ordinary,
            hint="np.linalg.cholesky gives L with L Lᵀ = cov. Each row z becomes mu + L z.",
        ),
        Check(
            "keeps its digits at every scale",
            example=Call((1e-8 * MU, 1e-16 * COV, Z)),
            inputs=_scales,
            weight=0.5,
            hint="In another unit the draws are the same, in that unit: is a constant added anywhere?",
        ),
        Check(
            "keeps its digits where the spread is narrow in one direction",
            example=Call((MU, np.array([[1.0, 0.999], [0.999, 1.0]]), Z)),
            inputs=_narrow,
            weight=0.25,
            hint="Strong correlation leaves a direction of tiny variance; nothing need be added to it.",
        ),
        Check(
            "works for any number of draws and of variables",
            example=Call((np.array([2.0]), np.array([[9.0]]), np.array([[1.0], [-2.0]]))),
            inputs=_shapes,
            weight=0.25,
            hint="One variable has a 1×1 covariance; one draw is a row, of shape (1, d).",
        ),
        takes_any_layout(Call((MU.astype(int), COV.astype(int), Z.astype(int))), _layouts, weight=0.25),
        leaves_arguments_unchanged(Call((MU, COV, Z)), _ordinary, weight=0.25),
    ),
)
