"""The prior is updated by one data point after the other."""

# /// expect
# map_ridge = "full"
# ///

import numpy as np


def map_ridge(X, y, sigma2, tau2):
    w, P = np.zeros(X.shape[1]), tau2 * np.eye(X.shape[1])
    for x, target in zip(X.astype(float), y):
        gain = P @ x / (sigma2 + x @ P @ x)
        w = w + gain * (target - x @ w)
        P = P - np.outer(gain, x @ P)
    return w
