"""The source notebook shows which cells are sealed and which part of a cell students see."""

from __future__ import annotations

import pickle

import pytest

from autograder.notebooks.source import Sealed, Source, SourceCell, names_bound, split_hidden, visible_part


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
    assert source_cell(source).sealed == asked


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
    assert source_cell(source).sealed is None


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
    assert source_cell(region(IMPORT, CHECK), **changes).sealed is None


def test_the_hidden_region_is_told_from_what_students_see():
    text = "a\n### BEGIN HIDDEN TESTS\nb\n  c\n### END HIDDEN TESTS\nd\n# BEGIN HIDDEN TESTS\ne"
    assert split_hidden(text) == ("a\nd", "b\n  c\ne")
    assert visible_part(text) == "a\nd"


def test_points_may_be_given_by_position():
    text = '# T\n### BEGIN HIDDEN TESTS\nfrom autograder import check\ncheck("f", f, 4)\n### END HIDDEN TESTS'
    cell = SourceCell("f", "code", text, grade=True, solution=False, locked=True, task=False, points=4.0)
    assert cell.sealed == Sealed("f", "f", 4.0)


def test_what_every_submission_runs_holds_no_answer_and_no_test():
    """It is compiled in a process from which each submission's is forked: nothing hidden may lie there."""
    fixed = {"grade": False, "points": 0.0}
    cells = (
        source_cell("import numpy as np", grade_id="setup", **fixed),
        source_cell("def softmax(z): ...", grade_id="answer", solution=True, locked=False, **fixed),
        source_cell("assert softmax(z).sum() == 1", grade_id="visible", **fixed),
        source_cell("A text.", grade_id="text", cell_type="markdown", **fixed),
        source_cell("assert softmax(z)[0] == 0.5", grade_id="in-process"),
        source_cell(region(IMPORT, CHECK)),
        source_cell(region("secret = 1"), grade_id="hidden-without-marks", **fixed),
        source_cell("draw()", grade_id="task", task=True, grade=False),
    )
    assert Source(cells).fixed == (
        "import numpy as np",
        "assert softmax(z).sum() == 1",
        "# Hidden tests of softmax.",
    )


def test_another_process_keeps_the_source_that_it_has_received():
    """Each submission's request brings it again."""
    cells, kernel = (source_cell(region(IMPORT, CHECK)), source_cell("", checksum="c")), {"name": "python3"}
    source = Source(cells, kernel, (("a", "b"), (None, "c")), ("d",))
    sent = pickle.dumps(source)
    received = pickle.loads(sent)
    assert received == source
    assert received is pickle.loads(sent)
    assert received.cells[0].sealed == Sealed("softmax", "softmax", 4.0)


ANSWER, TASK, TEST = ({"solution": True}, {"grade": False, "task": True}, {})


@pytest.mark.parametrize(
    ("changes", "marked", "by_hand"),
    [
        (TEST, True, False),
        (ANSWER, True, True),
        ({"cell_type": "markdown"}, True, True),
        ({"cell_type": "raw"}, True, True),
        (TASK, True, True),
        (TASK | {"cell_type": "markdown"}, True, True),
        ({"grade": False}, False, False),
        ({"grade": False, "solution": True}, False, False),
        ({"grade": False, "cell_type": "markdown"}, False, False),
    ],
)
def test_a_cell_with_marks_is_marked_by_a_person_unless_it_is_a_test(changes, marked, by_hand):
    cell = source_cell("", **changes)
    assert (cell.is_marked, cell.by_hand) == (marked, by_hand)
    assert Source((cell,)).marked == ((cell,) if marked else ())


def test_a_released_cell_says_its_points_if_it_carries_marks_and_its_checksum_if_that_is_known():
    whole = {
        "grade_id": "softmax",
        "grade": True,
        "solution": False,
        "locked": True,
        "task": False,
        "schema_version": 3,
        "cell_type": "code",
        "points": 4.0,
    }
    assert source_cell("").metadata() == whole
    assert source_cell("", checksum="c").metadata() == whole | {"checksum": "c"}
    assert source_cell("", points=0.0).metadata() == whole | {"points": 0.0}
    unmarked = source_cell("", grade=False).metadata()
    assert unmarked == {key: value for key, value in whole.items() if key != "points"} | {"grade": False}
    assert source_cell("", grade=False, task=True).metadata()["points"] == 4.0
    assert source_cell("", cell_type="markdown", solution=True, locked=False).metadata() == whole | {
        "cell_type": "markdown",
        "solution": True,
        "locked": False,
    }


def notebook(*cells, kernelspec=None):
    return {"cells": list(cells), "metadata": {"kernelspec": kernelspec or {"name": "python3"}}}


