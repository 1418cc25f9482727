"""The secret that decides the hidden inputs.

Its file lies outside every repository and sandbox, and only its owner may read it. Keep it: a regrade with the
same secret uses the same hidden inputs.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import tempfile
from pathlib import Path

import platformdirs

SIZE, LARGEST = 32, 1 << 16
"""Bytes that a secret has at least and at most."""


def default_path() -> Path:
    """Return the path of the secret's file, unless ``--seed-file`` names another."""
    return platformdirs.user_data_path("autograder") / "seed"


def load_secret(path: Path | None = None) -> bytes:
    """Read the secret; make it if there is no file.

    Raises
    ------
    ValueError
        If the file is none that can hold a secret. The text is a sentence without its stop.
    OSError
        If the file can't be read or made.
    """
    path = path or default_path()
    _make(path)
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode) or stat.S_ISDIR(mode)):
        raise ValueError(f"{path} is no file")
    with path.open("rb") as file:
        secret = file.read(LARGEST + 1)
    if len(secret) < SIZE:
        raise ValueError(f"{path} holds {len(secret)} bytes; a seed file needs at least {SIZE} random ones")
    if len(secret) > LARGEST:
        raise ValueError(f"{path} holds more than {LARGEST} bytes; a seed file needs {SIZE} random ones")
    return secret


def _make(path: Path) -> None:
    """Make the secret, if there is no file."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, whole = tempfile.mkstemp(dir=path.parent)  # readable by its owner alone
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(SIZE))
    with contextlib.suppress(FileExistsError):  # another grader made it in the meantime
        os.link(whole, path)  # in one step: nobody reads half a secret
    Path(whole).unlink()
