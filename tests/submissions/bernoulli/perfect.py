"""Everything as the notebook teaches it."""

# /// expect
# everything = "full"
# ///

import numpy as np


def bernoulli_nll(p, y):
    p_label = np.where(y == 1, p, 1 - p)
    with np.errstate(divide="ignore"):
        return -np.mean(np.log(p_label))


def bce_with_logits(z, y):
    z = np.asarray(z, dtype=float)
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


def sigmoid(z):
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, small) / (1 + small)


def bce_grad(z, y):
    return (sigmoid(np.asarray(z, dtype=float)) - y) / len(y)


def fit_logistic(X, y, l2=0.0, lr=0.1, steps=1000):
    n, d = X.shape
    w = np.zeros(d)
    for _ in range(steps):
        w = w - lr * (X.T @ bce_grad(X @ w, y) + l2 * w)
    return w


def rare_accuracy():
    return "d"


def who_pulls():
    return "b"
