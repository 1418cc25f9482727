"""bayes_posterior(prior, likelihood): Bayes' rule over k hypotheses."""

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

SPAM = Call((np.array([0.1, 0.9]), np.array([0.8, 0.01])))


def _tolerance(call, single):
    """Products, a sum of positive terms and a quotient lose nothing, however small a posterior is. A sum of
    logarithms rounds an exponent at the size of log prior + log likelihood.
    """
    with np.errstate(divide="ignore"):
        logs = np.abs([np.log(np.asarray(value, dtype=np.float64)) for value in call.args])
    exponent = np.max(np.sum(np.where(np.isfinite(logs), logs, 0.0), axis=0))
    return tolerance_for(0.0, single=single, conditioned=float(exponent))


def _ordinary(rng):
    for k in (2, 3, 5):
        yield Call((pmf(rng, k), rng.uniform(0.05, 1, k)))


def _zeros(rng):
    """Hypotheses that the prior or the observation rules out, and the only one that either leaves."""
    prior, likelihood = pmf(rng, 5), rng.uniform(0.05, 1, 5)
    prior[1] = likelihood[3] = 0.0
    yield Call((prior / prior.sum(), likelihood))
    yield Call((one_hot(rng, 4), rng.uniform(0.05, 1, 4)))
    yield Call((pmf(rng, 4), rng.uniform(0.05, 1, 4) * one_hot(rng, 4)))


def _any_size(rng):
    """All likelihoods tiny, all of them large densities, a rare hypothesis that the observation favours, and two
    that it makes very rare.
    """
    yield Call((pmf(rng, 4), rng.uniform(0.1, 1, 4) * 1e-200))
    yield Call((pmf(rng, 3), rng.uniform(1, 4, 3) * 1e7))
    rare = pmf(rng, 3) * np.array([1.0, 1e-12, 1e-6])
    yield Call((rare / rare.sum(), rng.uniform(0.1, 1, 3) * np.array([1e-12, 1.0, 1e-6])))
    yield Call((pmf(rng, 3), rng.uniform(0.1, 1, 3) * np.array([1.0, 1e-20, 1e-60])))


def _one_many_and_ties(rng):
    yield Call((np.ones(1), rng.uniform(0.05, 1, 1)))
    yield Call((pmf(rng, 200), rng.uniform(0.05, 1, 200)))
    yield Call((np.full(5, 0.2), np.full(5, rng.uniform(0.05, 1))))


def _layouts(rng):
    yield Call((pmf(rng, 5), rng.permutation([0, 1, 1, 0, 1])))
    yield Call((pmf(rng, 4), rng.permutation([0, 1, 2, 3]).astype(np.int32)))
    yield Call((one_hot(rng, 4).astype(np.int32), rng.uniform(0.05, 1, 4)))
    yield Call((pmf(rng, 4).astype(np.float32), rng.uniform(0.05, 1, 4).astype(np.float32)))
    likelihoods = odd_layouts(lambda shape: rng.uniform(0.05, 1, shape), (5,))
    for prior, likelihood in zip(odd_pmfs(rng, 5), likelihoods, strict=True):
        yield Call((prior, likelihood))


@mistake("not-normalised")
def _(prior, likelihood):
    """This is prior times likelihood, the joint probability. The posterior sums to one: what is it divided by?"""
    return np.asarray(prior, dtype=float) * likelihood


@mistake("prior-forgotten")
def _(prior, likelihood):
    """The likelihoods are scaled to sum to one, as if every hypothesis had been equally probable beforehand."""
    return likelihood / np.sum(likelihood, dtype=float)


@mistake("evidence-without-prior")
def _(prior, likelihood):
    """The denominator adds up the bare likelihoods. The evidence weighs each with its prior."""
    return prior * likelihood / np.sum(likelihood, dtype=float)


@mistake("divided-by-mean", slip=True)
def _(prior, likelihood):
    """The products are divided by their mean, so that they sum to k. The evidence is their sum."""
    return right.bayes_posterior(prior, likelihood) * len(prior)


@mistake("divided-by-maximum")
def _(prior, likelihood):
    """The products are divided by the largest of them, so that the best hypothesis gets 1. Should they not sum
    to 1?
    """
    posterior = right.bayes_posterior(prior, likelihood)
    return posterior / np.max(posterior)


@mistake("two-hypotheses-only")
def _(prior, likelihood):
    """The alternative is taken to have 1 - prior and 1 - likelihood. The likelihoods of other hypotheses are
    given; they need not sum to one with this one.
    """
    joint = np.asarray(prior, dtype=float) * likelihood
    return joint / (joint + (1 - np.asarray(prior, dtype=float)) * (1 - np.asarray(likelihood, dtype=float)))


