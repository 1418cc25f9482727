"""sequential_posterior(prior, likelihoods): the posterior after many independent observations."""

import numpy as np

from autograder.exercises._layouts import odd_layouts
from autograder.exercises.bayes._draws import odd_pmfs, one_hot, pmf
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

WORDS = Call((np.array([0.1, 0.9]), np.array([[0.8, 0.01], [0.2, 0.3], [0.6, 0.05]])))
LOG_SMALLEST = np.log(5e-324)
SPEAKS_FOR_EACH_IN_TURN = np.array([[1e-200, 1.0], [1e-200, 1.0], [1.0, 1e-200], [1.0, 1e-200]])


def _logs(array):
    with np.errstate(divide="ignore"):
        return np.log(np.asarray(array, dtype=np.float64))


def _tolerance(call, single):
    """The exponent is a sum of t logarithms, each addition rounded at the size of the sum so far. Such roundings
    add up as √t; added up at random order they would as log t. A posterior loses no more, however small it is.
    """
    prior, likelihoods = (np.abs(_logs(value)) for value in call.args)
    finite = np.where(np.isfinite(likelihoods), likelihoods, 0.0)
    size = np.max(np.sum(finite, axis=0) + np.where(np.isfinite(prior), prior, 0.0))
    return tolerance_for(0.0, single=single, conditioned=float(size * np.sqrt(len(likelihoods))))


def _undecided(rng, t, k, low, high):
    """Likelihoods that differ by powers of ten between rows and by little within a row: no hypothesis wins."""
    scale = 10.0 ** rng.uniform(low, high, (t, 1))
    return scale * np.exp(rng.normal(0, 1 / np.sqrt(t), (t, k)))


def _few(rng):
    for t, k in ((3, 2), (6, 3), (4, 4)):
        yield Call((pmf(rng, k), rng.uniform(0.05, 1, (t, k))))


def _long(rng):
    """A product that underflows, one of densities that overflows, and hypotheses that end near 1e-20 and 1e-80."""
    yield Call((pmf(rng, 3), _undecided(rng, 10_000, 3, -1.5, -0.05)))
    yield Call((pmf(rng, 4), _undecided(rng, 2_000, 4, 0.0, 3.0)))
    yield Call((pmf(rng, 3), _undecided(rng, 400, 3, -0.5, -0.05) * [0.63, 1.0, 0.89]))


def _come_back(rng):
    """Observations that favour the other hypotheses first: three strong ones, or a thousand weak ones."""
    strongly = rng.uniform(0.5, 1, (6, 2))
    strongly[:3, 0] *= 1e-150
    strongly[3:, 1] *= 1e-150
    yield Call((pmf(rng, 2), strongly))
    little = _undecided(rng, 2_000, 3, -1.0, -0.05)
    little[:1_000, 2] *= 1e-6
    little[1_000:, :2] *= 1e-6
    yield Call((pmf(rng, 3), little))


def _zeros(rng):
    """Hypotheses that are ruled out by the prior, by one of several observations, or by one against all others."""
    prior, likelihoods = pmf(rng, 4), rng.uniform(0.05, 1, (5, 4))
    prior[3] = likelihoods[2, 0] = 0.0
    yield Call((prior / prior.sum(), likelihoods))
    favourite = rng.uniform(0.1, 1, (6, 3))
    favourite[:, 1:] *= 1e-70
    favourite[1, 0] = 0.0
    yield Call((pmf(rng, 3), favourite))
    several = rng.uniform(0.05, 1, (4, 4))
    several[[0, 2, 3], [1, 3, 1]] = 0.0
    yield Call((pmf(rng, 4), several))
    yield Call((pmf(rng, 4), rng.uniform(0.05, 1, (3, 4)) * one_hot(rng, 4)))


def _one_of_a_kind(rng):
    yield Call((pmf(rng, 3), rng.uniform(0.05, 1, (1, 3))))
    yield Call((np.ones(1), rng.uniform(0.05, 1, (4, 1))))
    yield Call((np.ones(1), rng.uniform(0.05, 1, (1, 1))))
    yield Call((np.full(4, 0.25), np.repeat(rng.uniform(0.05, 1, (3, 1)), 4, axis=1)))


