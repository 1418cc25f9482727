"""What a student's process may read, write and use.

The process runs a Python whose standard library and site-packages are a folder of links, and only the targets of
the links are readable. So a package that lies beside NumPy in the same site-packages can be neither imported nor
read unless it is linked. ``autograder``, ``solutions`` and the course are never linked.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.metadata
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from packaging.requirements import Requirement

from autograder.results import Isolation
from autograder.sandbox import libraries, seccomp, users, ways
from autograder.sandbox.confine import landlock
from autograder.sandbox.launcher import command
from autograder.sandbox.system_calls import MACHINES

DEFAULT_PACKAGES = ("numpy", "matplotlib", "ipywidgets", "ipython")
"""Distributions that a submission may import in addition to the standard library, with their requirements."""
EVERYTHING = "*"
"""In place of a module's name: everything that is installed. For assignments without sealed cells."""
NEVER = frozenset({"autograder", "solutions"})
_REQUIRES = re.compile("^Requires-Dist: (.+)", re.MULTILINE)
_FOR_EXTRA = re.compile(r""";\s*extra\s*==\s*["'][\w.-]+["']\s*$""")
INSIDE = Path(__file__).with_name("inside")
LEAST = {
    "start_seconds": 1,
    "open_files": 16,
    "files": 8,
    "threads": 2,
    "memory": 128 << 20,
    "grader_memory": 64 << 20,
}
"""Below these limits a process with nothing in it can't start: every submission would seem to be at fault."""


class TooLittleError(RuntimeError):
    """This process may use less than a submission is promised; the text says of what, and what to do."""


class CannotIsolateError(RuntimeError):
    """This machine can't keep student code away from the tests. The text says why, and what to do."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Sizes are bytes; times are seconds that its process has (see ``timing``)."""

    cell_seconds: float = 3.0
    """A cell has more if the reference takes long for it, and so has a call (see ``timing``)."""
    cell_patience: float = 100.0
    """How many times as long as the reference a cell may take; 0 where nbgrader's own timeout is to hold."""
    call_seconds: float = 3.0
    function_seconds: float = 30.0
    """All calls of one function together; each still has what the reference's time gives it."""
    submission_seconds: float = 180.0
    """All cells that are not for a graded function: the student's own, and those that only show something."""
    start_seconds: float = 60.0
    """Until a process answers, its imports included. Longer, and the machine is at fault."""
    grace_seconds: float = 1.0
    """Between the interrupt that ends a cell or call and the kill, if the interrupt is ignored."""
    memory: int = 3 << 30
    """Address space. Beyond it, the student's code raises a MemoryError."""
    file_size: int = 32 << 20
    scratch_size: int = 256 << 20
    files: int = 10_000
    """Files, folders and links together: to remove each takes the grader's time."""
    open_files: int = 64
    threads: int = 256
    output_bytes: int = 1 << 20
    """Outputs that are kept of one cell, figures included."""
    submission_output_bytes: int = 16 << 20
    """Outputs that are kept of all cells together. Errors and results are kept beyond it, in short."""
    reply_bytes: int = 4 << 20
    """How much larger than the right answer an answer may be. A larger one is described by its shape alone."""
    submission_reply_bytes: int = 32 << 20
    """How much larger than the right answers all answers together may be."""
    point_bytes: int = 16 << 20
    """Size of all points at which one call may ask for a callback's value."""
    judging_seconds: float = 10.0
    """Processor time of the grader for what comes from one submission. What is not judged by then has no marks."""
    grader_seconds: float = 15.0
    """Processor time of the grader for a submission as a whole. Beyond it, its worker is killed."""
    grader_memory: int = 512 << 20
    """Address space that the grader may need for a submission. Beyond it, its worker is replaced."""

    def changed(self, to: Mapping[str, str | float]) -> Limits:
        """Return these limits with some values replaced: positive numbers, and for bytes also ``512K`` or ``2G``.

        Raises
        ------
        ValueError
            If a name is not a limit, or a value is not such a number.
        """
        kinds = {field.name: type(getattr(self, field.name)) for field in dataclasses.fields(self)}
        values = {}
        for name, value in to.items():
            if name not in kinds:
                raise ValueError(f"there is no limit called “{name}”; there are: {', '.join(kinds)}")
            found = re.fullmatch(r"(\d+(?:\.\d+)?)([KMG]?)", str(value))
            number = float(found[1]) * 1024 ** " KMG".index(found[2] or " ") if found else 0.0
            if not found or (number == 0 and name != "cell_patience"):
                raise ValueError(f"{name} must be a positive number (of bytes also as 512K or 2G), not “{value}”")
            if number < LEAST.get(name, 0):
                least = f"{LEAST[name]} (it is in bytes)" if LEAST[name] >= 1024 else f"{LEAST[name]}"
                raise ValueError(f"{name} must be at least {least}, or no submission could start; not “{value}”")
            if kinds[name] is int and number != int(number):
                raise ValueError(f"{name} must be a whole number, not “{value}”")
            values[name] = kinds[name](number)
        return dataclasses.replace(self, **values)


