"""Feedback has the project's own template, unless a course names others, and follows no link."""

from __future__ import annotations

from pathlib import Path

import nbgrader.apps.api
import nbgrader.apps.generatefeedbackapp
import pytest
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.nbgrader_plugin import generate_feedback
from autograder.nbgrader_plugin.generate_feedback import TEMPLATES, SealedFeedback
from autograder.nbgrader_plugin.pages import BoundedExporter


def command(root, **html):
    return SealedFeedback(coursedir=CourseDirectory(root=str(root)), config=Config(HTMLExporter=html))


def folders_of(converter):
    return converter.config.HTMLExporter.extra_template_basedirs


def test_the_own_template_is_found_before_nbgraders(tmp_path):
    own, stock = folders_of(command(tmp_path))
    assert own == TEMPLATES
    assert (Path(own) / "feedback").is_dir()
    assert (Path(stock) / "feedback").is_dir()
    assert command(tmp_path).exporter_class is BoundedExporter


def test_the_templates_that_a_course_names_are_used_as_they_are(tmp_path):
    stock = folders_of(command(tmp_path))[-1]
    for named in ([str(tmp_path)], [stock, str(tmp_path)], []):
        assert folders_of(command(tmp_path, extra_template_basedirs=named)) == named


@pytest.fixture
def feedback(tmp_path, monkeypatch):
    """The command on Ada's autograded submission; the list has what nbgrader itself goes on with."""
    folder = tmp_path / "autograded" / "ada" / "hw"
    folder.mkdir(parents=True)
    (folder / "nb.ipynb").write_text("{}")
    begun = []
    monkeypatch.setattr(GenerateFeedback, "init_assignment", lambda self, *names: begun.append(names))
    return command(tmp_path), folder, begun


def test_a_submission_of_plain_files_is_gone_on_with(feedback):
    made, _, begun = feedback
    made.init_assignment("hw", "ada")
    assert begun == [("hw", "ada")]


@pytest.mark.parametrize("place", ["nb.ipynb", "data/x.csv"])
def test_a_link_anywhere_in_a_submission_fails_it_with_what_to_do(feedback, tmp_path, place):
    made, folder, begun = feedback
    (tmp_path / "secret.txt").write_text("secret")
    link = folder / place
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(tmp_path / "secret.txt")
    with pytest.raises(NbGraderException, match=rf"{link.name}.*\. Grade the submission again\.$"):
        made.init_assignment("hw", "ada")
    assert begun == []


def test_both_of_nbgraders_ways_to_make_feedback_are_replaced(monkeypatch):
    for module in (nbgrader.apps.api, nbgrader.apps.generatefeedbackapp):
        monkeypatch.setattr(module, "GenerateFeedback", GenerateFeedback)
    generate_feedback.install()
    assert nbgrader.apps.api.GenerateFeedback is SealedFeedback
    assert nbgrader.apps.generatefeedbackapp.GenerateFeedback is SealedFeedback
