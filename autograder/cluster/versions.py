"""What decides about marks on a machine besides the submission: the grader's code, Python and packages."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
import re
import socket
import sys
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement

from autograder.cluster.wire import Card
from autograder.sandbox import ways

NAME = "logits-and-likelihoods"
PACKAGE = Path(__file__).parents[1]
NAMESPACES = ("mnt", "net", "pid", "user")


def card() -> Card:
    """Return this machine's card."""
    return Card(versions(), _machine())


@cache
def versions() -> dict[str, str]:
    """Return the version of the grader, of Python and of every package that is installed with the grader."""
    return {
        "autograder": f"{importlib.metadata.version(NAME)} ({_code_digest()})",
        "Python": platform.python_version(),
        "machine": platform.machine(),
        **_packages(NAME, {}),
    }


def difference(here: dict[str, str], there: dict[str, str]) -> str:
    """Return how a worker differs: the end of a sentence about it, or nothing."""
    names = [name for name in sorted({*here, *there}) if here.get(name) != there.get(name)]
    found = [f"{name} {there.get(name, 'is missing')}, here {here.get(name, 'it is missing')}" for name in names]
    more = f" and {len(found) - 3} others" if len(found) > 3 else ""
    return f"has {'; '.join(found[:3])}{more}" if found else ""


def _packages(name: str, found: dict[str, str]) -> dict[str, str]:
    """Add the version of each package that a distribution requires, and of those that they require."""
    for text in importlib.metadata.requires(name) or ():
        requirement = Requirement(text)
        wanted = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if wanted in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        try:
            found[wanted] = importlib.metadata.version(wanted)
        except importlib.metadata.PackageNotFoundError:
            continue
        _packages(wanted, found)
    return found


def _code_digest() -> str:
    """Return a digest of the grader's own files: an editable install has one version all year."""
    code = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        code.update(f"{path.relative_to(PACKAGE)}\0".encode() + path.read_bytes())
    return code.hexdigest()[:12]


def _machine() -> str:
    """Return what tells this machine, container, user and Python from others."""
    spaces = [Path("/proc/self/ns", name) for name in NAMESPACES]
    links = [str(space.readlink()) for space in spaces if space.is_symlink()]
    return repr((socket.gethostname(), links, os.getuid(), sys.executable, os.environ.get(ways.CHOICE)))
