"""Which explanation a wrong function gets: one slip, one whose constant is fitted, two mistakes, or none."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from sampling import sampled

from autograder import exercises
from autograder.judging import diagnose
from autograder.judging.assess import assess
from autograder.judging.calls import Noise, Returned
from autograder.judging.finite import finite_matrices
from autograder.judging.prove import marked


def named(name, function, number=0):
    return marked(exercises.find(name), function, number).misconceptions


def told(name, function):
    return " ".join(
        check.message or "" for check in marked(exercises.find(name), function, 0).checks if not check.passed
    )


def log_pdf(x, mu, sigma, *, half=0.5, log=np.log):
    return -half * ((x - mu) / sigma) ** 2 - log(sigma) - 0.5 * np.log(2 * np.pi)


def surprise(p, log=np.log, eps=0.0):
    return -np.sum(p * log(p + eps))


def kl(p, q):
    return np.sum(p * np.log(p / q))


def kl_of_gaussians(m, s, n, t, *, log=np.log, half=0.5):
    return log(t / s) + s**2 / (2 * t**2) + half * ((m - n) / t) ** 2 - 0.5


def density(x, mu, cov, *, jitter=0.0, log_dets=2, half=0.5, k=None):
    factor = np.linalg.cholesky(cov + jitter * np.eye(len(x)))
    z = np.linalg.solve(factor, x - mu)
    log_det = log_dets * np.sum(np.log(np.diag(factor)))
    return -half * (z @ z) - 0.5 * log_det - 0.5 * (k or len(x)) * np.log(2 * np.pi)


def posterior(X, priors, means, covs, axis):
    joint = np.zeros((len(X), len(priors)))
    for c, (mean, cov) in enumerate(zip(means, covs, strict=True)):
        off = X - mean
        distance = np.sum(off @ np.linalg.inv(cov) * off, axis=axis)
        joint[:, c] = np.log(priors[c]) - distance / 2 - np.linalg.slogdet(cov)[1] / 2
    return joint - np.log(np.sum(np.exp(joint), axis=1, keepdims=True))


def shares(z):
    return np.exp(z - np.max(z, axis=1, keepdims=True))


def but_first(d):
    penalised = np.ones((d, d))
    penalised[0, 0] = 0
    return penalised


def differences(f, x, h):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps]).reshape(x.shape)


SINGLE = [
    ("covariance_matrix", lambda X: -np.cov(X, rowvar=False, bias=True), ["sign-flipped"]),
    ("expectation", lambda values, probs: (values * probs).sum() ** 2, ["result-squared"]),
    ("expectation", lambda values, probs: np.sum((values * probs)[:-1]), ["last-entry-left-out"]),
    ("gaussian_mle", lambda x: (np.median(x), np.std(x)), ["median-for-mean"]),
    (
        "gaussian_kl",
        lambda a, s, b, t: np.log(t / s) + (s**2 + (a - b) ** 2) / (2 * s**2) - 0.5,
        ["variable-inside"],
    ),
    ("logsumexp", lambda z, axis=-1: np.log(np.sum(np.exp(z), axis=axis, keepdims=True)), ["axis-kept"]),
    ("gaussian_log_likelihood", lambda x, mu, sigma: max(np.sum(log_pdf(x, mu, sigma)), -10.0), ["cut-off"]),
    ("entropy", lambda p: min(surprise(p), 1.0), ["cut-at-one"]),
    ("bce_grad", lambda z, y: (1 / (1 + np.exp2(-z)) - y) / len(y), ["exp-base-inside"]),
    ("js_divergence", lambda p, q: (kl(p, (p + q) / 2) + kl((p + q) / 2, q)) / 2, ["arguments-swapped-inside"]),
    ("kl_divergence", lambda p, q: np.prod(p * np.log(p / q)), ["product-for-sum"]),
    ("variance", lambda values, probs: np.dot(probs, 2.0 ** (values - np.dot(values, probs))), ["wrong-power"]),
    (
        "bayes_classifier_log_posterior",
        lambda X, priors, means, covs: posterior(X, priors, means, covs, axis=None),
        ["axis-inside"],
    ),
]
PAIRS = [
    (
        "covariance_matrix",
        lambda X: np.cov(X - X.mean(), rowvar=False) * (1 - len(X)),
        {"not-divided", "sign-flipped"},
    ),
    ("entropy", lambda p: np.sum(p * np.log2(p)), {"base-2", "sign-flipped"}),
    ("gaussian_mle", lambda x: (np.std(x, ddof=1), np.mean(x)), {"divided-by-n-minus-1", "values-swapped"}),
    ("kl_divergence", lambda p, q: -np.mean(q * np.log(p / q)), {"reversed", "mean-for-sum"}),
    (
        "gaussian_log_pdf",
        lambda x, mu, sigma: log_pdf(x, mu, sigma, half=1.0, log=np.log2),
        {"part-missing", "log-base-inside"},
    ),
    ("softmax", lambda z, axis=-1, temperature=1.0: -np.exp(z) / np.sum(np.exp(z)), {"sign-flipped"}),
    (
        "gaussian_kl",
        lambda *given: kl_of_gaussians(*given, log=np.log2, half=1.0),
        {"log-base-inside", "part-missing"},
    ),
    ("poisson_nll", lambda s, y: np.sum(np.exp(-s) - y * s), {"sign-inside", "times-n"}),
    ("bce_grad", lambda z, y: (1 / (1 + np.exp(z)) - y) / (len(y) + 1), {"sign-inside", "one-more-or-less"}),
    (
        "cross_entropy_grad",
        lambda z, y: np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True) / z.shape[1],
        {"part-missing", "other-length-inside"},
    ),
    (
        "map_ridge",
        lambda X, y, s, t: np.linalg.solve(X.T @ X / len(y) + (s / t) ** 2 * np.eye(X.shape[1]), X.T @ y),
        {"mean-for-sum-inside", "wrong-power"},
    ),
    (
        "bayes_posterior",
        lambda prior, likelihood: prior * likelihood / (np.sum(likelihood) + 1e-6),
        {"evidence-without-prior", "epsilon-in-denominator"},
    ),
    (
        "cross_entropy_grad",
        lambda z, y: (shares(z) / np.sum(shares(z)) - np.eye(z.shape[1])[y - 1]) / len(y),
        {"labels-from-one", "axis-inside"},
    ),
    (
        "map_ridge",
        lambda X, y, s, t: np.linalg.solve(X.T @ X + s / t * but_first(X.shape[1]), X.T @ y),
        {"first-weight-unpenalised", "every-entry-inside"},
    ),
    (
        "variance",
        lambda values, probs: np.mean(np.abs(values - np.dot(values, probs))),
        {"unweighted-inside", "square-missing"},
    ),
    (
        "positive_predictive_value",
        lambda prior, hits, rejections: hits * 1.0 / (hits * prior + (1 - prior) * (1 - rejections)),
        {"part-missing"},
    ),
    ("numerical_gradient", lambda f, x, h=1e-2: differences(f, x, h).ravel(), {"flattened", "h-default"}),
    ("mvn_log_pdf", lambda *given: density(*given, log_dets=1, k=1), {"part-missing"}),
    ("mvn_log_pdf", partial(density, log_dets=1, jitter=1e-6), {"half-the-log-determinant", "epsilon-added"}),
]


@pytest.mark.parametrize(
    ("name", "function", "mistakes"),
    [pytest.param(*case, marks=pytest.mark.slow) for case in SINGLE[3:]] + SINGLE[:3],
)
def test_one_slip_is_named(name, function, mistakes):
    """What else is wrong with it, such as a missing shift, shows in other checks and is named after it."""
    assert [named(name, function, number)[:1] for number in range(3)] == [mistakes] * 3


@pytest.mark.parametrize("pair", sampled(PAIRS, every=4, ident="{0[0]}".format))
def test_two_mistakes_at_once_are_both_named(pair):
    name, function, mistakes = pair
    assert mistakes <= set(named(name, function))


def test_two_mistakes_are_one_name_of_the_check_and_two_of_the_function():
    result = marked(exercises.find("entropy"), lambda p: np.sum(p * np.log2(p)), 0)
    assert result.checks[0].misconception == "sign-flipped+base-2"
    assert result.misconceptions[:2] == ["sign-flipped", "base-2"]
    assert "Two mistakes together" in result.checks[0].message


def test_beside_another_mistake_a_slip_inside_is_not_the_only_one():
    def squared(x, y):
        dx, dy = x - x.mean(), y - y.mean()
        return (np.mean(dx * dy) / np.sqrt(np.mean(dx**2) + np.mean(dy**2))) ** 2

    said = told("correlation", squared)
    assert "Two mistakes together" in said
    assert "In the formula, " in said
    assert "right formula, but" not in said


@pytest.mark.parametrize("eps", [1e-3, 3e-5, 1e-7])
def test_a_small_constant_is_found_whatever_it_is(eps):
    assert named("entropy", lambda p: surprise(p, eps=eps)) == ["epsilon-in-log"]
    assert f"about {eps:.2g}" in told("entropy", lambda p: surprise(p, eps=eps))


def test_what_is_right_is_not_right_up_to_a_sign():
    """The gradient is right; it is the points that f is asked at which are not."""
    right = exercises.find("numerical_gradient").reference
    said = told("numerical_gradient", lambda f, x, h=1e-2: right(f, x, h / 10 if h == 1e-2 else h))
    assert "sign" not in said


def test_jitter_on_a_diagonal_is_found_and_said_to_lie_there():
    assert named("mvn_log_pdf", partial(density, jitter=1e-6)) == ["epsilon-added"]
    assert "about 1e-06, is added to the diagonal of `cov`" in told("mvn_log_pdf", partial(density, jitter=1e-6))


def test_a_small_constant_is_found_below_another_mistake():
    assert set(named("entropy", lambda p: surprise(p, np.log2, 3e-6))) == {"epsilon-in-log", "base-2"}


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("gaussian_mle", lambda x: (x.mean(), 0.0)),
        ("correlation", lambda x, y: 1.0),
        ("softmax", lambda z, axis=-1, temperature=1.0: np.full(np.shape(z), 1 / np.shape(z)[axis])),
        ("variance", lambda values, probs: 1e-17 * values.sum()),
        ("entropy", lambda p: float(np.random.default_rng(len(p)).uniform())),
        ("expectation", lambda values, probs: np.nan),
    ],
)
def test_what_hardly_depends_on_the_input_is_called_by_no_name(name, function):
    known = {mistake.name for mistake in exercises.find(name).misconceptions}
    assert set(named(name, function)) <= known


def test_of_two_things_that_fit_neither_is_named_but_both_are_said():
    """Where every right answer is positive, the sign is flipped or the absolute value taken of a flipped one."""
    exercise = replace(exercises.find("expectation"), misconceptions=())
    result = marked(exercise, lambda values, probs: np.trunc(np.sum(values * probs)), 0)
    assert len(set(result.misconceptions)) <= 1


def test_what_is_right_but_for_one_class_of_inputs_is_described():
    def penalised_wrongly(X, y, l2=0.0, lr=0.1, steps=1000):
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            residual = 1 / (1 + np.exp(-(X @ w))) - y
            w = w - lr * (X.T @ residual / len(y) + l2 * np.cbrt(w))
        return w

    assert "right except where `l2` is not 0" in told("fit_logistic", penalised_wrongly)


def test_an_argument_left_at_its_default_has_the_default():
    """A temperature is never 0, and 1 where none is given."""

    def of_one_argument(z):
        weights = np.exp(z - np.max(z, axis=-1, keepdims=True))
        return weights / np.sum(weights, axis=-1, keepdims=True)

    said = told("softmax", of_one_argument)
    assert "right except where `temperature` is given" in said
    assert "not 0" not in said


def test_what_is_small_is_not_right_for_being_small():
    """1e-15 for 1e-16 is not right up to a sign."""

    def guarded(values, probs):
        return np.sum((values - np.sum(values * probs)) ** 2 * probs) + 1e-15

    assert "up to a sign" not in told("variance", guarded)


def test_a_callback_called_without_an_end_is_told_as_such():
    """The exception is the grader's own: in a notebook the loop goes on."""

    def endless(f, x, h=1e-5):
        while True:
            f(x)

    said = told("numerical_gradient", endless)
    assert "does a loop never end?" in said
    assert "Run it in a cell" not in said


