"""Everything as the notebook teaches it."""

# /// expect
# everything = "full"
# ///

import numpy as np


def logsumexp(z, axis=-1):
    z = np.asarray(z, dtype=float)
    top = np.max(z, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        return np.log(np.sum(np.exp(z - top), axis=axis)) + np.squeeze(top, axis=axis)


def softmax(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float) / temperature
    weights = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return weights / np.sum(weights, axis=axis, keepdims=True)


def log_softmax(z, axis=-1):
    return z - np.expand_dims(logsumexp(z, axis=axis), axis)


def cross_entropy(logits, y):
    log_p = log_softmax(logits, axis=1)
    return -np.mean(log_p[np.arange(len(y)), y])


def numerical_gradient(f, x, h=1e-5):
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += h
        down[index] -= h
        gradient[index] = (f(up) - f(down)) / (2 * h)
    return gradient


def cross_entropy_grad(logits, y):
    gradient = softmax(logits, axis=1)
    gradient[np.arange(len(y)), y] -= 1.0
    return gradient / len(y)


def equally_sure():
    return "b"


def first_loss():
    return "c"


def lse_is_convex():
    return ["D", "B", "F", "G", "A", "E"]
