"""The references of the topic gaussian, held against mpmath, SciPy and the laws they obey."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg
import scipy.stats
from correct.gaussian import (
    exact_correlation,
    exact_covariance_matrix,
    exact_gaussian_log_likelihood,
    exact_gaussian_log_pdf,
    exact_gaussian_mle,
    exact_map_ridge,
    exact_mvn_log_pdf,
    exact_within_k_sigma,
)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.solutions.gaussian import (
    correlation,
    covariance_matrix,
    gaussian_log_likelihood,
    gaussian_log_pdf,
    gaussian_mle,
    map_ridge,
    mvn_log_pdf,
    within_k_sigma,
)

EPS = np.finfo(np.float64).eps
RNG = np.random.default_rng(20240307)


def laid_out(array):
    """An array as it is, in Fortran order, with gaps and reversed, and read-only."""
    gaps = np.zeros([2 * n for n in array.shape])[tuple(slice(None, None, -2) for _ in array.shape)]
    gaps[...] = array
    read_only = array.copy()
    read_only.flags.writeable = False
    return [array, np.asfortranarray(array), gaps, read_only]


def assert_near(actual, truth, *, relative=16 * EPS, absolute=0.0):
    """Same shape and float64; each element within the error bound."""
    assert np.asarray(actual).dtype == np.float64
    assert np.shape(actual) == np.shape(truth)
    np.testing.assert_allclose(actual, truth, rtol=relative, atol=absolute)


# --- gaussian_log_pdf, gaussian_log_likelihood ----------------------------------------------------------------

POINTS = {
    "ordinary": (RNG.normal(1, 2, 6), 0.5, 2.0),
    "scalars": (0.3, 0.5, 2.0),
    "integers": (np.array([-1, 0, 1, 2]), 0, 1),
    "int8 at its limits": (np.array([-128, 127], dtype=np.int8), np.int8(100), np.int8(1)),
    "float32": (RNG.normal(0, 2, 5).astype(np.float32), np.float32(0.1), np.float32(1.7)),
    "40 sigma out": (np.array([40.0, -40.0, 1e4, 38.6]), 0.0, 1.0),
    "at the mean": (np.array([7.0]), 7.0, 1e-8),
    "smallest sigma": (1e-8 * RNG.normal(0, 1, 4), 1e-9, 1e-8),
    "largest sigma": (1e8 * RNG.normal(0, 1, 4), 1e9, 1e8),
    "far from zero": (1e6 + 1e-3 * RNG.normal(0, 1, 4), 1e6, 1e-3),
    "rows and columns": (RNG.normal(0, 1, (4, 1)), RNG.normal(0, 1, 3), np.geomspace(1e-8, 1e8, 3)),
    "one point, many bells": (0.25, RNG.normal(0, 1, (2, 3)), RNG.uniform(0.5, 2, (2, 1))),
}
SAMPLES = [name for name, (x, mu, _) in POINTS.items() if np.ndim(x) == 1 and np.ndim(mu) == 0]


def log_density_rounding(x, mu, sigma):
    z = (np.asarray(x, dtype=float) - mu) / sigma
    return 8 * EPS * (z * z / 2 + np.abs(np.log(np.asarray(sigma, dtype=float))) + 1)


@pytest.mark.parametrize("name", POINTS)
def test_gaussian_log_pdf_is_exact(name):
    truth = exact_gaussian_log_pdf(*POINTS[name])
    error = np.abs(gaussian_log_pdf(*POINTS[name]) - truth)
    assert (error <= log_density_rounding(*POINTS[name])).all()
    assert np.shape(error) == truth.shape


@pytest.mark.parametrize("name", POINTS)
def test_scipy_gives_the_same_log_density(name):
    x, mu, sigma = (np.asarray(value, dtype=float) for value in POINTS[name])
    error = np.abs(gaussian_log_pdf(x, mu, sigma) - scipy.stats.norm.logpdf(x, mu, sigma))
    assert (error <= 2 * log_density_rounding(x, mu, sigma)).all()


@pytest.mark.parametrize("name", SAMPLES)
def test_gaussian_log_likelihood_is_exact(name):
    x, mu, sigma = POINTS[name]
    truth = exact_gaussian_log_likelihood(x, mu, sigma)
    assert_near(gaussian_log_likelihood(x, mu, sigma), truth, absolute=log_density_rounding(x, mu, sigma).sum())


def test_the_log_likelihood_of_many_points_is_exact():
    x = RNG.normal(0, 1.5, 3000)
    assert_near(gaussian_log_likelihood(x, 0.25, 1.5), exact_gaussian_log_likelihood(x, 0.25, 1.5))


def test_the_worked_numbers_of_the_course():
    x = np.array([-1.0, 0.0, 1.0, 2.0])
    assert gaussian_log_likelihood(x, 0, 1) == pytest.approx(-6.6758, abs=5e-5)
    assert gaussian_log_likelihood(x, *gaussian_mle(x)) == pytest.approx(-6.1220, abs=5e-5)
    assert gaussian_mle(x) == (0.5, pytest.approx(1.25**0.5, rel=1e-15))
    bands = [within_k_sigma(k) for k in (1, 2, 3)]
    np.testing.assert_allclose(bands, [0.6827, 0.9545, 0.9973], rtol=0, atol=5e-5)


# --- gaussian_mle, covariance_matrix, correlation --------------------------------------------------------------

WAVE = np.array([0.3, -1.1, 0.8, 1.7, -0.4, -0.9, 0.2])
DATA = {
    "ordinary": RNG.normal(2, 1.5, 9),
    "two points": np.array([1.0, 4.0]),
    "integers": np.array([3, -7, 2, 2, 9]),
    "int8 at its limits": np.array([127, 126, -128, 125], dtype=np.int8),
    "float32": RNG.normal(1, 2, 8).astype(np.float32),
    "smallest spread": 1e-8 * (WAVE + 3),
    "largest spread": 1e8 * (WAVE - 3),
    "100 deviations from zero": WAVE + 95,
    "mean near zero": np.append(WAVE, -WAVE.sum() + 1e-12),
    "long": RNG.normal(-3, 2, 2000),
}


def moment_rounding(x, power):
    """Of a mean of powers of deviations, when the mean itself is rounded at the size of x."""
    return 8 * EPS * np.abs(x, dtype=float).max() * np.ptp(np.asarray(x, dtype=float)) ** (power - 1)


@pytest.mark.parametrize("name", DATA)
def test_gaussian_mle_is_exact(name):
    mu, sigma = gaussian_mle(DATA[name])
    wanted_mu, wanted_sigma = exact_gaussian_mle(DATA[name])
    assert_near(mu, wanted_mu, relative=0, absolute=moment_rounding(DATA[name], 1))
    assert_near(sigma, wanted_sigma)


@pytest.mark.parametrize("name", DATA)
def test_numpy_gives_the_same_mean_and_deviation(name):
    x = DATA[name].astype(float)
    np.testing.assert_allclose(gaussian_mle(DATA[name]), (x.mean(), x.std()), rtol=4 * EPS)


@pytest.mark.parametrize("name", DATA)
def test_covariance_matrix_and_correlation_are_exact(name):
    x = DATA[name]
    y = (np.roll(x, 1) // 2 - x if x.dtype.kind == "i" else np.roll(x, 1) - x / 3).astype(x.dtype)
    X = np.column_stack([x, y])
    rounding = 4 * moment_rounding(X, 2)
    assert_near(covariance_matrix(X), exact_covariance_matrix(X), absolute=rounding)
    truth = exact_covariance_matrix(X)
    assert_near(correlation(x, y), exact_correlation(x, y), absolute=rounding / truth.diagonal().min())


@pytest.mark.parametrize("shape", [(2, 5), (5, 5), (40, 2)], ids=str)
def test_numpy_gives_the_same_covariances(shape):
    X = RNG.normal(2, 1, shape) * np.geomspace(1e-8, 1e8, shape[1])
    np.testing.assert_allclose(covariance_matrix(X), np.cov(X, rowvar=False, bias=True), rtol=1e-12)
    np.testing.assert_allclose(correlation(*X.T[:2]), np.corrcoef(*X.T[:2])[0, 1], rtol=1e-12)


# --- within_k_sigma --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "k", [0, 0.0, 1, 2, 3, 1e-300, 1e-12, 1e-4, 0.7, 4.5, 8.2, 8.4, 40.0, 1e4, 10**6], ids=str
)
def test_within_k_sigma_is_exact(k):
    assert_near(within_k_sigma(k), exact_within_k_sigma(k), relative=4 * EPS)
    assert_near(within_k_sigma(k), scipy.special.erf(k / 2**0.5), relative=4 * EPS)


# --- mvn_log_pdf -----------------------------------------------------------------------------------------------


def bell(variances, z, scale=1.0):
    """A point z deviations from its mean, along random axes with these variances."""
    k = len(variances)
    axes = np.linalg.qr(RNG.normal(0, 1, (k, k)))[0]
    mu = RNG.normal(0, scale, k)
    cov = (axes * variances) @ axes.T * scale**2
    return mu + scale * axes @ (np.sqrt(variances) * z), mu, (cov + cov.T) / 2


BELLS = {
    "plane": bell([0.5, 2.0], [1.0, -2.0]),
    "one variable": bell([4.0], [0.5]),
    "integers": (np.array([1, 2]), np.array([0, 1]), np.array([[2, 1], [1, 2]])),
    "float32": tuple(a.astype(np.float32) for a in bell([0.5, 1.0, 2.0], [1, -1, 0.5])),
    "determinant underflows": bell(np.geomspace(0.5, 2, 30), RNG.normal(0, 1, 30), 1e-8),
    "determinant overflows": bell(np.geomspace(0.5, 2, 30), RNG.normal(0, 1, 30), 1e8),
    "200 variables": (RNG.normal(0, 0.01, 200), np.zeros(200), np.diag(np.geomspace(1e-6, 1e-2, 200))),
    "far out": bell([0.5, 1.0, 2.0], [60, 1, -1e3]),
    "narrow": bell([1e-6, 1e-3, 1.0], [2.0, 1.0, -1.0]),
    "at the mean": (np.ones(2), np.ones(2), np.array([[1.0, 0.3], [0.3, 1.0]])),
    "scales mixed": (np.array([1e-8, 1e8]), np.zeros(2), np.array([[1e-16, 0.5], [0.5, 1e16]])),
}


@pytest.mark.parametrize("name", BELLS)
def test_mvn_log_pdf_is_exact(name):
    """Within a few eps times the condition number of the correlations, on which Cholesky's error depends."""
    x, mu, cov = BELLS[name]
    scale = np.sqrt(np.diag(cov))
    condition = np.linalg.cond(cov / np.outer(scale, scale))
    d = np.linalg.norm((x - np.asarray(mu, dtype=float)) / scale)
    absolute = 4 * EPS * (condition * (d**2 + len(x)) + np.abs(np.log(scale)).sum())
    assert_near(mvn_log_pdf(x, mu, cov), exact_mvn_log_pdf(x, mu, cov), absolute=absolute)


