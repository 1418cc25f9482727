"""Which student of the gradebook a person of a learning platform is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from nbgrader.api import Student

from autograder.intake import Collected, Refused, SubmittedNotebook


def read_students(session: Any) -> Sequence[Any]:
    """Return the ``id``, ``lms_user_id`` and ``email`` of every student of the gradebook."""
    students: Sequence[Any] = session.execute(sa.select(Student.id, Student.lms_user_id, Student.email)).all()
    return students


def match_students(students: Iterable[Any], notebooks: Iterable[SubmittedNotebook]) -> Collected:
    """Replace the ids of a platform by the ids of the gradebook's students.

    A person is the student with the same ``lms_user_id``. Otherwise a person is the student with the same id or
    e-mail address and without an ``lms_user_id``. Otherwise a person is a new student, with the platform's id.

    Parameters
    ----------
    students
        The students of the gradebook, from `read_students`.
    notebooks
        Submitted notebooks; those without a platform's person stay as they are.

    Returns
    -------
    Collected
        The notebooks in the same order; one is refused if its person would be new and the id is another student's.
    """
    students = list(students)
    by_platform_id = {row.lms_user_id: row.id for row in students if row.lms_user_id}
    by_name = {row.id: row.id for row in students if not row.lms_user_id}
    by_name |= {row.email.casefold(): row.id for row in students if row.email and not row.lms_user_id}
    taken = {row.id for row in students if row.lms_user_id}
    matched: list[SubmittedNotebook | Refused] = []
    for entry in notebooks:
        ids = entry.upload.person.ids if entry.upload and entry.upload.person else ()
        matches = [by_platform_id[i] for i in ids if i in by_platform_id]
        matches += [by_name[i] for i in (*ids, *(i.casefold() for i in ids)) if i in by_name]
        if ids and not matches and entry.student in taken:
            why = "is of a user whose id on the platform is somebody else's in the gradebook."
            matched.append(Refused(entry.path, why, entry.label))
        else:
            matched.append(replace(entry, student=matches[0]) if matches else entry)
    return Collected.of(matched)
