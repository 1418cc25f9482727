"""``autograder new``: write an exercise or an assignment that works at once, to be changed into one's own."""

from __future__ import annotations

import json
from pathlib import Path
from string import Template
from typing import Any

import click

from autograder.commands.console import say
from autograder.commands.new.cells import cells_of, notebook_of, written
from autograder.commands.new.names import refuse_assignment_name, refuse_exercise_name
from autograder.commands.opening import CannotGradeError, open_course
from autograder.course import CONFIG, Course, CourseError
from autograder.gradebook.atomic import write_atomically
from autograder.notebooks import notebook

Files = dict[Path, bytes]


def new_exercise(folder: Path | None, name: str, assignment: str | None) -> None:
    """Write a starter exercise, its reference and its cells: into an assignment, or into a notebook to copy from.

    Raises
    ------
    UsageError
        If the name can't be used.
    CannotGradeError
        If a file of that name exists, can't be written, or there is no course or no such assignment.
    """
    course = open_course(folder)
    refuse_exercise_name(name)
    files = _exercise(course, name)
    if assignment is None:
        cells = course.root / "exercises" / f"{name}.ipynb"
        files[cells] = written(notebook_of(name, cells_of(name)))
        _write(course, files)
        say(f"Copy the cells of {_in(course, cells)} into an assignment, or let --assignment put them there.")
    else:
        path = _notebook_of(course, assignment)
        content = _appended(path, name)
        _write(course, files)
        write_atomically(path, content)
        say(f"✓ {_in(course, path)}: four more cells at its end")
    _say_what_next(f"autograder prove {name}")


def new_assignment(folder: Path | None, name: str, exercise: str | None) -> None:
    """Write an assignment with one starter exercise, by default of the same name; make the folder a course first.

    Raises
    ------
    UsageError
        If a name can't be used.
    CannotGradeError
        If the assignment or a file exists, or can't be written.
    """
    refuse_assignment_name(name)
    course = _course_in(folder)
    place = course.folder("source", assignment=name)
    if place.exists():
        raise CannotGradeError(f"{_in(course, place)} exists already; nothing is overwritten.")
    asked = exercise or name
    refuse_exercise_name(asked)
    files = _exercise(course, asked) | {place / f"{name}.ipynb": written(notebook_of(name, cells_of(asked)))}
    if not (course.root / CONFIG).exists() and not (course.root / "source").exists():
        files[course.root / CONFIG] = _filled("config", course=json.dumps(course.root.name or "course"))
    _write(course, files)
    where = f"cd {course.root}; " if folder else ""
    _say_what_next(f"{where}autograder prove", f"autograder release {name}")


def _course_in(folder: Path | None) -> Course:
    """Open the course in a folder or around the current one; one that is to be made if there is none."""
    try:
        Course.at(folder)
    except CourseError:
        return Course((folder or Path.cwd()).absolute())
    return open_course(folder)


def _exercise(course: Course, name: str) -> Files:
    return {
        course.root / "exercises" / f"{name}.py": _filled("exercise", name=name),
        course.root / "solutions" / f"{name}.py": _filled("solution", name=name),
    }


def _filled(template: str, **words: str) -> bytes:
    text = Path(__file__).with_name(f"{template}.txt").read_text(encoding="utf-8")
    return Template(text).substitute(words).encode()


def _notebook_of(course: Course, assignment: str) -> Path:
    names = course.assignments.get(assignment, [])
    if not names:
        raise click.UsageError(
            f"There is no assignment “{assignment}” in {course.root}: “autograder new assignment” makes one."
        )
    if len(names) > 1:
        raise click.UsageError(
            f"“{assignment}” has {len(names)} notebooks: leave out --assignment, and copy the cells by hand."
        )
    return course.folder("source", assignment=assignment) / f"{names[0]}.ipynb"


def _appended(path: Path, name: str) -> bytes:
    """Return a notebook's content with the cells of an exercise at its end."""
    cells = cells_of(name)
    try:
        content = path.read_bytes()
        known = {notebook.grade_id_of(cell) for cell in notebook.read(content)["cells"]}
    except (OSError, notebook.UnreadableError) as error:
        raise CannotGradeError(f"{path}: {error}") from None
    taken = known & {notebook.grade_id_of(cell) for cell in cells if notebook.grade_id_of(cell)}
    if taken:
        raise CannotGradeError(f"{path.name} has a cell “{min(map(str, taken))}” already; nothing is overwritten.")
    whole: dict[str, Any] = json.loads(content)
    ids = {cell.get("id") for cell in whole["cells"]}
    for cell in cells:
        if cell["id"] in ids or whole.get("nbformat_minor", 0) < 5:
            del cell["id"]
    return written(whole | {"cells": [*whole["cells"], *cells]})


def _write(course: Course, files: Files) -> None:
    """Write all files, none of which may exist, and name them; after a failure, none is left."""
    for path in files:
        if path.exists() or path.is_symlink():
            raise CannotGradeError(f"{_in(course, path)} exists already; nothing is overwritten.")
    done: list[Path] = []
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                done.append(path)
                file.write(content)
    except OSError as error:
        for path in done:
            path.unlink(missing_ok=True)
        raise CannotGradeError(f"{error.filename or course.root} can't be written: {error.strerror}.") from None
    for path in files:
        say(f"✓ {_in(course, path)}")


def _in(course: Course, path: Path) -> Path:
    return path.relative_to(course.root) if path.is_relative_to(course.root) else path


def _say_what_next(*commands: str) -> None:
    say(f"It works as it stands: {', then '.join(commands)}. Then make it yours.")
