"""Matplotlib's list of its own fonts, cached for the next fork server: making it is a fifth of the import.

A fork server makes the list while it is confined and before it serves a submission. So the list holds only the
fonts that come with matplotlib, by relative paths, and nothing of a student's.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

import platformdirs

CONFIG = ".matplotlib"
"""Matplotlib's folder in the home of a fork server."""


def _kept() -> Path:
    return platformdirs.user_cache_path("autograder") / "matplotlib"


def known() -> dict[str, bytes]:
    """Return the cached lists, one for each version of matplotlib, by their paths in the home folder."""
    try:
        return {f"{CONFIG}/{file.name}": file.read_bytes() for file in _kept().glob("fontlist-*.json")}
    except OSError:
        return {}


def keep(home: Path) -> None:
    """Cache the list that a fork server made, if it made one. An unwritable cache folder is no error."""
    kept = known()
    with contextlib.suppress(OSError):
        for made in (home / CONFIG).glob("fontlist-*.json"):
            content = made.read_bytes()
            if kept.get(f"{CONFIG}/{made.name}") != content:
                _kept().mkdir(parents=True, exist_ok=True)
                descriptor, whole = tempfile.mkstemp(dir=_kept())
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                Path(whole).replace(_kept() / made.name)  # in one step: nobody reads half a list
