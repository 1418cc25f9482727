"""Who copied stands above those who worked alone, and what everybody shares counts for nothing."""

from __future__ import annotations

from random import Random

import lookalikes
import numpy as np
import pytest

from autograder.similar.calibration import Tail, as_score
from autograder.similar.compare import Comparison, Work
from autograder.similar.index import Channel, all_pairs
from autograder.similar.parts import Questions
from autograder.similar.reading import Service, add, forced_by
from benchmarks.assignments import Assignment

STUDENTS = 200


class Found:
    """A submitted notebook in memory."""

    def __init__(self, name, content):
        self.notebook, self.content = name, content

    def read(self):
        return self.content


@pytest.fixture(scope="module")
def assignment():
    return Assignment("softmax", lean=True)


def ranked(assignment, notebooks):
    asks = Questions(assignment.source, tuple(cell["source"] for cell in assignment.blank["cells"]))
    service = Service({assignment.topic: asks})
    works = [Work() for _ in notebooks]
    for work, content in zip(works, notebooks, strict=True):
        add(work, service.prints(Found(assignment.topic, content)))
    return Comparison(works, forced_by(asks)).ranked()


PLANTED = [
    *((kind, 1.0, "as given") for kind in lookalikes.KINDS),
    ("renamed", 1.0, "joined"),
    ("renamed", 1.0, "split"),
    ("as it is", 0.5, "as given"),
]


@pytest.mark.deep
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.deep)])
def test_copies_stand_above_two_hundred_who_worked_alone(assignment, seed):
    rng = Random(seed)
    keep = {"np", "math", *assignment.functions}
    students = [lookalikes.independent(assignment, rng) for _ in range(STUDENTS)]
    notebooks = [lookalikes.written(assignment.blank, answers) for answers in students]
    planted = {}
    for (kind, part, cells), source in zip(PLANTED, rng.sample(range(STUDENTS), len(PLANTED)), strict=True):
        other = lookalikes.independent(assignment, rng)
        answers = lookalikes.copied(students[source], other, kind, rng, keep, part)
        planted[source, len(notebooks)] = (kind, part, cells)
        notebooks.append(lookalikes.written(assignment.blank, answers, rng, cells=cells))
    pairs = ranked(assignment, notebooks)
    ranks = {(pair.a, pair.b): place for place, pair in enumerate(pairs)}
    above = {
        what: sum((pair.a, pair.b) not in planted for pair in pairs[: ranks.get(who, len(pairs))])
        for who, what in planted.items()
    }
    assert max(above.values()) <= 5, above
    assert sum(count == 0 for count in above.values()) >= len(PLANTED) - 2, above
    alone = [pair.score for pair in pairs if (pair.a, pair.b) not in planted]
    assert max(alone) < 0.9
    assert sum(score > 0.5 for score in alone) <= 3


@pytest.mark.slow
def test_independent_answers_are_right(assignment):
    """The class of the test above solves the task: what differs is the writing alone."""
    from functools import partial

    from autograder import exercises
    from autograder.judging.prove import marked

    rng = Random(5)
    for _ in range(3):
        answers = lookalikes.independent(assignment, rng)
        for kind in ("renamed", "renamed, reordered and reformatted"):
            space = {"np": np}
            copied = lookalikes.copied(answers, answers, kind, rng, {"np", "math", *assignment.functions})
            for text in copied.values():
                exec(text, space)  # our own text
            for name in answers:
                exercise = exercises.find(name)
                assert marked(exercise, partial(space[name]), 1).score == exercise.points, (name, kind)


# --- what counts -----------------------------------------------------------------------------------------


def channel(*prints, forced=()):
    return Channel(prints, forced)


def test_what_most_share_and_what_is_forced_counts_for_nothing():
    found = channel({1, 2, 9}, {1, 2, 9}, {1, 3}, {1, 3}, {5}, forced={9})
    pairs = all_pairs(5)
    sums = dict(zip(map(tuple, pairs.tolist()), found.overlap(pairs), strict=True))
    assert sums[0, 1] == pytest.approx(np.log(5 / 2))
    assert sums[2, 3] == pytest.approx(np.log(5 / 2))
    assert sums[0, 2] == sums[0, 4] == 0.0
    assert found.shared(0, 1) == {2}


@pytest.mark.parametrize("count", [3, 4, 5])
def test_in_a_small_class_two_alike_are_found(count):
    """Two of three are more than half of the class, and still only two."""
    works = [Work({"q": {1, 2, 3} if number < 2 else {10 + number}}) for number in range(count)]
    assert [(pair.a, pair.b) for pair in Comparison(works, ()).ranked()] == [(0, 1)]


def test_the_index_finds_the_pairs_that_all_pairs_find():
    rng = np.random.default_rng(3)
    prints = [set(rng.zipf(1.3, 30).tolist()) for _ in range(60)]
    found = Channel(prints)
    codes, weights = found.rare(10**6)
    listed = np.zeros((60, 60))
    np.add.at(listed, (codes // 60, codes % 60), weights)
    pairs = all_pairs(60)
    assert listed[pairs[:, 0], pairs[:, 1]] == pytest.approx(found.overlap(pairs))
    assert len(found.rare(50)[0]) <= 50


def test_a_pair_is_as_unusual_as_few_pairs_reach_it():
    sample = np.random.default_rng(0).exponential(3.0, 100_000)
    tail = Tail(sample)
    values = np.array([0.5, 3.0, 10.0, 20.0, 40.0])
    assert tail.unusual(values) == pytest.approx(values / 3.0, rel=0.1, abs=0.05)
    assert np.all(np.diff(tail.unusual(np.linspace(0, 60, 400))) >= 0)
    assert as_score(np.log([1.0, 100.0, 1e6]), 100) == pytest.approx([1 / 101, 0.5, 1 / 1.0001], rel=1e-6)


@pytest.mark.parametrize("count", range(5))
def test_a_tiny_class_is_ranked_without_an_error(count):
    works = [Work({"q": {1, 2, 3, number}}, {"q": 7}, {"q": {4}}) for number in range(count)]
    for pair in Comparison(works, ()).ranked():
        assert 0 <= pair.score <= 1


def test_rare_mistakes_are_named_and_common_ones_are_not():
    works = [
        Work({"q": {number}}, {}, {}, frozenset({"common"} | ({"rare"} if number in (3, 8) else set())))
        for number in range(40)
    ]
    (pair, *others) = Comparison(works, ()).ranked()
    assert (pair.a, pair.b, pair.mistakes) == (3, 8, ["rare"])
    assert others == []


def test_two_of_earlier_years_are_no_pair():
    works = [Work({"q": {1, 2} if number < 3 else {number}}, earlier=number < 2) for number in range(30)]
    assert {(pair.a, pair.b) for pair in Comparison(works, ()).ranked()} == {(0, 2), (1, 2)}
