"""Guards exponents that need no guard, so that every probability has a floor."""

# /// expect
# softmax = { score = 3.0, mistakes = ["exponent-clipped"] }
# ///

import numpy as np


def softmax(z, axis=-1, temperature=1.0):
    z = np.array(z, dtype=float) / temperature
    weights = np.exp(np.clip(z - z.max(axis=axis, keepdims=True), -50, 0))
    return weights / weights.sum(axis=axis, keepdims=True)
