"""What goes wrong with the marked cells of a source notebook, and what its author reads before a mark is lost."""

from __future__ import annotations

import json

import pytest
import tiny_course
from course_commands import as_instructor
from notebook_files import as_bytes, code
from sampling import sampled

from autograder.commands.source_faults import (
    faults_of,
    faults_of_cells,
    gone,
    named,
    refuse_faulty,
    source_faults,
)
from autograder.course import Course, CourseError
from autograder.notebooks import notebook
from autograder.notebooks.source import Source


@pytest.fixture
def root(tmp_path):
    return tiny_course.make(tmp_path / "course")


@pytest.fixture
def run(tmp_path):
    return as_instructor(tmp_path)


def change(root, change):
    path = root / "source" / "hw" / "hw.ipynb"
    book = json.loads(path.read_text())
    change(book["cells"])
    path.write_text(json.dumps(book))


def replaced(old, new):
    return lambda cells: cells[-1].update(source=cells[-1]["source"].replace(old, new))


BROKEN = {
    "twice": (
        lambda cells: cells.append({**cells[-1], "id": "again"}),
        "The cells 4 and 5 are both called “entropy”: a name may stand once.",
    ),
    "no metadata": (
        lambda cells: cells[-1].update(metadata={}),
        "Cell 4 checks “entropy”, but it has no nbgrader metadata, and so no marks",
    ),
    "marked by hand": (
        lambda cells: cells[-1]["metadata"]["nbgrader"].update(solution=True, locked=False),
        "The cell “entropy” has a check call, but is no test cell",
    ),
    "misspelt check": (
        replaced("check(", "checks("),
        "The hidden region of “entropy” calls check, but is not sealed",
    ),
    "misspelt everywhere": (replaced("check", "checks"), "calls check, but is not sealed"),
    "misspelt begin": (replaced("BEGIN HIDDEN", "BEGIN_HIDDEN"), "has a check call that students would see"),
    "misspelt end": (replaced("END HIDDEN", "END_HIDDEN"), "lacks the line “### END HIDDEN TESTS”"),
}


@pytest.mark.parametrize("case", sampled(sorted(BROKEN), every=3))
@pytest.mark.slow
@pytest.mark.sandbox
def test_a_broken_marked_cell_is_not_released(root, run, case):
    broken, said = BROKEN[case]
    change(root, broken)
    assert said in run(root, "release", expect=1)
    assert not (root / "release" / "hw" / "hw.ipynb").exists()


@pytest.mark.slow
@pytest.mark.sandbox
def test_every_command_names_a_broken_marked_cell(root, run):
    broken, said = BROKEN["twice"]
    change(root, broken)
    tiny_course.submit(root, "ada")
    assert said in run(root, "list")
    assert said in run(root, "grade", expect=2)
    assert said in run(root, "grade", "--no-gradebook", expect=2)


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_deleted_marked_cell_costs_nobody_a_mark_silently(root, run):
    run(root, "release")
    tiny_course.submit(root, "ada")
    whole = (root / "source" / "hw" / "hw.ipynb").read_bytes()
    change(root, lambda cells: cells.pop())
    gone = "The source no longer has “entropy”: was that meant?"
    assert gone in run(root, "list")
    said = run(root, "grade", "--show-students")
    assert gone in said
    assert "ada 4 / 4" in said
    said = run(root, "grade", "--no-gradebook", expect=2)
    assert "Nothing was graded: source/hw/hw.ipynb no longer has the marked cell “entropy” of its release." in said
    said = run(root, "release", expect=1)
    assert "Give the source the cells back with which it was released" in said
    (root / "source" / "hw" / "hw.ipynb").write_bytes(whole)
    assert "✓ hw" in run(root, "release")


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_release_without_a_marked_cell_says_so(root, run):
    run(root, "release")
    change(root, lambda cells: cells.pop())
    said = run(root, "release")
    assert (
        "! hw: the release before had hw.ipynb: the marked cell “entropy”, which the source has no longer." in said
    )
    assert "no cell of it carries marks" in said
    assert "full marks" not in said
    tiny_course.submit(root, "ada")
    assert "no cell carries marks" in run(root, "grade", "--show-students")


# --- each fault by itself --------------------------------------------------------------------------------


@pytest.mark.parametrize("case", sorted(BROKEN))
def test_a_broken_marked_cell_is_the_one_fault_of_its_source(root, case):
    broken, said = BROKEN[case]
    assert list(faults_of(Course(root), "hw", "hw")) == []
    change(root, broken)
    (fault,) = faults_of(Course(root), "hw", "hw")
    assert said in fault


def cells(*made):
    return notebook.read(as_bytes(*made))


