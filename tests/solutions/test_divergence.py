"""The references of the topic divergence, held against mpmath, SciPy and the laws they obey."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.integrate
import scipy.spatial.distance
import scipy.special
import scipy.stats
from correct.divergence import (
    exact_entropy,
    exact_gaussian_kl,
    exact_js_divergence,
    exact_kl_divergence,
    exact_moment_match,
)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.solutions.divergence import entropy, gaussian_kl, js_divergence, kl_divergence, moment_match

EPS = np.finfo(np.float64).eps
SMALLEST = np.nextafter(0.0, 1.0)
LOG_SMALLEST = 745.0
"""Size of the log of the smallest float64, the largest logarithm there is."""
RNG = np.random.default_rng(20240313)


def pmf(k):
    weights = RNG.uniform(0.05, 1, k)
    return weights / weights.sum()


def read_only(array):
    array.flags.writeable = False
    return array


GAPS = np.repeat(pmf(4), 2)
PMFS = {
    "a coin": np.array([0.5, 0.5]),
    "ordinary": pmf(5),
    "many outcomes": pmf(500),
    "one outcome": np.array([1.0]),
    "a certain outcome": np.array([0.0, 1.0, 0.0]),
    "an impossible outcome": np.array([0.25, 0.0, 0.75]),
    "equally likely": np.full(7, 1 / 7),
    "rare": np.array([1 - 3e-12, 3e-12]),
    "all scales": np.array([1 - 1e-4 - 1e-9, 1e-4, 1e-9, 1e-30, 1e-300, 0.0]),
    "the smallest float64": np.array([1.0, SMALLEST, 3 * SMALLEST]),
    "integers": np.array([0, 0, 1]),
    "int8": np.array([0, 1], dtype=np.int8),
    "float32": pmf(4).astype(np.float32),
    "strided and reversed": GAPS[::-2],
    "read-only": read_only(pmf(4)),
}
PAIRS = {
    "ordinary": (pmf(5), pmf(5)),
    "many outcomes": (pmf(500), pmf(500)),
    "one outcome": (np.ones(1), np.ones(1)),
    "equal": (PMFS["ordinary"], PMFS["ordinary"].copy()),
    "nearly equal": (np.array([0.25, 0.75]), np.array([0.25 + 1e-9, 0.75 - 1e-9])),
    "p without an outcome": (np.array([0.5, 0.5, 0.0]), np.array([0.25, 0.25, 0.5])),
    "q without an outcome": (np.array([0.25, 0.25, 0.5]), np.array([0.5, 0.5, 0.0])),
    "q without a rare outcome": (np.array([1.0, 1e-300]), np.array([1.0, 0.0])),
    "both without an outcome": (np.array([0.5, 0.0, 0.5]), np.array([0.25, 0.0, 0.75])),
    "disjoint supports": (np.array([0.25, 0.75, 0.0, 0.0]), np.array([0.0, 0.0, 0.5, 0.5])),
    "rare under q": (np.array([0.5, 0.5]), np.array([1.0, 1e-300])),
    "rare under p": (np.array([1e-300, 1.0]), np.array([0.5, 0.5])),
    "a quotient that overflows": (np.array([0.5, 0.5]), np.array([1.0, SMALLEST])),
    "the smallest float64 beside 0": (np.array([1.0, SMALLEST, 0.0]), np.array([1.0, 0.0, 3 * SMALLEST])),
    "integers": (np.array([0, 1, 0]), np.array([0, 0, 1])),
    "integers and floats": (np.array([0, 1, 0]), pmf(3)),
    "float32": (pmf(4).astype(np.float32), pmf(4).astype(np.float32)),
    "strided, reversed and read-only": (GAPS[::-2], read_only(pmf(4))),
}
SIZES = np.array([1e-8, 3e-5, 0.7, 1.0, 2.5, 4e3, 1e8])
GAUSSIANS = {
    "scalars": (0.3, 1.2, -0.8, 0.4),
    "integers": (np.array([0, -3]), np.array([1, 4]), 2, np.array([3, 1], dtype=np.int8)),
    "float32": (*RNG.normal(0, 2, (2, 3)).astype(np.float32), *RNG.uniform(1, 2, (2, 3)).astype(np.float32)),
    "every pair of widths": (0.0, SIZES[:, None], 1e-8, SIZES),
    "means far apart": (np.array([-1e10, 0.0, 3.0]), 1.0, np.array([1e10, 1e3, 3.0]), np.array([1e-8, 1.0, 1e8])),
    "nearly equal": (5.0, 2.0, 5.0 + 1e-8, 2.0 - 1e-8),
    "equal": (5.0, 2.0, 5.0, 2.0),
    "close and far from zero": (1e8, 1.0, 1e8 + 1, 1.5),
    "four shapes": (RNG.normal(size=(2, 1, 1)), RNG.uniform(1, 2, (3, 1)), RNG.normal(size=4), read_only(pmf(4))),
}
GAUSSIANS["float32"] = tuple(GAUSSIANS["float32"][i] for i in (0, 2, 1, 3))
MIXTURES = {
    "the two humps of the notebook": (np.array([0.5, 0.5]), np.array([-2.0, 2.0]), np.array([0.5, 0.5])),
    "ordinary": (pmf(5), RNG.normal(0, 3, 5), RNG.uniform(0.5, 2, 5)),
    "many": (pmf(500), RNG.normal(0, 3, 500), RNG.uniform(0.5, 2, 500)),
    "one component": (np.ones(1), np.array([-3.25]), np.array([0.75])),
    "a component of weight 0": (np.array([0.0, 1.0]), np.array([1e10, -3.0]), np.array([1e8, 0.5])),
    "integers": (np.array([0, 1, 0]), np.array([4, -5, 6], dtype=np.int8), np.array([1, 100, 1], dtype=np.int8)),
    "float32": tuple(array.astype(np.float32) for array in (pmf(4), RNG.normal(0, 3, 4), RNG.uniform(1, 2, 4))),
    "narrow": (pmf(3), np.array([-1e-8, 0.0, 2e-8]), np.full(3, 1e-8)),
    "wide": (pmf(3), np.array([-1e9, 0.0, 2e9]), np.full(3, 1e8)),
    "narrow beside wide": (pmf(3), np.array([0.0, 1.0, -1e7]), np.array([1e-8, 1.0, 1e8])),
    "a rare component far away": (np.array([1 - 1e-12, 1e-12]), np.array([0.0, 1e6]), np.ones(2)),
    "a hundred deviations from zero": (pmf(4), 100 + RNG.normal(0, 0.1, 4), np.ones(4)),
    "means that cancel": (np.array([0.5, 0.25, 0.25]), np.array([1.0, -1.5, -0.5 + 1e-12]), np.ones(3)),
    "strided and read-only": (GAPS[::-2], RNG.normal(0, 3, 8)[::2], read_only(RNG.uniform(1, 2, 4))),
}


def assert_near(actual, truth, *, relative=8 * EPS, absolute=0.0):
    """Same shape and float64; infinities alike; each element within the error bound."""
    assert np.asarray(actual).dtype == np.float64
    assert np.shape(actual) == np.shape(truth)
    np.testing.assert_allclose(actual, truth, rtol=relative, atol=absolute)


def rounding(*pmfs):
    """What 16 roundings of the largest logarithm may cost (CONTRACT.md)."""
    return 16 * EPS * max(1.0, *(float(np.abs(np.log(p[p > 0], dtype=float)).max()) for p in pmfs))


# --- against mpmath --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PMFS)
def test_entropy_is_exact_to_the_last_digits(name):
    assert_near(entropy(PMFS[name]), exact_entropy(PMFS[name]), absolute=1000 * SMALLEST)


@pytest.mark.parametrize("name", PAIRS)
def test_kl_divergence_is_exact(name):
    p, q = PAIRS[name]
    assert_near(kl_divergence(p, q), exact_kl_divergence(p, q), absolute=rounding(p, q))


@pytest.mark.parametrize("name", PAIRS)
def test_js_divergence_is_exact(name):
    p, q = PAIRS[name]
    assert_near(js_divergence(p, q), exact_js_divergence(p, q), absolute=rounding(p, q))


@pytest.mark.parametrize("name", GAUSSIANS)
def test_gaussian_kl_is_exact(name):
    """Absolutely where the terms cancel: they are of order 1 there, or the logs of ratios up to 1e16."""
    given = GAUSSIANS[name]
    assert_near(gaussian_kl(*given), exact_gaussian_kl(*given), absolute=8 * EPS)


@pytest.mark.parametrize("name", MIXTURES)
def test_moment_match_is_exact(name):
    weights, mus, sigmas = MIXTURES[name]
    (mu, sigma), (true_mu, true_sigma) = (
        moment_match(weights, mus, sigmas),
        exact_moment_match(weights, mus, sigmas),
    )
    assert_near(mu, true_mu, absolute=8 * EPS * np.sum(weights * np.abs(mus, dtype=float)))
    assert_near(sigma, true_sigma)


# --- against SciPy ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PMFS)
def test_scipy_gives_the_same_entropy(name):
    p = PMFS[name].astype(float)
    assert_near(entropy(p), scipy.special.entr(p).sum(), absolute=1000 * SMALLEST)


@pytest.mark.parametrize("name", PAIRS)
def test_scipy_gives_the_same_divergences(name):
    p, q = (array.astype(float) for array in PAIRS[name])
    noise = rounding(p, q)
    assert_near(kl_divergence(p, q), scipy.special.rel_entr(p, q).sum(), absolute=noise)
    if name not in {"the smallest float64 beside 0", "float32"}:  # SciPy halves the one to 0, normalises the other
        assert_near(js_divergence(p, q), scipy.spatial.distance.jensenshannon(p, q) ** 2, absolute=noise)


@pytest.mark.parametrize("given", [(0.0, 1.0, 1.0, 2.0), (1.0, 2.0, 0.0, 1.0), (0.3, 0.5, -0.4, 0.6)], ids=str)
def test_the_closed_form_is_the_integral(given):
    first, second = scipy.stats.norm(*given[:2]), scipy.stats.norm(*given[2:])
    integral, error = scipy.integrate.quad(lambda x: first.pdf(x) * (first.logpdf(x) - second.logpdf(x)), -20, 20)
    assert gaussian_kl(*given) == pytest.approx(integral, abs=10 * error)


def test_the_numbers_of_the_course():
    assert gaussian_kl(0, 1, 1, 2) == pytest.approx(0.4431, abs=5e-5)
    assert gaussian_kl(1, 2, 0, 1) == pytest.approx(1.3069, abs=5e-5)
    assert gaussian_kl(0, 1, 1, 1) == gaussian_kl(1, 1, 0, 1) == 0.5
    assert moment_match(*MIXTURES["the two humps of the notebook"]) == pytest.approx((0, 2.0616), abs=5e-5)
    assert entropy(np.array([0.5, 0.25, 0.25])) == pytest.approx(1.5 * np.log(2), rel=4 * EPS)


# --- manners ---------------------------------------------------------------------------------------------

CALLS = (
    [pytest.param(entropy, (p,), id=f"entropy-{name}") for name, p in PMFS.items()]
    + [pytest.param(kl_divergence, pair, id=f"kl-{name}") for name, pair in PAIRS.items()]
    + [pytest.param(js_divergence, pair, id=f"js-{name}") for name, pair in PAIRS.items()]
    + [pytest.param(gaussian_kl, given, id=f"gaussian-{name}") for name, given in GAUSSIANS.items()]
    + [pytest.param(moment_match, given, id=f"mixture-{name}") for name, given in MIXTURES.items()]
)


@pytest.mark.parametrize(("function", "given"), CALLS)
def test_the_arguments_stay_as_they_are(function, given):
    before = [np.copy(value) for value in given]
    function(*given)
    for value, copy in zip(given, before, strict=True):
        np.testing.assert_array_equal(value, copy)


# --- laws ------------------------------------------------------------------------------------------------

WEIGHTS = st.sampled_from([0.0, 1e-300, 1e-12, 1e-3]) | st.floats(0.01, 1)
MEANS, WIDTHS = st.floats(-1e3, 1e3), st.floats(-8, 8).map(lambda x: 10.0**x)


@st.composite
def pmfs(draw, count=1, elements=WEIGHTS):
    """Some pmfs over the same outcomes."""
    k = draw(st.integers(1, 7))
    rows = draw(npst.arrays(np.float64, (count, k), elements=elements))
    rows[:, 0] += 0.5
    return rows / rows.sum(axis=1, keepdims=True)


@given(pmfs())
def test_entropy_lies_between_0_and_log_k(rows):
    assert -rounding(rows) <= entropy(rows[0]) <= np.log(rows.shape[1]) + rounding(rows)


@given(pmfs(2))
def test_entropies_of_independent_outcomes_add(rows):
    joint = np.outer(*rows).ravel()
    assert_near(entropy(joint), entropy(rows[0]) + entropy(rows[1]), relative=1e-12, absolute=rounding(rows))


@given(pmfs(2))
def test_kl_is_never_negative_and_infinite_only_where_q_excludes_what_p_allows(rows):
    p, q = rows
    assert kl_divergence(p, q) >= -rounding(p, q)
    assert kl_divergence(p, p) == 0
    assert np.isinf(kl_divergence(p, q)) == ((q == 0) & (p > 0)).any()


@given(pmfs(2, st.floats(0.01, 1)))
def test_cross_entropy_is_entropy_and_extra_nats(rows):
    p, q = rows
    assert_near(entropy(p) + kl_divergence(p, q), -np.sum(p * np.log(q)), relative=1e-12)


@given(pmfs(2))
def test_js_is_symmetric_finite_and_at_most_log_2(rows):
    p, q = rows
    assert -rounding(p, q) <= js_divergence(p, q) <= np.log(2) + rounding(p, q)
    assert_near(js_divergence(q, p), js_divergence(p, q), absolute=rounding(p, q))
    assert js_divergence(p, p) == 0


@given(pmfs(2), st.randoms(use_true_random=False))
def test_the_order_of_the_outcomes_has_no_effect(rows, random):
    order = random.sample(range(rows.shape[1]), rows.shape[1])
    p, q = rows
    noise = rounding(p, q)
    assert_near(entropy(p[order]), entropy(p), absolute=noise)
    assert_near(kl_divergence(p[order], q[order]), kl_divergence(p, q), absolute=noise)
    assert_near(js_divergence(p[order], q[order]), js_divergence(p, q), absolute=noise)


@given(MEANS, WIDTHS, MEANS, WIDTHS)
def test_gaussian_kl_is_never_negative_and_depends_on_no_unit(mu1, sigma1, mu2, sigma2):
    value = gaussian_kl(mu1, sigma1, mu2, sigma2)
    assert value >= -8 * EPS
    assert gaussian_kl(mu1, sigma1, mu1, sigma1) == 0
    other_unit = gaussian_kl(*(1024 * value for value in (mu1, sigma1, mu2, sigma2)))
    assert_near(other_unit, value, absolute=8 * EPS)


@given(pmfs(3, st.floats(0.01, 1)), st.floats(-5, 5), st.floats(0.1, 3))
def test_no_gaussian_is_closer_to_the_mixture(rows, mu, sigma):
    """KL(mixture‖Gaussian) is a constant plus the mean of KL(component‖Gaussian)."""
    weights, mus, sigmas = rows * [[1], [5], [2]]
    best = moment_match(weights, mus, sigmas)
    assert weights @ gaussian_kl(mus, sigmas, *best) <= weights @ gaussian_kl(mus, sigmas, mu, sigma) + 16 * EPS
