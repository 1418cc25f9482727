"""A notebook of an old format has the cells that nbformat makes of it."""

from __future__ import annotations

import json
import warnings

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebook_files import as_bytes, code

from autograder.notebooks.notebook import MAX_CELLS, UnreadableError, read
from autograder.notebooks.old_formats import CannotConvertError, converted, is_old, without_worksheets

SOURCES = st.text("ab#\n \r", max_size=8)
METADATA = st.sampled_from([{}, {"collapsed": True}, {"nbgrader": {"grade_id": "q", "grade": True, "points": 2}}])


def cells(version):
    """Cells of nbformat 2, which wrote the lines of a list without their ends, or 3, which wrote them with."""
    sources = SOURCES | SOURCES.map(lambda text: text.splitlines(keepends=version == 3))
    code = {
        "cell_type": st.just("code"),
        "input": sources,
        "metadata": METADATA,
        "language": st.just("python"),
        "outputs": st.sampled_from([[], [{"output_type": "stream", "stream": "stdout", "text": "x"}]]),
    }
    text = {"source": sources, "metadata": METADATA}
    return st.one_of(
        st.fixed_dictionaries(code, optional={"prompt_number": st.integers(1, 9), "collapsed": st.booleans()}),
        st.fixed_dictionaries({"cell_type": st.sampled_from(["markdown", "raw", "html"]), **text}),
        st.fixed_dictionaries({"cell_type": st.just("heading"), **text}, optional={"level": st.integers(1, 6)}),
    )


def old(sheets, version=3, **rest):
    worksheets = [{"cells": cells, "metadata": {}} for cells in sheets]
    return json.dumps(
        {"worksheets": worksheets, "metadata": {"name": ""}, "nbformat": version, "nbformat_minor": 0, **rest}
    ).encode()


def what_counts(book):
    return [(c["cell_type"], c["source"].replace("\r\n", "\n").replace("\r", "\n"), c["metadata"]) for c in book]


@pytest.mark.parametrize("version", [2, 3])
@given(data=st.data())
def test_the_cells_are_those_that_nbformat_converts(version, data):
    content = old(data.draw(st.lists(st.lists(cells(version), max_size=3), max_size=3)), version)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = json.loads(nbformat.writes(nbformat.reads(content.decode(), as_version=4)))
    theirs = read(json.dumps(theirs).encode())
    assert what_counts(read(content)["cells"]) == what_counts(theirs["cells"])


def test_that_it_was_old_is_a_repair():
    repairs = []
    read(old([[]]), repairs)
    assert repairs == ["the notebook was of nbformat 3 or older"]


@pytest.mark.parametrize(("level", "marks"), [(0, "#"), (-7, "#"), (10**18, "######"), ("2", "#"), (None, "#")])
def test_a_heading_has_one_to_six_marks(level, marks):
    (cell,) = read(old([[{"cell_type": "heading", "level": level, "source": "a\nb"}]]))["cells"]
    assert cell["source"] == f"{marks} a b"


@pytest.mark.parametrize(
    "cell", [None, 7, "text", [], {}, {"cell_type": "code"}, {"cell_type": "code", "input": 7}]
)
def test_a_cell_that_is_junk_is_an_empty_one(cell):
    """As in a notebook of today's format."""
    assert [cell["source"] for cell in read(old([[cell]]))["cells"]] == [""]


@pytest.mark.parametrize("version", [4, 5, 99])
def test_worksheets_in_a_notebook_of_today_mean_nothing(version):
    book = json.loads(as_bytes(code("x = 1")))
    content = old([[code("y = 2")]], version, cells=book["cells"])
    repairs = []
    assert [cell["source"] for cell in read(content, repairs)["cells"]] == ["x = 1"]
    assert repairs == []


def test_the_cells_of_all_worksheets_are_counted():
    with pytest.raises(UnreadableError, match=f"has {MAX_CELLS + 2} cells; at most {MAX_CELLS}"):
        read(old([[{}] * (MAX_CELLS // 2 + 1)] * 2))


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"worksheets": [], "nbformat": 3}, True),
        ({"worksheets": [], "nbformat": 3.9}, True),
        ({"worksheets": []}, True),
        ({"worksheets": [], "nbformat": "4"}, True),
        ({"worksheets": [], "nbformat": 4}, False),
        ({"worksheets": [], "nbformat": 4.5}, False),
        ({"worksheets": {}, "nbformat": 3}, False),
        ({"cells": [], "nbformat": 3}, False),
        ([], False),
        (None, False),
    ],
)
def test_a_notebook_is_old_that_has_worksheets_and_no_later_format(data, found):
    assert is_old(data) is found


@pytest.mark.parametrize(
    "data",
    [
        {"worksheets": [], "nbformat": 1},
        {"worksheets": []},
        {"worksheets": [], "nbformat": "3"},
        {"worksheets": [{"cells": []}, {}], "nbformat": 3},
        {"worksheets": [{"cells": {}}], "nbformat": 2},
        {"worksheets": [None], "nbformat": 3},
    ],
)
def test_what_is_of_neither_old_format_can_not_be_converted(data):
    with pytest.raises(CannotConvertError, match="is a notebook of an old format that can't be converted"):
        without_worksheets(data)


def test_the_cells_of_all_worksheets_come_in_their_order_and_the_notebook_stays_as_it_is():
    data = {"worksheets": [{"cells": [1, 2]}, {"cells": []}, {"cells": [3]}], "nbformat": 2, "metadata": {"a": 1}}
    assert without_worksheets(data) == {"cells": [1, 2, 3], "metadata": {"a": 1}}
    assert data["worksheets"][0]["cells"] == [1, 2]
    assert without_worksheets({"worksheets": [], "nbformat": 3}) == {"cells": [], "metadata": None}


@pytest.mark.parametrize(
    ("cell", "kind", "source"),
    [
        ({"cell_type": "code", "input": "x", "source": "y"}, "code", "x"),
        ({"cell_type": "markdown", "input": "x", "source": "y"}, "markdown", "y"),
        ({"cell_type": "html", "source": "y"}, "markdown", "y"),
        ({"cell_type": "raw", "source": ["a", "b"]}, "raw", "a\nb"),
        ({"cell_type": "raw", "source": ["a\n", "b"]}, "raw", "a\nb"),
        ({"cell_type": "raw", "source": ["a\r", 7, "b"]}, "raw", "a\rb"),
        ({"cell_type": "raw", "source": []}, "raw", ""),
        ({"cell_type": "heading", "source": "x", "level": 3}, "markdown", "### x"),
        ({"cell_type": "heading", "source": "x", "level": 6}, "markdown", "###### x"),
        ({"cell_type": "heading", "source": "x"}, "markdown", "# x"),
        ({"source": "x"}, None, "x"),
    ],
)
def test_a_cell_is_converted_with_its_type_metadata_and_source_alone(cell, kind, source):
    given = {**cell, "metadata": {"a": 1}, "outputs": [1]}
    assert converted(given) == {"cell_type": kind, "metadata": {"a": 1}, "source": source}
