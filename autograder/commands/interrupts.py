"""What a command says when Ctrl-C or the machine stops it: a sentence, and never a traceback."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

from autograder.commands import extras

T = TypeVar("T")
INTERRUPTED = 130
NO_SPACE = "Free some space, and run the command again."
NO_RIGHT = "Check who owns it and who may write there."
ADVICE = {
    errno.ENOSPC: NO_SPACE,
    errno.EDQUOT: NO_SPACE,
    errno.EFBIG: NO_SPACE,
    errno.EACCES: NO_RIGHT,
    errno.EPERM: NO_RIGHT,
    errno.EROFS: "The file system is mounted read-only: choose another folder.",
    errno.ENOENT: "Check the path.",
    errno.ENOTDIR: "Check the path: a part of it is a file.",
    errno.EISDIR: "Name a file.",
    errno.EMFILE: "Raise the limit of open files (ulimit -n), or use fewer --jobs.",
    errno.ENOMEM: "Use fewer --jobs, or a machine with more memory.",
}
"""What to do about an error of the operating system."""


class Interrupted(click.ClickException):
    """Ctrl-C stopped the command; the message says what is done and what is not."""

    exit_code = INTERRUPTED


@contextmanager
def before_grading() -> Iterator[None]:
    """End the command with a sentence if it is interrupted before the first submission is graded."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted("Stopped before anything was graded.") from None


def sentence_about(error: OSError) -> str:
    """Say what the operating system refused, to which file, and what to do about it."""
    if error.errno == errno.ENOENT and not error.filename and not _is_in_a_folder():
        return "The folder in which you are is gone: change into another one."
    reason = error.strerror or str(error) or type(error).__name__
    what = f"{error.filename}: {reason}." if error.filename else f"{reason}."
    return f"{what} {ADVICE.get(error.errno or 0, '')}".rstrip()


def _is_in_a_folder() -> bool:
    try:
        os.getcwd()  # noqa: PTH109  # Path.cwd() is the same
    except OSError:
        return False
    return True


class Commands(click.Group):
    """A group of commands whose failures are sentences.

    Ctrl-C ends a command with status 130. What the operating system refuses, and what is wrong with a course, end
    it with status 2. Any other exception is a fault of ours and keeps its traceback.
    """

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        """Parse the words, as click does."""
        return _with_sentences(lambda: super(Commands, self).make_context(info_name, args, parent, **extra))

    def invoke(self, context: click.Context) -> object:
        """Run the command that the words name, as click does."""
        return _with_sentences(lambda: super(Commands, self).invoke(context))


def _with_sentences(run: Callable[[], T]) -> T:
    try:
        return run()
    except KeyboardInterrupt:
        raise Interrupted("Stopped. Run the command again to finish.") from None
    except Exception as error:
        if sentence := _sentence(error):
            from autograder.commands.opening import CannotGradeError  # noqa: PLC0415  # --help imports click alone

            raise CannotGradeError(sentence) from None
        raise


def _sentence(error: BaseException) -> str:
    """Return what to tell the user about an error; empty if it is a fault of ours, or none at all."""
    from autograder.course import CourseError  # noqa: PLC0415  # as above

    if isinstance(error, MemoryError):
        return f"There is not enough memory. {ADVICE[errno.ENOMEM]}"
    if isinstance(error, ModuleNotFoundError):
        return extras.advice(error)
    if isinstance(error, OSError) and error.errno != errno.EPIPE:  # `autograder list | head` ends silently
        return sentence_about(error)
    if (traitlets := sys.modules.get("traitlets")) and isinstance(error, traitlets.TraitError):
        return f"nbgrader_config.py: {error}"
    return str(error) if isinstance(error, CourseError) else ""
