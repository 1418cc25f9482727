"""Submissions for demonstrations and tests: a released notebook filled with a student's code, or damaged."""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Callable
from typing import Any

from autograder.notebooks import notebook
from autograder.notebooks.notebook import Notebook


def write(nb: Notebook) -> bytes:
    """Return the content of a notebook's file."""
    return json.dumps(nb, indent=1, ensure_ascii=False).encode()


def fill_in(blank: Notebook, text: str, rest: str = "") -> Notebook:
    """Write a Python file into a released notebook, each function into its solution cell.

    Parameters
    ----------
    blank
        The released notebook; it is not changed.
    text
        The Python file. What is no function of the notebook (imports, helpers, attacks) goes into a new cell
        before the first solution cell.
    rest
        Another Python file, from which functions are taken that ``text`` does not define.
    """
    filled = copy.deepcopy(blank)
    functions = _functions(rest) | _functions(text)
    filled_in = {}
    for cell in filled["cells"]:
        ident = notebook.grade_id_of(cell) or ""
        name = ident.removesuffix("-solution")
        if ident.endswith("-solution") and name in functions:
            cell["source"] = filled_in[name] = functions[name]
    other = _without(text, filled_in)
    if other.strip():
        first = next(
            i for i, c in enumerate(filled["cells"]) if (notebook.grade_id_of(c) or "").endswith("-solution")
        )
        extra: notebook.Cell = {
            "cell_type": "code",
            "id": "own",
            "metadata": {},
            "source": other,
            "outputs": [],
            "execution_count": None,
        }
        filled["cells"].insert(first, extra)
    return filled


def _functions(text: str) -> dict[str, str]:
    """Return the source of each top-level definition by its name; nothing if the text is not valid Python."""
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return {}
    named = [(name, node) for node in body if (name := _name_of(node))]
    return {name: ast.get_source_segment(text, node) or "" for name, node in named}


def _name_of(node: ast.stmt) -> str | None:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Assign(targets=[ast.Name(id=name)]):
            return name
    return None


def _without(text: str, functions: dict[str, Any]) -> str:
    """Return a file's text without its docstring and without these top-level functions."""
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return text
    is_docstring = [isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body]
    kept = [
        ast.get_source_segment(text, node) or ""
        for node, docstring in zip(body, is_docstring, strict=True)
        if not docstring and _name_of(node) not in functions
    ]
    return "\n".join(kept)


# --- damage ----------------------------------------------------------------------------------------------


def _test_cell(nb: Notebook) -> notebook.Cell:
    return next(cell for cell in nb["cells"] if notebook.grade_id_of(cell) == "softmax")


def truncated(nb: Notebook) -> bytes:
    """Return a notebook of which the upload broke off."""
    return write(nb)[:5000]


def empty(_: Notebook) -> bytes:
    """Return an empty file."""
    return b""


def other_assignment(nb: Notebook) -> bytes:
    """Return a notebook of another assignment."""
    changed = copy.deepcopy(nb)
    for cell in changed["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["grade_id"] = f"bayes-{cell['metadata']['nbgrader']['grade_id']}"
    return write(changed)


def without_tests(nb: Notebook) -> bytes:
    """Return a notebook without its test cells."""
    changed = copy.deepcopy(nb)
    changed["cells"] = [cell for cell in changed["cells"] if not notebook.nbgrader_of(cell).get("grade")]
    return write(changed)


def without_metadata(nb: Notebook) -> bytes:
    """Return a notebook from a tool that drops metadata."""
    changed = copy.deepcopy(nb)
    for cell in changed["cells"]:
        cell["metadata"] = {}
    return write(changed)


def doubled(nb: Notebook) -> bytes:
    """Return a notebook with a test cell pasted twice."""
    changed = copy.deepcopy(nb)
    changed["cells"].append(copy.deepcopy(_test_cell(changed)))
    return write(changed)


def rewritten_tests(nb: Notebook) -> bytes:
    """Return a notebook with a test cell that was edited to give 100 marks."""
    changed = copy.deepcopy(nb)
    cell = _test_cell(changed)
    cell["source"] = "100.0"
    cell["metadata"]["nbgrader"]["points"] = 100
    cell["outputs"] = [
        {
            "output_type": "execute_result",
            "data": {"text/plain": "100.0"},
            "metadata": {},
            "execution_count": 1,
        }
    ]
    solution = next(c for c in changed["cells"] if notebook.grade_id_of(c) == "softmax-solution")
    solution["source"] = "def softmax(z, axis=-1, temperature=1.0):\n    return 1.0"
    return write(changed)


DAMAGES: dict[str, Callable[[Notebook], bytes]] = {
    "damaged_truncated": truncated,
    "damaged_empty": empty,
    "damaged_other_assignment": other_assignment,
    "damaged_without_tests": without_tests,
    "damaged_without_metadata": without_metadata,
    "damaged_doubled": doubled,
    "damaged_rewritten_tests": rewritten_tests,
}
"""The student who submits each damaged notebook, and the damage."""
