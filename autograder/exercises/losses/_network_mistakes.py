"""The known mistakes of ``hidden_layer_loss_grad``: a forward and a backward pass, each wrong in one place."""

from __future__ import annotations

import numpy as np

from autograder.judging import Misconceptions
from autograder.solutions import losses as right
from autograder.solutions import softmax as stable

mistake = Misconceptions()


def _floats(X, W1, b1, W2, b2):
    return tuple(np.asarray(value, dtype=np.float64) for value in (X, W1, b1, W2, b2))


def _tanh_slope(_, hidden):
    return 1 - hidden**2


def _passes(
    X, y, W1, b1, W2, b2, *, activation=np.tanh, slope=_tanh_slope, gradient=stable.cross_entropy_grad, scale=1.0
):
    """Return the loss and the gradient. ``slope`` is given what goes into the activation and what comes out of it;
    ``gradient`` returns that with respect to the logits.
    """
    X, W1, b1, W2, b2 = _floats(X, W1, b1, W2, b2)
    before = X @ W1 + b1
    hidden = activation(before)
    logits = hidden @ W2 + b2
    d_logits = scale * gradient(logits, y)
    d_before = (d_logits @ W2.T) * slope(before, hidden)
    loss = stable.cross_entropy(logits, y)
    return loss, X.T @ d_before, d_before.sum(axis=0), hidden.T @ d_logits, d_logits.sum(axis=0)


def _softmax_grad(softmax):
    """Return the gradient of cross-entropy with respect to the logits that a softmax gives."""

    def gradient(logits, y):
        p = softmax(logits)
        p[np.arange(len(y)), y] -= 1
        return p / len(y)

    return gradient


def _naive_softmax(logits):
    weights = np.exp(logits)
    return weights / weights.sum(axis=1, keepdims=True)


def _global_softmax(logits):
    weights = np.exp(logits - logits.max())
    return weights / weights.sum(axis=1, keepdims=True)


def _logits(X, W1, b1, W2, b2):
    X, W1, b1, W2, b2 = _floats(X, W1, b1, W2, b2)
    return np.tanh(X @ W1 + b1) @ W2 + b2


def _losses_from(p, y, log=np.log):
    return -np.mean(log(p[np.arange(len(y)), y]))


@mistake("tanh-slope-missing")
def _(X, y, W1, b1, W2, b2):
    """The gradient passes tanh as if it were not there. Where tanh is flat, a weight before it changes hardly
    anything: which factor says so?
    """
    return _passes(X, y, W1, b1, W2, b2, slope=lambda _, hidden: np.ones_like(hidden))


@mistake("slope-of-wrong-value")
def _(X, y, W1, b1, W2, b2):
    """The slope of tanh is taken as 1 - a² of what goes *into* tanh. It is 1 - h² of what comes out."""
    return _passes(X, y, W1, b1, W2, b2, slope=lambda before, _: 1 - before**2)


@mistake("tanh-twice-in-slope")
def _(X, y, W1, b1, W2, b2):
    """The slope is 1 - tanh(h)², though h is tanh of something already: tanh is applied twice."""
    return _passes(X, y, W1, b1, W2, b2, slope=lambda _, hidden: 1 - np.tanh(hidden) ** 2)


@mistake("slope-not-squared")
def _(X, y, W1, b1, W2, b2):
    """The slope of tanh is taken as 1 - h. Without the square the two sides of 0 differ, and tanh is alike on
    both.
    """
    return _passes(X, y, W1, b1, W2, b2, slope=lambda _, hidden: 1 - hidden)


@mistake("sigmoid-slope")
def _(X, y, W1, b1, W2, b2):
    """The slope h (1 - h) is that of a sigmoid. The hidden units are tanh."""
    return _passes(X, y, W1, b1, W2, b2, slope=lambda _, hidden: hidden * (1 - hidden))


@mistake("tanh-forgotten")
def _(X, y, W1, b1, W2, b2):
    """The hidden units are linear here: two layers without tanh between them are one."""
    return _passes(X, y, W1, b1, W2, b2, activation=np.array, slope=lambda _, hidden: np.ones_like(hidden))


