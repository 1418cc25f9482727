"""covariance_matrix(X): how the columns vary together, dividing by n."""

from functools import partial

import numpy as np

from autograder.exercises._layouts import odd_layouts
from autograder.exercises.gaussian._draws import either_sign, far_in_float32, standardised
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    Returned,
    Tolerance,
    by_value,
    compare,
    leaves_arguments_unchanged,
    takes_any_layout,
    tolerance_for,
)
from autograder.solutions import gaussian as right

mistake = Misconceptions()


def _tolerance(call, single):
    """The largest of the sizes that the entries are rounded at."""
    return tolerance_for(float(_sizes(call).max()), single=single)


def _sizes(call):
    """E[xy] - E[x]E[y] rounds an entry at the root mean squares of its columns, which float64 can bear. In float32
    that would forgive a good part of the variance far from zero, and only the textbook formula is: the error of a
    mean, of the size of its column, reaches the entry times the deviations of the other one where rows are added
    one by one.
    """
    X = np.asarray(call.args[0], dtype=np.float64)
    spreads, roots = np.std(X, axis=0), np.sqrt(np.mean(X**2, axis=0))
    others = spreads if call.single else roots
    return np.maximum(np.outer(others, roots), np.outer(roots, others))


def _entry_by_entry(exercise, call, answer, truth):
    """Compare each entry within a tolerance from its own two columns, since scales may differ."""
    if not (isinstance(answer, Returned) and isinstance(truth, Returned)):
        return by_value(exercise, call, answer, truth)
    unit = tolerance_for(1.0, single=call.single)
    tolerance = Tolerance(unit.relative, unit.absolute * _sizes(call))
    return compare(answer.value, truth.value, tolerance, single=call.single)


def _mixed(rng, n, d):
    """Rows whose columns are correlated, with means of one to three and of either sign."""
    means = rng.uniform(1, 3, d) * np.resize([1.0, -1.0], d)
    return rng.normal(0, 1, (n, d)) @ rng.uniform(0.3, 1.5, (d, d)) + means


def _ordinary(rng):
    for shape in ((6, 2), (9, 3), (4, 4)):
        yield Call((_mixed(rng, *shape),))


def _scales(rng):
    for scales in ([1e-8, 1e-8, 1e-8], [1e8, 1e8, 1e8], [1e-8, 1.0, 1e8], [1e4, 1e-6, 1e2]):
        yield Call((_mixed(rng, 7, 3) * scales,))


def _far(rng):
    """Columns whose means are 90 to 99 standard deviations, in float64 and in float32."""
    for n, d in ((8, 2), (20, 3)):
        X = standardised(rng, (n, d)) + rng.uniform(90, 99, d) * np.resize([1.0, -1.0], d)
        X[:, -1] += X[:, 0]
        yield Call((X,))
    for n, d in ((6, 2), (15, 3), (40, 2)):
        yield Call((far_in_float32(rng, (n, d)),))


def _shapes(rng):
    yield Call((rng.uniform(1, 3, 5) + np.outer([1, -1], either_sign(rng, 5, 0.5, 2)),))
    yield Call((_mixed(rng, 3, 6),))
    yield Call((_mixed(rng, 200, 2),))
    yield Call((_mixed(rng, 6, 2)[:, [0, 1, 0]],))


def _layouts(rng):
    yield Call((rng.integers(-9, 10, (5, 3)),))
    yield Call((rng.integers(-9, 10, (6, 2)).astype(np.int32),))
    yield Call((_mixed(rng, 6, 3).astype(np.float32),))
    for array in odd_layouts(partial(rng.normal, 2, 3), (5, 3)):
        yield Call((array,))


def _centred(X):
    return X - np.mean(X, axis=0)


@mistake("divided-by-n-minus-1", slip=True)
def _(X):
    """The products are divided by n - 1, as np.cov does by default; here the divisor is n."""
    return right.covariance_matrix(X) * len(X) / (len(X) - 1)


@mistake("not-divided", slip=True)
def _(X):
    """The products of the deviations are added up; a covariance is their mean."""
    return right.covariance_matrix(X) * len(X)


@mistake("divided-by-d")
def _(X):
    """The mean is taken over the number of variables; it runs over the observations."""
    return right.covariance_matrix(X) * len(X) / X.shape[1]


@mistake("not-centred")
def _(X):
    """These are mean products of the data themselves. Subtract each variable's mean first."""
    return X.T @ X / len(X)


@mistake("one-pass")
def _(X):
    """The mean products minus the products of the means: right on paper, but far from zero two large numbers are
    subtracted that differ in their last digits alone. Take the deviations first.
    """
    return X.T @ X / len(X) - np.outer(np.mean(X, axis=0), np.mean(X, axis=0))


