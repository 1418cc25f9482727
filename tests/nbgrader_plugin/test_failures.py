"""A submission that `nbgrader autograde` can't grade: its marks, its flag, and what the run says of it."""

from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace

import dozen
import ledger
import nbgrader.apps.api
import nbgrader.apps.autogradeapp
import pytest
import sqlalchemy as sa
from nbgrader.api import Gradebook as Database
from nbgrader.converters import Autograde, BaseConverter
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import OperationalError
from traitlets.config import Config

from autograder.gradebook.connection import create_tables
from autograder.gradebook.history import read_history
from autograder.gradebook.journal import write_entry
from autograder.grading.workers import GraderFaultError, NotGradedError
from autograder.intake import RefusedError
from autograder.nbgrader_plugin import autograde
from autograder.nbgrader_plugin.autograde import SealedAutograde, is_fault, record_failure
from autograder.nbgrader_plugin.exporter import TolerantExporter


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


# --- one submission --------------------------------------------------------------------------------------


@pytest.fixture
def graded(command, tmp_path, monkeypatch, caplog):
    """The command on Ada's submission of “hw”, with nbgrader's own work left out; the list has what it does."""
    with ledger.session_with({"id": "ada"}) as session:
        ledger.submit(session, "ada")
        session.execute(sa.text("update grade set auto_score = 2, needs_manual_grade = 0"))
        session.commit()
        content = session.connection().connection.driver_connection.serialize()
    (tmp_path / "gradebook.db").write_bytes(content)
    folder = tmp_path / "submitted" / "ada" / "hw"
    folder.mkdir(parents=True)
    (folder / "nb.ipynb").write_text("{}")
    done = []
    monkeypatch.setattr(Autograde, "init_assignment", lambda self, *names: done.append(names))
    monkeypatch.setattr(SealedAutograde, "_init_preprocessors", lambda self: None)
    caplog.set_level(logging.INFO)
    command.notebooks = [str(folder / "nb.ipynb")]
    command._has_tables, command._sources = False, {}
    command._student_lock = SimpleNamespace(close=lambda: done.append("free"), enter_context=done.append)
    monkeypatch.setattr(autograde.locks, "locked", Locks(done))
    command.done = done
    return command


class Locks:
    """Locks that are told by their names."""

    def __init__(self, done):
        self.done = done

    def __call__(self, url, *names):
        return Lock(names, self.done)


class Lock:
    def __init__(self, names, done):
        self.names, self.done = names, done

    def __eq__(self, other):
        return self.names == other

    def __hash__(self):
        return hash(self.names)

    def __enter__(self):
        self.done.append(self.names)

    def __exit__(self, *_):
        self.done.append("unlocked")


