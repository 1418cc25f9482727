"""Everything as the notebook teaches it."""

# /// expect
# everything = "full"
# ///

import numpy as np


def log_softmax(z):
    shifted = z - np.max(z, axis=1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))


def train_softmax_regression(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    X = np.asarray(X, dtype=float)
    n, d = X.shape
    Y = np.eye(num_classes)[y]
    W = np.zeros((d, num_classes))
    b = np.zeros(num_classes)
    losses = np.zeros(steps)
    for t in range(steps):
        log_p = log_softmax(X @ W + b)
        losses[t] = -np.sum(Y * log_p) / n + 0.5 * l2 * np.sum(W**2)
        error = (np.exp(log_p) - Y) / n
        W = W - lr * (X.T @ error + l2 * W)
        b = b - lr * np.sum(error, axis=0)
    return W, b, losses


def fit_temperature(logits, y):
    logits = np.asarray(logits, dtype=float)

    def nll(T):
        return -np.mean(log_softmax(logits / T)[np.arange(len(y)), y])

    candidates = np.geomspace(0.05, 20, 100)
    for _ in range(6):
        best = np.argmin([nll(T) for T in candidates])
        low, high = candidates[max(best - 1, 0)], candidates[min(best + 1, len(candidates) - 1)]
        candidates = np.linspace(low, high, 20)
    return candidates[np.argmin([nll(T) for T in candidates])]


def explained_variance_ratio(X):
    centred = X - np.mean(X, axis=0)
    s = np.linalg.svd(centred, compute_uv=False)
    return s**2 / np.sum(s**2)


def fit_class_gaussians(X, y, num_classes, ridge=1e-3):
    n, d = X.shape
    priors, means, covs = np.zeros(num_classes), np.zeros((num_classes, d)), np.zeros((num_classes, d, d))
    for c in range(num_classes):
        own = X[y == c]
        priors[c] = len(own) / n
        means[c] = np.mean(own, axis=0)
        centred = own - means[c]
        covs[c] = centred.T @ centred / len(own) + ridge * np.eye(d)
    return priors, means, covs


def sample_gaussian(mu, cov, z):
    return mu + z @ np.linalg.cholesky(cov).T


def bayes_classifier_log_posterior(X, priors, means, covs):
    joint = np.zeros((len(X), len(priors)))
    for c in range(len(priors)):
        d = X - means[c]
        distance = np.sum(d * np.linalg.solve(covs[c], d.T).T, axis=1)
        joint[:, c] = np.log(priors[c]) - 0.5 * distance - 0.5 * np.linalg.slogdet(covs[c])[1]
    return log_softmax(joint)


def chosen_on_test():
    return "b"


def which_temperature():
    return "d"
