"""``autograder gradescope-zip``: the upload for Gradescope, a zip with all that grading an assignment needs.

Gradescope runs ``setup.sh`` once, when it builds an image of the zip, and ``run_autograder`` for each submission,
both as root in a container of their own. Both scripts lie beside this file.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import io
import os
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder.commands.console import say
from autograder.commands.opening import CannotGradeError, open_course, refuse_unknown, settings_from
from autograder.course import Course
from autograder.sandbox.policy import Limits

DISTRIBUTION = "logits-and-likelihoods"
PACKAGE = "autograder"
SCRIPTS = ("run_autograder", "setup.sh")
EXECUTABLE, READABLE, PRIVATE = 0o755, 0o644, 0o600
WHEEL = "Wheel-Version: 1.0\nGenerator: autograder\nRoot-Is-Purelib: true\nTag: py3-none-any\n"

Entry = tuple[str, bytes, int]
"""A name in a zip, the content, and the file's mode."""


def run(given: dict[str, Any], folder: Path | None, assignment: str, out: Path) -> None:
    """Write the upload; ``given`` are the grading options of the command line."""
    course = open_course(folder)
    settings = settings_from(given, course)
    refuse_unknown(course, [assignment])
    words = ["--feedback", settings.feedback]
    words += [word for module in settings.allow for word in ("--allow", module)]
    for name, value in asdict(settings.limits).items():
        if value != getattr(Limits(), name):
            words += ["--limit", f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"]
    content = upload(course, assignment, settings.secret, words)
    try:
        with open(out, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(content)
    except OSError as error:
        raise CannotGradeError(f"{out} can't be written: {error.strerror}.") from None
    say(f"{out} holds the hidden tests and the course's secret: upload it, and give it to nobody.")


def upload(course: Course, assignment: str, secret: bytes, options: Sequence[str]) -> bytes:
    """Return the zip to upload; the same course gives the same bytes.

    Parameters
    ----------
    course
        Where the assignment's source lies, and perhaps exercises of the course's own.
    assignment
        The one to grade.
    secret
        From which the hidden inputs are drawn.
    options
        Further words for ``autograder grade``.
    """
    return zipped(
        [
            *((name, Path(__file__).with_name(name).read_bytes(), EXECUTABLE) for name in SCRIPTS),
            ("seed", secret, PRIVATE),
            ("options", "".join(f"{word}\n" for word in options).encode(), READABLE),
            ("constraints.txt", _installed().encode(), READABLE),
            (f"package/{_stem()}-py3-none-any.whl", wheel(), READABLE),
            *_course_files(course, assignment),
        ]
    )


def zipped(entries: Iterable[Entry]) -> bytes:
    """Return a zip of some files, with their modes."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, mode in entries:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o100000 | mode) << 16
            archive.writestr(info, content)
    return whole.getvalue()


def _course_files(course: Course, assignment: str) -> Iterator[Entry]:
    """Yield a course of one assignment, in nbgrader's own layout and without the course's settings."""
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
    """Return this package as a wheel, as it is installed here: what grades there is what was tried here."""
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


def _installed() -> str:
    """Return the versions that are installed here, for pip to keep to."""
    found = {about.name: about.version for about in importlib.metadata.distributions()}
    return "".join(f"{name}=={version}\n" for name, version in sorted(found.items()) if name != DISTRIBUTION)
