"""The law of the house: imports run one way, one file runs student code, nobody but the checks knows solutions."""

from __future__ import annotations

import ast
import re
import tomllib

import pytest
from conftest import CHECKOUT

PACKAGE = CHECKOUT / "autograder"
FLOORS = [
    {"results", "precheck"},
    {"compare"},
    {"exercise"},
    {"exercises", "assess", "curve", "notebook", "source", "restore", "intake", "links", "secret"}
    | {"reports", "progress"},
    {"sandbox", "course", "outputs", "inprocess", "prove", "catalogue", "written"},
    {"stage", "grading", "settings", "doctor", "options"},
    {"batch", "desk", "outcome", "marks", "entered", "gradebook", "database"},
    {"release", "nbgrader_plugin", "demo", "export", "gradescope"},
    {"commands"},
    {"cli"},
    {"__main__", "__init__"},
]
"""From the ground up: a floor imports what is below it, or beside it."""


def modules():
    return {path: path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in PACKAGE.rglob("*.py")}


def imports(path):
    """The project's modules that a file imports anywhere, functions included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.split(".")[0] in ("autograder", "solutions")}


def floor_of(room):
    return next(level for level, rooms in enumerate(FLOORS) if room in rooms)


def test_every_module_has_its_floor():
    assert set(modules().values()) == {room for floor in FLOORS for room in floor}


@pytest.mark.parametrize(("path", "room"), modules().items(), ids=lambda value: getattr(value, "stem", value))
def test_no_import_runs_upward(path, room):
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "autograder" and len(parts) > 1 and any(parts[1] in floor for floor in FLOORS):
            assert floor_of(parts[1]) <= floor_of(room), f"{path.name} imports {name}"


def test_what_runs_beside_student_code_imports_nothing_of_the_project():
    inside = list((PACKAGE / "sandbox" / "inside").glob("*.py"))
    assert inside
    assert [imports(path) for path in inside] == [set()] * len(inside)


def test_only_exercises_know_the_solutions():
    knowing = {room for path, room in modules().items() if any(n.startswith("solutions") for n in imports(path))}
    assert knowing == {"exercises"}


def test_reports_know_results_alone():
    for path, room in modules().items():
        if room == "reports":
            assert all(
                n.startswith(("autograder.results", "autograder.reports")) for n in imports(path) - {"autograder"}
            )


def test_nothing_is_unpickled_or_evaluated():
    """No pickle, dill, marshal, shelve, eval or exec anywhere in the package but IPython's own shell."""
    for path in modules():
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
