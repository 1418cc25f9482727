"""Whether a candidate gives a student's answers."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judging.calls import Call, Raised, Returned, Stopped
from autograder.judging.candidates import AskedCall, Candidate
from autograder.judging.comparison import Comparison, Limit, LimitError, OverError
from autograder.judging.model import Check, Exercise, leaves_unchanged
from autograder.judging.slips import Slip
from autograder.judging.stopwatch import Stopwatch

CHECK = Check("doubles", Call((np.array([1.0, 2.0]),)), lambda rng: [], judge=leaves_unchanged())
CALL = CHECK.example


def double(x):
    return 2 * x


EXERCISE = Exercise("double", "test", double, checks=(CHECK,))


def in_place(x):
    x *= 3
    return x


def lacking(x):
    raise IndexError("list index out of range")


def comparison():
    return Comparison(EXERCISE, Stopwatch())


def agree(function, answer, clause="wrong"):
    asked = AskedCall(CALL, answer, Returned(2 * CALL.args[0]), clause)
    return comparison().agree(Candidate((), function), CHECK, asked)


@pytest.mark.parametrize(
    ("function", "answer", "clause", "agrees"),
    [
        (lambda x: 3 * x, Returned(np.array([3.0, 6.0])), "wrong", True),
        (lambda x: 3 * x, Returned(np.array([3.0, 6.1])), "wrong", False),
        (lambda x: 3 * x, Returned(np.array([3.0, 6.0])), None, False),  # they keep the call, and it loses it
        (double, Returned(np.array([2.0, 4.0])), None, True),
        (double, Returned(np.array([2.0, 4.0])), "changed", False),
        (lacking, Raised("IndexError", "list index out of range"), "raised", True),
        (lacking, Raised("IndexError", "another"), "raised", False),
        (lacking, Raised("KeyError", "list index out of range"), "raised", False),
        (lacking, Raised("IndexError", "list index out of range"), None, False),
        (lacking, Returned(1.0), "wrong", False),
        (double, Raised("IndexError"), "raised", False),
        (double, Stopped("It ended."), "It ended.", False),
    ],
)
def test_a_candidate_agrees_in_value_or_exception_and_in_whether_the_call_is_lost(
    function, answer, clause, agrees
):
    assert agree(function, answer, clause) is agrees


def test_an_answer_is_kept_and_the_call_stays_as_it_is():
    asked = []

    def counted(x):
        asked.append(x)
        return 2 * x

    one = comparison()
    first, again = (one.answer(Candidate((), counted), CALL) for _ in range(2))
    assert first is again
    assert len(asked) == 1
    changed = one.answer(Candidate((), in_place), CALL)
    np.testing.assert_array_equal(changed.value, [3.0, 6.0])
    assert changed.changed
    np.testing.assert_array_equal(CALL.args[0], [1.0, 2.0])


def test_a_slip_changes_the_answer_and_keeps_whether_an_argument_was_changed():
    right = Candidate((), in_place)
    minus, none = Slip("minus", "", change=lambda value, _: -value), Slip("none", "", change=lambda value, _: None)
    broken = Slip("broken", "", change=lambda value, _: value[7])
    one = comparison()
    answer = one.answer(right.with_slip(minus), CALL)
    assert (answer.value.tolist(), answer.changed) == ([-3.0, -6.0], True)
    for slip in (none, broken):
        assert isinstance(one.answer(right.with_slip(slip), CALL), Raised)


def test_two_candidates_are_the_same_if_they_are_in_every_call():
    one, calls = comparison(), [CALL, Call((np.array([-1.0, 2.0]),))]
    plain, absolute, raising = (Candidate((), f) for f in (double, lambda x: 2 * np.abs(x), lambda x: 1 / 0))
    assert one.same(plain, absolute, calls[:1])
    assert not one.same(plain, absolute, calls)
    assert not one.same(raising, raising, calls)


def test_a_value_is_given_be_an_argument_changed_or_not():
    one, truth = comparison(), Returned(np.array([2.0, 4.0]))
    given = AskedCall(CALL, Returned(np.array([2.0, 4.0]), changed=True), truth, "changed")
    assert one.gives(Candidate((), double), given)
    assert not one.gives(Candidate((), in_place), given)
    assert not one.gives(Candidate((), double), AskedCall(CALL, Raised("KeyError"), truth, "raised"))


def test_a_search_ends_when_its_work_is_done_and_goes_on_without_a_limit():
    one = comparison()
    one.limit = Limit(0, Stopwatch())
    with pytest.raises(LimitError):
        one.answer(Candidate((), double), CALL)
    one.limit = None
    assert one.answer(Candidate((), double), CALL).value.tolist() == [2.0, 4.0]


def test_the_first_comparison_looks_at_the_clock():
    class Over(Stopwatch):
        is_over = True

    asked = AskedCall(CALL, Returned(1.0), Returned(2.0), "wrong")
    with pytest.raises(OverError):
        Comparison(EXERCISE, Over()).agree(Candidate((), double), CHECK, asked)
