"""The pairs of a large class: those that share what is rare, without looking at all."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.similar.index import Channel, all_pairs, likely_pairs, random_pairs


def test_all_pairs_are_each_two_once():
    assert all_pairs(4).tolist() == [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]


def test_pairs_drawn_at_random_are_of_two_and_each_is_drawn_alike():
    pairs = random_pairs(4, 6_000, np.random.default_rng(0))
    found, times = np.unique(pairs, axis=0, return_counts=True)
    assert found.tolist() == all_pairs(4).tolist()
    assert times.sum() == 6_000
    assert np.all(abs(times - 1_000) < 150)


PRINTS = [{1, 7}, {1, 7}, {2, 7}, {2, 7}, {2}, {3}, {4}, {5}]
"""Two have print 1 and three print 2; a half has 7."""
OTHER = [{1}, set(), set(), set(), {1}, {9}, {9}, set()]


def test_the_pairs_that_share_what_is_rarest_come_first():
    """Two of eight share 1 and 7, two others 2 and 7: ln 4 + ln 2, and less."""
    found = likely_pairs([Channel(PRINTS)], 8, 100, 1_000)
    assert found[:2].tolist() == [[0, 1], [2, 3]]
    shared = [pair for pair in all_pairs(8).tolist() if PRINTS[pair[0]] & PRINTS[pair[1]]]
    assert sorted(found.tolist()) == shared


@pytest.mark.parametrize("wanted", [1, 2, 4])
def test_no_more_pairs_are_returned_than_wanted_and_those_are_the_first(wanted):
    channels = [Channel(PRINTS), Channel(OTHER)]
    every = likely_pairs(channels, 8, 100, 1_000).tolist()
    assert likely_pairs(channels, 8, wanted, 1_000).tolist() == every[:wanted]


def test_pairs_of_every_channel_are_found_and_what_they_share_adds_up():
    found = likely_pairs([Channel(PRINTS), Channel(OTHER), Channel(OTHER)], 8, 100, 1_000).tolist()
    assert sorted(found[:2]) == [[0, 4], [5, 6]]
    assert [0, 1] in found


def test_without_channels_there_is_no_pair():
    assert likely_pairs([], 8, 100, 1_000).shape == (0, 2)


def test_what_both_wrote_counts_less_the_more_either_wrote_alone():
    """Eight students, ln 4 a print that two have, ln 8 one that one has: the square of the part in common."""
    found = Channel([{1}, {1}, {2}, {2, 3}, set(), set(), set(), set()])
    pairs = np.array([[0, 1], [2, 3], [0, 2], [4, 5]])
    two, one = np.log(4), np.log(8)
    assert found.likeness(pairs) == pytest.approx([two, two * (two / (two + one)) ** 2, 0, 0])


def test_the_overlap_stands_at_its_pair_whatever_their_order():
    found = Channel([{1, 2}, {1}, {2}, {3}, {3}, set()])
    pairs = np.array([[3, 4], [0, 2], [5, 0], [0, 1], [3, 0], [1, 2]])
    assert found.overlap(pairs) == pytest.approx(np.log(3) * np.array([1, 1, 0, 1, 0, 0]))
    assert found.overlap(pairs[:0]).tolist() == []


def test_fingerprints_are_told_apart_by_all_their_bits():
    near = 2**63 + np.arange(4, dtype=np.uint64)  # alike as floating-point numbers
    one, two, three, four = map(int, near)
    found = Channel([{1, one, two}, {one, two, 5}, {three}, {four, 1}, set(), {three}], {5, four, one})
    assert found.shared(0, 1) == {two}
    assert found.shared(0, 3) == {1}
    assert found.shared(2, 5) == {three}
    assert found.shared(1, 2) == found.shared(2, 3) == set()


@pytest.mark.parametrize(("holders", "weight"), [(1, 0.0), (2, np.log(4)), (4, np.log(2)), (5, 0.0), (8, 0.0)])
def test_what_up_to_half_of_the_class_has_counts_the_more_the_fewer_have_it(holders, weight):
    found = Channel([{1} if student < holders else set() for student in range(8)])
    assert found.overlap(np.array([[0, min(1, holders - 1) or 1]])) == pytest.approx([weight])
    assert found.of(0).tolist() == ([0] if weight else [])
    assert found.weights.tolist() == pytest.approx([weight])


def test_what_is_forced_makes_nobodys_answer_larger():
    """What one alone wrote counts for the size of an answer, and what is forced does not."""
    pairs = np.array([[0, 1]])
    plain = Channel([{1}, {1}, set(), set(), set()])
    assert Channel([{1, 9}, {1, 8}, set(), set(), set()], {8, 9}).likeness(pairs) == plain.likeness(pairs)
    assert Channel([{1, 9}, {1}, set(), set(), set()]).likeness(pairs) < plain.likeness(pairs)


def test_the_rarest_are_listed_first_until_the_budget_is_used():
    """Two have 1 and two have 2; three have 3, which are three pairs."""
    found = Channel([{1, 3}, {1, 3}, {2, 3}, {2}, set(), set(), set(), set()])
    for budget, codes in (
        (0, []),
        (1, [1]),
        (2, [1, 19]),
        (4, [1, 19]),
        (5, [1, 19, 1, 2, 10]),
        (99, [1, 19, 1, 2, 10]),
    ):
        assert found.rare(budget)[0].tolist() == codes
    assert found.rare(99)[1] == pytest.approx([np.log(4)] * 2 + [np.log(8 / 3)] * 3)


def test_an_overlap_leaves_no_trace_for_the_next():
    found = Channel([{1, 2}, {1}, {2}, set()])
    for _ in range(2):
        assert found.overlap(np.array([[0, 1], [1, 2], [2, 3]])) == pytest.approx([np.log(2), 0, 0])
