"""A course around one source notebook, so that a single notebook is graded without a course folder."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from autograder.course import Course, CourseError


@contextmanager
def course_around(notebook: Path) -> Iterator[tuple[Path, str]]:
    """Yield the folder of a course that one source notebook belongs to, and the name of its assignment.

    A notebook at its place in a course (``source/ASSIGNMENT/``) brings that course's options and exercises. Any
    other has a course of its own while the command runs, and its own name is the assignment's.

    Raises
    ------
    UsageError
        If there is no such notebook.
    """
    if notebook.suffix != ".ipynb" or not notebook.is_file():
        raise click.UsageError(f"--source: {notebook} is no notebook. Name the instructor's .ipynb file.")
    folder = notebook.resolve().parent
    if (root := _course_of(folder)) is not None:
        yield root, folder.name
        return
    with tempfile.TemporaryDirectory(prefix="autograder-") as made:
        source = Path(made) / "source"
        source.mkdir()
        (source / notebook.stem).symlink_to(folder, target_is_directory=True)
        yield Path(made), notebook.stem


def _course_of(folder: Path) -> Path | None:
    try:
        course = Course.at(folder.parent.parent)
    except CourseError:
        return None
    return course.root if course.folder("source", assignment=folder.name).resolve() == folder else None