def isolation(way: Isolation | None = None) -> Isolation:
    """Return how this machine isolates student code: in the given way, or else in the best that it has.

    Raises
    ------
    CannotIsolateError
        If it can't isolate. The text says why, and what to do.
    """
    if sys.platform != "linux":
        raise CannotIsolateError(
            f"Grading needs Linux; this is {sys.platform}. Authoring, release and the notebooks work here; grade "
            "on a Linux machine or in CI."
        )
    if not seccomp.is_known(os.uname().machine):
        raise CannotIsolateError(
            f"Grading knows the system calls of {' and '.join(MACHINES)}; this is {os.uname().machine}."
        )
    chosen = way or os.environ.get(ways.CHOICE)
    found: dict[Isolation, str] = {}
    for each in [cast("Isolation", chosen)] if chosen else ways.WAYS:
        try:
            found[each] = ways.obstacle(each)
        except ValueError as error:
            raise CannotIsolateError(f"{error}.") from None
        if not found[each]:
            return each
    why = "; ".join(f"{each}: {obstacle}" for each, obstacle in found.items())
    raise CannotIsolateError(
        "Grading needs Landlock (Linux 5.13 or newer), or the right to make a mount namespace, or root that may "
        f"chroot. None of that works here (kernel {os.uname().release}; {why}). Run “autograder doctor”."
    )


@dataclass(frozen=True)
class Runtime:
    """The Python of a student's process: a folder of links, and the targets of the links."""

    folder: Path
    """The run's folder. It holds the Python, and the scratch folders, which only their owners may read."""
    isolation: Isolation
    """How a process is confined."""
    readable: tuple[str, ...]
    """Everything that a process may read apart from its own folder, if it is confined."""
    abi: int = 0
    """The newest ABI of Landlock whose rights this machine restricts; 0 if Landlock is not used."""
    links: tuple[tuple[str, str], ...] = ()
    """The symbolic links in a root of the process's own: the path of each, and what it says."""
    as_root: bool = False
    """Whether the grader is root: then each fork server becomes a user of its own."""
    keep_reading: bool = False
    """Whether the process keeps root's right to read, because its user can't reach the interpreter without it."""

    @property
    def isolated(self) -> bool:
        """Whether its processes are confined."""
        return self.isolation != "none"

    @property
    def mounts(self) -> bool:
        """Whether its processes get a file system of their own, where the machine allows it."""
        return self.isolation in ("landlock", "namespace")

    @property
    def root(self) -> str:
        """The folder that is the root of its processes; the empty string if there is none."""
        return str(self.folder / "root") if self.isolation == "chroot" else ""

    def confinement(self) -> dict[str, object] | None:
        """Return what the program ``confine`` needs to know; None if the processes are not confined."""
        if not self.isolated:
            return None
        return {
            "isolation": self.isolation,
            "readable": self.readable,
            "abi": self.abi,
            "links": self.links,
            "root": self.root,
        }

    @property
    def python(self) -> Path:
        return self.folder / "python"

    @property
    def site(self) -> Path:
        return self.python / "site"

    def environment(self, home: str) -> dict[str, str]:
        """Return the whole environment of a process that runs in a folder."""
        return {
            "PYTHONHOME": str(self.python),
            "HOME": home,
            "TMPDIR": home,
            "IPYTHONDIR": f"{home}/.ipython",
            "MPLCONFIGDIR": f"{home}/.matplotlib",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "NBGRADER_EXECUTION": "autograde",
            "LANG": "C.UTF-8",
            "PATH": "/nonexistent",
            "USER": "student",
            "LD_BIND_NOW": "1",  # else each fork would look the same symbols up again
            # One thread for each submission: result and speed do not depend on what else is being graded.
            **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
        }

    def command(self) -> list[str]:
        """Return the command that starts a fork server; its settings are the next argument."""
        interpreter = os.path.realpath(sys.executable)
        return [interpreter, "-s", "-S", "-P", "-B", "-m", "autograder_inside"]


