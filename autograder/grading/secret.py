"""The secret that decides the hidden inputs.

Its file lies outside every repository and sandbox, and only its owner may read it. Keep it: a regrade with the
same secret uses the same hidden inputs.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

import platformdirs

SIZE = 32


def default_path() -> Path:
    """Return the path of the secret's file, unless ``--seed-file`` names another."""
    return platformdirs.user_data_path("autograder") / "seed"


def load_secret(path: Path | None = None) -> bytes:
    """Read the secret; make it if there is no file.

    Raises
    ------
    ValueError
        If the file is too short to be a secret.
    OSError
        If the file can't be read or made.
    """
    path = path or default_path()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, whole = tempfile.mkstemp(dir=path.parent)  # readable by its owner alone
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SIZE))
        with contextlib.suppress(FileExistsError):  # another grader made it in the meantime
            os.link(whole, path)  # in one step: nobody reads half a secret
        Path(whole).unlink()
    secret = path.read_bytes()
    if len(secret) < SIZE:
        raise ValueError(f"{path} holds {len(secret)} bytes; a seed file needs at least {SIZE} random ones")
    return secret
