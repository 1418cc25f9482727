"""nbgrader's gradebook and the folders it fills: marks go in by nbgrader's own tables and rules."""

from __future__ import annotations

import json
import os
import shutil
import sys
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import nbformat
from nbgrader.api import Gradebook as Database
from nbgrader.api import MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import SAWarning

from autograder import intake, notebook
from autograder.course import Course, CourseError
from autograder.grading import Graded
from autograder.intake import Found
from autograder.notebook import Cell
from autograder.outputs import put_verdicts
from autograder.results import CellResult, Report
from autograder.source import Source, SourceCell

# nbgrader 0.9 builds its rows in an order that SQLAlchemy 2 remarks on; no user can do anything about it.
warnings.filterwarnings("ignore", "Object of type <Submitted", SAWarning)


class NbgraderError(RuntimeError):
    """nbgrader could not do its part; the text holds the end of its log."""


def source_from(database: Any, assignment: str, name: str) -> Source:
    """Read the instructor's cells of a notebook as they were when it was released.

    Raises
    ------
    CourseError
        If the gradebook doesn't know the notebook.
    """
    try:
        book = database.find_notebook(name, assignment)
    except MissingEntry:
        raise CourseError(
            f"The gradebook has no notebook “{name}” of “{assignment}”; “autograder release” enters it."
        ) from None
    points = {cell.name: float(cell.max_score) for cell in (*book.grade_cells, *book.task_cells)}
    grades = {cell.name for cell in book.grade_cells}
    solutions = {cell.name for cell in book.solution_cells}
    tasks = {cell.name for cell in book.task_cells}
    return Source(
        tuple(
            SourceCell(
                grade_id=cell.name,
                cell_type=cell.cell_type,
                source=cell.source,
                grade=cell.name in grades,
                solution=cell.name in solutions,
                locked=bool(cell.locked),
                task=cell.name in tasks,
                points=points.get(cell.name, 0.0),
                checksum=cell.checksum,
            )
            for cell in book.source_cells
        ),
        json.loads(book.kernelspec or "{}"),
    )


