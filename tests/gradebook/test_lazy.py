"""nbgrader's modules are imported without what grading does not use, until somebody asks for that."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest
from conftest import CHECKOUT

from autograder.gradebook.lazy import defer_package, functions_on_request

PROGRAM = """
import sys
from autograder.gradebook.gradebook import Gradebook

assert "nbgrader.api" in sys.modules
for name in ("nbgrader.server_extensions", "jsonschema", "urllib3", "setuptools"):
    assert name not in sys.modules, name
import nbgrader
import nbformat
import requests
import nbgrader.api

assert nbgrader.api.MissingEntry is sys.modules["nbgrader.api"].MissingEntry
assert nbgrader.apps.NbGraderAPI
assert "nbgrader.server_extensions" in sys.modules  # its applications import it
assert nbgrader.__version__.startswith("0.9")
assert nbgrader._jupyter_server_extension_points()
assert nbformat.reads('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', 4).cells == []
assert requests.Request("GET", "http://localhost").prepare().url == "http://localhost/"
"""
ARCHIVE = """
import sys, zipfile
from autograder.gradebook.gradebook import Gradebook
from nbgrader import utils

with zipfile.ZipFile("one.zip", "w") as file:
    file.writestr("inner/x.txt", "x")
utils.unzip("one.zip", ".")
import setuptools.archive_util
assert setuptools.archive_util.UnrecognizedFormat
"""


@pytest.mark.slow
def test_nbgrader_is_itself_in_the_end():
    subprocess.run([sys.executable, "-c", PROGRAM], cwd=CHECKOUT, check=True)


@pytest.mark.slow
def test_it_unpacks_archives_as_ever(tmp_path):
    subprocess.run([sys.executable, "-c", ARCHIVE], cwd=tmp_path, check=True)
    assert [path.name for path in tmp_path.rglob("*.txt")] == ["x.txt"]


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that says when its own code runs; the list has what it said."""
    folder = tmp_path / "of_this_test"
    folder.mkdir()
    (folder / "__init__.py").write_text("said.append(__name__)\nown = 7\n")
    (folder / "part.py").write_text("said.append(__name__)\nother = 8\n")
    said = []
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("builtins.said", said, raising=False)
    yield said
    for name in [name for name in sys.modules if name.partition(".")[0] == "of_this_test"]:
        del sys.modules[name]


def test_a_deferred_package_runs_once_somebody_asks_for_a_name_of_its_own(package):
    defer_package("of_this_test")
    module = importlib.import_module("of_this_test")
    assert package == []
    assert module.part.other == 8
    assert package == ["of_this_test.part"]
    assert module.own == module.own == 7
    assert package == ["of_this_test.part", "of_this_test"]
    with pytest.raises(AttributeError, match="nothing"):
        module.nothing  # noqa: B018
    assert sys.modules["of_this_test"] is module
    assert package.count("of_this_test") == 1


def test_what_is_imported_already_or_is_not_there_is_left_as_it_is(package):
    module = importlib.import_module("of_this_test")
    defer_package("of_this_test")
    assert sys.modules["of_this_test"] is module
    defer_package("no_package_of_this_name")
    assert "no_package_of_this_name" not in sys.modules


def test_a_function_is_imported_when_it_is_called_and_the_module_is_itself_afterwards(package, tmp_path):
    (tmp_path / "of_this_test" / "work.py").write_text("said.append(__name__)\ndef add(a, b=0): return a + b\n")
    with functions_on_request("of_this_test.work"):
        add = sys.modules["of_this_test.work"].add
        with pytest.raises(AttributeError):
            sys.modules["of_this_test.work"].__path__  # noqa: B018
    assert "of_this_test.work" not in sys.modules
    assert package == []
    assert add(2, b=3) == 5
    assert package == ["of_this_test", "of_this_test.work"]
    module = sys.modules["of_this_test.work"]
    with functions_on_request("of_this_test.work"):
        assert sys.modules["of_this_test.work"] is module
    assert sys.modules["of_this_test.work"] is module


def test_the_place_is_given_back_after_an_error_too():
    with pytest.raises(KeyError), functions_on_request("of_this_test.never"):
        raise KeyError
    assert "of_this_test.never" not in sys.modules
