"""Marks, gates, evidence and names: what ``assess`` makes of a function that it can only ask."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from sampling import sampled

from autograder import exercises
from autograder.judging import assess as grading
from autograder.judging.assess import seed_for
from autograder.judging.calls import (
    Call,
    Callback,
    Noise,
    Raised,
    Returned,
    Stopped,
    Unreadable,
    answer_of,
    asking,
)
from autograder.judging.compare import Mismatch, show
from autograder.judging.model import Check, Exercise, Misconception
from autograder.judging.sizes import size_of
from autograder.judging.stopwatch import Stopwatch
from judging.doubling import DOUBLE, EXAMPLES, LARGE, NEGATIVE, SEED, SMALL


def assess(exercise, answer, **options):
    """Grade by a function that answers one call."""
    return grading.assess(exercise, asking(answer), **options)


def of(function, exercise=DOUBLE, **options):
    return assess(exercise, partial(answer_of, function), seed=SEED, **options)


def is_public(call, exercise=DOUBLE):
    return any(
        call is public
        for public in (*(exercise.sweep.calls if exercise.sweep else ()), *(c.example for c in exercise.checks))
    )


def recorded(exercise, function, seed=SEED):
    """The calls that ``function`` is asked, in order."""
    asked = []

    def ask(call):
        asked.append(call)
        return answer_of(function, call)

    assess(exercise, ask, seed=seed)
    return asked


# --- marks -----------------------------------------------------------------------------------------------


def test_the_reference_gets_everything_and_no_message():
    result = of(DOUBLE.reference)
    assert (result.score, result.max_score, result.misconceptions, result.message) == (4.0, 4.0, [], None)
    assert [(check.passed, check.score, check.message) for check in result.checks] == [
        (True, 2.0, None),
        (True, 1.0, None),
        (True, 1.0, None),
    ]


def test_partial_credit_is_the_weight_of_the_checks_that_hold():
    result = of(lambda x: 2 * np.minimum(x, 1e4))
    assert [(check.name, check.passed, check.score) for check in result.checks] == [
        (SMALL, True, 2.0),
        (LARGE, False, 0.0),
        (NEGATIVE, True, 1.0),
    ]
    assert result.score == 3.0


def test_until_the_first_check_holds_the_others_wait_and_say_so():
    result = of(np.sin)
    assert [(check.passed, check.score) for check in result.checks] == [(False, 0.0), (None, 0.0), (None, 0.0)]
    assert [check.message for check in result.checks[1:]] == [f"not run: it counts once “{SMALL}” holds"] * 2
    assert [check.max_score for check in result.checks] == [2.0, 1.0, 1.0]


def test_one_wrong_hidden_answer_fails_a_check_whose_example_is_right():
    result = of(lambda x: 2 * x + (x.size == 3) * (x.max() > 1e6))
    assert [check.passed for check in result.checks] == [True, False, True]


@pytest.mark.parametrize("points", [0.0, 1.0, 2.0, 8.0, 40.0])
def test_points_scale_every_mark(points):
    result = of(lambda x: 2 * np.minimum(x, 1e4), points=points)
    assert (result.score, result.max_score) == (points * 3 / 4, points)
    assert [check.max_score for check in result.checks] == [points / 2, points / 4, points / 4]
    assert sum(check.score for check in result.checks) == result.score


# --- what is asked ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [DOUBLE.reference, lambda x: 3 * x, lambda x: None])
def test_every_public_example_is_asked_before_any_hidden_input(function):
    asked = recorded(DOUBLE, function)
    assert asked[:3] == EXAMPLES
    assert not any(map(is_public, asked[3:]))


def test_hidden_inputs_of_gated_checks_are_not_asked_at_all():
    assert len(recorded(DOUBLE, np.sin)) == len(EXAMPLES) + 2


@pytest.mark.parametrize("name", ["softmax", "cross_entropy"])
def test_one_seed_asks_the_same_and_another_asks_differently(name):
    exercise = exercises.find(name)
    first, again, other = (
        [str(call) for call in recorded(exercise, exercise.reference, seed)] for seed in (SEED, SEED, b"other")
    )
    assert first == again
    assert first != other


def test_a_checks_inputs_do_not_depend_on_the_other_checks():
    alone = Exercise(DOUBLE.name, "test", DOUBLE.reference, DOUBLE.tolerance, DOUBLE.checks[:1], ())
    hidden = [str(call) for call in recorded(alone, alone.reference)[1:]]
    assert hidden == [str(call) for call in recorded(DOUBLE, DOUBLE.reference)[3:5]]


BASE = (b"secret", "ada", "softmax", b"digest")
OTHERS = [
    (b"another", "ada", "softmax", b"digest"),
    (b"secret", "bob", "softmax", b"digest"),
    (b"secret", "ada", "entropy", b"digest"),
    (b"secret", "ada", "softmax", b"changed"),
    (b"secret", "adas", "oftmax", b"digest"),
    (b"secret", "", "softmax", b"digest"),
]


def test_a_seed_can_be_had_again():
    assert seed_for(*BASE) == seed_for(*BASE)
    assert len(seed_for(*BASE)) >= 32


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_a_seed_depends_on_secret_student_exercise_and_submission(other):
    assert seed_for(*other) != seed_for(*BASE)


# --- what is told ----------------------------------------------------------------------------------------


def gossip(call):
    """Answer the public examples rightly; on a hidden call print, warn and raise whatever was given."""
    if is_public(call):
        return answer_of(DOUBLE.reference, call)
    told = f"LEAK {call}"
    return Raised("KeyError", f"raised {told}", Noise(f"printed {told}", (f"UserWarning: warned {told}",)))


def test_at_messages_a_hidden_call_tells_nothing_but_the_exceptions_type():
    result = assess(DOUBLE, gossip, seed=SEED)
    text = result.checks[0].message
    assert "double([1, 2]) is right, but other inputs of this kind are not: raised KeyError." in text
    assert "LEAK" not in str(result)


def test_at_full_hidden_calls_are_shown_with_what_they_raised_warned_and_printed():
    told = str(recorded(DOUBLE, DOUBLE.reference)[3])
    text = assess(DOUBLE, gossip, seed=SEED, feedback="full").checks[0].message
    for said in ("raised", "warned", "printed"):
        assert f"{said} LEAK {told}" in text
    assert f"hidden: double({told}) raised KeyError" in text


def test_at_full_hidden_answers_are_shown_beside_the_truth():
    hidden = recorded(DOUBLE, DOUBLE.reference)[3]
    wrong = lambda x: 2 * x if x[0] == 1 else x + 7  # noqa: E731
    text = of(wrong, feedback="full").checks[0].message
    x = hidden.args[0]
    assert f"double({hidden}) → {show(x + 7)}, expected {show(2 * x)}" in text


@pytest.mark.parametrize("feedback", ["messages", "full", "score"])
@pytest.mark.parametrize("name", sampled([name for _, name in exercises.names()], rest=3))
def test_hidden_inputs_and_truths_of_real_exercises_appear_at_full_alone(name, feedback):
    exercise = exercises.find(name)
    of_first_check = list(exercise.checks[0].inputs(np.random.default_rng(0)))
    hidden = []
    public = {show(value) for check in exercise.checks for value in check.example.values()}

    def ask(call):
        truth = answer_of(exercise.reference, call)
        if is_public(call, exercise):
            return truth
        arrays = [value for value in (*call.args, truth.value) if isinstance(value, np.ndarray)]
        hidden.append([show(array) for array in arrays if np.sum(np.modf(array)[0] != 0) > 1])
        if len(hidden) <= len(of_first_check):
            return truth
        return Raised("ValueError", str(call), Noise(str(call), (str(call),)))

    result = assess(exercise, ask, seed=SEED, feedback=feedback)
    assert [check.passed for check in result.checks] == [True, *[False] * len(exercise.checks[1:])]
    shown = [text for texts in hidden for text in texts if text not in public and text in str(result)]
    assert not shown or feedback == "full"
    assert shown or feedback != "full" or exercise.topic != "softmax"  # others may take nothing but scalars


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Returned(np.array([7.5])), "a value is wrong"),
        (Returned(None), "a value is wrong"),
        (Raised("KeyError", "7.5"), "raised KeyError"),
        (Unreadable("a generator"), "something that is no number comes back"),
        (Stopped("double took more than 2 seconds."), "double took more than 2 seconds."),
    ],
    ids=repr,
)
def test_a_failure_on_hidden_inputs_alone_is_told_by_its_kind(answer, kind):
    result = assess(DOUBLE, lambda call: gossip(call) if is_public(call) else answer, seed=SEED)
    assert kind in result.checks[0].message
    assert "7.5" not in result.checks[0].message


def test_the_evidence_is_the_answer_on_the_public_example():
    text = of(lambda x: x + 7).checks[0].message
    assert text.splitlines() == [
        "double([1, 2]) → [8, 9], expected [2, 4]",
        "Every number that is wrong is too large.",
        "Twice, for small numbers.",
    ]


def test_an_exception_on_the_public_example_is_shown_with_its_text():
    text = of(lambda x: x.nothing).checks[0].message
    assert text.startswith("double([1, 2]) raised AttributeError: ")
    assert "nothing" in text


def test_a_warning_on_the_public_example_is_shown_and_costs_nothing():
    def warns(x):
        np.log(0 * x)
        return 2 * x

    result = of(warns)
    assert result.score == 4.0
    assert all("RuntimeWarning: divide by zero" in check.message for check in result.checks)


def test_an_untouched_stub_is_told_that_it_is_one():
    def double(x):
        raise NotImplementedError

    text = of(double).checks[0].message
    assert text == "double still raises NotImplementedError: write your solution in its place."


def test_at_score_there_are_marks_and_nothing_else():
    result = of(lambda x: 2 * np.minimum(x, 1e4), feedback="score")
    assert (result.score, result.misconceptions) == (3.0, [])
    assert all(check.message is None and check.misconception is None for check in result.checks)


# --- names -----------------------------------------------------------------------------------------------


def test_a_known_mistake_is_named_and_explained():
    result = of(lambda x: x * x)
    assert result.misconceptions == ["squared"]
    assert result.checks[0].misconception == "squared"
    assert result.checks[0].message.endswith("This is the square.")


def test_two_mistakes_are_named_each_where_it_shows():
    result = of(lambda x: np.where(x > 1e5, np.inf, 2 * np.abs(x)))
    assert [check.misconception for check in result.checks] == [None, "overflow", "absolute"]
    assert result.misconceptions == ["overflow", "absolute"]
    assert result.checks[1].message.endswith("This overflows.")


def test_a_changed_argument_is_named():
    def doubled_in_place(x):
        x *= 2
        return x

    result = of(doubled_in_place)
    assert [check.misconception for check in result.checks] == [None, None, "in-place"]


def test_where_two_known_mistakes_fit_neither_is_named():
    """Clipped and clipped-sum give the same values everywhere: no name is better than a wrong one."""
    result = of(lambda x: 2 * np.minimum(x, 1e5))
    assert [check.passed for check in result.checks] == [True, False, True]
    assert result.misconceptions == []
    assert result.checks[1].message.endswith("Twice, for large numbers.")


def test_a_mistake_that_would_pass_is_not_the_name_of_a_failure():
    """Both return f(x), but the submission asks f twice, which the check forbids and the mistake does not do."""

    def asked_once(exercise, call, answer, truth):
        return None if len(answer.points) == 1 else Mismatch("f was asked more than once")

    check = Check("asks f once", Call((Callback(np.sum, "sum"), np.ones(2))), lambda rng: [], judge=asked_once)
    mistake = Misconception("copies", lambda f, x: f(x.copy()), "x is copied.")
    once = Exercise("once", "test", lambda f, x: f(x), DOUBLE.tolerance, (check,), (mistake,))
    assert of(lambda f, x: (f(x) + f(x)) / 2, once).misconceptions == []


def test_a_nearly_right_submission_is_not_called_by_a_mistake_that_it_does_not_make():
    result = of(lambda x: 2.001 * x)
    assert (result.score, result.misconceptions) == (0.0, [])


# --- functions that can't be asked -----------------------------------------------------------------------


def test_a_function_that_can_never_be_asked_gets_nothing_and_the_reason():
    result = assess(DOUBLE, lambda call: Stopped("double is not defined.", final=True), seed=SEED)
    assert (result.score, result.message) == (0.0, "double is not defined.")
    assert result.checks[0].message == "double is not defined."
    assert [check.passed for check in result.checks] == [False, None, None]


def test_a_call_that_stops_fails_its_check_and_the_rest_of_it_is_not_asked():
    asked = []

    def ask(call):
        asked.append(call)
        return Stopped("double took too long.") if call.args[0].max() > 1e6 else answer_of(DOUBLE.reference, call)

    result = assess(DOUBLE, ask, seed=SEED)
    assert [check.passed for check in result.checks] == [True, False, True]
    assert sum(call.args[0].max() > 1e6 for call in asked) == 1
    assert "not: double took too long." in result.checks[1].message


# --- found by trying ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("points", [0.1, 0.2, 0.7, 1.1, 2.3])
def test_full_marks_are_exactly_the_points(points):
    exercise = exercises.find("logsumexp")
    assert assess(exercise, partial(answer_of, exercise.reference), seed=b"", points=points).score == points


def right_in_public(exercise, otherwise):
    """Answers public examples as the reference does, hidden calls otherwise."""

    def ask(call):
        return answer_of(exercise.reference, call) if is_public(call, exercise) else otherwise(call)

    return ask


def test_the_name_of_a_type_can_not_carry_a_hidden_input():
    exercise, told = exercises.find("softmax"), []

    def smuggle(call):
        told.append(f"{np.ravel(call.args[0])[0]:.5f}")
        return Unreadable(f"an object of type z{told[-1]}")

    message = assess(exercise, right_in_public(exercise, smuggle), seed=SEED).checks[0].message
    assert told
    assert told[0] not in message


def test_a_sentence_ends_once():
    exercise = exercises.find("softmax")
    late = Stopped("softmax did not end within 2 s and was stopped.")
    message = assess(exercise, right_in_public(exercise, lambda _: late), seed=SEED).checks[0].message
    assert ".." not in message


def test_a_mistake_that_contradicts_the_ordinary_answers_is_not_named():
    """Right on ordinary logits, so it does normalise; the unnormalised weights at another temperature."""
    exercise = exercises.find("softmax")
    wrong = next(m for m in exercise.misconceptions if m.name == "not-normalised").function

    def submission(z, axis=-1, temperature=1.0):
        return exercise.reference(z, axis) if temperature == 1 else wrong(z, axis, temperature)

    assert assess(exercise, partial(answer_of, submission), seed=SEED).misconceptions == []


def test_a_mistake_written_in_place_is_named_beside_the_change():
    """No shift, and the caller's array changed: two mistakes, each named where it shows."""
    exercise = exercises.find("softmax")

    def submission(z, axis=-1, temperature=1.0):
        weights = np.exp(np.asarray(z) / temperature)
        result = weights / weights.sum(axis=axis, keepdims=True)
        if isinstance(z, np.ndarray):
            z -= np.max(z, axis=axis, keepdims=True)
        return result

    with np.errstate(all="ignore"):
        found = assess(exercise, partial(answer_of, submission), seed=SEED).misconceptions
    assert set(found) == {"no-max-shift", "input-mutated"}


