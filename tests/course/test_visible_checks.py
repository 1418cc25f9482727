"""The visible checks: they pass the right function, stop at the stub, and tell a wrong one what was expected."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

import pytest
from played import asserts, cells_of, marks_of, own_copy, run, texts_of

from autograder import exercises
from autograder.notebooks import notebook

ENOUGH = 3
each_exercise = pytest.mark.parametrize(
    ("topic", "name"),
    [pytest.param(*each, marks=marks_of(each[0])) for each in exercises.names()],
)


def checks(topic, name, function):
    """Run a function's visible checks on a function; return what stopped them, or None."""
    for cell in cells_of(topic):
        if cell.grade_id in (f"{name}-visible", f"{name}-stress"):
            try:
                run(cell.text, own_copy(cell.before) | {name: function})
            except Exception as error:  # noqa: BLE001  # whatever a wrong function raises
                return error
    return None


@each_exercise
def test_the_trusted_reference_passes(topic, name):
    assert checks(topic, name, exercises.find(name).reference) is None


@each_exercise
def test_the_stub_is_stopped_as_not_implemented(topic, name):
    """Its own NotImplementedError comes through, so that nobody takes a stub for a mistake."""

    def stub(*_, **__):
        raise NotImplementedError

    assert isinstance(checks(topic, name, stub), NotImplementedError)


@each_exercise
def test_known_mistakes_are_told_what_was_expected(topic, name):
    """At least three are stopped by a sentence with what was given; all else is raised by the function."""
    mistakes = {mistake.name: mistake.function for mistake in exercises.find(name).misconceptions}
    stopped = {mistake: checks(topic, name, function) for mistake, function in mistakes.items()}
    told = [str(error) for error in stopped.values() if isinstance(error, AssertionError)]
    assert len([text for text in told if re.search(r"\byou gave|\byours?\b", text)]) >= ENOUGH
    assert all(told), "an assertion without a sentence"
    for mistake, error in stopped.items():
        if error and not isinstance(error, AssertionError):
            where = [Path(frame.filename).parent for frame in traceback.extract_tb(error.__traceback__)]
            assert Path(exercises.__file__).with_name(topic) in where, f"the check of {name} breaks on {mistake}"


@pytest.mark.parametrize("topic", exercises.TOPICS)
def test_every_assertion_of_a_visible_check_says_something(topic):
    for _, cell in texts_of(topic):
        grade_id = notebook.grade_id_of(cell) or ""
        if grade_id.endswith("-visible"):
            for line in asserts(cell["source"]):
                assert line.msg is not None, f"{grade_id}, line {line.lineno}"
