"""Right answers of matching's Gaussian a class; ``matching`` hands them on."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import scipy.linalg
import scipy.special
import scipy.stats

from autograder.judging.calls import Call

# --- exact -----------------------------------------------------------------------------------------------

as_exact = np.frompyfunc(lambda value: mpmath.mpf(float(value)), 1, 1)


def agreed(formula):
    """Every number of a formula, once 50 and 100 digits agree on it to 1e-30."""
    found = []
    for digits in (50, 100):
        with mpmath.workdps(digits):
            found.append(list(formula()))
    with mpmath.workdps(100):
        assert all(abs(a - b) <= 1e-30 * max(1, abs(b)) for a, b in zip(*found, strict=True))
    return np.array([float(value) for value in found[1]])


def exact_factor(cov):
    """The lower triangular root, row by row."""
    d = len(cov)
    L = [[mpmath.mpf(0)] * d for _ in range(d)]
    for i in range(d):
        for j in range(i + 1):
            rest = cov[i][j] - mpmath.fsum(L[i][k] * L[j][k] for k in range(j))
            L[i][j] = mpmath.sqrt(rest) if i == j else rest / L[j][j]
    return L


def exact_fit_class_gaussians(X, y, num_classes, ridge=1e-3):
    d, parts = np.shape(X)[1], [np.asarray(X)[np.asarray(y) == c] for c in range(num_classes)]

    def numbers():
        means = [as_exact(part).sum(axis=0) / len(part) for part in parts]
        yield from (mpmath.mpf(len(part)) / len(y) for part in parts)
        for mean in means:
            yield from mean
        for part, mean in zip(parts, means, strict=True):
            off = as_exact(part) - mean
            yield from (off.T.dot(off) / len(part) + mpmath.mpf(ridge) * np.eye(d, dtype=int)).ravel()

    k = num_classes
    priors, means, covs = np.split(agreed(numbers), [k, k + k * d])
    return priors, means.reshape(k, d), covs.reshape(k, d, d)


def exact_sample_gaussian(mu, cov, z):
    def numbers():
        factor = np.array(exact_factor(as_exact(cov).tolist()), dtype=object)
        return (as_exact(mu) + as_exact(z).dot(factor.T)).ravel()

    return agreed(numbers).reshape(np.shape(z))


def exact_bayes_classifier_log_posterior(X, priors, means, covs):
    def squared_length(factor, off):
        solved = []
        for i, row in enumerate(factor):
            solved.append((off[i] - mpmath.fsum(row[j] * solved[j] for j in range(i))) / row[i])
        return mpmath.fsum(v * v for v in solved)

    def numbers():
        factors = [exact_factor(as_exact(cov).tolist()) for cov in covs]
        for x in X:
            joint = []
            for share, mu, L in zip(priors, means, factors, strict=True):
                log_det = mpmath.fsum(mpmath.log(L[i][i]) for i in range(len(L)))
                distance = squared_length(L, as_exact(x) - as_exact(mu))
                joint.append(mpmath.log(mpmath.mpf(float(share))) - distance / 2 - log_det)
            top = max(joint)
            evidence = top + mpmath.log(mpmath.fsum(mpmath.exp(value - top) for value in joint))
            yield from (value - evidence for value in joint)

    return agreed(numbers).reshape(len(X), len(priors))


# --- fit_class_gaussians ---------------------------------------------------------------------------------


def fit_class_gaussians_by_loops(X, y, num_classes, ridge=1e-3):
    rows, (n, d) = np.asarray(X, dtype=float).tolist(), X.shape
    priors, means, covs = [], [], []
    for c in range(num_classes):
        own = [row for row, label in zip(rows, y, strict=True) if label == c]
        mean = [math.fsum(row[j] for row in own) / len(own) for j in range(d)]
        cov = [[ridge * (i == j) for j in range(d)] for i in range(d)]
        for i in range(d):
            for j in range(d):
                cov[i][j] += math.fsum((row[i] - mean[i]) * (row[j] - mean[j]) for row in own) / len(own)
        priors.append(len(own) / n)
        means.append(mean)
        covs.append(cov)
    return priors, means, covs


def fit_class_gaussians_by_numpy_cov(X, y, num_classes, ridge=1e-3):
    parts = [X[y == c] for c in range(num_classes)]
    covs = [np.atleast_2d(np.cov(part, rowvar=False, bias=True)) + np.diag([ridge] * X.shape[1]) for part in parts]
    priors = np.bincount(y, minlength=num_classes) / len(y)
    return priors, np.stack([part.mean(axis=0) for part in parts]), np.stack(covs)


def fit_class_gaussians_by_one_hot(X, y, num_classes, ridge=1e-3):
    """Memberships as weights, as in one step of EM."""
    hot = np.eye(num_classes)[y]
    counts = hot.sum(axis=0)
    means = hot.T @ X / counts[:, None]
    off = X[:, None, :] - means
    covs = np.einsum("nk,nki,nkj->kij", hot, off, off) / counts[:, None, None]
    return [counts / len(X), means, covs + ridge * np.identity(X.shape[1])]


def fit_class_gaussians_by_moments(X, y, num_classes, ridge=1e-3):
    """Mean of products minus product of means, in float64."""
    X = np.asarray(X, dtype=float)
    means = np.array([X[y == c].mean(axis=0) for c in range(num_classes)])
    products = np.array([X[y == c].T @ X[y == c] / np.sum(y == c) for c in range(num_classes)])
    covs = products - means[:, :, None] * means[:, None, :]
    covs[:, range(X.shape[1]), range(X.shape[1])] += ridge
    return np.array([np.mean(y == c) for c in range(num_classes)]), means, covs


def fit_class_gaussians_by_sorting(X, y, num_classes, ridge=1e-3):
    order = np.argsort(y, kind="stable")
    groups = np.split(np.array(X, dtype=float)[order], np.cumsum(np.bincount(y, minlength=num_classes))[:-1])
    means = [group.mean(axis=0) for group in groups]
    covs = []
    for group, mean in zip(groups, means, strict=True):
        cov = np.mean([np.outer(row - mean, row - mean) for row in group], axis=0)
        np.fill_diagonal(cov, np.diag(cov) + ridge)
        covs.append(cov)
    return np.array([len(group) for group in groups]) / len(X), np.array(means), np.array(covs)


def fit_class_gaussians_in_long_double(X, y, num_classes, ridge=1e-3):
    X = np.asarray(X, dtype=np.longdouble)
    parts = [X[np.asarray(y) == c] for c in range(num_classes)]
    means = np.array([part.mean(axis=0) for part in parts])
    covs = [(p - m).T @ (p - m) / len(p) + ridge * np.eye(X.shape[1]) for p, m in zip(parts, means, strict=True)]
    return np.array([len(p) / len(X) for p in parts]), means.astype(float), np.array(covs).astype(float)


# --- sample_gaussian -------------------------------------------------------------------------------------


def sample_gaussian_by_rows(mu, cov, z):
    L = np.linalg.cholesky(cov)
    return np.array([mu + L @ row for row in z])


def sample_gaussian_by_einsum(mu, cov, z):
    return np.einsum("ij,nj->ni", np.linalg.cholesky(cov), z) + mu


def sample_gaussian_by_scipy(mu, cov, z):
    return np.add(mu, z @ scipy.linalg.cholesky(cov, lower=False))


def sample_gaussian_by_hand(mu, cov, z):
    """Cholesky's formulas entry by entry."""
    d = len(mu)
    L = [[0.0] * d for _ in range(d)]
    for i in range(d):
        for j in range(i + 1):
            rest = float(cov[i][j]) - math.fsum(L[i][k] * L[j][k] for k in range(j))
            L[i][j] = math.sqrt(rest) if i == j else rest / L[j][j]
    return [
        [float(mu[i]) + math.fsum(L[i][j] * float(row[j]) for j in range(i + 1)) for i in range(d)] for row in z
    ]


