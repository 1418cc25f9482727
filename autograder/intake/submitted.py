"""What was found: submissions with whatever a platform tells about them, and what can't be one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from autograder.intake.files import MAX_FILE, MAX_FILES, MAX_NOTEBOOK, MAX_TOTAL, RefusedError, read_file

SOMEONES = "a submission"
"""In place of a path that may hold a name; a number made from it would tell it to whoever has the class's list."""


@dataclass(frozen=True)
class Member:
    """A file that was delivered, in a folder or a zip; not opened yet."""

    name: str
    """Where it lies in the delivery, with ``/`` between folders."""
    path: Path
    """The same for people; for a zip's entry the zip's path and the name in it."""
    label: str
    """The same without anybody's name."""
    open: Callable[[int], bytes] = field(compare=False, repr=False)
    """Reads it, up to a number of bytes; raises RefusedError."""
    problem: str | None = None
    """Why it must not be opened, as the rest of a sentence about it."""

    def read(self, limit: int = MAX_NOTEBOOK) -> bytes:
        """Return its content.

        Raises
        ------
        RefusedError
            If it must not be opened.
        """
        if self.problem:
            raise RefusedError(f"{self.path} {self.problem}")
        return self.open(limit)


@dataclass(frozen=True)
class Person:
    """Who a student is, as far as a platform tells."""

    ids: tuple[str, ...]
    """What the platform calls them, the surest first; the first is also the ``lms_user_id``."""
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None


@dataclass(frozen=True, eq=False)
class Upload:
    """What one student handed in at one time, as a platform passed it on."""

    student: str
    files: Mapping[str, Member]
    """By the name that the student gave."""
    assignment: str | None = None
    """Where the platform's names tell it."""
    person: Person | None = None
    """None where names are the course's own."""
    time: datetime | None = None
    """When the platform received it; never from the student's own files."""
    late: bool | None = None
    """Whether the platform says that it was late; None where it says nothing."""
    order: int = 0
    """Where no times are known: of two uploads the greater came later; 0 where nothing tells."""
    ranks: Mapping[str, int] = field(default_factory=dict)
    """The same for the files of one upload."""

    def attachments(self, folder: str = "") -> dict[str, bytes]:
        """Read every file below a folder of it but notebooks, by relative path.

        Raises
        ------
        RefusedError
            If one of them must not be opened, or there is too much of it.
        """
        inside = {name.removeprefix(folder): file for name, file in self.files.items() if name.startswith(folder)}
        wanted = {name: file for name, file in sorted(inside.items()) if not name.endswith(".ipynb")}
        if len(wanted) > MAX_FILES:
            raise RefusedError(f"What {self.student} handed in holds more than {MAX_FILES} files.")
        found: dict[str, bytes] = {}
        for name, file in wanted.items():
            found[name] = file.read(MAX_FILE)
            if sum(map(len, found.values())) > MAX_TOTAL:
                raise RefusedError(f"What {self.student} handed in holds more than {MAX_TOTAL >> 20} MB.")
        return found


@dataclass(frozen=True)
class SubmittedNotebook:
    """A submitted notebook that was found, not yet opened."""

    path: Path
    student: str
    assignment: str
    notebook: str
    upload: Upload | None = None
    """What it came with; None for a file that lies in a folder for itself."""
    name: str = ""
    """Its name in the upload."""

    @property
    def label(self) -> str:
        """Its path without anybody's name."""
        return self.upload.files[self.name].label if self.upload else SOMEONES

    def read(self) -> bytes:
        """Return the notebook's content.

        Raises
        ------
        RefusedError
            If it must not be opened.
        """
        return self.upload.files[self.name].read() if self.upload else read_file(self.path)

    def attachments(self) -> dict[str, bytes]:
        """Read what came with it.

        Raises
        ------
        RefusedError
            If any of it must not be opened, or there is too much of it.
        """
        if self.upload is None:
            return {}
        return self.upload.attachments(self.name[: self.name.rfind("/") + 1])


@dataclass(frozen=True)
class Refused:
    """A path that can't be graded, with what is the matter."""

    path: Path
    problem: str
    """The rest of a sentence about the path; it names nobody."""
    label: str = ""
    """The path without anybody's name."""

    @property
    def reason(self) -> str:
        """The sentence that says why, with the path's name."""
        return f"{printable(self.path)} {self.problem}"

    @property
    def neutral(self) -> str:
        """The same with nobody's name, for a log that others may read."""
        return f"{self.label or SOMEONES} {self.problem}"


@dataclass(frozen=True)
class Superseded(Refused):
    """An earlier hand-in, which a later one replaces; nothing is wrong with it."""


def printable(path: Path) -> str:
    """Return a path as text that any terminal and file can hold, on one line."""
    text = str(path)
    try:
        text.encode()
    except UnicodeEncodeError:
        return ascii(text)
    return text if text.isprintable() else ascii(text)


def naive_utc(time: datetime) -> datetime:
    """Return a time as nbgrader's database keeps it: in UTC, without a zone."""
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
