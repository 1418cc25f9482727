"""An nbgrader course folder: its configuration, its assignments, and what was submitted.

Reading a course imports neither nbgrader nor a database; that is ``gradebook``'s part.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder import intake
from autograder.intake import Refused, SubmittedNotebook
from autograder.intake.links import refuse_links
from autograder.notebooks import notebook
from autograder.notebooks.source import Source

CONFIG = "nbgrader_config.py"
LAYOUT = os.path.join("{nbgrader_step}", "{student_id}", "{assignment_id}")  # noqa: PTH118  # nbgrader's own default


class CourseError(ValueError):
    """The course folder is not what it should be; the text says what, and what to do."""


@dataclass(frozen=True)
class Course:
    """A folder that nbgrader calls a course."""

    root: Path

    @classmethod
    def at(cls, folder: Path | None = None) -> Course:
        """Open the course in a folder, or the one that the current folder lies in.

        Raises
        ------
        CourseError
            If there is none.
        """
        start = (folder or Path.cwd()).absolute()
        for candidate in [start] if folder else [start, *start.parents]:
            if (candidate / CONFIG).is_file() or (candidate / "source").is_dir():
                return cls(candidate)
        raise CourseError(
            f"{start} is no nbgrader course: it has neither {CONFIG} nor a folder “source”. "
            "Name the course's folder with --course."
        )

    @contextlib.contextmanager
    def to_itself(self, while_waiting: Callable[[], None]) -> Iterator[None]:
        """Keep other graders out of the course meanwhile; wait for one that is at work."""
        try:
            import fcntl  # noqa: PLC0415
        except ImportError:  # Windows
            yield
            return
        folder = os.open(self.root, os.O_RDONLY)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                while_waiting()
                fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    @cached_property
    def config(self) -> Any:
        """The course's nbgrader configuration, as traitlets hold it."""
        from traitlets.config import Config  # noqa: PLC0415
        from traitlets.config.loader import PyFileConfigLoader  # noqa: PLC0415

        if not (self.root / CONFIG).is_file():
            return Config()
        return PyFileConfigLoader(CONFIG, path=str(self.root)).load_config()

    def folder(self, step: str, student: str = ".", assignment: str = ".") -> Path:
        """Return the folder of a step ("source", "submitted", …), as the course lays it out."""
        names = self.config.CourseDirectory
        kind = names.get(f"{step}_directory", step)
        layout = names.get("directory_structure", LAYOUT)
        place: str = layout.format(nbgrader_step=kind, student_id=student, assignment_id=assignment)
        return self.root / place

    @cached_property
    def assignments(self) -> dict[str, list[str]]:
        """Each assignment of the source folder, with the names of its notebooks."""
        source = self.folder("source")
        folders = sorted(path for path in source.iterdir() if path.is_dir()) if source.is_dir() else []
        books = {folder.name: sorted(path.stem for path in folder.glob("*.ipynb")) for folder in folders}
        return {name: found for name, found in books.items() if found}

    def source(self, assignment: str, name: str) -> Source:
        """Read the instructor's notebook.

        Raises
        ------
        CourseError
            If it is missing or unreadable.
        """
        path = self.folder("source", assignment=assignment) / f"{name}.ipynb"
        try:
            return Source.from_notebook(notebook.read(path.read_bytes()))
        except OSError as error:
            raise CourseError(f"The source notebook {path} can't be read: {error.strerror}.") from None
        except notebook.UnreadableError as error:
            raise CourseError(f"The source notebook {path} {error}.") from None

    def source_files(self, assignment: str) -> dict[str, bytes]:
        """Read, once, the files that lie beside the source notebooks; the instructor's links are followed."""
        if assignment not in self._source_files:
            folder = self.folder("source", assignment=assignment)
            files = [path for path in intake.walk(folder) if path.suffix != ".ipynb" and path.is_file()]
            found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
            self._source_files[assignment] = found
        return self._source_files[assignment]

    @cached_property
    def _source_files(self) -> dict[str, dict[str, bytes]]:
        return {}

    def files_for(self, found: SubmittedNotebook) -> dict[str, bytes]:
        """Return what lies beside a submitted notebook; the instructor's files replace the student's.

        But for those that the course names in nbgrader's ``Autograde.exclude_overwriting``: students edit them.

        Raises
        ------
        RefusedError
            If the student's folder holds links, devices or too much.
        """
        if self.holds(found):
            intake.refuse_linked_folders(found.path.absolute(), self.root)
            refuse_links(found.path.parent, intake.walk(found.path.parent))
            theirs = intake.read_attachments(found.path.parent)
        else:
            theirs = found.attachments()
        kept_back = self.config.Autograde.get("exclude_overwriting", {}).get(found.assignment, [])
        ours = {n: content for n, content in self.source_files(found.assignment).items() if n not in kept_back}
        kept = {name: content for name, content in theirs.items() if not _in_the_way(name, ours)}
        return kept | ours

    def holds(self, found: SubmittedNotebook) -> bool:
        """Whether a notebook lies in the course's own folder of submissions, where a collector put it."""
        return found.path.absolute().parent == self.folder("submitted", found.student, found.assignment)

    @cached_property
    def wanted(self) -> intake.Wanted:
        """What intake must know to tell which notebook of the course a file is."""
        return intake.Wanted(self.assignments, grade_ids=self.grade_ids)

    def grade_ids(self, assignment: str, name: str) -> frozenset[str]:
        """Return the marked cells of a notebook, none where it can't be read."""
        key = (assignment, name)
        if key not in self._grade_ids:
            try:
                self._grade_ids[key] = frozenset(cell.grade_id for cell in self.source(*key).marked)
            except CourseError:
                self._grade_ids[key] = frozenset()
        return self._grade_ids[key]

    @cached_property
    def _grade_ids(self) -> dict[tuple[str, str], frozenset[str]]:
        return {}

    @property
    def named_regexp(self) -> str:
        """How ``nbgrader zip_collect`` reads names in this course; empty where it isn't set up."""
        return str(self.config.FileNameCollectorPlugin.get("named_regexp", ""))

    def submitted(self, assignment: str | None = None) -> Iterator[SubmittedNotebook | Refused]:
        """Yield every notebook under ``submitted/`` that the course knows, in a fixed order."""
        for name, books in self.assignments.items():
            if assignment not in (None, name):
                continue
            for student in self._students(name):
                folder = self.folder("submitted", student, name)
                if not intake.is_utf8(folder):
                    yield Refused(folder, "has a name that is not UTF-8.")
                    continue
                for book in books:
                    if os.path.lexists(folder / f"{book}.ipynb"):
                        yield SubmittedNotebook(folder / f"{book}.ipynb", student, name, book)

    def _students(self, assignment: str) -> list[str]:
        """Return who submitted an assignment."""
        marker = "{student}"
        pattern = self.folder("submitted", marker, assignment)
        depth = next((i for i, part in enumerate(pattern.parts) if marker in part), None)
        if depth is None:
            raise CourseError("CourseDirectory.directory_structure must contain {student_id}.")
        parent = Path(*pattern.parts[:depth])
        prefix, _, suffix = pattern.parts[depth].partition(marker)
        names = sorted(path.name for path in parent.iterdir()) if parent.is_dir() else []
        students = [
            n.removeprefix(prefix).removesuffix(suffix)
            for n in names
            if n.startswith(prefix) and n.endswith(suffix)
        ]
        return [s for s in students if not s.startswith(".") and self._has(s, assignment)]

    def _has(self, student: str, assignment: str) -> bool:
        return self.folder("submitted", student, assignment).is_dir()


def _in_the_way(name: str, ours: Iterable[str]) -> bool:
    """Whether a file of a student's lies where the instructor's needs a folder, or the other way round."""
    return any(other.startswith(f"{name}/") or name.startswith(f"{other}/") for other in ours)
