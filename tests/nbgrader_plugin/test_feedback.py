"""A feedback page sorts the cells by what counts in the gradebook, and says the marks of each."""

from __future__ import annotations

from types import SimpleNamespace

import nbformat
import pytest
from nbgrader.preprocessors import GetGrades

from autograder.nbgrader_plugin.feedback import GetMarks, _entry
from autograder.nbgrader_plugin.preprocessors import HideTests

HTML = {"output_type": "display_data", "data": {"text/html": "<b>verdict</b>"}, "metadata": {}}
PLAIN = {"output_type": "display_data", "data": {"text/plain": "2"}, "metadata": {}}
PRINTED = {"output_type": "stream", "name": "stdout", "text": "hello"}


def cell(name, outputs=(), **meta):
    flags = {"grade_id": name, "solution": False, **meta}
    made = {"cell_type": "code", "source": "", "metadata": {"nbgrader": flags}, "outputs": list(outputs)}
    return nbformat.from_dict(made)


def grouped(**grades):
    """What is passed to the page about cells with these marks: automatic, manual, score and maximum."""
    rows = {
        name: SimpleNamespace(auto_score=auto, manual_score=manual, score=score, max_score=maximum)
        for name, (auto, manual, score, maximum) in grades.items()
    }
    preprocessor = GetMarks()
    preprocessor.gradebook = SimpleNamespace(
        find_grade=lambda name, *key: rows[name] if key == ("n", "a", "s") else 0
    )
    preprocessor.notebook_id, preprocessor.assignment_id, preprocessor.student_id = "n", "a", "s"
    cells = [cell(name) for name in grades]
    for each in cells:
        preprocessor._get_score(each, {})
    return cells, preprocessor


@pytest.mark.parametrize(
    ("grade", "group"),
    [
        ((None, None, 0.0, 2.0), "waits"),
        ((0.0, None, 0.0, 2.0), "lost"),
        ((None, 0.0, 0.0, 2.0), "lost"),
        ((1.5, None, 1.5, 2.0), "lost"),
        ((2.0, None, 2.0, 2.0), "full"),
        ((0.0, 2.0, 2.0, 2.0), "full"),
        ((2.0, None, 2.5, 2.0), "full"),
        ((0.0, None, 0.0, 0.0), "full"),
    ],
)
def test_a_cell_waits_has_lost_marks_or_has_all(grade, group):
    (found,), _ = grouped(f=grade)
    meta = found.metadata.nbgrader
    assert (meta.group, meta.score, meta.points) == (group, *grade[2:])


def test_the_groups_are_in_order_and_the_points_that_wait_are_added_up(monkeypatch):
    cells, preprocessor = grouped(
        a=(2.0, None, 2.0, 2.0), b=(None, None, 0.0, 3.0), c=(0.0, None, 0.0, 2.0), d=(None, None, 0.0, 1.5)
    )
    book = SimpleNamespace(cells=[nbformat.from_dict({"metadata": {}}), cell("ungraded"), *cells])
    monkeypatch.setattr(GetGrades, "preprocess", lambda self, nb, resources: (nb, resources))
    _, resources = preprocessor.preprocess(book, {"nbgrader": {"student": "s"}})
    names = resources["nbgrader"]
    assert names["waiting"] == 4.5
    assert [(group, [entry["name"] for entry in entries]) for group, _, entries in names["groups"]] == [
        ("lost", ["c"]),
        ("waits", ["b", "d"]),
        ("full", ["a"]),
    ]
    assert names["student"] == "s"


@pytest.mark.parametrize(
    ("outputs", "meta", "panel"),
    [
        ([PRINTED, HTML, {**HTML, "data": {"text/html": "second"}}], {}, "<b>verdict</b>"),
        ([HTML], {"solution": True}, ""),
        ([HTML], {"task": True}, ""),
        ([PLAIN], {}, ""),
        ([PRINTED], {}, ""),
        ([], {}, ""),
    ],
)
def test_a_tests_panel_is_its_first_output_and_an_answer_has_none(outputs, meta, panel):
    assert _entry(cell("f", outputs, score=0.5, points=2.0, **meta))["panel"] == panel


def test_marks_are_short_and_a_comment_is_a_text():
    entry = _entry(cell("f", score=1 / 3, points=2.0))
    assert (entry["name"], entry["marks"], entry["points"], entry["comment"]) == ("f", "0.3333 / 2", "2", "")
    assert _entry(cell("f", score=0.0, points=2.0, comment="No."))["comment"] == "No."


RAISED = {"output_type": "error", "ename": "AssertionError", "evalue": "no", "traceback": ["check(secret)"]}
HIDDEN = "shown\n### BEGIN HIDDEN TESTS\ncheck(secret)\n### END HIDDEN TESTS\nlast"


@pytest.mark.parametrize(
    ("source", "visible", "traceback"),
    [(HIDDEN, "shown\nlast", ["AssertionError: no"]), ("check(secret)", "check(secret)", ["check(secret)"])],
)
def test_hidden_lines_are_in_no_text_and_in_no_traceback(source, visible, traceback):
    given = nbformat.from_dict({**cell("f", [PRINTED, RAISED, RAISED]), "source": source})
    found, _ = HideTests().preprocess_cell(given, {}, 0)
    assert found.source == visible
    assert [output.get("traceback") for output in found.outputs] == [None, traceback, traceback]


def test_hidden_lines_of_a_text_are_removed_too():
    given = nbformat.from_dict({"cell_type": "markdown", "source": HIDDEN, "metadata": {}})
    assert HideTests().preprocess_cell(given, {}, 0)[0].source == "shown\nlast"
