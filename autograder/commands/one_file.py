"""One file made of a package's modules, for where nothing can be installed."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path
from types import ModuleType

WIDTH, SPACE = 107, "\n\n\n"
START = """if __name__ == "__main__":
    sys.exit(main())
"""


def joined(package: ModuleType, modules: Iterable[str]) -> str:
    """Return the text of a script that does what a package's function ``main`` does.

    Parameters
    ----------
    package
        Its ``__init__.py`` comes last and gives the script its docstring.
    modules
        Its other modules, each after those that it imports from. At its top, a module imports whole modules, or
        names from a module, under their own names; what it imports from the package is in the script already.
    """
    folder = Path(package.__path__[0])
    imported, parts = defaultdict[str, set[str]](set), list[str]()
    for name in (*modules, "__init__"):
        text = (folder / f"{name}.py").read_text(encoding="utf-8")
        docstring, *statements = ast.parse(text).body
        imports = list(takewhile(lambda node: isinstance(node, ast.Import | ast.ImportFrom), statements))
        for node in imports:
            _note(node, package.__name__, imported)
        rest = "\n".join(text.splitlines()[imports[-1].end_lineno or 0 :]).strip("\n")
        title = "# --- the command " if name == "__init__" else f"# --- {name} "
        parts.append(f"{title.ljust(WIDTH, '-')}\n\n{rest}")
    head = "\n".join(text.splitlines()[: docstring.end_lineno])
    whole = [f"import {name}" for name, names in sorted(imported.items()) if not names]
    some = [
        f"from {name} import {', '.join(sorted(names, key=_as_sorted))}"
        for name, names in sorted(imported.items())
        if names and name != "__future__"
    ]
    imports_once = "\n".join(["from __future__ import annotations", "", *whole, *some])
    return f"{head}\n\n{imports_once}\n\n{SPACE.join([*parts, START])}"


def _note(node: ast.stmt, package: str, imported: dict[str, set[str]]) -> None:
    """Add what an import at a module's top brings; a name maps to nothing where the whole module is imported."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            imported.setdefault(alias.name, set())
    elif isinstance(node, ast.ImportFrom) and node.module and not node.module.startswith(package):
        imported[node.module] |= {alias.name for alias in node.names}


def _as_sorted(name: str) -> tuple[bool, str]:
    """Sort classes before functions, as Ruff does."""
    return not name[0].isupper(), name
