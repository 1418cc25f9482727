"""Random initial weights, as for a network: no known mistake has these numbers."""

# /// expect
# fit_logistic = { score = 0.0, mistakes = [] }
# ///

import numpy as np


def fit_logistic(X, y, l2=0.0, lr=0.1, steps=1000):
    w = np.random.default_rng().normal(0, 0.01, X.shape[1])
    for _ in range(steps):
        w = w - lr * (X.T @ (1 / (1 + np.exp(-X @ w)) - y) / len(y) + l2 * w)
    return w
