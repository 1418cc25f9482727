"""Slips: each has a stable name and a true sentence, and those on answers and arguments do what they say."""

from __future__ import annotations

import numpy as np
import pytest

from autograder import exercises
from autograder.judging.answer_slips import answer_slips
from autograder.judging.argument_slips import argument_slips, with_changed_arguments
from autograder.judging.candidates import known, on_top
from autograder.judging.ends import TEXTS
from autograder.judging.fitted import constants_for, factor, factor_for, shift
from autograder.judging.prove import SLUG
from autograder.judging.slips import lengths_of

NAMES = [name for _, name in exercises.names()]


@pytest.mark.parametrize("name", NAMES)
def test_every_slip_has_a_name_and_a_sentence_of_at_most_forty_words(name):
    exercise = exercises.find(name)
    call = exercise.checks[0].example
    slips = [
        *answer_slips(exercise.reference, call),
        *(slip for slip, _ in argument_slips(exercise.reference, call)),
    ]
    for slip in (*slips, *(slip for _, slip in TEXTS)):
        assert SLUG.fullmatch(slip.name), slip.name
        assert slip.message.endswith((".", "?"))
        assert len(slip.message.split()) <= 40


def test_the_lengths_of_a_call_are_its_rows_its_columns_and_its_whole_numbers():
    exercise = exercises.find("train_softmax_regression")
    assert lengths_of(exercise.reference, exercise.checks[0].example) == {
        "n": 3,
        "k": 2,
        "num_classes": 2,
        "steps": 2,
    }


def test_a_slip_on_the_answer_follows_the_lengths_of_its_call():
    exercise = exercises.find("gaussian_log_likelihood")
    call = exercise.checks[0].example
    (slip,) = (slip for slip in answer_slips(exercise.reference, call) if slip.name == "divided-by-n")
    assert slip.change(np.float64(12.0), {"n": 4}) == 3.0


def test_a_slip_on_an_argument_reaches_any_function_with_these_arguments():
    exercise = exercises.find("gaussian_kl")
    swaps = {slip.name: change for slip, change in argument_slips(exercise.reference, exercise.checks[0].example)}
    swapped = with_changed_arguments(exercise.reference, exercise.reference, swaps["sigma1-and-sigma2-swapped"])
    assert swapped(0.0, 1.0, 0.0, 2.0) == exercise.reference(0.0, 2.0, 0.0, 1.0)


def test_a_mistake_that_is_written_with_the_reference_can_be_made_on_top_of_another():
    exercise = exercises.find("covariance_matrix")
    mistakes = {mistake.names: mistake for mistake in known(exercise)}
    summed, centred = mistakes[frozenset({"not-divided"})], mistakes[frozenset({"one-mean-for-all"})]
    X = np.random.default_rng(0).normal(1, 2, (5, 3))
    both = on_top(summed, centred)
    off = X - X.mean()
    assert np.allclose(both.function(X), off.T @ off)
    assert both.names == {"not-divided", "one-mean-for-all"}
    assert on_top(centred, summed) is None, "it is not written with the reference"


def test_a_constant_is_fitted_where_the_error_changes_its_sign():
    found = list(constants_for(lambda eps: eps - 3e-7))
    assert min(abs(eps - 3e-7) for eps in found) < 1e-15


def test_a_factor_is_fitted_of_what_is_linear_in_it_and_of_what_is_not():
    assert factor_for(lambda by: 3 * by - 2) == pytest.approx(2 / 3)
    assert factor_for(lambda by: by**2 - 3) == pytest.approx(np.sqrt(3))
    assert factor_for(lambda by: 1.0) is None


@pytest.mark.parametrize(
    ("made", "number", "named"),
    [(shift, 0.5, True), (shift, 0.7311, False), (factor, 0.5, True), (factor, 1.017, False)],
)
def test_a_constant_that_no_formula_holds_has_no_name(made, number, named):
    assert bool(made(number).name) is named
    assert f"{number:.6g}" in made(number).message
