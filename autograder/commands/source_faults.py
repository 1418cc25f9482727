"""What is wrong with the marked cells of a source notebook, in a sentence for its author each."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from autograder import exercises
from autograder.course import Course, CourseError
from autograder.notebooks import notebook
from autograder.notebooks.notebook import Cell, Notebook, grade_id_of, nbgrader_of
from autograder.notebooks.source import BEGIN_HIDDEN, END_HIDDEN, Source, SourceCell, split_hidden, visible_part

IMPORTS_CHECK = re.compile(r"^\s*from\s+autograder\s+import\b", re.MULTILINE)
IN_JUPYTERLAB = "in JupyterLab's “Create Assignment” panel"


def faults_of(course: Course, assignment: str, name: str) -> Iterator[str]:
    """Yield what is wrong with the cells of a source notebook; nothing if it can be released.

    Raises
    ------
    CourseError
        If it is missing or unreadable.
    """
    book = course.source_notebook(assignment, name)
    yield from faults_of_cells(book)
    yield from source_faults(Source.from_notebook(book))


def faults_of_cells(book: Notebook) -> Iterator[str]:
    """Yield which cells share a name, and which have hidden tests and no nbgrader metadata."""
    places: dict[str, list[int]] = {}
    for number, cell in enumerate(book["cells"], 1):
        if ident := grade_id_of(cell):
            places.setdefault(ident, []).append(number)
        elif cell["cell_type"] == "code" and (BEGIN_HIDDEN in cell["source"] or _checks(cell["source"])):
            called = _asked_for(cell)
            named = f", the name “{called}”" if called else ", a name"
            yield (
                f"Cell {number}{f' checks “{called}”' if called else ' has hidden tests'}, but it has no nbgrader "
                f"metadata, and so no marks: {IN_JUPYTERLAB} make it an “Autograder tests” cell again, with its "
                f"points{named}."
            )
    for ident, numbers in places.items():
        if len(numbers) > 1:
            yield (
                f"The cells {', '.join(map(str, numbers[:-1]))} and {numbers[-1]} are both called “{ident}”: a "
                f"name may stand once. Delete one of them, or give it another name {IN_JUPYTERLAB}."
            )


def source_faults(source: Source) -> Iterator[str]:
    """Yield a sentence for each fault in the sealed cells of a source notebook."""
    for cell in source.cells:
        asked = cell.sealed
        if asked is None:
            yield from _not_sealed(cell)
            continue
        if not exercises.is_registered(asked.exercise):
            yield f"The cell “{cell.grade_id}” asks for an exercise that is not registered."
        if END_HIDDEN not in cell.source:
            yield f"The cell “{cell.grade_id}” lacks the line “### {END_HIDDEN}” below its check call."
        if asked.points != cell.points:
            written = "none" if asked.points is None else f"{asked.points:g}"
            yield f"The cell “{cell.grade_id}” is worth {cell.points:g} points, but its check call says {written}."
        if not visible_part(cell.source).strip():
            yield f"The cell “{cell.grade_id}” would be released empty: put a comment above its hidden region."


def _not_sealed(cell: SourceCell) -> Iterator[str]:
    visible, hidden = split_hidden(cell.source)
    if (cell.cell_type != "code" or cell.solution) and _checks(hidden):
        yield (
            f"The cell “{cell.grade_id}” has a check call, but is no test cell: {IN_JUPYTERLAB} make it an "
            "“Autograder tests” cell."
        )
    elif _checks(visible) and not cell.solution and cell.cell_type == "code":
        yield (
            f"The cell “{cell.grade_id}” has a check call that students would see: put it between the lines "
            f"“### {BEGIN_HIDDEN}” and “### {END_HIDDEN}”, spelt like this."
        )
    elif _checks(hidden) or ("check(" in hidden and "autograder" in hidden):
        yield (
            f"The hidden region of “{cell.grade_id}” calls check, but is not sealed: it must be exactly "
            f'one call, check("{cell.grade_id}", …), in a graded test cell.'
        )


def _checks(text: str) -> bool:
    """Whether a text calls, or is meant to call, this package's check."""
    return IMPORTS_CHECK.search(text) is not None


def _asked_for(cell: Cell) -> str:
    """Return the exercise that a cell's check call names; empty if it has none such."""
    try:
        body = ast.parse(cell["source"]).body
    except SyntaxError:
        return ""
    for line in body:
        match line:
            case ast.Expr(ast.Call(func=ast.Name(id="check"), args=[ast.Constant(value=str(name)), *_])):
                return name
    return ""


def gone(course: Course, assignment: str, name: str) -> list[str]:
    """Return the marked cells of the released notebook that its source no longer has; none if nothing is released.

    Raises
    ------
    CourseError
        If the source is missing or unreadable.
    """
    path = course.folder("release", assignment=assignment) / f"{name}.ipynb"
    try:
        released = notebook.read(path.read_bytes())
    except (OSError, notebook.UnreadableError):
        return []
    here = {cell.grade_id for cell in course.source(assignment, name).marked}
    theirs = [grade_id_of(cell) or "" for cell in released["cells"] if _marked(cell)]
    return [ident for ident in theirs if ident and ident not in here]


def refuse_faulty(course: Course, assignment: str, name: str) -> None:
    """Refuse to grade by a source notebook whose marked cells are not what students have.

    Raises
    ------
    CourseError
        If there is something wrong with it.
    """
    if found := list(faults_of(course, assignment, name)):
        raise CourseError(
            f"Nothing was graded: source/{assignment}/{name}.ipynb can't be graded by.\n" + "\n".join(found)
        )
    if lost := gone(course, assignment, name):
        raise CourseError(
            f"Nothing was graded: source/{assignment}/{name}.ipynb no longer has {named(lost)} of its release. "
            f"Put back what is missing, or run “autograder release {assignment}” if that is meant."
        )


def _marked(cell: Cell) -> bool:
    meta = nbgrader_of(cell)
    return bool(meta.get("grade") or meta.get("task"))


def named(cells: list[str]) -> str:
    """Write the names of cells: “a”, “b” and “c”, with their noun."""
    quoted = [f"“{cell}”" for cell in cells]
    listed = " and ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1])))
    return f"the marked cell {listed}" if len(cells) == 1 else f"the marked cells {listed}"