def test_a_small_error_is_not_taken_for_float32():
    """Of a scalar, too: float32 accuracy is granted to what is float32 alone."""
    exercise = exercises.find("logsumexp")
    off = assess(exercise, partial(answer_of, lambda z, axis=-1: exercise.reference(z, axis) + 1e-6), seed=SEED)
    assert off.score < off.max_score
    assert "float32-inside" not in off.misconceptions


# --- what judging costs ----------------------------------------------------------------------------------


def sizes_told(exercise, function):
    """The sizes that come with each request, and the calls."""
    told = []

    def ask(calls, sizes):
        told.append((calls, list(sizes)))
        return map(partial(answer_of, function), calls)

    grading.assess(exercise, ask, seed=SEED)
    return told


@pytest.mark.parametrize("name", ["softmax", "gaussian_mle", "train_softmax_regression"])
def test_each_request_says_how_large_the_right_answers_are(name):
    exercise = exercises.find(name)
    requests = sizes_told(exercise, exercise.reference)
    assert len(requests) == 3
    for calls, sizes in requests:
        assert sizes == [size_of(answer_of(exercise.reference, call).value) for call in calls]


def test_where_the_reference_raises_an_answer_needs_no_more_than_a_number():
    raises = replace(DOUBLE, reference=lambda x: 1 / 0)
    assert {size for _, sizes in sizes_told(raises, DOUBLE.reference) for size in sizes} == {size_of(1.0)}


