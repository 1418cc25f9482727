"""Whether a candidate gives a student's answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autograder.judging.calls import Call, Raised, Returned, Stopped
from autograder.judging.candidates import AskedCall, Candidate
from autograder.judging.compare import Tolerance
from autograder.judging.comparison import NOTHING, Comparison, Limit, LimitError, OverError, _protected, renamed
from autograder.judging.model import Check, Exercise, Misconception, leaves_unchanged
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


def test_each_function_is_asked_each_call_once_whatever_else_is_asked_between():
    asked, calls = [], [CALL, Call((np.array([5.0]),))]

    def counted(by):
        def function(x):
            asked.append((by, x.size))
            return by * x

        return Candidate((), function)

    one, functions = comparison(), [counted(3), counted(4)]
    for _ in range(2):
        values = [one.answer(function, call).value.tolist() for function in functions for call in calls]
        assert values == [[3, 6], [15], [4, 8], [20]]
    assert asked == [(3, 2), (3, 1), (4, 2), (4, 1)]


def test_an_answer_as_large_as_a_table_is_none(monkeypatch):
    monkeypatch.setattr("autograder.judging.comparison.MAX_KEPT", 1000)
    one = comparison()
    assert one.answer(Candidate((), lambda x: np.zeros(999)), CALL) is NOTHING
    assert one.answer(Candidate((), lambda x: np.zeros(9)), CALL).value.size == 9
    assert one.answer(Candidate((), lambda x: 0.5), CALL).value == 0.5


def test_an_exception_is_an_answer_with_its_name_and_text():
    one = comparison()
    assert one.answer(Candidate((), lacking), CALL) == Raised("IndexError", "list index out of range")
    assert one.answer(Candidate((), lambda x: exit("over")), CALL) == Raised("SystemExit", "over")  # noqa: PLR1722
    assert one.answer(Candidate((), in_place), Call((np.array([1.0]), 2))).type == "TypeError"


def test_what_writes_into_arguments_of_any_kind_gets_a_copy_of_them():
    x, more = np.array([1.0, 2.0]), [1.0]

    def both(x, by):
        x[0] = by.pop()
        return x

    assert comparison().answer(Candidate((), both), Call((x, more))).value.tolist() == [1.0, 2.0]
    assert (x.tolist(), more) == ([1.0, 2.0], [1.0])
    named = Call((), {"x": x})
    answer = comparison().answer(Candidate((), in_place), named)
    assert (answer.value.tolist(), answer.changed, x.tolist()) == ([3.0, 6.0], True, [1.0, 2.0])


@pytest.mark.parametrize(
    ("value", "protected"), [(np.ones(2), True), (1.5, True), (2, True), ("a", True), (None, True), ([1.0], False)]
)
def test_arguments_that_nobody_can_write_into_are_handed_over_without_a_copy(value, protected):
    given = _protected(Call((value,), {"more": value}))
    assert (given is not None) is protected
    if isinstance(value, np.ndarray):
        assert not given.args[0].flags.writeable
        assert not given.kwargs["more"].flags.writeable
        assert value.flags.writeable
    elif protected:
        assert (given.args, given.kwargs) == ((value,), {"more": value})
    assert _protected(Call((1.0,), {"more": [1.0]})) is None


def test_the_work_of_a_call_is_its_operations_more_for_more_numbers():
    one = comparison()
    one.answer(Candidate((), in_place), CALL)
    first = one.work
    one.answer(Candidate((), in_place), CALL)
    assert one.work == first, "what is known takes no work"
    one.answer(Candidate((), double), CALL)
    assert one.work == 2 * first
    operations = first - 10
    assert operations == 2, "a number and a product"
    one.answer(Candidate((), double), Call((np.ones(1000),)))
    assert one.work == 2 * first + 10 + 2 * (1 + 2000 // 256)


def test_a_search_may_do_as_much_work_as_its_limit_and_no_more():
    one = comparison()
    one.limit = Limit(12, Stopwatch())
    assert one.answer(Candidate((), double), CALL).value.tolist() == [2.0, 4.0]
    with pytest.raises(LimitError):
        one.answer(Candidate((), in_place), CALL)


def test_a_search_ends_when_its_time_is_over_once_the_clock_is_looked_at():
    class Over(Stopwatch):
        is_over = True

    one = comparison()
    one.limit = Limit(10**9, Over())
    one.answer(Candidate((), double), CALL)
    with pytest.raises(LimitError):
        one.same(
            Candidate((), double),
            Candidate((), double),
            [Call((np.array([float(number)]),)) for number in range(100)],
        )


def repeated(times):
    def over(function):
        return lambda x: [function(x) for _ in range(times)][-1]

    return Candidate((), double, over=over)


@pytest.mark.parametrize(("times", "short"), [(1, True), (8, True), (9, False)])
def test_a_mistake_is_short_if_it_takes_eight_times_the_operations_of_the_right_function_at_most(times, short):
    assert comparison().is_short(repeated(times), CALL) is short
    assert comparison().is_short(Candidate((), double), CALL)
    assert comparison().is_short(Candidate((), double, over=lambda _: None), CALL)
    without = Exercise("double", "test", np.positive, checks=(CHECK,))
    assert Comparison(without, Stopwatch()).is_short(repeated(times), CALL)


def test_a_slip_on_the_answer_is_called_as_the_first_that_is_the_same():
    known_as = Misconception("minus", lambda x: -2 * x, "")
    exercise = Exercise("double", "test", double, checks=(CHECK,), misconceptions=(known_as,))
    one = Comparison(exercise, Stopwatch())
    right = Candidate((), double)
    flipped = right.with_slip(Slip("flipped", "", change=lambda value, _: -value))
    first, same = (
        right.with_slip(Slip(name, "", change=lambda value, _: value + 1)) for name in ("first", "same")
    )
    fits = [flipped, first, same]

    def names(candidate):
        return [part.name for part in renamed(candidate, fits, exercise, one, [CALL]).parts]

    assert [names(fit) for fit in fits] == [["minus"], ["first"], ["first"]]
    assert names(same.with_slip(flipped.slips[0])) == ["first", "minus"]
    inside = Candidate((Slip("flipped-inside", ""),), lambda x: -2 * x)
    assert names(inside) == ["flipped-inside"]
    assert renamed(same, fits, exercise, one, [CALL]).slips == same.slips


def test_equal_wrong_answers_of_any_size_agree_though_right_ones_must_be_exact():
    exact = Exercise("double", "test", double, lambda call, single: Tolerance(0.0, 0.0), (CHECK,))
    asked = AskedCall(CALL, Returned(np.array([3e9, 6e9]) * (1 + 1e-13)), Returned(2 * CALL.args[0]), "wrong")
    assert Comparison(exact, Stopwatch()).agree(Candidate((), lambda x: 3e9 * x), CHECK, asked)
    further = replace(asked, answer=Returned(np.array([3e9, 6e9]) * (1 + 1e-10)))
    assert not Comparison(exact, Stopwatch()).agree(Candidate((), lambda x: 3e9 * x), CHECK, further)


def test_the_lengths_of_each_call_are_its_own():
    one = comparison()
    calls = [CALL, Call((np.ones((5, 3)),)), CALL]
    assert [one.lengths(call) for call in calls] == [{"n": 2}, {"n": 5, "k": 3}, {"n": 2}]


def test_each_answer_has_its_own_ends():
    one, truth = comparison(), Returned(2 * CALL.args[0])
    answers = [AskedCall(CALL, Returned(np.array([a, b])), truth, "wrong") for a, b in ((1.0, -7.0), (3.0, 4.0))]
    probes = [one.probe(asked) for asked in answers]
    assert [(probe.first, probe.last, probe.size) for probe in probes] == [(1.0, -7.0, 7.0), (3.0, 4.0, 4.0)]
    assert one.probe(answers[0]) is probes[0]
    raised = one.probe(AskedCall(CALL, Raised("KeyError"), truth, "raised"))
    assert np.isnan([raised.first, raised.last]).all()
