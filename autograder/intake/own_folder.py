"""Read a student's folder in the course's own ``submitted/``, and name what lies in the wrong place.

nbgrader looks at ``submitted/<student>/<assignment>/<notebook>.ipynb`` alone. What a student or a collector put
beside that place would get no mark and no word.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from autograder.intake.files import IGNORED, IS_LINK, RefusedError, read_file, walk
from autograder.intake.identify import ARCHIVES, COPY_NUMBER, Expected, match_cells
from autograder.intake.model import Refused, SubmittedNotebook

SUFFIX = ".ipynb"
COLLECTED = frozenset({"timestamp.txt"})
"""What a collector adds to a submission."""


def read_assignment_folder(
    folder: Path, student: str, assignment: str, expected: Expected
) -> Iterator[SubmittedNotebook | Refused]:
    """Yield the notebooks in a student's folder of one assignment.

    Where a notebook of the course is missing and a single file has another name, the file is that notebook if its
    cells say so. Without such a file, what lies there instead is refused by name.
    """
    books = expected.assignments[assignment]
    try:
        names = sorted(path.name for path in folder.iterdir())
        for name in names:
            os.lstat(folder / name)  # a folder may be listed and still not be entered
    except OSError as error:
        yield Refused(folder, _unreadable(error))
        return
    found = [book for book in books if f"{book}{SUFFIX}" in names]
    yield from (SubmittedNotebook(folder / f"{book}{SUFFIX}", student, assignment, book) for book in found)
    missing = [book for book in books if book not in found]
    others = [folder / name for name in names if _is_notebook(name) and name.removesuffix(SUFFIX) not in found]
    others = [path for path in others if not _is_folder(path) and not path.name.startswith(".")]
    if folder.is_symlink():
        if not found:
            yield Refused(folder, IS_LINK)
    elif missing and len(others) == 1:
        yield _alone(others[0], student, assignment, missing, expected)
    elif missing:
        yield from _instead(folder, others, missing, found)


def _alone(
    path: Path, student: str, assignment: str, missing: list[str], expected: Expected
) -> SubmittedNotebook | Refused:
    """Identify by its cells the only file that may be a missing notebook."""
    try:
        match = match_cells(read_file(path), [(assignment, book) for book in missing], expected)
    except RefusedError as error:
        return Refused(path, str(error).removeprefix(f"{path} "))
    if match is None:
        return Refused(path, f"is not the missing notebook, by its cells; if it is, call it {_names(missing)}.")
    return SubmittedNotebook(path, student, assignment, match[1])


def _instead(folder: Path, others: list[Path], missing: list[str], found: list[str]) -> Iterator[Refused]:
    """Refuse what lies where notebooks are missing."""
    names = _names(missing)
    for path in others:
        yield Refused(path, f"is one of several notebooks with other names; call the one to grade {names}.")
    if others:
        return
    try:
        below = list(walk(folder))
    except RefusedError as error:
        yield Refused(folder, str(error).removeprefix(f"{folder} "))
        return
    nested = [path for path in below if _is_notebook(path.name) and path.parent != folder]
    for path in nested:
        yield Refused(path, f"lies too deep; the assignment's folder itself holds {names}.")
    if not nested and not found and any(path.name not in COLLECTED for path in below):
        yield Refused(folder, f"holds no notebook; {names} is missing.")


def misplaced(submitted: Path, assignment: str | None, expected: Expected) -> Iterator[Refused]:
    """Refuse what lies in ``submitted/<student>/<assignment>/`` by mistake at a level above, or can't be read.

    Parameters
    ----------
    submitted
        The folder of students' folders.
    assignment
        The one that is graded; None for all.
    expected
        The notebooks that the course expects.
    """
    for path in sorted(submitted.iterdir()) if submitted.is_dir() else ():
        if path.name.startswith(".") or path.name in IGNORED:
            continue
        if path.is_symlink():
            yield Refused(path, f"{IS_LINK.removesuffix('.')}; put the student's folder itself in its place.")
        elif _is_folder(path):
            yield from _in_students_folder(path, assignment, expected)
        elif _is_notebook(path.name) or path.name.lower().endswith(ARCHIVES):
            problem = "lies in no student's folder; to grade it, name it: autograder grade PATH."
            yield Refused(path, problem)


def _in_students_folder(folder: Path, assignment: str | None, expected: Expected) -> Iterator[Refused]:
    chosen = [name for name in expected.assignments if assignment in (None, name)]
    try:
        children = sorted(folder.iterdir())
        for path in children:
            os.lstat(path)
    except OSError as error:
        yield Refused(folder, _unreadable(error))
        return
    for path in children:
        if path.name.startswith(".") or path.name in IGNORED:
            continue
        if path.name in expected.assignments:
            if path.name in chosen and not _is_folder(path):
                what = IS_LINK if path.is_symlink() else "is a file; a folder of this name holds the notebook."
                yield Refused(path, what)
        elif _is_folder(path) and not path.is_symlink():
            if (meant := _meant(path, expected)) in chosen:
                yield Refused(path, f"is no assignment of the course; did you mean {meant}? Then rename it.")
        elif _is_notebook(path.name) or path.name.lower().endswith(ARCHIVES):
            of = _assignment_of(path.name, expected)
            if of is None or of in chosen:
                where = of or assignment or "ASSIGNMENT"
                yield Refused(path, f"lies in no assignment's folder; move it into {where}/ beside it.")


def _meant(folder: Path, expected: Expected) -> str | None:
    """Return the assignment that a folder is meant for, by its name or by that of a notebook in it.

    Names that differ in their digits are different assignments': a course may no longer have ``hw2``.
    """
    lowered = {name.casefold(): name for name in expected.assignments}
    alike = [name for name in lowered if re.findall("[0-9]+", name) == re.findall("[0-9]+", folder.name)]
    if near := get_close_matches(folder.name.casefold(), alike, 1):
        return lowered[near[0]]
    try:
        found = (_assignment_of(path.name, expected) for path in walk(folder))
        return next((assignment for assignment in found if assignment), None)
    except RefusedError:
        return None


def _assignment_of(name: str, expected: Expected) -> str | None:
    """Return the assignment that has a notebook of a file's name."""
    stem = Path(name).stem.casefold()
    copy = COPY_NUMBER.fullmatch(stem)
    stems = {stem, copy["stem"] if copy else stem}
    if not _is_notebook(name):
        return None
    of = (each for each, books in expected.assignments.items() if stems & {book.casefold() for book in books})
    return next(of, None)


def _is_notebook(name: str) -> bool:
    return name.lower().endswith(SUFFIX)


def _names(books: list[str]) -> str:
    return " or ".join(f"{book}{SUFFIX}" for book in books)


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112  # False for what can't be read, where Path.is_dir raises


def _unreadable(error: OSError) -> str:
    return f"can't be read: {error.strerror}. Allow reading it, and run the command again."
