"""expectation(values, probs): the mean of a discrete random variable."""

import numpy as np

from autograder.exercises.bayes._draws import certain, ordinary, pmf, value_layouts
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    leaves_arguments_unchanged,
    takes_any_layout,
    tolerance_for,
)
from autograder.solutions import bayes as right

mistake = Misconceptions()


def _tolerance(call, single):
    """No intermediate that enters the sum exceeds Σ p·|x|: a huge value of probability 0 adds no rounding."""
    x, p = (np.asarray(value, dtype=np.float64) for value in call.args)
    return tolerance_for(float(np.sum(p * np.abs(x))), single=single)


def _rare_and_dear(rng):
    """A prize of 1e9 with a chance of 1e-9 weighs as much as all the rest; one of 1e15 without a chance
    nothing.
    """
    for k in (4, 7):
        values, probs = rng.normal(0, 3, k), pmf(rng, k)
        chance = rng.uniform(1e-9, 5e-9)
        probs[0] = 0.0
        probs[1:] *= (1 - chance) / probs[1:].sum()
        values[0] = rng.uniform(1e15, 2e15)
        yield Call((np.append(values, rng.uniform(1e9, 2e9)), np.append(probs, chance)))
    yield Call((np.geomspace(1e-8, 1e8, 9) * rng.uniform(1, 2, 9), pmf(rng, 9)))
    scale = np.geomspace(1e-12, 1.0, 7)
    weights = scale * rng.uniform(0.5, 1, 7)
    yield Call((rng.uniform(1, 2, 7) / scale, weights / weights.sum()))


@mistake("unweighted-mean")
def _(values, probs):
    """This is the plain mean of the values, as if all were equally likely. Where do the probabilities come in?"""
    return np.mean(values)


@mistake("most-likely-value")
def _(values, probs):
    """This is the most probable value, the mode. The expectation weighs every value."""
    return values[np.argmax(probs)]


@mistake("divided-by-k", slip=True)
def _(values, probs):
    """The weighted values are averaged over k once more. The probabilities sum to one: they are the average."""
    return np.mean(values * probs)


@mistake("sum-forgotten")
def _(values, probs):
    """One product per value comes back; the expectation is a single number."""
    return np.asarray(values, dtype=float) * probs


@mistake("length-one-array", slip=True)
def _(values, probs):
    """An array of length 1 comes back where a number is asked for: an axis was kept that should be summed away."""
    return np.sum(np.asarray(values, dtype=float) * probs, keepdims=True)


@mistake("positions-for-values")
def _(values, probs):
    """The positions 0, 1, 2, … are averaged; the values that stand there should be."""
    return np.sum(np.arange(len(probs)) * probs)


@mistake("second-moment")
def _(values, probs):
    """This is E[x²]: the values are squared before they are weighted."""
    return np.sum(np.asarray(values, dtype=float) ** 2 * probs)


@mistake("probabilities-squared")
def _(values, probs):
    """Each probability is counted twice: the products are weighted again."""
    return np.sum(np.asarray(values, dtype=float) * np.asarray(probs, dtype=float) ** 2)


@mistake("small-probabilities-dropped")
def _(values, probs):
    """Improbable values are left out, as if they could not happen. However small a probability, its value may
    make up for it.
    """
    return np.sum(np.where(probs > 1e-6, values * probs, 0.0))


@mistake("integer-output")
def _(values, probs):
    """The result is turned into the type of the values: a die's 3.5 becomes 3."""
    return np.asarray(right.expectation(values, probs)).astype(np.asarray(values).dtype)[()]


@mistake("rounded")
def _(values, probs):
    """The result is rounded to three digits. Print rounded, return exact."""
    return np.round(right.expectation(values, probs), 3)


@mistake("input-mutated")
def _(values, probs):
    """`values *= probs` writes into the caller's array. Make a new one: `values * probs`."""
    values *= probs
    return np.sum(values)


@mistake("float32-inside")
def _(values, probs):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    # float64 again: otherwise every answer that is right to float32 is taken for this mistake
    return float(np.sum(np.asarray(values, np.float32) * np.asarray(probs, np.float32)))


exercise = Exercise(
    name="expectation",
    topic="bayes",
    reference=right.expectation,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    checks=(
        Check(
            "weighs each value with its probability",
            example=Call((np.array([0.0, 1.0, 10.0]), np.array([0.5, 0.3, 0.2]))),
            inputs=ordinary,
            hint="Each value counts as often as its probability says; probabilities sum to one already.",
        ),
        Check(
            "counts rare outcomes in full and impossible ones not at all",
            example=Call((np.array([-2.0, 1e9, 1e15]), np.array([0.999999998, 2e-9, 0.0]))),
            inputs=_rare_and_dear,
            weight=0.5,
            hint="Every value belongs in the sum, with exactly its own probability.",
        ),
        Check(
            "gives a certain outcome back",
            example=Call((np.array([4.0, 7.0]), np.array([0.0, 1.0]))),
            inputs=certain,
            weight=0.5,
            hint="A value with probability 1 is the expectation, even if it is the only one.",
        ),
        takes_any_layout(Call((np.arange(1, 7), np.full(6, 1 / 6))), value_layouts),
        leaves_arguments_unchanged(Call((np.array([0.0, 1.0, 10.0]), np.array([0.5, 0.3, 0.2]))), ordinary),
    ),
)
