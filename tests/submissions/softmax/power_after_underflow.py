"""Takes the temperature into account when the small probabilities are gone."""

# /// expect
# softmax = { score = 3.5, mistakes = ["power-of-probabilities"] }
# ///

import numpy as np


def softmax(z, axis=-1, temperature=1.0):
    z = np.array(z, dtype=float)
    p = np.exp(z - z.max(axis=axis, keepdims=True))
    p = (p / p.sum(axis=axis, keepdims=True)) ** (1 / temperature)
    return p / p.sum(axis=axis, keepdims=True)
