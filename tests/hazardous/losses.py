"""Hazardous formulas of the topic losses."""

from __future__ import annotations

import numpy as np

# --- poisson_nll ---------------------------------------------------------------------------------------------


def poisson_nll_by_the_logarithm_of_the_rate(log_rate, y):
    rate = np.exp(log_rate)
    return np.mean(rate - y * np.log(rate))


def poisson_nll_by_the_logarithm_of_a_power(log_rate, y):
    rate = np.exp(log_rate)
    return np.mean(rate - np.log(rate**y))


def poisson_nll_with_rates_of_1e_12_at_least(log_rate, y):
    rate = np.maximum(np.exp(log_rate), 1e-12)
    return np.mean(rate - y * np.log(rate))


def poisson_nll_with_a_constant_of_1e_12(log_rate, y):
    rate = np.exp(log_rate)
    return np.mean(rate - y * np.log(rate + 1e-12))


def poisson_nll_with_log_rates_clipped_at_10(log_rate, y):
    log_rate = np.clip(log_rate, -10, 10)
    return np.mean(np.exp(log_rate) - y * log_rate)


def poisson_nll_by_expm1(log_rate, y):
    log_rate = np.asarray(log_rate, dtype=float)
    return np.mean(np.expm1(log_rate) + 1 - y * log_rate)


def poisson_nll_by_int32_counts(log_rate, y):
    return np.mean(np.exp(log_rate) - np.asarray(y).astype(np.int32) * log_rate)


# --- laplace_nll ---------------------------------------------------------------------------------------------


def laplace_nll_by_the_density(x, mu, b):
    return -np.mean(np.log(np.exp(-np.abs(x - mu) / b) / (2 * b)))


def laplace_nll_by_the_product_of_the_densities(x, mu, b):
    return -np.log(np.prod(np.exp(-np.abs(x - mu) / b) / (2 * b))) / len(x)


def laplace_nll_with_the_density_clipped_to_the_smallest_float(x, mu, b):
    return -np.mean(np.log(np.maximum(np.exp(-np.abs(x - mu) / b) / (2 * b), np.finfo(float).tiny)))


def laplace_nll_by_a_root_of_squares(x, mu, b):
    """The square of an ordinary distance neither overflows nor underflows, and its root is exact."""
    return np.log(2 * b) + np.mean(np.sqrt(np.square((np.asarray(x, dtype=float) - mu) / b)))


def laplace_nll_with_a_smooth_corner(x, mu, b):
    d = (np.asarray(x, dtype=float) - mu) / b
    return np.log(2 * b) + np.mean(np.sqrt(d**2 + 1e-8))


def laplace_nll_with_the_corner_of_log_cosh(x, mu, b):
    d = (np.asarray(x, dtype=float) - mu) / b
    return np.log(2 * b) + np.mean(np.logaddexp(d, -d) - np.log(2))


# --- heteroscedastic_nll -------------------------------------------------------------------------------------


def heteroscedastic_nll_by_the_density(mu, log_sigma, y):
    sigma = np.exp(log_sigma)
    return -np.mean(np.log(np.exp(-(((y - mu) / sigma) ** 2) / 2) / (sigma * np.sqrt(2 * np.pi))))


def heteroscedastic_nll_by_squares_over_variances(mu, log_sigma, y):
    return np.mean(0.5 * np.log(2 * np.pi) + log_sigma + (y - mu) ** 2 / (2 * np.exp(2.0 * log_sigma)))


def heteroscedastic_nll_with_sigma_of_1e_6_at_least(mu, log_sigma, y):
    sigma = np.maximum(np.exp(log_sigma), 1e-6)
    return np.mean(0.5 * np.log(2 * np.pi) + np.log(sigma) + 0.5 * ((y - mu) / sigma) ** 2)


def heteroscedastic_nll_with_1e_12_added_to_the_variance(mu, log_sigma, y):
    sigma = np.sqrt(np.exp(2.0 * log_sigma) + 1e-12)
    return np.mean(0.5 * np.log(2 * np.pi) + np.log(sigma) + 0.5 * ((y - mu) / sigma) ** 2)


