"""A notebook that is written to keep a reader busy costs seconds at most, and has a verdict on every graded cell.

What such a text costs as it grows is in tests/test_growth.py.
"""

from __future__ import annotations

import json
import time

import pytest
from grades import FULL, marks, submitted
from notebook_files import as_bytes, code
from sampling import sampled

from autograder.notebooks.parsing import MAX_BYTES

SECONDS = 10.0
"""Of this process's own time on the processor. Now it takes two at most; it took from five to for ever."""


def value(unit):
    """A notebook of as many of a value as a file may hold."""
    return b'{"cells": [], "x": [' + unit * ((MAX_BYTES - 40) // len(unit)) + b"1]}"


def old(cell, times):
    worksheet = b'{"worksheets": [{"cells": [' + b",".join([cell] * times) + b"]}]"
    return worksheet + b', "metadata": {}, "nbformat": 3, "nbformat_minor": 0}'


OUTPUT = {"output_type": "stream", "stream": "stdout", "text": "x"}
OLD_CELL = {"cell_type": "code", "input": "", "language": "python", "metadata": {}, "outputs": [OUTPUT] * 10_000}
HOSTILE = {
    "300 of each marker": lambda: b"<<<<<<<\n" * 300 + b"|||||||\n" * 300 + b"=======\n" * 300,
    "300 of each marker with labels": lambda: b"<<<<<<< a\n" * 300 + b"||||||| b\n" * 300 + b"=======\n" * 300,
    "300 of each marker under Windows": lambda: b"<<<<<<<\r\n" * 300 + b"|||||||\r\n" * 300 + b"=======\r\n" * 300,
    "2000 conflicts that never end": lambda: b"<<<<<<<\n=======\n" * 2000,
    "a million conflicts that begin": lambda: b"<<<<<<<\n" * 1_000_000,
    "conflicts of nothing": lambda: b"<<<<<<<\n=======\n>>>>>>>\n" * 800_000,
    "six million objects": lambda: value(b"{},"),
    "three million lists in lists": lambda: value(b"[[1]],"),
    "ten million numbers": lambda: value(b"1,"),
    "two million keys": lambda: (
        b'{"cells": [], "x": {' + b",".join(b'"%x":1' % n for n in range(1_700_000)) + b"}}"
    ),
    "twenty million brackets": lambda: b"[" * (MAX_BYTES - 1),
    "12 MB of an old format": lambda: old(json.dumps(OLD_CELL).encode(), 20),
    "an old format of nothing": lambda: old(b"{}", 4_000_000),
    "an old heading of a billion levels": lambda: old(
        b'{"cell_type": "heading", "level": 1000000000, "source": "x"}', 1
    ),
    "2000 cells with the ids that come next": lambda: as_bytes(
        *[code("", id=f"own-{n}") for n in range(1000, 2000)], *[code("", id="a")] * 1000
    ),
    "2000 cells of one grade_id": lambda: as_bytes(
        *[code("", metadata={"nbgrader": {"grade_id": "softmax"}})] * 2000
    ),
    "more than a notebook may have": lambda: b" " * MAX_BYTES + b"{}",
}


@pytest.mark.sandbox
@pytest.mark.parametrize("name", sampled(HOSTILE, rest=3))
def test_it_costs_seconds_and_every_cell_has_its_verdict(grader, source, name):
    content = HOSTILE[name]()
    started = time.process_time()
    report = submitted(grader, source, content).report
    assert time.process_time() - started < SECONDS
    assert [cell.grade_id for cell in report.cells] == [cell.grade_id for cell in source.marked]
    if report.status == "failed":
        assert report.message.startswith("ada.ipynb ")
        assert report.message.endswith(".")
        assert "fault of the grader" not in report.message
        assert {cell.score for cell in report.cells} == {0.0}
        assert {cell.message for cell in report.cells} == {report.message}


@pytest.mark.sandbox
def test_the_next_submission_is_graded(grader, source, perfect):
    submitted(grader, source, HOSTILE["300 of each marker"]())
    assert marks(submitted(grader, source, perfect).report) == FULL
