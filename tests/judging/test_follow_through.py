"""A check that is right but for one named slip gives part of its marks; nonsense gives nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from sampling import sampled

from autograder import exercises
from autograder.judging.assess import assess, seed_for
from autograder.judging.calls import Call, Returned, answer_of, asking
from autograder.judging.candidates import AskedCall, Candidate, TriedCheck
from autograder.judging.compare import Tolerance
from autograder.judging.comparison import Comparison
from autograder.judging.diagnose import GUARD
from autograder.judging.earlier import INHERITED
from autograder.judging.findings import Finding
from autograder.judging.follow_through import (
    _as_written,
    _in_words,
    _loses_numbers,
    right_but_for,
    shares_of,
    slip_in,
)
from autograder.judging.model import Check, Exercise, Misconception
from autograder.judging.slips import Slip
from autograder.judging.stopwatch import Stopwatch

NAMES = [name for _, name in exercises.names()]
TRAINED = ["train_softmax_regression", "fit_logistic"]
SLIPS = [(name, mistake) for name in NAMES for mistake in exercises.find(name).misconceptions if mistake.slip]


def marked(name, function, **options):
    seed = seed_for(bytes(32), "ada", name, b"")
    return assess(exercises.find(name), asking(partial(answer_of, function)), seed=seed, **options)


def variance(factor):
    """A variance times a factor."""

    def wrong(values, probs):
        mean = np.dot(values, probs)
        return factor * np.dot((values - mean) ** 2, probs)

    return wrong


@pytest.mark.parametrize("slip", sampled(SLIPS, every=8, rest=5, ident="{0[0]}-{0[1].name}".format))
def test_a_slip_is_charged_once_in_full_and_then_in_part(slip):
    name, mistake = slip
    result = marked(name, mistake.function)
    lost = [check for check in result.checks if not check.passed]
    assert lost[0].score == 0
    assert all(check.score in {0, check.max_score / 2} for check in lost)
    whole = exercises.find(name).points
    assert result.score <= whole - lost[0].max_score, "no more than a function that fails one check alone"
    assert result.score == pytest.approx(sum(check.score for check in result.checks))


@pytest.mark.parametrize("slip", sampled(SLIPS[::4], ident="{0[0]}-{0[1].name}".format))
def test_switched_off_it_gives_nothing(slip):
    name, mistake = slip
    result = marked(name, mistake.function, follow_through=0)
    assert [check.score for check in result.checks if not check.passed] == [0] * sum(
        not check.passed for check in result.checks
    )


@pytest.mark.parametrize("name", sampled(NAMES, every=8, rest=3, deep=TRAINED))
def test_what_is_no_slip_gives_no_part(name):
    """A wrong formula, a constant, the input itself: the checks behind a failed first check give nothing."""
    exercise = exercises.find(name)
    no_slips = [entry for entry in exercise.misconceptions if not entry.slip and not entry.name.startswith(GUARD)]
    wrong = [mistake.function for mistake in no_slips]
    wrong += [lambda *args, **_: args[0], lambda *_, **__: 0.5, lambda *_, **__: None]
    for function in wrong:
        result = marked(name, function)
        parts = [check.score for check in result.checks if not check.passed]
        assert not any(parts), function.__doc__


def test_the_part_is_the_courses_choice():
    scores = [marked("variance", variance(2.0), follow_through=part).score for part in (0.0, 0.25, 0.5, 1.0)]
    assert scores == [0.0, 0.625, 1.25, 2.5]


def test_a_part_is_the_same_at_every_level_of_feedback():
    scores = {marked("variance", variance(2.0), feedback=level).score for level in ("score", "messages", "full")}
    assert scores == {1.25}


def test_the_message_says_what_is_given_and_why():
    checks = marked("variance", variance(2.0)).checks
    assert "twice what it should be" in checks[0].message
    assert {check.message for check in checks[1:]} == {"Half of the marks: right but for the mistake named above."}
    assert [check.passed for check in checks] == [False] * len(checks)


def test_a_sign_inside_a_formula_is_a_slip_and_a_part_left_out_is_none():
    def flipped(values, probs):
        mean = np.sum(values * probs)
        return np.sum(values**2 * probs) + mean**2

    def uncentred(values, probs):
        return np.sum(np.asarray(values, dtype=float) ** 2 * probs)

    assert marked("variance", flipped).misconceptions == ["sign-inside"]
    assert marked("variance", flipped).score == 1.25
    assert marked("variance", uncentred).score == 0


def test_what_else_is_wrong_gives_nothing():
    """A variance that is twice too large and writes into its arguments: the slip does not explain the writing."""

    def writes(values, probs):
        result = variance(2.0)(values, probs)
        values += 1
        return result

    checks = {check.name: check for check in marked("variance", writes).checks}
    assert checks["gives zero for a certain outcome"].score == 0.25
    spoilt = checks["leaves its arguments unchanged"]
    assert (spoilt.passed, spoilt.score) == (None, 0.0)
    assert spoilt.message.startswith(
        "not counted: it counts once “averages the squared deviations from the mean” holds\n"
    )


def test_a_slip_that_gives_no_number_earns_nothing_there():
    """KL the other way round is infinite where p is zero and q is not, and KL is finite there."""
    reversed_ = next(m for m in exercises.find("kl_divergence").misconceptions if m.name == "reversed")
    checks = {check.name: check for check in marked("kl_divergence", reversed_.function).checks}
    assert checks["leaves its arguments unchanged"].score == 0.25
    assert checks["counts nothing where p is zero"].score == 0


def with_epsilon(name, eps):
    def posterior(prior, likelihood):
        joint = prior * likelihood
        return joint / (joint.sum() + eps)

    def divergence(p, q):
        return np.sum(p * np.log((p + eps) / (q + eps)))

    def nll(p, y):
        return -np.mean(y * np.log(p + eps) + (1 - y) * np.log(1 - p + eps))

    def bce(z, y):
        return nll(1 / (1 + np.exp(-np.asarray(z, dtype=np.float64))), y)

    functions = {"bayes_posterior": posterior, "kl_divergence": divergence}
    return (functions | {"bernoulli_nll": nll, "bce_with_logits": bce})[name]


@pytest.mark.parametrize("name", sampled(["bayes_posterior", "kl_divergence", "bernoulli_nll", "bce_with_logits"]))
def test_a_small_constant_costs_the_same_whatever_it_is(name):
    results = [marked(name, with_epsilon(name, eps)) for eps in (1e-7, 1e-8, 1e-10, 1e-12)]
    assert len({result.score for result in results}) == 1
    assert all(len(result.misconceptions) == 1 for result in results)
    assert 0 < results[0].score < results[0].max_score


def test_a_large_constant_is_no_guard():
    assert marked("kl_divergence", with_epsilon("kl_divergence", 1e-2)).score == 0


def test_a_small_constant_costs_something_even_where_a_smaller_one_costs_nothing():
    """Softmax with 1e-12 added to the sum is right to the last digit; with 1e-7 it is not."""

    def softmax(z, axis=-1, temperature=1.0):
        z = np.asarray(z, dtype=float) / temperature
        e = np.exp(z - z.max(axis=axis, keepdims=True))
        return e / (e.sum(axis=axis, keepdims=True) + 1e-7)

    result = marked("softmax", softmax)
    assert result.misconceptions == ["epsilon-in-denominator"]
    first, *others = result.checks
    assert first.score == 0
    assert all(check.score == check.max_score / 2 for check in others)


@pytest.mark.parametrize("name", ["divided-by-h", "sign-flipped"])
def test_a_slip_in_a_numerical_gradient_is_followed_through(name):
    """Its checks compare with the analytic gradient, and with that of the slip where the slip is followed."""
    mistake = next(m for m in exercises.find("numerical_gradient").misconceptions if m.name == name)
    result = marked("numerical_gradient", mistake.function)
    assert [check.score for check in result.checks] == [0, 0.375, 0.375, 0.25]


def test_a_numerical_gradient_with_a_slip_must_still_step_by_h():
    """Half the step on each side and the width of a step: twice too large, and f is asked elsewhere."""

    def halves(f, x, h=1e-5):
        return np.array([(f(x + h / 2 * e) - f(x - h / 2 * e)) / (h / 2) for e in np.eye(x.size)])

    scores = {check.name: check.score for check in marked("numerical_gradient", halves).checks}
    assert scores["steps by h to both sides of every entry"] == 0


def log_softmax(z, axis, eps):
    weights = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return np.log(weights / np.sum(weights, axis=axis, keepdims=True) + eps)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("log_softmax", lambda eps: lambda z, axis=-1: log_softmax(np.asarray(z, float), axis, eps)),
        (
            "cross_entropy",
            lambda eps: lambda z, y: -np.mean(log_softmax(np.asarray(z, float), 1, eps)[np.arange(len(y)), y]),
        ),
        (
            "poisson_nll",
            lambda eps: lambda z, y: np.mean(np.exp(1.0 * z) - y * np.log(np.exp(np.asarray(z, float)) + eps)),
        ),
    ],
)
def test_a_constant_in_a_logarithm_costs_the_same_whatever_it_is_and_whoever_wrote_it_down(name, function):
    """One of the constants is that of the known mistake, others are fitted."""
    results = [marked(name, function(eps)) for eps in (1e-15, 1e-12, 3e-11, 1e-8, 1e-6)]
    assert [result.misconceptions for result in results] == [["epsilon-in-log"]] * 5
    assert len({result.score for result in results}) == 1
    assert 0 < results[0].score < results[0].max_score


@pytest.mark.parametrize(
    ("part", "words"), [(0.5, "Half"), (1.0, "All"), (0.25, "25 %"), (0.75, "75 %"), (0.1, "10 %")]
)
def test_a_part_of_the_marks_is_told_in_words(part, words):
    assert _in_words(part) == words


def right(x):
    return x


def with_slip(name, kind=""):
    return Candidate((), right).with_slip(Slip(name, "", kind))


def inside(name, kind="", **more):
    return Candidate((Slip(name, "", kind),), right, **more)


def declared(slip):
    return Candidate((Misconception("of-its-own", right, "It is one.", slip=slip),), right)


@pytest.mark.parametrize(
    ("candidate", "is_slip"),
    [
        (declared(True), True),
        (declared(False), False),
        (with_slip("twice", "scale"), True),
        (with_slip("plus-one", "power"), False),
        *((with_slip(name, "power"), True) for name in ("result-squared", "result-root", "result-exponential")),
        (with_slip("result-logarithm", "power"), True),
        *((with_slip(name, "shape"), True) for name in ("transposed", "axis-kept", "column", "values-swapped")),
        (with_slip("values-reordered", "shape"), True),
        (with_slip("summed", "shape"), False),
        (with_slip("rounded", "end"), False),
        (inside("mu-and-sigma-swapped"), True),
        (with_slip("of-two-swapped"), False),
        (inside("mu-ignored"), False),
        *((inside(name), True) for name in ("sign-inside", "axis-inside", "n-minus-1-inside")),
        *((inside(name), True) for name in ("log-base-inside", "exp-base-inside")),
        (inside("part-missing"), False),
        (inside("transposed"), False),
        (inside("mistake-in-softmax", INHERITED), True),
        (inside("mistake-in-softmax", "from-wrong"), False),
        (inside("epsilon-added", constant=1e-6, at=lambda _: right), True),
        (inside("epsilon-added", constant=2e-6, at=lambda _: right), False),
        (inside("epsilon-added", constant=1e-6), False),
    ],
)
def test_a_slip_leaves_the_formula_as_it_is(candidate, is_slip):
    assert slip_in(Finding((), "", candidate)) is (candidate if is_slip else None)


def test_no_finding_and_one_without_a_single_mistake_is_no_slip():
    assert slip_in(None) is None
    assert slip_in(Finding(("one", "other"), "")) is None


CHECKS = tuple(Check(name, Call((1.0,)), lambda rng: []) for name in ("one", "two", "three"))
DOUBLE = Exercise("double", "test", lambda x: 2 * x, lambda call, single: Tolerance(1e-9), CHECKS)
THRICE = Candidate((), lambda x: 2 * x).with_slip(Slip("thrice", "", "scale", lambda value, _: 1.5 * value))
HALF = "Half of the marks: right but for the mistake {}."
ABOVE, EARLIER = HALF.format("named above"), HALF.format("in the earlier function")


def comparison():
    return Comparison(DOUBLE, Stopwatch())


def entry(number, *answers, x=(1.0, 3.0)):
    """A check whose answers are given as functions of the argument; None is a right one."""
    asked = tuple(
        AskedCall(
            Call((at,)), Returned(2 * at if f is None else f(at)), Returned(2 * at), None if f is None else "w"
        )
        for f, at in zip(answers, x, strict=False)
    )
    return TriedCheck(CHECKS[number], asked)


def three(x):
    return 3 * x


def five(x):
    return 5 * x


def holds(function, answers, *, numbers=True, truth=lambda x: 2 * x):
    one = entry(0, *answers)
    asked = tuple(replace(each, truth=Returned(truth(each.call.args[0]))) for each in one.asked)
    slip = Candidate((), function)
    return right_but_for(comparison(), replace(one, asked=asked), slip, numbers=numbers)


def test_a_check_is_right_but_for_a_slip_if_each_of_its_answers_is():
    assert holds(three, [three, three])
    assert not holds(three, [three, five])
    assert not holds(three, [five, three])
    assert not holds(three, [None, three])
    assert not holds(lambda x: 1 / 0, [three])


def test_a_slip_loses_no_number_where_that_counts():
    def lost(x):
        return x * np.nan

    assert not holds(lost, [lost, lost])
    assert holds(lost, [lost, lost], numbers=False)
    assert holds(lost, [lost, lost], truth=lambda x: x * np.inf)
    assert not holds(lambda x: "text", [three], numbers=True)


@pytest.mark.parametrize(
    ("wrong", "truth", "loses"),
    [
        ([1.0, 2.0], [3.0, 4.0], False),
        ([1.0, np.nan], [3.0, 4.0], True),
        ([-np.inf, 2.0], [3.0, 4.0], True),
        ([1.0, np.nan], [np.inf, 4.0], False),
        ([np.nan, np.inf], [np.inf, 4.0], True),
        ([], [3.0], True),
    ],
)
def test_more_that_is_no_number_is_a_loss(wrong, truth, loses):
    assert _loses_numbers(Returned(np.array(wrong)), Returned(np.array(truth))) == loses


def shares(tried, found, part=0.5, watch=None):
    names = {CHECKS[number].name: Finding((), "", single) for number, single in found.items()}
    given = shares_of(DOUBLE, tried, names, part, watch or Stopwatch())
    return {name: (share.part, share.why) for name, share in given.items()}


def test_the_slip_under_the_first_check_is_held_against_all_others():
    tried = [entry(0, three), entry(1, three), entry(2, five)]
    assert shares(tried, {0: THRICE}) == {"two": (0.5, ABOVE)}
    assert shares(tried, {0: THRICE, 2: Candidate((Slip("x-and-y-swapped", ""),), five)}) == {"two": (0.5, ABOVE)}
    assert shares(tried, {0: Candidate((Slip("no-slip", ""),), three), 1: THRICE}) == {}
    assert shares(tried, {1: THRICE}) == {}


def test_where_the_first_check_passes_each_slip_is_charged_under_the_first_check_that_it_fails():
    fives = Candidate((), lambda x: 2 * x).with_slip(Slip("fives", "", "scale", lambda value, _: 2.5 * value))
    assert shares([entry(0, None), entry(1, three), entry(2, three)], {1: THRICE, 2: THRICE}) == {
        "three": (0.5, ABOVE)
    }
    assert shares([entry(0, None), entry(1, three), entry(2, five)], {1: THRICE, 2: fives}) == {}
    assert shares([entry(0, None), entry(1, three)], {1: THRICE}) == {}


def test_a_mistake_that_was_charged_earlier_gives_the_part_everywhere():
    inherited = Candidate((Slip("mistake-in-x", "", INHERITED),), three)
    tried = [entry(0, three), entry(1, three), entry(2, five)]
    assert shares(tried, {0: inherited}) == {"one": (0.5, EARLIER), "two": (0.5, EARLIER)}
    lost = Candidate((Slip("mistake-in-x", "", INHERITED),), lambda x: x * np.nan)

    def nothing(x):
        return x * np.nan

    assert shares([entry(0, None), entry(1, nothing)], {1: lost}) == {"two": (0.5, EARLIER)}
    assert shares([entry(0, nothing), entry(1, nothing)], {0: lost}) == {}


@pytest.mark.parametrize(
    ("part", "given"),
    [(0, {}), (-1, {}), (0.25, {"two": (0.25, ABOVE.replace("Half", "25 %"))})],
)
def test_the_part_is_what_a_check_gives_and_none_gives_nothing(part, given):
    assert shares([entry(0, three), entry(1, three)], {0: THRICE}, part) == given


def test_once_the_time_is_over_no_check_gives_anything():
    class Over(Stopwatch):
        is_over = True

    assert shares([entry(0, three), entry(1, three)], {0: THRICE}, watch=Over()) == {}


def guarded(constant, at=lambda eps: lambda x: 2 * x + eps):
    return Candidate((Slip("epsilon-added", "", "epsilon"),), at(constant), constant=constant, at=at)


def small(constant):
    return lambda x: 2 * x + constant


CHARGED = (0.0, "None of the marks: it is here that the constant is charged.")
BY_SIZE = (1.0, "All of the marks: the constant is charged where it fails however small it is.")


@pytest.mark.parametrize("tiny", [1e-300, 1e-15, 1e-12])
def test_a_small_constant_is_charged_where_the_true_numbers_are_as_small(tiny):
    """A check that fails for the constant's size alone gives all of its marks."""
    wrong = small(1e-7)
    tried = [entry(0, None), entry(1, wrong, x=(1.0,)), entry(2, wrong, x=(tiny,))]
    assert shares(tried, {1: guarded(1e-7), 2: guarded(1e-7)}) == {"two": BY_SIZE}
    gated = [entry(0, wrong, x=(1.0,)), entry(1, wrong, x=(tiny,)), entry(2, None, x=(2e9,))]
    assert shares(gated, {0: guarded(1e-7)}) == {"one": BY_SIZE, "two": CHARGED, "three": BY_SIZE}


