"""The formgrader's pages, without a browser: which configuration makes them, and which files they serve."""

from __future__ import annotations

from types import SimpleNamespace

import nbformat
import nbgrader.apps.api  # noqa: F401  # first: its server extension imports it in a circle
import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader.base import BaseHandler
from nbgrader.server_extensions.formgrader.handlers import SubmissionFilesHandler
from traitlets.config import Config

from autograder import nbgrader_plugin
from autograder.intake import RefusedError
from autograder.nbgrader_plugin import formgrader


@pytest.fixture
def config():
    """The configuration of a course with the two lines, loaded in the formgrader's process."""
    loaded = Config()
    nbgrader_plugin.configure(loaded)
    return loaded


def page_of(exporter, text, **cell):
    cells = [{"cell_type": "markdown", "id": "a", "source": text, "metadata": {}, **cell}]
    book = nbformat.from_dict({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    html, _ = exporter.from_notebook_node(book)
    return html


def test_a_course_that_is_opened_later_is_shown_by_its_own_configuration(config):
    """The formgrader does not use the exporter that it made when the server started in another folder."""
    opened = SimpleNamespace(config=config)
    handler = SimpleNamespace(
        settings={"nbgrader_formgrader": opened, "nbgrader_exporter": HTMLExporter(config=Config())}
    )
    page = page_of(BaseHandler.exporter.fget(handler), "<p onclick='alert(1)'>said</p>")
    assert "said" in page
    assert "onclick" not in page


@pytest.mark.parametrize("name", ["gone.png", "empty.png"])
def test_a_missing_picture_does_not_stop_the_page(config, name):
    """nbconvert refuses a whole notebook if the attachment of one picture is missing."""
    text = f"Before ![the curve](attachment:{name}) after"
    page = page_of(HTMLExporter(config=config), text, attachments={"empty.png": {}})
    assert "the curve (a picture that is not in the notebook)" in page
    assert "after" in page


def test_an_attached_picture_is_shown(config):
    page = page_of(
        HTMLExporter(config=config), "![x](attachment:a.png)", attachments={"a.png": {"image/png": "QQ=="}}
    )
    assert "data:image/png;base64,QQ==" in page


@pytest.mark.parametrize(("name", "confined"), [("page.html", True), ("drawing.svg", True), ("answer.pdf", False)])
def test_a_file_of_a_submission_is_served_without_scripts(config, name, confined):
    handler = SimpleNamespace(
        settings={}, base_url="/", request=SimpleNamespace(path=f"/formgrader/submissions/1/{name}")
    )
    policy = SubmissionFilesHandler.content_security_policy.fget(handler)
    assert ("sandbox" in policy.split("; ")) == confined


def test_a_students_name_is_text_in_a_page(config):
    """nbgrader's templates put it into elements, attributes and scripts without escaping it."""
    seen = {}
    template = SimpleNamespace(render=seen.update)
    environment = SimpleNamespace(get_template=lambda name: template)
    handler = SimpleNamespace(settings={"nbgrader_jinja2_env": environment})
    BaseHandler.render(
        handler, "any.tpl", student_id='"<b>', resources={"student": "<i>", "total": 3}, base_url="/"
    )
    assert seen == {
        "student_id": "&quot;&lt;b&gt;",
        "resources": {"student": "&lt;i&gt;", "total": 3},
        "base_url": "/",
    }


def test_names_inside_names_are_text_and_what_is_no_text_stays():
    given = {"nbgrader": {"student": "<i>", "marks": [1, "<b>"]}, "late": None, "path": 'a"b'}
    assert formgrader._as_text(given) == {
        "nbgrader": {"student": "&lt;i&gt;", "marks": [1, "<b>"]},
        "late": None,
        "path": "a&quot;b",
    }
    assert given["path"] == 'a"b'


def test_a_page_that_can_not_be_made_says_why_as_text(config, monkeypatch):
    def refuse(self, filename, resources, **_):
        raise RefusedError(f"{filename} took too long.")

    monkeypatch.setattr(formgrader.BoundedExporter, "from_filename", refuse)
    resources = {"student": "<i>"}
    page, same = formgrader.PageExporter(config=config).from_filename("<b>.ipynb", resources)
    assert (page, same) == ("<p>&lt;b&gt;.ipynb took too long.</p>", {"student": "<i>"})