def test_once_the_time_is_over_no_mistake_is_named():
    """And no mark is lost or won by that: what was answered is judged."""

    class Over(Stopwatch):
        is_over = True

    timely, late = of(lambda x: x * x), of(lambda x: x * x, watch=Over())
    assert (timely.misconceptions, late.misconceptions) == (["squared"], [])
    assert timely.score == late.score
    assert of(DOUBLE.reference, watch=Over()).score == 4.0


def test_judging_is_measured():
    watch = Stopwatch()
    of(lambda x: x * x, watch=watch)
    assert 0 < watch.spent < 5


def two_mistakes(x):
    return np.where(x > 1e5, np.inf, 2 * np.abs(x))


@pytest.mark.slow
@pytest.mark.parametrize("function", [lambda x: x * x, two_mistakes], ids=["one mistake", "two mistakes"])
def test_a_watch_that_runs_out_while_mistakes_are_compared_names_none(function):
    """Whenever that is: to have compared half of them is not enough to say that exactly one fits."""

    class RunsOut(Stopwatch):
        looks = 0

        @property
        def is_over(self):
            self.looks += 1
            return self.looks > self.seconds

    right = of(function).misconceptions
    named = [of(function, watch=RunsOut(looks)).misconceptions for looks in range(150)]
    assert all(names in ([], right) for names in named)
    assert (named[0], named[-1]) == ([], right)


