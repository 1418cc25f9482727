"""fit_logistic(X, y, l2=0.0, lr=0.1, steps=1000): logistic regression by gradient descent."""

import numpy as np

from autograder.exercises.bernoulli import _training_draws as draws
from autograder.judging import (
    ANY_KIND,
    EPS,
    EPS32,
    FLOOR,
    NEW_ARRAYS,
    RELATIVE,
    Call,
    Check,
    Exercise,
    Hint,
    Misconceptions,
    Tolerance,
    Use,
    leaves_arguments_unchanged,
    takes_any_layout,
)
from autograder.solutions import bernoulli as right

mistake = Misconceptions()


def _arguments(X, y, l2=0.0, lr=0.1, steps=1000):  # the signature that calls are bound to
    return np.asarray(X, dtype=np.float64), l2, lr, steps


def _tolerance(call, single):
    """Below the stability bound an update brings no two weight vectors further apart, so that the roundings of
    the updates add up and no more. One update is rounded at the size of w, and of lr times: the residuals (at
    most 1) along the rows of X; the logits, of size |x||w|, through a sigmoid of slope ¼ and the rows
    again; the penalty. After t updates |w| is at most lr·t times the mean length of a row.
    """
    X, l2, lr, steps = _arguments(*call.args, **call.kwargs)
    lengths = np.linalg.norm(X, axis=1)
    reach = lr * steps * lengths.mean()
    update = reach + lr * (lengths.mean() + (lengths**2).mean() * reach / 4 + l2 * reach)
    eps = EPS32 if single else EPS
    return Tolerance(relative=max(RELATIVE, 4 * FLOOR * eps), absolute=FLOOR * eps * max(steps, 1) * update)


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _descend(X, y, lr, steps, gradient):
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        w = w - lr * gradient(w)
    return w


def _mean_gradient(X, y, w):
    return X.T @ (_sigmoid(X @ w) - y) / len(y)


@mistake("ascent")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The weights climb: this is gradient ascent on the loss. A step goes against the gradient."""
    return right.fit_logistic(X, y, l2, -lr, steps)


@mistake("sum-for-mean", slip=True)
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The gradient is that of the *sum* of the losses; the objective is their mean: the number of examples is
    missing.
    """
    return right.fit_logistic(X, y, l2 / len(y), lr * len(y), steps)


@mistake("one-update-too-many", slip=True)
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """There is one update too many. How often does the body of your loop run?"""
    return right.fit_logistic(X, y, l2, lr, steps + 1)


@mistake("one-update-too-few", slip=True)
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """There is one update too few. How often does the body of your loop run?"""
    return right.fit_logistic(X, y, l2, lr, max(steps - 1, 0))


@mistake("steps-ignored")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The argument `steps` is ignored: there are always a thousand updates."""
    return right.fit_logistic(X, y, l2, lr, 1000)


@mistake("lr-ignored")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The argument `lr` is ignored: the step size is always 0.1."""
    return right.fit_logistic(X, y, l2, 0.1, steps)


@mistake("sigmoid-forgotten")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The labels are held against the logits X w themselves: that is linear regression. The sigmoid is missing."""
    return _descend(X, y, lr, steps, lambda w: X.T @ (X @ w - y) / len(y) + l2 * w)


@mistake("first-weight-unpenalised")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The first weight is spared the penalty, as if it were a bias. The model has none: l2 shrinks all weights."""
    return _descend(X, y, lr, steps, lambda w: _mean_gradient(X, y, w) + l2 * np.append(0.0, w[1:]))


@mistake("squared-error")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """A factor p(1 - p) too many: it belongs to the squared error of the probabilities, not to the log-loss."""

    def gradient(w):
        p = _sigmoid(X @ w)
        return X.T @ ((p - y) * p * (1 - p)) / len(y) + l2 * w

    return _descend(X, y, lr, steps, gradient)


@mistake("zeros-ignored")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """Examples with label 0 don't move the weights. A loss of the form log(1 + exp(-y z)) wants labels -1 and 1;
    these are 0 and 1.
    """
    return _descend(X, y, lr, steps, lambda w: X.T @ ((_sigmoid(X @ w) - 1) * y) / len(y) + l2 * w)


