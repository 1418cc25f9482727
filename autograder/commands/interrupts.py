"""What a command says when Ctrl-C stops it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def before_grading() -> Iterator[None]:
    """End the command with a sentence if it is interrupted before the first submission is graded."""
    try:
        yield
    except KeyboardInterrupt:
        raise click.ClickException("Stopped before anything was graded.") from None


class Commands(click.Group):
    """A group of commands that says “Stopped.” when it is interrupted, where click says “Aborted!”."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except KeyboardInterrupt:
            raise click.ClickException("Stopped.") from None
