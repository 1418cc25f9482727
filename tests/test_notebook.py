"""Reading, restoring and sealing: what becomes of a submitted notebook before anything of it runs."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import nbformat
import nbgrader.utils
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.notebook import (
    MAX_CELLS,
    Sealed,
    Source,
    SourceCell,
    UnreadableError,
    WrongAssignmentError,
    checksum,
    digest,
    grade_id_of,
    is_image,
    nbgrader_of,
    read,
    restore,
    sealed,
    split_hidden,
    visible_part,
)

GUIDE = Path(nbgrader.utils.__file__).parent / "docs" / "source" / "user_guide"
NBGRADERS_OWN = sorted(path for part in ("source", "submitted") for path in (GUIDE / part).rglob("*.ipynb"))


def as_bytes(*cells, **rest):
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **rest}).encode()


def code(source, **fields):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": 3, **fields}


def is_proper(book):
    """Whether a notebook has the form that the rest of the package relies on, and nbformat's own."""
    nbformat.validate(nbformat.from_dict(book))
    (kernel,) = book["metadata"].values()
    return all(isinstance(value, str) for value in kernel.values()) and all(
        isinstance(cell["source"], str)
        and set(cell["metadata"]) <= {"nbgrader"}
        and isinstance(nbgrader_of(cell), dict)
        and (cell["cell_type"] != "code" or (cell["outputs"], cell["execution_count"]) == ([], None))
        for cell in book["cells"]
    )


# --- reading ---------------------------------------------------------------------------------------------


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
        (b"[" * 100_000, "stops being JSON"),
        (b'{"cells": ' * 100_000, "stops being JSON"),
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


@settings(max_examples=300, deadline=None)
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


@settings(max_examples=200, deadline=None)
@given(st.lists(VALUES | st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, VALUES)), max_size=4), VALUES)
def test_cells_of_any_json_are_brought_into_form(cells, metadata):
    book = read(json.dumps({"cells": cells, "metadata": metadata}).encode())
    assert len(book["cells"]) == len(cells)
    assert is_proper({**book, "cells": [{**cell, "id": str(i)} for i, cell in enumerate(book["cells"])]})


# --- restoring -------------------------------------------------------------------------------------------

HIDDEN = """# Hidden tests of f.
### BEGIN HIDDEN TESTS
from autograder import check
check("f", f, points=2)
### END HIDDEN TESTS"""


def graded(ident, *, kind="code", source="", **flags):
    meta = {"grade_id": ident, "grade": False, "solution": False, "locked": False, "task": False, **flags}
    return {"cell_type": kind, "source": source, "metadata": {"nbgrader": meta}, "id": ident}


SETUP = graded("setup", source="import numpy as np", locked=True)
SOLUTION = graded("f-solution", source="def f(x): return x", solution=True)
TEST = graded("f", source=HIDDEN, grade=True, locked=True, points=2)
ANSWER = graded("why", kind="markdown", source="Because.", grade=True, solution=True, points=1)
TASK = graded("essay", kind="markdown", source="Write.", task=True, locked=True, points=3)
TEXT = {"cell_type": "markdown", "source": "Some text.", "metadata": {}, "id": "text"}
COURSE = [SETUP, TEXT, SOLUTION, TEST, ANSWER, TASK]
SOURCE = Source.from_notebook(read(as_bytes(*COURSE, metadata={"kernelspec": {"name": "instructors"}})))
EXTRA = {**code("mine = 1"), "id": "extra"}
RELEASED = [
    {**cell, "source": {"f-solution": "def f(x): return 2 * x", "why": "I think so."}.get(cell["id"], source)}
    for cell, source in ((cell, visible_part(cell["source"])) for cell in COURSE)
]


def mended(*cells):
    """Restore a submission, after which it is still what it was, and what comes of it is in form."""
    submission = read(as_bytes(*cells))
    before = copy.deepcopy(submission)
    restored = restore(SOURCE, submission)
    assert submission == before
    assert is_proper(restored.notebook)
    assert restored.notebook["metadata"]["kernelspec"]["name"] == "instructors"
    found = {grade_id_of(cell): cell for cell in restored.notebook["cells"]}
    for wanted in SOURCE.marked:
        assert nbgrader_of(found[wanted.grade_id]) == wanted.metadata()
        assert found[wanted.grade_id]["cell_type"] == wanted.cell_type
    return restored


