"""How a submitted notebook becomes an autograded one: it is read, the preprocessors run, and it is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter

from autograder.nbgrader_plugin.preprocessors import workers_of


class TolerantExporter(NotebookExporter):  # type: ignore[misc]
    """Reads notebooks as ``autograder grade`` does: of any version, and repaired where they are damaged.

    nbconvert's own exporter copies a notebook twice before its preprocessors run, and validates it after each.
    Here nobody else holds the notebook, and it is validated once, when all of them have run.
    """

    def from_filename(self, filename: str, resources: Any = None, **_: Any) -> tuple[str, Any]:
        """Read and convert a notebook; its repairs are reported with the verdict.

        Raises
        ------
        ValidationError
            If the preprocessors make it invalid.
        """
        path = Path(filename)
        names = resources["nbgrader"]
        book, repairs = workers_of(self.config, Path(names["root"])).read(path)
        names["repairs"] += repairs
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        resources = self._init_resources(resources)
        nb = nbformat.from_dict(book)
        for preprocessor in self._preprocessors:
            nb, resources = preprocessor(nb, resources)
        nbformat.validate(nb, relax_add_props=True)
        return f"{nbformat.v4.writes_json(nb)}\n", resources
