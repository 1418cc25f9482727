"""The known mistakes of train_softmax_regression."""

import numpy as np

from autograder.judging import Misconceptions
from autograder.solutions import matching as right
from autograder.solutions import softmax as stable

mistake = Misconceptions()


def _descend(
    X,
    y,
    k,
    lr,
    steps,
    *,
    weights=None,
    decay=0.0,
    penalty=0.0,
    bias_decay=0.0,
    bias_penalty=0.0,
    bias_rate=1.0,
    onehot=1.0,
    bias_second=False,
    log_softmax=stable.log_softmax,
    log=None,
):
    """Descend with something wrong: `decay` and `penalty` multiply W in the gradient and ‖W‖² in the loss."""
    n = len(y)
    W = np.zeros((np.shape(X)[1], k)) if weights is None else weights
    b, losses, hot = np.zeros(k), np.empty(steps), np.eye(k)[y]

    def residual():
        return (np.exp(log_softmax(X @ W + b)) - onehot * hot) / n

    for t in range(steps):
        log_p = log_softmax(X @ W + b)
        own = log_p[np.arange(n), y] if log is None else log(np.exp(log_p)[np.arange(n), y])
        losses[t] = -np.mean(own) + penalty * np.sum(W**2) + bias_penalty * np.sum(b**2)
        first = residual()
        W = W - lr * (X.T @ first + decay * W)
        second = residual() if bias_second else first
        b = b - lr * bias_rate * (np.sum(second, axis=0) + bias_decay * b)
    return W, b, losses


def _naive_log_softmax(z):
    weights = np.exp(z)
    return np.log(weights / np.sum(weights, axis=1, keepdims=True))


def _global_log_softmax(z):
    return _naive_log_softmax(z - np.max(z))


@mistake("sum-for-mean", slip=True)
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The losses of the examples are added up, in the objective and its gradient; it is their mean that is
    minimised, so that the rate does not depend on n.
    """
    n = len(y)
    W, b, losses = _descend(X, y, num_classes, n * lr, steps, decay=l2 / n, penalty=l2 / 2 / n)
    return W, b, n * losses


@mistake("gradient-summed")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The gradient is that of the *sum* of the losses: the mean's has a factor that is missing here."""
    n = len(y)
    return _descend(X, y, num_classes, n * lr, steps, decay=l2 / n, penalty=l2 / 2)


@mistake("divided-by-n-and-k", slip=True)
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The gradient is divided by all n·k entries of the residual; the loss is a mean over n examples."""
    k = num_classes
    return _descend(X, y, k, lr / k, steps, decay=l2 * k, penalty=l2 / 2)


@mistake("losses-summed", slip=True)
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The steps are right, but the recorded losses add up the examples; their mean is asked for."""
    W, b, losses = _descend(X, y, num_classes, lr, steps, decay=l2, penalty=l2 / 2 / len(y))
    return W, b, len(y) * losses


@mistake("base-2", slip=True)
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The recorded losses are in bits; this course counts in nats, the natural logarithm."""
    W, b, losses = _descend(X, y, num_classes, lr, steps, decay=l2, penalty=l2 / 2 * np.log(2))
    return W, b, losses / np.log(2)


@mistake("loss-after-update", slip=True)
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """Each loss is taken after its update. At zero weights every class is equally likely: what must the first
    loss be?
    """
    W, b, _ = right.train_softmax_regression(X, y, num_classes, l2, lr, steps)
    return W, b, right.train_softmax_regression(X, y, num_classes, l2, lr, steps + 1)[2][1:]


@mistake("one-loss-too-many", slip=True)
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """There is one loss too many: the one after the last update is not asked for."""
    W, b, _ = right.train_softmax_regression(X, y, num_classes, l2, lr, steps)
    return W, b, right.train_softmax_regression(X, y, num_classes, l2, lr, steps + 1)[2]


@mistake("one-step-too-many", slip=True)
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """There is one update more than `steps`, after the last recorded loss."""
    losses = right.train_softmax_regression(X, y, num_classes, l2, lr, steps)[2]
    return *right.train_softmax_regression(X, y, num_classes, l2, lr, steps + 1)[:2], losses


@mistake("one-step-short", slip=True)
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The last update is missing: after the last loss is recorded there is one more step to take."""
    losses = right.train_softmax_regression(X, y, num_classes, l2, lr, steps)[2]
    return *right.train_softmax_regression(X, y, num_classes, l2, lr, steps - 1)[:2], losses


