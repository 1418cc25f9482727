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
    clean_text,
    digest,
    from_json,
    grade_id_of,
    is_image,
    make_ids_unique,
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


def cleaned(**fields):
    (cell,) = from_json({"cells": [fields]})["cells"]
    return cell


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"tags": ["only-shows"]}, {"tags": ["only-shows"]}),
        ({"tags": ["hide", "only-shows", "x"]}, {"tags": ["only-shows"]}),
        ({"tags": ["shows"]}, {}),
        ({"tags": "only-shows"}, {}),
        ({"tags": None}, {}),
        ({"nbgrader": {}}, {"nbgrader": {}}),
        ({"nbgrader": {"a": 1}, "tags": ["only-shows"]}, {"nbgrader": {}, "tags": ["only-shows"]}),
        ({"nbgrader": []}, {}),
        ({"collapsed": True}, {}),
        ({}, {}),
    ],
)
def test_of_a_cells_metadata_nbgraders_and_one_tag_are_kept(fields, kept):
    assert cleaned(cell_type="code", metadata=fields)["metadata"] == kept


FLAGS = {
    **dict.fromkeys(("grade", "solution", "locked", "task"), False),
    "grade_id": "q",
    "checksum": "c",
    "cell_type": "code",
    "points": 0,
    "schema_version": 3,
}


def test_each_field_that_nbgrader_defines_is_kept_whatever_its_value():
    assert cleaned(metadata={"nbgrader": FLAGS | {"more": 1}})["metadata"]["nbgrader"] == FLAGS
    other = {**dict.fromkeys(("grade", "solution", "locked", "task"), True), "points": 2.5, "grade_id": ""}
    assert cleaned(metadata={"nbgrader": other})["metadata"]["nbgrader"] == other


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize("value", [None, [1], {"a": 1}])
def test_a_field_of_another_type_is_dropped_alone(name, value):
    kept = cleaned(metadata={"nbgrader": FLAGS | {name: value}})["metadata"]["nbgrader"]
    assert kept == {key: value for key, value in FLAGS.items() if key != name}


@pytest.mark.parametrize(
    ("name", "kept"), [("Aufgabe ä", "Aufgabe ä"), ("日本", "日本"), ("a\nb\tc", "abc"), ("\u202eq", "q")]
)
def test_a_name_keeps_its_printable_characters_of_any_script(name, kept):
    assert cleaned(metadata={"nbgrader": {"grade_id": name}})["metadata"]["nbgrader"]["grade_id"] == kept


def test_a_code_cell_has_no_outputs_and_another_one_its_pictures_alone():
    given = {"outputs": [1], "execution_count": 3, "attachments": {"a": {"image/png": "iVBO", "x/y": "z"}, "b": 1}}
    code_cell, text = (cleaned(cell_type=kind, source="x", id="i", **given) for kind in ("code", "markdown"))
    whole = {"id": "i", "metadata": {}, "source": "x"}
    assert code_cell == whole | {"cell_type": "code", "outputs": [], "execution_count": None}
    assert text == whole | {"cell_type": "markdown", "attachments": {"a": {"image/png": "iVBO"}}}
    assert cleaned(cell_type="raw", source="x", id="i") == whole | {"cell_type": "raw"}


def test_a_cell_without_a_proper_id_is_called_by_its_place():
    cells = [{"id": ident} for ident in ("a", "b c", None, "x" * 64, "x" * 65, "ä", "A_-9", "a\n")]
    ids = [cell["id"] for cell in from_json({"cells": cells})["cells"]]
    assert ids == ["a", "cell-1", "cell-2", "x" * 64, "cell-4", "cell-5", "A_-9", "cell-7"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"name": "r", "display_name": "R", "language": "R", "env": 1}, ("r", "R", "R")),
        ({"name": "mine"}, ("mine", "Python 3", "python")),
        ({"name": "", "language": 3}, ("python3", "Python 3", "python")),
        ({"display_name": "\ud800"}, ("python3", "?", "python")),
        ([], ("python3", "Python 3", "python")),
    ],
)
def test_of_a_kernel_three_texts_are_kept_and_what_is_missing_is_python(given, kept):
    book = from_json({"cells": [], "metadata": {"kernelspec": given, "widgets": 1}, "nbformat_minor": 2})
    kernel = dict(zip(("name", "display_name", "language"), kept, strict=True))
    assert book == {"cells": [], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ""),
        ("x", "x"),
        ("ä日😀", "ä日😀"),
        ("a\udc00b\ud800", "a?b?"),
        (None, ""),
        (7, ""),
        (["x"], ""),
        (b"x", ""),
    ],
)
def test_text_is_kept_but_for_half_characters_and_anything_else_is_none(value, text):
    assert clean_text(value) == text


