"""The instructor's files replace the student's when a notebook runs."""

from __future__ import annotations

import pytest

from autograder.course import Course, CourseError
from autograder.intake import SubmittedNotebook


@pytest.fixture
def handed_in(tmp_path):
    """A course whose instructor's `data.csv` and `helpers.py` a student has both changed."""
    for folder, text in (("source/ps", "the instructor's"), ("submitted/ada/ps", "the student's")):
        (tmp_path / folder).mkdir(parents=True)
        for name in ("ps.ipynb", "data.csv", "helpers.py"):
            (tmp_path / folder / name).write_text(text)
    return SubmittedNotebook(tmp_path / "submitted" / "ada" / "ps" / "ps.ipynb", "ada", "ps", "ps")


@pytest.mark.parametrize(
    ("configured", "helpers"),
    [("", b"the instructor's"), ('c.Autograde.exclude_overwriting = {"ps": ["helpers.py"]}', b"the student's")],
)
def test_the_instructor_s_files_replace_the_student_s_but_for_those_that_students_edit(
    tmp_path, handed_in, configured, helpers
):
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\n{configured}\n")
    files = Course(tmp_path).files_for_run(handed_in)
    assert files == {"data.csv": b"the instructor's", "helpers.py": helpers}


@pytest.mark.parametrize("name", ["nbgrader_config.py", "source"])
def test_a_configuration_or_a_folder_of_sources_makes_a_course(tmp_path, name):
    (tmp_path / "source").mkdir() if name == "source" else (tmp_path / name).touch()
    (tmp_path / "below").mkdir()
    assert Course.at(tmp_path).root == tmp_path
    with pytest.raises(CourseError, match="is no nbgrader course"):
        Course.at(tmp_path / "below")
