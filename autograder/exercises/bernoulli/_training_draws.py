"""Training sets for fit_logistic, drawn from a seeded generator.

Each function yields calls of one kind. Sizes, scales and the number of each label are fixed, so that every student
gets inputs of the same difficulty; only the numbers differ.
"""

import numpy as np

from autograder.exercises._layouts import odd_layouts
from autograder.exercises.bernoulli._draws import labels
from autograder.judging import Call

FAR = 553.0
"""The feature of one example among many near 1 whose logit passes 709.78 in the fewest steps."""
MANY = 999


def _data(rng, n, d):
    return rng.uniform(-2, 2, (n, d)), labels(rng, n)


def ordinary(rng):
    for n, d, lr, steps in ((6, 2, 0.05, 20), (9, 3, 0.02, 7), (8, 4, 0.03, 1)):
        yield Call(_data(rng, n, d), {"lr": lr, "steps": steps})


def penalised(rng):
    for l2, lr, steps in ((0.5, 0.2, 20), (0.05, 0.3, 10), (2.0, 0.1, 40)):
        yield Call(_data(rng, 7, 3), {"l2": l2, "lr": lr, "steps": steps})
    yield Call((*_data(rng, 5, 2), 0.3, 0.1, 4))


def numbers_of_steps(rng):
    for steps in (0, 1, 2):
        yield Call(_data(rng, 6, 2), {"lr": 0.3, "steps": steps})
    # Converges: three of four labels along each axis are alike, so that the gradient soon is below 1e-6.
    axes = np.repeat(np.diag(rng.uniform(0.8, 1.2, 2)), 4, axis=0)
    y = np.concatenate([rng.permutation([0, 1, 1, 1]) for _ in axes[::4]])
    yield Call((axes, y), {"lr": 4.0, "steps": 100})
    # Doesn't: small features, a thousand small steps.
    yield Call((rng.uniform(0.1, 0.3, (4, 2)), labels(rng, 4)))


def scales(rng):
    """Columns of three scales, and one example far out whose logit passes 709.78 on the way."""
    X, y = _data(rng, 8, 3)
    yield Call((X * [1e-3, 1.0, 30.0], y), {"lr": 0.002, "steps": 30})
    near = np.column_stack([rng.uniform(0.95, 1.05, 3), rng.uniform(-0.5, 0.5, 3)])
    far = np.array([[FAR, rng.uniform(-0.5, 0.5)]])
    X = np.concatenate([np.repeat(near, MANY // 3, axis=0), far])
    yield Call((X, np.ones(len(X), dtype=np.int64)), {"lr": 0.025, "steps": 190})


def one_of_a_kind(rng):
    yield Call((rng.uniform(-2, 2, (1, 3)), np.array([1])), {"lr": 0.2, "steps": 6})
    yield Call((rng.uniform(-2, 2, (5, 1)), labels(rng, 5)), {"lr": 0.2, "steps": 6})
    yield Call((rng.uniform(-2, 2, (1, 1)), np.array([0])), {"lr": 0.2, "steps": 6})


def layouts(rng):
    few = {"lr": 0.1, "steps": 12}
    yield Call((rng.integers(-3, 4, (6, 3)), labels(rng, 6).astype(np.int8)), few)
    yield Call((rng.integers(-3, 4, (5, 2)).astype(np.int16), labels(rng, 5).astype(np.float64)), few)
    yield Call((rng.uniform(-2, 2, (6, 3)).astype(np.float32), labels(rng, 6)), few)
    for X in odd_layouts(lambda shape: rng.uniform(-2, 2, shape), (6, 3)):
        y = labels(rng, 12)[::-2]
        y[:2] = 0, 1
        y.flags.writeable = False
        yield Call((X, y), few)
