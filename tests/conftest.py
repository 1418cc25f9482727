"""What the tests share: graders, scratch courses, and which tests this machine can run."""

from __future__ import annotations

import dataclasses
import difflib
import gc
import os
import shutil
import signal
from pathlib import Path

# One thread for linear algebra: the test processes already fill the cores. NumPy reads these at its import, below.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")
# One kind of terminal, whatever the developer's is; Rich reads these, also in the commands that tests start.
os.environ.pop("COLUMNS", None)
os.environ.pop("NO_COLOR", None)
os.environ.pop("FORCE_COLOR", None)
os.environ["TERM"] = "xterm"

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from autograder import exercises
from autograder.commands.demo import submissions
from autograder.course import Course
from autograder.grading.grader import Grader
from autograder.grading.settings import Settings
from autograder.grading.workers import WorkerPool
from autograder.judging import diagnose
from autograder.notebooks import notebook
from autograder.notebooks.source import Source
from autograder.sandbox import ways
from autograder.sandbox.confine import landlock
from autograder.sandbox.policy import CannotIsolateError, Limits, isolation
from autograder.sandbox.pool import Pool

CHECKOUT = Path(__file__).parents[1]
SECRET = bytes(range(32))
gc.disable()  # until all tests are collected, see pytest_collection_finish
signal.signal(signal.SIGINT, signal.default_int_handler)  # who is started in the background ignores it
GENEROUS = Limits(cell_seconds=120, call_seconds=60, submission_seconds=1200, start_seconds=300)
"""For code that ends by itself: even a busy machine stays far below them."""
SHORT = Limits(cell_seconds=4, cell_patience=0, call_seconds=2, submission_seconds=1200, start_seconds=300)
"""For code that loops, which costs the test a call's or a cell's time."""


def pytest_addoption(parser):
    parser.addoption("--deep", action="store_true", help="run the long suites, too")
    parser.addoption("--thorough", action="store_true", help="try four times as many examples of each property")
    parser.addoption("--isolation", choices=ways.WAYS, help="isolate everything in this way, not in the best one")
    parser.addoption("--landlock-abi", type=int, help="ask the kernel for no more than this ABI of Landlock holds")
    parser.addoption("--slowness", type=int, default=1, help="how many times as long everything may take")
    parser.addoption("--kernels", help="boot these kernels in QEMU: some of “5.10 6.1 6.12 newest”")
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


def slowed(limits, times):
    """The same limits for a machine that takes so many times as long, an emulated one perhaps."""
    fields = [field.name for field in dataclasses.fields(limits) if field.name.endswith("_seconds")]
    return dataclasses.replace(limits, **{name: times * getattr(limits, name) for name in fields})


def pytest_configure(config):
    global GENEROUS, SHORT  # test modules, which import them, are imported later
    GENEROUS, SHORT = (slowed(limits, config.getoption("--slowness")) for limits in (GENEROUS, SHORT))
    examples = 100 if config.getoption("--thorough") else 25
    patient = [HealthCheck.too_slow]  # a busy machine is no fault
    settings.register_profile("ours", max_examples=examples, deadline=None, suppress_health_check=patient)
    settings.load_profile("ours")
    if way := config.getoption("--isolation"):
        os.environ[ways.CHOICE] = way
    if abi := config.getoption("--landlock-abi"):
        landlock.NEWEST = abi


@pytest.fixture(autouse=True, scope="session")
def patience_in_the_search_for_mistakes():
    """What is named must not depend on how fast a machine is, nor on whether lines are counted."""
    diagnose.SEARCH_SECONDS *= 100


def pytest_ignore_collect(collection_path, config):
    """Every test in tests/browser is slow, and those in tests/kernels run only where kernels are named."""
    ignored = {
        "kernels": not config.getoption("--kernels"),
        "browser": config.option.markexpr.startswith("not slow"),
    }
    tests = CHECKOUT / "tests"
    return any(ignore and collection_path.is_relative_to(tests / name) for name, ignore in ignored.items()) or None


def pytest_runtest_teardown():
    """No test finds the exercises of another's course."""
    if exercises.own.loaded():
        exercises.use_course(CHECKOUT)  # which has none of its own


def pytest_collection_finish():
    """Leave alone what was imported and collected: going through it again and again took a third of that time."""
    gc.collect()
    gc.freeze()
    gc.collect()  # a full collection waits until a quarter as many objects are new as the last one left
    gc.enable()


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
    """Compare an output with a committed file in the folder golden/, byte for byte; --update-golden writes it."""
    folder = request.path.parent / "golden"

    def compare(name, content):
        path = folder / name
        if request.config.getoption("--update-golden"):
            path.write_bytes(content)
        before, after = (data.decode().splitlines(keepends=True) for data in (path.read_bytes(), content))
        changes = "".join(difflib.unified_diff(before, after, f"golden/{name}", "now"))
        how = f"If that is meant: pytest tests/{folder.parent.name} --update-golden"
        assert content == path.read_bytes(), f"{changes}\n{how}"

    return compare


