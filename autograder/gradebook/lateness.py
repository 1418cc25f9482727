"""When a notebook was submitted, and the penalty of a late one."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import intake
from autograder.course import Course
from autograder.gradebook.rows import AssignmentRows
from autograder.intake import SubmittedNotebook

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.preprocessors import AssignLatePenalties


class Lateness:
    """Timestamps and late penalties, by the rules of a course.

    Parameters
    ----------
    course
        The course; its configuration names the plug-in that decides about penalties.
    coursedir
        The same course as nbgrader reads it.
    """

    def __init__(self, course: Course, coursedir: CourseDirectory) -> None:
        self.course, self.coursedir = course, coursedir

    def timestamp_of(self, submitted: SubmittedNotebook, duedate: dt.datetime | None) -> dt.datetime | None:
        """Return when a notebook was received, in UTC and without a zone; None where it is not known.

        In the course's own folder, the collector's ``timestamp.txt`` counts. Elsewhere the platform's time counts.
        Where a platform only says whether an upload is late, the time is the due date or a second after it.
        """
        if self.course.is_in_submitted_folder(submitted):
            return self._collectors_timestamp(submitted.path.with_name("timestamp.txt"))
        upload = submitted.upload
        if upload is None:
            return None
        if upload.time is not None:
            return intake.naive_utc(upload.time)
        if upload.late is None or duedate is None:
            return None
        return duedate + dt.timedelta(seconds=1 if upload.late else 0)

    def _collectors_timestamp(self, path: Path) -> dt.datetime | None:
        try:
            intake.read_file(path, 1000)
            timestamp: dt.datetime | None = self.coursedir.get_existing_timestamp(str(path.parent))
        except (intake.RefusedError, ValueError, AttributeError, UnicodeError):  # nbgrader fails at a bad date
            return None
        return timestamp

    def enter_penalty(self, rows: AssignmentRows, student: str, notebook_id: str) -> None:
        """Enter the penalty that the course's plug-in gives, between 0 and the score.

        Parameters
        ----------
        rows
            The rows of the assignment; the notebook's marks are entered.
        student
            The student's id.
        notebook_id
            The id of the submitted notebook's row.
        """
        late = _seconds_late(rows, student)
        penalty = None
        if late > 0:
            score = rows.score(notebook_id)
            penalty = self._penalties.plugin_inst.late_submission_penalty(student, score, late)
        rows.set_penalty(notebook_id, None if penalty is None else min(max(penalty, 0), score))

    @cached_property
    def _penalties(self) -> AssignLatePenalties:
        from nbgrader.preprocessors import AssignLatePenalties  # noqa: PLC0415  # imports nbconvert

        penalties = AssignLatePenalties(config=self.course.config)
        penalties.init_plugin()
        return penalties


def _seconds_late(rows: AssignmentRows, student: str) -> float:
    """Return the seconds between a student's due date, with the extension, and the submission; 0.0 if in time."""
    if rows.duedate is None:
        return 0.0
    timestamp, extension = rows.submission_time(student)
    if timestamp is None:
        return 0.0
    until = rows.duedate + (extension or dt.timedelta())
    return float(max(0.0, (timestamp - until).total_seconds()))
