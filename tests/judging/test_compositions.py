"""Which mistakes are tried together."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judging.calls import Call
from autograder.judging.candidates import Candidate
from autograder.judging.compositions import arguments_changed, is_default, is_vague, likely, pairs, two_inside
from autograder.judging.slips import Slip


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
