"""The references of the topic bernoulli, held against mpmath, SciPy and the laws they obey."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize
import scipy.special
from correct.bernoulli import (
    exact_bce_grad,
    exact_bce_with_logits,
    exact_bernoulli_nll,
    exact_fit_logistic,
)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.solutions.bernoulli import bce_grad, bce_with_logits, bernoulli_nll, fit_logistic

EPS = np.finfo(np.float64).eps
RNG = np.random.default_rng(20240614)
READ_ONLY = RNG.uniform(0, 1, 6)
READ_ONLY.flags.writeable = False
PROBABILITIES = {
    "ordinary": RNG.uniform(0, 1, 7),
    "one": np.array([0.8]),
    "tiny": np.array([1e-300, 1e-20, 1e-9, 5e-324, 1e-4]),
    "nearly one": 1 - np.array([1e-15, 3e-12, 1e-9, 2.0**-53]),
    "equal": np.full(5, 0.5),
    "float32": RNG.uniform(0, 1, 6).astype(np.float32),
    "strided and reversed": RNG.uniform(0, 1, 12)[::-2],
    "read-only": READ_ONLY,
    "many": RNG.uniform(0.01, 0.99, 3000),
}
LOGITS = {
    "ordinary": RNG.normal(0, 3, 7),
    "one": np.array([-3.25]),
    "zeros of both signs": np.array([0.0, -0.0]),
    "mixed scales": np.array([1e4, -1e4, 1e-3, 9999.5, -1e-3, 0.0, 30.0]),
    "log spacing": np.geomspace(1e-8, 1e4, 13) * np.resize([1, -1, -1], 13),
    "where the sigmoid rounds to 1": np.array([36.7, 36.8, 37.5, -36.7, -37.5]),
    "on both sides of where exp overflows": np.array([709.7, 709.8, -709.8, -745.0, 745.2, -745.2]),
    "int64": RNG.integers(-9, 9, 6),
    "int8 at its limits": np.array([-128, 127, 0], dtype=np.int8),
    "float32": RNG.normal(0, 3, 6).astype(np.float32),
    "strided and reversed": RNG.normal(0, 3, 12)[::-2],
}
LABELS = {
    "alternating": lambda n: np.arange(n) % 2,
    "all 0": lambda n: np.zeros(n, dtype=np.int8),
    "all 1": np.ones,
}
each_label = pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)


def assert_near(actual, truth, *, absolute, relative=0.0):
    """Same shape and float64; infinities alike; each element within the error bound."""
    assert np.asarray(actual).dtype == np.float64
    assert np.shape(actual) == np.shape(truth)
    np.testing.assert_allclose(actual, truth, rtol=relative, atol=absolute)


def rounding(z):
    """What 16 roundings of the largest intermediate may cost (CONTRACT.md)."""
    return 16 * EPS * max(1.0, np.abs(z, dtype=float).max(initial=0.0))


# --- against mpmath --------------------------------------------------------------------------------------


@each_label
@pytest.mark.parametrize("p", PROBABILITIES.values(), ids=PROBABILITIES)
def test_bernoulli_nll_is_exact_relative_to_its_own_size(p, labels):
    """More than the contract asks: log1p keeps what 1 - p would lose."""
    y = labels(len(p))
    assert_near(bernoulli_nll(p, y), exact_bernoulli_nll(p, y), relative=16 * EPS, absolute=0)


@each_label
@pytest.mark.parametrize("z", LOGITS.values(), ids=LOGITS)
def test_bce_with_logits_is_exact(z, labels):
    y = labels(len(z))
    assert_near(bce_with_logits(z, y), exact_bce_with_logits(z, y), absolute=rounding(z))


@each_label
@pytest.mark.parametrize("z", LOGITS.values(), ids=LOGITS)
def test_bce_grad_is_exact(z, labels):
    y = labels(len(z))
    truth = exact_bce_grad(z, y)
    assert_near(bce_grad(z, y), truth, absolute=2 * EPS)
    if not y.any():  # nothing is subtracted: exact down to the smallest probability
        assert_near(bce_grad(z, y), truth, relative=8 * EPS, absolute=np.finfo(np.float64).tiny)


UNSCALED = np.column_stack([RNG.normal(0, 1e-3, 8), RNG.normal(0, 30, 8)])
FAR_OUT = np.concatenate([np.ones((999, 1)), [[553.0]]])
FITS = {
    "ordinary": (RNG.normal(0, 1, (9, 3)), RNG.integers(0, 2, 9), {"l2": 0.1, "lr": 0.3, "steps": 40}),
    "defaults": (RNG.normal(0, 1, (5, 2)), np.array([0, 1, 1, 0, 1]), {}),
    "no step": (RNG.normal(0, 1, (4, 2)), np.array([0, 1, 1, 0]), {"steps": 0}),
    "one example": (np.array([[2.0, -1.0]]), np.array([1]), {"lr": 0.5, "steps": 7}),
    "one feature": (RNG.normal(0, 1, (6, 1)), np.arange(6) % 2, {"steps": 9, "l2": 1.0}),
    "a feature of zeros": (np.array([[0.0, 1.0], [0.0, -2.0]]), np.array([1, 0]), {"steps": 5}),
    "features of other scales": (UNSCALED, np.arange(8) % 2, {"lr": 0.004, "steps": 30}),
    "an example far out": (FAR_OUT, np.ones(1000), {"lr": 0.025, "steps": 250}),
    "integers": (RNG.integers(-3, 4, (6, 2)), np.arange(6) % 2, {"steps": 20}),
    "float32": (RNG.normal(0, 1, (6, 2)).astype(np.float32), np.arange(6) % 2, {"steps": 20}),
    "reversed": (RNG.normal(0, 1, (12, 4))[::-2, ::-2], np.arange(12)[::-2] % 4 // 2, {"steps": 20}),
}


@pytest.mark.parametrize(("X", "y", "options"), FITS.values(), ids=FITS)
def test_fit_logistic_is_exact(X, y, options):
    """The updates contract, so that their roundings add up and no more; see the exercise's tolerance."""
    truth = exact_fit_logistic(X, y, **options)
    steps = options.get("steps", 1000)
    assert_near(fit_logistic(X, y, **options), truth, absolute=4 * EPS * (steps + 1) * max(1, np.abs(truth).max()))


