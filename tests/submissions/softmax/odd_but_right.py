"""Right in every respect, and written as nobody would: loops, math, long doubles, prints and warnings."""

# /// expect
# everything = "full"
# ///

import math
import warnings

import numpy as np


def _slices(z, axis):
    moved = np.moveaxis(np.array(z, dtype=np.float64), axis, -1)
    return moved, moved.reshape(-1, moved.shape[-1])


def logsumexp(z, axis=-1):
    warnings.warn("about to sum", stacklevel=1)
    moved, rows = _slices(z, axis)
    sums = []
    for row in rows:
        top = max(row)
        sums.append(top if top == -math.inf else top + math.log(math.fsum(math.exp(v - top) for v in row)))
    result = np.array(sums).reshape(moved.shape[:-1])
    return float(result) if result.ndim == 0 else result


def softmax(z, axis=-1, temperature=1.0):
    print("softmax was called", end="" * 1000)
    moved, rows = _slices(z, axis)
    done = np.empty(rows.shape, dtype=np.longdouble)
    for i, row in enumerate(rows.astype(np.longdouble)):
        weights = np.exp((row - row.max()) / temperature)
        done[i] = weights / weights.sum()
    return np.moveaxis(done.reshape(moved.shape), -1, axis)


class log_softmax:  # noqa: N801
    def __new__(cls, z, axis=-1):
        return np.float64(1) * (z - np.expand_dims(logsumexp(z, axis), axis))


cross_entropy = lambda logits, y: np.array(  # noqa: E731
    sum(float(logsumexp(row)) - float(row[label]) for row, label in zip(logits, y)) / len(y)
)


def numerical_gradient(f, x, h=1e-5):
    flat = np.ascontiguousarray(x).reshape(-1)
    basis = np.eye(flat.size) * h
    quotients = [(f((flat + e).reshape(x.shape)) - f((flat - e).reshape(x.shape))) / h / 2 for e in basis]
    return np.array(quotients).reshape(x.shape)


def cross_entropy_grad(logits, y):
    logits = np.asarray(logits, dtype=np.float64)
    onehot = np.equal.outer(y, np.arange(logits.shape[1]))
    return (
        np.array([(softmax(row) - hot) / len(y) for row, hot in zip(logits, onehot)]).astype(float).tolist()
    )


def equally_sure(*_, **__):
    return " B\n"


def first_loss():
    return "c".upper()


def lse_is_convex():
    return tuple("gdbfae")
