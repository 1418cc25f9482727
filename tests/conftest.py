"""What the tests share: a grader, a scratch course, and which tests this machine can run."""

from __future__ import annotations

import difflib
import shutil
import signal
from pathlib import Path

import pytest

from autograder.commands.demo import submissions
from autograder.course import Course
from autograder.exercises import TOPICS
from autograder.grading.grader import Grader
from autograder.grading.settings import Settings
from autograder.notebooks import notebook
from autograder.notebooks.source import Source
from autograder.sandbox.policy import CannotIsolateError, Limits, isolation
from autograder.sandbox.pool import Pool

CHECKOUT = Path(__file__).parents[1]
GOLDEN = Path(__file__).parent / "reports" / "golden"
SECRET = bytes(range(32))
signal.signal(signal.SIGINT, signal.default_int_handler)  # who is started in the background ignores it
SHORT = Limits(cell_seconds=4, call_seconds=2, submission_seconds=60)


def pytest_addoption(parser):
    parser.addoption("--deep", action="store_true", help="run the long suites, too")
    parser.addoption("--update-golden", action="store_true", help="write the golden files of tests/reports anew")


def pytest_collection_modifyitems(config, items):
    try:
        isolation()
        reason = None
    except CannotIsolateError as error:
        reason = str(error)
    for item in items:
        if reason and item.get_closest_marker("sandbox"):
            item.add_marker(pytest.mark.skip(reason=reason))
        if item.get_closest_marker("deep") and not config.getoption("--deep"):
            item.add_marker(pytest.mark.skip(reason="long; run with --deep (make test-deep)"))


@pytest.fixture
def golden(request):
    """Compare an output with a committed file, byte for byte; write the file under --update-golden."""

    def compare(name, content):
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.write_bytes(content)
        before, after = (data.decode().splitlines(keepends=True) for data in (path.read_bytes(), content))
        changes = "".join(difflib.unified_diff(before, after, f"golden/{name}", "now"))
        assert content == path.read_bytes(), f"{changes}\nIf that is meant: pytest tests/reports --update-golden"

    return compare


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With several test processes, all tests in a browser run in the same one: one server, one browser."""
    from xdist.scheduler import LoadScopeScheduling

    class OneProcessForTheBrowser(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return "browser" if nodeid.startswith("tests/browser/") else nodeid

    return OneProcessForTheBrowser(config, log)


@pytest.fixture(scope="session")
def grader():
    """A grader with short limits, shared by all tests of a process."""
    with Grader(Settings(SECRET, limits=SHORT)) as shared:
        yield shared


@pytest.fixture(scope="session")
def pool():
    """Processes for student code with short limits, shared by all tests of a process."""
    shared = Pool(SHORT)
    yield shared
    shared.close()


@pytest.fixture(scope="session")
def released_course(tmp_path_factory):
    """A course whose assignment `softmax` is released and entered in a new gradebook; not to be changed."""
    from autograder.gradebook.gradebook import Gradebook

    root = tmp_path_factory.mktemp("course")
    shutil.copy(CHECKOUT / "nbgrader_config.py", root)
    shutil.copytree(CHECKOUT / "source" / "softmax", root / "source" / "softmax")
    course = Course(root)
    with Gradebook(course) as gradebook:
        gradebook.generate_assignment("softmax")
    return course


@pytest.fixture(scope="session")
def whole_course(tmp_path_factory):
    """A course with every assignment released and entered in a new gradebook; not to be changed."""
    from autograder.gradebook.gradebook import Gradebook

    root = tmp_path_factory.mktemp("whole")
    shutil.copy(CHECKOUT / "nbgrader_config.py", root)
    shutil.copytree(
        CHECKOUT / "source", root / "source", ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    )
    course = Course(root)
    with Gradebook(course) as gradebook:
        for topic in TOPICS:
            gradebook.generate_assignment(topic)
    return course


@pytest.fixture
def course(released_course, tmp_path):
    """A course of the test's own, released."""
    root = tmp_path / "course"
    shutil.copytree(released_course.root, root)
    return Course(root)


@pytest.fixture(scope="session")
def blank():
    """The released softmax notebook, as a student gets it."""
    return notebook.read((CHECKOUT / "release" / "softmax" / "softmax.ipynb").read_bytes())


@pytest.fixture(scope="session")
def source():
    """The instructor's cells of the softmax notebook."""
    path = CHECKOUT / "source" / "softmax" / "softmax.ipynb"
    return Source.from_notebook(notebook.read(path.read_bytes()))


@pytest.fixture(scope="session")
def lean(blank):
    """The released notebook without its figures, which cost time and play no part here."""
    cells = [c for c in blank["cells"] if c["cell_type"] != "code" or notebook.grade_id_of(c)]
    return {**blank, "cells": cells}


@pytest.fixture(scope="session")
def perfect(lean):
    return submissions.fill_in(lean, (CHECKOUT / "tests" / "submissions" / "softmax" / "perfect.py").read_text())


@pytest.fixture(scope="session")
def classroom(released_course, lean, tmp_path_factory):
    """A course with two dozen submissions, two of them late, not yet graded."""
    import classroom

    return classroom.make(released_course, lean, tmp_path_factory.mktemp("class") / "course")


@pytest.fixture(scope="session")
def undisturbed(classroom):
    """The same, graded in one go."""
    from classroom import copied, grade

    root = copied(classroom, "undisturbed")
    status, said = grade(root)
    assert status == 0, said
    return root


@pytest.fixture(scope="session")
def server():
    """A PostgreSQL server of this process's own."""
    import servers

    if servers.binaries() is None:
        pytest.skip("no PostgreSQL server on this machine (Debian's package postgresql; it need not run)")
    running = servers.Server()
    yield running
    running.remove()
