"""The references of the topic bayes, held against mpmath, SciPy and the laws they obey."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.special
import scipy.stats
from correct.bayes import (
    exact_dice_sum_pmf,
    exact_expectation,
    exact_positive_predictive_value,
    exact_sequential_posterior,
    exact_variance,
)
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.solutions.bayes import (
    bayes_posterior,
    dice_sum_pmf,
    expectation,
    positive_predictive_value,
    sequential_posterior,
    variance,
)

EPS = np.finfo(np.float64).eps
TINY = np.finfo(np.float64).tiny
RNG = np.random.default_rng(20240229)
THIRDS = np.array([0.1, 0.2, 0.7])


def pmf(k):
    return RNG.dirichlet(np.ones(k))


def read_only(array):
    array.flags.writeable = False
    return array


def assert_near(actual, truth, *, relative=0.0, absolute=0.0):
    """Same shape and float64; each element within the error bound."""
    assert np.asarray(actual).dtype == np.float64
    assert np.shape(actual) == np.shape(truth)
    np.testing.assert_allclose(actual, truth, rtol=relative, atol=absolute)


# --- expectation and variance ----------------------------------------------------------------------------

VARIABLES = {
    "a die": (np.arange(1, 7), np.full(6, 1 / 6)),
    "ordinary": (RNG.normal(0, 3, 5), pmf(5)),
    "a hundred values": (RNG.normal(0, 3, 100), pmf(100)),
    "one value": (np.array([2.5]), np.ones(1)),
    "a certain one of three": (np.array([2.5, -1.25, 1e300]), np.array([0, 1, 0])),
    "a lottery": (np.array([-2.0, 1e9]), np.array([1 - 2.0**-30, 2.0**-30])),
    "mixed scales": (np.geomspace(1e-8, 1e8, 9), pmf(9)),
    "values that cancel": (np.array([3e8, 2e8, -1e8]), THIRDS),
    "a hundred standard deviations from zero": (100 + np.array([-1.2, 0.1, 1.1]), np.array([0.4, 0.2, 0.4])),
    "a tiny spread": (1e-8 * RNG.normal(90, 1, 6), pmf(6)),
    "a huge spread": (1e8 * RNG.normal(-90, 1, 6), pmf(6)),
    "int8 whose squares overflow": (np.array([-128, 127, 100], dtype=np.int8), THIRDS),
    "float32": (RNG.normal(0, 3, 4).astype(np.float32), np.array([0.125, 0.5, 0.25, 0.125], np.float32)),
    "strided and reversed": (RNG.normal(0, 3, 8)[::2], THIRDS.repeat(2)[::-1][:4] / 1.8),
    "read-only": (read_only(RNG.normal(0, 3, 3)), read_only(pmf(3))),
}


def weighted(values, probs, power):
    """The sum of p·|x|^power: what 16 roundings of the largest intermediate are measured by (CONTRACT.md)."""
    x, p = np.abs(np.asarray(values, dtype=float)), np.asarray(probs, dtype=float)
    return float(np.sum(p * x**power, where=p > 0))


@pytest.mark.parametrize("name", VARIABLES)
def test_expectation_is_exact(name):
    values, probs = VARIABLES[name]
    truth = exact_expectation(values, probs)
    assert_near(expectation(values, probs), truth, absolute=16 * EPS * weighted(values, probs, 1))


@pytest.mark.parametrize("name", [name for name in VARIABLES if name != "a certain one of three"])
def test_variance_is_exact(name):
    values, probs = VARIABLES[name]
    truth = exact_variance(values, probs)
    assert_near(variance(values, probs), truth, absolute=16 * EPS * weighted(values, probs, 2))


@pytest.mark.parametrize("name", ["a tiny spread", "a huge spread", "a hundred standard deviations from zero"])
def test_variance_keeps_nearly_all_digits_where_the_moments_cancel(name):
    values, probs = VARIABLES[name]
    assert_near(variance(values, probs), exact_variance(values, probs), relative=1e-12)


def test_the_numbers_of_the_course():
    die = np.arange(1, 7), np.full(6, 1 / 6)
    assert expectation(*die) == pytest.approx(3.5, rel=1e-15)
    assert variance(*die) == pytest.approx(35 / 12, rel=1e-15)
    assert bayes_posterior([0.1, 0.9], [0.8, 0.01])[0] == pytest.approx(80 / 89, rel=1e-15)
    assert positive_predictive_value(0.01, 0.99, 0.95) == pytest.approx(1 / 6, rel=1e-14)
    assert positive_predictive_value(0.01, 0.99, 0.99) == pytest.approx(1 / 2, rel=1e-14)
    assert positive_predictive_value(0.01, 0.9, 0.9) == pytest.approx(1 / 12, rel=1e-14)


def test_scipy_has_the_same_moments():
    values, probs = np.array([-2, 0, 1, 7]), np.array([0.4, 0.3, 0.2, 0.1])
    known = scipy.stats.rv_discrete(values=(values, probs))
    assert expectation(values, probs) == pytest.approx(known.mean(), rel=1e-12)
    assert variance(values, probs) == pytest.approx(known.var(), rel=1e-12)


# --- dice ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sides", [1, 2, 6, 20])
@pytest.mark.parametrize("n", [1, 2, 3, 10, 25, 100])
def test_dice_sums_are_exact_in_each_entry(n, sides):
    """Also in the tails, where an entry may be 1e-130."""
    pmf = dice_sum_pmf(n, sides)
    assert len(pmf) == n * sides - n + 1
    assert_near(pmf, exact_dice_sum_pmf(n, sides), relative=n * 8 * EPS)


def test_coins_are_binomial():
    pmf = dice_sum_pmf(100, 2)
    assert_near(pmf, scipy.stats.binom.pmf(np.arange(101), 100, 0.5), relative=1e-11)


@pytest.mark.parametrize("n", [1, 2, 7, 100])
def test_six_sides_are_the_default(n):
    np.testing.assert_array_equal(dice_sum_pmf(n), dice_sum_pmf(n, 6), strict=True)


@given(st.integers(1, 60), st.integers(1, 12))
def test_a_dice_sum_is_a_symmetric_pmf_with_the_moments_of_n_dice(n, sides):
    pmf, sums = dice_sum_pmf(n, sides), np.arange(n, n * sides + 1)
    assert pmf.min() > 0
    assert pmf.sum() == pytest.approx(1, rel=1e-13)
    np.testing.assert_allclose(pmf, pmf[::-1], rtol=1e-12)
    assert expectation(sums, pmf) == pytest.approx(n * (sides + 1) / 2, rel=1e-12)
    assert variance(sums, pmf) == pytest.approx(n * (sides**2 - 1) / 12, rel=1e-10)


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 8))
def test_sums_of_two_groups_of_dice_convolve(n, m, sides):
    together = np.convolve(dice_sum_pmf(n, sides), dice_sum_pmf(m, sides))
    np.testing.assert_allclose(dice_sum_pmf(n + m, sides), together, rtol=1e-12)


# --- posteriors ------------------------------------------------------------------------------------------


def undecided(t, k):
    return RNG.uniform(0.05, 0.9, (t, 1)) * np.exp(RNG.normal(0, 1 / np.sqrt(t), (t, k)))


COMES_BACK = np.repeat([[1e-300, 0.9], [0.8, 1e-300]], 40, axis=0)
OBSERVED = {
    "ordinary": (pmf(3), RNG.uniform(0.05, 1, (5, 3))),
    "one observation": (pmf(3), RNG.uniform(0.05, 1, (1, 3))),
    "one hypothesis": (np.ones(1), RNG.uniform(0.05, 1, (5, 1))),
    "a prior of zero": (np.array([0.25, 0.0, 0.75]), RNG.uniform(0.05, 1, (5, 3))),
    "likelihoods of zero": (pmf(3), np.array([[0.5, 0.0, 0.25], [0.5, 1.0, 0.125]])),
    "only one possible": (pmf(3), np.array([[0.0, 0.5, 0.25], [0.5, 1.0, 0.0]])),
    "ten thousand observations": (pmf(3), undecided(10_000, 3)),
    "ten thousand likelihoods near zero": (pmf(2), 1e-300 * undecided(10_000, 2)),
    "densities that overflow": (pmf(3), 1e7 * undecided(2_000, 3)),
    "a hypothesis that comes back": (np.array([0.25, 0.75]), COMES_BACK * [1.0, 0.9]),
    "one that comes back and goes": (pmf(3), np.c_[COMES_BACK, np.where(np.arange(80) == 79, 0.0, 1.0)]),
    "subnormal likelihoods": (pmf(2), np.array([[5e-324, 1e-323], [2e-320, 1.0]])),
    "a tiny prior": (np.array([1e-300, 1.0]), np.array([[1.0, 1e-250], [1.0, 1e-50]])),
    "integers": (np.array([0, 1]), np.array([[1, 1], [0, 3]], dtype=np.int8)),
    "float32": (np.array([0.25, 0.75], np.float32), RNG.uniform(0.05, 1, (4, 2)).astype(np.float32)),
    "Fortran order": (pmf(3), np.asfortranarray(RNG.uniform(0.05, 1, (5, 3)))),
    "strided and reversed": (THIRDS[::-1], RNG.uniform(0.05, 1, (8, 6))[::-2, ::2]),
    "read-only": (read_only(pmf(3)), read_only(RNG.uniform(0.05, 1, (5, 3)))),
}


def exponent(prior, likelihoods):
    """The largest sum of logs: an exponent rounded at that size costs as many EPS of relative accuracy."""
    with np.errstate(divide="ignore"):
        logs = np.abs(np.log(np.vstack([prior, likelihoods]).astype(float)))
    return float(np.max(np.sum(np.where(np.isfinite(logs), logs, 0), axis=0)))


@pytest.mark.parametrize("name", OBSERVED)
def test_sequential_posterior_is_exact(name):
    prior, likelihoods = OBSERVED[name]
    truth = exact_sequential_posterior(prior, likelihoods)
    relative = 16 * EPS * (1 + exponent(prior, likelihoods))
    assert_near(sequential_posterior(prior, likelihoods), truth, relative=relative, absolute=TINY)


@pytest.mark.parametrize("name", OBSERVED)
def test_bayes_posterior_is_exact(name):
    prior, likelihoods = OBSERVED[name]
    truth = exact_sequential_posterior(prior, likelihoods[-1:])
    assert_near(bayes_posterior(prior, likelihoods[-1]), truth, relative=1e-12, absolute=TINY)


@pytest.mark.parametrize("name", ["ten thousand observations", "densities that overflow", "ordinary"])
def test_scipy_gives_the_same_posterior(name):
    prior, likelihoods = OBSERVED[name]
    wanted = scipy.special.softmax(np.log(prior) + np.log(likelihoods).sum(axis=0))
    assert_near(sequential_posterior(prior, likelihoods), wanted, relative=1e-8)


PRIORS = npst.arrays(np.float64, 4, elements=st.floats(0.01, 1)).map(lambda w: w / w.sum())
TABLES = npst.arrays(np.float64, st.tuples(st.integers(1, 8), st.just(4)), elements=st.floats(1e-3, 1))


@given(PRIORS, TABLES)
def test_todays_posterior_is_tomorrows_prior(prior, table):
    step_by_step = prior
    for row in table:
        step_by_step = bayes_posterior(step_by_step, row)
    np.testing.assert_allclose(sequential_posterior(prior, table), step_by_step, rtol=1e-11)


@given(PRIORS, TABLES, st.randoms(use_true_random=False))
def test_the_order_of_observations_and_the_size_of_a_row_do_not_matter(prior, table, random):
    order = random.sample(range(len(table)), len(table))
    scaled = table[order] * np.geomspace(1e-200, 1e200, len(table))[:, np.newaxis]
    np.testing.assert_allclose(sequential_posterior(prior, scaled), sequential_posterior(prior, table), rtol=1e-10)


@given(PRIORS, TABLES)
def test_posteriors_sum_to_one_and_their_odds_multiply(prior, table):
    posterior = sequential_posterior(prior, table)
    assert posterior.sum() == pytest.approx(1, rel=1e-14)
    odds = prior[0] / prior[1:] * np.prod(table[:, :1] / table[:, 1:], axis=0)
    np.testing.assert_allclose(posterior[0] / posterior[1:], odds, rtol=1e-11)


@given(PRIORS, st.floats(1e-3, 1))
def test_an_observation_that_all_explain_alike_changes_nothing(prior, likelihood):
    np.testing.assert_allclose(bayes_posterior(prior, np.full(4, likelihood)), prior, rtol=1e-13)


# --- positive_predictive_value ---------------------------------------------------------------------------

EDGES = [0.0, 1e-300, 1e-12, 0.01, 0.5, 0.99, 1 - 1e-12, 1.0]


TESTS = [
    (prevalence, sensitivity, specificity)
    for prevalence, sensitivity in itertools.product(EDGES, EDGES)
    for specificity in (0, 0.3, 0.99, 1 - 1e-15, 1)
    if prevalence * sensitivity + (1 - prevalence) * (1 - specificity) > 0
]


def test_positive_predictive_value_is_exact():
    for test in TESTS:
        truth = exact_positive_predictive_value(*test)
        assert_near(positive_predictive_value(*test), truth, relative=16 * EPS, absolute=TINY)


@given(st.floats(1e-6, 1), st.floats(0, 1), st.floats(0, 0.999))
def test_it_is_the_posterior_of_two_hypotheses(prevalence, sensitivity, specificity):
    assume(prevalence < 1 or sensitivity > 0)  # otherwise no test is ever positive
    posterior = bayes_posterior([prevalence, 1 - prevalence], [sensitivity, 1 - specificity])
    value = positive_predictive_value(prevalence, sensitivity, specificity)
    assert value == pytest.approx(posterior[0], rel=1e-12, abs=1e-300)


@given(st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_a_test_that_says_nothing_leaves_the_prevalence(prevalence, specificity):
    value = positive_predictive_value(prevalence, 1 - specificity, specificity)
    assert value == pytest.approx(prevalence, rel=1e-13)


# --- manners ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        pytest.param(function, cases[name], id=f"{function.__name__}, {name}")
        for functions, cases in (((expectation, variance), VARIABLES), ((sequential_posterior,), OBSERVED))
        for function in functions
        for name in cases
        if not (function is variance and "certain" in name)
    ],
)
def test_the_arguments_stay_as_they_are(function, arguments):
    before = [array.copy() for array in arguments]
    function(*arguments)
    for array, copied in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(array, copied, strict=True)


@pytest.mark.parametrize("name", OBSERVED)
def test_one_observation_leaves_prior_and_likelihood_as_they_are(name):
    prior, likelihood = OBSERVED[name][0], OBSERVED[name][1][0]
    before = prior.copy(), likelihood.copy()
    bayes_posterior(prior, likelihood)
    np.testing.assert_array_equal(prior, before[0], strict=True)
    np.testing.assert_array_equal(likelihood, before[1], strict=True)