@mistake("sigmoid-for-tanh")
def _(X, y, W1, b1, W2, b2):
    """The hidden units are sigmoids, between 0 and 1; tanh lies between -1 and 1."""
    return _passes(
        X,
        y,
        W1,
        b1,
        W2,
        b2,
        activation=lambda before: 0.5 * (1 + np.tanh(before / 2)),
        slope=lambda _, hidden: hidden * (1 - hidden),
    )


@mistake("relu-for-tanh")
def _(X, y, W1, b1, W2, b2):
    """The hidden units are cut off at 0, as a ReLU does; tanh lets negative values through."""
    return _passes(
        X,
        y,
        W1,
        b1,
        W2,
        b2,
        activation=lambda before: np.maximum(before, 0),
        slope=lambda before, _: (before > 0).astype(float),
    )


@mistake("hidden-bias-ignored")
def _(X, y, W1, b1, W2, b2):
    """b1 has no effect: every hidden unit would change its sign at the origin."""
    return _passes(X, y, W1, np.zeros(len(b1)), W2, b2)


@mistake("output-bias-ignored")
def _(X, y, W1, b1, W2, b2):
    """b2 has no effect on the logits."""
    return _passes(X, y, W1, b1, W2, np.zeros(len(b2)))


@mistake("missing-1-over-n")
def _(X, y, W1, b1, W2, b2):
    """The loss is a mean, and its gradient here that of the *sum* of the losses: the batch size is missing."""
    return _passes(X, y, W1, b1, W2, b2, scale=len(y))


@mistake("divided-by-n-twice")
def _(X, y, W1, b1, W2, b2):
    """The gradient is divided by n twice: in the gradient of the logits, and again after it."""
    return _passes(X, y, W1, b1, W2, b2, scale=1 / len(y))


@mistake("sum-for-mean", slip=True)
def _(X, y, W1, b1, W2, b2):
    """The losses are added up, and so is the gradient; the mean is asked for, so that the batch size drops out."""
    return tuple(value * len(y) for value in right.hidden_layer_loss_grad(X, y, W1, b1, W2, b2))


@mistake("gradient-sign-flipped")
def _(X, y, W1, b1, W2, b2):
    """The loss is right, and the sign of its gradient flipped: a step against it makes the loss larger."""
    return _passes(X, y, W1, b1, W2, b2, scale=-1)


@mistake("bias-gradient-averaged")
def _(X, y, W1, b1, W2, b2):
    """The gradients of the biases are averaged over the batch. 1/n is in the gradient of the logits already: a
    bias is added to each example, so add up.
    """
    loss, dW1, db1, dW2, db2 = right.hidden_layer_loss_grad(X, y, W1, b1, W2, b2)
    return loss, dW1, db1 / len(y), dW2, db2 / len(y)


@mistake("bias-gradient-not-summed")
def _(X, y, W1, b1, W2, b2):
    """The gradients of the biases have a row for each example; a bias is shared by all of them."""
    loss, dW1, _, dW2, _ = right.hidden_layer_loss_grad(X, y, W1, b1, W2, b2)
    X, W1, b1, W2, b2 = _floats(X, W1, b1, W2, b2)
    hidden = np.tanh(X @ W1 + b1)
    d_logits = stable.cross_entropy_grad(hidden @ W2 + b2, y)
    return loss, dW1, (d_logits @ W2.T) * (1 - hidden**2), dW2, d_logits


@mistake("one-hot-missing")
def _(X, y, W1, b1, W2, b2):
    """The gradient of the logits holds the probabilities alone. What is subtracted at the true class?"""
    return _passes(X, y, W1, b1, W2, b2, gradient=lambda logits, y: stable.softmax(logits) / len(y))


@mistake("softmax-over-examples")
def _(X, y, W1, b1, W2, b2):
    """In the gradient the probabilities sum to one over the examples; they should over the classes of each."""
    return _passes(X, y, W1, b1, W2, b2, gradient=_softmax_grad(lambda logits: stable.softmax(logits, 0)))


@mistake("extra-softmax-derivative")
def _(X, y, W1, b1, W2, b2):
    """A factor p(1 - p) too many: with cross-entropy the derivative of softmax is contained in p - one-hot."""

    def gradient(logits, y):
        p = stable.softmax(logits)
        return stable.cross_entropy_grad(logits, y) * p * (1 - p)

    return _passes(X, y, W1, b1, W2, b2, gradient=gradient)


