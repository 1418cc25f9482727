"""The two lines in a course's configuration: what they set, and what they leave to the course."""

from __future__ import annotations

import importlib
import sys
from functools import cache
from types import SimpleNamespace

import pytest
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets.config import Config

from autograder import nbgrader_plugin
from autograder.nbgrader_plugin import autograde, formgrader, generate_feedback, workers
from autograder.nbgrader_plugin import help as its_help

NBGRADERS = ("nbgrader.apps.autogradeapp", "nbgrader.server_extensions.formgrader.handlers")


def configured(**sections):
    config = Config(**sections)
    nbgrader_plugin.configure(config)
    return config


@pytest.fixture
def installed(monkeypatch):
    """Which parts are put into nbgrader's modules."""
    found = []
    for part in (autograde, generate_feedback, formgrader):
        name = part.__name__.rpartition(".")[2]
        monkeypatch.setattr(part, "install", lambda name=name: found.append(name))
    return found


def resolved(name):
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def names_of(listed):
    return [name.rpartition(".")[2] for name in listed]


def test_a_notebook_is_restored_before_it_is_graded_and_its_marks_are_saved_before_the_penalty(installed):
    config = configured()
    assert names_of(config.Autograde.sanitize_preprocessors) == ["ClearOutput", "RestoreCells", "CheckMetadata"]
    assert names_of(config.Autograde.autograde_preprocessors) == [
        "GradeSealed",
        "IgnorePattern",
        "LimitOutput",
        "SaveMarks",
        "AssignLatePenalties",
        "CheckMetadata",
    ]
    assert names_of(config.GenerateFeedback.preprocessors) == [
        "GetMarks",
        "HideTests",
        "CSSHTMLHeaderPreprocessor",
    ]


def test_every_name_that_is_set_exists_and_ours_take_the_place_of_nbgraders(installed):
    config = configured()
    for listed in (
        config.Autograde.sanitize_preprocessors,
        config.Autograde.autograde_preprocessors,
        config.GenerateFeedback.preprocessors,
        config.HTMLExporter.filters.values(),
        [config.ZipCollectApp.extractor_plugin, config.ExchangeFactory.collect],
    ):
        for name in listed:
            assert callable(resolved(name)), name
    ours = [name for name in config.Autograde.autograde_preprocessors if name.startswith("autograder.")]
    assert all(issubclass(resolved(name), NbGraderPreprocessor) for name in ours)
    assert config.HTMLExporter.sanitize_html is True
    assert {name: names_of([own]) for name, own in config.HTMLExporter.filters.items()} == {
        name: [name] for name in ("clean_html", "markdown2html", "strip_files_prefix")
    }


def test_a_courses_own_collectors_stay(installed):
    config = configured(ZipCollectApp={"extractor_plugin": "mine.A"}, ExchangeFactory={"collect": "mine.B"})
    assert (config.ZipCollectApp.extractor_plugin, config.ExchangeFactory.collect) == ("mine.A", "mine.B")


@pytest.mark.parametrize(
    ("imported", "parts"),
    [
        ((), []),
        (NBGRADERS[:1], ["autograde", "generate_feedback"]),
        (NBGRADERS[1:], ["formgrader"]),
        (NBGRADERS, ["autograde", "generate_feedback", "formgrader"]),
    ],
)
def test_only_what_runs_in_this_process_is_replaced(installed, monkeypatch, imported, parts):
    for name in NBGRADERS:
        monkeypatch.delitem(sys.modules, name, raising=False)
    for name in imported:
        monkeypatch.setitem(sys.modules, name, SimpleNamespace())
    configured()
    assert installed == parts


def test_the_help_lists_the_options_of_the_sealed_grader_after_nbgraders(monkeypatch):
    printed = []
    app = SimpleNamespace(classes=["first"])
    app.print_help = lambda classes=False: printed.append((app.classes, classes))
    monkeypatch.setattr(its_help, "AutogradeApp", lambda: app)
    its_help.main()
    assert printed == [(["first", its_help.GradeSealed], True)]


def test_workers_are_made_once_for_the_same_settings_and_exercises_and_closed_at_the_end(monkeypatch):
    at_exit = []
    digest = SimpleNamespace(now="a")

    class Workers:
        def __init__(self, settings):
            self.settings = settings

        def close(self):
            """End them."""

    monkeypatch.setattr(workers, "WorkerPool", Workers)
    monkeypatch.setattr(workers.atexit, "register", at_exit.append)
    monkeypatch.setattr(workers.exercises, "digest_of_own", lambda: digest.now)
    monkeypatch.setattr(workers, "_kept", cache(workers._kept.__wrapped__))
    first = workers.workers_with("settings")
    assert (first.settings, at_exit) == ("settings", [first.close])
    assert workers.workers_with("settings") is first
    others = [workers.workers_with("other")]
    digest.now = "b"  # an exercise of the course has changed
    others.append(workers.workers_with("settings"))
    assert len({first, *others}) == 3
    assert len(at_exit) == 3
