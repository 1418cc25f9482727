"""numerical_gradient(f, x, h=1e-5): central differences of a scalar function."""

import numpy as np

from autograder.judging import (
    EPS,
    Call,
    Callback,
    Check,
    Exercise,
    Hint,
    Misconceptions,
    Mismatch,
    Returned,
    Tolerance,
    by_value,
    compare,
    leaves_unchanged,
)
from autograder.solutions import softmax as right

mistake = Misconceptions()


class Quadratic(Callback):
    """f(x) = xᵀA x + b·x over the entries of x: central differences are exact for it, whatever the step."""

    def __init__(self, matrix, vector, formula="a quadratic function"):
        super().__init__(self.value, formula)
        self.matrix, self.vector = np.asarray(matrix, dtype=float), np.asarray(vector, dtype=float)

    def value(self, x):
        if x.shape != self.vector.shape:
            raise ValueError("x has another shape")
        return x.ravel() @ self.matrix @ x.ravel() + self.vector.ravel() @ x.ravel()

    def gradient(self, x):
        return ((self.matrix + self.matrix.T) @ x.ravel()).reshape(x.shape) + self.vector

    def size(self, x):
        """Return the sum of the sizes of all terms, which rounding is relative to."""
        entries = np.abs(x.ravel())
        return entries @ np.abs(self.matrix) @ entries + np.abs(self.vector.ravel()) @ entries


BOWL = Quadratic([[1.0, 3.0], [0.0, 0.0]], [0.0, 1.0], "lambda x: x[0]**2 + 3*x[0]*x[1] + x[1]")
SQUARES = Quadratic(np.eye(4), np.zeros((2, 2)), "lambda x: np.sum(x**2)")


STEP = 1e-5
"""The step that the notebook's signature gives where none is asked for."""


def _tolerance(call, single):
    """1e-6 of each component, and what rounding f by a few eps·|f| does to a difference divided by h."""
    f, x = call.args
    return Tolerance(relative=1e-6, absolute=4 * EPS * f.size(x) / call.kwargs.get("h", STEP))


def _by_gradient(exercise, call, answer, truth):
    """Compare the result with the analytic gradient, not with another difference quotient.

    Where ``truth`` is far from it, that is the answer of a function with a slip, which is asked for then.
    """
    if not (isinstance(answer, Returned) and isinstance(truth, Returned)):
        return by_value(exercise, call, answer, truth)
    f, x = call.args
    gradient, tolerance = f.gradient(x), exercise.tolerance(call, False)
    is_right = compare(truth.value, gradient, tolerance) is None
    return compare(answer.value, gradient if is_right else truth.value, tolerance)


def _steps_by_h(exercise, call, answer, truth):
    """Compare the points at which f was evaluated with x ± h eᵢ."""
    mismatch = _by_gradient(exercise, call, answer, truth)
    if mismatch:
        return mismatch
    x, h = call.args[1], call.kwargs.get("h", STEP)
    steps = h * np.eye(x.size)
    wanted = x.ravel() + np.concatenate([steps, -steps])
    asked = np.array([point.ravel() for point in answer.points if point.shape == x.shape]).reshape(-1, x.size)
    off = np.abs(asked[:, np.newaxis] - wanted)
    near = (off <= 1e-12 * np.abs(wanted) + 1e-9 * h).all(axis=-1)
    return None if near.any(axis=0).all() else Mismatch("a gradient, but f was not asked at both x + h and x - h")


def _function(rng, shape):
    n = int(np.prod(shape))
    return Quadratic(rng.normal(0, 1, (n, n)), rng.normal(0, 1, shape))


# Small arrays are enough, and each entry costs two calls of f, which crosses to the trusted side.


def _vectors(rng):
    for size in (1, 3):
        yield Call((_function(rng, (size,)), rng.normal(0, 1, size)))


def _any_shape(rng):
    for shape in ((2, 3), (1, 2, 1)):
        yield Call((_function(rng, shape), rng.normal(0, 1, shape)))


def _steps(rng):
    for size, h in ((1, 1e-3), (2, 0.25), (1, float(rng.uniform(0.01, 0.1)))):
        yield Call((_function(rng, (size,)), rng.normal(0, 1, size)), {"h": h})
    yield Call((_function(rng, (2,)), rng.normal(0, 1, 2)))


