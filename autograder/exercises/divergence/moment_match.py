"""moment_match(weights, mus, sigmas): the Gaussian closest to a mixture in KL(mixture‖Gaussian)."""

from functools import partial

import numpy as np

from autograder.exercises._layouts import odd_layouts
from autograder.exercises.divergence._draws import one_hot, pmf, pmf_layouts, with_fixed
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    leaves_arguments_unchanged,
    takes_any_layout,
    tolerance_for,
)
from autograder.solutions import divergence as right

mistake = Misconceptions()


def _tolerance(call, single):
    """The mean is rounded at the size of Σ w |mu|. All terms of the variance are positive, so that its root is
    relative; an error of the mean reaches it squared, or once where the weights don't sum to one in every digit.
    """
    w, mus, sigmas = (np.asarray(value, np.float64) for value in call.args)
    return tolerance_for(float(np.sum(w * (np.abs(mus) + sigmas))), single=single)


def _mixture(rng, k, unit=1.0, centre=0.0):
    return pmf(rng, k), unit * (centre + rng.normal(0, 3, k)), unit * rng.uniform(0.5, 2, k)


def _ordinary(rng):
    for k in (2, 3, 5, 8):
        yield Call(_mixture(rng, k))
    weights, _, sigmas = _mixture(rng, 3, 0.1)
    yield Call((weights, np.array([-0.4, 0.1, 0.5]), sigmas))


def _one_component(rng):
    yield Call((np.ones(1), rng.normal(0, 3, 1), rng.uniform(0.5, 2, 1)))
    yield Call((one_hot(3, 1).astype(np.float64), *_mixture(rng, 3)[1:]))
    yield Call((one_hot(4, 3), *_mixture(rng, 4)[1:]))
    weights, mus, sigmas = _mixture(rng, 3)
    yield Call((weights, np.full(3, mus[0]), np.full(3, sigmas[0])))
    yield Call((with_fixed(rng, {0: 0.0}, 3), mus, sigmas))


def _scales(rng):
    for unit in (5e-8, 1e-3, 1e6):
        yield Call(_mixture(rng, 4, unit))
    yield Call(_mixture(rng, 4, centre=100.0))
    yield from (_far_in_float32(rng, k) for k in (2, 4, 6))
    yield Call((pmf(rng, 3), 1e-7 + 1e-9 * rng.normal(0, 1, 3), 1e-8 * rng.uniform(1, 2, 3)))
    # narrow and wide components, and a rare one that is far enough away to matter
    yield Call((pmf(rng, 4), rng.normal(0, 1, 4) * [1, 1, 1e8, 1], np.array([1e-8, 1.0, 1e8, 1e-3])))
    yield Call((with_fixed(rng, {1: 1e-12}, 3), np.array([0.0, 1e6, 1.0]) * rng.uniform(1, 2, 3), np.ones(3)))
    yield Call((with_fixed(rng, {2: 1e-300}, 3), rng.normal(0, 1, 3), np.array([1.0, 2.0, 1e8])))


def _far_in_float32(rng, k):
    """A mixture with a mean of 91 to 99 deviations. There squares are 2⁻¹⁰ apart, and so are the variances that a
    second moment minus a squared mean can give; the variance lies midway between two of them, and so does its part
    between the components.
    """
    weights, mus, sigmas = _mixture(rng, k)
    mus = mus - np.sum(weights * mus)
    mus *= np.sqrt((0.5 + 2.0**-11) / np.sum(weights * mus**2))
    sigmas *= np.sqrt(0.5 / np.sum(weights * sigmas**2))
    return Call(tuple(part.astype(np.float32) for part in (weights, mus + rng.uniform(91, 99), sigmas)))


def _many(rng):
    yield Call(_mixture(rng, 1000))
    weights, mus, sigmas = _mixture(rng, 6)
    yield Call((weights, np.repeat(mus[:3], 2), sigmas))
    yield Call((weights, np.full(6, mus[3]), sigmas))


def _layouts(rng):
    yield Call((pmf(rng, 4), rng.integers(-5, 6, 4), np.array([1, 2, 3, 4])))
    yield Call((pmf(rng, 4), rng.integers(-5, 6, 4).astype(np.int32), rng.integers(1, 6, 4).astype(np.int32)))
    yield Call(tuple(array.astype(np.float32) for array in _mixture(rng, 5)))
    for weights, mus, sigmas in zip(
        pmf_layouts(rng, 4),
        odd_layouts(partial(rng.normal, 0, 3), (4,)),
        odd_layouts(partial(rng.uniform, 0.5, 2), (4,)),
        strict=True,
    ):
        _, more_mus, more_sigmas = _mixture(rng, 4)
        yield Call((weights, mus, more_sigmas))
        yield Call((pmf(rng, 4), more_mus, sigmas))


