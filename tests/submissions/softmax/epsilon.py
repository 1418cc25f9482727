"""Small constants where nothing needs guarding."""

# /// expect
# softmax = { score = 1.5, mistakes = ["epsilon-in-denominator"] }
# cross_entropy = { score = 2.0, mistakes = ["epsilon-in-log"] }
# ///

import numpy as np


def _softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def softmax(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float) / temperature
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / (np.sum(e, axis=axis, keepdims=True) + 1e-8)


def cross_entropy(logits, y):
    return -np.log(_softmax(logits)[np.arange(len(y)), y] + 1e-12).mean()