def _left_alone(rng):
    yield Call((_function(rng, (3,)), rng.normal(0, 1, 3)))


def _differences(f, x, up, down, width):
    """Difference quotients with steps up and down from each entry."""
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += up
        below[index] -= down
        gradient[index] = (f(above) - f(below)) / width
    return gradient


@mistake("forward-difference")
def _(f, x, h=1e-5):
    """This is the forward difference, whose error is of order h. Step to both sides: the error becomes h²."""
    return _differences(f, x, h, 0, h)


@mistake("backward-difference")
def _(f, x, h=1e-5):
    """This is the backward difference, whose error is of order h. Step to both sides: the error becomes h²."""
    return _differences(f, x, 0, h, h)


@mistake("divided-by-h", slip=True)
def _(f, x, h=1e-5):
    """Twice too large: the two points lie 2h apart, not h."""
    return _differences(f, x, h, h, h)


@mistake("not-divided")
def _(f, x, h=1e-5):
    """The difference is not divided by the distance of the two points."""
    return _differences(f, x, h, h, 1)


@mistake("sign-flipped", slip=True)
def _(f, x, h=1e-5):
    """The sign is flipped: which of the two values is subtracted from which?"""
    return _differences(f, x, h, h, -2 * h)


@mistake("all-coordinates-at-once")
def _(f, x, h=1e-5):
    """Every coordinate is moved at the same time: that is one directional derivative. Move one at a time."""
    return np.full_like(x, (f(x + h) - f(x - h)) / (2 * h))


@mistake("flattened")
def _(f, x, h=1e-5):
    """The result is flat; it should have the shape of x."""
    return _differences(f, x, h, h, 2 * h).ravel()


@mistake("step-ignored")
def _(f, x, h=1e-5):
    """Take the argument `h` itself as the step, for every entry alike: f was asked at other points than x ± h."""
    return _differences(f, x, 1e-5, 1e-5, 2e-5)


@mistake("step-not-undone")
def _(f, x, h=1e-5):
    """Each coordinate stays moved when the next one is tried. Put it back first."""
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        x[index] += h
        above = f(x)
        x[index] -= 2 * h
        gradient[index] = (above - f(x)) / (2 * h)
    return gradient


@mistake("restored-by-arithmetic")
def _(f, x, h=1e-5):
    """In floating point x + h - 2h + h is not quite x. Save the entry and put it back, or work on a copy."""
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        x[index] += h
        above = f(x)
        x[index] -= 2 * h
        gradient[index] = (above - f(x)) / (2 * h)
        x[index] += h
    return gradient


exercise = Exercise(
    name="numerical_gradient",
    topic="softmax",
    reference=right.numerical_gradient,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    checks=(
        Check(
            "matches the analytic gradient to 1e-6",
            example=Call((BOWL, np.array([1.0, -2.0]))),
            inputs=_vectors,
            judge=_by_gradient,
            hint=(
                "Move one entry at a time, up and down by h, and divide the difference by the distance of the "
                "two points."
            ),
        ),
        Check(
            "takes an x of any shape and returns that shape",
            example=Call((SQUARES, np.array([[1.0, 2.0], [3.0, 4.0]]))),
            inputs=_any_shape,
            weight=0.75,
            judge=_by_gradient,
            hint="np.ndindex(x.shape) visits every entry of an array of any shape.",
        ),
        Check(
            "steps by h to both sides of every entry",
            example=Call((BOWL, np.array([1.0, -2.0])), {"h": 0.5}),
            inputs=_steps,
            weight=0.75,
            judge=_steps_by_h,
            hint="f should be asked at x + h and at x - h, for one entry at a time; without h, by 1e-5.",
        ),
        Check(
            "leaves x as it was",
            example=Call((BOWL, np.array([0.1, -0.7]))),
            inputs=_left_alone,
            weight=0.5,
            judge=leaves_unchanged(_by_gradient),
            hint=(Hint("Work on a copy of x.", ("changed", "read-only", "value")),),
        ),
    ),
)