def _mean(weights, mus):
    return np.sum(weights * mus)


def _spread(weights, mus):
    """The variance of the components' means."""
    return np.sum(weights * (mus - _mean(weights, mus)) ** 2)


@mistake("variance-for-deviation", slip=True)
def _(weights, mus, sigmas):
    """The second value is the variance; the standard deviation is asked for."""
    mu, sigma = right.moment_match(weights, mus, sigmas)
    return mu, sigma**2


@mistake("spread-of-the-means-forgotten")
def _(weights, mus, sigmas):
    """The variances of the components are averaged and nothing else: components that lie apart make the mixture
    wider than each of them.
    """
    return _mean(weights, mus), np.sqrt(np.sum(weights * sigmas**2))


@mistake("deviations-averaged")
def _(weights, mus, sigmas):
    """The second value is the average of the sigmas. Deviations don't average; and where the components lie plays
    a part as well.
    """
    return _mean(weights, mus), np.sum(weights * sigmas)


@mistake("within-variance-forgotten")
def _(weights, mus, sigmas):
    """Only the spread of the means is counted, as if each component were a point. Their own widths are missing."""
    return _mean(weights, mus), np.sqrt(_spread(weights, mus))


@mistake("unweighted")
def _(weights, mus, sigmas):
    """The weights have no effect: every component counts the same."""
    return np.mean(mus), np.sqrt(np.mean(sigmas**2) + np.var(mus))


@mistake("spread-unweighted")
def _(weights, mus, sigmas):
    """The spread of the means is taken without the weights: np.var knows nothing of them."""
    return _mean(weights, mus), np.sqrt(np.sum(weights * sigmas**2) + np.var(mus))


@mistake("within-unweighted")
def _(weights, mus, sigmas):
    """The variances of the components are averaged without the weights. A heavy component counts more."""
    return _mean(weights, mus), np.sqrt(np.mean(sigmas**2) + _spread(weights, mus))


@mistake("spread-about-the-plain-mean")
def _(weights, mus, sigmas):
    """The spread is measured about the unweighted mean of the means; the mixture has its centre elsewhere."""
    variance = np.sum(weights * (sigmas**2 + (mus - np.mean(mus)) ** 2))
    return _mean(weights, mus), np.sqrt(variance)


@mistake("not-centred")
def _(weights, mus, sigmas):
    """This is the root of the second moment about zero. A variance is taken about the mean."""
    return _mean(weights, mus), np.sqrt(np.sum(weights * (sigmas**2 + mus**2)))


@mistake("one-pass")
def _(weights, mus, sigmas):
    """The second moment minus the squared mean: right on paper, but far from zero two large numbers are subtracted
    that differ in their last digits alone. Take the distances from the mean first.
    """
    mu = np.sum(weights * mus)
    return mu, np.sqrt(np.sum(weights * (sigmas**2 + mus**2)) - mu**2)


def _within_and_between(weights, mus, sigmas):
    mu = np.sum(weights * mus)
    return mu, np.sqrt(np.sum(weights * sigmas**2) + np.sum(weights * (mus - mu) ** 2))


@mistake("sigmas-not-squared")
def _(weights, mus, sigmas):
    """Deviations are added to squared distances. Which power of sigma belongs beside a square?"""
    return _mean(weights, mus), np.sqrt(np.sum(weights * sigmas) + _spread(weights, mus))


@mistake("deviations-added")
def _(weights, mus, sigmas):
    """The widths within and the spread between are added as deviations. Variances add, deviations don't."""
    return _mean(weights, mus), np.sqrt(np.sum(weights * sigmas**2)) + np.sqrt(_spread(weights, mus))


@mistake("deviation-of-a-weighted-sum")
def _(weights, mus, sigmas):
    """This is the deviation of a weighted *sum* of independent variables, with squared weights. A mixture draws
    one component at a time.
    """
    return _mean(weights, mus), np.sqrt(np.sum((weights * sigmas) ** 2))


@mistake("heaviest-component")
def _(weights, mus, sigmas):
    """This is the heaviest component by itself: what minimising the *reversed* KL tends to. KL(mixture‖Gaussian)
    covers all of them.
    """
    heaviest = np.argmax(weights)
    return mus[heaviest], sigmas[heaviest]


@mistake("precision-weighted")
def _(weights, mus, sigmas):
    """The components are weighted by their precisions, as if all measured one thing: a product of Gaussians. The
    mixture is a sum of densities.
    """
    precisions = weights / sigmas**2
    return np.sum(precisions * mus) / np.sum(precisions), 1 / np.sqrt(np.sum(precisions))


