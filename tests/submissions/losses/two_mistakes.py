"""Two independent mistakes in a function: each is named where it shows."""

# /// expect
# poisson_nll = { score = 2.25, mistakes = ["input-mutated", "log-of-rate"] }
# ///

import numpy as np


def poisson_nll(log_rate, y):
    rate = np.exp(log_rate)
    log_rate *= y
    return np.mean(rate - y * np.log(rate))