def test_a_law_is_told_only_if_every_right_answer_keeps_it():
    """An expectation may have either sign, whatever signs those have that are wrong."""
    assert "never" not in told(
        "expectation", lambda values, probs: max(np.dot(values, probs), 1e-6 * values[0] ** 2)
    )


def test_a_constant_is_no_result_that_is_cut_off():
    """It is right for the public example by heart, and lies below other right answers."""
    assert named("bernoulli_nll", lambda p, y: (np.log(1.25) * 2 + np.log(2)) / 3) == []


def test_what_fails_otherwise_is_told_by_what_is_wrong_with_it():
    assert "comes back" in told("covariance_matrix", lambda X: X @ X.T)
    assert "never negative" in told("variance", lambda values, probs: -np.sum(np.abs(values) ** 1.5))
    assert "raises KeyError" in told("entropy", lambda p: {}[0])


def test_a_right_function_is_not_diagnosed(monkeypatch):
    def never(*_):
        raise AssertionError

    monkeypatch.setattr(diagnose, "Comparison", never)
    assert named("softmax", exercises.find("softmax").reference) == []


def test_values_in_another_order_are_named():
    right = exercises.find("fit_class_gaussians").reference

    def rotated(X, y, num_classes, ridge=1e-3):
        priors, means, covs = right(X, y, num_classes, ridge)
        return means, covs, priors

    assert named("fit_class_gaussians", rotated)[0] == "values-reordered"


