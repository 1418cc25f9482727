"""Every registered exercise: right answers keep every mark, each known mistake loses some and is named."""

from __future__ import annotations

import importlib
import inspect
import re

import numpy as np
import pytest
from correct import implementations, rounded
from expectations import behaviours, expected
from sampling import sampled

from autograder import exercises
from autograder.exercises import builtin
from autograder.judging.calls import Call, Callback, Returned, answer_of
from autograder.judging.default_tolerance import default_tolerance
from autograder.judging.prove import compositions, faults, marked
from autograder.judging.stopwatch import Stopwatch

EVERY = {name: topic for topic, name in exercises.names()}
RIGHT = [(name, function) for name, topic in EVERY.items() for function in implementations(topic, name)]
TRAINED = ("train_softmax_regression", "fit_temperature", "fit_logistic")
"""Functions whose proof takes seconds."""
OF_TRAINED = [case for case in RIGHT if case[0] in TRAINED]
OVER = Stopwatch(0)
"""No time is left to look for a mistake."""
SEEDS = [
    pytest.param(range(1), id="a seed"),
    pytest.param(range(1, 4), id="3 more seeds", marks=pytest.mark.slow),
    pytest.param(range(4, 200), id="196 more seeds", marks=pytest.mark.deep),
]


def how_long(number, name, seeds):
    """Every eighth proof is in the fast set, the others are slow; those for more students are deep."""
    if seeds.marks:
        return pytest.mark.deep
    return [pytest.mark.slow] * (number % 8 > 0 or name in TRAINED)


PROOFS = [
    pytest.param(name, *seeds.values, id=f"{name}-{seeds.id}", marks=how_long(number, name, seeds))
    for number, name in enumerate(EVERY)
    for seeds in SEEDS
]


def complaints(result):
    return [f"{check.name}: {check.message}" for check in result.checks if not check.passed]


# --- the registry ----------------------------------------------------------------------------------------


def test_names_are_unique_over_all_topics():
    found = [name for _, name in exercises.names()]
    assert sorted(set(found)) == sorted(found)
    assert {topic for topic, _ in exercises.names()} == set(exercises.TOPICS)


@pytest.mark.parametrize("name", EVERY)
def test_an_exercise_is_found_under_the_name_and_topic_of_its_file(name):
    exercise = exercises.find(name)
    assert (exercise.name, exercise.topic) == (name, EVERY[name])
    assert exercises.is_registered(name)


@pytest.mark.parametrize("name", EVERY)
def test_the_reference_is_the_solution_of_that_name(name):
    solutions = importlib.import_module(f"autograder.solutions.{EVERY[name]}")
    assert exercises.find(name).reference is getattr(solutions, name)


@pytest.mark.parametrize("name", ["", "Softmax", "softmax.softmax", "_draws", "__init__", "../softmax", "no_such"])
def test_what_is_not_registered_is_not_found(name):
    assert not exercises.is_registered(name)
    with pytest.raises(exercises.UnknownExerciseError, match=re.escape(f"no exercise called “{name}”")):
        exercises.find(name)


@pytest.mark.parametrize(("name", "meant"), [("sofmax", "softmax"), ("two_dices", "two_dice"), ("qqqq", "")])
def test_a_name_with_a_typing_error_is_told_what_is_like_it(name, meant):
    told = f"did you mean “{meant}”? " if meant else ""
    with pytest.raises(exercises.UnknownExerciseError) as refused:
        exercises.find(name)
    wanted = f"there is no exercise called “{name}”; {told}“autograder list” names them all"
    assert str(refused.value) == wanted


def test_functions_and_questions_stand_in_the_order_of_the_course_and_of_their_names():
    functions, questions = builtin.names(), builtin.items()
    for found in (functions, questions):
        assert list(found) == sorted(found, key=lambda each: (exercises.TOPICS.index(each[0]), each[1]))
        assert {topic for topic, _ in found} == set(exercises.TOPICS)
        assert not [name for _, name in found if name.startswith("_")]
    assert exercises.everything() == (*functions, *questions)
    assert all(exercises.is_registered(name) for _, name in questions)
    assert exercises.find("two_dice") is builtin.load("bayes", "two_dice")


# --- what an exercise consists of ------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_one_of_ours_has_four_checks_at_least_and_a_tolerance_of_its_own(name):
    exercise = exercises.find(name)
    assert len(exercise.checks) >= 4
    assert exercise.tolerance is not default_tolerance


@pytest.mark.parametrize("name", EVERY)
def test_every_check_has_a_public_example_and_hidden_inputs_that_the_reference_takes(name):
    exercise = exercises.find(name)
    names = list(inspect.signature(exercise.reference).parameters)
    for check in exercise.checks:
        hidden = list(check.inputs(np.random.default_rng(0)))
        assert hidden
        for call in (check.example, *hidden):
            assert isinstance(call, Call)
            assert set(call.kwargs) <= set(names)
            assert isinstance(answer_of(exercise.reference, call), Returned)


