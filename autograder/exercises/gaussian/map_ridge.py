"""map_ridge(X, y, sigma2, tau2): the most probable weights under Gaussian noise and a Gaussian prior."""

import numpy as np

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
from autograder.solutions import gaussian as right

mistake = Misconceptions()


def _tolerance(call, single):
    """What rounding costs the textbook ways to the maximum, in norm over all weights, as elimination mixes them.
    With r = sigma2 / tau2 and A = XᵀX + r I, forming and solving A w = Xᵀy costs eps·cond(A) of ‖A⁻¹‖ ‖X‖ ‖y‖, and
    so does an explicit inverse; least squares on [X; √r I] costs eps·cond(A) of ‖A⁻¹‖^½ ‖y‖ where little is
    fitted. In the dual form Xᵀ a with K a = y and K = XXᵀ + r I, a has the size ‖y‖ / r, of which Xᵀ K⁻¹ and Xᵀ
    see the error of solving, eps·‖K‖, and of the product. Updating the covariance point by point starts from r⁻¹
    and loses the same.
    """
    X, y = (np.asarray(value, dtype=np.float64) for value in call.args[:2])
    ratio = float(call.args[2]) / float(call.args[3])
    singular = np.linalg.svd(X, compute_uv=False)
    largest = singular[0] ** 2 + ratio
    smallest = ratio + (singular[-1] ** 2 if len(X) >= X.shape[1] else 0.0)
    primal = largest / smallest * (singular[0] / smallest + 1 / np.sqrt(smallest))
    dual = (largest * np.max(singular / (singular**2 + ratio)) + singular[0]) / ratio
    return tolerance_for(float(np.linalg.norm(y) * max(primal, dual)), single=single)


def _targets(rng, X):
    weights = rng.uniform(0.5, 2, X.shape[1]) * np.resize([1.0, -1.0], X.shape[1])
    return X @ weights + rng.normal(0, 0.5, len(X))


def _inputs(rng, n, d):
    """Columns of comparable length that are neither centred nor orthogonal: the singular values are 2 to 5."""
    left = np.linalg.qr(rng.normal(0.5, 1, (n, d)))[0]
    right_axes = np.linalg.qr(rng.normal(0, 1, (d, d)))[0]
    return (left * np.geomspace(5, 2, d)) @ right_axes


def _variances(rng, first, second):
    return float(rng.uniform(*first)), float(rng.uniform(*second))


def _ordinary(rng):
    for (n, d), noise, prior in (
        ((8, 3), (1.5, 3), (0.3, 0.7)),
        ((12, 2), (0.3, 0.7), (1.5, 3)),
        ((5, 4), (2, 3), (4, 9)),
    ):
        X = _inputs(rng, n, d)
        yield Call((X, _targets(rng, X), *_variances(rng, noise, prior)))


def _open(rng):
    """Fewer data than weights, or a column twice: XᵀX alone has no inverse."""
    for n, d in ((3, 6), (2, 5), (1, 3)):
        X = _inputs(rng, d, n).T
        yield Call((X, _targets(rng, X), *_variances(rng, (0.3, 0.7), (1.5, 3))))
    X = _inputs(rng, 7, 2)[:, [0, 1, 0]]
    yield Call((X, _targets(rng, X), *_variances(rng, (0.3, 0.7), (1.5, 3))))


def _extremes(rng):
    for noise, prior in ((1e8, 1e-4), (1e-3, 1e3), (1e-16, 1e-16), (1e16, 1e16)):
        X = _inputs(rng, 7, 3)
        yield Call((X, _targets(rng, X), noise * float(rng.uniform(2, 5)), prior * float(rng.uniform(0.2, 0.5))))


def _alike(rng):
    """Two columns that differ by a tenth and by a hundredth of their length."""
    for gap in (1e-1, 1e-2):
        X = _inputs(rng, 9, 3)
        X[:, 1] = X[:, 0] + gap * X[:, 1]
        yield Call((X, _targets(rng, X), 1e-4 * float(rng.uniform(1, 2)), float(rng.uniform(1, 2))))


def _one(rng):
    for shape in ((5, 1), (1, 1)):
        X = rng.uniform(1, 3, shape)
        yield Call((X, _targets(rng, X), *_variances(rng, (0.3, 0.7), (1.5, 3))))