@mistake("output-weights-meet-inputs-of-tanh")
def _(X, y, W1, b1, W2, b2):
    """dW2 is made from what goes into tanh. W2 multiplies what comes out of it."""
    loss, dW1, db1, _, db2 = right.hidden_layer_loss_grad(X, y, W1, b1, W2, b2)
    inputs, first, bias, _, _ = _floats(X, W1, b1, W2, b2)
    d_logits = stable.cross_entropy_grad(_logits(X, W1, b1, W2, b2), y)
    return loss, dW1, db1, (inputs @ first + bias).T @ d_logits, db2


@mistake("weights-transposed")
def _(X, y, W1, b1, W2, b2):
    """dW1 and dW2 are transposed. A gradient has the shape of what it is the gradient of."""
    loss, dW1, db1, dW2, db2 = right.hidden_layer_loss_grad(X, y, W1, b1, W2, b2)
    return loss, dW1.T, db1, dW2.T, db2


@mistake("layers-swapped")
def _(X, y, W1, b1, W2, b2):
    """The gradients of the output layer come first. The order is that of the arguments: W1, b1, W2, b2."""
    loss, dW1, db1, dW2, db2 = right.hidden_layer_loss_grad(X, y, W1, b1, W2, b2)
    return loss, dW2, db2, dW1, db1


@mistake("loss-missing")
def _(X, y, W1, b1, W2, b2):
    """Four gradients come back; the loss belongs before them."""
    return right.hidden_layer_loss_grad(X, y, W1, b1, W2, b2)[1:]


@mistake("loss-last")
def _(X, y, W1, b1, W2, b2):
    """The loss comes last; it is the first of the five values."""
    loss, *gradient = right.hidden_layer_loss_grad(X, y, W1, b1, W2, b2)
    return (*gradient, loss)


@mistake("no-max-shift")
def _(X, y, W1, b1, W2, b2):
    """Exp overflows float64 beyond 709.78, and inf / inf is nan. Shift each row of logits by its maximum before
    exp.
    """
    _, *gradient = _passes(X, y, W1, b1, W2, b2, gradient=_softmax_grad(_naive_softmax))
    return (_losses_from(_naive_softmax(_logits(X, W1, b1, W2, b2)), y), *gradient)


@mistake("global-max-shift")
def _(X, y, W1, b1, W2, b2):
    """One shift for the whole batch: a row far below the global maximum underflows, and 0 / 0 is nan. Each row
    needs its own maximum.
    """
    _, *gradient = _passes(X, y, W1, b1, W2, b2, gradient=_softmax_grad(_global_softmax))
    return (_losses_from(_global_softmax(_logits(X, W1, b1, W2, b2)), y), *gradient)


@mistake("log-of-softmax")
def _(X, y, W1, b1, W2, b2):
    """Where the true class has a probability below 1e-323 softmax gives 0 and the loss inf. The log-probability
    can be computed without forming the probability.
    """
    _, *gradient = right.hidden_layer_loss_grad(X, y, W1, b1, W2, b2)
    return (_losses_from(stable.softmax(_logits(X, W1, b1, W2, b2)), y), *gradient)


@mistake("epsilon-in-log")
def _(X, y, W1, b1, W2, b2):
    """A small constant inside the logarithm caps the loss of an example. The log-probability can be computed
    without forming p.
    """
    _, *gradient = right.hidden_layer_loss_grad(X, y, W1, b1, W2, b2)
    p = stable.softmax(_logits(X, W1, b1, W2, b2))
    return (_losses_from(p, y, lambda chosen: np.log(chosen + 1e-8)), *gradient)


@mistake("float32-inside")
def _(X, y, W1, b1, W2, b2):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    single = (np.asarray(value, dtype=np.float32) for value in (W1, b1, W2, b2))
    values = right.hidden_layer_loss_grad(np.asarray(X, dtype=np.float32), y, *single)
    return tuple(value.astype(np.float32) for value in values)


@mistake("step-taken")
def _(X, y, W1, b1, W2, b2):
    """The weights are changed, as in a step of descent. The function only says in which direction to go: leave the
    caller's arrays as they are.
    """
    result = right.hidden_layer_loss_grad(X, y, W1, b1, W2, b2)
    for value, gradient in zip((W1, b1, W2, b2), result[1:], strict=True):
        value[...] = value - 0.1 * gradient
    return result
