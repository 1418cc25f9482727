"""What goes to a worker and comes back: bytes and plain data, which hold no code and no object."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from autograder.course import Course
from autograder.grading.settings import Settings
from autograder.grading.submission import Submission
from autograder.notebooks.source import Source
from autograder.sandbox.policy import Limits

Files = list[tuple[bytes, bytes]]
"""Name and content of each; a name need not be UTF-8."""


class Kit(msgspec.Struct, frozen=True):
    """What all submissions of a run share. A worker gets it once."""

    settings: dict[str, Any]
    sources: list[tuple[str, str, Source]]
    """Assignment and notebook, with the instructor's cells."""
    beside: dict[str, Files]
    """The instructor's files of each assignment."""
    own: Files
    """The course's own exercises and their references, by path in the course."""


class Item(msgspec.Struct, frozen=True):
    """A submission, without what the kit holds."""

    number: int
    student: str
    assignment: str
    notebook: str
    file: bytes
    content: bytes
    files: Files
    ours: list[bytes]
    """The names of the instructor's files among those that lie beside the notebook."""

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.content) + sum(len(content) for _, content in self.files)


class Group(msgspec.Struct, frozen=True):
    """A task: submissions that a worker grades one after the other."""

    kit: str
    items: list[Item]


class Done(msgspec.Struct, frozen=True):
    """What became of a submission: its report and notebook, or the sentence that says why there is none."""

    number: int
    graded: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    why: str | None = None
    fault: bool = False
    """Whether it is the grader or the course that is at fault."""


class Results(msgspec.Struct, frozen=True):
    """The result of a task."""

    done: list[Done]
    seconds: float
    unfit: str | None = None
    """Why the worker graded no more of the group: the end of a sentence about it."""


class Card(msgspec.Struct, frozen=True):
    """What a worker says about itself."""

    versions: dict[str, str]
    """Of everything that decides about marks."""
    machine: str
    """Tells machines, containers and users apart."""


def digest_of(content: bytes) -> str:
    """Return the name of a kit."""
    return hashlib.sha256(content).hexdigest()


# --- a kit -----------------------------------------------------------------------------------------------


def kit_for(course: Course, settings: Settings, sources: dict[tuple[str, str], Source]) -> bytes:
    """Return the kit of a run, encoded."""
    beside = {assignment: _files(course.source_files(assignment).items()) for assignment, _ in sorted(sources)}
    own = [path for folder in ("exercises", "solutions") for path in sorted((course.root / folder).glob("*.py"))]
    return msgspec.msgpack.encode(
        Kit(
            {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)},
            [(*key, source) for key, source in sorted(sources.items(), key=lambda entry: entry[0])],
            beside,
            _files((str(path.relative_to(course.root)), path.read_bytes()) for path in own),
        )
    )


def read_kit(content: bytes) -> tuple[Kit, Settings]:
    """Return a kit and its settings."""
    kit = msgspec.msgpack.decode(content, type=Kit)
    limits = Limits(**kit.settings["limits"])  # as they are: a limit may be a float or an integer
    return kit, Settings(**{**kit.settings, "limits": limits, "allow": tuple(kit.settings["allow"])})


def lay_out_own(kit: Kit, root: Path) -> None:
    """Write a course's own exercises into a folder."""
    for name, content in kit.own:
        path = root / os.fsdecode(name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


def _files(files: Iterable[tuple[str, bytes]]) -> Files:
    return [(os.fsencode(name), content) for name, content in files]


# --- a submission ----------------------------------------------------------------------------------------


def packed(number: int, submission: Submission) -> Item:
    """Return a submission as it is sent."""
    students = (
        (name, content) for name, content in submission.files.items() if name not in submission.instructors
    )
    return Item(
        number,
        submission.student,
        submission.assignment,
        submission.name,
        os.fsencode(submission.file),
        submission.content,
        _files(students),
        [os.fsencode(name) for name in submission.files if name in submission.instructors],
    )


def unpacked(item: Item, kit: Kit) -> Submission:
    """Return a submission as it was before it was sent."""
    beside = dict(kit.beside[item.assignment])
    ours = [os.fsdecode(name) for name in item.ours]
    files = {os.fsdecode(name): content for name, content in item.files}
    files |= {os.fsdecode(name): beside[name] for name in item.ours}
    return Submission(
        item.content,
        item.student,
        item.assignment,
        item.notebook,
        os.fsdecode(item.file),
        files,
        frozenset(ours),
    )
