"""Collect the submitted notebooks from single files, folders and zips."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path, PurePosixPath

from autograder.intake.archive import open_zip
from autograder.intake.files import RefusedError, read_file, walk
from autograder.intake.gradescope_export import gradescope
from autograder.intake.identify import ARCHIVES, Expected, identify_notebook, identify_upload
from autograder.intake.latest import keep_latest
from autograder.intake.model import (
    ANONYMOUS,
    Collected,
    DeliveredFile,
    Refused,
    SubmittedNotebook,
    Upload,
    printable,
)
from autograder.intake.platforms import Platform, attempts, canvas, collected_by, exchange, moodle, submitted

PLATFORMS: tuple[Platform, ...] = (gradescope, moodle, canvas, exchange, attempts, submitted)
Entry = SubmittedNotebook | Refused


def find_notebooks(paths: Iterable[Path], expected: Expected) -> Collected:
    """Find the submitted notebooks below some paths, and identify the student and the course's notebook of each.

    Where a student handed in a notebook more than once, the latest is kept.

    Parameters
    ----------
    paths
        Notebooks, folders with notebooks at any depth, and zips.
    expected
        The notebooks that the course expects.

    Raises
    ------
    re.error
        If ``expected.name_regexp`` is no regular expression.
    """
    own = [collected_by(expected.name_regexp)] if expected.name_regexp else []
    platforms = (*PLATFORMS, *own)
    entries: list[Entry] = []
    single_files: dict[Path, list[Path]] = {}
    for path in dict.fromkeys(paths):
        try:
            if not os.path.lexists(path):
                problem = f"does not exist{_meant(path, expected)}."
                entries.append(Refused(path, problem, label=printable(path)))  # the user's own word
            elif path.is_dir() and not path.is_symlink():
                entries += _from_folder(path, expected, platforms)
            elif path.suffix.lower() == ".zip":
                entries += _from_zip(path, expected, platforms)
            elif path.name.lower().endswith(ARCHIVES):
                entries.append(
                    Refused(path, "is no zip, and no other archive is opened: unpack it, and grade the folder.")
                )
            else:
                single_files.setdefault(path.parent, []).append(path)
        except RefusedError as error:
            entries.append(Refused(path, str(error).removeprefix(f"{path} ")))
    for in_one_folder in single_files.values():
        entries += _from_files(in_one_folder, expected, platforms)
    return Collected.of(keep_latest(_without_duplicates(entries)))


def _meant(path: Path, expected: Expected) -> str:
    """Return which path beside a missing one may be meant; never one that holds a student's name."""
    books = {f"{book}.ipynb" for books in expected.assignments.values() for book in books}
    try:
        beside = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return ""
    public = [name for name in beside if name in books or name in expected.assignments or name.endswith(".zip")]
    near = get_close_matches(path.name, public, 1)
    return f" (did you mean {near[0]}?)" if near else ""


def _without_duplicates(entries: list[Entry]) -> list[Entry]:
    """Drop what the given paths lead to more than once."""
    unique: dict[tuple[Path, str], Entry] = {}
    for entry in entries:
        detail = entry.student if isinstance(entry, SubmittedNotebook) else entry.problem
        unique.setdefault((entry.path.absolute(), detail), entry)
    return list(unique.values())


def _from_files(paths: list[Path], expected: Expected, platforms: tuple[Platform, ...]) -> Iterator[Entry]:
    """Read single files of one folder: as a platform's delivery that was unpacked, else each by its path."""
    files = [_on_disk(path, path.name) for path in paths]
    entries = _from_platform(files, expected, platforms)
    if entries is None:
        yield from (identify_notebook(path, expected.assignments, expected.assignment) for path in paths)
    else:
        yield from entries


def _from_zip(path: Path, expected: Expected, platforms: tuple[Platform, ...]) -> Iterator[Entry]:
    files, refused = open_zip(path)
    yield from refused
    if not files and not refused:
        yield Refused(path, "is empty.")
    entries = _from_platform(files, expected, platforms)
    if entries is None:
        entries = list(_from_students(files, path.with_suffix(""), expected, zipped=True))
    if files and not entries:
        yield _without_notebooks(path, expected)
    yield from entries


def _from_folder(path: Path, expected: Expected, platforms: tuple[Platform, ...]) -> Iterator[Entry]:
    files = [_on_disk(file, file.relative_to(path).as_posix()) for file in walk(path)]
    # In a repository a student chooses the names, so they are not read as a platform's.
    entries = None if _is_repository(path) else _from_platform(files, expected, platforms)
    if entries is None:
        entries = list(_from_students(files, path, expected, zipped=False))
    if not entries:
        yield _without_notebooks(path, expected)
    yield from entries


