"""The textbook formulas, without a shift and without a thought for odd shapes and scales."""

# /// expect
# train_softmax_regression = { score = 4.0, mistakes = ["no-max-shift"] }
# fit_temperature = { score = 3.5, mistakes = ["no-max-shift"] }
# explained_variance_ratio = { score = 3.25, mistakes = ["one-column-fails"] }
# ///

import numpy as np


def softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def train_softmax_regression(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    n, d = X.shape
    W, b, losses = np.zeros((d, num_classes)), np.zeros(num_classes), []
    for _ in range(steps):
        p = softmax(X @ W + b)
        losses.append(-np.log(p[np.arange(n), y]).mean() + l2 / 2 * (W**2).sum())
        p[np.arange(n), y] -= 1
        W, b = W - lr * (X.T @ p / n + l2 * W), b - lr * p.mean(axis=0)
    return W, b, np.array(losses)


def fit_temperature(logits, y):
    """Halves the interval by the sign of the slope."""
    cold, hot = 0.05, 20.0
    labels = logits[np.arange(len(y)), y].sum()
    for _ in range(60):
        t = np.sqrt(cold * hot)
        if (softmax(logits / t) * logits).sum() > labels:
            cold = t
        else:
            hot = t
    return t


def explained_variance_ratio(X):
    values = np.linalg.eigvalsh(np.cov(X.T))
    return values[::-1] / values.sum()