@mistake("rate-ignored")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The argument `lr` has no effect: the rate is a constant of your own."""
    return right.train_softmax_regression(X, y, num_classes, l2, 0.5, steps)


@mistake("random-start")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The weights start at random. On a convex objective no symmetry has to be broken: zeros are asked for."""
    start = np.random.default_rng(0).normal(0, 0.01, (np.shape(X)[1], num_classes))
    return _descend(X, y, num_classes, lr, steps, weights=start, decay=l2, penalty=l2 / 2)


@mistake("bias-not-trained")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The bias stays at zero. It has a gradient as well, as the weight of a feature that is always 1 would."""
    return _descend(X, y, num_classes, lr, steps, decay=l2, penalty=l2 / 2, bias_rate=0.0)


@mistake("bias-gradient-summed")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The gradient of the bias is summed over the examples, while that of the weights is a mean."""
    return _descend(X, y, num_classes, lr, steps, decay=l2, penalty=l2 / 2, bias_rate=len(y))


@mistake("bias-updated-second")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The gradient of the bias is taken when the weights have moved already. Both belong to the same point."""
    return _descend(X, y, num_classes, lr, steps, decay=l2, penalty=l2 / 2, bias_second=True)


@mistake("ascent")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The steps go up the gradient: the losses grow. Which sign leads downhill?"""
    return right.train_softmax_regression(X, y, num_classes, l2, -lr, steps)


@mistake("one-hot-missing")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The labels play no part in the gradient: nothing is subtracted from the probability of the true class."""
    return _descend(X, y, num_classes, lr, steps, decay=l2, penalty=l2 / 2, onehot=0.0)


@mistake("labels-from-one")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The labels are taken to count from 1; they count from 0."""
    return right.train_softmax_regression(X, np.asarray(y) - 1, num_classes, l2, lr, steps)


@mistake("one-example-at-a-time")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """Each step goes through the examples one by one. On the full batch it is one step, on the mean of all."""
    W, b, losses = np.zeros((np.shape(X)[1], num_classes)), np.zeros(num_classes), np.empty(steps)
    for t in range(steps):
        losses[t] = stable.cross_entropy(X @ W + b, y) + l2 / 2 * np.sum(W**2)
        for x, label in zip(X, y, strict=True):
            residual = stable.cross_entropy_grad((x @ W + b)[np.newaxis], [label])[0]
            W, b = W - lr * (np.outer(x, residual) + l2 * W), b - lr * residual
    return W, b, losses


@mistake("features-standardised")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The features are standardised first: these are weights of other features than were given."""
    spread = np.std(X, axis=0)
    features = (X - np.mean(X, axis=0)) / np.where(spread > 0, spread, 1)
    return right.train_softmax_regression(features, y, num_classes, l2, lr, steps)


@mistake("weights-transposed", slip=True)
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """W has shape (k, d); the logits are X W + b, so that it should have (d, k)."""
    W, b, losses = right.train_softmax_regression(X, y, num_classes, l2, lr, steps)
    return W.T, b, losses


@mistake("l2-ignored")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The argument `l2` has no effect, neither on the steps nor on the losses."""
    return right.train_softmax_regression(X, y, num_classes, 0.0, lr, steps)


@mistake("bias-penalised")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The penalty takes in the bias. It is on the weights alone: a bias moves the logits of all examples alike."""
    penalties = {"penalty": l2 / 2, "bias_penalty": l2 / 2}
    return _descend(X, y, num_classes, lr, steps, decay=l2, bias_decay=l2, **penalties)


@mistake("bias-decayed")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The bias decays like the weights, though the penalty in the loss leaves it out."""
    return _descend(X, y, num_classes, lr, steps, decay=l2, bias_decay=l2, penalty=l2 / 2)


