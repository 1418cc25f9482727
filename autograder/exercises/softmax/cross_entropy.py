"""cross_entropy(logits, y): the mean negative log-likelihood of the labels, in nats."""

import numpy as np

from autograder.exercises.softmax._draws import labelled, labelled_layouts, log_tolerance, one_of_a_kind
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    Use,
    leaves_arguments_unchanged,
    takes_any_layout,
)
from autograder.solutions import softmax as right

mistake = Misconceptions()


@mistake("sum-for-mean", slip=True)
def _(logits, y):
    """The losses are added up; their mean is asked for, so that the batch size drops out."""
    return right.cross_entropy(logits, y) * len(y)


@mistake("divided-by-n-and-k", slip=True)
def _(logits, y):
    """The mean runs over all n·k entries of the one-hot product; there are only n losses."""
    return right.cross_entropy(logits, y) / np.shape(logits)[1]


@mistake("mean-forgotten")
def _(logits, y):
    """One loss per example comes back; their mean, a scalar, is asked for."""
    return -right.log_softmax(logits)[np.arange(len(y)), y]


@mistake("sign-flipped", slip=True)
def _(logits, y):
    """This is the mean log-likelihood. The loss is its negative: never below zero, smaller is better."""
    return -right.cross_entropy(logits, y)


@mistake("log-forgotten")
def _(logits, y):
    """This is minus the mean probability of the labels; the logarithm is missing."""
    return -np.mean(right.softmax(logits)[np.arange(len(y)), y])


@mistake("no-max-shift")
def _(logits, y):
    """Exp overflows float64 beyond 709.78 and underflows to 0 below -745. Shift each row by its maximum
    before exp.
    """
    log_p = logits - np.log(np.sum(np.exp(logits), axis=1, keepdims=True))
    return -np.mean(log_p[np.arange(len(y)), y])


@mistake("log-of-softmax")
def _(logits, y):
    """Where the true class has a probability below 1e-323 softmax gives 0 and the loss inf. The log-probability
    can be computed without forming the probability.
    """
    return -np.mean(np.log(right.softmax(logits)[np.arange(len(y)), y]))


@mistake("epsilon-in-log")
def _(logits, y):
    """log(p + 1e-12) caps the loss at 27.6 nats and bends it on the way. The log-probability can be computed
    without forming p.
    """
    return -np.mean(np.log(right.softmax(logits)[np.arange(len(y)), y] + 1e-12))


@mistake("global-max-shift")
def _(logits, y):
    """One shift for the whole batch: a row far below the global maximum underflows to log 0. Each row needs
    its own maximum.
    """
    shifted = logits - np.max(logits)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    return -np.mean(log_p[np.arange(len(y)), y])


@mistake("shift-when-positive")
def _(logits, y):
    """The logits are shifted only where they are large and positive. Far below zero every exponential underflows
    to 0: the maximum of a row has to go whatever its sign.
    """
    shifted = logits - np.maximum(np.max(logits, axis=1, keepdims=True), 0)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    return -np.mean(log_p[np.arange(len(y)), y])


@mistake("softmax-twice")
def _(logits, y):
    """Softmax is applied twice: the loss takes logits, and is given probabilities. It can then never come
    near zero.
    """
    return right.cross_entropy(right.softmax(logits), y)


@mistake("base-2", slip=True)
def _(logits, y):
    """The logarithm has base 2; this course counts in nats, the natural logarithm."""
    return right.cross_entropy(logits, y) / np.log(2)


@mistake("one-hot-missing")
def _(logits, y):
    """Every class counts, whatever the labels say. Only the log-probability of each example's own label
    belongs in the loss.
    """
    return -np.mean(np.sum(right.log_softmax(logits), axis=1))


@mistake("predicted-for-true")
def _(logits, y):
    """The probability of the *predicted* class is taken; the loss asks for that of the *true* one."""
    return -np.mean(np.max(right.log_softmax(logits), axis=1))


@mistake("labels-from-one")
def _(logits, y):
    """The labels are taken to count from 1; they count from 0."""
    return -np.mean(right.log_softmax(logits)[np.arange(len(y)), np.asarray(y) - 1])


@mistake("softmax-over-examples")
def _(logits, y):
    """The probabilities sum to one over the examples; they should over the classes of each example."""
    return -np.mean(right.log_softmax(logits, 0)[np.arange(len(y)), y])


@mistake("squared-error")
def _(logits, y):
    """This is the squared error of the probabilities. Cross-entropy is minus the log-probability of the label."""
    return np.mean(np.sum((right.softmax(logits) - np.eye(np.shape(logits)[1])[y]) ** 2, axis=1))


@mistake("input-mutated")
def _(logits, y):
    """`logits -= …` writes into the caller's array. Make a new one: `logits = logits - …`."""
    result = right.cross_entropy(logits, y)
    logits -= np.max(logits, axis=1, keepdims=True)
    return result


@mistake("every-label-for-every-row")
def _(logits, y):
    """`log_p[:, y]` takes the labels of all examples from every row. Each row needs its own label alone: index
    rows and labels in pairs.
    """
    return -np.mean(right.log_softmax(logits)[:, y])


def _textbook(logits, y):
    weights = np.exp(logits)
    p = weights / np.sum(weights, axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(y)), y]))


def _stable(logits, y):
    shifted = logits - np.max(logits, axis=1, keepdims=True)
    p = np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True)
    return -np.sum(np.log(p[np.arange(len(y)), y])) / len(y)


def _by_logsumexp(logits, y):
    top = np.max(logits, axis=1)
    evidence = top + np.log(np.sum(np.exp(logits - top[:, np.newaxis]), axis=1))
    return np.mean(evidence - logits[np.arange(len(y)), y])


def _on_log_softmax(log_softmax):
    return lambda logits, y: -np.mean(log_softmax(logits, axis=1)[np.arange(len(y)), y])


exercise = Exercise(
    name="cross_entropy",
    topic="softmax",
    reference=right.cross_entropy,
    tolerance=log_tolerance,
    misconceptions=tuple(mistake),
    uses=(Use("log_softmax", _on_log_softmax),),
    textbook=(
        _stable,
        _textbook,
        _by_logsumexp,
    ),
    checks=(
        Check(
            "matches the mean of -log p(true class) on ordinary logits",
            example=Call((np.array([[2.0, 1.0, 0.1], [0.0, 3.0, -1.0]]), np.array([0, 2]))),
            inputs=labelled(ordinary=True),
            hint=(
                "For each example only the log-probability of its own label counts; the loss is minus their mean."
            ),
        ),
        Check(
            "stays finite and exact when the true class is all but impossible",
            example=Call((np.array([[0.0, 1000.0], [0.0, 1.0]]), np.array([0, 1]))),
            inputs=labelled(ordinary=False),
            hint="The loss of such an example is about the gap between the logits: large, but never inf or nan.",
        ),
        Check(
            "works for one example and for one class",
            example=Call((np.array([[2.0, 1.0, 0.1]]), np.array([0]))),
            inputs=one_of_a_kind,
            weight=0.5,
        ),
        takes_any_layout(
            Call((np.array([[1, 2], [3, 5]]), np.array([1, 0], dtype=np.int32))), labelled_layouts, weight=0.25
        ),
        leaves_arguments_unchanged(
            Call((np.array([[2.0, 1.0, 0.1], [0.0, 3.0, -1.0]]), np.array([0, 2]))),
            labelled(ordinary=True),
            weight=0.25,
        ),
    ),
)
