"""What intake hands on: delivered files, uploads, submitted notebooks and refused paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from autograder.intake.files import MAX_NOTEBOOK, RefusedError, read_file, read_within_limits

ANONYMOUS = "a submission"
"""A label in place of a path that may hold a student's name.

It has no number: with one, whoever has the class's list could find the student.
"""


@dataclass(frozen=True)
class DeliveredFile:
    """A file in a folder or a zip; not opened yet."""

    name: str
    """Its path in the delivery, with ``/`` between folders."""
    path: Path
    """Its path for messages; for an entry of a zip, the zip's path and the entry's name."""
    label: str
    """Its path for logs, without any student's name."""
    open: Callable[[int], bytes] = field(compare=False, repr=False)
    """Reads it, up to a number of bytes; raises RefusedError."""
    problem: str | None = None
    """Why it must not be opened: the end of a sentence about its path."""

    def read(self, limit: int = MAX_NOTEBOOK) -> bytes:
        """Return its content, of at most ``limit`` bytes.

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
    """What a platform knows about a student."""

    ids: tuple[str, ...]
    """The platform's ids of the student, the most reliable first; the first is also the ``lms_user_id``."""
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None


@dataclass(frozen=True, eq=False)
class Upload:
    """The files that one student handed in at one time."""

    student: str
    files: Mapping[str, DeliveredFile]
    """Each file by the name that the student chose."""
    assignment: str | None = None
    """The assignment, where the platform's file names contain it."""
    person: Person | None = None
    """None where file names contain the course's own ids."""
    time: datetime | None = None
    """When the platform received it; never read from the student's own files."""
    late: bool | None = None
    """Whether the platform marks it as late; None where it says nothing."""
    order: int = 0
    """Where times are unknown: the larger of two uploads came later; 0 if the order is unknown, too."""
    ranks: Mapping[str, int] = field(default_factory=dict)
    """The same for each file of the upload, by its name."""

    def attachments(self, folder: str = "") -> dict[str, bytes]:
        """Read every file below one of its folders that is not a notebook.

        Parameters
        ----------
        folder
            The folder's name with ``/`` at its end; by default the whole upload.

        Returns
        -------
        dict
            The content of each file, by its path relative to the folder.

        Raises
        ------
        RefusedError
            If one of them must not be opened, or there are too many or too large ones.
        """
        names = sorted(name for name in self.files if name.startswith(folder))
        files = ((name.removeprefix(folder), self.files[name].read) for name in names)
        return read_within_limits(files, f"What {self.student} handed in")


@dataclass(frozen=True)
class SubmittedNotebook:
    """A student's file that is a notebook of the course; not opened yet."""

    path: Path
    student: str
    assignment: str
    notebook: str
    """The name of the course's notebook, without a suffix."""
    upload: Upload | None = None
    """The upload that it is part of; None for a file on disk that stands alone."""
    name: str = ""
    """Its name in the upload."""

    @property
    def label(self) -> str:
        """Its path without any student's name."""
        return self.upload.files[self.name].label if self.upload else ANONYMOUS

    def read(self) -> bytes:
        """Return the notebook's content.

        Raises
        ------
        RefusedError
            If it must not be opened.
        """
        return self.upload.files[self.name].read() if self.upload else read_file(self.path)

    def attachments(self) -> dict[str, bytes]:
        """Read the other files in its folder of the upload.

        Returns
        -------
        dict
            The content of each file, by its path relative to the notebook's folder; empty without an upload.

        Raises
        ------
        RefusedError
            If one of them must not be opened, or there are too many or too large ones.
        """
        if self.upload is None:
            return {}
        return self.upload.attachments(self.name[: self.name.rfind("/") + 1])


@dataclass(frozen=True)
class Refused:
    """A path that is not graded."""

    path: Path
    problem: str
    """Why not: the end of a sentence about the path, without any student's name."""
    label: str = ""
    """The path without any student's name."""

    @property
    def reason(self) -> str:
        """The whole sentence, with the path."""
        return f"{printable(self.path)} {self.problem}"

    @property
    def neutral(self) -> str:
        """The whole sentence without any student's name, for a log that others may read."""
        return f"{self.label or ANONYMOUS} {self.problem}"


@dataclass(frozen=True)
class Superseded(Refused):
    """A notebook that a later one replaces; nothing is wrong with it."""


@dataclass(frozen=True)
class Collected:
    """The notebooks to grade, and the paths that are not graded."""

    notebooks: tuple[SubmittedNotebook, ...] = ()
    refused: tuple[Refused, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[SubmittedNotebook | Refused]) -> Collected:
        """Separate notebooks from refused paths; both keep their order."""
        entries = list(entries)
        return cls(
            tuple(entry for entry in entries if isinstance(entry, SubmittedNotebook)),
            tuple(entry for entry in entries if isinstance(entry, Refused)),
        )

    def __add__(self, other: Collected) -> Collected:
        return Collected(self.notebooks + other.notebooks, self.refused + other.refused)


def printable(path: Path) -> str:
    """Return a path as one line of text that any terminal and any file can hold."""
    text = str(path)
    try:
        text.encode()
    except UnicodeEncodeError:
        return ascii(text)
    return text if text.isprintable() else ascii(text)


def naive_utc(time: datetime) -> datetime:
    """Return a time as nbgrader's database keeps it: in UTC, without a time zone."""
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
