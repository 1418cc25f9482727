"""The mistakes for the lecture: which, in which order, with what beside them."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pytest
from dozen import NAIVE, cell, report

from autograder import exercises
from autograder.analysis.summary import summarise
from autograder.commands import lecture
from autograder.commands.class_facts import facts_of, sentences_of
from autograder.commands.lecture import slides_of
from autograder.judging.model import Misconception


def slides(counts, *, named=False):
    """The slides of a class in which so many students make each (function, mistake)."""
    reports = [
        report(f"{exercise}-{name}-{n}", cell(exercise, NAIVE, misconceptions=[name]))
        for (exercise, name), count in counts.items()
        for n in range(count)
    ]
    summary = summarise(reports, "softmax", sentences=sentences_of(reports), failures={}, names=named)
    return slides_of(summary, facts_of(reports), named=named)


def test_the_five_most_frequent_mistakes_have_a_slide_the_most_frequent_first():
    counts = {("softmax", f"m{n}"): n for n in range(3, 10)}
    found = slides(counts)
    assert [(slide.name, slide.students, slide.graded) for slide in found] == [
        (f"m{n}", n, sum(counts.values())) for n in (9, 8, 7, 6, 5)
    ]


def test_one_name_in_several_functions_is_one_slide_that_names_four_others():
    counts = {(f"f{n}", "same"): 9 - n for n in range(6)} | {("g", "other"): 3}
    first, second = slides(counts)
    assert (first.exercise, first.students, second.name) == ("f0", 9, "other")
    assert first.also == ["f1 (8)", "f2 (7)", "f3 (6)", "f4 (5)"]
    assert second.also == []


def test_a_mistake_of_fewer_than_three_is_shown_only_where_students_may_be_named():
    counts = {("softmax", "rare"): 2, ("softmax", "common"): 3}
    assert [slide.name for slide in slides(counts)] == ["common"]
    assert [slide.name for slide in slides(counts, named=True)] == ["common", "rare"]


def test_a_known_mistake_has_its_formula_under_the_function_s_name_and_others_have_none():
    known, unknown = slides({("softmax", "no-max-shift"): 4, ("softmax", "unheard-of"): 3})
    assert known.code.startswith("def softmax(z")
    assert "@" not in known.code
    assert (unknown.code, unknown.picture) == ("", "")
    (gone,) = slides({("not_installed", "no-max-shift"): 3})
    assert (gone.code, gone.right) == ("", "")


def _helper(x):
    return x + 1


def _other(x):
    return x


@functools.lru_cache
def wrong(x):
    """Add one too many."""
    return _helper(x) + len("_other")


@pytest.mark.parametrize(
    ("function", "code"),
    [
        (
            wrong.__wrapped__,
            "def f(x):\n    return _helper(x) + len('_other')\n\ndef _helper(x):\n    return x + 1",
        ),
        (functools.partial(_other), ""),
        (len, ""),
        (lambda x: x, ""),
    ],
)
def test_the_code_is_the_formula_without_decorators_and_text_and_with_its_helpers(function, code):
    assert lecture._code(Misconception("m", function, "It is wrong."), "f") == code


EXPECTATION = exercises.find("expectation")
CHECK = EXPECTATION.checks[0]
EXAMPLE = f"expectation({CHECK.example})"


def bars(function, example=EXAMPLE):
    return lecture._bars(EXPECTATION, Misconception("m", function, "It is wrong."), example)


def test_a_picture_shows_what_a_mistake_gives_beside_what_is_right():
    right = EXPECTATION.reference
    assert "<svg" in bars(lambda *given: right(*given) * 2)
    assert bars(right) == ""
    assert bars(lambda *given: right(*given) * 1.01) == "", "less than two parts in a hundred can't be seen"
    assert bars(lambda *given: np.ones(3)) == "", "another shape has no place beside it"
    assert bars(lambda *given: right(*given) * 2, "expectation(nothing)") == ""


def test_a_picture_holds_twelve_numbers_at_most():
    def drawn(size):
        reference = lambda: np.arange(float(size))  # noqa: E731
        check = replace(CHECK, example=type(CHECK.example)(()))
        exercise = replace(EXPECTATION, reference=reference, checks=(check,), sweep=None)
        known = Misconception("m", lambda: np.ones(size), "It is wrong.")
        return lecture._bars(exercise, known, f"expectation({check.example})")

    assert "<svg" in drawn(12)
    assert drawn(13) == ""
