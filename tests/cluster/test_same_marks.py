"""A cluster gives the marks, rows and notebooks that one machine gives."""

from __future__ import annotations

import json
import shutil

import clusters
import pytest
from classroom import CLASS, autograded, copied, grade, rows

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
FEW = ("damaged_empty", "damaged_rewritten_tests", "linked", "quits", "returns_nonsense", "syntax_error")
"""Those of the demo's class for which a cluster has code of its own, and some beside them."""


def lines(path):
    """The results of a run, without the seconds that each notebook took."""
    return [json.loads(line) | {"seconds": 0} for line in path.read_text().splitlines()]


def test_a_cluster_gives_the_same_rows_and_notebooks_and_then_grades_only_what_has_changed(
    cluster, classroom, undisturbed, tmp_path
):
    root = copied(classroom, tmp_path / "remote")
    status, said = grade(root, "--cluster", cluster.address)
    assert status == 0, said
    assert rows(root) == rows(undisturbed)
    assert autograded(root) == autograded(undisturbed)
    times = {path: path.stat().st_mtime_ns for path in root.rglob("*.ipynb")}
    changed = root / "submitted" / "s01" / "softmax" / "softmax.ipynb"
    shutil.copy(root / "submitted" / "s00" / "softmax" / "softmax.ipynb", changed)
    assert grade(root, "--cluster", cluster.address)[0] == 0
    again = {path for path in root.rglob("*.ipynb") if times[path] != path.stat().st_mtime_ns}
    assert {path.parts[-3] for path in again} == {"s01"}


@pytest.mark.deep
def test_processes_here_give_the_same_rows_and_notebooks(classroom, undisturbed, tmp_path):
    root = copied(classroom, tmp_path / "local")
    status, said = grade(root, "--cluster", "local:2")
    assert status == 0, said
    assert rows(root) == rows(undisturbed)
    assert autograded(root) == autograded(undisturbed)


@pytest.mark.deep
@pytest.mark.parametrize("students", [FEW, ()], ids=["few", "all"])
def test_results_of_all_kinds_of_submission_are_equal_but_for_seconds(cluster, tmp_path, students):
    """The demo's class: every known mistake, endless loops, damaged files, a link."""
    limits = ("cell_seconds=1", "call_seconds=0.5", "function_seconds=5", "submission_seconds=20")
    words = [word for limit in limits for word in ("--limit", limit)]
    root = clusters.demo_class(tmp_path / "course")
    for folder in (root / "submitted").iterdir():
        if students and folder.name not in students:
            shutil.rmtree(folder)
    one = grade(root, *words, "--no-gradebook", "--results", tmp_path / "one.jsonl")
    many = grade(
        root, *words, "--no-gradebook", "--results", tmp_path / "many.jsonl", "--cluster", cluster.address
    )
    theirs = lines(tmp_path / "one.jsonl")
    assert len(theirs) >= (len(students) or 30)
    assert lines(tmp_path / "many.jsonl") == theirs
    assert one[0] == many[0] == 1  # some can't be graded
    assert without_progress(many[1]) == without_progress(one[1])


def without_progress(said):
    return [line for line in said.splitlines() if not line.startswith("grading:")]


@pytest.mark.deep
def test_a_class_of_two_hundred_has_the_same_rows_and_notebooks(cluster, classroom, tmp_path):
    roots = [copied(classroom, tmp_path / name) for name in ("one", "many")]
    for root in roots:
        for number in range(CLASS, 200):
            original = root / "submitted" / f"s{number % CLASS:02}"
            shutil.copytree(original, root / "submitted" / f"s{number:03}")
    one, many = roots
    words = [word for name in ("cell", "call", "function") for word in ("--limit", f"{name}_seconds=120")]
    assert grade(one, *words)[0] == grade(many, *words, "--cluster", cluster.address)[0] == 0
    assert len(rows(one)["submission"]) == 200
    assert rows(many) == rows(one)
    assert autograded(many) == autograded(one)