@pytest.mark.parametrize("name", EVERY)
def test_every_seed_draws_other_numbers_of_the_same_kind(name):
    """Shapes, dtypes and flags are those of every other student; only the numbers differ."""

    def kinds(call):
        return [
            (value.shape, value.dtype, value.strides, value.flags.writeable)
            for value in call.values()
            if isinstance(value, np.ndarray)
        ]

    def numbers(call):
        return [np.asarray(value).tolist() for value in call.values() if not isinstance(value, Callback)]

    for check in exercises.find(name).checks:
        one, other = (list(check.inputs(np.random.default_rng(seed))) for seed in (1, 2))
        assert [kinds(call) for call in one] == [kinds(call) for call in other]
        assert [numbers(call) for call in one] != [numbers(call) for call in other]


@pytest.mark.parametrize(("name", "numbers"), PROOFS)
def test_an_exercise_is_proven(name, numbers):
    assert list(faults(exercises.find(name), numbers)) == []


@pytest.mark.parametrize("name", sampled(EVERY, every=0, deep=TRAINED))
def test_marks_are_the_same_for_three_more_students(name):
    """No mistake is named here, which is most of a proof."""
    exercise = exercises.find(name)

    def marks(function):
        return {marked(exercise, function, number, watch=OVER, follow_through=0).score for number in range(1, 4)}

    assert marks(exercise.reference) == {exercise.points}
    for mistake in exercise.misconceptions:
        (score,) = marks(mistake.function)
        assert score < exercise.points, mistake.name


@pytest.mark.parametrize("name", sampled(EVERY, every=0, rest=8))
def test_two_mistakes_at_once_are_not_taken_for_a_third(name):
    assert list(compositions(exercises.find(name))) == []


# --- right answers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_there_are_at_least_five_other_right_answers_and_the_exact_one(name):
    assert sum(right == name for right, _ in RIGHT) >= 6


@pytest.mark.parametrize("numbers", SEEDS)
@pytest.mark.parametrize(
    "answer", sampled(RIGHT, every=6, rest=4, slow=OF_TRAINED, ident=lambda answer: answer[1].__name__)
)
def test_a_right_answer_gets_full_marks_however_it_is_written(answer, numbers):
    name, function = answer
    for number in numbers:
        result = marked(exercises.find(name), function, number)
        assert complaints(result) == []
        assert (result.score, result.misconceptions) == (result.max_score, [])


def declared_right():
    """Each function of a submission that declares full marks for it, with the function's name."""
    for name, topic in EVERY.items():
        points = exercises.find(name).points
        for path in behaviours(topic):
            if expected(path, name).score == points and re.search(rf"\b{name}\b", path.read_text()):
                yield pytest.param(name, path, id=f"{path.stem}-{name}")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("numbers", SEEDS[1:])
@pytest.mark.parametrize(("name", "path"), list(declared_right()))
def test_what_declares_full_marks_gets_them_from_every_student_s_inputs(name, path, numbers):
    defined = {"__name__": path.stem}
    exec(compile(path.read_text(), path, "exec"), defined)
    for number in numbers:
        assert complaints(marked(exercises.find(name), defined[name], number)) == []


ROUNDED = {name: call for topic in exercises.TOPICS for name, call in rounded(topic).items()}


@pytest.mark.parametrize(
    "answer",
    sampled([case for case in RIGHT if case[0] in ROUNDED], rest=3, ident=lambda answer: answer[1].__name__),
)
def test_what_rounding_costs_a_textbook_formula_is_forgiven(answer):
    name, function = answer
    exercise, call = exercises.find(name), ROUNDED[name]
    judge = exercise.checks[0].judge
    answer, truth = answer_of(function, call), answer_of(exercise.reference, call)
    assert judge(exercise, call, answer, truth) is None


# --- wrong answers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_an_untouched_stub_gets_nothing_and_is_told_so(name):
    def stub(*_, **__):
        raise NotImplementedError

    result = marked(exercises.find(name), stub, 0)
    assert (result.score, result.misconceptions) == (0.0, [])
    assert (
        result.checks[0].message == f"{name} still raises NotImplementedError: write your solution in its place."
    )
    assert [check.passed for check in result.checks[1:]] == [None] * (len(result.checks) - 1)


NONSENSE = [
    None,
    0.0,
    float("nan"),
    "text",
    [],
    {},
    np.zeros(0),
    np.zeros((2, 3)),
    np.ones((3, 3), complex),
    (1, 2),
]


@pytest.mark.parametrize("value", sampled(NONSENSE, every=5, rest=2, ident=repr))
@pytest.mark.parametrize("name", EVERY)
def test_nonsense_gets_nothing_and_a_message(name, value):
    result = marked(exercises.find(name), lambda *_, **__: value, 0)
    assert (result.score, result.misconceptions) == (0.0, ["nothing-returned"] if value is None else [])
    assert result.checks[0].message.startswith(f"{name}(")
