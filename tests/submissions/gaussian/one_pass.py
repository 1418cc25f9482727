"""The mean of the squares minus the squared mean, in whatever type the data have."""

# /// expect
# gaussian_mle = { score = 2.75, mistakes = ["one-pass"] }
# covariance_matrix = { score = 2.75, mistakes = ["one-pass"] }
# ///

import numpy as np


def gaussian_mle(x):
    mu = x.mean()
    return mu, np.sqrt((x**2).mean() - mu**2)


def covariance_matrix(X):
    mu = X.mean(axis=0)
    return X.T @ X / len(X) - np.outer(mu, mu)