def cell_of(source="", ident=None, kind="code", tags=None, **flags):
    metadata = {"nbgrader": {"grade_id": ident, **flags}} if ident is not None else {}
    return {"cell_type": kind, "source": source, "metadata": metadata | ({"tags": tags} if tags else {})}


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        ({"grade": True}, (True, False, True, False, 0.0)),
        ({"grade": True, "locked": False, "points": 2}, (True, False, True, False, 2.0)),
        ({"grade": True, "solution": True, "locked": True, "points": 1.5}, (True, True, False, False, 1.5)),
        ({"solution": True}, (False, True, False, False, 0.0)),
        ({"task": True, "points": 3}, (False, False, False, True, 3.0)),
        ({"locked": True}, (False, False, True, False, 0.0)),
        ({"locked": True, "solution": True}, (False, True, False, False, 0.0)),
    ],
)
def test_a_source_cell_has_its_flags_and_points_and_no_solution_is_locked(flags, found):
    (cell,) = Source.from_notebook(notebook(cell_of("text", "q", "markdown", **flags))).cells
    assert (cell.grade_id, cell.cell_type, cell.source, cell.checksum) == ("q", "markdown", "text", None)
    assert (cell.grade, cell.solution, cell.locked, cell.task, cell.points) == found


def test_cells_without_a_name_or_a_flag_are_none_of_the_sources_and_the_others_keep_their_order():
    cells = [
        cell_of("b", "b", grade=True),
        cell_of("x", "x"),
        cell_of("", grade=True),
        cell_of("", "", grade=True),
    ]
    source = Source.from_notebook(notebook(*cells, cell_of("a", "a", solution=True), kernelspec={"name": "mine"}))
    assert [cell.grade_id for cell in source.cells] == ["b", "a"]
    assert source.kernelspec == {"name": "mine"}


def test_the_program_is_every_code_cell_as_students_see_it():
    source = Source.from_notebook(
        notebook(
            cell_of("import numpy"),
            cell_of("Text.", kind="markdown"),
            cell_of(region(IMPORT, CHECK), "softmax", grade=True),
            cell_of("x = 1", "only-named"),
        )
    )
    seen = "# Hidden tests of softmax."
    assert source.program == ((None, "import numpy"), ("softmax", seen), ("only-named", "x = 1"))
    assert source.texts == {"import numpy", seen, "x = 1"}


@pytest.mark.parametrize(
    ("cell", "shows"),
    [
        (cell_of("draw()", tags=["only-shows"]), True),
        (cell_of("draw()"), False),
        (cell_of("draw()", kind="markdown", tags=["only-shows"]), False),
        (cell_of("draw()", "q", tags=["only-shows"], locked=True), True),
        (cell_of("draw()", "q", tags=["only-shows"], grade=True), False),
        (cell_of("draw()", "q", tags=["only-shows"], solution=True), False),
        (cell_of("draw()", "q", tags=["only-shows"], task=True), False),
    ],
)
def test_a_tagged_code_cell_only_shows_something_if_it_carries_neither_marks_nor_an_answer(cell, shows):
    assert Source.from_notebook(notebook(cell)).shows == (("draw()",) if shows else ())


def test_the_names_of_all_cells_that_only_show_something_are_known():
    source = Source((), shows=("a = 1\nimport b.c, d as e", "%magic\nx = 1", "for f in g: pass"))
    assert source.shown_names == {"a", "b", "e", "f"}
    assert Source(()).shown_names == frozenset()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def f(x): y = x", {"f"}),
        ("class A: b = 1", {"A"}),
        ("from m import n as o", {"o"}),
        ("print(x)", set()),
        ("x += 1; (y := 2); z: int = 3", {"x", "y", "z"}),
        ("with a as b: pass", {"b"}),
        ("ä = 1", {"ä"}),
        ("%matplotlib inline\nx = 1", set()),
        ("", set()),
    ],
)
def test_a_cell_binds_what_it_assigns_defines_or_imports_at_its_own_level(text, names):
    assert names_bound(text) == names


@pytest.mark.parametrize(
    ("call", "points"),
    [
        ('check("softmax", softmax, 0)', 0.0),
        ('check("softmax", softmax, points=0.5)', 0.5),
        ('check("softmax", softmax, weight=3)', None),
        ('check("softmax", softmax, weight=3, points=2)', 2.0),
        ('check("softmax", softmax, points="2")', None),
        ('check("softmax", softmax, points=total)', None),
    ],
)
def test_the_points_of_a_sealed_cell_are_the_number_in_its_call(call, points):
    assert source_cell(region(call)).sealed == Sealed("softmax", "softmax", points)


@pytest.mark.parametrize(
    ("lines", "is_sealed"),
    [
        (["from autograder import check", CHECK], True),
        (["from numpy import check", CHECK], False),
        (["from autograder import check"] * 2 + [CHECK], False),
        ([CHECK, "from autograder import check"], False),
        (['check("softmax", softmax, 4, 5)'], False),
    ],
)
def test_one_import_of_the_grader_may_come_before_the_call_and_nothing_else(lines, is_sealed):
    assert (source_cell(region(*lines)).sealed is not None) is is_sealed


def test_every_hidden_region_of_a_cell_is_hidden_and_the_signs_may_stand_anywhere_in_a_line():
    text = "a\n  # BEGIN HIDDEN TESTS now\nb\nEND HIDDEN TESTS\nc\n## BEGIN HIDDEN TESTS\nd\n## END HIDDEN TESTS\n"
    assert split_hidden(text) == ("a\nc\n", "b\nd")
    assert split_hidden("x\n") == ("x\n", "")
    assert split_hidden("x\n### END HIDDEN TESTS\ny") == ("x\ny", "")
