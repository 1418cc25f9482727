"""Which notebook of which assignment a file is, and which of several counts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from autograder.intake.files import RefusedError, is_utf8
from autograder.intake.roster import Known
from autograder.intake.submitted import Member, Refused, SubmittedNotebook, Superseded, Upload
from autograder.notebooks import notebook

AGAIN = re.compile(r"(?P<stem>.+?)(?:[-_ ]?\([0-9]+\)|[-_ ]Copy[0-9]*|[-_][0-9]+)+")
"""What platforms and browsers add to a name that is there already."""
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
MAX_STUDENT = 128
"""Characters of a student's id in nbgrader's database."""


@dataclass(frozen=True)
class Wanted:
    """What the course has, and what is to be graded."""

    assignments: Mapping[str, list[str]]
    """Each assignment with the names of its notebooks."""
    assignment: str | None = None
    """The one to grade; None to tell from places, names and cells."""
    grade_ids: Callable[[str, str], frozenset[str]] = lambda _assignment, _name: frozenset()
    """The marked cells of a notebook of the course."""
    roster: Mapping[str, Known] | None = None
    """Who is who by a platform's id; None where the platform's id is all there is."""


Book = tuple[str, str]
"""An assignment, and the name of a notebook of it."""


def identify_notebook(
    path: Path, assignments: Mapping[str, list[str]], assignment: str | None
) -> SubmittedNotebook | Refused:
    """Tell a notebook's student and assignment from where it lies and what it is called.

    nbgrader's layout is ``…/<student>/<assignment>/<notebook>.ipynb``. Elsewhere a file named like a notebook of
    the course belongs to whom its folder names, any other file to whom its own name names.
    """
    if not is_utf8(path):
        return Refused(path, "has a name that is not UTF-8.")
    parts = Path(os.path.abspath(path)).parts  # noqa: PTH100  # resolves "..", follows no link
    folder, above = parts[-2], parts[-3] if len(parts) > 2 else ""
    wanted = assignment or (folder if folder in assignments else None)
    if wanted is None:
        wanted = next((name for name, books in assignments.items() if path.stem in books), None)
    if wanted is None and len(assignments) == 1:
        wanted = next(iter(assignments))
    if wanted is None:
        return Refused(path, "belongs to no assignment of the course; name one with --assignment.")
    books = assignments.get(wanted, [])
    named = path.stem in books
    if not named and len(books) != 1:
        return Refused(path, f"is none of the notebooks of “{wanted}”: {', '.join(books)}.")
    student = path.stem if not named else above if folder == wanted else folder
    if why := improper(student):
        return Refused(path, why)
    return SubmittedNotebook(path, student, wanted, path.stem if named else books[0])


def improper(student: str) -> str | None:
    """Say why a name can't be a student's id, which names folders and database rows, if so."""
    if not student or student.startswith(".") or "/" in student or "\\" in student or not student.isprintable():
        return "gives its student a name that can't be a folder's."
    if len(student.encode()) > MAX_STUDENT:
        return f"gives its student a name of more than {MAX_STUDENT} bytes."
    return None


def identify_upload(upload: Upload, wanted: Wanted) -> Iterator[SubmittedNotebook | Refused]:
    """Tell which notebooks an upload holds, and which counts where it holds one more than once."""
    first = min(upload.files.values(), key=lambda member: member.name)
    if wanted.roster is not None and upload.person:
        who = next((wanted.roster[ident] for ident in upload.person.ids if ident in wanted.roster), None)
        if who is None:
            yield Refused(first.path, "is of somebody whom the roster doesn't name.", first.label)
            return
        upload = replace(upload, student=who.student, person=who.person)
    if wanted.assignment and upload.assignment not in (None, wanted.assignment):
        return
    if why := improper(upload.student):
        yield Refused(first.path, why, first.label)
        return
    if upload.assignment is not None and upload.assignment not in wanted.assignments:
        known = ", ".join(wanted.assignments)
        yield Refused(
            first.path, f"is of “{upload.assignment}”, which the course doesn't have: {known}.", first.label
        )
        return
    books = {name: member for name, member in upload.files.items() if name.endswith(".ipynb")}
    if not books:
        bad = next((member for member in upload.files.values() if member.problem), first)
        packed = any(name.lower().endswith(ARCHIVES) for name in upload.files)
        why = bad.problem or f"came without a notebook{'; archives are not opened' if packed else ''}."
        yield Refused(bad.path, why, bad.label)
        return
    told = _tell(books, upload, wanted)
    if not told:
        if wanted.assignment and all(
            _folder_of(n) in set(wanted.assignments) - {wanted.assignment} for n in books
        ):
            return  # of other assignments alone
        why = "is none of the course's notebooks, by its name or its cells; name the assignment with --assignment."
        yield from (Refused(member.path, why, member.label) for member in books.values())
    for book, candidates in told.items():
        yield from _choose(book, candidates, upload)


def _tell(books: Mapping[str, Member], upload: Upload, wanted: Wanted) -> dict[Book, list[str]]:
    """Tell which of the course's each notebook is: by place and name, else by its cells, else as the last left."""
    told: dict[Book, list[str]] = {}
    left: dict[str, list[Book]] = {}
    for name in books:
        options = _options(name, upload, wanted)
        stem = PurePosixPath(name).stem
        match = AGAIN.fullmatch(stem)
        for called in (stem, match["stem"] if match else stem):
            named = [option for option in options if option[1] == called]
            if named:
                told.setdefault(named[0], []).append(name)
                break
        else:
            left[name] = options
    for name, options in list(left.items()):
        book = _by_cells(books[name], [option for option in options if option not in told], wanted)
        if book:
            told.setdefault(book, []).append(name)
            del left[name]
    if len(left) == 1:
        ((name, options),) = left.items()
        free = [option for option in options if option not in told]
        if len(options) == len(free) == 1:  # an assignment's only notebook may be called anything
            told[free[0]] = [name]
    return told


