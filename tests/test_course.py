"""The instructor's files replace the student's when a notebook runs."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest

from autograder.course import Course, CourseError, _conflicts
from autograder.intake import RefusedError, SubmittedNotebook


@pytest.fixture
def handed_in(tmp_path):
    """A course whose instructor's `data.csv` and `helpers.py` a student has both changed."""
    for folder, text in (("source/ps", "the instructor's"), ("submitted/ada/ps", "the student's")):
        (tmp_path / folder).mkdir(parents=True)
        for name in ("ps.ipynb", "data.csv", "helpers.py"):
            (tmp_path / folder / name).write_text(text)
    return SubmittedNotebook(tmp_path / "submitted" / "ada" / "ps" / "ps.ipynb", "ada", "ps", "ps")


@pytest.mark.parametrize(
    ("configured", "helpers"),
    [("", b"the instructor's"), ('c.Autograde.exclude_overwriting = {"ps": ["helpers.py"]}', b"the student's")],
)
def test_the_instructor_s_files_replace_the_student_s_but_for_those_that_students_edit(
    tmp_path, handed_in, configured, helpers
):
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\n{configured}\n")
    files = Course(tmp_path).files_for_run(handed_in)
    assert files == {"data.csv": b"the instructor's", "helpers.py": helpers}


@pytest.mark.parametrize("name", ["nbgrader_config.py", "source"])
def test_a_configuration_or_a_folder_of_sources_makes_a_course(tmp_path, name):
    (tmp_path / "source").mkdir() if name == "source" else (tmp_path / name).touch()
    (tmp_path / "below").mkdir()
    assert Course.at(tmp_path).root == tmp_path
    with pytest.raises(CourseError, match="is no nbgrader course"):
        Course.at(tmp_path / "below")


# --- folders ---------------------------------------------------------------------------------------------


def laid_out(root, *files, config=None):
    """A course with these files, all of them empty notebooks or empty."""
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text('{"cells": [], "metadata": {}}' if name.endswith(".ipynb") else "")
    root.mkdir(exist_ok=True)
    if config is not None:
        (root / "nbgrader_config.py").write_text(f"c = get_config()\n{config}\n")
    return Course(root)


def test_the_course_around_the_current_folder_is_found_the_nearest_first(tmp_path, monkeypatch):
    laid_out(tmp_path, "source/a.txt", "inner/source/b.txt", "inner/deep/down/c.txt")
    monkeypatch.chdir(tmp_path / "inner" / "deep" / "down")
    assert Course.at().root == tmp_path / "inner"
    monkeypatch.chdir(tmp_path)
    assert Course.at().root == tmp_path
    with pytest.raises(CourseError, match="There is no folder"):
        Course.at(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("c = (", r"can't be run: SyntaxError in line 1: "),
        ("1 / 0", r"can't be run: ZeroDivisionError: division by zero\."),
        ("import sys\nsys.exit()", "ends the program"),
    ],
)
def test_a_configuration_that_can_t_be_run_is_a_sentence(tmp_path, text, said):
    (tmp_path / "nbgrader_config.py").write_text(text)
    with pytest.raises(CourseError, match=said):
        _ = Course(tmp_path).config


@pytest.mark.parametrize(("one", "other"), [("submitted", "release"), ("feedback", "autograded")])
def test_no_two_steps_share_a_folder(tmp_path, one, other):
    course = laid_out(tmp_path, config=f'c.CourseDirectory.{one}_directory = "./{other}/"')
    with pytest.raises(CourseError, match=f"are both “{other}”"):
        _ = course.config


def test_the_layout_of_the_course_says_where_everything_lies(tmp_path):
    course = laid_out(
        tmp_path,
        config='c.CourseDirectory.submitted_directory = "in"\n'
        'c.CourseDirectory.directory_structure = "{nbgrader_step}/{assignment_id}/{student_id}"',
    )
    assert course.folder("submitted", "ada", "hw") == tmp_path / "in" / "hw" / "ada"
    assert course.folder("source", assignment="hw") == tmp_path / "source" / "hw"
    assert (course.submitted_folder, course.step_folder("release")) == (tmp_path / "in", tmp_path / "release")
    assert laid_out(tmp_path / "plain").folder("feedback", "ada", "hw") == tmp_path / "plain/feedback/ada/hw"


@pytest.mark.parametrize("layout", ["{student}", "{0}", "{student_id", "{student_id.name}"])
def test_a_layout_that_is_none_is_refused(tmp_path, layout):
    course = laid_out(tmp_path, config=f'c.CourseDirectory.directory_structure = "{layout}"')
    with pytest.raises(CourseError, match="directory_structure can't be"):
        course.folder("submitted", "ada", "hw")


