"""The formulas of the second hints, in NumPy as they stand: nothing is converted."""

# /// expect
# bernoulli_nll = "full"
# bce_with_logits = "full"
# bce_grad = "full"
# fit_logistic = "full"
# ///

import numpy as np


def bernoulli_nll(p, y):
    return -np.mean(np.log(np.where(y == 1, p, 1 - p)))


def bce_with_logits(z, y):
    return np.mean(np.logaddexp(0, z) - z * y)


def bce_grad(z, y):
    t = np.exp(-np.abs(z))
    return (np.where(z >= 0, 1 / (1 + t), t / (1 + t)) - y) / len(y)


def fit_logistic(X, y, l2=0.0, lr=0.1, steps=1000):
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        w = w - lr * (X.T @ bce_grad(X @ w, y) + l2 * w)
    return w
