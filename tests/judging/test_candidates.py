"""Functions with mistakes in them: how two come together, and what is widened."""

from __future__ import annotations

from functools import partial
from types import ModuleType

import numpy as np
import pytest

from autograder import exercises
from autograder.judging.calls import Call, Returned
from autograder.judging.candidates import (
    AskedCall,
    Candidate,
    Inside,
    TriedCheck,
    composed,
    converting,
    known,
    on_top,
)
from autograder.judging.model import Check, Exercise, Misconception
from autograder.judging.slips import Slip, bound, lengths_of

ONE, OTHER, THIRD = Slip("one", "", "scale"), Slip("other", "", "shift"), Slip("third", "", "end")


def reference(x):
    return x


def doubled(x):
    return 2 * x


def raised(x):
    return x + 1


def over_doubled(function):
    return lambda x: 2 * function(x)


def over_raised(function):
    return lambda x: function(x) + 1


def test_a_check_is_passed_if_nothing_is_wrong_with_any_answer():
    check = exercises.find("entropy").checks[0]
    right, wrong = (AskedCall(Call(()), Returned(1.0), Returned(1.0), clause) for clause in (None, "wrong"))
    assert TriedCheck(check, (right, right)).passed
    assert not TriedCheck(check, (right, wrong)).passed
    assert not TriedCheck(check, (wrong, right)).passed


def test_a_slip_on_top_is_the_last_part_and_the_mistake_below_is_kept():
    right = Candidate((), reference)
    first = right.with_slip(ONE)
    second = first.with_slip(OTHER)
    assert (first.parts, first.slips, first.made_of) == ((ONE,), (ONE,), ())
    assert (second.parts, second.slips, second.made_of) == ((ONE, OTHER), (ONE, OTHER), (first,))
    assert second.names == {"one", "other"}


def test_two_slips_on_the_answer_come_in_either_order():
    one, other = (Candidate((), reference).with_slip(slip) for slip in (ONE, OTHER))
    made = list(composed(one, other, reference))
    assert [pair.slips for pair in made] == [(ONE, OTHER), (OTHER, ONE)]
    assert all(pair.parts == (ONE, OTHER) and pair.made_of == (one, other) for pair in made)
    assert all(pair.function is reference for pair in made)


def test_a_slip_on_the_answer_comes_after_what_is_inside_whichever_is_first():
    inside, slip = Candidate((THIRD,), doubled), Candidate((), reference).with_slip(ONE)
    for pair in (*composed(inside, slip, reference), *composed(slip, inside, reference)):
        assert (pair.function, pair.slips, pair.names) == (doubled, (ONE,), {"one", "third"})
    assert len(list(composed(inside, slip, reference))) == len(list(composed(slip, inside, reference))) == 1


def test_two_mistakes_are_made_in_each_other_wherever_they_can():
    one, other = Candidate((ONE,), doubled, over=over_doubled), Candidate((OTHER,), raised, over=over_raised)
    assert [pair.function(3) for pair in composed(one, other, reference)] == [8, 7]
    fixed = Candidate((OTHER,), raised)
    assert [pair.function(3) for pair in composed(one, fixed, reference)] == [8]
    assert [pair.function(3) for pair in composed(fixed, one, reference)] == [8]
    assert not list(composed(fixed, Candidate((ONE,), doubled), reference))
    assert not list(composed(fixed, Candidate((ONE,), doubled, over=lambda _: None), reference))


def test_two_changes_of_one_formula_are_made_together_but_not_of_one_operation_or_of_two_formulas():
    def changed(changes):
        return lambda _: sorted(changes)

    def at(place, made=changed):
        return Candidate((ONE,), doubled, inside=Inside(made, {place: abs}), over=over_doubled)

    (pair,) = composed(at(1), at(4), reference)
    assert pair.function(0) == [1, 4]
    assert sorted(pair.inside.changes) == [1, 4]
    assert not list(composed(at(1), at(1), reference))
    assert not list(composed(at(1), at(4, partial(changed)), reference))


@pytest.mark.parametrize(
    ("given", "wide"),
    [("f2", "f8"), ("f4", "f8"), ("i4", "i8"), ("u1", "i8"), ("c16", "c16"), ("b1", "b1"), ("U1", "U1")],
)
def test_arrays_of_real_numbers_are_widened_and_nothing_else(given, wide):
    kinds = converting(lambda x, y: (x.dtype, y.dtype))
    assert kinds(np.zeros(2, given), y=np.zeros(2, given)) == (np.dtype(wide), np.dtype(wide))
    assert converting(lambda x, y: (x, y))(1, y=[2]) == (1, [2])


def counted(x, n=5, flag=False):
    raise NotImplementedError


def test_the_arguments_of_a_call_are_by_name_without_defaults():
    assert bound(counted, Call((1,), {"flag": True})) == {"x": 1, "flag": True}
    assert bound(counted, Call(())) == {}


@pytest.mark.parametrize(
    ("call", "lengths"),
    [
        (Call((np.ones((2, 3, 4)),)), {"n": 2, "k": 4}),
        (Call((np.ones(2), 7)), {"n": 2}),
        (Call((np.ones(2), np.ones((5, 3)))), {"n": 2, "k": 3}),
        (Call((np.array(1.0), -1, True)), {}),
        (Call((6, 0)), {"x": 6}),
    ],
)
def test_the_lengths_of_a_call_are_of_its_first_arrays_and_its_whole_numbers_above_0(call, lengths):
    assert lengths_of(counted, call) == lengths


right = ModuleType("right")
right.reference, right.offset = reference, 10


def by_name(x, more=1, *, most=100):
    return reference(x) + more + most


def by_module(x):
    return right.reference(x) + right.offset


def within(x):
    return next(map(lambda value: reference(value) + 1, [x]))  # noqa: C417


def closed(by):
    return lambda x: reference(x) + by


def of_its_own(x):
    return 5 * x


def of_another_name(x):
    return right.offset + x


def mistakes(*functions):
    check = Check("is right", Call((1.0,)), lambda rng: [])
    wrong = tuple(Misconception(f"m{number}", function, "") for number, function in enumerate(functions))
    return known(Exercise("reference", "test", reference, checks=(check,), misconceptions=wrong))


@pytest.mark.parametrize(
    ("function", "value"), [(by_name, 107), (by_module, 16), (within, 7), (closed(2), 8), (np.abs, None)]
)
def test_a_mistake_that_is_written_with_the_reference_is_made_in_another_function(function, value):
    (mistake,) = mistakes(function)
    made = on_top(mistake, Candidate((ONE,), doubled))
    assert (made and made.function(3)) == value
    assert made is None or [part.name for part in made.parts] == ["m0", "one"]
    assert by_name(3) == 104, "it stays as it is"
    assert by_module(3) == 13


def test_a_mistake_with_a_formula_of_its_own_is_made_in_no_other_function():
    for mistake in mistakes(of_its_own, of_another_name):
        assert on_top(mistake, Candidate((ONE,), doubled)) is None
    assert on_top(Candidate((ONE,), doubled), Candidate((OTHER,), raised)) is None


def test_every_known_mistake_is_a_candidate_in_its_order_each_made_with_its_own_function():
    found = mistakes(by_name, of_its_own, by_module)
    assert [(entry.parts[0].name, entry.function) for entry in found] == [
        ("m0", by_name),
        ("m1", of_its_own),
        ("m2", by_module),
    ]
    assert [entry.over(doubled) and entry.over(doubled)(3) for entry in found] == [107, None, 16]
    assert all(entry.slips == entry.made_of == () for entry in found)
