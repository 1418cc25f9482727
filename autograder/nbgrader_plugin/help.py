"""``nbgrader autograde --help-all``, with the options of the sealed grader.

nbgrader prints its help before it reads any configuration, so that the two lines in ``nbgrader_config.py`` have no
effect on it. But a Jupyter command first looks for a program with its own name and its first argument, joined by a
hyphen. This program is installed as ``nbgrader-autograde---help-all``, and runs only for these words.
"""

from __future__ import annotations

from nbgrader.apps import AutogradeApp

from autograder.nbgrader_plugin.preprocessors import GradeSealed


def main() -> None:
    """Print nbgrader's help, with `GradeSealed` after nbgrader's own classes."""
    app = AutogradeApp()
    app.classes = [*app.classes, GradeSealed]
    app.print_help(classes=True)
