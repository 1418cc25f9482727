"""Each step of a diagnosis by itself: known mistakes, cut-off results, constants, ends, and which goes first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autograder.judging import choice, diagnose
from autograder.judging.calls import Call, Returned, answer_of
from autograder.judging.candidates import AskedCall, Candidate, TriedCheck
from autograder.judging.comparison import Comparison, Limit
from autograder.judging.findings import Finding, finding_of
from autograder.judging.model import Check, Exercise, Misconception
from autograder.judging.slips import Slip
from autograder.judging.stopwatch import Stopwatch

X = np.array([1.0, 2.0, 4.0])
CHECKS = tuple(Check(name, Call((X,)), lambda rng: []) for name in ("one", "two", "three"))


def double(x):
    return 2 * x


def own_exercise(**functions):
    wrong = tuple(Misconception(name, function, f"It is {name}.") for name, function in functions.items())
    return Exercise("double", "test", double, checks=CHECKS, misconceptions=wrong)


def tried(number, *answers):
    """A check with answers that are functions of the argument; None is a right one."""
    asked = [
        AskedCall(
            Call((X + place,)), answer_of(f or double, Call((X + place,))), Returned(2 * (X + place)), f and "w"
        )
        for place, f in enumerate(answers)
    ]
    return TriedCheck(CHECKS[number], tuple(asked))


def three(x):
    return 3 * x


def by_hand(x):
    return np.array([3.0, 6.0, 12.0]) + 3 * (x[0] - 1)


def five(x):
    return 5 * x


def known_in(exercise, *entries):
    failed = [entry for entry in entries if not entry.passed]
    found = diagnose._known(exercise, list(entries), failed, Comparison(exercise, Stopwatch()))
    return {name: finding.names for name, finding in found.items()}


def test_a_known_mistake_that_explains_all_is_the_name_of_every_failed_check():
    exercise = own_exercise(three=three, five=five)
    assert known_in(exercise, tried(0, three), tried(1, three, three)) == {"one": ("three",), "two": ("three",)}


def test_else_each_check_is_explained_by_what_agrees_with_the_first_one():
    exercise = own_exercise(three=three, five=five)
    assert known_in(exercise, tried(0, three), tried(1, five)) == {"one": ("three",)}
    at_four = own_exercise(cut=lambda x: np.where(x > 3, 0, 2 * x), three=three)
    entries = tried(0, None), tried(1, three), tried(2, lambda x: np.where(x > 3, 0, 2 * x))
    assert known_in(at_four, *entries) == {}, "the first check is right, and neither of the mistakes is there"


def test_where_several_known_mistakes_fit_a_check_none_is_named_but_it_is_settled():
    exercise = own_exercise(three=three, by_hand=by_hand)
    assert known_in(exercise, tried(0, three), tried(1, three)) == {"one": (), "two": ()}


def cut_off(*entries):
    exercise = own_exercise()
    found = diagnose._cut_off(exercise, list(entries), list(entries[1:]), Comparison(exercise, Stopwatch()))
    return {name: finding.names for name, finding in found.items()}


def test_a_result_that_is_cut_off_is_told_check_by_check():
    def capped(x):
        return np.minimum(2 * x, 3.7)

    assert cut_off(tried(0, capped), tried(1, capped), tried(2, capped)) == {
        "two": ("cut-off",),
        "three": ("cut-off",),
    }
    assert cut_off(tried(0, capped), tried(1, three), tried(2, capped)) == {"three": ("cut-off",)}
    assert cut_off(tried(0, three), tried(1, capped)) == {}


def test_what_comes_from_an_earlier_function_is_told_with_the_known_mistake():
    brought, own = Finding(("mistake-in-f",), "It is f's."), Finding(("a",), "It is A.")
    both = diagnose._or(brought, own)
    assert (both.names, both.message) == (("mistake-in-f",), "It is f's. If yours does not call it: It is A.")
    assert diagnose._or(brought, None) == brought
    assert diagnose._or(brought, Finding((), "")) == brought


def test_what_an_earlier_function_brings_goes_before_all_else():
    exercise = own_exercise(three=three)
    brought = [Candidate((Slip("mistake-in-f", "It is f's.", "inherited"),), three)]
    found = diagnose.diagnose(exercise, [tried(0, three), tried(1, three)], Stopwatch(), brought)
    assert [finding.names for finding in found.values()] == [("mistake-in-f",)] * 2
    assert found["two"].message == "It is f's. If yours does not call it: It is three."
    found = diagnose.diagnose(exercise, [tried(0, five), tried(1, five)], Stopwatch(), brought)
    assert all("mistake-in-f" not in finding.names for finding in found.values())


def unified(found, *entries):
    exercise = own_exercise()
    made = diagnose._unified(exercise, list(entries), found, Comparison(exercise, Stopwatch()))
    return {name: finding.names for name, finding in made.items()}


def test_a_constant_that_explains_another_check_as_well_is_its_name_too():
    constant = Candidate((Slip("epsilon", ""),), three, constant=1e-7, at=lambda _: three)
    fixed = Candidate((Slip("fixed", ""),), three)
    one, other = finding_of(constant), finding_of(Candidate((Slip("other", ""),), five))
    entries = tried(0, three), tried(1, three), tried(2, three)
    assert unified({"two": one, "three": other}, *entries) == {"two": ("epsilon",), "three": ("epsilon",)}
    assert unified({"three": other, "two": one}, *entries) == {"three": ("epsilon",), "two": ("epsilon",)}
    assert unified({"two": finding_of(fixed), "three": other}, *entries) == {
        "two": ("fixed",),
        "three": ("other",),
    }
    unlike = tried(0, three), tried(1, three), tried(2, five)
    assert unified({"two": one, "three": other}, *unlike) == {"two": ("epsilon",), "three": ("other",)}
    assert unified({"two": Finding(("a", "b"), ""), "three": other}, *entries) == {
        "two": ("a", "b"),
        "three": ("other",),
    }


def constants_in(exercise, *entries, **found):
    given = {name: Finding((mistake,), f"It is {mistake}.", single) for name, (mistake, single) in found.items()}
    return diagnose._constants_in(exercise, list(entries), given, Comparison(exercise, Stopwatch()))


def shifted(x):
    return 2 * (x + 1e-7)


def test_a_known_mistake_with_a_constant_is_taken_with_whatever_constant_it_has():
    exercise = own_exercise()
    known = Candidate((Slip("epsilon-1e-7", ""),), shifted)
    entries = tried(0, shifted), tried(1, shifted), tried(2, three)
    found = constants_in(exercise, *entries, two=("epsilon-1e-7", known), three=("triple", None))
    assert list(found) == ["two"]
    finding = found["two"]
    assert (finding.names, finding.message) == (("epsilon-1e-7",), "It is epsilon-1e-7.")
    assert finding.single.constant == pytest.approx(1e-7, rel=1e-3)
    assert finding.single.at(0.5)(1.0) == pytest.approx(3.0)
    assert constants_in(exercise, *entries, two=("no-epsilon-1", known)) == {}
    assert constants_in(exercise, tried(0, None), tried(1, lambda x: x**3), two=("epsilon-1e-7", known)) == {}


@pytest.mark.parametrize("name", ["epsilon-1e-7", "added-1e-9", "jitter-small"])
def test_such_a_mistake_is_known_by_its_name(name):
    known = Candidate((Slip(name, ""),), shifted)
    assert list(constants_in(own_exercise(), tried(0, shifted), tried(1, shifted), two=(name, known))) == ["two"]


def otherwise(exercise, entry):
    return diagnose._otherwise(exercise, [tried(0, None), entry], entry, Stopwatch(), [])


def test_a_check_that_no_formula_explains_is_named_by_its_end_in_the_words_of_a_known_mistake():
    ended = tried(1, lambda x: None)
    found = otherwise(own_exercise(), ended)
    assert found.names == ("nothing-returned",)
    assert found.message.startswith("The function returns None: ")
    own = replace(own_exercise(), misconceptions=(Misconception("nothing-returned", three, "In its words."),))
    assert otherwise(own, ended) == Finding(("nothing-returned",), "In its words.")


def test_nothing_is_diagnosed_where_nothing_failed_or_no_time_is_left():
    class Over(Stopwatch):
        is_over = True

    exercise = own_exercise(three=three)
    assert diagnose.diagnose(exercise, [tried(0, None), tried(1, None)], Stopwatch()) == {}
    assert diagnose.diagnose(exercise, [tried(0, three)], Over()) == {}
    assert diagnose.diagnose(exercise, [tried(0, three)], Stopwatch())["one"].names == ("three",)


def test_a_constant_is_looked_for_in_every_other_finding_and_leaves_its_own_name_alone():
    def constant(name, function):
        return finding_of(Candidate((Slip(name, name),), function, constant=1e-7, at=lambda _: function))

    found = {
        "one": constant("a", five),
        "two": constant("b", three),
        "three": finding_of(Candidate((Slip("c", ""),), abs)),
    }
    assert unified(found, tried(0, three), tried(1, three), tried(2, three))["three"] == ("b",)
    exercise, entries = own_exercise(), [tried(0, three), tried(1, three), tried(2, three)]
    same = {name: constant("a", three) for name in ("two", "three")}
    made = diagnose._unified(exercise, entries, same, Comparison(exercise, Stopwatch()))
    assert all(made[name] is same[name] for name in same)


def test_a_known_constant_is_kept_with_every_other_one_in_its_place():
    exercise = own_exercise(**{"epsilon-1e-7": shifted})
    found = diagnose.diagnose(exercise, [tried(0, shifted), tried(1, shifted)], Stopwatch())
    assert [finding.names for finding in found.values()] == [("epsilon-1e-7",)] * 2
    assert all(finding.single.at(0.5)(1.0) == pytest.approx(3.0) for finding in found.values())


def test_of_a_question_the_mistake_in_the_answer_is_the_name_whatever_time_is_left():
    class Over(Stopwatch):
        is_over = True

    item = choice(
        "colour", topic="own", right="a", wrong={"b": ("taken-for-red", "It is not."), "c": ("grey", "No.")}
    )

    def answered(letter, clause="it is not right"):
        asked = AskedCall(Call(()), Returned(letter), Returned("a"), clause)
        return [TriedCheck(item.checks[0], (asked,))]

    (found,) = diagnose.diagnose(item, answered("c"), Over()).values()
    assert found == Finding(("grey",), "No.")
    assert diagnose.diagnose(item, answered("?"), Stopwatch()) == {}
    assert diagnose.diagnose(item, answered("a", None), Stopwatch()) == {}


def test_of_the_constants_that_fit_one_that_gives_the_public_answers_of_the_known_mistake_is_taken():
    """Where none does, the likeliest is."""
    exercise = own_exercise()
    entries = tried(0, shifted), tried(1, shifted)
    alike, unlike = (Candidate((Slip("added-1e-7", ""),), function) for function in (shifted, five))
    for known in (alike, unlike):
        found = constants_in(exercise, *entries, two=("added-1e-7", known))
        assert found["two"].single.constant == pytest.approx(1e-7, rel=1e-3)
    assert constants_in(exercise, *entries) == {}


def test_what_tells_too_little_is_looked_for_no_further():
    """An answer that is one number throughout is that of many a wrong function."""
    exercise = own_exercise()
    entries = [tried(0, None), tried(1, lambda x: np.zeros(3))]
    comparison = Comparison(exercise, Stopwatch())
    limit = Limit(10**9, Stopwatch())
    assert diagnose._searched(exercise, entries, entries[1:], comparison, limit) == {}
    flipped = [tried(0, lambda x: -2 * x), tried(1, lambda x: -2 * x)]
    found = diagnose._searched(exercise, flipped, flipped, comparison, limit)
    assert list(found) == ["one", "two"]
    assert comparison.limit is None
    assert diagnose._searched(exercise, flipped, flipped, comparison, Limit(0, Stopwatch())) == {}
    assert comparison.limit is None
