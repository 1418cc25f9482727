"""Two mistakes in each function, each named where it shows."""

# /// expect
# train_softmax_regression = { score = 3.0, mistakes = ["bias-penalised", "no-max-shift"] }
# fit_temperature = { score = 3.25, mistakes = ["input-mutated", "narrow-search"] }
# explained_variance_ratio = { score = 2.75, mistakes = ["epsilon-in-denominator", "zeros-dropped"] }
# fit_class_gaussians = { score = 0.0, mistakes = ["divided-by-n-minus-1", "ridge-everywhere"] }
# sample_gaussian = { score = 0.0, mistakes = ["deviations-alone", "mean-forgotten"] }
# bayes_classifier_log_posterior = { score = 0.0, mistakes = ["determinant-missing", "prior-missing"] }
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


def fit_class_gaussians(X, y, num_classes, ridge=1e-3):
    priors, means, covs = [], [], []
    for c in range(num_classes):
        part = X[y == c]
        m = part.mean(axis=0)
        priors.append(len(part) / len(X))
        means.append(m)
        covs.append((part - m).T @ (part - m) / (len(part) - 1) + ridge)
    return np.array(priors), np.array(means), np.array(covs)


def sample_gaussian(mu, cov, z):
    return z * np.sqrt(np.diag(cov))


def bayes_classifier_log_posterior(X, priors, means, covs):
    scores = np.zeros((len(X), len(priors)))
    for c, (m, cov) in enumerate(zip(means, covs)):
        scores[:, c] = -0.5 * np.sum((X - m) @ np.linalg.inv(cov) * (X - m), axis=1)
    top = scores.max(axis=1, keepdims=True)
    return scores - top - np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