def _without_notebooks(path: Path, expected: Expected) -> Refused:
    return Refused(path, f"holds no notebooks{f' of “{expected.assignment}”' if expected.assignment else ''}.")


def _on_disk(path: Path, name: str) -> DeliveredFile:
    return DeliveredFile(name, path, ANONYMOUS, partial(read_file, path))


def _is_repository(path: Path) -> bool:
    return os.path.lexists(path / ".git")


def _from_platform(
    files: list[DeliveredFile], expected: Expected, platforms: tuple[Platform, ...]
) -> list[Entry] | None:
    """Read the files as the first platform does that recognises their names; None if none does."""
    for platform in platforms:
        delivery = platform(files)
        if delivery is not None:
            uploads, refused = delivery
            return [*(entry for upload in uploads for entry in identify_upload(upload, expected)), *refused]
    return None


def _from_students(files: list[DeliveredFile], root: Path, expected: Expected, *, zipped: bool) -> Iterator[Entry]:
    """Read files that no platform named.

    A repository is one student's upload. Otherwise each folder in ``root`` is a student's upload, and loose
    notebooks, which lie in ``root`` itself or in an assignment's folder, are identified one by one. Next to loose
    notebooks, a folder without a notebook belongs to no student.
    """
    if _is_repository(root) and not zipped:
        yield from identify_upload(Upload(root.absolute().name, {file.name: file for file in files}), expected)
        return
    folders: dict[str, dict[str, DeliveredFile]] = {}
    loose: list[DeliveredFile] = []
    for file in files:
        top, _, rest = file.name.partition("/")
        if not rest or top in expected.assignments:
            loose.append(file)
        elif not top.startswith("."):
            folders.setdefault(top, {})[rest] = file
    yield from _from_loose(loose, files if zipped else None, root, expected)
    folders_only = not any(file.name.endswith(".ipynb") for file in loose)
    for student, inside in sorted(folders.items()):
        if folders_only or any(name.endswith(".ipynb") for name in inside):
            yield from identify_upload(Upload(student, inside), expected)


def _from_loose(
    loose: list[DeliveredFile], entire_zip: list[DeliveredFile] | None, root: Path, expected: Expected
) -> Iterator[Entry]:
    """Identify loose notebooks by their paths.

    Parameters
    ----------
    loose
        The notebooks, and the other files in the same folders.
    entire_zip
        All files of the zip that they lie in; None for files on disk.
    root
        The folder that they lie in; for a zip, its path without the suffix.
    """
    released = {name for names in expected.assignments.values() for name in names}
    notebooks = [file for file in loose if file.name.endswith(".ipynb")]
    uploads: dict[tuple[str, str, str], Upload] = {}
    in_order = sorted(entire_zip or (), key=_name_of)
    for file in notebooks:
        entry = identify_notebook(root / file.name, expected.assignments, expected.assignment)
        if not isinstance(entry, SubmittedNotebook):
            yield Refused(file.path, entry.problem, file.label)
        elif entire_zip is None:
            yield entry
        else:
            # A notebook with its released name lies in its student's folder, so all files there belong to it.
            # One with another name may lie beside other students' notebooks, so it comes alone.
            folder = file.name[: file.name.rfind("/") + 1]
            whole_folder = PurePosixPath(file.name).stem in released
            files = _below(folder, in_order) if whole_folder else [file]
            key = (entry.student, entry.assignment, folder if whole_folder else file.name)
            upload = uploads.setdefault(key, Upload(entry.student, {each.name: each for each in files}))
            yield replace(entry, path=file.path, upload=upload, name=file.name)
    if not any(PurePosixPath(file.name).stem in released for file in notebooks):
        for file in loose:
            if file.name.lower().endswith(ARCHIVES):
                problem = "is an archive inside a folder or a zip, and is not opened; unpack it first."
                yield Refused(file.path, problem, file.label)


def _below(folder: str, in_order: list[DeliveredFile]) -> list[DeliveredFile]:
    """Return the files below a folder, which ends with ``/`` or is empty; all files are sorted by name."""
    if not folder:
        return in_order
    start = bisect_left(in_order, folder, key=_name_of)
    end = bisect_left(in_order, f"{folder[:-1]}0", start, key=_name_of)  # "0" is the sign after "/"
    return in_order[start:end]


def _name_of(file: DeliveredFile) -> str:
    return file.name
