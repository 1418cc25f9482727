"""Mistakes of the topic bernoulli."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from autograder.judging.calls import Call
from autograder.solutions.bernoulli import bce_grad, bce_with_logits, bernoulli_nll, fit_logistic


def losses(z, y):
    """The negative log-likelihood of each logit."""
    return np.array(
        [np.logaddexp(0, -float(a)) if b else np.logaddexp(0, float(a)) for a, b in zip(z, y, strict=True)]
    )


def plain(p, y):
    return [-(b * np.log(a) + (1 - b) * np.log(1 - a)) for a, b in zip(p, y, strict=True)]


def own(p, y):
    """The probability of each label."""
    return np.array([a if b else 1 - a for a, b in zip(p, y, strict=True)], float)


def guarded(p_of):
    """The mistakes that a constant makes: the probabilities kept from their ends, or a constant inside the log."""
    found = {}
    for places in (7, 8, 10, 12, 15):
        eps = 10.0**-places

        def clipped(p, y, eps=eps):
            return np.mean(plain(np.clip(p_of(p), eps, 1 - eps), y))

        def added(p, y, eps=eps):
            return -np.mean(y * np.log(p_of(p) + eps) + (1 - y) * np.log(1 - p_of(p) + eps))

        found |= {f"clipped-at-1e-{places}": clipped, f"added-1e-{places}-in-log": added}
    return found


def sigmoid(z):
    return expit(np.asarray(z, float))


def descend(step, *, start=0.0):
    """Take steps: each is given X, y, w and l2, and returns what lr multiplies."""

    def fit(X, y, l2=0.0, lr=0.1, steps=1000):
        w = np.full(X.shape[1], start)
        for number in range(steps):
            w = w - lr * step(X, y, w, l2, number)
        return w

    return fit


def pull(X, y, w):
    return sum(row * (expit(row @ w) - label) for row, label in zip(X, y, strict=True)) / len(y)


def other(change):
    """The right function with other arguments."""

    def fit(X, y, l2=0.0, lr=0.1, steps=1000):
        return fit_logistic(**({"X": X, "y": y, "l2": l2, "lr": lr, "steps": steps} | change(X, y, l2, lr, steps)))

    return fit


def with_ones(X):
    return np.hstack([np.ones((len(X), 1)), X])


def decayed(X, y, l2=0.0, lr=0.1, steps=1000):
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        w = (1 - lr * l2) * (w - lr * pull(X, y, w))
    return w


def truncated(X, y, l2=0.0, lr=0.1, steps=1000):
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        w = w - lr * (pull(X, y, w) + l2 * w)
        w = np.trunc(w) if X.dtype.kind == "i" else w
    return w


def patient(X, y, l2=0.0, lr=0.1, steps=1000):
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        direction = pull(X, y, w) + l2 * w
        w = w - lr * direction * (np.sum(direction**2) >= 1e-12)
    return w


def on_weights(change):
    return lambda X, y, **options: change(X, fit_logistic(X, y, **options))


MISTAKEN = {
    "bce_grad": {
        "missing-1-over-n": lambda z, y: sigmoid(z) - y,
        "label-missing": lambda z, y: sigmoid(z) / len(y),
        "labels-swapped": lambda z, y: (sigmoid(z) - (1 - y)) / len(y),
        "zeros-ignored": lambda z, y: [(sigmoid(a) - 1) / len(y) if b else 0.0 for a, b in zip(z, y, strict=True)],
        "sigmoid-forgotten": lambda z, y: (z - y) / len(y),
        "sigmoid-twice": lambda z, y: (sigmoid(sigmoid(z)) - y) / len(y),
        "extra-sigmoid-derivative": lambda z, y: (sigmoid(z) - y) * sigmoid(z) * sigmoid(-np.asarray(z)) / len(y),
        "squared-error": lambda z, y: 2 * (sigmoid(z) - y) * sigmoid(z) * sigmoid(-np.asarray(z)) / len(y),
        "factor-two": lambda z, y: 2 * (sigmoid(z) - y) / len(y),
        "with-respect-to-p": lambda z, y: [
            (-1 / sigmoid(a) if b else 1 / (1 - sigmoid(a))) / len(y) for a, b in zip(z, y, strict=True)
        ],
        "hard-predictions": lambda z, y: [(float(a > 0) - b) / len(y) for a, b in zip(z, y, strict=True)],
        "averaged-over-batch": lambda z, y: np.mean(sigmoid(z) - y),
        "exp-overflow": lambda z, y: np.where(np.abs(z) < 700, bce_grad(z, y), np.nan),
        "nan-to-num": lambda z, y: (np.where(z < 700, sigmoid(z), 0) - y) / len(y),
        "integer-output": lambda z, y: np.trunc(bce_grad(z, y)) if z.dtype.kind == "i" else bce_grad(z, y),
    },
    "bce_with_logits": {
        "sum-for-mean": lambda z, y: sum(losses(z, y)),
        "mean-forgotten": losses,
        "zeros-ignored": lambda z, y: sum(losses(z, y)[y == 1]) / len(y),
        "labels-swapped": lambda z, y: np.mean(losses(z, 1 - y)),
        "labels-minus-one-and-one": lambda z, y: np.mean(
            [np.logaddexp(0, -float(a)) if b else np.log(2) for a, b in zip(z, y, strict=True)]
        ),
        "sigmoid-forgotten": lambda z, y: np.mean(plain(z, y)),
        "sigmoid-twice": lambda z, y: np.mean(losses(sigmoid(z), y)),
        "squared-error": lambda z, y: np.mean((sigmoid(z) - y) ** 2),
        "log-of-sigmoid": lambda z, y: np.mean(plain(sigmoid(z), y)),
        "sigmoid-then-nll": lambda z, y: bernoulli_nll(sigmoid(z), y),
        "softplus-overflow": lambda z, y: np.mean(np.where(z > 709, np.inf, losses(z, y))),
        "overflow-below-zero": lambda z, y: np.mean(np.where(z < -709, np.inf, losses(z, y))),
        "margin-overflow": lambda z, y: np.mean(np.where(losses(z, y) > 709, np.inf, losses(z, y))),
        "absolute-value-forgotten": lambda z, y: np.mean(
            [max(a, 0) - a * b + np.logaddexp(0, -float(a)) for a, b in zip(z, y, strict=True)]
        ),
        "maximum-forgotten": lambda z, y: np.mean(losses(z, y) - np.where(z > 0, z, 0)),
        "logits-clipped": lambda z, y: np.mean(losses(np.minimum(np.maximum(z, -500), 500), y)),
        **guarded(sigmoid),
    },
    "bernoulli_nll": {
        "sum-for-mean": lambda p, y: -np.sum(np.log(own(p, y))),
        "mean-forgotten": lambda p, y: -np.log(own(p, y)),
        "log-forgotten": lambda p, y: -np.mean(own(p, y)),
        "zeros-ignored": lambda p, y: -sum(np.log(a) for a, b in zip(p, y, strict=True) if b) / len(y),
        "classes-averaged-apart": lambda p, y: (
            -np.log(own(p, y))[y == 1].mean() - np.log(own(p, y))[y == 0].mean()
        ),
        "labels-swapped": lambda p, y: -np.mean(np.log(1 - own(p, y))),
        "arguments-swapped": lambda p, y: np.mean(plain(y, p)),
        "sigmoid-of-probability": bce_with_logits,
        "squared-error": lambda p, y: np.mean((1 - own(p, y)) ** 2),
        "zero-times-infinity": lambda p, y: np.mean(plain(p, y)),
        "nan-to-num": lambda p, y: np.mean(
            np.where((p == 0) | (p == 1), np.where(p == y, 0, np.finfo(float).max), -np.log(own(p, y)))
        ),
        "nan-left-out": lambda p, y: np.mean([a for a in plain(p, y) if not np.isnan(a)]),
        "log-of-product": lambda p, y: -np.log(np.prod(own(p, y))) / len(y),
        "one-minus-distance": lambda p, y: -np.mean(np.log(1 - np.where(y == 1, 1 - p, p))),
        **guarded(np.asarray),
    },
    "fit_logistic": {
        "ascent": other(lambda X, y, l2, lr, steps: {"lr": -lr}),
        "sum-for-mean": descend(lambda X, y, w, l2, _: len(y) * pull(X, y, w) + l2 * w),
        "one-update-too-many": other(lambda X, y, l2, lr, steps: {"steps": steps + 1}),
        "one-update-too-few": other(lambda X, y, l2, lr, steps: {"steps": max(steps, 1) - 1}),
        "steps-ignored": other(lambda *_: {"steps": 1000}),
        "lr-ignored": other(lambda *_: {"lr": 0.1}),
        "sigmoid-forgotten": descend(lambda X, y, w, l2, _: X.T @ (X @ w - y) / len(y) + l2 * w),
        "first-weight-unpenalised": descend(
            lambda X, y, w, l2, _: pull(X, y, w) + [0 if j == 0 else l2 * w[j] for j in range(len(w))]
        ),
        "squared-error": descend(
            lambda X, y, w, l2, _: X.T @ ((expit(X @ w) - y) * expit(X @ w) * expit(-(X @ w))) / len(y) + l2 * w
        ),
        "zeros-ignored": descend(
            lambda X, y, w, l2, _: (
                sum(row * (expit(row @ w) - 1) for row, label in zip(X, y, strict=True) if label) / len(y) + l2 * w
            )
        ),
        "one-example-per-step": descend(
            lambda X, y, w, l2, number: pull(X[[number % len(y)]], y[[number % len(y)]], w) + l2 * w
        ),
        "bias-returned": other(lambda X, *_: {"X": with_ones(X)}),
        "bias-fitted": lambda X, y, **options: fit_logistic(with_ones(X), y, **options)[1:],
        "started-at-ones": descend(lambda X, y, w, l2, _: pull(X, y, w) + l2 * w, start=1.0),
        "features-standardised": other(lambda X, *_: {"X": (X - X.mean(0)) / X.std(0)}),
        "probabilities-returned": on_weights(lambda X, w: expit(X @ w)),
        "column-returned": on_weights(lambda X, w: w.reshape(-1, 1)),
        "l2-ignored": other(lambda *_: {"l2": 0.0}),
        "l2-doubled": other(lambda X, y, l2, lr, steps: {"l2": l2 + l2}),
        "l2-halved": other(lambda X, y, l2, lr, steps: {"l2": 0.5 * l2}),
        "l2-divided-by-n": other(lambda X, y, l2, lr, steps: {"l2": l2 / len(X)}),
        "l2-times-n": other(lambda X, y, l2, lr, steps: {"l2": l2 * len(X)}),
        "l2-sign-flipped": descend(lambda X, y, w, l2, _: pull(X, y, w) - l2 * w),
        "l1-penalty": descend(lambda X, y, w, l2, _: pull(X, y, w) + l2 * np.where(w == 0, 0, w / np.abs(w))),
        "l2-without-lr": lambda X, y, l2=0.0, lr=0.1, steps=1000: descend(
            lambda X, y, w, l2, _: pull(X, y, w) + l2 / lr * w
        )(X, y, l2, lr, steps),
        "decay-after-step": decayed,
        "stops-early": patient,
        "exp-overflow": descend(
            lambda X, y, w, l2, _: np.where(np.abs(X @ w).max() < 700, 1, np.nan) * pull(X, y, w) + l2 * w
        ),
        "integer-weights": truncated,
    },
}

_X = np.array([[1.0, 2.0], [0.5, -1.0], [-1.0, 0.5]])
_FEW = np.array([1, 0, 0])
CALLS = {
    "bce_with_logits": [Call((np.array([0.25, 0.5, 0.75]), np.array([1, 0, 1])))],
    "fit_logistic": [
        Call((_X, _FEW), {"l2": 0.5, "lr": 0.25, "steps": 4}),
        Call((10 * np.sign(_X).astype(np.int64), _FEW), {"l2": 0.25, "lr": 2.0, "steps": 3}),
        Call((_X, _FEW), {"l2": 0.5, "lr": 0.5, "steps": 60}),
    ],
}
"""What else is asked; of a trained function nothing else, so that it takes few steps."""
