"""The answers of which submissions are made: each function of an assignment, right in many styles and wrong.

The files under ``tests/submissions`` declare what each of their functions gets. ``tests/correct`` holds right
answers in other styles, ``styles/`` a few more. A function is cut out of its file together with the imports and
helpers that it needs, so that its text fills a solution cell.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

from benchmarks import CHECKOUT

SUBMISSIONS = CHECKOUT / "tests" / "submissions"
STYLES = (CHECKOUT / "tests" / "correct", CHECKOUT / "benchmarks" / "styles")
SLOW = {
    "variance": {"by_pairs"},
    "softmax": {"odd_but_right"},
    "logsumexp": {"odd_but_right"},
    "log_softmax": {"by_loops", "by_differences"},
    "cross_entropy": {"odd_but_right"},
    "bce_grad": {"odd_but_right", "by_loops", "in_long_double"},
    "fit_logistic": {"by_loops", "in_long_double"},
    "train_softmax_regression": {"odd_but_right", "by_loops", "in_long_double", "by_einsum"},
    "bayes_classifier_log_posterior": {"odd_but_right"},
    "explained_variance_ratio": {"odd_but_right", "in_long_double"},
    "hidden_layer_loss_grad": {"odd_but_right", "by_examples", "in_long_double"},
}
"""Right answers with which a notebook takes seconds longer than with the perfect submission's: an ordinary class
has none of them."""
MAY_IMPORT = sys.stdlib_module_names | {"numpy"}
_BLOCK = re.compile(r"^# /// expect\n((?:#.*\n)*?)# ///$", re.MULTILINE)


def perfect(topic: str, function: str, functions: tuple[str, ...]) -> str:
    """Return a function as the perfect submission has it; ``functions`` are all of the assignment."""
    text = cut(_read(SUBMISSIONS / topic / "perfect.py"), function, own_cells=functions)
    assert text, f"the perfect submission of {topic} lacks {function}"
    return text


@cache
def right(topic: str, function: str, functions: tuple[str, ...]) -> dict[str, str]:
    """Return right answers in other styles than the perfect submission's, by the name of the style."""
    found = {
        path.stem: cut(_read(path), function, own_cells=functions)
        for path, declared in _declared(topic, function)
        if declared == "full" and path.stem != "perfect"
    }
    for path in (path for folder in STYLES for path in sorted(folder.glob("*.py"))):
        text = _read(path)
        for name in re.findall(rf"^def ({function}_(?:by|in|on)_\w+)", text, re.MULTILINE):
            found[name.removeprefix(f"{function}_")] = cut(text, name, function)
    return {style: text for style, text in found.items() if text}


@cache
def wrong(topic: str, function: str, functions: tuple[str, ...]) -> dict[str, str]:
    """Return answers with mistakes that have a name, by the behaviour's name.

    An answer that calls another function of the assignment is left out: with that one right, it may be right, too.
    """
    found = {
        path.stem: cut(_read(path), function, own_cells=functions)
        for path, declared in _declared(topic, function)
        if isinstance(declared, dict) and declared["mistakes"]
    }
    others = set(functions) - {function}
    return {name: text for name, text in found.items() if text and not others & _names(ast.parse(text))}


def _declared(topic: str, function: str) -> Iterator[tuple[Path, object]]:
    """Yield each behaviour's file and what it declares about a function."""
    for path in sorted((SUBMISSIONS / topic).glob("*.py")):
        block = _BLOCK.search(_read(path))
        assert block, f"{path} declares nothing"
        entries = tomllib.loads("".join(line[2:] for line in block[1].splitlines(keepends=True)))
        yield path, entries.get(function, entries.get("everything", "nothing"))


def cut(text: str, name: str, to_be: str = "", own_cells: Collection[str] = ()) -> str | None:
    """Cut a definition out of a Python file, with the imports and helpers that it needs.

    Parameters
    ----------
    text
        The Python file.
    name
        What to cut out.
    to_be
        The name that it gets; by default it keeps its own.
    own_cells
        Names that need not come with it, because other cells define them.

    Returns
    -------
    str or None
        The definition, after what it needs. None if the file does not define it, or if it needs a module that
        a submission may not import.
    """
    bound = {name: node for node in ast.parse(text).body for name in _binds(node)}
    if name not in bound:
        return None
    needed, names = [bound[name]], [name]
    for node in needed:
        used = _names(node) - {*names, *own_cells}
        names += used
        needed += [bound[other] for other in sorted(used & bound.keys()) if bound[other] not in needed]
    if any(not set(_modules(node)) <= MAY_IMPORT for node in needed):
        return None
    lines = text.splitlines()
    own = re.sub(rf"\b{name}\b", to_be or name, _source(lines, bound[name]))
    helpers = sorted((node for node in needed if node is not bound[name]), key=lambda node: node.lineno)
    return "\n\n".join([*(_source(lines, node) for node in helpers), own])


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _source(lines: list[str], node: ast.stmt) -> str:
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return "\n".join(lines[first - 1 : node.end_lineno])


def _binds(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return [alias.asname or alias.name.split(".")[0] for alias in aliases]
    return []


def _modules(node: ast.stmt) -> list[str]:
    match node:
        case ast.Import(names=aliases):
            return [alias.name.split(".")[0] for alias in aliases]
        case ast.ImportFrom(module=str(module)):
            return [module.split(".")[0]]
    return []
