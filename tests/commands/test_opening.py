"""Opening a course, or one around a single notebook; what is refused before anything is graded."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
import tiny_course

from autograder.commands import opening
from autograder.commands.opening import (
    CannotGradeError,
    course_here,
    gathered,
    refuse_unknown,
    settings_from,
    workers_for,
)
from autograder.commands.without_course import course_around
from autograder.course import Course
from autograder.sandbox.policy import CannotIsolateError, TooLittleError


@pytest.fixture
def course(tmp_path):
    root = tiny_course.make(tmp_path / "course")
    (root / "source" / "bayes").mkdir()
    (root / "source" / "bayes" / "bayes.ipynb").write_bytes(tiny_course.notebook(name="posterior"))
    return Course(root)


def test_an_unknown_assignment_is_named_with_the_nearest_and_all_there_are(course, tmp_path):
    refuse_unknown(course, [])
    refuse_unknown(course, ["hw", "bayes"])
    with pytest.raises(CannotGradeError, match=r"“bayse” .* did you mean “bayes”. There are: bayes, hw"):
        refuse_unknown(course, ["hw", "bayse"])
    with pytest.raises(CannotGradeError, match=r"“zzz” in .*; there are: bayes, hw"):
        refuse_unknown(course, ["zzz"])
    (tmp_path / "empty" / "source").mkdir(parents=True)
    with pytest.raises(CannotGradeError):
        refuse_unknown(Course(tmp_path / "empty"), [])


def test_outside_of_a_course_there_is_none_unless_one_is_named(course, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert course_here() is None
    assert course_here(course.root).root == course.root
    with pytest.raises(CannotGradeError):
        course_here(tmp_path / "nowhere")
    monkeypatch.chdir(course.root / "source" / "hw")
    assert course_here().root == course.root


def students(course, *paths, assignment=None):
    return sorted(entry.student for entry in gathered(course, paths, assignment).notebooks)


def test_without_a_path_and_with_the_course_s_own_all_submissions_are_meant(course, tmp_path, monkeypatch):
    with pytest.raises(CannotGradeError, match=r"Nothing of “hw” is submitted .* lies in submitted/STUDENT/hw/"):
        gathered(course, (), "hw")
    with pytest.raises(CannotGradeError, match=r"Nothing is submitted .* lies in submitted/STUDENT/ASSIGNMENT/"):
        gathered(course, (), None)
    ada, _ = (tiny_course.submit(course.root, student) for student in ("ada", "jakob"))
    loose = tmp_path / "zoe.ipynb"
    loose.write_bytes(tiny_course.handed_in())
    monkeypatch.chdir(course.root)
    assert students(course) == students(course, Path()) == students(course, course.root) == ["ada", "jakob"]
    assert students(course, loose, assignment="hw") == ["zoe"]
    assert students(course, Path(), loose, assignment="hw") == ["ada", "jakob", "zoe"]
    assert students(course, ada, loose, assignment="hw") == ["ada", "zoe"]
    assert students(course, Path("submitted/jakob")) == ["jakob"]
    assert students(course, Path("submitted")) == ["ada", "jakob"]


def test_where_only_what_is_refused_was_handed_in_that_is_told_and_not_that_there_is_nothing(course):
    folder = course.root / "submitted" / "ada" / "hv"  # no assignment
    folder.mkdir(parents=True)
    (folder / "hw.ipynb").write_bytes(tiny_course.handed_in())
    found = gathered(course, (), None)
    assert not found.notebooks
    assert [refused.path for refused in found.refused] == [folder]


def test_a_roster_that_can_not_be_read_is_a_sentence(course, tmp_path):
    tiny_course.submit(course.root, "ada")
    with pytest.raises(CannotGradeError):
        gathered(course, (), None, tmp_path / "none.csv")


# --- one notebook without a course -----------------------------------------------------------------------


def test_a_notebook_at_its_place_brings_its_course(course):
    with course_around(course.root / "source" / "hw" / "hw.ipynb") as (root, assignment):
        assert (root, assignment) == (course.root, "hw")


def test_any_other_notebook_has_a_course_of_its_own_with_the_files_beside_it(tmp_path):
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "week.ipynb").write_bytes(tiny_course.notebook())
    (folder / "figures.py").write_text("")
    with course_around(folder / "week.ipynb") as (root, assignment):
        assert assignment == "week"
        assert Course(root).source("week", "week").marked
        assert set(Course(root).source_files("week")) == {"figures.py"}
    assert not root.exists()
    assert sorted(path.name for path in folder.iterdir()) == ["figures.py", "week.ipynb"]


@pytest.mark.parametrize("name", ["none.ipynb", "notes.txt", "folder.ipynb"])
def test_what_is_no_notebook_is_wrong_usage(tmp_path, name):
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "folder.ipynb").mkdir()
    with pytest.raises(click.UsageError, match="is no notebook"), course_around(tmp_path / name):
        pass


# --- settings, workers and what is opened for a run ------------------------------------------------------


def test_options_of_the_command_line_override_the_courses_and_a_wrong_one_is_wrong_usage(course):
    config = course.root / "nbgrader_config.py"
    config.write_text(
        config.read_text() + 'c.GradeSealed.limits = {"cell_seconds": 7}\nc.GradeSealed.sandbox = "none"\n'
    )
    course = Course(course.root)
    assert settings_from({}, course).limits.cell_seconds == 7
    assert not settings_from({}, course).isolated
    assert settings_from({"limits": {"cell_seconds": 9}}, course).limits.cell_seconds == 9
    assert settings_from({}).isolated
    with pytest.raises(click.UsageError):
        settings_from({"sandbox": "some"}, course)


def test_a_seed_file_that_is_made_is_named_and_one_that_is_there_is_not(course, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = settings_from({"seed_file": "seed"}, course).secret
    said = capsys.readouterr()
    assert said.err.startswith(f"{course.root / 'seed'} did not exist: a new secret is in it now.")
    assert said.out == ""
    assert settings_from({"seed_file": "seed"}, course).secret == first
    assert capsys.readouterr().err == ""
    assert settings_from({"seed_file": "seed"}).secret != first, "without a course it lies where one is"
    assert (tmp_path / "seed").exists()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (CannotIsolateError("No way."), r"^No way\.\nOr run submissions without isolation, .*: --sandbox none\.$"),
        (TooLittleError("Too little memory."), r"^Too little memory\.$"),
        (
            OSError(28, "No space left"),
            r"^The processes that grade can't be started: \[Errno 28\] No space left\.$",
        ),
    ],
)
def test_workers_that_can_not_be_started_are_a_sentence(monkeypatch, error, said):
    def refuse(*_):
        raise error

    monkeypatch.setattr("autograder.grading.workers.WorkerPool", refuse)
    with pytest.raises(CannotGradeError, match=said), workers_for("settings"):
        pytest.fail("nothing can be graded")


def test_an_error_of_the_run_is_not_taken_for_one_of_the_start_and_the_workers_are_closed(monkeypatch):
    closed = []

    class Workers:
        def __init__(self, *given):
            self.given = given

        def __enter__(self):
            return self

        def __exit__(self, *_):
            closed.append(self.given)

    monkeypatch.setattr("autograder.grading.workers.WorkerPool", Workers)
    with workers_for("settings", "pool") as workers:
        assert workers.given == ("settings", "pool")
        assert closed == []
    assert closed == [("settings", "pool")]
    with pytest.raises(OSError, match="the run's own"), workers_for("settings"):
        raise OSError("the run's own")
    assert closed == [("settings", "pool"), ("settings", None)]


@pytest.fixture
def opened(course, monkeypatch):
    """Open the course for grading, with a pool that notes what it was asked."""
    pools = []

    class Pool:
        def __init__(self, limits, *, isolated, way):
            self.limits, self.isolated, self.way, self.prepared, self.closed = limits, isolated, way, [], 0
            pools.append(self)

        def prepare(self, allowed, warm, launcher):
            self.prepared.append((warm, launcher))
            if Pool.error:
                raise Pool.error

        def close(self):
            self.closed += 1

    Pool.error = None
    monkeypatch.setattr(opening, "Pool", Pool)

    def call(*paths, error=None, given=None, **options):
        Pool.error = error
        options = {"assignment": None, "roster": None, "no_gradebook": False} | options
        return opening.open_for_grading(
            {"sandbox": "none"} | (given or {}), course.root, paths, options, "launcher"
        )

    call.pools = pools
    return call


def test_of_one_submission_alone_the_first_process_is_started_early(opened, course, tmp_path):
    ada = tiny_course.submit(course.root, "ada")
    with opened() as found:
        assert [entry.student for entry in found.found] == ["ada"]
        ((_, launcher),) = found.pool.prepared
        assert (launcher, found.pool.isolated, found.pool.closed) == ("launcher", False, 0)
    assert found.pool.closed == 1
    assert opened(given={"cluster": "tls://node:1"}).pool.prepared == []
    tiny_course.submit(course.root, "jakob")
    assert opened().pool.prepared == []
    assert len(opened(ada).pool.prepared) == 1


def test_a_start_that_fails_is_left_to_the_grading_and_ctrl_c_closes_the_pool(opened, course):
    tiny_course.submit(course.root, "ada")
    assert opened(error=ValueError("broken")).pool.closed == 0
    with pytest.raises(KeyboardInterrupt):
        opened(error=KeyboardInterrupt())
    assert opened.pools[-1].closed == 1


def test_the_time_for_the_class_and_the_cluster_are_those_of_the_options(opened, course):
    tiny_course.submit(course.root, "ada")
    found = opened(given={"class_seconds": 90.0, "cluster": "tcp://node:1", "insecure_cluster": True})
    assert (found.seconds, found.cluster, found.insecure_cluster) == (90.0, "tcp://node:1", True)
    found = opened()
    assert (found.seconds, found.cluster, found.insecure_cluster) == (None, "", False)


def test_the_courses_own_folder_is_no_submission_unless_only_looked_at(opened, course):
    with pytest.raises(CannotGradeError, match="lies in the course's own source/"):
        opened(course.root / "source" / "hw")
    assert opened(course.root / "source" / "hw", no_gradebook=True, assignment="hw").found


@pytest.mark.parametrize("assignment", ["hv", ""])
def test_an_assignment_that_is_not_there_is_refused_before_anything_is_looked_for(opened, assignment):
    with pytest.raises(CannotGradeError, match=f"There is no assignment “{assignment}”"):
        opened(assignment=assignment)
    assert opened.pools == []


def test_with_a_course_come_its_own_exercises(course, monkeypatch):
    roots = []
    monkeypatch.setattr(opening.exercises, "use_course", roots.append)
    assert opening.open_course(course.root).root == course.root
    assert roots == [course.root]


@pytest.mark.parametrize("figures", [True, False])
def test_the_early_process_imports_what_draws_only_where_figures_are_drawn(opened, course, monkeypatch, figures):
    asked = []
    monkeypatch.setattr(
        opening, "warm_imports", lambda text, files, *, figures=None: asked.append((text, figures))
    )
    path = tiny_course.submit(course.root, "ada")
    opened(given={"figures": figures})
    assert asked == [(path.read_text(), figures)]