class Gradebook:
    """The gradebook of a course, open for writing."""

    def __init__(self, course: Course) -> None:
        # nbgrader starts alembic by name when it makes a new database.
        os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        self.course = course
        self.coursedir = CourseDirectory(config=course.config, root=str(course.root))
        self.database = Database(self.coursedir.db_url, self.coursedir.course_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.database.close()

    # --- assignments -------------------------------------------------------------------------------------

    def source(self, assignment: str, name: str) -> Source:
        """Return the instructor's cells; generates the assignment first if the gradebook is new."""
        try:
            self.database.find_notebook(name, assignment)
        except MissingEntry:
            self.generate_assignment(assignment)
        return source_from(self.database, assignment, name)

    def generate_assignment(self, assignment: str) -> None:
        """Make ``release/<assignment>`` and enter its cells, as ``nbgrader generate_assignment --force``."""
        self._check(self._api().generate_assignment(assignment, force=True, create=True), "release", assignment)

    def generate_feedback(self, assignment: str, student: str) -> None:
        """Make the feedback page of one submission, as ``nbgrader generate_feedback --force``."""
        self._check(self._api().generate_feedback(assignment, student, force=True), "feedback for", assignment)

    def _api(self) -> Any:
        return NbGraderAPI(self.coursedir, config=self.course.config)

    def _check(self, result: dict[str, Any], step: str, assignment: str) -> None:
        self.database.db.expire_all()
        if not result["success"]:
            lines = (result.get("error") or result.get("log") or "").strip().splitlines()
            raise NbgraderError(f"nbgrader could not generate {step} “{assignment}”: " + "\n".join(lines[-6:]))

    # --- marks -------------------------------------------------------------------------------------------

    def record(self, found: Found, graded: Graded) -> Report:
        """Write the autograded notebook beside the submission's other files, and enter its report.

        Returns
        -------
        Report
            What was entered: a failure where the notebook could not be written, so that nobody's marks go
            without the notebook that explains them and no other submission waits for it.
        """
        try:
            self._write(found, graded)
        except (OSError, intake.RefusedError) as error:
            why = f"{graded.report.file} was graded, but its notebook could not be written: {error}"
            graded = Graded(graded.report.as_failed(why), None)
        report = graded.report
        self._open_submission(found)
        for result in report.cells:
            self._enter(found, result, failed=report.status == "failed")
        for cell in graded.notebook["cells"] if graded.notebook else ():
            self._comment(found, cell)
        self.database.db.commit()
        self._assign_late_penalty(found)
        return report

    def record_missing(self, student: str, assignment: str) -> None:
        """Give 0 for every notebook of a submission that was not handed in, as nbgrader does."""
        folder = self.course.folder("submitted", student, assignment)
        for book in self.database.find_assignment(assignment).notebooks:
            if not (folder / f"{book.name}.ipynb").exists():
                submitted = self.database.find_submission_notebook(book.name, assignment, student)
                for grade in submitted.grades:
                    grade.auto_score, grade.needs_manual_grade = 0, False
        self.database.db.commit()

    def _open_submission(self, found: Found) -> None:
        self.database.update_or_create_student(found.student)
        stamp = self._timestamp(found)
        extra = {"timestamp": stamp} if stamp else {}
        self.database.update_or_create_submission(found.assignment, found.student, **extra)

    def _timestamp(self, found: Found) -> Any:
        path = found.path.with_name("timestamp.txt")
        try:
            intake.read_file(path, 1000)
            return self.coursedir.get_existing_timestamp(str(path.parent))
        except (
            intake.RefusedError,
            ValueError,
            AttributeError,
            UnicodeError,
        ):  # nbgrader trips over a bad date
            return None

    def _enter(self, found: Found, cell: CellResult, *, failed: bool) -> None:
        place = (cell.grade_id, found.notebook, found.assignment, found.student)
        grade = self.database.find_grade(*place)
        grade.auto_score = cell.score
        by_person = grade.manual_score is not None or cell.score is None
        # A submission that could not be graded has 0, and someone should look at it.
        grade.needs_manual_grade = by_person or failed

    def _comment(self, found: Found, cell: Cell) -> None:
        """Note on an answer that was not touched that there is no response, as nbgrader does."""
        meta = notebook.nbgrader_of(cell)
        if not (meta.get("solution") or meta.get("task")):
            return
        comment = self.database.find_comment(meta["grade_id"], found.notebook, found.assignment, found.student)
        untouched = not meta.get("task") and meta.get("checksum") == notebook.checksum(cell)
        comment.auto_comment = "No response." if untouched else None

    def _assign_late_penalty(self, found: Found) -> None:
        resources = {
            "nbgrader": {
                "student": found.student,
                "assignment": found.assignment,
                "notebook": found.notebook,
                "db_url": self.coursedir.db_url,
            }
        }
        AssignLatePenalties(config=self.course.config).preprocess(nbformat.v4.new_notebook(), resources)

    # --- files -------------------------------------------------------------------------------------------

    def _write(self, found: Found, graded: Graded) -> None:
        """Write ``autograded/…/<notebook>.ipynb``; a failed submission leaves none, nor older feedback."""
        folder = self.course.folder("autograded", found.student, found.assignment)
        target = folder / f"{found.notebook}.ipynb"
        target.unlink(missing_ok=True)
        if graded.notebook is None:
            shutil.rmtree(self.course.folder("feedback", found.student, found.assignment), ignore_errors=True)
            return
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.course.files_for(found).items():
            beside = folder / name
            beside.parent.mkdir(parents=True, exist_ok=True)
            beside.unlink(missing_ok=True)
            beside.write_bytes(content)
        marked = put_verdicts(graded.notebook, graded.report)
        target.write_text(nbformat.writes(nbformat.from_dict(marked)), encoding="utf-8")
        target.chmod(0o444)  # as nbgrader leaves it
