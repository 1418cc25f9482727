"""The references of the topic matching, held against mpmath, SciPy and the laws they obey."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize
import scipy.special
from correct.matching import (
    exact_explained_variance_ratio,
    exact_fit_temperature,
    exact_train_softmax_regression,
)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.solutions.matching import explained_variance_ratio, fit_temperature, train_softmax_regression
from autograder.solutions.softmax import cross_entropy, cross_entropy_grad, numerical_gradient, softmax

EPS = np.finfo(np.float64).eps
RNG = np.random.default_rng(20240229)


def read_only(array):
    array.flags.writeable = False
    return array


def stable_rate(X, l2=0.0):
    """Half the stability bound: half the largest eigenvalue of X'X / n (ones included) bounds the curvature."""
    extended = np.column_stack([np.asarray(X, dtype=float), np.ones(len(X))])
    return 1 / (np.linalg.eigvalsh(extended.T @ extended / len(X))[-1] / 2 + l2)


# --- train_softmax_regression ----------------------------------------------------------------------------

Y = np.array([0, 2, 1, 0, 0, 2, 0])
PLAIN = RNG.normal(0.5, 1, (7, 3))
FEATURES = {
    "ordinary": PLAIN,
    "one feature": RNG.normal(0, 1, (7, 1)),
    "columns of mixed scales": PLAIN * [1e3, 1, 1e-3],
    "large": 1e4 * PLAIN,
    "zeros": np.zeros((7, 2)),
    "int64": RNG.integers(-4, 5, (7, 2)),
    "int8 at its limits": RNG.choice(np.array([-128, 127], dtype=np.int8), (7, 2)),
    "float32": PLAIN.astype(np.float32),
    "Fortran order": np.asfortranarray(PLAIN),
    "strided and reversed": RNG.normal(0, 1, (14, 3))[::2, ::-1],
    "read-only": read_only(PLAIN + 1),
}


@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize("name", FEATURES)
def test_training_is_exact(name, l2):
    X = FEATURES[name]
    settings = {"l2": l2, "lr": stable_rate(X, l2), "steps": 12}
    length = np.sqrt(np.max(np.sum(X.astype(float) ** 2, axis=1)) + 1)
    for got, truth in zip(
        train_softmax_regression(X, Y, 3, **settings),
        exact_train_softmax_regression(X, Y, 3, **settings),
        strict=True,
    ):
        assert got.dtype == np.float64
        noise = 16 * EPS * 12 * settings["lr"] * length * max(1, length)
        np.testing.assert_allclose(got, truth, rtol=1e-12, atol=noise, strict=True)


def test_training_is_exact_where_one_step_saturates_the_softmax():
    X = np.array([[1e3, 0.0], [0.0, 1e3], [0.0, 0.0], [1e3, 1.0]])
    y, settings = np.array([3, 699, 1, 3]), {"lr": 2e-3, "steps": 3}
    found = train_softmax_regression(X, y, 700, **settings)
    truth = exact_train_softmax_regression(X, y, 700, **settings)
    assert np.abs(X @ found[0]).max() > 710
    for got, wanted in zip(found, truth, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-12)


def test_training_takes_200_steps_of_one_half_without_a_penalty_by_default():
    X = RNG.uniform(-1, 1, (7, 2))
    given_all = train_softmax_regression(X, Y, 3, 0.0, 0.5, 200)
    for got, wanted in zip(train_softmax_regression(X, Y, 3), given_all, strict=True):
        np.testing.assert_array_equal(got, wanted, strict=True)


def test_one_step_is_that_of_the_gradient_at_zeros():
    W, b, losses = train_softmax_regression(PLAIN, Y, 4, l2=0.7, lr=0.2, steps=1)
    gradient = cross_entropy_grad(np.zeros((7, 4)), Y)
    np.testing.assert_allclose(W, -0.2 * PLAIN.T @ gradient, atol=4 * EPS)
    np.testing.assert_allclose(b, -0.2 * gradient.sum(axis=0), atol=4 * EPS)
    np.testing.assert_allclose(losses, [np.log(4)], rtol=4 * EPS)


def test_every_step_follows_the_numerical_gradient_of_the_recorded_objective():
    def objective(theta):
        return cross_entropy(PLAIN @ theta[:3] + theta[3], Y) + 0.15 * np.sum(theta[:3] ** 2)

    def theta(steps):
        return np.vstack(train_softmax_regression(PLAIN, Y, 3, l2=0.3, lr=0.2, steps=steps)[:2])

    losses = train_softmax_regression(PLAIN, Y, 3, l2=0.3, lr=0.2, steps=6)[2]
    for t in range(1, 5):
        np.testing.assert_allclose(losses[t], objective(theta(t)), rtol=8 * EPS)
        slope = numerical_gradient(objective, theta(t))
        np.testing.assert_allclose(theta(t + 1), theta(t) - 0.2 * slope, atol=1e-9)


