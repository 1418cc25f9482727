"""Everything as the notebook teaches it."""

# /// expect
# everything = "full"
# ///

import numpy as np


def poisson_nll(log_rate, y):
    log_rate, y = np.asarray(log_rate, dtype=float), np.asarray(y, dtype=float)
    return np.mean(np.exp(log_rate) - y * log_rate)


def laplace_nll(x, mu, b):
    x = np.asarray(x, dtype=float)
    return np.log(2 * b) + np.mean(np.abs(x - mu) / b)


def heteroscedastic_nll(mu, log_sigma, y):
    mu, log_sigma, y = (np.asarray(v, dtype=float) for v in (mu, log_sigma, y))
    z = (y - mu) * np.exp(-log_sigma)
    return np.mean(0.5 * np.log(2 * np.pi) + log_sigma + 0.5 * z**2)


def heteroscedastic_grad(mu, log_sigma, y):
    mu, log_sigma, y = (np.asarray(v, dtype=float) for v in (mu, log_sigma, y))
    z = (y - mu) * np.exp(-log_sigma)
    return -z * np.exp(-log_sigma) / len(y), (1 - z**2) / len(y)


def hidden_layer_loss_grad(X, y, W1, b1, W2, b2):
    X, W1, b1, W2, b2 = (np.asarray(v, dtype=float) for v in (X, W1, b1, W2, b2))
    rows = np.arange(len(y))
    h = np.tanh(X @ W1 + b1)
    z = h @ W2 + b2
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    dz = np.exp(log_p)
    dz[rows, y] -= 1
    dz /= len(y)
    da = (dz @ W2.T) * (1 - h**2)
    return -log_p[rows, y].mean(), X.T @ da, da.sum(axis=0), h.T @ dz, dz.sum(axis=0)


def best_constant():
    return "a"


def zero_count():
    return "c"