def heteroscedastic_nll_by_the_square_multiplied_out(mu, log_sigma, y):
    squares = y * y - 2.0 * mu * y + mu * mu
    return np.mean(0.5 * np.log(2 * np.pi) + log_sigma + 0.5 * squares * np.exp(-2.0 * log_sigma))


# --- heteroscedastic_grad ------------------------------------------------------------------------------------


def heteroscedastic_grad_with_sigma_of_1e_6_at_least(mu, log_sigma, y):
    sigma = np.maximum(np.exp(log_sigma), 1e-6)
    z = (y - mu) / sigma
    return -z / sigma / len(y), (1 - z**2) / len(y)


def heteroscedastic_grad_with_1e_12_added_to_the_variance(mu, log_sigma, y):
    variance = np.exp(2.0 * log_sigma) + 1e-12
    return -(y - mu) / variance / len(y), (1 - (y - mu) ** 2 / variance) / len(y)


def heteroscedastic_grad_by_differences_of_the_loss(mu, log_sigma, y, h=1e-6):
    def losses(m, s):
        return s + 0.5 * ((y - m) * np.exp(-1.0 * s)) ** 2

    by_mu = (losses(mu + h, log_sigma) - losses(mu - h, log_sigma)) / (2 * h)
    by_log = (losses(mu, log_sigma + h) - losses(mu, log_sigma - h)) / (2 * h)
    return by_mu / len(y), by_log / len(y)


def heteroscedastic_grad_by_variances(mu, log_sigma, y):
    """Right: neither the variance nor the square leaves the range of float64."""
    precision = np.exp(-2.0 * log_sigma)
    return (mu - y) * precision / len(y), (1 - (y - mu) ** 2 * precision) / len(y)


# --- hidden_layer_loss_grad ----------------------------------------------------------------------------------


def passes(X, y, W1, b1, W2, b2, softmax, log=np.log):
    h = np.tanh(X @ W1 + b1)
    z = h @ W2 + b2
    p = softmax(z)
    loss = -np.mean(log(p[np.arange(len(y)), y]))
    dz = (p - np.eye(z.shape[1])[y]) / len(y)
    da = dz @ W2.T * (1 - h**2)
    return loss, X.T @ da, da.sum(axis=0), h.T @ dz, dz.sum(axis=0)


def plain(z):
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


def shifted(z):
    return plain(z - z.max(axis=1, keepdims=True))


def hidden_layer_loss_grad_by_plain_softmax(X, y, W1, b1, W2, b2):
    return passes(X, y, W1, b1, W2, b2, plain)


def hidden_layer_loss_grad_by_the_logarithm_of_softmax(X, y, W1, b1, W2, b2):
    return passes(X, y, W1, b1, W2, b2, shifted)


def hidden_layer_loss_grad_with_one_shift_for_all(X, y, W1, b1, W2, b2):
    return passes(X, y, W1, b1, W2, b2, lambda z: plain(z - z.max()))


def hidden_layer_loss_grad_with_a_shift_where_positive(X, y, W1, b1, W2, b2):
    return passes(X, y, W1, b1, W2, b2, lambda z: plain(z - np.maximum(z.max(axis=1, keepdims=True), 0)))


def hidden_layer_loss_grad_with_a_constant_of_1e_12(X, y, W1, b1, W2, b2):
    return passes(X, y, W1, b1, W2, b2, shifted, lambda p: np.log(p + 1e-12))


def hidden_layer_loss_grad_with_logits_clipped_at_500(X, y, W1, b1, W2, b2):
    return passes(X, y, W1, b1, W2, b2, lambda z: shifted(np.clip(z, -500, 500)))


KEPT = {
    "laplace_nll_by_a_root_of_squares": "it is right",
    "heteroscedastic_grad_by_variances": "it is right",
}
