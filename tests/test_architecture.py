"""The law of the house: imports run one way, one file runs student code, nobody but the checks knows solutions."""

from __future__ import annotations

import ast
import re
import tomllib

import pytest
from conftest import CHECKOUT

PACKAGE = CHECKOUT / "autograder"
INSIDE = "autograder.sandbox.inside"
MAY_IMPORT = {
    "results": set(),
    "envelope": set(),
    "notebooks": set(),
    "solutions": set(),
    "analysis": {"results"},
    "judging": {"results"},
    "exercises": {"judging", "solutions"},
    "intake": {"envelope", "notebooks"},
    "course": {"intake", "notebooks"},
    "similar": {"envelope", "intake", "notebooks", "results"},
    "reports": {"analysis", "notebooks", "results", "similar"},
    "inprocess": {"course", "exercises", "judging", "reports"},
    "sandbox": {"judging", "results"},
    "grading": {"course", "envelope", "exercises", "intake", "judging", "notebooks", "results", "sandbox"},
    "cluster": {"course", "grading", "intake", "notebooks", "results", "sandbox"},
    "gradebook": {"course", "grading", "intake", "notebooks", "reports", "results"},
    "nbgrader_plugin": {
        "course",
        "envelope",
        "exercises",
        "gradebook",
        "grading",
        "intake",
        "notebooks",
        "reports",
        "results",
        "sandbox",
    },
    "commands": {
        *(
            "analysis",
            "cluster",
            "course",
            "exercises",
            "gradebook",
            "grading",
            "intake",
            "judging",
            "notebooks",
            "reports",
            "results",
        ),
        "sandbox",
        "similar",
    },
    "cli": {"commands", "sandbox"},
    "__main__": {"cli"},
    "__init__": {"grading", "inprocess", "judging"},
}
"""What each package, and each module at the top, may import of the others. It is read from the ground up: no line
names one that stands below it."""


def name_of(path):
    parts = path.relative_to(CHECKOUT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


MODULES = {name_of(path): path for path in PACKAGE.rglob("*.py")}


def room_of(name):
    return name.split(".")[1]


def imports(name, text=None):
    """The project's modules that a module imports anywhere, functions included, by their full names."""
    path = MODULES[name]
    package = name.split(".")[: None if path.stem == "__init__" else -1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text() if text is None else text)):
        if isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            source = ".".join([*above, *(node.module or "").split(".")]).rstrip(".")
            each = {f"{source}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else source for name in each}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.partition(".")[0] in ("autograder", "solutions")}


def depends(name, text=None):
    """The packages and top modules, other than its own, that a module imports."""
    return {room_of(f"{other}.__init__") for other in imports(name, text)} - {room_of(name)}


def circle(arrows):
    """A circle in a graph of names, empty where there is none."""
    done, way = set(), []

    def visit(name):
        if name in way:
            return [*way[way.index(name) :], name]
        if name not in done:
            way.append(name)
            for other in sorted(arrows.get(name, ())):
                if found := visit(other):
                    return found
            way.pop()
            done.add(name)
        return []

    return next((found for name in sorted(arrows) if (found := visit(name))), [])


def test_every_package_and_module_at_the_top_has_its_line():
    assert {room_of(name) for name in MODULES} == set(MAY_IMPORT)


def test_the_table_runs_one_way():
    order = list(MAY_IMPORT)
    for room, others in MAY_IMPORT.items():
        assert all(order.index(other) < order.index(room) for other in others), room


def test_no_import_runs_upward():
    upward = {name: depends(name) - MAY_IMPORT[room_of(name)] for name in MODULES}
    assert {name: rooms for name, rooms in upward.items() if rooms} == {}


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_package_has_no_circle_inside(room):
    assert circle({name: imports(name) - {name} for name in MODULES if room_of(name) == room}) == []


def test_a_circle_and_an_import_upward_are_seen():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c", "a"]
    assert circle({"a": {"b", "c"}, "b": {"c"}}) == []
    late = "def f():\n    from autograder.grading.grader import Grader\n    from autograder import cli, check\n"
    assert depends("autograder.notebooks.source", late) == {"grading", "cli", "__init__"}
    assert imports("autograder.sandbox.inside.shell", "from . import seal") == {"autograder.sandbox.inside.seal"}


def test_what_runs_beside_student_code_imports_nothing_of_the_project():
    inside = [name for name in MODULES if name.startswith(INSIDE)]
    assert inside
    assert all(other.startswith(INSIDE) for name in inside for other in imports(name))


def test_only_exercises_know_the_solutions():
    assert {room for room, others in MAY_IMPORT.items() if "solutions" in others} == {"exercises"}


def test_at_the_top_lie_few_modules():
    assert {path.name for path in PACKAGE.glob("*.py")} == {
        *("__init__.py", "__main__.py", "cli.py", "course.py", "inprocess.py", "results.py")
    }


def test_nothing_is_unpickled_or_evaluated():
    """No pickle, dill, marshal, shelve, eval or exec anywhere in the package but IPython's own shell."""
    for path in MODULES.values():
        tree = ast.parse(path.read_text())
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert not names & {"pickle", "dill", "marshal", "shelve", "eval", "exec"}, path.name
        called = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        assert not called & {"pickle", "dill", "marshal", "shelve"}, path.name


def test_a_topic_has_the_same_name_on_every_floor():
    from autograder.exercises import TOPICS

    for topic in TOPICS:
        for place in (f"solutions/{topic}.py", f"autograder/exercises/{topic}", f"tests/submissions/{topic}"):
            assert (CHECKOUT / place).exists(), place
    for floor in ("source", "release"):
        folders = {path.name for path in (CHECKOUT / floor).iterdir() if path.is_dir()}
        assert folders == set(TOPICS), floor
        for topic in TOPICS:
            assert (CHECKOUT / floor / topic / f"{topic}.ipynb").exists(), topic


def test_constraints_hold_names_and_versions_only():
    lines = [line for line in (CHECKOUT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert len(lines) > 50
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+!]*", line), line


def test_every_dependency_is_pinned():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    lines = (CHECKOUT / "constraints.txt").read_text().splitlines()
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in lines}
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    for line in wanted + [x for extra in project["project"]["optional-dependencies"].values() for x in extra]:
        name = re.split(r"[\[>=;]", line)[0].strip().lower()
        assert name in pinned | {"logits-and-likelihoods"}, name