def _layouts(rng):
    zeros_and_ones = rng.integers(0, 2, (3, 5))
    zeros_and_ones[:, 1:4] = 1
    yield Call((pmf(rng, 5), zeros_and_ones))
    yield Call((pmf(rng, 3), rng.integers(1, 5, (4, 3)).astype(np.int32)))
    yield Call((one_hot(rng, 4).astype(np.int64), rng.uniform(0.05, 1, (3, 4))))
    yield Call((pmf(rng, 3).astype(np.float32), rng.uniform(0.05, 1, (4, 3)).astype(np.float32)))
    likelihoods = odd_layouts(lambda shape: rng.uniform(0.05, 1, shape), (4, 3))
    for prior, table in zip(odd_pmfs(rng, 3), likelihoods, strict=True):
        yield Call((prior, table))


def _normalised(log_joint):
    joint = np.exp(log_joint - np.max(log_joint))
    return joint / np.sum(joint)


@mistake("product-underflows")
def _(prior, likelihoods):
    """The product of thousands of likelihoods leaves float64: below 1e-323 it is 0, above 1.8e308 it is inf,
    and neither 0 / 0 nor inf / inf is a number. What becomes of a product in log space, and what may be
    subtracted there before exp?
    """
    joint = prior * np.prod(np.asarray(likelihoods, dtype=float), axis=0)
    return joint / np.sum(joint)


@mistake("normalised-each-time")
def _(prior, likelihoods):
    """Normalising after each observation keeps the likeliest hypothesis, but one that falls below 1e-323 stays 0,
    whatever comes later. A logarithm can fall much further.
    """
    log_p, logs = _logs(prior), _logs(likelihoods)
    while True:  # computed in log space between the underflows: the loop itself takes ten thousand steps
        steps = log_p + np.cumsum(logs, axis=0)
        steps -= np.logaddexp.reduce(steps, axis=1, keepdims=True)
        lost = (steps < LOG_SMALLEST) & (steps > -np.inf)
        if not lost.any():
            return np.exp(steps[-1])
        first = np.argmax(lost.any(axis=1))
        log_p = np.where(lost[first], -np.inf, steps[first])
        logs = np.concatenate([np.zeros((1, len(log_p))), logs[first + 1 :]])


@mistake("prior-forgotten")
def _(prior, likelihoods):
    """The likelihoods alone decide, as if every hypothesis had been equally probable beforehand."""
    return _normalised(np.sum(_logs(likelihoods), axis=0))


@mistake("prior-every-time")
def _(prior, likelihoods):
    """The prior counts once for every observation. It is what was known before the first one."""
    return _normalised(np.sum(_logs(prior) + _logs(likelihoods), axis=0))


@mistake("last-observation-only")
def _(prior, likelihoods):
    """Each observation starts from the prior again, so that only the last one counts. Yesterday's posterior is
    today's prior.
    """
    return right.bayes_posterior(prior, likelihoods[-1])


@mistake("first-observation-only")
def _(prior, likelihoods):
    """Only the first observation counts; every row of the likelihoods is another."""
    return right.bayes_posterior(prior, likelihoods[0])


@mistake("likelihoods-added")
def _(prior, likelihoods):
    """The likelihoods are added up over the observations. Independent observations multiply; it is their logs
    that add.
    """
    return right.bayes_posterior(prior, np.sum(likelihoods, axis=0))


@mistake("not-normalised")
def _(prior, likelihoods):
    """This is the joint probability of hypothesis and observations. The posterior sums to one."""
    return np.exp(_logs(prior) + np.sum(_logs(likelihoods), axis=0))


@mistake("evidences-multiplied")
def _(prior, likelihoods):
    """Each observation is divided by its evidence under the prior. After the first observation the prior has
    become a posterior: the observations are independent under each hypothesis, not over all.
    """
    table = np.asarray(likelihoods, dtype=float)
    return np.exp(_logs(prior) + np.sum(np.log(table) - np.log(table @ np.asarray(prior))[:, np.newaxis], axis=0))


@mistake("log-posterior")
def _(prior, likelihoods):
    """These are log-probabilities; probabilities are asked for."""
    return np.log(right.sequential_posterior(prior, likelihoods))


@mistake("every-step-returned")
def _(prior, likelihoods):
    """The posterior after each observation comes back; only that after the last one is asked for."""
    log_joint = _logs(prior) + np.cumsum(_logs(likelihoods), axis=0)
    joint = np.exp(log_joint - np.max(log_joint, axis=1, keepdims=True))
    return joint / np.sum(joint, axis=1, keepdims=True)


