"""A package's modules in one file do what the package does, without it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter

import pytest
from conftest import CHECKOUT

from autograder.commands.one_file import joined

FILES = {
    "words.py": '''"""Words."""

from __future__ import annotations

import json
from collections import Counter

# How many.
MOST = 2


def common(text: str) -> list[str]:
    """Return the common ones."""
    return [word for word, _ in Counter(json.loads(text)).most_common(MOST)]
''',
    "__init__.py": '''"""Print the common words.

A script's docstring.
"""

from __future__ import annotations

import sys
from collections import (
    ChainMap,
    Counter,
)

from tiny_package.words import MOST, common


def main() -> int:
    print(common('["b", "a", "b", "c", "a"]'), MOST, len(ChainMap()), len(Counter()))
    return 3
''',
}
JOINED = '''"""Print the common words.

A script's docstring.
"""

from __future__ import annotations

import json
import sys
from collections import ChainMap, Counter

# --- words -----------------------------------------------------------------------------------------------

# How many.
MOST = 2


def common(text: str) -> list[str]:
    """Return the common ones."""
    return [word for word, _ in Counter(json.loads(text)).most_common(MOST)]


# --- the command -----------------------------------------------------------------------------------------

def main() -> int:
    print(common('["b", "a", "b", "c", "a"]'), MOST, len(ChainMap()), len(Counter()))
    return 3


if __name__ == "__main__":
    sys.exit(main())
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    for name, text in FILES.items():
        (tmp_path / "tiny_package" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "tiny_package" / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield __import__("tiny_package")
    for name in [name for name in sys.modules if name.partition(".")[0] == "tiny_package"]:
        del sys.modules[name]


def test_the_script_has_each_import_once_and_none_of_the_package(package):
    assert joined(package, ["words"]) == JOINED


def test_it_runs_where_the_package_is_not(package, tmp_path):
    (tmp_path / "script.py").write_text(joined(package, ["words"]))
    done = subprocess.run(
        [sys.executable, "-I", tmp_path / "script.py"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (3, "['b', 'a'] 2 0 0\n"), done.stderr


def test_no_two_modules_of_the_precheck_define_the_same_name_and_none_imports_under_another():
    tree = ast.parse((CHECKOUT / "release" / "precheck.py").read_text())
    names = Counter(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef))
    names += Counter(
        name.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for name in ast.walk(node)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    )
    assert names["main"] == names["RELEASED"] == names["Cells"] == 1
    assert set(names.values()) == {1}
    modules = (CHECKOUT / "autograder" / "commands" / "precheck").glob("*.py")
    trees = [ast.parse(path.read_text()) for path in modules]
    imports = [node for tree in trees for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {alias.asname for node in imports for alias in node.names} == {None}
