"""A submitted file is read, repaired or refused before any of its code runs."""

from __future__ import annotations

import json

import nbformat
import nbgrader.utils
import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebook_files import GUIDE, NBGRADERS_OWN, as_bytes, code, is_proper

from autograder.notebooks.notebook import (
    MAX_CELLS,
    UnreadableError,
    checksum,
    digest,
    grade_id_of,
    is_image,
    nbgrader_of,
    read,
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \r\n\t ", "is empty"),
        (as_bytes(code("x = 1"))[:60], "cut off or damaged: it stops being JSON at line 1"),
        (b'{\n"cells": [,]\n}', "at line 2"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "is not text"),
        (as_bytes().decode().encode("utf-16"), "is not text"),
        (b"PK\x03\x04" + bytes(100), "stops being JSON"),
        (b"x = 1\n", "stops being JSON"),
        (b"[" * 100_000, "nests its values too deeply to be read"),
        (b'{"cells": ' * 100_000, "nests its values too deeply to be read"),
        (b"null", "not a notebook"),
        (b"[]", "not a notebook"),
        (b'"cells"', "not a notebook"),
        (b"{}", "not a notebook"),
        (b'{"cells": null}', "not a notebook"),
        (b'{"cells": {"0": 1}}', "not a notebook"),
        (b'{"worksheets": [1], "nbformat": "three"}', "can't be converted"),
        (b'{"worksheets": [{"cells": 7}], "nbformat": 3}', "can't be converted"),
        (as_bytes(*[code("")] * (MAX_CELLS + 1)), f"has {MAX_CELLS + 1} cells; at most {MAX_CELLS}"),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else None,
)
def test_what_is_no_notebook_is_refused_with_the_reason(content, said):
    with pytest.raises(UnreadableError, match=said):
        read(content)


def test_a_byte_order_mark_is_no_obstacle():
    assert read(b"\xef\xbb\xbf" + as_bytes(code("x = 1")))["cells"][0]["source"] == "x = 1"


def test_line_ends_of_windows_become_plain_ones():
    """Of the file, and within a source: a locked cell is thus not taken for edited."""
    content = as_bytes(code("a = 1\r\nb = 2"), code(["a = 1\r\n", "b = 2"])).replace(b", ", b",\r\n")
    assert [cell["source"] for cell in read(content)["cells"]] == ["a = 1\nb = 2"] * 2


def test_line_ends_of_old_macs_become_plain_ones():
    """As Python reads them: else a comment in the first line would hide all that follows."""
    assert read(as_bytes(code("# mine\ra = 1\r")))["cells"][0]["source"] == "# mine\na = 1\n"


def test_as_many_cells_as_allowed_are_read():
    assert len(read(as_bytes(*[code("")] * MAX_CELLS))["cells"]) == MAX_CELLS


def test_a_notebook_of_format_3_is_converted():
    cells = [
        {"cell_type": "heading", "level": 1, "metadata": {}, "source": "Title"},
        {"cell_type": "code", "input": "x = 1\ny = 2", "metadata": {}, "outputs": [], "language": "python"},
    ]
    old = {"worksheets": [{"cells": cells}], "metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0}
    book = read(json.dumps(old).encode())
    assert is_proper(book)
    assert [(c["cell_type"], c["source"]) for c in book["cells"]] == [
        ("markdown", "# Title"),
        ("code", "x = 1\ny = 2"),
    ]


JUNK = [None, 7, "text", [], True, {}, {"cell_type": "slide"}, {"cell_type": ["code"]}, {"cell_type": {}}]
JUNK += [code(value) for value in (None, 7, {}, [], ["a", None, 7, ["b"], {}], [[]], True)]
JUNK += [code("x", metadata=value) for value in (None, 7, [], "text", {"nbgrader": None}, {"nbgrader": [1]})]
JUNK += [code("x", metadata={"nbgrader": {"grade_id": value}}) for value in (None, 7, "", [], {"a": 1})]
JUNK += [code("x", id=value) for value in (None, 7, "", "a b", "x" * 65, "<script>", [])]
JUNK += [code("x", outputs=value) for value in (None, "junk", [{"output_type": "error"}], 7)]
JUNK += [
    {"cell_type": "markdown", "source": "x", "attachments": value} for value in (None, 7, {"a": 1}, {"a": {}})
]


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_junk_cells_are_brought_into_form(junk):
    book = read(as_bytes(code("before"), junk, code("after")))
    assert is_proper(book)
    assert [cell["source"] for cell in book["cells"][::2]] == ["before", "after"]


@pytest.mark.parametrize(
    "metadata", [None, 7, [], {}, {"kernelspec": None}, {"kernelspec": []}, {"x": "<script>"}]
)
def test_metadata_that_is_missing_or_junk_becomes_plain_python(metadata):
    book = read(as_bytes(metadata=metadata))
    assert is_proper(book)
    assert book["metadata"]["kernelspec"]["name"] == "python3"


def test_only_what_matters_for_grading_is_kept():
    """Outputs, tags and attachments other than bitmaps could hold anything."""
    png, script = "iVBORw0KGgo=", "<script>alert(1)</script>"
    picture = {"a.png": {"image/png": png, "text/html": script}, "b.svg": {"image/svg+xml": script}}
    cells = [
        code("x", metadata={"tags": [script], "nbgrader": {"grade_id": "q"}}, outputs=[{"data": script}]),
        {"cell_type": "markdown", "source": "![](attachment:a.png)", "metadata": {}, "attachments": picture},
    ]
    book = read(as_bytes(*cells))
    assert "script" not in json.dumps(book).replace("a.png", "").replace("b.svg", "")
    assert book["cells"][1]["attachments"]["a.png"] == {"image/png": png}


@pytest.mark.parametrize("path", NBGRADERS_OWN, ids=lambda path: str(path.relative_to(GUIDE)))
def test_the_checksum_is_nbgraders(path):
    """On every cell of the notebooks that nbgrader brings along."""
    marked = [cell for cell in read(path.read_bytes())["cells"] if grade_id_of(cell)]
    for cell in marked:
        assert checksum(cell) == nbgrader.utils.compute_checksum(nbformat.from_dict(cell))
    assert marked or "header" in path.name


def test_a_digest_depends_on_what_was_written_and_on_nothing_else():
    base, again = read(as_bytes(code("x = 1"))), read(as_bytes(code(["x ", "= 1"], outputs=[{}], id="other")))
    assert digest(base) == digest(again)
    for other in ([code("x = 2")], [code("x = 1"), code("")], [{"cell_type": "markdown", "source": "x = 1"}], []):
        assert digest(read(as_bytes(*other))) != digest(base)


def test_text_that_is_no_proper_unicode_can_still_be_hashed():
    book = read(as_bytes(code("\ud800", metadata={"nbgrader": {"grade_id": "q"}})))
    assert len(digest(book)) == 32
    assert len(checksum(book["cells"][0])) == 32


PIECES = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b",",
    b"null",
    b'"cells"',
    b'"source"',
    b"\xff",
    b"\x00",
    b"1e999",
    b"\\ud800",
]
WHOLE = as_bytes(
    code(["x = 1\n"], metadata={"nbgrader": {"grade_id": "q", "grade": True, "points": 2}}, id="a"),
    {"cell_type": "markdown", "source": "text", "metadata": {}, "attachments": {"a": {"image/png": "iVBO"}}},
    metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
)


