"""What ``autograder new`` writes, by its parts: names, cells, files."""

from __future__ import annotations

import json

import click
import pytest
import tiny_course

from autograder import exercises
from autograder.commands import new
from autograder.commands.new.cells import cells_of, notebook_of, written
from autograder.commands.new.names import refuse_assignment_name, refuse_exercise_name
from autograder.commands.opening import CannotGradeError
from autograder.course import Course
from autograder.notebooks import notebook
from autograder.notebooks.source import Source


@pytest.mark.parametrize("name", ["f", "F", "a_b2", "a" * 60, "mean_squared_error"])
def test_such_a_function_can_be_asked_for(name):
    refuse_exercise_name(name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        *(("", "take ASCII"), ("2nd", "a letter first"), ("_x", "a letter first"), ("f\n", "take ASCII")),
        *(
            ("größe", "take ASCII"),
            ("a-b", r"first, e.g. a_b\."),
            ("My Mean!", r"e.g. my_mean\."),
            ("a-", r"e.g. a\."),
        ),
        *(("lambda", "a word of Python's own"), ("None", "a word of Python's own"), ("for ", r"a letter first\.")),
        *(("a" * 61, "too long: 60"), ("np", "means something else"), ("exercises", "means something else")),
        *(("sum", "means something else"), ("ValueError", "means something else"), ("check", "something else")),
        *(("softmax", "exercise “softmax” already"), (exercises.items()[-1][1], "already")),
    ],
)
def test_no_function_can_be_called_so(name, said):
    with pytest.raises(click.UsageError, match=said):
        refuse_exercise_name(name)


def test_an_assignment_may_have_the_name_of_a_folder_that_all_platforms_take():
    for name in ("week-2", "2026.1", "hw_1", "A", "a" * 60, "lambda", "softmax"):
        refuse_assignment_name(name)
    for name in ("", ".hw", "-hw", "_hw", "a/b", "a b", "größe", "hw\n", "a" * 61):
        with pytest.raises(click.UsageError, match="can't be the name of an assignment"):
            refuse_assignment_name(name)


def test_the_cells_of_a_starter_are_a_task_a_solution_a_visible_and_a_sealed_test():
    book = notebook_of("counts", cells_of("counts"))
    source = Source.from_notebook(notebook.read(written(book)))
    assert [(cell.grade_id, cell.solution, cell.locked, cell.points) for cell in source.cells] == [
        *(("setup", False, True, 0.0), ("counts-solution", True, False, 0.0)),
        *(("counts-visible", False, True, 0.0), ("counts", False, True, 3.0)),
    ]
    sealed = source.cells[-1].sealed
    assert (sealed.exercise, sealed.points) == ("counts", 3)
    assert written({"ö": 1}) == '{\n "ö": 1\n}\n'.encode()


def test_the_ids_of_cells_are_different_also_for_the_longest_name():
    ids = [cell["id"] for cell in cells_of("a" * 60)]
    assert len(set(ids)) == 4
    assert all(len(ident) <= 64 for ident in ids)


@pytest.fixture
def course(tmp_path):
    return Course(tiny_course.make(tmp_path))


def test_cells_come_to_the_end_without_an_id_that_is_taken_or_not_known_yet(course):
    path = course.root / "source" / "hw" / "hw.ipynb"
    before = json.loads(path.read_text())
    after = json.loads(new._appended(path, "more"))
    assert after["cells"][:-4] == before["cells"]
    assert [cell.get("id") for cell in after["cells"][-4:]] == [
        "more-task",
        "more-solution",
        "more-visible",
        "more",
    ]
    before["cells"][0]["id"] = "more-task"
    path.write_text(json.dumps(before))
    after = json.loads(new._appended(path, "more"))
    assert ["id" in cell for cell in after["cells"][-4:]] == [False, True, True, True]
    path.write_text(json.dumps(before | {"nbformat_minor": 4}))
    assert not any("id" in cell for cell in json.loads(new._appended(path, "more"))["cells"][-4:])
    with pytest.raises(CannotGradeError, match="has a cell “entropy” already"):
        new._appended(path, "entropy")
    path.write_text("{")
    with pytest.raises(CannotGradeError, match=r"hw.ipynb: "):
        new._appended(path, "more")


def test_all_files_are_written_or_none(course, capsys):
    a, b, taken = (course.root / "new" / name for name in ("a.py", "b.py", "c.py"))
    new._write(course, {a: b"a", b: b"b"})
    assert (a.read_bytes(), b.read_bytes()) == (b"a", b"b")
    assert capsys.readouterr().out == "✓ new/a.py\n✓ new/b.py\n"
    taken.symlink_to("nowhere")
    for clash in (a, taken):
        with pytest.raises(CannotGradeError, match=f"new/{clash.name} exists already; nothing is overwritten"):
            new._write(course, {course.root / "d.py": b"", clash: b"x"})
    with pytest.raises(CannotGradeError, match="can't be written"):
        new._write(course, {course.root / "d.py": b"", a / "e.py": b""})
    assert not (course.root / "d.py").exists()
    assert a.read_bytes() == b"a"


