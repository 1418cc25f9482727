"""train_softmax_regression(X, y, num_classes, l2=0.0, lr=0.5, steps=200): gradient descent on the full batch."""

import numpy as np

from autograder.exercises._layouts import odd_layouts
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    Mismatch,
    Returned,
    by_value,
    compare,
    leaves_arguments_unchanged,
    takes_any_layout,
    tolerance_for,
)
from autograder.solutions import matching as right
from autograder.solutions import softmax as stable

mistake = Misconceptions()
NAMES = ("W", "b", "losses")


def _tolerance(call, single):
    """A step that lowers the objective moves the parameters by at most √(2 lr · loss lowered), and the loss starts
    at log k: that bounds the logits, sums of d + 1 terms rounded at that size. The rounding of each gradient is
    added up over the steps (below the stability bound descent on a convex objective spreads no error), and reaches
    the losses through their slope, the features' length.
    """
    features = np.asarray(call.args[0], dtype=np.float64)
    length = np.sqrt(np.max(np.sum(features**2, axis=1)) + 1)
    distance = call.kwargs.get("lr", 0.5) * call.kwargs.get("steps", 200)
    logits = max(1.0, length * np.sqrt(2 * distance * np.log(call.args[2])))
    terms = features.shape[1] + 1
    return tolerance_for(terms * logits * (1 + distance * length**2), single=single)


def _judged_by(*places):
    """Judge a call by some of the three values alone, so that one wrong of them costs its own checks only."""

    def judge(exercise, call, answer, truth):
        given = answer.value if isinstance(answer, Returned) else None
        if not isinstance(given, list | tuple) or len(given) != len(NAMES):
            return by_value(exercise, call, answer, truth)
        for i in places:
            found = compare(given[i], truth.value[i], exercise.tolerance(call, call.single), single=call.single)
            if found:
                return Mismatch(f"{found.clause} ({NAMES[i]})")
        return None

    return judge


# --- inputs ----------------------------------------------------------------------------------------------------


def _curvature(X):
    """Largest eigenvalue of X'X / n, a column of ones included; half of it bounds that of the loss."""
    extended = np.column_stack([np.asarray(X, dtype=np.float64), np.ones(len(X))])
    return np.linalg.eigvalsh(extended.T @ extended / len(X))[-1]


def _call(X, y, k, steps, l2=0.0):
    """A call whose rate is half of what the stability bound allows."""
    penalty = {"l2": l2} if l2 else {}
    return Call((X, y, k), penalty | {"lr": float(1 / (_curvature(X) / 2 + l2)), "steps": steps})


def _labels(rng, n, k):
    """Every class once, then the first of them twice as often as the others."""
    return np.append(np.arange(k), np.maximum(rng.integers(-1, k, n - k), 0))


def _ordinary(rng):
    for n, d, k, steps in ((12, 3, 3, 8), (20, 2, 4, 3), (9, 4, 2, 12)):
        yield _call(rng.normal(0.5, 1, (n, d)) * np.geomspace(2, 0.2, d), _labels(rng, n, k), k, steps)


def _penalised(rng):
    for l2, n, d, k, steps in ((0.1, 10, 2, 3, 10), (1.5, 14, 3, 4, 5), (0.01, 8, 1, 2, 4)):
        yield _call(rng.normal(0.5, 1, (n, d)), _labels(rng, n, k), k, steps, l2)


def _large(rng):
    """Features near 1e3. With few classes, descent that is stable keeps the logits small; with 700, the curvature
    at the start is λ/k, a step may be as long as 2k/λ, and takes the logits beyond 1000, where the softmax is
    one-hot and the curvature nothing.
    """
    yield _call(1e3 * rng.normal(0.5, 1, (10, 2)), _labels(rng, 10, 3), 3, 6)
    apart = np.vstack([np.diag(rng.uniform(0.97, 1, 3)) + rng.normal(0, 0.01, (3, 3)), np.zeros(3)])
    yield _vocabulary(rng, apart, np.arange(4), 3)
    outvoted = rng.uniform(0.97, 1, (6, 1))
    yield _vocabulary(rng, outvoted, np.array([0, 0, 0, 0, 0, 1]), 2)
    shifted = np.vstack([rng.uniform(0.97, 1, (2, 1)), rng.uniform(-1, -0.97, (2, 1))])
    yield _vocabulary(rng, shifted, np.array([0, 0, 1, 1]), 2)


