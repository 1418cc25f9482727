"""The curve of a wrong function: where it leaves the truth, in numbers and in words; and its picture."""

from __future__ import annotations

import io
import tracemalloc
from functools import partial

import numpy as np
import pytest
from msgspec import UNSET
from PIL import Image

from autograder import exercises
from autograder.judging.assess import assess
from autograder.judging.calls import Raised, Returned, answer_of, asking
from autograder.judging.curve import curve_of
from autograder.judging.prove import marked
from autograder.reports.picture import MISSING, THEIRS, curve_as_html, curve_as_png

SWEPT = [name for _, name in exercises.names() if exercises.find(name).sweep]


def curve(name, function):
    exercise = exercises.find(name)
    return curve_of(exercise, exercise.sweep, answer_of(function, exercise.sweep.call))


def naive(z):
    with np.errstate(all="ignore"):
        weights = np.exp(z)
        return weights / weights.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("name", SWEPT)
def test_a_right_function_has_no_curve_and_a_wrong_one_has(name):
    exercise = exercises.find(name)
    assert curve(name, exercise.reference) is None
    found = curve(name, lambda *args, **kwargs: exercise.reference(*args, **kwargs) + 1)
    assert len(found.x) == len(found.theirs) == len(found.truth) == len(exercise.sweep.x) > 50
    assert found.text.endswith("your function leaves the truth everywhere.")
    assert marked(exercise, exercise.reference, 0).curve is UNSET


def test_the_text_says_from_where_to_where():
    found = curve("softmax", naive)
    assert found.text == "Of z in softmax([z, 0])[0], -1000 to 1000: your function gives nan from 710 to 1000."
    assert [y is None for y in found.theirs] == [x >= 710 for x in found.x]
    assert None not in found.truth


@pytest.mark.parametrize(
    "answer",
    [
        Raised("ValueError"),
        Returned(None),
        Returned("text"),
        Returned([[1.0], [1.0, 2.0]]),
        Returned({"a": 1}),
        Returned(np.zeros(3)),
        Returned(np.zeros((7, 7, 7))),
        Returned([[1.0, "text"]] * 201),
    ],
    ids=repr,
)
def test_what_is_no_curve_gives_none(answer):
    exercise = exercises.find("softmax")
    assert curve_of(exercise, exercise.sweep, answer) is None


def test_what_float32_rounds_or_loses_is_no_curve():
    """Probabilities below 1e-38 have few digits in float32, and below 1e-45 none."""
    reference = exercises.find("softmax").reference
    assert curve("softmax", lambda z: reference(z).astype(np.float32)) is None


@pytest.mark.skipif(np.finfo(np.longdouble).maxexp <= 1024, reason="long double is float64 here")
def test_what_is_too_large_for_float64_is_infinite():
    found = curve("softmax", lambda z: np.full(z.shape, np.longdouble("1e4000")))
    assert found.theirs == [None] * len(found.x)
    assert found.text.endswith("your function gives infinity everywhere.")


def test_more_stretches_than_anybody_reads_are_cut():
    reference = exercises.find("softmax").reference
    found = curve("softmax", lambda z: reference(z) + (np.arange(201) // 10 % 2)[:, np.newaxis])
    assert found.text.count("your function") == 3
    assert found.text.endswith("and elsewhere.")


def colours(curve):
    image = Image.open(io.BytesIO(curve_as_png(curve))).convert("RGB")
    return {colour for _, colour in image.getcolors(1 << 16)}


def test_the_picture_shows_the_line_and_shades_where_there_is_no_number():
    whole = curve("softmax", lambda z: 1 - naive(np.clip(z, -500, 500)))
    assert {THEIRS, MISSING} <= colours(curve("softmax", naive))
    assert MISSING not in colours(whole)


def test_the_picture_has_its_description_for_who_does_not_see_it():
    html = curve_as_html(curve("softmax", naive))
    assert html.startswith('<figure><img src="data:image/png;base64,')
    assert html.count("-1000 to 1000: your function gives nan from 710 to 1000.") == 2


def test_no_curve_is_shown_where_feedback_is_the_score_alone():
    exercise = exercises.find("softmax")
    ask = asking(partial(answer_of, lambda z, axis=-1, temperature=1.0: naive(np.asarray(z, float))))
    found = [assess(exercise, ask, seed=b"", feedback=level).curve for level in ("score", "messages", "full")]
    assert [drawn is not UNSET for drawn in found] == [False, True, True]


@pytest.mark.parametrize("value", [["x" * 4000] + [""] * 60_000, [0.5] * 2_000_000, np.zeros((1 << 20, 2), "i1")])
def test_what_is_too_long_for_a_curve_is_not_drawn_and_takes_no_memory(value):
    """NumPy would make each text as long as the longest: a gigabyte."""
    exercise = exercises.find("softmax")
    tracemalloc.start()
    assert curve_of(exercise, exercise.sweep, Returned(value)) is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 << 20
