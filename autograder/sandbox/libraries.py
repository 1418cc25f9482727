"""What the dynamic loader needs of this machine: files, folders and the links by which they are reached."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

MULTIARCH = sysconfig.get_config_var("MULTIARCH") or ""
FOLDERS = ("/lib64", "/usr/lib64", f"/lib/{MULTIARCH}", f"/usr/lib/{MULTIARCH}")
OTHERS = ("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo")
MOST_LINKS = 40
"""The kernel follows no more in a row."""


def shared() -> Iterator[Path]:
    """Yield the files and folders that the dynamic loader needs, and the interpreter itself."""
    yield Path(os.path.realpath(sys.executable))
    for folder in {Path(os.path.realpath(path)) for path in FOLDERS}:
        if not folder.is_dir() or folder in (Path("/lib"), Path("/usr/lib")):
            continue
        # The system's own site-packages may lie in this folder: then list the other entries one by one.
        if any(folder.glob("python3*")):
            yield from (entry for entry in folder.iterdir() if not entry.name.startswith("python"))
        else:
            yield folder
    for pattern in ("libpython3*.so*", "lib*.so*"):
        yield from Path(sys.base_prefix, "lib").glob(pattern)
    for path in OTHERS:
        if os.path.exists(path):
            yield Path(os.path.realpath(path))


def links() -> tuple[tuple[str, str], ...]:
    """Return the symbolic links by which programs reach these files: the path of each, and what it says.

    Landlock needs none of them: the links stay where they are. A process with a root of its own needs them there.
    """
    names = [*FOLDERS, *OTHERS, str(Path(sys.base_prefix, "lib"))]
    for folder, pattern in (("/lib", "ld-*.so*"), ("/lib64", "ld-*.so*"), ("/etc/alternatives", "lib*.so*")):
        names += map(str, Path(folder).glob(pattern))
    return tuple(dict.fromkeys(link for name in names for link in _links_on(name)))


def _links_on(path: str) -> Iterator[tuple[str, str]]:
    """Yield the links that the kernel follows on the way to a path."""
    place, left, followed = "/", path.split("/"), 0
    while left:
        part = left.pop(0)
        if part == "..":
            place = os.path.dirname(place)
        elif part not in ("", "."):
            at = os.path.join(place, part)
            if not os.path.islink(at):
                place = at
                continue
            followed += 1
            if followed > MOST_LINKS:
                return
            says = os.readlink(at)
            yield at, says
            place, left = ("/" if says.startswith("/") else place), says.split("/") + left
