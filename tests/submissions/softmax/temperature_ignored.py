"""Takes the temperature and forgets it."""

# /// expect
# softmax = { score = 3.5, mistakes = ["temperature-ignored"] }
# ///

import numpy as np


def softmax(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float)
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
