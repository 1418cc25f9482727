"""Right answers of the topic losses."""

from __future__ import annotations

import functools
import math

import mpmath
import numpy as np
import scipy.special
import scipy.stats

from autograder.judging.calls import Call
from correct import exactly

# --- exact -----------------------------------------------------------------------------------------------


def exact_poisson_nll(log_rate, y):
    def mean_nll(n, *numbers):
        pairs = zip(numbers, y, strict=True)
        return mpmath.fsum(mpmath.exp(value) - int(count) * value for value, count in pairs) / n

    return exactly(mean_nll, len(y), *log_rate)


def exact_laplace_nll(x, mu, b):
    def mean_nll(mu, b, *numbers):
        return mpmath.log(2 * b) + mpmath.fsum(abs(value - mu) for value in numbers) / (len(numbers) * b)

    return exactly(mean_nll, mu, b, *x)


def exact_heteroscedastic_nll(mu, log_sigma, y):
    def mean_nll(n, *numbers):
        count = len(y)
        triples = zip(numbers[:count], numbers[count : 2 * count], numbers[2 * count :], strict=True)
        half = mpmath.log(2 * mpmath.pi) / 2
        return mpmath.fsum(half + s + ((t - m) * mpmath.exp(-s)) ** 2 / 2 for m, s, t in triples) / n

    return exactly(mean_nll, len(y), *mu, *log_sigma, *y)


def exact_heteroscedastic_grad(mu, log_sigma, y):
    def by_mu(n, m, s, t):
        return (m - t) * mpmath.exp(-2 * s) / n

    def by_log_sigma(n, m, s, t):
        return (1 - ((t - m) * mpmath.exp(-s)) ** 2) / n

    triples = list(zip(mu, log_sigma, y, strict=True))
    return tuple(
        np.array([exactly(entry, len(y), *triple) for triple in triples]) for entry in (by_mu, by_log_sigma)
    )


def exact_hidden_layer_loss_grad(X, y, W1, b1, W2, b2):
    @functools.cache
    def passes(digits):
        def numbers(array):
            return [[mpmath.mpf(value) for value in row] for row in np.atleast_2d(array).astype(float).tolist()]

        rows, first, (bias1,), second, (bias2,) = map(numbers, (X, W1, b1, W2, b2))
        n, units, classes = len(rows), range(len(bias1)), range(len(bias2))
        loss, gradient = mpmath.mpf(0), [np.zeros(np.shape(v), dtype=object) for v in (W1, b1, W2, b2)]
        for row, label in zip(rows, y, strict=True):
            hidden = [mpmath.tanh(mpmath.fdot(row, [w[j] for w in first]) + bias1[j]) for j in units]
            logits = [mpmath.fdot(hidden, [w[k] for w in second]) + bias2[k] for k in classes]
            top = max(logits)
            weights = [mpmath.exp(z - top) for z in logits]
            total = mpmath.fsum(weights)
            loss += (mpmath.log(total) + top - logits[int(label)]) / n
            d_logits = [(weights[k] / total - int(k == label)) / n for k in classes]
            d_hidden = [mpmath.fdot(d_logits, second[j]) * (1 - hidden[j] ** 2) for j in units]
            for part, left, right in zip(gradient[::2], (row, hidden), (d_hidden, d_logits), strict=True):
                part[...] = part + np.outer(np.array(left, dtype=object), np.array(right, dtype=object))
            gradient[1] += np.array(d_hidden, dtype=object)
            gradient[3] += np.array(d_logits, dtype=object)
        return [loss, *(value for part in gradient for value in part.ravel())]

    parts = [W1, b1, W2, b2]
    flat = [
        exactly(lambda i: passes(mpmath.mp.dps)[int(i)], i)
        for i in range(1 + sum(np.size(part) for part in parts))
    ]
    ends = np.cumsum([1] + [np.size(part) for part in parts])
    cut = [np.array(flat[a:b]).reshape(np.shape(part)) for a, b, part in zip(ends, ends[1:], parts, strict=False)]
    return (flat[0], *cut)


# --- poisson_nll -----------------------------------------------------------------------------------------


def poisson_nll_by_loops(log_rate, y):
    losses = [
        math.exp(v) - int(count) * v for v, count in zip(np.asarray(log_rate, float).tolist(), y, strict=True)
    ]
    return math.fsum(losses) / len(losses)