@mistake("one-example-per-step")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """Each update looks at a single example: that is stochastic descent. The gradient asked for is the mean over
    the whole batch, in every update.
    """
    w = np.zeros(X.shape[1])
    for step in range(steps):
        i = step % len(y)
        w = w - lr * (X[i] * (_sigmoid(X[i] @ w) - y[i]) + l2 * w)
    return w


@mistake("bias-returned")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """A column of ones is added to X, so there is a weight more than there are features. The bias, if any,
    stands in X already.
    """
    return right.fit_logistic(np.column_stack([np.ones(len(y)), X]), y, l2, lr, steps)


@mistake("bias-fitted")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """A bias is fitted on the side, which bends the other weights. The model is X w and nothing else."""
    return right.fit_logistic(np.column_stack([np.ones(len(y)), X]), y, l2, lr, steps)[1:]


@mistake("started-at-ones")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The weights start at 1; they should start at 0, where every probability is one half."""
    w = np.ones(X.shape[1])
    for _ in range(steps):
        w = w - lr * (_mean_gradient(X, y, w) + l2 * w)
    return w


@mistake("features-standardised")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The features are standardised first: these are the weights of other features than those given."""
    return right.fit_logistic((X - np.mean(X, axis=0)) / np.std(X, axis=0), y, l2, lr, steps)


@mistake("probabilities-returned")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """These are the fitted probabilities, one for each example; the weights are asked for."""
    return _sigmoid(X @ right.fit_logistic(X, y, l2, lr, steps))


@mistake("column-returned", slip=True)
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The weights come back as a column, of shape (d, 1); shape (d,) is asked for."""
    return right.fit_logistic(X, y, l2, lr, steps)[:, np.newaxis]


@mistake("l2-ignored")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The argument `l2` has no effect. What does the penalty add to the gradient?"""
    return right.fit_logistic(X, y, 0.0, lr, steps)


@mistake("l2-doubled", slip=True)
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The pull of the penalty is twice too strong: the penalty is *half* of l2 times the squared norm."""
    return right.fit_logistic(X, y, 2 * l2, lr, steps)


@mistake("l2-halved", slip=True)
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The pull of the penalty is half of what it should be. Differentiate the square: what becomes of ½?"""
    return right.fit_logistic(X, y, l2 / 2, lr, steps)


@mistake("l2-divided-by-n", slip=True)
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The penalty is divided by the number of examples. Only the losses are averaged, the penalty is not."""
    return right.fit_logistic(X, y, l2 / len(y), lr, steps)


@mistake("l2-times-n", slip=True)
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The penalty is counted once for each example. Only the losses are averaged; the penalty is added once."""
    return right.fit_logistic(X, y, l2 * len(y), lr, steps)


@mistake("l2-sign-flipped", slip=True)
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The penalty drives the weights away from zero: its sign is flipped."""
    return right.fit_logistic(X, y, -l2, lr, steps)


@mistake("l1-penalty")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """Every weight is pulled with the same force, whatever its size: that is the penalty on absolute values. This
    one is on squares.
    """
    return _descend(X, y, lr, steps, lambda w: _mean_gradient(X, y, w) + l2 * np.sign(w))


@mistake("l2-without-lr")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The pull of the penalty isn't multiplied by `lr`. It is part of the gradient like the rest."""
    return _descend(X, y, lr, steps, lambda w: _mean_gradient(X, y, w) + l2 / lr * w)


@mistake("decay-after-step")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The weights are shrunk after they have moved. The gradient of loss and penalty is taken at one point, and
    one step is made.
    """
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        w = w - lr * _mean_gradient(X, y, w)
        w = w - lr * l2 * w
    return w


@mistake("stops-early")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The loop ends as soon as the gradient is small. Exactly `steps` updates are asked for, so that everybody
    comes to the same weights.
    """
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        gradient = _mean_gradient(X, y, w) + l2 * w
        if np.linalg.norm(gradient) < 1e-6:
            break
        w = w - lr * gradient
    return w


