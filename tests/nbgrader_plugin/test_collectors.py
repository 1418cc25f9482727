"""What is collected of a submission that holds links: everything but what lies behind them."""

from __future__ import annotations

import os

import pytest
from nbgrader.coursedir import CourseDirectory

from autograder.intake import everything_below
from autograder.nbgrader_plugin.collectors import CollectWithoutLinks, ExtractWithoutLinks


@pytest.fixture
def folder(tmp_path):
    """A student's folder beside a file that is not the student's."""
    made = tmp_path / "given"
    (made / "deep").mkdir(parents=True)
    (made / "hw.ipynb").write_text("own")
    (made / "deep" / "x.csv").write_text("1,2")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    return made


def copied(folder, taken):
    CollectWithoutLinks(coursedir=CourseDirectory(root=str(folder.parent))).do_copy(str(folder), str(taken))
    return {p.relative_to(taken).as_posix() for p in taken.rglob("*") if p.is_file() and not p.is_symlink()}


OWN = {"hw.ipynb", "deep/x.csv"}


def test_a_submission_without_links_is_copied_whole(folder, tmp_path):
    assert copied(folder, tmp_path / "taken") == OWN


def test_a_hard_link_is_left_out_and_the_rest_is_copied(folder, tmp_path):
    os.link(tmp_path / "outside" / "secret", folder / "deep" / "notes")
    assert copied(folder, tmp_path / "taken") == OWN
    assert not (tmp_path / "taken" / "deep" / "notes").exists()


def test_a_link_deep_in_a_folder_is_copied_as_one(folder, tmp_path):
    (folder / "deep" / "notes").symlink_to(tmp_path / "outside" / "secret")
    assert copied(folder, tmp_path / "taken") == OWN
    assert (tmp_path / "taken" / "deep" / "notes").is_symlink()


def test_everything_below_a_folder_is_listed_and_no_link_is_followed(folder, tmp_path):
    (folder / "deep" / "away").symlink_to(tmp_path / "outside")
    (folder / "away").symlink_to(tmp_path / "outside" / "secret")
    names = {os.path.relpath(name, folder) for name in everything_below(str(folder))}
    assert names == OWN | {"deep/away", "away"}
    assert everything_below(str(folder / "deep" / "away")) == [str(folder / "deep" / "away")]


def test_zip_collect_leaves_out_every_kind_of_link_and_nothing_else(folder, tmp_path):
    (folder / "a").symlink_to(tmp_path / "outside" / "secret")
    os.link(tmp_path / "outside" / "secret", folder / "b")
    (tmp_path / "taken").mkdir()
    ExtractWithoutLinks().extract(str(folder), str(tmp_path / "taken"))
    taken = tmp_path / "taken"
    assert {p.relative_to(taken).as_posix() for p in taken.rglob("*") if p.is_file()} == OWN
