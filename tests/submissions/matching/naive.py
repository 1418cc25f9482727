"""The textbook formulas, without a shift and without a thought for odd shapes and scales."""

# /// expect
# train_softmax_regression = { score = 4.0, mistakes = ["no-max-shift"] }
# fit_temperature = { score = 3.5, mistakes = ["no-max-shift"] }
# explained_variance_ratio = { score = 3.25, mistakes = ["one-column-fails"] }
# fit_class_gaussians = { score = 1.0, mistakes = ["divided-by-n-minus-1"] }
# sample_gaussian = { score = 0.75, mistakes = ["factor-not-transposed"] }
# bayes_classifier_log_posterior = { score = 2.0, mistakes = ["densities-underflow", "log-of-determinant"] }
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


def fit_class_gaussians(X, y, num_classes, ridge=1e-3):
    parts = [X[y == c] for c in range(num_classes)]
    covs = [np.atleast_2d(np.cov(part.T)) + ridge * np.eye(X.shape[1]) for part in parts]
    return np.bincount(y) / len(y), np.array([part.mean(axis=0) for part in parts]), np.array(covs)


def sample_gaussian(mu, cov, z):
    return mu + z @ np.linalg.cholesky(cov)


def bayes_classifier_log_posterior(X, priors, means, covs):
    p = np.zeros((len(X), len(priors)))
    for c in range(len(priors)):
        for i, x in enumerate(X):
            off = x - means[c]
            height = 1 / np.sqrt((2 * np.pi) ** len(off) * np.linalg.det(covs[c]))
            p[i, c] = priors[c] * height * np.exp(-0.5 * off @ np.linalg.inv(covs[c]) @ off)
    return np.log(p / p.sum(axis=1, keepdims=True))
