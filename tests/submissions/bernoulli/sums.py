"""Sums where means are asked for."""

# /// expect
# bernoulli_nll = { score = 1.375, mistakes = ["sum-for-mean"] }
# bce_with_logits = { score = 1.375, mistakes = ["sum-for-mean"] }
# bce_grad = { score = 1.25, mistakes = ["missing-1-over-n"] }
# fit_logistic = { score = 1.375, mistakes = ["sum-for-mean"] }
# ///

import numpy as np


def bernoulli_nll(p, y):
    return -np.sum(np.log(np.where(y == 1, p, 1 - p)))


def bce_with_logits(z, y):
    return np.sum(np.logaddexp(0, z) - z * y)


def bce_grad(z, y):
    return 1 / (1 + np.exp(-z)) - y


def fit_logistic(X, y, l2=0.0, lr=0.1, steps=1000):
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        w = w - lr * (X.T @ bce_grad(X @ w, y) + l2 * w)
    return w
