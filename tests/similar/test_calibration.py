"""How unusual a number is among pairs: counted where there are many, told from a tail where there are few."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.similar.calibration import Tail, as_score


def test_up_to_a_high_quantile_the_pairs_that_reach_a_value_are_counted():
    """Of a hundred numbers, 20 make the tail; a value that is there counts as reached."""
    tail = Tail(np.arange(100.0)[::-1])
    assert tail.unusual([0.0, 50.0, 75.0, 10.5]) == pytest.approx(-np.log([1.0, 0.5, 0.25, 0.89]))


@pytest.mark.parametrize(
    ("count", "part"), [(10, 0.5), (40, 0.5), (100, 0.2), (2_000, 0.01), (10_000, 0.01)], ids=str
)
def test_the_tail_is_twenty_numbers_or_one_in_a_hundred_and_never_more_than_half(count, part):
    assert Tail(np.arange(float(count))).part == part


def test_a_tail_falls_no_faster_than_by_e_for_each_nat():
    tail = Tail(np.linspace(0, 1e-3, 1_000))
    assert tail.unusual([5.0]) - tail.unusual([3.0]) == pytest.approx([2.0])
    assert Tail(np.zeros(50)).unusual([3.0]) - Tail(np.zeros(50)).unusual([1.0]) == pytest.approx([2.0])


def test_a_few_copies_do_not_move_the_tail():
    sample = np.random.default_rng(1).exponential(2.0, 5_000)
    near, far = (Tail(np.concatenate([sample, [height] * 3])).scale for height in (100.0, 1e6))
    assert near == far
    assert 1.0 < far < 4.0


def test_among_no_pairs_nothing_is_unusual():
    assert Tail(np.zeros(0)).unusual([[1.0, 2.0]]).tolist() == [[0.0, 0.0]]


def test_a_score_is_a_half_where_chance_gives_one_such_pair():
    assert as_score([0.0, np.log(10), np.inf], 10) == pytest.approx([1 / 11, 0.5, 1.0])
