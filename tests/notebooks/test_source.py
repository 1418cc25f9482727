"""The source notebook shows which cells are sealed and which part of a cell students see."""

from __future__ import annotations

import pickle

import pytest

from autograder.notebooks.source import Sealed, Source, SourceCell, split_hidden, visible_part


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
