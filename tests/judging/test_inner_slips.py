"""A formula whose operations can go wrong: unchanged it is the formula, and nothing of a change remains."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from autograder import exercises
from autograder.judging.calls import Returned, answer_of
from autograder.judging.compare import agrees
from autograder.judging.inner_slips import MESSAGES, formula_of
from autograder.judging.sites import grows


def formulas(name):
    exercise = exercises.find(name)
    return [(entry, formula_of(entry)) for entry in (exercise.reference, *exercise.textbook)]


@pytest.mark.parametrize("name", [name for _, name in exercises.names()])
def test_a_formula_without_a_change_is_the_function(name):
    exercise = exercises.find(name)
    for function, formula in formulas(name):
        assert formula is not None
        assert formula.sites
        for call in (exercise.checks[0].example, *exercise.checks[0].inputs(np.random.default_rng(0))):
            one, other = answer_of(function, call), answer_of(formula.changed({}), call)
            assert isinstance(one, Returned)
            assert isinstance(other, Returned)
            assert agrees(other.value, one.value, exercise.tolerance(call, False))


@pytest.mark.parametrize("name", [name for _, name in exercises.names()])
def test_a_textbook_formula_is_right_on_ordinary_inputs(name):
    exercise = exercises.find(name)
    for formula in exercise.textbook:
        for call in (exercise.checks[0].example, *exercise.checks[0].inputs(np.random.default_rng(1))):
            given, truth = (answer_of(function, call) for function in (formula, exercise.reference))
            assert agrees(given.value, truth.value, exercise.tolerance(call, False))


def halved(x: float, half=lambda value: value / 2) -> float:
    return half(x) + 1.0


def test_what_is_compiled_beside_a_definition_is_none():
    """A lambda in a default; and in Python 3.14 the annotations, whose code is a function, too."""
    assert formula_of(halved).changed({})(4.0) == 3.0


@pytest.mark.parametrize("function", [np.sum, np.exp, sum, functools.partial(halved, 2.0)])
def test_what_is_no_function_of_python_is_no_formula(function):
    """NumPy's own have a source, but none that can be changed here."""
    assert formula_of(function) is None


def test_a_change_lasts_for_one_call():
    formula = formula_of(exercises.find("entropy").reference)
    p = np.array([0.5, 0.25, 0.25])
    right = formula.changed({})(p)
    wrong = [formula.changed(slip.changes)(p) for slip in formula.slips() if slip.slip.kind == "sign-inside"]
    assert wrong
    assert formula.changed({})(p) == right


def test_no_right_formula_is_taken_for_one_that_makes_a_table(monkeypatch):
    """While anything is changed, results of a size that no right formula has are refused."""
    monkeypatch.setattr("autograder.judging.inner_slips.MAX_PLAIN", -1)
    for _, name in exercises.names():
        exercise = exercises.find(name)
        for _, formula in formulas(name):
            nowhere = formula.changed({0: formula.plain[0]})
            for call in (check.example for check in exercise.checks):
                given, truth = answer_of(nowhere, call), answer_of(formula.changed({}), call)
                assert type(given) is type(truth)


def test_a_change_that_makes_a_table_is_refused_before_it_takes_the_memory():
    row, column = np.broadcast_to(1.0, (1, 1 << 20)), np.broadcast_to(1.0, (1 << 20, 1))
    assert grows("Add", (row, column))
    assert grows("MatMult", (column, row))
    assert not grows("Add", (row, row))
    assert not grows("MatMult", (row, column))
    assert not grows("Add", (row, np.ones(3)))


def test_a_change_does_not_outlast_an_exception():
    formula = formula_of(exercises.find("entropy").reference)

    def fails(*_, **__):
        raise ZeroDivisionError

    p = np.array([0.5, 0.5])
    with pytest.raises(ZeroDivisionError):
        formula.changed(dict.fromkeys(range(len(formula.sites)), fails))(p)
    assert formula.changed({})(p) == pytest.approx(np.log(2))


def test_every_kind_of_change_has_a_sentence():
    for _, name in exercises.names():
        for _, formula in formulas(name):
            assert {slip.slip.kind for slip in formula.slips()} <= set(MESSAGES)


def test_what_has_no_source_has_no_formula():
    assert formula_of(len) is None
