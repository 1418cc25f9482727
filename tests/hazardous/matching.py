"""Hazardous formulas of the topic matching."""

from __future__ import annotations

import numpy as np

from hazardous import class_gaussians
from hazardous.class_gaussians import *  # noqa: F403  # the same topic, in a file of its own

# --- train_softmax_regression --------------------------------------------------------------------------------


def shifted(z):
    return z - np.max(z, axis=1, keepdims=True)


def trained(X, y, k, l2, lr, steps, p_of, loss_of):
    onehot = np.eye(k)[y]
    W, b, losses = np.zeros((X.shape[1], k)), np.zeros(k), np.zeros(steps)
    for step in range(steps):
        z = X @ W + b
        losses[step] = loss_of(z, onehot) + l2 / 2 * np.sum(W**2)
        residual = (p_of(z) - onehot) / len(y)
        W, b = W - lr * (X.T @ residual + l2 * W), b - lr * np.sum(residual, axis=0)
    return W, b, losses


def stable_p(z):
    weights = np.exp(shifted(z))
    return weights / np.sum(weights, axis=1, keepdims=True)


def stable_loss(z, onehot):
    return -np.sum(onehot * (z - np.logaddexp.reduce(z, axis=1, keepdims=True))) / len(z)


def train_softmax_regression_without_a_shift(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    def p_of(z):
        return np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)

    return trained(X, y, num_classes, l2, lr, steps, p_of, stable_loss)


def train_softmax_regression_by_the_logarithm_of_softmax(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    def loss_of(z, onehot):
        return -np.mean(np.log(np.sum(onehot * stable_p(z), axis=1)))

    return trained(X, y, num_classes, l2, lr, steps, stable_p, loss_of)


def train_softmax_regression_by_one_hot_times_the_logarithm(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    def loss_of(z, onehot):
        return -np.sum(onehot * np.log(stable_p(z))) / len(z)

    return trained(X, y, num_classes, l2, lr, steps, stable_p, loss_of)


def train_softmax_regression_with_a_constant_of_1e_300_in_the_logarithm(
    X, y, num_classes, l2=0.0, lr=0.5, steps=200
):
    def loss_of(z, onehot):
        return -np.mean(np.log(np.sum(onehot * stable_p(z), axis=1) + 1e-300))

    return trained(X, y, num_classes, l2, lr, steps, stable_p, loss_of)


def train_softmax_regression_with_logits_clipped_at_500(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    def loss_of(z, onehot):
        return stable_loss(np.clip(z, -500, 500), onehot)

    return trained(X, y, num_classes, l2, lr, steps, lambda z: stable_p(np.clip(z, -500, 500)), loss_of)


def train_softmax_regression_with_probabilities_clipped_at_1e_7(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    return trained(X, y, num_classes, l2, lr, steps, lambda z: np.clip(stable_p(z), 1e-7, 1 - 1e-7), stable_loss)


def train_softmax_regression_with_one_shift_for_all(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    def p_of(z):
        weights = np.exp(z - np.max(z))
        return weights / np.sum(weights, axis=1, keepdims=True)

    return trained(X, y, num_classes, l2, lr, steps, p_of, stable_loss)


# --- fit_temperature -----------------------------------------------------------------------------------------


def nll(z, y):
    return -np.mean((z - np.logaddexp.reduce(z, axis=1, keepdims=True))[np.arange(len(y)), y])


def searched(loss, low=0.04, high=25.0):
    for _ in range(7):
        grid = np.geomspace(low, high, 40)
        best = int(np.nanargmin([loss(T) for T in grid]))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, 39)]
    return grid[best]


def naive_nll(z, y):
    p = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(y)), y]))


def fit_temperature_without_a_shift(logits, y):
    return searched(lambda T: naive_nll(logits / T, y))


def fit_temperature_by_shifting_before_the_temperature(logits, y):
    top = np.max(logits, axis=1, keepdims=True)
    return searched(lambda T: naive_nll(logits / T - top, y))


