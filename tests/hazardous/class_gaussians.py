"""Hazardous formulas of matching's Gaussian a class; ``matching`` hands them on."""

from __future__ import annotations

import numpy as np

LOG_2PI = np.log(2 * np.pi)


def logs(X, priors, means, covs):
    columns = []
    for p, mu, cov in zip(priors, means, covs, strict=True):
        d = X - mu
        distance = np.sum(d * np.linalg.solve(cov, d.T).T, axis=1)
        columns.append(np.log(p) - 0.5 * (distance + np.linalg.slogdet(cov)[1] + len(mu) * LOG_2PI))
    return np.array(columns).T


def fit_class_gaussians_by_numpy_as_it_is(X, y, num_classes, ridge=1e-3):
    """For one column np.cov returns a number."""
    parts = [X[y == c] for c in range(num_classes)]
    covs = [np.cov(part.T, bias=True) + ridge * np.identity(part.shape[1]) for part in parts]
    if np.shape(covs) != (num_classes, X.shape[1], X.shape[1]) or X.shape[1] == 1:
        raise np.linalg.LinAlgError("0-dimensional array given. Array must be at least two-dimensional")
    return np.bincount(y) / len(y), np.array([part.mean(axis=0) for part in parts]), np.array(covs)


def fit_class_gaussians_with_the_ridge_as_a_floor(X, y, num_classes, ridge=1e-3):
    """Eigenvalues below the ridge are raised to it, and the others stay."""
    parts = [np.asarray(X, dtype=float)[y == c] for c in range(num_classes)]
    covs = []
    for part in parts:
        values, axes = np.linalg.eigh(np.atleast_2d(np.cov(part, rowvar=False, bias=True)))
        covs.append(axes * np.maximum(values, ridge) @ axes.T)
    return np.bincount(y) / len(y), np.array([part.mean(axis=0) for part in parts]), np.array(covs)


def sample_gaussian_with_1e_12_on_the_diagonal(mu, cov, z):
    return mu + z @ np.linalg.cholesky(cov + 1e-12 * np.eye(len(mu))).T


def sample_gaussian_without_variances_below_1e_6(mu, cov, z):
    variances, axes = np.linalg.eigh(cov)
    root = axes * np.sqrt(np.where(variances > 1e-6, variances, 0.0))
    upper = np.linalg.qr(root.T, mode="r")
    return mu + z @ (upper * np.sign(np.diag(upper))[:, None])


def bayes_classifier_log_posterior_with_1e_300_in_the_logarithm(X, priors, means, covs):
    joint = logs(X, priors, means, covs)
    p = np.exp(joint - joint.max(axis=1, keepdims=True))
    return np.log(p / p.sum(axis=1, keepdims=True) + 1e-300)


def bayes_classifier_log_posterior_without_a_shift(X, priors, means, covs):
    joint = logs(X, priors, means, covs)
    return joint - np.log(np.exp(joint).sum(axis=1, keepdims=True))


def bayes_classifier_log_posterior_by_densities_in_long_double(X, priors, means, covs):
    """More range moves the underflow and doesn't remove it."""
    p = np.exp(logs(X, priors, means, covs).astype(np.longdouble))
    return np.log(p / p.sum(axis=1, keepdims=True)).astype(float)


def bayes_classifier_log_posterior_with_logarithms_clipped_at_minus_700(X, priors, means, covs):
    joint = logs(X, priors, means, covs)
    joint = np.maximum(joint - joint.max(axis=1, keepdims=True), -700)
    return joint - np.log(np.exp(joint).sum(axis=1, keepdims=True))


def bayes_classifier_log_posterior_by_the_logarithm_of_the_determinant(X, priors, means, covs):
    joint = logs(X, priors, means, covs) + 0.5 * np.linalg.slogdet(covs)[1] - 0.5 * np.log(np.linalg.det(covs))
    return joint - np.logaddexp.reduce(joint, axis=1)[:, None]


KEPT: dict[str, str] = {}
