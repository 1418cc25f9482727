"""The textbook formulas, without a shift: fine for small logits, nan beyond 709."""

# /// expect
# softmax = { score = 3.0, mistakes = ["no-max-shift"] }
# logsumexp = { score = 2.5, mistakes = ["no-max-shift"] }
# log_softmax = { score = 2.0, mistakes = ["no-max-shift"] }
# cross_entropy = { score = 2.0, mistakes = ["no-max-shift"] }
# cross_entropy_grad = { score = 3.0, mistakes = ["no-max-shift"] }
# ///

import numpy as np


def softmax(z, axis=-1, temperature=1.0):
    e = np.exp(np.array(z) / temperature)
    return e / e.sum(axis=axis, keepdims=True)


def logsumexp(z, axis=-1):
    return np.log(np.exp(z).sum(axis=axis))


def log_softmax(z, axis=-1):
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def cross_entropy(logits, y):
    return -log_softmax(logits)[np.arange(len(y)), y].mean()


def cross_entropy_grad(logits, y):
    p = softmax(logits)
    p[np.arange(len(y)), y] -= 1
    return p / len(y)
