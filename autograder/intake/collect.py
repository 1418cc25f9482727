"""Paths become submissions: single files, folders and zips, each read as what its names show it to be."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath

from autograder.intake.archive import open_zip
from autograder.intake.files import RefusedError, read_file, walk
from autograder.intake.gradescope_export import gradescope
from autograder.intake.identify import ARCHIVES, Wanted, identify_notebook, identify_upload
from autograder.intake.platforms import Platform, attempts, canvas, collected_by, exchange, moodle, submitted
from autograder.intake.submitted import (
    SOMEONES,
    Member,
    Refused,
    SubmittedNotebook,
    Superseded,
    Upload,
    naive_utc,
    printable,
)

PLATFORMS: tuple[Platform, ...] = (gradescope, moodle, canvas, exchange, attempts, submitted)
Entry = SubmittedNotebook | Refused


def find_notebooks(paths: Iterable[Path], wanted: Wanted, named_regexp: str = "") -> list[Entry]:
    """Find out whose notebooks these are, which of the course's they are, and which of several counts.

    Parameters
    ----------
    paths
        Notebooks, folders with notebooks somewhere below them, and zips.
    wanted
        What the course has.
    named_regexp
        How ``nbgrader zip_collect`` reads names in this course, where it is set up.

    Raises
    ------
    ValueError
        If ``named_regexp`` is no regular expression.
    """
    platforms = (*PLATFORMS, *([collected_by(named_regexp)] if named_regexp else []))
    entries: list[Entry] = []
    files: dict[Path, list[Path]] = {}
    for path in dict.fromkeys(paths):
        try:
            if not os.path.lexists(path):
                entries.append(Refused(path, "does not exist.", label=printable(path)))  # the user's own word
            elif path.is_dir() and not path.is_symlink():
                entries += _from_folder(path, wanted, platforms)
            elif path.suffix.lower() == ".zip":
                entries += _from_zip(path, wanted, platforms)
            else:
                files.setdefault(path.parent, []).append(path)
        except RefusedError as error:
            entries.append(Refused(path, str(error).removeprefix(f"{path} ")))
    for beside_each_other in files.values():
        entries += _from_files(beside_each_other, wanted, platforms)
    return _latest(entries)


def _from_files(paths: list[Path], wanted: Wanted, platforms: tuple[Platform, ...]) -> Iterator[Entry]:
    """Files that were named one by one: a platform's, unpacked, or each its student's."""
    members = [_member(path, path.name) for path in paths]
    delivered = _from_platform(members, wanted, platforms)
    if delivered is None:
        yield from (identify_notebook(path, wanted.assignments, wanted.assignment) for path in paths)
    else:
        yield from delivered


def _from_zip(path: Path, wanted: Wanted, platforms: tuple[Platform, ...]) -> Iterator[Entry]:
    members, refused = open_zip(path)
    yield from refused
    if not members and not refused:
        yield Refused(path, "is empty.")
    delivered = _from_platform(members, wanted, platforms)
    if delivered is None:
        delivered = list(_from_students(members, path.with_suffix(""), wanted, zipped=True))
    if members and not delivered:
        yield _without_notebooks(path, wanted)
    yield from delivered


def _from_folder(path: Path, wanted: Wanted, platforms: tuple[Platform, ...]) -> Iterator[Entry]:
    members = [_member(file, file.relative_to(path).as_posix()) for file in walk(path)]
    delivered = None if _is_repository(path) else _from_platform(members, wanted, platforms)
    if delivered is None:
        delivered = list(_from_students(members, path, wanted, zipped=False))
    if not delivered:
        yield _without_notebooks(path, wanted)
    yield from delivered


def _without_notebooks(path: Path, wanted: Wanted) -> Refused:
    return Refused(path, f"holds no notebooks{f' of “{wanted.assignment}”' if wanted.assignment else ''}.")


def _member(path: Path, name: str) -> Member:
    return Member(name, path, SOMEONES, partial(read_file, path))


def _is_repository(path: Path) -> bool:
    return os.path.lexists(path / ".git")


def _from_platform(members: list[Member], wanted: Wanted, platforms: tuple[Platform, ...]) -> list[Entry] | None:
    """Read the names as the first platform's whose they are."""
    for platform in platforms:
        delivery = platform(members)
        if delivery is not None:
            uploads, refused = delivery
            return [*(entry for upload in uploads for entry in identify_upload(upload, wanted)), *refused]
    return None


