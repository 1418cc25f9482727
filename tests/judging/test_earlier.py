"""What a mistake in an earlier function costs and says in a later one that is built on it."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from autograder import exercises
from autograder.judging.assess import assess, seed_for
from autograder.judging.calls import Call, Returned, answer_of, asking
from autograder.judging.candidates import AskedCall, Candidate, TriedCheck
from autograder.judging.earlier import INHERITED, Earlier, explained, inherited
from autograder.judging.findings import Finding
from autograder.judging.slips import Slip

USERS = [
    pytest.param(name, use, id=f"{name}-{use.name}")
    for _, name in exercises.names()
    for use in exercises.find(name).uses
]


def marked(name, function, **options):
    seed = seed_for(bytes(32), "ada", name, b"")
    return assess(exercises.find(name), asking(partial(answer_of, function)), seed=seed, **options)


def in_turn(functions, **options):
    """Assess functions one after the other, as they stand in a notebook."""
    earlier, results = {}, {}
    for name, function in functions.items():
        results[name] = marked(name, function, earlier=earlier, **options)
        if results[name].mistake:
            earlier[name] = results[name].mistake
    return results


def losses(logsumexp):
    """Three functions of the course, the later ones built on the earlier ones."""

    def log_softmax(z, axis=-1):
        return z - np.expand_dims(logsumexp(z, axis), axis)

    def cross_entropy(logits, y):
        return -np.mean(log_softmax(logits, 1)[np.arange(len(y)), y])

    return {"logsumexp": logsumexp, "log_softmax": log_softmax, "cross_entropy": cross_entropy}


def naive(z, axis=-1):
    return np.log(np.sum(np.exp(z), axis=axis))


def base_2(z, axis=-1):
    return np.log2(np.sum(np.exp(z), axis=axis))


@pytest.mark.parametrize(("name", "use"), USERS)
def test_a_function_that_is_built_on_a_right_one_is_right(name, use):
    exercise = exercises.find(name)
    built = use.build(exercises.find(use.name).reference)
    for call in (exercise.checks[0].example, *exercise.checks[0].inputs(np.random.default_rng(1))):
        given, truth = (answer_of(function, call) for function in (built, exercise.reference))
        assert exercise.checks[0].judge(exercise, call, given, truth) is None


def test_an_instability_is_charged_in_full_once():
    results = in_turn(losses(naive))
    assert [result.score for result in results.values()] == [2.5, 2.5, 2.5]
    assert [result.misconceptions for result in results.values()] == [
        ["no-max-shift"],
        ["mistake-in-logsumexp"],
        ["mistake-in-log-softmax"],
    ]
    (lost,) = (check for check in results["log_softmax"].checks if not check.passed)
    assert lost.score == lost.max_score / 2
    assert "Correct `logsumexp` first" in lost.message
    assert "If yours does not call it: Exp overflows" in lost.message
    assert lost.message.endswith("Half of the marks: right but for the mistake in the earlier function.")


def test_a_slip_that_spoils_ordinary_inputs_is_followed_through():
    results = in_turn(losses(base_2))
    assert results["log_softmax"].score == 1.0
    assert marked("log_softmax", losses(base_2)["log_softmax"]).score == 0.0


def test_a_wrong_formula_is_named_in_what_calls_it_and_gives_nothing():
    results = in_turn(losses(lambda z, axis=-1: np.max(z, axis=axis)))
    assert [result.score for result in results.values()] == [0.0, 0.0, 0.0]
    assert results["log_softmax"].misconceptions == ["mistake-in-logsumexp"]


def test_what_else_is_wrong_in_the_later_function_is_charged_there():
    functions = losses(naive)
    results = in_turn(functions | {"log_softmax": lambda z, axis=-1: -functions["log_softmax"](z, axis)})
    assert "mistake-in-logsumexp" not in results["log_softmax"].misconceptions
    assert results["log_softmax"].score == marked("log_softmax", lambda z, axis=-1: -naive_log(z, axis)).score


def naive_log(z, axis=-1):
    return losses(naive)["log_softmax"](z, axis)


def test_a_right_function_after_a_wrong_one_keeps_its_marks():
    functions = losses(naive) | {"log_softmax": exercises.find("log_softmax").reference}
    assert in_turn(functions)["log_softmax"].score == 3.0


def test_a_constant_function_gains_nothing_by_a_mistake_before_it():
    for wrong in (lambda z, axis=-1: np.zeros(np.shape(z)), lambda z, axis=-1: np.full(np.shape(z), -np.inf)):
        assert in_turn(losses(naive) | {"log_softmax": wrong})["log_softmax"].score == 0.0


def test_switched_off_it_gives_nothing():
    assert [result.score for result in in_turn(losses(naive), follow_through=0).values()] == [2.5, 2.0, 2.0]


def test_nothing_is_built_on_a_right_function():
    exercise = exercises.find("log_softmax")
    assert marked("logsumexp", exercises.find("logsumexp").reference).mistake is None
    assert inherited(exercise, {}) == []


def test_a_check_that_the_earlier_mistake_explains_alone_is_followed_through():
    """The others pass, and their float32 answers need not be those of the built function to the last digit."""

    def softmax(z, axis=-1, temperature=1.0):
        weights = np.exp(np.array(z) / temperature)
        return weights / weights.sum(axis=axis, keepdims=True)

    def gradient(logits, y):
        p = softmax(logits)
        p[np.arange(len(y)), y] -= 1
        return p / len(y)

    result = in_turn({"softmax": softmax, "cross_entropy_grad": gradient})["cross_entropy_grad"]
    assert (result.score, result.misconceptions) == (3.5, ["mistake-in-softmax"])


EXERCISE = exercises.find("entropy")


def tried(number, clause):
    one = Returned(1.0)
    return TriedCheck(EXERCISE.checks[number], (AskedCall(Call((1.0,)), one, one, clause),))


def twice(name="twice"):
    slip = Slip(name, "", "scale", lambda value, lengths: 2 * value + lengths.get("n", 0))
    return Finding((name,), "", Candidate((), lambda p: p.sum()).with_slip(slip))


@pytest.mark.parametrize(
    ("findings", "is_explained"),
    [
        ({0: twice()}, False),
        ({0: twice(), 1: twice()}, True),
        ({0: twice(), 1: twice("other")}, False),
        ({0: twice(), 1: Finding(("one", "two"), "")}, False),
        ({}, False),
        ({0: twice(), 1: twice(), 2: twice("other")}, True),
    ],
)
def test_one_mistake_must_explain_every_failed_check(findings, is_explained):
    checks = [tried(0, "wrong"), tried(1, "wrong"), tried(2, None)]
    found = {EXERCISE.checks[number].name: finding for number, finding in findings.items()}
    assert (explained(EXERCISE, checks, found, is_slip=False) is not None) is is_explained


@pytest.mark.parametrize(
    ("first", "is_slip", "is_near"), [("wrong", False, False), ("wrong", True, True), (None, False, True)]
)
def test_a_function_is_near_if_it_is_right_on_ordinary_inputs_or_but_for_a_slip(first, is_slip, is_near):
    checks = [tried(0, first), tried(1, "wrong")]
    found = {entry.check.name: twice() for entry in checks}
    earlier = explained(EXERCISE, checks, found, is_slip=is_slip)
    assert earlier.is_near is is_near
    assert earlier.function(np.array([1.0, 2.0, 4.0])) == 17, "with the slip on its answer"


def test_a_later_function_is_built_on_each_earlier_one_that_has_a_mistake_and_named_by_it():
    user = exercises.find("log_softmax")
    for is_near, kind in ((True, INHERITED), (False, "from-wrong")):
        built = inherited(user, {"logsumexp": Earlier(base_2, is_near), "softmax": Earlier(base_2, is_near)})
        (slip,) = built[0].parts
        assert (len(built), slip.name, slip.kind) == (1, "mistake-in-logsumexp", kind)
        assert built[0].function(np.zeros(4)).tolist() == [-2.0] * 4