def poisson_nll_by_einsum(log_rate, y):
    log_rate = np.asarray(log_rate, dtype=float)
    return (np.einsum("i->", np.exp(log_rate)) - np.einsum("i,i->", y.astype(float), log_rate)) / len(y)


def poisson_nll_by_means(log_rate, y):
    return np.exp(log_rate).mean() - (y * log_rate).mean()


def poisson_nll_by_dot(log_rate, y):
    return (np.exp(log_rate).sum() - np.dot(log_rate, y)) / log_rate.size


def poisson_nll_by_the_log_likelihood(log_rate, y):
    """Minus the log-likelihood, its factorial never there; a pair of where chooses what is subtracted."""
    log_rate = np.asarray(log_rate, dtype=np.float64)
    return -np.average(np.where(y > 0, y * log_rate, 0) - np.exp(log_rate))


def poisson_nll_in_long_double(log_rate, y):
    log_rate = np.asarray(log_rate, dtype=np.longdouble)
    return np.array(np.mean(np.exp(log_rate) - y * log_rate))


# --- laplace_nll -----------------------------------------------------------------------------------------


def laplace_nll_by_loops(x, mu, b):
    return math.fsum(abs(v - mu) / b for v in np.asarray(x, float).tolist()) / len(x) + math.log(2 * b)


def laplace_nll_by_the_larger_side(x, mu, b):
    """The distance is the larger of the two differences. SciPy's own logpdf takes the logarithm of a density."""
    x = np.asarray(x, dtype=float)
    return np.average(np.maximum(x - mu, mu - x)) / b - np.log(0.5 / b)


def laplace_nll_by_division_last(x, mu, b):
    return np.log(2) + np.log(b) + np.sum(np.abs(x - mu)) / (len(x) * b)


def laplace_nll_by_sides(x, mu, b):
    """The two sides of the median, each with its sign."""
    x = np.asarray(x, dtype=float)
    return np.log(2 * b) + (np.sum(x[x > mu] - mu) + np.sum(mu - x[x <= mu])) / (b * x.size)


def laplace_nll_by_norm(x, mu, b):
    return np.linalg.norm((np.asarray(x, dtype=float) - mu) / b, 1) / len(x) + np.log(2.0 * b)


def laplace_nll_in_long_double(x, mu, b):
    return np.array(np.mean(np.log(np.longdouble(2 * b)) + np.abs(np.asarray(x, np.longdouble) - mu) / b))


# --- heteroscedastic_nll ---------------------------------------------------------------------------------


def heteroscedastic_nll_by_loops(mu, log_sigma, y):
    triples = zip(*(np.asarray(v, dtype=float).tolist() for v in (mu, log_sigma, y)), strict=True)
    losses = [0.5 * math.log(2 * math.pi) + s + 0.5 * ((t - m) / math.exp(s)) ** 2 for m, s, t in triples]
    return math.fsum(losses) / len(losses)


def heteroscedastic_nll_by_scipy(mu, log_sigma, y):
    mu, log_sigma, y = (np.asarray(v, dtype=float) for v in (mu, log_sigma, y))
    return -np.mean(scipy.stats.norm.logpdf(y, mu, np.exp(log_sigma)))


def heteroscedastic_nll_by_division(mu, log_sigma, y):
    z = (y - mu) / np.exp(log_sigma.astype(float))
    return np.mean(log_sigma) + np.mean(z * z) / 2 + np.log(2 * np.pi) / 2


def heteroscedastic_nll_by_a_norm(mu, log_sigma, y):
    z = np.subtract(y, mu, dtype=float) * np.exp(-1.0 * log_sigma)
    return 0.5 * np.log(2 * np.pi) + np.average(log_sigma) + z @ z / (2 * len(z))


def heteroscedastic_nll_by_the_logarithm_of_a_square(mu, log_sigma, y):
    """The square of z from its logarithm, as a right function may have it."""
    with np.errstate(divide="ignore"):
        log_z = np.log(np.abs(np.asarray(y, float) - mu)) - log_sigma
    return np.mean(0.5 * np.exp(2 * log_z) + log_sigma + 0.5 * np.log(2 * np.pi))


