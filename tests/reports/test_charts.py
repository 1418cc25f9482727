"""Pictures of a class: what is drawn is what was counted, and every text stays text."""

from __future__ import annotations

import re
from html import unescape

import pytest

from autograder.analysis.model import Bin, Question
from autograder.reports.charts import bars, given_and_right, histogram, map_of_mistakes, spread_of_questions


def texts(picture):
    return [unescape(text) for text in re.findall(r"<text [^>]*>(.*?)</text>", picture)]


def boxes(picture, kind):
    """x, y, width and height of each box of a kind."""
    found = re.findall(
        rf'<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)" class="{kind}"', picture
    )
    return [tuple(map(float, each)) for each in found]


def question(grade_id, **fields):
    unknown = dict.fromkeys(
        ("mean", "difficulty", "discrimination", "discrimination_interval", "upper", "lower", "alpha_without")
    )
    counts = dict.fromkeys(("zero", "full", "pending", "marked"), 0)
    usual = {"assignment": "a", "notebook": "a", "exercise": None, "max_score": 4.0, "reasons": {}}
    return Question(**{**unknown, **counts, **usual, "grade_id": grade_id, **fields})


def test_a_histogram_is_as_tall_as_its_counts():
    picture = histogram([Bin(low=n, high=n + 1, students=count) for n, count in enumerate((1, 0, 4))])
    heights = [height for _, _, _, height in boxes(picture, "bar")]
    assert heights == pytest.approx([125 / 4, 0, 125], abs=0.1)
    assert texts(picture) == ["1", "0", "1", "4", "2", "3", "marks"]
    assert picture.count("0 to 1: 1; 2 to 3: 4.</figcaption>") == 1


def test_an_empty_class_has_an_empty_histogram():
    assert [box[3] for box in boxes(histogram([Bin(low=0, high=1, students=0)]), "bar")] == [0]


def test_a_questions_spread_reaches_from_its_lower_to_its_upper_quarter():
    picture = spread_of_questions(
        [
            question("first", lower=1.0, upper=3.0, difficulty=0.5),
            question("bonus", lower=0.0, upper=5.0, difficulty=1.5),
            question("at zero", lower=0.0, upper=0.0, difficulty=0.0),
            question("nobody"),
            question("no marks", max_score=0.0, lower=0.0, upper=0.0),
        ]
    )
    left, whole = 290, 410
    ranges = re.findall(r'<line x1="([\d.]+)" y1="[\d.]+" x2="([\d.]+)" y2="[\d.]+" class="range"', picture)
    assert [tuple(map(float, each)) for each in ranges] == [
        (left + whole / 4, left + 3 * whole / 4),
        (left, left + whole),
        (left, left),
    ]
    dots = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', picture)]
    assert dots == [left + whole / 2, left + whole, left]
    assert texts(picture)[:5] == ["first", "bonus", "at zero", "nobody", "no marks"]
    assert texts(picture)[5:8] == ["0%", "50%", "100%"]


def test_the_map_of_mistakes_has_a_number_for_each_pair_that_occurs():
    picture = map_of_mistakes(["a", "b", "c"], [[6, 2, None], [2, 4, 3], [None, 3, 5]])
    assert texts(picture) == ["a", "1", "1", "6", "b", "2", "2", "2", "4", "c", "3", "3", "3", "5"]
    assert len(boxes(picture, "cell")) == 6
    shades = [float(each) for each in re.findall(r'fill-opacity="([\d.]+)"', picture)]
    assert max(shades) == shades[0] == 0.62
    assert sorted(shades) == [shades[n] for n in (1, 3, 2, 4, 0)], "more students, darker"


def test_bars_are_as_long_as_their_counts():
    picture = bars([("a", 3), ("b", 1), ("none", 0)], "How many.")
    assert [width for _, _, width, _ in boxes(picture, "bar")] == pytest.approx([370, 370 / 3, 0], abs=0.1)
    assert texts(picture) == ["a", "3", "b", "1", "none", "0"]
    assert len({y for _, y, _, _ in boxes(picture, "bar")}) == 3
    assert texts(bars([], "Nothing.")) == []


def test_an_answer_stands_beside_the_right_one_from_the_same_line():
    """From -1 to 1 it is 170 high, 0 is in the middle, and what is not finite has words for a bar."""
    picture = given_and_right([-1.0, None, 0.0], [1.0, 0.5, -0.5], "Of three.")
    right, given = boxes(picture, "bar")[:3], boxes(picture, "heat")[:2]
    assert [(y, height) for _, y, _, height in right] == [(30, 85), (72.5, 42.5), (115, 42.5)]
    assert [(y, height) for _, y, _, height in given] == [(115, 85), (115, 0)]
    assert given[0][0] > right[0][0]
    assert texts(picture) == ["not finite", "right", "what it gives", "-1", "1"]


def test_an_answer_of_zeros_is_drawn():
    assert texts(given_and_right([0.0], [0.0], "Zero."))[-1] == "0"


def test_a_label_is_text_and_not_too_long():
    evil, letters = "<b>&\x1b", "x" * 40
    picture = bars([(evil, 1), (letters, 1), (letters + "y", 1)], evil)
    assert texts(picture)[::2] == ["<b>&\N{REPLACEMENT CHARACTER}", letters, "x" * 39 + "…"]
    assert "<b>" not in picture
    assert picture.count("&lt;b&gt;&amp;\N{REPLACEMENT CHARACTER}") == 3


def test_a_map_of_mistakes_that_nobody_made_is_drawn():
    assert texts(map_of_mistakes(["a"], [[None]])) == ["a", "1", "1"]
    assert boxes(map_of_mistakes(["a"], [[0]]), "heat") == []
    assert texts(map_of_mistakes([], [])) == []
