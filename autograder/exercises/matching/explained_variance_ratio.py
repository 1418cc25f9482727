"""explained_variance_ratio(X): the PCA spectrum as shares of the total variance."""

from functools import partial

import numpy as np

from autograder.exercises._layouts import odd_layouts
from autograder.judging import (
    Call,
    Check,
    Exercise,
    Misconceptions,
    leaves_arguments_unchanged,
    takes_any_layout,
    tolerance_for,
)
from autograder.solutions import matching as right

mistake = Misconceptions()


def _tolerance(call, single):
    """The covariance route finds every eigenvalue to eps times the largest, so a share to eps times 1, however
    small it is; mean of squares minus square of means cancels what the uncentred data have in excess.
    """
    data = np.asarray(call.args[0], dtype=np.float64)
    return tolerance_for(np.sum(data**2) / np.sum((data - data.mean(axis=0)) ** 2), single=single)


def _correlated(rng, n, spreads):
    """Centred data whose principal directions lie across the columns, with about these deviations along them."""
    rotation = np.linalg.qr(rng.normal(0, 1, (len(spreads), len(spreads))))[0]
    data = rng.normal(0, 1, (n, len(spreads))) * spreads @ rotation
    return data - data.mean(axis=0)


def _ordinary(rng):
    for n, spreads in ((12, [3, 1, 0.5]), (9, [2, 2, 1, 1]), (7, [1, 0.3]), (30, [5, 4, 3, 2, 1])):
        yield Call((_correlated(rng, n, spreads) + rng.uniform(1, 5, len(spreads)),))


def _moved(rng):
    """Units from 3e-8 to 1e6, and means up to 90 deviations away from zero."""
    for unit, offset in ((3e-8, 0), (1e6, 2), (1, 90), (1e-4, 30)):
        data = _correlated(rng, 10, [2, 1, 0.5])
        yield Call((unit * (data + offset * rng.uniform(0.8, 1, 3) * data.std(axis=0)),))


def _flat(rng):
    constant = _correlated(rng, 8, [2, 1, 1])
    constant[:, 1] = rng.uniform(1, 2)
    repeated = _correlated(rng, 10, [3, 2, 1, 1]) + 2
    repeated[:, 3] = 2 * repeated[:, 0]
    line = np.outer(rng.normal(0, 1, 5), rng.uniform(1, 2, 3))
    yield from (Call((data,)) for data in (constant, repeated, line))


def _wide(rng):
    """Deviations from 10 down to 1e-5: shares down to 1e-12."""
    yield Call((_correlated(rng, 12, [10, 0.1, 1e-5]),))
    yield Call((_correlated(rng, 20, [10, 1, 1e-2, 1e-5]) + rng.uniform(1, 5, 4),))


def _one_column(rng):
    for n in (2, 9):
        yield Call((rng.permutation(n)[:, np.newaxis] + rng.uniform(2.7, 3.3, (n, 1)),))


def _layouts(rng):
    yield Call((rng.integers(-9, 10, (9, 3)),))
    yield Call((rng.integers(-60, 61, (6, 2)).astype(np.int16),))
    yield Call((rng.normal(1, 2, (12, 4)).astype(np.float32),))
    for array in odd_layouts(partial(rng.normal, 1, 2), (9, 4)):
        yield Call((array,))


def _centred(X):
    return X - np.mean(X, axis=0)


def _shares(data):
    """Shares of the sum of squares along the principal directions, without centring."""
    squares = np.linalg.svd(data, compute_uv=False) ** 2
    return squares / np.sum(squares)


@mistake("not-centred")
def _(X):
    """The data are not centred, so the first direction points at the mean, not along the largest spread."""
    return _shares(np.asarray(X, dtype=float))


@mistake("centred-by-row")
def _(X):
    """The mean of each row is subtracted. Which axis counts the examples?"""
    return _shares(X - np.mean(X, axis=1, keepdims=True))


@mistake("centred-by-grand-mean")
def _(X):
    """One mean for all columns is subtracted; each column has a mean of its own."""
    return _shares(X - np.mean(X))


@mistake("rows-for-columns")
def _(X):
    """Rows and columns are swapped: rows are examples and columns are variables, so d shares are asked for."""
    values = np.linalg.eigvalsh(np.cov(X))[::-1]
    return values / np.sum(values)


@mistake("singular-values-not-squared")
def _(X):
    """These are shares of the singular values, which are spreads. How does a variance come from a spread?"""
    values = np.linalg.svd(_centred(X), compute_uv=False)
    return values / np.sum(values)


@mistake("root-of-ratio")
def _(X):
    """A square root too many: these numbers don't sum to one."""
    return np.sqrt(_shares(_centred(X)))


@mistake("eigenvalues-squared")
def _(X):
    """Eigenvalues of the covariance matrix are variances already; they are squared once more."""
    return _shares(_centred(X).T @ _centred(X))


@mistake("ascending", slip=True)
def _(X):
    """The smallest share comes first: eigvalsh sorts upward. The largest should lead."""
    return _shares(_centred(X))[::-1]


@mistake("cumulative")
def _(X):
    """These are running totals that end at one; each component's own share is asked for."""
    return np.cumsum(_shares(_centred(X)))


