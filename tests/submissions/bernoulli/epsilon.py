"""Small constants inside logarithms."""

# /// expect
# bernoulli_nll = { score = 2.75, mistakes = ["added-1e-8-in-log"] }
# bce_with_logits = { score = 2.5, mistakes = ["added-1e-12-in-log"] }
# ///

import numpy as np


def bernoulli_nll(p, y, eps=1e-8):
    return -(y * np.log(p + eps) + (1 - y) * np.log(1 - p + eps)).mean()


def bce_with_logits(z, y):
    return bernoulli_nll(1 / (1 + np.exp(-np.asarray(z, dtype=float))), y, eps=1e-12)
