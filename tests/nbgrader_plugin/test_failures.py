"""A submission that `nbgrader autograde` can't grade: its marks, its flag, and what the run says of it."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import ledger
import pytest
from nbgrader.api import Gradebook as Database
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from autograder.gradebook.connection import create_tables
from autograder.gradebook.history import read_history
from autograder.grading.workers import GraderFaultError, NotGradedError
from autograder.intake import RefusedError
from autograder.nbgrader_plugin import autograde
from autograder.nbgrader_plugin.autograde import SealedAutograde, is_fault, record_failure


@pytest.fixture
def gradebook():
    """nbgrader's database; Ada has 2 of 4 marks, automatic, in each notebook of each assignment."""
    with Database("sqlite://", "any") as book:
        create_tables(book.engine)
        for assignment, names in ledger.BOOKS.items():
            book.add_assignment(assignment)
            for name in names:
                book.add_notebook(name, assignment)
                book.add_grade_cell("test", name, assignment, max_score=4, cell_type="code")
        book.add_student("ada")
        for assignment in ledger.BOOKS:
            book.add_submission(assignment, "ada")
            for found in book.find_submission(assignment, "ada").notebooks:
                found.grades[0].auto_score, found.grades[0].needs_manual_grade = 2.0, False
        book.db.commit()
        yield book
    book.engine.dispose()


def marks(gradebook, student="ada"):
    submissions = gradebook.student_submissions(student)
    return {
        (submission.assignment.name, book.name): (book.grades[0].auto_score, book.grades[0].needs_manual_grade)
        for submission in submissions
        for book in submission.notebooks
    }


KEPT = {("old", "nb"): (2.0, False), ("hw", "nb"): (2.0, False), ("hw", "more"): (2.0, False)}


@pytest.mark.parametrize(("name", "failed"), [(None, ["nb", "more"]), ("nb", ["nb"])])
@pytest.mark.parametrize(("fault", "mark"), [(False, 0.0), (True, None)])
def test_what_fails_has_0_or_no_mark_yet_and_waits_for_a_person(gradebook, name, failed, fault, mark):
    record_failure(gradebook, "hw", "ada", name, fault=fault)
    assert marks(gradebook) == KEPT | {("hw", book): (mark, True) for book in failed}
    entries = read_history(gradebook.db, "ada", "hw")
    assert {entry.notebook: entry.changes for entry in entries} == {book: {"test": (2.0, mark)} for book in failed}


def test_a_new_student_is_entered_and_an_assignment_that_was_not_released_is_none(gradebook):
    record_failure(gradebook, "hw", "zoë")
    assert marks(gradebook, "zoë") == {("hw", "nb"): (0.0, True), ("hw", "more"): (0.0, True)}
    record_failure(gradebook, "unknown", "ada")
    assert marks(gradebook) == KEPT


@pytest.mark.parametrize(
    ("error", "fault", "said"),
    [
        (RefusedError("x.ipynb is a link."), False, "x.ipynb is a link."),
        (NotGradedError("It took too long."), False, "It took too long."),
        (GraderFaultError("A worker died."), True, "A worker died."),
        (KeyError("bin"), True, "x.ipynb could not be graded: a fault of the grader (KeyError: 'bin')"),
    ],
)
def test_a_failure_is_the_submissions_or_the_graders(error, fault, said):
    assert (is_fault(error), autograde._reason(error, "x.ipynb")) == (fault, said)


@pytest.fixture
def command(tmp_path, caplog):
    made = SealedAutograde(coursedir=CourseDirectory(root=str(tmp_path)))
    made.log = logging.getLogger("nbgrader")
    made.reports, made.failures, made._left_over, made._deadline = [], [], [], None
    return made


@pytest.mark.parametrize(("deadline", "begun"), [(None, True), (101.0, True), (100.0, False), (99.0, False)])
def test_when_the_time_for_the_class_is_up_no_submission_is_begun(command, monkeypatch, deadline, begun):
    monkeypatch.setattr(autograde, "time", SimpleNamespace(monotonic=lambda: 100.0))
    monkeypatch.setattr(Autograde, "init_destination", lambda *_: True)
    command._deadline = deadline
    assert command.init_destination("hw", "ada") == begun
    assert command._left_over == ([] if begun else ["ada (hw)"])


def test_every_failure_and_everybody_who_is_left_over_is_said_at_the_end(command, monkeypatch):
    monkeypatch.setattr(Autograde, "convert_notebooks", lambda _: None)
    command.convert_notebooks()
    command.failures, command._left_over = ["ada: why", "bob: why"], ["eve (hw)", "zoë (hw)"]
    with pytest.raises(NbGraderException) as error:
        command.convert_notebooks()
    late = "Left over, because the time for the class was up: eve (hw), zoë (hw)."
    assert str(error.value) == f"ada: why\nbob: why\n{late}"
