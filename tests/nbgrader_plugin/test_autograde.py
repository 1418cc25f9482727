"""`nbgrader autograde` before it opens a submission: what keeps a whole run from starting is a sentence."""

from __future__ import annotations

import logging

import pytest
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.nbgrader_plugin.autograde import SealedAutograde

pytestmark = pytest.mark.sandbox


def test_an_exercise_of_the_course_that_can_not_be_imported_stops_the_run(tmp_path):
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "mine.py").write_text("import nothing_of_that_name")
    command = SealedAutograde(coursedir=CourseDirectory(root=str(tmp_path)))
    with pytest.raises(NbGraderException, match=r"mine\.py can't be imported: ModuleNotFoundError"):
        command.start()


@pytest.mark.parametrize(
    ("cluster", "said"), [("local:2", ["“autograder grade” grades on the cluster local:2."]), ("", [])]
)
def test_a_cluster_is_not_used_and_the_log_says_so(tmp_path, monkeypatch, caplog, cluster, said):
    monkeypatch.setattr(Autograde, "start", lambda _: None)
    config = Config(GradeSealed={"cluster": cluster})
    command = SealedAutograde(coursedir=CourseDirectory(root=str(tmp_path)), config=config)
    command.log = logging.getLogger("nbgrader")
    command.start()
    assert [record.getMessage().partition("The command ")[2] for record in caplog.records] == said