def test_where_a_file_is_in_the_way_the_notebook_stays_as_it_was(course):
    book = course.root / "source" / "hw" / "hw.ipynb"
    before = book.read_bytes()
    (course.root / "solutions").mkdir(exist_ok=True)
    (course.root / "solutions" / "more.py").write_text("")
    with pytest.raises(CannotGradeError, match="exists already"):
        new.new_exercise(course.root, "more", "hw")
    assert book.read_bytes() == before


def test_only_an_assignment_of_one_notebook_takes_more_cells(course):
    assert new._notebook_of(course, "hw") == course.root / "source" / "hw" / "hw.ipynb"
    with pytest.raises(click.UsageError, match="There is no assignment “ps”"):
        new._notebook_of(course, "ps")
    (course.root / "source" / "hw" / "two.ipynb").write_bytes(tiny_course.notebook())
    with pytest.raises(click.UsageError, match="has 2 notebooks: leave out --assignment"):
        new._notebook_of(Course(course.root), "hw")


def test_an_exercise_comes_with_its_reference_and_cells_to_copy_or_at_a_notebooks_end(course, capsys):
    root, book = course.root, course.root / "source" / "hw" / "hw.ipynb"
    before = book.read_bytes()
    new.new_exercise(root, "spread", None)
    assert capsys.readouterr().out.splitlines() == [
        *("✓ exercises/spread.py", "✓ solutions/spread.py", "✓ exercises/spread.ipynb"),
        "Copy the cells of exercises/spread.ipynb into an assignment, or let --assignment put them there.",
        "It works as it stands: autograder prove spread. Then make it yours.",
    ]
    assert book.read_bytes() == before
    cells = json.loads((root / "exercises" / "spread.ipynb").read_text())["cells"]
    assert [cell["id"] for cell in cells[2:]] == ["spread-task", "spread-solution", "spread-visible", "spread"]
    assert "# spread" in cells[0]["source"]
    for folder in ("exercises", "solutions"):
        text = (root / folder / "spread.py").read_text()
        assert "spread" in text
        assert "$" not in text
    new.new_exercise(root, "other", "hw")
    assert capsys.readouterr().out.splitlines() == [
        *("✓ exercises/other.py", "✓ solutions/other.py"),
        "✓ source/hw/hw.ipynb: four more cells at its end",
        "It works as it stands: autograder prove other. Then make it yours.",
    ]
    assert [cell["id"] for cell in tiny_course.cells_of(book)[-4:]][-1] == "other"
    assert not (root / "exercises" / "other.ipynb").exists()


@pytest.mark.parametrize("name", ["np", "entropy", "1st"])
def test_a_name_that_can_not_be_used_writes_nothing(course, name):
    before = sorted(course.root.rglob("*"))
    with pytest.raises(click.UsageError):
        new.new_exercise(course.root, name, "hw")
    with pytest.raises(click.UsageError):
        new.new_assignment(course.root, "week", name)
    with pytest.raises(click.UsageError):
        new.new_assignment(course.root, "../week", "mean_square")
    assert sorted(course.root.rglob("*")) == before


def test_an_assignment_in_an_empty_folder_makes_it_a_course_of_its_name(tmp_path, capsys, monkeypatch):
    root = tmp_path / "päd “1”"
    new.new_assignment(root, "mean_square", None)
    said = capsys.readouterr().out.splitlines()
    assert said[:-1] == [
        *("✓ exercises/mean_square.py", "✓ solutions/mean_square.py"),
        *("✓ source/mean_square/mean_square.ipynb", "✓ nbgrader_config.py"),
    ]
    assert said[-1].startswith(
        f"It works as it stands: cd {root}; autograder prove, then autograder release mean_sq"
    )
    assert Course(root).config.CourseDirectory.course_id == "päd “1”"
    assert list(Course(root).assignments) == ["mean_square"]
    monkeypatch.chdir(root)
    new.new_assignment(None, "week-2", "spread")
    said = capsys.readouterr().out.splitlines()
    assert (
        said[-1] == "It works as it stands: autograder prove, then autograder release week-2. Then make it yours."
    )
    assert said[:-1] == ["✓ exercises/spread.py", "✓ solutions/spread.py", "✓ source/week-2/week-2.ipynb"]
    with pytest.raises(CannotGradeError, match="source/week-2 exists already; nothing is overwritten"):
        new.new_assignment(None, "week-2", "spread_again")
    assert not (root / "exercises" / "spread_again.py").exists()


def test_a_course_without_a_configuration_gets_none(tmp_path):
    (tmp_path / "source").mkdir()
    new.new_assignment(tmp_path, "hw", "mean_square")
    assert not (tmp_path / "nbgrader_config.py").exists()


def test_a_configuration_that_is_there_stays(course):
    before = (course.root / "nbgrader_config.py").read_text()
    new.new_assignment(course.root, "week", "mean_square")
    assert (course.root / "nbgrader_config.py").read_text() == before
    assert sorted(Course(course.root).assignments) == ["hw", "week"]


def test_a_folder_inside_a_course_is_the_course_only_where_none_is_named(course, monkeypatch):
    monkeypatch.chdir(course.root / "source")
    new.new_assignment(None, "week", "mean_square")
    assert (course.root / "source" / "week" / "week.ipynb").exists()
    assert new._course_in(course.root / "source").root == course.root / "source"