def test_training_arrives_where_scipy_does():
    def objective(flat):
        theta = flat.reshape(4, 3)
        return cross_entropy(PLAIN @ theta[:3] + theta[3], Y) + 0.05 * np.sum(theta[:3] ** 2)

    W, b, losses = train_softmax_regression(PLAIN, Y, 3, l2=0.1, lr=stable_rate(PLAIN, 0.1), steps=3000)
    found = scipy.optimize.minimize(objective, np.zeros(12), method="BFGS")
    np.testing.assert_allclose(losses[-1], found.fun, rtol=1e-8)
    np.testing.assert_allclose(W, found.x.reshape(4, 3)[:3], atol=1e-4)
    np.testing.assert_allclose(b - b.mean(), found.x[9:] - found.x[9:].mean(), atol=1e-4)


def test_a_problem_of_one_class_has_nothing_to_learn():
    W, b, losses = train_softmax_regression(PLAIN, np.zeros(7, dtype=int), 1, l2=0.5, steps=4)
    assert (W.shape, b.shape) == ((3, 1), (1,))
    assert not W.any()
    assert not b.any()
    np.testing.assert_array_equal(losses, np.zeros(4))


def test_classes_without_examples_stay_alike_and_grow_unlikely():
    W, b, _ = train_softmax_regression(PLAIN, np.minimum(Y, 1), 4, lr=0.3, steps=20)
    np.testing.assert_array_equal(W[:, 2], W[:, 3])
    assert b[2] == b[3] < min(b[0], b[1])


PROBLEMS = st.tuples(st.integers(1, 6), st.integers(1, 3), st.integers(1, 4)).flatmap(
    lambda size: st.tuples(
        npst.arrays(np.float64, size[:2], elements=st.floats(-4, 4, width=32)),
        npst.arrays(np.int64, size[0], elements=st.integers(0, size[2] - 1)),
        st.just(size[2]),
    )
)


@given(PROBLEMS, st.floats(0, 2))
def test_below_the_stability_bound_no_recorded_loss_is_above_the_one_before(problem, l2):
    X, y, k = problem
    losses = train_softmax_regression(X, y, k, l2=l2, lr=stable_rate(X, l2), steps=20)[2]
    assert losses[0] == pytest.approx(np.log(k), rel=4 * EPS)
    assert (np.diff(losses) <= 64 * EPS).all()


@given(PROBLEMS, st.randoms(use_true_random=False))
def test_the_order_of_examples_plays_no_part_and_weights_sum_to_zero_over_classes(problem, random):
    X, y, k = problem
    order = random.sample(range(len(y)), len(y))
    rate = stable_rate(X)
    W, b, losses = train_softmax_regression(X, y, k, lr=rate, steps=8)
    for got, same in zip(
        train_softmax_regression(X[order], y[order], k, lr=rate, steps=8), (W, b, losses), strict=True
    ):
        np.testing.assert_allclose(got, same, atol=1e-12)
    np.testing.assert_allclose(W.sum(axis=1), 0, atol=1e-12)
    assert abs(b.sum()) <= 1e-12


# --- fit_temperature -------------------------------------------------------------------------------------

LOGITS = np.array([[6.0, 0.0, 1.0], [0.0, 5.0, 2.0], [4.0, 1.0, 0.0], [0.0, 3.0, 7.0], [2.0, 2.0, 1.0]])
LABELS = np.array([0, 1, 2, 2, 0])
BEST = float(exact_fit_temperature(LOGITS, LABELS))
CONFIDENT = {
    "ordinary": LOGITS,
    "near the coldest": LOGITS * 0.0501 / BEST,
    "near the hottest": LOGITS * 19.99 / BEST,
    "rows at 1e4 and -1e4": LOGITS + np.array([[1e4], [-1e4], [0], [1e4], [-1e4]]),
    "certain and right": np.vstack([LOGITS[:4], [1e4, -1e4, 0.0]]),
    "int8": LOGITS.astype(np.int8),
    "float32": (LOGITS / 3).astype(np.float32),
    "strided and reversed": np.repeat(LOGITS, 2, axis=0)[::2][::1, ::-1],
    "read-only": read_only(LOGITS * 2),
}


@pytest.mark.parametrize("name", CONFIDENT)
def test_the_temperature_is_exact(name):
    logits = CONFIDENT[name]
    y = 2 - LABELS if "reversed" in name else LABELS
    y = np.append(LABELS[:4], 0) if "certain" in name else y
    found = fit_temperature(logits, y)
    assert (np.shape(found), found.dtype) == ((), np.float64)
    assert found == pytest.approx(exact_fit_temperature(logits, y), rel=1e-10)


def test_scipy_finds_the_same_least_nll():
    best = scipy.optimize.minimize_scalar(
        lambda t: cross_entropy(LOGITS / t, LABELS), bounds=(0.05, 20), method="bounded", options={"xatol": 1e-9}
    )
    assert fit_temperature(LOGITS, LABELS) == pytest.approx(best.x, rel=1e-6)


