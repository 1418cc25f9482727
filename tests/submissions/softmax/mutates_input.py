"""Right values, written into the caller's array on the way."""

# /// expect
# softmax = { score = 3.0, mistakes = ["input-mutated"] }
# numerical_gradient = { score = 2.5, mistakes = ["restored-by-arithmetic"] }
# ///

import numpy as np


def softmax(z, axis=-1, temperature=1.0):
    if isinstance(z, list) or z.dtype != float:
        z = np.array(z, dtype=float)
    z -= z.max(axis=axis, keepdims=True)
    e = np.exp(z / temperature)
    return e / e.sum(axis=axis, keepdims=True)


def numerical_gradient(f, x, h=1e-5):
    gradient = np.zeros_like(x)
    for i in np.ndindex(*x.shape):
        x[i] += h
        up = f(x)
        x[i] -= 2 * h
        gradient[i] = (up - f(x)) / (2 * h)
        x[i] += h
    return gradient
