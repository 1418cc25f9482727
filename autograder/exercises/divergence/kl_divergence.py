"""kl_divergence(p, q): the extra nats for coding p by a code made for q."""

import numpy as np

from autograder.exercises.divergence._draws import (
    apart,
    log_tolerance,
    one_hot,
    pair_layouts,
    pairs,
    pmf,
    with_fixed,
)
from autograder.judging import Call, Check, Exercise, Misconceptions, leaves_arguments_unchanged, takes_any_layout
from autograder.solutions import divergence as right

mistake = Misconceptions()


def _p_impossible(rng):
    yield Call((with_fixed(rng, {1: 0.0}, 4), pmf(rng, 4)))
    yield apart(rng, 4, {1: 0.0})
    yield Call((with_fixed(rng, {0: 0.0, 2: 0.0, 4: 0.0}, 6), with_fixed(rng, {2: 0.0}, 6)))
    yield Call((one_hot(4, 3).astype(np.float64), pmf(rng, 4)))
    yield Call((one_hot(3, 1), pmf(rng, 3)))


def _q_impossible(rng):
    yield Call((pmf(rng, 4), with_fixed(rng, {2: 0.0}, 4)))
    yield Call((with_fixed(rng, {2: 1e-300}, 4), with_fixed(rng, {2: 0.0}, 4)))
    yield Call((pmf(rng, 5), with_fixed(rng, {0: 0.0, 4: 0.0}, 5)))
    yield Call((pmf(rng, 3), one_hot(3, 0)))


def _rare(rng):
    yield Call((pmf(rng, 4), with_fixed(rng, {1: 1e-300}, 4)))
    yield Call((with_fixed(rng, {1: 1e-300}, 4), pmf(rng, 4)))
    yield Call((with_fixed(rng, {0: 0.3}, 4), with_fixed(rng, {0: 2e-12}, 4)))
    yield Call((with_fixed(rng, {0: 0.25, 1: 1e-200}, 5), with_fixed(rng, {0: 1e-13, 1: 1e-250}, 5)))


def _nearly_equal(rng):
    p = pmf(rng, 5)
    yield Call((p, p.copy()))
    moved = p * (1 + 1e-4 * rng.uniform(1, 2, 5) * [1, -1, 1, -1, 1])
    yield Call((p, moved / moved.sum()))
    yield Call((np.ones(1), np.ones(1)))
    yield Call((pmf(rng, 100), pmf(rng, 100)))


@mistake("reversed", slip=True)
def _(p, q):
    """This is KL(q‖p). The divergence is not symmetric: which distribution is the expectation taken under?"""
    return right.kl_divergence(q, p)


@mistake("sign-flipped", slip=True)
def _(p, q):
    """The sign is flipped (or the ratio upside down): a KL divergence is never negative."""
    return -right.kl_divergence(p, q)


@mistake("base-2", slip=True)
def _(p, q):
    """These are bits: the logarithm has base 2. This course counts in nats, the natural logarithm."""
    return right.kl_divergence(p, q) / np.log(2)


@mistake("cross-entropy")
def _(p, q):
    """This is the cross-entropy of p and q. It exceeds the divergence by the entropy of p: KL(p‖p) must be 0."""
    return -np.sum(p * np.log(q))


@mistake("mean-for-sum")
def _(p, q):
    """The terms are averaged over the outcomes. Which weights does an expectation already carry?"""
    return np.mean(p * np.log(p / q))


@mistake("sum-forgotten")
def _(p, q):
    """One term per outcome comes back; the divergence is their sum, a scalar."""
    return p * np.log(p / q)


@mistake("unweighted")
def _(p, q):
    """The log-ratios are added up as if every outcome came once. How often does each of them occur under p?"""
    return np.sum(np.log(p / q))


@mistake("weighted-by-q")
def _(p, q):
    """The log-ratio of p to q is weighted by q. Under which of the two is the expectation taken?"""
    return np.sum(q * np.log(p / q))


@mistake("symmetrised")
def _(p, q):
    """The two directions are averaged. KL(p‖q) is one of them, and not symmetric."""
    return (right.kl_divergence(p, q) + right.kl_divergence(q, p)) / 2


@mistake("absolute-terms")
def _(p, q):
    """Each term is made positive. Terms where q exceeds p are negative and have to stay so; only the sum can't
    fall below zero.
    """
    return np.sum(np.abs(p * np.log(p / q)))


@mistake("entropy-difference")
def _(p, q):
    """This is a difference of two entropies, which can be negative. In KL both logarithms are weighted alike."""
    return right.entropy(q) - right.entropy(p)


