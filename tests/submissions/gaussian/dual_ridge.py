"""A weight per data point first, then one per column."""

# /// expect
# map_ridge = "full"
# ///

import numpy as np


def map_ridge(X, y, sigma2, tau2):
    a = np.linalg.solve(X @ X.T + sigma2 / tau2 * np.eye(len(X)), y)
    return X.T @ a
