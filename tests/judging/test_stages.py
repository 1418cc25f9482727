"""The order in which explanations are tried."""

from __future__ import annotations

import numpy as np

from autograder import exercises
from autograder.judging.calls import answer_of
from autograder.judging.candidates import AskedCall
from autograder.judging.comparison import Comparison
from autograder.judging.model import truth_of
from autograder.judging.stages import stages
from autograder.judging.stopwatch import Stopwatch


def test_one_mistake_is_tried_before_two_and_two_before_what_has_no_name():
    exercise = exercises.find("entropy")
    check = exercise.checks[0]
    answer = answer_of(np.sum, check.example)
    evidence = [(check, AskedCall(check.example, answer, truth_of(exercise, check.example), "wrong"))]
    lengths = [length for length, _ in stages(exercise, evidence, Comparison(exercise, Stopwatch()))]
    assert lengths == sorted(lengths)
    assert set(lengths) == {1, 2, 3}
