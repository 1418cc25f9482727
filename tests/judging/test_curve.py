"""The curve of a wrong function: where it leaves the truth, in numbers and in words; and its picture."""

from __future__ import annotations

import base64
import re
import tracemalloc
from functools import partial
from xml.etree import ElementTree as ET

import msgspec
import numpy as np
import pytest
from msgspec import UNSET

from autograder import exercises
from autograder.judging.assess import assess
from autograder.judging.calls import Call, Raised, Returned, Stopped, answer_of, asking
from autograder.judging.curve import SECONDS, _finite, _number, _runs, _sentences, ask_sweep, curve_of
from autograder.judging.model import Sweep
from autograder.judging.prove import marked
from autograder.notebooks.sanitise import clean_html
from autograder.reports.picture import SHADE, THEIRS, curve_as_html, curve_as_svg

SWEPT = [name for _, name in exercises.names() if exercises.find(name).sweep]


def curve(name, function):
    exercise = exercises.find(name)
    return curve_of(exercise, ask_sweep(exercise, asking(partial(answer_of, function))))


def answered(answer):
    """The curve of a softmax that gives the same answer everywhere."""
    exercise = exercises.find("softmax")
    return curve_of(exercise, [answer] * len(exercise.sweep.calls))


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
    assert found.text.endswith("It leaves the truth everywhere.")
    assert marked(exercise, exercise.reference, 0).curve is UNSET


def test_the_text_says_from_where_to_where():
    found = curve("softmax", naive)
    asked = "Your function was called once for each z in softmax([z, 0])[0], from -1000 to 1000."
    assert found.text == f"{asked} It gives nan from 710 to 1000."
    assert found.departs == [(710.0, 1000.0)]
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
        Returned([1.0, "text"]),
        Returned(np.array([1j, 0])),
        Stopped("it took too long"),
    ],
    ids=repr,
)
def test_what_is_no_curve_gives_none(answer):
    assert answered(answer) is None


def test_a_maximum_over_the_whole_array_is_right_point_by_point():
    """Asked as one array, [[-1000, 0], …, [1000, 0]], this function gives nan up to 250."""

    def over_everything(z):
        weights = np.exp(z - z.max())
        return weights / weights.sum(axis=-1, keepdims=True)

    assert curve("softmax", over_everything) is None


def test_where_a_function_raises_it_gives_no_number():
    reference = exercises.find("softmax").reference
    found = curve("softmax", lambda z: reference(z) if z[0] > 0 else 1 / 0)
    assert found.text.endswith("It gives no number from -1000 to 0.")
    assert found.departs == [(-1000.0, 0.0)]


def test_infinities_have_their_sign():
    found = curve("logsumexp", lambda z: -np.inf if z[0] < 0 else np.inf)
    assert found.text.endswith("It gives -inf from -1000 to -10. It gives inf from 0 to 1000.")


def test_one_point_is_at_a_place():
    reference = exercises.find("logsumexp").reference
    found = curve("logsumexp", lambda z: reference(z) + (z[0] == 10))
    assert found.text.endswith("It leaves the truth at 10.")


def test_a_slow_function_is_asked_few_points():
    """Its time is for the checks: the requests grow, and end with the one that takes too long."""
    exercise, asked, now = exercises.find("softmax"), [], [0.0]

    def ask(calls, _):
        asked.append(len(calls))
        now[0] += 0.3 * SECONDS * len(calls)
        return [answer_of(exercise.reference, call) for call in calls]

    assert ask_sweep(exercise, ask, lambda: now[0]) == []
    assert asked == [1, 2, 4]


def test_a_function_that_stops_is_asked_no_more():
    exercise, asked = exercises.find("softmax"), []

    def ask(calls, _):
        asked.append(len(calls))
        return [Stopped("it ended its process")] * len(calls)

    assert ask_sweep(exercise, ask) == []
    assert asked == [1]


def test_a_sweep_of_one_call_for_all_points_is_refused():
    with pytest.raises(TypeError, match="a function that returns the call for one value"):
        Sweep(Call((np.zeros((2, 2)),)), np.arange(2.0), "z in f([z, 0])")


def test_a_right_function_is_asked_no_point():
    exercise, asked = exercises.find("softmax"), []

    def ask(calls, _):
        asked.extend(calls)
        return [answer_of(exercise.reference, call) for call in calls]

    assess(exercise, ask, seed=b"")
    assert not {id(call) for call in exercise.sweep.calls} & {id(call) for call in asked}


def test_what_float32_rounds_or_loses_is_no_curve():
    """Probabilities below 1e-38 have few digits in float32, and below 1e-45 none."""
    reference = exercises.find("softmax").reference
    assert curve("softmax", lambda z: reference(z).astype(np.float32)) is None


@pytest.mark.skipif(np.finfo(np.longdouble).maxexp <= 1024, reason="long double is float64 here")
def test_what_is_too_large_for_float64_is_infinite():
    found = curve("softmax", lambda z: np.full(z.shape, np.longdouble("1e4000")))
    assert found.theirs == [None] * len(found.x)
    assert found.text.endswith("It gives inf everywhere.")