def heteroscedastic_nll_in_long_double(mu, log_sigma, y):
    mu, log_sigma, y = (np.asarray(v, dtype=np.longdouble) for v in (mu, log_sigma, y))
    return np.array(np.mean(np.log(2 * np.pi) / 2 + log_sigma + ((y - mu) / np.exp(log_sigma)) ** 2 / 2))


# --- heteroscedastic_grad --------------------------------------------------------------------------------


def heteroscedastic_grad_by_loops(mu, log_sigma, y):
    triples = list(zip(*(np.asarray(v, dtype=float).tolist() for v in (mu, log_sigma, y)), strict=True))
    n = len(triples)
    by_mu = [-(t - m) / math.exp(s) / math.exp(s) / n for m, s, t in triples]
    return [by_mu, [(1 - ((t - m) / math.exp(s)) ** 2) / n for m, s, t in triples]]


def heteroscedastic_grad_by_variances(mu, log_sigma, y):
    precision = np.exp(-2.0 * log_sigma)
    errors = mu - y
    return errors * precision / len(y), (1 - errors**2 * precision) / len(y)


def heteroscedastic_grad_by_rows(mu, log_sigma, y):
    """An array of two rows is a sequence of two, as well."""
    sigma = np.exp(np.asarray(log_sigma, dtype=float))
    z = (y - mu) / sigma
    return np.stack([-z / sigma, 1 - z * z]) / len(y)


def heteroscedastic_grad_by_factors(mu, log_sigma, y):
    z = (np.asarray(y, dtype=float) - mu) * np.exp(-np.asarray(log_sigma, dtype=float))
    return -z * np.exp(-np.asarray(log_sigma, dtype=float)) / z.size, (1 - z) * (1 + z) / z.size


def heteroscedastic_grad_by_the_chain_rule(mu, log_sigma, y):
    """First by sigma, then times sigma."""
    sigma = np.exp(np.asarray(log_sigma, dtype=float))
    errors = np.asarray(y, dtype=float) - mu
    by_sigma = 1 / sigma - (errors / sigma) ** 2 / sigma
    return -errors / sigma**2 / len(y), by_sigma * sigma / len(y)


def heteroscedastic_grad_in_long_double(mu, log_sigma, y):
    mu, log_sigma, y = (np.asarray(v, dtype=np.longdouble) for v in (mu, log_sigma, y))
    z = (y - mu) / np.exp(log_sigma)
    return -z / np.exp(log_sigma) / len(y), (1 - z**2) / len(y)


# --- hidden_layer_loss_grad ------------------------------------------------------------------------------


def hidden_layer_loss_grad_by_scipy(X, y, W1, b1, W2, b2):
    h = np.tanh(np.asarray(X, dtype=float) @ W1 + b1)
    z = h @ np.asarray(W2, dtype=float) + b2
    chosen = np.arange(len(y)), np.asarray(y, dtype=int)
    loss = -scipy.special.log_softmax(z, axis=1)[chosen].mean()
    dz = scipy.special.softmax(z, axis=1)
    dz[chosen] -= 1
    dz /= len(y)
    da = dz @ np.asarray(W2, dtype=float).T * (1 - h * h)
    return loss, np.asarray(X, dtype=float).T @ da, da.sum(0), h.T @ dz, dz.sum(0)


def hidden_layer_loss_grad_by_examples(X, y, W1, b1, W2, b2):
    """One example after the other, their gradients added up."""
    X, W1, b1, W2, b2 = (np.asarray(v, dtype=float) for v in (X, W1, b1, W2, b2))
    parts = [0.0, np.zeros(W1.shape), np.zeros(b1.shape), np.zeros(W2.shape), np.zeros(b2.shape)]
    for x, label in zip(X, y, strict=True):
        h = np.tanh(x @ W1 + b1)
        z = h @ W2 + b2
        log_p = z - z.max() - np.log(np.sum(np.exp(z - z.max())))
        dz = np.exp(log_p) - (np.arange(len(z)) == label)
        da = (W2 @ dz) * (1 - h**2)
        for i, value in enumerate((-log_p[label], np.outer(x, da), da, np.outer(h, dz), dz)):
            parts[i] = parts[i] + value / len(y)
    return parts


