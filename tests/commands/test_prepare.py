"""Before a class is graded: whose the files are that stand alone, and which sources must be proved."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.commands import prepare as module
from autograder.commands.opening import CannotGradeError
from autograder.commands.prepare import UNPROVED, owned
from autograder.intake import SubmittedNotebook, Upload


def notebook(path, student, upload=None):
    return SubmittedNotebook(Path(path), student, "hw", "hw", upload)


GRADEBOOK = SimpleNamespace(
    students=lambda: frozenset({"ada", "emmy"}),
    course=SimpleNamespace(is_in_submitted_folder=lambda entry: "submitted" in entry.path.parts),
)
LOOSE, KNOWN = notebook("hw.ipynb", "hw"), notebook("in/ada.ipynb", "ada")
ELSEWHERE = notebook("submitted/zoe/hw/hw.ipynb", "zoe")


@pytest.fixture(autouse=True)
def without_terminal(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: False))


def students(*entries, paths, student=None):
    return [entry.student for entry in owned(GRADEBOOK, entries, [Path(path) for path in paths], student)]


def test_a_file_named_by_itself_is_of_the_student_of_its_name_or_of_the_one_that_is_named():
    assert students(KNOWN, paths=["in/ada.ipynb"]) == ["ada"]
    assert students(LOOSE, KNOWN, ELSEWHERE, paths=["hw.ipynb"], student="new") == ["new", "ada", "zoe"]
    assert students(KNOWN, paths=[Path("in/ada.ipynb").absolute()], student="emmy") == ["emmy"]


def test_what_lies_in_a_named_folder_an_upload_or_submitted_keeps_its_student():
    upload = notebook("class.zip", "7", object.__new__(Upload))
    entries = (LOOSE, upload, ELSEWHERE)
    assert students(*entries, paths=["in", "class.zip", ELSEWHERE.path]) == ["hw", "7", "zoe"]
    with pytest.raises(
        CannotGradeError, match="--student says whose a notebook is that is named by itself; none is"
    ):
        students(*entries, paths=["in", "class.zip", ELSEWHERE.path], student="ada")


def test_a_name_that_is_no_students_is_refused_with_the_nearest():
    with pytest.raises(CannotGradeError, match=r"Whose is in/adda.ipynb. “adda” is no student .* Is it ada's"):
        students(notebook("in/adda.ipynb", "adda"), paths=["in/adda.ipynb"])
    with pytest.raises(CannotGradeError, match=r"“hw” is no student of the gradebook. Say it with"):
        students(LOOSE, paths=["hw.ipynb"])
    with pytest.raises(CannotGradeError, match="--student "):
        students(LOOSE, paths=["hw.ipynb"], student="../x")


def needs_proof(monkeypatch, *, proved="d", released=True, entered=True, changed=False, known=True):
    monkeypatch.setattr(module, "digests_to_prove", lambda *_: {"one": "d", "two": "d"})
    monkeypatch.setattr(module, "digest_of", lambda source: f"of {source}")
    record = SimpleNamespace(proved=proved, entered="of one" if entered else "of another")
    gradebook = SimpleNamespace(
        course=SimpleNamespace(assignments={"hw": ["one", "two"]} if known else {}),
        released=lambda _, name: "one" if released else None,
        last_release=lambda _, name: record if name == "two" or released else None,
        changes=lambda _, name: changed,
    )
    return module._needs_proof(gradebook, "hw")


def test_a_source_is_proved_unless_it_was_as_it_is_released_and_with_these_exercises(monkeypatch):
    assert not needs_proof(monkeypatch)
    assert not needs_proof(monkeypatch, proved=UNPROVED)
    assert needs_proof(monkeypatch, proved="another digest")
    assert needs_proof(monkeypatch, proved="")
    assert needs_proof(monkeypatch, released=False)
    assert needs_proof(monkeypatch, entered=False)
    assert not needs_proof(monkeypatch, proved="another digest", changed=True)
    assert not needs_proof(monkeypatch, proved="another digest", known=False)
