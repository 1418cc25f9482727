"""hidden_layer_loss_grad(X, y, W1, b1, W2, b2): the loss of a network with one hidden layer, and its gradient."""

from functools import partial

import numpy as np

from autograder.exercises._places import judged_by
from autograder.exercises.losses._draws import network, network_layouts
from autograder.exercises.losses._network_mistakes import mistake
from autograder.judging import Call, Check, Exercise, leaves_arguments_unchanged, takes_any_layout, tolerance_for
from autograder.solutions import losses as right
from autograder.solutions.softmax import softmax


def _tolerance(call, single):
    """Each sum is rounded at the size of its terms: first what goes into tanh, whose slope is at most 1, then the
    logits. An error of a logit reaches the probabilities undiminished, and the gradient through W2 and the inputs.
    """
    X, W1, b1, W2, b2 = (np.abs(call.args[i]).astype(np.float64) for i in (0, 2, 3, 4, 5))
    before = max(1.0, float((X @ W1 + b1).max()))
    logits = max(1.0, float((W2.sum(axis=0) + b2).max()))
    reach = max(1.0, float(W2.sum(axis=1).max())) * max(1.0, float(X.max()))
    return tolerance_for(before * logits * reach, single=single)


_judged_by = partial(judged_by, ("loss", "dW1", "db1", "dW2", "db2"))
by_loss, by_output, by_hidden = _judged_by(0), _judged_by(3, 4), _judged_by(1, 2)


def _ordinary(rng):
    """No dimension equals another, so that a transposed gradient shows."""
    for sizes in ((6, 3, 5, 4), (4, 2, 7, 3)):
        yield network(rng, sizes)


def _large(rng):
    """Logits up to 1e4, in rows of other sizes; labels are often the least likely class."""
    for large in (2000.0, 500.0):
        X, y, W1, b1, W2, b2 = network(rng, (6, 3, 5, 4), large=large).args
        b2 = b2 + np.array([0.0, 0.0, 0.0, 1e3])
        y = np.argmin(np.tanh(X @ W1 + b1) @ W2 + b2, axis=1)
        yield Call((X, y, W1, b1, W2, b2))
    for sign in (1, -1):
        X, y, W1, b1, W2, b2 = network(rng, (5, 2, 3, 4)).args
        yield Call((X, y, W1, b1, W2, b2 + sign * rng.uniform(5e3, 1e4)))
    yield _far_apart(rng)


def _far_apart(rng):
    """Two kinds of examples, one with logits near 2e3 and one with logits near -2e3: no shift suits both."""
    X, y, W1, b1, W2, b2 = network(rng, (4, 1, 2, 3)).args
    X, W1, b1 = np.resize([40.0, -40.0], (4, 1)), rng.uniform(1, 2, (1, 2)), np.zeros(2)
    return Call((X, y, W1, b1, 1000.0 + W2, b2))


def _few(rng):
    """One example; one input, one hidden unit; a class without examples; one class alone."""
    for sizes in ((1, 3, 4, 3), (5, 1, 1, 2), (3, 2, 4, 6), (3, 2, 3, 1)):
        yield network(rng, sizes)


EXAMPLE = Call(
    (
        np.array([[1.0, 0.0], [0.0, -1.0], [0.5, 2.0]]),
        np.array([0, 1, 1]),
        np.array([[0.5, -1.0], [1.0, 0.25]]),
        np.array([0.0, 0.5]),
        np.array([[1.0, -1.0], [0.5, 2.0]]),
        np.array([0.1, 0.0]),
    )
)


def _textbook(X, y, W1, b1, W2, b2):
    h = np.tanh(X @ W1 + b1)
    p = softmax(h @ W2 + b2, axis=1)
    loss = -np.mean(np.log(p[np.arange(len(y)), y]))
    dz = (p - np.eye(p.shape[1])[y]) / len(y)
    da = dz @ W2.T * (1 - h**2)
    return loss, X.T @ da, np.sum(da, axis=0), h.T @ dz, np.sum(dz, axis=0)


def _by_logarithms(X, y, W1, b1, W2, b2):
    own = np.arange(len(y)), y
    h = np.tanh(X @ W1 + b1)
    z = h @ W2 + b2
    z = z - np.max(z, axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    dz = np.exp(log_p)
    dz[own] -= 1.0
    dz = dz / len(y)
    da = (dz @ W2.T) * (1 - h**2)
    return -np.mean(log_p[own]), X.T @ da, np.sum(da, axis=0), h.T @ dz, np.sum(dz, axis=0)


exercise = Exercise(
    name="hidden_layer_loss_grad",
    topic="losses",
    reference=right.hidden_layer_loss_grad,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook, _by_logarithms),
    checks=(
        Check(
            "gives the mean cross-entropy of the labels first",
            example=EXAMPLE,
            inputs=_ordinary,
            weight=1.25,
            judge=by_loss,
            hint="Forward: X W1 + b1, tanh, times W2, plus b2; then the mean of -log softmax at the labels.",
        ),
        Check(
            "gives the gradient of the output layer in dW2 and db2",
            example=EXAMPLE,
            inputs=_ordinary,
            judge=by_output,
            hint="With respect to the logits it is (softmax - one-hot) / n. What multiplies each entry of W2?",
        ),
        Check(
            "gives the gradient of the hidden layer in dW1 and db1",
            example=EXAMPLE,
            inputs=_ordinary,
            weight=1.25,
            judge=by_hidden,
            hint="Backward: times W2 transposed, times the slope of tanh, then as in the output layer.",
        ),
        Check(
            "stays finite and exact for large logits",
            example=Call((*EXAMPLE.args[:4], 1000 * EXAMPLE.args[4], EXAMPLE.args[5])),
            inputs=_large,
            judge=_judged_by(0, 3, 4),
            hint="exp overflows float64 beyond 709.78. Softmax doesn't change when a row is shifted.",
        ),
        Check(
            "works for one example, one hidden unit or a class without examples",
            example=Call((EXAMPLE.args[0][:1], EXAMPLE.args[1][:1], *EXAMPLE.args[2:])),
            inputs=_few,
            weight=0.5,
            judge=_judged_by(0, 3, 4),
            hint="W2 has a column for every class, whatever the labels are.",
        ),
        takes_any_layout(
            Call((np.array([[1, 0], [0, -1], [2, 1]]), np.array([0, 1, 1], dtype=np.int32), *EXAMPLE.args[2:])),
            network_layouts,
        ),
        leaves_arguments_unchanged(EXAMPLE, _ordinary, judge=by_loss),
    ),
)