def _options(name: str, upload: Upload, wanted: Wanted) -> list[Book]:
    """Return what a notebook could be, by what is asked for and where it lies."""
    folder = _folder_of(name)
    asked = wanted.assignment or upload.assignment or (folder if folder in wanted.assignments else None)
    if folder in wanted.assignments and asked != folder:
        return []
    chosen = [asked] if asked else list(wanted.assignments)
    return [(assignment, book) for assignment in chosen for book in wanted.assignments.get(assignment, [])]


def _folder_of(name: str) -> str:
    return PurePosixPath(name).parent.name


def _by_cells(member: Member, options: Iterable[Book], wanted: Wanted) -> Book | None:
    """Tell a notebook by its cells' ``grade_id``: the one it shares most with, and at least half of."""
    try:
        cells = notebook.read(member.read())["cells"]
    except (RefusedError, notebook.UnreadableError):
        return None
    theirs = {notebook.grade_id_of(cell) for cell in cells}
    shares = {}
    for option in options:
        ours = wanted.grade_ids(*option)
        if ours and len(ours & theirs) * 2 >= len(ours):
            shares[option] = len(ours & theirs) / len(ours)
    best = [option for option, share in shares.items() if share == max(shares.values())]
    return best[0] if len(best) == 1 else None


def _choose(book: Book, candidates: list[str], upload: Upload) -> Iterator[SubmittedNotebook | Refused]:
    """Yield the one that counts: the latest, else the one that is called and lies as it was released."""
    assignment, name = book
    usual = {f"{assignment}/{name}.ipynb": 2, f"{name}.ipynb": 1}

    def standing(file: str) -> tuple[int, int, int]:
        return upload.ranks.get(file, 0), usual.get(file, 0), int(PurePosixPath(file).stem == name)

    best = max(map(standing, candidates))
    chosen = [file for file in candidates if standing(file) == best]
    if len(chosen) > 1:
        why = f"is one of {len(chosen)} that could be “{name}”, and nothing tells which counts."
        yield from (Refused(upload.files[file].path, why, upload.files[file].label) for file in chosen)
        return
    yield SubmittedNotebook(upload.files[chosen[0]].path, upload.student, assignment, name, upload, chosen[0])
    for file in candidates:
        if file != chosen[0]:
            member = upload.files[file]
            later = best[0] > upload.ranks.get(file, 0)
            why = (
                "was uploaded again later; the later one is graded."
                if later
                else "is a copy; the one in its usual place is graded."
            )
            yield Superseded(member.path, why, member.label)
