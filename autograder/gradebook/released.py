"""The instructor's cells of a notebook, as the gradebook holds them since the release."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from nbgrader.api import MissingEntry

from autograder.course import Course, CourseError
from autograder.notebooks.source import Source, SourceCell


def released_source(database: Any, course: Course, assignment: str, name: str) -> Source:
    """Read the instructor's cells of a notebook as they were when it was released.

    What the gradebook does not hold, the cells that only show something and how long each takes, is taken from the
    source notebook as it is now, if it can be read.

    Parameters
    ----------
    database
        nbgrader's database, open.
    course
        The course.
    assignment, name
        The names of the assignment and of the notebook.

    Raises
    ------
    CourseError
        If the gradebook has no such notebook.
    """
    try:
        row = database.find_notebook(name, assignment)
    except MissingEntry:
        raise CourseError(
            f"The gradebook has no notebook “{name}” of “{assignment}”; “autograder release” enters it."
        ) from None
    points = {cell.name: float(cell.max_score) for cell in (*row.grade_cells, *row.task_cells)}
    grades = {cell.name for cell in row.grade_cells}
    solutions = {cell.name for cell in row.solution_cells}
    tasks = {cell.name for cell in row.task_cells}
    written = Source(())
    with contextlib.suppress(CourseError):
        written = course.source(assignment, name)
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
            for cell in row.source_cells
        ),
        json.loads(row.kernelspec or "{}"),
        written.program,
        written.shows,
    )
