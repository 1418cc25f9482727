"""Tell an error of a cell's own from one that follows from another cell."""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from autograder.commands.precheck.notebooks import Cells, digest, grade_id

NOT_PARSED = ("SyntaxError", "IndentationError", "TabError")


@dataclass(frozen=True)
class Stopped:
    """How a cell failed."""

    kind: str
    """The exception's name; empty if there was no exception."""
    text: str
    waits: bool = False
    """Whether the cell only needs a function that is not written yet."""
    cause: int | None = None
    """The index of the cell whose error this one follows from; None if it is its own."""


class Causes:
    """Tells an error of a cell's own from one that follows from another cell, whatever the error is.

    A cell that stops leaves names unset or half filled. A later cell that reads one of them and stops, too,
    follows from it. The same holds for functions that are not written yet, and whose checks don't pass.
    """

    def __init__(self, book: Any, wanted: Cells) -> None:
        self.cells = book.cells
        self.roles = {name: role for name, _, role, _ in wanted}
        released = {name: whole for name, _, _, whole in wanted}
        self.modules = set[str]()
        """What imports bind: calling one of their functions changes none of them."""
        self.functions: dict[str, int] = {}
        """The cell in which each function of the assignment is to be written."""
        self.needs: dict[str, set[str]] = {}
        """The names that each of these cells reads."""
        self.unwritten: set[str] = set()
        self.waiting: set[str] = set()
        """Names that wait for a function."""
        self.broken: dict[str, int] = {}
        """Names that another cell's error spoils, and that cell."""
        for index, cell in enumerate(self.cells):
            name = grade_id(cell)
            with contextlib.suppress(SyntaxError):
                self.modules |= imported(ast.walk(ast.parse(cell.source))) if cell.cell_type == "code" else set()
            if self.roles.get(name) == "solution" and cell.cell_type == "code":
                theirs = names_in(cell.source)[0] | {name.removesuffix("-solution")}
                self.functions |= dict.fromkeys(theirs, index)
                self.needs |= dict.fromkeys(theirs, names_in(cell.source)[1] - theirs)
                if digest(cell.source) == released[name]:
                    self.unwritten |= theirs
        self.waiting |= self.unwritten

    def explain(self, index: int, error: tuple[str, str] | None) -> Stopped | None:
        """Return how a cell that has just run failed, and why; None if it succeeded."""
        cell = self.cells[index]
        role = self.roles.get(grade_id(cell))
        bound, read, changed = names_in(cell.source)
        changed -= self.modules
        if role == "solution":
            bound |= {grade_id(cell).removesuffix("-solution")} if error else set()
            read &= {
                name for name in read if name not in self.functions
            }  # what a body calls fails when it is called
        if error is None:
            self._pass_on(bound - self.functions.keys() if role == "solution" else bound, read)
            return None
        kind, said = error
        text = f"stopped with {kind}{f': {said}' if said else ''}".rstrip(".") + "."
        missing = re.match(r"name '(\w+)' is not defined", said)
        known = {missing[1]} if missing else read
        if role == "check" and not missing:
            known = {name for name in known if name not in self.functions or name in self.unwritten}
        called = set().union(*(self.needs.get(name, ()) for name in read)) if role == "check" else set()
        blamed = next((self.broken[name] for name in sorted(known | called) if name in self.broken), None)
        if kind == "NotImplementedError" or (blamed is None and kind not in NOT_PARSED and known & self.waiting):
            self.waiting |= (bound | changed) - self.functions.keys()
            return Stopped(kind, text, waits=True)
        cause = None if kind in NOT_PARSED else blamed
        blame, spoilt = index if cause is None else cause, bound | changed
        if role == "check":
            own = self._written_in(grade_id(cell))
            cause = None if cause == own else cause
            blame = blame if cause is not None or own is None else own
            spoilt |= read & self.functions.keys()
        for name in spoilt:
            self.broken.setdefault(name, blame)
        return Stopped(kind, text, cause=cause)

    def _written_in(self, check: str) -> int | None:
        """Return the cell in which the function of a check is written; the check has its name and an ending."""
        return next((index for name, index in self.functions.items() if check.startswith(f"{name}-")), None)

    def _pass_on(self, bound: set[str], read: set[str]) -> None:
        """Note what a cell has bound that succeeded: what comes from spoilt names is spoilt, too."""
        if read & self.waiting:
            self.waiting |= bound - self.functions.keys()
        else:
            self.waiting -= bound - self.unwritten
        blamed = next((self.broken[name] for name in sorted(read) if name in self.broken), None)
        for name in bound:
            if blamed is None:
                self.broken.pop(name, None)
            else:
                self.broken.setdefault(name, blamed)


def names_in(source: str) -> tuple[set[str], set[str], set[str]]:
    """Return the names that a cell binds, reads, and changes in place; of broken code, those it would bind."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        pairs = re.findall(r"^(?:async def|def|class)[ ]+(\w+)|^(\w+)[ ]*=[^=]", source, re.MULTILINE)
        return {name for pair in pairs for name in pair if name}, set(), set()
    named = [node for node in nodes if isinstance(node, ast.Name)]
    bound = {node.id for node in named if isinstance(node.ctx, ast.Store)} | imported(nodes)
    bound |= {
        node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    called = [node.value.func for node in nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]
    parts: list[ast.Attribute | ast.Subscript] = [node for node in called if isinstance(node, ast.Attribute)]
    parts += [node for node in nodes if isinstance(node, ast.Attribute | ast.Subscript) and _stores(node)]
    changed = {node.value.id for node in parts if isinstance(node.value, ast.Name)}
    return bound, {node.id for node in named if isinstance(node.ctx, ast.Load)}, changed


def _stores(node: ast.Attribute | ast.Subscript) -> bool:
    return isinstance(node.ctx, ast.Store)


def imported(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that imports bind."""
    aliases = [alias for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names]
    return {alias.asname or alias.name.partition(".")[0] for alias in aliases}
