"""`autograder list`: every exercise with its numbers, and in a course its notebooks, their faults, and changes."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import tiny_course
from rich.console import Console

from autograder import exercises
from autograder.commands import list as module
from autograder.commands import tally
from autograder.commands.entered import entered_in
from autograder.course import Course
from autograder.exercises.catalogue import as_markdown


@pytest.fixture
def opened(monkeypatch):
    """A gradebook that knows of one change in each assignment that it is asked about."""

    @contextmanager
    def opened_in(course):
        yield SimpleNamespace(course=course)

    monkeypatch.setattr(module, "entered_in", opened_in)
    monkeypatch.setattr(tally, "changes_in", lambda _, names: [f"{name} has changed." for name in names])


def listed(folder, capsys, **options):
    module.run(folder, **{"markdown": False} | options)
    return capsys.readouterr().out


def test_each_exercise_has_its_points_its_checks_and_its_known_mistakes(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    lines = listed(None, capsys).splitlines()
    rows = {line.split()[1]: line.split() for line in lines[1:]}
    for topic, name in exercises.everything():
        entry = exercises.find(name)
        numbers = [f"{entry.points:g}", str(len(entry.checks)), str(len(entry.misconceptions))]
        assert rows[name] == [topic, name, *numbers]
    assert len(lines) == 1 + len(exercises.everything())
    assert lines[0].split() == ["topic", "exercise", "points", "checks", "known", "mistakes"]


def test_a_narrow_terminal_shows_all_of_a_name(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "console", Console(width=60))
    first = [line[:30].split()[-1] for line in listed(None, capsys).splitlines() if line[:30].strip()]
    assert "gaussian_log_likelihood" in "".join(first)


def test_as_markdown_it_is_the_catalogue_alone_also_in_a_course(tmp_path, monkeypatch, capsys):
    assert listed(tiny_course.make(tmp_path), capsys, markdown=True) == as_markdown()


def test_a_course_lists_the_points_and_cells_of_every_notebook_and_what_has_changed(tmp_path, capsys, opened):
    root = tiny_course.make(tmp_path)
    tail = "\nassignment hw/hw: 4 points, 1 marked cells, 1 sealed\n! hw has changed.\n"
    assert listed(root, capsys).endswith(tail)
    hidden = tiny_course.notebook(points=2.5)
    (root / "source" / "hw" / "more.ipynb").write_bytes(hidden)
    said = listed(root, capsys)
    assert "\nassignment hw/hw: 4 points, 1 marked cells, 1 sealed\n" in said
    assert "\nassignment hw/more: 2.5 points, 1 marked cells, 1 sealed\n" in said


def test_of_marked_cells_only_those_with_hidden_tests_count_as_sealed(tmp_path, capsys, opened):
    root = tiny_course.make(tmp_path)
    path = root / "source" / "hw" / "hw.ipynb"
    by_hand = tiny_course.cell("text", "why", points=1.5, solution=True)
    path.write_bytes(tiny_course.with_cells(path.read_bytes(), by_hand))
    assert "\nassignment hw/hw: 5.5 points, 2 marked cells, 1 sealed\n" in listed(root, capsys)


def test_the_faults_of_all_notebooks_follow_the_list_and_name_the_notebook(tmp_path, capsys, opened, monkeypatch):
    root = tiny_course.make(tmp_path)
    (root / "source" / "ps").mkdir()
    (root / "source" / "ps" / "b.ipynb").write_bytes(tiny_course.notebook())
    monkeypatch.setattr(module, "faults_of", lambda _, *place: ["one fault", "two"] if place[1] == "b" else ["x"])
    said = listed(root, capsys)
    tail = "✗ hw/hw: x\n✗ ps/b: one fault\n✗ ps/b: two\n! hw has changed.\n! ps has changed.\n"
    assert said.endswith(f"1 sealed\n{tail}")
    assert said.count("assignment ") == 2


@pytest.mark.parametrize("fails", ["without nbgrader", "without a gradebook"])
def test_where_no_gradebook_is_no_change_is_told(tmp_path, capsys, opened, monkeypatch, fails):
    @contextmanager
    def none(_):
        if fails == "without nbgrader":
            raise ModuleNotFoundError(name="nbgrader")
        yield None

    monkeypatch.setattr(module, "entered_in", none)
    assert listed(tiny_course.make(tmp_path), capsys).endswith("4 points, 1 marked cells, 1 sealed\n")


def test_a_course_without_a_database_has_no_gradebook_and_none_is_made(tmp_path):
    course = Course(tiny_course.make(tmp_path))
    with entered_in(course) as gradebook:
        assert gradebook is None
    assert not (tmp_path / "gradebook.db").exists()
