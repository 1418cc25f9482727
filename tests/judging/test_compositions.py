"""Which mistakes are tried together."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judging.answer_slips import answer_slips
from autograder.judging.calls import Call, Returned
from autograder.judging.candidates import AskedCall, Candidate
from autograder.judging.comparison import NOTHING, Comparison
from autograder.judging.compositions import (
    RARE,
    _may_lead_to,
    _unlike,
    answers_changed,
    arguments_changed,
    formulas_of,
    inner,
    is_default,
    is_vague,
    likely,
    on_answers,
    own_inner,
    pairs,
    two_inside,
    working,
)
from autograder.judging.inner_slips import formula_of
from autograder.judging.model import Check, Exercise
from autograder.judging.slips import Slip
from autograder.judging.stopwatch import Stopwatch


def reference(x, num_steps=100, rate=2):
    return x


def named(name, **more):
    return Candidate((Slip(name, ""),), abs, **more)


def test_what_is_looked_for_beside_another_mistake_is_often_made_and_on_no_number_of_steps():
    names = [
        "x-ignored",
        "x-squared",
        "rate-default",
        "x-exponential",
        "num-steps-ignored",
        "x-float32",
        "rate-halved",
    ]
    found = likely([named(name) for name in names], reference)
    assert [entry.parts[0].name for entry in found] == ["x-ignored", "x-squared", "rate-default", "rate-halved"]


def test_another_default_and_a_change_that_says_little_are_known_by_name():
    assert is_default(named("rate-default"))
    assert not is_default(named("rate-default-ignored"))
    assert is_vague(named("axis-inside"))
    assert not is_vague(named("sign-inside"))


def test_each_argument_of_arrays_may_come_back_as_it_was_given():
    x = np.array([1.0, 2.0])
    changed = arguments_changed(lambda a_b, n: 5 * a_b + n, Call((x, 3)))
    back = [entry for entry in changed if entry.parts[0].name.endswith("-returned")]
    assert [entry.parts[0].name for entry in back] == ["a-b-returned"]
    assert back[0].function(x, 3) is x
    (swapped,) = (entry for entry in changed if entry.parts[0].name == "a-b-and-n-swapped")
    assert swapped.function(x, 3).tolist() == [16, 17]
    assert swapped.over(lambda a_b, n: a_b)(x, 3) == 3


def test_a_mistake_is_paired_with_every_other_one_and_never_with_itself():
    one, other = (Candidate((), reference).with_slip(Slip(name, "")) for name in ("one", "other"))
    both = pairs(iter([one, other]), iter([one, other]), reference)
    named_so = [tuple(part.name for part in pair.parts) for pair in both]
    assert named_so == [("one", "other")] * 2 + [("other", "one")] * 2, "slips on the answer, in either order"


@pytest.mark.parametrize(
    ("places", "count"), [(((0, 1), (0, 2)), 1), (((0, 1), (1, 2)), 0), ((None, (0, 2)), 0), (((0, 1), None), 0)]
)
def test_two_operations_go_wrong_in_the_same_formula(places, count):
    one, other = (named(f"at-{place}", place=place, over=lambda function: function) for place in places)
    made = list(two_inside([(one, other)], reference))
    assert len({pair.names for pair in made}) == count


X = np.array([1.0, 2.0, 4.0])
CHECK = Check("doubles", Call((X,)), lambda rng: [])


def double(x):
    return 2 * x


def doubled_otherwise(x):
    return x + x


EXERCISE = Exercise("double", "test", double, checks=(CHECK,), textbook=(np.positive, doubled_otherwise))


def comparison():
    """Of its own for each question: it knows calls by what they are, which must live as long as it does."""
    return Comparison(EXERCISE, Stopwatch())


def asked(answer, x=X, truth=None):
    return AskedCall(Call((x,)), Returned(answer), Returned(2 * x if truth is None else truth), "wrong")


def evidence(*entries):
    return [(CHECK, entry) for entry in entries]


def test_the_formulas_are_the_reference_and_each_textbook_one_with_a_source():
    assert [formula.changed({})(3.0) for formula in formulas_of(EXERCISE)] == [6.0, 6.0]
    assert formulas_of(EXERCISE)[0] is formula_of(double)
    assert formulas_of(EXERCISE)[1] is formula_of(doubled_otherwise)


def test_only_slips_that_can_be_made_on_the_answer_are_looked_for():
    for call in (CHECK.example, Call((3.0,))):
        found = answers_changed(EXERCISE, call, comparison())
        every = [Candidate((), double).with_slip(slip) for slip in answer_slips(double, call)]
        made = [entry.names for entry in every if comparison().answer(entry, call) is not NOTHING]
        assert [entry.names for entry in found] == made
    assert len(made) < len(every), "a number has no axes to change"


@pytest.mark.parametrize("x", [-3.0, 0.0, np.inf])
def test_a_slip_that_gives_no_finite_number_is_looked_for_too(x):
    with np.errstate(all="ignore"):
        found = answers_changed(EXERCISE, Call((x,)), comparison())
        finite = [np.isfinite(comparison().answer(entry, Call((x,))).value).all() for entry in found]
    assert not all(finite)


def test_each_of_several_arrays_may_come_back():
    call = Call((X, 3, np.array([5.0])), {"last": X})
    changed = arguments_changed(lambda a, n, b, last: a * n + b + last, call)
    back = [entry for entry in changed if entry.parts[0].name.endswith("-returned")]
    assert [entry.parts[0].name for entry in back] == ["a-returned", "b-returned", "last-returned"]
    assert back[1].function(X, 3, np.array([5.0]), last=X).tolist() == [5.0]
    assert back[0].parts[0].message == "`a` comes back as it was given: nothing is computed."


def test_a_change_inside_knows_its_formula_and_its_first_operation():
    formulas = formulas_of(EXERCISE)
    found = inner(formulas)
    assert {entry.place[0] for entry in found} == {0, 1}
    for entry in found:
        assert entry.inside.changed == formulas[entry.place[0]].changed
        assert entry.place[1] == min(entry.inside.changes)
        assert entry.parts[0].kind == entry.parts[0].name
    halved = [entry.function(4.0) for entry in found if entry.parts[0].name == "product-for-quotient"]
    assert halved == [0.5], "2 / 4, in the reference alone"


def own(mistake):
    return list(own_inner([mistake], evidence(asked(7 * X)), comparison()))


def test_a_known_mistake_is_combined_with_what_goes_wrong_in_its_own_formula():
    triple = Candidate((Slip("triple", ""),), three_times)
    found = own(triple)
    assert found
    assert all(entry.parts[0].name == "triple" and len(entry.parts) == 2 for entry in found)
    assert all(entry.made_of == (triple,) and entry.place is None for entry in found)
    assert not {entry.parts[1].name for entry in found} & (set(RARE) - {"number-inside"})
    harmless = own(Candidate((Slip("harmless", ""),), doubled_otherwise))
    assert harmless
    assert all(len(entry.parts) == 1 and entry.made_of == () for entry in harmless)
    assert own(Candidate((Slip("no-formula", ""),), np.square)) == []


def three_times(x):
    return x * 2.5 + x / 2


def test_of_the_changes_inside_those_are_kept_that_do_harm_each_once_in_a_formula():
    entries = evidence(asked(7 * X), asked(7 * X[:2], X[:2]))

    def at(name, function, formula=0):
        return Candidate((Slip(name, ""),), function, place=(formula, 0))

    first, again, other = (at(name, lambda x: 3 * x) for name in ("sign-inside", "log-missing", "root-missing"))
    elsewhere, harmless = at("sign-inside", lambda x: 3 * x, 1), at("sign-inside", double)
    unlike = at("sign-inside", lambda x: 3 * x if len(x) > 2 else 4 * x)
    rare, nowhere = at("variable-inside", lambda x: 3 * x), Candidate((Slip("a", ""),), lambda x: 5 * x)
    lost = at("sign-inside", np.sum)
    every = [first, again, harmless, rare, nowhere, lost, elsewhere, unlike, other]
    assert working(every, entries, comparison()) == [first, elsewhere, unlike]
    assert working(every, entries, comparison(), often=False) == [rare]


def test_two_calls_tell_the_first_and_one_of_another_length_or_else_the_second():
    long, short, table = asked(X), asked(X[:2], X[:2]), asked(np.eye(3), np.eye(3))
    again, third = asked(7 * X), asked(8 * X)
    for entries, kept in (
        ([long, again, short, table], [long, short]),
        ([long, again, table], [long, table]),
        ([long, again, third], [long, again]),
        ([long], [long]),
    ):
        assert [id(entry) for entry in _unlike(evidence(*entries))] == [id(entry) for entry in kept]


@pytest.mark.parametrize(
    ("row", "answer", "leads"),
    [
        ([1.0, 2.0, 3.0], X, True),
        ([1.0, 2.0], X, False),
        ([1.0, np.nan, 3.0], X, False),
        ([1.0, np.nan, 3.0], np.array([1.0, np.inf, 2.0]), True),
        ([1.0, 2.0, 3.0], np.array([1.0, np.inf, 2.0]), True),
        ([1.0], 7.0, True),
        ([1.0, 2.0, 3.0], 7.0, True),
        ([1.0, 2.0], 7.0, False),
    ],
)
def test_a_further_mistake_brings_back_neither_a_number_nor_an_axis_that_is_lost(row, answer, leads):
    assert _may_lead_to(np.array(row), asked(answer)) is leads


def test_a_slip_is_put_on_each_base_whose_first_and_last_number_can_then_be_the_students():
    by = {
        "kept": Slip("transposed", "", "shape", lambda value, _: value),
        "twice": Slip("twice", "", "scale", lambda value, _: 2 * value),
        "once-more": Slip("thrice", "", "scale", lambda value, _: 3 * value),
        "any": Slip("any", "", "other", lambda value, _: value),
        "second": Slip("x-second", "", "other", lambda value, _: value),
        "first": Slip("x-first", "", "other", lambda value, _: value),
    }
    one, other = Candidate((), lambda x: 3 * x), Candidate((), lambda x: x + 5)
    raising = Candidate((), lambda x: 1 / 0)
    scaled = Candidate((), lambda x: x * 6 / 2).with_slip(by["once-more"])

    def found(theirs, *names, bases=(raising, one, other)):
        bases = list(bases)
        made = on_answers(bases, [by[name] for name in names], evidence(asked(theirs)), comparison())
        return [(bases.index(next(b for b in bases if b.function is m.function)), m.parts[-1].name) for m in made]

    assert found(6 * X, "twice") == [(1, "twice")]
    assert found(2 * (X + 5), "twice") == [(2, "twice")]
    assert found(np.array([3.0, 99.0, 99.0]), "kept", "twice", "second") == [(1, "transposed"), (1, "x-second")]
    assert found(np.array([99.0, 99.0, 9.0]), "first", "second") == [(2, "x-first")]
    assert found(99 * X, "any") == [(1, "any"), (2, "any")]
    assert found(18 * X, "twice", "any", bases=[scaled]) == [(0, "any")], "no two of one kind"
    assert found(6 * X, "twice", "any", bases=[raising]) == []
