"""The instructor's cells are restored in a submission, and every repair is reported."""

from __future__ import annotations

import copy

import nbformat
import pytest
from notebook_files import GUIDE, as_bytes, code, is_proper

from autograder.notebooks.notebook import (
    grade_id_of,
    nbgrader_of,
    read,
)
from autograder.notebooks.restore import WrongAssignmentError, restore
from autograder.notebooks.source import Source, SourceCell, visible_part

HIDDEN = """# Hidden tests of f.
### BEGIN HIDDEN TESTS
from autograder import check
check("f", f, points=2)
### END HIDDEN TESTS"""


def graded(ident, *, kind="code", source="", **flags):
    meta = {"grade_id": ident, "grade": False, "solution": False, "locked": False, "task": False}
    meta |= {"schema_version": 3, **flags}
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


def restore_cells(*cells):
    """Restore a submission of some cells; the submission is unchanged, and the result is valid."""
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
    restored = restore_cells(*RELEASED)
    assert (restored.repairs, restored.missing, ids(restored)) == ([], frozenset(), IN_ORDER)
    sources = [cell["source"] for cell in restored.notebook["cells"]]
    assert sources[:4] == ["import numpy as np", "Some text.", "def f(x): return 2 * x", HIDDEN]
    assert sources[4] == "I think so."


@pytest.mark.parametrize("ident", ["setup", "f", "essay"])
def test_an_edited_locked_cell_gets_its_text_back(ident):
    restored = restore_cells(*changed(ident, source="print('mine')"))
    assert restored.repairs == [f"the locked cell “{ident}” had been edited; its text is the instructor's again"]
    wanted = {cell["id"]: cell["source"] for cell in COURSE}
    assert {grade_id_of(c): c["source"] for c in restored.notebook["cells"]}[ident] == wanted[ident]


@pytest.mark.parametrize(("ident", "kind"), [("f", "markdown"), ("f", "raw"), ("why", "code"), ("essay", "raw")])
def test_a_retyped_cell_gets_its_type_back_and_keeps_what_the_student_wrote(ident, kind):
    (repair,) = restore_cells(*changed(ident, cell_type=kind)).repairs
    assert f"“{ident}” had become a {kind} cell" in repair
    assert restore_cells(*changed("why", cell_type="code")).notebook["cells"][4]["source"] == "I think so."


@pytest.mark.parametrize("points", [0, 100, -1, "2", None, 1e308, [2]])
def test_changed_points_are_the_instructors_again(points):
    assert restore_cells(*changed("f", points=points)).repairs == [
        "the points of “f” had been changed; they are 2 again"
    ]


@pytest.mark.parametrize(
    "flags",
    [{"grade": False}, {"solution": True}, {"locked": False}, {"task": True}, {"locked": "no", "grade": []}],
)
@pytest.mark.parametrize("ident", ["f", "why"])
def test_changed_flags_are_the_instructors_again(ident, flags):
    """That they are is asserted wherever a submission is restored."""
    restored = restore_cells(*changed(ident, **flags))
    assert ids(restored) == IN_ORDER
    wanted = next(cell for cell in SOURCE.cells if cell.grade_id == ident)
    differ = any(
        flags.get(flag, now) != now for flag in ("grade", "solution", "task") for now in [getattr(wanted, flag)]
    )
    assert any(f"flags of “{ident}”" in repair for repair in restored.repairs) == differ


def test_of_a_cell_that_is_there_twice_the_last_counts():
    first = changed("f-solution", source="def f(x): return None")[2]
    restored = restore_cells(SETUP, first, first, *RELEASED[1:])
    assert restored.repairs == ["the cell “f-solution” was there more than once; the last one counts"] * 2
    assert ids(restored) == ["setup", first["source"], first["source"], *IN_ORDER[1:]]
    assert next(c for c in restored.notebook["cells"] if grade_id_of(c))["id"] == "setup"


@pytest.mark.parametrize(("ident", "source"), [("f", HIDDEN), ("why", ""), ("essay", "Write.")])
def test_a_missing_locked_or_marked_cell_is_put_back_in_its_place(ident, source):
    restored = restore_cells(*[cell for cell in RELEASED if cell["id"] != ident])
    assert (ids(restored), restored.missing) == (IN_ORDER, {ident})
    assert restored.repairs == [f"put back what was missing: “{ident}”"]
    assert restored.notebook["cells"][IN_ORDER.index(ident)]["source"] == source


