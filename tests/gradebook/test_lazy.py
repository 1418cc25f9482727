"""nbgrader's modules are imported without what it imports for JupyterLab, until somebody asks for that."""

from __future__ import annotations

import subprocess
import sys

from conftest import CHECKOUT

PROGRAM = """
import sys
from autograder.gradebook.gradebook import Gradebook

assert "nbgrader.api" in sys.modules
assert "nbgrader.server_extensions" not in sys.modules
import nbgrader
import nbgrader.api

assert nbgrader.api.MissingEntry is sys.modules["nbgrader.api"].MissingEntry
assert nbgrader.apps.NbGraderAPI
assert "nbgrader.server_extensions" in sys.modules  # its applications import it
assert nbgrader.__version__.startswith("0.9")
assert nbgrader._jupyter_server_extension_points()
"""


def test_nbgrader_is_itself_in_the_end():
    subprocess.run([sys.executable, "-c", PROGRAM], cwd=CHECKOUT, check=True)