# --- 0·log 0 and infinity --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "y", "loss"),
    [
        ([0.0, 1.0], [0, 1], 0.0),
        ([0, 1, 1], [0, 1, 1], 0.0),
        ([0.0, 1.0, 0.5], [0, 1, 1], np.log(2) / 3),
        ([0.0, 0.5], [1, 1], np.inf),
        ([1.0, 0.5], [0, 1], np.inf),
        ([0.0, 1.0, 0.0], [0, 1, 1], np.inf),
        ([1, 0], [0, 1], np.inf),
    ],
    ids=str,
)
def test_certainty_costs_nothing_if_right_and_infinitely_much_if_wrong(p, y, loss):
    found = bernoulli_nll(np.array(p), np.array(y))
    assert_near(found, np.float64(loss), absolute=0, relative=4 * EPS)
    assert not np.signbit(found)


def test_the_three_examples_of_the_course():
    p, y = np.array([0.2, 0.8, 0.5]), np.array([0, 1, 0])
    np.testing.assert_allclose(bernoulli_nll(p, y), (2 * np.log(1.25) + np.log(2)) / 3, rtol=4 * EPS)


# --- against SciPy ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", PROBABILITIES.values(), ids=PROBABILITIES)
def test_scipy_gives_the_same_likelihood(p):
    p, y = p.astype(np.float64), np.arange(len(p)) % 2
    wanted = -np.mean(scipy.special.xlogy(y, p) + scipy.special.xlog1py(1 - y, -p))
    np.testing.assert_allclose(bernoulli_nll(p, y), wanted, rtol=16 * EPS)


@pytest.mark.parametrize("z", LOGITS.values(), ids=LOGITS)
def test_scipy_gives_the_same_loss_and_gradient(z):
    z, y = z.astype(np.float64), np.arange(len(z)) % 2
    wanted = -np.mean(scipy.special.log_expit(np.where(y == 1, z, -z)))
    assert_near(bce_with_logits(z, y), wanted, absolute=2 * rounding(z))
    assert_near(bce_grad(z, y), (scipy.special.expit(z) - y) / len(z), absolute=4 * EPS)


def test_after_many_steps_the_weights_are_those_that_minimise_the_penalised_loss():
    X, y = RNG.normal(0, 1, (30, 3)), np.arange(30) % 3 // 2
    found = scipy.optimize.minimize(
        lambda w: bce_with_logits(X @ w, y) + 0.05 * w @ w,
        np.zeros(3),
        jac=lambda w: X.T @ bce_grad(X @ w, y) + 0.1 * w,
        method="BFGS",
        options={"gtol": 1e-9},
    )
    np.testing.assert_allclose(fit_logistic(X, y, l2=0.1, lr=1.0, steps=2000), found.x, atol=1e-8)


# --- manners ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [bernoulli_nll, bce_with_logits, bce_grad])
@pytest.mark.parametrize("name", LOGITS)
def test_arguments_stay_as_they_are(function, name):
    z, y = LOGITS[name].copy(), np.arange(len(LOGITS[name])) % 2
    first = scipy.special.expit(z) if function is bernoulli_nll else z
    before = first.copy(), y.copy()
    function(first, y)
    np.testing.assert_array_equal(first, before[0], strict=True)
    np.testing.assert_array_equal(y, before[1], strict=True)


