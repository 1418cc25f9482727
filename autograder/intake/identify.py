"""Identify the notebook of the course that a file is."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from autograder.intake.files import MAX_NOTEBOOK, RefusedError, is_utf8
from autograder.intake.latest import choose_in_upload
from autograder.intake.model import DeliveredFile, Refused, SubmittedNotebook, Upload
from autograder.intake.roster import RosterEntry
from autograder.notebooks import notebook

COPY_NUMBER = re.compile(r"(?P<stem>.+?)(?:[-_ ]?\([0-9]+\)|[-_ ]Copy[0-9]*|[-_][0-9]+)+")
"""A name with what platforms and browsers add to it when a file of that name exists."""
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
READ_SECONDS, READ_MEMORY = 15.0, 512 << 20
"""What reading one notebook may take."""
MAX_STUDENT_ID = 128
"""Characters of a student's id in nbgrader's database."""
MAX_LOOKED_INTO = 2 * MAX_NOTEBOOK
"""Bytes of an upload's notebooks that are parsed to see, by their cells, which of the course's they are."""
UNKNOWN = "is none of the course's notebooks, by its name or its cells; name the assignment with --assignment."
TOO_MANY = (
    "is none of the course's notebooks by its name, and its cells were not read: of an upload's notebooks with "
    f"other names {MAX_LOOKED_INTO / 1e6:.0f} MB are."
)


@dataclass(frozen=True)
class Expected:
    """The notebooks that a course expects, and how to read what is delivered."""

    assignments: Mapping[str, list[str]]
    """Each assignment with the names of its notebooks."""
    assignment: str | None = None
    """The one assignment to grade; None to infer it from paths, names and cells."""
    grade_ids: Callable[[str, str], frozenset[str]] = lambda _assignment, _notebook: frozenset()
    """Returns the ``grade_id`` of each marked cell of a notebook of the course."""
    roster: Mapping[str, RosterEntry] | None = None
    """The course's student for each id of a platform; None to keep the platform's ids."""
    name_regexp: str = ""
    """The course's own expression for file names, as ``nbgrader zip_collect`` uses it; empty without one."""


CourseNotebook = tuple[str, str]
"""An assignment, and the name of one of its notebooks."""


def identify_notebook(
    path: Path, assignments: Mapping[str, list[str]], assignment: str | None
) -> SubmittedNotebook | Refused:
    """Infer a notebook's student and assignment from its path.

    nbgrader's layout is ``…/<student>/<assignment>/<notebook>.ipynb``. Elsewhere, the folder names the student if
    the file has the name of a notebook of the course; else the file's own name does.
    """
    if not is_utf8(path):
        return Refused(path, "has a name that is not UTF-8.")
    parts = Path(os.path.abspath(path)).parts  # noqa: PTH100  # resolves "..", follows no link
    folder, above = parts[-2], parts[-3] if len(parts) > 2 else ""
    inferred = assignment or (folder if folder in assignments else None)
    if inferred is None:
        inferred = next((name for name, books in assignments.items() if path.stem in books), None)
    if inferred is None and len(assignments) == 1:
        inferred = next(iter(assignments))
    if inferred is None:
        return Refused(path, "belongs to no assignment of the course; name one with --assignment.")
    books = assignments.get(inferred, [])
    as_released = path.stem in books
    if not as_released and len(books) != 1:
        return Refused(path, f"is none of the notebooks of “{inferred}”: {', '.join(books)}.")
    student = path.stem if not as_released else above if folder == inferred else folder
    if problem := problem_of_student_id(student):
        return Refused(path, problem)
    return SubmittedNotebook(path, student, inferred, path.stem if as_released else books[0])


def problem_of_student_id(student: str) -> str | None:
    """Return why a name can't be a student's id, which names folders and database rows; None if it can."""
    if not student or student.startswith(".") or "/" in student or "\\" in student or not student.isprintable():
        return "gives its student an id that can't be a folder's name."
    if len(student.encode()) > MAX_STUDENT_ID:
        return f"gives its student an id of more than {MAX_STUDENT_ID} bytes."
    return None


