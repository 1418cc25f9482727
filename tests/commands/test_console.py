"""What is printed about a class: everything to a person, counts into a log."""

from __future__ import annotations

from pathlib import Path

import pytest
from dozen import BARE, IN_PROCESS, NEEDS_PERSON, PERFECT, REFUSED, REPAIRED, RIGHT, SECOND_BOOK, WHY, cell, report
from rich.console import Console

from autograder.commands import console as printed
from autograder.intake import Refused, Superseded
from autograder.reports.text import NOT_ISOLATED

FAULTY = report("4721", cell("softmax", RIGHT, fault="KeyError: 'x'"))


@pytest.fixture
def said(monkeypatch, capsys):
    """What was printed since it was asked last, in a wide window."""
    monkeypatch.setattr(printed, "console", Console(width=200, highlight=False))
    return lambda: capsys.readouterr().out


def test_a_line_is_printed_as_it_is(said):
    line = "[bold]x[/bold] [/] " + "y" * 500
    printed.say(line, "red")
    assert said() == f"{line}\n"


@pytest.mark.parametrize(
    ("columns", "width"), [("0", 40), ("39", 40), ("40", None), ("200", None), ("", None), ("-1", None)]
)
def test_less_than_can_be_read_is_widened(monkeypatch, columns, width):
    monkeypatch.setenv("COLUMNS", columns)
    assert printed._width() == width


@pytest.mark.parametrize("name", ["CI", "GITHUB_ACTIONS", "GITLAB_CI"])
def test_each_variable_alone_says_that_this_is_a_job_unless_it_is_off(monkeypatch, name):
    for each in printed.IN_CI:
        monkeypatch.delenv(each, raising=False)
    assert not printed.in_ci()
    for value, expected in (("", False), ("0", False), ("False", False), ("1", True), ("woodpecker", True)):
        monkeypatch.setenv(name, value)
        assert printed.in_ci() == expected, value


def test_the_table_has_each_assignment_once_and_each_notebook_in_a_row(said):
    printed.print_class([IN_PROCESS, PERFECT, SECOND_BOOK])
    lines = [" ".join(line.split()) for line in said().splitlines()]
    assert lines == [
        *("ps1", "student marks what was seen", "4718/problem1 1.5 / 2 partly wrong: test1"),
        "4718/problem2 0 / 1 NameError: test1",
        *("softmax", "student marks what was seen", "4711 2.5 / 2.5"),
    ]


def test_below_the_table_stand_failures_faults_and_repairs_each_with_its_student(said):
    printed.print_class([REFUSED, FAULTY, REPAIRED, PERFECT])
    found = said()
    assert "4716 failed see below" in " ".join(found.split())
    assert f"✗ 4716: {WHY}\n" in found
    assert "✗ 4721: “softmax” has the marks of its checks, but its mistakes could not be named" in found
    assert f"repaired, 4715: {REPAIRED.repairs[0]}\n" in found
    assert found.count("✗") == 2
    assert NOT_ISOLATED not in found


def test_one_submission_without_isolation_is_enough_for_the_warning(said):
    for show in (printed.print_class, lambda reports: printed.print_counts(reports, [])):
        show([PERFECT, BARE])
        assert NOT_ISOLATED in said()
        show([PERFECT])
        assert NOT_ISOLATED not in said()


def test_what_waits_is_as_the_gradebook_says_also_if_that_is_nothing(said):
    printed.print_class([NEEDS_PERSON])
    assert "1 answer waits to be marked by a person" in said()
    printed.print_class([NEEDS_PERSON], {("softmax", "why"): 7})
    assert "7 answers wait to be marked by a person" in said()
    printed.print_class([NEEDS_PERSON], {})
    assert "marked by a person" not in said()


def test_an_earlier_submission_is_no_error(said):
    late = Superseded(Path("a.ipynb"), "is not the last.")
    printed.print_refused([Refused(Path("b.ipynb"), "is empty."), late])
    assert said() == "✗ b.ipynb is empty.\n· a.ipynb is not the last.\n"


def test_a_log_counts_and_gives_reasons_without_names(said):
    entry = Refused(Path("in/4799/x.ipynb"), "is empty.", "x.ipynb")
    printed.print_counts([PERFECT, NEEDS_PERSON, REFUSED, FAULTY], [entry])
    found = said()
    assert "softmax softmax 3 1 1" in " ".join(found.split())
    assert "✗ A submission is cut off or damaged: it stops being JSON at line 82.\n" in found
    assert "✗ A submission met a fault of the grader at “softmax” of softmax, and waits for a person.\n" in found
    assert "✗ x.ipynb is empty.\n" in found
    assert "--show-students" in found
    assert "47" not in found


@pytest.mark.parametrize(
    ("asked", "terminal", "job", "shown"),
    [
        *((False, True, False, True), (False, True, True, False), (False, False, False, False)),
        *((False, False, True, False), (True, False, True, True), (True, True, True, True)),
    ],
)
def test_names_are_shown_on_a_terminal_outside_of_a_job_or_on_request(monkeypatch, asked, terminal, job, shown):
    monkeypatch.setattr(printed, "console", Console(force_terminal=terminal))
    for each in printed.IN_CI:
        monkeypatch.delenv(each, raising=False)
    if job:
        monkeypatch.setenv("CI", "true")
    assert printed.shows_students({"show_students": asked}) is shown


def test_a_terminal_shows_a_line_in_its_style(monkeypatch, capsys):
    monkeypatch.setattr(printed, "console", Console(force_terminal=True, color_system="standard", highlight=False))
    printed.say("wrong", "red")
    printed.say("plain 12")
    assert capsys.readouterr().out == "\x1b[31mwrong\x1b[0m\nplain 12\n"


def test_who_waits_for_another_command_is_told(said):
    printed.say_waiting()
    assert said() == "Another autograder is at work in this course; waiting for it.\n"


def test_a_name_that_is_longer_than_its_column_is_printed_whole(monkeypatch, capsys):
    monkeypatch.setattr(printed, "console", Console(width=40, highlight=False))
    name = "".join(chr(97 + n % 26) for n in range(60))
    printed.print_class([report(name, cell("softmax", RIGHT))])
    found = capsys.readouterr().out
    assert "…" not in found
    first_column = "".join(line.split()[0] for line in found.splitlines()[2:] if line.strip())
    assert first_column == name
