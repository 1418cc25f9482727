"""The second moment minus the squared mean, in whatever type the arguments have."""

# /// expect
# moment_match = { score = 3.0, mistakes = ["one-pass"] }
# ///

import numpy as np


def moment_match(weights, mus, sigmas):
    mu = np.sum(weights * mus)
    second = np.sum(weights * (sigmas**2 + mus**2))
    return mu, np.sqrt(second - mu**2)