def test_one_example_has_a_closed_form():
    """Its label's logit 0 must be the mean under softmax: 1·e^(1/T) = 2·e^(-2/T), so that T = 3 / log 2."""
    logits = np.array([[1.0, 0.0, -2.0]])
    assert fit_temperature(logits, np.array([1])) == pytest.approx(3 / np.log(2), rel=1e-10)


@given(npst.arrays(np.float64, (6, 3), elements=st.floats(-1, 1)), st.floats(0.2, 4))
def test_the_temperature_scales_with_the_logits_and_is_the_least_around(noise, scale):
    """Leading classes lie two above the others; one label of six is wrong."""
    y = np.array([0, 1, 2, 0, 1, 2])
    logits = noise + 2.5 * np.eye(3)[[0, 1, 2, 0, 1, 0]]
    best = fit_temperature(logits, y)
    assert fit_temperature(scale * logits, y) == pytest.approx(scale * best, rel=1e-9)
    shifted = logits + np.arange(6)[:, np.newaxis] * 100
    assert fit_temperature(shifted, y) == pytest.approx(best, rel=1e-9)
    least = cross_entropy(logits / best, y)
    assert all(cross_entropy(logits / (best * factor), y) > least for factor in (0.9, 0.999, 1.001, 1.1))


def test_at_the_best_temperature_the_expected_logit_is_that_of_the_labels():
    p = softmax(LOGITS, axis=1, temperature=float(fit_temperature(LOGITS, LABELS)))
    assert np.sum(p * LOGITS) == pytest.approx(np.sum(LOGITS[np.arange(5), LABELS]), rel=1e-10)


# --- explained_variance_ratio ----------------------------------------------------------------------------

DATA = {
    "ordinary": RNG.normal(3, 2, (9, 4)),
    "one column": RNG.normal(3, 2, (5, 1)),
    "n = d + 1": RNG.normal(0, 1, (4, 3)),
    "tiny": 1e-8 * RNG.normal(0, 1, (8, 3)),
    "huge": 1e8 * RNG.normal(0, 1, (8, 3)),
    "columns from 1e8 to 1e-8": RNG.normal(0, 1, (8, 3)) * [1e8, 1, 1e-8],
    "100 deviations from the origin": RNG.normal(100, 1, (8, 3)),
    "a constant column": np.column_stack([RNG.normal(0, 1, 6), np.full(6, 7.3)]),
    "a line": np.outer(RNG.normal(0, 1, 6), [1.0, 1 / 3, 1e3]),
    "equal spreads": np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]),
    "int8 at its limits": np.array([[-128, 127], [127, -128], [127, 127]], dtype=np.int8),
    "float32": RNG.normal(1, 2, (7, 3)).astype(np.float32),
    "strided and reversed": RNG.normal(1, 2, (14, 3))[::2, ::-1],
    "read-only": read_only(RNG.normal(1, 2, (7, 3))),
}


@pytest.mark.parametrize("name", DATA)
def test_the_spectrum_is_exact(name):
    found = explained_variance_ratio(DATA[name])
    np.testing.assert_allclose(
        found, exact_explained_variance_ratio(DATA[name]), rtol=1e-12, atol=16 * EPS, strict=True
    )


def test_small_shares_keep_their_digits():
    """The root of a share is known to eps times the largest: 1e-12 to 2 eps / 1e-6 of its size."""
    data = np.linalg.qr(RNG.normal(0, 1, (9, 3)))[0] * [1e3, 1.0, 1e-3]
    np.testing.assert_allclose(explained_variance_ratio(data), exact_explained_variance_ratio(data), rtol=1e-8)


@given(npst.arrays(np.float64, (6, 3), elements=st.floats(-10, 10, width=32)), st.floats(0.01, 100))
def test_shares_are_sorted_sum_to_one_and_do_not_know_unit_origin_or_rotation(data, unit):
    data = data + np.diag([1.0, 2.0, 3.0]).repeat(2, axis=0) * 40
    found = explained_variance_ratio(data)
    assert (np.diff(found) <= 0).all()
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1, rel=8 * EPS)
    rotation = np.linalg.qr(np.vander([1.0, 2.0, 3.0]))[0]
    for same in (unit * data, data + unit, data @ rotation, data[::-1]):
        np.testing.assert_allclose(explained_variance_ratio(same), found, atol=1e-13)


# --- manners ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (train_softmax_regression, (PLAIN, Y, 3)),
        (fit_temperature, (LOGITS, LABELS)),
        (explained_variance_ratio, (DATA["ordinary"],)),
    ],
)
def test_arguments_stay_as_they_are(function, arguments):
    before = [np.array(argument) for argument in arguments]
    function(*arguments)
    for argument, copy in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(argument, copy)
