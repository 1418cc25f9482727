"""The journal: which report was entered for a notebook, and a digest of everything that decides about it.

It is a table in nbgrader's database, so that marks and their journal entry are committed together. A notebook is
graded again only if its digest differs.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from nbgrader.api import SubmittedAssignment

from autograder.results import Report, to_json

JOURNAL = sa.Table(
    "autograder_report",
    sa.MetaData(),
    sa.Column("student_id", sa.String(128), primary_key=True),
    sa.Column("assignment", sa.String(128), primary_key=True),
    sa.Column("notebook", sa.String(128), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("report", sa.Text(), nullable=False),
)

# Built once: SQLAlchemy takes as long to build a statement as to execute it.
_REMOVE = sa.delete(JOURNAL).where(*(column == sa.bindparam(column.name) for column in JOURNAL.primary_key))
_INSERT = sa.insert(JOURNAL)

Entries = dict[tuple[str, str], tuple[str, str]]
"""The digest and the report as JSON, by student and notebook."""


def read_entries(session: Any, assignment: str, assignment_id: str) -> Entries:
    """Return the entries of an assignment.

    A submission that was removed from the gradebook meanwhile (``nbgrader db``) has no marks, and its entries are
    left out.
    """
    submitted = SubmittedAssignment.__table__
    students = sa.select(submitted.c.student_id).where(submitted.c.assignment_id == assignment_id)
    rows = session.execute(
        sa.select(JOURNAL).where(JOURNAL.c.assignment == assignment, JOURNAL.c.student_id.in_(students))
    )
    return {(row.student_id, row.notebook): (row.digest, row.report) for row in rows}


def write_entry(session: Any, assignment: str, report: Report, digest: str) -> None:
    """Replace the entry of a notebook."""
    key = {"student_id": report.student, "assignment": assignment, "notebook": report.notebook}
    session.execute(_REMOVE, key)
    session.execute(_INSERT, [{**key, "digest": digest, "report": to_json(report)}])


def remove_entries(session: Any, student: str, assignment: str, notebooks: Collection[str] | None = None) -> None:
    """Remove the entries of some notebooks of a submission, or of all: their marks are about to change."""
    entries = (JOURNAL.c.student_id == student) & (JOURNAL.c.assignment == assignment)
    if notebooks is not None:
        entries &= JOURNAL.c.notebook.in_(notebooks)
    session.execute(sa.delete(JOURNAL).where(entries))
