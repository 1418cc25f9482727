"""What is said of the explanations that fit: in the words of one, of two, or of what is nearest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.judging.candidates import Candidate
from autograder.judging.findings import finding_of, likeliest
from autograder.judging.inner_slips import BUT
from autograder.judging.slips import Slip


def candidate(*parts):
    return Candidate(tuple(Slip(name, message) for name, message in parts), abs)


def test_a_single_mistake_is_named_and_kept():
    one = candidate(("a", "It is A."))
    found = finding_of(one)
    assert (found.names, found.message, found.single) == (("a",), "It is A.", one)


def test_two_mistakes_are_named_in_their_order_and_neither_is_kept_as_a_single_one():
    found = finding_of(candidate(("b", "It is B."), ("a", "It is A.")))
    assert (found.names, found.single) == (("b", "a"), None)
    assert found.message == "Two mistakes together give these answers. It is B. And: It is A."


def test_one_mistake_in_two_places_is_one_name():
    found = finding_of(candidate(("a", "It is A."), ("a", "It is A.")))
    assert (found.names, found.single) == (("a",), None)
    assert found.message == "The same thing goes wrong in two places. It is A."


@pytest.mark.parametrize("parts", [[("", "It is A.")], [("b", "It is B."), ("", "It is A.")]], ids=len)
def test_what_has_a_part_without_a_name_is_not_named_but_described(parts):
    found = finding_of(candidate(*parts))
    assert (found.names, found.single) == ((), None)
    assert found.message.endswith("It is A.")


def test_two_slips_in_one_formula_are_one_sentence_and_one_beside_another_mistake_is_in_the_formula():
    inside = (("a", f"{BUT}one is left out."), ("b", f"{BUT}two is doubled."))
    assert finding_of(candidate(*inside)).message.endswith(
        "They are those of the right formula, but one is left out, and two is doubled."
    )
    assert (
        "It is C. And: In the formula, one is left out."
        in finding_of(candidate(("c", "It is C."), inside[0])).message
    )


@pytest.mark.parametrize(
    ("constants", "nearest"),
    [
        ([3e-5, 1e-6, 2e-7], 1e-6),
        ([3e-5, 1.02e-6, 1e-7], 1.02e-6),
        ([3e-5, 1.2e-6, 1e-7], 1e-7),
        ([9.9e-9, 1e-7], 9.9e-9),
    ],
)
def test_of_the_constants_that_fit_the_first_that_is_a_power_of_ten_is_taken(constants, nearest):
    fits = [replace(candidate(("a", "It is A.")), constant=constant) for constant in constants]
    assert likeliest(fits).constant == nearest
