"""Every message of every known mistake, held against what the mistaken function did."""

from __future__ import annotations

import re
from functools import cache, partial

import numpy as np
import pytest
from sampling import sampled

from autograder import exercises
from autograder.judging import assess as grading
from autograder.judging.answer_slips import answer_slips
from autograder.judging.calls import Call, Raised, Returned, answer_of, asking
from autograder.judging.candidates import Candidate, composed, known
from autograder.judging.compare import agrees, show
from autograder.judging.compositions import arguments_changed, likely
from autograder.judging.failures import kind_of
from autograder.judging.model import CHANGED, by_value
from autograder.judging.numbers import flat
from autograder.judging.slips import lengths_of

NAMES = [name for _, name in exercises.names()]
TRAINED = ["train_softmax_regression", "fit_temperature", "fit_logistic"]
"""Functions whose known mistakes take seconds."""
SOME = sampled(NAMES, every=16, rest=10, deep=TRAINED)
WORDS = 80
SHOWN = re.compile(r" → (?P<given>.*), expected (?P<expected>.*)$")


@cache
def results_of(name):
    """What the checks say of each known mistake."""
    exercise, seed = exercises.find(name), grading.seed_for(bytes(32), "ada", name, b"")
    asks = [(mistake, asking(partial(answer_of, mistake.function))) for mistake in exercise.misconceptions]
    return [(mistake, grading.assess(exercise, ask, seed=seed).checks) for mistake, ask in asks]


@cache
def failures(name):
    """Each failed check of each known mistake: the check, its result, and the answer to its public example."""
    exercise = exercises.find(name)
    found = []
    for mistake, results in results_of(name):
        for check, result in zip(exercise.checks, results, strict=True):
            if result.passed is False:
                answer = answer_of(mistake.function, check.example)
                found.append((mistake.name, check, result, answer))
    return found


def evidence(result):
    return (result.message or "").splitlines()[0]


@pytest.mark.parametrize("name", SOME)
def test_a_message_begins_with_what_happened_or_what_is_given(name):
    """The call, or what a check is worth in spite of it; no empty text and no empty exception."""
    for mistake, _, result, _ in failures(name):
        first = evidence(result)
        assert f"{name}(" in first or "of the marks: " in first, (mistake, first)
        assert not re.search(r"Error:[ .]*$|:[ .]*$", first), (mistake, first)


@pytest.mark.parametrize("name", SOME)
def test_a_message_has_at_most_eighty_words_beside_its_arrays(name):
    long = {
        (mistake, result.name): words
        for mistake, _, result, _ in failures(name)
        if (words := sum(len(line.split()) for line in result.message.splitlines()[1:])) > WORDS
    }
    assert long == {}


@pytest.mark.parametrize("name", SOME)
def test_shown_numbers_differ_and_the_expected_ones_are_the_truth(name):
    exercise = exercises.find(name)
    for mistake, check, result, answer in failures(name):
        found = SHOWN.search(evidence(result))
        if not found:
            continue
        assert found["given"] != found["expected"], (mistake, result.name)
        truth = exercise.truths[check.name]
        assert isinstance(answer, Returned)
        assert found["expected"] == show(truth.value, against=answer.value), (mistake, result.name)
        assert found["given"] == show(answer.value, against=truth.value), (mistake, result.name)
        assert check.judge(exercise, check.example, answer, truth), "what is shown as wrong is wrong"
        given, right = flat(answer.value), flat(truth.value)
        if given.shape == right.shape and given.size:
            assert not np.allclose(given, right, rtol=1e-10, atol=0, equal_nan=True), (mistake, result.name)


@pytest.mark.parametrize("name", SOME)
def test_other_inputs_are_blamed_only_where_the_example_is_right(name):
    exercise = exercises.find(name)
    for mistake, check, result, answer in failures(name):
        blamed = "other inputs of this kind are not" in evidence(result)
        right = check.judge(exercise, check.example, answer, exercise.truths[check.name]) is None
        if "of the marks: " not in evidence(result):
            assert blamed == right, (mistake, result.name)


@pytest.mark.parametrize("name", SOME)
def test_an_argument_that_was_changed_is_called_so_and_no_other(name):
    exercise = exercises.find(name)
    for mistake, check, result, answer in failures(name):
        mismatch = check.judge(exercise, check.example, answer, exercise.truths[check.name])
        changed = mismatch is not None and mismatch.clause == CHANGED
        alone = changed and by_value(exercise, check.example, answer, exercise.truths[check.name]) is None
        said = "argument was changed" in evidence(result)
        assert said if alone else (changed or not said), (mistake, result.name, evidence(result))


