"""A platform's person is the student of the gradebook who has that id there, and never somebody else."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.gradebook.students import match_students
from autograder.intake import Person, SubmittedNotebook, Upload
from autograder.intake.model import DeliveredFile


def student(ident, platform=None, email=None):
    return SimpleNamespace(id=ident, lms_user_id=platform, email=email)


CLASS = [student("ada", "7"), student("8"), student("eve", None, "Eve@x.edu"), student("zoe", "9", "zoe@x.edu")]


def handed_in(*ids, student="new"):
    person = Person(ids) if ids else None
    files = {"x.ipynb": DeliveredFile("x.ipynb", Path("x.ipynb"), "entry 1", lambda _: b"")}
    return SubmittedNotebook(
        Path("x.ipynb"), student, "hw", "hw", Upload(student, files, person=person), "x.ipynb"
    )


@pytest.mark.parametrize(
    ("ids", "matched"),
    [
        (["7"], "ada"),
        (["8"], "8"),
        (["eve@X.edu"], "eve"),
        (["S5", "7"], "ada"),
        (["8", "7"], "ada"),  # the platform's own id comes before a name
        (["S5", "eve@x.edu"], "eve"),
        (["zoe@x.edu"], "new"),  # zoe is another user of the platform
        (["zoe"], "new"),
        (["10"], "new"),
        ([], "new"),
    ],
)
def test_a_person_is_the_student_with_the_platforms_id_else_with_the_id_or_address(ids, matched):
    (found,) = match_students(CLASS, [handed_in(*ids)]).notebooks
    assert found.student == matched


def test_an_id_of_somebody_else_is_refused_and_the_others_keep_their_order():
    mine = handed_in(student="ada")  # no platform says who this is
    given = [handed_in("8"), handed_in("zoe", student="zoe"), mine, handed_in("7", student="7")]
    collected = match_students(iter(CLASS), given)
    assert [entry.student for entry in collected.notebooks] == ["8", "ada", "ada"]
    assert ["somebody else's" in entry.problem for entry in collected.refused] == [True]


def test_a_notebook_that_stands_alone_stays_as_it_is():
    alone = SubmittedNotebook(Path("ada.ipynb"), "ada", "hw", "hw")
    assert match_students(CLASS, [alone]).notebooks == (alone,)