@mistake("penalty-missing-in-loss")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The weights decay, but the recorded losses lack the penalty; they are of the objective that is minimised."""
    return _descend(X, y, num_classes, lr, steps, decay=l2)


@mistake("penalty-missing-in-gradient")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The penalty is in the recorded losses, but the steps know nothing of it: what is its gradient?"""
    return _descend(X, y, num_classes, lr, steps, penalty=l2 / 2)


@mistake("half-missing", slip=True)
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The penalty is twice too large, in the losses and in the gradient: a half stands before ‖W‖²."""
    return _descend(X, y, num_classes, lr, steps, decay=2 * l2, penalty=l2)


@mistake("half-missing-in-gradient", slip=True)
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The weights decay twice too fast: what becomes of the half when (l2/2)‖W‖² is differentiated?"""
    return _descend(X, y, num_classes, lr, steps, decay=2 * l2, penalty=l2 / 2)


@mistake("half-missing-in-loss", slip=True)
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The steps are right, but the penalty in the recorded losses is twice too large."""
    return _descend(X, y, num_classes, lr, steps, decay=l2, penalty=l2)


@mistake("penalty-divided-by-n", slip=True)
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The penalty is divided by n along with the losses. It is added to their mean, not to each of them."""
    return right.train_softmax_regression(X, y, num_classes, l2 / len(y), lr, steps)


@mistake("no-max-shift")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """Exp overflows float64 beyond 709.78, and inf / inf is nan from then on. Shift each row of logits by its
    maximum before exp.
    """
    options = {"decay": l2, "penalty": l2 / 2, "log_softmax": _naive_log_softmax}
    return _descend(X, y, num_classes, lr, steps, **options)


@mistake("global-max-shift")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """One shift for the whole batch: a row far below the global maximum underflows, and 0 / 0 is nan. Each
    row needs its own maximum.
    """
    options = {"decay": l2, "penalty": l2 / 2, "log_softmax": _global_log_softmax}
    return _descend(X, y, num_classes, lr, steps, **options)


@mistake("log-of-softmax")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """Where the true class has a probability below 1e-323 softmax gives 0 and the loss inf. The log-probability
    can be computed without forming the probability.
    """
    return _descend(X, y, num_classes, lr, steps, decay=l2, penalty=l2 / 2, log=np.log)


@mistake("epsilon-in-log")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """log(p + 1e-12) caps the loss of an example at 27.6 nats. The log-probability can be computed without
    forming p.
    """
    return _descend(X, y, num_classes, lr, steps, decay=l2, penalty=l2 / 2, log=lambda p: np.log(p + 1e-12))


@mistake("classes-counted-in-labels")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The number of classes is read off the labels; a class may have no example. `num_classes` says how many."""
    return right.train_softmax_regression(X, y, int(np.max(y)) + 1, l2, lr, steps)


@mistake("integer-weights")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The weights are stored in the features' own dtype: for integers each step is cut to whole numbers."""
    W, b, losses = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes), np.empty(steps)
    for t in range(steps):
        losses[t] = stable.cross_entropy(X @ W + b, y) + l2 / 2 * np.sum(W**2)
        residual = stable.cross_entropy_grad(X @ W + b, y)
        W[...] = W - lr * (X.T @ residual + l2 * W)
        b -= lr * np.sum(residual, axis=0)
    return W, b, losses


@mistake("shuffled-in-place")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The caller's examples are shuffled in place. Their order plays no part in a full batch; leave them as they
    are, or take a copy.
    """
    order = np.random.default_rng(0).permutation(len(y))
    X[:], y[:] = X[order], y[order]
    return right.train_softmax_regression(X, y, num_classes, l2, lr, steps)


@mistake("float32-inside")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    values = right.train_softmax_regression(np.asarray(X, np.float32), y, num_classes, l2, lr, steps)
    return tuple(value.astype(np.float32) for value in values)
