"""train_softmax_regression(X, y, num_classes, l2=0.0, lr=0.5, steps=200): gradient descent on the full batch."""

from functools import partial

import numpy as np

from autograder.exercises._places import judged_by
from autograder.exercises.matching import _training_draws as draws
from autograder.exercises.matching._training_mistakes import mistake
from autograder.judging import (
    ANY_KIND,
    NEW_ARRAYS,
    Call,
    Check,
    Exercise,
    Hint,
    leaves_arguments_unchanged,
    takes_any_layout,
    tolerance_for,
)
from autograder.solutions import matching as right

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


_judged_by = partial(judged_by, NAMES)

X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0]])
Y = np.array([0, 1, 1])
FAR = np.array([[1000.0, 0.0], [0.0, 1000.0], [0.0, 0.0]])


def _textbook(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    onehot = np.eye(num_classes)[y]
    W, b, losses = np.zeros((X.shape[1], num_classes)), np.zeros(num_classes), np.zeros(steps)
    for step in range(steps):
        weights = np.exp(X @ W + b)
        p = weights / np.sum(weights, axis=1, keepdims=True)
        losses[step] = -np.sum(onehot * np.log(p)) / len(y) + l2 / 2 * np.sum(W**2)
        residual = (p - onehot) / len(y)
        W = W - lr * (X.T @ residual + l2 * W)
        b = b - lr * np.sum(residual, axis=0)
    return W, b, losses


exercise = Exercise(
    name="train_softmax_regression",
    topic="matching",
    reference=right.train_softmax_regression,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook,),
    checks=(
        Check(
            "reaches the W and b of gradient descent from zeros",
            example=Call((X, Y, 2), {"lr": 0.6, "steps": 2}),
            inputs=draws.ordinary,
            judge=_judged_by(0, 1),
            hint="With steps=1 every probability is 1/k: work out one entry of W by hand and compare.",
        ),
        Check(
            "records the mean cross-entropy before every update",
            example=Call((X, Y, 2), {"lr": 0.6, "steps": 2}),
            inputs=draws.ordinary,
            weight=0.5,
            judge=_judged_by(2),
            hint="The first loss is that of zero weights: log k, in nats.",
        ),
        Check(
            "shrinks the weights by l2, but not the bias",
            example=Call((X, Y, 2), {"l2": 0.5, "lr": 0.6, "steps": 2}),
            inputs=draws.penalised,
            weight=0.5,
            judge=_judged_by(0, 1),
            hint="The gradient of (l2/2)‖W‖² is added to that of the mean loss.",
        ),
        Check(
            "adds the penalty to every recorded loss",
            example=Call((X, Y, 2), {"l2": 0.5, "lr": 0.6, "steps": 2}),
            inputs=draws.penalised,
            weight=0.5,
            judge=_judged_by(2),
            hint="Each loss is the whole objective, penalty included, at the weights before the update.",
        ),
        Check(
            "stays finite for large features",
            example=Call((FAR, np.array([0, 1, 2]), 700), {"lr": 0.004, "steps": 2}),
            inputs=draws.large,
            weight=0.5,
            hint="A step can take the logits beyond 709.78, where exp overflows. A shift leaves softmax as it is.",
        ),
        Check(
            "takes one example, one class, or a class without examples",
            example=Call((X, Y, 4), {"lr": 0.6, "steps": 2}),
            inputs=draws.few,
            weight=0.25,
            hint="W has num_classes columns, whatever the labels are.",
        ),
        Check(
            "takes 200 steps of 0.5 unless told otherwise",
            example=Call((np.array([[-1.0], [0.5], [1.0]]), Y, 2)),
            inputs=draws.long,
            weight=0.5,
            hint="The defaults stand in the function's signature; every step counts, without an early stop.",
        ),
        takes_any_layout(
            Call((X.astype(np.int64), Y.astype(np.int8), 2), {"lr": 0.6, "steps": 2}),
            draws.layouts,
            hint=(
                Hint(
                    "Convert the features with np.asarray(X, dtype=float), and make W and b float64, too.",
                    ANY_KIND,
                ),
                NEW_ARRAYS,
            ),
        ),
        leaves_arguments_unchanged(
            Call((X, Y, 2), {"lr": 0.6, "steps": 2}), draws.ordinary, weight=0.25, judge=_judged_by(0, 1)
        ),
    ),
)
