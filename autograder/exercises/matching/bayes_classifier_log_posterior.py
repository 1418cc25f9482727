"""bayes_classifier_log_posterior(X, priors, means, covs): Bayes' rule with a Gaussian a class, in logarithms."""

import numpy as np

from autograder.exercises.matching import _gaussian_draws as draws
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    layouts_of,
    leaves_arguments_unchanged,
    takes_any_layout,
    tolerance_for,
)
from autograder.solutions import matching as right
from autograder.solutions import softmax as stable

mistake = Misconceptions()


def _tolerance(call, single):
    """The largest that a class loses by its factorisation; the normaliser is of the size of the largest of
    them.
    """
    X, priors, means, covs = (np.asarray(value, dtype=np.float64) for value in call.args)
    lost = [draws.lost(X - mu, cov) for mu, cov in zip(means, covs, strict=True)]
    return tolerance_for(max(lost) + float(np.max(np.abs(np.log(priors)))), single=single)


def _ordinary(rng):
    for n, k, d in ((4, 2, 2), (5, 3, 2), (3, 4, 3)):
        yield Call(draws.problem(rng, n, k, np.geomspace(0.5, 2.5, d)))


def _tails(rng):
    """Every other point lies 100 to 200 deviations away from all classes."""
    for k, d, away in ((2, 2, 110.0), (3, 3, 200.0)):
        yield Call(draws.problem(rng, 4, k, np.geomspace(0.5, 2, d), away=away))


def _many(rng):
    """60 variables: determinants of about 1e-720 and 1e720."""
    for scale in (1e-6, 1e6):
        yield Call(draws.problem(rng, 3, 2, np.geomspace(0.5, 2.5, 60), scale))


def _certain(rng):
    """Classes so far apart that all but one have a log posterior of -2e3 to -4e5."""
    for apart in (150.0, 500.0):
        X, priors, means, covs = draws.problem(rng, 4, 3, np.array([0.6, 1.8]))
        moves = apart * np.array([[0.0, 0.0], [1.0, 0.3], [-0.4, 1.0]])
        yield Call((X + moves[np.resize([0, 1, 2], 4)], priors, means + moves, covs))


def _scales(rng):
    for scale in (1e-7, 1e7):
        yield Call(draws.problem(rng, 4, 3, np.geomspace(0.5, 2, 2), scale))


def _shapes(rng):
    yield Call(draws.problem(rng, 1, 3, np.geomspace(0.5, 2, 2)))
    yield Call(draws.problem(rng, 4, 2, np.array([1.5])))
    X, _, means, covs = draws.problem(rng, 3, 1, np.geomspace(0.5, 2, 3))
    yield Call((X, np.ones(1), means, covs))


def _layouts(rng):
    covs = np.array([[[3, 1], [1, 2]], [[2, -1], [-1, 4]]])
    yield Call((rng.integers(-4, 5, (4, 2)), np.array([0.25, 0.75]), rng.integers(-3, 4, (2, 2)), covs))
    yield Call(tuple(value.astype(np.float32) for value in draws.problem(rng, 4, 2, np.geomspace(0.6, 2, 2))))
    yield from layouts_of(Call(draws.problem(rng, 4, 3, np.geomspace(0.5, 2, 2))))


def _joint(X, priors, means, covs, quadratic=-0.5, log_det=-0.5, inverse=np.linalg.inv, prior=np.log):
    """Log prior plus log density, up to the 2π that all classes share; a factor before each of its terms."""
    columns = []
    for share, mu, cov in zip(priors, means, covs, strict=True):
        d = np.asarray(X) - mu
        distance = np.einsum("ni,ij,nj->n", d, inverse(np.asarray(cov, dtype=float)), d)
        columns.append(quadratic * distance + log_det * np.linalg.slogdet(cov)[1] + prior(share))
    return np.column_stack(columns)


def _normalised(joint):
    return stable.log_softmax(joint, axis=1)


@mistake("prior-missing", slip=True)
def _(X, priors, means, covs):
    """The prior is missing: every class counts alike, however rare it is."""
    return right.bayes_classifier_log_posterior(X, np.full(len(priors), 1 / len(priors)), means, covs)


@mistake("prior-not-logged", slip=True)
def _(X, priors, means, covs):
    """The prior itself is added to a log-density. A product becomes a sum when *both* factors are logged."""
    return _normalised(_joint(X, priors, means, covs, prior=np.asarray))


@mistake("determinant-missing", slip=True)
def _(X, priors, means, covs):
    """The normaliser is left out, but it differs from class to class: a wide class would win too often."""
    return _normalised(_joint(X, priors, means, covs, log_det=0.0))


