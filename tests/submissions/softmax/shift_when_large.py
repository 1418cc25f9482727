"""Shifts where the logits are large and positive, and leaves those far below zero to underflow."""

# /// expect
# softmax = { score = 3.0, mistakes = ["shift-when-positive"] }
# logsumexp = { score = 2.5, mistakes = ["shift-when-positive"] }
# log_softmax = { score = 2.0, mistakes = ["shift-when-positive"] }
# cross_entropy = { score = 2.0, mistakes = ["shift-when-positive"] }
# cross_entropy_grad = { score = 3.0, mistakes = ["shift-when-positive"] }
# ///

import numpy as np


def _shift(z, axis):
    top = np.max(z, axis=axis, keepdims=True)
    return np.where(top > 700, top, 0.0)


def softmax(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float) / temperature
    weights = np.exp(z - _shift(z, axis))
    return weights / weights.sum(axis=axis, keepdims=True)


def logsumexp(z, axis=-1):
    shift = _shift(z, axis)
    return np.log(np.exp(z - shift).sum(axis=axis)) + np.squeeze(shift, axis)


def log_softmax(z, axis=-1):
    return z - np.expand_dims(logsumexp(z, axis), axis)


def cross_entropy(logits, y):
    return -log_softmax(logits)[np.arange(len(y)), y].mean()


def cross_entropy_grad(logits, y):
    return (softmax(logits) - np.eye(logits.shape[1])[y]) / len(y)
