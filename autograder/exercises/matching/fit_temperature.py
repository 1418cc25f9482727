"""fit_temperature(logits, y): the temperature at which the NLL is least."""

import numpy as np

from autograder.exercises._layouts import odd_layouts
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    Tolerance,
    leaves_arguments_unchanged,
    takes_any_layout,
)
from autograder.solutions import matching as right
from autograder.solutions import softmax as stable

mistake = Misconceptions()


def _tolerance(call, single):
    """1e-4 of T, as promised. A search by values finds a minimum only to the square root of their rounding: 16 eps
    times logits of a few T, over a curvature of 0.1 or more in log T: near 1e-6 in float64, but 1e-2 in float32.
    """
    return Tolerance(relative=1e-2 if single else 1e-4)


# --- inputs: the best T of c·logits is c times that of the logits, so that any T can be set --------------------


def _labels(logits):
    """The likeliest class, but the least likely one in every fifth row from the third: 80 % are right."""
    labels = np.argmax(logits, axis=1)
    labels[2::5] = np.argmin(logits[2::5], axis=1)
    return labels


def _best_at(temperature, logits, y):
    return logits * (temperature / right.fit_temperature(logits, y)), y


def _logits(rng, shape):
    """In each row one class leads by two, give or take two: the NLL is then well curved at its minimum."""
    return rng.uniform(-1, 1, shape) + 2 * np.eye(shape[1])[rng.integers(0, shape[1], shape[0])]


def _problem(rng, n, k, temperature):
    logits = _logits(rng, (n, k))
    return _best_at(temperature, logits, _labels(logits))


def _overconfident(rng):
    for n, k in ((13, 3), (30, 4), (18, 2)):
        yield Call(_problem(rng, n, k, rng.uniform(1.5, 3.5)))


def _underconfident(rng):
    for n, k in ((13, 3), (20, 5)):
        yield Call(_problem(rng, n, k, rng.uniform(0.2, 0.7)))


def _ends(rng):
    yield Call(_problem(rng, 15, 3, rng.uniform(0.0505, 0.06)))
    yield Call(_problem(rng, 15, 4, rng.uniform(19.2, 19.8)))


def _one_blunder(rng):
    """Many examples right with modest margins, and one so wrong that its probability is below 1e-17."""
    for n, k in ((60, 6), (50, 8)):
        logits = rng.normal(0, 0.3, (n, k))
        logits[:, 0] += rng.uniform(1.5, 2.5, n)
        labels = np.zeros(n, dtype=np.int64)
        logits[3, 1], labels[3] = 40 + logits[3, 0], 0
        yield Call(_best_at(rng.uniform(1.5, 2.5), logits, labels))


def _large(rng):
    """Rows that lie at 1e4, all of them or some; the other rows at -1e4, near zero, or far apart in themselves."""
    logits, y = _problem(rng, 12, 3, rng.uniform(1.5, 3))
    yield Call((logits + 1e4, y))
    for n, k in ((12, 3), (15, 4)):
        logits, y = _problem(rng, n, k, rng.uniform(1.5, 3))
        logits = logits + np.resize([1e4, 0.0, -1e4, 3.0], n)[:, np.newaxis]
        certain = rng.uniform(-1e4, 5e3, k)
        certain[-1] = 1e4
        yield Call((np.vstack([certain, logits]), np.append(k - 1, y)))


def _one_example(rng):
    """The label's logit lies between the mean and the largest, and near neither."""
    for k in (3, 5):
        logits = rng.uniform(-1, 0, (1, k))
        logits[0, :2] = rng.uniform(1.4, 1.6), rng.uniform(1.8, 2)
        yield Call(_best_at(rng.uniform(1.2, 3), logits, np.zeros(1, dtype=np.int64)))


def _layouts(rng):
    logits, _ = _problem(rng, 14, 4, 5.0)
    whole = np.round(logits).astype(np.int64)
    yield Call((whole, _labels(whole).astype(np.int8)))
    logits, y = _problem(rng, 13, 3, rng.uniform(1.5, 3))
    yield Call((logits.astype(np.float32), y.astype(np.int32)))
    for array in odd_layouts(lambda shape: 4 * _logits(rng, shape), (14, 4)):
        labels = np.repeat(_labels(array), 2)[::2]
        labels.flags.writeable = False
        yield Call((array, labels))