@contextlib.contextmanager
def runtime(allow: Collection[str] = (), way: Isolation | None = None) -> Iterator[Runtime]:
    """Make the folder of links for a run, and remove it afterwards.

    Parameters
    ----------
    allow
        Modules that may be imported in addition to the default ones; :data:`EVERYTHING` for all installed ones.
    way
        How the processes are confined; in the best way by default, and not at all with "none".

    Raises
    ------
    CannotIsolateError
        If this machine can't confine them in that way.
    """
    chosen = way if way == "none" else isolation(way)
    folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="autograder-")))
    try:
        folder.chmod(0o711)
        yield _lay_out(folder, allow, chosen)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lay_out(folder: Path, allow: Collection[str], way: Isolation) -> Runtime:
    python = folder / "python"
    lib, site = python / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}", python / "site"
    inside = lib / "autograder_inside"
    for made_here in (python, lib.parent, lib, inside, site):
        _make_readable(made_here)
    targets = [_link(entry, lib) for entry in _standard_library()]
    targets += [_link(entry, site) for entry in _allowed(frozenset(allow))]
    for program in INSIDE.glob("*.py"):
        shutil.copyfile(program, inside / program.name)
        (inside / program.name).chmod(0o644)
    targets += [str(path) for path in libraries.shared()]
    made = Runtime(
        folder,
        way,
        (str(python), *dict.fromkeys(targets), "/dev/urandom"),
        abi=landlock.best_abi() if way == "landlock" else 0,
        links=libraries.links() if way in ("namespace", "chroot") else (),
        as_root=way != "none" and users.may_change_users(),
    )
    if way == "chroot":
        _make_readable(folder / "root")
        _build(made)
    return dataclasses.replace(made, keep_reading=_needs_to_read(made, targets))


def _make_readable(folder: Path) -> None:
    """Make a folder that a submission's user can read, whatever the umask of the grader is."""
    folder.mkdir()
    folder.chmod(0o755)


def _build(made: Runtime) -> None:
    """Build the root of a runtime, in a process of its own: its time is not a submission's."""
    order = json.dumps({**(made.confinement() or {}), "folder": str(made.folder)})
    done = subprocess.run(command("build"), input=order, capture_output=True, text=True, check=False)
    if done.returncode:
        why = done.stderr.strip()[-500:] or f"the program that builds it ended with {done.returncode}"
        raise CannotIsolateError(f"The root for submissions can't be built: {why}")


def _needs_to_read(made: Runtime, targets: Collection[str]) -> bool:
    """Whether a process can't read the targets as a user of its own. A root of its own leads to them, at least."""
    if not made.as_root or made.isolation == "chroot":
        return False
    paths = [Path(target) for target in targets]
    if made.isolation == "namespace":
        return not all(_world_may_read(path) for path in paths)
    return not all(_world_may_read(path) and _world_may_enter(path.parent) for path in paths)


def _link(target: Path, folder: Path) -> str:
    real = os.path.realpath(target)
    (folder / target.name).symlink_to(real)
    return real


def _standard_library() -> Iterator[Path]:
    for entry in Path(sysconfig.get_path("stdlib")).iterdir():
        if entry.name not in ("site-packages", "dist-packages"):
            yield entry


@cache
def _allowed(allow: frozenset[str]) -> tuple[Path, ...]:
    """Return the files and folders in site-packages that hold the allowed modules."""
    if EVERYTHING in allow:
        roots = {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}
        entries = [entry for root in roots if root.is_dir() for entry in root.iterdir()]
        return tuple(entry for entry in entries if _may_be_linked(entry.name))
    wanted = set(DEFAULT_PACKAGES)
    owners = importlib.metadata.packages_distributions() if allow else {}
    for module in allow:
        wanted.update(owners.get(module.partition(".")[0], ()))
    found: dict[str, Path] = {}
    for distribution in _with_requirements(wanted):
        for top in _top_entries(distribution):
            if top != ".." and _may_be_linked(top):
                found[top] = Path(str(distribution.locate_file(top)))
    return tuple(path for path in found.values() if path.exists())


def _top_entries(distribution: importlib.metadata.Distribution) -> set[str]:
    """Return the first part of each path that a distribution installed."""
    record = distribution.read_text("RECORD")  # parsing it whole, as `files` does, takes ten times as long
    if record is None:
        return {file.parts[0] for file in distribution.files or ()}
    return {line.partition(",")[0].partition("/")[0].strip('"') for line in record.splitlines()}


def _may_be_linked(name: str) -> bool:
    ours = name.partition(".")[0] in NEVER or name.startswith(
        ("logits_and_likelihoods", "__editable__", "_editable_impl")
    )
    return not ours and not name.endswith(".pth") and name not in ("__pycache__", "sitecustomize.py")


def _with_requirements(names: Collection[str]) -> Iterator[importlib.metadata.Distribution]:
    """Yield the installed distributions with these names, and their requirements, each once."""
    waiting, seen = list(names), set[str]()
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        yield distribution
        waiting += _required(distribution)


def _required(distribution: importlib.metadata.Distribution) -> Iterator[str]:
    """Yield the names of a distribution's requirements on this machine, without its extras."""
    metadata = distribution.read_text("METADATA")  # parsing it as a message, as `requires` does, takes long
    lines = (
        distribution.requires or ()
        if metadata is None
        else (line[1] for line in _REQUIRES.finditer(metadata.partition("\n\n")[0]))
    )
    for line in lines:
        if not _FOR_EXTRA.search(line):
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                yield requirement.name


@cache
def _world_may_enter(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IXOTH) and (
        folder == folder.parent or _world_may_enter(folder.parent)
    )


def _world_may_read(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IROTH)
