"""One minus what is nearly one; and a pseudo-inverse that takes a narrow direction for none."""

# /// expect
# within_k_sigma = { score = 2.25, mistakes = ["one-minus-tail"] }
# mvn_log_pdf = { score = 3.0, mistakes = ["small-variances-dropped"] }
# ///

import math

import numpy as np


def within_k_sigma(k):
    return 1 - math.erfc(k / math.sqrt(2))


def mvn_log_pdf(x, mu, cov):
    d = x - mu
    inverse = np.linalg.pinv(cov, rcond=1e-7)
    return -0.5 * (d @ inverse @ d + np.linalg.slogdet(cov)[1] + len(d) * np.log(2 * np.pi))
