"""What matplotlib found out about its own fonts, kept for the next warm process: it is a fifth of its import.

A warm process looks into them confined and before it serves a submission, so the list holds the fonts that
matplotlib brings along, by paths relative to them, and nothing of a student's.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

import platformdirs

CONFIG = ".matplotlib"
"""Matplotlib's folder in the home of a warm process."""


def _kept() -> Path:
    return platformdirs.user_cache_path("autograder") / "matplotlib"


def known() -> dict[str, bytes]:
    """Return the lists that were kept, one for each version of matplotlib, by the path that each belongs at."""
    try:
        return {f"{CONFIG}/{file.name}": file.read_bytes() for file in _kept().glob("fontlist-*.json")}
    except OSError:
        return {}


def keep(home: Path) -> None:
    """Keep the list that a warm process made, if it made one; a folder that can't be written costs time alone."""
    kept = known()
    with contextlib.suppress(OSError):
        for made in (home / CONFIG).glob("fontlist-*.json"):
            content = made.read_bytes()
            if kept.get(f"{CONFIG}/{made.name}") != content:
                _kept().mkdir(parents=True, exist_ok=True)
                descriptor, whole = tempfile.mkstemp(dir=_kept())
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                Path(whole).replace(_kept() / made.name)  # all at once: nobody reads half a list