def test_more_stretches_than_anybody_reads_are_cut():
    reference = exercises.find("softmax").reference
    found = curve("softmax", lambda z: reference(z) + (z[0] // 100 % 2))
    assert found.text.count("It leaves the truth") == 3
    assert found.text.endswith("It differs elsewhere, too.")
    assert len(found.departs) == 10


def test_three_stretches_are_all_named():
    reference = exercises.find("logsumexp").reference
    found = curve("logsumexp", lambda z: reference(z) + (abs(z[0]) > 500 or z[0] == 10))
    assert (found.text.count("It leaves the truth"), len(found.departs)) == (3, 3)
    assert "elsewhere" not in found.text


def test_the_picture_shows_both_lines_and_marks_where_they_differ():
    def marks(found):
        svg = curve_as_svg(found)
        return svg.count(f'fill="{SHADE}"'), svg.count(f'fill="{THEIRS}"'), svg.count(f'stroke="{THEIRS}"')

    assert marks(curve("softmax", naive)) == (2, 2, 2)  # one of each explains them
    twice = curve("logsumexp", lambda z: exercises.find("logsumexp").reference(z) + (abs(z[0]) > 500))
    assert marks(twice) == (3, 3, 2)
    assert len(twice.departs) == 2


def test_the_picture_has_its_description_for_who_does_not_see_it():
    html = curve_as_html(curve("softmax", naive))
    assert html.startswith('<figure><img src="data:image/svg+xml;base64,')
    assert html.count("from -1000 to 1000. It gives nan from 710 to 1000.") == 2


def test_a_picture_passes_the_sanitiser_whole():
    for name in SWEPT:
        reference = exercises.find(name).reference
        html = curve_as_html(curve(name, lambda z, reference=reference: reference(z) * 1.01 - 0.3))
        assert clean_html(html) == html


def test_a_hostile_label_stays_text_in_the_picture():
    hostile = '"/><script>alert(1)</script><a href="javascript:alert(1)">\x00 ]]> &amp;'
    html = curve_as_html(msgspec.structs.replace(curve("softmax", naive), label=hostile, text=hostile))
    svg = base64.b64decode(re.search('base64,([^"]*)"', html)[1]).decode()
    root = ET.fromstring(svg)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "rect", "path", "text"}
    assert "<script>alert(1)</script>" in "".join(root.itertext())
    assert clean_html(html).partition("<figcaption>")[0] == html.partition("<figcaption>")[0]


def test_no_curve_is_shown_where_feedback_is_the_score_alone():
    exercise = exercises.find("softmax")
    ask = asking(partial(answer_of, lambda z, axis=-1, temperature=1.0: naive(np.asarray(z, float))))
    found = [assess(exercise, ask, seed=b"", feedback=level).curve for level in ("score", "messages", "full")]
    assert [drawn is not UNSET for drawn in found] == [False, True, True]


@pytest.mark.parametrize("value", [["x" * 4000] + [""] * 60_000, [0.5] * 2_000_000, np.zeros((1 << 20, 2), "i1")])
def test_what_is_too_long_for_a_curve_is_not_drawn_and_takes_no_memory(value):
    """NumPy would make each text as long as the longest: a gigabyte."""
    tracemalloc.start()
    assert answered(Returned(value)) is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 << 20


@pytest.mark.parametrize(
    ("values", "runs"),
    [
        ([0, 0], []),
        ([1, 1], [(0, 2)]),
        ([1, 0, 1], [(0, 1), (2, 3)]),
        ([0, 1, 2, 2, 0], [(1, 2), (2, 4)]),
        ([False, True, True], [(1, 3)]),
        ([5, 0], [(0, 1)]),
    ],
)
def test_a_stretch_ends_where_the_value_is_another_one(values, runs):
    assert list(_runs(np.array(values))) == runs


def test_only_finite_numbers_are_drawn_and_zero_is_one():
    assert _finite(np.array([0.0, -1.5, np.nan, np.inf, -np.inf])) == [0.0, -1.5, None, None, None]


POINT = Sweep(lambda x: Call((x,)), np.array([0.0, 1.0]), "x in f(x)", lambda value: value[0])
PAIR = Returned(np.array([1.0, 2.0]))


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        (Returned(np.array([0.0, 5.0])), 0.0),
        (Returned([7, 5]), 7.0),
        (Returned(np.array([np.inf, 5.0])), np.inf),
        (Returned(np.array([1.0])), None),
        (Returned(np.array([[1.0, 2.0]])), None),
        (Returned(3.0), None),
        (Returned(np.array([1j, 2.0])), None),
        (Returned(None), None),
        (Raised("KeyError"), None),
    ],
)
def test_the_number_of_a_point_is_picked_from_an_answer_of_the_right_shape(answer, number):
    assert _number(POINT, answer, PAIR) == number
    assert _number(POINT, answer, Raised("KeyError")) is None


def test_what_can_not_be_picked_is_no_number():
    broken = Sweep(POINT.at, POINT.x, "", lambda value: "text")
    assert _number(broken, PAIR, PAIR) is None
    assert _number(Sweep(POINT.at, POINT.x, "", lambda value: value), PAIR, PAIR) is None


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ([2, 2, 2, 2, 2], "It gives nan everywhere."),
        ([0, 5, 5, 0, 4], "It gives no number from 1 to 2. It gives -inf at 4."),
        ([1, 0, 1, 0, 1], "It leaves the truth at 0. It leaves the truth at 2. It leaves the truth at 4."),
        (
            [1, 2, 3, 4, 5],
            "It leaves the truth at 0. It gives nan at 1. It gives inf at 2. It differs elsewhere, too.",
        ),
        ([0, 0, 0, 0, 0], ""),
    ],
)
def test_three_stretches_are_described_after_what_was_asked(kinds, said):
    sweep = Sweep(POINT.at, np.arange(5.0), "x in f(x)")
    whole = " ".join(_sentences(sweep, np.array(kinds)))
    assert whole == f"Your function was called once for each x in f(x), from 0 to 4. {said}".strip()
