"""The textbook formulas as they stand: nan at 0·log 0, a sigmoid that is 1, an exponential that overflows."""

# /// expect
# bernoulli_nll = { score = 3.25, mistakes = ["zero-times-infinity"] }
# bce_with_logits = { score = 2.5, mistakes = ["log-of-sigmoid"] }
# bce_grad = { score = 3.0, mistakes = ["exp-overflow"] }
# fit_logistic = { score = 3.5, mistakes = ["exp-overflow"] }
# ///

import numpy as np


def bernoulli_nll(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def bce_with_logits(z, y):
    z = np.asarray(z, dtype=float)
    return bernoulli_nll(1 / (1 + np.exp(-z)), y)


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    return np.exp(z) / (1 + np.exp(z))


def bce_grad(z, y):
    return (sigmoid(z) - y) / len(y)


def fit_logistic(X, y, l2=0.0, lr=0.1, steps=1000):
    w = np.zeros(X.shape[1])
    for i in range(steps):
        w -= lr * (X.T.dot(sigmoid(X.dot(w)) - y) / len(y) + l2 * w)
    return w