def _vocabulary(rng, X, y, steps, k=700):
    words = rng.choice(k, len(X), replace=False)
    return Call((1e3 * X, words[y], k), {"lr": float(0.95 * 2 * k / _curvature(1e3 * X)), "steps": steps})


def _few(rng):
    """One example; one class; labels that leave out the last class, the first one, and one between."""
    yield _call(rng.normal(0, 1, (1, 2)), rng.integers(0, 3, 1), 3, 4)
    yield _call(rng.normal(0, 1, (4, 2)), np.zeros(4, dtype=np.int64), 1, 3)
    yield _call(rng.normal(0, 1, (9, 2)), 1 + 2 * _labels(rng, 9, 2), 5, 5)
    yield _call(rng.normal(0, 1, (6, 1)), _labels(rng, 6, 2), 3, 1)


def _long(rng):
    yield Call((rng.uniform(-1, 1, (6, 1)), _labels(rng, 6, 2), 2))
    yield Call((rng.uniform(-1, 1, (5, 2)), _labels(rng, 5, 2), 2), {"lr": 0.1, "steps": 60})


def _layouts(rng):
    yield _call(rng.integers(-4, 5, (9, 3)), _labels(rng, 9, 3).astype(np.int8), 3, 5)
    yield _call(rng.integers(-100, 101, (8, 2)).astype(np.int8), _labels(rng, 8, 2).astype(np.int32), 2, 5)
    yield _call(rng.normal(0.5, 1, (12, 2)).astype(np.float32), _labels(rng, 12, 3), 3, 4)
    for array in odd_layouts(lambda shape: rng.normal(0.5, 1, shape), (8, 3)):
        labels = np.repeat(_labels(rng, 8, 3), 2)[::2]
        labels.flags.writeable = False
        yield _call(array, labels, 3, 5)


# --- known mistakes --------------------------------------------------------------------------------------------


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


@mistake("sum-for-mean")
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


@mistake("divided-by-n-and-k")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The gradient is divided by all n·k entries of the residual; the loss is a mean over n examples."""
    k = num_classes
    return _descend(X, y, k, lr / k, steps, decay=l2 * k, penalty=l2 / 2)


@mistake("losses-summed")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The steps are right, but the recorded losses add up the examples; their mean is asked for."""
    W, b, losses = _descend(X, y, num_classes, lr, steps, decay=l2, penalty=l2 / 2 / len(y))
    return W, b, len(y) * losses


@mistake("base-2")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The recorded losses are in bits; this course counts in nats, the natural logarithm."""
    W, b, losses = _descend(X, y, num_classes, lr, steps, decay=l2, penalty=l2 / 2 * np.log(2))
    return W, b, losses / np.log(2)


@mistake("loss-after-update")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """Each loss is taken after its update. At zero weights every class is equally likely: what must the first
    loss be?
    """
    W, b, _ = right.train_softmax_regression(X, y, num_classes, l2, lr, steps)
    return W, b, right.train_softmax_regression(X, y, num_classes, l2, lr, steps + 1)[2][1:]


@mistake("one-loss-too-many")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """There is one loss too many: the one after the last update is not asked for."""
    W, b, _ = right.train_softmax_regression(X, y, num_classes, l2, lr, steps)
    return W, b, right.train_softmax_regression(X, y, num_classes, l2, lr, steps + 1)[2]


@mistake("one-step-too-many")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """There is one update more than `steps`, after the last recorded loss."""
    losses = right.train_softmax_regression(X, y, num_classes, l2, lr, steps)[2]
    return *right.train_softmax_regression(X, y, num_classes, l2, lr, steps + 1)[:2], losses


@mistake("one-step-short")
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


@mistake("weights-transposed")
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


@mistake("half-missing")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The penalty is twice too large, in the losses and in the gradient: a half stands before ‖W‖²."""
    return _descend(X, y, num_classes, lr, steps, decay=2 * l2, penalty=l2)


