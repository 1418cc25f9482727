"""Marks enter the gradebook as nbgrader's `SaveAutoGrades` enters them, in one commit."""

from __future__ import annotations

import json
import shutil
from types import SimpleNamespace

import dozen
import nbformat
import pytest
import sqlalchemy as sa
import stock
from damage import SOURCE, cell, find, notebook, submission
from msgspec.structs import replace
from nbgrader import utils
from nbgrader.api import MissingEntry
from nbgrader.preprocessors import SaveAutoGrades

from autograder.gradebook import history
from autograder.nbgrader_plugin import opened
from autograder.nbgrader_plugin.save_marks import SaveMarks

TASK = cell("draw", "markdown", "Draw it.", task=True, locked=True, points=5)
RAISED = {"output_type": "error", "ename": "AssertionError", "evalue": "no", "traceback": []}
CREDIT = {"output_type": "execute_result", "data": {"text/plain": "2.5"}, "metadata": {}, "execution_count": 1}
WARNED = {"output_type": "stream", "name": "stderr", "text": "careful"}
OUTPUTS = {
    "nothing": {},
    "an error": {"double": [RAISED]},
    "partial credit": {"area": [CREDIT]},
    "a warning": {"area": [CREDIT, WARNED]},
}


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A course with every kind of cell; Ada has a submission, and a manual mark for one of its tests."""
    root = tmp_path_factory.mktemp("released")
    stock.course_of(root, "area", json.dumps(notebook(*SOURCE["cells"], TASK)).encode())
    with stock.database(root) as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission("area", "ada")
        gradebook.find_grade("area", "area", "area", "ada").manual_score = 1.0
        gradebook.db.commit()
    return root


def save(preprocessor, released, root, change, **more):
    """Save the marks of Ada's graded notebook; return what is in the gradebook then."""
    shutil.copytree(released, root)
    book = submission((root / "release" / "area" / "area.ipynb").read_bytes())
    change(book)
    names = {
        "student": "ada",
        "assignment": "area",
        "notebook": "area",
        "db_url": f"sqlite:///{root}/gradebook.db",
        **more,
    }
    preprocessor().preprocess(nbformat.from_dict(book), {"nbgrader": names})
    with stock.database(root) as gradebook:
        (found,) = gradebook.find_submission("area", "ada").notebooks
        grades = {g.name: (g.auto_score, g.manual_score, g.needs_manual_grade) for g in found.grades}
        return grades, {c.name: c.auto_comment for c in found.comments}


def test_the_rows_are_those_of_nbgrader(released, tmp_path):
    for number, outputs in enumerate(OUTPUTS.values()):

        def change(book, outputs=outputs):
            for name, shown in outputs.items():
                find(book, name)["outputs"] = shown

        ours = save(SaveMarks, released, tmp_path / f"ours{number}", change)
        assert ours == save(SaveAutoGrades, released, tmp_path / f"theirs{number}", change)
        assert ours[0].keys() == {"double", "area", "why", "draw"}
        assert ours[0]["double"] == (0.0 if "double" in outputs else 2.0, None, False)
        assert ours[0]["why"] == (None, None, True)


def test_an_answer_as_it_was_released_has_nbgraders_comment_and_no_mark(released, tmp_path):
    def blank(book):
        book["cells"] = json.loads((released / "release" / "area" / "area.ipynb").read_bytes())["cells"]
        for each in book["cells"]:
            each["source"] = "".join(each["source"])

    ours = save(SaveMarks, released, tmp_path / "ours", blank)
    assert ours == save(SaveAutoGrades, released, tmp_path / "theirs", blank)
    grades, comments = ours
    assert grades["why"] == (0.0, None, False)
    assert grades["area"] == (3.0, 1.0, True)
    assert comments == {
        "double-solution": "No response.",
        "area-solution": "No response.",
        "why": "No response.",
        "draw": None,
    }


@pytest.mark.parametrize(
    ("fault", "row"), [({}, (2.0, None, False)), ({"fault": "KeyError: 'bin'"}, (2.0, None, True))]
)
def test_a_mark_beside_a_fault_of_the_grader_waits_for_a_person(released, tmp_path, fault, row):
    report = dozen.report("ada", dozen.cell("double", [dozen.check("doubles", True, weight=2.0)], **fault))
    grades, _ = save(SaveMarks, released, tmp_path / "course", lambda book: None, report=report)
    assert grades["double"] == row


