"""Right answers of the topic softmax."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import scipy.special

from autograder.exercises.softmax.numerical_gradient import Quadratic
from autograder.judging.calls import Call
from correct import exactly

# --- exact -----------------------------------------------------------------------------------------------


def lse(*row):
    return mpmath.log(mpmath.fsum(mpmath.exp(value) for value in row))


def probability(own, *row):
    return mpmath.exp(own) / mpmath.fsum(mpmath.exp(value) for value in row)


def exact_logsumexp(z, axis=-1):
    rows = np.moveaxis(np.asarray(z), axis, -1)
    return np.array([exactly(lse, *rows[i]) for i in np.ndindex(rows.shape[:-1])]).reshape(rows.shape[:-1])


def exact_softmax(z, axis=-1, temperature=1.0):
    def heated(t, own, *row):
        return probability(own / t, *[value / t for value in row])

    rows = np.moveaxis(np.asarray(z), axis, -1)
    result = [exactly(heated, temperature, rows[i], *rows[i[:-1]]) for i in np.ndindex(rows.shape)]
    return np.moveaxis(np.array(result).reshape(rows.shape), -1, axis)


def exact_log_softmax(z, axis=-1):
    rows = np.moveaxis(np.asarray(z), axis, -1)
    result = [exactly(lambda own, *row: own - lse(*row), rows[i], *rows[i[:-1]]) for i in np.ndindex(rows.shape)]
    return np.moveaxis(np.array(result).reshape(rows.shape), -1, axis)


def exact_cross_entropy(logits, y):
    n, k = np.shape(logits)

    def mean_nll(*numbers):
        rows = [numbers[i : i + k] for i in range(0, n * k, k)]
        return mpmath.fsum(lse(*row) - row[label] for row, label in zip(rows, y, strict=True)) / n

    return exactly(mean_nll, *np.ravel(logits))


def exact_cross_entropy_grad(logits, y):
    def entry(hot, n, own, *row):
        return (probability(own, *row) - hot) / n

    gradient = np.empty(np.shape(logits))
    for i, j in np.ndindex(gradient.shape):
        gradient[i, j] = exactly(entry, j == y[i], len(y), logits[i][j], *logits[i])
    return gradient


def exact_numerical_gradient(f, x, h=1e-5):
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = exactly(lambda up, down, h: (up - down) / (2 * h), f(x + step), f(x - step), h)
    return gradient


# --- logsumexp -------------------------------------------------------------------------------------------


def slices(z, axis):
    """Every slice along the axis as a list of floats, and the shape that is left."""
    rows = np.moveaxis(np.asarray(z, dtype=float), axis, -1)
    return rows.reshape(-1, rows.shape[-1]).tolist(), rows.shape


def lse_of_row(row):
    top = max(row)
    return top if math.isinf(top) else top + math.log(math.fsum(math.exp(v - top) for v in row))


def logsumexp_by_loops(z, axis=-1):
    rows, shape = slices(z, axis)
    result = np.array([lse_of_row(row) for row in rows]).reshape(shape[:-1])
    return result if result.ndim else result.item()


def logsumexp_by_scipy(z, axis=-1):
    return scipy.special.logsumexp(z, axis=axis)


def logsumexp_by_logaddexp(z, axis=-1):
    return np.logaddexp.reduce(z, axis=axis)


def logsumexp_in_long_double(z, axis=-1):
    z = np.asarray(z, dtype=np.longdouble)
    top = z.max(axis=axis, keepdims=True)
    top[np.isneginf(top)] = 0
    with np.errstate(divide="ignore"):
        return (np.log(np.exp(z - top).sum(axis=axis, keepdims=True)) + top).squeeze(axis)


def logsumexp_in_one_pass(z, axis=-1):
    """A running maximum and a running sum that is rescaled whenever the maximum grows."""
    top, total = -np.inf, 0.0
    for values in np.moveaxis(np.asarray(z, dtype=float), axis, 0):
        higher = np.maximum(top, values)
        shift = np.where(np.isneginf(higher), 0.0, higher)
        top, total = higher, total * np.exp(top - shift) + np.exp(values - shift)
    with np.errstate(divide="ignore"):
        return np.where(np.isneginf(top), -np.inf, top + np.log(total))


def logsumexp_by_einsum(z, axis=-1):
    rows = np.moveaxis(np.asarray(z, dtype=float), axis, -1)
    top = np.nan_to_num(rows.max(axis=-1), neginf=0.0)
    with np.errstate(divide="ignore"):
        return np.log(np.einsum("...i->...", np.exp(rows - top[..., None]))) + top


# --- softmax ---------------------------------------------------------------------------------------------


def softmax_by_loops(z, axis=-1, temperature=1.0):
    rows, shape = slices(z, axis)
    result = []
    for row in rows:
        weights = [math.exp((value - max(row)) / temperature) for value in row]
        result += [weight / math.fsum(weights) for weight in weights]
    return np.moveaxis(np.array(result).reshape(shape), -1, axis)


def softmax_by_scipy(z, axis=-1, temperature=1.0):
    return scipy.special.softmax(np.asarray(z) / temperature, axis=axis)


def softmax_in_log_space(z, axis=-1, temperature=1.0):
    heated = np.asarray(z) / temperature
    return np.exp(heated - np.logaddexp.reduce(heated, axis=axis, keepdims=True))


def softmax_in_long_double(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=np.longdouble)
    weights = np.exp((z - z.max(axis=axis, keepdims=True)) / temperature)
    return weights / weights.sum(axis=axis, keepdims=True)


def softmax_by_differences(z, axis=-1, temperature=1.0):
    """One over the sum of exp(zⱼ - zᵢ): what overflows there is a probability of 0."""
    rows = np.moveaxis(np.asarray(z, dtype=float) / temperature, axis, -1)
    with np.errstate(over="ignore"):
        result = 1 / np.exp(rows[..., None, :] - rows[..., :, None]).sum(axis=-1)
    return np.moveaxis(result, -1, axis)


def softmax_by_einsum(z, axis=-1, temperature=1.0):
    rows = np.moveaxis(np.array(z, dtype=float), axis, -1)
    weights = np.exp((rows - rows.max(axis=-1, keepdims=True)) / temperature)
    return np.moveaxis(np.einsum("...i,...->...i", weights, 1 / weights.sum(axis=-1)), -1, axis)


# --- log_softmax -----------------------------------------------------------------------------------------


def log_softmax_by_loops(z, axis=-1):
    rows, shape = slices(z, axis)
    result = np.array([[value - lse_of_row(row) for value in row] for row in rows])
    return np.moveaxis(result.reshape(shape), -1, axis)


def log_softmax_by_scipy(z, axis=-1):
    return scipy.special.log_softmax(z, axis=axis)


def log_softmax_by_logaddexp(z, axis=-1):
    return z - np.logaddexp.reduce(z, axis=axis, keepdims=True)


def log_softmax_in_long_double(z, axis=-1):
    z = np.asarray(z, dtype=np.longdouble)
    shifted = z - z.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def log_softmax_by_differences(z, axis=-1):
    rows = np.moveaxis(np.asarray(z, dtype=float), axis, -1)
    return np.moveaxis(-np.logaddexp.reduce(rows[..., None, :] - rows[..., :, None], axis=-1), -1, axis)


def log_softmax_by_log1p(z, axis=-1):
    """The maximum contributes exactly 1 to the sum, so that log1p of the others is enough."""
    z = np.asarray(z, dtype=float)
    place = np.expand_dims(z.argmax(axis=axis), axis)
    shifted = z - np.take_along_axis(z, place, axis)
    weights = np.exp(shifted)
    np.put_along_axis(weights, place, 0.0, axis)
    return shifted - np.log1p(weights.sum(axis=axis, keepdims=True))


# --- cross_entropy ---------------------------------------------------------------------------------------


def cross_entropy_by_loops(logits, y):
    rows = np.asarray(logits, dtype=float).tolist()
    return math.fsum(lse_of_row(row) - row[label] for row, label in zip(rows, y, strict=True)) / len(rows)


def cross_entropy_by_scipy(logits, y):
    log_p = scipy.special.log_softmax(logits, axis=1)
    return -np.take_along_axis(log_p, y[:, None].astype(int), axis=1).mean()


def cross_entropy_by_one_hot(logits, y):
    log_p = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return -np.einsum("nk,nk->", np.eye(logits.shape[1])[y], log_p) / len(y)


def cross_entropy_by_margins(logits, y):
    """Each loss is the logsumexp of how far every logit lies above that of the true class."""
    margins = logits - np.choose(y, logits.T)[:, None]
    return np.average(np.logaddexp.reduce(margins, axis=1))


def cross_entropy_in_long_double(logits, y):
    log_p = log_softmax_in_long_double(logits)
    return np.array(-sum(log_p[i, label] for i, label in enumerate(y)) / len(y))


# --- cross_entropy_grad ----------------------------------------------------------------------------------


def cross_entropy_grad_by_loops(logits, y):
    gradient = []
    for row, label in zip(np.asarray(logits, dtype=float).tolist(), y, strict=True):
        p = [math.exp(value - lse_of_row(row)) for value in row]
        gradient.append([(p[j] - (j == label)) / len(y) for j in range(len(row))])
    return gradient


def cross_entropy_grad_by_scipy(logits, y):
    return (scipy.special.softmax(logits, axis=1) - np.eye(logits.shape[1])[y]) / len(y)


def cross_entropy_grad_by_outer(logits, y):
    onehot = np.equal.outer(y, np.arange(logits.shape[1])).astype(float)
    return np.divide(softmax_by_differences(logits) - onehot, len(y))


def cross_entropy_grad_by_jacobian(logits, y):
    """Minus the labels' rows of the Jacobian of log_softmax, I - 1 pᵀ."""
    n, k = logits.shape
    p = np.exp(log_softmax_by_logaddexp(logits))
    jacobian = np.eye(k)[None] - p[:, None, :]
    return -np.einsum("ni,nij->nj", np.eye(k)[y], jacobian) / n