def ids(restored):
    return [grade_id_of(cell) or cell["source"] for cell in restored.notebook["cells"]]


def changed(ident, **changes):
    """The released cells, with one of them changed: its own fields, or those of its metadata."""
    cells = copy.deepcopy(RELEASED)
    cell = next(cell for cell in cells if cell["id"] == ident)
    for name, value in changes.items():
        place = cell if name in {"source", "cell_type", "metadata"} else cell["metadata"]["nbgrader"]
        place[name] = value
    return cells


IN_ORDER = ["setup", "Some text.", "f-solution", "f", "why", "essay"]


def test_an_untouched_submission_gets_its_tests_back_and_needs_no_repair():
    restored = mended(*RELEASED)
    assert (restored.repairs, restored.missing, ids(restored)) == ([], frozenset(), IN_ORDER)
    sources = [cell["source"] for cell in restored.notebook["cells"]]
    assert sources[:4] == ["import numpy as np", "Some text.", "def f(x): return 2 * x", HIDDEN]
    assert sources[4] == "I think so."


@pytest.mark.parametrize("ident", ["setup", "f", "essay"])
def test_an_edited_locked_cell_gets_its_text_back(ident):
    restored = mended(*changed(ident, source="print('mine')"))
    assert restored.repairs == [f"the locked cell “{ident}” had been edited; its text is the instructor's again"]
    wanted = {cell["id"]: cell["source"] for cell in COURSE}
    assert {grade_id_of(c): c["source"] for c in restored.notebook["cells"]}[ident] == wanted[ident]


@pytest.mark.parametrize(("ident", "kind"), [("f", "markdown"), ("f", "raw"), ("why", "code"), ("essay", "raw")])
def test_a_retyped_cell_gets_its_type_back_and_keeps_what_the_student_wrote(ident, kind):
    (repair,) = mended(*changed(ident, cell_type=kind)).repairs
    assert f"“{ident}” had become a {kind} cell" in repair
    assert mended(*changed("why", cell_type="code")).notebook["cells"][4]["source"] == "I think so."


@pytest.mark.parametrize("points", [0, 100, -1, "2", None, 1e308, [2]])
def test_changed_points_are_the_instructors_again(points):
    assert mended(*changed("f", points=points)).repairs == ["the points of “f” had been changed; they are 2 again"]


@pytest.mark.parametrize(
    "flags",
    [{"grade": False}, {"solution": True}, {"locked": False}, {"task": True}, {"locked": "no", "grade": []}],
)
@pytest.mark.parametrize("ident", ["f", "why"])
def test_changed_flags_are_the_instructors_again(ident, flags):
    """That they are is asserted wherever a submission is mended."""
    assert ids(mended(*changed(ident, **flags))) == IN_ORDER


def test_of_a_cell_that_is_there_twice_the_last_counts():
    first = changed("f-solution", source="def f(x): return None")[2]
    restored = mended(SETUP, first, first, *RELEASED[1:])
    assert restored.repairs == ["the cell “f-solution” was there more than once; the last one counts"] * 2
    assert ids(restored) == ["setup", first["source"], first["source"], *IN_ORDER[1:]]
    assert next(c for c in restored.notebook["cells"] if grade_id_of(c))["id"] == "setup"


@pytest.mark.parametrize(("ident", "source"), [("f", HIDDEN), ("why", ""), ("essay", "Write.")])
def test_a_missing_locked_or_marked_cell_is_put_back_in_its_place(ident, source):
    restored = mended(*[cell for cell in RELEASED if cell["id"] != ident])
    assert (ids(restored), restored.missing) == (IN_ORDER, {ident})
    assert restored.repairs == [f"put back what was missing: “{ident}”"]
    assert restored.notebook["cells"][IN_ORDER.index(ident)]["source"] == source


