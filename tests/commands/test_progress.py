"""A log tells now and then how far a run is, and names nobody; a terminal shows what is slow."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
import screens

from autograder.commands import progress


@pytest.fixture
def one_line(monkeypatch):
    """The teller wakes once, at the end, so many seconds after the start."""

    class Ended:
        def __init__(self):
            self.waits = []

        def wait(self, seconds):
            self.waits.append(seconds)
            return len(self.waits) > 1 or seconds != progress.LINE_EVERY

        def set(self):
            assert not self.waits

    class Teller:
        def __init__(self, target, daemon):
            assert daemon
            self.join = target

        def start(self):
            pass

    def after(seconds):
        times = iter([100.0])
        clock = SimpleNamespace(monotonic=lambda: next(times, 100.0 + seconds))
        monkeypatch.setattr(progress, "time", clock)
        monkeypatch.setattr(progress, "threading", SimpleNamespace(Event=Ended, Thread=Teller))
        monkeypatch.setenv("COLUMNS", "200")

    return after


@pytest.mark.parametrize(
    ("items", "total", "slowest", "line"),
    [
        ("abcde", 25, None, "grading: 5 of 25, 0.5/s, about 40 s left"),
        ("", 25, None, "grading: 0 of 25, 0.0/s"),
        ("ab", 2, ("ada/hw", 9.9), "grading: 2 of 2, 0.2/s, about 0 s left"),
        ("ab", 4, ("ada/hw", 10.0), "grading: 2 of 4, 0.2/s, about 10 s left; one takes 10 s so far"),
    ],
)
def test_a_line_of_a_log_tells_how_many_how_fast_how_long_and_what_is_slow_but_not_whose(
    one_line, capsys, items, total, slowest, line
):
    one_line(10)
    assert list(progress.follow(items, total, "grading", lambda: slowest)) == list(items)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"{line}\n")


def test_without_a_word_on_what_is_slow_none_is_named(one_line, capsys):
    one_line(100)
    assert list(progress.follow("a", 2, "reading")) == ["a"]
    assert capsys.readouterr().err == "reading: 1 of 2, 0.0/s, about 100 s left\n"


def test_a_long_work_tells_how_long_it_lasts(one_line, capsys):
    one_line(42.4)
    with progress.still("reading [1]"):
        pass
    assert capsys.readouterr() == ("", "reading [1]: 42 s so far\n")


def test_a_short_work_says_nothing_and_leaves_no_thread(capsys):
    before = threading.active_count()
    with progress.still("reading"):
        assert threading.active_count() == before + 1
    assert list(progress.follow("abc", 3, "grading")) == ["a", "b", "c"]
    with pytest.raises(KeyError), progress.still("reading"):
        raise KeyError
    assert threading.active_count() == before
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        (None, ""),
        (("ada/hw", 9.9), ""),
        (("ada/hw", 10.0), "ada/hw for 10 s"),
        (("bob/hw", 61.7), "bob/hw for 62 s"),
    ],
)
def test_a_terminal_names_what_is_slow(found, shown):
    assert progress._Slowest(lambda: found).render(None).plain == shown


@pytest.mark.parametrize(("speed", "shown"), [(None, ""), (0.0, ""), (1.25, "1.2/s"), (12.0, "12.0/s")])
def test_a_terminal_shows_the_rate_once_it_is_known(speed, shown):
    assert progress._Rate().render(SimpleNamespace(speed=speed)).plain == shown


def test_a_terminal_shows_a_bar_that_goes_on_with_each_item(monkeypatch):
    shown = screens.opened(monkeypatch, "xterm")
    assert list(progress.follow("abc", 4, "grading", lambda: ("ada/hw", 30.0))) == ["a", "b", "c"]
    assert "grading" in shown.getvalue()
    assert "3/4" in shown.getvalue()
    assert "ada/hw for 30 s" in shown.getvalue()
    assert shown.getvalue().endswith("\x1b[2K"), "nothing of it stays"


def test_a_terminal_that_can_not_rewrite_a_line_gets_the_lines_of_a_log(monkeypatch, one_line):
    shown = screens.opened(monkeypatch, "dumb")
    one_line(10)
    assert list(progress.follow("ab", 4, "grading")) == ["a", "b"]
    assert shown.getvalue() == "grading: 2 of 4, 0.2/s, about 10 s left\n"
