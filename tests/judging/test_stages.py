"""The order in which explanations are tried."""

from __future__ import annotations

from itertools import islice

import numpy as np

from autograder import exercises
from autograder.judging.calls import Call, Returned, answer_of
from autograder.judging.candidates import AskedCall, Candidate
from autograder.judging.comparison import Comparison
from autograder.judging.compositions import is_default, is_vague
from autograder.judging.model import Check, Exercise, truth_of
from autograder.judging.slips import Slip
from autograder.judging.stages import _named, _often_and_seldom, stages
from autograder.judging.stopwatch import Stopwatch


def test_one_mistake_is_tried_before_two_and_two_before_what_has_no_name():
    exercise = exercises.find("entropy")
    check = exercise.checks[0]
    answer = answer_of(np.sum, check.example)
    evidence = [(check, AskedCall(check.example, answer, truth_of(exercise, check.example), "wrong"))]
    lengths = [length for length, _ in stages(exercise, evidence, Comparison(exercise, Stopwatch()))]
    assert lengths == sorted(lengths)
    assert set(lengths) == {1, 2, 3}


CHECK = Check("scales", Call((np.array([1.0, 2.0, 4.0]), 3.0)), lambda rng: [])


def scaled(x, by=2.0):
    return x * by + 1


def test_slips_on_the_answer_come_first_then_on_arguments_then_inside_the_vague_ones_last():
    exercise = Exercise("scaled", "test", scaled, checks=(CHECK,))
    answer = Returned(np.array([1.0, 5.0, 7.0]))
    evidence = [(CHECK, AskedCall(CHECK.example, answer, truth_of(exercise, CHECK.example), "wrong"))]
    first = [list(stage(evidence)) for _, stage in islice(stages(exercise, evidence, comparison_of(exercise)), 5)]
    on_answer, on_arguments, defaults, inside, vague = first
    assert all(entry.slips for entry in on_answer)
    assert {"x-ignored", "by-ignored"} & {entry.parts[0].name for entry in on_arguments}
    assert not any(is_default(entry) for entry in on_arguments)
    assert defaults
    assert all(is_default(entry) for entry in defaults)
    assert all(entry.place and not is_vague(entry) for entry in inside)
    assert vague
    assert all(entry.place and is_vague(entry) for entry in vague)


def comparison_of(exercise):
    return Comparison(exercise, Stopwatch())


def test_what_has_a_part_without_a_name_is_left_out():
    one, other, none = (Candidate((Slip(name, ""),), abs) for name in ("a", "b", ""))
    half = Candidate((*one.parts, *none.parts), abs)
    assert list(_named(iter([one, none, half, other]))) == [one, other]
    assert list(_named(iter([Candidate((), abs)]))) == [Candidate((), abs)]


def test_what_is_often_made_is_tried_with_what_is_seldom():
    exercise = Exercise("scaled", "test", scaled, checks=(CHECK,))
    answer = Returned(np.array([1.0, 5.0, 7.0]))
    evidence = [(CHECK, AskedCall(CHECK.example, answer, truth_of(exercise, CHECK.example), "wrong"))]
    inside = [
        Candidate((Slip(name, ""),), lambda x, by=2.0, off=off: x + off, place=(0, off))
        for off, name in enumerate(("sign-inside", "variable-inside", "log-missing", "axis-inside"), 7)
    ]
    found = _often_and_seldom(inside, evidence, comparison_of(exercise))
    pairs = [(one.parts[0].name, other.parts[0].name) for one, other in found]
    assert pairs == [(often, "variable-inside") for often in ("sign-inside", "log-missing", "axis-inside")]
