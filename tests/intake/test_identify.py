"""A notebook's student and its notebook of the course are inferred from its path, name and cells."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from intake.deliveries import rejected, zipped
from notebook_files import as_bytes, code

from autograder import intake
from autograder.intake import Expected, Refused, SubmittedNotebook, find_notebooks, identify, identify_notebook

ONE = {"softmax": ["softmax"]}
TWO = {"softmax": ["softmax"], "bayes": ["dice", "tests"]}


@pytest.mark.parametrize(
    ("path", "assignments", "assignment", "student", "wanted", "book"),
    [
        # nbgrader's own layout
        ("/x/submitted/ada/softmax/softmax.ipynb", TWO, None, "ada", "softmax", "softmax"),
        ("/x/submitted/ada/bayes/dice.ipynb", TWO, None, "ada", "bayes", "dice"),
        ("/x/submitted/ada/bayes/tests.ipynb", TWO, "bayes", "ada", "bayes", "tests"),
        # one folder a student
        ("/class/ada/softmax.ipynb", TWO, None, "ada", "softmax", "softmax"),
        ("/class/ada/dice.ipynb", TWO, None, "ada", "bayes", "dice"),
        ("/class/ada/softmax.ipynb", ONE, "softmax", "ada", "softmax", "softmax"),
        # one file a student
        ("/class/ada.ipynb", ONE, None, "ada", "softmax", "softmax"),
        ("/class/ada.ipynb", TWO, "softmax", "ada", "softmax", "softmax"),
        ("/class/softmax/ada.ipynb", TWO, None, "ada", "softmax", "softmax"),
        ("/class/ada lovelace.ipynb", ONE, None, "ada lovelace", "softmax", "softmax"),
        # written in a roundabout way
        ("/x/bob/../ada/./softmax/softmax.ipynb", TWO, None, "ada", "softmax", "softmax"),
    ],
)
def test_place_and_name_tell_student_and_assignment(path, assignments, assignment, student, wanted, book):
    assert identify_notebook(Path(path), assignments, assignment) == SubmittedNotebook(
        Path(path), student, wanted, book
    )


@pytest.mark.parametrize(
    ("path", "assignments", "assignment", "said"),
    [
        ("/class/ada.ipynb", TWO, None, "belongs to no assignment of the course; name one with --assignment"),
        ("/class/ada.ipynb", {}, None, "belongs to no assignment"),
        ("/class/ada.ipynb", TWO, "bayes", "is none of the notebooks of “bayes”: dice, tests"),
        ("/x/ada/bayes/softmax2.ipynb", TWO, None, "is none of the notebooks of “bayes”"),
    ],
)
def test_a_notebook_that_can_not_be_placed_is_refused_by_name(path, assignments, assignment, said):
    refused = identify_notebook(Path(path), assignments, assignment)
    assert isinstance(refused, Refused)
    assert refused.reason.startswith(path)
    assert said in refused.reason


def test_a_relative_path_is_placed_by_where_it_lies(tmp_path, monkeypatch):
    (tmp_path / "ada").mkdir()
    monkeypatch.chdir(tmp_path / "ada")
    assert identify_notebook(Path("softmax.ipynb"), ONE, None) == SubmittedNotebook(
        Path("softmax.ipynb"), "ada", "softmax", "softmax"
    )


def test_notebooks_are_found_below_folders_and_by_name(tmp_path):
    for name in (
        "ada/softmax/softmax.ipynb",
        "bob/softmax/softmax.ipynb",
        "bob/softmax/.ipynb_checkpoints/s.ipynb",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "ada" / "softmax" / "data.csv").touch()
    single = tmp_path / "eve.ipynb"
    single.touch()
    found = find_notebooks([tmp_path, single], Expected(ONE))
    assert [entry.student for entry in found.notebooks] == ["eve", "ada", "bob"], (
        "eve's is named twice, and graded once"
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("empty", "holds no notebooks"),
        ("nothing", "does not exist"),
        ("all.zip", "is no zip that can be read"),
        ("all.tar.gz", "is no zip, and no other archive is opened: unpack it"),
    ],
)
def test_paths_without_notebooks_are_refused_and_the_others_go_on(name, said, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "all.zip").touch()
    (tmp_path / "all.tar.gz").touch()
    good = tmp_path / "ada.ipynb"
    good.touch()
    collected = find_notebooks([tmp_path / name, good], Expected(ONE))
    (refused,), (found,) = collected.refused, collected.notebooks
    label = str(tmp_path / name) if name == "nothing" else ""  # a path that does not exist is the user's own word
    assert refused == Refused(tmp_path / name, refused.problem, label)
    assert said in refused.reason
    assert found.student == "ada"


def test_a_linked_folder_is_not_searched(tmp_path):
    (tmp_path / "real" / "ada").mkdir(parents=True)
    (tmp_path / "real" / "ada" / "softmax.ipynb").touch()
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    collected = find_notebooks([tmp_path / "linked"], Expected(TWO))
    assert [entry.path for entry in collected.refused] == [tmp_path / "linked"]
    assert not collected.notebooks


def test_folders_nested_without_end_are_refused(tmp_path):
    """Deeper than Python can recurse, and so for a folder of notebooks to be found."""
    here = Path.cwd()
    os.chdir(tmp_path)
    for _ in range(1500):
        os.mkdir("a")
        os.chdir("a")
    os.chdir(here)
    try:
        with pytest.raises(intake.RefusedError, match="nested more than"):
            intake.read_attachments(tmp_path)
        (refused,) = rejected(find_notebooks([tmp_path], Expected(ONE)))
        assert "nested more than" in refused.reason
    finally:
        subprocess.run(["rm", "-rf", str(tmp_path / "a")], check=True)


def test_a_name_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / os.fsdecode(b"\xff.ipynb")
    path.write_bytes(b"{}")
    (refused,) = rejected(find_notebooks([path], Expected(ONE)))
    assert "is not UTF-8" in refused.reason
    assert refused.reason.encode()


def test_of_notebooks_with_other_names_only_so_much_is_parsed(tmp_path, monkeypatch):
    """A student may hand in any number of them. Those with a released name are found all the same."""
    marked = as_bytes(code("", metadata={"nbgrader": {"grade_id": "entropy", "grade": True}}))
    other = as_bytes(code("x" * 1000))
    monkeypatch.setattr(identify, "MAX_LOOKED_INTO", 3 * len(other))
    ids = {"softmax": frozenset({"softmax"}), "dice": frozenset({"dice"}), "tests": frozenset({"entropy"})}
    expected = Expected(TWO, grade_ids=lambda _, book: ids[book])

    def found(**contents):
        files = {f"ada/{name}.ipynb": content for name, content in contents.items()}
        return find_notebooks([zipped(tmp_path / "class.zip", files)], expected)

    (tests,) = found(a=other, b=other, mine=marked, c=other, d=other).notebooks
    assert (tests.path.name, tests.notebook) == ("mine.ipynb", "tests")
    refused = {entry.path.name: entry.problem for entry in rejected(found(a=other, b=other, c=other, mine=marked))}
    assert "by its name, and its cells were not read" in refused["mine.ipynb"]
    assert "by its name or its cells" in refused["a.ipynb"]
    (dice,) = found(a=other, b=other, c=other, mine=marked, dice=b"").notebooks
    assert dice.notebook == "dice"
