"""Descends, but on something else: a bias of its own, one example at a time."""

# /// expect
# bce_grad = { score = 0.0, mistakes = ["squared-error"] }
# fit_logistic = { score = 0.0, mistakes = ["one-example-per-step"] }
# ///

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def bce_grad(z, y):
    p = sigmoid(z.astype(float))
    return 2 * (p - y) * p * (1 - p) / len(y)


def fit_logistic(X, y, l2=0.0, lr=0.1, steps=1000):
    w, i = np.zeros(X.shape[1]), 0
    while steps > 0:
        w -= lr * ((sigmoid(X[i] @ w) - y[i]) * X[i] + l2 * w)
        i, steps = (i + 1) % len(X), steps - 1
    return w