@mistake("determinant-not-rooted", slip=True)
def _(X, priors, means, covs):
    """The log-determinant is subtracted whole; the normaliser holds the square root of the determinant."""
    return _normalised(_joint(X, priors, means, covs, log_det=-1.0))


@mistake("half-the-log-determinant", slip=True)
def _(X, priors, means, covs):
    """The logarithms on the diagonal of the Cholesky factor are already half the log-determinant: halved
    once more they are too little.
    """
    return _normalised(_joint(X, priors, means, covs, log_det=-0.25))


@mistake("half-missing", slip=True)
def _(X, priors, means, covs):
    """The squared distance counts twice what it should. Which factor stands in front of it in the
    exponent?
    """
    return _normalised(_joint(X, priors, means, covs, quadratic=-1.0))


@mistake("exponent-without-minus", slip=True)
def _(X, priors, means, covs):
    """Here the density grows with the distance from the mean: the exponent lost its minus."""
    return _normalised(_joint(X, priors, means, covs, quadratic=0.5))


@mistake("not-normalised")
def _(X, priors, means, covs):
    """This is the log of prior times density. Bayes' rule divides by the evidence, the sum over the
    classes.
    """
    shift = 0.5 * np.shape(X)[1] * draws.LOG_2PI
    return _joint(X, priors, means, covs) - shift


@mistake("not-normalised-without-2-pi")
def _(X, priors, means, covs):
    """This is the log of prior times density, but for the 2π. Bayes' rule divides by the evidence, the sum
    over the classes.
    """
    return _joint(X, priors, means, covs)


@mistake("normalised-over-examples")
def _(X, priors, means, covs):
    """The columns sum to one. It is the classes that compete for an example: each *row* should sum to one."""
    return stable.log_softmax(_joint(X, priors, means, covs), axis=0)


@mistake("normalised-over-all")
def _(X, priors, means, covs):
    """The whole table sums to one; each row should, by itself."""
    joint = _joint(X, priors, means, covs)
    return joint - stable.logsumexp(joint.ravel())


@mistake("posterior-not-its-log")
def _(X, priors, means, covs):
    """These are probabilities; their logarithms are asked for."""
    return np.exp(right.bayes_classifier_log_posterior(X, priors, means, covs))


@mistake("densities-underflow")
def _(X, priors, means, covs):
    """The densities are formed first, and far out, or with many variables, they are 0 or infinite. Add
    logarithms.
    """
    log_density = _joint(X, np.ones(len(priors)), means, covs)
    weights = np.asarray(priors) * np.exp(log_density - 0.5 * np.shape(X)[1] * draws.LOG_2PI)
    return np.log(weights / np.sum(weights, axis=1, keepdims=True))


@mistake("evidence-underflows")
def _(X, priors, means, covs):
    """The evidence is a sum of exponentials without a shift: far out all of them are 0. Take out the
    largest first.
    """
    joint = _joint(X, priors, means, covs) - 0.5 * np.shape(X)[1] * draws.LOG_2PI
    return joint - np.log(np.sum(np.exp(joint), axis=1, keepdims=True))


@mistake("log-of-posterior")
def _(X, priors, means, covs):
    """The posterior is formed first and then logged: an unlikely class has 0, and the logarithm -inf. Stay
    in logs.
    """
    return np.log(stable.softmax(_joint(X, priors, means, covs), axis=1))


@mistake("one-shift-for-all-rows")
def _(X, priors, means, covs):
    """One maximum is taken out for the whole table; a row far below it still underflows. Each row has its
    own.
    """
    joint = _joint(X, priors, means, covs)
    joint = joint - np.max(joint)
    return joint - np.log(np.sum(np.exp(joint), axis=1, keepdims=True))


@mistake("log-of-determinant")
def _(X, priors, means, covs):
    """The determinant is formed first, and with many variables it leaves the range of float64. Its
    logarithm is a sum that doesn't.
    """
    joint = _joint(X, priors, means, covs, log_det=0.0)
    return _normalised(joint - 0.5 * np.log(np.linalg.det(np.asarray(covs, dtype=float))))


@mistake("correlations-ignored")
def _(X, priors, means, covs):
    """Only the variances are used, as if the variables were independent in each class: that is naive
    Bayes. What lies beside the diagonal counts, too.
    """
    return right.bayes_classifier_log_posterior(X, priors, means, np.asarray(covs) * np.eye(np.shape(X)[1]))


