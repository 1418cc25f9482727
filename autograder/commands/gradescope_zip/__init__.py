"""``autograder gradescope-zip``: write the upload for Gradescope, a zip with all that grading an assignment needs.

Gradescope runs ``setup.sh`` once, when it builds an image from the zip, and ``run_autograder`` for each
submission. Both run as root in a container, and lie beside this file.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import io
import os
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder.commands.console import say
from autograder.commands.opening import CannotGradeError, open_course, refuse_unknown, settings_from
from autograder.course import Course
from autograder.results import FOLLOW_THROUGH
from autograder.sandbox.policy import Limits

DISTRIBUTION = "logits-and-likelihoods"
PACKAGE = "autograder"
SCRIPTS = ("run_autograder", "setup.sh")
EXECUTABLE, READABLE, PRIVATE = 0o755, 0o644, 0o600
WHEEL = "Wheel-Version: 1.0\nGenerator: autograder\nRoot-Is-Purelib: true\nTag: py3-none-any\n"

Entry = tuple[str, bytes, int]
"""A file in a zip: its name, content and mode."""


def run(given: dict[str, Any], folder: Path | None, assignment: str, out: Path) -> None:
    """Write the upload; ``given`` holds the grading options that the command line sets."""
    course = open_course(folder)
    settings = settings_from(given, course)
    refuse_unknown(course, [assignment])
    options = ["--feedback", settings.feedback]
    if settings.follow_through != FOLLOW_THROUGH:
        options += ["--follow-through", str(settings.follow_through)]
    options += [word for module in settings.allow for word in ("--allow", module)]
    for name, value in asdict(settings.limits).items():
        if value != getattr(Limits(), name):
            options += ["--limit", f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"]
    content = upload(course, assignment, settings.secret, options)
    try:
        with open(out, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(content)
    except OSError as error:
        raise CannotGradeError(f"{out} can't be written: {error.strerror}.") from None
    say(f"{out} holds the hidden tests and the course's secret: upload it, and give it to nobody.")
    say(f"Gradescope installs Python {_python()} and the packages in the versions that they have here.")


def upload(course: Course, assignment: str, secret: bytes, options: Sequence[str]) -> bytes:
    """Return the content of the zip to upload; the same course always gives the same bytes.

    Parameters
    ----------
    course
        The course, whose own exercises are included.
    assignment
        The assignment to grade.
    secret
        The secret from which hidden inputs are drawn.
    options
        Further arguments of ``autograder grade``.
    """
    return zipped(
        [
            *((name, Path(__file__).with_name(name).read_bytes(), EXECUTABLE) for name in SCRIPTS),
            ("seed", secret, PRIVATE),
            ("options", "".join(f"{word}\n" for word in options).encode(), READABLE),
            ("python-version", f"{_python()}\n".encode(), READABLE),
            ("constraints.txt", _installed().encode(), READABLE),
            (f"package/{_stem()}-py3-none-any.whl", wheel(), READABLE),
            *_course_files(course, assignment),
        ]
    )


def zipped(entries: Iterable[Entry]) -> bytes:
    """Return the content of a zip of these files, with their modes."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, mode in entries:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o100000 | mode) << 16
            archive.writestr(info, content)
    return whole.getvalue()


def _course_files(course: Course, assignment: str) -> Iterator[Entry]:
    """Yield the files of a course with this assignment alone, in nbgrader's layout and without a configuration."""
    notebooks = {
        f"{name}.ipynb": (course.folder("source", assignment=assignment) / f"{name}.ipynb").read_bytes()
        for name in course.assignments[assignment]
    }
    for name, content in sorted((notebooks | course.source_files(assignment)).items()):
        yield f"course/source/{assignment}/{name}", content, PRIVATE
    own = sorted((course.root / "exercises").glob("*.py"))
    for file in [*own, *sorted((course.root / "solutions").glob("*.py"))] if own else []:
        yield f"course/{file.relative_to(course.root).as_posix()}", file.read_bytes(), PRIVATE


# --- this package ----------------------------------------------------------------------------------------


def wheel() -> bytes:
    """Return this package as a wheel, as it is installed here: Gradescope grades with the version tried here."""
    about = importlib.metadata.distribution(DISTRIBUTION)
    root = Path(__file__).parents[3]
    files: list[Entry] = [
        (file.relative_to(root).as_posix(), file.read_bytes(), READABLE)
        for file in sorted((root / PACKAGE).rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    ]
    info = f"{_stem()}.dist-info"
    for name, text in (
        ("METADATA", about.read_text("METADATA")),
        ("entry_points.txt", about.read_text("entry_points.txt")),
        ("WHEEL", WHEEL),
    ):
        files.append((f"{info}/{name}", (text or "").encode(), READABLE))
    record = "".join(f"{name},{_sum(content)},{len(content)}\n" for name, content, _ in files)
    return zipped([*files, (f"{info}/RECORD", f"{record}{info}/RECORD,,\n".encode(), READABLE)])


def _stem() -> str:
    return f"{DISTRIBUTION.replace('-', '_')}-{importlib.metadata.version(DISTRIBUTION)}"


def _sum(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _installed() -> str:
    """Return the versions of all installed packages, as pip's constraints."""
    found = {about.name: about.version for about in importlib.metadata.distributions()}
    return "".join(f"{name}=={version}\n" for name, version in sorted(found.items()) if name != DISTRIBUTION)
