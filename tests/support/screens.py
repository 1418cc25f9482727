"""A terminal that tests can read."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from autograder.commands import progress


def opened(monkeypatch, kind):
    """What progress writes to a terminal of this kind, as TERM names it."""
    monkeypatch.setenv("TERM", kind)
    written = StringIO()
    terminal = Console(file=written, force_terminal=True, width=120)
    monkeypatch.setattr(progress, "Console", lambda stderr: terminal if stderr else None)
    return written
