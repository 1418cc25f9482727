"""The course's own ``submitted/``, without a run: which notebooks are read, and what is named."""

from __future__ import annotations

import pytest
from notebook_files import as_bytes, code

from autograder.intake import Expected, SubmittedNotebook, misplaced, read_assignment_folder

IDS = {"dice": {"d1", "d2", "d3"}, "urns": {"u1"}, "hw": {"h1"}}
EXPECTED = Expected({"hw": ["hw"], "bayes": ["dice", "urns"]}, grade_ids=lambda _, book: frozenset(IDS[book]))


def made_of(*names):
    return as_bytes(*(code("", metadata={"nbgrader": {"grade_id": name, "grade": True}}) for name in names))


def write(root, files):
    """Write files, links (to a path in ``->``) and folders (without content)."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.mkdir()
        elif isinstance(content, str) and content.startswith("->"):
            path.symlink_to(content[2:])
        else:
            path.write_bytes(content or b"")


def read(root, files, assignment="bayes"):
    """What is read of Ada's folder: the file of each notebook, and the problem of each path."""
    folder = root / "ada" / assignment
    write(folder, files)
    entries = list(read_assignment_folder(folder, "ada", assignment, EXPECTED))
    notebooks = [entry for entry in entries if isinstance(entry, SubmittedNotebook)]
    assert {(entry.student, entry.assignment, entry.upload) for entry in notebooks} <= {("ada", assignment, None)}
    books = [(entry.notebook, entry.path.relative_to(folder).as_posix()) for entry in notebooks]
    return books, {e.path.relative_to(folder).as_posix(): e.problem for e in entries if e not in notebooks}


BOTH = {"dice.ipynb": b"", "urns.ipynb": b""}
TWO = "is one of several notebooks with other names; call the one to grade {}."
DEEP = "lies too deep; the assignment's folder itself holds {}."
NONE = "holds no notebook; {} is missing."
EITHER = "dice.ipynb or urns.ipynb"
READ = {
    "both": (BOTH, [("dice", "dice.ipynb"), ("urns", "urns.ipynb")], {}),
    "both and another": (
        {**BOTH, "mine.ipynb": b"", "z/dice.ipynb": b""},
        [("dice", "dice.ipynb"), ("urns", "urns.ipynb")],
        {},
    ),
    "one alone": ({"urns.ipynb": b""}, [("urns", "urns.ipynb")], {}),
    "one and another file": ({"urns.ipynb": b"", "notes.txt": b""}, [("urns", "urns.ipynb")], {}),
    "another name": ({"mine.ipynb": made_of("d1", "d2")}, [("dice", "mine.ipynb")], {}),
    "another case": ({"Mine.IPYNB": made_of("u1")}, [("urns", "Mine.IPYNB")], {}),
    "another name beside one": (
        {"dice.ipynb": b"", "mine.ipynb": made_of("u1")},
        [("dice", "dice.ipynb"), ("urns", "mine.ipynb")],
        {},
    ),
    "less than half of its cells": (
        {"mine.ipynb": made_of("d1")},
        [],
        {"mine.ipynb": f"is not the missing notebook, by its cells; if it is, call it {EITHER}."},
    ),
    "the cells of one that is there": (
        {"dice.ipynb": b"", "mine.ipynb": made_of("d1", "d2", "d3")},
        [("dice", "dice.ipynb")],
        {"mine.ipynb": "is not the missing notebook, by its cells; if it is, call it urns.ipynb."},
    ),
    "two others": (
        {"a.ipynb": made_of("u1"), "b.ipynb": b""},
        [],
        {"a.ipynb": TWO.format(EITHER), "b.ipynb": TWO.format(EITHER)},
    ),
    "a hidden one and a folder": (
        {"a.ipynb": made_of("u1"), ".b.ipynb": b"", "c.ipynb": None},
        [("urns", "a.ipynb")],
        {},
    ),
    "a link": ({"a.ipynb": "->/dev/null"}, [], {"a.ipynb": "is a link; links are not followed."}),
    "too deep": (
        {"x/dice.ipynb": b"", "x/mine.ipynb": b""},
        [],
        {"x/dice.ipynb": DEEP.format(EITHER), "x/mine.ipynb": DEEP.format(EITHER)},
    ),
    "too deep beside one": (
        {"dice.ipynb": b"", "x/urns.ipynb": b""},
        [("dice", "dice.ipynb")],
        {"x/urns.ipynb": DEEP.format("urns.ipynb")},
    ),
    "no notebook": ({"dice.py": b""}, [], {".": NONE.format(EITHER)}),
    "a collector's time": ({"timestamp.txt": b""}, [], {}),
    "what a tool left": ({".ipynb_checkpoints/dice.ipynb": b""}, [], {}),
}