def test_a_missing_test_runs_after_what_the_student_wrote_before_the_next_cell():
    restored = restore_cells(*RELEASED[:3], EXTRA, *RELEASED[4:])
    assert ids(restored) == ["setup", "Some text.", "f-solution", "mine = 1", "f", "why", "essay"]


def test_a_missing_solution_cell_without_marks_is_not_put_back():
    restored = restore_cells(*[cell for cell in RELEASED if cell["id"] != "f-solution"], EXTRA)
    assert "f-solution" not in ids(restored)
    assert restored.missing == frozenset()


def test_where_all_metadata_is_lost_the_tests_follow_everything_that_the_student_wrote():
    plain = [{**cell, "metadata": {}} for cell in RELEASED]
    restored = restore_cells(*plain)
    assert ids(restored) == [*[cell["source"] for cell in plain], "setup", "f", "why", "essay"]
    assert restored.missing == {"setup", "f", "why", "essay"}


def test_an_empty_notebook_gets_every_locked_and_marked_cell():
    assert ids(restore_cells()) == ["setup", "f", "why", "essay"]


@pytest.mark.parametrize("ident", ["f2", "F", " f", "forged"])
def test_a_cell_that_is_not_the_instructors_carries_no_marks(ident):
    forged = graded(ident, source="2", grade=True, points=100)
    restored = restore_cells(*RELEASED, forged)
    assert restored.repairs == [f"a cell called “{ident}” is not the instructor's and carries no marks"]
    assert nbgrader_of(restored.notebook["cells"][-1]) == {}


def test_a_name_of_the_students_own_is_cut_in_a_repair():
    """It could be of any length, and is repeated in every report."""
    (repair,) = restore_cells(*RELEASED, graded("x" * 10_000, source="2", grade=True, points=100)).repairs
    assert repair == f"a cell called “{'x' * 60}…” is not the instructor's and carries no marks"
    with pytest.raises(WrongAssignmentError, match=r"x{60}…”$"):
        restore_cells(graded("x" * 10_000, source="2", grade=True, points=100))


@pytest.mark.parametrize("version", [None, 0, 1, 2, 4, 99])
def test_metadata_of_another_schema_is_the_instructors_again(version):
    """Without a version it is of the first; the rest of what it says is not believed anyway."""
    (repair,) = restore_cells(*changed("f", schema_version=version)).repairs
    assert repair == f"nbgrader's metadata was of version {version or 0}; it is of version 3 again"


def test_a_notebook_of_another_assignment_is_refused():
    others = [graded("entropy", grade=True, points=1), graded("kl", locked=True), TEXT]
    with pytest.raises(WrongAssignmentError, match="another assignment: its cells are “entropy”, “kl”"):
        restore_cells(*others)


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


def test_a_cell_that_is_code_again_has_no_attachments():
    meta = {"grade_id": "f", "grade": True, "solution": False, "locked": True, "task": False, "points": 1}
    source = Source.from_notebook(read(as_bytes(code("", metadata={"nbgrader": meta}))))
    images = {"a": {"image/png": "iVBO"}}
    theirs = {"cell_type": "markdown", "source": "", "metadata": {"nbgrader": meta}, "attachments": images}
    nbformat.validate(nbformat.from_dict(restore(source, read(as_bytes(theirs))).notebook))


def foreign(ident, **flags):
    return graded(ident, source="1", **flags)


WORKED = [foreign("a", grade=True, points=1), foreign("b", solution=True), foreign("c", task=True, points=1)]


@pytest.mark.parametrize("others", [WORKED[:2], WORKED[1:], WORKED[::2]])
def test_work_of_another_assignment_beside_none_of_this_one_is_refused(others):
    """Both may have a cell called “setup”."""
    names = "”, “".join(cell["id"] for cell in others)
    with pytest.raises(WrongAssignmentError, match=f"^belongs to another assignment: its cells are “{names}”$"):
        restore_cells(SETUP, *others)


