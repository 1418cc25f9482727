"""cross_entropy_grad(logits, y): the gradient of the mean loss with respect to the logits."""

import numpy as np

from autograder.exercises.softmax._draws import labelled, labelled_layouts, one_of_a_kind
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    Use,
    leaves_arguments_unchanged,
    takes_any_layout,
    tolerance_for,
)
from autograder.solutions import softmax as right

mistake = Misconceptions()


def _tolerance(call, single):
    """The p of a large logit is rounded by eps·|z| of its size, and of 1 where one-hot is subtracted from it."""
    z = float(np.abs(call.args[0]).max())
    return tolerance_for(max(1.0, z), single=single, conditioned=z)


@mistake("missing-1-over-n", slip=True)
def _(logits, y):
    """This is the gradient of the *sum* of the losses. The loss is their mean: the batch size is missing."""
    return right.cross_entropy_grad(logits, y) * len(y)


@mistake("divided-by-n-and-k", slip=True)
def _(logits, y):
    """The gradient is divided by all n·k entries; the loss is a mean over n examples."""
    return right.cross_entropy_grad(logits, y) / np.shape(logits)[1]


@mistake("one-hot-missing")
def _(logits, y):
    """These are the probabilities over n; nothing is subtracted at the true class. Each row of the gradient
    sums to zero.
    """
    return right.softmax(logits) / len(y)


@mistake("true-class-only")
def _(logits, y):
    """Only the true class has a gradient here, but raising any other logit changes the loss as well."""
    gradient = np.zeros(np.shape(logits))
    gradient[np.arange(len(y)), y] = right.cross_entropy_grad(logits, y)[np.arange(len(y)), y]
    return gradient


@mistake("sign-flipped", slip=True)
def _(logits, y):
    """The sign is flipped: a step against this gradient makes the loss larger."""
    return -right.cross_entropy_grad(logits, y)


@mistake("no-max-shift")
def _(logits, y):
    """Exp overflows float64 beyond 709.78 and underflows to 0 below -745. Shift each row by its maximum
    before exp.
    """
    weights = np.exp(logits)
    gradient = weights / np.sum(weights, axis=1, keepdims=True)
    gradient[np.arange(len(y)), y] -= 1
    return gradient / len(y)


@mistake("global-max-shift")
def _(logits, y):
    """One shift for the whole batch: a row far below the global maximum underflows, and 0 / 0 is nan. Each
    row needs its own maximum.
    """
    weights = np.exp(logits - np.max(logits))
    gradient = weights / np.sum(weights, axis=1, keepdims=True)
    gradient[np.arange(len(y)), y] -= 1
    return gradient / len(y)


@mistake("shift-when-positive")
def _(logits, y):
    """The logits are shifted only where they are large and positive. Far below zero every exponential underflows
    to 0: the maximum of a row has to go whatever its sign.
    """
    weights = np.exp(logits - np.maximum(np.max(logits, axis=1, keepdims=True), 0))
    gradient = weights / np.sum(weights, axis=1, keepdims=True)
    gradient[np.arange(len(y)), y] -= 1
    return gradient / len(y)


@mistake("softmax-over-examples")
def _(logits, y):
    """The probabilities sum to one over the examples; they should over the classes of each example."""
    gradient = right.softmax(logits, 0)
    gradient[np.arange(len(y)), y] -= 1
    return gradient / len(y)


@mistake("labels-from-one")
def _(logits, y):
    """The labels are taken to count from 1; they count from 0."""
    return right.cross_entropy_grad(logits, np.asarray(y) - 1)


@mistake("squared-error")
def _(logits, y):
    """This is the derivative of a squared error with respect to the *probabilities*. Cross-entropy with
    respect to the *logits* is simpler.
    """
    return 2 * right.cross_entropy_grad(logits, y)


@mistake("softmax-twice")
def _(logits, y):
    """Softmax is applied to its own output: the gradient is that of another loss."""
    return right.cross_entropy_grad(right.softmax(logits), y)


@mistake("averaged-over-batch")
def _(logits, y):
    """The gradient is summed over the batch; every example has its own row in it."""
    return np.sum(right.cross_entropy_grad(logits, y), axis=0)


@mistake("extra-softmax-derivative")
def _(logits, y):
    """A factor p(1 - p) too many: the derivative of softmax is already contained in p - one-hot."""
    p = right.softmax(logits)
    return right.cross_entropy_grad(logits, y) * p * (1 - p)


@mistake("input-mutated")
def _(logits, y):
    """`logits -= …` writes into the caller's array. Make a new one: `logits = logits - …`."""
    result = right.cross_entropy_grad(logits, y)
    logits -= np.max(logits, axis=1, keepdims=True)
    return result


@mistake("every-label-for-every-row")
def _(logits, y):
    """`p[:, y] -= 1` changes the labels of all examples in every row. Each row has its own label alone: index rows
    and labels in pairs.
    """
    gradient = right.softmax(logits)
    gradient[:, y] -= 1
    return gradient / len(y)


def _textbook(logits, y):
    weights = np.exp(logits - np.max(logits, axis=1, keepdims=True))
    p = weights / np.sum(weights, axis=1, keepdims=True)
    return (p - np.eye(p.shape[1])[y]) / len(y)


def _on_softmax(softmax):
    return lambda logits, y: (softmax(logits, axis=1) - np.eye(logits.shape[1])[y]) / len(y)


exercise = Exercise(
    name="cross_entropy_grad",
    topic="softmax",
    reference=right.cross_entropy_grad,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    uses=(Use("softmax", _on_softmax),),
    textbook=(_textbook,),
    checks=(
        Check(
            "matches (softmax - one-hot) / n on ordinary logits",
            example=Call((np.array([[2.0, 1.0, 0.1], [0.0, 3.0, -1.0]]), np.array([0, 2]))),
            inputs=labelled(ordinary=True),
            weight=1.5,
            hint="Each row of the gradient sums to zero. Hold it against central differences of cross_entropy.",
        ),
        Check(
            "stays finite for large logits",
            example=Call((np.array([[1000.0, 0.0], [0.0, 1.0]]), np.array([1, 1]))),
            inputs=labelled(ordinary=False),
            hint="exp overflows float64 beyond 709.78. Softmax doesn't change when a row is shifted.",
        ),
        Check(
            "works for one example and for one class",
            example=Call((np.array([[2.0, 1.0, 0.1]]), np.array([0]))),
            inputs=one_of_a_kind,
            weight=0.5,
        ),
        takes_any_layout(Call((np.array([[1, 2], [3, 5]]), np.array([1, 0], dtype=np.int32))), labelled_layouts),
        leaves_arguments_unchanged(
            Call((np.array([[2.0, 1.0, 0.1], [0.0, 3.0, -1.0]]), np.array([0, 2]))), labelled(ordinary=True)
        ),
    ),
)
