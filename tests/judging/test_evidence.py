"""Every call is listed with its input, its answer and the truth, for whoever asks why."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import msgspec
import numpy as np
import pytest

from autograder import exercises
from autograder.judging.assess import assess
from autograder.judging.calls import Call, Raised, Returned, Stopped, Unreadable, answer_of, asking
from autograder.judging.candidates import AskedCall, TriedCheck
from autograder.judging.evidence import as_text, calls_of, with_calls
from autograder.results import CheckResult, to_json


def assessed(function, **options):
    return assess(exercises.find("softmax"), asking(partial(answer_of, function)), seed=bytes(32), **options)


def naive(z, axis=-1, temperature=1.0):
    with np.errstate(all="ignore"):
        weights = np.exp(np.asarray(z) / temperature)
        return weights / weights.sum(axis=axis, keepdims=True)


def test_the_calls_say_what_decided_and_marks_stay_the_same():
    plain, explained = assessed(naive), assessed(naive, explain=True)
    assert [msgspec.structs.replace(check, calls=msgspec.UNSET) for check in explained.checks] == plain.checks
    assert all(check.calls is msgspec.UNSET for check in plain.checks)
    for check in explained.checks:
        assert check.calls
        assert check.passed == all(call.passed for call in check.calls)
        assert [call.hidden for call in check.calls] == [False] + [True] * (len(check.calls) - 1)
        assert all(call.asked.startswith("softmax(") for call in check.calls)
    (large,) = (check for check in explained.checks if "large" in check.name)
    assert large.calls[0].asked == "softmax([[1000, 1001], [0, 1]])"
    assert large.calls[0].answered == "[[nan, nan], [0.2689, 0.7311]]"
    assert large.calls[0].expected == "[[0.2689, 0.7311], [0.2689, 0.7311]]"


def raises(z, **_):
    raise ValueError("of my own")


@pytest.mark.parametrize(
    ("function", "said"), [(raises, "raised ValueError: of my own"), (lambda z, **_: None, "None")]
)
def test_an_answer_that_is_no_value_is_told(function, said):
    assert assessed(function, explain=True).checks[0].calls[0].answered.startswith(said)


def test_a_changed_argument_is_told_where_the_value_is_right():
    def changes(z, axis=-1, temperature=1.0):
        right = exercises.find("softmax").reference(z, axis, temperature)
        if isinstance(z, np.ndarray) and z.flags.writeable:
            z[...] = 0
        return right

    (unchanged,) = (c for c in assessed(changes, explain=True).checks if "unchanged" in c.name)
    assert all("changed" in call.answered for call in unchanged.calls if not call.passed)
    assert not unchanged.passed


def test_a_call_that_was_stopped_is_told_in_one_sentence():
    stopped = assess(
        exercises.find("softmax"),
        lambda calls, _: (Stopped("it hangs.", final=True) for _ in calls),
        seed=bytes(32),
        explain=True,
    )
    assert stopped.checks[0].calls[0].answered == "it hangs"


def test_a_result_without_calls_has_no_such_key():
    assert '"calls"' not in to_json_of(assessed(naive))
    assert '"calls"' in to_json_of(assessed(naive, explain=True))


def to_json_of(assessment):
    from autograder.results import FileResult

    return to_json(
        FileResult(
            exercise="softmax",
            file="",
            score=0.0,
            max_score=1.0,
            passed=False,
            isolation=None,
            seconds=0.0,
            message=None,
            checks=assessment.checks,
            misconceptions=[],
        )
    )


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Returned(np.array([1.0, 2.0])), "[1, 2]"),
        (Returned(None), "None"),
        (Raised("KeyError", "e" * 999), "raised KeyError: " + "e" * 200),
        (Raised("KeyError"), "raised KeyError"),
        (Unreadable("a generator"), "a generator where numbers were expected"),
        (Stopped("It ended."), "It ended"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_an_answer_is_written_in_a_short_line(answer, text):
    assert as_text(answer) == text


def test_values_that_are_near_are_written_with_the_digits_that_tell_them_apart():
    near, other = Returned(1.0 + 1e-7), Returned(1.0)
    assert (as_text(near, other), as_text(other, near), as_text(near)) == ("1.0000001", "1", "1")
    assert as_text(near, Raised("KeyError")) == "1"


def test_what_is_wrong_is_added_where_both_values_look_alike_and_only_the_first_call_is_public():
    call, truth = Call((1.0,)), Returned(2.0)
    entry = TriedCheck(
        exercises.find("entropy").checks[0],
        (
            AskedCall(call, Returned(2.0, changed=True), truth, "a value, but changed"),
            AskedCall(call, Returned(3.0), truth, "wrong"),
            AskedCall(call, Returned(2.0), truth, None),
        ),
    )
    found = calls_of(exercises.find("entropy"), entry)
    assert [(one.asked, one.answered, one.expected, one.passed, one.hidden) for one in found] == [
        ("entropy(1)", "2 (a value, but changed)", "2", False, False),
        ("entropy(1)", "3", "2", False, True),
        ("entropy(1)", "2", "2", True, True),
    ]


def test_only_checks_that_were_run_are_listed_with_their_calls_each_with_its_own():
    first, second, last = (CheckResult(name=name, passed=None, score=0, max_score=1) for name in "abc")
    exercise = exercises.find("entropy")

    def run(name, *values):
        asked = tuple(AskedCall(Call((value,)), Returned(value), Returned(value), None) for value in values)
        return TriedCheck(replace(exercise.checks[0], name=name), asked)

    found = with_calls(exercise, [run("c", 3.0), run("a", 1.0, 2.0)], [first, second, last])
    assert [check.name for check in found] == ["a", "b", "c"]
    assert found[1] is second
    assert [[call.answered for call in check.calls] for check in (found[0], found[2])] == [["1", "2"], ["3"]]
    assert with_calls(exercise, [], [first]) == [first]
