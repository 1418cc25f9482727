"""One maximum for the whole array: rows far below it underflow."""

# /// expect
# softmax = { score = 3.0, mistakes = ["global-max-shift"] }
# logsumexp = { score = 2.0, mistakes = ["global-max-shift"] }
# cross_entropy = { score = 2.0, mistakes = ["global-max-shift"] }
# cross_entropy_grad = { score = 3.0, mistakes = ["global-max-shift"] }
# ///

import numpy as np


def softmax(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float) / temperature
    e = np.exp(z - z.max())
    return e / e.sum(axis=axis, keepdims=True)


def logsumexp(z, axis=-1):
    return np.max(z) + np.log(np.sum(np.exp(z - np.max(z)), axis=axis))


def cross_entropy(logits, y):
    shifted = logits - np.max(logits)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    return -np.mean(log_p[range(len(y)), y])


def cross_entropy_grad(logits, y):
    g = softmax(logits)
    g[np.arange(len(y)), y] -= 1
    return g / len(y)
