"""Takes the logarithm of probabilities that have underflowed."""

# /// expect
# softmax = "full"
# log_softmax = { score = 2.0, mistakes = ["log-of-softmax"] }
# cross_entropy = { score = 2.0, mistakes = ["log-of-softmax"] }
# ///

import numpy as np


def softmax(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float) / temperature
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def log_softmax(z, axis=-1):
    return np.log(softmax(z, axis))


def cross_entropy(logits, y):
    return np.mean([-np.log(softmax(row)[label]) for row, label in zip(logits, y)])
