"""The second of two mistakes is named where a later check shows it; where one explains all, no other is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sampling import sampled

from autograder import exercises
from autograder.judging.calls import Call, Raised, Returned
from autograder.judging.candidates import AskedCall, Candidate, TriedCheck, known
from autograder.judging.comparison import Comparison
from autograder.judging.ends import NOTHING, WRITES
from autograder.judging.findings import Finding
from autograder.judging.model import Check, Exercise, Misconception, leaves_unchanged
from autograder.judging.prove import marked
from autograder.judging.second import (
    _is_explained,
    _not_finite,
    _of_its_end,
    _only_writes,
    _searched,
    _telling,
    known_first,
    second_mistakes,
    shows_more,
)
from autograder.judging.stopwatch import Stopwatch


def named(name, function, number=0):
    return marked(exercises.find(name), function, number).misconceptions


def undivided(prior, likelihood):
    prior *= likelihood
    return prior


def every_label(z, y):
    gradient = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)
    gradient[:, y] -= 1
    return gradient / len(y)


def ways(n, sides=6):
    found = np.ones(6)
    for _ in range(n - 1):
        found = np.convolve(found, np.ones(6))
    return found


PAIRS = [
    ("bayes_posterior", undivided, ["not-normalised", "input-mutated"]),
    (
        "logsumexp",
        lambda z, axis=-1: np.log(np.mean(np.exp(z - z.max(-1)[..., None]), -1)) + z.max(-1),
        ["mean-for-sum", "last-axis-always"],
    ),
    (
        "bernoulli_nll",
        lambda p, y: np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)),
        ["sign-flipped", "zero-times-infinity"],
    ),
    (
        "bernoulli_nll",
        lambda p, y: (
            -np.mean(
                y * np.log2(np.clip(p, 1e-15, 1 - 1e-15)) + (1 - y) * np.log2(1 - np.clip(p, 1e-15, 1 - 1e-15))
            )
        ),
        ["base-2", "clipped-at-1e-15"],
    ),
    ("cross_entropy_grad", every_label, ["every-label-for-every-row", "no-max-shift"]),
    ("dice_sum_pmf", ways, ["counts-not-divided", "sides-ignored"]),
    (
        "log_softmax",
        lambda z, axis=-1: (
            np.log(np.sum(np.exp(z - z.max(-1)[..., None]), -1))[..., None] + z.max(-1)[..., None] - z
        ),
        ["sign-flipped", "last-axis-always"],
    ),
]


@pytest.mark.parametrize(("name", "function", "mistakes"), PAIRS)
def test_what_waits_for_the_first_check_shows_the_second_mistake(name, function, mistakes):
    assert named(name, function)[: len(mistakes)] == mistakes


def test_the_second_is_told_under_its_own_check_and_gives_no_marks():
    result = marked(exercises.find("bayes_posterior"), undivided, 0)
    last = result.checks[-1]
    assert last.misconception == "input-mutated"
    assert last.message.startswith("not counted: it counts once ")
    assert "This check fails in another way, too. " in last.message
    assert last.passed is None
    assert result.score == 0


ALONE = [(name, mistake) for _, name in exercises.names() for mistake in exercises.find(name).misconceptions]


@pytest.mark.parametrize("case", sampled(ALONE, every=32, rest=16, ident=lambda case: f"{case[0]}-{case[1].name}"))
def test_a_mistake_alone_shows_no_second_one_in_double_precision(case):
    """The same known mistake in a function that converts its arguments first: nothing else is wrong with it."""
    name, mistake = case

    def converting(*args, **kwargs):
        def wide(value):
            is_float = isinstance(value, np.ndarray) and value.dtype.kind == "f"
            return value.astype(np.float64, copy=False) if is_float else value

        return mistake.function(*map(wide, args), **{key: wide(value) for key, value in kwargs.items()})

    assert set(named(name, converting)) <= {mistake.name}


X = np.array([1.0, 2.0])
FIRST = Check("is right", Call((X,)), lambda rng: [])
LAST = Check("leaves its argument", Call((X,)), lambda rng: [], judge=leaves_unchanged())


def triple(x):
    return 3 * x


def overwrites(x):
    x *= 2
    return x


def with_mistakes(*functions):
    wrong = tuple(
        Misconception(function.__name__, function, f"It is {function.__name__}.") for function in functions
    )
    return Exercise("double", "test", lambda x: 2 * x, checks=(FIRST, LAST), misconceptions=wrong)


def asked(answer, clause="wrong", x=X):
    answer = answer if isinstance(answer, Returned | Raised) else Returned(answer)
    return AskedCall(Call((x,)), answer, Returned(2 * x), clause)


def of(function):
    return Candidate((Misconception(function.__name__, function, ""),), function)


def compared(exercise):
    return Comparison(exercise, Stopwatch())


def test_what_explains_the_first_check_is_known_if_that_fails_and_one_mistake_does():
    one = Finding(("triple",), "", of(triple))
    wrong, right = (TriedCheck(FIRST, (asked(3 * X, clause),)) for clause in ("wrong", None))
    other = TriedCheck(LAST, (asked(3 * X),))
    assert known_first([wrong, other], {FIRST.name: one}) is one.single
    assert known_first([right, other], {FIRST.name: one}) is None
    assert known_first([wrong, other], {LAST.name: one}) is None
    assert known_first([wrong, other], {FIRST.name: Finding(("a", "b"), "")}) is None


@pytest.mark.parametrize(
    ("answers", "more"),
    [
        ([(FIRST, 3 * X), (LAST, 3 * X)], False),
        ([(FIRST, 3 * X), (LAST, 5 * X)], True),
        ([(FIRST, 5 * X), (LAST, 3 * X)], True),
        ([(FIRST, 3 * X), (LAST, Returned(3 * X, changed=True))], True),
        ([(FIRST, Returned(3 * X, changed=True)), (LAST, 3 * X)], False),
        ([(LAST, Raised("KeyError"))], True),
        ([], False),
    ],
)
def test_a_public_example_shows_more_if_the_first_mistake_does_not_give_its_answer(answers, more):
    examples = [(check, asked(answer)) for check, answer in answers]
    assert shows_more(with_mistakes(triple), of(triple), examples) is more


def test_a_mistake_that_changes_the_argument_explains_a_changed_one():
    examples = [(LAST, asked(Returned(2 * X, changed=True)))]
    assert not shows_more(with_mistakes(), of(overwrites), examples)


def end(first, *answers, mistakes=()):
    exercise = with_mistakes(*mistakes)
    finding = _of_its_end(compared(exercise), of(first), TriedCheck(LAST, tuple(asked(one) for one in answers)))
    return finding and (finding.names, finding.message)


def test_an_end_is_told_whatever_the_formula_is_and_in_the_words_of_a_known_mistake():
    changed = Returned(3 * X, changed=True)
    assert end(triple, Returned(None)) == (("nothing-returned",), NOTHING.message)
    assert end(triple, changed, changed) == (("input-mutated",), WRITES.message)
    assert end(triple, changed, Returned(5 * X, changed=True)) is None
    assert end(triple, 5 * X) is None
    assert end(triple, changed, mistakes=[overwrites]) == (("overwrites",), "It is overwrites.")
    assert end(triple, changed, mistakes=[triple, overwrites]) == (("overwrites",), "It is overwrites.")

    def also(x):
        x += x
        return x

    assert end(triple, changed, mistakes=[overwrites, also]) == (("input-mutated",), WRITES.message)
    named = replace(with_mistakes(), misconceptions=(Misconception("input-mutated", triple, "In its words."),))
    entry = TriedCheck(LAST, (asked(changed),))
    assert _of_its_end(compared(named), of(triple), entry) == Finding(("input-mutated",), "In its words.")


@pytest.mark.parametrize(
    ("function", "only"),
    [(overwrites, True), (triple, False), (lambda x: 2 * x, False), (lambda x: np.multiply(x, 3, out=x), False)],
)
def test_a_mistake_only_writes_if_its_values_are_right_and_it_changes_the_argument(function, only):
    one, right = compared(with_mistakes()), Candidate((), lambda x: 2 * x)
    entry = TriedCheck(LAST, (asked(2 * X), asked(2 * X, x=X + 1)))
    assert _only_writes(one, right, Candidate((), function), entry) is only


def test_a_mistake_writes_in_each_call_or_it_is_another_one():
    def at_times(x):
        return overwrites(x) if x[0] == 1 else 2 * x

    one, right = compared(with_mistakes()), Candidate((), lambda x: 2 * x)
    entry = TriedCheck(LAST, (asked(2 * X), asked(2 * X, x=X + 1)))
    assert not _only_writes(one, right, Candidate((), at_times), entry)


ZERO = np.array([0.0, 2.0])


def lost_at_zero(x):
    return np.where(x == 0, np.nan, 2 * x)


def infinite_at_zero(x):
    return np.where(x == 0, np.inf, 7 * x)


def lost_always(x):
    return np.nan * x


@pytest.mark.parametrize(
    ("mistakes", "first", "answer", "name"),
    [
        ([triple, lost_at_zero], triple, np.array([np.nan, 6.0]), "lost_at_zero"),
        ([triple, lost_at_zero], triple, np.array([-np.inf, 6.0]), "lost_at_zero"),
        ([triple, lost_at_zero], triple, np.array([0.0, 6.0]), None),
        ([triple, lost_at_zero], triple, np.array([0.0, np.nan]), None),
        ([triple, lost_at_zero, lost_always], triple, np.array([np.nan, 6.0]), "lost_at_zero"),
        ([triple, lost_at_zero, infinite_at_zero], triple, np.array([np.nan, 6.0]), None),
        ([triple, lost_always], triple, np.array([np.nan, 6.0]), None),
        ([triple, lost_at_zero], lost_at_zero, np.array([np.nan, 6.0]), None),
        ([triple, lost_at_zero], lost_at_zero, np.array([0.0, 6.0]), None),
        ([lost_at_zero], triple, np.array([np.nan, 6.0]), None),
    ],
)
def test_the_one_known_mistake_that_loses_the_same_numbers_is_the_second(mistakes, first, answer, name):
    entry = TriedCheck(LAST, (asked(2 * X, None), asked(answer, x=ZERO)))
    found = _not_finite(compared(with_mistakes(*mistakes)), of(first), entry)
    assert (found and found.names) == (name and (name,))


def test_the_calls_that_the_first_mistake_does_not_explain_tell_most():
    explained, other, right = asked(3 * X), asked(5 * X, x=X + 1), asked(7 * X, x=X + 2)
    entries = [TriedCheck(FIRST, (explained, other)), TriedCheck(LAST, (right,))]
    found = _telling(compared(with_mistakes()), of(triple), entries)
    assert [id(entry) for _, entry in found][-1] == id(explained)
    assert {id(entry) for _, entry in found[:2]} == {id(other), id(right)}


def second(*entries, mistakes=(triple,), watch=None):
    exercise = with_mistakes(*mistakes)
    tried = [TriedCheck(FIRST, (asked(3 * X),)), *entries]
    found = second_mistakes(exercise, of(triple), tried, watch or Stopwatch())
    return {name: finding.names for name, finding in found.items()}


def test_each_check_that_the_first_mistake_does_not_explain_gets_its_own_name():
    more = replace(FIRST, name="more")
    nothing, failing = (
        TriedCheck(LAST, (asked(Returned(None)),)),
        TriedCheck(more, (asked(Raised("E", "read-only")),)),
    )
    assert second(nothing, failing) == {LAST.name: ("nothing-returned",), "more": ("input-mutated",)}
    explained = TriedCheck(LAST, (asked(3 * X),))
    passed = TriedCheck(LAST, (asked(2 * X, None),))
    assert second(explained, failing) == second(passed, failing) == {"more": ("input-mutated",)}
    assert second(TriedCheck(LAST, (asked(Raised("E", "of no kind")),))) == {}
    assert second() == {}


def test_once_the_time_is_over_no_second_mistake_is_named():
    class Over(Stopwatch):
        is_over = True

    assert second(TriedCheck(LAST, (asked(Returned(None)),)), watch=Over()) == {}


def test_a_mistake_explains_a_check_if_it_gives_every_answer_an_exception_too():
    one, three = compared(with_mistakes()), asked(3 * X)
    assert _is_explained(one, of(triple), LAST, (three, asked(3 * X + 3, x=X + 1)))
    assert not _is_explained(one, of(triple), LAST, (three, asked(5 * X, x=X + 1)))
    assert not _is_explained(one, of(triple), LAST, (asked(5 * X, x=X + 1), three))

    def raising(x):
        raise ValueError("it is so")

    assert _is_explained(one, of(raising), LAST, (asked(Raised("ValueError", "it is so")),))
    assert not _is_explained(one, of(raising), LAST, (asked(Raised("ValueError", "it is not so")),))


def test_a_mistake_explains_a_check_in_a_function_that_converts_its_arguments_too():
    short = np.array([1.1, 2.3], np.float32)
    one, wide = compared(with_mistakes()), short.astype(float) / 3
    assert _is_explained(one, of(lambda x: x / 3), FIRST, (asked(wide, x=short),))


def right(x):
    return 2 * x


def absolute(x):
    return right(abs(x))


def larger(x):
    return right(x) * 1.5


def searched(first, answer, *mistakes, at=X):
    exercise = replace(with_mistakes(*mistakes), reference=right)
    (made,) = (mistake for mistake in known(exercise) if mistake.function is first)
    begin = TriedCheck(FIRST, (asked(made.function(X)),))
    entry = TriedCheck(LAST, (asked(answer, x=at), asked(2 * answer, x=2 * at)))
    with np.errstate(all="ignore"):
        finding = _searched(compared(exercise), made, entry, [begin])
    return finding and finding.names


SIGNED = np.array([-1.0, 2.0])


def test_the_second_mistake_is_a_known_one_that_explains_the_check_together_with_the_first():
    assert searched(larger, 3 * abs(SIGNED), larger, absolute, at=SIGNED) == ("absolute",)
    assert "larger" not in (searched(larger, 4.5 * SIGNED, larger, absolute, at=SIGNED) or ()), (
        "not the same again"
    )


def test_numbers_that_are_lost_are_told_by_the_known_mistake_that_loses_them():
    assert searched(larger, np.array([np.nan, 7.0]), larger, lost_at_zero, at=ZERO) == ("lost_at_zero",)