def _layouts(rng):
    whole = rng.integers(-1, 2, (6, 2)) + 9 * np.eye(6, 2, dtype=np.int64)
    yield Call((whole, rng.integers(-9, 10, 6), 1, 2))
    yield Call((whole.astype(np.int32), rng.integers(-9, 10, 6).astype(np.int32), 1.5, 2))
    X = _inputs(rng, 7, 3)
    yield Call((X.astype(np.float32), _targets(rng, X).astype(np.float32), 0.5, 2.0))
    yield from layouts_of(Call((_inputs(rng, 5, 3), rng.normal(0, 2, 5), 0.5, 2.0)))


def _ridge(X, y, ratio):
    """The textbook formula with any ratio."""
    return np.linalg.solve(X.T @ X + ratio * np.eye(X.shape[1]), X.T @ y)


@mistake("prior-forgotten")
def _(X, y, sigma2, tau2):
    """This is least squares, the maximum of the likelihood alone. The prior pulls the weights towards 0."""
    return np.linalg.pinv(X) @ y


@mistake("noise-forgotten")
def _(X, y, sigma2, tau2):
    """The penalty 1 / tau2 is right for noise of variance 1. The noisier the data, the more the prior counts."""
    return _ridge(X, y, 1 / tau2)


@mistake("prior-variance-forgotten")
def _(X, y, sigma2, tau2):
    """The penalty depends on the noise alone; a prior of small variance should shrink the weights more."""
    return _ridge(X, y, sigma2)


@mistake("ratio-inverted", slip=True)
def _(X, y, sigma2, tau2):
    """The ratio is upside down: here a wide prior shrinks the weights more than a narrow one."""
    return _ridge(X, y, tau2 / sigma2)


@mistake("product-for-ratio")
def _(X, y, sigma2, tau2):
    """The two variances are multiplied. A narrower prior shrinks more: where does tau2 stand?"""
    return _ridge(X, y, sigma2 * tau2)


@mistake("tau2-for-penalty")
def _(X, y, sigma2, tau2):
    """The prior's variance is taken for the penalty: here a wider prior shrinks the weights more."""
    return _ridge(X, y, tau2)


@mistake("deviations-for-variances")
def _(X, y, sigma2, tau2):
    """The penalty is a ratio of standard deviations; in the log-posterior stand variances."""
    return _ridge(X, y, np.sqrt(sigma2 / tau2))


@mistake("variances-squared")
def _(X, y, sigma2, tau2):
    """The arguments are squared once more; sigma2 and tau2 are variances already."""
    return _ridge(X, y, (sigma2 / tau2) ** 2)


@mistake("half-the-penalty", slip=True)
def _(X, y, sigma2, tau2):
    """The penalty is half of what it should be. Both terms of the log-posterior carry the same ½."""
    return _ridge(X, y, 0.5 * sigma2 / tau2)


@mistake("twice-the-penalty", slip=True)
def _(X, y, sigma2, tau2):
    """The penalty is twice what it should be. Both terms of the log-posterior carry the same ½."""
    return _ridge(X, y, 2 * sigma2 / tau2)


@mistake("penalty-times-n", slip=True)
def _(X, y, sigma2, tau2):
    """The squared errors are averaged, so the prior counts n times. The likelihood is a product over the data: its
    logarithm is a sum.
    """
    return _ridge(X, y, len(X) * sigma2 / tau2)


@mistake("penalty-subtracted")
def _(X, y, sigma2, tau2):
    """The penalty is subtracted: here the prior pushes the weights away from 0."""
    return _ridge(X, y, -sigma2 / tau2)


@mistake("added-to-every-entry")
def _(X, y, sigma2, tau2):
    """The penalty is added to every entry of XᵀX. Which entries belong to a weight's own square?"""
    return np.linalg.solve(X.T @ X + sigma2 / tau2, X.T @ y)


@mistake("first-weight-unpenalised")
def _(X, y, sigma2, tau2):
    """The first weight is taken for an intercept and left alone; here every weight has the prior."""
    penalty = sigma2 / tau2 * np.eye(X.shape[1])
    penalty[0, 0] = 0
    return np.linalg.solve(X.T @ X + penalty, X.T @ y)


@mistake("centred")
def _(X, y, sigma2, tau2):
    """The data are centred first, as if there were an intercept; the model is y = X w and nothing else."""
    return _ridge(X - np.mean(X, axis=0), y - np.mean(y), sigma2 / tau2)


@mistake("shrunk-afterwards")
def _(X, y, sigma2, tau2):
    """The least-squares weights are all divided by one number. The prior shrinks most where the data say least."""
    return np.linalg.pinv(X) @ y / (1 + sigma2 / tau2)


