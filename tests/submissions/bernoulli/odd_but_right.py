"""Right in every respect, and written as nobody would: loops, fractions of a log, long doubles, prints, warnings."""

# /// expect
# everything = "full"
# ///

import math
import warnings
from functools import reduce

import numpy as np


def bernoulli_nll(p, y):
    warnings.warn("about to add", stacklevel=1)
    total = []
    for chance, label in zip(map(float, p), y):
        chance = chance if label else 1.0 - chance
        total.append(math.inf if chance == 0 else -math.log2(chance) * math.log(2))
    return np.array(math.fsum(total) / len(total))


def _sigmoid(z):
    return (1 + np.tanh(np.asarray(z, dtype=np.longdouble) / 2)) / 2


class bce_with_logits:  # noqa: N801
    def __new__(cls, z, y):
        print("one logit at a time")
        losses = [np.logaddexp(np.longdouble(0), v if not label else -v) for v, label in zip(z.astype(float), y)]
        return float(sum(losses) / len(losses))


bce_grad = lambda z, y: [float(_sigmoid(v) - int(label)) / len(y) for v, label in zip(z, y)]  # noqa: E731


def fit_logistic(X, y, l2=0.0, lr=0.1, steps=1000):
    def update(w, _):
        residuals = 1 / (1 + np.exp(-(X * w).sum(axis=1))) - y
        return (1 - lr * l2) * w - lr * np.average(X * residuals.reshape(-1, 1), axis=0)

    return tuple(reduce(update, range(steps), np.zeros(len(X.T))))
