"""What a student wrote for each question: by the names of functions, however it is spread over cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from autograder.notebooks.notebook import Notebook, grade_id_of
from autograder.notebooks.source import Source
from autograder.similar.tokens import Token, defined_name, scan, statements

MAX_CELLS = 400
"""How many of a notebook's own cells are read."""
STUBS = ("raise NotImplementedError()", "raise NotImplementedError", "pass", "...")
"""What stands where nothing was written."""
DEPTH = 3
"""How far a function that helps a function that helps … is followed."""


@dataclass(frozen=True)
class Part:
    """One or more statements of a student's, and the question that they answer."""

    question: str
    """The ``grade_id`` of the graded cell."""
    cell: int
    """The number of the cell in the notebook."""
    prose: bool
    statements: list[list[Token]]


@dataclass(frozen=True)
class Questions:
    """The questions of a notebook, as its source asks them."""

    source: Source
    released: tuple[str, ...] = ()
    """The text of each cell that students were given, if it is known."""

    @cached_property
    def by_cell(self) -> dict[str, str]:
        """The question that each cell to fill in answers: itself, or the next graded cell below it."""
        found: dict[str, str] = {}
        waiting: list[str] = []
        for cell in self.source.cells:
            if cell.solution:
                waiting.append(cell.grade_id)
            if cell.is_marked:
                found |= dict.fromkeys([*waiting, cell.grade_id], cell.grade_id)
                waiting = []
        last = self.source.marked[-1].grade_id if self.source.marked else ""
        return found | dict.fromkeys(waiting, last) if last else {}

    @cached_property
    def by_name(self) -> dict[str, str]:
        """The question that each function answers which a cell to fill in defines."""
        return {
            name: self.by_cell[cell.grade_id]
            for cell in self.source.cells
            if cell.solution and cell.cell_type == "code" and cell.grade_id in self.by_cell
            for statement in statements(cell.source)
            if (name := defined_name(statement))
        }

    @cached_property
    def given(self) -> frozenset[str]:
        """The names that stay: the functions to write, and what the instructor's cells import."""
        return frozenset(self.by_name) | _imported(self.source)

    @cached_property
    def used(self) -> frozenset[str]:
        """Every name in the instructor's own cells."""
        return frozenset(
            token.text for _, text in self.source.program for token in scan(text) if token.kind == "name"
        )

    def of(self, notebook: Notebook) -> list[Part]:
        """Return the parts of a student's notebook; cells that are the instructor's to the letter are left out."""
        if not self.by_cell:
            return []
        question = next(iter(self.by_cell.values()))
        released = {cell.grade_id for cell in self.source.cells if not cell.solution and not cell.by_hand}
        parts: list[Part] = []
        for number, cell in enumerate(notebook["cells"][:MAX_CELLS]):
            name, text = grade_id_of(cell) or "", cell["source"]
            if name in released:
                continue
            question = self.by_cell.get(name, question)
            if cell["cell_type"] == "code" and text not in self.source.texts and text not in self.released:
                parts += [Part(question, number, False, unit) for unit in units(text)]
            elif cell["cell_type"] == "markdown" and name in self.by_cell and text not in self.released:
                parts.append(Part(question, number, True, [[t for t in scan(text) if t.kind != "newline"]]))
        return self._by_use(parts)

    def _by_use(self, parts: list[Part]) -> list[Part]:
        """Give each function its question: by its name, or where another one uses it, by that one's."""
        names = [
            defined_name(part.statements[0]) if not part.prose and part.statements else None for part in parts
        ]
        answers = dict(self.by_name)
        helpers = {name for name in names if name and name not in answers}
        for _ in range(DEPTH):
            for part, name in zip(parts, names, strict=True):
                if name in answers and helpers:
                    used = {
                        t.text for statement in part.statements for t in statement if t.kind == "name"
                    } & helpers
                    answers |= dict.fromkeys(used, answers[name])
                    helpers -= used
        return [
            replace(part, question=answers.get(name, part.question)) if name else part
            for part, name in zip(parts, names, strict=True)
        ]

    @cached_property
    def forced(self) -> list[Part]:
        """What the release and the solution hold: every cell of the source, and the stubs."""
        texts = [*(text for _, text in self.source.program), *STUBS, *self.released]
        prose = [cell.source for cell in self.source.cells if cell.cell_type != "code"]
        return [Part("", 0, False, list(statements(text))) for text in texts] + [
            Part("", 0, True, [[t for t in scan(text) if t.kind != "newline"]]) for text in prose
        ]


def units(text: str) -> Iterator[list[list[Token]]]:
    """Yield the statements of a cell, those of each function or class at the margin apart."""
    found: list[list[Token]] = []
    inside = False
    for statement in statements(text):
        start = statement[0].start
        if start == 0 or text[start - 1] == "\n":
            defines = defined_name(statement) is not None
            if found and (defines or inside):
                yield found
                found = []
            inside = defines
        found.append(statement)
    if found:
        yield found


def _imported(source: Source) -> frozenset[str]:
    """Return the names that the instructor's cells import."""
    names: set[str] = set()
    for _, text in source.program:
        for statement in statements(text):
            if statement[0].text in ("import", "from"):
                names |= {token.text for token in statement if token.kind == "name"}
    return frozenset(names)