def sample_gaussian_by_qr_of_the_symmetric_root(mu, cov, z):
    """The triangle of a root's transpose is a root, too; signs are made positive."""
    variances, axes = np.linalg.eigh(cov)
    upper = np.linalg.qr((axes * np.sqrt(variances)).T, mode="r")
    upper = upper * np.sign(np.diag(upper))[:, None]
    return mu + z @ upper


def sample_gaussian_by_conditioning(mu, cov, z):
    """One variable after the other, each given those before it."""
    rest, draws = np.array(cov, dtype=float), np.tile(np.asarray(mu, dtype=float), (len(z), 1))
    for j in range(len(mu)):
        column = rest[:, j] / np.sqrt(rest[j, j])
        column[:j] = 0
        draws += np.outer(z[:, j], column)
        rest = rest - np.outer(column, column)
    return draws


# --- bayes_classifier_log_posterior ----------------------------------------------------------------------


def bayes_classifier_log_posterior_by_slogdet(X, priors, means, covs):
    joint = []
    for p, mu, cov in zip(priors, means, covs, strict=True):
        off = X - mu
        distance = np.sum(off * np.linalg.solve(cov, off.T).T, axis=1)
        joint.append(np.log(p) - 0.5 * (distance + np.linalg.slogdet(cov)[1] + len(mu) * np.log(2 * np.pi)))
    joint = np.array(joint).T
    return joint - np.logaddexp.reduce(joint, axis=1)[:, None]


