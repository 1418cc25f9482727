"""One-sided differences, and a step of its own."""

# /// expect
# numerical_gradient = { score = 0.0, mistakes = ["forward-difference"] }
# ///

import numpy as np


def numerical_gradient(f, x, h=1e-5):
    base = f(x)
    gradient = np.zeros_like(x)
    for i in np.ndindex(*x.shape):
        moved = np.array(x)
        moved[i] = moved[i] + h
        gradient[i] = (f(moved) - base) / h
    return gradient
