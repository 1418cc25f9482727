"""A formula whose operations can go wrong: unchanged it is the formula, and nothing of a change remains."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from autograder import exercises
from autograder.judging.calls import Returned, answer_of
from autograder.judging.compare import agrees
from autograder.judging.inner_slips import BUT, MESSAGES, VAGUE, _may_grow, formula_of
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


def cross(p, q):
    return np.sum(p * np.log(q + 1)) - np.sum(q * np.log(p + 1)) / 2.0


def slips_of(formula, kind):
    return [entry for entry in formula.slips() if entry.slip.kind == kind]


def test_each_operation_is_changed_alone_and_all_that_are_alike_together():
    formula = formula_of(cross)
    logs = [site for site, (operation, _) in enumerate(formula.sites) if operation == "log"]
    assert len(logs) == 2
    missing = [sorted(entry.changes) for entry in slips_of(formula, "log-missing")]
    assert missing == [[logs[0]], [logs[1]], logs]
    p, q = np.array([0.25, 0.75]), np.array([0.5, 0.5])
    both = slips_of(formula, "log-missing")[-1]
    assert formula.changed(both.changes)(p, q) == pytest.approx(np.sum(p * (q + 1)) - np.sum(q * (p + 1)) / 2)
    assert all(entry.slip.message == f"{BUT}{MESSAGES[entry.slip.kind]}." for entry in formula.slips())
    assert all(entry.slip.name == entry.slip.kind for entry in formula.slips())


def test_what_says_little_is_changed_in_one_place_alone():
    formula = formula_of(cross)
    assert slips_of(formula, "one-more-or-less")
    assert all(len(entry.changes) == 1 for kind in VAGUE for entry in slips_of(formula, kind))


def test_a_constant_is_added_in_each_place_and_then_in_all_of_a_kind():
    formula = formula_of(cross)
    p = np.array([0.25, 0.75])
    logs = [family for family in formula.families() if family.place == "is added inside a logarithm"]
    values = [family.at(0.5)(p, p) for family in logs]
    plain, added = np.sum(p * np.log(p + 1)), np.sum(p * np.log(p + 1.5))
    np.testing.assert_allclose(values, [added - plain / 2, plain - added / 2, added / 2])
    assert [len(family.inside(0.5).changes) for family in logs] == [1, 1, 2]
    (divided,) = (family for family in formula.families() if family.place == "is added to what divides")
    assert divided.at(0.5)(p, p) == pytest.approx(plain - plain / 2.5)


def exponential(x):
    return np.exp(x) + np.log(x)


def test_an_exponential_is_the_last_place_of_a_constant():
    names = [family.name for family in formula_of(exponential).families()]
    assert names == ["epsilon-in-log", "epsilon-in-log", "epsilon-added"]


def test_each_operation_that_gives_a_number_can_be_scaled():
    def scaled(x):
        return 2.5 * x + len(x)

    formula = formula_of(scaled)
    values = [at(2.0)(np.array([1.0])).tolist() for at in formula.scaled()]
    assert values == [[6.0], [6.0], [7.0]], "the number, the product and the sum, and no length"
    assert [at(1.0)(np.array([1.0])).tolist() for at in formula.scaled()] == [[3.5]] * 3


def test_operations_are_counted_while_they_run_and_no_longer():
    formula = formula_of(cross)
    p = np.array([0.5, 0.5])
    count = formula.operations_in(lambda function: function(p, p))
    assert count == len(formula.sites)
    assert formula.operations_in(lambda function: [function(p, p), function(p, p)]) == 2 * count
    assert formula.operations_in(lambda function: None) == 0
    with pytest.raises(ZeroDivisionError):
        formula.operations_in(lambda function: 1 / 0)
    assert formula.operators == formula.plain


def with_defaults(x, by=2.0, *, more=1.0):
    return x * by + more


def test_a_formula_keeps_its_defaults():
    formula = formula_of(with_defaults)
    assert formula.changed({})(3.0) == 7.0
    assert formula.changed({})(3.0, 1.0, more=0.0) == 3.0


@pytest.mark.parametrize(
    ("arguments", "grows"),
    [
        ((np.ones(64),), False),
        ((np.ones(65),), True),
        ((60, 4), False),
        ((60, 5), True),
        ((-65,), True),
        ((64, 0), False),
        ((np.ones(60), "a", 2.5, True), False),
        ((np.ones(61), "a", 2.5, True), False),
        (("a",) * 65, True),
        ((), False),
    ],
)
def test_long_arguments_may_make_a_table_of_a_changed_formula(arguments, grows):
    assert _may_grow(*arguments) is grows
