"""What a worker process keeps between two requests, and what it must not keep."""

from __future__ import annotations

import pytest

from autograder import exercises
from autograder.course import Course
from autograder.grading.service import Service
from autograder.grading.settings import Settings
from autograder.grading.submission import Graded, Submission
from autograder.intake import RefusedError


class Grader:
    def __init__(self):
        self.asked = []

    def grade_notebook(self, source, submitted, submission):
        self.asked.append(submission)
        return Graded("report", submitted)


@pytest.fixture
def service(monkeypatch, pool):
    made = Service(Settings(b"", isolated=False), pool)
    made.grader = Grader()
    used = []
    monkeypatch.setattr(exercises, "course_in_use", lambda: used[-1] if used else None)
    monkeypatch.setattr(exercises, "use_course", used.append)
    made.used = used
    return made


def test_each_course_is_used_when_it_is_asked_for_and_only_then(service, tmp_path):
    for root in (tmp_path / "a", tmp_path / "a", tmp_path / "b", tmp_path / "a"):
        service._use(root)
        assert service._course_at(root) == Course(root)
    service._use(None)
    assert service.used == [tmp_path / "a", tmp_path / "b", tmp_path / "a"]
    assert service._course_at(tmp_path) is service._course_at(tmp_path)


def test_a_notebook_that_has_been_read_runs_with_the_files_in_its_folder(service, tmp_path, source):
    for name, content in {
        "source/hw/data.csv": "1",
        "autograded/ada/hw/data.csv": "1",
        "autograded/ada/hw/me": "2",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    folder = tmp_path / "autograded" / "ada" / "hw"
    before = Submission(b"{}", "ada", "hw", "hw", "hw.ipynb", {"other": b""})
    service.grade_read(tmp_path, folder, source, {"cells": [], "metadata": {}}, before)
    (asked,) = service.grader.asked
    assert (asked.files, asked.instructors) == ({"data.csv": b"1", "me": b"2"}, {"data.csv"})
    assert (asked.student, asked.assignment, asked.file) == ("ada", "hw", "hw.ipynb")


def test_what_can_t_be_read_or_belongs_elsewhere_is_refused_with_its_path(service, tmp_path, source):
    path = tmp_path / "hw.ipynb"
    path.write_bytes(b"{")
    with pytest.raises(RefusedError, match=rf"{path} is cut off or damaged"):
        service.read(path)
    other = {
        "cells": [
            {
                "cell_type": "code",
                "source": "",
                "metadata": {"nbgrader": {"grade_id": "bayes-setup", "grade": True, "points": 1}},
            }
        ],
        "metadata": {},
    }
    with pytest.raises(RefusedError, match=rf"{path} belongs to another assignment"):
        service.restore(path, source, other)


def test_every_request_has_its_name(service):
    assert set(service.methods()) == {
        "grade",
        "grade_sent",
        "grade_alone",
        "grade_file",
        "read",
        "restore",
        "grade_read",
    }
    assert all(method.__name__ == name for name, method in service.methods().items())
