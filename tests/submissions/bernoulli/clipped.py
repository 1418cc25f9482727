"""Guards that guard nothing: probabilities clipped, constants added, logits cut."""

# /// expect
# bernoulli_nll = { score = 2.25, mistakes = ["clipped-at-1e-12"] }
# bce_with_logits = { score = 2.5, mistakes = ["clipped-at-1e-15"] }
# bce_grad = "full"
# fit_logistic = { score = 3.5, mistakes = ["stops-early"] }
# ///

import numpy as np


def bernoulli_nll(p, y):
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())


def bce_with_logits(z, y):
    p = np.clip(1 / (1 + np.exp(-z.astype(float))), 1e-15, 1 - 1e-15)
    return -np.mean(np.where(y == 1, np.log(p), np.log(1 - p)))


def bce_grad(z, y):
    p = 1 / (1 + np.exp(-np.clip(z, -500.0, 500.0).astype(float)))
    return (p - y) / len(y)


def fit_logistic(X, y, l2=0.0, lr=0.1, steps=1000):
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        g = X.T @ bce_grad(X @ w, y) + l2 * w
        if np.sqrt(np.sum(g**2)) < 1e-6:
            return w
        w = w - lr * g
    return w