TOGETHER = {
    "tests/browser/": "one server and one Chromium serve them all",
    "tests/cluster/": "a scheduler and two workers serve them all",
    "tests/gradebook/test_postgres.py": "one PostgreSQL server",
    "tests/gradebook/test_transfer.py": "one PostgreSQL server",
    "tests/nbgrader_plugin/test_round_trip.py": "one PostgreSQL server",
    "tests/nbgrader_plugin/test_feedback_pages.py": "a page a topic",
    "tests/course/": "each process runs a notebook once",
    "tests/commands/test_gradescope_zip.py": "one zip serves them all",
    "tests/commands/test_new.py": "one course serves them all",
    "tests/workflows/test_image.py": "one image serves them all; groups begin first, and it takes long",
    "tests/sandbox/test_bounds.py": "the disk, which they fill and watch",
}
"""Tests that share something dear, by where they lie, and what they share: they run in one process."""
BY_PARAMETER = "tests/exercises/test_true_sentences.py"
"""Tests that share what is dear with those of the same parameter."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With several test processes, each takes the next test when it is free, or the next that belong together.

    Of fast tests it takes all cases of one: handing out each by itself costs as much as it takes. The mark
    ``xdist_group`` would say the same, but pytest 9.2 ignores how pytest-xdist 3.8 passes it on.
    """
    from xdist.scheduler import LoadScopeScheduling

    fast = config.option.markexpr.startswith("not slow")

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            if nodeid.startswith(BY_PARAMETER):
                return nodeid.rpartition("[")[2]
            alone = nodeid.partition("[")[0] if fast else nodeid
            return next((what for place, what in TOGETHER.items() if nodeid.startswith(place)), alone)

    return Scheduling(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """One process more than cores for ``--numprocesses auto``: some always wait for a command or a deadline.

    Where there are slow tests, two: they wait for browsers and servers, too.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + (1 if config.option.markexpr.startswith("not slow") else 2)


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """Make a folder once a run, whichever test process needs it first; the folder is not to be changed.

    ``once(name, make)`` calls ``make(folder)`` with a path that does not exist yet, and returns the path where
    the folder lies then.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # each process has a folder of its own in that of the run

    def made(name, make):
        path, unfinished = shared / name, shared / f"{name}-unfinished"
        with FileLock(f"{path}.lock"):
            if not path.exists():
                shutil.rmtree(unfinished, ignore_errors=True)
                make(unfinished)
                unfinished.rename(path)
        return path

    return made


@pytest.fixture(scope="session")
def grader():
    """A grader whose limits no right answer reaches, shared by all tests of a process."""
    with Grader(Settings(SECRET, limits=GENEROUS)) as shared:
        yield shared


@pytest.fixture(scope="session")
def short_grader():
    """A grader with short limits, for code that loops, shared by all tests of a process."""
    with Grader(Settings(SECRET, limits=SHORT)) as shared:
        yield shared


@pytest.fixture(scope="session")
def workers():
    """Worker processes with the limits of ``grader``, shared by all tests of a process."""
    with WorkerPool(Settings(SECRET, limits=GENEROUS)) as shared:
        yield shared


@pytest.fixture(scope="session")
def short_workers():
    """Worker processes with the limits of ``short_grader``, shared by all tests of a process."""
    with WorkerPool(Settings(SECRET, limits=SHORT)) as shared:
        yield shared


@pytest.fixture(scope="session")
def pool():
    """Processes for student code with generous limits, shared by all tests of a process."""
    shared = Pool(GENEROUS)
    yield shared
    shared.close()


def release(root, topics):
    """Make a course whose assignments are released and entered in a new gradebook."""
    from autograder.gradebook.gradebook import Gradebook

    root.mkdir()
    shutil.copy(CHECKOUT / "nbgrader_config.py", root)
    for topic in topics:
        ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(CHECKOUT / "source" / topic, root / "source" / topic, ignore=ignored)
    with Gradebook(Course(root)) as gradebook:
        for topic in topics:
            gradebook.generate_assignment(topic)
            gradebook.note_release(topic, topic, "proved by test_source_notebooks")


@pytest.fixture(scope="session")
def released_course(once):
    """A course whose assignment `softmax` is released and entered in a new gradebook; not to be changed."""
    return Course(once("released", lambda root: release(root, ["softmax"])))


@pytest.fixture(scope="session")
def whole_course(once):
    """A course with every assignment released and entered in a new gradebook; not to be changed."""
    return Course(once("whole", lambda root: release(root, exercises.TOPICS)))


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
def classroom(released_course, lean, once):
    """A course with a dozen submissions, two of them late, not yet graded; not to be changed."""
    import classroom

    folder = once("class", lambda folder: classroom.make(released_course, lean, folder / "course"))
    return folder / "course"


@pytest.fixture(scope="session")
def undisturbed(classroom, once):
    """The same, graded in one go; not to be changed."""
    from classroom import copied, grade

    def graded(folder):
        status, said = grade(copied(classroom, folder))
        assert status == 0, said

    return once("undisturbed", graded) / "course"


@pytest.fixture(scope="session")
def cluster():
    """A scheduler and two workers, started by the documented commands; to be left as they are."""
    import clusters

    with clusters.running(workers=2) as started:
        yield started


@pytest.fixture(scope="session")
def server():
    """A PostgreSQL server of this process's own."""
    import servers

    if servers.binaries() is None:
        pytest.skip("no PostgreSQL server on this machine (Debian's package postgresql; it need not run)")
    running = servers.Server()
    yield running
    running.remove()
