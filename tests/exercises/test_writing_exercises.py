"""docs/writing-exercises.md, played: from an empty folder to a graded class by the page's own commands."""

from __future__ import annotations

import csv
import json
import re
import shutil

import pytest
from conftest import CHECKOUT
from course_commands import command

from autograder.commands.demo import submissions
from autograder.notebooks import notebook

PAGE = (CHECKOUT / "docs" / "writing-exercises.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(?:^`([\w/.-]+)`\n\n)?^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
"""The page's blocks in order: the file or the cell that stands above, the language, the text."""
COMMANDS = [text.strip() for _, language, text in BLOCKS if language == "sh"]
FILES = {name: text for name, _, text in BLOCKS if name.endswith(".py")}
CELLS = {name: text.rstrip("\n") for name, _, text in BLOCKS if name and not name.endswith(".py")}


def run(words, root):
    return command(root, *words.split())


def edit_notebook(root):
    """What the instructor does in JupyterLab: write over the cells that the page shows."""
    path = root / "source" / "counts" / "counts.ipynb"
    book = json.loads(path.read_text())
    for cell in book["cells"]:
        cell["source"] = CELLS.get(notebook.grade_id_of(cell) or cell["id"], cell["source"])
    path.write_text(json.dumps(book))


def hand_in(root):
    """Ada and Bob write the functions of the page's files into the released notebook, Eve nothing."""
    blank = notebook.read((root / "release" / "counts" / "counts.ipynb").read_bytes())
    for student, file in (("ada", "right.py"), ("bob", "wrong.py"), ("eve", None)):
        place = root / "submitted" / student / "counts"
        shutil.copytree(root / "release" / "counts", place)
        filled = submissions.fill_in(blank, FILES[file]) if file else blank
        (place / "counts.ipynb").write_bytes(submissions.write(filled))


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_page_leads_from_an_empty_folder_to_a_graded_class(tmp_path):
    root = tmp_path / "my course"
    root.mkdir()
    start, prove, check, release, grade, export = COMMANDS
    run(start, root)
    for name, text in FILES.items():
        (root / name).write_text(text)
    assert set(CELLS) == {f"poisson_log_pmf-{part}" for part in ("task", "solution", "visible")}
    edit_notebook(root)
    said = run(prove, root)
    assert re.fullmatch(r"✓ poisson_log_pmf: 4 checks;.*\n", said), said
    right, wrong = map(json.loads, run(f"{check} --json", root).splitlines())
    assert (right["score"], right["max_score"], wrong["score"]) == (3.0, 3.0, 2.0)
    assert [entry["passed"] for entry in wrong["checks"]] == [True, False, True, True]
    assert "The factorial of a large count does not fit into float64." in wrong["checks"][1]["message"]
    run(release, root)
    hand_in(root)
    (table,) = [text for _, language, text in BLOCKS if language == "text"]
    marks = re.compile(r"^(ada|bob|eve) +(\d / \d)", re.MULTILINE)
    assert len(marks.findall(table)) == 3
    assert marks.findall(run(grade, root)) == marks.findall(table)
    run(export, root)
    rows = list(csv.DictReader((root / "marks.csv").read_text().splitlines()))
    assert {row["student_id"]: float(row["score"]) for row in rows} == {"ada": 3.0, "bob": 2.0, "eve": 0.0}


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_starter_works_at_once_and_so_does_a_second_function(tmp_path):
    """Proved, released, and graded with its own solution: nothing is edited."""
    root = tmp_path / "course"
    root.mkdir()
    run("autograder new assignment counts", root)
    run("autograder new exercise second_one --assignment counts", root)
    said = run("autograder prove", root)
    assert re.findall(r"^(.) (\w+)", said, re.MULTILINE) == [("✓", "counts"), ("✓", "second_one")], said
    run("autograder release", root)
    place = root / "submitted" / "ada" / "counts"
    place.mkdir(parents=True)
    shutil.copy(root / "source" / "counts" / "counts.ipynb", place)
    run("autograder grade --results marks.jsonl", root)
    (row,) = map(json.loads, (root / "marks.jsonl").read_text().splitlines())
    assert (row["status"], row["score"], row["max_score"]) == ("graded", 6.0, 6.0)
