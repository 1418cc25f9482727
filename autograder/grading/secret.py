"""The secret from which hidden inputs are drawn.

It lies outside every repository and sandbox, readable by its owner alone. Keep it: with the same secret a
regrade asks the same questions.
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
    """Return where the secret lies unless ``--seed-file`` names another place."""
    return platformdirs.user_data_path("autograder") / "seed"


def load_secret(path: Path | None = None) -> bytes:
    """Read the secret; make it on first use.

    Raises
    ------
    ValueError
        If the file is there but too short to be a secret.
    OSError
        If it can be neither read nor made.
    """
    path = path or default_path()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, whole = tempfile.mkstemp(dir=path.parent)  # readable by its owner alone
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SIZE))
        with contextlib.suppress(FileExistsError):  # another grader made it in the meantime
            os.link(whole, path)  # all at once: nobody reads half a secret
        Path(whole).unlink()
    secret = path.read_bytes()
    if len(secret) < SIZE:
        raise ValueError(f"{path} holds {len(secret)} bytes; a seed file needs at least {SIZE} random ones")
    return secret
