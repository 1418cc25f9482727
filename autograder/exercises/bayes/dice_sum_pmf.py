"""dice_sum_pmf(n, sides=6): the pmf of the sum of n fair dice, from the sum n upward."""

import numpy as np

from autograder.judging import EPS32, FLOOR, Call, Check, Exercise, Misconceptions, Tolerance
from autograder.solutions import bayes as right

mistake = Misconceptions()


def _tolerance(call, single):
    """1e-12 absolute, as promised for n up to 100. A convolution keeps every entry to n roundings of its own
    size, one by Fourier transform to a few of the largest: both stay far below. Float32 is less accurate.
    """
    return Tolerance(relative=0.0, absolute=FLOOR * EPS32 if single else 1e-12)


def _number(rng, low, high):
    return int(rng.integers(low, high + 1))


def _few(rng):
    """Draw 2 dice, 3 or 4, and more; no number of dice comes twice."""
    for low, high in ((2, 2), (3, 4), (5, 8), (9, 14)):
        yield Call((_number(rng, low, high),))


def _other_dice(rng):
    """Draw coins, dice of 4 to 5 and of 7 to 40 sides, and one-sided dice, which always show 1."""
    for low, high in ((4, 5), (7, 12), (20, 40)):
        yield Call((_number(rng, 2, 4),), {"sides": _number(rng, low, high)})
    yield Call((_number(rng, 5, 9), 2))
    yield Call((_number(rng, 2, 6),), {"sides": 1})


def _one_die(rng):
    yield Call((1,))
    yield Call((1,), {"sides": _number(rng, 7, 40)})
    yield Call((1,), {"sides": _number(rng, 2, 5)})


def _many(rng):
    """Draw so many dice that sides to the n is far beyond every integer type."""
    yield Call((100,))
    yield Call((_number(rng, 70, 99),))
    yield Call((_number(rng, 50, 60),), {"sides": 10})
    yield Call((100,), {"sides": _number(rng, 2, 5)})


def _counts(n, sides):
    counts = die = np.ones(sides, dtype=np.int64)
    for _ in range(n - 1):
        counts = np.convolve(counts, die)
    return counts


@mistake("sides-ignored")
def _(n, sides=6):
    """The argument `sides` has no effect: the dice always have six sides."""
    return right.dice_sum_pmf(n)


@mistake("two-dice-always")
def _(n, sides=6):
    """This is the pmf of two dice, however many there are. Each further die takes a convolution of its own."""
    return right.dice_sum_pmf(2, sides)


@mistake("one-die-too-many", slip=True)
def _(n, sides=6):
    """There is one die too many: the pmf of one die is there before the first convolution."""
    return right.dice_sum_pmf(n + 1, sides)


@mistake("one-die-too-few", slip=True)
def _(n, sides=6):
    """There is one die too few. How many convolutions take one die to n?"""
    return right.dice_sum_pmf(max(n - 1, 1), sides)


@mistake("single-die-forgotten")
def _(n, sides=6):
    """At least two dice are thrown. For n = 1 there is nothing to convolve."""
    return right.dice_sum_pmf(max(n, 2), sides)


@mistake("sums-equally-likely")
def _(n, sides=6):
    """Every sum gets the same probability. Faces are equally likely; some sums come about in more ways."""
    return np.full(n * sides - n + 1, 1 / (n * sides - n + 1))


@mistake("counts-not-divided", slip=True)
def _(n, sides=6):
    """These are numbers of outcomes. A probability is their share of all outcomes."""
    return right.dice_sum_pmf(n, sides) * float(sides) ** n


@mistake("starts-at-zero")
def _(n, sides=6):
    """The entries start at the sum 0; n dice show n at least, and that is where the pmf should start."""
    return np.concatenate([np.zeros(n), right.dice_sum_pmf(n, sides)])


@mistake("one-die-multiplied")
def _(n, sides=6):
    """This is n times the face of one die. Each of the n dice falls independently."""
    pmf = np.zeros(n * sides - n + 1)
    pmf[::n] = 1 / sides
    return pmf


@mistake("normal-approximation")
def _(n, sides=6):
    """This is the bell curve that the pmf comes near to as n grows. The exact one is asked for: convolve."""
    variance = n * (sides**2 - 1) / 12
    distance = np.arange(n, n * sides + 1) - n * (sides + 1) / 2
    return np.exp(-(distance**2) / (2 * np.float64(variance))) / np.sqrt(2 * np.pi * variance)


@mistake("same-length")
def _(n, sides=6):
    """The convolution is cut to the length of one die. Two pmfs of a and b entries make one of a + b - 1."""
    pmf = die = np.full(sides, 1 / sides)
    for _ in range(n - 1):
        pmf = np.convolve(pmf, die, mode="same")
    return pmf


@mistake("cumulative")
def _(n, sides=6):
    """This is the probability of each sum *or less*; that of each sum alone is asked for."""
    return np.cumsum(right.dice_sum_pmf(n, sides))


@mistake("counts-overflow")
def _(n, sides=6):
    """The outcomes are counted in 64-bit integers, which end at 9.2e18: 25 dice have more. Convolve
    probabilities instead of counts: they never exceed 1.
    """
    return _counts(n, sides) / float(sides) ** n


@mistake("overflown-counts-normalised")
def _(n, sides=6):
    """Counts of outcomes and their sum overflow 64-bit integers from 25 dice on. Convolve probabilities
    instead of counts: they never exceed 1.
    """
    counts = _counts(n, sides)
    return counts / counts.sum()


@mistake("rounded")
def _(n, sides=6):
    """The probabilities are rounded to four digits. Print rounded, return exact."""
    return np.round(right.dice_sum_pmf(n, sides), 4)


@mistake("float32-inside")
def _(n, sides=6):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    return right.dice_sum_pmf(n, sides).astype(np.float32)


exercise = Exercise(
    name="dice_sum_pmf",
    topic="bayes",
    reference=right.dice_sum_pmf,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    checks=(
        Check(
            "gives every sum of a few dice its probability",
            example=Call((2,)),
            inputs=_few,
            hint="One entry for each sum from n to 6n. In how many ways can two dice show 7?",
        ),
        Check(
            "takes dice of any number of sides",
            example=Call((2,), {"sides": 4}),
            inputs=_other_dice,
            weight=0.5,
            hint="The sums run from n to n times `sides`, and each face has the probability 1 / sides.",
        ),
        Check(
            "gives equal probabilities for one die",
            example=Call((1,)),
            inputs=_one_die,
            weight=0.5,
            hint="One die is where the convolutions start.",
        ),
        Check(
            "stays exact for a hundred dice",
            example=Call((100,)),
            inputs=_many,
            weight=0.5,
            hint="6 to the power of 100 fits no integer type, and 6 to the power of 100 outcomes can't be listed.",
        ),
    ),
)
