"""The textbook formulas as they stand: densities that underflow, squares that overflow, exponentials unshifted."""

# /// expect
# poisson_nll = { score = 3.25, mistakes = ["log-of-rate"] }
# laplace_nll = { score = 3.25, mistakes = ["log-of-pdf"] }
# heteroscedastic_nll = { score = 4.5, mistakes = ["squared-before-divided"] }
# heteroscedastic_grad = "full"
# hidden_layer_loss_grad = { score = 5.0, mistakes = ["no-max-shift"] }
# ///

import numpy as np


def poisson_nll(log_rate, y):
    rate = np.exp(log_rate)
    return np.mean(rate - y * np.log(rate))


def laplace_nll(x, mu, b):
    return -np.mean(np.log(np.exp(-np.abs(x - mu) / b) / (2 * b)))


def heteroscedastic_nll(mu, log_sigma, y):
    sigma = np.exp(log_sigma)
    return np.mean(np.log(sigma * np.sqrt(2 * np.pi)) + (y - mu) ** 2 / (2 * sigma**2))


def heteroscedastic_grad(mu, log_sigma, y):
    variance = np.exp(2 * log_sigma)
    return -(y - mu) / variance / len(y), (1 - (y - mu) ** 2 / variance) / len(y)


def hidden_layer_loss_grad(X, y, W1, b1, W2, b2):
    h = np.tanh(X @ W1 + b1)
    p = np.exp(h @ W2 + b2)
    p = p / p.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(len(y)), y]))
    dz = (p - np.eye(len(b2))[y]) / len(y)
    da = dz @ W2.T * (1 - h**2)
    return loss, X.T @ da, da.sum(axis=0), h.T @ dz, dz.sum(axis=0)
