"""js_divergence(p, q): the mean divergence of two pmfs from their midpoint, in nats."""

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
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    Use,
    leaves_arguments_unchanged,
    takes_any_layout,
)
from autograder.solutions import divergence as right

mistake = Misconceptions()


def _parted(rng):
    """Disjoint supports, supports that overlap in part, and two that lack the same outcome."""
    p, q = np.zeros(6), np.zeros(6)
    p[:3], q[3:] = pmf(rng, 3), pmf(rng, 3)
    yield Call((p, q))
    yield Call((with_fixed(rng, {0: 0.0}, 4), with_fixed(rng, {3: 0.0}, 4)))
    yield apart(rng, 4, {2: 0.0})
    yield Call((with_fixed(rng, {1: 0.0, 2: 0.0}, 4), pmf(rng, 4)))
    common = 0.95 * pmf(rng, 3)
    yield Call((np.append(common, [0.05, 0.0]), np.append(common, [0.0, 0.05])))
    yield Call((one_hot(4, 1), one_hot(4, 3)))
    yield Call((pmf(rng, 3), one_hot(3, 2)))


def _rare(rng):
    """Pmfs that differ in rare outcomes only: the divergence is so small that a constant of 1e-12 shows, and one
    of 1e-15 where it is large beside one of the two. (Else what it does to p cancels what it does to q.)
    """
    common = pmf(rng, 2)
    for sizes in ((4e-7, 2e-8, 3e-7, 5e-8), (3e-10, 2e-11, 4e-10, 5e-11)):
        rare = np.array(sizes) * rng.uniform(1, 2, 4)
        p, q = rare * [1, 1e-3, 1, 1e-3], rare * [1e-3, 1, 1e-3, 1]
        yield Call(tuple(np.concatenate([(1 - part.sum()) * common, part]) for part in (p, q)))
    sizes = np.resize([1e-10, 1e-25], 12) * rng.uniform(1, 2, 12)
    rarer = [np.concatenate([(1 - rare.sum()) * common, rare]) for rare in (sizes, sizes[::-1])]
    yield Call(tuple(rarer))
    yield Call((with_fixed(rng, {1: 1e-300}, 4), pmf(rng, 4)))
    yield Call((with_fixed(rng, {1: 1e-300}, 4), with_fixed(rng, {1: 1e-250}, 4)))


def _nearly_equal(rng):
    p = pmf(rng, 5)
    yield Call((p, p.copy()))
    moved = p * (1 + 1e-4 * rng.uniform(1, 2, 5) * [1, -1, 1, -1, 1])
    yield Call((p, moved / moved.sum()))
    yield Call((np.ones(1), np.ones(1)))
    yield Call((pmf(rng, 100), pmf(rng, 100)))


def _js(p, q, kl):
    """Compute the divergence with a wrong KL."""
    m = (p + q) / 2
    return (kl(p, m) + kl(q, m)) / 2


@mistake("square-root", slip=True)
def _(p, q):
    """This is the Jensen–Shannon *distance*, the square root of the divergence."""
    return np.sqrt(np.maximum(right.js_divergence(p, q), 0))


@mistake("sum-for-average", slip=True)
def _(p, q):
    """The two divergences are added up: this reaches 2 log 2. The Jensen–Shannon divergence is their mean."""
    return 2 * right.js_divergence(p, q)


@mistake("first-half-only")
def _(p, q):
    """Only the divergence of p from the midpoint is here; that of q is missing, so the result isn't symmetric."""
    return right.kl_divergence(p, (p + q) / 2)


@mistake("plain-kl")
def _(p, q):
    """This is KL(p‖q), not symmetric and perhaps infinite. Both pmfs should be compared with their midpoint."""
    return right.kl_divergence(p, q)


@mistake("symmetrised-kl")
def _(p, q):
    """This is the mean of KL(p‖q) and KL(q‖p): symmetric, but infinite where supports part. Compare each with
    the midpoint instead.
    """
    return (right.kl_divergence(p, q) + right.kl_divergence(q, p)) / 2


@mistake("reversed")
def _(p, q):
    """These are the divergences of the midpoint from p and from q, infinite where one of them is 0. Which of the
    two arguments should the midpoint be?
    """
    m = (p + q) / 2
    return (right.kl_divergence(m, p) + right.kl_divergence(m, q)) / 2


@mistake("midpoint-not-halved")
def _(p, q):
    """The midpoint sums to 2, so everything lies log 2 too low. A mixture of two pmfs is a pmf."""
    return (right.kl_divergence(p, p + q) + right.kl_divergence(q, p + q)) / 2


