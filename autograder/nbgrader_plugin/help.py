"""``nbgrader autograde --help-all``, with the options of the sealed grader.

nbgrader prints its help before it reads any configuration, so that two lines in ``nbgrader_config.py`` come too
late for it. But a Jupyter command first looks for a program named after itself and its first argument, joined by
a hyphen; this one is installed as ``nbgrader-autograde---help-all``, and runs for these words alone.
"""

from __future__ import annotations

from nbgrader.apps import AutogradeApp

from autograder.nbgrader_plugin.preprocessors import GradeSealed


def main() -> None:
    """Print nbgrader's help, and after its own classes the one that grades sealed."""
    app = AutogradeApp()
    app.classes = [*app.classes, GradeSealed]
    app.print_help(classes=True)