@mistake("predictions-for-weights")
def _(X, y, sigma2, tau2):
    """These are the predictions X w; the weights w are asked for."""
    return X @ right.map_ridge(X, y, sigma2, tau2)


@mistake("covariance-for-mode")
def _(X, y, sigma2, tau2):
    """This is the covariance of the posterior; where its density is largest is asked for."""
    return sigma2 * np.linalg.inv(X.T @ X + sigma2 / tau2 * np.eye(X.shape[1]))


@mistake("column-for-vector", slip=True)
def _(X, y, sigma2, tau2):
    """The weights come as a column of shape (d, 1); shape (d,) is asked for."""
    return right.map_ridge(X, y, sigma2, tau2)[:, np.newaxis]


@mistake("descent-cut-short")
def _(X, y, sigma2, tau2):
    """A fixed number of gradient steps gets there only where the columns are of one size and unlike each other.
    The maximum is found by solving a linear system.
    """
    gram, target = X.T @ X + sigma2 / tau2 * np.eye(X.shape[1]), X.T @ y
    weights = np.zeros(X.shape[1])
    for _step in range(400):
        weights = weights - (gram @ weights - target) / np.trace(gram)
    return weights


@mistake("inverted-before-prior")
def _(X, y, sigma2, tau2):
    """XᵀX is inverted before the prior is added: with fewer data than weights it has no inverse."""
    gram = np.linalg.inv(X.T @ X)
    return np.linalg.solve(np.eye(X.shape[1]) + sigma2 / tau2 * gram, gram @ X.T @ y)


@mistake("integer-penalty")
def _(X, y, sigma2, tau2):
    """The penalty is written into XᵀX, whose dtype is that of X: where X holds integers, its fraction is lost."""
    gram = X.T @ X
    for i in range(len(gram)):
        gram[i, i] += sigma2 / tau2
    return np.linalg.solve(gram, X.T @ y)


@mistake("input-mutated")
def _(X, y, sigma2, tau2):
    """`y -= …` writes into the caller's array. Make a new one: `y = y - …`."""
    result = right.map_ridge(X, y, sigma2, tau2)
    y -= np.mean(y)
    return result


@mistake("float32-inside")
def _(X, y, sigma2, tau2):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    return right.map_ridge(np.asarray(X, np.float32), np.asarray(y, np.float32), sigma2, tau2).astype(np.float32)


LINE = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])


def _textbook(X, y, sigma2, tau2):
    return np.linalg.inv(X.T @ X + sigma2 / tau2 * np.eye(X.shape[1])) @ (X.T @ y)


exercise = Exercise(
    name="map_ridge",
    topic="gaussian",
    reference=right.map_ridge,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    textbook=(_textbook,),
    checks=(
        Check(
            "finds the maximum of the posterior on ordinary data",
            example=Call((LINE, np.array([1.0, 2.0, 2.0]), 0.5, 2.0)),
            inputs=_ordinary,
            hint=(
                "Set the gradient of the log-posterior to zero: Xᵀ X, Xᵀ y and the ratio of the two variances "
                "remain."
            ),
        ),
        Check(
            "works where the data alone leave the weights open",
            example=Call((np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0]]), np.array([1.0, 2.0]), 0.5, 2.0)),
            inputs=_open,
            weight=0.75,
            hint="With fewer data than weights XᵀX has no inverse; the prior singles out one maximum.",
        ),
        Check(
            "keeps its digits where columns are nearly alike",
            example=Call((np.array([[1.0, 1.0], [1.0, 1.01], [2.0, 2.0]]), np.array([1.0, 2.0, 2.0]), 1e-6, 1.0)),
            inputs=_alike,
            weight=0.5,
            hint="The data say little about the difference of such weights, but what they say counts.",
        ),
        Check(
            "goes from next to no prior to nothing but prior",
            example=Call((LINE, np.array([1.0, 2.0, 2.0]), 1e8, 1e-4)),
            inputs=_extremes,
            weight=0.5,
            hint="Only the ratio of the two variances counts, be it tiny or huge.",
        ),
        Check(
            "works for one weight and for one data point",
            example=Call((np.array([[1.0], [2.0]]), np.array([1.0, 3.0]), 0.5, 2.0)),
            inputs=_one,
            weight=0.25,
        ),
        takes_any_layout(
            Call((np.array([[1, 0], [1, 1], [1, 2]]), np.array([1, 2, 2]), 1, 2)),
            _layouts,
        ),
        leaves_arguments_unchanged(Call((LINE, np.array([1.0, 2.0, 2.0]), 0.5, 2.0)), _ordinary, weight=0.25),
    ),
)
