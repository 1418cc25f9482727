"""The pairs of a class: which are looked at, what counts in each, and in which order they come."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.similar import compare
from autograder.similar.calibration import as_score
from autograder.similar.compare import Comparison, Work, _in_nats
from autograder.similar.index import all_pairs


def ranked(works, forced=()):
    return {(pair.a, pair.b): pair for pair in Comparison(works, forced).ranked()}


def loners(count):
    """Students who share nothing."""
    return [Work({"q": {1_000 + number}}) for number in range(count)]


def test_nobody_and_one_alone_make_no_pair():
    assert Comparison([], ()).ranked() == []
    assert Comparison(loners(1), ()).ranked() == []
    assert Comparison(loners(5), ()).ranked() == []


# --- order and number ------------------------------------------------------------------------------------


def steps():
    """Five pairs among thirty students: the first shares one fingerprint, the next two, and so on."""
    works = loners(30)
    for pair in range(5):
        for number in (2 * pair, 2 * pair + 1):
            works[number].prints["q"] = {100 * pair + each for each in range(pair + 1)}
    return works


def test_the_pairs_that_share_more_come_first():
    pairs = Comparison(steps(), ()).ranked()
    assert [(pair.a, pair.b) for pair in pairs] == [(8, 9), (6, 7), (4, 5), (2, 3), (0, 1)]
    unusual = [pair.unusual for pair in pairs]
    assert unusual == sorted(unusual, reverse=True)
    assert [pair.score for pair in pairs] == pytest.approx(as_score(unusual, 30 * 29 // 2))


def test_the_most_unusual_pairs_are_reported_and_no_more(monkeypatch):
    every = Comparison(steps(), ()).ranked()
    monkeypatch.setattr(compare, "REPORTED", 2)
    assert Comparison(steps(), ()).ranked() == every[:2]


def test_a_class_is_ranked_alike_each_time(monkeypatch):
    monkeypatch.setattr(compare, "EVERY", 10)
    monkeypatch.setattr(compare, "SAMPLE", 2_000)
    assert Comparison(steps(), ()).ranked() == Comparison(steps(), ()).ranked()


@pytest.mark.parametrize("every", [435, 434])
def test_a_large_class_gives_the_pairs_that_looking_at_all_gives(monkeypatch, every):
    """Thirty students are 435 pairs."""
    monkeypatch.setattr(compare, "EVERY", every)
    monkeypatch.setattr(compare, "SAMPLE", 2_000)
    looked = []
    monkeypatch.setattr(compare, "likely_pairs", lambda *given: looked.append(given) or all_pairs(30)[::-1])
    pairs = [(pair.a, pair.b) for pair in Comparison(steps(), ()).ranked()]
    assert pairs == [(8, 9), (6, 7), (4, 5), (2, 3), (0, 1)]
    assert len(looked) == (every < 435)


def test_in_a_large_class_a_pair_that_shares_names_or_two_shapes_is_looked_at():
    works = [Work({"f": {number}, "g": {number + 500}, "h": {number + 900}}) for number in range(30)]
    for number in (3, 4):
        works[number].own["f"] = {77}
    for number in (20, 22):
        works[number].shapes |= {"g": 8, "h": 9}
    for number in (8, 9):
        works[number].shapes |= {"f": 5, "g": 6}
    works[10].shapes |= {"f": 5, "g": 7}  # shares one shape alone
    works[11].shapes |= {"f": 6, "g": 5}  # the same two, of the other questions
    found = Comparison(works, ())._likely(30)
    assert sorted(map(tuple, found.tolist())) == [(3, 4), (8, 9), (20, 22)]


def test_an_answer_without_a_shape_shares_no_shape():
    works = [
        Work({"f": {number}, "g": {number + 500}}, {"f": 0, "g": 3} if number < 2 else {}) for number in range(9)
    ]
    assert Comparison(works, ())._likely(9).tolist() == []


# --- what counts -----------------------------------------------------------------------------------------


def test_what_a_pair_shares_is_told_by_question_and_nothing_of_the_others():
    works = [Work({"f": {number}, "g": {number + 500}}) for number in range(20)]
    for number in (2, 7):
        works[number].prints = {"f": {1_000, 1_001}, "g": {number + 500}}
    found = Comparison(works, ())
    (pair,) = found.ranked()
    assert pair.cells.keys() == {"f"}
    assert 0.0 < pair.cells["f"] < 1.0
    assert found.shared(pair) == {"f": {1_000, 1_001}, "g": set()}


@pytest.mark.parametrize("field", ["prints", "own"])
def test_what_the_release_holds_counts_for_nothing(field):
    works = loners(12)
    for number in (1, 2):
        getattr(works[number], field)["q"] = {5, 6}
    assert ranked(works).keys() == {(1, 2)}
    assert ranked(works, {5, 6}) == {}
    assert ranked(works, {5}).keys() == {(1, 2)}


def test_the_same_statements_in_another_order_make_a_pair():
    works = loners(12)
    for number in (3, 11):
        works[number].shapes["q"] = 4
    assert ranked(works)[3, 11].cells.keys() == {"q"}


def test_a_question_that_some_left_out_is_compared_among_the_others():
    works = loners(12)
    for number in (3, 11):
        works[number].prints["late"] = {1, 2}
    assert ranked(works)[3, 11].cells.keys() == {"late"}


def test_two_of_earlier_years_are_no_pair_and_one_of_them_is():
    works = loners(24)
    for work in works[12:]:
        work.earlier = True
    for number in (2, 13, 17):
        works[number].prints["q"] = {1, 2}
    assert ranked(works).keys() == {(2, 13), (2, 17)}


# --- mistakes --------------------------------------------------------------------------------------------


def with_mistake(count, holders, name="rare"):
    works = loners(count)
    for number in range(holders):
        works[number].mistakes = frozenset({name})
    return works


@pytest.mark.parametrize(
    ("count", "holders", "counts"),
    [(40, 1, False), (40, 2, True), (40, 4, True), (40, 5, False), (5, 2, True), (5, 3, False), (2, 2, False)],
)
def test_a_mistake_counts_that_two_made_or_up_to_a_tenth_of_the_class_but_not_all(count, holders, counts):
    weights = Comparison(with_mistake(count, holders), ())._mistakes
    assert weights == ({"rare": pytest.approx(np.log(count / holders))} if counts else {})


def test_of_several_mistakes_the_rarest_counts_and_all_are_named():
    works = loners(40)
    for number in range(4):
        works[number].mistakes = frozenset({"often", *(["zzz seldom", "a slip"] if number in (1, 3) else [])})
    works[20].mistakes = frozenset({"alone"})
    found = Comparison(works, ())
    values = dict(zip(map(tuple, all_pairs(40).tolist()), found._by_mistakes(all_pairs(40)), strict=True))
    assert values[1, 3] == pytest.approx(np.log(20))
    assert values[0, 1] == values[0, 2] == pytest.approx(np.log(10))
    assert values[1, 20] == values[5, 6] == 0.0
    pairs = found.ranked()
    assert (pairs[0].a, pairs[0].b, pairs[0].mistakes) == (1, 3, ["a slip", "often", "zzz seldom"])
    assert {(pair.a, pair.b) for pair in pairs} == {(a, b) for a in range(4) for b in range(a + 1, 4)}
    assert all(pair.mistakes == ["often"] for pair in pairs[1:])
    assert pairs[0].cells == {}


def test_a_common_mistake_is_not_named_beside_what_two_share():
    works = with_mistake(40, 30, "common")
    for number in (1, 2):
        works[number].prints["q"] = {1, 2}
    assert ranked(works)[1, 2].mistakes == []


# --- numbers ---------------------------------------------------------------------------------------------


def test_one_answer_is_no_rarer_than_the_rarest_in_the_sample_and_nothing_in_common_is_nothing():
    """Of a hundred, ln 100 is the most, however far the last one lies above the others."""
    values = np.concatenate([np.arange(100.0), [1e6, 0.0, 50.0]])
    found = _in_nats(values, 100)
    assert found[[0, 50, 100, 101, 102]] == pytest.approx([0.0, np.log(2), np.log(100), 0.0, np.log(2)])
    assert _in_nats(np.array([3.0]), 0).tolist() == [0.0]


def test_the_sample_and_the_pairs_are_told_apart():
    """Of shape (questions, own words, mistakes) × pairs each."""
    works = steps()
    works[0].own["q"] = {1}
    drawn, seen = Comparison(works, ())._unusual(all_pairs(30), all_pairs(30)[:7])
    assert (drawn.shape, seen.shape) == ((3, 435), (3, 7))
    assert np.all(seen == drawn[:, :7])
    assert drawn[0].argmax() == all_pairs(30).tolist().index([8, 9])
