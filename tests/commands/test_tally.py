"""What a run adds to its table: counts by assignment, and names where these may be printed."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest
from dozen import PERFECT

from autograder.commands import tally as module
from autograder.commands.tally import MOST_NAMES, Tally, changes_in
from autograder.gradebook import roll
from autograder.grading.outcome import Outcome

FEW = frozenset({"ada", "emmy"})


@pytest.fixture
def gradebook(monkeypatch):
    """A gradebook with three students, two of whom have a submission of `hw`; in `ps` nobody has."""
    monkeypatch.setattr(roll, "everyone", lambda _: FEW | {"jakob"})
    monkeypatch.setattr(roll, "students_with", lambda _, name: FEW if name == "hw" else frozenset())
    return SimpleNamespace(database=SimpleNamespace(db=None))


def lines(gradebook, before, *, named=True, whole=True, **counts):
    tally = Tally(before, **{kind: Counter(found) for kind, found in counts.items()})
    return tally.lines(gradebook, named=named, whole=whole)


def test_outcomes_are_counted_by_assignment_on_their_way():
    outcomes = [
        Outcome(SimpleNamespace(assignment=name), PERFECT, None, fresh=fresh)
        for name, fresh in (("a", True), ("a", False), ("b", False), ("a", True))
    ]
    tally = Tally({})
    assert list(tally.count(outcomes)) == outcomes
    assert (tally.anew, tally.stood) == (Counter(a=2), Counter(a=1, b=1))


def test_who_is_new_and_who_handed_in_nothing_is_said_of_each_assignment(gradebook):
    before = {"hw": frozenset({"ada"}), "ps": frozenset()}
    assert lines(gradebook, before, anew={"hw": 2}, stood={"hw": 1}) == [
        "hw: 2 graded anew; 1 unchanged since the last grading; new: 1 (emmy); handed in nothing: 1 (jakob).",
        "ps: 0 graded anew; handed in nothing: 3 (ada, emmy, jakob).",
    ]


def test_in_a_log_nobody_is_named_and_a_part_of_the_class_misses_nobody(gradebook):
    before = {"hw": frozenset({"ada"})}
    assert lines(gradebook, before, named=False) == ["hw: 0 graded anew; new: 1; handed in nothing: 1."]
    assert lines(gradebook, before, whole=False) == ["hw: 0 graded anew; new: 1 (emmy)."]


def test_in_the_first_run_nobody_is_new(gradebook):
    assert lines(gradebook, {"hw": frozenset()}, whole=False) == ["hw: 0 graded anew."]


def test_twelve_names_are_listed_in_order():
    names = [f"s{number:02}" for number in range(MOST_NAMES + 1)]
    some = frozenset(names[:MOST_NAMES])
    assert MOST_NAMES == 12
    assert module._group("new", some, named=True) == f"new: 12 ({', '.join(names[:12])})"
    assert module._group("new", frozenset(names), named=True) == f"new: 13 ({', '.join(names[:12])} …)"


def test_changes_are_named_for_each_notebook_of_the_assignments_alone():
    def changes(assignment, name):
        return SimpleNamespace(sentence=lambda *place: f"{place} changed") if name != "same" else None

    course = SimpleNamespace(assignments={"a": ["one", "same", "two"], "b": ["three"]})
    gradebook = SimpleNamespace(course=course, changes=changes)
    assert changes_in(gradebook, ["a", "gone"]) == ["('a', 'one') changed", "('a', 'two') changed"]
