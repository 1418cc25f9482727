"""The history of marks: every grading that changed one is kept, whichever command it was.

It is a table in nbgrader's database beside the journal, so that a mark and its history are committed together.
nbgrader's own tables stay as they are.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from autograder.gradebook.journal import JOURNAL
from autograder.grading.grader import VERSION

Changes = Mapping[str, tuple[float | None, float | None]]
"""The old and the new automatic mark of each cell whose mark changed, by ``grade_id``; None stands for no mark."""

HISTORY = sa.Table(
    "autograder_history",
    JOURNAL.metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("student_id", sa.String(128), nullable=False, index=True),
    sa.Column("assignment", sa.String(128), nullable=False),
    sa.Column("notebook", sa.String(128), nullable=False),
    sa.Column("graded_at", sa.DateTime(), nullable=False),  # in UTC, without a zone, as nbgrader's times are
    sa.Column("version", sa.String(64), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("changes", sa.Text(), nullable=False),
)
_INSERT = sa.insert(HISTORY)


@dataclass(frozen=True)
class Entry:
    """A grading that changed marks of a notebook."""

    notebook: str
    time: dt.datetime
    """In UTC."""
    version: str
    """The version of this package."""
    digest: str
    """Of everything that decided about the marks; empty where a notebook failed or was not handed in."""
    changes: Changes


def changed(before: Mapping[str, float | None], after: Mapping[str, float | None]) -> Changes:
    """Return the marks that are others than before."""
    return {name: (before.get(name), mark) for name, mark in after.items() if before.get(name) != mark}


def add_entry(session: Any, student: str, assignment: str, notebook: str, digest: str, changes: Changes) -> None:
    """Enter a grading, unless it changed no mark."""
    if not changes:
        return
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    key = {"student_id": student, "assignment": assignment, "notebook": notebook}
    row = {"graded_at": now, "version": VERSION, "digest": digest, "changes": json.dumps(changes)}
    session.execute(_INSERT, [key | row])


def read_history(session: Any, student: str, assignment: str) -> list[Entry]:
    """Return the history of a submission, the oldest entry first."""
    wanted = sa.select(HISTORY).where(HISTORY.c.student_id == student, HISTORY.c.assignment == assignment)
    return [
        Entry(
            notebook=row.notebook,
            time=row.graded_at.replace(tzinfo=dt.UTC),
            version=row.version,
            digest=row.digest,
            changes={name: (old, new) for name, (old, new) in json.loads(row.changes).items()},
        )
        for row in session.execute(wanted.order_by(HISTORY.c.id))
    ]