@mistake("geometric-midpoint")
def _(p, q):
    """The midpoint is a geometric mean; it should be the equal mixture of the two."""
    return _js(p, q, lambda a, _: right.kl_divergence(a, np.sqrt(p * q)))


@mistake("base-2", slip=True)
def _(p, q):
    """These are bits: the logarithm has base 2, and the bound is 1. In nats the bound is log 2."""
    return right.js_divergence(p, q) / np.log(2)


@mistake("sign-flipped", slip=True)
def _(p, q):
    """The sign is flipped (or a ratio upside down): the divergence is never negative."""
    return -right.js_divergence(p, q)


@mistake("entropies-not-averaged")
def _(p, q):
    """Both entropies are subtracted whole from that of the midpoint. Their *mean* is what the mixture exceeds."""
    return right.entropy((p + q) / 2) - right.entropy(p) - right.entropy(q)


@mistake("sum-forgotten")
def _(p, q):
    """One term per outcome comes back; the divergence is their sum, a scalar."""
    return _js(p, q, lambda a, m: a * np.log(a / m))


@mistake("mean-for-sum")
def _(p, q):
    """The terms are averaged over the outcomes. Which weights does an expectation already carry?"""
    return right.js_divergence(p, q) / len(p)


@mistake("zero-gives-nan")
def _(p, q):
    """Log 0 is -inf, and 0 · inf is nan. An outcome that a pmf excludes adds nothing to its own half: leave it
    out.
    """
    return _js(p, q, lambda a, m: np.sum(a * np.log(a / m)))


@mistake("impossible-outcomes-skipped")
def _(p, q):
    """Outcomes that one of the two excludes are skipped altogether. The other one still tells them from the
    midpoint: disjoint supports are as far apart as can be.
    """
    both = (p > 0) & (q > 0)
    return _js(p, q, lambda a, m: np.sum(a[both] * np.log(a[both] / m[both])))


@mistake("epsilon-in-log")
def _(p, q):
    """A small constant inside the logarithms bends every rare outcome. The midpoint is positive wherever p or q
    is: there is nothing to guard against but 0 log 0.
    """
    return _js(p, q, lambda a, m: np.sum(a * np.log((a + 1e-12) / (m + 1e-12))))


@mistake("clipped")
def _(p, q):
    """Clipping makes impossible outcomes possible and rare ones alike. Only 0 log 0 needs care, and the midpoint
    is positive wherever p or q is.
    """
    return right.js_divergence(np.clip(p, 1e-10, 1), np.clip(q, 1e-10, 1))


@mistake("input-mutated")
def _(p, q):
    """An argument is changed: `m = p` is no copy, and `m += q` writes into the caller's array. Make a new one."""
    result = right.js_divergence(p, q)
    p += q
    return result


@mistake("float32-inside")
def _(p, q):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    p, q = np.asarray(p, np.float32), np.asarray(q, np.float32)
    return np.float64(_js(p, q, lambda a, m: np.sum(a * np.log(a / m))))


def _textbook(p, q):
    m = (p + q) / 2
    return 0.5 * np.sum(p * np.log(p / m)) + 0.5 * np.sum(q * np.log(q / m))


def _from_entropies(p, q):
    m = (p + q) / 2
    return -np.sum(m * np.log(m)) + (np.sum(p * np.log(p)) + np.sum(q * np.log(q))) / 2


def _on_kl(kl_divergence):
    return lambda p, q: (kl_divergence(p, (p + q) / 2) + kl_divergence(q, (p + q) / 2)) / 2


exercise = Exercise(
    name="js_divergence",
    topic="divergence",
    reference=right.js_divergence,
    tolerance=log_tolerance,
    misconceptions=tuple(mistake),
    uses=(Use("kl_divergence", _on_kl),),
    textbook=(_textbook, _from_entropies),
    checks=(
        Check(
            "matches ½ KL(p‖m) + ½ KL(q‖m) on ordinary pmfs",
            example=Call((np.array([0.5, 0.25, 0.25]), np.array([0.8, 0.1, 0.1]))),
            inputs=pairs,
            hint="m is the mean of p and q. Each of them is compared with m, and each counts one half.",
        ),
        Check(
            "stays finite where supports part, and reaches log 2",
            example=Call((np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.0, 1.0]))),
            inputs=_parted,
            hint="Where p is 0 its own half gains nothing, while the half of q goes on counting.",
        ),
        Check(
            "stays exact for rare outcomes",
            example=Call((np.array([0.9989, 0.001, 0.0001]), np.array([0.9989, 0.0001, 0.001]))),
            inputs=_rare,
            weight=0.5,
            hint="However small p and q are, their ratio to the midpoint is at most 2: nothing has to be added.",
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