@given(
    st.lists(
        st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 12), st.sampled_from(PIECES) | st.binary(max_size=3)),
        max_size=4,
    )
)
def test_damaged_bytes_give_a_notebook_in_proper_form_or_a_plain_refusal(edits):
    content = WHOLE
    for place, length, piece in edits:
        content = content[:place] + piece + content[place + length :]
    try:
        book = read(content)
    except UnreadableError:
        book = None
    assert book is None or is_proper(book)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats()
    | st.sampled_from(["code", "markdown", "x", "", "<b>"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["nbgrader", "a", "source"]), inner)
    ),
    max_leaves=6,
)
FIELDS = ["cell_type", "source", "metadata", "id", "outputs", "attachments", "execution_count"]


@given(st.lists(VALUES | st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, VALUES)), max_size=4), VALUES)
def test_cells_of_any_json_are_brought_into_form(cells, metadata):
    book = read(json.dumps({"cells": cells, "metadata": metadata}).encode())
    assert len(book["cells"]) == len(cells)
    assert is_proper({**book, "cells": [{**cell, "id": str(i)} for i, cell in enumerate(book["cells"])]})


def test_a_version_3_notebook_is_read_as_saved_on_disk():
    """With its heading and its code as lists of lines."""
    heading = {"cell_type": "heading", "level": 1, "metadata": {}, "source": ["Title"]}
    cell = {
        "cell_type": "code",
        "input": ["x = 1\n", "y = 2"],
        "metadata": {},
        "outputs": [],
        "language": "python",
    }
    old = {
        "worksheets": [{"cells": [heading, {**cell, "language": "python", "collapsed": False}]}],
        "metadata": {"name": ""},
        "nbformat": 3,
        "nbformat_minor": 0,
    }
    assert read(json.dumps(old).encode())["cells"][1]["source"] == "x = 1\ny = 2"


def test_an_integer_longer_than_python_reads_makes_a_notebook_unreadable():
    with pytest.raises(UnreadableError):
        read(b'{"cells": [], "x": ' + b"9" * 5000 + b"}")


def test_of_nbgraders_metadata_only_what_it_defines_is_kept():
    """Nested without end it would stop the copying; as other types, the comparing."""
    deep: list = []
    for _ in range(300):
        deep = [deep]
    theirs = {"grade_id": "f\ud800\x1b[2K", "a": deep, "points": "many", "grade": 1, "locked": True}
    (cell,) = read(as_bytes(code("", metadata={"nbgrader": theirs})))["cells"]
    assert nbgrader_of(cell) == {"grade_id": "f?[2K", "locked": True}


def test_a_copied_cell_gets_an_id_that_nobody_else_has():
    """Even where a student has chosen ids that look like ours."""
    chosen = ["a", "own-2", "a", "own-3", "a", "a", "own-4", "own-2"]
    ids = [cell["id"] for cell in read(as_bytes(*[code("", id=ident) for ident in chosen]))["cells"]]
    assert len(set(ids)) == len(chosen)
    assert ids[:4] == ["a", "own-2", "own-3", "own-4"]


def test_looking_for_images_takes_linear_time():
    """300 kB of white space and a mark that belongs in no base64: refused without looking twice."""
    assert not is_image("image/png", " " * 300_000 + "!")


def test_an_incomplete_kernelspec_is_completed():
    nbformat.validate(nbformat.from_dict(read(as_bytes(metadata={"kernelspec": {"name": "python3"}}))))
