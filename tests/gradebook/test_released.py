"""The instructor's cells are those of the release, each with its kind and its points."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from nbgrader.api import Gradebook as Database

from autograder.course import CourseError
from autograder.gradebook.released import released_source
from autograder.notebooks.source import Source


@pytest.fixture
def database():
    with Database("sqlite://", "any") as book:
        for name in ("hw", "old"):
            book.add_assignment(name)
            book.add_notebook("nb", name)
        book.add_grade_cell("test", "nb", "hw", max_score=4, cell_type="code")
        book.add_grade_cell("why", "nb", "hw", max_score=3, cell_type="markdown")
        book.add_solution_cell("why", "nb", "hw")
        book.add_task_cell("draw", "nb", "hw", max_score=2, cell_type="markdown")
        for name, locked in (("test", True), ("why", False), ("draw", True), ("setup", True)):
            book.add_source_cell(name, "nb", "hw", source=f"text of {name}", cell_type="code", locked=locked)
        yield book
    book.engine.dispose()


def unreadable(*_):
    raise CourseError("no source")


def test_each_cell_has_its_kind_and_its_points(database):
    found = released_source(database, SimpleNamespace(source=unreadable), "hw", "nb")
    cells = {c.grade_id: (c.source, c.grade, c.solution, c.task, c.locked, c.points) for c in found.cells}
    assert cells == {
        "test": ("text of test", True, False, False, True, 4.0),
        "why": ("text of why", True, True, False, False, 3.0),
        "draw": ("text of draw", False, False, True, True, 2.0),
        "setup": ("text of setup", False, False, False, True, 0.0),
    }


def test_what_the_gradebook_does_not_hold_comes_from_the_source(database):
    written = Source((), program=("print()",), shows=("plot",))
    found = released_source(database, SimpleNamespace(source=lambda *_: written), "hw", "nb")
    assert (found.program, found.shows) == (written.program, written.shows)
    assert len(found.cells) == 4


@pytest.mark.parametrize(("assignment", "name"), [("hw", "more"), ("new", "nb")])
def test_a_notebook_that_was_not_released_is_named(database, assignment, name):
    with pytest.raises(CourseError, match=f"The gradebook has no notebook “{name}” of “{assignment}”"):
        released_source(database, SimpleNamespace(source=unreadable), assignment, name)


def test_the_kernel_and_the_checksums_are_those_of_the_release_and_points_are_numbers(database):
    row = database.find_notebook("nb", "hw")
    assert released_source(database, SimpleNamespace(source=unreadable), "hw", "nb").kernelspec == {}
    row.kernelspec = '{"name": "python3"}'
    for cell in row.source_cells:
        cell.checksum = f"sum of {cell.name}"
    database.db.commit()
    found = released_source(database, SimpleNamespace(source=unreadable), "hw", "nb")
    assert found.kernelspec == {"name": "python3"}
    assert {cell.checksum for cell in found.cells} == {f"sum of {cell.grade_id}" for cell in found.cells}
    assert {type(cell.points) for cell in found.cells} == {float}
    assert released_source(database, SimpleNamespace(source=unreadable), "old", "nb").cells == ()


def test_the_source_is_asked_for_by_assignment_and_notebook(database):
    asked = []
    released_source(database, SimpleNamespace(source=lambda *names: asked.append(names) or Source(())), "hw", "nb")
    assert asked == [("hw", "nb")]
