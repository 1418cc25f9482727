"""Files and folders that are written whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_atomically(path: Path, content: bytes, mode: int | None = None) -> None:
    """Write a file so that a reader finds the old content or the new, never a part of it.

    Parameters
    ----------
    path
        The file; its folder exists.
    content
        The whole content.
    mode
        The file's permissions; by default those of any new file.

    Raises
    ------
    OSError
        If the file can't be written. The old one, if any, is unchanged.
    """
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)  # an earlier attempt may have left one that is read-only
    new.write_bytes(content)
    if mode is not None:
        new.chmod(mode)
    new.replace(path)


@contextmanager
def kept_unless_replaced(folder: Path) -> Iterator[None]:
    """Put a folder back as it was if making it anew fails or is interrupted.

    Meanwhile the old one lies beside it, under a hidden name; after a kill, the next use finds it there.
    """
    old = folder.with_name(f".{folder.name}.old")
    if old.exists():
        shutil.rmtree(folder, ignore_errors=True)
    elif folder.exists():
        folder.rename(old)
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
