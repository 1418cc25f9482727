"""What a value counts for."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judging.sizes import AXIS_BYTES, ITEM_BYTES, LETTER_BYTES, size_of


@pytest.mark.parametrize("value", [None, True, 0.5, 0, [], (), {}, ""], ids=repr)
def test_every_value_counts_for_the_same_before_what_it_holds(value):
    assert size_of(value) == ITEM_BYTES


@pytest.mark.parametrize(
    "array", [np.zeros(5), np.zeros((2, 3), np.int8), np.float64(1), np.zeros((0, 4))], ids=repr
)
def test_an_array_counts_for_its_axes_and_bytes(array):
    assert size_of(array) == ITEM_BYTES + AXIS_BYTES * array.ndim + array.nbytes


def test_what_is_held_counts_as_well():
    assert size_of([1.0, (None, "ab")]) == 5 * ITEM_BYTES + 2 * LETTER_BYTES
    assert size_of({"a": 0.5}) == 3 * ITEM_BYTES + LETTER_BYTES
    assert size_of(2**900) == ITEM_BYTES + 300


def test_elements_may_count_as_what_they_become():
    assert size_of([np.zeros(10, bool)], at_least=8) == 2 * ITEM_BYTES + AXIS_BYTES + 80
    assert size_of(np.zeros(10, complex), at_least=8) == ITEM_BYTES + AXIS_BYTES + 160


def test_elements_count_as_what_they_become_wherever_they_are_held():
    small = np.zeros(10, bool)
    alone = size_of(small, at_least=8)
    assert size_of((small, [small]), at_least=8) == 2 * ITEM_BYTES + 2 * alone
    assert size_of({"a": small}, at_least=8) == 2 * ITEM_BYTES + LETTER_BYTES + alone


@pytest.mark.parametrize(("number", "more"), [(7, 1), (-7, 1), (3, 0), (True, 0), (2**300, 100), (1e300, 0)])
def test_a_whole_number_counts_for_its_digits(number, more):
    assert size_of(number) == ITEM_BYTES + more
