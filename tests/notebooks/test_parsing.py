"""A notebook's JSON is read as Python reads it, unless it holds more values than a notebook that Jupyter saved."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from notebook_files import as_bytes, code
from sampling import sampled

from autograder.notebooks.notebook import UnreadableError, read
from autograder.notebooks.parsing import (
    CHUNK,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_VALUES,
    NotJsonError,
    has_more_values_than,
    parse_json,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text() | st.sampled_from(['"', "\\", '\\"', "[{,:"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def signs(value):
    """How many signs begin or separate values and keys, counted on the value itself."""
    if isinstance(value, dict):
        return 1 + len(value) + max(len(value) - 1, 0) + sum(map(signs, value.values()))
    if isinstance(value, list):
        return 1 + max(len(value) - 1, 0) + sum(map(signs, value))
    return 0


@given(JSON, st.booleans(), st.sampled_from([None, 1]))
@example({'\\"': ['"', "\\\\", "\\"], "é[{": "日"}, False, None)
def test_values_are_counted_outside_of_strings(value, escaped, indent):
    text = json.dumps(value, ensure_ascii=escaped, indent=indent)
    count = signs(value)
    assert not has_more_values_than(count, text)
    assert count == 0 or has_more_values_than(count - 1, text)


def test_values_are_counted_across_the_pieces_of_a_long_text():
    """A string with more signs than a piece has room for hides none of those behind it."""
    text = json.dumps([",:" * CHUNK, [1, 2], ",", "[" * CHUNK, {"a": 1}])
    assert has_more_values_than(8, text)
    assert not has_more_values_than(9, text)


@pytest.mark.parametrize("value", ["{}", "[]", "1", '""', "[[1]]", '{"a":1}'])
def test_a_notebook_of_too_many_values_is_refused_before_it_is_parsed(value, monkeypatch):
    monkeypatch.setattr(json, "loads", lambda text: pytest.fail("it is parsed"))
    content = b'{"cells": [], "x": [' + f"{value},".encode() * MAX_VALUES + b"1]}"
    with pytest.raises(UnreadableError, match=r"more than 2,500,000 values; clear the outputs|at most 21 MB"):
        read(content)


def test_a_notebook_that_is_too_large_is_refused_before_it_is_decoded():
    with pytest.raises(UnreadableError, match=r"has 21\.0 MB; at most 21 MB are read"):
        read(b" {" + b"\xff" * MAX_BYTES)


@pytest.mark.parametrize(
    "output",
    sampled(
        [
            {"image/png": "iVBORw0KGgo=" * ((MAX_BYTES - 1000) // 12)},
            {"text/plain": "[0.1, 0.2, {1: 2}], " * ((MAX_BYTES - 1000) // 20)},
            {"application/vnd.plotly.v1+json": {"data": [{"y": [0.5] * (MAX_BYTES // 16)}]}},
            {"application/geo+json": {"coordinates": [[12.5, 47.25]] * (MAX_BYTES // 60)}},
        ],
        ident=lambda output: next(iter(output)),
    ),
)
def test_the_largest_honest_notebooks_are_read(output):
    """As Jupyter saves them, a line a value: a photo, a page of numbers, an interactive figure, a map."""
    cell = code("x = 1", outputs=[{"output_type": "display_data", "metadata": {}, "data": output}])
    content = json.dumps(json.loads(as_bytes(cell)), indent=1).encode()
    assert MAX_BYTES * 0.8 < len(content) <= MAX_BYTES
    assert read(content)["cells"][0]["source"] == "x = 1"


def test_what_python_reads_beyond_the_standard_is_read():
    """Plotly's figures hold NaN, and an editor that cuts an emoji in two leaves half a surrogate pair."""
    value = parse_json('{"a": [NaN, -Infinity], "b": "\\ud800", "c": 1, "c": 2}')
    assert math.isnan(value["a"][0])
    assert (value["a"][1], value["b"], value["c"]) == (-math.inf, "\ud800", 2)


@pytest.mark.parametrize("text", ["", "{", "[1,]", "'a'"])
def test_what_is_no_json_is_refused_with_a_sentence(text):
    with pytest.raises(NotJsonError, match="cut off or damaged: it stops being JSON at line 1"):
        parse_json(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        *[("[" * depth + "]" * depth, "nests its values too deeply") for depth in (MAX_DEPTH + 1, 5_000, 200_000)],
        ('{"x":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1), "nests its values too deeply"),
        ("1" * 5000, "a number with too many digits"),
    ],
)
def test_json_that_python_does_not_read_is_not_called_damaged(text, why):
    with pytest.raises(NotJsonError, match=why):
        parse_json(text)


def test_what_is_nested_as_deeply_as_it_may_be_is_read():
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH + " "
    assert json.dumps(parse_json(text)) == text.strip()
