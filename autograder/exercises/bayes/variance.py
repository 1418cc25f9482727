"""variance(values, probs): the mean squared deviation of a discrete random variable."""

import numpy as np

from autograder.exercises.bayes._draws import certain, ordinary, pmf, value_layouts
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
from autograder.solutions import bayes as right

mistake = Misconceptions()


def _tolerance(call, single):
    """E[x²] is the largest intermediate of E[x²] - E[x]²; the two-pass formula stays below it. Probabilities
    that sum to 1 + δ make the two differ by δ·E[x]², which is of the same size.
    """
    x, p = (np.asarray(value, dtype=np.float64) for value in call.args)
    return tolerance_for(float(np.sum(p * x**2)), single=single)


def _spread(rng, k, deviation, distance):
    """Values with exactly this standard deviation and a mean of so many deviations."""
    probs, values = pmf(rng, k), rng.normal(0, 1, k)
    values -= np.sum(probs * values)
    values /= np.sqrt(np.sum(probs * values**2))
    return Call((deviation * (values + distance), probs))


def _far_from_zero(rng):
    for k, deviation in ((5, 1.0), (8, 6.0), (3, 40.0)):
        yield _spread(rng, k, deviation * rng.uniform(0.5, 1), rng.uniform(90, 99) * rng.choice([-1, 1]))


def _any_scale(rng):
    for deviation in (1e-8, 1e8, 1e-5, 1e5):
        yield _spread(rng, 5, deviation, rng.uniform(-3, 3))
    yield Call((np.geomspace(1e-8, 1e8, 9) * rng.uniform(1, 2, 9), pmf(rng, 9)))


@mistake("unweighted")
def _(values, probs):
    """This is the variance of the bare values, as if all were equally likely. Where do the probabilities come
    in?
    """
    return np.var(np.asarray(values, dtype=float))


@mistake("unweighted-mean")
def _(values, probs):
    """The deviations are taken from the plain mean of the values. Their centre is the expectation."""
    return np.sum(probs * (values - np.mean(np.asarray(values, dtype=float))) ** 2)


@mistake("unweighted-squares")
def _(values, probs):
    """The squared deviations are averaged as if all were equally likely. They have probabilities too."""
    return np.mean((values - right.expectation(values, probs)) ** 2)


@mistake("standard-deviation", slip=True)
def _(values, probs):
    """This is the standard deviation, the square root of what is asked for."""
    return np.sqrt(right.variance(values, probs))


@mistake("absolute-deviation")
def _(values, probs):
    """This is the mean absolute deviation; the variance averages the *squared* deviations."""
    return np.sum(probs * np.abs(values - right.expectation(values, probs)))


@mistake("mean-not-subtracted")
def _(values, probs):
    """This is E[x²], the mean square. It measures distance from zero; the variance measures it from the mean."""
    return right.expectation(np.asarray(values, dtype=float) ** 2, probs)


@mistake("mean-not-squared")
def _(values, probs):
    """E[x²] - E[x] subtracts the mean itself. In which units is the first term, in which the second?"""
    return right.expectation(np.asarray(values, dtype=float) ** 2, probs) - right.expectation(values, probs)


@mistake("sign-flipped", slip=True)
def _(values, probs):
    """The terms are subtracted the wrong way round: a variance is never negative."""
    return -right.variance(values, probs)


@mistake("weights-squared")
def _(values, probs):
    """The probability is squared together with the deviation. It weighs the square; it isn't part of it."""
    return np.sum((probs * (values - right.expectation(values, probs))) ** 2)


@mistake("divided-by-k", slip=True)
def _(values, probs):
    """The weighted squares are averaged over k once more. The probabilities sum to one: they are the average."""
    return right.variance(values, probs) / len(probs)


@mistake("k-minus-1", slip=True)
def _(values, probs):
    """The factor k / (k - 1) corrects a sample for its estimated mean. Here the distribution itself is known."""
    return right.variance(values, probs) * len(probs) / (np.float64(len(probs)) - 1)


@mistake("sum-forgotten")
def _(values, probs):
    """One weighted square per value comes back; the variance is a single number."""
    return probs * (values - right.expectation(values, probs)) ** 2


@mistake("epsilon-added")
def _(values, probs):
    """A small constant is added to the variance, which swamps a spread that is small itself. Nothing here
    needs guarding.
    """
    return right.variance(values, probs) + 1e-12


@mistake("integer-output")
def _(values, probs):
    """The result is turned into the type of the values: the fraction is cut off if they are integers."""
    return np.asarray(right.variance(values, probs)).astype(np.asarray(values).dtype)[()]


@mistake("integer-mean")
def _(values, probs):
    """The mean is turned into the type of the values: a die's 3.5 becomes 3, and the deviations are off."""
    mean = np.asarray(right.expectation(values, probs)).astype(np.asarray(values).dtype)
    return np.sum(probs * (values - mean) ** 2)


@mistake("rounded")
def _(values, probs):
    """The result is rounded to three digits. Print rounded, return exact."""
    return np.round(right.variance(values, probs), 3)


@mistake("input-mutated")
def _(values, probs):
    """`values -= …` writes into the caller's array. Make a new one: `values - mean`."""
    values -= right.expectation(values, probs)
    return np.sum(probs * values**2)


@mistake("float32-inside")
def _(values, probs):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    x, p = np.asarray(values, np.float32), np.asarray(probs, np.float32)
    # float64 again: otherwise every answer that is right to float32 is taken for this mistake
    return float(np.sum(p * (x - np.sum(p * x)) ** 2))


def _textbook(values, probs):
    return np.sum(probs * (values - np.sum(probs * values)) ** 2)


def _from_squares(values, probs):
    return np.sum(probs * values**2) - np.sum(probs * values) ** 2


def _on_expectation(expectation):
    return lambda values, probs: expectation((values - expectation(values, probs)) ** 2, probs)


exercise = Exercise(
    name="variance",
    topic="bayes",
    reference=right.variance,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    uses=(Use("expectation", _on_expectation),),
    textbook=(
        _textbook,
        _from_squares,
    ),
    checks=(
        Check(
            "averages the squared deviations from the mean",
            example=Call((np.array([0.0, 1.0, 10.0]), np.array([0.5, 0.3, 0.2]))),
            inputs=ordinary,
            hint=(
                "First the mean, weighted by the probabilities; then the squared deviations from it, weighted in"
                " the same way."
            ),
        ),
        Check(
            "stays exact where the mean is far from zero",
            example=Call((np.array([990.0, 1000.0, 1020.0]), np.array([0.5, 0.3, 0.2]))),
            inputs=_far_from_zero,
            weight=0.5,
            hint="Two large numbers are subtracted: what does rounding them cost the difference?",
        ),
        Check(
            "holds for tiny spreads and huge ones",
            example=Call((np.array([0.0, 1e-8, 3e-8]), np.array([0.5, 0.3, 0.2]))),
            inputs=_any_scale,
            weight=0.5,
            hint="A spread of 1e-8 has a variance of 1e-16: no constant may be added, and nothing rounded away.",
        ),
        Check(
            "gives zero for a certain outcome",
            example=Call((np.array([4.0, 7.0]), np.array([0.0, 1.0]))),
            inputs=certain,
            weight=0.5,
            hint="What always has the same value doesn't vary, even if it is the only one.",
        ),
        takes_any_layout(Call((np.arange(1, 7), np.full(6, 1 / 6))), value_layouts),
        leaves_arguments_unchanged(Call((np.array([0.0, 1.0, 10.0]), np.array([0.5, 0.3, 0.2]))), ordinary),
    ),
)
