"""nbgrader's gradebook and the folders it fills: marks go in by nbgrader's own tables and rules."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import shutil
import signal
import sys
import threading
import time
import warnings
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

import msgspec
import sqlalchemy as sa
from nbgrader.api import Gradebook as Database
from nbgrader.api import MissingEntry, Student
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import DataError, SAWarning

from autograder import intake
from autograder.atomic import write_atomically
from autograder.course import Course, CourseError
from autograder.gradebook import database
from autograder.gradebook.database import NbgraderError
from autograder.gradebook.rows import JOURNAL, Marks, forget
from autograder.grading.outcome import Outcome
from autograder.intake import Collected, Refused, SubmittedNotebook
from autograder.notebooks import notebook
from autograder.notebooks.notebook import Notebook
from autograder.notebooks.source import Source, SourceCell
from autograder.reports.autograded import put_verdicts
from autograder.results import Report, from_json

COMMIT_SECONDS = 0.25
"""How long marks may wait to be committed together; they don't wait for a submission that takes longer."""

# nbgrader 0.9 builds its rows in an order that SQLAlchemy 2 remarks on; no user can do anything about it.
warnings.filterwarnings("ignore", "Object of type <Submitted", SAWarning)


def source_from(opened: Any, assignment: str, name: str) -> Source:
    """Read the instructor's cells of a notebook as they were when it was released.

    Raises
    ------
    CourseError
        If the gradebook doesn't know the notebook.
    """
    try:
        book = opened.find_notebook(name, assignment)
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


class _Closing(Database):  # type: ignore[misc]
    """nbgrader's database; leaves no connection behind when it can't be opened."""

    def __init__(self, url: str, course_id: str) -> None:
        try:
            super().__init__(url, course_id)
        except BaseException:
            self.close()
            raise