@pytest.mark.parametrize(
    "cells",
    [
        [SETUP, WORKED[0]],
        [SETUP, WORKED[0], WORKED[0]],
        [SETUP, foreign("x", locked=True), foreign("y", locked=True)],
        [SETUP, SOLUTION, *WORKED],
        [SETUP, TASK, *WORKED],
        [TEXT, EXTRA],
    ],
)
def test_a_submission_with_a_cell_of_this_assignment_or_little_of_another_one_is_restored(cells):
    assert set(ids(restore_cells(*cells))) > {"setup", "f", "why", "essay"}


def test_three_cells_of_another_assignment_are_named_each_once():
    cells = [foreign(ident, locked=True) for ident in "aabcd"]
    with pytest.raises(WrongAssignmentError, match=r"its cells are “a”, “b”, “c”$"):
        restore_cells(*cells)


def test_of_the_versions_of_metadata_three_are_named_in_their_order():
    cells = copy.deepcopy(RELEASED)
    named = [cell for cell in cells if cell["metadata"]]
    for cell, version in zip(named, (5, 3, 1, 2, 0), strict=True):
        cell["metadata"]["nbgrader"]["schema_version"] = version
    (repair,) = restore_cells(*cells).repairs
    assert repair == "nbgrader's metadata was of version 0, 1, 2; it is of version 3 again"


def test_cells_without_a_name_are_not_asked_for_their_version():
    extra = {**EXTRA, "metadata": {"nbgrader": {"schema_version": 1}}}
    assert restore_cells(*RELEASED, extra).repairs == [
        "a cell called “” is not the instructor's and carries no marks"
    ]


@pytest.mark.parametrize(
    ("ident", "flags", "named"),
    [
        ("f", {"grade": False}, "grade"),
        ("f", {"grade": False, "solution": True, "task": True}, "grade, solution, task"),
        ("why", {"task": True, "solution": False}, "solution, task"),
        ("setup", {"grade": True}, "grade"),
    ],
)
def test_the_flags_that_had_been_changed_are_named(ident, flags, named):
    assert restore_cells(*changed(ident, **flags)).repairs == [
        f"the flags of “{ident}” had been changed ({named}); they are as released again"
    ]


def test_everything_that_was_changed_in_a_cell_is_told_and_undone():
    cells = changed("f", source="1", points=7, grade=False, cell_type="markdown")
    repairs = restore_cells(*cells).repairs
    assert [repair.partition(" had ")[0] for repair in repairs] == [
        *("the cell “f”", "the points of “f”", "the flags of “f”", "the locked cell “f”")
    ]


def test_all_that_is_missing_is_put_back_in_the_order_of_the_source_with_ids_of_its_own():
    restored = restore_cells(SOLUTION, ANSWER, EXTRA)
    assert ids(restored) == ["setup", "f-solution", "f", "why", "mine = 1", "essay"]
    assert restored.repairs == ["put back what was missing: “setup”, “f”, “essay”"]
    cells = {grade_id_of(cell): cell for cell in restored.notebook["cells"]}
    assert len({cell["id"] for cell in cells.values()}) == len(cells)
    assert cells["setup"]["outputs"] == []
    assert "outputs" not in cells["essay"]
    again = restore_cells(SOLUTION, ANSWER, EXTRA)
    assert again.notebook == restored.notebook


def test_a_students_own_kernel_is_kept_where_the_source_has_none():
    book = read(as_bytes(*RELEASED, metadata={"kernelspec": {"name": "theirs"}}))
    assert restore(Source(SOURCE.cells), book).notebook["metadata"]["kernelspec"]["name"] == "theirs"


def test_a_cell_that_is_there_twice_loses_its_marks_but_keeps_its_tag():
    tagged = {**SETUP, "metadata": {**SETUP["metadata"], "tags": ["only-shows"]}}
    first, second = restore(SOURCE, read(as_bytes(tagged, *RELEASED))).notebook["cells"][:2]
    assert first["metadata"] == {"tags": ["only-shows"]}
    assert grade_id_of(second) == "setup"


def test_a_name_of_sixty_letters_is_quoted_whole():
    for length, quoted in ((60, "x" * 60), (61, "x" * 60 + "…")):
        (repair,) = restore_cells(*RELEASED, foreign("x" * length, grade=True)).repairs
        assert f"“{quoted}”" in repair
