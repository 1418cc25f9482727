"""Two independent mistakes in a function: each is named where it shows."""

# /// expect
# bce_with_logits = { score = 2.25, mistakes = ["input-mutated", "margin-overflow"] }
# fit_logistic = { score = 2.75, mistakes = ["exp-overflow", "l2-doubled"] }
# ///

import numpy as np


def bce_with_logits(z, y):
    margins = z
    margins *= 1 - 2 * y.astype(z.dtype)
    return np.log(1 + np.exp(margins.astype(float))).mean()


def fit_logistic(X, y, l2=0.0, lr=0.1, steps=1000):
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        e = np.exp(X @ w)
        w = w - lr * (X.T @ (e / (1 + e) - y) / len(y) + 2 * l2 * w)
    return w