@mistake("half-missing-in-gradient")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The weights decay twice too fast: what becomes of the half when (l2/2)‖W‖² is differentiated?"""
    return _descend(X, y, num_classes, lr, steps, decay=2 * l2, penalty=l2 / 2)


@mistake("half-missing-in-loss")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """The steps are right, but the penalty in the recorded losses is twice too large."""
    return _descend(X, y, num_classes, lr, steps, decay=l2, penalty=l2)


@mistake("penalty-divided-by-n")
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
    can be had without ever forming the probability.
    """
    return _descend(X, y, num_classes, lr, steps, decay=l2, penalty=l2 / 2, log=np.log)


@mistake("epsilon-in-log")
def _(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    """log(p + 1e-12) caps the loss of an example at 27.6 nats. The log-probability can be had without ever
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


X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0]])
Y = np.array([0, 1, 1])
FAR = np.array([[1000.0, 0.0], [0.0, 1000.0], [0.0, 0.0]])

exercise = Exercise(
    name="train_softmax_regression",
    topic="matching",
    reference=right.train_softmax_regression,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    checks=(
        Check(
            "reaches the W and b of gradient descent from zeros",
            example=Call((X, Y, 2), {"lr": 0.6, "steps": 2}),
            inputs=_ordinary,
            judge=_judged_by(0, 1),
            hint="With steps=1 every probability is 1/k: work out one entry of W by hand and compare.",
        ),
        Check(
            "records the mean cross-entropy before every update",
            example=Call((X, Y, 2), {"lr": 0.6, "steps": 2}),
            inputs=_ordinary,
            weight=0.5,
            judge=_judged_by(2),
            hint="The first loss is that of zero weights: log k, in nats.",
        ),
        Check(
            "shrinks the weights by l2, but not the bias",
            example=Call((X, Y, 2), {"l2": 0.5, "lr": 0.6, "steps": 2}),
            inputs=_penalised,
            weight=0.5,
            judge=_judged_by(0, 1),
            hint="The gradient of (l2/2)‖W‖² is added to that of the mean loss.",
        ),
        Check(
            "adds the penalty to every recorded loss",
            example=Call((X, Y, 2), {"l2": 0.5, "lr": 0.6, "steps": 2}),
            inputs=_penalised,
            weight=0.5,
            judge=_judged_by(2),
            hint="Each loss is the whole objective, penalty included, at the weights before the update.",
        ),
        Check(
            "stays finite for large features",
            example=Call((FAR, np.array([0, 1, 2]), 700), {"lr": 0.004, "steps": 2}),
            inputs=_large,
            weight=0.5,
            hint="A step can take the logits beyond 709.78, where exp overflows. A shift leaves softmax as it is.",
        ),
        Check(
            "takes one example, one class, or a class without examples",
            example=Call((X, Y, 4), {"lr": 0.6, "steps": 2}),
            inputs=_few,
            weight=0.25,
            hint="W has num_classes columns, whatever the labels are.",
        ),
        Check(
            "takes 200 steps of 0.5 unless told otherwise",
            example=Call((np.array([[-1.0], [0.5], [1.0]]), Y, 2)),
            inputs=_long,
            weight=0.5,
            hint="The defaults stand in the function's signature; every step counts, without an early stop.",
        ),
        takes_any_layout(
            Call((X.astype(np.int64), Y.astype(np.int8), 2), {"lr": 0.6, "steps": 2}),
            _layouts,
            hint="Convert the features with np.asarray(X, dtype=float) and make new arrays for W and b.",
        ),
        leaves_arguments_unchanged(
            Call((X, Y, 2), {"lr": 0.6, "steps": 2}), _ordinary, weight=0.25, judge=_judged_by(0, 1)
        ),
    ),
)
