"""nbgrader's database is opened once for a run, however many submissions it has."""

from __future__ import annotations

import json
import shutil

import pytest
import stock
from damage import SOURCE, submission
from nbgrader.api import Gradebook as Database

from autograder.nbgrader_plugin import autograde
from autograder.nbgrader_plugin.autograde import SealedAutograde
from autograder.nbgrader_plugin.opened import open_database, opened_once


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    root = tmp_path_factory.mktemp("released")
    stock.course_of(root, "area", json.dumps(SOURCE).encode(), config=stock.SEALED)
    return root


@pytest.fixture
def openings(monkeypatch):
    """The addresses of the databases that are opened."""
    opened = []
    begin = Database.__init__

    def counted(self, db_url, *words):
        opened.append(db_url)
        begin(self, db_url, *words)

    monkeypatch.setattr(Database, "__init__", counted)
    return opened


@pytest.mark.sandbox
def test_a_run_opens_the_database_as_often_for_three_submissions_as_for_one(released, tmp_path, openings):
    """Once for the course, and once as nbgrader's preprocessors do, which name no course."""
    autograde.install()
    often = {}
    for count in (1, 3):
        root = shutil.copytree(released, tmp_path / f"class-of-{count}")
        book = submission((root / "release" / "area" / "area.ipynb").read_bytes())
        for number in range(count):
            stock.submit(root, f"s{number}", "area", json.dumps(book).encode())
        openings.clear()
        stock.run(SealedAutograde, root, "area")
        often[count] = len(openings)
        assert stock.marks(root, "area", f"s{count - 1}") == {"double": 2.0, "area": 3.0, "why": None}
    assert often == {1: 2, 3: 2}


def test_what_others_have_written_meanwhile_is_seen(released, tmp_path):
    """The formgrader may enter a manual mark while a class is graded."""
    root = shutil.copytree(released, tmp_path / "course")
    url = f"sqlite:///{root / 'gradebook.db'}"
    with opened_once():
        with open_database(url, "course") as first:
            first.add_student("ada", email="before")
            assert first.find_student("ada").email == "before"
        with stock.database(root) as other:
            other.update_or_create_student("ada", email="after")
        with open_database(url, "course") as second:
            assert second is first
            assert second.find_student("ada").email == "after"


def test_each_course_and_each_run_has_its_own(released, tmp_path):
    urls = [f"sqlite:///{shutil.copytree(released, tmp_path / name) / 'gradebook.db'}" for name in ("one", "two")]
    with opened_once():
        kept = [open_database(url, "course") for url in urls]
        assert str(kept[0].engine.url) != str(kept[1].engine.url)
    with opened_once():
        assert open_database(urls[0], "course") is not kept[0]
    assert open_database(urls[0], "course") is not open_database(urls[0], "course")


def test_another_name_of_the_course_is_another_database_and_a_block_in_a_block_has_its_own(released, tmp_path):
    url = f"sqlite:///{shutil.copytree(released, tmp_path / 'course') / 'gradebook.db'}"
    with opened_once():
        first = open_database(url)
        assert open_database(url, "default_course") is first
        assert open_database(url, "other") is not first
        with opened_once():
            assert open_database(url) is not first
        assert open_database(url) is first
    with pytest.raises(KeyError), opened_once():
        raise KeyError
    assert open_database(url) is not open_database(url)
