"""The outputs of a student's cells, on their way into a notebook: only harmless ones are kept."""

from __future__ import annotations

import nbformat
import pytest

from autograder.notebooks.outputs import MAX_COLOUR, MAX_COLOURS, PLAIN_TYPES, as_nbformat
from autograder.sandbox.protocol import DisplayOutput, ErrorOutput, ResultOutput, StreamOutput

PNG = "iVBORw0KGgo="
SCRIPT = "<script>alert(1)</script>"

OUTPUTS = [
    StreamOutput("stdout", "text"),
    StreamOutput("stderr", SCRIPT),
    DisplayOutput({"text/plain": "x", "image/png": PNG}),
    ResultOutput({"text/plain": "3.0"}, 7),
    ResultOutput({}, None),
    ErrorOutput("ValueError", "x", ["Traceback", "ValueError: x"]),
]


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: type(output).__name__)
def test_every_output_is_valid_in_nbformat(output):
    cell = {"cell_type": "code", "id": "a", "source": "", "metadata": {}, "execution_count": 1}
    book = {
        "cells": [{**cell, "outputs": [as_nbformat(output)]}],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    nbformat.validate(nbformat.from_dict(book))
    assert as_nbformat(output)["output_type"] == output.__struct_config__.tag


def test_text_and_errors_come_through_as_they_are():
    assert as_nbformat(OUTPUTS[0]) == {"output_type": "stream", "name": "stdout", "text": "text"}
    assert as_nbformat(OUTPUTS[5])["traceback"] == ["Traceback", "ValueError: x"]


@pytest.mark.parametrize("kind", [DisplayOutput, lambda data: ResultOutput(data, 1)])
@pytest.mark.parametrize(
    ("mime", "value", "kept"),
    [
        ("text/plain", SCRIPT, SCRIPT),  # pages show it as text
        ("text/latex", "$x$", "$x$"),
        ("text/markdown", "**x**", "**x**"),
        ("image/png", PNG, PNG),
        ("image/jpeg", PNG + "\n", PNG + "\n"),
        ("text/html", f"<p>x</p>{SCRIPT}", "<p>x</p>"),
        ("image/png", f'x" onerror="{SCRIPT}', None),
        ("image/svg+xml", f"<svg>{SCRIPT}</svg>", None),
        ("application/javascript", "alert(1)", None),
        ("application/json", "{}", None),
        ("application/pdf", PNG, None),
        ("application/vnd.jupyter.widget-view+json", "{}", None),
        ("text/html; charset=utf-8", SCRIPT, None),
        ("TEXT/HTML", SCRIPT, None),
        ("", "x", None),
    ],
)
def test_of_a_bundle_only_known_types_are_kept_and_those_harmless(kind, mime, value, kept):
    output = as_nbformat(kind({"text/latex": "also", mime: value}))
    assert output["data"] == {"text/latex": "also"} | ({} if kept is None else {mime: kept})
    assert output["metadata"] == {}


SHOWN = [
    lambda text: as_nbformat(StreamOutput("stdout", text))["text"],
    lambda text: "\n".join(as_nbformat(ErrorOutput("E", "", text.split("\n")))["traceback"]),
    *(lambda text, kind=kind: as_nbformat(DisplayOutput({kind: text}))["data"][kind] for kind in PLAIN_TYPES),
]


@pytest.mark.parametrize("shown", SHOWN)
def test_a_coloured_text_stays_coloured(shown):
    text = "\x1b[1;31mValueError\x1b[0m: \x1b[38;2;0;128;255mx\x1b[m\n" * (MAX_COLOURS // 4)
    assert shown(text) == text


@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize(
    "text",
    ["\x1b[31ma\n\x1b[0mb" * MAX_COLOURS, f"\x1b[{'1;' * MAX_COLOUR}mab", "\x1b" * (MAX_COLOURS + 1) + "[31mab"],
    ids=["many", "long", "begun"],
)
def test_a_text_of_nearly_nothing_but_colours_loses_them(shown, text):
    """nbconvert copies the rest of the text for each."""
    assert "\x1b" not in shown(text)
    assert shown(text).replace("a\nb", "").removeprefix("[31m") in ("", "ab")