def _from_students(members: list[Member], root: Path, wanted: Wanted, *, zipped: bool) -> Iterator[Entry]:
    """A folder a student, such as their repositories; notebooks side by side; or a single student's folder."""
    if _is_repository(root) and not zipped:
        yield from identify_upload(
            Upload(root.absolute().name, {member.name: member for member in members}), wanted
        )
        return
    folders: dict[str, dict[str, Member]] = {}
    loose: list[Member] = []
    for member in members:
        top, _, rest = member.name.partition("/")
        if not rest or top in wanted.assignments:
            loose.append(member)
        elif not top.startswith("."):
            folders.setdefault(top, {})[rest] = member
    yield from _from_loose(loose, members if zipped else None, root, wanted)
    everywhere = not any(member.name.endswith(".ipynb") for member in loose)
    for student, files in sorted(folders.items()):
        if everywhere or any(name.endswith(".ipynb") for name in files):
            yield from identify_upload(Upload(student, files), wanted)


def _from_loose(members: list[Member], packed: list[Member] | None, root: Path, wanted: Wanted) -> Iterator[Entry]:
    """Notebooks that their path or their own name gives to somebody; ``packed`` is the whole zip they lie in."""
    books = {name for names in wanted.assignments.values() for name in names}
    notebooks = [member for member in members if member.name.endswith(".ipynb")]
    uploads: dict[tuple[str, str, str], Upload] = {}
    for member in notebooks:
        entry = identify_notebook(root / member.name, wanted.assignments, wanted.assignment)
        if not isinstance(entry, SubmittedNotebook):
            yield Refused(member.path, entry.problem, member.label)
        elif packed is None:
            yield entry
        else:
            # One that is called as it was released has its student's folder for itself.
            folder = member.name.rpartition("/")[0] + "/" if "/" in member.name else ""
            own = PurePosixPath(member.name).stem in books
            files = {m.name: m for m in packed if own and m.name.startswith(folder)} or {member.name: member}
            key = (entry.student, entry.assignment, folder if own else member.name)
            upload = uploads.setdefault(key, Upload(entry.student, files))
            yield replace(entry, path=member.path, upload=upload, name=member.name)
    if not any(PurePosixPath(member.name).stem in books for member in notebooks):
        for member in members:
            if member.name.lower().endswith(ARCHIVES):
                yield Refused(member.path, "is an archive, which is not opened; name it by itself.", member.label)


def _latest(entries: list[Entry]) -> list[Entry]:
    """Keep of what a student handed in for an assignment the last; where nothing tells which that is, refuse."""
    once: dict[tuple[Path, str], Entry] = {}
    for entry in entries:
        once.setdefault(_identity(entry), entry)
    entries = list(once.values())
    hand_ins: dict[tuple[str, str], list[SubmittedNotebook]] = {}
    for entry in entries:
        if isinstance(entry, SubmittedNotebook):
            hand_ins.setdefault((entry.student, entry.assignment), []).append(entry)
    replaced: dict[int, Refused] = {}
    for found in hand_ins.values():
        replaced |= {id(entry): verdict for entry, verdict in _earlier(found)}
    return [replaced.get(id(entry), entry) for entry in entries]


def _identity(entry: Entry) -> tuple[Path, str]:
    """Return what a file has in common with itself, named once more."""
    return entry.path.absolute(), entry.student if isinstance(entry, SubmittedNotebook) else entry.problem


def _earlier(found: list[SubmittedNotebook]) -> Iterator[tuple[SubmittedNotebook, Refused]]:
    """Tell which of a student's notebooks for an assignment don't count."""
    uploads = {id(entry.upload): entry.upload for entry in found}
    twice = [e for e in found if any(e.notebook == o.notebook and e is not o for o in found)]
    if len(uploads) > 1:
        last = _last([upload for upload in uploads.values() if upload])
        if last and None not in uploads.values():
            why = "was handed in again later; the later one is graded."
            yield from ((e, Superseded(e.path, why, e.label)) for e in found if e.upload is not last)
            return
    why = "was handed in more than once, and nothing tells which is the last; name one alone."
    yield from ((entry, Refused(entry.path, why, entry.label)) for entry in twice)


def _last(uploads: list[Upload]) -> Upload | None:
    """Return the upload that came last, by times if all have one, else by what the platform counts."""
    timed = all(upload.time for upload in uploads)
    when = [(naive_utc(u.time) if timed and u.time else datetime.min, u.order) for u in uploads]  # noqa: DTZ901
    known = timed or all(upload.order for upload in uploads)
    return uploads[when.index(max(when))] if known and when.count(max(when)) == 1 else None
