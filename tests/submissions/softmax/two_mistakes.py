"""No shift and no temperature: each is named where it shows."""

# /// expect
# softmax = { score = 2.5, mistakes = ["no-max-shift", "temperature-ignored"] }
# ///

import numpy as np


def softmax(z, axis=-1, temperature=1.0):
    e = np.exp(z)
    return e / e.sum(axis=axis, keepdims=True)