def bayes_classifier_log_posterior_by_scipy(X, priors, means, covs):
    columns = [scipy.stats.multivariate_normal(m, c).logpdf(X) for m, c in zip(means, covs, strict=True)]
    joint = np.log(priors) + np.reshape(columns, (len(priors), len(X))).T
    return joint - scipy.special.logsumexp(joint, axis=1, keepdims=True)


def bayes_classifier_log_posterior_by_inverse(X, priors, means, covs):
    inverses = np.linalg.inv(covs)
    off = X[:, None, :] - means
    distances = np.einsum("nki,kij,nkj->nk", off, inverses, off)
    joint = np.log(priors) - (distances + np.linalg.slogdet(covs)[1]) / 2
    return scipy.special.log_softmax(joint, axis=1)


def bayes_classifier_log_posterior_by_triangles(X, priors, means, covs):
    rows = []
    for x in X:
        joint = []
        for p, mu, cov in zip(priors, means, covs, strict=True):
            L = scipy.linalg.cholesky(cov, lower=True)
            z = scipy.linalg.solve_triangular(L, x - mu, lower=True)
            joint.append(math.log(p) - 0.5 * float(z @ z) - math.fsum(np.log(np.diag(L))))
        top = max(joint)
        rows.append(np.array(joint) - top - math.log(math.fsum(math.exp(v - top) for v in joint)))
    return np.array(rows)


def bayes_classifier_log_posterior_by_eigenvectors(X, priors, means, covs):
    joint = np.zeros((len(X), len(priors)))
    for c, (mu, cov) in enumerate(zip(means, covs, strict=True)):
        variances, axes = np.linalg.eigh(cov)
        scores = (X - mu) @ axes
        joint[:, c] = np.log(priors[c]) - 0.5 * np.sum(scores**2 / variances + np.log(variances), axis=1)
    shifted = joint - joint.max(axis=1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))


def bayes_classifier_log_posterior_by_odds(X, priors, means, covs):
    """One over one plus the odds of the others, in logarithms: pairs of classes alone."""
    terms = bayes_classifier_log_posterior_by_inverse(X, priors, means, covs)
    return -np.stack([np.logaddexp.reduce(terms - terms[:, [c]], axis=1) for c in range(terms.shape[1])], axis=1)


# --- where rounding is all there is ----------------------------------------------------------------------

ROUNDED = {
    "fit_class_gaussians": Call(
        (np.array([[99.0, -101.0], [101.0, -101.0 + 1e-7], [100.0, -101.0]]), np.zeros(3, dtype=int), 1),
        {"ridge": 0.0},
    ),
    "sample_gaussian": Call(
        (np.zeros(2), np.array([[1.0, 1 - 1e-7], [1 - 1e-7, 1.0]]), np.array([[1.0, -1.0], [-0.5, 1.0]]))
    ),
    "bayes_classifier_log_posterior": Call(
        (
            np.array([[0.3, 0.3 + 1e-7]]),
            np.array([0.5, 0.5]),
            np.zeros((2, 2)),
            np.array([[[1.0, 1 - 1e-9], [1 - 1e-9, 1.0]], [[2.0, 0.5], [0.5, 1.0]]]),
        )
    ),
}