def cross_entropy_grad_in_long_double(logits, y):
    gradient = softmax_in_long_double(logits, axis=1)
    np.subtract.at(gradient, (np.arange(len(y)), y), 1)
    gradient /= np.longdouble(len(y))
    return gradient


# --- numerical_gradient ----------------------------------------------------------------------------------


def numerical_gradient_in_place(f, x, h=1e-5):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        saved = x[index]
        x[index] = saved + h
        above = f(x)
        x[index] = saved - h
        gradient[index] = (above - f(x)) / (2 * h)
        x[index] = saved
    return gradient


def numerical_gradient_by_basis(f, x, h=1e-5):
    steps = (h * np.eye(x.size)).reshape(-1, *x.shape)
    return np.reshape([(f(x + step) - f(x - step)) / (2 * h) for step in steps], x.shape)


def numerical_gradient_on_flat_lists(f, x, h=1e-5):
    flat = x.ravel().tolist()

    def at(i, step):
        return f(np.array([v + step * (i == j) for j, v in enumerate(flat)]).reshape(x.shape))

    return np.array([(at(i, h) - at(i, -h)) / h / 2 for i in range(len(flat))]).reshape(x.shape)


def numerical_gradient_by_real_step(f, x, h=1e-5):
    """Divides by the distance that the two points have once they are rounded."""
    gradient = np.empty(x.size)
    for i, (index, _) in enumerate(np.ndenumerate(x)):
        up, down = np.array(x), np.array(x)
        up[index] += h
        down[index] -= h
        gradient[i] = (f(up) - f(down)) / (up[index] - down[index])
    return gradient.reshape(x.shape)