@pytest.mark.parametrize("case", READ)
def test_a_missing_notebook_is_told_by_its_cells_or_what_lies_there_is_named(case, tmp_path):
    files, books, problems = READ[case]
    assert read(tmp_path, files) == (books, problems)


def test_a_link_in_place_of_the_folder_is_named_where_no_notebook_is_in_it(tmp_path):
    write(tmp_path, {"other/x.txt": b"", "full/dice.ipynb": b"", "ada": None})
    for target, said in (("other", ["is a link; links are not followed."]), ("full", [])):
        folder = tmp_path / "ada" / target
        folder.symlink_to(tmp_path / target)
        found = read_assignment_folder(folder, "ada", "bayes", EXPECTED)
        assert [entry.problem for entry in found if not isinstance(entry, SubmittedNotebook)] == said


MOVE = "lies in no assignment's folder; move it into {}/ beside it."
MEANT = "is no assignment of the course; did you mean {}? Then rename it."
ALONE = "lies in no student's folder; to grade it, name it: autograder grade PATH."
LINK = "is a link; links are not followed"
WRONG = {
    "where it belongs": ({"ada/hw/hw.ipynb": b"", "ada/notes.txt": b"", "README.md": b""}, {}),
    "no student's": ({"hw.ipynb": b"", "All.ZIP": b""}, {"hw.ipynb": ALONE, "All.ZIP": ALONE}),
    "hidden and a tool's": ({".hw.ipynb": b"", "__MACOSX/hw.ipynb": b"", "ada/.git/hw.ipynb": b""}, {}),
    "a student's link": ({"eve": "->ada"}, {"eve": f"{LINK}; put the student's folder itself in its place."}),
    "no assignment's": (
        {"ada/hw.ipynb": b"", "ada/Dice-2.ipynb": b"", "ada/x.ipynb": b"", "ada/hw.zip": b""},
        {
            "ada/hw.ipynb": MOVE.format("hw"),
            "ada/Dice-2.ipynb": MOVE.format("bayes"),
            "ada/x.ipynb": MOVE.format("ASSIGNMENT"),
            "ada/hw.zip": MOVE.format("ASSIGNMENT"),
        },
    ),
    "a file in place of a folder": (
        {"ada/hw": b"", "ada/bayes": "->../x"},
        {"ada/hw": "is a file; a folder of this name holds the notebook.", "ada/bayes": f"{LINK}."},
    ),
    "another case": ({"ada/HW/x.txt": b""}, {"ada/HW": MEANT.format("hw")}),
    "a near name": ({"ada/baies/x.txt": b""}, {"ada/baies": MEANT.format("bayes")}),
    "another number": ({"ada/hw2/x.txt": b""}, {}),
    "a notebook in it": ({"ada/Week 1/a/urns (1).ipynb": b""}, {"ada/Week 1": MEANT.format("bayes")}),
    "a linked folder": ({"ada/Bayes": "->hw", "ada/hw/hw.ipynb": b""}, {}),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_lies_a_level_above_is_named(case, tmp_path):
    files, problems = WRONG[case]
    write(tmp_path, files)
    found = [(e.path.relative_to(tmp_path).as_posix(), e.problem) for e in misplaced(tmp_path, None, EXPECTED)]
    assert dict(found) == problems
    assert [name for name, _ in found] == sorted(problems)


def test_of_one_assignment_only_what_may_be_meant_for_it_is_named(tmp_path):
    names = ["ada/HW/x", "ada/Bayes/x", "ada/hw.ipynb", "ada/dice.ipynb", "ada/x.ipynb", "ada/bayes"]
    write(tmp_path, dict.fromkeys(names, b""))
    found = {entry.path.name: entry.problem for entry in misplaced(tmp_path, "hw", EXPECTED)}
    assert found == {"HW": MEANT.format("hw"), "hw.ipynb": MOVE.format("hw"), "x.ipynb": MOVE.format("hw")}


def test_without_the_folder_nothing_is_misplaced(tmp_path):
    assert list(misplaced(tmp_path / "submitted", None, EXPECTED)) == []
