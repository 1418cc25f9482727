"""Wrong in a way that nobody has written down: no name is better than a wrong one."""

# /// expect
# softmax = { score = 0.0, mistakes = [] }
# cross_entropy = { score = 0.0, mistakes = [] }
# ///

import numpy as np


def softmax(z, axis=-1, temperature=1.0):
    e = np.exp(np.sin(np.asarray(z) / temperature))
    return e / e.sum(axis=axis, keepdims=True)


def cross_entropy(logits, y):
    return float(np.mean(np.abs(logits)))
