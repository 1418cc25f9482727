"""Two lines in a course's ``nbgrader_config.py``, with which nbgrader grades sealed.

    from autograder import nbgrader_plugin
    nbgrader_plugin.configure(c)

With them, ``nbgrader autograde``, the formgrader's button and ``nbgrader generate_feedback`` use this grader:
submissions run in the sandbox, marks come from the trusted side, and no page shows a hidden test or runs a
student's script. This module imports nothing of nbgrader, so that a course's configuration is read quickly.

``autograde`` and ``generate_feedback`` replace nbgrader's converters, and ``exporter``, ``preprocessors``,
``save_marks``, ``collectors``, ``template_filters`` and ``formgrader`` parts of them; ``workers`` keeps the
processes that grade, and ``opened`` the database; ``pages`` makes the pages that show a notebook, and ``help``
prints the options.
"""

from __future__ import annotations

import sys
from typing import Any

_HERE = __name__


def configure(c: Any) -> None:
    """Set the sealed grader in a course's configuration.

    Parameters
    ----------
    c
        The configuration object of ``nbgrader_config.py``, from ``get_config()``.
    """
    c.Autograde.sanitize_preprocessors = [
        "nbgrader.preprocessors.ClearOutput",
        f"{_HERE}.preprocessors.RestoreCells",
        f"{_HERE}.preprocessors.CheckMetadata",
    ]
    c.Autograde.autograde_preprocessors = [
        f"{_HERE}.preprocessors.GradeSealed",
        "nbgrader.preprocessors.IgnorePattern",
        "nbgrader.preprocessors.LimitOutput",
        f"{_HERE}.save_marks.SaveMarks",
        "nbgrader.preprocessors.AssignLatePenalties",
        f"{_HERE}.preprocessors.CheckMetadata",
    ]
    c.GenerateFeedback.preprocessors = [
        f"{_HERE}.feedback.GetMarks",
        f"{_HERE}.preprocessors.HideTests",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    c.ZipCollectApp.setdefault("extractor_plugin", f"{_HERE}.collectors.ExtractWithoutLinks")
    c.ExchangeFactory.setdefault("collect", f"{_HERE}.collectors.CollectWithoutLinks")
    # Pages are sanitised where they are made, once Markdown is HTML; nbconvert's own filter escapes <p>.
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.filters = {
        "clean_html": f"{_HERE}.template_filters.clean_html",
        "markdown2html": f"{_HERE}.template_filters.markdown2html",
        "strip_files_prefix": f"{_HERE}.template_filters.strip_files_prefix",
    }
    if "nbgrader.apps.autogradeapp" in sys.modules:
        from autograder.nbgrader_plugin import autograde, generate_feedback  # noqa: PLC0415

        autograde.install()
        generate_feedback.install()
    if "nbgrader.server_extensions.formgrader.handlers" in sys.modules:
        from autograder.nbgrader_plugin import formgrader  # noqa: PLC0415

        formgrader.install()