def scored(outputs=(), verdict=None, auto=None, manual=None):
    """The row of a test of 2 points: its mark, and whether it waits for a person."""
    made = cell("double", "code", "assert double(2) == 4", grade=True, locked=True, points=2)
    made = nbformat.from_dict({**made, "outputs": list(outputs)})
    preprocessor = SaveMarks()
    grade = SimpleNamespace(auto_score=auto, manual_score=manual, needs_manual_grade=None)
    preprocessor._grades = {"double": grade, "other": None}
    preprocessor._verdicts = {"double": verdict} if verdict else {}
    preprocessor._add_score(made, {})
    return grade.auto_score, grade.needs_manual_grade


SEALED, ITS_OWN = (dozen.cell("double", score=None, points=2.0, mode=mode) for mode in ("sealed", "in-process"))


@pytest.mark.parametrize(
    ("given", "row"),
    [
        ({}, (2.0, False)),
        ({"auto": 1.0, "outputs": [RAISED]}, (0.0, False)),
        ({"manual": 0.0}, (2.0, True)),  # what a person gave, be it nothing, may be out of date
        ({"manual": 1.0}, (2.0, True)),
        ({"verdict": SEALED}, (None, True)),
        ({"verdict": SEALED, "auto": 2.0}, (None, True)),
        ({"verdict": SEALED, "manual": 0.0}, (None, True)),
        ({"verdict": ITS_OWN}, (2.0, False)),
        ({"verdict": replace(SEALED, score=0.0)}, (2.0, False)),
        ({"verdict": replace(SEALED, score=2.0, fault="KeyError: 'x'")}, (2.0, True)),
    ],
)
def test_a_mark_waits_for_a_person_where_there_is_none_or_a_person_gave_one_or_the_grader_is_at_fault(given, row):
    assert scored(**given) == row


def test_a_notebook_is_committed_once(released, tmp_path, monkeypatch):
    """Each commit waits for the disk."""
    commits = {}
    for preprocessor in (SaveMarks, SaveAutoGrades):
        count = []
        open_database = opened.open_database

        def counted(*words, count=count, open_database=open_database):
            database = open_database(*words)
            sa.event.listen(database.engine, "commit", count.append)
            return database

        monkeypatch.setattr("autograder.nbgrader_plugin.save_marks.open_database", counted)
        monkeypatch.setattr("nbgrader.preprocessors.saveautogrades.Gradebook", counted)
        save(preprocessor, released, tmp_path / preprocessor.__name__, lambda book: None)
        commits[preprocessor] = len(count)
    assert commits[SaveMarks] == 1 < commits[SaveAutoGrades]


def test_a_cell_without_a_row_is_named_and_nothing_is_entered(released, tmp_path):
    def add(book):
        book["cells"].append(cell("late", "code", "assert True", grade=True, locked=True, points=1))

    with pytest.raises(MissingEntry, match="late"):
        save(SaveMarks, released, tmp_path / "course", add)
    assert set(stock.marks(tmp_path / "course", "area", "ada").values()) == {None}


def test_the_marks_that_change_are_in_the_history_of_their_notebook(released, tmp_path):
    root = tmp_path / "course"
    save(SaveMarks, released, root, lambda book: None)
    with stock.database(root) as gradebook:
        (entry,) = history.read_history(gradebook.db, "ada", "area")
    assert (entry.notebook, entry.digest) == ("area", "")
    assert entry.changes == {"double": (None, 2.0), "area": (None, 3.0)}


@pytest.mark.parametrize(
    ("made", "own", "comment"),
    [
        ({"solution": True}, True, "No response."),
        ({"solution": True}, False, None),
        ({"solution": True, "checksum": ""}, False, None),
        ({"task": True, "locked": True, "points": 5}, True, None),
    ],
)
def test_a_comment_is_on_an_answer_with_the_checksum_of_its_release_and_on_no_task(made, own, comment):
    answer = nbformat.from_dict(cell("why", "markdown", "Because.", **made))
    if own:
        answer.metadata.nbgrader.checksum = utils.compute_checksum(answer)
    preprocessor, row = SaveMarks(), SimpleNamespace(auto_comment="older")
    preprocessor._comments = {"why": row}
    preprocessor._add_comment(answer, {})
    assert row.auto_comment == comment
