"""docs/converting.md, played: one cell of nbgrader's and one question of Otter's become sealed cells."""

from __future__ import annotations

import json
import os
import re

import numpy as np
import pytest
import warm
from conftest import CHECKOUT

from autograder.commands.demo import submissions
from autograder.commands.new.cells import cells_of, notebook_of, written
from autograder.notebooks import notebook

PAGE = (CHECKOUT / "docs" / "converting.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`([\w/]+\.py)`\n\n```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
CELLS = {
    (when, cell): text.rstrip("\n")
    for when, cell, text in re.findall(
        r"^\*\*(\w+): `([\w-]+)`\*\*\n\n```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
    )
}
NAMES = ("geometric_mean", "z_scores")
SOLUTIONS = {
    "geometric_mean": "def geometric_mean(x):\n    return np.exp(np.log(x).mean())",
    "z_scores": "def z_scores(x):\n    return (x - x.mean()) / x.std()",
}
WRONG = {
    "geometric_mean": "def geometric_mean(x):\n    return np.prod(x) ** (1 / x.size)",
    "z_scores": "def z_scores(x):\n    return (x - x.mean()) / np.sqrt((x**2).mean() - x.mean() ** 2)",
}
FORGED = "np.isclose = np.allclose = lambda *_, **__: True\n{name} = lambda x: 0.0"


def run(command, cwd):
    done = warm.run(command.split(), cwd, os.environ | {"XDG_DATA_HOME": str(cwd.parent / "data")})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def course(root, when):
    """A course with both functions, its cells as the page has them before or after."""
    (root / "source" / "hw").mkdir(parents=True)
    cells = [cell for name in NAMES for cell in cells_of(name)]
    for cell in cells:
        ident = notebook.grade_id_of(cell) or ""
        name = ident.removesuffix("-visible").removesuffix("-solution")
        if ident == f"{name}-visible" and name:
            cell["source"] = "# What students see."
        elif ident == f"{name}-solution" and name:
            cell["source"] = f"### BEGIN SOLUTION\n{SOLUTIONS[name]}\n### END SOLUTION"
        cell["source"] = CELLS.get((when, ident), cell["source"])
        if ident in NAMES:
            cell["metadata"]["nbgrader"]["points"] = 2
            if when == "before" and ident == "z_scores":
                tests = "\n".join(f"assert {line}" for line in otter_tests())
                cell["source"] = f"### BEGIN HIDDEN TESTS\n{tests}\n### END HIDDEN TESTS"
    (root / "source" / "hw" / "hw.ipynb").write_bytes(written(notebook_of("hw", cells)))
    for name, text in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)


def otter_tests():
    return re.findall(r"^np\.\w+\(.*$", CELLS["before", "z_scores"], re.MULTILINE)


def marks(root):
    """Marks of a right, a wrong and a forged submission, by student and cell."""
    source = notebook.read((root / "source" / "hw" / "hw.ipynb").read_bytes())
    forged = {name: FORGED.format(name=name) for name in NAMES}
    for student, texts in {"right": SOLUTIONS, "wrong": WRONG, "forged": forged}.items():
        place = root / "submitted" / student / "hw"
        place.mkdir(parents=True)
        cells = [dict(cell) for cell in source["cells"]]
        for cell in cells:
            ident = notebook.grade_id_of(cell) or ""
            if ident.endswith("-solution"):
                cell["source"] = texts[ident.removesuffix("-solution")]
        (place / "hw.ipynb").write_bytes(submissions.write({**source, "cells": cells}))
    run("autograder grade --no-gradebook --results marks.jsonl", root)
    rows = map(json.loads, (root / "marks.jsonl").read_text().splitlines())
    return {row["student"]: {cell["grade_id"]: cell["score"] for cell in row["cells"]} for row in rows}


def test_the_page_shows_every_part():
    assert set(FILES) == {f"{folder}/{name}.py" for name in NAMES for folder in ("solutions", "exercises")}
    assert {cell for when, cell in CELLS if when == "before"} == set(NAMES)
    assert {cell for when, cell in CELLS if when == "after"} == {
        *NAMES,
        "z_scores-solution",
        "z_scores-visible",
    }


def test_what_stood_there_before_holds_for_the_solutions_that_stay():
    """Otter's question as one program, and nbgrader's assertions."""
    defined = {"np": np}
    exec("\n".join(x for x in CELLS["before", "z_scores"].splitlines() if not x.startswith("np.")), defined)
    assert len(otter_tests()) == 3
    assert all(eval(line, defined) for line in otter_tests())
    exec(SOLUTIONS["geometric_mean"] + "\n" + CELLS["before", "geometric_mean"], defined)


@pytest.mark.slow
@pytest.mark.sandbox
def test_forged_answers_earn_marks_before_and_none_after(tmp_path):
    course(tmp_path / "before", "before")
    assert marks(tmp_path / "before") == {
        "right": dict.fromkeys(NAMES, 2.0),
        "wrong": {"geometric_mean": 0.0, "z_scores": 2.0},  # eight digits of np.allclose forgive what it hides
        "forged": dict.fromkeys(NAMES, 2.0),
    }
    course(tmp_path / "after", "after")
    assert run("autograder prove", tmp_path / "after").count("✓") == 2
    assert "✓ hw" in run("autograder release", tmp_path / "after")
    assert marks(tmp_path / "after") == {
        "right": dict.fromkeys(NAMES, 2.0),
        "wrong": dict.fromkeys(NAMES, 1.0),
        "forged": dict.fromkeys(NAMES, 0.0),
    }