@mistake("one-covariance-for-all")
def _(X, priors, means, covs):
    """All classes are given the same covariance, the mean of theirs; each has its own."""
    shared = np.einsum("k,kij->ij", priors, covs)
    return right.bayes_classifier_log_posterior(X, priors, means, np.array([shared] * len(priors)))


@mistake("not-inverted")
def _(X, priors, means, covs):
    """The squared distance holds cov itself: the density falls fastest where the class spreads most."""
    return _normalised(_joint(X, priors, means, covs, inverse=lambda cov: cov))


@mistake("jitter-on-diagonal")
def _(X, priors, means, covs):
    """A small constant is added to the diagonal. It swamps variables of small scale; the ridge is in covs
    already.
    """
    return right.bayes_classifier_log_posterior(X, priors, means, covs + 1e-9 * np.eye(np.shape(X)[1]))


@mistake("input-mutated")
def _(X, priors, means, covs):
    """The mean is subtracted in the caller's array. Make a new one: `d = X - mean`."""
    result = right.bayes_classifier_log_posterior(X, priors, means, covs)
    X -= means[0]
    return result


@mistake("float32-inside")
def _(X, priors, means, covs):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    single = (np.asarray(value, np.float32) for value in (X, priors, means, covs))
    return right.bayes_classifier_log_posterior(*single).astype(np.float32)


X = np.array([[0.0, 1.0], [2.0, 2.0], [1.0, -1.0]])
PRIORS, MEANS = np.array([0.25, 0.75]), np.array([[0.0, 0.0], [2.0, 1.0]])
COVS = np.array([[[1.0, 0.5], [0.5, 1.0]], [[2.0, 0.0], [0.0, 0.5]]])


def _textbook(X, priors, means, covs):
    joint = np.zeros((len(X), len(priors)))
    for c in range(len(priors)):
        off = X - means[c]
        distance = np.sum((off @ np.linalg.inv(covs[c])) * off, axis=1)
        joint[:, c] = np.log(priors[c]) - 0.5 * distance - 0.5 * np.log(np.linalg.det(covs[c]))
    top = np.max(joint, axis=1, keepdims=True)
    return joint - (top + np.log(np.sum(np.exp(joint - top), axis=1, keepdims=True)))


exercise = Exercise(
    name="bayes_classifier_log_posterior",
    topic="matching",
    reference=right.bayes_classifier_log_posterior,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook,),
    checks=(
        Check(
            "matches Bayes' rule on ordinary points",
            example=Call((X, PRIORS, MEANS, COVS)),
            inputs=_ordinary,
            hint=(
                "Three terms a class: the log prior, minus half the squared distance, minus half the log-"
                "determinant. Then normalise each row."
            ),
        ),
        Check(
            "stays finite where every density underflows",
            example=Call((60 + X, PRIORS, MEANS, COVS)),
            inputs=_tails,
            weight=0.75,
            hint=(
                "Far out all densities are 0, but their ratios are ordinary numbers. Take the largest "
                "logarithm out."
            ),
        ),
        Check(
            "stays finite where the determinant under- or overflows",
            example=Call(
                (
                    np.full((1, 40), 1e-5),
                    PRIORS,
                    np.zeros((2, 40)),
                    np.array([1e-10 * np.eye(40), 2e-10 * np.eye(40)]),
                )
            ),
            inputs=_many,
            weight=0.5,
            hint="The determinant is a product over all variables. What does a logarithm make of a product?",
        ),
        Check(
            "tells how unlikely an unlikely class is",
            example=Call((X, PRIORS, np.array([[0.0, 0.0], [60.0, 80.0]]), COVS)),
            inputs=_certain,
            weight=0.5,
            hint="exp(-1000) is 0, and -1000 is a number: don't leave the logarithms on the way.",
        ),
        Check(
            "keeps its digits at every scale",
            example=Call((1e-7 * X, PRIORS, 1e-7 * MEANS, 1e-14 * COVS)),
            inputs=_scales,
            weight=0.25,
            hint="In another unit the posterior is the same: is a constant added anywhere?",
        ),
        Check(
            "works for one example, one variable or one class",
            example=Call((X[:, :1], PRIORS, MEANS[:, :1], COVS[:, :1, :1])),
            inputs=_shapes,
            weight=0.25,
            hint="The result has a row an example and a column a class.",
        ),
        takes_any_layout(
            Call((X.astype(int), PRIORS, MEANS.astype(int), np.array([[[2, 1], [1, 2]], [[3, 0], [0, 1]]]))),
            _layouts,
            weight=0.25,
        ),
        leaves_arguments_unchanged(Call((X, PRIORS, MEANS, COVS)), _ordinary, weight=0.25),
    ),
)
