"""nbgrader's modules are imported without what grading does not use, until somebody asks for that."""

from __future__ import annotations

import subprocess
import sys

from conftest import CHECKOUT

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


def test_nbgrader_is_itself_in_the_end():
    subprocess.run([sys.executable, "-c", PROGRAM], cwd=CHECKOUT, check=True)


def test_it_unpacks_archives_as_ever(tmp_path):
    subprocess.run([sys.executable, "-c", ARCHIVE], cwd=tmp_path, check=True)
    assert [path.name for path in tmp_path.rglob("*.txt")] == ["x.txt"]
