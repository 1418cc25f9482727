"""Subtracts the maximum of z from z / T."""

# /// expect
# softmax = { score = 3.0, mistakes = ["shift-before-temperature"] }
# ///

import numpy as np


def softmax(z, axis=-1, temperature=1.0):
    z = np.array(z, dtype=float)
    weights = np.exp(z / temperature - z.max(axis=axis, keepdims=True))
    return weights / weights.sum(axis=axis, keepdims=True)
