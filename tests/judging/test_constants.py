"""Explanations with a constant: which is fitted to which number, and where none can be."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judging.calls import Call, Raised, Returned
from autograder.judging.candidates import AskedCall, Candidate
from autograder.judging.comparison import Comparison
from autograder.judging.constants import _most_wrong, _passes_zero, with_constant, with_epsilon, with_factor
from autograder.judging.inner_slips import Family, Inside, formula_of
from autograder.judging.model import Check, Exercise
from autograder.judging.slips import Slip
from autograder.judging.stopwatch import Stopwatch

X = np.array([1.0, 2.0, 4.0])
CHECK = Check("doubles", Call((X,)), lambda rng: [])


def double(x):
    return 2 * x


def affine(x):
    return 3.0 * x + 1


def comparison():
    """Of its own for each question: it knows calls by what they are, which must live as long as it does."""
    return Comparison(Exercise("double", "test", double, checks=(CHECK,)), Stopwatch())


RIGHT, TRIPLE = Candidate((), double), Candidate((Slip("triple", ""),), lambda x: 3 * x)


def asked(answer, clause="wrong", x=X):
    answer = answer if isinstance(answer, Raised) else Returned(np.array(answer, float))
    return AskedCall(Call((x,)), answer, Returned(2 * x), clause)


def evidence(*entries):
    return [(CHECK, entry) for entry in entries]


def fitted(entries, bases=(RIGHT,)):
    return [pair.slips[-1].message for pair in with_constant(list(bases), evidence(*entries), comparison())]


SHIFTED = "The result is always too {} by the same number, {}."
SCALED = "The result is always the right one times the same number, {}."


@pytest.mark.parametrize(
    ("entries", "messages"),
    [
        ([asked(2 * X + 7.25)], [SHIFTED.format("large", "7.25")]),
        ([asked(2 * X - 7.25)], [SHIFTED.format("small", "7.25")]),
        ([asked(2 * X * -7.25)], [SCALED.format("-7.25")]),
        ([asked([5.0], x=X[:1])], [SHIFTED.format("large", "3"), SCALED.format("2.5")]),
        ([asked([np.nan, 5.0, 9.0])], [SHIFTED.format("large", "1")]),
        ([asked([5.0, 5.0, 5.0])], []),
        ([asked([np.nan] * 3)], []),
        ([asked([5.0, 7.0])], []),
        ([asked(2 * X + 1e-13)], [SCALED.format("1")]),
        ([asked(2 * X, None), asked(2 * X + 7.25)], [SHIFTED.format("large", "7.25")]),
        ([asked(2 * X + 7.25), asked(2 * X + 5.5)], [SHIFTED.format("large", "7.25")]),
        ([asked(2 * X + 7.25, None)], []),
        ([asked(Raised("KeyError")), asked(2 * X + 7.25)], []),
        ([], []),
    ],
)
def test_a_constant_is_that_by_which_each_number_of_the_first_wrong_answer_is_off(entries, messages):
    assert fitted(entries) == messages


def test_each_base_is_looked_at_and_keeps_its_mistake():
    found = list(with_constant([RIGHT, TRIPLE], evidence(asked(3 * X + 2)), comparison()))
    assert [[part.name for part in pair.parts] for pair in found] == [["triple", "constant-added"]]
    assert found[0].made_of == (TRIPLE,)
    broken = Candidate((), lambda x: 1 / 0)
    assert fitted([asked(2 * X + 2)], [broken, RIGHT]) == [SHIFTED.format("large", "2")]


def plus(x, eps):
    return 2 * x + eps


FAMILY = Family("epsilon-added", "is added", lambda eps: lambda x: plus(x, eps))


def test_an_epsilon_is_fitted_where_the_answer_is_furthest_off_and_can_be_another_one_later():
    found = list(with_epsilon([FAMILY], evidence(asked(2 * X + 3e-5)), comparison(), RIGHT))
    (best,) = (pair for pair in found if pair.constant == pytest.approx(3e-5))
    assert [part.name for part in best.parts] == ["epsilon-added"]
    assert best.function(1.0) == pytest.approx(2 + 3e-5, rel=1e-12)
    assert best.at(0.5)(1.0) == 2.5
    assert all(pair.at is not None for pair in found)


@pytest.mark.parametrize(
    "entries", [[], [asked(2 * X)], [asked(2 * X + 1, None)], [asked(Raised("KeyError"))], [asked([1.0])]]
)
def test_no_constant_is_fitted_where_no_number_is_wrong(entries):
    assert list(with_epsilon([FAMILY], evidence(*entries), comparison(), RIGHT)) == []
    assert list(with_factor([formula_of(affine)], evidence(*entries), comparison())) == []


def over(eps):
    return lambda function: lambda x: function(x) + eps


OVER = Family("epsilon-added", "is added", lambda eps: lambda x: plus(x, eps), over=over)


def test_beside_another_mistake_the_epsilon_is_made_in_its_function_and_both_are_parts():
    found = list(with_epsilon([OVER], evidence(asked(3 * X + 3e-5)), comparison(), TRIPLE))
    (best,) = (pair for pair in found if pair.constant == pytest.approx(3e-5))
    assert [part.name for part in best.parts] == ["triple", "epsilon-added"]
    assert best.function(X) == pytest.approx(3 * X + 3e-5)
    first, alone = best.made_of
    assert (first, alone.constant) == (TRIPLE, best.constant)
    assert alone.function(1.0) == pytest.approx(2 + 3e-5)
    assert best.at is None


def test_beside_another_mistake_no_epsilon_is_looked_for_that_only_goes_further_off():
    assert list(with_epsilon([OVER], evidence(asked(3 * X - 3e-5)), comparison(), TRIPLE)) == []
    assert list(with_epsilon([FAMILY], evidence(asked(3 * X + 3e-5)), comparison(), TRIPLE)) == [], (
        "it can't be made"
    )


def test_the_own_formula_of_a_mistake_holds_the_mistake_already():
    own = Family("epsilon-added", "is added", lambda eps: lambda x: 3 * x + eps)
    found = list(with_epsilon([own], evidence(asked(3 * X + 3e-5)), comparison(), TRIPLE, own=True))
    (best,) = (pair for pair in found if pair.constant == pytest.approx(3e-5))
    assert [part.name for part in best.parts] == ["triple", "epsilon-added"]
    assert best.made_of == (TRIPLE,)


def test_two_changes_inside_one_formula_are_made_together():
    def changed(changes):
        return lambda x: changes.get(1, 2) * x + changes.get(2, 0)

    base = Candidate((Slip("triple", ""),), changed({1: 3}), inside=Inside(changed, {1: 3}))
    family = Family(
        "epsilon-added", "is added", lambda eps: changed({2: eps}), lambda eps: Inside(changed, {2: eps})
    )
    found = list(with_epsilon([family], evidence(asked(3 * X + 3e-5)), comparison(), base))
    best = min(found, key=lambda pair: abs(pair.constant - 3e-5))
    assert best.function(X) == pytest.approx(3 * X + 3e-5)


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (lambda eps: eps - 1e-8, True),
        (lambda eps: 1e-8 - eps, True),
        (lambda eps: eps, False),
        (lambda eps: -eps, False),
        (lambda eps: 0.0, True),
        (lambda eps: np.nan, True),
        (lambda eps: 1.0 if eps < 0.1 else 0.0, True),
        (lambda eps: 1.0 if eps > 1e-308 else -1.0, True),
        (lambda eps: 1.0 if eps != 1e-6 else -1.0, True),
    ],
)
def test_an_error_passes_zero_unless_it_has_one_sign_throughout(error, passes):
    assert _passes_zero(error) is passes


def test_a_part_is_scaled_by_the_factor_that_gives_the_number():
    found = list(with_factor([formula_of(affine)], evidence(asked(21 * X + 1)), comparison()))
    assert found
    assert all(pair.function(1.0) == pytest.approx(22) for pair in found)
    said = [pair.parts[0].message for pair in found]
    assert "The answers are those of the right formula, but one part of it is taken 7 times." in said
    assert all(pair.parts[0].kind == "number-inside" for pair in found)


def test_every_formula_is_tried_and_a_factor_of_one_is_none():
    one, other = formula_of(affine), formula_of(double)
    entries = evidence(asked(3 * X + 1))
    assert list(with_factor([one], entries, comparison())) == []
    assert list(with_factor([one, other], evidence(asked(6 * X)), comparison()))[-1].function(
        4.0
    ) == pytest.approx(24)


def most_wrong(*answers):
    found = _most_wrong([(entry, Returned(expected)) for entry, expected in answers])
    return found and (found[0].answer.value.tolist(), *found[1:])


TWO = np.array([1.0, 10.0])


@pytest.mark.parametrize(
    ("answers", "place"),
    [
        ([(asked([1.5, 12.0]), TWO)], ([1.5, 12.0], 0, 1.5)),
        ([(asked([1.1, 12.0]), TWO)], ([1.1, 12.0], 1, 12.0)),
        ([(asked([0.5, 10.0]), TWO)], ([0.5, 10.0], 0, 0.5)),
        ([(asked([1.1, 10.0]), TWO), (asked([1.2, 10.0]), TWO)], ([1.2, 10.0], 0, 1.2)),
        ([(asked([1.2, 10.0]), TWO), (asked([1.1, 10.0]), TWO)], ([1.2, 10.0], 0, 1.2)),
        ([(asked([1.1, 11.0]), TWO)], ([1.1, 11.0], 0, 1.1)),
        ([(asked([1.0, 0.1]), np.array([1.0, 0.0]))], ([1.0, 0.1], 1, 0.1)),
        ([(asked([7.0, 11.0]), np.array([np.inf, 10.0]))], ([7.0, 11.0], 1, 11.0)),
        ([(asked([9.0, 10.0], None), TWO)], None),
        ([(asked([9.0]), TWO), (asked([1.1, 10.0]), TWO)], ([1.1, 10.0], 0, 1.1)),
        ([(asked([1.0, 10.0]), TWO)], None),
        ([(asked([]), np.zeros(0))], None),
    ],
)
def test_the_number_that_is_furthest_off_is_told_of_the_wrong_answers(answers, place):
    assert most_wrong(*answers) == place


def test_a_number_that_is_not_finite_is_never_the_one():
    assert most_wrong((asked([np.inf, 10.5]), TWO))[1:] == (1, 10.5)
    assert most_wrong((asked([np.nan, np.inf]), TWO)) is None


def test_three_wrong_answers_are_looked_at_and_more_while_they_are_hardly_off():
    off = [(asked([1.0 + by, 10.0]), TWO) for by in (0.01, 0.02, 0.03, 0.04)]
    assert most_wrong(*off)[2] == 1.03
    assert most_wrong((asked([5.0, 10.0], None), TWO), *off)[2] == 1.03, "right answers don't count"
    hardly = [(asked([1.0 + by, 10.0]), TWO) for by in (1e-5, 2e-5, 3e-5, 4e-5)]
    assert most_wrong(*hardly)[2] == 1.00004
