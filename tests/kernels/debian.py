"""Debian's kernels: downloaded, checked and unpacked, not installed."""

from __future__ import annotations

import hashlib
import lzma
import re
import subprocess
import urllib.request
from pathlib import Path

from conftest import CHECKOUT
from filelock import FileLock

MIRROR = "https://deb.debian.org/debian"
SUITES = {"5.10": "bullseye", "6.1": "bookworm", "6.12": "trixie", "newest": "sid"}
"""The kernels by the version that each suite of Debian keeps; the newest one changes."""
KEPT = CHECKOUT / "build" / "kernels"
_FIELD = re.compile(r"^(Package|Depends|Filename|SHA256): (.*)$", re.MULTILINE)
_SAME_VERSION = re.compile(r"(linux-(?:image|binary|modules)-\S+) \(= ")
"""A dependency on another part of the same kernel: Debian divides newer ones into several packages."""


class Kernel:
    """An unpacked kernel: its image, and the folder of its modules."""

    def __init__(self, folder: Path) -> None:
        (self.modules,) = folder.glob("**/lib/modules/*")
        (self.image,) = folder.glob("**/vmlinuz*")
        self.release = self.modules.name


def kernel(version: str) -> Kernel:
    """Return a kernel of ``SUITES``; it is downloaded unless an earlier run has it.

    Raises
    ------
    OSError
        If it can't be downloaded, or is not what Debian says it is.
    """
    folder = KEPT / version
    KEPT.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not (folder / "complete").exists():
            for package in _packages(SUITES[version]):
                _unpack(package, folder)
            (folder / "complete").touch()
    return Kernel(folder)


def _unpack(package: dict[str, str], folder: Path) -> None:
    content = _downloaded(package["Filename"])
    if hashlib.sha256(content).hexdigest() != package["SHA256"]:
        raise OSError(f"{package['Filename']} is not what the list of packages says")
    file = Path(f"{folder}.deb")
    file.write_bytes(content)
    subprocess.run(["dpkg-deb", "-x", file, folder], check=True)
    file.unlink()


def _packages(suite: str) -> list[dict[str, str]]:
    """Return what a suite says of its usual kernel, and of the parts that this is divided into."""
    listed = lzma.decompress(_downloaded(f"dists/{suite}/main/binary-amd64/Packages.xz")).decode()
    found, waiting = {}, ["linux-image-amd64"]
    while waiting:
        name = waiting.pop()
        if name not in found:
            start = listed.index(f"\nPackage: {name}\n") + 1
            found[name] = dict(_FIELD.findall(listed[start : listed.index("\n\n", start)]))
            waiting += _SAME_VERSION.findall(found[name].get("Depends", ""))
    return list(found.values())


def _downloaded(path: str) -> bytes:
    with urllib.request.urlopen(f"{MIRROR}/{path}", timeout=60) as answer:
        return answer.read()