def test_a_matrix_that_lapack_may_never_end_with_is_refused_while_explanations_are_computed():
    endless = np.array([[np.inf, 3e-37, 2e105], [3e-37, 1.0, 1.0], [2e105, 1.0, 2.0]])
    usual = np.linalg.pinv
    with finite_matrices():
        assert np.linalg.pinv(np.diag([2.0, 4.0])) == pytest.approx(np.diag([0.5, 0.25]))
        for function in (np.linalg.svd, np.linalg.pinv, np.linalg.eigvalsh, np.linalg.cond):
            with pytest.raises(np.linalg.LinAlgError, match="not finite"):
                function(endless)
    assert np.linalg.pinv is usual


def test_the_search_ends_when_it_has_compared_enough(monkeypatch):
    monkeypatch.setattr(diagnose, "MAX_WORK", 10)
    assert named("gaussian_mle", lambda x: (np.median(x), np.std(x))) == []


def test_a_search_that_can_not_be_made_leaves_the_known_mistakes(monkeypatch):
    def broken(*_):
        raise ValueError

    monkeypatch.setattr(diagnose, "stages", broken)
    assert named("entropy", lambda p: -np.sum(p * np.log2(p)))[0] == "base-2"
    assert named("gaussian_mle", lambda x: (np.median(x), np.std(x))) == []


