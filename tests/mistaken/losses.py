"""Mistakes of the topic losses."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import expit, gammaln, log_softmax, softmax

from autograder.solutions.losses import (
    HALF_LOG_2PI,
    heteroscedastic_grad,
    heteroscedastic_nll,
    hidden_layer_loss_grad,
    laplace_nll,
    poisson_nll,
)


def gaussian(each, constant=HALF_LOG_2PI):
    """The mean of a loss, given the error, log sigma and sigma of one example."""

    def loss(mu, log_sigma, y):
        rows = zip(np.asarray(y, float) - mu, np.asarray(log_sigma, float), strict=True)
        return constant + np.mean([each(error, log, np.exp(log)) for error, log in rows])

    return loss


def grads(by_mu, by_log):
    """Both derivatives, given the error and sigma of one example; divided by n."""

    def pair(mu, log_sigma, y):
        rows = list(zip(np.asarray(y, float) - mu, np.exp(np.asarray(log_sigma, float)), strict=True))
        return tuple(np.array([by(error, sigma) / len(y) for error, sigma in rows]) for by in (by_mu, by_log))

    return pair


def right_mu(error, sigma):
    return -error / sigma**2


def right_log(error, sigma):
    return 1 - error**2 / sigma**2


def laplace(each, normaliser=lambda b: np.log(2) + np.log(b)):
    return lambda x, mu, b: normaliser(b) + np.mean([each(float(value) - mu, b) for value in x])


def poisson(each):
    """The mean over the examples of a loss of the log-rate and the count."""
    return lambda log_rate, y: np.mean(
        [each(np.float64(log), float(count)) for log, count in zip(log_rate, y, strict=True)]
    )


def cosh_slope(a, _):
    return 1 / math.cosh(a) ** 2


def network(
    *,
    unit=math.tanh,
    slope=cosh_slope,
    residual=lambda logits, hot: softmax(logits, axis=1) - hot,
    loss=lambda logits, hot: -np.mean(np.sum(hot * log_softmax(logits, axis=1), axis=1)),
    factor=lambda n: 1 / n,
    bias_factor=lambda n: 1.0,
):
    """Forward and backward, example by example; a slope is given what goes in and what comes out."""

    def passed(X, y, W1, b1, W2, b2):
        before = [[float(a) for a in x @ W1 + b1] for x in X]
        hidden = np.array([[unit(a) for a in row] for row in before])
        logits = np.array([h @ W2 + b2 for h in hidden])
        slopes = np.array(
            [[slope(*pair) for pair in zip(*rows, strict=True)] for rows in zip(before, hidden, strict=True)]
        )
        deltas = residual(logits, np.eye(len(b2))[y]) * factor(len(y))
        inner = np.array([(W2 @ delta) * row for delta, row in zip(deltas, slopes, strict=True)])
        return (
            loss(logits, np.eye(len(b2))[y]),
            sum(np.outer(*pair) for pair in zip(X, inner, strict=True)),
            sum(inner) * bias_factor(len(y)),
            sum(np.outer(*pair) for pair in zip(hidden, deltas, strict=True)),
            sum(deltas) * bias_factor(len(y)),
        )

    return passed


def network_parts(change):
    """The right loss and gradient, and what is made of them and of the arguments."""
    return lambda *given: change(*hidden_layer_loss_grad(*given), *given)


def with_zero(place):
    return lambda *given: hidden_layer_loss_grad(*given[:place], 0 * given[place], *given[place + 1 :])


def not_summed(loss, dW1, db1, dW2, db2, X, y, *weights):
    rows = [hidden_layer_loss_grad(X[i : i + 1], y[i : i + 1], *weights) for i in range(len(y))]
    return loss, dW1, [row[2] / len(y) for row in rows], dW2, [row[4] / len(y) for row in rows]


def unlike_inputs(loss, dW1, db1, dW2, db2, X, y, W1, b1, W2, b2):
    rows = [hidden_layer_loss_grad(X[i : i + 1], y[i : i + 1], W1, b1, W2, b2)[4] for i in range(len(y))]
    return loss, dW1, db1, sum(np.outer(x @ W1 + b1, row) for x, row in zip(X, rows, strict=True)) / len(y), db2


def exponentials(shift):
    """Probabilities from exponentials with one shift for all rows."""

    def of(logits):
        weights = np.exp(logits - shift(logits))
        return weights / weights.sum(axis=1)[:, np.newaxis]

    return of


def shifted(shift):
    p = exponentials(shift)
    return network(residual=lambda logits, hot: p(logits) - hot, loss=minus_log(p))


def minus_log(p, epsilon=0.0):
    return lambda logits, hot: -np.mean(np.log(np.max(hot * p(logits), axis=1) + epsilon))


def own_softmax(logits):
    return softmax(logits, axis=1)


MISTAKEN = {
    "hidden_layer_loss_grad": {
        "tanh-slope-missing": network(slope=lambda a, h: 1.0),
        "slope-of-wrong-value": network(slope=lambda a, h: 1 - a * a),
        "tanh-twice-in-slope": network(slope=lambda a, h: 1 / math.cosh(math.tanh(a)) ** 2),
        "slope-not-squared": network(slope=lambda a, h: 1 - h),
        "sigmoid-slope": network(slope=lambda a, h: h - h * h),
        "tanh-forgotten": network(unit=float, slope=lambda a, h: 1.0),
        "sigmoid-for-tanh": network(unit=expit, slope=lambda a, h: expit(a) * expit(-a)),
        "relu-for-tanh": network(unit=lambda a: max(a, 0.0), slope=lambda a, h: 1.0 if a > 0 else 0.0),
        "hidden-bias-ignored": with_zero(3),
        "output-bias-ignored": with_zero(5),
        "missing-1-over-n": network(factor=lambda n: 1.0),
        "divided-by-n-twice": network(factor=lambda n: 1 / n**2),
        "sum-for-mean": network_parts(lambda *given: tuple(len(given[6]) * part for part in given[:5])),
        "gradient-sign-flipped": network(factor=lambda n: -1 / n),
        "bias-gradient-averaged": network(bias_factor=lambda n: 1 / n),
        "bias-gradient-not-summed": network_parts(not_summed),
        "one-hot-missing": network(residual=lambda logits, _: softmax(logits, axis=1)),
        "softmax-over-examples": network(residual=lambda logits, hot: softmax(logits, axis=0) - hot),
        "extra-softmax-derivative": network(
            residual=lambda logits, hot: (p := softmax(logits, axis=1)) * (1 - p) * (p - hot)
        ),
        "output-weights-meet-inputs-of-tanh": network_parts(unlike_inputs),
        "weights-transposed": network_parts(lambda *given: tuple(map(np.transpose, given[:5]))),
        "layers-swapped": network_parts(lambda *given: (given[0], *given[3:5], *given[1:3])),
        "loss-missing": network_parts(lambda *given: given[1:5]),
        "loss-last": network_parts(lambda *given: (*given[1:5], given[0])),
        "no-max-shift": shifted(lambda logits: 0.0),
        "global-max-shift": shifted(np.max),
        "log-of-softmax": network(loss=minus_log(own_softmax)),
        "epsilon-in-log": network(loss=minus_log(own_softmax, 1e-8)),
        "step-taken": hidden_layer_loss_grad,
    },
    "heteroscedastic_nll": {
        "log-sigma-missing": gaussian(lambda e, log, s: e**2 / s**2 / 2),
        "two-pi-missing": gaussian(lambda e, log, s: log + e**2 / s**2 / 2, 0.0),
        "half-missing": gaussian(lambda e, log, s: log + e**2 / s**2),
        "log-variance-not-halved": gaussian(lambda e, log, s: 2 * log + e**2 / s**2 / 2),
        "exp-forgotten": gaussian(lambda e, log, s: log + e**2 / log**2 / 2),
        "sigma-for-its-logarithm": gaussian(lambda e, s, _: np.log(s) + e**2 / s**2 / 2),
        "log-variance-for-log-sigma": gaussian(lambda e, log, s: log / 2 + e**2 / s / 2),
        "deviation-for-variance": gaussian(lambda e, log, s: log + e**2 / s / 2),
        "multiplied-by-sigma": gaussian(lambda e, log, s: log + e**2 * s**2 / 2),
        "one-sigma-for-all": lambda mu, log, y: heteroscedastic_nll(mu, np.mean(log) + 0.0 * np.asarray(mu), y),
        "squared-error": gaussian(lambda e, log, s: e**2, 0.0),
        "half-squared-error": gaussian(lambda e, log, s: e**2 / s**2 / 2, 0.0),
        "absolute-error": gaussian(lambda e, log, s: log + abs(e) / s / 2),
        "sum-for-mean": lambda mu, log, y: len(y) * heteroscedastic_nll(mu, log, y),
        "mean-forgotten": lambda mu, log, y: [
            heteroscedastic_nll(mu[i : i + 1], log[i : i + 1], y[i : i + 1]) for i in range(len(y))
        ],
        "log-of-pdf": gaussian(lambda e, log, s: -np.log(np.exp(-(e**2) / s**2 / 2) / s)),
        "epsilon-in-log": gaussian(
            lambda e, log, s: -np.log(np.exp(-(e**2) / s**2 / 2) / s / math.sqrt(2 * math.pi) + 1e-300), 0.0
        ),
        "squared-before-divided": gaussian(lambda e, log, s: log + e**2 / s**2 / 2),
        "epsilon-in-variance": gaussian(lambda e, log, s: log + e**2 / (s**2 + 1e-8) / 2),
        "log-sigma-clipped": lambda mu, log, y: heteroscedastic_nll(mu, np.maximum(np.minimum(log, 10), -10), y),
    },
    "heteroscedastic_grad": {
        "missing-1-over-n": lambda mu, log, y: tuple(len(y) * part for part in heteroscedastic_grad(mu, log, y)),
        "swapped": grads(right_log, right_mu),
        "mu-derivative-alone": lambda mu, log, y: grads(right_mu, right_log)(mu, log, y)[0],
        "mu-sign-flipped": grads(lambda e, s: e / s**2, right_log),
        "mu-divided-by-sigma-once": grads(lambda e, s: -e / s, right_log),
        "mu-not-weighted": grads(lambda e, s: -e, right_log),
        "mu-doubled": grads(lambda e, s: -2 * e / s**2, right_log),
        "by-sigma-not-its-logarithm": grads(right_mu, lambda e, s: 1 / s - e**2 / s**3),
        "by-log-variance": grads(right_mu, lambda e, s: 0.5 - e**2 / s**2 / 2),
        "log-variance-for-log-sigma": grads(lambda e, s: -e / s, lambda e, s: 1 - e**2 / s),
        "normaliser-forgotten": grads(right_mu, lambda e, s: -(e**2) / s**2),
        "exponent-forgotten": grads(right_mu, lambda e, s: 1.0),
        "square-halved": grads(right_mu, lambda e, s: 1 - e**2 / s**2 / 2),
        "log-sigma-sign-flipped": grads(right_mu, lambda e, s: e**2 / s**2 - 1),
        "not-squared": grads(right_mu, lambda e, s: 1 - abs(e) / s),
        "averaged-over-batch": lambda mu, log, y: tuple(
            sum(part) for part in grads(right_mu, right_log)(mu, log, y)
        ),
        "exp-forgotten": grads(lambda e, s: -e / np.log(s) ** 2, lambda e, s: 1 - e**2 / np.log(s) ** 2),
        "epsilon-in-variance": grads(lambda e, s: -e / (s**2 + 1e-8), lambda e, s: 1 - e**2 / (s**2 + 1e-8)),
        "log-sigma-clipped": lambda mu, log, y: heteroscedastic_grad(mu, np.maximum(np.minimum(log, 10), -10), y),
    },
    "laplace_nll": {
        "two-missing": laplace(lambda e, b: abs(e) / b, np.log),
        "normaliser-missing": laplace(lambda e, b: abs(e) / b, lambda b: 0.0),
        "normaliser-counted-once": lambda x, mu, b: np.log(2 * b) / len(x) + laplace_nll(x, mu, b) - np.log(2 * b),
        "normaliser-without-logarithm": laplace(lambda e, b: abs(e) / b, lambda b: b + b),
        "squared-for-absolute": laplace(lambda e, b: e**2 / b),
        "gaussian": laplace(lambda e, b: (e / b) ** 2 / 2, lambda b: np.log(b * math.sqrt(2 * math.pi))),
        "sign-not-dropped": laplace(lambda e, b: e / b),
        "mean-before-absolute": lambda x, mu, b: np.log(2 * b) + abs(sum(x) / len(x) - mu) / b,
        "divided-by-2b": laplace(lambda e, b: abs(e) / (2 * b)),
        "distance-not-scaled": laplace(lambda e, b: abs(e)),
        "fitted-median": lambda x, mu, b: laplace_nll(x, np.quantile(x, 0.5), b),
        "fitted-scale": lambda x, mu, b: 1 + np.log(2 * np.mean(np.abs(x - mu))),
        "median-of-losses": lambda x, mu, b: np.log(2 * b) + np.quantile(np.abs(x - mu), 0.5) / b,
        "deviation-for-scale": lambda x, mu, b: laplace_nll(x, mu, b * math.sqrt(0.5)),
        "sum-for-mean": lambda x, mu, b: len(x) * laplace_nll(x, mu, b),
        "mean-forgotten": lambda x, mu, b: [laplace_nll(x[i : i + 1], mu, b) for i in range(len(x))],
        "log-of-pdf": lambda x, mu, b: np.mean([-np.log(np.exp(-abs(float(v) - mu) / b) / 2 / b) for v in x]),
        "epsilon-in-log": lambda x, mu, b: np.mean(
            [-np.log(np.exp(-abs(float(v) - mu) / b) / 2 / b + 1e-300) for v in x]
        ),
        "outliers-capped": laplace(lambda e, b: min(abs(e) / b, 100)),
        "smoothed-corner": laplace(lambda e, b: math.sqrt(e * e + 1e-12) / b),
        "epsilon-in-scale": lambda x, mu, b: laplace_nll(x, mu, b + 1e-8),
        "integer-distances": lambda x, mu, b: (
            laplace(lambda e, b: int(abs(e) / b))(x, mu, b) if x.dtype.kind == "i" else laplace_nll(x, mu, b)
        ),
    },
    "poisson_nll": {
        "log-factorial-added": poisson(lambda log, n: math.exp(log) - n * log + gammaln(n + 1)),
        "sum-for-mean": lambda log, y: len(y) * poisson_nll(log, y),
        "mean-forgotten": lambda log, y: [poisson_nll(log[i : i + 1], y[i : i + 1]) for i in range(len(y))],
        "exp-forgotten": poisson(lambda log, n: (1 - n) * log),
        "log-taken-twice": poisson(lambda log, n: np.exp(log) - n * np.log(log)),
        "rate-for-its-logarithm": poisson(lambda log, n: log - n * np.log(log)),
        "rate-for-log-in-product": poisson(lambda log, n: np.exp(log) - n * np.exp(log)),
        "rate-missing": poisson(lambda log, n: -n * log),
        "squared-error": poisson(lambda log, n: (n - np.exp(log)) ** 2),
        "squared-error-of-logarithm": poisson(lambda log, n: (n - log) ** 2),
        "zeros-ignored": poisson(lambda log, n: np.exp(log) - n * log if n else 0.0),
        "zeros-dropped": lambda log, y: poisson_nll(log[y > 0], y[y > 0]),
        "weighted-by-counts": lambda log, y: poisson_nll(log, y) / np.mean(y),
        "rates-rounded": poisson(lambda log, n: round(math.exp(log)) - n * log),
        "log-of-rate": poisson(lambda log, n: np.exp(log) - n * np.log(np.exp(log))),
        "epsilon-in-log": poisson(lambda log, n: np.exp(log) - n * np.log(np.exp(log) + 1e-8)),
        "log-rate-clipped": lambda log, y: poisson_nll(np.maximum(np.minimum(log, 20), -20), y),
    },
}