def test_an_assignment_is_a_folder_with_a_notebook_and_all_are_sorted(tmp_path):
    course = laid_out(
        tmp_path,
        "source/b/two.ipynb",
        "source/b/one.ipynb",
        "source/a/x.ipynb",
        "source/c/notes.txt",
        "source/n.ipynb",
    )
    assert course.assignments == {"a": ["x"], "b": ["one", "two"]}
    assert list(course.assignments) == ["a", "b"]
    course.require_assignments()


@pytest.mark.parametrize(
    ("files", "said"), [([], "has no folder source/"), (["source/hw/a.txt"], "no assignment")]
)
def test_a_course_without_assignments_is_told_what_is_missing(tmp_path, files, said):
    with pytest.raises(CourseError, match=said):
        laid_out(tmp_path, *files).require_assignments()


def test_a_source_that_is_missing_or_damaged_is_named_and_asks_for_no_cells(tmp_path):
    course = laid_out(tmp_path, "source/hw/one.ipynb")
    (tmp_path / "source" / "hw" / "bad.ipynb").write_text("{")
    for name, why in (("none", "can't be read: No such file"), ("bad", "is cut off or damaged")):
        with pytest.raises(CourseError, match=rf"The source notebook .*/{name}\.ipynb {why}"):
            course.source("hw", name)
        assert course.grade_ids("hw", name) == frozenset()


def test_only_marked_cells_tell_a_notebook_by_assignment_and_name(tmp_path):
    def with_cell(name, **flags):
        return {"cell_type": "code", "source": "", "metadata": {"nbgrader": {"grade_id": name, **flags}}}

    course = laid_out(tmp_path, "source/a/one.ipynb", "source/b/one.ipynb")
    for assignment in "ab":
        cells = [with_cell(f"{assignment}-test", grade=True), with_cell("help", solution=True)]
        text = json.dumps({"cells": cells, "metadata": {}})
        (tmp_path / "source" / assignment / "one.ipynb").write_text(text)
    assert [course.grade_ids(assignment, "one") for assignment in "ab"] == [{"a-test"}, {"b-test"}]
    assert course.expected.grade_ids("b", "one") == {"b-test"}


# --- files -----------------------------------------------------------------------------------------------


def test_files_beside_a_source_are_all_but_the_notebooks_each_assignment_s_own(tmp_path):
    course = laid_out(tmp_path, "source/a/a.ipynb", "source/a/inner/x.csv", "source/a/y.py", "source/b/y.py")
    (tmp_path / "source" / "b" / "y.py").write_text("other")
    assert course.source_files("a") == {"inner/x.csv": b"", "y.py": b""}
    assert course.source_files("b") == {"y.py": b"other"}
    assert course.source_files("none") == {}


def test_the_instructors_are_those_files_that_are_as_they_are_beside_the_source(tmp_path):
    course = laid_out(tmp_path, "source/a/empty", "source/a/y.py")
    assert course.instructors_among({"y.py": b"", "empty": b"x", "mine": b""}, "a") == {"y.py"}


def test_a_name_conflicts_only_with_a_folder_of_that_name():
    assert _conflicts("a", ["b", "a/x"])
    assert _conflicts("a/x/y", ["b", "a"])
    assert not _conflicts("a", ["ab/x", "b"])
    assert not _conflicts("ab/x", ["a"])
    assert not _conflicts("a", ["a"])


def run_beside(root, path, *, config=None):
    """The files that a notebook of ada's runs with; the instructor has `data` and `inner/x.csv` beside it."""
    course = laid_out(root, "source/ps/ps.ipynb", "source/ps/data", "source/ps/inner/x.csv", path, config=config)
    return course.files_for_run(SubmittedNotebook(root / path, "ada", "ps", "ps"))