def test_printing_in_place_of_returning_is_named():
    exercise = exercises.find("entropy")

    def ask(calls, _):
        return [Returned(None, noise=Noise(printed="1.04\n")) for _ in calls]

    result = assess(exercise, ask, seed=b"")
    assert result.misconceptions == ["printed-not-returned"]
    assert "prints and returns None" in result.checks[0].message


def test_a_function_without_a_return_is_named():
    def forgets(p):
        surprise(p)

    assert named("entropy", forgets) == ["nothing-returned"]
    assert "without `return`" in told("entropy", forgets)


def test_a_branch_without_a_return_is_named():
    def forgets(p):
        return surprise(np.asarray(p, dtype=float)) if np.all(np.asarray(p) > 0) else None

    assert named("entropy", forgets) == ["nothing-returned"]


@pytest.mark.parametrize(
    ("name", "function", "mistake"),
    [
        ("entropy", lambda p: undefined + p, "name-not-defined"),  # noqa: F821
        ("entropy", lambda p: np.sum(p, axis=2), "axis-out-of-bounds"),
        ("covariance_matrix", lambda X: X @ np.ones(17), "shapes-do-not-fit"),
        ("gaussian_mle", lambda x: x.middle(), "no-such-attribute"),
    ],
)
def test_exceptions_that_say_what_is_wrong_are_named(name, function, mistake):
    assert mistake in named(name, function)


def test_what_holds_by_chance_of_where_numbers_lie_is_not_said():
    """The largest logit and log n is right for equal logits, and wrong for most others, small or large."""
    text = told("logsumexp", lambda z, axis=-1: np.max(z, axis) + np.log(np.shape(z)[axis]))
    assert text
    assert "except where `z` is larger" not in text


def test_two_slips_inside_are_told_as_one_sentence_about_one_formula():
    text = told("gaussian_log_pdf", lambda x, mu, sigma: log_pdf(x, mu, sigma, half=1.0, log=np.log2))
    assert "They are those of the right formula, but one term or factor is left out, and a logarithm" in text
    assert text.count("right formula") == 1