def fit_temperature_by_shifting_large_logits_alone(logits, y):
    top = np.max(logits, axis=1, keepdims=True)
    return searched(lambda T: naive_nll((logits - np.where(top > 500, top, 0.0)) / T, y))


def fit_temperature_by_the_logarithm_of_softmax(logits, y):
    return searched(lambda T: naive_nll(shifted(logits) / T, y))


def fit_temperature_with_a_constant_of_1e_15_in_the_logarithm(logits, y):
    def loss(T):
        p = stable_p(logits / T)
        return -np.mean(np.log(p[np.arange(len(y)), y] + 1e-15))

    return searched(loss)


def fit_temperature_by_powers_of_probabilities(logits, y):
    p = stable_p(logits)

    def loss(T):
        powers = p ** (1 / T)
        return -np.mean(np.log((powers / powers.sum(axis=1, keepdims=True))[np.arange(len(y)), y]))

    return searched(loss)


def fit_temperature_by_descent_in_temperature(logits, y):
    """A fixed rate: too slow at one end of [0.05, 20], unstable at the other."""
    T = 1.0
    for _ in range(500):
        z = logits / T
        p = stable_p(z)
        T -= 0.5 * np.mean(z[np.arange(len(y)), y] - np.sum(p * z, axis=1)) / T
        T = min(max(T, 0.01), 100.0)
    return T


def fit_temperature_by_the_grid_alone(logits, y):
    grid = np.geomspace(0.05, 20, 400)
    return grid[int(np.argmin([nll(logits / T, y) for T in grid]))]


# --- explained_variance_ratio ----------------------------------------------------------------------------------


def explained_variance_ratio_by_one_pass(X):
    X = np.asarray(X, dtype=float)
    values = np.linalg.eigvalsh(X.T @ X / len(X) - np.outer(X.mean(axis=0), X.mean(axis=0)))[::-1]
    return values / values.sum()


def explained_variance_ratio_by_one_pass_in_the_given_dtype(X):
    values = np.linalg.eigvalsh(X.T @ X / len(X) - np.outer(X.mean(axis=0), X.mean(axis=0)))[::-1]
    return values / values.sum()


def explained_variance_ratio_without_values_below_1e_10(X):
    values = np.linalg.svd(X - X.mean(axis=0), compute_uv=False) ** 2
    values = np.where(values > 1e-10, values, 0.0)
    return values / values.sum()


def explained_variance_ratio_with_shares_rounded_at_1e_10(X):
    values = np.linalg.svd(X - X.mean(axis=0), compute_uv=False) ** 2
    return np.round(values / values.sum(), 10)


def explained_variance_ratio_with_a_constant_of_1e_20_in_the_denominator(X):
    values = np.linalg.svd(X - X.mean(axis=0), compute_uv=False) ** 2
    return values / (values.sum() + 1e-20)


def explained_variance_ratio_by_eigenvalues_of_a_general_matrix(X):
    """Not known to be symmetric, so in no order."""
    values = np.real(np.linalg.eigvals(np.atleast_2d(np.cov(X, rowvar=False))))
    return values / values.sum()


def explained_variance_ratio_by_numpy_as_it_is(X):
    """For one column np.cov returns a number."""
    values = np.linalg.eigvalsh(np.cov(X, rowvar=False))[::-1]
    return values / values.sum()


KEPT = {
    **class_gaussians.KEPT,
    "fit_temperature_by_the_logarithm_of_softmax": "it is inf only at temperatures that lose anyway",
    "fit_temperature_by_powers_of_probabilities": (
        "no gap between logits is wide enough to underflow where its label counts"
    ),
    "explained_variance_ratio_by_one_pass": (
        "at most 100 deviations from zero it costs float64 a few of its last digits"
    ),
    "explained_variance_ratio_by_one_pass_in_the_given_dtype": (
        "float32 is asked near zero: the task doesn't speak of it"
    ),
}