@mistake("wrong-axis")
def _(prior, likelihoods):
    """The product runs over the hypotheses. The rows are the observations: it should run over them."""
    return _normalised(_logs(prior) + np.sum(_logs(likelihoods), axis=1))


@mistake("zeros-skipped")
def _(prior, likelihoods):
    """A likelihood of 0 is passed over as if it were 1. It says that the hypothesis is impossible: log 0 is
    -inf, and exp makes a 0 of that again.
    """
    table = np.asarray(likelihoods, dtype=float)
    return _normalised(_logs(prior) + np.sum(_logs(np.where(table > 0, table, 1.0)), axis=0))


@mistake("epsilon-in-log")
def _(prior, likelihoods):
    """log(p + 1e-12) makes the impossible possible, and everything below 1e-12 alike. Log 0 may be -inf: exp
    gives the 0 back.
    """
    table = np.asarray(likelihoods, dtype=float)
    return _normalised(np.log(np.asarray(prior) + 1e-12) + np.sum(np.log(table + 1e-12), axis=0))


@mistake("shifted-by-minimum")
def _(prior, likelihoods):
    """The smallest log is subtracted, so that the largest overflows exp, and -inf gives nan. Which one should
    become 0?
    """
    log_joint = _logs(prior) + np.sum(_logs(likelihoods), axis=0)
    joint = np.exp(log_joint - np.min(log_joint))
    return joint / np.sum(joint)


@mistake("rounded")
def _(prior, likelihoods):
    """The probabilities are rounded to four digits. Print rounded, return exact."""
    return np.round(right.sequential_posterior(prior, likelihoods), 4)


@mistake("input-mutated")
def _(prior, likelihoods):
    """The caller's arrays are written into. Make new ones, or work on copies."""
    prior[:] = right.sequential_posterior(prior, likelihoods)
    return prior


@mistake("float32-inside")
def _(prior, likelihoods):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    log_prior, table = np.log(np.asarray(prior, np.float32)), np.log(np.asarray(likelihoods, np.float32))
    return _normalised(log_prior + np.sum(table, axis=0))


def _textbook(prior, likelihoods):
    joint = prior * np.prod(likelihoods, axis=0)
    return joint / np.sum(joint)


exercise = Exercise(
    name="sequential_posterior",
    topic="bayes",
    reference=right.sequential_posterior,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook,),
    checks=(
        Check(
            "multiplies the prior with the likelihoods of a few observations",
            example=WORDS,
            inputs=_few,
            hint=(
                "Every row of the likelihoods is one more observation. The prior counts once; the result sums to"
                " one."
            ),
        ),
        Check(
            "survives thousands of observations",
            example=Call((np.array([0.1, 0.9]), np.tile([[0.5, 0.4], [0.4, 0.5]], (1_000, 1)))),
            inputs=_long,
            weight=0.5,
            hint="0.5 to the power of 1075 is 0 in float64. Products underflow, sums of logs don't.",
        ),
        Check(
            "lets a hypothesis come back from below 1e-308",
            example=Call((np.array([0.25, 0.75]), SPEAKS_FOR_EACH_IN_TURN)),
            inputs=_come_back,
            weight=0.5,
            hint="What has become 0 stays 0, whatever it is multiplied with. A logarithm can fall without end.",
        ),
        Check(
            "rules out what has a prior or a likelihood of zero",
            example=Call((np.array([0.5, 0.3, 0.2]), np.array([[0.9, 0.5, 0.1], [0.0, 0.4, 0.8]]))),
            inputs=_zeros,
            weight=0.5,
            hint="One impossible observation is enough, whatever the others say. Log 0 is -inf; exp(-inf) is 0.",
        ),
        Check(
            "works for one observation, for one hypothesis and for equal ones",
            example=Call((np.array([0.1, 0.9]), np.array([[0.8, 0.01]]))),
            inputs=_one_of_a_kind,
            weight=0.5,
        ),
        takes_any_layout(
            Call((np.array([0.25, 0.25, 0.5]), np.array([[1, 1, 0], [0, 1, 1], [1, 1, 1]]))), _layouts
        ),
        leaves_arguments_unchanged(WORDS, _few),
    ),
)