def test_a_missing_test_runs_after_what_the_student_wrote_before_the_next_cell():
    restored = mended(*RELEASED[:3], EXTRA, *RELEASED[4:])
    assert ids(restored) == ["setup", "Some text.", "f-solution", "mine = 1", "f", "why", "essay"]


def test_a_missing_solution_cell_without_marks_is_not_put_back():
    restored = mended(*[cell for cell in RELEASED if cell["id"] != "f-solution"], EXTRA)
    assert "f-solution" not in ids(restored)
    assert restored.missing == frozenset()


def test_where_all_metadata_is_lost_the_tests_follow_everything_that_the_student_wrote():
    plain = [{**cell, "metadata": {}} for cell in RELEASED]
    restored = mended(*plain)
    assert ids(restored) == [*[cell["source"] for cell in plain], "setup", "f", "why", "essay"]
    assert restored.missing == {"setup", "f", "why", "essay"}


def test_an_empty_notebook_gets_every_locked_and_marked_cell():
    assert ids(mended()) == ["setup", "f", "why", "essay"]


@pytest.mark.parametrize("ident", ["f2", "F", " f", "forged"])
def test_a_cell_that_is_not_the_instructors_carries_no_marks(ident):
    forged = graded(ident, source="2", grade=True, points=100)
    restored = mended(*RELEASED, forged)
    assert restored.repairs == [f"a cell called “{ident}” is not the instructor's and carries no marks"]
    assert nbgrader_of(restored.notebook["cells"][-1]) == {}


def test_a_notebook_of_another_assignment_is_refused():
    others = [graded("entropy", grade=True, points=1), graded("kl", locked=True), TEXT]
    with pytest.raises(WrongAssignmentError, match="another assignment: its cells are “entropy”, “kl”"):
        mended(*others)


def test_a_checksum_is_kept_where_the_source_knows_none_and_replaced_where_it_does():
    submission = read(as_bytes(*changed("why", checksum="of the student's file")))
    assert nbgrader_of(restore(SOURCE, submission).notebook["cells"][4])["checksum"] == "of the student's file"
    known = SourceCell(
        "why", "markdown", "", grade=True, solution=True, locked=False, task=False, points=1, checksum="c"
    )
    assert nbgrader_of(restore(Source((known,)), submission).notebook["cells"][4])["checksum"] == "c"


@pytest.mark.parametrize("student", ["bitdiddle", "hacker"])
@pytest.mark.parametrize("name", ["problem1", "problem2"])
def test_nbgraders_own_submissions_have_all_their_cells(student, name):
    theirs = Source.from_notebook(read((GUIDE / "source" / "ps1" / f"{name}.ipynb").read_bytes()))
    restored = restore(theirs, read((GUIDE / "submitted" / student / "ps1" / f"{name}.ipynb").read_bytes()))
    assert restored.missing == frozenset()
    assert [grade_id_of(c) for c in restored.notebook["cells"] if grade_id_of(c)] == [
        c.grade_id for c in theirs.cells
    ]


# --- sealed cells ----------------------------------------------------------------------------------------


def source_cell(source, **changes):
    fields = {"grade": True, "solution": False, "locked": True, "task": False, "points": 4.0, "cell_type": "code"}
    return SourceCell(**{"grade_id": "softmax", "source": source, **fields, **changes})


def region(*lines, before="# Hidden tests of softmax."):
    return "\n".join([before, "### BEGIN HIDDEN TESTS", *lines, "### END HIDDEN TESTS"])


IMPORT, CHECK = "from autograder import check", 'check("softmax", softmax, points=4)'


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        (region(IMPORT, CHECK), Sealed("softmax", "softmax", 4.0)),
        (region(CHECK), Sealed("softmax", "softmax", 4.0)),
        (region(IMPORT, "", "# all of it", CHECK), Sealed("softmax", "softmax", 4.0)),
        (region(IMPORT, "check(", "    'softmax',", "    softmax,", ")"), Sealed("softmax", "softmax", None)),
        (region(IMPORT, 'check("softmax", mine, points=2.5)'), Sealed("softmax", "mine", 2.5)),
        (region(IMPORT, CHECK, before="assert softmax is not None"), Sealed("softmax", "softmax", 4.0)),
    ],
)
def test_a_cell_whose_hidden_region_is_one_check_of_its_own_name_is_sealed(source, asked):
    assert sealed(source_cell(source)) == asked