@pytest.mark.parametrize("name", [name for name in BELLS if name != "scales mixed"])
def test_scipy_gives_the_same_multivariate_density(name):
    x, mu, cov = (np.asarray(a, dtype=float) for a in BELLS[name])
    wanted = scipy.stats.multivariate_normal(mu, cov).logpdf(x)
    np.testing.assert_allclose(mvn_log_pdf(x, mu, cov), wanted, rtol=1e-9, atol=1e-9)


# --- map_ridge -------------------------------------------------------------------------------------------------


def regression(n, d):
    X = RNG.normal(0.5, 1, (n, d))
    return X, X @ RNG.normal(0, 1, d) + RNG.normal(0, 0.3, n)


INTEGERS = RNG.integers(-5, 6, (6, 2)), RNG.integers(-9, 10, 6)
ALIKE = np.array([[1.0, 1.0], [1.0, 1.001], [2.0, 2.0], [3.0, 2.999]])
PROBLEMS = {
    "ordinary": (*regression(8, 3), 0.5, 2.0),
    "fewer data than weights": (*regression(3, 5), 0.5, 2.0),
    "one of each": (*regression(1, 1), 2.0, 0.5),
    "integers": (*INTEGERS, 1, 2),
    "float32": (*(a.astype(np.float32) for a in regression(6, 2)), 0.25, 2),
    "next to no prior": (*regression(8, 3), 1e-16, 1e16),
    "nothing but prior": (*regression(8, 3), 1e16, 1e-16),
    "a column twice": (INTEGERS[0][:, [0, 1, 0]], INTEGERS[1], 1e-3, 2.0),
    "columns alike": (ALIKE, np.array([1.0, 2.0, 3.0, 5.0]), 1e-6, 1.0),
    "targets zero": (regression(4, 2)[0], np.zeros(4), 1.0, 1.0),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_map_ridge_is_exact(name):
    """The singular values lose eps of the largest, and the weights that share of the smallest that counts."""
    X, y, sigma2, tau2 = PROBLEMS[name]
    truth, singular = exact_map_ridge(X, y, sigma2, tau2), np.linalg.svd(X, compute_uv=False)
    condition = singular[0] / max(singular[-1], np.sqrt(sigma2 / tau2)) + 1
    assert_near(map_ridge(X, y, sigma2, tau2), truth, absolute=16 * EPS * condition * np.linalg.norm(truth))


def test_map_ridge_is_the_maximum_of_the_log_posterior():
    X, y, sigma2, tau2 = PROBLEMS["ordinary"]

    def log_posterior(w):
        noise, prior = np.full(len(y), sigma2), np.full(len(w), tau2)
        likelihood = np.sum(gaussian_log_pdf(y, X @ w, np.sqrt(noise)))
        return likelihood + np.sum(gaussian_log_pdf(w, 0.0, np.sqrt(prior)))

    w = map_ridge(X, y, sigma2, tau2)
    for step in 1e-3 * np.vstack([np.eye(len(w)), -np.eye(len(w))]):
        assert log_posterior(w + step) < log_posterior(w)


# --- manners ---------------------------------------------------------------------------------------------------

ARRAYS = {
    gaussian_log_pdf: (WAVE, WAVE[::-1] / 2, np.linspace(1, 2, 7)),
    gaussian_log_likelihood: (WAVE, 0.5, 2.0),
    gaussian_mle: (WAVE,),
    covariance_matrix: (RNG.normal(1, 1, (5, 3)),),
    correlation: (WAVE, WAVE**2),
    mvn_log_pdf: BELLS["narrow"],
    map_ridge: PROBLEMS["ordinary"],
}


@pytest.mark.parametrize("function", ARRAYS)
def test_the_layout_of_the_arguments_does_not_matter_and_they_stay_as_they_are(function):
    wanted = function(*ARRAYS[function])
    laid = [laid_out(a) if isinstance(a, np.ndarray) else [a] * 4 for a in ARRAYS[function]]
    for arguments in zip(*laid, strict=True):
        before = [np.copy(a) for a in arguments]
        np.testing.assert_allclose(function(*arguments), wanted, rtol=1e-9)
        for a, b in zip(arguments, before, strict=True):
            np.testing.assert_array_equal(a, b)


# --- laws ------------------------------------------------------------------------------------------------------

SPREAD = npst.arrays(np.float64, st.integers(3, 12), elements=st.integers(-999, 999).map(float)).filter(np.ptp)
UNIT = st.floats(1e-6, 1e6)


@given(st.floats(-50, 50), UNIT)
def test_the_density_integrates_to_one(mu, sigma):
    x = mu + sigma * np.linspace(-12, 12, 4001)
    assert np.sum(np.exp(gaussian_log_pdf(x, mu, sigma))) * (x[1] - x[0]) == pytest.approx(1, rel=1e-6)


@given(SPREAD, st.floats(-0.5, 0.5).filter(lambda v: abs(v) > 1e-3))
def test_no_other_gaussian_is_likelier_than_the_fitted_one(x, step):
    mu, sigma = gaussian_mle(x)
    best = gaussian_log_likelihood(x, mu, sigma)
    assert gaussian_log_likelihood(x, mu + step * sigma, sigma) < best
    assert gaussian_log_likelihood(x, mu, sigma * np.exp(step)) < best


@given(SPREAD, UNIT, st.integers(-99, 99))
def test_moments_follow_a_change_of_unit_and_of_zero(x, unit, shift):
    mu, sigma = gaussian_mle(x)
    moved = gaussian_mle(unit * (x + shift))
    noise = 64 * EPS * unit * (np.abs(x).max() + abs(shift))
    np.testing.assert_allclose(moved, (unit * (mu + shift), unit * sigma), rtol=0, atol=noise * len(x))


@given(npst.arrays(np.float64, (6, 3), elements=st.floats(-1e3, 1e3)))
def test_covariances_are_symmetric_and_positive_semidefinite_and_hold_the_variances(X):
    covariance = covariance_matrix(X)
    noise = 64 * EPS * np.square(X).max()
    np.testing.assert_array_equal(covariance, covariance.T)
    np.testing.assert_allclose(covariance.diagonal(), X.var(axis=0), rtol=1e-12, atol=noise)
    assert np.linalg.eigvalsh(covariance).min() >= -noise


@given(SPREAD, st.data())
def test_correlation_is_symmetric_bounded_and_1_on_a_line(x, data):
    y = data.draw(npst.arrays(np.float64, len(x), elements=st.integers(-999, 999).map(float)).filter(np.ptp))
    assert correlation(x, y) == correlation(y, x)
    assert abs(correlation(x, y)) <= 1 + 8 * EPS
    assert correlation(x, 3 - 2 * x) == pytest.approx(-1, rel=1e-12)


@given(st.floats(0, 40), st.floats(0, 40))
def test_a_wider_band_holds_no_less(k, more):
    assert 0 <= within_k_sigma(k) <= within_k_sigma(k + more) <= 1


@given(npst.arrays(np.float64, (3, 3), elements=st.floats(-2, 2)), st.floats(-3, 3))
def test_a_joint_density_is_a_marginal_times_a_conditional(A, x0):
    cov, x = A @ A.T + np.eye(3), np.array([x0, 0.5, -1.0])
    gain = cov[1:, 0] / cov[0, 0]
    marginal = gaussian_log_pdf(x0, 0.0, np.sqrt(cov[0, 0]))
    conditional = mvn_log_pdf(x[1:], gain * x0, cov[1:, 1:] - np.outer(gain, cov[0, 1:]))
    assert mvn_log_pdf(x, np.zeros(3), cov) == pytest.approx(marginal + conditional, rel=1e-10)


@given(st.floats(0.1, 100), st.floats(1.01, 10))
def test_a_stronger_prior_shrinks_more_and_only_the_ratio_of_variances_counts(ratio, factor):
    X, y, _, _ = PROBLEMS["ordinary"]
    w = map_ridge(X, y, ratio, 1.0)
    assert np.linalg.norm(map_ridge(X, y, ratio * factor, 1.0)) < np.linalg.norm(w)
    np.testing.assert_allclose(map_ridge(X, y, ratio * factor, factor), w, rtol=1e-10)
