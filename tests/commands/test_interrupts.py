"""What the operating system refuses is a sentence; a fault of ours keeps its traceback."""

from __future__ import annotations

import errno
import os

import click
import pytest
from click.testing import CliRunner

from autograder.commands.interrupts import Commands, Interrupted, before_grading, sentence_about
from autograder.course import CourseError


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "/x"),
            "/x: No space left on device. Free some space, and",
        ),
        (OSError(errno.EDQUOT, "Quota exceeded"), "Quota exceeded. Free some space, and run the command again."),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "/x: Permission denied. Check who owns it"),
        (OSError(errno.EROFS, "Read-only", "/x"), "/x: Read-only. The file system is mounted read-only"),
        (FileNotFoundError(errno.ENOENT, "No such file", "/x"), "/x: No such file. Check the path."),
        (FileNotFoundError(errno.ENOENT, "No such file"), "No such file. Check the path."),
        (OSError("something else"), "something else."),
        (OSError(), "OSError."),
    ],
)
def test_an_error_of_the_system_says_the_file_the_reason_and_what_to_do(error, said):
    assert sentence_about(error).startswith(said)
    assert sentence_about(error) == sentence_about(error).rstrip()


def test_only_an_error_without_a_file_is_about_the_folder_that_is_gone(monkeypatch):
    def gone():
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")

    monkeypatch.setattr(os, "getcwd", gone)
    assert sentence_about(FileNotFoundError(errno.ENOENT, "gone")).startswith(
        "The folder in which you are is gone"
    )
    assert sentence_about(FileNotFoundError(errno.ENOENT, "gone", "/x")) == "/x: gone. Check the path."
    assert sentence_about(OSError(errno.EIO, "broken")) == "broken."


def ended_with(error):
    """How a command ends that raises an error: the status, what it says, and what goes through."""

    @click.group(cls=Commands)
    def main():
        """A group."""

    @main.command()
    def work():
        raise error

    done = CliRunner().invoke(main, ["work"])
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (KeyboardInterrupt(), 130, "Error: Stopped. Run the command again to finish.\n"),
        (
            MemoryError(),
            2,
            "Error: There is not enough memory. Use fewer --jobs, or a machine with more memory.\n",
        ),
        (OSError(errno.EMFILE, "Too many open files"), 2, "Error: Too many open files. Raise the limit"),
        (CourseError("hw.ipynb is missing."), 2, "Error: hw.ipynb is missing.\n"),
        (ModuleNotFoundError("no", name="nbgrader.api"), 2, "Error: This needs nbgrader"),
        (ModuleNotFoundError("no", name="mine"), 1, ""),
        (ValueError("a fault of ours"), 1, ""),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 1, ""),
    ],
)
def test_a_command_ends_with_a_sentence_or_a_traceback(error, status, said):
    found, output = ended_with(error)
    assert found == status
    assert output.startswith(said) if said else output == ""


def test_what_ends_a_command_by_itself_is_left_alone():
    assert ended_with(click.UsageError("not like this"))[0] == 2
    assert ended_with(SystemExit(3)) == (3, "")


def test_before_grading_only_an_interrupt_becomes_a_sentence():
    with pytest.raises(Interrupted, match="Stopped before anything was graded") as caught, before_grading():
        raise KeyboardInterrupt
    assert caught.value.exit_code == 130
    with pytest.raises(ValueError, match="ours"), before_grading():
        raise ValueError("ours")