def hidden_layer_loss_grad_by_einsum(X, y, W1, b1, W2, b2):
    X, W1, b1, W2, b2 = (np.asarray(v, dtype=float) for v in (X, W1, b1, W2, b2))
    h = np.tanh(np.einsum("nd,dh->nh", X, W1) + b1)
    z = np.einsum("nh,hk->nk", h, W2) + b2
    z = z - z.max(axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    target = np.eye(p.shape[1])[np.asarray(y, dtype=int)]
    loss = np.mean(np.log(np.exp(z).sum(axis=1)) - (z * target).sum(axis=1))
    dz = (p - target) / len(y)
    da = np.einsum("nk,hk,nh->nh", dz, W2, 1 - h**2)
    return loss, np.einsum("nd,nh->dh", X, da), da.sum(axis=0), np.einsum("nh,nk->hk", h, dz), dz.sum(axis=0)


def hidden_layer_loss_grad_by_columns_of_ones(X, y, W1, b1, W2, b2):
    """The biases are the weights of a constant input."""
    X, W1, b1, W2, b2 = (np.asarray(v, dtype=float) for v in (X, W1, b1, W2, b2))
    ones = np.ones((len(X), 1))
    inputs, first, second = np.hstack([X, ones]), np.vstack([W1, b1]), np.vstack([W2, b2])
    h = np.hstack([np.tanh(inputs @ first), ones])
    z = h @ second
    total = np.logaddexp.reduce(z, axis=1)[:, None]
    chosen = np.arange(len(y)), np.asarray(y, dtype=int)
    dz = np.exp(z - total)
    dz[chosen] -= 1
    dz /= len(y)
    da = (dz @ second.T * (1 - h**2))[:, :-1]
    d_first, d_second = inputs.T @ da, h.T @ dz
    return (total[:, 0] - z[chosen]).mean(), d_first[:-1], d_first[-1], d_second[:-1], d_second[-1]


def hidden_layer_loss_grad_by_the_hyperbolic_cosine(X, y, W1, b1, W2, b2):
    """The slope of tanh as 1 / cosh²."""
    X, W1, b1, W2, b2 = (np.asarray(v, dtype=float) for v in (X, W1, b1, W2, b2))
    a = X @ W1 + b1
    z = np.tanh(a) @ W2 + b2
    log_p = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    dz = (np.exp(log_p) - np.eye(len(b2))[np.asarray(y, dtype=int)]) / len(y)
    da = dz @ W2.T / np.cosh(np.clip(a, -300, 300)) ** 2
    loss = -np.sum(log_p * np.eye(len(b2))[np.asarray(y, dtype=int)]) / len(y)
    return loss, X.T @ da, da.sum(axis=0), np.tanh(a).T @ dz, dz.sum(axis=0)


def hidden_layer_loss_grad_in_long_double(X, y, W1, b1, W2, b2):
    X, W1, b1, W2, b2 = (np.asarray(v, dtype=np.longdouble) for v in (X, W1, b1, W2, b2))
    h = np.tanh(X @ W1 + b1)
    z = h @ W2 + b2
    z = z - z.max(axis=1)[:, None]
    log_p = z - np.log(np.exp(z).sum(axis=1))[:, None]
    chosen = np.arange(len(y)), np.asarray(y, dtype=int)
    dz = np.exp(log_p)
    dz[chosen] -= 1
    dz = dz / len(y)
    da = dz @ W2.T * (1 - h**2)
    return -log_p[chosen].mean(), X.T @ da, da.sum(axis=0), h.T @ dz, dz.sum(axis=0)


# --- where rounding is all there is ------------------------------------------------------------------------

TIED = (np.array([[0.3], [0.3]]), np.array([0, 1]), np.array([[0.7]]), np.zeros(1))
"""Two equal examples with opposite labels, whose gradients cancel but for what the biases of the output add."""
ROUNDED = {
    "poisson_nll": Call((np.array([1.0, 20.0]), np.array([1, 24258259]))),
    "laplace_nll": Call((np.array([0.1, 0.2, 0.4]), 0.1, 0.2)),
    "heteroscedastic_nll": Call((np.array([0.0]), np.array([-0.9189385332046727]), np.array([1e-12]))),
    "heteroscedastic_grad": Call((np.array([0.0]), np.array([0.1]), np.array([np.exp(0.1)]))),
    "hidden_layer_loss_grad": Call((*TIED, np.array([[1.0, -1.0]]), np.array([-0.6, 0.6]) * np.tanh(0.21) / 0.6)),
}
