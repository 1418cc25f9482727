"""Formulas that are right on paper and wrong in floating point lose marks, unless the contract forgives."""

from __future__ import annotations

import pytest
from hazardous import implementations
from sampling import sampled

from autograder import exercises
from autograder.judging.prove import marked
from autograder.judging.stopwatch import Stopwatch

MARKS_ALONE = range(1, 4)
"""The students on whose inputs what is wrong is not looked for, which takes most of the time."""
SEEDS = [
    pytest.param(range(1), id="a seed"),
    pytest.param(MARKS_ALONE, id="3 more seeds", marks=pytest.mark.slow),
    pytest.param(range(4, 200), id="196 more seeds", marks=pytest.mark.deep),
]
HAZARDS = [
    (name, function, reason)
    for topic, name in exercises.names()
    for function, reason in implementations(topic, name)
]

TRAINED = ("train_softmax_regression", "fit_temperature", "fit_logistic", "hidden_layer_loss_grad", "dice_sum_pmf")
"""Functions whose every call takes long."""


def of(names):
    return [hazard for hazard in HAZARDS if hazard[0] in names]


def score(exercise, function, number):
    """What a formula earns from a student's inputs."""
    options = {"watch": Stopwatch(-1), "follow_through": 0} if number in MARKS_ALONE else {}
    return marked(exercise, function, number, **options).score


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("numbers", SEEDS)
@pytest.mark.parametrize(
    "hazard", sampled(HAZARDS, every=128, rest=24, slow=of(TRAINED), ident=lambda hazard: hazard[1].__name__)
)
def test_a_hazardous_formula_loses_marks_for_every_student_or_for_none(hazard, numbers):
    name, function, reason = hazard
    exercise = exercises.find(name)
    lost = [number for number in numbers if score(exercise, function, number) < exercise.points]
    assert lost == ([] if reason else list(numbers))