@mistake("not-normalised")
def _(X):
    """These are variances along the components. Their sum, the total variance, is not divided out."""
    return np.linalg.svd(_centred(X), compute_uv=False) ** 2 / (len(X) - 1)


@mistake("population-variances")
def _(X):
    """These are variances (of 1/n) along the components; as shares of the total they would sum to one."""
    return np.linalg.svd(_centred(X), compute_uv=False) ** 2 / len(X)


@mistake("divided-by-largest")
def _(X):
    """The variances are divided by the largest of them, so that the first share is always 1."""
    values = _shares(_centred(X))
    return values / values[0]


@mistake("percent", slip=True)
def _(X):
    """These are percentages; shares that sum to one are asked for."""
    return 100 * _shares(_centred(X))


@mistake("correlation-for-covariance")
def _(X):
    """Each column is divided by its deviation: the spectrum is that of the correlation matrix."""
    return _shares(_centred(X) / np.std(X, axis=0))


@mistake("variances-of-columns")
def _(X):
    """These are shares of the columns' own variances. The directions of largest spread may lie across the
    columns; correlations are ignored here.
    """
    variances = np.sort(np.var(X, axis=0))[::-1]
    return variances / np.sum(variances)


@mistake("zeros-dropped")
def _(X):
    """Components without variance are left out; there should be one share per column, zeros included."""
    ratios = _shares(_centred(X))
    return ratios[ratios > 1e-13]


@mistake("cut-off")
def _(X):
    """Variances below a fixed size are set to zero, but what is small depends on the unit of the data."""
    values = np.linalg.svd(_centred(X), compute_uv=False) ** 2 / len(X)
    values[values < 1e-8] = 0
    return values / np.sum(values)


@mistake("epsilon-in-denominator")
def _(X):
    """A small constant is added to the total variance: for data in a small unit it is all there is."""
    values = np.linalg.svd(_centred(X), compute_uv=False) ** 2 / len(X)
    return values / (np.sum(values) + 1e-12)


@mistake("rounded")
def _(X):
    """The shares are rounded to four digits. Print rounded, return exact."""
    return np.round(_shares(_centred(X)), 4)


@mistake("one-column-fails")
def _(X):
    """np.cov of a single variable is a number, not a 1×1 matrix; np.atleast_2d makes it one again."""
    values = np.linalg.eigvalsh(np.cov(X, rowvar=False))[::-1]
    return values / np.sum(values)


@mistake("integer-truncated")
def _(X):
    """The centred data are stored in an array of the input's own dtype: integers lose their fractions."""
    data = np.empty_like(X)
    data[...] = _centred(X)
    return _shares(data)


@mistake("input-mutated")
def _(X):
    """`X -= …` writes into the caller's array. Make a new one: `X = X - …`."""
    X -= np.mean(X, axis=0)
    return _shares(X)


@mistake("float32-inside")
def _(X):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    return _shares(_centred(np.asarray(X, np.float32)))


def _textbook(X):
    centred = X - np.mean(X, axis=0)
    variances = np.linalg.eigvalsh(centred.T @ centred / len(X))[::-1]
    return variances / np.sum(variances)


exercise = Exercise(
    name="explained_variance_ratio",
    topic="matching",
    reference=right.explained_variance_ratio,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook,),
    checks=(
        Check(
            "matches the spectrum of the covariance matrix on ordinary data",
            example=Call((np.array([[4.0, 1.0], [6.0, 3.0], [8.0, 3.0], [6.0, 1.0]]),)),
            inputs=_ordinary,
            hint="Centre each column; the variances along the components are the eigenvalues of the covariance.",
        ),
        Check(
            "depends neither on the unit nor on the origin of the data",
            example=Call((1e-6 * np.array([[104.0, 1.0], [106.0, 3.0], [108.0, 3.0], [106.0, 1.0]]),)),
            inputs=_moved,
            weight=0.5,
            hint="A ratio of variances has no unit: is a constant added or compared with anywhere?",
        ),
        Check(
            "gives zero for a direction without spread",
            example=Call((np.array([[1.0, 2.0, 5.0], [2.0, 4.0, 5.0], [4.0, 8.0, 5.0], [5.0, 10.0, 5.0]]),)),
            inputs=_flat,
            weight=0.5,
            hint="There is one share per column, whatever the rank of the data.",
        ),
        Check(
            "keeps a small share beside a large one",
            example=Call((np.array([[30.0, 1e-4], [10.0, -1e-4], [-10.0, -1e-4], [-30.0, 1e-4]]),)),
            inputs=_wide,
            weight=0.5,
            hint="Shares span many orders of magnitude: neither round nor cut them.",
        ),
        Check(
            "takes data of a single column",
            example=Call((np.array([[1.0], [2.0], [4.0]]),)),
            inputs=_one_column,
            weight=0.5,
            hint="The covariance matrix of one column has shape (1, 1).",
        ),
        takes_any_layout(Call((np.array([[4, 1], [6, 3], [8, 3], [7, 1]]),)), _layouts),
        leaves_arguments_unchanged(
            Call((np.array([[4.0, 1.0], [6.0, 3.0], [8.0, 3.0], [6.0, 1.0]]),)), _ordinary, weight=0.25
        ),
    ),
)
