"""`nbgrader autograde` before it opens a submission: what keeps a whole run from starting is a sentence."""

from __future__ import annotations

import pytest
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from autograder.nbgrader_plugin.autograde import SealedAutograde

pytestmark = pytest.mark.sandbox


def test_an_exercise_of_the_course_that_can_not_be_imported_stops_the_run(tmp_path):
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "mine.py").write_text("import nothing_of_that_name")
    command = SealedAutograde(coursedir=CourseDirectory(root=str(tmp_path)))
    with pytest.raises(NbGraderException, match=r"mine\.py can't be imported: ModuleNotFoundError"):
        command.start()
