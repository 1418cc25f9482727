"""Notebooks and refused paths are handed on together, in the order in which they were found."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.deliveries import zipped

from autograder.intake import (
    Collected,
    Expected,
    Refused,
    RefusedError,
    SubmittedNotebook,
    collect,
    find_notebooks,
)
from autograder.intake.collect import _below
from autograder.intake.model import DeliveredFile

ADA, BOB = (SubmittedNotebook(Path(f"{name}.ipynb"), name, "softmax", "softmax") for name in ("ada", "bob"))
EVE, ZOE = (Refused(Path(f"{name}.ipynb"), "does not exist.") for name in ("eve", "zoe"))


def test_notebooks_are_separated_from_refused_paths_and_both_keep_their_order():
    assert Collected.of([EVE, BOB, ZOE, ADA]) == Collected((BOB, ADA), (EVE, ZOE))


def test_collections_are_added_in_order():
    assert Collected.of([ADA, EVE]) + Collected.of([ZOE, BOB]) == Collected((ADA, BOB), (EVE, ZOE))


def test_nothing_found_equals_an_empty_collection():
    assert Collected.of(iter([])) == Collected()
    assert Collected.of([EVE]) != Collected()


NAMES = st.lists(st.sampled_from(["a", "a0", "a.b", "b", "\u0100"]), min_size=1, max_size=4).map("/".join)


@given(st.lists(NAMES, unique=True), NAMES | st.just(""))
def test_the_files_below_a_folder_are_those_whose_name_begins_with_it(names, folder):
    folder = folder and f"{folder}/"
    files = [DeliveredFile(name, Path(name), name, lambda _: b"") for name in sorted(names)]
    assert [file.name for file in _below(folder, files)] == [n for n in sorted(names) if n.startswith(folder)]


# --- paths, folders and zips -----------------------------------------------------------------------------

TWO = {"softmax": ["softmax"], "bayes": ["dice", "tests"]}


def laid(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def placed(collected):
    return [(entry.student, entry.assignment, entry.notebook) for entry in collected.notebooks]


@pytest.mark.parametrize(
    ("missing", "beside", "said"),
    [
        ("softmx.ipynb", ["softmax.ipynb", "other.ipynb"], "does not exist (did you mean softmax.ipynb?)."),
        ("bayez", ["bayes/x.txt"], "does not exist (did you mean bayes?)."),
        ("week_1.zip", ["week1.zip"], "does not exist (did you mean week1.zip?)."),
        ("ada_lovelace.ipynb", ["ada_lovelac.ipynb"], "does not exist."),
        ("adalovelace", ["adalovelac/softmax.ipynb"], "does not exist."),
        ("nothing", [], "does not exist."),
        ("nothing/at/all", [], "does not exist."),
    ],
)
def test_a_missing_path_may_mean_one_beside_it_that_names_no_student(missing, beside, said, tmp_path):
    laid(tmp_path, *beside)
    path = tmp_path / missing
    assert find_notebooks([path], Expected(TWO)).refused == (Refused(path, said, str(path)),)


def test_a_path_that_hangs_is_refused_as_a_link_and_not_as_missing(tmp_path):
    (tmp_path / "ada.ipynb").symlink_to("nowhere")
    (found,) = find_notebooks([tmp_path / "ada.ipynb"], Expected({"hw": ["hw"]})).notebooks
    with pytest.raises(RefusedError, match="is a link"):
        found.read()


@pytest.mark.parametrize("name", ["all.TAR", "all.tgz", "all.7z", "all.rar", "all.tar.xz", "all.tar.bz2"])
def test_an_archive_that_is_no_zip_is_refused_whatever_its_case(name, tmp_path):
    laid(tmp_path, name)
    (refused,) = find_notebooks([tmp_path / name], Expected(TWO)).refused
    assert refused.problem.startswith("is no zip, and no other archive is opened")


def test_a_zip_is_one_whatever_the_case_of_its_suffix(tmp_path):
    zipped(tmp_path / "all.ZIP", {"ada/softmax/softmax.ipynb": b""})
    assert placed(find_notebooks([tmp_path / "all.ZIP"], Expected(TWO))) == [("ada", "softmax", "softmax")]


def test_what_two_paths_lead_to_is_graded_once_and_refused_once(tmp_path, monkeypatch):
    laid(tmp_path, "class/ada/softmax/softmax.ipynb", "class/bob/softmax/notes.txt")
    monkeypatch.chdir(tmp_path)
    paths = [tmp_path / "class", Path("class"), tmp_path / "class", tmp_path / "class/ada/softmax/softmax.ipynb"]
    found = find_notebooks(paths, Expected(TWO))
    assert placed(found) == [("ada", "softmax", "softmax")]
    gone = find_notebooks([tmp_path / "gone", Path("gone")], Expected(TWO))
    assert [entry.problem for entry in gone.refused] == ["does not exist."]


def test_a_groups_file_counts_for_each_of_its_members_though_it_has_one_path():
    entries = [ADA, SubmittedNotebook(ADA.path, "bob", "softmax", "softmax"), ADA]
    assert collect._without_duplicates(entries) == entries[:2]


def test_files_of_one_folder_are_read_together_and_those_of_several_one_folder_after_the_other(tmp_path):
    names = ["a/lovelaceada_7_11_softmax.ipynb", "b/eve.ipynb", "a/noetheremmy_8_12_softmax.ipynb", "b/zoe.ipynb"]
    laid(tmp_path, *names)
    found = find_notebooks([tmp_path / name for name in names], Expected({"softmax": ["softmax"]}))
    assert [entry.student for entry in found.notebooks] == ["7", "8", "eve", "zoe"]
    assert not found.refused


def test_a_platforms_list_alone_is_no_students_notebook(tmp_path):
    (tmp_path / "submission_metadata.yml").write_text("submission_1: {}")
    assert find_notebooks([tmp_path / "submission_metadata.yml"], Expected(TWO, "softmax")) == Collected()


@pytest.mark.parametrize(("assignment", "of"), [(None, ""), ("bayes", " of “bayes”")])
def test_a_folder_or_a_zip_without_a_notebook_says_which_was_wanted(assignment, of, tmp_path):
    laid(tmp_path, "in/readme.txt")
    zipped(tmp_path / "in.zip", {"readme.txt": b""})
    expected = Expected(TWO, assignment=assignment)
    found = find_notebooks([tmp_path / "in", tmp_path / "in.zip"], expected)
    assert [entry.reason for entry in found.refused] == [
        f"{tmp_path / name} holds no notebooks{of}." for name in ("in", "in.zip")
    ]


def test_an_empty_zip_is_called_so_and_one_with_only_refused_names_is_not(tmp_path):
    (empty,) = find_notebooks([zipped(tmp_path / "a.zip", {})], Expected(TWO)).refused
    assert empty.problem == "is empty."
    (unsafe,) = find_notebooks([zipped(tmp_path / "b.zip", {"../x.ipynb": b""})], Expected(TWO)).refused
    assert "leads out of the zip" in unsafe.problem


def test_a_zip_is_told_from_a_repository_by_what_lies_beside_it(tmp_path):
    """Git's folder beside the zip says nothing about the zip's folders."""
    laid(tmp_path, "class/.git/HEAD")
    zipped(tmp_path / "class.zip", {"ada/softmax.ipynb": b"", "bob/softmax.ipynb": b""})
    found = find_notebooks([tmp_path / "class.zip"], Expected(TWO))
    assert [entry.student for entry in found.notebooks] == ["ada", "bob"]


def test_a_worktree_whose_git_is_a_file_is_a_repository_too(tmp_path):
    laid(tmp_path, "ada/.git", "ada/exercises/deep/softmax.ipynb")
    assert placed(find_notebooks([tmp_path / "ada"], Expected(TWO))) == [("ada", "softmax", "softmax")]


def test_students_come_in_the_order_of_their_names_and_a_hidden_folder_is_nobodys(tmp_path):
    zipped(tmp_path / "c.zip", {f"{name}/softmax.ipynb": b"" for name in ("zoe", "ada", ".trash", "bob")})
    found = find_notebooks([tmp_path / "c.zip"], Expected(TWO))
    assert [entry.student for entry in found.notebooks] == ["ada", "bob", "zoe"]
    assert not found.refused


def test_beside_loose_notebooks_a_folder_without_one_is_nobodys_else_it_is_a_student_without_one(tmp_path):
    names = {"ada/readme.txt": b"", "bob/softmax.ipynb": b""}
    found = find_notebooks([zipped(tmp_path / "a.zip", names)], Expected(TWO))
    assert [entry.problem for entry in found.refused] == ["came without a notebook."]
    found = find_notebooks([zipped(tmp_path / "b.zip", names | {"softmax/eve.ipynb": b""})], Expected(TWO))
    assert [entry.student for entry in found.notebooks] == ["eve", "bob"]
    assert not found.refused


def test_of_loose_notebooks_in_a_zip_only_a_released_name_takes_the_folder_with_it(tmp_path):
    files = ["bayes/dice.ipynb", "bayes/x.csv", "bayes/data/y.csv", "bayesian/z.csv", "softmax/eve.ipynb"]
    path = zipped(tmp_path / "ada.zip", {name: name.encode() for name in [*files, "softmax/w.csv"]})
    dice, eve = find_notebooks([path], Expected(TWO)).notebooks
    assert (dice.student, dice.attachments()) == (
        "ada",
        {"x.csv": b"bayes/x.csv", "data/y.csv": b"bayes/data/y.csv"},
    )
    assert (eve.student, eve.attachments()) == ("eve", {})
    assert (dice.name, dice.read(), dice.path) == (files[0], files[0].encode(), path / files[0])
    assert sorted(dice.upload.files) == ["bayes/data/y.csv", "bayes/dice.ipynb", "bayes/x.csv"]


def test_two_notebooks_of_an_assignment_in_one_folder_are_one_upload(tmp_path):
    path = zipped(tmp_path / "ada.zip", {"bayes/dice.ipynb": b"", "bayes/tests.ipynb": b""})
    dice, tests = find_notebooks([path], Expected(TWO)).notebooks
    assert dice.upload is tests.upload
    assert [dice.notebook, tests.notebook] == ["dice", "tests"]


def test_a_loose_archive_is_named_unless_a_released_notebook_lies_there(tmp_path):
    both = {"hers.ZIP": b"", "eve.ipynb": b"", "notes.txt": b""}
    hw = Expected({"softmax": ["softmax"]})
    found = find_notebooks([zipped(tmp_path / "a.zip", both)], hw)
    assert [entry.student for entry in found.notebooks] == ["eve"]
    assert [entry.reason for entry in found.refused] == [
        f"{tmp_path}/a.zip/hers.ZIP is an archive inside a folder or a zip, and is not opened; unpack it first."
    ]
    found = find_notebooks([zipped(tmp_path / "b.zip", both | {"softmax.ipynb": b""})], hw)
    assert not found.refused


def test_a_loose_notebook_that_can_not_be_placed_is_refused_and_the_next_is_read(tmp_path):
    path = zipped(tmp_path / "ada.zip", {"bayes/eve.ipynb": b"", "bayes/dice.ipynb": b""})
    found = find_notebooks([path], Expected(TWO))
    assert placed(found) == [("ada", "bayes", "dice")]
    (refused,) = found.refused
    assert (refused.path, refused.label) == (path / "bayes/eve.ipynb", "entry 1 of ada.zip")


def test_the_expression_of_the_course_is_asked_after_the_platforms(tmp_path):
    expected = Expected({"softmax": ["softmax"]}, name_regexp=r".*/(?P<student_id>\w+)-(?P<file_id>\w+)\.ipynb")
    laid(tmp_path, "in/ada-softmax.ipynb")
    assert placed(find_notebooks([tmp_path / "in"], expected)) == [("ada", "softmax", "softmax")]
    laid(tmp_path, "on/lovelaceada_7_11_softmax-1.ipynb")
    assert placed(find_notebooks([tmp_path / "on"], expected)) == [("7", "softmax", "softmax")]
