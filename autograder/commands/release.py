"""``autograder release``: make what students receive, and prove that it holds no solution and no hidden test."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands import precheck
from autograder.commands.console import say, say_waiting
from autograder.commands.one_file import joined
from autograder.commands.opening import open_course, refuse_unknown
from autograder.commands.precheck.notebooks import Released, digest
from autograder.commands.progress import still
from autograder.commands.source_faults import faults_of, gone, named
from autograder.course import Course
from autograder.grading import proof
from autograder.notebooks import notebook
from autograder.notebooks.notebook import Notebook
from autograder.notebooks.source import BEGIN_HIDDEN, END_HIDDEN, Source, SourceCell

if TYPE_CHECKING:
    from autograder.gradebook.gradebook import Gradebook


BEGIN_SOLUTION, END_SOLUTION = "BEGIN SOLUTION", "END SOLUTION"
MARKERS = (BEGIN_HIDDEN, BEGIN_SOLUTION, "BEGIN MARK SCHEME")
PACKAGES = ("autograder", "solutions")
PRECHECK, PRECHECK_MODULES = "precheck.py", ("notebooks", "causes", "running", "checks")
SHORTEST_SECRET = 12
"""A shorter line, such as `return x`, gives nothing away: it may occur anywhere."""


class ReleaseError(ValueError):
    """A source can't be released, or a release gives something away. Each of ``findings`` is a sentence."""

    def __init__(self, findings: list[str]) -> None:
        self.findings = findings
        super().__init__("\n".join(findings))


def run(folder: Path | None, assignments: tuple[str, ...]) -> int:
    """Make and prove releases, by default of every assignment; return the exit status."""
    from autograder.gradebook.database import NbgraderError  # noqa: PLC0415  # as below

    course = open_course(folder)
    refuse_unknown(course, assignments)
    status = 0
    for name in assignments or tuple(course.assignments):
        try:
            with course.locked(say_waiting):
                lost = [
                    f"{book}.ipynb: {named(cells)}"
                    for book in course.assignments[name]
                    if (cells := gone(course, name, book))
                ]
                made = release(course, name)
        except (ReleaseError, NbgraderError) as error:
            say(f"✗ {name}: {error}", "red")
            status = 1
        else:
            say(f"✓ {name}: {made} holds no solution and no hidden test; {_worth(course, name)}")
            for line in lost:
                say(f"! {name}: the release before had {line}, which the source has no longer.", "yellow")
            for line in untagged_shows(course, name):
                say(f"· {line}", "dim")
    return status


def _worth(course: Course, assignment: str) -> str:
    """Say that the source's solution has full marks, unless there are none."""
    marked = any(course.source(assignment, name).marked for name in course.assignments[assignment])
    return "its own solution gets full marks" if marked else "no cell of it carries marks"


def release(course: Course, assignment: str) -> Path:
    """Make ``release/<assignment>`` from its source, prove it, and return the folder.

    Raises
    ------
    ReleaseError
        If the source has faults or its own solution lacks marks (then nothing is made), or the release holds what
        students must not see.
    NbgraderError
        If nbgrader can't generate it.
    """
    findings = [line for name in course.assignments[assignment] for line in faults_of(course, assignment, name)]
    if findings:
        raise ReleaseError(findings)
    from autograder.gradebook.gradebook import Gradebook  # noqa: PLC0415  # precheck needs this module, not nbgrader

    with Gradebook(course) as gradebook:
        proved = prove_solutions(gradebook, assignment)
        gradebook.generate_assignment(assignment)
        for name, proved_as in proved.items():
            gradebook.note_release(assignment, name, proved_as)
    findings = list(leaks(course, assignment))
    if findings:
        raise ReleaseError(findings)
    (course.folder("release") / PRECHECK).write_text(precheck_script(course), encoding="utf-8")
    return course.folder("release", assignment=assignment)


def prove_solutions(gradebook: Gradebook, assignment: str) -> dict[str, str]:
    """Grade an assignment's source notebooks themselves, unless that is done; return the digest of each.

    Raises
    ------
    ReleaseError
        If a source's own solution lacks marks, or a cell of it stops.
    """
    course, digests, findings = gradebook.course, digests_to_prove(gradebook.course, assignment), list[str]()
    settings, files = proof.settings_for(course), course.source_files(assignment)
    for name in digests:
        content = (course.folder("source", assignment=assignment) / f"{name}.ipynb").read_bytes()
        before = gradebook.last_release(assignment, name)
        if before is None or before.proved != digests[name]:
            source = course.source(assignment, name)
            with still(f"{assignment}: grading the source's own solution, {name}.ipynb"):
                found = list(faults_of(course, assignment, name))
                found = found or list(proof.faults(source, content, files, settings))
            findings += [line if name == assignment else f"{name}.ipynb: {line}" for line in found]
    if findings:
        raise ReleaseError(findings)
    return digests


def digests_to_prove(course: Course, assignment: str) -> dict[str, str]:
    """Return, by notebook, a digest of everything that decides whether its own solution gets full marks."""
    settings, files = proof.settings_for(course), course.source_files(assignment)
    folder = course.folder("source", assignment=assignment)
    return {
        name: proof.digest((folder / f"{name}.ipynb").read_bytes(), files, settings)
        for name in course.assignments[assignment]
    }