def test_a_student_s_file_gives_way_to_an_instructor_s_folder_and_the_other_way_round(tmp_path):
    folder = tmp_path / "submitted" / "ada" / "ps"
    for name in ("data/mine.csv", "own/y.csv", "inner/more.csv"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("mine")
    found = run_beside(tmp_path, "submitted/ada/ps/ps.ipynb")
    assert found == {"data": b"", "inner/x.csv": b"", "own/y.csv": b"mine", "inner/more.csv": b"mine"}


def test_students_edit_only_what_is_named_for_their_assignment(tmp_path):
    (tmp_path / "submitted" / "ada" / "ps").mkdir(parents=True)
    (tmp_path / "submitted" / "ada" / "ps" / "data").write_text("mine")
    config = 'c.Autograde.exclude_overwriting = {"other": ["data"], "ps": ["inner/x.csv"]}'
    found = run_beside(tmp_path, "submitted/ada/ps/ps.ipynb", config=config)
    assert found == {"data": b""}


@pytest.mark.parametrize("step", ["submitted", "autograded"])
def test_a_link_beside_a_notebook_in_the_course_is_refused(tmp_path, step):
    folder = tmp_path / step / "ada" / "ps"
    folder.mkdir(parents=True)
    (folder / "theirs.csv").symlink_to("/etc/hostname")
    with pytest.raises(RefusedError, match=r"theirs\.csv"):
        run_beside(tmp_path, f"{step}/ada/ps/ps.ipynb")


@pytest.mark.parametrize("step", ["submitted", "autograded"])
def test_a_folder_that_is_a_link_on_the_way_to_a_notebook_is_refused(tmp_path, step):
    (tmp_path / "elsewhere" / "ps").mkdir(parents=True)
    (tmp_path / step).mkdir()
    (tmp_path / step / "ada").symlink_to("../elsewhere")
    with pytest.raises(RefusedError, match="link"):
        run_beside(tmp_path, f"{step}/ada/ps/ps.ipynb")


def test_a_notebook_delivered_elsewhere_runs_with_what_was_delivered_with_it(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "other.csv").write_text("somebody's")
    found = run_beside(tmp_path, "in/ps.ipynb")
    assert found == {"data": b"", "inner/x.csv": b""}


def test_files_of_a_source_are_read_once_and_links_to_files_are_followed(tmp_path):
    course = laid_out(tmp_path, "source/a/y.py", "shared/big.csv")
    (tmp_path / "source" / "a" / "big.csv").symlink_to("../../shared/big.csv")
    (tmp_path / "source" / "a" / "gone.csv").symlink_to("nowhere")
    assert course.source_files("a") == {"y.py": b"", "big.csv": b""}
    (tmp_path / "source" / "a" / "y.py").write_text("later")
    assert course.source_files("a")["y.py"] == b""
    assert Course(tmp_path).source_files("a")["y.py"] == b"later"


# --- who handed in ---------------------------------------------------------------------------------------


def test_all_submissions_of_one_assignment_or_of_all_come_in_order(tmp_path):
    files = [f"submitted/{student}/{hw}/{hw}.ipynb" for student in ("zoe", "ada") for hw in ("b", "a")]
    course = laid_out(tmp_path, "source/a/a.ipynb", "source/b/b.ipynb", *files)
    found = [(each.assignment, each.student) for each in course.submitted().notebooks]
    assert found == [("a", "ada"), ("a", "zoe"), ("b", "ada"), ("b", "zoe")]
    assert [each.student for each in course.submitted("b").notebooks] == ["ada", "zoe"]
    assert {each.assignment for each in course.submitted("b").notebooks} == {"b"}
    assert course.submitted("none").notebooks == ()


def test_submissions_behind_a_link_are_refused_as_a_whole(tmp_path):
    course = laid_out(tmp_path, "source/a/a.ipynb", "elsewhere/ada/a/a.ipynb")
    (tmp_path / "submitted").symlink_to("elsewhere")
    with pytest.raises(CourseError, match=r"submitted is a link; links are not followed"):
        course.submitted()


def test_what_was_handed_in_is_taken_from_submitted_or_else_from_autograded(tmp_path):
    course = laid_out(
        tmp_path,
        "source/a/one.ipynb",
        "source/a/two.ipynb",
        "submitted/ada/a/two.ipynb",
        "submitted/ada/a/own.ipynb",
        "autograded/ada/a/one.ipynb",
        "autograded/bea/a/one.ipynb",
        "autograded/cai/a/notes.txt",
        "submitted/.git/a/one.ipynb",
        "submitted/dan/other/one.ipynb",
    )
    (ada,) = course.handed_in("ada", "a")
    assert (ada.path, ada.notebook) == (tmp_path / "submitted/ada/a/two.ipynb", "two")
    (bea,) = course.handed_in("bea", "a")
    assert (bea.path, bea.student, bea.assignment) == (tmp_path / "autograded/bea/a/one.ipynb", "bea", "a")
    assert course.students("a") == ["ada", "bea"]
    assert course.is_in_submitted_folder(ada)
    assert not course.is_in_submitted_folder(bea)


def test_a_notebook_named_from_the_current_folder_lies_where_it_lies(tmp_path, monkeypatch):
    course = laid_out(tmp_path, "source/a/a.ipynb", "submitted/ada/a/a.ipynb", "submitted/bea/a/a.ipynb")
    monkeypatch.chdir(tmp_path)
    path = Path("submitted/ada/a/a.ipynb")
    assert course.is_in_submitted_folder(SubmittedNotebook(path, "ada", "a", "a"))
    assert not course.is_in_submitted_folder(SubmittedNotebook(path, "bea", "a", "a"))
    assert not course.is_in_submitted_folder(SubmittedNotebook(path, "ada", "b", "a"))


def test_students_are_found_in_any_layout_that_names_them(tmp_path):
    structure = "{nbgrader_step}/{assignment_id}/student-{student_id}-work"
    course = laid_out(
        tmp_path,
        "source/a/student-.-work/a.ipynb",
        "submitted/a/student-ada-work/a.ipynb",
        "submitted/a/other-bea-work/a.ipynb",
        config=f'c.CourseDirectory.directory_structure = "{structure}"',
    )
    assert course._students("a") == ["ada"]
    nobody = laid_out(tmp_path / "odd", config='c.CourseDirectory.directory_structure = "{nbgrader_step}/x"')
    with pytest.raises(CourseError, match=r"must contain \{student_id\}"):
        nobody._students("a")


def test_a_course_is_locked_for_others_until_the_end_and_who_waits_is_told_once(tmp_path):
    told = []

    class WaitsError(Exception):
        pass

    def waiting():
        told.append("waiting")
        raise WaitsError

    with Course(tmp_path).locked(waiting):
        assert told == []
        with pytest.raises(WaitsError), Course(tmp_path).locked(waiting):
            pass
    with Course(tmp_path).locked(waiting):
        pass
    assert told == ["waiting"]


def test_a_lock_ends_with_the_block_even_if_that_fails(tmp_path):
    def never():
        raise AssertionError("it is free")

    with pytest.raises(KeyError), Course(tmp_path).locked(never):
        raise KeyError
    with Course(tmp_path).locked(never):
        pass


def test_the_expression_for_file_names_is_the_course_s_own(tmp_path):
    assert laid_out(tmp_path / "plain", "source/a/x.ipynb").expected.name_regexp == ""
    course = laid_out(tmp_path, "source/a/x.ipynb", config='c.FileNameCollectorPlugin.named_regexp = "(?P<a>.)"')
    assert (course.expected.name_regexp, course.expected.assignments) == ("(?P<a>.)", {"a": ["x"]})
    assert course.expected.grade_ids("a", "x") == frozenset()


def test_a_link_above_the_course_is_followed_and_one_on_the_way_to_submissions_is_named(tmp_path):
    (tmp_path / "real" / "course").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    root = tmp_path / "link" / "course"
    config = 'c.CourseDirectory.submitted_directory = "in/all"'
    course = laid_out(root, "source/a/a.ipynb", "in/all/ada/a/a.ipynb", config=config)
    assert [each.student for each in course.submitted().notebooks] == ["ada"]
    (root / "in").rename(root / "there")
    (root / "in").symlink_to("there")
    with pytest.raises(CourseError) as refused:
        course.submitted()
    assert str(refused.value).startswith(f"{root / 'in'} is a link; ")


def test_a_notebook_that_is_a_link_to_nothing_was_handed_in(tmp_path):
    course = laid_out(tmp_path, "source/a/a.ipynb", "submitted/ada/a/notes.txt", "autograded/ada/a/a.ipynb")
    (tmp_path / "submitted" / "ada" / "a" / "a.ipynb").symlink_to("nowhere")
    (ada,) = course.handed_in("ada", "a")
    assert ada.path == tmp_path / "submitted/ada/a/a.ipynb"
    assert course.handed_in("ada", "b") == []


def test_what_lies_beside_its_place_is_refused_in_the_default_layout_alone(tmp_path):
    files = ("source/a/a.ipynb", "submitted/a.ipynb", "submitted/ada/a/a.ipynb")
    plain = laid_out(tmp_path / "plain", *files).submitted()
    assert [refused.path.relative_to(tmp_path / "plain") for refused in plain.refused] == [
        Path("submitted/a.ipynb")
    ]
    structure = "{nbgrader_step}/{student_id}/x/{assignment_id}"
    other = laid_out(
        tmp_path / "other",
        *("source/./x/a/a.ipynb", "submitted/a.ipynb", "submitted/ada/x/a/a.ipynb"),
        config=f'c.CourseDirectory.directory_structure = "{structure}"',
    ).submitted()
    assert other.refused == ()


def test_a_student_s_folder_that_is_a_link_is_refused_once(tmp_path):
    course = laid_out(tmp_path, "source/a/a.ipynb", "source/b/b.ipynb", "there/a/a.ipynb", "there/b/b.ipynb")
    (tmp_path / "submitted").mkdir()
    (tmp_path / "submitted" / "ada").symlink_to("../there")
    found = course.submitted()
    assert found.notebooks == ()
    assert [refused.path for refused in found.refused] == [tmp_path / "submitted" / "ada"]


def test_who_has_waited_for_a_course_has_locked_it(tmp_path):
    told = []
    with contextlib.ExitStack() as first:
        first.enter_context(Course(tmp_path).locked(lambda: told.append("first")))

        def waiting():
            told.append("second")
            first.close()

        def stop():
            raise InterruptedError

        with Course(tmp_path).locked(waiting), pytest.raises(InterruptedError), Course(tmp_path).locked(stop):
            pass
    assert told == ["second"]
