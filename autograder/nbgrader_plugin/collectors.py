"""``nbgrader collect`` and ``nbgrader zip_collect``, which don't follow links in submissions.

nbgrader copies with ``shutil.copy``, which follows links with the instructor's rights: a student could link to the
source notebook, and read it in the feedback.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from nbgrader.exchange.default import ExchangeCollect
from nbgrader.plugins import ExtractorPlugin

from autograder.intake import RefusedError
from autograder.intake.links import everything_below, refuse_links


class CollectWithoutLinks(ExchangeCollect):  # type: ignore[misc]
    """``nbgrader collect``, which copies a link as a link, and not the file that it leads to."""

    def do_copy(self, src: str, dest: str, log: object = None) -> None:
        """Copy a submission out of the exchange; grading refuses one that holds links."""
        try:
            refuse_links(Path(src), everything_below(src))
        except RefusedError as error:
            self.log.error("%s Nothing behind a link is collected; the submission will be refused.", error)
            shutil.copytree(src, dest, symlinks=True, ignore=_hard_links)
        else:
            super().do_copy(src, dest, log)


def _hard_links(folder: str, names: list[str]) -> list[str]:
    kinds = {name: os.lstat(Path(folder, name)) for name in names}
    return [name for name, kind in kinds.items() if stat.S_ISREG(kind.st_mode) and kind.st_nlink > 1]


class ExtractWithoutLinks(ExtractorPlugin):  # type: ignore[misc]
    """``nbgrader zip_collect``, which leaves links out, except to archives: those the instructor may have made."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpack the archives of a folder into another folder, and copy its other files."""
        super().extract(archive_path, extracted_path)
        for name in everything_below(archive_path):
            try:
                refuse_links(Path(archive_path), [] if Path(name).suffix in self.zip_ext else [name])
            except RefusedError as error:
                self.log.error("Left out: %s", error)
                Path(extracted_path, Path(name).relative_to(archive_path)).unlink(missing_ok=True)