@pytest.mark.parametrize(
    "source",
    [
        "",
        "assert softmax([1.0]) == 1",
        f"{IMPORT}\n{CHECK}",
        region(),
        region(IMPORT),
        region(IMPORT, CHECK, CHECK),
        region(IMPORT, CHECK, "assert softmax([1.0]) == 1"),
        region("import numpy", CHECK),
        region(IMPORT, "x = 1", CHECK),
        region(IMPORT, f"mark = {CHECK}"),
        region(IMPORT, f"print({CHECK})"),
        region(IMPORT, "if True:", f"    {CHECK}"),
        region(IMPORT, 'grade("softmax", softmax)'),
        region("import autograder", 'autograder.check("softmax", softmax)'),
        region(IMPORT, 'check("log_softmax", softmax)'),
        region(IMPORT, "check(softmax, softmax)"),
        region(IMPORT, 'check("softmax")'),
        region(IMPORT, 'check("softmax", lambda z: z)'),
        region(IMPORT, "check(*everything)"),
        region(IMPORT, 'check("softmax", softmax'),
    ],
)
def test_any_other_cell_has_tests_of_its_own(source):
    assert sealed(source_cell(source)) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"grade": False},
        {"solution": True},
        {"cell_type": "markdown"},
        {"grade_id": "entropy"},
        {"grade_id": "Softmax"},
    ],
)
def test_a_cell_of_another_kind_or_name_is_not_sealed(changes):
    assert sealed(source_cell(region(IMPORT, CHECK), **changes)) is None


def test_the_hidden_region_is_told_from_what_students_see():
    text = "a\n### BEGIN HIDDEN TESTS\nb\n  c\n### END HIDDEN TESTS\nd\n# BEGIN HIDDEN TESTS\ne"
    assert split_hidden(text) == ("a\nd", "b\n  c\ne")
    assert visible_part(text) == "a\nd"


# --- found by trying ----------------------------------------------------------------------------------------


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


def test_looking_for_images_takes_linear_time():
    """300 kB of white space and a mark that belongs in no base64: refused without looking twice."""
    assert not is_image("image/png", " " * 300_000 + "!")


def test_surrogates_reach_no_repair():
    cell = code("x = '\ud800'", metadata={"nbgrader": {"grade_id": "\ud800", "grade": True, "points": 1}})
    repaired = restore(Source(()), read(as_bytes(cell)))
    assert [repair.encode() for repair in repaired.repairs]
    assert repaired.notebook["cells"][0]["source"].encode()


def test_ids_stay_short_and_unique():
    cell = code("", id="x" * 62)
    book = restore(Source(()), read(as_bytes(*[cell] * 50))).notebook
    nbformat.validate(nbformat.from_dict(book))
    assert len({cell["id"] for cell in book["cells"]}) == 50


def test_an_incomplete_kernelspec_is_completed():
    nbformat.validate(nbformat.from_dict(read(as_bytes(metadata={"kernelspec": {"name": "python3"}}))))


def test_a_cell_that_is_code_again_has_no_attachments():
    meta = {"grade_id": "f", "grade": True, "solution": False, "locked": True, "task": False, "points": 1}
    source = Source.from_notebook(read(as_bytes(code("", metadata={"nbgrader": meta}))))
    images = {"a": {"image/png": "iVBO"}}
    theirs = {"cell_type": "markdown", "source": "", "metadata": {"nbgrader": meta}, "attachments": images}
    nbformat.validate(nbformat.from_dict(restore(source, read(as_bytes(theirs))).notebook))


def test_points_may_be_given_by_position():
    text = '# T\n### BEGIN HIDDEN TESTS\nfrom autograder import check\ncheck("f", f, 4)\n### END HIDDEN TESTS'
    cell = SourceCell("f", "code", text, grade=True, solution=False, locked=True, task=False, points=4.0)
    assert sealed(cell) == Sealed("f", "f", 4.0)
