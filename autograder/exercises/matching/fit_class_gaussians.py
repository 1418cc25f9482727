"""fit_class_gaussians(X, y, num_classes, ridge=1e-3): share, mean and covariance of every class."""

import numpy as np

from autograder.exercises.matching import _gaussian_draws as draws
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    Mismatch,
    Returned,
    by_value,
    compare,
    layouts_of,
    leaves_arguments_unchanged,
    takes_any_layout,
    tolerance_for,
)
from autograder.solutions import matching as right

mistake = Misconceptions()
NAMES = ("priors", "means", "covs")


def _sizes(call):
    """What the values are rounded at: 1, the data, and their mean squares, which E[xy] - E[x]E[y]
    subtracts.
    """
    X = np.abs(np.asarray(call.args[0], dtype=np.float64))
    return 1.0, float(X.max()), float((X**2).max()) + call.kwargs.get("ridge", 1e-3)


def _tolerance(call, single):
    return tolerance_for(max(_sizes(call)), single=single)


def _judged_by(*places):
    """Judge a call by some of the three values, so that a wrong value costs its own checks only."""

    def judge(exercise, call, answer, truth):
        given = answer.value if isinstance(answer, Returned) else None
        if not isinstance(given, list | tuple) or len(given) != len(NAMES):
            return by_value(exercise, call, answer, truth)
        for i in places:
            tolerance = tolerance_for(_sizes(call)[i], single=call.single)
            if found := compare(given[i], truth.value[i], tolerance, single=call.single):
                return Mismatch(f"{found.clause} ({NAMES[i]})")
        return None

    return judge


def _ordinary(rng):
    for counts, d in (([4, 7], 2), ([6, 3, 5], 3), ([5, 9, 4, 6], 2)):
        yield Call((*draws.labelled(rng, counts, d), len(counts)))


def _ridges(rng):
    for ridge, counts in ((0.0, [5, 8]), (0.5, [6, 4, 4]), (3.0, [4, 5])):
        yield Call((*draws.labelled(rng, counts, 2), len(counts)), {"ridge": ridge})


def _scales(rng):
    for scale, offset in ((1e-3, 0.0), (1e4, 0.0), (1.0, 90.0)):
        X, y = draws.labelled(rng, [6, 8], 2, offset)
        yield Call((scale * X, y, 2), {"ridge": 0.0})


def _layouts(rng):
    yield Call((rng.integers(-9, 10, (9, 2)), np.repeat(np.arange(3), 3).astype(np.int8), 3))
    X, y = draws.labelled(rng, [5, 6], 3)
    yield Call((X.astype(np.float32), y.astype(np.int16), 2))
    yield from layouts_of(Call((*draws.labelled(rng, [4, 6], 3), 2)))


def _by_class(X, y, k, ridge, cov):
    """Shares, means, and what `cov` makes of the class's examples and mean, raised on the diagonal."""
    parts = [np.asarray(X, dtype=float)[np.asarray(y) == c] for c in range(k)]
    means = np.array([np.mean(part, axis=0) for part in parts])
    covs = [cov(part, mean) + ridge * np.eye(np.shape(X)[1]) for part, mean in zip(parts, means, strict=True)]
    return np.array([len(part) / len(y) for part in parts]), means, np.array(covs)


def _scatter(part, mean):
    return (part - mean).T @ (part - mean)


@mistake("divided-by-n-minus-1", slip=True)
def _(X, y, num_classes, ridge=1e-3):
    """The products are divided by n_k - 1, as np.cov does by default; here the divisor is n_k."""
    return _by_class(X, y, num_classes, ridge, lambda part, mean: _scatter(part, mean) / (len(part) - 1))


@mistake("divided-by-all-examples", slip=True)
def _(X, y, num_classes, ridge=1e-3):
    """The covariances are divided by the number of all examples; each class has a number of its own."""
    return _by_class(X, y, num_classes, ridge, lambda part, mean: _scatter(part, mean) / len(y))


@mistake("not-divided", slip=True)
def _(X, y, num_classes, ridge=1e-3):
    """The products of the deviations are added up; a covariance is their mean."""
    return _by_class(X, y, num_classes, ridge, _scatter)


@mistake("not-centred")
def _(X, y, num_classes, ridge=1e-3):
    """These are mean products of the data themselves. Subtract the class's mean first."""
    return _by_class(X, y, num_classes, ridge, lambda part, _: part.T @ part / len(part))


@mistake("centred-on-all")
def _(X, y, num_classes, ridge=1e-3):
    """The deviations are those from the mean of *all* examples; a class spreads around its own mean."""
    centre = np.mean(X, axis=0)
    return _by_class(X, y, num_classes, ridge, lambda part, _: _scatter(part, centre) / len(part))


@mistake("one-covariance-for-all")
def _(X, y, num_classes, ridge=1e-3):
    """All classes share one covariance here, the mean of theirs. That is another model, with straight
    boundaries.
    """
    priors, means, covs = right.fit_class_gaussians(X, y, num_classes, ridge)
    return priors, means, np.repeat(np.einsum("k,kij->ij", priors, covs)[np.newaxis], num_classes, axis=0)


