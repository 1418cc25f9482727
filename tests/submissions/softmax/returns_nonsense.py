"""None, strings, ragged lists, object arrays, generators, nan and other shapes."""

# /// expect
# softmax = { score = 0.0, mistakes = ["nothing-returned"] }
# everything = "nothing"
# ///

import numpy as np


def softmax(z, axis=-1, temperature=1.0):
    e = np.exp(z)
    e / e.sum(axis=axis, keepdims=True)


def logsumexp(z, axis=-1):
    return "about three"


def log_softmax(z, axis=-1):
    return [[1.0, 2.0], [3.0]]


def cross_entropy(logits, y):
    return np.array([None, object()])


def cross_entropy_grad(logits, y):
    return (row for row in logits)


def numerical_gradient(f, x, h=1e-5):
    return np.full(x.size + 1, np.nan)