def test_a_small_constant_that_a_smaller_one_would_not_harm_is_charged_once():
    wrong = small(1e-7)
    tried = [entry(0, wrong), entry(1, wrong), entry(2, wrong)]
    assert shares(tried, {0: guarded(1e-7)}) == {"two": (0.5, ABOVE), "three": (0.5, ABOVE)}
    passed = [entry(0, None), entry(1, wrong), entry(2, wrong)]
    assert shares(passed, {1: guarded(1e-7)}) == {"three": (0.5, ABOVE)}


def test_what_a_small_constant_does_not_explain_gives_nothing():
    wrong = small(1e-7)
    assert shares([entry(0, five), entry(1, wrong)], {0: guarded(1e-7)}) == {}
    assert "two" not in shares([entry(0, wrong), entry(1, five)], {0: guarded(1e-7)})


@pytest.mark.parametrize(
    ("fitted", "written"),
    [(1.00004e-7, 1e-7), (9.9996e-8, 1e-7), (1.2345e-7, 1.2345e-7), (3.4e-9, 3.4e-9), (1.23001e-9, 1.23e-9)],
)
def test_a_constant_is_taken_as_it_was_probably_written(fitted, written):
    found = _as_written(guarded(fitted))
    assert found.constant == written
    assert found.function(0.0) == written
    alone = replace(guarded(fitted), at=None)
    assert _as_written(alone) is alone
    none = guarded(0.0)
    assert _as_written(none) is none