# --- known mistakes ------------------------------------------------------------------------------------------


def _root(too_sharp, coldest=right.COLDEST, hottest=right.HOTTEST):
    """Halve log T: up where softmax(z / T) is too sharp, else down."""
    low, high = np.log(coldest), np.log(hottest)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if too_sharp(np.exp(middle)) else (low, middle)
    return np.exp((low + high) / 2)


def _least(loss):
    """The best of a grid of temperatures, refined four times around the best so far."""
    low, high = np.log(right.COLDEST), np.log(right.HOTTEST)
    for _ in range(5):
        grid = np.linspace(low, high, 31)
        best = int(np.argmin([loss(t) for t in np.exp(grid)]))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, 30)]
    return np.exp((low + high) / 2)


def _own(logits, y, temperature=1.0):
    """Probability of each example's own label."""
    return stable.softmax(logits, 1, temperature)[np.arange(len(y)), y]


def _naive_fit(logits, y, shift):
    def too_sharp(temperature):
        weights = np.exp((logits - shift) / temperature)
        p = weights / np.sum(weights, axis=1, keepdims=True)
        return np.sum(p * logits) > np.sum(logits[np.arange(len(y)), y])

    return _root(too_sharp)


@mistake("inverse-temperature", slip=True)
def _(logits, y):
    """This is 1/T, the factor that multiplies the logits. The temperature divides them."""
    return 1 / right.fit_temperature(logits, y)


@mistake("loss-returned")
def _(logits, y):
    """This is the least NLL itself; the temperature at which it is reached is asked for."""
    return stable.cross_entropy(logits / right.fit_temperature(logits, y), y)


@mistake("coarse-grid")
def _(logits, y):
    """The best of a grid in steps of 0.05 is off by up to half a step. Refine around it, or find where the
    slope is zero.
    """
    grid = np.linspace(0.05, 20, 400)
    return grid[np.argmin([stable.cross_entropy(logits / t, y) for t in grid])]


@mistake("rounded")
def _(logits, y):
    """The temperature is rounded to two decimals. Print rounded, return exact."""
    return np.round(right.fit_temperature(logits, y), 2)


@mistake("too-few-steps")
def _(logits, y):
    """Gradient descent on T from 1 has not arrived after 100 steps of 0.01. How large is the slope where it
    stops?
    """
    temperature, rows = 1.0, np.arange(len(y))
    for _ in range(100):
        p = stable.softmax(logits, 1, temperature)
        slope = np.mean(logits[rows, y] - np.sum(p * logits, axis=1)) / temperature**2
        temperature -= 0.01 * slope
    return temperature


@mistake("confidence-matched-to-accuracy")
def _(logits, y):
    """Here the mean confidence equals the accuracy. That calibrates on average, but the least NLL is asked for."""
    accuracy = np.mean(np.argmax(logits, axis=1) == y)
    return _root(lambda t: np.mean(np.max(stable.softmax(logits, 1, t), axis=1)) > accuracy)


@mistake("squared-error")
def _(logits, y):
    """This minimises the squared error of the probabilities (the Brier score) instead of the NLL."""
    onehot = np.eye(np.shape(logits)[1])[y]
    return _least(lambda t: np.mean((stable.softmax(logits, 1, t) - onehot) ** 2))


@mistake("squared-confidence-error")
def _(logits, y):
    """This compares the probability of the predicted class with right or wrong, squared. The NLL asks for the
    probability of the true class alone.
    """
    hit = np.argmax(logits, axis=1) == y
    return _least(lambda t: np.mean((np.max(stable.softmax(logits, 1, t), axis=1) - hit) ** 2))


@mistake("predicted-for-true")
def _(logits, y):
    """The probability of the *predicted* class is maximised, which any model does by growing ever more certain.
    The NLL asks for that of the *true* class.
    """
    return right.COLDEST


@mistake("labels-from-one")
def _(logits, y):
    """The labels are taken to count from 1; they count from 0."""
    return right.fit_temperature(logits, np.asarray(y) - 1)


@mistake("softmax-over-examples")
def _(logits, y):
    """The probabilities sum to one over the examples; they should over the classes of each example."""
    rows = np.arange(len(y))
    return _least(lambda t: -np.mean(stable.log_softmax(logits / t, 0)[rows, y]))


