"""The sum loses its axis and can't be matched with its rows."""

# /// expect
# softmax = { score = 0.0, mistakes = ["keepdims-lost"] }
# log_softmax = { score = 0.0, mistakes = ["keepdims-lost"] }
# ///

import numpy as np


def softmax(z, axis=-1, temperature=1.0):
    e = np.exp(np.asarray(z) / temperature)
    return e / e.sum(axis=axis)


def log_softmax(z, axis=-1):
    return z - np.log(np.exp(z).sum(axis=axis))