def numerical_gradient_in_long_double(f, x, h=1e-5):
    gradient = np.empty(x.shape, dtype=np.longdouble)
    for index in np.ndindex(*x.shape):
        step = np.zeros_like(x, dtype=np.longdouble)
        step[index] = h
        gradient[index] = (np.longdouble(f(x + step)) - f(x - step)) / (2 * np.longdouble(h))
    return gradient


# --- where rounding is all there is ------------------------------------------------------------------------

NEARLY_CERTAIN = np.array([[1e4, 1e4 - 12.5], [-1e4, -1e4 - 20], [1e4, -1e4]])
AT_THE_BOTTOM = Quadratic([[1.0, 0.0], [0.0, 0.0]], [-0.6, 100.0])
ROUNDED = {
    "logsumexp": Call((np.array([[-1e4, -1e-9], [np.log(0.5), np.log(0.5)]]),)),
    "softmax": Call((NEARLY_CERTAIN,)),
    "log_softmax": Call((NEARLY_CERTAIN,)),
    "cross_entropy": Call((NEARLY_CERTAIN, np.zeros(3, dtype=int))),
    "cross_entropy_grad": Call((NEARLY_CERTAIN[:, ::-1] - NEARLY_CERTAIN[:, :1], np.ones(3, dtype=int))),
    "numerical_gradient": Call((AT_THE_BOTTOM, np.array([0.3, 3.7]))),
}