@mistake("logits-normalised")
def _(logits, y):
    """The logits are made probabilities before the temperature divides them: softmax is applied twice."""
    return right.fit_temperature(stable.softmax(logits, 1), y)


@mistake("never-below-one")
def _(logits, y):
    """The search never goes below 1: a model can also be less confident than it is right."""
    return max(1.0, right.fit_temperature(logits, y))


@mistake("narrow-search")
def _(logits, y):
    """The search covers [0.1, 10] only; the best temperature may lie anywhere in [0.05, 20]."""
    return float(np.clip(right.fit_temperature(logits, y), 0.1, 10))


@mistake("epsilon-in-log")
def _(logits, y):
    """log(p + 1e-12) caps the loss of an example at 27.6 nats: a confident mistake then costs nothing more, and
    T can forget it. The log-probability can be computed without forming p.
    """
    return _least(lambda t: -np.mean(np.log(_own(logits, y, t) + 1e-12)))


@mistake("no-max-shift")
def _(logits, y):
    """exp(z / T) overflows float64 beyond 709.78, and inf / inf is nan. Shift each row by its maximum before
    exp.
    """
    return _naive_fit(logits, y, 0.0)


@mistake("global-max-shift")
def _(logits, y):
    """One shift for the whole batch: a row far below the global maximum underflows, and 0 / 0 is nan. Each
    row needs its own maximum.
    """
    return _naive_fit(logits, y, np.max(logits))


@mistake("shape-1", slip=True)
def _(logits, y):
    """An array of shape (1,) comes back; the temperature is a scalar."""
    return np.array([right.fit_temperature(logits, y)])


@mistake("input-mutated")
def _(logits, y):
    """`logits /= …` or `logits -= …` writes into the caller's array. Make a new one: `logits = logits - …`."""
    logits -= np.max(logits, axis=1, keepdims=True)
    return right.fit_temperature(logits, y)


HOT = np.array([[6.0, 0.0, 1.0], [0.0, 5.0, 2.0], [4.0, 1.0, 0.0], [0.0, 3.0, 7.0]])
"""Four confident rows; with the labels 0, 1, 2, 2 the third of them is wrong."""
SOME_WRONG = np.array([0, 1, 2, 2])

exercise = Exercise(
    name="fit_temperature",
    topic="matching",
    reference=right.fit_temperature,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    checks=(
        Check(
            "minimises the mean NLL of overconfident logits",
            example=Call((HOT, SOME_WRONG)),
            inputs=_overconfident,
            hint="Is the NLL any smaller a little above or below the temperature you return?",
        ),
        Check(
            "sharpens underconfident logits with a temperature below 1",
            example=Call((HOT / 10, SOME_WRONG)),
            inputs=_underconfident,
            weight=0.5,
            hint="Does your search reach below 1, and with steps small enough for 1e-4 of T?",
        ),
        Check(
            "reaches both ends of [0.05, 20]",
            example=Call((HOT * 6, SOME_WRONG)),
            inputs=_ends,
            weight=0.5,
            hint="Search log T or 1/T instead of T: equal ratios then count the same at both ends.",
        ),
        Check(
            "weighs one confidently wrong example in full",
            example=Call((np.vstack([np.tile([2.0, 0.0], (199, 1)), [60.0, 0.0]]), np.repeat([0, 1], [199, 1]))),
            inputs=_one_blunder,
            weight=0.5,
            hint="The loss of such an example grows with the gap between its logits, without a cap.",
        ),
        Check(
            "stays finite for large logits",
            example=Call((HOT + np.array([[1e4], [-1e4], [0.0], [0.0]]), SOME_WRONG)),
            inputs=_large,
            weight=0.5,
            hint="A shift of a row leaves its softmax as it is, at any temperature.",
        ),
        Check(
            "works for a single example",
            example=Call((np.array([[2.0, 3.0, -2.0]]), np.array([0]))),
            inputs=_one_example,
            weight=0.25,
        ),
        takes_any_layout(Call((HOT.astype(np.int32), SOME_WRONG.astype(np.int8))), _layouts),
        leaves_arguments_unchanged(Call((HOT, SOME_WRONG)), _overconfident, weight=0.25),
    ),
)
