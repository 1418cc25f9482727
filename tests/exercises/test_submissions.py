"""Every declared behaviour gets exactly the marks and the names it declares."""

from __future__ import annotations

import re

import pytest
from expectations import behaviours, expected
from sampling import sampled

from autograder import exercises

pytestmark = pytest.mark.sandbox

LOOPS = ("infinite_loop", "forger")
"""Behaviours that end at a limit."""
CASES = [
    (path, exercise)
    for topic, exercise in exercises.names()
    for path in behaviours(topic)
    if exercise == topic or re.search(rf"\b{exercise}\b", path.read_text())
]


@pytest.mark.parametrize(
    "case",
    sampled(
        CASES,
        every=8,
        rest=3,
        slow=[case for case in CASES if case[0].stem in LOOPS],
        ident="{0[0].stem}-{0[1]}".format,
    ),
)
def test_a_behaviour_gets_what_it_declares(request, case):
    """Marks are exact, and the mistakes named are those declared and no other."""
    path, exercise = case
    grader = request.getfixturevalue("short_grader" if path.stem in LOOPS else "grader")
    result = grader.grade_file(exercise, path.read_bytes(), file=path.name, student="")
    wanted = expected(path, exercise)
    assert (result.score, sorted(result.misconceptions)) == (wanted.score, sorted(wanted.mistakes))
    assert result.isolation == "landlock"
    assert all(check.message for check in result.checks if check.passed is not True), "lost marks have a reason"


def test_the_naive_softmax_fails_only_its_stability_check(grader):
    path = next(path for path in behaviours("softmax") if path.stem == "naive")
    result = grader.grade_file("softmax", path.read_bytes(), file=path.name, student="")
    lost = [check for check in result.checks if not check.passed]
    assert [check.name for check in lost] == ["stays finite for large logits"]
    assert lost[0].misconception == "no-max-shift"
    assert "709.78" in lost[0].message
