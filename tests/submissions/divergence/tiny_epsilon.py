"""A constant in the logarithm that is too small to be seen but where the result itself is small."""

# /// expect
# entropy = { score = 2.0, mistakes = ["epsilon-in-log"] }
# js_divergence = { score = 3.5, mistakes = ["epsilon-in-log"] }
# ///

import numpy as np


def entropy(p):
    return -np.sum(p * np.log(p + 1e-15))


def js_divergence(p, q):
    p, q = np.asarray(p, dtype=float), np.asarray(q, dtype=float)
    m = (p + q) / 2
    return sum(np.sum(a * np.log((a + 1e-15) / (m + 1e-15))) for a in (p, q)) / 2
