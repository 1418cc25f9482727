"""Read an nbgrader course folder: its configuration, source notebooks and submissions.

Reading a course imports neither nbgrader nor a database; ``gradebook`` does.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder import intake
from autograder.intake import Collected, Expected, Refused, SubmittedNotebook
from autograder.notebooks import notebook
from autograder.notebooks.source import Source

CONFIG = "nbgrader_config.py"
LAYOUT = os.path.join("{nbgrader_step}", "{student_id}", "{assignment_id}")  # noqa: PTH118  # nbgrader's own default
STEPS = ("source", "release", "submitted", "autograded", "feedback")
"""nbgrader's steps that have a folder in the course each."""


class CourseError(ValueError):
    """Something is wrong with the course folder; the text says what it is and how to fix it."""


def _refuse_shared_folders(config: Any) -> None:
    """Refuse one folder for two of nbgrader's steps: the second would write over what the first reads."""
    steps: dict[str, str] = {}
    for step in STEPS:
        folder = os.path.normpath(str(config.CourseDirectory.get(f"{step}_directory", step)))
        if folder in steps:
            raise CourseError(
                f"{CONFIG}: CourseDirectory.{step}_directory and CourseDirectory.{steps[folder]}_directory are "
                f"both “{folder}”. Give each a folder of its own: files would be written over."
            )
        steps[folder] = step


