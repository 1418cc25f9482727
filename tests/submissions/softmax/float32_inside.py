"""Computes in float32 and returns it."""

# /// expect
# softmax = { score = 0.0, mistakes = ["float32-inside"] }
# logsumexp = { score = 0.0, mistakes = ["float32-inside", "minus-inf-gives-nan"] }
# ///

import numpy as np


def softmax(z, axis=-1, temperature=1.0):
    z = np.array(z, dtype=np.float32)
    z = (z - z.max(axis=axis, keepdims=True)) / np.float32(temperature)
    e = np.exp(z)
    return e / e.sum(axis=axis, keepdims=True)


def logsumexp(z, axis=-1):
    z = np.array(z, dtype=np.float32)
    top = z.max(axis=axis, keepdims=True)
    return np.squeeze(top, axis) + np.log(np.exp(z - top).sum(axis=axis))