def test_cells_of_one_name_are_named_by_all_their_numbers():
    twice = [code("x", id=f"c{n}", metadata={"nbgrader": {"grade_id": name}}) for n, name in enumerate("abaca")]
    (fault,) = faults_of_cells(cells(*twice))
    assert fault.startswith("The cells 1, 3 and 5 are both called “a”")
    assert list(faults_of_cells(cells(*(code("x", id=f"c{n}") for n in range(3))))) == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "### BEGIN HIDDEN TESTS\nassert f(1)\n### END HIDDEN TESTS",
            "Cell 1 has hidden tests, but it has no nbgrader",
        ),
        ("from autograder import check\ncheck('f', f, points=2)", "Cell 1 checks “f”, but it has no nbgrader"),
        ("  from  autograder import check\n%magic", "Cell 1 has hidden tests"),
        ("from autograder import check\ncheck(name, f)", "Cell 1 has hidden tests"),
        ("from autograders import check", None),
        ("# from autograder import check", None),
        ("print(1)", None),
    ],
)
def test_a_cell_with_hidden_tests_and_no_name_is_found(source, said):
    found = list(faults_of_cells(cells(code(source, id="a"))))
    assert [fault.startswith(said) for fault in found] == [True] if said else found == []
    assert (
        list(faults_of_cells(cells({"cell_type": "markdown", "id": "a", "metadata": {}, "source": source}))) == []
    )


def marked(source, *, points=2.0, solution=False, cell_type="code", grade_id="softmax"):
    flags = {"grade_id": grade_id, "grade": True, "solution": solution, "locked": not solution, "points": points}
    cell = {"cell_type": cell_type, "id": "a", "source": source, "metadata": {"nbgrader": flags}}
    return Source.from_notebook(cells(code("", id="b"), cell | ({"outputs": []} if cell_type == "code" else {})))


HIDDEN = "### BEGIN HIDDEN TESTS\nfrom autograder import check\n\ncheck('softmax', softmax, points=2)\n"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (marked(f"# Tests.\n{HIDDEN}### END HIDDEN TESTS"), ()),
        (marked("assert softmax(1)"), ()),
        (marked("### BEGIN HIDDEN TESTS\nassert softmax(1)\n### END HIDDEN TESTS"), ()),
        (marked("from autograder import check", solution=True), ()),
        (marked("from autograder import check", cell_type="markdown"), ()),
        (marked(f"{HIDDEN}### END HIDDEN TESTS"), ("would be released empty: put a comment",)),
        (marked(f"# Tests.\n{HIDDEN}"), ("lacks the line “### END HIDDEN TESTS”",)),
        (
            marked(f"# Tests.\n{HIDDEN}### END HIDDEN TESTS", points=2.5),
            ("is worth 2.5 points, but its check call says 2",),
        ),
        (marked(HIDDEN, points=0), ("lacks the line", "is worth 0 points", "would be released empty")),
        (
            marked(
                "# T\n### BEGIN HIDDEN TESTS\nimport autograder\n"
                "autograder.check('softmax', softmax)\n### END HIDDEN TESTS"
            ),
            ("calls check, but is not sealed",),
        ),
    ],
)
def test_each_fault_of_a_marked_cell_has_its_sentence(source, said):
    found = list(source_faults(source))
    assert len(found) == len(said)
    assert all(text in fault for text, fault in zip(said, found, strict=True))


def test_marked_cells_are_listed_with_their_noun():
    assert named(["a"]) == "the marked cell “a”"
    assert named(["a", "b"]) == "the marked cells “a” and “b”"
    assert named(["a", "b", "c"]) == "the marked cells “a”, “b” and “c”"


def test_what_a_release_has_and_its_source_has_not_is_gone(root):
    course = Course(root)
    assert gone(course, "hw", "hw") == []
    refuse_faulty(course, "hw", "hw")
    path = root / "release" / "hw" / "hw.ipynb"
    path.parent.mkdir(parents=True)
    task = {"grade_id": "essay", "grade": False, "solution": False, "locked": True, "task": True, "points": 2}
    more = [code("x", id="old", metadata={"nbgrader": task | {"grade_id": "old", "grade": True, "task": False}})]
    more.append({"cell_type": "markdown", "id": "essay", "metadata": {"nbgrader": task}, "source": "Write."})
    unmarked = task | {"grade_id": "note", "task": False}
    more.append(code("y", id="note", metadata={"nbgrader": unmarked}))
    path.write_bytes(tiny_course.with_cells(tiny_course.notebook(kind="submitted"), *more))
    assert gone(course, "hw", "hw") == ["old", "essay"]
    with pytest.raises(CourseError, match="no longer has the marked cells “old” and “essay” of its release"):
        refuse_faulty(course, "hw", "hw")
    path.write_text("{")
    assert gone(course, "hw", "hw") == []


def test_every_fault_of_a_source_stands_in_the_refusal(root):
    change(root, lambda cells: cells[-1]["metadata"]["nbgrader"].update(points=9))
    change(root, lambda cells: cells.append({**cells[-2], "id": "again"}))
    with pytest.raises(CourseError, match=r"can't be graded by\.\nThe cells 3 and 5 .*\n.*worth 9 points"):
        refuse_faulty(Course(root), "hw", "hw")
