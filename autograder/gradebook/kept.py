"""Uploads laid down under ``submitted/`` as nbgrader's collector does, so that every later command finds them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from autograder import intake
from autograder.course import Course
from autograder.gradebook.atomic import kept_unless_replaced, write_atomically
from autograder.intake import Refused, SubmittedNotebook, Superseded

TIMESTAMP = "timestamp.txt"
"""nbgrader's name for the file that says when a submission was collected."""
OLDER = "is older than what lies in the course's folder submitted/, which stays."
Time = dt.datetime | None
TimeOf = Callable[[SubmittedNotebook], Time]


def keep(
    course: Course, notebooks: Iterable[SubmittedNotebook], time_of: TimeOf
) -> Iterator[SubmittedNotebook | Refused]:
    """Copy submissions into the course's folder, and yield them from there.

    An upload is a whole submission. It replaces what a student had handed in before, unless that came later. A
    file that stands alone replaces its notebook only. What can't be opened is yielded as it is: grading says why.

    Parameters
    ----------
    course
        The course.
    notebooks
        Submitted notebooks, with the ids of the course's students.
    time_of
        Returns when a notebook was received, in UTC and without a zone, or None.

    Yields
    ------
    SubmittedNotebook or Refused
        The notebooks in the given order; one is superseded if a later submission lies in the folder.

    Raises
    ------
    OSError
        If a file can't be written; the student's earlier submission is then unchanged.
    """
    groups: dict[tuple[str, str, int], list[SubmittedNotebook]] = {}
    for entry in notebooks:
        groups.setdefault((entry.student, entry.assignment, id(entry.upload)), []).append(entry)
    for entries in groups.values():
        if all(map(course.is_in_submitted_folder, entries)):
            yield from entries
        else:
            yield from _keep_one(course, entries, time_of)


def _keep_one(
    course: Course, entries: Sequence[SubmittedNotebook], time_of: TimeOf
) -> Iterator[SubmittedNotebook | Refused]:
    """Keep what one student handed in at one time."""
    first = entries[0]
    folder = course.folder("submitted", first.student, first.assignment)
    try:
        intake.refuse_linked_folders(folder / "any", course.root)
        files = {f"{entry.notebook}.ipynb": entry.read() for entry in entries}
        for entry in entries:
            files |= {name: content for name, content in entry.attachments().items() if _may_lie_there(name)}
    except intake.RefusedError:
        yield from entries
        return
    if first.upload is None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_atomically(folder / name, content)
    else:
        received = time_of(first)
        if _is_older(received, first, folder, time_of):
            yield from (Superseded(entry.path, OLDER, entry.label) for entry in entries)
            return
        if received is not None:
            files[TIMESTAMP] = f"{received} UTC\n".encode()
        _lay_down(folder, files)
    yield from (_moved(entry, folder) for entry in entries)


def _may_lie_there(name: str) -> bool:
    """Whether a file beside a notebook is kept: a student's own time counts for nothing, nor does a way out."""
    path = PurePosixPath(name)
    return name != TIMESTAMP and not path.is_absolute() and ".." not in path.parts


def _is_older(received: Time, entry: SubmittedNotebook, folder: Path, time_of: TimeOf) -> bool:
    """Whether an upload came before what lies in the folder, by the times of both."""
    there = time_of(replace(entry, path=folder / f"{entry.notebook}.ipynb", upload=None))
    return received is not None and there is not None and received < there


def _lay_down(folder: Path, files: dict[str, bytes]) -> None:
    """Write a submission's files in place of those that are there, all or none."""
    if _same(folder, files):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with kept_unless_replaced(folder):
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def _same(folder: Path, files: dict[str, bytes]) -> bool:
    try:
        there = {path.relative_to(folder).as_posix(): path for path in intake.walk(folder)}
        return there.keys() == files.keys() and all(
            path.read_bytes() == files[name] for name, path in there.items()
        )
    except OSError:
        return False


def _moved(entry: SubmittedNotebook, folder: Path) -> SubmittedNotebook:
    """Return a notebook as it lies in the folder, with what its platform says about the student."""
    name = f"{entry.notebook}.ipynb"
    path = folder / name
    if entry.upload is None:
        return replace(entry, path=path)
    file = replace(
        entry.upload.files[entry.name], name=name, path=path, open=partial(intake.read_file, path), problem=None
    )
    return replace(entry, path=path, upload=replace(entry.upload, files={name: file}), name=name)
