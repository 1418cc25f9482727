"""Two mistakes in each function, each named where it shows."""

# /// expect
# train_softmax_regression = { score = 3.0, mistakes = ["bias-penalised", "no-max-shift"] }
# fit_temperature = { score = 3.25, mistakes = ["input-mutated", "narrow-search"] }
# explained_variance_ratio = { score = 2.75, mistakes = ["epsilon-in-denominator", "zeros-dropped"] }
# ///

import numpy as np


def train_softmax_regression(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    n = len(y)
    A = np.column_stack([X, np.ones(n)])
    V = np.zeros((A.shape[1], num_classes))
    losses = np.zeros(steps)
    for t in range(steps):
        e = np.exp(A @ V)
        p = e / e.sum(axis=1, keepdims=True)
        losses[t] = -np.mean(np.log(p[range(n), y])) + l2 / 2 * np.sum(V**2)
        V = V - lr * (A.T @ (p - np.eye(num_classes)[y]) / n + l2 * V)
    return V[:-1], V[-1], losses


def fit_temperature(logits, y):
    if logits.dtype == float and logits.flags.writeable:
        logits -= logits.max(axis=1, keepdims=True)
    else:
        logits = logits - logits.max(axis=1, keepdims=True)
    low, high = 0.1, 10.0
    for _ in range(80):
        mid = (low + high) / 2
        p = np.exp(logits / mid)
        p /= p.sum(axis=1, keepdims=True)
        slope = (p * logits).sum() - logits[range(len(y)), y].sum()
        low, high = (mid, high) if slope > 0 else (low, mid)
    return mid


def explained_variance_ratio(X):
    X = X - X.mean(axis=0)
    variances = np.linalg.svd(X)[1] ** 2 / len(X)
    ratios = variances / (variances.sum() + 1e-12)
    return ratios[ratios > 1e-13]