@pytest.mark.parametrize(("X", "y", "options"), FITS.values(), ids=FITS)
def test_data_stay_as_they_are(X, y, options):
    before = X.copy(), y.copy()
    fit_logistic(X, y, **options)
    np.testing.assert_array_equal(X, before[0], strict=True)
    np.testing.assert_array_equal(y, before[1], strict=True)


# --- laws ------------------------------------------------------------------------------------------------


@st.composite
def batches(draw, numbers):
    """A vector of numbers and as many labels."""
    n = draw(st.integers(1, 8))
    return draw(npst.arrays(np.float64, n, elements=numbers)), draw(
        npst.arrays(np.int64, n, elements=st.integers(0, 1))
    )


@given(batches(st.floats(0, 1)))
def test_the_likelihood_knows_no_names_for_the_labels(batch):
    """Never negative, never nan, and the same counted from the other side (where 1 - p is exact)."""
    p, y = batch
    p = np.round(p * 2**40) / 2**40
    loss = bernoulli_nll(p, y)
    assert loss >= 0
    np.testing.assert_allclose(bernoulli_nll(1 - p, 1 - y), loss, rtol=16 * EPS)
    assert np.isinf(loss) == (np.where(y == 1, p, 1 - p) == 0).any()


@given(batches(st.floats(-30, 30)))
def test_the_loss_from_logits_is_that_of_their_sigmoid(batch):
    z, y = batch
    noise = 4 * EPS * np.exp(np.abs(z).max())  # what rounding the sigmoid near 1 does to log(1 - p)
    np.testing.assert_allclose(bce_with_logits(z, y), bernoulli_nll(scipy.special.expit(z), y), atol=noise)


@given(batches(st.floats(-1e4, 1e4)))
def test_the_loss_lies_within_log_2_above_the_hinge(batch):
    """max(-m, 0) ≤ log(1 + exp(-m)) ≤ max(-m, 0) + log 2 for every margin m."""
    z, y = batch
    hinge = np.maximum(np.where(y == 1, -z, z), 0).mean()
    assert hinge - rounding(z) <= bce_with_logits(z, y) <= hinge + np.log(2) + rounding(z)


@given(batches(st.floats(-1e4, 1e4)))
def test_the_gradient_points_away_from_the_label_and_is_odd(batch):
    z, y = batch
    gradient = bce_grad(z, y)
    assert (np.where(y == 1, -gradient, gradient) >= 0).all()
    assert np.abs(gradient).max() <= 1 / len(y)
    np.testing.assert_allclose(bce_grad(-z, 1 - y), -gradient, rtol=0, atol=4 * EPS)


@given(batches(st.floats(-20, 20)))
def test_the_gradient_is_what_central_differences_give(batch):
    z, y = batch
    h = 1e-5
    steps = h * np.eye(len(z))
    numeric = [(bce_with_logits(z + step, y) - bce_with_logits(z - step, y)) / (2 * h) for step in steps]
    np.testing.assert_allclose(bce_grad(z, y), numeric, rtol=1e-6, atol=rounding(z) / h + h**2)


@st.composite
def data(draw):
    n, d = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    X = draw(npst.arrays(np.float64, (n, d), elements=st.floats(-3, 3)))
    return X, draw(npst.arrays(np.int64, n, elements=st.integers(0, 1)))


@given(data(), st.floats(0, 1), st.integers(0, 20))
def test_every_update_below_the_stability_bound_lowers_the_penalised_loss(problem, l2, steps):
    X, y = problem
    lr = 1.0 / (np.linalg.eigvalsh(X.T @ X).max() / (4 * len(y)) + l2 + 0.1)
    before, after = (fit_logistic(X, y, l2, lr, t) for t in (steps, steps + 1))
    objective = [bce_with_logits(X @ w, y) + l2 / 2 * w @ w for w in (before, after)]
    assert objective[1] <= objective[0] + 1e-12


@given(data(), st.floats(0, 1))
def test_one_update_is_minus_lr_times_the_gradient_and_swapped_labels_turn_the_weights_round(problem, l2):
    X, y = problem
    w = fit_logistic(X, y, l2, 0.1, 6)
    gradient = X.T @ bce_grad(X @ w, y) + l2 * w
    np.testing.assert_allclose(fit_logistic(X, y, l2, 0.1, 7), w - 0.1 * gradient, atol=16 * EPS)
    np.testing.assert_allclose(fit_logistic(X, 1 - y, l2, 0.1, 6), -w, atol=64 * EPS)


@given(data())
def test_a_stronger_penalty_shrinks_the_converged_weights(problem):
    X, y = problem
    norms = [np.linalg.norm(fit_logistic(X, y, l2, 0.2, 300)) for l2 in (0.5, 1.0, 2.0)]
    assert norms[0] + 1e-9 >= norms[1] >= norms[2] - 1e-9