class Gradebook:
    """The gradebook of a course, open for writing."""

    def __init__(self, course: Course) -> None:
        # nbgrader starts alembic by name when it makes a new database.
        os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        self.course = course
        self.coursedir = CourseDirectory(config=course.config, root=str(course.root))
        self.database = self._open()
        self._opened: dict[str, Marks] = {}
        self._journal: dict[str, dict[tuple[str, str], tuple[str, str]]] = {}
        self._shared = database.is_shared(self.database.db)
        self._committed = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not isinstance(error, NbgraderError):
                self.commit()
        except NbgraderError:
            if error is None:  # otherwise what came first says more
                raise
        finally:
            self.database.close()

    def _open(self) -> Any:
        url = self.coursedir.db_url
        database.check(url)
        with database.locked(url, database.TABLES), database.in_words("The gradebook can't be opened"):
            opened = _Closing(url, self.coursedir.course_id)
            JOURNAL.create(opened.engine, checkfirst=True)
            return opened

    # --- assignments -------------------------------------------------------------------------------------

    def source(self, assignment: str, name: str) -> Source:
        """Return the instructor's cells; generates the assignment first if the gradebook is new."""
        with database.in_words("The gradebook can't be read"):
            if not self._knows(assignment, name):
                with self._alone_with(assignment):
                    if not self._knows(assignment, name):  # another grader may have been quicker
                        self._generate(assignment)
            source = source_from(self.database, assignment, name)
            self.commit()  # what follows takes long: leave no transaction open
            return source

    def _knows(self, assignment: str, name: str) -> bool:
        self.commit()
        try:
            self.database.find_notebook(name, assignment)
        except MissingEntry:
            return False
        return True

    def generate_assignment(self, assignment: str) -> None:
        """Make ``release/<assignment>`` and enter its cells, as ``nbgrader generate_assignment --force``."""
        with self._alone_with(assignment):
            self._generate(assignment)

    def _alone_with(self, assignment: str) -> AbstractContextManager[None]:
        return database.locked(self.coursedir.db_url, database.ASSIGNMENT, assignment)

    def _generate(self, assignment: str) -> None:
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

    # --- students ----------------------------------------------------------------------------------------

    def match_students(self, entries: Iterable[SubmittedNotebook]) -> Collected:
        """Call whom a platform knows by an id of its own what the gradebook calls them.

        That is the student whose ``lms_user_id`` it is; else the one who has the id, or the e-mail address, and no
        other ``lms_user_id``; else somebody new, by the platform's id.
        """
        with _undivided():
            rows = self.database.db.execute(sa.select(Student.id, Student.lms_user_id, Student.email)).all()
            self.commit()  # what follows takes long: leave no transaction open
        by_lms = {row.lms_user_id: row.id for row in rows if row.lms_user_id}
        unnamed = {row.id: row.id for row in rows if not row.lms_user_id}
        unnamed |= {row.email.casefold(): row.id for row in rows if row.email and not row.lms_user_id}
        taken = {row.id for row in rows if row.lms_user_id}
        identified: list[SubmittedNotebook | Refused] = []
        for entry in entries:
            ids = entry.upload.person.ids if entry.upload and entry.upload.person else ()
            ours = [by_lms[i] for i in ids if i in by_lms]
            ours += [unnamed[i] for i in (*ids, *(i.casefold() for i in ids)) if i in unnamed]
            if ids and not ours and entry.student in taken:
                why = "is of a user whose id on the platform is somebody else's in the gradebook."
                identified.append(Refused(entry.path, why, entry.label))
            else:
                identified.append(replace(entry, student=ours[0]) if ours else entry)
        return Collected.of(identified)

    # --- marks -------------------------------------------------------------------------------------------

    def known(self, found: SubmittedNotebook) -> tuple[str, Report] | None:
        """Return the digest and the report with which a notebook was graded, if what came of it is still there."""
        noted = self._noted(found.assignment).get((found.student, found.notebook))
        if noted is None or not self._autograded(found).exists():
            return None
        digest, line = noted
        try:
            return digest, from_json(line)
        except msgspec.MsgspecError:  # noted by a version whose reports were other ones
            return None

    def record(self, outcome: Outcome) -> Report:
        """Write the autograded notebook beside the submission's other files, and enter its report.

        Returns
        -------
        Report
            What was entered: a failure where the notebook could not be written, so that nobody's marks go
            without the notebook that explains them and no other submission waits for it.

        Raises
        ------
        NbgraderError
            If the database refuses; what was committed before is complete.
        """
        found, report, book = outcome.found, outcome.report, outcome.notebook
        if not outcome.fresh:
            self._note_time(found)
            return report
        try:
            self._write(found, report, book)
        except (OSError, intake.RefusedError) as error:
            why = f"{report.file} was graded, but its notebook could not be written: {error}"
            report, book = report.as_failed(why), None
        digest = outcome.digest if report.status == "graded" else ""
        with _undivided():
            try:
                self._enter(found, report, book, digest)
            except DataError as error:  # SQLite takes anything, PostgreSQL no name of 200 letters
                self.database.db.rollback()
                why = f"{report.file} was graded, but the gradebook can't hold its marks: {database.said(error)}"
                report = report.as_failed(why)
                self._write(found, report, None)
            if self._shared or time.monotonic() - self._committed > COMMIT_SECONDS:
                self.commit()
        return report

    def _enter(self, found: SubmittedNotebook, report: Report, book: Notebook | None, digest: str) -> None:
        """Enter one notebook's marks; on a shared gradebook nobody else writes this student's rows meanwhile."""
        database.lock_until_commit(self.database.db, database.STUDENT, found.student)
        marks = self._marks(found.assignment)
        submitted = self._submission(found, marks)
        marks.give(submitted, report)
        if book:
            marks.comment(submitted, found.notebook, _untouched(book))
        self._assign_late_penalty(found, marks, submitted)
        marks.note(report, digest)

    def record_missing(self, student: str, assignment: str, found: Collection[SubmittedNotebook]) -> None:
        """Give 0 for every notebook of a submission that was not handed in, as nbgrader does.

        Parameters
        ----------
        found
            What was handed in. An upload is all that there is, an older mark doesn't stand beside it; of notebooks
            that were named one by one, the others may lie in the course's folder, or have their marks already.
        """
        folder = self.course.folder("submitted", student, assignment)
        whole = any(entry.upload and not self.course.is_in_submitted_folder(entry) for entry in found)
        given = {entry.notebook for entry in found}
        noted = self._noted(assignment)
        with _undivided():
            database.lock_until_commit(self.database.db, database.STUDENT, student)
            marks = self._marks(assignment)
            if not whole:
                given |= {name for name in marks.notebooks if (folder / f"{name}.ipynb").exists()}
                if not any(self.course.is_in_submitted_folder(entry) for entry in found):
                    given |= {name for name in marks.notebooks if (student, name) in noted}
            try:
                opened = marks.open(student, None)
            except DataError:  # said when it was to be recorded
                self.database.db.rollback()
                return
            missing = {name: ident for name, ident in opened.items() if name not in given}
            if missing:
                marks.give_nothing(missing.values())
                forget(self.database.db, student, assignment, missing)
            if self._shared:
                self.commit()

    def commit(self) -> None:
        """Make everything that was recorded permanent."""
        with _undivided():
            self.database.db.commit()
        self._committed = time.monotonic()

    def _marks(self, assignment: str) -> Marks:
        if assignment not in self._opened:
            self._opened[assignment] = Marks(self.database.db, assignment)
        return self._opened[assignment]

    def _noted(self, assignment: str) -> dict[tuple[str, str], tuple[str, str]]:
        if assignment not in self._journal:
            with _undivided():
                self._journal[assignment] = self._marks(assignment).graded()
                self.commit()  # what follows takes long: leave no transaction open
        return self._journal[assignment]

    def _submission(self, found: SubmittedNotebook, marks: Marks) -> str:
        """Return the id of a submitted notebook; enter who handed it in, and when."""
        person = found.upload.person if found.upload else None
        return marks.open(found.student, self._timestamp(found, marks), person)[found.notebook]

    def _note_time(self, found: SubmittedNotebook) -> None:
        """Enter when it came, which a platform may tell anew of a notebook that hasn't changed."""
        if found.upload and not self.course.is_in_submitted_folder(found):
            with _undivided():
                database.lock_until_commit(self.database.db, database.STUDENT, found.student)
                marks = self._marks(found.assignment)
                self._assign_late_penalty(found, marks, self._submission(found, marks))
                if self._shared:
                    self.commit()

    def _timestamp(self, found: SubmittedNotebook, marks: Marks) -> Any:
        """Tell when a notebook was handed in, by whoever received it; None where nobody tells.

        ``timestamp.txt`` counts in the course's own folder, where a collector put it. A platform that says no more
        than late or not is entered as the due date, or a second after it.
        """
        if self.course.is_in_submitted_folder(found):
            return self._collectors_timestamp(found.path.with_name("timestamp.txt"))
        upload = found.upload
        if upload is None or upload.time is not None:
            return upload and upload.time and intake.naive_utc(upload.time)
        if upload.late is None or marks.duedate is None:
            return None
        return marks.duedate + dt.timedelta(seconds=1 if upload.late else 0)

    def _collectors_timestamp(self, path: Path) -> Any:
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

    def _assign_late_penalty(self, found: SubmittedNotebook, marks: Marks, submitted: str) -> None:
        """Have the course's own plug-in decide, within 0 and the score."""
        late, penalty = marks.seconds_late(found.student), None
        if late > 0:
            score = marks.score(submitted)
            penalty = self._penalties.plugin_inst.late_submission_penalty(found.student, score, late)
        marks.set_penalty(submitted, None if penalty is None else min(max(penalty, 0), score))

    @cached_property
    def _penalties(self) -> AssignLatePenalties:
        penalties = AssignLatePenalties(config=self.course.config)
        penalties.init_plugin()
        return penalties

    # --- files -------------------------------------------------------------------------------------------

    def _autograded(self, found: SubmittedNotebook) -> Path:
        return self.course.folder("autograded", found.student, found.assignment) / f"{found.notebook}.ipynb"

    def _write(self, found: SubmittedNotebook, report: Report, book: Notebook | None) -> None:
        """Write ``autograded/…/<notebook>.ipynb``; a failed submission leaves none, nor older feedback."""
        target = self._autograded(found)
        if book is None:
            target.unlink(missing_ok=True)
            shutil.rmtree(self.course.folder("feedback", found.student, found.assignment), ignore_errors=True)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        for name, content in self.course.files_for_run(found).items():
            beside = target.parent / name
            beside.parent.mkdir(parents=True, exist_ok=True)
            beside.unlink(missing_ok=True)
            beside.write_bytes(content)
        content = msgspec.json.format(msgspec.json.encode(put_verdicts(book, report)), indent=1) + b"\n"
        write_atomically(target, content, mode=0o444)  # nbgrader makes it read-only, too


def _untouched(book: Notebook) -> dict[str, bool]:
    """Say of each answer of a graded notebook whether it is still as it was released."""
    answers = {}
    for cell in book["cells"]:
        meta = notebook.nbgrader_of(cell)
        if meta.get("solution") or meta.get("task"):
            answers[meta["grade_id"]] = not meta.get("task") and meta.get("checksum") == notebook.checksum(cell)
    return answers


@contextlib.contextmanager
def _undivided() -> Iterator[None]:
    """Enter something wholly: an interrupt is raised afterwards, and what the database refuses is a sentence.

    SQLAlchemy throws a connection away that was interrupted, and with it all that waits to be committed.
    """
    then = "What was graded before is entered; run the command again."
    with database.in_words("The gradebook can't be written", then), _held_interrupts():
        yield


@contextlib.contextmanager
def _held_interrupts() -> Iterator[None]:
    usual, held = signal.getsignal(signal.SIGINT), list[tuple[int, FrameType | None]]()
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield
        return
    signal.signal(signal.SIGINT, lambda number, frame: held.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
    if held:
        usual(*held[0])
