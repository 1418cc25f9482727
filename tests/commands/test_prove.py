"""`autograder prove`: which exercises are proven, what is said of each, and the status."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace

import click
import pytest
import tiny_course

from autograder import exercises
from autograder.commands import prove as module
from autograder.course import Course
from autograder.judging.items import Item

KNOWN = (("softmax", "entropy"), ("softmax", "logsumexp"), (exercises.OWN, "mine"), (exercises.OWN, "other"))


@pytest.fixture
def proven(monkeypatch, tmp_path):
    """The exercises that were proven, with whether each is a course's own; the last word fails."""
    calls = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(exercises, "everything", lambda: KNOWN)
    monkeypatch.setattr(exercises, "is_registered", lambda name: name in dict(map(reversed, KNOWN)))

    def prove(name, course, *, is_own):
        calls.append((name, is_own))
        return int(name == "logsumexp")

    monkeypatch.setattr(module, "_prove", prove)
    return calls


@pytest.mark.parametrize(
    ("wanted", "every", "names", "status"),
    [
        ((), False, ["mine", "other"], 0),
        (("entropy",), False, ["entropy"], 0),
        (("logsumexp", "mine"), False, ["logsumexp", "mine"], 1),
        (("mine", "logsumexp"), False, ["mine", "logsumexp"], 1),
        (("entropy",), True, ["entropy", "logsumexp", "mine", "other"], 1),
    ],
)
def test_what_is_named_is_proven_or_all_or_the_courses_own(proven, wanted, every, names, status):
    assert module.run(None, wanted, every=every) == status
    assert proven == [(name, name in ("mine", "other")) for name in names]


def test_an_exercise_that_does_not_exist_stops_all(proven):
    with pytest.raises(click.UsageError, match="called “nine”"):
        module.run(None, ("entropy", "nine", "ten"), every=False)
    assert proven == []


@pytest.mark.parametrize("course", [True, False])
def test_where_nothing_is_ones_own_something_has_to_be_named(proven, monkeypatch, tmp_path, course):
    monkeypatch.setattr(exercises, "everything", lambda: KNOWN[:2])
    folder = tiny_course.make(tmp_path / "course") if course else None
    said = f"{folder} has no exercises of its own, so" if course else "This folder lies in no course, so"
    with pytest.raises(click.UsageError) as caught:
        module.run(folder, (), every=False)
    assert caught.value.message.startswith(said)
    assert proven == []


@pytest.fixture
def entropy(monkeypatch):
    """What is found of the exercise `entropy`, to be filled in."""
    found = {"faults": [], "compositions": [], "lenient": []}
    for name, key in (("faults", "faults"), ("compositions", "compositions"), ("lost_by_none_alone", "lenient")):
        monkeypatch.setattr(module, name, lambda entry, key=key: iter(found[key]))
    return found


def prove(capsys, name="entropy", course=None, *, is_own=True):
    status = module._prove(name, course, is_own=is_own)
    return status, capsys.readouterr().out.splitlines()


def test_a_proven_exercise_says_how_much_was_proven(entropy, capsys):
    entry = exercises.find("entropy")
    checks, mistakes = len(entry.checks), len(entry.misconceptions)
    assert min(checks, mistakes) > 1
    sentence = f"✓ entropy: {checks} checks; the reference keeps every mark and each of {mistakes} known mistakes"
    assert prove(capsys) == (0, [f"{sentence} is named, for 10 students"])


@pytest.mark.parametrize("number", [1, 2])
def test_one_check_and_one_mistake_are_in_the_singular(entropy, capsys, monkeypatch, number):
    entry = exercises.find("entropy")
    small = replace(entry, checks=entry.checks[:number], misconceptions=entry.misconceptions[:number])
    monkeypatch.setattr(exercises, "find", lambda _: small)
    (line,) = prove(capsys)[1]
    words = ("1 check;", "1 known mistake is") if number == 1 else ("2 checks;", "2 known mistakes is")
    assert all(word in line for word in words)


def test_each_fault_is_said_once_and_hides_what_is_only_a_hint(entropy, capsys):
    entropy |= {"faults": ["one", "two", "one"], "compositions": ["deep"], "lenient": ["a note"]}
    assert prove(capsys) == (1, ["✗ entropy: one", "✗ entropy: two"])


def test_without_other_faults_a_mistake_that_is_taken_for_another_is_one(entropy, capsys):
    entropy |= {"compositions": ["deep", "deeper"], "lenient": ["a note"]}
    assert prove(capsys) == (1, ["✗ entropy: deep", "✗ entropy: deeper"])


def test_ones_own_exercise_is_told_what_no_mistake_loses_and_is_proven_all_the_same(entropy, capsys):
    entropy |= {"lenient": ["a note", "another"]}
    status, lines = prove(capsys)
    assert (status, lines[:2]) == (0, ["· entropy: a note", "· entropy: another"])
    assert lines[2].startswith("✓ entropy: ")
    assert len(prove(capsys, is_own=False)[1]) == 1


def test_a_question_is_told_no_such_thing(entropy, capsys):
    name = exercises.items()[0][1]
    assert isinstance(exercises.find(name), Item)
    entropy |= {"lenient": ["a note"]}
    assert [line[:1] for line in prove(capsys, name)[1]] == ["✓"]


def test_a_warning_of_the_authors_code_names_its_line_once(entropy, capsys, monkeypatch):
    def faults(_):
        for message in ("overflow", "overflow", "invalid"):
            warnings.warn_explicit(message, RuntimeWarning, "/home/ada/course/exercises/mine.py", 7)
        yield from ()

    monkeypatch.setattr(module, "faults", faults)
    status, lines = prove(capsys, is_own=False)
    assert (status, lines[:-1]) == (
        0,
        ["· entropy: mine.py:7 warns: overflow", "· entropy: mine.py:7 warns: invalid"],
    )


def test_odd_marks_are_named_with_each_notebook_that_asks_for_the_exercise(entropy, capsys, monkeypatch, tmp_path):
    root = tiny_course.make(tmp_path)
    more = json.loads(tiny_course.notebook(points=3))
    more["cells"].insert(1, tiny_course.cell("text", "why", points=1, solution=True))
    (root / "source" / "hw" / "more.ipynb").write_text(json.dumps(more))
    (root / "source" / "hw" / "other.ipynb").write_bytes(tiny_course.notebook(name="logsumexp", points=3))
    monkeypatch.setattr(module, "faults_of_marks", lambda entry, points: [f"{entry.name} {points:g} odd", "x"])
    assert prove(capsys, course=Course(root)) == (
        1,
        [
            "✗ entropy: hw/hw: entropy 4 odd",
            "✗ entropy: hw/hw: x",
            "✗ entropy: hw/more: entropy 3 odd",
            "✗ entropy: hw/more: x",
        ],
    )
    assert prove(capsys)[0] == 0
