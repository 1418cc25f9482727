"""Two lines in any course's ``nbgrader_config.py`` make nbgrader grade sealed.

    from autograder import nbgrader_plugin
    nbgrader_plugin.configure(c)

From then on ``nbgrader autograde``, the formgrader's button and ``nbgrader generate_feedback`` use the engine:
submissions run in the sandbox, marks come from the trusted side, and no page shows a hidden line or runs a
student's script. Nothing of nbgrader is imported here: reading a course's configuration stays quick.
"""

from __future__ import annotations

import sys
from typing import Any

_HERE = __name__


def configure(c: Any) -> None:
    """Put the engine into a course's configuration.

    Parameters
    ----------
    c
        The configuration object of ``nbgrader_config.py``, from ``get_config()``.
    """
    c.Autograde.sanitize_preprocessors = [
        "nbgrader.preprocessors.ClearOutput",
        f"{_HERE}.preprocessors.RestoreCells",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.Autograde.autograde_preprocessors = [
        f"{_HERE}.preprocessors.GradeSealed",
        "nbgrader.preprocessors.IgnorePattern",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.GenerateFeedback.preprocessors = [
        "nbgrader.preprocessors.GetGrades",
        f"{_HERE}.preprocessors.HideTests",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    c.ZipCollectApp.setdefault("extractor_plugin", f"{_HERE}.collectors.ExtractWithoutLinks")
    c.ExchangeFactory.setdefault("collect", f"{_HERE}.collectors.CollectWithoutLinks")
    # Sanitised where the page is made, after Markdown became HTML; nbconvert's own filter would escape <p>.
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.filters = {
        "clean_html": "autograder.notebooks.sanitise.clean_html",
        "markdown2html": f"{_HERE}.template_filters.markdown2html",
        "strip_files_prefix": f"{_HERE}.template_filters.strip_files_prefix",
    }
    if "nbgrader.apps.autogradeapp" in sys.modules:
        from autograder.nbgrader_plugin.converter import install  # noqa: PLC0415

        install()
    if "nbgrader.server_extensions.formgrader.handlers" in sys.modules:
        from autograder.nbgrader_plugin import formgrader  # noqa: PLC0415

        formgrader.install()
