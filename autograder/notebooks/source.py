"""The instructor's source notebook: the cells that carry nbgrader's metadata.

The hidden region of a *sealed* cell is a single ``check`` call. The grader judges its function from outside the
student's process.
"""

from __future__ import annotations

import ast
import functools
import symtable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from autograder.notebooks.notebook import Notebook, grade_id_of, nbgrader_of

BEGIN_HIDDEN, END_HIDDEN = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"
SCHEMA = 3
"""The version of nbgrader's metadata in a released cell."""


@dataclass(frozen=True)
class SourceCell:
    """A cell of the source notebook that carries nbgrader's metadata."""

    grade_id: str
    cell_type: str
    source: str
    grade: bool
    solution: bool
    locked: bool
    task: bool
    points: float
    checksum: str | None = None
    """The checksum of the released cell, if known; an answer that still has it is unchanged."""

    @property
    def is_marked(self) -> bool:
        """Whether the cell carries marks."""
        return self.grade or self.task

    @property
    def by_hand(self) -> bool:
        """Whether a person marks the cell: an answer, a task, or a test that isn't code."""
        return self.task or (self.grade and (self.solution or self.cell_type != "code"))

    @cached_property
    def sealed(self) -> Sealed | None:
        """What the sealed cell asks for; None if the cell is not sealed.

        A cell is sealed when its hidden region is exactly one ``check`` call (and the import of it) whose
        first argument is the cell's own ``grade_id``.
        """
        return _sealed(self)

    def metadata(self) -> dict[str, Any]:
        """Return the nbgrader metadata that the released cell has."""
        meta: dict[str, Any] = {
            "grade_id": self.grade_id,
            "grade": self.grade,
            "solution": self.solution,
            "locked": self.locked,
            "task": self.task,
            "schema_version": SCHEMA,
            "cell_type": self.cell_type,
        }
        if self.is_marked:
            meta["points"] = self.points
        if self.checksum:
            meta["checksum"] = self.checksum
        return meta


@dataclass(frozen=True)
class Source:
    """A source notebook: its cells with nbgrader's metadata, in order."""

    cells: tuple[SourceCell, ...]
    kernelspec: dict[str, Any] = field(default_factory=dict)
    program: tuple[tuple[str | None, str], ...] = field(default=(), repr=False)
    """The ``grade_id`` and the text of each code cell, without hidden tests; None for a cell that has none."""
    shows: tuple[str, ...] = ()
    """The text of each cell without marks that the instructor tagged as one that only shows something."""

    @classmethod
    def from_notebook(cls, notebook: Notebook) -> Source:
        """Read the cells with nbgrader's metadata from a source notebook."""
        cells = []
        code = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
        program = tuple((grade_id_of(cell), visible_part(cell["source"])) for cell in code)
        for cell in notebook["cells"]:
            ident, meta = grade_id_of(cell), nbgrader_of(cell)
            grade, solution = bool(meta.get("grade")), bool(meta.get("solution"))
            task, locked = bool(meta.get("task")), bool(meta.get("locked"))
            if ident is None or not (grade or solution or task or locked):
                continue
            locked = not solution and (grade or locked)
            points = float(meta.get("points") or 0.0)
            cells.append(
                SourceCell(ident, cell["cell_type"], cell["source"], grade, solution, locked, task, points)
            )
        unmarked = {cell.grade_id for cell in cells if not cell.solution and not cell.is_marked} | {None}
        shows = tuple(
            cell["source"]
            for cell in notebook["cells"]
            if "tags" in cell["metadata"] and cell["cell_type"] == "code" and grade_id_of(cell) in unmarked
        )
        return cls(tuple(cells), notebook["metadata"]["kernelspec"], program, shows)

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process keeps the source that it has received, and what it has found out about it."""
        return _received, (self._as_json,)

    @cached_property
    def _as_json(self) -> bytes:
        return msgspec.json.encode(self)

    @cached_property
    def fixed(self) -> tuple[str, ...]:
        """The text of each code cell that submissions run unchanged: locked, and without marks or hidden tests.

        Of a sealed cell it is the part that students see.
        """
        locked = [cell for cell in self.cells if cell.cell_type == "code" and cell.locked]
        texts = [cell.source for cell in locked if not cell.is_marked and cell.source == visible_part(cell.source)]
        return (*texts, *(visible_part(cell.source) for cell in locked if cell.sealed))

    @cached_property
    def shown_names(self) -> frozenset[str]:
        """The names that are bound by the cells that only show something."""
        return frozenset().union(*map(names_bound, self.shows))

    @cached_property
    def texts(self) -> frozenset[str]:
        """The text of each code cell, without hidden tests."""
        return frozenset(text for _, text in self.program)

    @property
    def marked(self) -> tuple[SourceCell, ...]:
        """The cells that carry marks."""
        return tuple(cell for cell in self.cells if cell.is_marked)


@functools.lru_cache(maxsize=32)
def _received(as_json: bytes) -> Source:
    return msgspec.json.decode(as_json, type=Source)


# --- sealed cells ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sealed:
    """What a sealed cell asks for."""

    exercise: str
    function: str
    """The name of the student's function in the notebook."""
    points: float | None
    """The points in the call; None if it has none."""


def split_hidden(source: str) -> tuple[str, str]:
    """Split a cell's text into the part that students see and the hidden region."""
    visible: list[str] = []
    hidden: list[str] = []
    inside = False
    for line in source.split("\n"):
        if BEGIN_HIDDEN in line:
            inside = True
        elif END_HIDDEN in line:
            inside = False
        else:
            (hidden if inside else visible).append(line)
    return "\n".join(visible), "\n".join(hidden)


def names_bound(source: str) -> frozenset[str]:
    """Return the names that a cell binds in the notebook; none if it is not plain Python."""
    try:
        table = symtable.symtable(source, "<cell>", "exec")
    except SyntaxError:  # a line magic
        return frozenset()
    return frozenset(name.get_name() for name in table.get_symbols() if name.is_assigned() or name.is_imported())


@functools.lru_cache(maxsize=1024)
def visible_part(source: str) -> str:
    """Return a cell's text without its hidden region."""
    return split_hidden(source)[0]


def _sealed(cell: SourceCell) -> Sealed | None:
    if not cell.grade or cell.solution or cell.cell_type != "code":
        return None
    try:
        body = ast.parse(split_hidden(cell.source)[1]).body
    except SyntaxError:
        return None
    if body and isinstance(body[0], ast.ImportFrom) and body[0].module == "autograder":
        body = body[1:]
    if len(body) != 1 or not isinstance(body[0], ast.Expr) or not isinstance(body[0].value, ast.Call):
        return None
    call = body[0].value
    match call.func, call.args:
        case ast.Name(id="check"), [ast.Constant(value=str(name)), ast.Name(id=function), *more] if len(more) < 2:
            points = next(iter([*more, *(k.value for k in call.keywords if k.arg == "points")]), None)
            value = (
                float(points.value)
                if isinstance(points, ast.Constant) and isinstance(points.value, int | float)
                else None
            )
            return Sealed(name, function, value) if name == cell.grade_id else None
    return None