def in_gradebook(root, query):
    engine = sa.create_engine(f"sqlite:///{root}/gradebook.db", poolclass=sa.NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


MARKS = "select auto_score, needs_manual_grade from grade"


def test_the_next_students_rows_are_locked_once_the_one_before_is_graded(graded):
    graded.init_assignment("hw", "ada")
    graded.init_assignment("hw", "bob")
    tables = [("tables",), "unlocked"]  # made sure of once
    first, second = ["free", ("student", "ada")], ["free", ("student", "bob")]
    assert graded.done == [*first, *tables, ("hw", "ada"), *second, ("hw", "bob")]


def test_what_autograder_grade_has_noted_of_this_submission_alone_is_forgotten(graded, tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path}/gradebook.db", poolclass=sa.NullPool)
    with engine.begin() as connection:
        for student, assignment in (("ada", "hw"), ("bob", "hw"), ("ada", "old")):
            write_entry(connection, assignment, dozen.report(student, notebook="nb"), "d")
    graded.init_assignment("hw", "ada")
    left = in_gradebook(tmp_path, "select student_id, assignment from autograder_report order by 1")
    assert left == [("ada", "old"), ("bob", "hw")]


@pytest.mark.parametrize("place", ["nb.ipynb", "data.csv", "data/x.csv"])
def test_a_submission_with_a_link_has_0_everywhere_and_nothing_of_it_is_converted(graded, tmp_path, place):
    link = tmp_path / "submitted" / "ada" / "hw" / place
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(tmp_path / "gradebook.db")
    graded.init_assignment("hw", "ada")
    assert graded.notebooks == []
    assert ("hw", "ada") not in graded.done
    [failure] = graded.failures
    assert failure.startswith("ada: ")
    assert link.name in failure
    assert set(in_gradebook(tmp_path, MARKS)) == {(0.0, 1)}


def test_a_folder_that_is_a_link_is_refused_too(graded, tmp_path):
    (tmp_path / "submitted" / "ada").rename(tmp_path / "elsewhere")
    (tmp_path / "submitted" / "ada").symlink_to(tmp_path / "elsewhere")
    graded.init_assignment("hw", "ada")
    assert (graded.notebooks, len(graded.failures)) == ([], 1)


@pytest.mark.parametrize(("name", "stays"), [("nb", {"more.ipynb"}), (None, {"nb.ipynb", "more.ipynb"})])
@pytest.mark.parametrize(("fault", "said"), [(True, "no marks yet"), (False, "0 marks")])
def test_a_failure_leaves_no_older_notebook_and_no_older_feedback(
    graded, tmp_path, caplog, name, stays, fault, said
):
    for step in ("autograded", "feedback"):
        for student in ("ada", "bob"):
            folder = tmp_path / step / student / "hw"
            folder.mkdir(parents=True)
            for book in ("nb.ipynb", "more.ipynb"):
                (folder / book).touch()
    graded._fail("hw", "ada", "It took too long.", name, fault=fault)
    assert [record.getMessage() for record in caplog.records] == [f"ada: {said}, because It took too long"]
    assert graded.failures == ["ada: It took too long"]
    assert {path.name for path in (tmp_path / "autograded" / "ada" / "hw").iterdir()} == stays
    assert not (tmp_path / "feedback" / "ada" / "hw").exists()
    assert len(list((tmp_path / "feedback" / "bob" / "hw").iterdir())) == 2
    failed = (None if fault else 0.0, 1)
    assert in_gradebook(tmp_path, MARKS).count(failed) == (6 if name is None else 3)


@pytest.mark.parametrize(
    ("error", "fault", "why"),
    [
        (RefusedError("x.ipynb is a link."), False, "x.ipynb is a link."),
        (KeyError("bin"), True, "a fault of the grader (KeyError: 'bin')"),
    ],
)
def test_a_notebook_that_fails_is_that_one_and_the_run_goes_on(graded, tmp_path, monkeypatch, error, fault, why):
    def fail(*_):
        raise error

    failed = []
    monkeypatch.setattr(BaseConverter, "convert_single_notebook", fail)
    monkeypatch.setattr(graded, "_fail", lambda *words, **more: failed.append((*words, more)))
    graded.convert_single_notebook(graded.notebooks[0])
    [(assignment, student, said, name, more)] = failed
    assert (assignment, student, name, more) == ("hw", "ada", "nb", {"fault": fault})
    assert said.endswith(why)


def test_without_the_database_the_run_ends(graded, monkeypatch):
    def fail(*_):
        raise OperationalError("insert", {}, Exception("gone"))

    monkeypatch.setattr(BaseConverter, "convert_single_notebook", fail)
    with pytest.raises(OperationalError):
        graded.convert_single_notebook(graded.notebooks[0])


@pytest.mark.parametrize(
    ("repairs", "level"), [([], logging.INFO), (["The cell “double” was put back."], logging.WARNING)]
)
def test_what_became_of_a_notebook_is_logged_and_a_repair_as_a_warning(
    graded, monkeypatch, caplog, repairs, level
):
    report = dozen.report("ada", dozen.cell("test", score=1.0, points=4.0), repairs=repairs)

    def convert(self, _):
        self.reports += [dozen.report("bob"), report]

    monkeypatch.setattr(BaseConverter, "convert_single_notebook", convert)
    graded.convert_single_notebook(graded.notebooks[0])
    [record] = caplog.records
    assert (record.levelno, graded.failures) == (level, [])
    assert "ada" in record.getMessage()


def test_a_fault_of_the_grader_beside_marks_is_a_failure_of_the_run(graded, monkeypatch, caplog):
    cells = [dozen.cell(name, score=1.0, points=2.0, fault="KeyError: 'x'") for name in ("one", "two")]
    report = dozen.report("ada", *cells)
    monkeypatch.setattr(BaseConverter, "convert_single_notebook", lambda self, _: self.reports.append(report))
    graded.convert_single_notebook(graded.notebooks[0])
    assert graded.failures == [f"ada: {fault}" for fault in report.faults]
    assert len(graded.failures) == 2
    assert [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR] == graded.failures


def test_the_instructors_cells_are_read_once_a_run_for_each_notebook(graded, tmp_path, monkeypatch):
    read = []

    def released(database, course, *names):
        read.append((course.root, *names))
        return names

    monkeypatch.setattr(autograde, "released_source", released)
    path = graded.notebooks[0]
    for _ in range(2):
        names = graded.init_single_notebook_resources(path)["nbgrader"]
        assert (names["student"], names["assignment"], names["notebook"]) == ("ada", "hw", "nb")
        assert (names["source"], names["repairs"]) == (("hw", "nb"), [])
        assert (names["root"], Path(names["folder"])) == (str(tmp_path), tmp_path / "autograded" / "ada" / "hw")
        names["repairs"].append("of this notebook alone")
    assert graded._source("hw", "more") == ("hw", "more")
    assert read == [(tmp_path, "hw", "nb"), (tmp_path, "hw", "more")]


def test_all_preprocessors_run_in_one_go_and_those_of_the_last_notebook_are_forgotten(command, monkeypatch):
    command.sanitize_preprocessors, command.autograde_preprocessors = ["a", "b"], ["c"]
    registered = []
    monkeypatch.setattr(TolerantExporter, "register_preprocessor", lambda self, name: registered.append(name))
    command.exporter = TolerantExporter()
    command.exporter._preprocessors = ["old"]
    registered.clear()
    command._init_preprocessors()
    assert (registered, command.exporter._preprocessors) == (["a", "b", "c"], [])


def test_both_of_nbgraders_ways_to_grade_are_replaced(monkeypatch):
    for module in (nbgrader.apps.api, nbgrader.apps.autogradeapp):
        monkeypatch.setattr(module, "Autograde", Autograde)
    installed = []
    monkeypatch.setattr(autograde.opened, "install", lambda: installed.append(1))
    autograde.install()
    assert nbgrader.apps.api.Autograde is nbgrader.apps.autogradeapp.Autograde is SealedAutograde
    assert installed == [1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, []),
        ({"Execute": {"enabled": True}}, []),
        ({"Execute": {"enabled": False}}, ["--no-execute has no effect"]),
    ],
)
def test_a_run_begins_with_nothing_of_the_one_before_and_says_what_has_no_effect(
    tmp_path, monkeypatch, caplog, options, said
):
    monkeypatch.setattr(autograde, "workers_of", lambda *_: None)
    monkeypatch.setattr(autograde.exercises, "use_course", lambda _: None)
    monkeypatch.setattr(autograde.time, "monotonic", lambda: 100.0)
    monkeypatch.setattr(Autograde, "start", lambda self: None)
    for seconds, deadline in ((0.0, None), (7.0, 107.0)):
        config = Config(**options, GradeSealed={"class_seconds": seconds})
        made = SealedAutograde(coursedir=CourseDirectory(root=str(tmp_path)), config=config)
        made.log = logging.getLogger("nbgrader")
        caplog.clear()
        for _ in range(2):
            made.start()
            assert (made.reports, made.failures, made._left_over, made._sources) == ([], [], [], {})
            assert made._deadline == deadline
            made.reports.append("old")
            made.failures.append("old")
            made._left_over.append("old")
            made._sources["old"] = "old"
        assert [text for text in said if text not in caplog.text] == []
        assert len(caplog.records) == 2 * len(said)