@pytest.mark.parametrize(
    ("mime", "data", "found"),
    [
        ("image/png", "iVBO+/9=\n", True),
        ("image/jpeg", "", True),
        ("image/gif", "iVBO", False),
        ("image/svg+xml", "iVBO", False),
        ("image/png", "iVBO<", False),
        ("image/png", "<iVBO", False),
        ("image/png", ["iVBO"], False),
        ("image/png", None, False),
    ],
)
def test_a_picture_is_a_bitmap_in_base64(mime, data, found):
    assert is_image(mime, data) is found


@pytest.mark.parametrize(
    ("metadata", "flags", "ident"),
    [
        ({}, {}, None),
        ({"nbgrader": {}}, {}, None),
        ({"nbgrader": None}, {}, None),
        ({"nbgrader": {"grade": True}}, {"grade": True}, None),
        ({"nbgrader": {"grade_id": ""}}, {"grade_id": ""}, None),
        ({"nbgrader": {"grade_id": 7}}, {"grade_id": 7}, None),
        ({"nbgrader": {"grade_id": "q"}}, {"grade_id": "q"}, "q"),
    ],
)
def test_a_cell_has_a_name_if_nbgrader_gave_it_one(metadata, flags, ident):
    cell = {"metadata": metadata}
    assert (nbgrader_of(cell), grade_id_of(cell)) == (flags, ident)


def written(*cells):
    return {"cells": [{"cell_type": kind, "source": source} for kind, source in cells]}


@pytest.mark.parametrize(
    "other",
    [
        written(("code", "b"), ("code", "a")),
        written(("code", "ab")),
        written(("code", "a"), ("markdown", "b")),
        written(("code", "a"), ("code", "b"), ("code", "")),
        written(("code", "a"), ("code", "B")),
        written(("code", "a"), ("code", "b\ud800")),
    ],
)
def test_a_digest_tells_of_each_text_its_kind_and_its_place(other):
    assert digest(written(("code", "a"), ("code", "b"))) != digest(other)


FIELDS_OF_A_CHECKSUM = {"grade_id": "q", "grade": True, "solution": False, "locked": True, "points": 2}


@pytest.mark.parametrize(
    ("changes", "is_another"),
    [
        ({"grade_id": "r"}, True),
        ({"grade": False}, True),
        ({"solution": True}, True),
        ({"points": 3}, True),
        ({"points": 2.0}, False),
        ({"locked": False}, False),
        ({"task": True}, False),
        ({"schema_version": 1}, False),
        ({"grade": False, "points": 9}, True),
    ],
)
@pytest.mark.parametrize("kind", ["code", "markdown"])
def test_a_checksum_depends_on_what_nbgraders_does(kind, changes, is_another):
    def cell(meta):
        return {"cell_type": kind, "source": "ä", "metadata": {"nbgrader": meta}}

    one, other = cell(FIELDS_OF_A_CHECKSUM), cell(FIELDS_OF_A_CHECKSUM | changes)
    assert (checksum(one) != checksum(other)) is is_another
    for each in (one, other):
        assert checksum(each) == nbgrader.utils.compute_checksum(nbformat.from_dict(each))


def test_ids_are_made_unique_in_place_and_the_first_keeps_its_own():
    cells = [{"id": "a"}, {"id": "b"}, {"id": "a"}, {"id": "own-2"}, {"id": "b"}]
    make_ids_unique(cells)
    assert [cell["id"] for cell in cells] == ["a", "b", "own-2", "own-3", "own-4"]


def test_repairs_are_added_to_those_that_are_there():
    repairs = ["before"]
    read(b"\xef\xbb\xbf" + as_bytes(), repairs)
    assert repairs == ["before", "the file began with a byte order mark"]
    read(as_bytes(), repairs)
    assert len(repairs) == 2


@pytest.mark.parametrize(
    "meta", [{}, {"grade": True, "points": 1}, {"solution": True}, {"locked": True}], ids=repr
)
def test_a_flag_that_is_missing_counts_as_nbgraders_does(meta):
    cell = {"cell_type": "code", "source": "x", "metadata": {"nbgrader": {"grade_id": "q", **meta}}}
    assert checksum(cell) == nbgrader.utils.compute_checksum(nbformat.from_dict(cell))