def identify_upload(upload: Upload, expected: Expected) -> Iterator[SubmittedNotebook | Refused]:
    """Yield the notebooks of the course that an upload holds, and what of it is refused."""
    first = min(upload.files.values(), key=lambda file: file.name)
    if expected.roster is not None and upload.person:
        entry = next((expected.roster[ident] for ident in upload.person.ids if ident in expected.roster), None)
        if entry is None:
            yield Refused(first.path, "belongs to a student who is not in the roster.", first.label)
            return
        upload = replace(upload, student=entry.student, person=entry.person)
    if expected.assignment and upload.assignment not in (None, expected.assignment):
        return
    if problem := problem_of_student_id(upload.student):
        yield Refused(first.path, problem, first.label)
        return
    if upload.assignment is not None and upload.assignment not in expected.assignments:
        known = ", ".join(expected.assignments)
        problem = f"is of “{upload.assignment}”, which the course doesn't have: {known}."
        yield Refused(first.path, problem, first.label)
        return
    notebooks = {name: file for name, file in upload.files.items() if name.endswith(".ipynb")}
    if not notebooks:
        bad = next((file for file in upload.files.values() if file.problem), first)
        packed = "; an archive in it is not opened: unpack it there, and grade the folder that it lies in"
        inside = any(name.lower().endswith(ARCHIVES) for name in upload.files)
        problem = bad.problem or f"came without a notebook{packed if inside else ''}."
        yield Refused(bad.path, problem, bad.label)
        return
    matches, unopened = _match(notebooks, upload, expected)
    if not matches:
        others = set(expected.assignments) - {expected.assignment}
        if expected.assignment and all(_folder_of(name) in others for name in notebooks):
            return  # every notebook lies in another assignment's folder
        for name, file in notebooks.items():
            problem = TOO_MANY if name in unopened else UNKNOWN
            yield Refused(file.path, problem, file.label)
    for (assignment, name), candidates in matches.items():
        yield from choose_in_upload(upload, assignment, name, candidates)


def _match(
    notebooks: Mapping[str, DeliveredFile], upload: Upload, expected: Expected
) -> tuple[dict[CourseNotebook, list[str]], set[str]]:
    """Match each notebook with the course's: by folder and name, else by its cells, else as the only one left.

    Returns
    -------
    matches
        The names of the files that may be each notebook of the course.
    unopened
        The names of those whose cells were not read, because other files were so large.
    """
    matches: dict[CourseNotebook, list[str]] = {}
    left: dict[str, list[CourseNotebook]] = {}
    for name in notebooks:
        options = _options(name, upload, expected)
        stem = PurePosixPath(name).stem
        copy = COPY_NUMBER.fullmatch(stem)
        for released in (stem, copy["stem"] if copy else stem):
            named = [option for option in options if option[1] == released]
            if named:
                matches.setdefault(named[0], []).append(name)
                break
        else:
            left[name] = options
    room, unopened = MAX_LOOKED_INTO, set()
    for name, options in list(left.items()):
        if room <= 0:
            unopened.add(name)
            continue
        content = _content(notebooks[name])
        room -= len(content)
        match = match_cells(content, [option for option in options if option not in matches], expected)
        if match:
            matches.setdefault(match, []).append(name)
            del left[name]
    if len(left) == 1:
        ((name, options),) = left.items()
        free = [option for option in options if option not in matches]
        if len(options) == len(free) == 1:  # the only notebook of an assignment may have any name
            matches[free[0]] = [name]
    return matches, unopened


def _content(file: DeliveredFile) -> bytes:
    """Return a file's content; empty if it must not be opened."""
    try:
        return file.read()
    except RefusedError:
        return b""


def _options(name: str, upload: Upload, expected: Expected) -> list[CourseNotebook]:
    """Return the notebooks of the course that a file may be, by the assignment to grade and by its folder."""
    folder = _folder_of(name)
    inferred = folder if folder in expected.assignments else None
    assignment = expected.assignment or upload.assignment or inferred
    if inferred and assignment != inferred:
        return []
    assignments = [assignment] if assignment else list(expected.assignments)
    return [(each, book) for each in assignments for book in expected.assignments.get(each, [])]


def _folder_of(name: str) -> str:
    return PurePosixPath(name).parent.name


def match_cells(content: bytes, options: Iterable[CourseNotebook], expected: Expected) -> CourseNotebook | None:
    """Return the notebook of the course that has most of its ``grade_id``s in a file, at least half; else None."""
    # Most files are known by their names, and these imports take time.
    from autograder.envelope.fork import in_fork  # noqa: PLC0415
    from autograder.envelope.worker import DiedError, Envelope, ExhaustedError, RequestError  # noqa: PLC0415

    reading = Envelope(READ_SECONDS, READ_SECONDS, READ_MEMORY)
    try:
        submitted = set(json.loads(in_fork(lambda: _grade_ids_in(content), reading)))
    except (RequestError, ExhaustedError, DiedError):
        return None
    shares = {}
    for option in options:
        released = expected.grade_ids(*option)
        if released and len(released & submitted) * 2 >= len(released):
            shares[option] = len(released & submitted) / len(released)
    best = [option for option, share in shares.items() if share == max(shares.values())]
    return best[0] if len(best) == 1 else None


def _grade_ids_in(content: bytes) -> list[str]:
    cells = notebook.read(content)["cells"]
    return [ident for ident in map(notebook.grade_id_of, cells) if ident]
