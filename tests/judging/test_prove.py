"""What is wrong with an exercise is told in a sentence: its form, its inputs, its reference, its mistakes."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judging.assess import Assessment
from autograder.judging.calls import Call, Callback, Raised
from autograder.judging.compare import Tolerance
from autograder.judging.lenient import accepts_anything
from autograder.judging.model import Check, Exercise, Misconception, by_value
from autograder.judging.prove import _wrong, faults, faults_of_marks
from autograder.results import CheckResult

EXAMPLE = Call((np.array([1.0, 2.0]),))
MESSAGE = "Each number counts twice, not once."


def inputs(rng):
    yield Call((rng.normal(0, 1, 4),))


def total(x):
    return np.sum(x)


def exercise(*checks, reference=total, mistakes=(), **more):
    checks = checks or (Check("adds numbers", EXAMPLE, inputs),)
    return Exercise("total", "test", reference, checks=checks, misconceptions=tuple(mistakes), **more)


def told(entry):
    return list(faults(entry, range(2)))


def test_an_exercise_that_is_proven_has_no_fault():
    assert told(exercise(mistakes=[Misconception("twice", lambda x: 2 * np.sum(x), MESSAGE)])) == []


def test_two_checks_or_mistakes_of_one_name_are_told_once():
    check = Check("adds numbers", EXAMPLE, inputs)
    wrong = Misconception("twice", lambda x: 2 * np.sum(x), MESSAGE)
    found = told(exercise(check, check, mistakes=[wrong, wrong]))
    assert [fault for fault in found if "are called" in fault] == [
        "two of its checks are called “adds numbers”",
        "two of its mistakes are called “twice”",
    ]


@pytest.mark.parametrize("weight", [0.0, -1.0])
def test_a_check_that_weighs_nothing_is_told_and_its_marks_are_not(weight):
    found = told(exercise(Check("adds numbers", EXAMPLE, inputs, weight)))
    assert found[0] == "“adds numbers” weighs nothing"
    assert not [fault for fault in found if "multiple of" in fault]


@pytest.mark.parametrize(
    ("message", "told_"),
    [
        ("x" * 19 + ".", False),
        ("x" * 18 + ".", True),
        ("x" * 399 + "?", False),
        ("x" * 400 + ".", True),
        ("x" * 50, True),
    ],
)
def test_a_message_is_a_sentence_of_20_to_400_characters(message, told_):
    found = told(exercise(mistakes=[Misconception("twice", lambda x: 2 * np.sum(x), message)]))
    assert any("of 20 to 400 characters" in fault for fault in found) is told_


@pytest.mark.parametrize(
    ("name", "told_"), [("a-b2", False), ("a--b", True), ("A-b", True), ("a-", True), ("", True)]
)
def test_a_mistake_s_name_is_words_with_hyphens(name, told_):
    found = told(exercise(mistakes=[Misconception(name, lambda x: 2 * np.sum(x), MESSAGE)]))
    assert any("lower-case words with hyphens" in fault for fault in found) is told_


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        (lambda x: "text", "the reference returns a string, no numbers, for total([1, 2])"),
        (lambda x: (1.0, None), "the reference returns None, no numbers, for total([1, 2])"),
        (
            lambda x: 1 / 0,
            "the reference does not answer total([1, 2]): it raises ZeroDivisionError: division by zero",
        ),
        (lambda x: np.nan, "is about ordinary inputs, and the reference returns nan for total([1, 2])"),
    ],
)
def test_a_reference_without_a_number_is_told_once_and_nothing_is_marked(reference, said):
    (fault,) = told(exercise(reference=reference))
    assert said in fault


def test_nan_is_a_right_answer_in_all_checks_but_the_first():
    bad = Check(
        "passes nan on",
        Call((np.array([np.nan, 1.0]),)),
        lambda rng: [Call((np.append(rng.normal(0, 1, 3), np.nan),))],
    )
    assert not [
        fault for fault in told(exercise(Check("adds numbers", EXAMPLE, inputs), bad)) if "returns nan" in fault
    ]


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        (lambda rng: (), "“adds numbers” asks no hidden input"),
        (lambda rng: [EXAMPLE], "“adds numbers” asks every student the same"),
        (lambda rng: [rng.normal(0, 1, 3)], "“adds numbers”: its example and each input must be a Call((…,))"),
        (lambda rng: [1 / 0], "the inputs of “adds numbers” can't be drawn: ZeroDivisionError: division by zero"),
    ],
)
def test_what_is_wrong_with_the_inputs_of_any_check_is_told(drawn, said):
    assert told(exercise(Check("adds numbers", EXAMPLE, drawn))) == [said]
    second = exercise(Check("adds first", EXAMPLE, inputs), Check("adds numbers", EXAMPLE, drawn))
    assert said in told(second)


def test_inputs_that_differ_in_another_argument_than_an_array_are_not_the_same():
    check = Check("adds numbers", EXAMPLE, lambda rng: [Call((Callback(np.sum, "sum"), float(rng.normal())))])
    found = told(exercise(check, reference=lambda x, y=1.0: y))
    assert "asks every student the same" not in " ".join(found)


def test_a_stub_that_gets_marks_is_told():
    def judge(entry, call, answer, truth):
        return None if isinstance(answer, Raised) else by_value(entry, call, answer, truth)

    found = told(exercise(Check("adds numbers", EXAMPLE, inputs, judge=judge)))
    assert found == ["a stub gets marks"] * 2


def test_a_mistake_whose_marks_depend_on_the_inputs_is_told():
    def lucky(x):
        return np.sum(x) + (x[0] < 0) * (len(x) == 3)

    second = Check("adds three", EXAMPLE, lambda rng: [Call((rng.normal(0, 1, 3),))])
    entry = exercise(
        Check("adds numbers", EXAMPLE, inputs), second, mistakes=[Misconception("lucky", lucky, MESSAGE)]
    )
    found = list(faults(entry, range(6)))
    assert "the mistake “lucky” costs one student more than another" in found


@pytest.mark.parametrize(("points", "told_"), [(None, False), (6.0, False), (0.3, False), (0.33, True)])
def test_the_marks_of_a_cell_are_multiples_of_a_twentieth(points, told_):
    entry = exercise(Check("adds", EXAMPLE, inputs, 1.0), Check("adds more", EXAMPLE, inputs, 2.0))
    found = list(faults_of_marks(entry, points))
    assert bool(found) is told_
    assert all("in a cell of 0.33 points" in fault for fault in found)


# --- what a known mistake may keep -------------------------------------------------------------------------


def result(*passed, score, names=("m",), fault=None):
    """The result of a mistake: whether each check holds, and its share of the marks."""
    checks = [
        CheckResult(name=f"c{place}", passed=holds, score=float(bool(holds)), max_score=1.0)
        for place, holds in enumerate(passed)
    ]
    return Assessment(score, 1.0, checks, list(names), fault=fault)


@pytest.mark.parametrize(
    ("name", "slip", "outcome", "says"),
    [
        ("m", False, result(True, True, score=1.0), "keeps all marks"),
        ("m", False, result(False, None, score=0.0, names=[]), "is not recognised"),
        ("m", False, result(False, None, score=0.0, names=["a", "b"]), "is taken for “a”, “b”"),
        ("m", False, result(False, None, score=0.0, names=["m", "b"]), "is taken for “m”, “b”"),
        ("m", False, result(False, True, score=0.3), None),
        ("m", False, result(False, True, score=0.35), "wrong on ordinary inputs and keeps 35% of the marks"),
        ("m", True, result(False, True, score=0.4), None),
        ("m", True, result(False, True, score=0.45), "wrong on ordinary inputs and keeps 45%"),
        ("epsilon-x", False, result(False, True, score=0.4, names=["epsilon-x"]), None),
        ("m", False, result(True, False, score=0.39), "fails “c1” alone and keeps 39%"),
        ("m", False, result(True, False, score=0.4), None),
        ("m", False, result(True, False, score=0.9), None),
        ("m", False, result(True, False, score=0.91), "fails “c1” alone and keeps 91%"),
        ("m", False, result(True, False, False, score=0.95), None),
        ("m", False, result(False, None, score=0.0, fault="KeyError"), "naming the mistake “m” fails (KeyError)"),
    ],
)
def test_a_mistake_loses_marks_is_named_and_keeps_a_fitting_share(name, slip, outcome, says):
    found = list(_wrong(Misconception(name, np.sum, MESSAGE, slip), outcome))
    assert len(found) == (says is not None)
    assert not says or says in found[0]


# --- tolerances --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wide", [0, 1])
def test_a_tolerance_that_is_too_wide_for_one_of_two_values_is_told(wide):
    entry = exercise(
        reference=lambda x: tuple(np.full(2, 1.0 if place == wide else 1e6) for place in range(2)),
        tolerance=lambda call, single: Tolerance(absolute=1e3),
    )
    assert any("accepts an answer that is 5% off" in fault for fault in accepts_anything(entry))


@pytest.mark.parametrize(
    ("tolerance", "says"),
    [
        (Tolerance(absolute=np.array([1e-9, -1.0])), "accepts anything or nothing"),
        (Tolerance(absolute=np.array([np.inf, 1e-9])), "accepts anything or nothing"),
        (Tolerance(relative=0.0, absolute=0.0), None),
        (Tolerance(relative=0.049, absolute=0.0), None),
        (Tolerance(relative=0.051, absolute=0.0), "accepts an answer that is 5% off"),
    ],
    ids=repr,
)
def test_a_tolerance_is_finite_and_narrower_than_a_twentieth(tolerance, says):
    entry = exercise(reference=lambda x: np.full(2, 2.0), tolerance=lambda call, single: tolerance)
    found = list(accepts_anything(entry))
    assert bool(found) == bool(says)
    assert all(says in fault for fault in found)