@mistake("covariance-of-all-examples")
def _(X, y, num_classes, ridge=1e-3):
    """Every covariance is that of all examples together: the classes are not told apart."""
    centred = X - np.mean(X, axis=0)
    return _by_class(X, y, num_classes, ridge, lambda *_: centred.T @ centred / len(y))


@mistake("variances-alone")
def _(X, y, num_classes, ridge=1e-3):
    """Beside the diagonal there are zeros: the pixels of a class vary independently here, which they
    don't.
    """
    return _by_class(X, y, num_classes, ridge, lambda part, _: np.diag(np.var(part, axis=0)))


@mistake("ridge-forgotten", slip=True)
def _(X, y, num_classes, ridge=1e-3):
    """The ridge is not added: a pixel that never changes leaves a covariance that can't be inverted."""
    return right.fit_class_gaussians(X, y, num_classes, 0.0)


@mistake("ridge-everywhere", slip=True)
def _(X, y, num_classes, ridge=1e-3):
    """The ridge is added to every entry. Added to the diagonal alone it raises every variance, and no
    covariance.
    """
    priors, means, covs = right.fit_class_gaussians(X, y, num_classes, 0.0)
    return priors, means, covs + ridge


@mistake("ridge-fixed", slip=True)
def _(X, y, num_classes, ridge=1e-3):
    """The ridge is 1e-3 whatever the argument says."""
    return right.fit_class_gaussians(X, y, num_classes)


@mistake("uniform-priors")
def _(X, y, num_classes, ridge=1e-3):
    """Every class has the same prior; its share of the examples is asked for."""
    return np.full(num_classes, 1 / num_classes), *right.fit_class_gaussians(X, y, num_classes, ridge)[1:]


@mistake("counts-for-priors", slip=True)
def _(X, y, num_classes, ridge=1e-3):
    """The priors are counts; divided by the number of examples they sum to one."""
    priors, means, covs = right.fit_class_gaussians(X, y, num_classes, ridge)
    return len(y) * priors, means, covs


@mistake("one-column-fails")
def _(X, y, num_classes, ridge=1e-3):
    """np.cov of a single variable is a number, not a 1×1 matrix, and np.eye(d) makes a matrix of another
    shape.
    """
    priors, means, covs = [], [], []
    for c in range(num_classes):
        own = X[y == c]
        priors.append(len(own) / len(y))
        means.append(own.mean(axis=0))
        cov = np.cov(own, rowvar=False, bias=True)
        covs.append(cov + ridge * np.eye(len(cov)))
    return np.array(priors), np.array(means), np.array(covs)


@mistake("integer-truncated")
def _(X, y, num_classes, ridge=1e-3):
    """The means are stored in an array of the input's own dtype: of integers, they lose their fractions."""
    priors, means, covs = right.fit_class_gaussians(X, y, num_classes, ridge)
    return priors, means.astype(np.asarray(X).dtype), covs


@mistake("input-mutated")
def _(X, y, num_classes, ridge=1e-3):
    """The class's mean is subtracted in the caller's array. Make a new one: `deviations = own - mean`."""
    result = right.fit_class_gaussians(X, y, num_classes, ridge)
    X -= np.asarray(result[1], dtype=X.dtype)[y]
    return result


@mistake("float32-inside")
def _(X, y, num_classes, ridge=1e-3):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    found = right.fit_class_gaussians(np.asarray(X, np.float32), y, num_classes, ridge)
    return tuple(part.astype(np.float32) for part in found)


X = np.array([[0.0, 1.0], [2.0, 1.0], [1.0, 4.0], [5.0, 5.0], [7.0, 3.0]])
Y = np.array([0, 0, 0, 1, 1])

exercise = Exercise(
    name="fit_class_gaussians",
    topic="matching",
    reference=right.fit_class_gaussians,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    checks=(
        Check(
            "returns the share, the mean and the covariance of every class",
            example=Call((X, Y, 2)),
            inputs=_ordinary,
            judge=_judged_by(0, 1, 2),
            hint=(
                "Take the rows of one class, X[y == c]: their share of n, their mean, their mean product "
                "of deviations."
            ),
        ),
        Check(
            "adds the ridge to the diagonal and to nothing else",
            example=Call((X, Y, 2), {"ridge": 0.5}),
            inputs=_ridges,
            weight=0.75,
            judge=_judged_by(2),
            hint="ridge times the identity matrix is added to every covariance, whatever ridge is.",
        ),
        Check(
            "keeps its digits at every scale, and far from zero",
            example=Call((X + 100, Y, 2), {"ridge": 0.0}),
            inputs=_scales,
            weight=0.5,
            judge=_judged_by(1, 2),
            hint="First the means, then the deviations from them, then their products.",
        ),
        Check(
            "takes a class with one example, and data of one column",
            example=Call((X[2:, :1], Y[2:], 2), {"ridge": 0.25}),
            inputs=draws.few,
            weight=0.5,
            judge=_judged_by(0, 1, 2),
            hint=(
                "One example spreads around nothing: its covariance is the ridge alone. One column has "
                "shape (1, 1)."
            ),
        ),
        takes_any_layout(Call((X.astype(np.int64), Y.astype(np.int8), 2)), _layouts, judge=_judged_by(0, 1, 2)),
        leaves_arguments_unchanged(Call((X, Y, 2)), _ordinary, weight=0.25, judge=_judged_by(0, 1, 2)),
    ),
)