@mistake("unbiased", slip=True)
def _(weights, mus, sigmas):
    """The spread of the means is corrected as if they were a sample. But nothing is estimated here."""
    between = _spread(weights, mus) / (1 - np.sum(weights**2))
    return _mean(weights, mus), np.sqrt(np.sum(weights * sigmas**2) + between)


@mistake("divided-by-k")
def _(weights, mus, sigmas):
    """Both moments are divided by the number of components. The weights sum to one already."""
    return np.mean(weights * mus), np.sqrt(np.mean(weights * (sigmas**2 + (mus - _mean(weights, mus)) ** 2)))


@mistake("pair-swapped", slip=True)
def _(weights, mus, sigmas):
    """The pair is in the wrong order: the mean comes first."""
    return right.moment_match(weights, mus, sigmas)[::-1]


@mistake("mean-only")
def _(weights, mus, sigmas):
    """Only the mean comes back; a pair is asked for, the deviation second."""
    return _mean(weights, mus)


@mistake("epsilon-in-variance")
def _(weights, mus, sigmas):
    """A small constant is added to the variance; beside sigmas of 1e-8 it isn't small. The variance is positive:
    there is nothing to guard against.
    """
    mu, sigma = right.moment_match(weights, mus, sigmas)
    return mu, np.sqrt(sigma**2 + 1e-12)


@mistake("rare-components-dropped")
def _(weights, mus, sigmas):
    """Components below some weight are left out. A rare component that is far away or wide still counts."""
    kept = weights > 1e-8
    return right.moment_match(weights[kept], mus[kept], sigmas[kept])


@mistake("integer-output")
def _(weights, mus, sigmas):
    """The moments are stored in the dtype of the means: for integers they are cut to whole numbers."""
    return tuple(mus.dtype.type(value) for value in right.moment_match(weights, mus, sigmas))


@mistake("input-mutated")
def _(weights, mus, sigmas):
    """An argument is changed: `sigmas **= 2` and `mus -= mu` write into the caller's array. Make a new one."""
    result = right.moment_match(weights, mus, sigmas)
    sigmas **= 2
    return result


@mistake("float32-inside")
def _(weights, mus, sigmas):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    weights, mus, sigmas = map(np.float32, (weights, mus, sigmas))
    mu = np.sum(weights * mus)
    return np.float64(mu), np.float64(np.sqrt(np.sum(weights * (sigmas**2 + (mus - mu) ** 2))))


@mistake("unweighted-mean")
def _(weights, mus, sigmas):
    """The centre is the plain mean of the means. A component counts as much as its weight says."""
    mu = np.mean(np.asarray(mus, dtype=float))
    return mu, np.sqrt(np.sum(weights * (np.square(sigmas, dtype=float) + (mus - mu) ** 2)))


def _textbook(weights, mus, sigmas):
    mu = np.sum(weights * mus)
    return mu, np.sqrt(np.sum(weights * (sigmas**2 + mus**2)) - mu**2)


exercise = Exercise(
    name="moment_match",
    topic="divergence",
    reference=right.moment_match,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook, _within_and_between),
    checks=(
        Check(
            "matches the mixture's mean and standard deviation",
            example=Call((np.array([0.25, 0.75]), np.array([-2.0, 2.0]), np.array([0.5, 1.0]))),
            inputs=_ordinary,
            hint="The variance of a mixture has two parts: within the components and between their means.",
        ),
        Check(
            "keeps a single component as it is",
            example=Call((np.array([0.0, 1.0]), np.array([5.0, -2.0]), np.array([1.0, 0.5]))),
            inputs=_one_component,
            weight=0.5,
            hint="A mixture with one component, or of equal ones, is that Gaussian itself.",
        ),
        Check(
            "stays exact at every scale and for rare components",
            example=Call((np.array([0.5, 0.5]), np.array([-2e-8, 2e-8]), np.array([1e-8, 1e-8]))),
            inputs=_scales,
            hint="The result scales with the unit of measurement: nothing has to be added, clipped or dropped.",
        ),
        Check(
            "works for many components and for tied means",
            example=Call((np.array([0.3, 0.7]), np.array([1.0, 1.0]), np.array([1.0, 2.0]))),
            inputs=_many,
            weight=0.5,
        ),
        takes_any_layout(
            Call((np.array([0.25, 0.75]), np.array([-1, 2]), np.array([1, 3]))),
            _layouts,
        ),
        leaves_arguments_unchanged(
            Call((np.array([0.5, 0.5]), np.array([-2.0, 2.0]), np.array([0.5, 0.5]))), _ordinary
        ),
    ),
)
