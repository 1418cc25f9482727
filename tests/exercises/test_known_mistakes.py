"""Each known mistake gives what its message says: the value of a second writing, on the public examples."""

from __future__ import annotations

import inspect
import re

import mistaken
import numpy as np
import pytest

from autograder import exercises
from autograder.judging.calls import Raised, Returned, answer_of

NAMES = {name: topic for topic, name in exercises.names()}
TRAINED = ("numerical_gradient", "fit_logistic", "train_softmax_regression")
"""What is called often, or many steps long."""
WRITING = ("input-mutated", "shuffled-in-place", "step-taken")
"""Mistakes that write into an argument."""
BY_A_LAW = ("float32-inside", "input-mutated")
"""Mistakes that have a test of their own."""
ROUNDED = {"numerical_gradient": 1e-8, "map_ridge": 1e-12, "bayes_classifier_log_posterior": 1e-12}
"""What rounding may cost where small numbers are differences of large ones."""


def second_writing(exercise, mistake):
    """What the message says, as a function."""
    own = mistaken.written(exercise.topic)[exercise.name]
    if mistake.name in own:
        return own[mistake.name]
    return lambda *args, **kwargs: mistaken.EVERYWHERE[mistake.name](
        mistake.message, exercise.reference(*args, **kwargs)
    )


def parts(answer):
    return [np.asarray(part) for part in (answer.value if isinstance(answer.value, tuple) else [answer.value])]


def told(function, call):
    with np.errstate(all="ignore"):
        return answer_of(function, call)


def is_finite(answer):
    return isinstance(answer, Raised) or all(part.size and np.isfinite(part).all() for part in parts(answer))


def difference(name, mistake):
    """What is wrong with a mistake's answers; nothing if they are what its message says."""
    exercise, compared = exercises.find(name), 0
    for call in mistaken.calls(NAMES[name], exercise):
        wanted = told(second_writing(exercise, mistake), call)
        if not is_finite(wanted) and mistake.name != "arguments-swapped":  # that one never is
            continue
        compared += 1
        found = told(mistake.function, call)
        if type(found) is not type(wanted):
            return f"{call}: {found}, not {wanted}"
        for given, right in zip(*map(parts, (found, wanted)), strict=True) if isinstance(found, Returned) else ():
            near = given.shape == right.shape and np.allclose(
                given, right, rtol=1e-5, atol=ROUNDED.get(name, 1e-15), equal_nan=True
            )
            if not near:
                return f"{call}: {given}, not {right}"
    return "" if compared else "never compared"


@pytest.mark.parametrize("name", NAMES)
def test_each_mistake_gives_what_its_message_says(name):
    told_apart = {
        mistake.name: what
        for mistake in exercises.find(name).misconceptions
        if mistake.name not in BY_A_LAW and (what := difference(name, mistake))
    }
    assert told_apart == {}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in TRAINED])
def test_what_is_called_mutating_writes_into_an_argument_and_gives_the_right_value(name):
    exercise = exercises.find(name)
    for mistake in exercise.misconceptions:
        if mistake.name in WRITING:
            calls = mistaken.calls(NAMES[name], exercise)
            answers = [told(mistake.function, call) for call in calls]
            assert any(answer.changed for answer in answers if isinstance(answer, Returned))
            truth = told(exercise.reference, calls[0])
            for given, right in zip(parts(answers[0]), parts(truth), strict=True):
                np.testing.assert_allclose(given, right, rtol=1e-9, atol=1e-12)


def is_wrong(mistake, exercise, asked):
    return any(check.judge(exercise, call, told(mistake.function, call), truth) for check, call, truth in asked)


@pytest.mark.parametrize("name", [*TRAINED, "fit_temperature"])
def test_each_mistake_of_a_trained_function_is_wrong_somewhere(name):
    """On a public example, or else on a hidden one. Of others their proof says so, which takes seconds here."""
    exercise = exercises.find(name)
    examples = [(check, check.example, exercise.truths[check.name]) for check in exercise.checks]
    left = [mistake for mistake in exercise.misconceptions if not is_wrong(mistake, exercise, examples)]
    drawn = (
        (check, call, told(exercise.reference, call))
        for check in exercise.checks
        for call in check.drawn(np.random.default_rng(0))
    )
    hidden = list(drawn) if left else []
    assert [mistake.name for mistake in left if not is_wrong(mistake, exercise, hidden)] == []


def parts_that_are_finite(answer):
    return [bool(np.isfinite(part).all()) for part in parts(answer)]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "sequential_posterior"])
def test_what_a_message_calls_an_overflow_is_one_in_the_same_places(name):
    """Of several values those that are finite are as in the second writing."""
    exercise = exercises.find(name)
    for mistake in exercise.misconceptions:
        if mistake.name in BY_A_LAW or not re.search(r"\b(overflow|underflow|inf|nan)", mistake.message):
            continue
        for call in mistaken.calls(NAMES[name], exercise):
            wanted = told(second_writing(exercise, mistake), call)
            if is_finite(wanted):
                continue
            found = told(mistake.function, call)
            assert parts_that_are_finite(found) == parts_that_are_finite(wanted), mistake.name
            for given, right in zip(parts(found), parts(wanted), strict=True):
                if np.isfinite(right).all():
                    np.testing.assert_allclose(given, right, rtol=1e-5, atol=1e-12, err_msg=mistake.name)


def arguments_of(function):
    return [(argument.name, argument.default) for argument in inspect.signature(function).parameters.values()]


@pytest.mark.parametrize("name", NAMES)
def test_each_mistake_and_each_textbook_formula_takes_what_the_reference_takes_and_has_its_defaults(name):
    exercise = exercises.find(name)
    for function in (*(mistake.function for mistake in exercise.misconceptions), *exercise.textbook):
        assert arguments_of(function) == arguments_of(exercise.reference)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_called_float32_is_right_to_seven_digits_and_no_more(name):
    exercise = exercises.find(name)
    for mistake in exercise.misconceptions:
        if mistake.name == "float32-inside":
            call = exercise.checks[0].example
            pairs = list(
                zip(parts(told(mistake.function, call)), parts(told(exercise.reference, call)), strict=True)
            )
            for given, right in pairs:
                np.testing.assert_allclose(given, right, rtol=1e-5, atol=1e-5)
            assert any(given.dtype == np.float32 or not np.array_equal(given, right) for given, right in pairs)
