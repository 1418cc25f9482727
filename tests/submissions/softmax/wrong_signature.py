"""Forgets the arguments after the first."""

# /// expect
# softmax = { score = 2.0, mistakes = [] }
# numerical_gradient = { score = 0.0, mistakes = [] }
# ///

import numpy as np


def softmax(z):
    z = np.asarray(z, dtype=float)
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def numerical_gradient(x):
    return 2 * x