@dataclass(frozen=True)
class Course:
    """A course folder in nbgrader's sense."""

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
        if not start.is_dir():
            raise CourseError(f"There is no folder {start}. Name the course's folder with --course.")
        for candidate in [start] if folder else [start, *start.parents]:
            if (candidate / CONFIG).is_file() or (candidate / "source").is_dir():
                return cls(candidate)
        raise CourseError(
            f"{start} is no nbgrader course: it has neither {CONFIG} nor a folder “source”. "
            "Name the course's folder with --course."
        )

    @contextlib.contextmanager
    def locked(self, while_waiting: Callable[[], None]) -> Iterator[None]:
        """Lock the course, so that no other grader works in it; wait until it is free.

        Parameters
        ----------
        while_waiting
            Called once if another grader holds the lock.
        """
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
        """The course's nbgrader configuration, as a traitlets Config."""
        from traitlets.config import Config  # noqa: PLC0415
        from traitlets.config.loader import PyFileConfigLoader  # noqa: PLC0415

        if not (self.root / CONFIG).is_file():
            return Config()
        try:
            config = PyFileConfigLoader(CONFIG, path=str(self.root)).load_config()
        except Exception as error:  # noqa: BLE001  # the file is a program
            line = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
            why = f"{type(error).__name__}{line}: {getattr(error, 'msg', None) or error}"
            raise CourseError(f"{self.root / CONFIG} can't be run: {why}.") from None
        except SystemExit:
            raise CourseError(
                f"{self.root / CONFIG} ends the program: remove sys.exit(), exit() or quit() from it."
            ) from None
        _refuse_shared_folders(config)
        return config

    def folder(self, step: str, student: str = ".", assignment: str = ".") -> Path:
        """Return the folder of one of nbgrader's steps ("source", "submitted", …), by the course's layout."""
        settings = self.config.CourseDirectory
        top = settings.get(f"{step}_directory", step)
        layout = settings.get("directory_structure", LAYOUT)
        try:
            path: str = layout.format(nbgrader_step=top, student_id=student, assignment_id=assignment)
        except (AttributeError, LookupError, ValueError):
            raise CourseError(
                f"{CONFIG}: CourseDirectory.directory_structure can't be {layout!r}: it is made of {LAYOUT}."
            ) from None
        return self.root / path

    @cached_property
    def assignments(self) -> dict[str, list[str]]:
        """Each assignment of the source folder, with the names of its notebooks."""
        source = self.folder("source")
        folders = sorted(path for path in source.iterdir() if path.is_dir()) if source.is_dir() else []
        notebooks = {folder.name: sorted(path.stem for path in folder.glob("*.ipynb")) for folder in folders}
        return {assignment: names for assignment, names in notebooks.items() if names}

    def require_assignments(self) -> None:
        """Refuse a course without assignments.

        Raises
        ------
        CourseError
            If its source folder is missing, or no folder in it holds a notebook.
        """
        source = self.folder("source")
        if not source.is_dir():
            raise CourseError(
                f"{self.root} has no folder {source.name}/ with the instructor's notebooks, which marks are made "
                f"from: put each into {source.name}/ASSIGNMENT/."
            )
        if not self.assignments:
            raise CourseError(
                f"{source} holds no assignment: an assignment is a folder in it with at least one notebook, "
                f"{source.name}/ASSIGNMENT/NOTEBOOK.ipynb."
            )

    def source(self, assignment: str, name: str) -> Source:
        """Read a source notebook.

        Raises
        ------
        CourseError
            If it is missing or unreadable.
        """
        return Source.from_notebook(self.source_notebook(assignment, name))

    def source_notebook(self, assignment: str, name: str) -> notebook.Notebook:
        """Read a source notebook whole. It raises as :meth:`source` does."""
        path = self.folder("source", assignment=assignment) / f"{name}.ipynb"
        try:
            return notebook.read(path.read_bytes())
        except OSError as error:
            raise CourseError(f"The source notebook {path} can't be read: {error.strerror}.") from None
        except notebook.UnreadableError as error:
            raise CourseError(f"The source notebook {path} {error}.") from None

    def source_files(self, assignment: str) -> dict[str, bytes]:
        """Return the files in the source folder that are not notebooks, by relative path; links are followed."""
        if assignment not in self._source_files:
            folder = self.folder("source", assignment=assignment)
            files = [path for path in intake.walk(folder) if path.suffix != ".ipynb" and path.is_file()]
            contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
            self._source_files[assignment] = contents
        return self._source_files[assignment]

    @cached_property
    def _source_files(self) -> dict[str, dict[str, bytes]]:
        return {}

    def files_for_run(self, submitted: SubmittedNotebook) -> dict[str, bytes]:
        """Return the files beside a submitted notebook when it runs, by relative path.

        The instructor's files replace the student's, except those that students edit: the course names them in
        nbgrader's ``Autograde.exclude_overwriting``.

        Raises
        ------
        RefusedError
            If the student's folder holds links or devices, or too many or too large files.
        """
        if self.is_in_submitted_folder(submitted) or self._is_in("autograded", submitted):
            folder = submitted.path.parent
            intake.refuse_linked_folders(submitted.path.absolute(), self.root)
            intake.refuse_links(folder, intake.walk(folder))
            students = intake.read_attachments(folder)
        else:
            students = submitted.attachments()
        edited = self.config.Autograde.get("exclude_overwriting", {}).get(submitted.assignment, [])
        files = self.source_files(submitted.assignment)
        instructors = {name: content for name, content in files.items() if name not in edited}
        kept = {name: content for name, content in students.items() if not _conflicts(name, instructors)}
        return kept | instructors

    def instructors_among(self, files: Mapping[str, bytes], assignment: str) -> frozenset[str]:
        """Return the names of the files beside a notebook that are as they are beside the source notebook."""
        own = self.source_files(assignment)
        return frozenset(name for name, content in files.items() if own.get(name) == content)

    def is_in_submitted_folder(self, submitted: SubmittedNotebook) -> bool:
        """Whether a notebook lies in the course's own ``submitted/``, where nbgrader collects it."""
        return self._is_in("submitted", submitted)

    def _is_in(self, step: str, submitted: SubmittedNotebook) -> bool:
        folder = self.folder(step, submitted.student, submitted.assignment)
        return submitted.path.absolute().parent == folder

    @cached_property
    def expected(self) -> Expected:
        """What intake needs to find the course's notebooks among delivered files."""
        name_regexp = str(self.config.FileNameCollectorPlugin.get("named_regexp", ""))
        return Expected(self.assignments, grade_ids=self.grade_ids, name_regexp=name_regexp)

    def grade_ids(self, assignment: str, name: str) -> frozenset[str]:
        """Return the ``grade_id`` of each marked cell of a source notebook; none if it can't be read."""
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

    def submitted(self, assignment: str | None = None) -> Collected:
        """Return the notebooks in ``submitted/`` of one assignment or of all, in a fixed order.

        Raises
        ------
        CourseError
            If the course's layout does not contain the student's id, or the folder is a link.
        """
        if link := self._linked_submitted():
            raise CourseError(
                f"{link} is a link; links are not followed, and nothing was graded: "
                "put the folder itself in its place."
            )
        chosen = [name for name in self.assignments if assignment in (None, name)]
        entries = [entry for name in chosen for entry in self._submitted(name)]
        return Collected.of([*entries, *self._misplaced(assignment)])

    @property
    def submitted_folder(self) -> Path:
        """The folder of all submissions."""
        return self.step_folder("submitted")

    def step_folder(self, step: str) -> Path:
        """Return the folder of one of nbgrader's steps whole, with everybody's files."""
        return self.root / str(self.config.CourseDirectory.get(f"{step}_directory", step))

    def _linked_submitted(self) -> Path | None:
        """Return the link on the way from the course's folder to all submissions; None if there is none."""
        top = self.submitted_folder
        way = [path for path in (top, *top.parents) if path.is_relative_to(self.root) and path != self.root]
        return next((path for path in way if path.is_symlink()), None)

    def _misplaced(self, assignment: str | None) -> Iterator[Refused]:
        """Refuse what lies beside the places where nbgrader looks, in its own layout."""
        if self._has_default_layout:
            yield from intake.misplaced(self.submitted_folder, assignment, self.expected)

    @property
    def _has_default_layout(self) -> bool:
        place = self.folder("submitted", "STUDENT", "ASSIGNMENT")
        return place == self.submitted_folder / "STUDENT" / "ASSIGNMENT"

    def handed_in(self, student: str, assignment: str) -> list[SubmittedNotebook]:
        """Return the notebooks of one submission, from ``submitted/`` or else from ``autograded/``.

        After an upload was graded, ``autograded/`` holds the same cells and the same files beside them.
        """
        for step in ("submitted", "autograded"):
            folder = self.folder(step, student, assignment)
            paths = [(folder / f"{name}.ipynb", name) for name in self.assignments.get(assignment, [])]
            if found := [(path, name) for path, name in paths if os.path.lexists(path)]:
                return [SubmittedNotebook(path, student, assignment, name) for path, name in found]
        return []

    def students(self, assignment: str) -> list[str]:
        """Return the ids of the students who handed in an assignment, sorted.

        Raises
        ------
        CourseError
            If the course's layout does not contain the student's id.
        """
        found = {*self._students(assignment), *self._students(assignment, "autograded")}
        return [student for student in sorted(found) if self.handed_in(student, assignment)]

    def _submitted(self, assignment: str) -> Iterator[SubmittedNotebook | Refused]:
        for student in self._students(assignment):
            folder = self.folder("submitted", student, assignment)
            if self._has_default_layout and folder.parent.is_symlink():
                continue  # `_misplaced` names it
            if not intake.is_utf8(folder):
                yield Refused(folder, "has a name that is not UTF-8.")
                continue
            yield from intake.read_assignment_folder(folder, student, assignment, self.expected)

    def _students(self, assignment: str, step: str = "submitted") -> list[str]:
        """Return the ids of the students who have a folder for an assignment."""
        marker = "{student}"
        pattern = self.folder(step, marker, assignment)
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
        # os.path.isdir is False for what can't be read; Path.is_dir raises.
        folders = {s: self.folder(step, s, assignment) for s in students if not s.startswith(".")}
        return [s for s, folder in folders.items() if os.path.isdir(folder)]  # noqa: PTH112


def _conflicts(name: str, others: Iterable[str]) -> bool:
    """Whether a file's name is also the name of a folder that another file needs, or the other way round."""
    return any(other.startswith(f"{name}/") or name.startswith(f"{other}/") for other in others)
