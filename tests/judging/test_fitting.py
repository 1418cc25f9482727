"""What tells of a mistake, and in which order the calls are looked at."""

from __future__ import annotations

import numpy as np
import pytest

from autograder import exercises
from autograder.judging.calls import Call, Raised, Returned
from autograder.judging.candidates import AskedCall, Candidate, TriedCheck
from autograder.judging.fitting import IN_SINGLE, evidence_of, is_narrow, tells_enough, tells_of_two, ways_of

EXERCISE = exercises.find("entropy")
CHECK, OTHER = EXERCISE.checks[:2]


def asked(answer, truth, clause="wrong", size=2):
    answer = answer if isinstance(answer, Raised) else Returned(np.array(answer, float))
    return AskedCall(Call((np.full(size, 1 / size),)), answer, Returned(np.array(truth, float)), clause)


def tried(*entries, check=CHECK):
    return TriedCheck(check, entries)


def test_wrong_finite_answers_and_short_calls_come_first_and_much_longer_ones_last():
    long, right = asked(1, 2, size=99), asked(1, 1, None)
    nan, raised, longer, short = asked(np.nan, 1), asked(Raised("KeyError"), 1), asked(1, 2, size=3), asked(1, 2)
    found = evidence_of(EXERCISE, [tried(long, right, nan, raised, longer, short)])
    in_order = [short, longer, nan, raised, right, long]
    assert [id(entry) for _, entry in found] == [id(entry) for entry in in_order]


def test_the_calls_of_every_check_are_taken_once():
    one, other = asked(1, 2), asked(3, 2)
    found = evidence_of(EXERCISE, [tried(one), tried(other, check=OTHER), tried(one)])
    assert [(check.name, entry.answer.value) for check, entry in found] == [(CHECK.name, 1), (OTHER.name, 3)]
    assert evidence_of(EXERCISE, []) == []


@pytest.mark.parametrize(
    ("entries", "enough"),
    [
        ([asked(1, 5), asked(2, 6)], True),
        ([asked([1, 2], [5, 6])], True),
        ([asked(1, 5), asked(1, 6)], False),
        ([asked([1, 1], [5, 6]), asked([2, 2], [5, 6])], False),
        ([asked([1, 1], [5, 6]), asked([2, 3], [5, 6])], True),
        ([asked([0, 1], [5, 6]), asked([0, 2], [7, 8])], False),
        ([asked([0, 1], [5, 6]), asked([0, 2], [5, 8])], True),
        ([asked(np.nan, 5), asked(1, 1, None), asked(2, 2, None)], False),
        ([asked(np.inf, 5), asked(1, 5), asked(2, 2, None)], True),
        ([asked(1, 1e12), asked(2, 2e12)], False),
        ([asked(Raised("KeyError"), 1)], False),
    ],
)
def test_wrong_answers_tell_enough_if_they_are_numbers_that_vary(entries, enough):
    assert tells_enough(tried(*entries)) is enough


@pytest.mark.parametrize(
    ("entries", "tells"),
    [
        ([asked([np.nan, 1], [1, 2])], True),
        ([asked([np.nan, 2], [1, 2])], False),
        ([asked([np.nan, 2 + 1e-12], [1, 2])], False),
        ([asked([np.nan, np.inf], [1, 2])], False),
        ([asked([1], [1, 2])], True),
        ([asked([np.nan], [1, 2])], False),
        ([asked([1, 1], [1, 2], None)], False),
        ([asked([np.nan, 2], [1, 2]), asked(3, 4)], True),
    ],
)
def test_two_mistakes_are_told_by_a_finite_number_that_is_wrong(entries, tells):
    assert tells_of_two(tried(*entries)) is tells


def test_a_call_is_narrow_if_any_array_is_of_other_numbers_than_float64():
    wide, narrow = np.ones(2), np.ones(2, np.float32)
    assert [is_narrow(Call(args)) for args in ((wide,), (wide, 3), (wide, narrow), (np.ones(2, int),), (3,))] == [
        *(False, False, True, True, False)
    ]


def test_a_mistake_is_also_looked_for_in_what_converts_and_in_what_keeps_float32():
    base = Candidate((), lambda x: x)
    single, double = Call((np.ones(2, np.float32),)), Call((np.ones(2),))
    assert [len(way.slips) for way in ways_of(base, single)] == [0, 0, 1, 1]
    assert [way.function(single.args[0]).dtype for way in ways_of(base, single)[:2]] == [np.float32, np.float64]
    assert len(ways_of(base, double)) == 2
    assert IN_SINGLE.change(0.1, {}).dtype == np.float32
    assert [value.dtype for value in IN_SINGLE.change((0.1, np.ones(2)), {})] == [np.float32] * 2
