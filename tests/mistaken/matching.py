"""Mistakes of the topic matching."""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import cholesky, sqrtm, svdvals
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, logsumexp, softmax

from autograder.judging import Call
from autograder.solutions.matching import (
    bayes_classifier_log_posterior,
    fit_class_gaussians,
    fit_temperature,
    sample_gaussian,
    train_softmax_regression,
)

# --- descent ---------------------------------------------------------------------------------------------


def descent(
    *,
    slope=lambda n, k: 1.0,
    decay=1.0,
    bias_decay=0.0,
    bias_rate=lambda n: 1.0,
    bias_second=False,
    target=1.0,
    loss=lambda own, W, b, l2: np.mean(own) + l2 * np.sum(W * W) / 2,
    own_loss=lambda z, label: logsumexp(z) - z[label],
    start=np.zeros,
    stored=lambda W, X: W,
):
    """Descent example by example, with a factor before each part of the gradient."""

    def trained(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
        n, d = X.shape
        W, b, losses = start((d, num_classes)), np.zeros(num_classes), []

        def residuals():
            hot = np.array([[target * (label == c) for c in range(num_classes)] for label in y])
            return (softmax(X @ W + b, axis=1) - hot) * slope(n, num_classes) / n

        for _ in range(steps):
            own = [own_loss(x @ W + b, label) for x, label in zip(X, y, strict=True)]
            losses.append(loss(np.array(own), W, b, l2))
            rows = residuals()
            moved = sum(np.outer(x, row) for x, row in zip(X, rows, strict=True)) + decay * l2 * W
            W = stored(W - lr * moved, X)
            rows = residuals() if bias_second else rows
            b = b - lr * bias_rate(n) * (sum(rows) + bias_decay * l2 * b)
        return W, b, np.array(losses)

    return trained


def recorded(change):
    """The right steps; the losses from one more than were asked for."""

    def trained(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
        W, b, _ = train_softmax_regression(X, y, num_classes, l2, lr, steps)
        return W, b, change(train_softmax_regression(X, y, num_classes, l2, lr, steps + 1)[2])

    return trained


def stopped(more):
    """The right losses, and the weights after so many updates more."""

    def trained(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
        W, b, _ = train_softmax_regression(X, y, num_classes, l2, lr, steps + more)
        return W, b, train_softmax_regression(X, y, num_classes, l2, lr, steps)[2]

    return trained


def with_other(change):
    """The right training on other arguments."""

    def trained(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
        given = {"X": X, "y": y, "num_classes": num_classes, "l2": l2, "lr": lr, "steps": steps}
        return train_softmax_regression(**{**given, **change(given)})

    return trained


def one_at_a_time(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    W, b, losses = np.zeros((X.shape[1], num_classes)), np.zeros(num_classes), []
    for _ in range(steps):
        own = [logsumexp(x @ W + b) - (x @ W + b)[label] for x, label in zip(X, y, strict=True)]
        losses.append(np.mean(own) + l2 * np.sum(W * W) / 2)
        for x, label in zip(X, y, strict=True):
            row = softmax(x @ W + b)
            row[label] -= 1
            W, b = W - lr * np.outer(x, row) - lr * l2 * W, b - lr * row
    return W, b, np.array(losses)


def standardised(X):
    spread = np.sqrt(np.mean((X - X.mean(axis=0)) ** 2, axis=0))
    return (X - X.mean(axis=0)) / np.array([value or 1.0 for value in spread])


def summed(own, W, b, l2):
    return np.sum(own) + l2 * np.sum(W * W) / 2


def penalised(factor, of_bias=0.0):
    return lambda own, W, b, l2: np.mean(own) + l2 / 2 * (factor * np.sum(W * W) + of_bias * np.sum(b * b))


def naive(z):
    return np.exp(z) / np.sum(np.exp(z))


TRAINING = {
    "sum-for-mean": descent(slope=lambda n, k: n, loss=summed),
    "gradient-summed": descent(slope=lambda n, k: n),
    "divided-by-n-and-k": descent(slope=lambda n, k: 1 / k),
    "losses-summed": descent(loss=summed),
    "base-2": descent(loss=lambda own, W, b, l2: np.mean(own) / math.log(2) + l2 * np.sum(W * W) / 2),
    "loss-after-update": recorded(lambda losses: losses[1:]),
    "one-loss-too-many": recorded(lambda losses: losses),
    "one-step-too-many": stopped(1),
    "one-step-short": stopped(-1),
    "rate-ignored": with_other(lambda given: {"lr": 0.5}),
    "random-start": descent(start=lambda shape: np.random.default_rng(0).standard_normal(shape) / 100),
    "bias-not-trained": descent(bias_rate=lambda n: 0.0),
    "bias-gradient-summed": descent(bias_rate=lambda n: n),
    "bias-updated-second": descent(bias_second=True),
    "ascent": with_other(lambda given: {"lr": -given["lr"]}),
    "one-hot-missing": descent(target=0.0),
    "labels-from-one": with_other(lambda given: {"y": (given["y"] - 1) % given["num_classes"]}),
    "one-example-at-a-time": one_at_a_time,
    "features-standardised": with_other(lambda given: {"X": standardised(given["X"])}),
    "weights-transposed": lambda *args, **options: tuple(
        np.transpose(part) for part in train_softmax_regression(*args, **options)
    ),
    "l2-ignored": with_other(lambda given: {"l2": 0.0}),
    "bias-penalised": descent(bias_decay=1.0, loss=penalised(1.0, 1.0)),
    "bias-decayed": descent(bias_decay=1.0),
    "penalty-missing-in-loss": descent(loss=penalised(0.0)),
    "penalty-missing-in-gradient": descent(decay=0.0),
    "half-missing": with_other(lambda given: {"l2": 2 * given["l2"]}),
    "half-missing-in-gradient": descent(decay=2.0),
    "half-missing-in-loss": descent(loss=penalised(2.0)),
    "penalty-divided-by-n": with_other(lambda given: {"l2": given["l2"] / len(given["y"])}),
    "no-max-shift": descent(own_loss=lambda z, label: -np.log(naive(z)[label])),
    "global-max-shift": descent(),
    "log-of-softmax": descent(own_loss=lambda z, label: -np.log(softmax(z)[label])),
    "epsilon-in-log": descent(own_loss=lambda z, label: -np.log(softmax(z)[label] + 1e-12)),
    "classes-counted-in-labels": with_other(lambda given: {"num_classes": given["y"].max() + 1}),
    "integer-weights": descent(stored=lambda W, X: np.trunc(W) if X.dtype.kind == "i" else W),
    "shuffled-in-place": train_softmax_regression,
}

# --- temperature -----------------------------------------------------------------------------------------


def coolest(loss):
    """Where a loss of T is least in [0.05, 20]: the best of a grid, and then between its neighbours.

    Nothing that is compared where the loss is flat.
    """
    grid = np.linspace(math.log(0.05), math.log(20), 18)
    losses = [loss(math.exp(log)) for log in grid]
    best = int(np.argmin(losses))
    around = range(max(best - 1, 0), min(best + 2, len(grid)))
    if any(losses[i] - losses[best] < 1e-6 for i in around if i != best):
        return math.nan
    bounds = grid[around[0]], grid[around[-1]]
    return math.exp(minimize_scalar(lambda log: loss(math.exp(log)), bounds=bounds, options={"xatol": 1e-8}).x)


def halved(too_sharp):
    """Where it ends to be too sharp in [0.05, 20]."""
    low, high = 0.05, 20.0
    for _ in range(50):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if too_sharp(middle) else (low, middle)
    return low


def of_own(table, y):
    return np.take_along_axis(table, y[:, np.newaxis], axis=1)[:, 0]


def nll(logits, y, temperature):
    return -np.mean(of_own(log_softmax(logits / temperature, axis=1), y))


def certainty(logits, temperature):
    return softmax(logits / temperature, axis=1).max(axis=1)


def hits(logits, y):
    return of_own(logits, y) == logits.max(axis=1)


def best_of_steps(logits, y):
    """The better of the two steps beside the best, as the NLL rises to both sides of it."""
    below = fit_temperature(logits, y) // 0.05
    steps = (0.05 * step for step in (max(below, 1), min(below + 1, 400)))
    return min(steps, key=lambda t: nll(logits, y, t))


def hundred_steps(logits, y):
    """The NLL's slope is the mean of (z_y - E[z]) / T²."""
    temperature = 1.0
    for _ in range(100):
        expected = np.sum(softmax(logits / temperature, axis=1) * logits) / len(y)
        temperature -= 0.01 * (np.mean(of_own(logits, y)) - expected) / temperature**2
    return temperature


def by_naive_slope(shift):
    """Where the mean logit is the labels', with exponentials that are shifted alike in all rows."""

    def fitted(logits, y):
        def too_sharp(temperature):
            weights = np.exp((logits - shift(logits)) / temperature)
            expected = [row @ z / row.sum() for row, z in zip(weights, logits, strict=True)]
            return np.mean(expected) > np.mean(of_own(logits, y))

        return halved(too_sharp)

    return fitted


def brier(logits, y, temperature):
    return np.mean((softmax(logits / temperature, axis=1) - np.eye(logits.shape[1])[y]) ** 2)


TEMPERATURE = {
    "inverse-temperature": lambda logits, y: fit_temperature(logits, y) ** -1,
    "loss-returned": lambda logits, y: nll(logits, y, fit_temperature(logits, y)),
    "coarse-grid": best_of_steps,
    "rounded": lambda logits, y: round(fit_temperature(logits, y), 2),
    "too-few-steps": hundred_steps,
    "confidence-matched-to-accuracy": lambda logits, y: halved(
        lambda t: certainty(logits, t).mean() > hits(logits, y).mean()
    ),
    "squared-error": lambda logits, y: coolest(lambda t: brier(logits, y, t)),
    "squared-confidence-error": lambda logits, y: coolest(
        lambda t: np.mean((certainty(logits, t) - hits(logits, y)) ** 2)
    ),
    "predicted-for-true": lambda logits, y: 0.05,
    "labels-from-one": lambda logits, y: fit_temperature(logits, (y - 1) % logits.shape[1]),
    "softmax-over-examples": lambda logits, y: coolest(
        lambda t: -np.mean(of_own(log_softmax(logits / t, axis=0), y))
    ),
    "logits-normalised": lambda logits, y: fit_temperature(softmax(logits, axis=1), y),
    "never-below-one": lambda logits, y: max(fit_temperature(logits, y), 1),
    "narrow-search": lambda logits, y: min(max(fit_temperature(logits, y), 0.1), 10),
    "epsilon-in-log": lambda logits, y: coolest(
        lambda t: -np.mean(np.log(of_own(softmax(logits / t, axis=1), y) + 1e-12))
    ),
    "no-max-shift": by_naive_slope(lambda logits: 0.0),
    "global-max-shift": by_naive_slope(np.max),
    "shape-1": lambda logits, y: [fit_temperature(logits, y)],
}

# --- a Gaussian a class ----------------------------------------------------------------------------------


def gaussians(cov=None, *, prior=lambda own, n, k: own / n, ridge=lambda d, value: np.diag([value] * d)):
    """Class by class: its prior, its mean, and what is made of its rows, all rows and the ridge."""

    def fitted(X, y, num_classes, value=1e-3):
        parts = []
        for c in range(num_classes):
            own = np.array([x for x, label in zip(X.astype(float), y, strict=True) if label == c])
            spread = (cov or (lambda own, X: scatter(own) / len(own)))(own, X.astype(float))
            raised = spread + ridge(X.shape[1], value)
            parts.append((prior(len(own), len(y), num_classes), own.mean(axis=0), raised))
        return tuple(map(np.array, zip(*parts, strict=True)))

    return lambda X, y, num_classes, ridge=1e-3: fitted(X, y, num_classes, ridge)


def scatter(rows, centre=None):
    centre = rows.mean(axis=0) if centre is None else centre
    return sum(np.outer(row - centre, row - centre) for row in rows)


def shared(X, y, num_classes, ridge=1e-3):
    priors, means, covs = fit_class_gaussians(X, y, num_classes, ridge)
    return priors, means, np.array([sum(map(np.multiply, priors, covs))] * num_classes)


def by_numpy(X, y, num_classes, ridge=1e-3):
    if X.shape[1] == 1:
        raise TypeError("a number is no matrix")
    return fit_class_gaussians(X, y, num_classes, ridge)


def truncated(X, y, num_classes, ridge=1e-3):
    priors, means, covs = fit_class_gaussians(X, y, num_classes, ridge)
    return priors, np.trunc(means) if X.dtype.kind == "i" else means, covs


CLASSES = {
    "divided-by-n-minus-1": gaussians(lambda own, X: scatter(own) / np.float64(len(own) - 1)),
    "divided-by-all-examples": gaussians(lambda own, X: scatter(own) / len(X)),
    "not-divided": gaussians(lambda own, X: scatter(own)),
    "not-centred": gaussians(lambda own, X: scatter(own, 0.0) / len(own)),
    "centred-on-all": gaussians(lambda own, X: scatter(own, X.mean(axis=0)) / len(own)),
    "one-covariance-for-all": shared,
    "covariance-of-all-examples": gaussians(lambda own, X: scatter(X) / len(X)),
    "variances-alone": gaussians(lambda own, X: np.diag(np.diag(scatter(own) / len(own)))),
    "ridge-forgotten": gaussians(ridge=lambda d, value: 0.0),
    "ridge-everywhere": gaussians(ridge=lambda d, value: value),
    "ridge-fixed": gaussians(ridge=lambda d, value: np.diag([0.001] * d)),
    "uniform-priors": gaussians(prior=lambda own, n, k: 1 / k),
    "counts-for-priors": gaussians(prior=lambda own, n, k: own),
    "one-column-fails": by_numpy,
    "integer-truncated": truncated,
}


def drawn(make):
    """Each row by itself, from the mean, its draws and the Cholesky factor or another root."""

    def rows(root):
        return lambda mu, cov, z: np.array([make(mu, row, root(cov.astype(float))) for row in z])

    return rows


def lower(cov):
    return cholesky(cov, lower=True)


def along_axes(cov):
    variances, axes = np.linalg.eigh(cov)
    return np.array([math.sqrt(value) * axis for value, axis in zip(variances, axes.T, strict=True)]).T


moved = drawn(lambda mu, row, root: mu + root @ row)
DRAWS = {
    "factor-not-transposed": drawn(lambda mu, row, root: mu + row @ root)(lower),
    "covariance-for-its-root": moved(lambda cov: cov),
    "deviations-alone": moved(lambda cov: np.diag(np.sqrt(np.diag(cov)))),
    "variances-alone": drawn(lambda mu, row, cov: mu + np.diag(cov) * row)(lambda cov: cov),
    "root-entry-by-entry": moved(lambda cov: np.sqrt(np.maximum(cov, -cov))),
    "symmetric-root": moved(sqrtm),
    "eigenvector-root": moved(along_axes),
    "upper-factor": moved(lambda cov: np.linalg.inv(lower(np.linalg.inv(cov))).T),
    "inverse-factor": moved(lambda cov: np.linalg.inv(lower(cov))),
    "mean-forgotten": drawn(lambda mu, row, root: root @ row)(lower),
    "mean-through-the-factor": drawn(lambda mu, row, root: root @ (mu + row))(lower),
    "jitter-on-diagonal": lambda mu, cov, z: sample_gaussian(mu, cov + np.diag([1e-10] * len(mu)), z),
    "own-draws": lambda mu, cov, z: np.random.default_rng(0).multivariate_normal(mu, cov, z.shape[0]),
}


def joint(*, distance=-0.5, log_det=-0.5, prior=math.log, constant=0.0, inverse=np.linalg.inv):
    """Entry by entry: a factor before each term of the log of prior times density."""

    def entry(x, share, mu, cov):
        off = x - mu
        sizes = np.log(np.linalg.eigvalsh(cov.astype(float)))
        return prior(share) + distance * (off @ inverse(cov) @ off) + log_det * sizes.sum() + constant * len(mu)

    return lambda X, priors, means, covs: np.array(
        [[entry(x, *given) for given in zip(priors, means, covs, strict=True)] for x in X]
    )


def posterior(axis=1, **terms):
    """Of each row, or of what else competes."""

    def of(*given):
        table = joint(**terms)(*given)
        return table - logsumexp(table, axis=axis, keepdims=True)

    return of


def with_density(make):
    return lambda *given: make(joint(constant=TWO_PI)(*given))


def with_covs(change):
    return lambda X, priors, means, covs: bayes_classifier_log_posterior(X, priors, means, change(covs, priors))


TWO_PI = -math.log(2 * math.pi) / 2
POSTERIOR = {
    "prior-missing": posterior(prior=lambda share: 0.0),
    "prior-not-logged": posterior(prior=lambda share: share),
    "determinant-missing": posterior(log_det=0.0),
    "determinant-not-rooted": posterior(log_det=-1.0),
    "half-the-log-determinant": posterior(log_det=-1 / 4),
    "half-missing": posterior(distance=-1.0),
    "exponent-without-minus": posterior(distance=1 / 2),
    "not-normalised": joint(constant=TWO_PI),
    "not-normalised-without-2-pi": joint(),
    "normalised-over-examples": posterior(axis=0),
    "normalised-over-all": posterior(axis=None),
    "posterior-not-its-log": lambda *given: np.exp(bayes_classifier_log_posterior(*given)),
    "densities-underflow": with_density(
        lambda table: np.array([np.log(np.exp(row) / np.exp(row).sum()) for row in table])
    ),
    "evidence-underflows": with_density(
        lambda table: np.array([row - np.log(np.exp(row).sum()) for row in table])
    ),
    "log-of-posterior": lambda *given: np.log(softmax(joint()(*given), axis=1)),
    "one-shift-for-all-rows": lambda *given: (
        ((table := joint()(*given) - joint()(*given).max()).T - np.log(np.exp(table).sum(axis=1))).T
    ),
    "log-of-determinant": lambda X, priors, means, covs: (
        posterior()(X, priors, means, covs)
        + 0 * np.log([np.prod(np.linalg.eigvalsh(cov.astype(float))) for cov in covs])
    ),
    "correlations-ignored": with_covs(lambda covs, _: np.array([np.diag(np.diag(cov)) for cov in covs])),
    "one-covariance-for-all": with_covs(
        lambda covs, priors: np.array([sum(p * cov for p, cov in zip(priors, covs, strict=True))] * len(priors))
    ),
    "not-inverted": posterior(inverse=lambda cov: cov),
    "jitter-on-diagonal": with_covs(lambda covs, _: covs + np.diag([1e-9] * len(covs[0]))),
}

# --- spectrum --------------------------------------------------------------------------------------------


def centred(X):
    return X - np.array([np.mean(column) for column in X.T])


def variances(X):
    """Along the principal components, the largest first, dividing by n."""
    return svdvals(centred(X)) ** 2 / X.shape[0]


def shares(values):
    return values / values.sum()


def of_rows(X):
    """As if rows were variables, of which there are as many as examples."""
    found = np.zeros(len(X))
    found[: min(X.shape)] = svdvals(np.array([row - row.mean() for row in X])) ** 2
    return shares(found)


SPECTRUM = {
    "not-centred": lambda X: shares(svdvals(X.astype(float)) ** 2),
    "centred-by-row": lambda X: shares(svdvals(np.array([row - row.mean() for row in X])) ** 2),
    "centred-by-grand-mean": lambda X: shares(svdvals(X - X.sum() / X.size) ** 2),
    "rows-for-columns": of_rows,
    "singular-values-not-squared": lambda X: shares(svdvals(centred(X))),
    "root-of-ratio": lambda X: np.sqrt(shares(variances(X))),
    "eigenvalues-squared": lambda X: shares(variances(X) ** 2),
    "ascending": lambda X: np.sort(shares(variances(X))),
    "cumulative": lambda X: [sum(shares(variances(X))[: i + 1]) for i in range(X.shape[1])],
    "not-normalised": lambda X: variances(X) * len(X) / (len(X) - 1),
    "population-variances": variances,
    "divided-by-largest": lambda X: variances(X) / variances(X).max(),
    "correlation-for-covariance": lambda X: shares(variances(X / X.std(axis=0))),
    "variances-of-columns": lambda X: sorted(shares(np.array([np.var(column) for column in X.T])), reverse=True),
    "zeros-dropped": lambda X: [share for share in shares(variances(X)) if share > 1e-13],
    "cut-off": lambda X: shares(np.array([value if value >= 1e-8 else 0.0 for value in variances(X)])),
    "epsilon-in-denominator": lambda X: variances(X) / (sum(variances(X)) + 1e-12),
    "one-column-fails": lambda X: shares(np.diag(np.cov(X.T))) if X.shape[1] == 1 else shares(variances(X)),
    "integer-truncated": lambda X: (
        shares(svdvals(np.trunc(centred(X))) ** 2) if X.dtype.kind == "i" else shares(variances(X))
    ),
}

MISTAKEN = {
    "train_softmax_regression": TRAINING,
    "fit_temperature": TEMPERATURE,
    "fit_class_gaussians": CLASSES,
    "sample_gaussian": DRAWS,
    "bayes_classifier_log_posterior": POSTERIOR,
    "explained_variance_ratio": SPECTRUM,
}

_X = np.array([[0.5, -1.0, 1.5], [2.0, 0.5, 1.5], [-1.0, 1.0, 1.5], [0.25, 3.0, 1.5]])
_Y = np.array([1, 0, 1, 2])
CALLS = {
    "bayes_classifier_log_posterior": [
        Call((_X[:, :2], np.array([0.3, 0.7]), _X[2:, 1:], np.array([[[2.0, 1.0], [1.0, 3.0]], np.eye(2)])))
    ],
    "train_softmax_regression": [
        Call((_X, _Y, 4), {"l2": 0.5, "lr": 0.3, "steps": 4}),
        Call((12 * _X.astype(np.int64), _Y, 3), {"l2": 0.1, "lr": 0.4, "steps": 3}),
        Call((_X, _Y, 3), {"steps": 3}),
    ],
}
"""What else is asked; of a trained function nothing else, so that it takes few steps."""
