"""The picture of a student's function: lines where there are numbers, in the frame, and every text as text."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree as ET

import pytest

from autograder.reports.picture import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    SHADE,
    THEIRS,
    TOP,
    TRUTH,
    WIDTH,
    curve_as_html,
    curve_as_svg,
)
from autograder.results import Curve

SVG = "{http://www.w3.org/2000/svg}"


def curve(theirs, truth=(0.0, 1.0, 2.0), x=(0.0, 1.0, 2.0), departs=(), label="x", text="It differs."):
    return Curve(label=label, x=list(x), theirs=list(theirs), truth=list(truth), departs=list(departs), text=text)


def drawn(made, tag, **wanted):
    root = ET.fromstring(curve_as_svg(made))
    return [
        each for each in root.iter(f"{SVG}{tag}") if all(each.get(key) == value for key, value in wanted.items())
    ]


def lines(made, colour):
    """The points of each line of a colour, without the one that explains it."""
    found = [re.findall(r"(-?[\d.]+) (-?[\d.]+)", each.get("d")) for each in drawn(made, "path", stroke=colour)]
    return [[(float(x), float(y)) for x, y in points] for points in found[:-1]]


def texts(made, anchor=None):
    return [each.text for each in drawn(made, "text") if anchor in (None, each.get("text-anchor"))]


def boxes(made, fill):
    return [(float(each.get("x")), float(each.get("width"))) for each in drawn(made, "rect", fill=fill)][:-1]


def test_a_right_function_lies_on_the_truth_from_edge_to_edge():
    made = curve((0.0, 1.0, 2.0))
    (theirs,) = lines(made, THEIRS)
    assert lines(made, TRUTH) == [theirs]
    assert [x for x, _ in theirs] == [LEFT, (LEFT + RIGHT) / 2, RIGHT]
    heights = [y for _, y in theirs]
    assert BOTTOM > heights[0] > heights[1] > heights[2] > TOP
    assert heights[1] == pytest.approx((BOTTOM + TOP) / 2)
    margin = 0.08 * 2 / 2.32 * (BOTTOM - TOP)  # of the truth's range, above and below
    assert (heights[0], heights[2]) == pytest.approx((BOTTOM - margin, TOP + margin), abs=0.1)
    assert boxes(made, SHADE) == []


def test_the_truth_lies_below_the_students_line():
    strokes = [each.get("stroke") for each in drawn(curve((0.0, 1.0, 2.0)), "path")]
    assert strokes[:2] == [TRUTH, THEIRS]


def test_a_value_outside_of_the_truth_stays_in_the_frame():
    (theirs,) = lines(curve((-1e9, 1.0, 1e9)), THEIRS)
    assert [y for _, y in theirs] == [BOTTOM, (BOTTOM + TOP) / 2, TOP]


@pytest.mark.parametrize(
    ("theirs", "lengths"),
    [
        ((None, None, None, None, None), []),
        ((0.0, None, 1.0, None, 2.0), []),
        ((0.0, 1.0, None, 1.0, 2.0), [2, 2]),
        ((None, 0.0, 1.0, 2.0, None), [3]),
        ((0.0, 0.0, 0.0, 0.0, 0.0), [5]),
    ],
)
def test_a_line_is_broken_where_there_is_no_number(theirs, lengths):
    made = curve(theirs, (0.0, 0.5, 1.0, 1.5, 2.0), range(5))
    assert [len(points) for points in lines(made, THEIRS)] == lengths


def test_where_the_function_departs_the_background_is_shaded_within_the_frame():
    made = curve((9.0, 1.0, 9.0), departs=[(0.0, 0.0), (2.0, 2.0)])
    half = (RIGHT - LEFT) / 4
    assert boxes(made, SHADE) == [(LEFT, half), (RIGHT - half, half)]
    assert boxes(made, THEIRS) == boxes(made, SHADE), "and by a bar, for those who don't see the shade"
    assert boxes(curve((0.0, 9.0, 9.0), departs=[(1.0, 2.0)]), SHADE) == [(LEFT + half, 3 * half)]


@pytest.mark.parametrize(
    ("truth", "theirs", "said"),
    [
        ((0.0, 1.0, 2.0), (5.0, 5.0, 5.0), ["0", "2"]),
        ((3.0, 3.0, 3.0), (5.0, 5.0, 5.0), ["3"]),
        ((0.0, None, -2.5), (9.0, 9.0, 9.0), ["-2.5", "0"]),
        ((None, None, None), (1.0, 4.0, None), ["1", "4"]),
        ((None, None, None), (None, None, None), ["0"]),
    ],
)
def test_the_scale_is_the_truths_or_else_the_functions_own(truth, theirs, said):
    made = curve(theirs, truth)
    assert texts(made, "end") == [*said, "2"], "the last is the end of the axis"


def test_the_axis_says_from_where_to_where_and_where_it_first_departs_if_there_is_room():
    x = [float(each) for each in range(-5, 6)]

    def below(*departs):
        made = curve([0.0] * 11, [1.0] * 11, x, [(each, each) for each in departs], label="z in f(z)")
        return texts(made)[1:-3]

    assert below() == ["-5", "5", "z in f(z)"]
    assert below(0.0, 2.0) == ["-5", "5", "0", "z in f(z)"]
    assert below(-5.0, 0.0) == ["-5", "5", "z in f(z)"], "the first is where it begins"
    assert below(-5.0) == below(5.0) == ["-5", "5", "z in f(z)"]


def test_texts_are_one_line_of_text():
    made = curve((0.0, 1.0, 2.0), label="<b>&\n\x1b[31m  日本", text='"<i>"\n\x00&')
    assert "<b>& \ufffd[31m 日本" in texts(made)
    html = curve_as_html(made)
    said = "&quot;&lt;i&gt;&quot; \ufffd&amp;"
    assert f'alt="{said}"' in html
    assert html.endswith(f"<figcaption>{said}</figcaption></figure>")
    assert f'width="{WIDTH}" height="{HEIGHT}"' in html
    data = re.search(r'src="data:image/svg\+xml;base64,([^"]*)"', html)[1]
    assert base64.b64decode(data).decode() == curve_as_svg(made)
