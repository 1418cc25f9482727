"""The gradient of the sum of the losses, not of their mean."""

# /// expect
# cross_entropy_grad = { score = 1.25, mistakes = ["missing-1-over-n"] }
# ///

import numpy as np


def cross_entropy_grad(logits, y):
    logits = np.asarray(logits, dtype=float)
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return p - np.eye(logits.shape[1])[y]