def test_points_are_not_kept_once_a_call_is_right(monkeypatch):
    """There may be thousands for each call; only what is wrong is judged again, against a slip."""
    kept, judged = [], []

    def judge(exercise, call, answer, truth):
        judged.append(len(answer.points))

    def recording(exercise, tried, *_):
        kept.extend(entry.answer.points for check in tried for entry in check.asked)
        return {}

    check = Check("asks f", Call((Callback(np.sum, "sum"), np.ones(2))), lambda rng: [], judge=judge)
    asks = Exercise("asks", "test", lambda f, x: f(x), DOUBLE.tolerance, (check,), ())
    monkeypatch.setattr(grading, "diagnose", recording)
    of(lambda f, x: f(x) + f(x), asks)
    assert (judged, kept) == ([2], [()])


# --- the wrong answers to public examples, as data ---------------------------------------------------------


def public_answers(function, **options):
    found = of(function, **options).checks
    return [(check.example, check.answer) if isinstance(check.answer, str) else None for check in found]


def test_a_wrong_public_answer_is_kept_for_each_check_even_if_that_is_not_run():
    assert public_answers(lambda x: 3 * x) == [
        ("double([1, 2])", "[3, 6]"),
        ("double([1e+06, 1])", "[3e+06, 3]"),
        ("double([-3])", "[-9]"),
    ]
    assert public_answers(lambda x: 2 * np.minimum(x, 1e5))[::2] == [None, None]
    assert public_answers(lambda x: 2 * x) == [None] * 3


def test_no_answer_is_kept_where_feedback_is_marks_alone():
    assert public_answers(lambda x: 3 * x, feedback="score") == [None] * 3


def raises(x):
    raise KeyError("words of a student")


@pytest.mark.parametrize(
    ("function", "answer"),
    [
        (lambda x: "words of a student", "a string"),
        (lambda x: ["words", "of a student"], "a list"),
        (lambda x: {"words": 1}, "a dictionary"),
        (lambda x: None, "None"),
        (raises, "raises KeyError"),
    ],
    ids=["a string", "a list", "a dictionary", "None", "raises"],
)
def test_a_kept_answer_holds_no_words_of_a_student(function, answer):
    assert public_answers(function)[0] == ("double([1, 2])", answer)


def test_a_changed_argument_is_a_kept_answer_of_its_own():
    assert (
        public_answers(lambda x: np.multiply(x, 2, out=x))[2][1] == "the right value, but an argument was changed"
    )