@pytest.mark.parametrize("name", SOME)
def test_a_hint_explains_the_kind_of_failure_that_is_shown(name):
    exercise = exercises.find(name)
    for mistake, check, result, answer in failures(name):
        truth = exercise.truths[check.name]
        if check.judge(exercise, check.example, answer, truth) is None:
            continue  # a hidden answer is meant
        kind = kind_of(answer, truth)
        wrong = [hint.text for hint in check.hints if hint.text and kind not in hint.when]
        assert not any(text in result.message for text in wrong), (mistake, result.name, kind)


@pytest.mark.parametrize("name", SOME)
def test_an_exception_is_named_as_it_was_raised(name):
    exercise = exercises.find(name)
    for mistake, check, result, answer in failures(name):
        if isinstance(answer, Raised):
            assert f"raised {answer.type}" in evidence(result), (mistake, result.name)
        elif check.judge(exercise, check.example, answer, exercise.truths[check.name]) is not None:
            assert " raised " not in evidence(result), (mistake, result.name)


@pytest.mark.parametrize("name", SOME)
def test_a_part_of_the_marks_is_given_only_where_a_mistake_is_named_above(name):
    for mistake, results in results_of(name):
        for place, result in enumerate(results):
            if "All of the marks: " in (result.message or ""):
                assert any(shown.misconception for shown in results[: place + 1]), mistake.name
                assert result.score == result.max_score
            elif "None of the marks: " in (result.message or ""):
                assert any(before.misconception for before in results[:place]), mistake.name
                assert result.score == 0
            elif "of the marks: " in (result.message or ""):
                assert any(before.misconception for before in results[:place]), mistake.name
                assert result.score == result.max_score / 2


def compositions(name):
    """Two mistakes at once: some known ones, each with a slip on the answer, on an argument, or another one."""
    exercise = exercises.find(name)
    reference, call = exercise.reference, exercise.checks[0].example
    mistakes = known(exercise)
    right = Candidate((), reference)
    slips = [right.with_slip(slip) for slip in answer_slips(reference, call) if slip.name in ON_TOP]
    others = [*slips, *likely(arguments_changed(reference, call), reference)[:4], *mistakes[::5]]
    for one in mistakes[:: max(1, len(mistakes) // 4)]:
        for other in others:
            for pair in list(composed(one, other, reference))[:1] if one is not other else ():
                yield one, other, pair


ON_TOP = ("sign-flipped", "base-2", "times-n", "transposed", "values-swapped")


def as_function(exercise, pair):
    def function(*args, **kwargs):
        value = pair.function(*args, **kwargs)
        for slip in pair.slips:
            value = slip.change(value, lengths_of(exercise.reference, Call(args, kwargs)))
        return value

    return function


@pytest.mark.parametrize("name", sampled(NAMES, every=0, rest=40, deep=TRAINED))
def test_what_is_said_of_two_mistakes_at_once_is_so(name):
    """One name is that of a mistake that gives the same answers alone; two names give the answers together."""
    exercise = exercises.find(name)
    candidates = {entry.parts[0].name: entry for entry in known(exercise)}
    for one, other, pair in compositions(name):
        function = as_function(exercise, pair)
        seed = grading.seed_for(bytes(32), "ada", name, b"")
        result = grading.assess(exercise, asking(partial(answer_of, function)), seed=seed).checks[0]
        message = result.message or ""
        made = [next(iter(one.names)), next(iter(other.names))]
        assert len(message.split()) < 3 * WORDS, made
        names = (result.misconception or "").split("+")
        if not result.misconception:
            assert "Two mistakes together" not in message or "two places" in message, (made, message)
            continue
        assert len(names) == 2 or "Two mistakes together" not in message, (made, message)
        alone = candidates.get(names[0]) if len(names) == 1 else None
        if alone and alone.parts[0].message in message:  # a slip on the answer may be called the same
            call = exercise.checks[0].example
            given, said = answer_of(function, call), answer_of(alone.function, call)
            assert isinstance(given, Returned) == isinstance(said, Returned), (made, names)
            if isinstance(given, Returned):
                assert agrees(given.value, said.value, exercise.tolerance(call, call.single)), (made, names)


def test_the_function_of_another_part_that_is_missing_is_named():
    def loses(logits, y):
        return -log_softmax(logits)[np.arange(len(y)), y].mean()  # noqa: F821  # that is the point

    exercise = exercises.find("cross_entropy")
    ask = asking(partial(answer_of, loses))
    of_another_part, of_nobody = (
        grading.assess(exercise, ask, seed=bytes(32), parts=parts).checks[0].message
        for parts in (["softmax", "log_softmax"], [])
    )
    assert "NameError: name 'log_softmax' is not defined" in of_another_part
    assert of_another_part.endswith("`log_softmax` is the function of another part: write that one first.")
    assert "another part" not in of_nobody
    assert not any(hint.text and hint.text in of_another_part for hint in exercise.checks[0].hints)