def precheck_script(course: Course) -> str:
    """Return the text of ``release/precheck.py``: the package ``precheck``, with the released cells filled in."""
    text = joined(precheck, PRECHECK_MODULES)
    empty = next(line for line in text.splitlines() if line.startswith("RELEASED: ") and line.endswith(" = {}"))
    lines = [f"{empty.removesuffix('{}')}{{"]
    for assignment, books in released_cells(course).items():
        lines.append(f"    {assignment!r}: {{")
        for name, cells in books.items():
            lines += [f"        {name!r}: [", *(f"            {cell!r}," for cell in cells), "        ],"]
        lines.append("    },")
    return text.replace(empty, "\n".join([*lines, "}"]), 1)


def released_cells(course: Course) -> Released:
    """Return the cells of each released notebook, as ``precheck`` needs them."""
    found: Released = {}
    for assignment, names in course.assignments.items():
        for name in names:
            path = course.folder("release", assignment=assignment) / f"{name}.ipynb"
            if path.is_file():
                cells = Source.from_notebook(notebook.read(path.read_bytes())).cells
                found.setdefault(assignment, {})[name] = [
                    (cell.grade_id, cell.cell_type, _role(cell), digest(cell.source)) for cell in cells
                ]
    return found


def _role(cell: SourceCell) -> str:
    """Return the role of a released cell: "task", "answer", "solution", "check" or "locked"."""
    if cell.task:
        return "task"
    if not cell.locked:
        return "answer" if cell.grade else "solution"
    try:
        asserts = any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(cell.source)))
    except SyntaxError:  # a line magic, or not Python
        asserts = False
    return "check" if asserts and cell.cell_type == "code" else "locked"


def untagged_shows(course: Course, assignment: str) -> Iterator[str]:
    """Yield a sentence for each notebook with cells that need not run while a submission is graded."""
    for name in course.assignments[assignment]:
        path = course.folder("source", assignment=assignment) / f"{name}.ipynb"
        cells = notebook.read(path.read_bytes())["cells"]
        found = [number for number, cell in enumerate(cells, 1) if _only_shows(cell)]
        if found:
            which = f"Cell {found[0]}" if len(found) == 1 else f"Cells {', '.join(map(str, found))}"
            does = "binds no name and carries" if len(found) == 1 else "bind no name and carry"
            yield (
                f"{which} of {path.name} {does} no marks. If this only shows something, the tag "
                f"“{notebook.ONLY_SHOWS}” has grading leave it out, which saves most of its time."
            )


def _only_shows(cell: notebook.Cell) -> bool:
    """Whether a cell without marks and without the tag does nothing but call functions of a module."""
    flags = notebook.nbgrader_of(cell)
    if cell["cell_type"] != "code" or "tags" in cell["metadata"] or flags.get("grade") or flags.get("solution"):
        return False
    try:
        body = ast.parse(cell["source"]).body
    except SyntaxError:  # a line magic
        return False
    return bool(body) and all(
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Call)
        and isinstance(line.value.func, ast.Attribute)
        and not any(isinstance(part, ast.NamedExpr) for part in ast.walk(line))
        for line in body
    )


def leaks(course: Course, assignment: str) -> Iterator[str]:
    """Yield a sentence for each line of a release that students must not see."""
    folder = course.folder("release", assignment=assignment)
    secret: set[str] = set()
    for name in course.assignments[assignment]:
        source = notebook.read((course.folder("source", assignment=assignment) / f"{name}.ipynb").read_bytes())
        secret |= secret_lines(source)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        file = path.relative_to(folder)
        text = path.read_text(encoding="utf-8", errors="replace")
        lines = text.splitlines()
        if path.suffix == ".ipynb":
            released = notebook.read(text.encode())
            lines = [line for cell in released["cells"] for line in cell["source"].splitlines()]
        for line in lines:
            words = line.split()
            if any(marker in line for marker in MARKERS):
                yield f"{file} still holds a marker: {line.strip()}"
            elif words[:1] in (["from"], ["import"]) and len(words) > 1 and words[1].partition(".")[0] in PACKAGES:
                yield f"{file} imports what students don't have: {line.strip()}"
            elif line.strip() in secret:
                yield f"{file} holds a line of a solution or a hidden test: {line.strip()}"


def secret_lines(source: Notebook) -> set[str]:
    """Return the lines of a source notebook that occur only in solutions and hidden tests."""
    hidden: set[str] = set()
    public: set[str] = set()
    for cell in source["cells"]:
        wanted = next(iter(Source.from_notebook({**source, "cells": [cell]}).cells), None)
        visible, secret = _split(cell["source"], wanted)
        public |= {line.strip() for line in visible}
        hidden |= {line.strip() for line in secret}
    return {line for line in hidden - public if len(line) >= SHORTEST_SECRET}


def _split(text: str, cell: SourceCell | None) -> tuple[list[str], list[str]]:
    """Split a cell's lines into those that are released and those that are not."""
    if cell and cell.solution and BEGIN_SOLUTION not in text:
        return [], text.splitlines()
    visible: list[str] = []
    secret: list[str] = []
    inside = False
    for line in text.splitlines():
        if any(marker in line for marker in MARKERS):
            inside = True
        elif END_SOLUTION in line or END_HIDDEN in line or "END MARK SCHEME" in line:
            inside = False
        else:
            (secret if inside else visible).append(line)
    return visible, secret
