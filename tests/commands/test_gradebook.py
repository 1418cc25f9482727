"""`autograder gradebook copy` says what was copied, how to use it, and never a password."""

from __future__ import annotations

import pytest
import screens

from autograder.commands import gradebook as module
from autograder.commands.opening import CannotGradeError
from autograder.gradebook import transfer
from autograder.gradebook.database import NbgraderError

SERVER = "postgresql+psycopg2://ada:hush@db.x.org/grades"


@pytest.fixture
def copied(monkeypatch):
    """A copy of two tables; the list holds from where to where it went."""
    calls = []

    def copy(source, target, begin):
        calls.append((source, target))
        tell = begin(2410)
        for rows in (1200, 1210):
            tell(rows)
        return {"student": 5, "grade": 1200}

    monkeypatch.setattr(transfer, "copy", copy)
    return calls


def test_every_table_is_counted_and_the_sum_said(copied, tmp_path, capsys):
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    here.touch()
    module.copy(str(here), str(there))
    assert copied == [(f"sqlite:///{here}", f"sqlite:///{there}")]
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "        5  student",
        "     1200  grade",
        f"✓ 1205 rows are in sqlite:///{there}, each read back and compared.",
        f"To use it, write c.CourseDirectory.db_url = 'sqlite:///{there}' in nbgrader_config.py.",
    ]


def test_a_password_is_not_printed_and_what_stands_for_it_is_explained(copied, tmp_path, capsys):
    here = tmp_path / "here.db"
    here.touch()
    module.copy(str(here), SERVER)
    said = capsys.readouterr().out
    assert copied[0][1].endswith("ada:hush@db.x.org/grades")
    assert "hush" not in said
    assert said.endswith("*** stands for the password: leave it out, and put it into ~/.pgpass.\n")


def test_a_terminal_shows_how_many_rows_are_copied_and_then_no_bar_stays(copied, tmp_path, monkeypatch):
    shown = screens.opened(monkeypatch, "xterm")
    (tmp_path / "here.db").touch()
    module.copy(str(tmp_path / "here.db"), str(tmp_path / "there.db"))
    assert "2410/2410" in shown.getvalue()
    assert shown.getvalue().endswith("\x1b[2K")


def test_what_can_not_be_copied_is_a_sentence(monkeypatch, tmp_path, capsys):
    def refuse(*_):
        raise NbgraderError("The target is not empty.")

    monkeypatch.setattr(transfer, "copy", refuse)
    with pytest.raises(CannotGradeError, match=r"^The target is not empty\.$"):
        module.copy(str(tmp_path / "a.db"), str(tmp_path / "b.db"))
    assert capsys.readouterr().out == ""