@mistake("exp-overflow")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """exp(z) overflows float64 beyond 709.78, and inf / inf is nan: one example far out is enough. Write the
    sigmoid so that a large logit makes the exponential small.
    """

    def gradient(w):
        weights = np.exp(X @ w)
        return X.T @ (weights / (1 + weights) - y) / len(y) + l2 * w

    return _descend(X, y, lr, steps, gradient)


@mistake("integer-weights")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The weights are kept in an array of the features' own dtype: integer features cut every update to 0."""
    w = np.zeros_like(X[0])
    for _ in range(steps):
        w[...] = w - lr * (_mean_gradient(X, y, w) + l2 * w)
    return w


@mistake("float32-inside")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    X, w = np.asarray(X, dtype=np.float32), np.zeros(X.shape[1], dtype=np.float32)
    for _ in range(steps):
        w = (w - lr * (_mean_gradient(X, y, w) + l2 * w)).astype(np.float32)
    return w


@mistake("input-mutated")
def _(X, y, l2=0.0, lr=0.1, steps=1000):
    """`y *= 2; y -= 1` (or another operation in place) writes into the caller's array. Make a new one."""
    y *= 2
    y -= 1
    return _descend(X, y, lr, steps, lambda w: X.T @ (-y * _sigmoid(-y * (X @ w))) / len(y) + l2 * w)


SMALL = (np.array([[1.0, 2.0], [1.0, -1.0], [1.0, 0.5]]), np.array([1, 0, 0]))
NEAR_AND_FAR = np.concatenate([[[draws.FAR]], np.ones((draws.MANY, 1))])


def _on_bce_grad(bce_grad):
    def fit(X, y, l2=0.0, lr=0.1, steps=1000):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w = w - lr * (X.T @ bce_grad(X @ w, y) + l2 * w)
        return w

    return fit


exercise = Exercise(
    name="fit_logistic",
    topic="bernoulli",
    reference=right.fit_logistic,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    uses=(Use("bce_grad", _on_bce_grad),),
    checks=(
        Check(
            "matches full-batch descent from w = 0 on ordinary data",
            example=Call(SMALL, {"lr": 0.05, "steps": 3}),
            inputs=draws.ordinary,
            weight=1.25,
            hint="Start at w = 0; each update subtracts lr times the gradient of the mean loss over all examples.",
        ),
        Check(
            "adds the gradient of the penalty",
            example=Call(SMALL, {"l2": 0.5, "lr": 0.2, "steps": 10}),
            inputs=draws.penalised,
            weight=0.75,
            hint="What is the gradient of (l2 / 2)‖w‖²? It is added to that of the mean loss, in every update.",
        ),
        Check(
            "makes exactly as many updates as asked, by default a thousand",
            example=Call(SMALL, {"lr": 0.3, "steps": 0}),
            inputs=draws.numbers_of_steps,
            weight=0.5,
            hint="No update gives zeros. There is no early end; without arguments lr is 0.1 and steps 1000.",
        ),
        Check(
            "stays finite and exact for features of very different scales",
            example=Call((NEAR_AND_FAR, np.ones(draws.MANY + 1, dtype=np.int64)), {"lr": 0.025, "steps": 190}),
            inputs=draws.scales,
            weight=0.5,
            hint="One example far out has a logit beyond 709.78, where exp overflows.",
        ),
        Check(
            "works for one example and for one feature",
            example=Call((np.array([[2.0, -1.0]]), np.array([1])), {"lr": 0.5, "steps": 2}),
            inputs=draws.one_of_a_kind,
            weight=0.25,
        ),
        takes_any_layout(
            Call((np.array([[1, 2], [1, -1], [1, 0]]), np.array([1, 0, 0])), {"lr": 0.1, "steps": 3}),
            draws.layouts,
            hint=(
                Hint(
                    "Convert the input with np.asarray(…, dtype=float), and keep the weights in float64.", ANY_KIND
                ),
                NEW_ARRAYS,
            ),
        ),
        leaves_arguments_unchanged(Call(SMALL, {"lr": 0.05, "steps": 3}), draws.ordinary, weight=0.25),
    ),
)