@mistake("one-mean-for-all")
def _(X):
    """One mean, over the whole array, is subtracted; every variable has a mean of its own."""
    deviations = X - np.mean(X)
    return deviations.T @ deviations / len(X)


@mistake("centred-by-row")
def _(X):
    """Each observation loses the mean of its own row. The mean of a variable runs down its column."""
    deviations = X - np.mean(X, axis=1, keepdims=True)
    return deviations.T @ deviations / len(X)


@mistake("rows-for-variables")
def _(X):
    """The rows are taken for the variables, as np.cov does by default; here they are the observations."""
    return np.cov(X, bias=True)


@mistake("correlation-for-covariance")
def _(X):
    """These are correlations: the diagonal is 1. A covariance keeps the units of its variables."""
    return np.corrcoef(X, rowvar=False)


@mistake("variances-alone")
def _(X):
    """Only the variances come back; how the variables vary *together* is asked for, in a (d, d) matrix."""
    return np.var(X, axis=0)


@mistake("off-diagonal-zero")
def _(X):
    """The variables are taken for uncorrelated: beside the diagonal there is nothing."""
    return np.diag(np.var(X, axis=0))


@mistake("upper-triangle-alone")
def _(X):
    """One triangle of the matrix was never filled: the covariance of i and j is that of j and i."""
    return np.triu(right.covariance_matrix(X))


@mistake("deviations-on-diagonal")
def _(X):
    """The diagonal holds standard deviations. A variable's covariance with itself is its variance."""
    covariance = right.covariance_matrix(X)
    np.fill_diagonal(covariance, np.std(X, axis=0))
    return covariance


@mistake("absolute-values")
def _(X):
    """All covariances are positive here; where one variable falls as the other grows, theirs is negative."""
    return np.mean(np.abs(_centred(X)[:, :, None] * _centred(X)[:, None, :]), axis=0)


@mistake("jitter-on-diagonal")
def _(X):
    """A small constant is added to the diagonal. It swamps variables of small scale; code that inverts the matrix
    may add it there.
    """
    return right.covariance_matrix(X) + 1e-14 * np.eye(X.shape[1])


@mistake("integer-deviations")
def _(X):
    """The deviations are stored in an array of the dtype of X: of integers, they lose their fractions."""
    deviations = np.empty_like(X)
    deviations[...] = _centred(X)
    return deviations.T @ deviations / len(X)


@mistake("input-mutated")
def _(X):
    """`X -= …` writes into the caller's array. Make a new one: `deviations = X - X.mean(axis=0)`."""
    result = right.covariance_matrix(X)
    X -= np.mean(X, axis=0)
    return result


@mistake("float32-inside")
def _(X):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    return right.covariance_matrix(np.asarray(X, np.float32)).astype(np.float32)


def _from_moments(X):
    mean = np.mean(X, axis=0)
    return X.T @ X / len(X) - np.outer(mean, mean)


exercise = Exercise(
    name="covariance_matrix",
    topic="gaussian",
    reference=right.covariance_matrix,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_from_moments,),
    checks=(
        Check(
            "matches the mean product of deviations on ordinary data",
            example=Call((np.array([[1.0, 6.0], [2.0, 3.0], [6.0, 2.0], [7.0, 1.0]]),)),
            inputs=_ordinary,
            judge=_entry_by_entry,
            hint=(
                "Subtract each column's mean. Entry (i, j) is the mean over the rows of the products of columns "
                "i and j."
            ),
        ),
        Check(
            "keeps its digits at every scale, column by column",
            example=Call((np.array([[1e-8, 1e8], [2e-8, 5e8], [6e-8, 3e8]]),)),
            inputs=_scales,
            weight=0.75,
            judge=_entry_by_entry,
            hint="In another unit a variable has the same covariances, in that unit.",
        ),
        Check(
            "keeps its digits 100 standard deviations from zero",
            example=Call((np.array([[99.0, -101.0], [101.0, -99.0], [100.0, -102.0]]),)),
            inputs=_far,
            weight=0.5,
            judge=_entry_by_entry,
            hint="First the means, then the deviations from them, then their products.",
        ),
        Check(
            "works for any number of rows and columns",
            example=Call((np.array([[1.0, 2.0, 4.0], [3.0, 1.0, 0.0]]),)),
            inputs=_shapes,
            weight=0.25,
            judge=_entry_by_entry,
            hint="There may be fewer observations than variables, or a column twice.",
        ),
        takes_any_layout(
            Call((np.array([[1, 6], [2, 3], [6, 2], [8, 1]]),)),
            _layouts,
            judge=_entry_by_entry,
        ),
        leaves_arguments_unchanged(
            Call((np.array([[1.0, 6.0], [2.0, 3.0], [6.0, 2.0]]),)), _ordinary, weight=0.25, judge=_entry_by_entry
        ),
    ),
)