@mistake("added-for-multiplied")
def _(prior, likelihood):
    """Prior and likelihood are added. That both hold is a product: P(h) times P(observed | h)."""
    return (prior + likelihood) / np.sum(prior + likelihood, dtype=float)


@mistake("softmax-of-products")
def _(prior, likelihood):
    """The products go through exp before they are normalised. They are no logits: they are probabilities
    already.
    """
    weights = np.exp(np.asarray(prior, dtype=float) * likelihood)
    return weights / np.sum(weights)


@mistake("log-posterior")
def _(prior, likelihood):
    """These are log-probabilities; probabilities are asked for."""
    return np.log(right.bayes_posterior(prior, likelihood))


@mistake("decision-for-posterior")
def _(prior, likelihood):
    """The best hypothesis gets 1 and the others 0. That is a decision; the posterior says how sure one can be."""
    best = np.argmax(right.bayes_posterior(prior, likelihood))
    return np.eye(len(prior))[best]


@mistake("evidence-for-posterior")
def _(prior, likelihood):
    """This is the evidence, the probability of what was observed. It is what the posterior is divided by."""
    return np.sum(np.asarray(prior, dtype=float) * likelihood)


@mistake("epsilon-in-denominator")
def _(prior, likelihood):
    """A small constant is added to the evidence. Where all likelihoods are small it swamps them, and nothing
    sums to one any more.
    """
    joint = np.asarray(prior, dtype=float) * likelihood
    return joint / (np.sum(joint) + 1e-12)


@mistake("clipped")
def _(prior, likelihood):
    """The likelihoods are clipped: what is impossible becomes possible, and what is improbable likelier than
    it is.
    """
    return right.bayes_posterior(prior, np.clip(likelihood, 1e-12, 1))


@mistake("integer-output")
def _(prior, likelihood):
    """The result is stored in an array of the likelihood's own type: if that is integer, every probability is
    cut to 0 or 1.
    """
    result = np.array(likelihood)
    result[...] = right.bayes_posterior(prior, likelihood)
    return result


@mistake("rounded")
def _(prior, likelihood):
    """The probabilities are rounded to four digits. Print rounded, return exact."""
    return np.round(right.bayes_posterior(prior, likelihood), 4)


@mistake("input-mutated")
def _(prior, likelihood):
    """`prior *= likelihood` writes into the caller's array. Make a new one: `prior * likelihood`."""
    prior *= likelihood
    return prior / np.sum(prior)


@mistake("float32-inside")
def _(prior, likelihood):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    joint = np.asarray(prior, np.float32) * np.asarray(likelihood, np.float32)
    return joint / np.sum(joint)


@mistake("smoothed")
def _(prior, likelihood):
    """One is added to every entry before it is normalised. Counts are smoothed so; the posterior is not."""
    joint = np.multiply(prior, likelihood) + 1
    return joint / np.sum(joint)


@mistake("likeliest-only")
def _(prior, likelihood):
    """The position of the likeliest hypothesis comes back. The posterior has a probability for each of them."""
    return np.argmax(np.multiply(prior, likelihood))


def _textbook(prior, likelihood):
    joint = prior * likelihood
    return joint / np.sum(joint)


def _evidence_apart(prior, likelihood):
    return prior * likelihood / np.sum(prior * likelihood)


exercise = Exercise(
    name="bayes_posterior",
    topic="bayes",
    reference=right.bayes_posterior,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook, _evidence_apart),
    checks=(
        Check(
            "weighs the prior with the likelihood and normalises",
            example=SPAM,
            inputs=_ordinary,
            hint=(
                "Multiply prior and likelihood hypothesis by hypothesis. What must the products be divided by to"
                " sum to one?"
            ),
        ),
        Check(
            "rules out what has a prior or a likelihood of zero",
            example=Call((np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.2, 0.9]))),
            inputs=_zeros,
            weight=0.5,
            hint="Zero times anything is zero: no constant needs to be added.",
        ),
        Check(
            "holds for tiny likelihoods and large densities",
            example=Call((np.array([0.1, 0.9]), np.array([8e-200, 1e-200]))),
            inputs=_any_size,
            weight=0.5,
            hint="Only the ratios of the likelihoods matter. What in your formula depends on their size?",
        ),
        Check(
            "works for one hypothesis, for many and for equal ones",
            example=Call((np.array([0.25, 0.25, 0.25, 0.25]), np.array([0.3, 0.3, 0.3, 0.3]))),
            inputs=_one_many_and_ties,
            weight=0.5,
        ),
        takes_any_layout(Call((np.array([0.25, 0.25, 0.5]), np.array([1, 0, 1]))), _layouts),
        leaves_arguments_unchanged(SPAM, _ordinary),
    ),
)
