"""Normalises along the first axis, whatever was asked."""

# /// expect
# softmax = { score = 0.0, mistakes = ["first-axis-always"] }
# log_softmax = { score = 2.5, mistakes = ["last-axis-always"] }
# ///

import numpy as np


def softmax(z, axis=-1, temperature=1.0):
    z = np.asarray(z) / temperature
    e = np.exp(z - np.max(z, axis=0))
    return e / np.sum(e, axis=0)


def log_softmax(z, axis=-1):
    z = z - np.max(z, axis=-1, keepdims=True)
    return z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))