@mistake("zero-gives-nan")
def _(p, q):
    """Log 0 is -inf, and 0 · inf is nan. Where p is 0 nothing is added, whatever q is: leave these terms out."""
    return np.sum(p * np.log(p / q))


@mistake("infinite-wherever-q-is-zero")
def _(p, q):
    """Any zero of q makes this infinite. What if p never produces that outcome either?"""
    return np.inf if np.any(q == 0) else right.kl_divergence(p, q)


@mistake("impossible-outcomes-skipped")
def _(p, q):
    """Outcomes that q excludes are skipped, although p produces them. What does it cost to meet the impossible?"""
    both = (p > 0) & (q > 0)
    return np.sum(p[both] * np.log(p[both] / q[both]))


@mistake("infinity-replaced")
def _(p, q):
    """The infinity is replaced by a finite number. Where q excludes what p produces, inf *is* the answer."""
    return np.sum(np.nan_to_num(p * np.log(p / q)))


@mistake("epsilon-in-log")
def _(p, q):
    """A small constant inside the logarithms hides every q smaller than itself, and 0 above all. Treat zeros by
    themselves instead of moving every probability.
    """
    return np.sum(p * np.log((p + 1e-12) / (q + 1e-12)))


@mistake("clipped")
def _(p, q):
    """Clipping makes all small probabilities alike, 0 among them: the divergence can then never become large or
    infinite. Treat zeros by themselves.
    """
    return np.sum(p * np.log(np.maximum(p, 1e-12) / np.maximum(q, 1e-12)))


@mistake("integer-output")
def _(p, q):
    """The terms are stored in an array of p's own dtype: for an integer pmf they are cut to whole numbers."""
    terms = np.zeros_like(p)
    possible = p > 0
    terms[possible] = np.nan_to_num(p[possible] * (np.log(p[possible]) - np.log(q[possible])), posinf=np.inf)
    return np.sum(terms)


@mistake("input-mutated")
def _(p, q):
    """An argument is changed: `p /= …`, `q += …` and `p[p == 0] = …` write into the caller's array. Make a new
    one.
    """
    result = right.kl_divergence(p, q)
    p *= 1 - p
    return result


@mistake("float32-inside")
def _(p, q):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    p, q = np.asarray(p, np.float32), np.asarray(q, np.float32)
    return np.float64(np.sum(p * np.log(p / q)))


def _textbook(p, q):
    return np.sum(p * np.log(p / q))


def _from_cross_entropy(p, q):
    return np.sum(p * np.log(p)) - np.sum(p * np.log(q))


exercise = Exercise(
    name="kl_divergence",
    topic="divergence",
    reference=right.kl_divergence,
    tolerance=log_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook, _from_cross_entropy),
    checks=(
        Check(
            "matches Σ p log(p/q) on ordinary pmfs",
            example=Call((np.array([0.5, 0.25, 0.25]), np.array([0.8, 0.1, 0.1]))),
            inputs=pairs,
            hint="The expectation is taken under p; in the logarithm p stands above q.",
        ),
        Check(
            "counts nothing where p is zero",
            example=Call((np.array([0.75, 0.25, 0.0]), np.array([0.5, 0.5, 0.0]))),
            inputs=_p_impossible,
            weight=0.5,
            hint="p log(p/q) is 0 where p is 0, whether q is positive there or not.",
        ),
        Check(
            "gives +inf where q is zero and p is not",
            example=Call((np.array([0.5, 0.5]), np.array([1.0, 0.0]))),
            inputs=_q_impossible,
            weight=0.5,
            hint="An outcome that q calls impossible is infinitely surprising, however rarely p produces it.",
        ),
        Check(
            "stays exact for tiny probabilities",
            example=Call((np.array([0.5, 0.5]), np.array([1.0, 1e-300]))),
            inputs=_rare,
            weight=0.5,
            hint="However small q is, -log q is finite: nothing has to be added or clipped.",
        ),
        Check(
            "vanishes where p and q agree, and takes one outcome or many",
            example=Call((np.array([0.7, 0.2, 0.1]), np.array([0.7, 0.2, 0.1]))),
            inputs=_nearly_equal,
            weight=0.5,
        ),
        takes_any_layout(
            Call((np.array([0.75, 0.25], dtype=np.float32), np.array([0.5, 0.5], dtype=np.float32))),
            pair_layouts,
        ),
        leaves_arguments_unchanged(Call((np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.3, 0.6]))), pairs),
    ),
)
